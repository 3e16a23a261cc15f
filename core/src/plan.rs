//! The state machine: a request, then outcomes, become commands to send and, at last, one reply.
//!
//! ```text
//!            open(request, context)
//!                 |
//!        .--------+---------.
//!        v                  v
//!   Send(dispatches)     Done(reply)      a refusal, echo, ping or dry run is done at once
//!        |                  ^
//!        | resume(ticket, outcome)  ->  Send(more) | Wait | Done(reply)
//!        '------------------'
//!        | expire()         ->  the reply with what there is
//! ```
//!
//! In scope: which commands, in which order, and what their outcomes mean to the caller. Out of scope: executing them, time
//! (the caller says how much is left), retries of throttled calls (the SDK's), and logging.
//!
//! ```
//! use gateleg_core::{command::Api, context::Context, outcome::Outcome, plan::{Plan, Step}};
//!
//! let request = br#"{"operation": "read", "tableName": "people", "payload": {"Key": {"id": "1"}}}"#;
//! let (mut plan, step) = Plan::open(request, &Context::default());
//! let Step::Send(dispatches) = step else { panic!("a read sends a command") };
//! let [dispatch] = dispatches.as_slice() else { panic!("a read sends one command") };
//! assert_eq!(dispatch.command.to_text(), r#"{"GetItem":{"TableName":"people","Key":{"id":{"S":"1"}}}}"#);
//!
//! // The caller executes it, and says what became of it.
//! let outcome = Outcome::parse(Api::GetItem, r#"{"ok":{"Item":{"id":{"S":"1"},"n":{"N":"5"}}},"requestId":"r-7"}"#)?;
//! let Step::Done(reply) = plan.resume(dispatch.ticket, outcome, None)? else { panic!("one command, one outcome") };
//! assert_eq!(
//!     reply.text(),
//!     r#"{"Item":{"id":"1","n":5},"ResponseMetadata":{"RequestId":"r-7","HTTPStatusCode":200,"RetryAttempts":0}}"#
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::advice::{self, Surroundings};
use crate::attribute::Notation;
use crate::command::{Api, Command};
use crate::context::Context;
use crate::error::{Error, ErrorType};
use crate::json::{self, Object};
use crate::operate::{Does, Operation};
use crate::outcome::{Outcome, StoreError};
use crate::reply::Reply;
use crate::request::Request;
use crate::shape::Name;
use crate::tree::{Node, Structure};
use crate::warning::Warning;

/// One request on its way to a reply.
#[derive(Debug)]
pub struct Plan {
    request_id: String,
    max_reply_bytes: Option<u64>,
    notation: Notation,
    waiting: Vec<Waiting>,
}

/// A command whose outcome is awaited.
#[derive(Debug)]
struct Waiting {
    ticket: u32,
    api: Api,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Execute these, at once if possible, and [`resume`](Plan::resume) with each outcome, in any order.
    Send(Vec<Dispatch>),
    /// Nothing new: outcomes are still awaited.
    Wait,
    /// The reply.
    Done(Reply),
}

/// A command to execute.
#[derive(Clone, Debug, PartialEq)]
pub struct Dispatch {
    /// What its outcome is handed back under; unique within the plan.
    pub ticket: u32,
    /// How often this work was sent before: 0 is at once, more is after a growing pause.
    pub attempt: u32,
    /// The command.
    pub command: Command,
}

/// A caller that does not keep to the protocol of a plan; the plan is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misuse {
    /// That ticket was never given out, or its outcome was handed in already.
    #[error("no outcome is awaited under ticket {0}")]
    UnknownTicket(u32),
}

impl Plan {
    /// Reads a request. A refusal is a plan that is already done.
    pub fn open(request: &[u8], context: &Context) -> (Plan, Step) {
        let mut plan = Plan {
            request_id: context.request_id.clone(),
            max_reply_bytes: context.max_reply_bytes,
            notation: Notation::default(),
            waiting: Vec::new(),
        };
        let step =
            plan.start(request, context, false).unwrap_or_else(|error| Step::Done(error.reply(&context.request_id)));
        (plan, step)
    }

    /// What [`Plan::open`] would send first, as the reply to a dry run, or the refusal: whatever the request's `options.dryRun` says.
    pub fn preview(request: &[u8], context: &Context) -> Reply {
        let mut plan = Plan {
            request_id: context.request_id.clone(),
            max_reply_bytes: None,
            notation: Notation::default(),
            waiting: Vec::new(),
        };
        match plan.start(request, context, true) {
            Ok(Step::Done(reply)) => reply,
            // A preview is done at once: this is never reached.
            Ok(_) => plan.expire(),
            Err(error) => error.reply(&context.request_id),
        }
    }

    fn start(&mut self, request: &[u8], context: &Context, preview: bool) -> Result<Step, Error> {
        let keys = context.policy.as_ref().map_or(&[][..], |policy| &policy.keys);
        let operation = Operation::check_with_keys(Request::parse(request)?, keys)?;
        if let Some(policy) = &context.policy {
            policy.authorize_operation(operation.name())?;
        }
        let (options, does, warnings) = operation.into_parts();
        self.notation = options.notation;
        let command = match does {
            Does::Call(command) => {
                if let Some(policy) = &context.policy {
                    policy.authorize(&command)?;
                }
                command
            }
            Does::Answer(_) if options.dry_run || preview => {
                return Ok(Step::Done(self.finish(dry_run(&[], &warnings), false)));
            }
            Does::Answer(body) => return Ok(Step::Done(self.finish(body, false))),
        };
        if options.dry_run || preview {
            let warnings = advice::on(&command, Surroundings { request, notation: options.notation, keys }, warnings);
            return Ok(Step::Done(self.finish(dry_run(&[command], &warnings), false)));
        }
        if context.remaining_ms == Some(0) {
            return Err(Error::new(ErrorType::TimeoutException, "No time was left to start; nothing was sent"));
        }
        self.waiting.push(Waiting { ticket: 0, api: command.api });
        Ok(Step::Send(alloc::vec![Dispatch { ticket: 0, attempt: 0, command }]))
    }

    /// Takes the outcome of one command in.
    ///
    /// # Errors
    /// [`Misuse`] when none is awaited under that ticket.
    pub fn resume(&mut self, ticket: u32, mut outcome: Outcome, _remaining_ms: Option<u64>) -> Result<Step, Misuse> {
        let at =
            self.waiting.iter().position(|waiting| waiting.ticket == ticket).ok_or(Misuse::UnknownTicket(ticket))?;
        let waiting = self.waiting.remove(at);
        outcome.sort();
        let reply = match outcome.result {
            Ok(output) => self.success(waiting.api, output, outcome.request_id, outcome.retry_attempts),
            Err(error) => self.failure(waiting.api, error, outcome.request_id),
        };
        Ok(Step::Done(reply))
    }

    /// The call that is awaited under that ticket, for whoever has to read its outcome.
    pub fn awaited(&self, ticket: u32) -> Option<Api> {
        self.waiting.iter().find(|waiting| waiting.ticket == ticket).map(|waiting| waiting.api)
    }

    /// Time is up: the reply with what there is.
    pub fn expire(&mut self) -> Reply {
        let wrote = self.waiting.iter().any(|waiting| waiting.api.is_write());
        self.waiting.clear();
        let message = if wrote {
            "Time is up before the store answered; the write may have taken effect"
        } else {
            "Time is up before the store answered"
        };
        Error::new(ErrorType::TimeoutException, message).reply(&self.request_id)
    }

    fn success(&self, api: Api, mut output: Structure, request_id: Option<String>, retries: u32) -> Reply {
        let mut next = None;
        if let Some(left) = leftovers(api) {
            match output.get(left) {
                Some(Node::Map(tables)) if !tables.is_empty() => next = output.get(left).cloned(),
                _ => output.set(left, Node::Map(Vec::new())),
            }
        }
        let mut body = String::new();
        let mut object = Object::new(&mut body);
        output.write_members(&mut object, self.notation);
        if let Some(items) = next {
            self.write_next(object.member("next"), api, &items);
        }
        let mut metadata = Object::new(object.member("ResponseMetadata"));
        metadata.string("RequestId", request_id.as_deref().unwrap_or(&self.request_id));
        json::write_integer(metadata.member("HTTPStatusCode"), 200);
        json::write_integer(metadata.member("RetryAttempts"), retries);
        metadata.end();
        object.end();
        self.finish(body, api.is_write())
    }

    /// A complete request for what a batch left undone.
    fn write_next(&self, out: &mut String, api: Api, items: &Node) {
        let mut next = Object::new(out);
        next.string("operation", api.operation().as_str());
        let mut payload = Object::new(next.member("payload"));
        items.write(payload.member(Name::RequestItems.as_str()), self.notation);
        payload.end();
        if self.notation != Notation::default() {
            let mut options = Object::new(next.member("options"));
            if self.notation.format == Notation::WIRE.format {
                options.string("format", "dynamodb");
            } else {
                options.string("numbers", "tagged");
            }
            options.end();
        }
        next.end();
    }

    /// The store's words where they are for the caller; a general text where they are ours to act on.
    fn failure(&self, api: Api, error: StoreError, request_id: Option<String>) -> Reply {
        let known = ErrorType::parse(&error.error_type).filter(|known| {
            // The gate's own credentials or configuration are not the caller's business.
            !matches!(
                known,
                ErrorType::AccessDeniedException
                    | ErrorType::MissingAuthenticationTokenException
                    | ErrorType::InternalServerError
            )
        });
        let reply = match known {
            Some(known) => {
                let mut message = error.message;
                if error.may_have_happened && api.is_write() {
                    message.push_str("; the write may have taken effect");
                }
                Error::new(known, message).stored(error.item, error.cancellation_reasons, self.notation)
            }
            None => {
                Error::new(ErrorType::InternalServerError, internal_text(error.may_have_happened && api.is_write()))
            }
        };
        reply.store_request_id(request_id).reply(&self.request_id)
    }

    fn finish(&self, body: String, wrote: bool) -> Reply {
        let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
        match self.max_reply_bytes {
            Some(max) if length > max => {
                let done = if wrote { "; the write took effect" } else { "" };
                Error::new(
                    ErrorType::RequestEntityTooLargeException,
                    format!("The reply would be {length} bytes, more than the {max} that can be sent{done}"),
                )
                .hint("Ask for less: a Limit, or a ProjectionExpression")
                .reply(&self.request_id)
            }
            _ => Reply::success(body),
        }
    }
}

fn internal_text(may_have_happened: bool) -> String {
    let text = "Internal server error";
    if may_have_happened { format!("{text}; the write may have taken effect") } else { text.to_string() }
}

/// The member that says what a batch left undone.
fn leftovers(api: Api) -> Option<Name> {
    match api {
        Api::BatchGetItem => Some(Name::UnprocessedKeys),
        Api::BatchWriteItem => Some(Name::UnprocessedItems),
        _ => None,
    }
}

/// `{"commands": [..], "more": false, "warnings": [..]}`.
fn dry_run(commands: &[Command], warnings: &[Warning]) -> String {
    let mut body = String::new();
    let mut object = Object::new(&mut body);
    json::write_array(object.member("commands"), commands, |out, command| command.write(out));
    json::write_bool(object.member("more"), false);
    json::write_array(object.member("warnings"), warnings, |out, warning| warning.write(out));
    object.end();
    body
}
