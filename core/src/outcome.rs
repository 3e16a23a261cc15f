//! What became of a command: the store's output, or its error, typed and as JSON text across the guest's boundary.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::attribute::{Attributes, Format, Notation, write_attributes};
use crate::command::Api;
use crate::json::{self, Json, Object};
use crate::output;
use crate::pointer::Pointer;
use crate::reader::{Origin, Reader};
use crate::shape::Name;
use crate::tree::{Node, Structure};

/// What a store answered to one command.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The output, of the shape [`Api::output`], or the error.
    pub result: Result<Structure, StoreError>,
    /// The id under which the store answered, if it gives any.
    pub request_id: Option<String>,
    /// How often the call was sent again.
    pub retry_attempts: u32,
}

/// A store's refusal or failure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoreError {
    /// The store's name for it, without any prefix: `ConditionalCheckFailedException`.
    pub error_type: String,
    /// The store's words.
    pub message: String,
    /// The item as it was, if a condition failed and the item was asked for.
    pub item: Option<Attributes>,
    /// For a cancelled transaction, why, action by action.
    pub cancellation_reasons: Vec<CancellationReason>,
    /// Whether a write may have taken effect all the same.
    pub may_have_happened: bool,
}

/// Why one action of a transaction was cancelled; `Code` is `None` for those that were not at fault.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CancellationReason {
    /// The item as it was, if asked for.
    pub item: Option<Attributes>,
    /// The kind of fault.
    pub code: Option<String>,
    /// The store's words.
    pub message: Option<String>,
}

/// Why a text is no outcome.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an outcome: {0}")]
pub struct OutcomeError(String);

impl Outcome {
    /// A success.
    pub fn ok(output: Structure) -> Self {
        Outcome { result: Ok(output), request_id: None, retry_attempts: 0 }
    }

    /// A failure.
    pub fn error(error: StoreError) -> Self {
        Outcome { result: Err(error), request_id: None, retry_attempts: 0 }
    }

    /// Reads `{"ok": {wire output}, "requestId", "retryAttempts"}` or `{"error": {"__type", "message", "requestId",
    /// "retryAttempts", "Item", "CancellationReasons", "mayHaveHappened"}}`; what the API's tables do not know is ignored.
    ///
    /// # Errors
    /// When it is not of that form.
    pub fn parse(api: Api, text: &str) -> Result<Self, OutcomeError> {
        let json = Json::parse(text.as_bytes()).map_err(|e| OutcomeError(e.to_string()))?;
        match (json.get("ok"), json.get("error")) {
            (Some(ok), None) => Ok(Outcome {
                result: Ok(structure(ok, api.output())?),
                request_id: string(&json, "requestId"),
                retry_attempts: retries(&json),
            }),
            (None, Some(error)) => Ok(Outcome {
                result: Err(StoreError::read(error)?),
                request_id: string(error, "requestId"),
                retry_attempts: retries(error),
            }),
            _ => Err(OutcomeError("expected `ok` or `error`".into())),
        }
    }

    /// Reads what DynamoDB sends for a call that succeeded.
    ///
    /// # Errors
    /// When it is not of the shape [`Api::output`].
    pub fn parse_output(api: Api, body: &[u8]) -> Result<Structure, OutcomeError> {
        let json = Json::parse(body).map_err(|e| OutcomeError(e.to_string()))?;
        structure(&json, api.output())
    }

    /// The JSON text that [`Outcome::parse`] reads.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        let mut object = Object::new(&mut out);
        match &self.result {
            Ok(output) => {
                output.write(object.member("ok"), Notation::WIRE);
                self.write_call(&mut object);
            }
            Err(error) => {
                let mut inner = Object::new(object.member("error"));
                inner.string("__type", &error.error_type);
                inner.string("message", &error.message);
                self.write_call(&mut inner);
                if let Some(item) = &error.item {
                    write_attributes(inner.member("Item"), item, Notation::WIRE);
                }
                if !error.cancellation_reasons.is_empty() {
                    let reasons = &error.cancellation_reasons;
                    json::write_array(inner.member("CancellationReasons"), reasons, |out, reason| {
                        reason.write(out, Notation::WIRE);
                    });
                }
                if error.may_have_happened {
                    json::write_bool(inner.member("mayHaveHappened"), true);
                }
                inner.end();
            }
        }
        object.end();
        out
    }

    fn write_call(&self, object: &mut Object<'_>) {
        if let Some(id) = &self.request_id {
            object.string("requestId", id);
        }
        json::write_integer(object.member("retryAttempts"), self.retry_attempts);
    }

    /// Puts every map inside into the order of its names' UTF-8 bytes, so that two stores that hold the same give the same bytes.
    pub fn sort(&mut self) {
        match &mut self.result {
            Ok(output) => output.sort(),
            Err(error) => {
                let reasons = error.cancellation_reasons.iter_mut().filter_map(|r| r.item.as_mut());
                error.item.iter_mut().chain(reasons).for_each(crate::attribute::sort);
            }
        }
    }
}

impl StoreError {
    /// An error of that name.
    pub fn new(error_type: impl Into<String>, message: impl Into<String>) -> Self {
        StoreError { error_type: error_type.into(), message: message.into(), ..StoreError::default() }
    }

    /// Reads what DynamoDB sends for a call that it refused: `__type` with a prefix, `message` or `Message`, and what belongs to
    /// the error. Where it gives no reason, the message is empty.
    ///
    /// # Errors
    /// When it is not of that form.
    pub fn parse_answer(body: &[u8]) -> Result<Self, OutcomeError> {
        let json = Json::parse(body).map_err(|e| OutcomeError(e.to_string()))?;
        let mut error = StoreError::read(&json)?;
        if let Some(at) = error.error_type.rfind('#') {
            error.error_type.drain(..=at);
        }
        if error.message.is_empty() {
            error.message = string(&json, "Message").unwrap_or_default();
        }
        error.may_have_happened = false;
        Ok(error)
    }

    fn read(json: &Json<'_>) -> Result<Self, OutcomeError> {
        let cancellation_reasons = match json.get("CancellationReasons") {
            None | Some(Json::Null) => Vec::new(),
            Some(Json::Array(items)) => items.iter().map(CancellationReason::read).collect::<Result<_, _>>()?,
            Some(other) => return Err(OutcomeError(alloc::format!("CancellationReasons is {}", other.kind()))),
        };
        Ok(StoreError {
            error_type: string(json, "__type").ok_or_else(|| OutcomeError("no __type".into()))?,
            message: string(json, "message").unwrap_or_default(),
            // An item has the same form as a reason that holds nothing else.
            item: CancellationReason::read(json)?.item,
            cancellation_reasons,
            may_have_happened: json.get("mayHaveHappened") == Some(&Json::Bool(true)),
        })
    }
}

impl CancellationReason {
    fn read(json: &Json<'_>) -> Result<Self, OutcomeError> {
        let mut reason = structure(json, &output::CANCELLATION_REASON)?;
        let mut take = |name| match reason.take(name) {
            Some(Node::Text(text)) => Some(text),
            _ => None,
        };
        let (code, message) = (take(Name::Code), take(Name::Message));
        let item = match reason.take(Name::Item) {
            Some(Node::Attributes(item)) => Some(item),
            _ => None,
        };
        Ok(CancellationReason { item, code, message })
    }

    pub(crate) fn write(&self, out: &mut String, notation: Notation) {
        let mut object = Object::new(out);
        if let Some(item) = &self.item {
            write_attributes(object.member("Item"), item, notation);
        }
        for (name, text) in [("Code", &self.code), ("Message", &self.message)] {
            if let Some(text) = text {
                object.string(name, text);
            }
        }
        object.end();
    }
}

fn structure(json: &Json<'_>, shape: &'static crate::shape::Shape) -> Result<Structure, OutcomeError> {
    let mut reader = Reader::new(Format::DynamoDb, Origin::Outcome);
    let read = reader
        .structure(json, shape, &Pointer::ROOT)
        .and_then(|structure| reader.faults().first().map_or(Ok(structure), |fault| Err(fault.clone())));
    read.map_err(|error| OutcomeError(error.message().into()))
}

fn string(json: &Json<'_>, name: &str) -> Option<String> {
    json.get(name).and_then(Json::as_str).map(String::from)
}

fn retries(json: &Json<'_>) -> u32 {
    json.get("retryAttempts").and_then(Json::as_integer).and_then(|n| u32::try_from(n).ok()).unwrap_or(0)
}
