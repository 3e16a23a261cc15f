//! What core says of a request becomes text for a person, as good compilers put it: the request's line with its number, marks
//! under the spot, what to do about it, and the repair as changed lines.
//!
//! Only laid out here, never judged: message, place, hint and fix are core's.

mod diff;
mod line;
mod mend;
mod outline;
mod paint;
mod syntax;

use std::fmt::Write as _;
use std::ops::Range;

use gateleg_core::json::Json;
use gateleg_core::rule::Rule;

pub use self::mend::mend;
use self::outline::{Inside, Outline};
pub use self::paint::{Color, Look};
use self::paint::{Paint, Tone};

/// A request and what to call it.
#[derive(Debug)]
pub struct Source<'s> {
    name: &'s str,
    bytes: &'s [u8],
    text: String,
    outline: Option<Outline>,
}

/// Lines of a hunk on one side that are shown in full; of more, the first ones are.
const MAX_HUNK: usize = 12;

/// Warnings that say the same of different places and are shown one by one; further ones are only counted.
const MAX_ALIKE: usize = 3;

impl<'s> Source<'s> {
    /// The request of that name; a file's, or `stdin`.
    pub fn new(name: &'s str, bytes: &'s [u8]) -> Self {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let outline = Outline::of(&text).filter(|_| Json::parse(bytes).is_ok());
        Source { name, bytes, text, outline }
    }

    /// A refusal: the body of an error reply, with its status.
    pub fn refusal(&self, error: &Json<'_>, status: u16, look: Look) -> String {
        let mut page = Page { source: self, look, out: String::new(), tone: Tone::Bad, gutter: 1 };
        let text = |name| error.get(name).and_then(Json::as_str);
        page.title("refused", text("message").unwrap_or_default());
        page.remark(error, None);
        let mut note = format!("{} ({status})", text("__type").unwrap_or_default());
        for (what, name) in [("rule", "rule"), ("at", "path")] {
            if let Some(value) = text(name).filter(|value| !value.is_empty()) {
                let _ = write!(note, ", {what} {value}");
            }
        }
        page.note(&note);
        page.out
    }

    /// The warnings of a plan.
    pub fn warnings(&self, warnings: &[Json<'_>], look: Look) -> String {
        let mut page = Page { source: self, look, out: String::new(), tone: Tone::Calm, gutter: 1 };
        let mut shown: Vec<&Json<'_>> = Vec::new();
        let mut hidden = 0_usize;
        let mut last_fix = None;
        for warning in warnings {
            let alike = shown.iter().filter(|other| other.get("rule") == warning.get("rule")).count();
            if alike >= MAX_ALIKE {
                hidden += 1;
                continue;
            }
            shown.push(warning);
            let text = |name| warning.get(name).and_then(Json::as_str).unwrap_or_default();
            page.out.push('\n');
            page.title("warning", text("message"));
            last_fix = page.remark(warning, last_fix);
            page.note(&format!("rule {}, at {}", text("rule"), text("path")));
        }
        if hidden > 0 {
            let _ = writeln!(page.out, "\n{hidden} more like these; --json shows all");
        }
        page.out
    }
}

/// The text being written.
struct Page<'p> {
    source: &'p Source<'p>,
    look: Look,
    out: String,
    tone: Tone,
    /// Digits of the line numbers.
    gutter: usize,
}

impl<'p> Page<'p> {
    fn paint(&self, tone: Tone) -> Paint {
        self.look.paint(tone)
    }

    fn title(&mut self, word: &str, message: &str) {
        let strong = if self.tone == Tone::Bad { Tone::Strong } else { Tone::Plain };
        let (tone, bold) = (self.paint(self.tone), self.paint(strong));
        let message = visible(message);
        let _ = writeln!(self.out, "{tone}{word}{tone:#}{bold}: {message}{bold:#}");
    }

    /// Place, hint and fix; a fix that was shown before is not shown again.
    fn remark<'j>(&mut self, remark: &'j Json<'j>, shown: Option<&'j Json<'j>>) -> Option<&'j Json<'j>> {
        let fix = remark.get("fix");
        let slip = match self.source.outline {
            None => syntax::slip(self.source.bytes, &self.source.text),
            Some(_) => None,
        };
        let mended = match (fix, &slip) {
            (Some(Json::Array(patch)), _) if fix != shown => mend(&self.source.text, patch),
            (_, Some(slip)) => slip.mended.clone(),
            _ => None,
        };
        let hunks = mended.as_deref().map(|mended| diff::hunks(&self.source.text, mended)).unwrap_or_default();
        let spot = self.source.spot(remark);
        let numbers = hunks.iter().flat_map(|hunk| hunk.old.iter().chain(&hunk.new)).map(|line| line.number);
        let widest = numbers.chain(spot.as_ref().map(|spot| spot.line)).max().unwrap_or(1);
        self.gutter = widest.to_string().len();
        if let Some(spot) = spot {
            self.spot(&spot);
        }
        let hint = remark.get("hint").and_then(Json::as_str).or(slip.and_then(|slip| slip.hint));
        match (hint, hunks.is_empty()) {
            (Some(hint), _) => self.help(hint),
            (None, false) => self.help("this repairs it"),
            (None, true) => {}
        }
        if !hunks.is_empty() {
            self.bar("");
            hunks.iter().for_each(|hunk| self.hunk(hunk));
            self.bar("");
        }
        fix.or(shown)
    }

    fn spot(&mut self, spot: &Spot) {
        let (tone, dim) = (self.paint(self.tone), self.paint(Tone::Frame));
        let pad = " ".repeat(self.gutter);
        let place = format!("{}:{}:{}", visible(self.source.name), spot.line, spot.column);
        let _ = writeln!(self.out, "{pad}{dim}-->{dim:#} {place}");
        self.bar("");
        let shown = line::show(&spot.text, std::slice::from_ref(&spot.mark), self.room());
        let number = spot.line;
        let _ = writeln!(self.out, "{dim}{number:>width$} |{dim:#} {}", shown.text, width = self.gutter);
        let sign = if self.tone == Tone::Bad { "^" } else { "~" };
        let marks = " ".repeat(shown.columns.start) + &format!("{tone}{}{tone:#}", sign.repeat(shown.columns.len()));
        self.bar(&marks);
    }

    fn hunk(&mut self, hunk: &diff::Hunk) {
        for (sign, tone, lines) in [('-', Tone::Gone, &hunk.old), ('+', Tone::New, &hunk.new)] {
            let paint = self.paint(tone);
            let frame = self.paint(Tone::Frame);
            for line in lines.iter().take(MAX_HUNK) {
                let shown = line::show(&line.text, &line.changed, self.room());
                let mut text = String::new();
                let mut at = 0;
                for range in &shown.marked {
                    let _ =
                        write!(text, "{}{paint}{}{paint:#}", &shown.text[at..range.start], &shown.text[range.clone()]);
                    at = range.end;
                }
                text.push_str(&shown.text[at..]);
                let number = line.number;
                let line =
                    format!("{frame}{number:>width$}{frame:#} {paint}{sign}{paint:#} {text}", width = self.gutter);
                let _ = writeln!(self.out, "{line}");
            }
            if lines.len() > MAX_HUNK {
                let _ = writeln!(self.out, "{}   .. {} more lines", " ".repeat(self.gutter), lines.len() - MAX_HUNK);
            }
        }
    }

    fn help(&mut self, text: &str) {
        let help = self.paint(Tone::Help);
        let pad = " ".repeat(self.gutter);
        let _ = writeln!(self.out, "{pad} {help}= help{help:#}: {}", visible(text));
    }

    fn note(&mut self, text: &str) {
        let frame = self.paint(Tone::Frame);
        let pad = " ".repeat(self.gutter);
        let _ = writeln!(self.out, "{pad} {frame}= note: {}{frame:#}", visible(text));
    }

    fn bar(&mut self, rest: &str) {
        let frame = self.paint(Tone::Frame);
        let pad = " ".repeat(self.gutter);
        let gap = if rest.is_empty() { "" } else { " " };
        let _ = writeln!(self.out, "{pad} {frame}|{frame:#}{gap}{rest}");
    }

    /// Columns for the text of a line.
    fn room(&self) -> usize {
        self.look.width.saturating_sub(self.gutter + 3).max(20)
    }
}

/// A line of the request, and what in it is meant.
struct Spot {
    line: usize,
    /// In characters, from 1.
    column: usize,
    text: String,
    /// In bytes of the line.
    mark: Range<usize>,
}

impl Source<'_> {
    /// The spot that a remark is about.
    fn spot(&self, remark: &Json<'_>) -> Option<Spot> {
        let range = match (&self.outline, remark.get("path").and_then(Json::as_str)) {
            (Some(outline), Some(path)) => self.place(outline, path, remark),
            (Some(_), None) => return None,
            (None, _) => syntax::slip(self.bytes, &self.text)?.at,
        };
        let start = self.text.get(..range.start)?.rfind('\n').map_or(0, |at| at + 1);
        let end = self.text.get(range.start..)?.find('\n').map_or(self.text.len(), |at| range.start + at);
        let text = self.text.get(start..end)?.trim_end_matches('\r').to_string();
        let mark = range.start - start..(range.end - start).min(text.len()).max(range.start - start);
        Some(Spot {
            line: self.text.get(..start)?.matches('\n').count() + 1,
            column: self.text.get(start..range.start)?.chars().count() + 1,
            text,
            mark,
        })
    }

    /// What in the text to mark: the characters of a span; else a scalar, or the key of what is larger.
    fn place(&self, outline: &Outline, path: &str, remark: &Json<'_>) -> Range<usize> {
        let found = outline.find(path);
        let value = &found.value.at;
        if let (Some(span), false) = (span(remark), found.missing)
            && let Some(range) = outline::characters(&self.text, value, span)
        {
            return range;
        }
        let rule = remark.get("rule").and_then(Json::as_str).and_then(Rule::parse);
        match found.member {
            Some(member) if !matches!(found.value.inside, Inside::Scalar) && !of_value(rule) => member.key.clone(),
            Some(member) if of_key(rule) || found.missing => member.key.clone(),
            // The brace that opens it.
            None if matches!(found.value.inside, Inside::Object(_) | Inside::Array(_)) && !of_value(rule) => {
                value.start..value.start + 1
            }
            _ => value.clone(),
        }
    }
}

fn span(remark: &Json<'_>) -> Option<(usize, usize)> {
    let Some(Json::Array(span)) = remark.get("span") else { return None };
    let [start, end] = span.as_slice() else { return None };
    Some((usize::try_from(start.as_integer()?).ok()?, usize::try_from(end.as_integer()?).ok()?))
}

/// Rules about a name, whatever is under it.
fn of_key(rule: Option<Rule>) -> bool {
    matches!(
        rule,
        Some(
            Rule::ParameterUnknown
                | Rule::EnvelopeSlip
                | Rule::OptionsUnknown
                | Rule::OptionsNotApplicable
                | Rule::BatchForm
                | Rule::AttributeNameEmpty
                | Rule::AttributeNameLength
                | Rule::MixedParameters
                | Rule::NamesKey
                | Rule::ValuesKey
                | Rule::NamesKeyLength
                | Rule::ValuesKeyLength
                | Rule::NamesUnused
                | Rule::ValuesUnused
                | Rule::FilterReadsEverything
                | Rule::FilterLimit
                | Rule::LegacyParameter
        )
    )
}

/// Rules about a value as a whole, however large.
fn of_value(rule: Option<Rule>) -> bool {
    let id = rule.map_or("", Rule::id);
    ["value.", "tag."].iter().any(|family| id.starts_with(family))
        || matches!(rule, Some(Rule::ParameterType | Rule::OptionsType | Rule::EnvelopePayload))
}

/// Escapes what a terminal would obey, line breaks included.
fn visible(text: &str) -> String {
    let one = |c: char| match c {
        '\n' => "\\n".into(),
        '\t' => "\\t".into(),
        c => line::escaped(c).unwrap_or_else(|| c.to_string()),
    };
    text.chars().map(one).collect()
}
