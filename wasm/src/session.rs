//! Core's plan with texts for context and outcomes, as they cross every boundary of wasm.

use alloc::string::{String, ToString as _};

use gateleg_core::context::Context;
use gateleg_core::error::Error;
use gateleg_core::outcome::Outcome;
use gateleg_core::plan::{Misuse, Plan, Step};
use gateleg_core::reply::Reply;

/// One request on its way to a reply.
pub(crate) struct Session(Plan);

impl Session {
    /// Reads a request. A context that cannot be read is a refusal too, so that nothing here fails.
    pub(crate) fn open(request: &[u8], context: &str) -> (Session, Step) {
        let (context, refusal) = match Context::parse(context) {
            Ok(context) => (context, None),
            Err(error) => (Context::default(), Some(Error::from(error).reply(""))),
        };
        match refusal {
            None => {
                let (plan, step) = Plan::open(request, &context);
                (Session(plan), step)
            }
            // Nothing is no request, so this plan is done.
            Some(reply) => (Session(Plan::open(b"", &context).0), Step::Done(reply)),
        }
    }

    /// Takes the outcome of one command in; an error says why it was not taken, and leaves the session as it was.
    pub(crate) fn resume(&mut self, ticket: u32, outcome: &str, remaining_ms: Option<u64>) -> Result<Step, String> {
        let api = self.0.awaited(ticket).ok_or_else(|| Misuse::UnknownTicket(ticket).to_string())?;
        let outcome = Outcome::parse(api, outcome).map_err(|error| error.to_string())?;
        self.0.resume(ticket, outcome, remaining_ms).map_err(|misuse| misuse.to_string())
    }

    /// Time is up.
    pub(crate) fn expire(&mut self) -> Reply {
        self.0.expire()
    }
}
