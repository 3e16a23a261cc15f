//! JSON becomes parameters: the tables of [`crate::shape`] say what may stand where.
//!
//! A wrong JSON type or an unknown name ends the reading. A fault of an attribute value (a number out of range, an empty
//! set) is only noted, because it depends on the call when DynamoDB tells it: [`Reader::faults`] is for `rules`.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::attribute::{AttributeValue, Attributes, Format};
use crate::error::{Error, ErrorType, Patch};
use crate::join::Join as _;
use crate::json::{self, Json};
use crate::nearest::nearest;
use crate::number::{Number, NumberError};
use crate::pointer::Pointer;
use crate::rule::Rule;
use crate::shape::{Kind, Member, Shape};
use crate::tree::{Node, Structure};
use crate::warning::Warning;

/// Most bytes of an attribute's name.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
const MAX_NAME: usize = 65_535;

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
    /// What is wrong with attribute values: at most one fault for each item, key or other parameter that holds values.
    faults: Vec<Error>,
    /// What was noticed but does not refuse.
    pub(crate) warnings: Vec<Warning>,
}

impl Reader {
    /// A reader of attribute values in that format.
    pub fn new(format: Format, origin: Origin) -> Self {
        Reader { format, origin, faults: Vec::new(), warnings: Vec::new() }
    }

    /// What is wrong with attribute values, in the order it was read: for each item, key and single value the fault that
    /// DynamoDB tells first, each at its place.
    pub fn faults(&self) -> &[Error] {
        &self.faults
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
        let Json::Object(members) = json else {
            return Err(self.wrong_type(place, "an object", json));
        };
        let mut fields: Vec<(usize, &'static Member, Node)> = Vec::with_capacity(members.len());
        for (name, value) in members {
            let Some((index, member)) = shape.member(name) else {
                if self.skips_unknown(shape) {
                    continue;
                }
                return Err(self.unknown(members, name, shape, place));
            };
            if *value == Json::Null && self.format == Format::DynamoDb {
                continue;
            }
            let node = self.node(value, &member.kind, &place.key(name))?;
            // There are few, so each goes to its place at once.
            let after = fields.iter().rposition(|(before, ..)| *before < index);
            fields.insert(after.map_or(0, |before| before + 1), (index, member, node));
        }
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
        message.push_str(&known.joined(", "));
        let here = place.key(name);
        let error = Error::validation(Rule::ParameterUnknown, message).at(&here);
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
            (Kind::Decimal, Json::Number(text)) => {
                let mut text = text.to_string();
                // DynamoDB always writes a fraction, others that speak its protocol do not.
                if text.bytes().all(|byte| byte.is_ascii_digit()) {
                    text.push_str(".0");
                }
                Node::Decimal(text)
            }
            (Kind::Decimal, _) => return Err(self.wrong_type(place, "a number", json)),
            (Kind::Attributes, _) => Node::Attributes(self.attributes(json, place, 1)?),
            (Kind::AttributeValue, _) => {
                let mark = self.mark();
                let mut value = AttributeValue::Null;
                self.value(json, place, 1, &mut value)?;
                self.keep_first(mark);
                Node::AttributeValue(value)
            }
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
            (Kind::Structure(shape), _) => Node::Structure(self.structure(json, shape, place)?),
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
            Format::DynamoDb => Error::new(ErrorType::SerializationException, message).rule(Rule::ParameterType),
            Format::Plain => Error::validation(Rule::ParameterType, message),
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
    pub(crate) fn fault(&mut self, rule: Rule, parts: &[&str], place: &Pointer<'_>) -> AttributeValue {
        self.note(Error::broken(rule, parts).at(place));
        AttributeValue::Null
    }

    /// Notes what is wrong with an attribute value.
    pub(crate) fn note(&mut self, fault: Error) {
        self.faults.push(fault);
    }

    /// How many faults are noted, to tell by [`Reader::noted_since`] which are new.
    pub(crate) fn mark(&self) -> usize {
        self.faults.len()
    }

    /// Forgets all but the first fault that was noted since: of many values in a row, only the first faulty one is ever told.
    pub(crate) fn keep_first(&mut self, mark: usize) {
        self.faults.truncate(mark + 1);
    }

    /// Takes the first fault that was noted since, and forgets the others.
    pub(crate) fn noted_since(&mut self, mark: usize) -> Option<Error> {
        let fault = self.faults.get(mark).cloned();
        self.faults.truncate(mark);
        fault
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
        let mut attributes: Attributes =
            members.iter().map(|(name, _)| (name.to_string(), AttributeValue::Null)).collect();
        let mark = self.mark();
        for ((name, value), (_, into)) in members.iter().zip(&mut attributes) {
            let here = place.key(name);
            if name.is_empty() && self.origin != Origin::Outcome {
                self.fault(Rule::AttributeNameEmpty, &[], &here);
            } else if name.len() > MAX_NAME && self.origin != Origin::Outcome {
                self.fault(Rule::AttributeNameLength, &[], place);
            }
            self.value(value, &here, level, into)?;
            self.keep_first(mark);
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
                match error {
                    NumberError::NotNumeric if text.is_empty() => self.fault(Rule::ValueNumber, &[], place),
                    NumberError::NotNumeric => {
                        let written = format!(": {}", crate::command::Excerpt(text));
                        self.fault(Rule::ValueNumber, &[&written], place)
                    }
                    NumberError::Digits => self.fault(Rule::ValueNumberDigits, &[], place),
                    NumberError::Overflow => self.fault(Rule::ValueNumberOverflow, &[], place),
                    NumberError::Underflow => self.fault(Rule::ValueNumberUnderflow, &[], place),
                };
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
