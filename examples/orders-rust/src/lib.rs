//! An orders API as a handler for gateleg: requests become commands for DynamoDB, and their outcomes become replies.
//!
//! This file is the contract's side of it: `planner.wit`'s session, which holds a [`Task`]. What a request may say is in `request`,
//! what is done about it in `task`.

mod request;
mod task;

use std::cell::RefCell;

use serde_json::{Value, json};

use request::Request;
use task::Task;

wit_bindgen::generate!({ world: "guest", path: "../../wasm/planner.wit" });

use exports::gateleg::planner::planner::{Dispatch, Guest, GuestSession, Reply, Session, Step};

struct Orders;

impl Guest for Orders {
    type Session = Order;
}

export!(Orders);

/// One request on its way to a reply.
struct Order(RefCell<Task>);

impl GuestSession for Order {
    fn open(request: Vec<u8>, _context: String) -> (Session, Step) {
        let (task, step) = match Request::parse(&request) {
            Ok(request) => Task::start(request),
            Err(message) => (Task::Over, Step::Done(refuse(400, "BadRequest", &message))),
        };
        (Session::new(Order(RefCell::new(task))), step)
    }

    fn resume(&self, ticket: u32, outcome: String, _remaining_ms: Option<u64>) -> Result<Step, String> {
        let outcome: Value = serde_json::from_str(&outcome).map_err(|error| format!("expected an outcome: {error}"))?;
        self.0.borrow_mut().resume(ticket, &outcome)
    }

    fn expire(&self) -> Reply {
        self.0.borrow_mut().expire()
    }
}

/// Asks for one command. A command is DynamoDB's own JSON, under the name of the call.
fn send(ticket: u32, command: Value) -> Step {
    Step::Send(vec![Dispatch { ticket, attempt: 0, command: command.to_string() }])
}

/// A reply that is no error.
fn reply(status: u16, body: Value) -> Reply {
    let headers = vec![("content-type".into(), "application/json".into())];
    Reply { status, headers, error: None, body: body.to_string().into_bytes() }
}

/// A reply that is an error, in this API's own words.
fn refuse(status: u16, error: &str, message: &str) -> Reply {
    let mut refusal = reply(status, json!({ "error": error, "message": message }));
    refusal.error = Some((error.into(), message.into()));
    if status == 503 {
        refusal.headers.push(("retry-after".into(), "1".into()));
    }
    refusal
}
