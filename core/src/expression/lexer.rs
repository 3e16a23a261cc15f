//! Expression text becomes tokens, each with its place.

/// Where something stands in an expression: half-open, in Unicode scalar values.
///
/// Spans are no part of what a tree means: any two are equal, so that trees compare by content.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    /// The first character.
    pub start: u16,
    /// The one after the last.
    pub end: u16,
}

impl Span {
    /// From the start of this one to the end of another.
    #[must_use]
    pub fn to(self, end: Span) -> Span {
        Span { start: self.start, end: end.end }
    }
}

impl PartialEq for Span {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Span {}

impl From<Span> for (usize, usize) {
    fn from(span: Span) -> Self {
        (usize::from(span.start), usize::from(span.end))
    }
}

/// What a token is; its text is in its span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `word = (letter | "_") { letter | digit | "_" }`: a name, a function or a keyword.
    Word,
    /// `"#" (letter | digit | "_") { letter | digit | "_" }`
    Name,
    /// `":" (letter | digit | "_") { letter | digit | "_" }`
    Value,
    /// `digit { digit }`
    Number,
    /// One of `( ) [ ] . , + -`.
    Symbol(u8),
    /// One of `= <> < <= > >=`.
    Comparator(super::Comparator),
    /// The end of the expression.
    End,
    /// A character that no token starts with.
    Unknown,
}

/// A token: offsets are in bytes, which are characters wherever no token is unknown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

/// Reads the token that starts at or after byte `from`.
pub(super) fn token(text: &str, from: u16) -> Token {
    let bytes = text.as_bytes();
    let at = |index: usize| bytes.get(index).copied();
    let mut start = usize::from(from);
    while matches!(at(start), Some(b' ' | b'\t' | b'\r' | b'\n')) {
        start += 1;
    }
    let run = |from: usize, part: fn(u8) -> bool| bytes.iter().skip(from).take_while(|byte| part(**byte)).count();
    let word_part: fn(u8) -> bool = |byte| byte.is_ascii_alphanumeric() || byte == b'_';
    let (kind, length) = match at(start) {
        None => (Kind::End, 0),
        Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => (Kind::Word, run(start, word_part)),
        Some(b'0'..=b'9') => (Kind::Number, run(start, |byte| byte.is_ascii_digit())),
        Some(first @ (b'#' | b':')) => match (run(start + 1, word_part), first) {
            (0, _) => (Kind::Unknown, 1),
            (length, b'#') => (Kind::Name, 1 + length),
            (length, _) => (Kind::Value, 1 + length),
        },
        Some(first @ (b'=' | b'<' | b'>')) => {
            let (comparator, length) = comparator(first, at(start + 1));
            (Kind::Comparator(comparator), length)
        }
        Some(symbol @ (b'(' | b')' | b'[' | b']' | b'.' | b',' | b'+' | b'-')) => (Kind::Symbol(symbol), 1),
        Some(_) => {
            let character = text.get(start..).and_then(|rest| rest.chars().next());
            (Kind::Unknown, character.map_or(1, char::len_utf8))
        }
    };
    Token { kind, span: Span { start: narrow(start), end: narrow(start + length) } }
}

fn comparator(first: u8, second: Option<u8>) -> (super::Comparator, usize) {
    use super::Comparator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    match (first, second) {
        (b'<', Some(b'>')) => (NotEqual, 2),
        (b'<', Some(b'=')) => (LessOrEqual, 2),
        (b'>', Some(b'=')) => (GreaterOrEqual, 2),
        (b'<', _) => (Less, 1),
        (b'>', _) => (Greater, 1),
        _ => (Equal, 1),
    }
}

// INVARIANT: an expression has at most 4,096 bytes.
fn narrow(offset: usize) -> u16 {
    u16::try_from(offset).unwrap_or(u16::MAX)
}
