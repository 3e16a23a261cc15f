//! JSON becomes parameters: the tables of [`crate::shape`] say what may stand where.
//!
//! A wrong JSON type or an unknown name ends the reading. A fault of an attribute value (a number out of range, an empty
//! set) is only noted, because DynamoDB tells such faults after those of the parameters: see [`Reader::first_fault`].

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::attribute::{AttributeValue, Attributes, Format};
use crate::error::{Error, ErrorType, Patch};
use crate::json::{self, Json};
use crate::nearest::nearest;
use crate::number::Number;
use crate::pointer::Pointer;
use crate::shape::{Kind, Shape};
use crate::tree::{Node, Structure};
use crate::warning::Warning;

/// Whose text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A caller's: told what is wrong, and how to mend it.
    Request,
    /// A planner's: held to the same rules as a caller.
    Command,
    /// A store's: unknown members are skipped and values are taken as they are, for the store knows what it holds.
    Outcome,
}

/// Reads one document.
pub struct Reader {
    pub(crate) format: Format,
    pub(crate) origin: Origin,
    /// The parameter being read, by its place in the API's order.
    current: usize,
    faults: Vec<(usize, Error)>,
    /// What was noticed but does not refuse.
    pub(crate) warnings: Vec<Warning>,
}

impl Reader {
    /// A reader of attribute values in that format.
    pub fn new(format: Format, origin: Origin) -> Self {
        Reader { format, origin, current: 0, faults: Vec::new(), warnings: Vec::new() }
    }

    /// The fault of an attribute value that is to be told first: that of the first parameter in the API's order.
    ///
    /// # Errors
    /// That fault, if there is any.
    pub fn first_fault(&self) -> Result<(), Error> {
        match self.faults.iter().min_by_key(|(parameter, _)| *parameter) {
            Some((_, fault)) => Err(fault.clone()),
            None => Ok(()),
        }
    }

    /// Reads the parameters of a call, or what it returned.
    ///
    /// # Errors
    /// The first unknown member or wrong JSON type.
    pub fn structure(
        &mut self,
        json: &Json<'_>,
        shape: &'static Shape,
        place: &Pointer<'_>,
    ) -> Result<Structure, Error> {
        self.members(json, shape, place, true)
    }

    fn members(
        &mut self,
        json: &Json<'_>,
        shape: &'static Shape,
        place: &Pointer<'_>,
        top: bool,
    ) -> Result<Structure, Error> {
        let Json::Object(members) = json else {
            return Err(self.wrong_type(place, "an object", json));
        };
        let mut fields = Vec::with_capacity(members.len());
        for (name, value) in members {
            let Some((index, member)) = shape.member(name) else {
                if self.skips_unknown(shape) {
                    continue;
                }
                return Err(self.unknown(members, name, shape, place));
            };
            if top {
                self.current = index;
            }
            if *value == Json::Null && self.format == Format::DynamoDb {
                continue;
            }
            fields.push((index, member, self.node(value, &member.kind, &place.key(name))?));
        }
        fields.sort_by_key(|(index, ..)| *index);
        let fields = fields.into_iter().map(|(_, member, node)| (member, node)).collect();
        Ok(Structure::from_sorted(shape, fields))
    }

    /// DynamoDB itself ignores what it does not know inside the legacy structures.
    fn skips_unknown(&self, shape: &'static Shape) -> bool {
        let legacy = [&crate::shape::EXPECTED, &crate::shape::ATTRIBUTE_UPDATE, &crate::shape::CONDITION];
        match self.origin {
            Origin::Outcome => true,
            Origin::Command => false,
            Origin::Request => {
                self.format == Format::DynamoDb && legacy.iter().any(|known| core::ptr::eq(*known, shape))
            }
        }
    }

    fn unknown(
        &self,
        members: &[(alloc::borrow::Cow<'_, str>, Json<'_>)],
        name: &str,
        shape: &Shape,
        place: &Pointer<'_>,
    ) -> Error {
        let known: Vec<&str> = shape.members.iter().map(|member| member.name.as_str()).collect();
        let mut message = String::from("Unknown parameter in input: ");
        json::write_string(&mut message, &crate::command::Excerpt(name).to_string());
        message.push_str(", must be one of: ");
        message.push_str(&known.join(", "));
        let here = place.key(name);
        let error = Error::validation("parameter.unknown", message).at(&here);
        let free = known.iter().copied().filter(|known| members.iter().all(|(name, _)| name != known));
        match nearest(name, free) {
            Some(meant) => error
                .hint(format!("Did you mean {meant}?"))
                .fix(Patch::Move { from: here.to_text(), path: place.key(meant).to_text() }),
            None => error,
        }
    }

    fn node(&mut self, json: &Json<'_>, kind: &'static Kind, place: &Pointer<'_>) -> Result<Node, Error> {
        Ok(match (kind, json) {
            (
                Kind::Text { .. } | Kind::Expression | Kind::TableName | Kind::IndexName | Kind::Enum(_),
                Json::String(text),
            ) => Node::Text(text.to_string()),
            (Kind::Text { .. } | Kind::Expression | Kind::TableName | Kind::IndexName | Kind::Enum(_), _) => {
                return Err(self.wrong_type(place, "a string", json));
            }
            (Kind::Boolean, Json::Bool(value)) => Node::Boolean(*value),
            (Kind::Boolean, Json::String(text)) if self.format == Format::DynamoDb => match parse_boolean(text) {
                Some(value) => Node::Boolean(value),
                None => return Err(self.wrong_type(place, "a boolean", json)),
            },
            (Kind::Boolean, _) => return Err(self.wrong_type(place, "a boolean", json)),
            (Kind::Integer { .. }, _) => match json.as_integer() {
                Some(value) => Node::Integer(value),
                None => return Err(self.wrong_type(place, "a whole number", json)),
            },
            (Kind::Decimal, Json::Number(text)) => Node::Decimal(text.to_string()),
            (Kind::Decimal, _) => return Err(self.wrong_type(place, "a number", json)),
            (Kind::Attributes, _) => Node::Attributes(self.attributes(json, place, 1)?),
            (Kind::AttributeValue, _) => Node::AttributeValue(self.value(json, place, 1)?),
            (Kind::List { of, .. }, Json::Array(items)) => {
                let mut list = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    list.push(self.node(item, of, &place.index(index))?);
                }
                Node::List(list)
            }
            (Kind::List { .. }, _) => return Err(self.wrong_type(place, "an array", json)),
            (Kind::Map(of) | Kind::Tables(of), Json::Object(members)) => {
                let mut entries = Vec::with_capacity(members.len());
                for (name, value) in members {
                    entries.push((name.to_string(), self.node(value, of, &place.key(name))?));
                }
                Node::Map(entries)
            }
            (Kind::Map(_) | Kind::Tables(_), _) => return Err(self.wrong_type(place, "an object", json)),
            (Kind::Structure(shape), _) => Node::Structure(self.members(json, shape, place, false)?),
        })
    }

    /// A wrong JSON type: in DynamoDB JSON that is DynamoDB's `SerializationException`, in plain JSON a wrong parameter.
    pub(crate) fn wrong_type(&self, place: &Pointer<'_>, expected: &str, found: &Json<'_>) -> Error {
        let message = format!(
            "Invalid type for parameter {}: expected {expected}, but found {}",
            place.to_dotted(),
            match found {
                Json::Number(text) if expected == "a whole number" => crate::command::Excerpt(text).to_string(),
                _ => found.kind().to_string(),
            }
        );
        let error = match self.format {
            Format::DynamoDb => Error::new(ErrorType::SerializationException, message).rule("parameter.type"),
            Format::Plain => Error::validation("parameter.type", message),
        };
        let error = error.at(place);
        match found {
            Json::String(text) => match unquoted(expected, text) {
                Some(value) => error
                    .hint(format!("Write {value} without quotes"))
                    .fix(Patch::Replace { path: place.to_text(), value }),
                None => error,
            },
            _ => error,
        }
    }

    /// Notes what is wrong with an attribute value, and puts a harmless one in its place.
    pub(crate) fn fault(
        &mut self,
        rule: &'static str,
        message: impl Into<String>,
        place: &Pointer<'_>,
    ) -> AttributeValue {
        self.faults.push((self.current, Error::validation(rule, message).at(place)));
        AttributeValue::Null
    }

    pub(crate) fn attributes(
        &mut self,
        json: &Json<'_>,
        place: &Pointer<'_>,
        level: usize,
    ) -> Result<Attributes, Error> {
        let Json::Object(members) = json else {
            return Err(self.wrong_type(place, "an object", json));
        };
        let mut attributes = Vec::with_capacity(members.len());
        for (name, value) in members {
            attributes.push((name.to_string(), self.value(value, &place.key(name), level)?));
        }
        Ok(attributes)
    }

    pub(crate) fn number(&mut self, text: &str, place: &Pointer<'_>) -> Number {
        if self.origin == Origin::Outcome {
            return Number::stored(text);
        }
        match Number::parse(text) {
            Ok(number) => number,
            Err(error) => {
                let mut message = error.to_string();
                if error == crate::number::NumberError::NotNumeric && !text.is_empty() {
                    message.push_str(": ");
                    message.push_str(&crate::command::Excerpt(text).to_string());
                }
                self.fault("value.number", message, place);
                Number::stored("0")
            }
        }
    }
}

/// What was meant by a number or a boolean in quotes.
fn unquoted(expected: &str, text: &str) -> Option<String> {
    match expected {
        "a whole number" => text.parse::<u32>().ok().map(|number| number.to_string()),
        "a boolean" if matches!(text, "true" | "false") => Some(text.into()),
        _ => None,
    }
}

/// The spellings of a boolean that DynamoDB JSON takes, in any case.
pub(crate) fn parse_boolean(text: &str) -> Option<bool> {
    let is = |words: [&str; 5]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is(["true", "t", "yes", "y", "1"]) {
        Some(true)
    } else if is(["false", "f", "no", "n", "0"]) {
        Some(false)
    } else {
        None
    }
}
