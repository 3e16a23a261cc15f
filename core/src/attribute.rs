//! DynamoDB's attribute values, and how they are written: as plain JSON with tags, or as DynamoDB JSON.
//!
//! Reading them, with all that can be wrong, is the business of [`crate::reader`].

use alloc::string::String;
use alloc::vec::Vec;

use crate::binary;
use crate::json::{self, Object};
use crate::number::Number;
use crate::order;

/// Attributes by name, in the order they were given.
pub type Attributes = Vec<(String, AttributeValue)>;

/// One DynamoDB attribute value.
#[derive(Clone, Debug, PartialEq)]
pub enum AttributeValue {
    /// String.
    S(String),
    /// Number, exact.
    N(Number),
    /// Binary.
    B(Vec<u8>),
    /// Boolean.
    Bool(bool),
    /// Null.
    Null,
    /// String set.
    Ss(Vec<String>),
    /// Number set.
    Ns(Vec<Number>),
    /// Binary set.
    Bs(Vec<Vec<u8>>),
    /// List.
    L(Vec<AttributeValue>),
    /// Map.
    M(Attributes),
}

/// How attribute values are written in a request and its reply: `options.format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Plain JSON, with a tag (`{"$ss": [..]}`) for what JSON lacks.
    #[default]
    Plain,
    /// DynamoDB JSON: `{"S": "x"}`.
    DynamoDb,
}

/// How numbers are written in plain replies: `options.numbers`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbers {
    /// As JSON numbers, tagged only where the text is none.
    #[default]
    Json,
    /// Always as `{"$n": "1.5"}`, for clients whose JSON numbers lose digits.
    Tagged,
}

/// The notation of the attribute values of one reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notation {
    /// Plain or DynamoDB JSON.
    pub format: Format,
    /// For plain: how numbers are written.
    pub numbers: Numbers,
}

impl Notation {
    /// The notation of the wire: DynamoDB JSON.
    pub const WIRE: Notation = Notation { format: Format::DynamoDb, numbers: Numbers::Json };
}

/// What a one-key object stands for in a plain attribute-value position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// `$ss`: a string set.
    StringSet,
    /// `$ns`: a number set.
    NumberSet,
    /// `$bs`: a binary set.
    BinarySet,
    /// `$b`: binary.
    Binary,
    /// `$n`: a number.
    Number,
    /// `$m`: a map that would look like one of the six.
    Map,
}

impl Tag {
    /// The tag that is spelled so, exactly.
    pub fn parse(key: &str) -> Option<Tag> {
        Some(match key {
            "$ss" => Tag::StringSet,
            "$ns" => Tag::NumberSet,
            "$bs" => Tag::BinarySet,
            "$b" => Tag::Binary,
            "$n" => Tag::Number,
            "$m" => Tag::Map,
            _ => return None,
        })
    }
}

impl AttributeValue {
    /// DynamoDB's name of the type: `S`, `N`, `B`, `BOOL`, `NULL`, `SS`, `NS`, `BS`, `L`, `M`.
    pub fn type_name(&self) -> &'static str {
        match self {
            AttributeValue::S(_) => "S",
            AttributeValue::N(_) => "N",
            AttributeValue::B(_) => "B",
            AttributeValue::Bool(_) => "BOOL",
            AttributeValue::Null => "NULL",
            AttributeValue::Ss(_) => "SS",
            AttributeValue::Ns(_) => "NS",
            AttributeValue::Bs(_) => "BS",
            AttributeValue::L(_) => "L",
            AttributeValue::M(_) => "M",
        }
    }

    /// Appends the value in `notation`, compact.
    ///
    /// ```
    /// use gateleg_core::attribute::{AttributeValue, Notation};
    /// let mut out = String::new();
    /// AttributeValue::Ss(vec!["a".into()]).write(&mut out, Notation::default());
    /// assert_eq!(out, r#"{"$ss":["a"]}"#);
    /// ```
    pub fn write(&self, out: &mut String, notation: Notation) {
        match notation.format {
            Format::Plain => self.write_plain(out, notation),
            Format::DynamoDb => self.write_wire(out, notation),
        }
    }

    fn write_plain(&self, out: &mut String, notation: Notation) {
        match self {
            AttributeValue::S(text) => json::write_string(out, text),
            AttributeValue::N(number) => {
                if notation.numbers == Numbers::Json && number.is_json() {
                    out.push_str(number.as_str());
                } else {
                    one(out, "$n", |out| json::write_string(out, number.as_str()));
                }
            }
            AttributeValue::B(bytes) => one(out, "$b", |out| write_base64(out, bytes)),
            AttributeValue::Bool(value) => json::write_bool(out, *value),
            AttributeValue::Null => out.push_str("null"),
            AttributeValue::Ss(set) => one(out, "$ss", |out| write_texts(out, set)),
            AttributeValue::Ns(set) => one(out, "$ns", |out| {
                json::write_array(out, set, |out, number| {
                    if notation.numbers == Numbers::Json && number.is_json() {
                        out.push_str(number.as_str());
                    } else {
                        json::write_string(out, number.as_str());
                    }
                });
            }),
            AttributeValue::Bs(set) => one(out, "$bs", |out| write_binaries(out, set)),
            AttributeValue::L(list) => write_list(out, list, notation),
            AttributeValue::M(map) => match map.as_slice() {
                // Without this, a stored map {"$ss": ..} would come back as a set when it is written again.
                [(key, _)] if Tag::parse(key).is_some() => {
                    one(out, "$m", |out| write_attributes(out, map, notation));
                }
                _ => write_attributes(out, map, notation),
            },
        }
    }

    fn write_wire(&self, out: &mut String, notation: Notation) {
        one(out, self.type_name(), |out| match self {
            AttributeValue::S(text) => json::write_string(out, text),
            AttributeValue::N(number) => json::write_string(out, number.as_str()),
            AttributeValue::B(bytes) => write_base64(out, bytes),
            AttributeValue::Bool(value) => json::write_bool(out, *value),
            AttributeValue::Null => json::write_bool(out, true),
            AttributeValue::Ss(set) => write_texts(out, set),
            AttributeValue::Ns(set) => {
                json::write_array(out, set, |out, number| json::write_string(out, number.as_str()));
            }
            AttributeValue::Bs(set) => write_binaries(out, set),
            AttributeValue::L(list) => write_list(out, list, notation),
            AttributeValue::M(map) => write_attributes(out, map, notation),
        });
    }

    /// Puts the members of every map inside into the order of their names' UTF-8 bytes.
    pub fn sort(&mut self) {
        match self {
            AttributeValue::L(list) => list.iter_mut().for_each(AttributeValue::sort),
            AttributeValue::M(map) => sort(map),
            _ => {}
        }
    }
}

/// Puts attributes, and those of every map inside, into the order of their names' UTF-8 bytes.
pub fn sort(attributes: &mut Attributes) {
    order::sort(attributes, |(a, _), (b, _)| a.cmp(b));
    attributes.iter_mut().for_each(|(_, value)| value.sort());
}

/// Appends an `Item` or `Key`: an object of attribute values that is itself never a tag.
pub fn write_attributes(out: &mut String, attributes: &Attributes, notation: Notation) {
    let mut object = Object::new(out);
    for (name, value) in attributes {
        value.write(object.member(name), notation);
    }
    object.end();
}

/// The bytes of strict base64: the standard alphabet, canonical padding, no trailing bits.
pub fn parse_base64(text: &str) -> Option<Vec<u8>> {
    binary::parse(text)
}

/// Bytes as base64.
pub fn base64_text(bytes: &[u8]) -> String {
    let mut out = String::new();
    binary::write(&mut out, bytes);
    out
}

fn one(out: &mut String, key: &str, value: impl FnOnce(&mut String)) {
    let mut object = Object::new(out);
    value(object.member(key));
    object.end();
}

fn write_base64(out: &mut String, bytes: &[u8]) {
    out.push('"');
    binary::write(out, bytes);
    out.push('"');
}

fn write_texts(out: &mut String, texts: &[String]) {
    json::write_array(out, texts, |out, text| json::write_string(out, text));
}

fn write_binaries(out: &mut String, set: &[Vec<u8>]) {
    json::write_array(out, set, |out, bytes| write_base64(out, bytes));
}

fn write_list(out: &mut String, list: &[AttributeValue], notation: Notation) {
    json::write_array(out, list, |out, value| value.write(out, notation));
}
