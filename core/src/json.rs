//! JSON text becomes a [`Json`] tree with every number's text kept, and values become compact JSON text.
//!
//! Reading is stricter than most: duplicate keys, lone surrogates, text that is not UTF-8, nesting over [`MAX_DEPTH`] and
//! more than [`MAX_VALUES`] values are refused, so that what is planned is what was written and memory stays in proportion.
//! What a tree means is left to the modules above.

mod scan;

use alloc::borrow::Cow;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt::Write as _;

use hifijson::Read as _;
use hifijson::SliceLexer;
use hifijson::str::LexAlloc as _;
use hifijson::token::Lex as _;

use self::scan::{number_length, plain, short_number_length};
use crate::order;

/// Deepest nesting of arrays and objects that is read.
pub const MAX_DEPTH: usize = 128;

/// Most values (scalars, arrays and objects together) that one document may hold: a document of `[0,0,0,..]` takes some
/// thirty times its own length in memory, and this bounds it.
pub const MAX_VALUES: usize = 1 << 20;

/// One JSON value. Numbers are the text they were written as; objects keep their order.
#[derive(Clone, Debug, PartialEq)]
pub enum Json<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as written.
    Number(Cow<'a, str>),
    /// A string, unescaped.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Json<'a>>),
    /// An object; its keys are distinct.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

/// Why a text is not the JSON we read, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} at line {line}, column {column}")]
pub struct SyntaxError {
    /// Which rule was broken.
    pub fault: Fault,
    /// What was expected and what was found.
    pub message: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// The rule that a text breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not JSON, or not UTF-8.
    Syntax,
    /// An object holds one key twice.
    DuplicateKey,
    /// It nests deeper than [`MAX_DEPTH`].
    TooDeep,
    /// It holds more than [`MAX_VALUES`] values.
    TooMany,
}

impl<'a> Json<'a> {
    /// Reads exactly one JSON value.
    ///
    /// # Errors
    /// A [`SyntaxError`] that names the first fault and its place.
    ///
    /// ```
    /// use gateleg_core::json::Json;
    /// let json = Json::parse(br#"{"n": 1.10}"#)?;
    /// assert_eq!(json.to_text(), r#"{"n":1.10}"#);
    /// assert!(Json::parse(br#"{"n": 1, "n": 2}"#).is_err());
    /// # Ok::<(), gateleg_core::json::SyntaxError>(())
    /// ```
    pub fn parse(text: &'a [u8]) -> Result<Self, SyntaxError> {
        let mut lexer = SliceLexer::new(text);
        let mut reader = Tree {
            // Checked once and not string by string; text that is not UTF-8 is refused when its string is read, with its place.
            text: core::str::from_utf8(text).ok(),
            values: 0,
            items: Vec::new(),
            // As many as most requests have open at once.
            members: Vec::with_capacity(FEW),
        };
        let read = |next, lexer: &mut _| reader.value(next, lexer, MAX_DEPTH, Slot::Item);
        match lexer.exactly_one(SliceLexer::ws_peek, read) {
            Ok(()) => Ok(reader.items.pop().unwrap_or(Json::Null)),
            Err(error) => Err(error.locate(text, text.len().saturating_sub(lexer.as_slice().len()))),
        }
    }

    /// The value under `key`, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Json::Object(members) => members.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The text of a JSON string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// A number that is a whole one, written without fraction or exponent, and fits.
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Json::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// What kind of value this is, in the words of an error message.
    pub fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::String(_) => "a string",
            Json::Array(_) => "an array",
            Json::Object(_) => "an object",
        }
    }

    /// Compact JSON text: no white space, order and number texts kept.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    /// Appends what [`Json::to_text`] returns.
    pub fn write(&self, out: &mut String) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(value) => write_bool(out, *value),
            Json::Number(text) => out.push_str(text),
            Json::String(text) => write_string(out, text),
            Json::Array(items) => write_array(out, items, |out, item| item.write(out)),
            Json::Object(members) => {
                let mut object = Object::new(out);
                for (key, value) in members {
                    value.write(object.member(key));
                }
                object.end();
            }
        }
    }
}

/// Appends `text` as a JSON string; only what JSON demands is escaped.
pub fn write_string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    loop {
        // The end of `plain` is the end or an ASCII byte, so it lies between two characters.
        let (plain, special) = rest.split_at_checked(plain(rest.as_bytes())).unwrap_or((rest, ""));
        out.push_str(plain);
        let mut chars = special.chars();
        match chars.next() {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some('\u{8}') => out.push_str("\\b"),
            Some('\u{c}') => out.push_str("\\f"),
            Some(other) => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(other));
            }
            None => break,
        }
        rest = chars.as_str();
    }
    out.push('"');
}

/// Appends `true` or `false`.
pub fn write_bool(out: &mut String, value: bool) {
    out.push_str(if value { "true" } else { "false" });
}

/// Appends a whole number.
pub fn write_integer(out: &mut String, value: impl Into<i64>) {
    let _ = write!(out, "{}", value.into());
}

/// Appends an array of whatever `each` appends.
pub fn write_array<T>(out: &mut String, items: impl IntoIterator<Item = T>, mut each: impl FnMut(&mut String, T)) {
    out.push('[');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        each(out, item);
    }
    out.push(']');
}

/// An object being written: `member` appends a key and hands out the text to append its value to.
pub struct Object<'o> {
    out: &'o mut String,
    empty: bool,
}

impl<'o> Object<'o> {
    /// Appends the opening brace.
    pub fn new(out: &'o mut String) -> Self {
        out.push('{');
        Object { out, empty: true }
    }

    /// Appends the key; the caller appends exactly one value.
    pub fn member(&mut self, key: &str) -> &mut String {
        if !self.empty {
            self.out.push(',');
        }
        self.empty = false;
        write_string(self.out, key);
        self.out.push(':');
        self.out
    }

    /// Appends a member whose value is a string.
    pub fn string(&mut self, key: &str, value: &str) {
        write_string(self.member(key), value);
    }

    /// Appends the closing brace.
    pub fn end(self) {
        self.out.push('}');
    }
}

/// Whether there is one way to read everything, and none that is faster for most: bytes count more than time.
const COMPACT: bool = cfg!(feature = "compact");

/// Builds the tree; counts what it has built.
struct Tree<'a> {
    text: Option<&'a str>,
    values: usize,
    /// What the arrays and objects that are open hold so far, the innermost's last: each gets its own memory when it is
    /// closed and its length is known.
    items: Vec<Json<'a>>,
    members: Vec<(Cow<'a, str>, Json<'a>)>,
}

/// Where a value belongs.
#[derive(Clone, Copy)]
enum Slot {
    /// At the end of `items`.
    Item,
    /// In the last of `members`, whose key was read.
    Member,
}

enum ReadError {
    Lexer(hifijson::Error),
    Duplicate(String),
    Depth,
    Count,
}

impl From<hifijson::Expect> for ReadError {
    fn from(expected: hifijson::Expect) -> Self {
        ReadError::Lexer(expected.into())
    }
}

impl<'a> Tree<'a> {
    /// Reads one value and writes it where it belongs. Handed back and moved there, it would cost nearly as much again: what was
    /// written word by word is not soon to be had as a whole.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    fn value(&mut self, next: u8, lexer: &mut SliceLexer<'a>, depth: usize, slot: Slot) -> Result<(), ReadError> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(ReadError::Count);
        }
        match next {
            b'"' => match self.plain_string(lexer.discarded()) {
                Some(text) => self.put(slot, || Json::String(Cow::Borrowed(text))),
                None => {
                    let text = escaped(lexer)?;
                    self.put(slot, || Json::String(text));
                }
            },
            b'0'..=b'9' | b'-' => match self.short_number(lexer) {
                Some(text) => self.put(slot, || Json::Number(Cow::Borrowed(text))),
                None => {
                    let text = self.number(lexer)?;
                    self.put(slot, || Json::Number(Cow::Borrowed(text)));
                }
            },
            _ => self.other(next, lexer, depth, slot)?,
        }
        Ok(())
    }

    /// A value that is no string and no number.
    fn other(&mut self, next: u8, lexer: &mut SliceLexer<'a>, depth: usize, slot: Slot) -> Result<(), ReadError> {
        match next {
            b'{' => {
                let members = self.object(lexer, depth.checked_sub(1).ok_or(ReadError::Depth)?)?;
                self.put(slot, || Json::Object(members));
            }
            b'[' => {
                let items = self.array(lexer, depth.checked_sub(1).ok_or(ReadError::Depth)?)?;
                self.put(slot, || Json::Array(items));
            }
            b'a'..=b'z' => match lexer.null_or_bool() {
                Some(Some(value)) => self.put(slot, || Json::Bool(value)),
                Some(None) => self.put(slot, || Json::Null),
                None => return Err(hifijson::Expect::Value.into()),
            },
            _ => return Err(hifijson::Expect::Value.into()),
        }
        Ok(())
    }

    #[cfg_attr(not(feature = "compact"), inline(always))]
    fn put(&mut self, slot: Slot, json: impl FnOnce() -> Json<'a>) {
        match slot {
            Slot::Item => push(&mut self.items, json),
            Slot::Member => {
                if let Some((_, value)) = self.members.last_mut() {
                    // It is still the null it was made with: there is nothing to drop.
                    core::mem::forget(core::mem::replace(value, json()));
                }
            }
        }
    }

    fn array(&mut self, lexer: &mut SliceLexer<'a>, depth: usize) -> Result<Vec<Json<'a>>, ReadError> {
        let start = self.items.len();
        lexer.discarded().seq(b']', SliceLexer::ws_peek, |next, lexer| self.value(next, lexer, depth, Slot::Item))?;
        Ok(closed(&mut self.items, start))
    }

    fn object(&mut self, lexer: &mut SliceLexer<'a>, depth: usize) -> Result<Vec<(Cow<'a, str>, Json<'a>)>, ReadError> {
        let start = self.members.len();
        lexer.discarded().seq(b'}', SliceLexer::ws_peek, |next, lexer| {
            lexer.expect(|_| Some(next), b'"').ok_or(hifijson::Expect::String)?;
            match self.plain_string(lexer) {
                Some(key) => {
                    self.distinct(key, start)?;
                    push(&mut self.members, || (Cow::Borrowed(key), Json::Null));
                }
                None => {
                    let key = escaped(lexer)?;
                    self.distinct(&key, start)?;
                    self.members.push((key, Json::Null));
                }
            }
            lexer.expect(SliceLexer::ws_peek, b':').ok_or(hifijson::Expect::Colon)?;
            let next = lexer.ws_peek().ok_or(hifijson::Expect::Value)?;
            self.value(next, lexer, depth, Slot::Member)
        })?;
        let members = closed(&mut self.members, start);
        if members.len() > FEW {
            let key = |index: usize| members.get(index).map_or("", |(key, _)| key);
            if let Some(second) = order::repeated_text(members.len(), &key) {
                return Err(ReadError::Duplicate(key(second).to_string()));
            }
        }
        Ok(members)
    }

    /// Refuses a key that an object of few members has already.
    fn distinct(&self, key: &str, start: usize) -> Result<(), ReadError> {
        let members = self.members.get(start..).unwrap_or(&[]);
        if members.len() < FEW && members.iter().any(|(known, _)| *known == key) {
            return Err(ReadError::Duplicate(key.to_string()));
        }
        Ok(())
    }

    /// A string whose opening quote was read, if it holds no escape, as nearly none do: the text up to the closing quote.
    fn plain_string(&self, lexer: &mut SliceLexer<'a>) -> Option<&'a str> {
        if COMPACT {
            return None;
        }
        let length = plain(lexer.as_slice());
        lexer.as_slice().get(length).filter(|byte| **byte == b'"')?;
        let text = self.take(lexer, length)?;
        lexer.take_next();
        Some(text)
    }

    /// A number whose first byte is next, if it is short and plain, as nearly all are.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    fn short_number(&self, lexer: &mut SliceLexer<'a>) -> Option<&'a str> {
        if COMPACT {
            return None;
        }
        self.take(lexer, short_number_length(*lexer.as_slice().first_chunk()?)?)
    }

    /// A number whose first byte is next.
    fn number(&self, lexer: &mut SliceLexer<'a>) -> Result<&'a str, ReadError> {
        if !COMPACT && let Some(text) = number_length(lexer.as_slice()).and_then(|length| self.take(lexer, length)) {
            return Ok(text);
        }
        use hifijson::num::LexWrite as _;
        let (text, _) = lexer.num_string().validated().map_err(|e| ReadError::Lexer(e.into()))?;
        Ok(text)
    }

    /// Takes so many bytes, as text that is known to be UTF-8.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    fn take(&self, lexer: &mut SliceLexer<'a>, length: usize) -> Option<&'a str> {
        let start = self.text?.len().checked_sub(lexer.as_slice().len())?;
        let text = self.text?.get(start..start.checked_add(length)?)?;
        *lexer = SliceLexer::new(lexer.as_slice().get(length..)?);
        Some(text)
    }
}

/// A string whose opening quote was read, whatever it holds.
fn escaped<'a>(lexer: &mut SliceLexer<'a>) -> Result<Cow<'a, str>, ReadError> {
    lexer.str_string().map_err(|e| ReadError::Lexer(e.into()))
}

/// Appends a value that is built in its place, where `Vec::push` would build it elsewhere and move it.
#[cfg_attr(not(feature = "compact"), inline(always))]
fn push<T>(open: &mut Vec<T>, value: impl FnOnce() -> T) {
    open.extend(core::iter::once_with(value));
}

/// What was put on `open` from `start` on, in memory of its own.
fn closed<T>(open: &mut Vec<T>, start: usize) -> Vec<T> {
    if start == 0 { core::mem::take(open) } else { open.split_off(start) }
}

/// Up to here, comparing a new key with all before it is faster than sorting.
const FEW: usize = 16;

impl ReadError {
    fn locate(self, text: &[u8], offset: usize) -> SyntaxError {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        // UTF-8 continuation bytes are not characters.
        let is_start = |b: &&u8| **b & 0xC0 != 0x80;
        let column = before.get(start..).unwrap_or(&[]).iter().filter(is_start).count() + 1;
        let mut message = String::new();
        let fault = match self {
            ReadError::Depth => {
                let _ = write!(message, "JSON nested deeper than {MAX_DEPTH} levels");
                Fault::TooDeep
            }
            ReadError::Count => {
                let _ = write!(message, "more than {MAX_VALUES} JSON values");
                Fault::TooMany
            }
            ReadError::Duplicate(key) => {
                message.push_str("duplicate key ");
                write_string(&mut message, &key);
                Fault::DuplicateKey
            }
            ReadError::Lexer(error) => {
                describe(&mut message, &error, text.get(offset..).unwrap_or(&[]));
                Fault::Syntax
            }
        };
        SyntaxError { fault, message, line, column }
    }
}

/// "expected X, but found Y", or what is wrong with the string at hand.
fn describe(message: &mut String, error: &hifijson::Error, rest: &[u8]) {
    use hifijson::str::Error as Str;
    use hifijson::{Error, Expect};
    let expected = match error {
        Error::Token(Expect::Value) => "a JSON value",
        Error::Token(Expect::ValueOrEnd) => "a JSON value or the end of the array or object",
        Error::Token(Expect::CommaOrEnd) => "a comma or the end of the array or object",
        Error::Token(Expect::String) => "a key in double quotes",
        Error::Token(Expect::Colon) => "a colon after the key",
        Error::Token(Expect::Eof) => "nothing more after the JSON value",
        Error::Num(_) => "a digit",
        Error::Str(Str::Utf8(_)) => return message.push_str("a string is not UTF-8"),
        Error::Str(Str::Control) => {
            return message.push_str("a control character in a string must be written as an escape");
        }
        Error::Str(Str::Escape(_)) => {
            return message.push_str("an escape in a string is not valid (a lone surrogate is none)");
        }
        Error::Str(Str::Eof) => return message.push_str("a string is not closed"),
        Error::Depth => return message.push_str("nested too deep"),
    };
    let _ = write!(message, "expected {expected}, but found ");
    let found = rest.get(..rest.len().min(4)).unwrap_or(rest);
    let found = match core::str::from_utf8(found) {
        Ok(text) => text,
        Err(error) => core::str::from_utf8(found.get(..error.valid_up_to()).unwrap_or(&[])).unwrap_or(""),
    };
    match found.chars().next() {
        Some(c) if c.is_control() || c == '\u{feff}' => {
            let _ = write!(message, "the character U+{:04X}", u32::from(c));
        }
        Some(c) => {
            let _ = write!(message, "`{c}`");
        }
        None if rest.is_empty() => message.push_str("the end"),
        None => message.push_str("a byte that is not UTF-8"),
    }
}
