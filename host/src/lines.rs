//! A text of one item per line becomes portions of lines that were checked to be JSON, and a portion becomes a request.
//!
//! Lines are put into the request as they are, so that every digit arrives. What an item may hold is left to the planner.

use std::io::{self, BufRead, Read as _};

use clap::ValueEnum;
use gateleg_core::json::{Json, Object, write_array};

use crate::pretty::visible;

/// How items are written.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Plain JSON, with the protocol's tags for what JSON lacks: {"id": "1", "tags": {"$ss": ["a"]}}
    Plain,
    /// DynamoDB JSON: {"id": {"S": "1"}}
    Dynamodb,
}

impl Format {
    /// As it is spelled on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::Plain => "plain",
            Format::Dynamodb => "dynamodb",
        }
    }
}

/// Most lines of a portion: 8 calls of BatchWriteItem. So much is done again after a run that was killed.
const MAX_LINES: usize = 8 * 25;

/// Where a portion ends, in bytes. Also the longest line: DynamoDB's largest item is 400 KB, and six times that with every
/// character escaped.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Lines of a text, in portions.
pub struct Lines<R> {
    reader: R,
    format: Format,
    /// The number of the last line that was read.
    number: u64,
    /// A line that is wrong, while the lines before it are written.
    wrong: Option<Wrong>,
}

/// One line.
#[derive(Debug)]
pub struct Line {
    /// From 1.
    pub number: u64,
    /// As it was read, with its end.
    pub raw: Vec<u8>,
    item: Item,
}

#[derive(Debug)]
enum Item {
    /// The line is blank.
    None,
    /// The line is the item.
    Whole,
    /// The line holds the item.
    Inside(String),
}

/// A line that is no item.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    /// From 1.
    pub number: u64,
    /// What was expected, and what was found.
    pub message: String,
    /// The id of the rule, if it is one of the table.
    pub rule: Option<&'static str>,
}

/// Why there is no portion.
#[derive(Debug)]
pub enum NoPortion {
    /// A line is wrong.
    Wrong(Wrong),
    /// The text cannot be read.
    Io(io::Error),
}

impl<R: BufRead> Lines<R> {
    /// The lines that follow the line of that number.
    pub fn after(number: u64, reader: R, format: Format) -> Self {
        Lines { reader, format, number, wrong: None }
    }

    /// The next lines; none at the end. Those before a wrong line come first, and then the news of it.
    ///
    /// # Errors
    /// [`NoPortion`].
    pub fn portion(&mut self) -> Result<Option<Portion>, NoPortion> {
        if let Some(wrong) = self.wrong.take() {
            return Err(NoPortion::Wrong(wrong));
        }
        let mut portion = Portion::default();
        let mut bytes = 0;
        while portion.lines.len() < MAX_LINES && bytes < MAX_BYTES {
            match self.line() {
                Ok(Some(line)) => {
                    bytes += line.raw.len();
                    portion.lines.push(line);
                }
                Ok(None) => break,
                Err(NoPortion::Wrong(wrong)) if !portion.lines.is_empty() => {
                    self.wrong = Some(wrong);
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        Ok((!portion.lines.is_empty()).then_some(portion))
    }

    fn line(&mut self) -> Result<Option<Line>, NoPortion> {
        let mut raw = Vec::new();
        let most = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
        (&mut self.reader).take(most + 1).read_until(b'\n', &mut raw).map_err(NoPortion::Io)?;
        if raw.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        let number = self.number;
        let wrong = |message, rule| NoPortion::Wrong(Wrong { number, message, rule });
        if raw.len() > MAX_BYTES {
            return Err(wrong(format!("expected a line of at most {MAX_BYTES} bytes, but found a longer one"), None));
        }
        if raw.trim_ascii().is_empty() {
            return Ok(Some(Line { number, raw, item: Item::None }));
        }
        let json = Json::parse(raw.trim_ascii_end()).map_err(|error| {
            wrong(visible(&format!("{}, in column {}", error.message, error.column)), Some("json.syntax"))
        })?;
        let Json::Object(_) = json else {
            return Err(wrong(format!("expected an item, which is a JSON object, but found {}", json.kind()), None));
        };
        let item = match exported(&json).filter(|_| self.format == Format::Dynamodb) {
            Some(inside) => Item::Inside(inside.to_text()),
            None => Item::Whole,
        };
        Ok(Some(Line { number, raw, item }))
    }
}

impl Line {
    fn item(&self) -> Option<&str> {
        match &self.item {
            Item::None => None,
            // The line was read as JSON: it is UTF-8.
            Item::Whole => std::str::from_utf8(&self.raw).ok(),
            Item::Inside(item) => Some(item),
        }
    }
}

/// Lines that one request writes.
#[derive(Debug, Default)]
pub struct Portion {
    /// The lines, at least one.
    pub lines: Vec<Line>,
}

impl Portion {
    /// How many items there are.
    pub fn items(&self) -> usize {
        self.lines.iter().filter(|line| line.item().is_some()).count()
    }

    /// The request that writes them; none if all lines are blank.
    pub fn request(&self, table: &str, format: Format) -> Option<Vec<u8>> {
        if self.items() == 0 {
            return None;
        }
        let mut out = String::new();
        let mut request = Object::new(&mut out);
        request.string("operation", "batchWrite");
        request.string("tableName", table);
        let mut payload = Object::new(request.member("payload"));
        let items = self.lines.iter().filter_map(Line::item);
        write_array(payload.member("Put"), items, |out, item| out.push_str(item));
        payload.end();
        write_format(&mut request, format);
        request.end();
        Some(out.into_bytes())
    }

    /// The line of the item at that index.
    pub fn line_of(&self, index: usize) -> Option<&Line> {
        self.lines.iter().filter(|line| line.item().is_some()).nth(index)
    }

    /// Keeps the lines before the item at that index, and hands out the rest.
    pub fn split_off(&mut self, index: usize) -> Portion {
        let with_item = self.lines.iter().enumerate().filter(|(_, line)| line.item().is_some());
        let at = with_item.map(|(at, _)| at).nth(index).unwrap_or(self.lines.len());
        Portion { lines: self.lines.split_off(at) }
    }
}

/// Appends `options` to a request, if its values are not plain.
pub fn write_format(request: &mut Object<'_>, format: Format) {
    if format == Format::Dynamodb {
        let mut options = Object::new(request.member("options"));
        options.string("format", "dynamodb");
        options.end();
    }
}

/// The item in a line of DynamoDB's own export to S3, `{"Item": {..}}`. An item of our own with the one attribute `Item` is
/// told apart by what is inside: a value there, attributes here; nothing is both.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html>
fn exported<'j, 'a>(line: &'j Json<'a>) -> Option<&'j Json<'a>> {
    match line {
        Json::Object(members) => match members.as_slice() {
            [(name, inside @ Json::Object(_))] if name == "Item" && !is_value(inside) => Some(inside),
            _ => None,
        },
        _ => None,
    }
}

/// Whether this is a value in DynamoDB JSON, as far as it takes to tell it from attributes.
fn is_value(json: &Json<'_>) -> bool {
    let Json::Object(members) = json else { return false };
    let [(key, value)] = members.as_slice() else { return false };
    match (key.as_ref(), value) {
        ("S" | "N" | "B", Json::String(_)) | ("BOOL" | "NULL", Json::Bool(_)) => true,
        ("SS" | "NS" | "BS" | "L", Json::Array(_)) => true,
        ("M", Json::Object(members)) => members.iter().all(|(_, value)| is_value(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: Format, text: &str, expected: &str) {
        let mut lines = Lines::after(0, text.as_bytes(), format);
        let request = match lines.portion() {
            Ok(portion) => portion.and_then(|portion| portion.request("t", format)),
            Err(NoPortion::Wrong(wrong)) => Some(format!("line {}: {}", wrong.number, wrong.message).into_bytes()),
            Err(NoPortion::Io(error)) => panic!("{error}"),
        };
        assert_eq!(request.map(|request| String::from_utf8(request).unwrap()).unwrap_or_default(), expected, "{text}");
    }

    #[test]
    fn lines_are_put_into_the_request_as_they_are() {
        let put =
            |items: &str| format!(r#"{{"operation":"batchWrite","tableName":"t","payload":{{"Put":[{items}]}}}}"#);
        check(Format::Plain, "{\"a\": 1.10}", &put("{\"a\": 1.10}"));
        check(Format::Plain, "\n{\"a\":1}\r\n \t\n{\"b\":2}\n", &put("{\"a\":1}\r\n,{\"b\":2}\n"));
        check(Format::Plain, r#"{"Item":{"a":{"S":"x"}}}"#, &put(r#"{"Item":{"a":{"S":"x"}}}"#));
        check(Format::Plain, "", "");
        check(Format::Plain, "\n\n", "");
    }

    #[test]
    fn what_is_no_item_is_told_with_its_line() {
        check(Format::Plain, "5", "line 1: expected an item, which is a JSON object, but found a number");
        check(Format::Plain, "\n{\"a\":1,}", "");
        let mut lines = Lines::after(7, &b"{}\n{\"a\":1}]\n{}\n"[..], Format::Plain);
        assert_eq!(lines.portion().unwrap().unwrap().items(), 1);
        let Err(NoPortion::Wrong(wrong)) = lines.portion() else { panic!("the second line is wrong") };
        assert_eq!((wrong.number, wrong.rule), (9, Some("json.syntax")));
        check(Format::Plain, "{\"a\":1,\"a\":2}", "line 1: duplicate key \"a\", in column 11");
    }

    #[test]
    fn a_line_of_dynamodbs_own_export_is_unwrapped() {
        let check = |line: &str, expected: Option<&str>| {
            let json = Json::parse(line.as_bytes()).unwrap();
            assert_eq!(exported(&json).map(Json::to_text).as_deref(), expected, "{line}");
        };
        check(r#"{"Item":{"id":{"S":"1"},"n":{"N":"5"}}}"#, Some(r#"{"id":{"S":"1"},"n":{"N":"5"}}"#));
        check(r#"{"Item":{"S":{"S":"1"}}}"#, Some(r#"{"S":{"S":"1"}}"#));
        check(r#"{"Item":{"M":{"S":"1"}}}"#, Some(r#"{"M":{"S":"1"}}"#));
        check(r#"{"Item":{"M":{"M":{"a":{"S":"1"}}}}}"#, Some(r#"{"M":{"M":{"a":{"S":"1"}}}}"#));
        check(r#"{"Item":{"L":{"L":[]}}}"#, Some(r#"{"L":{"L":[]}}"#));
        check(r#"{"Item":{"S":"1"}}"#, None);
        check(r#"{"Item":{"M":{}}}"#, None);
        check(r#"{"Item":{"M":{"S":{"S":"1"}}}}"#, None);
        check(r#"{"Item":{"L":[{"S":"1"}]}}"#, None);
        check(r#"{"Item":{"id":{"S":"1"}},"more":{"S":"x"}}"#, None);
        check(r#"{"id":{"S":"1"}}"#, None);
    }

    #[test]
    fn a_portion_is_split_before_an_item() {
        let mut lines = Lines::after(0, &b"{\"a\":0}\n\n{\"a\":1}\n{\"a\":2}\n"[..], Format::Plain);
        let mut portion = lines.portion().unwrap().unwrap();
        assert_eq!(portion.line_of(1).map(|line| line.number), Some(3));
        let rest = portion.split_off(1);
        assert_eq!((portion.items(), portion.lines.len(), rest.items()), (1, 2, 2));
    }
}
