//! What a plan has to say becomes a reply: success with its metadata, a store's failure in the caller's words, or the news
//! that the reply is too large.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::attribute::{Format, Notation, Numbers};
use crate::command::Api;
use crate::error::{Error, ErrorType};
use crate::json::{self, Object};
use crate::outcome::StoreError;
use crate::reply::Reply;
use crate::shape::Name;
use crate::tree::{Node, Structure};

/// Room that a reply needs beside its items, keys and capacity: member names, counts, metadata.
pub(super) const ENVELOPE: usize = 320;

/// What every reply of a plan has in common.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) request_id: String,
    pub(super) max_reply_bytes: Option<u64>,
    pub(super) notation: Notation,
    /// The id of the call that was answered last.
    store_request_id: Option<String>,
    /// How often all calls together were sent again by the store.
    retries: u32,
}

/// A call that failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: StoreError,
    pub(super) request_id: Option<String>,
}

impl Answer {
    pub(super) fn new(request_id: &str, max_reply_bytes: Option<u64>) -> Self {
        Answer { request_id: request_id.into(), max_reply_bytes, ..Answer::default() }
    }

    /// Notes what an outcome says about its call.
    pub(super) fn heard(&mut self, request_id: Option<&String>, retries: u32) {
        if let Some(id) = request_id {
            self.store_request_id = Some(id.clone());
        }
        self.retries = self.retries.saturating_add(retries);
    }

    /// How many bytes of items a reply can hold, `others` being those of capacity and of keys to go on from.
    pub(super) fn room(&self, others: usize) -> Option<usize> {
        let max = usize::try_from(self.max_reply_bytes?).unwrap_or(usize::MAX);
        Some(max.saturating_sub(ENVELOPE).saturating_sub(others))
    }

    /// The body of a success, with the members that `write` appends; so many bytes of them are items.
    pub(super) fn body(&self, items: usize, write: impl FnOnce(&mut Object<'_>)) -> String {
        let mut body = String::with_capacity(items.saturating_add(ENVELOPE));
        let mut object = Object::new(&mut body);
        write(&mut object);
        let mut metadata = Object::new(object.member("ResponseMetadata"));
        metadata.string("RequestId", self.store_request_id.as_deref().unwrap_or(&self.request_id));
        json::write_integer(metadata.member("HTTPStatusCode"), 200);
        json::write_integer(metadata.member("RetryAttempts"), self.retries);
        metadata.end();
        object.end();
        body
    }

    /// The reply, unless it is larger than may be sent.
    pub(super) fn finish(&self, body: String, wrote: bool) -> Reply {
        if self.fits(body.len()) {
            return Reply::success(body);
        }
        self.too_large(body.len(), if wrote { "; the write took effect" } else { "" }).reply(&self.request_id)
    }

    /// The reply that says so; what the store quoted is left out where it makes the reply too large.
    pub(super) fn refuse(&self, error: Error) -> Reply {
        let reply = error.reply(&self.request_id);
        if self.fits(reply.body.len()) {
            return reply;
        }
        error.stored(None, Vec::new(), self.notation).reply(&self.request_id)
    }

    pub(super) fn fits(&self, length: usize) -> bool {
        self.max_reply_bytes.is_none_or(|max| u64::try_from(length).is_ok_and(|length| length <= max))
    }

    pub(super) fn too_large(&self, length: usize, and: &str) -> Error {
        let max = self.max_reply_bytes.unwrap_or(u64::MAX);
        Error::new(
            ErrorType::RequestEntityTooLargeException,
            format!("The reply would be {length} bytes, more than the {max} that can be sent{and}"),
        )
        .hint("Ask for less: a Limit, or a ProjectionExpression")
    }

    /// The store's words where they are for the caller; a general text where they are ours to act on.
    pub(super) fn failure(&self, api: Api, failure: Failure) -> Error {
        let Failure { error, request_id } = failure;
        let may_have_happened = error.may_have_happened && api.is_write();
        let told = match known(&error) {
            Some(known) => {
                let mut message = error.message;
                if may_have_happened {
                    message.push_str("; the write may have taken effect");
                }
                Error::new(known, message).stored(error.item, error.cancellation_reasons, self.notation)
            }
            None => Error::new(ErrorType::InternalServerError, internal_text(may_have_happened)),
        };
        told.store_request_id(request_id)
    }

    /// A complete request for what a batch has not done: its operation, its `RequestItems`, and what else its calls have.
    pub(super) fn next(&self, api: Api, items: &Node, frame: &Structure) -> String {
        let mut out = String::new();
        let mut next = Object::new(&mut out);
        next.string("operation", api.operation().as_str());
        let mut payload = Object::new(next.member("payload"));
        items.write(payload.member(Name::RequestItems.as_str()), self.notation);
        frame.write_members(&mut payload, self.notation);
        payload.end();
        if self.notation != Notation::default() {
            let mut options = Object::new(next.member("options"));
            if self.notation.format == Format::DynamoDb {
                options.string("format", "dynamodb");
            } else if self.notation.numbers == Numbers::Tagged {
                options.string("numbers", "tagged");
            }
            options.end();
        }
        next.end();
        out
    }
}

impl Failure {
    /// Whether the same call may well succeed later: the store is busy, slow or broken, and the call is not at fault.
    pub(super) fn is_transient(&self) -> bool {
        match ErrorType::parse(&self.error.error_type) {
            Some(ErrorType::AccessDeniedException | ErrorType::MissingAuthenticationTokenException) => false,
            Some(known) => known.status() == 429 || known.status() >= 500,
            None => true,
        }
    }
}

/// The kind of error, if it is the caller's business: the gate's own credentials and configuration are not.
fn known(error: &StoreError) -> Option<ErrorType> {
    ErrorType::parse(&error.error_type).filter(|known| {
        !matches!(
            known,
            ErrorType::AccessDeniedException
                | ErrorType::MissingAuthenticationTokenException
                | ErrorType::InternalServerError
        )
    })
}

fn internal_text(may_have_happened: bool) -> String {
    let text = "Internal server error";
    if may_have_happened { format!("{text}; the write may have taken effect") } else { text.to_string() }
}
