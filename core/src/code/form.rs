//! A [`Form`] becomes text: on one line where it fits, and otherwise over several, in the manner of one language.
//!
//! Also the literals that several languages share. What a form is made of is left to the languages.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// A piece of code.
pub(super) enum Form {
    /// Text that stays as it is.
    Atom(String),
    /// A label with what it stands before: `"id": ..`.
    Pair(String, Box<Form>),
    /// Items between brackets, divided by commas.
    Group { open: String, items: Vec<Form>, close: &'static str, width: usize },
    /// Calls, one on the result of the other.
    Chain { links: Vec<Form>, width: usize },
}

impl Form {
    pub(super) fn atom(text: impl Into<String>) -> Form {
        Form::Atom(text.into())
    }

    pub(super) fn pair(label: impl Into<String>, form: Form) -> Form {
        Form::Pair(label.into(), Box::new(form))
    }

    pub(super) fn group(open: impl Into<String>, items: impl IntoIterator<Item = Form>, close: &'static str) -> Form {
        let (open, items) = (open.into(), items.into_iter().collect::<Vec<_>>());
        let width = items.iter().map(|item| item.width() + 2).sum::<usize>() + open.len() + close.len();
        Form::Group { open, items, close, width }
    }

    pub(super) fn chain(links: Vec<Form>) -> Form {
        let width = links.iter().map(Form::width).sum();
        Form::Chain { links, width }
    }

    /// How wide it is on one line, in bytes, or a little less than that.
    fn width(&self) -> usize {
        match self {
            Form::Atom(text) => text.len(),
            Form::Pair(label, form) => label.len() + form.width(),
            Form::Group { width, .. } | Form::Chain { width, .. } => *width,
        }
    }
}

/// The manner of a language.
pub(super) struct Layout {
    pub(super) indent: &'static str,
    /// Most columns of a line.
    pub(super) columns: usize,
    /// Most columns of a chain that stays on one line.
    pub(super) chain: usize,
    /// Whether a bracket within a bracket needs no line of its own, if it is all there is.
    pub(super) hugs: bool,
    /// Whether braces on one line stand apart from what is between them.
    pub(super) pads: bool,
    /// Whether the last of several lines has a comma too.
    pub(super) last_comma: bool,
    /// Whether values on neighbouring lines stand in one column, as gofmt has it.
    pub(super) aligns: bool,
}

impl Layout {
    /// Appends the form; its lines after the first are indented `depth` times.
    pub(super) fn write(&self, out: &mut String, form: &Form, depth: usize) {
        match form {
            Form::Atom(text) => out.push_str(text),
            Form::Pair(label, form) => {
                out.push_str(label);
                self.write(out, form, depth);
            }
            Form::Group { open, items, close, width } => {
                out.push_str(open);
                if items.is_empty() {
                } else if self.fits(column(out) - open.len(), *width) {
                    let pad = if self.pads && open.ends_with('{') { " " } else { "" };
                    out.push_str(pad);
                    for (index, item) in items.iter().enumerate() {
                        out.push_str(if index > 0 { ", " } else { "" });
                        self.write(out, item, depth);
                    }
                    out.push_str(pad);
                } else if let ([item @ Form::Group { .. }], true) = (items.as_slice(), self.hugs) {
                    self.write(out, item, depth);
                } else {
                    self.lines(out, items, depth + 1);
                    self.line(out, depth);
                }
                out.push_str(close);
            }
            Form::Chain { links, width } => {
                let is_one_line = *width <= self.chain && self.fits(column(out), *width);
                for (index, link) in links.iter().enumerate() {
                    if index > 0 && !is_one_line {
                        self.line(out, depth + 1);
                    }
                    self.write(out, link, if is_one_line { depth } else { depth + 1 });
                }
            }
        }
    }

    /// Appends each item on a line, or on lines, of its own.
    fn lines(&self, out: &mut String, items: &[Form], depth: usize) {
        let start = depth * self.indent.len();
        // A label on a line with its value, which neighbours stand in one column with.
        let label = |item: &Form| match item {
            Form::Pair(label, form) if self.aligns => {
                let is_line = matches!(**form, Form::Atom(_)) || self.fits(start + label.len(), form.width());
                is_line.then_some(label.len())
            }
            _ => None,
        };
        let (mut run, mut left) = (0, 0_usize);
        for (index, item) in items.iter().enumerate() {
            self.line(out, depth);
            if left == 0 {
                let widths = items.iter().skip(index).map_while(label);
                (run, left) = widths.fold((0, 0), |(widest, count), width| (width.max(widest), count + 1));
            }
            match item {
                Form::Pair(text, form) if left > 0 => {
                    out.push_str(text);
                    out.extend(core::iter::repeat_n(' ', run.saturating_sub(text.len())));
                    Layout { columns: usize::MAX, ..*self }.write(out, form, depth);
                }
                _ => self.write(out, item, depth),
            }
            left = left.saturating_sub(1);
            if self.last_comma || index + 1 < items.len() {
                out.push(',');
            }
        }
    }

    fn fits(&self, column: usize, width: usize) -> bool {
        column.saturating_add(width) <= self.columns
    }

    fn line(&self, out: &mut String, depth: usize) {
        out.push('\n');
        out.extend(core::iter::repeat_n(self.indent, depth));
    }
}

fn column(out: &str) -> usize {
    out.len() - out.rfind('\n').map_or(0, |at| at + 1)
}

/// Appends a string literal as JSON, Python, JavaScript and Go read it, or with `braces` as Rust does.
///
/// Nothing that could end the literal, turn the direction of a line, or go unseen is left as it is.
pub(super) fn write_text(out: &mut String, text: &str, braces: bool) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..=' ' | '!'..='~' if letter >= ' ' => out.push(letter),
            '\0'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' => {
                out.push_str(if braces { "\\u{" } else { "\\u" });
                [12, 8, 4, 0].iter().for_each(|shift| hex(out, u32::from(letter) >> shift));
                out.push_str(if braces { "}" } else { "" });
            }
            _ => out.push(letter),
        }
    }
    out.push('"');
}

/// A string literal.
pub(super) fn text(text: &str, braces: bool) -> String {
    let mut out = String::new();
    write_text(&mut out, text, braces);
    out
}

/// Appends bytes as a literal that Python, Rust and Go read.
pub(super) fn write_bytes(out: &mut String, bytes: &[u8]) {
    out.push('"');
    for byte in bytes {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => out.push(char::from(*byte)),
            _ => {
                out.push_str("\\x");
                hex(out, u32::from(*byte) >> 4);
                hex(out, u32::from(*byte));
            }
        }
    }
    out.push('"');
}

fn hex(out: &mut String, digit: u32) {
    out.extend(char::from_digit(digit & 15, 16));
}
