//! The face for a host: the component's `session` resource, over core's plan.
//!
//! Commands cross as wire JSON, replies as they are.

use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use gateleg_core::{plan, reply};

use crate::session;

mod bindings {
    #![allow(missing_docs, unused_qualifications, reason = "generated")]
    wit_bindgen::generate!({ world: "guest", path: "planner.wit" });
}

use bindings::exports::gateleg::planner::planner::{self as wit, Guest, GuestSession};

struct Planner;

struct Session(RefCell<session::Session>);

impl Guest for Planner {
    type Session = Session;
}

impl GuestSession for Session {
    fn open(request: Vec<u8>, context: String) -> (wit::Session, wit::Step) {
        let (session, step) = session::Session::open(&request, &context);
        (wit::Session::new(Session(RefCell::new(session))), step.into())
    }

    fn resume(&self, ticket: u32, outcome: String, remaining_ms: Option<u64>) -> Result<wit::Step, String> {
        self.0.borrow_mut().resume(ticket, &outcome, remaining_ms).map(wit::Step::from)
    }

    fn expire(&self) -> wit::Reply {
        self.0.borrow_mut().expire().into()
    }
}

impl From<plan::Step> for wit::Step {
    fn from(step: plan::Step) -> Self {
        match step {
            plan::Step::Send(dispatches) => wit::Step::Send(dispatches.into_iter().map(wit::Dispatch::from).collect()),
            plan::Step::Wait => wit::Step::Wait,
            plan::Step::Done(reply) => wit::Step::Done(reply.into()),
        }
    }
}

impl From<plan::Dispatch> for wit::Dispatch {
    fn from(dispatch: plan::Dispatch) -> Self {
        wit::Dispatch { ticket: dispatch.ticket, attempt: dispatch.attempt, command: dispatch.command.to_text() }
    }
}

impl From<reply::Reply> for wit::Reply {
    fn from(reply: reply::Reply) -> Self {
        wit::Reply { status: reply.status, headers: reply.headers, error: reply.error, body: reply.body }
    }
}

mod exports {
    #![expect(
        unsafe_code,
        reason = "the component's ABI, generated: exported functions that take pointers into its memory"
    )]
    use super::{Planner, bindings};
    bindings::export!(Planner with_types_in bindings);
}
