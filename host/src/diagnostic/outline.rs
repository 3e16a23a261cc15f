//! A request's text becomes an outline of where its values and keys stand, so that a JSON pointer finds its characters.
//!
//! Only texts that core has read as JSON are outlined; what is wrong with others is core's to say. Positions are byte
//! offsets, always between two characters.

use std::borrow::Cow;
use std::ops::Range;

/// Deeper than any request that core reads.
const MAX_DEPTH: usize = 200;

/// One value and where it stands.
#[derive(Debug)]
pub struct Outline {
    /// The value's text.
    pub at: Range<usize>,
    /// What is inside.
    pub inside: Inside,
}

/// What a value holds.
#[derive(Debug)]
pub enum Inside {
    /// A string, number, boolean or null.
    Scalar,
    /// The elements of an array.
    Array(Vec<Outline>),
    /// The members of an object, in order.
    Object(Vec<Member>),
}

/// A member of an object.
#[derive(Debug)]
pub struct Member {
    /// The key's text, quotes included.
    pub key: Range<usize>,
    /// The key, unescaped.
    pub name: String,
    /// The value.
    pub value: Outline,
}

/// What a JSON pointer leads to.
#[derive(Clone, Copy, Debug)]
pub struct Found<'o> {
    /// The member, if the value is one.
    pub member: Option<&'o Member>,
    /// The value.
    pub value: &'o Outline,
    /// Whether the pointer leads further, to something that is not there.
    pub missing: bool,
}

impl Outline {
    /// The outline of a JSON text; `None` for what is not JSON.
    pub fn of(text: &str) -> Option<Outline> {
        let mut scan = Scan { text, bytes: text.as_bytes(), at: 0 };
        let outline = scan.value(MAX_DEPTH)?;
        scan.space();
        (scan.at == text.len()).then_some(outline)
    }

    /// What the pointer (RFC 6901) leads to, or the innermost value around what is missing.
    pub fn find(&self, pointer: &str) -> Found<'_> {
        let mut found = Found { member: None, value: self, missing: false };
        for step in steps(pointer) {
            match found.value.child(&step) {
                Some((member, value)) => found = Found { member, value, missing: false },
                None => return Found { missing: true, ..found },
            }
        }
        found
    }

    fn child(&self, step: &str) -> Option<(Option<&Member>, &Outline)> {
        match &self.inside {
            Inside::Scalar => None,
            Inside::Array(items) => Some((None, items.get(step.parse::<usize>().ok()?)?)),
            Inside::Object(members) => {
                members.iter().find(|member| member.name == step).map(|member| (Some(member), &member.value))
            }
        }
    }
}

/// The steps of a pointer, unescaped.
pub fn steps(pointer: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let unescape = |step| match step {
        step if str::contains(step, '~') => Cow::Owned(step.replace("~1", "/").replace("~0", "~")),
        step => Cow::Borrowed(step),
    };
    pointer.split('/').skip(1).map(unescape)
}

/// Where characters `span` of the string stand whose text, quotes included, is `text[at]`.
pub fn characters(text: &str, at: &Range<usize>, span: (usize, usize)) -> Option<Range<usize>> {
    let literal = text.get(at.clone())?.strip_prefix('"')?.strip_suffix('"')?;
    let first = at.start + 1;
    let mut starts = Vec::new();
    let mut rest = literal;
    while !rest.is_empty() {
        starts.push(first + literal.len() - rest.len());
        rest = rest.get(character(rest)..)?;
    }
    starts.push(first + literal.len());
    let place = |index: usize| starts.get(index).or(starts.last()).copied();
    Some(place(span.0)?..place(span.1.max(span.0))?)
}

/// The length of the first character of a string's text, which may be an escape or a pair of them.
fn character(text: &str) -> usize {
    let escape = |text: &str| text.starts_with("\\u").then(|| u16::from_str_radix(text.get(2..6)?, 16).ok()).flatten();
    let length = match (escape(text), text.starts_with('\\')) {
        (Some(0xD800..=0xDBFF), _) if text.get(6..).and_then(escape).is_some() => 12,
        (Some(_), _) => 6,
        (None, true) => 2,
        (None, false) => text.chars().next().map_or(1, char::len_utf8),
    };
    length.min(text.len())
}

struct Scan<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
}

impl Scan<'_> {
    fn space(&mut self) {
        while self.peek().is_some_and(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The next byte that is no white space, if it is this one.
    fn eat(&mut self, wanted: u8) -> Option<()> {
        self.space();
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    fn value(&mut self, depth: usize) -> Option<Outline> {
        let depth = depth.checked_sub(1)?;
        self.space();
        let start = self.at;
        let inside = match self.peek()? {
            b'{' => Inside::Object(self.members(depth)?),
            b'[' => Inside::Array(self.items(depth)?),
            b'"' => {
                self.string()?;
                Inside::Scalar
            }
            _ => {
                while self.peek().is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.')) {
                    self.at += 1;
                }
                Inside::Scalar
            }
        };
        (self.at > start).then_some(Outline { at: start..self.at, inside })
    }

    fn string(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        self.eat(b'"')?;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(start..self.at)
    }

    fn items(&mut self, depth: usize) -> Option<Vec<Outline>> {
        self.eat(b'[')?;
        let mut items = Vec::new();
        if self.eat(b']').is_some() {
            return Some(items);
        }
        loop {
            items.push(self.value(depth)?);
            if self.eat(b']').is_some() {
                return Some(items);
            }
            self.eat(b',')?;
        }
    }

    fn members(&mut self, depth: usize) -> Option<Vec<Member>> {
        self.eat(b'{')?;
        let mut members = Vec::new();
        if self.eat(b'}').is_some() {
            return Some(members);
        }
        loop {
            self.space();
            let key = self.string()?;
            let name = unescaped(self.text.get(key.clone())?)?;
            self.eat(b':')?;
            members.push(Member { key, name, value: self.value(depth)? });
            if self.eat(b'}').is_some() {
                return Some(members);
            }
            self.eat(b',')?;
        }
    }
}

fn unescaped(literal: &str) -> Option<String> {
    if !literal.contains('\\') {
        return Some(literal.trim_matches('"').into());
    }
    gateleg_core::json::Json::parse(literal.as_bytes()).ok()?.as_str().map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_finds_the_text_of_its_value() {
        let text = r#" {"a/b": [1, {"~": "x\ty"}, -2.5e+3], "\u0061": null}"#;
        let outline = Outline::of(text).unwrap();
        let check = |pointer: &str, expected: &str| {
            let found = outline.find(pointer);
            assert!(!found.missing, "{pointer}");
            assert_eq!(&text[found.value.at.clone()], expected, "{pointer}");
        };
        check("", text.trim());
        check("/a~1b/0", "1");
        check("/a~1b/1/~0", r#""x\ty""#);
        check("/a~1b/2", "-2.5e+3");
        check("/a", "null");
        assert!(outline.find("/a~1b/3").missing);
        assert_eq!(&text[outline.find("/a~1b/7/x").value.at.clone()], r#"[1, {"~": "x\ty"}, -2.5e+3]"#);
        assert!(Outline::of("{\"a\": }").is_none());
        assert!(Outline::of(&"[".repeat(500)).is_none());
    }

    #[test]
    fn a_span_counts_characters_not_bytes_and_not_escapes() {
        let check = |text: &str, span, expected: &str| {
            let at = characters(text, &(0..text.len()), span).unwrap();
            assert_eq!(&text[at], expected, "{text} {span:?}");
        };
        check(r#""name = :n""#, (0, 4), "name");
        check(r#""\t\"é\ud83d\ude00😀z""#, (3, 4), r"\ud83d\ude00");
        check(r#""\t\"é\ud83d\ude00😀z""#, (4, 6), "😀z");
        check(r#""ab""#, (2, 2), "");
        check(r#""ab""#, (1, 9), "b");
        check(r#""""#, (0, 0), "");
    }
}
