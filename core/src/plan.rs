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

mod answer;
mod batch;
mod pages;
mod rehearsal;
mod sum;

use alloc::string::String;
use alloc::vec::Vec;

use crate::advice::{self, Surroundings};
use crate::command::{Api, Command};
use crate::context::Context;
use crate::error::{Error, ErrorType};
use crate::json::{self, Object};
use crate::operate::{Does, Operation};
use crate::outcome::Outcome;
use crate::reply::Reply;
use crate::request::Options;
use crate::tree::Structure;
use crate::warning::Warning;

use answer::{Answer, Failure};
use batch::Batch;
use pages::Pages;
use rehearsal::Stage;

pub use pages::MAX_PAGES;

/// How many commands are under way at once where the context does not say.
const MAX_IN_FLIGHT: usize = 8;

/// One request on its way to a reply.
#[derive(Debug)]
pub struct Plan {
    answer: Answer,
    work: Work,
    waiting: Vec<Waiting>,
    next_ticket: u32,
    max_in_flight: usize,
}

/// What a plan is about.
#[derive(Debug)]
enum Work {
    /// Nothing any more.
    Done,
    /// One call, whose outcome is the reply; the command until it is sent.
    Call(Option<Command>),
    Pages(Pages),
    Batch(Batch),
}

/// A command whose outcome is awaited.
#[derive(Debug)]
struct Waiting {
    ticket: u32,
    api: Api,
    /// Which part of the work it is.
    part: usize,
}

/// A command that part of the work has to send.
#[derive(Debug)]
struct Sending {
    part: usize,
    attempt: u32,
    command: Command,
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

impl Work {
    /// Takes the answer to one part in.
    fn take(&mut self, part: usize, result: Result<Structure, Failure>, answer: &Answer) {
        match self {
            Work::Done | Work::Call(_) => {}
            Work::Pages(pages) => pages.take(part, result, answer),
            Work::Batch(batch) => batch.take(part, result, answer),
        }
    }

    /// The same for an answer that is made up: no reply will tell of it.
    fn imagine(&mut self, part: usize, output: Structure) {
        match self {
            Work::Done | Work::Call(_) => {}
            Work::Pages(pages) => pages.imagine(part, output),
            Work::Batch(batch) => batch.imagine(part, output),
        }
    }

    /// At most so many commands, to be sent now.
    fn send(&mut self, room: usize, remaining_ms: Option<u64>) -> Vec<Sending> {
        match self {
            Work::Done => Vec::new(),
            Work::Call(command) => {
                command.take().map(|command| Sending { part: 0, attempt: 0, command }).into_iter().collect()
            }
            Work::Pages(pages) => pages.send(room),
            Work::Batch(batch) => batch.send(room, remaining_ms),
        }
    }

    /// Whether there may be commands after those that were sent first.
    fn has_more(&self) -> bool {
        match self {
            Work::Done | Work::Call(_) => false,
            Work::Pages(pages) => pages.has_more(),
            Work::Batch(batch) => batch.has_more(),
        }
    }
}

/// How long to wait before work is sent for the `attempt`-th time again, in milliseconds: 50, doubling up to 1,600. Whoever
/// sends may wait less, by chance, so that plans that began together do not come back together.
pub const fn pause_ms(attempt: u32) -> u64 {
    match attempt {
        0 => 0,
        1..6 => 50 << (attempt - 1),
        _ => 1_600,
    }
}

/// Every call of a batch, if nothing is left over of any.
pub(crate) fn calls(command: Command, keys: &[(String, Vec<String>)]) -> Vec<Command> {
    let nothing_left = Structure::new(command.api.output());
    let mut batch = Batch::new(command, keys);
    let mut calls = Vec::new();
    loop {
        let sends = batch.send(usize::MAX, None);
        if sends.is_empty() {
            return calls;
        }
        for Sending { part, command, .. } in sends {
            batch.imagine(part, nothing_left.clone());
            calls.push(command);
        }
    }
}

impl Plan {
    /// Reads a request. A refusal is a plan that is already done.
    pub fn open(request: &[u8], context: &Context) -> (Plan, Step) {
        let mut plan = Plan::new(context, context.max_reply_bytes);
        let step = plan.start(request, context).unwrap_or_else(|error| Step::Done(error.reply(&context.request_id)));
        (plan, step)
    }

    /// What [`Plan::open`] would send first, as the reply to a dry run, or the refusal: whatever the request's `options.dryRun` says.
    pub fn preview(request: &[u8], context: &Context) -> Reply {
        match Operation::admit(request, context) {
            Ok(operation) => Reply::success(Plan::new(context, None).outlook(operation, request, context)),
            Err(error) => error.reply(&context.request_id),
        }
    }

    fn new(context: &Context, max_reply_bytes: Option<u64>) -> Self {
        let in_flight = context.max_in_flight.and_then(|most| usize::try_from(most).ok());
        Plan {
            answer: Answer::new(&context.request_id, max_reply_bytes),
            work: Work::Done,
            waiting: Vec::new(),
            next_ticket: 0,
            max_in_flight: in_flight.unwrap_or(MAX_IN_FLIGHT).max(1),
        }
    }

    fn start(&mut self, request: &[u8], context: &Context) -> Result<Step, Error> {
        let operation = Operation::admit(request, context)?;
        if operation.is_dry_run() {
            let body = self.outlook(operation, request, context);
            return Ok(Step::Done(self.answer.finish(body, false)));
        }
        let (mut options, does, _) = operation.into_parts();
        self.answer.notation = options.notation;
        let command = match does {
            Does::Call(command) => command,
            Does::Answer(body) => return Ok(Step::Done(self.answer.finish(body, false))),
        };
        if context.remaining_ms == Some(0) {
            return Err(Error::new(ErrorType::TimeoutException, "No time was left to start; nothing was sent"));
        }
        self.begin(command, &mut options, context);
        if let Work::Batch(batch) = &mut self.work {
            batch.make_room(&self.answer);
        }
        let sends = self.work.send(self.max_in_flight, None);
        Ok(self.step(sends))
    }

    /// The answer to a dry run: `{"commands": [..], "more": false, "warnings": [..]}`, and for a plan of more steps than this
    /// one also how it could go on: `"sequence": [{"calls", "pauseMs", "command", "outcome"}]`. Nothing that replies to outcomes
    /// is reached from here, so that a page which only previews does not fetch it.
    fn outlook(&mut self, operation: Operation, request: &[u8], context: &Context) -> String {
        let (mut options, does, warnings) = operation.into_parts();
        let Does::Call(command) = does else { return planned(&[], false, &[], &warnings) };
        let around = Surroundings { request, notation: options.notation, keys: context.keys() };
        let warnings = advice::on(&command, around, warnings);
        self.begin(command, &mut options, context);
        let sends = self.work.send(self.max_in_flight, None);
        if !self.work.has_more() {
            let commands: Vec<_> = sends.into_iter().map(|sending| sending.command).collect();
            return planned(&commands, false, &[], &warnings);
        }
        let commands: Vec<_> = sends.iter().map(|sending| sending.command.clone()).collect();
        let stages = rehearsal::stages(sends, context.keys(), &mut |outcomes| {
            outcomes.into_iter().for_each(|(part, outcome)| self.work.imagine(part, outcome));
            self.work.send(self.max_in_flight, None)
        });
        planned(&commands, true, &stages, &warnings)
    }

    /// Takes up the work that a command is.
    fn begin(&mut self, command: Command, options: &mut Options, context: &Context) {
        let ceilings = context.policy().map(|policy| policy.ceilings).unwrap_or_default();
        self.work = match command.api {
            Api::Scan | Api::Query => Work::Pages(Pages::new(command, options, &ceilings)),
            Api::BatchGetItem | Api::BatchWriteItem => {
                Work::Batch(Batch::new(command, context.keys()).at_most(ceilings.commands))
            }
            _ => Work::Call(Some(command)),
        };
    }

    /// Takes the outcome of one command in.
    ///
    /// # Errors
    /// [`Misuse`] when none is awaited under that ticket.
    pub fn resume(&mut self, ticket: u32, mut outcome: Outcome, remaining_ms: Option<u64>) -> Result<Step, Misuse> {
        let at =
            self.waiting.iter().position(|waiting| waiting.ticket == ticket).ok_or(Misuse::UnknownTicket(ticket))?;
        let Waiting { api, part, .. } = self.waiting.remove(at);
        outcome.sort();
        self.answer.heard(outcome.request_id.as_ref(), outcome.retry_attempts);
        let request_id = outcome.request_id;
        let result = outcome.result.map_err(|error| Failure { error, request_id });
        if let Work::Call(_) = self.work {
            self.work = Work::Done;
            return Ok(Step::Done(self.answer_call(api, result)));
        }
        self.work.take(part, result, &self.answer);
        let sends = self.work.send(self.max_in_flight.saturating_sub(self.waiting.len()), remaining_ms);
        Ok(self.step(sends))
    }

    /// The call that is awaited under that ticket, for whoever has to read its outcome.
    pub fn awaited(&self, ticket: u32) -> Option<Api> {
        self.waiting.iter().find(|waiting| waiting.ticket == ticket).map(|waiting| waiting.api)
    }

    /// Time is up: the reply with what there is, and where to go on.
    pub fn expire(&mut self) -> Reply {
        let wrote = self.waiting.iter().any(|waiting| waiting.api.is_write());
        self.waiting.clear();
        match core::mem::replace(&mut self.work, Work::Done) {
            Work::Pages(mut pages) if pages.has_something() => return pages.finish(&self.answer),
            Work::Batch(mut batch) if batch.has_something() => return batch.finish(&self.answer),
            _ => {}
        }
        let message = if wrote {
            "Time is up before the store answered; the write may have taken effect"
        } else {
            "Time is up before the store answered"
        };
        Error::new(ErrorType::TimeoutException, message).reply(&self.answer.request_id)
    }

    fn step(&mut self, sends: Vec<Sending>) -> Step {
        if !sends.is_empty() {
            return Step::Send(sends.into_iter().map(|sending| self.dispatch(sending)).collect());
        }
        if !self.waiting.is_empty() {
            return Step::Wait;
        }
        Step::Done(match core::mem::replace(&mut self.work, Work::Done) {
            Work::Pages(mut pages) => pages.finish(&self.answer),
            Work::Batch(mut batch) => batch.finish(&self.answer),
            // A call is answered by its outcome, and what is done has been answered: this is never reached.
            Work::Call(_) | Work::Done => {
                Error::new(ErrorType::InternalServerError, "Internal server error").reply(&self.answer.request_id)
            }
        })
    }

    fn dispatch(&mut self, sending: Sending) -> Dispatch {
        let Sending { part, attempt, command } = sending;
        let ticket = self.next_ticket;
        self.next_ticket = self.next_ticket.wrapping_add(1);
        self.waiting.push(Waiting { ticket, api: command.api, part });
        Dispatch { ticket, attempt, command }
    }

    fn answer_call(&self, api: Api, result: Result<Structure, Failure>) -> Reply {
        match result {
            Ok(output) => {
                let body = self.answer.body(0, |object| output.write_members(object, self.answer.notation));
                self.answer.finish(body, api.is_write())
            }
            Err(failure) => self.answer.refuse(self.answer.failure(api, failure)),
        }
    }
}

/// What [`Plan::outlook`] says.
fn planned(commands: &[Command], more: bool, stages: &[Stage], warnings: &[Warning]) -> String {
    let mut body = String::new();
    let mut object = Object::new(&mut body);
    json::write_array(object.member("commands"), commands, |out, command| command.write(out));
    json::write_bool(object.member("more"), more);
    if !stages.is_empty() {
        json::write_array(object.member("sequence"), stages, |out, stage| stage.write(out));
    }
    json::write_array(object.member("warnings"), warnings, |out, warning| warning.write(out));
    object.end();
    body
}
