//! Bytes become a [`Request`]: the envelope `{"operation", "tableName", "payload", "options"}`, checked.
//!
//! What the payload means is left to [`crate::operate`].

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::attribute::{Attributes, Format, Notation, Numbers};
use crate::command::Excerpt;
use crate::error::{Error, ErrorType, Patch};
use crate::join::Join as _;
use crate::json::{self, Json};
use crate::nearest::nearest;
use crate::operation::{EnvelopeKey, OperationName, OptionName, Row};
use crate::pointer::Pointer;
use crate::rule::Rule;

/// Most segments that a scan is divided into: each takes at least one of the pages that one request reads.
pub(crate) const MAX_SEGMENTS: i64 = 64;

/// One request whose envelope is in order.
#[derive(Debug)]
pub struct Request<'a> {
    /// The operation.
    pub row: &'static Row,
    /// `tableName` as it stands; its rules depend on the operation.
    pub table_name: Option<Json<'a>>,
    /// `payload` as it stands.
    pub payload: Option<Json<'a>>,
    /// `options`, checked.
    pub options: Options,
    /// Whether there are `options` at all, which a patch that adds one has to know.
    pub has_options: bool,
    /// `options.continuation` as it stands; its keys depend on the format.
    pub continuation: Option<Json<'a>>,
}

/// What `options` asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// How attribute values are written, in the request and in the reply.
    pub notation: Notation,
    /// Whether to plan only.
    pub dry_run: bool,
    /// Whether to follow the pages; asking for one of the next three asks for it too.
    pub all: bool,
    /// Most items of all pages together.
    pub max_items: Option<i64>,
    /// In how many segments to scan at once.
    pub segments: Option<i64>,
    /// Where each segment begins; this is what [`crate::operate`] makes of `segments` and `continuation`.
    pub starts: Option<Vec<Start>>,
    /// The token under which a transaction happens at most once.
    pub idempotency_key: Option<String>,
}

/// Where a segment of a scan begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Start {
    /// At its beginning.
    #[default]
    Beginning,
    /// After the item with that key.
    After(Attributes),
    /// Nowhere: it has been read to its end.
    Done,
}

impl<'a> Request<'a> {
    /// Reads and checks the envelope.
    ///
    /// # Errors
    /// `SerializationException` for what is not JSON as [`Json`] reads it, `UnknownOperationException`, or
    /// `ValidationException` for a wrong envelope.
    pub fn parse(text: &'a [u8]) -> Result<Self, Error> {
        let json = Json::parse(text)
            .map_err(|fault| Error::new(ErrorType::SerializationException, fault.to_string()).rule(Rule::JsonSyntax))?;
        let Json::Object(members) = json else {
            let message = format!("The request must be a JSON object, but it is {}", json.kind());
            return Err(Error::validation(Rule::EnvelopeType, message).at(&Pointer::ROOT));
        };
        refuse_slips(&members)?;
        let (mut operation, mut table_name, mut payload, mut options) = (None, None, None, None);
        for (key, value) in members {
            match EnvelopeKey::parse(&key) {
                Some(EnvelopeKey::Operation) => operation = Some(value),
                Some(EnvelopeKey::TableName) => table_name = Some(value),
                Some(EnvelopeKey::Payload) => payload = Some(value),
                Some(EnvelopeKey::Options) => options = Some(value),
                None => {}
            }
        }
        let row = find_operation(operation.as_ref())?;
        let has_options = options.is_some();
        let (options, continuation) = match options {
            None => (Options::default(), None),
            Some(json) => (Options::parse(&json, row)?, member(json, OptionName::Continuation.as_str())),
        };
        Ok(Request { row, table_name, payload, options, has_options, continuation })
    }
}

fn member<'a>(json: Json<'a>, name: &str) -> Option<Json<'a>> {
    let Json::Object(members) = json else { return None };
    members.into_iter().find_map(|(key, value)| (key == name).then_some(value))
}

/// Unknown members are ignored, unless one looks like a slip for a member or an option: a mistyped `dryRun` must never delete anything.
fn refuse_slips(members: &[(alloc::borrow::Cow<'_, str>, Json<'_>)]) -> Result<(), Error> {
    let has = |name: &str| members.iter().any(|(key, _)| key == name);
    for (key, value) in members {
        if EnvelopeKey::parse(key).is_some() {
            continue;
        }
        let here = Pointer::ROOT.key(key);
        let quoted = Excerpt(key);
        if let Some(meant) = nearest(key, OptionName::ALL.iter().map(|name| name.as_str())) {
            let error = Error::validation(
                Rule::EnvelopeSlip,
                format!("\"{quoted}\" is not a member of a request, but {meant} is an option"),
            )
            .at(&here)
            .hint(format!("Write \"options\": {{\"{meant}\": ..}}"));
            let patch = if has("options") {
                Patch::Move { from: here.to_text(), path: format!("/options/{meant}") }
            } else {
                Patch::Add { path: "/options".into(), value: format!("{{\"{meant}\":{}}}", value.to_text()) }
            };
            let error = error.fix(patch);
            return Err(if has("options") { error } else { error.fix(Patch::Remove { path: here.to_text() }) });
        }
        if let Some(meant) = nearest(key, EnvelopeKey::ALL.iter().map(|name| name.as_str())) {
            let error = Error::validation(Rule::EnvelopeSlip, format!("\"{quoted}\" is not a member of a request"))
                .at(&here)
                .hint(format!("Did you mean {meant}?"));
            return Err(if has(meant) {
                error
            } else {
                error.fix(Patch::Move { from: here.to_text(), path: format!("/{meant}") })
            });
        }
    }
    Ok(())
}

fn find_operation(json: Option<&Json<'_>>) -> Result<&'static Row, Error> {
    let here = Pointer::ROOT.key("operation");
    let names = || OperationName::ALL.iter().map(|name| name.as_str());
    let one_of = || format!("operation is one of {}", names().collect::<Vec<_>>().joined(", "));
    let Some(json) = json else {
        return Err(Error::validation(Rule::EnvelopeOperation, "The request has no operation")
            .at(&Pointer::ROOT)
            .hint(one_of()));
    };
    let Some(text) = json.as_str() else {
        let message = format!("Invalid type for operation: expected a string, but found {}", json.kind());
        return Err(Error::validation(Rule::EnvelopeOperation, message).at(&here).hint(one_of()));
    };
    if let Some(name) = OperationName::parse(text) {
        return Ok(name.row());
    }
    let mut message = String::from("Unrecognized operation ");
    json::write_string(&mut message, &Excerpt(text).to_string());
    let error = Error::new(ErrorType::UnknownOperationException, message).rule(Rule::EnvelopeOperation).at(&here);
    Err(match nearest(text, names()) {
        Some(meant) => error
            .hint(format!("Did you mean {meant}?"))
            .fix(Patch::Replace { path: here.to_text(), value: format!("\"{meant}\"") }),
        None => error.hint(one_of()),
    })
}

impl Options {
    fn parse(json: &Json<'_>, row: &Row) -> Result<Self, Error> {
        let place = Pointer::ROOT.key("options");
        let Json::Object(members) = json else {
            return Err(wrong(&place, "an object", json));
        };
        let mut options = Options::default();
        let (mut all, mut paged) = (None, None);
        for (key, value) in members {
            let here = place.key(key);
            let name = OptionName::parse(key).ok_or_else(|| unknown(members, key, row, &place))?;
            if !row.options.contains(&name) {
                let message = format!("Option {} does not apply to {}", name.as_str(), row.name.as_str());
                return Err(Error::validation(Rule::OptionsNotApplicable, message).at(&here).hint(options_of(row)));
            }
            match name {
                OptionName::Format => {
                    options.notation.format =
                        word(value, &here, &[("plain", Format::Plain), ("dynamodb", Format::DynamoDb)])?;
                }
                OptionName::Numbers => {
                    options.notation.numbers =
                        word(value, &here, &[("json", Numbers::Json), ("tagged", Numbers::Tagged)])?;
                }
                OptionName::DryRun => match value {
                    Json::Bool(dry) => options.dry_run = *dry,
                    _ => return Err(wrong(&here, "a boolean", value)),
                },
                OptionName::IdempotencyKey => match value {
                    Json::String(key) => options.idempotency_key = Some(key.to_string()),
                    _ => return Err(wrong(&here, "a string", value)),
                },
                OptionName::All => match value {
                    Json::Bool(value) => all = Some(*value),
                    _ => return Err(wrong(&here, "a boolean", value)),
                },
                OptionName::MaxItems => options.max_items = Some(count(value, &here, i64::from(i32::MAX))?),
                OptionName::Segments => options.segments = Some(count(value, &here, MAX_SEGMENTS)?),
                OptionName::Continuation => {
                    let Json::Array(_) = value else { return Err(wrong(&here, "an array", value)) };
                }
            }
            if matches!(name, OptionName::MaxItems | OptionName::Segments | OptionName::Continuation) {
                paged = Some(name);
            }
        }
        if let (Some(false), Some(name)) = (all, paged) {
            let here = place.key(OptionName::All.as_str());
            let message = Rule::OptionsTogether.message(&["Option all: false", name.as_str()]);
            return Err(Error::validation(Rule::OptionsTogether, message)
                .at(&here)
                .hint(format!("{} is about following the pages", name.as_str()))
                .fix(Patch::Remove { path: here.to_text() }));
        }
        options.all = all.unwrap_or(paged.is_some());
        Ok(options)
    }
}

/// A whole number from 1 up to `most`.
fn count(json: &Json<'_>, place: &Pointer<'_>, most: i64) -> Result<i64, Error> {
    let Some(number) = json.as_integer() else {
        let error = wrong(place, "a whole number", json);
        return Err(match json {
            Json::String(text) if text.parse::<u32>().is_ok() => {
                error.fix(Patch::Replace { path: place.to_text(), value: text.to_string() })
            }
            _ => error,
        });
    };
    let (bound, limit) = match number {
        ..1 => ("greater", 1),
        _ if number > most => ("less", most),
        _ => return Ok(number),
    };
    let parts = [&number.to_string(), &place.to_dotted(), bound, &limit.to_string()];
    Err(Error::broken(Rule::ParameterRange, &parts.map(|part| part as &str)).at(place))
}

fn unknown(members: &[(alloc::borrow::Cow<'_, str>, Json<'_>)], key: &str, row: &Row, place: &Pointer<'_>) -> Error {
    let here = place.key(key);
    let error = Error::validation(Rule::OptionsUnknown, format!("Unknown option \"{}\"", Excerpt(key))).at(&here);
    let free = row.options.iter().map(|name| name.as_str()).filter(|name| members.iter().all(|(key, _)| key != name));
    match nearest(key, free) {
        Some(meant) => error
            .hint(format!("Did you mean {meant}?"))
            .fix(Patch::Move { from: here.to_text(), path: place.key(meant).to_text() }),
        None => error.hint(options_of(row)),
    }
}

fn options_of(row: &Row) -> String {
    let names: Vec<&str> = row.options.iter().map(|name| name.as_str()).collect();
    format!("{} takes the options {}", row.name.as_str(), names.joined(", "))
}

fn wrong(place: &Pointer<'_>, expected: &str, found: &Json<'_>) -> Error {
    let message = format!("Invalid type for {}: expected {expected}, but found {}", place.to_dotted(), found.kind());
    Error::validation(Rule::OptionsType, message).at(place)
}

fn word<T: Copy>(json: &Json<'_>, place: &Pointer<'_>, words: &[(&'static str, T)]) -> Result<T, Error> {
    let Some(text) = json.as_str() else { return Err(wrong(place, "a string", json)) };
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(*value);
    }
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let message = format!(
        "Unknown value \"{}\" for {}, must be one of: {}",
        Excerpt(text),
        place.to_dotted(),
        known.joined(", ")
    );
    Err(Error::validation(Rule::OptionsValue, message).at(place))
}
