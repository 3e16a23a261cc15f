//! JSON becomes attribute values: plain JSON with tags, or DynamoDB JSON.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::attribute::{AttributeValue, Format, Tag, base64_text, parse_base64};
use crate::error::{Error, Patch};
use crate::join::Join as _;
use crate::json::Json;
use crate::number::Number;
use crate::order;
use crate::pointer::Pointer;
use crate::reader::{Origin, Reader, parse_boolean};
use crate::rule::Rule;
use crate::warning::Warning;

/// Deepest nesting of attribute values; the value of an attribute is level 1.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
const MAX_LEVELS: usize = 32;

/// Maps that look like DynamoDB JSON are noticed this often; whoever wrote that many has seen what is meant.
const MAX_WARNINGS: usize = 100;

impl Reader {
    /// Reads the attribute value at `place`, nested `level` deep, into where it belongs, which holds a null. Lists and maps make
    /// room for all they will hold, so that no value needs to be moved.
    #[inline]
    pub(crate) fn value(
        &mut self,
        json: &Json<'_>,
        place: &Pointer<'_>,
        level: usize,
        into: &mut AttributeValue,
    ) -> Result<(), Error> {
        if level > MAX_LEVELS && self.origin != Origin::Outcome {
            self.fault(Rule::ValueNesting, &[], place);
            return Ok(());
        }
        match (self.format, json) {
            (Format::Plain, Json::Null) => {}
            (Format::Plain, Json::Bool(value)) => put(into, AttributeValue::Bool(*value)),
            (Format::Plain, Json::Number(text)) => match Number::plain(text) {
                Some(number) => put(into, AttributeValue::N(number)),
                None => put(into, AttributeValue::N(self.number(text, place))),
            },
            (Format::Plain, Json::String(text)) => put(into, AttributeValue::S(text.to_string())),
            (Format::Plain, Json::Array(items)) => put(into, AttributeValue::L(self.list(items, place, level)?)),
            (Format::Plain, Json::Object(members)) => put(into, self.object(json, members, place, level)?),
            (Format::DynamoDb, _) => put(into, self.typed(json, place, level)?),
        }
        Ok(())
    }

    /// A map, or what a tag says.
    fn object(
        &mut self,
        json: &Json<'_>,
        members: &[(Cow<'_, str>, Json<'_>)],
        place: &Pointer<'_>,
        level: usize,
    ) -> Result<AttributeValue, Error> {
        if let [(key, inner)] = members {
            if let Some(tag) = Tag::parse(key) {
                return self.tagged(tag, json, inner, place, &place.key(key), level);
            }
            if looks_typed(key, inner) && self.warnings.len() < MAX_WARNINGS {
                self.warnings.push(dynamodb_json(key, place));
            }
        }
        Ok(AttributeValue::M(self.attributes(json, place, level + 1)?))
    }

    fn list(&mut self, items: &[Json<'_>], place: &Pointer<'_>, level: usize) -> Result<Vec<AttributeValue>, Error> {
        let mut list: Vec<_> = items.iter().map(|_| AttributeValue::Null).collect();
        let mark = self.mark();
        for (index, (item, into)) in items.iter().zip(&mut list).enumerate() {
            self.value(item, &place.index(index), level + 1, into)?;
            self.keep_first(mark);
        }
        Ok(list)
    }

    fn tagged(
        &mut self,
        tag: Tag,
        whole: &Json<'_>,
        inner: &Json<'_>,
        place: &Pointer<'_>,
        inside: &Pointer<'_>,
        level: usize,
    ) -> Result<AttributeValue, Error> {
        Ok(match (tag, inner) {
            (Tag::Map, Json::Object(_)) => AttributeValue::M(self.attributes(inner, inside, level + 1)?),
            (Tag::Number, Json::String(text) | Json::Number(text)) => AttributeValue::N(self.number(text, inside)),
            (Tag::Binary, Json::String(text)) => match parse_base64(text) {
                Some(bytes) => AttributeValue::B(bytes),
                None => return Err(malformed(tag, whole, place)),
            },
            (Tag::StringSet | Tag::NumberSet | Tag::BinarySet, Json::Array(items)) => {
                match self.set(tag, items, inside) {
                    Some(set) => set,
                    None => return Err(malformed(tag, whole, place)),
                }
            }
            _ => return Err(malformed(tag, whole, place)),
        })
    }

    /// `None` if a member is not what the set holds.
    fn set(&mut self, tag: Tag, items: &[Json<'_>], place: &Pointer<'_>) -> Option<AttributeValue> {
        let text = |item: &Json<'_>| item.as_str().map(String::from);
        match tag {
            Tag::StringSet => {
                let set = items.iter().map(text).collect::<Option<Vec<_>>>()?;
                Some(self.string_set(set, place))
            }
            Tag::NumberSet => {
                let mark = self.mark();
                let mut set = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    match item {
                        Json::Number(text) => set.push(self.number(text, &place.index(index))),
                        // A number in a set of DynamoDB JSON is always a string.
                        Json::String(text) => set.push(self.number(text, &place.index(index))),
                        _ => return None,
                    }
                    self.keep_first(mark);
                }
                Some(self.number_set(set, place))
            }
            _ => {
                let decode = |item: &Json<'_>| item.as_str().and_then(parse_base64);
                let set = items.iter().map(decode).collect::<Option<Vec<_>>>()?;
                Some(self.binary_set(set, place))
            }
        }
    }

    fn string_set(&mut self, set: Vec<String>, place: &Pointer<'_>) -> AttributeValue {
        if self.origin == Origin::Outcome {
            return AttributeValue::Ss(set);
        }
        if set.is_empty() {
            return self.fault(Rule::ValueEmptyStringSet, &[], place);
        }
        if let Some(second) = duplicate(&set) {
            return self.duplicate(Rule::ValueStringTwice, &set.joined(", "), place, second);
        }
        AttributeValue::Ss(set)
    }

    fn number_set(&mut self, set: Vec<Number>, place: &Pointer<'_>) -> AttributeValue {
        if self.origin == Origin::Outcome {
            return AttributeValue::Ns(set);
        }
        if set.is_empty() {
            return self.fault(Rule::ValueEmptyNumberSet, &[], place);
        }
        if set.len() > 1 {
            let values: Vec<_> = set.iter().map(Number::value).collect();
            if let Some(second) = duplicate(&values) {
                return self.duplicate(Rule::ValueNumberTwice, "", place, second);
            }
        }
        AttributeValue::Ns(set)
    }

    fn binary_set(&mut self, set: Vec<Vec<u8>>, place: &Pointer<'_>) -> AttributeValue {
        if self.origin == Origin::Outcome {
            return AttributeValue::Bs(set);
        }
        if set.is_empty() {
            return self.fault(Rule::ValueEmptyBinarySet, &[], place);
        }
        if let Some(second) = duplicate(&set) {
            let written: Vec<String> = set.iter().map(|bytes| base64_text(bytes)).collect();
            return self.duplicate(Rule::ValueBinaryTwice, &written.joined(", "), place, second);
        }
        AttributeValue::Bs(set)
    }

    /// Notes that a set has a member twice; without the second it is in order, or at least has one duplicate less.
    fn duplicate(&mut self, rule: Rule, members: &str, place: &Pointer<'_>, second: usize) -> AttributeValue {
        let members = match members.char_indices().nth(MAX_ECHO) {
            Some((end, _)) => members.get(..end).unwrap_or_default(),
            None => members,
        };
        let path = place.index(second).to_text();
        self.note(Error::broken(rule, &[members]).at(place).fix(Patch::Remove { path }));
        AttributeValue::Null
    }

    /// DynamoDB JSON. An unknown type or a null counts as absent; exactly one type must remain.
    fn typed(&mut self, json: &Json<'_>, place: &Pointer<'_>, level: usize) -> Result<AttributeValue, Error> {
        let Json::Object(members) = json else {
            return Err(self.wrong_type(place, "an object such as {\"S\": \"x\"}", json));
        };
        let mark = self.mark();
        let mut found = None;
        let mut several = false;
        let mut first: Option<(usize, Error)> = None;
        for (name, inner) in members {
            if *inner == Json::Null {
                continue;
            }
            let inside = place.key(name);
            if let Some(value) = self.member_of_type(name, inner, &inside, level)? {
                several |= found.replace(value).is_some();
            }
            if self.mark() > mark
                && let Some(fault) = self.noted_since(mark)
            {
                let rank = if matches!(name.as_ref(), "L" | "M") { NESTED } else { rank(&fault) };
                if first.as_ref().is_none_or(|(before, _)| rank < *before) {
                    first = Some((rank, fault));
                }
            }
        }
        if let Some((_, fault)) = first {
            self.note(fault);
            return Ok(AttributeValue::Null);
        }
        Ok(match found {
            None => self.fault(Rule::ValueEmpty, &[], place),
            Some(_) if several => self.fault(Rule::ValueSeveralTypes, &[], place),
            Some(value) => value,
        })
    }

    fn member_of_type(
        &mut self,
        name: &str,
        inner: &Json<'_>,
        inside: &Pointer<'_>,
        level: usize,
    ) -> Result<Option<AttributeValue>, Error> {
        Ok(Some(match (name, inner) {
            ("S", Json::String(text)) => AttributeValue::S(text.to_string()),
            ("N", Json::String(text)) => AttributeValue::N(self.number(text, inside)),
            ("B", Json::String(text)) => match parse_base64(text) {
                Some(bytes) => AttributeValue::B(bytes),
                None => return Err(self.wrong_type(inside, "strict base64", inner)),
            },
            ("BOOL", _) => match boolean(inner) {
                Some(value) => AttributeValue::Bool(value),
                None => return Err(self.wrong_type(inside, "a boolean", inner)),
            },
            ("NULL", _) => match boolean(inner) {
                Some(true) => AttributeValue::Null,
                Some(false) => self.fault(Rule::ValueNull, &[], inside),
                None => return Err(self.wrong_type(inside, "a boolean", inner)),
            },
            ("L", Json::Array(items)) => AttributeValue::L(self.list(items, inside, level)?),
            ("M", Json::Object(_)) => AttributeValue::M(self.attributes(inner, inside, level + 1)?),
            ("SS" | "NS" | "BS", Json::Array(items)) => {
                let tag = match name {
                    "SS" => Tag::StringSet,
                    "NS" => Tag::NumberSet,
                    _ => Tag::BinarySet,
                };
                let numbers = items.iter().any(|item| matches!(item, Json::Number(_)));
                match self.set(tag, items, inside) {
                    Some(set) if !numbers => set,
                    _ => return Err(self.wrong_type(inside, "an array of strings", inner)),
                }
            }
            ("S" | "N" | "B", _) => return Err(self.wrong_type(inside, "a string", inner)),
            ("L" | "SS" | "NS" | "BS", _) => return Err(self.wrong_type(inside, "an array", inner)),
            ("M", _) => return Err(self.wrong_type(inside, "an object", inner)),
            _ => return Ok(None),
        }))
    }
}

/// Writes into a place that holds a null: there is nothing to drop, which the compiler cannot know and would see to.
#[cfg_attr(not(feature = "compact"), inline(always))]
fn put(into: &mut AttributeValue, value: AttributeValue) {
    core::mem::forget(core::mem::replace(into, value));
}

fn boolean(json: &Json<'_>) -> Option<bool> {
    match json {
        Json::Bool(value) => Some(*value),
        Json::String(text) => parse_boolean(text),
        _ => None,
    }
}

/// The rank of what is inside a list or a map among the faults of one typed value.
const NESTED: usize = 4;

/// Most characters of a set that a message repeats.
const MAX_ECHO: usize = 1024;

/// Of several faults of one typed value, DynamoDB tells empty sets first, then numbers, duplicates, and a NULL that is not true.
fn rank(fault: &Error) -> usize {
    match fault.rule_broken() {
        Some(Rule::ValueEmptyStringSet | Rule::ValueEmptyNumberSet | Rule::ValueEmptyBinarySet) => 0,
        Some(Rule::ValueNumber | Rule::ValueNumberDigits | Rule::ValueNumberOverflow | Rule::ValueNumberUnderflow) => 1,
        Some(Rule::ValueStringTwice | Rule::ValueNumberTwice | Rule::ValueBinaryTwice) => 2,
        Some(Rule::ValueNull) => 3,
        _ => NESTED,
    }
}

/// The place of a member that equals an earlier one.
fn duplicate<T: Ord>(set: &[T]) -> Option<usize> {
    order::repeated(set.len(), &|a, b| set.get(a).cmp(&set.get(b)))
}

/// A tag whose content is not what the tag holds; the way out is to say that a map was meant.
fn malformed(tag: Tag, whole: &Json<'_>, place: &Pointer<'_>) -> Error {
    let (key, holds) = match tag {
        Tag::StringSet => ("$ss", "an array of strings"),
        Tag::NumberSet => ("$ns", "an array of numbers, or of numbers in strings"),
        Tag::BinarySet => ("$bs", "an array of strings in strict base64"),
        Tag::Binary => ("$b", "a string in strict base64"),
        Tag::Number => ("$n", "a number, or a number in a string"),
        Tag::Map => ("$m", "an object"),
    };
    let message = format!("Malformed tag {key}: expected {holds}");
    let mut wrapped = String::from("{\"$m\":");
    whole.write(&mut wrapped);
    wrapped.push('}');
    Error::validation(Rule::TagMalformed, message)
        .at(place)
        .hint(format!("If a map with the one key {key} is meant, write it inside {{\"$m\": ..}}"))
        .fix(Patch::Replace { path: place.to_text(), value: wrapped })
}

/// Whether a one-key object has the form of DynamoDB JSON.
fn looks_typed(key: &str, inner: &Json<'_>) -> bool {
    match key {
        "S" | "N" | "B" => matches!(inner, Json::String(_)),
        "BOOL" | "NULL" => matches!(inner, Json::Bool(_)),
        "SS" | "NS" | "BS" | "L" => matches!(inner, Json::Array(_)),
        "M" => matches!(inner, Json::Object(_)),
        _ => false,
    }
}

fn dynamodb_json(key: &str, place: &Pointer<'_>) -> Warning {
    Warning {
        rule: Rule::LooksTyped,
        message: Rule::LooksTyped.message(&[key]),
        path: place.to_text(),
        span: None,
        hint: "If DynamoDB JSON is meant, set options.format to \"dynamodb\"".into(),
        fix: Vec::new(),
    }
}
