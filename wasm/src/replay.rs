//! A whole session for JavaScript, step by step: what `wasm/replay.mjs` replays the corpus with. The page only previews, and does
//! not fetch this.

use alloc::string::String;
use alloc::vec::Vec;

use gateleg_core::json;
use gateleg_core::plan::{self, Dispatch};
use gateleg_core::reply::Reply;
use wasm_bindgen::prelude::*;

use crate::session;

/// One request on its way to a reply.
#[wasm_bindgen]
pub struct Session {
    inner: session::Session,
    first: Option<plan::Step>,
}

#[wasm_bindgen]
impl Session {
    /// Reads a request; `first` then says what to do.
    pub fn open(request: &[u8], context: &str) -> Session {
        let (inner, first) = session::Session::open(request, context);
        Session { inner, first: Some(first) }
    }

    /// The first step; once taken it is `undefined`.
    pub fn first(&mut self) -> Option<Step> {
        self.first.take().map(Step)
    }

    /// Takes the outcome of one command in, as JSON text, and says what to do next.
    ///
    /// # Errors
    /// Throws when no outcome is awaited under the ticket, or when it is not of the form; the session stays as it was.
    pub fn resume(&mut self, ticket: u32, outcome: &str, remaining_ms: Option<f64>) -> Result<Step, JsError> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the cast saturates, which is what is meant"
        )]
        let remaining_ms = remaining_ms.map(|ms| ms as u64);
        self.inner.resume(ticket, outcome, remaining_ms).map(Step).map_err(|error| JsError::new(&error))
    }

    /// Time is up: the step that holds the reply.
    pub fn expire(&mut self) -> Step {
        Step(plan::Step::Done(self.inner.expire()))
    }
}

/// What to do next.
#[wasm_bindgen]
pub struct Step(plan::Step);

#[wasm_bindgen]
impl Step {
    /// `"send"`, `"wait"` or `"done"`.
    #[wasm_bindgen(getter)]
    pub fn kind(&self) -> String {
        match &self.0 {
            plan::Step::Send(_) => "send",
            plan::Step::Wait => "wait",
            plan::Step::Done(_) => "done",
        }
        .into()
    }

    /// For `send`: how many commands there are to execute; otherwise 0.
    #[wasm_bindgen(getter)]
    pub fn count(&self) -> usize {
        self.dispatches().len()
    }

    /// The ticket of the command at `index`: what its outcome is handed back under.
    pub fn ticket(&self, index: usize) -> Option<u32> {
        self.dispatches().get(index).map(|dispatch| dispatch.ticket)
    }

    /// How often the work at `index` was sent before.
    pub fn attempt(&self, index: usize) -> Option<u32> {
        self.dispatches().get(index).map(|dispatch| dispatch.attempt)
    }

    /// The command at `index`: DynamoDB's wire JSON.
    pub fn command(&self, index: usize) -> Option<String> {
        self.dispatches().get(index).map(|dispatch| dispatch.command.to_text())
    }

    /// For `done`: the HTTP status.
    #[wasm_bindgen(getter)]
    pub fn status(&self) -> Option<u16> {
        self.reply().map(|reply| reply.status)
    }

    /// For `done`: the headers as JSON text, `[["name", "value"], ..]`, in order.
    #[wasm_bindgen(getter)]
    pub fn headers(&self) -> Option<String> {
        let reply = self.reply()?;
        let mut out = String::new();
        json::write_array(&mut out, &reply.headers, |out, (name, value)| write_pair(out, name, value));
        Some(out)
    }

    /// For `done` with an error: its type and message as JSON text, `["type", "message"]`.
    #[wasm_bindgen(getter)]
    pub fn error(&self) -> Option<String> {
        let (error_type, message) = self.reply()?.error.as_ref()?;
        let mut out = String::new();
        write_pair(&mut out, error_type, message);
        Some(out)
    }

    /// For `done`: the body's bytes.
    #[wasm_bindgen(getter)]
    pub fn body(&self) -> Option<Vec<u8>> {
        self.reply().map(|reply| reply.body.clone())
    }
}

impl Step {
    fn dispatches(&self) -> &[Dispatch] {
        match &self.0 {
            plan::Step::Send(dispatches) => dispatches,
            _ => &[],
        }
    }

    fn reply(&self) -> Option<&Reply> {
        match &self.0 {
            plan::Step::Done(reply) => Some(reply),
            _ => None,
        }
    }
}

fn write_pair(out: &mut String, first: &str, second: &str) {
    json::write_array(out, [first, second], json::write_string);
}
