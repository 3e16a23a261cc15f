//! A request of `import` or `export` becomes an answer to act on: while the store is busy it is asked again, after growing
//! pauses, and what a batch has left over is sent on its way.
//!
//! The caller's part of the protocol, as a reply asks for it: 429, 503 and 504 say to come back, `next` is a request for the
//! rest. What a refusal means is left to whoever asked.

use std::time::Duration;

use gateleg_core::json::Json;
use gateleg_core::plan::pause_ms;
use gateleg_core::reply::Reply;
use uuid::Uuid;

use crate::failure::Failure;
use crate::gate::{Ceilings, Gate};
use crate::pretty::visible;

/// How often in a row the store may be found busy, with nothing done, before we stop: some six seconds of pauses, besides
/// those of the store's client between its own attempts.
const PATIENCE: u32 = 8;

/// What became of a request.
pub enum Answer {
    /// All of it is done.
    Done(Reply),
    /// The store was busy for too long; some of it may be done.
    Busy(Reply),
    /// It was refused; some of it may be done.
    Refused(Reply),
}

/// What one request of a long command may use.
pub fn ceilings(requests: u32) -> Ceilings {
    Ceilings {
        deadline: Duration::from_secs(60),
        // A page of DynamoDB's is 1 MB; written out, with every character escaped, it can be a multiple of that.
        max_reply: 16 * 1024 * 1024,
        max_requests: requests,
        ..Ceilings::default()
    }
}

/// Asks until there is an answer that stays. `waits` is called before every pause.
pub async fn ask(gate: &Gate, request: Vec<u8>, waits: impl Fn()) -> Answer {
    let mut request = request;
    let mut tries = 0;
    loop {
        let reply = gate.answer(&request, &Uuid::new_v4().to_string(), None).await;
        match reply.status {
            429 | 503 | 504 => {}
            ..400 => match rest(&reply) {
                Rest::Nothing => return Answer::Done(reply),
                Rest::Unsaid => return Answer::Busy(reply),
                Rest::Next(next) => {
                    if next.len() < request.len() {
                        tries = 0;
                    }
                    request = next;
                }
            },
            _ => return Answer::Refused(reply),
        }
        tries += 1;
        if tries >= PATIENCE {
            return Answer::Busy(reply);
        }
        waits();
        tokio::time::sleep(Duration::from_millis(pause_ms(tries))).await;
    }
}

/// What a successful reply says is still to be done.
enum Rest {
    Nothing,
    Next(Vec<u8>),
    /// Something, but the reply had no room for a request for it.
    Unsaid,
}

fn rest(reply: &Reply) -> Rest {
    let Ok(body) = Json::parse(&reply.body) else { return Rest::Unsaid };
    match (body.get("next"), body.get("UnprocessedItems")) {
        (Some(next), _) => Rest::Next(next.to_text().into_bytes()),
        (None, Some(Json::Object(tables))) if !tables.is_empty() => Rest::Unsaid,
        _ => Rest::Nothing,
    }
}

/// What an error reply says, for a person.
#[derive(Debug)]
pub struct Told {
    /// The error's `__type`.
    pub error_type: String,
    /// The message.
    pub message: String,
    /// The rule that was broken, if it was one of ours.
    pub rule: Option<String>,
    /// The place in the request, if it is known.
    pub path: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Told {
    /// Reads the body of an error reply.
    pub fn of(reply: &Reply) -> Self {
        let (error_type, message) = reply.error.clone().unwrap_or_default();
        let body = Json::parse(&reply.body).ok();
        let text = |name| body.as_ref().and_then(|body| body.get(name)).and_then(Json::as_str).map(visible);
        Told {
            error_type,
            message: visible(&message),
            rule: text("rule"),
            path: body.as_ref().and_then(|body| body.get("path")).and_then(Json::as_str).map(String::from),
            hint: text("hint"),
        }
    }

    /// Why a command ends that was about no line in particular.
    pub fn failure(self, table: &str, done: &str) -> Failure {
        let missing = self.error_type == "ResourceNotFoundException";
        let failure = Failure::new(format!("table {}: {}\n  {done}", visible(table), self.message));
        match self.hint {
            Some(hint) => failure.hint(hint),
            None if missing => failure.hint(format!(
                "See the embedded store's tables with: gateleg table list. To make one: gateleg table create {} --key id:S",
                visible(table)
            )),
            None if self.error_type == "InternalServerError" => failure.hint("The log above says more"),
            None => failure,
        }
    }
}

/// Why a command ends whose store was busy for too long.
pub fn too_busy(reply: &Reply, done: &str, go_on: &str) -> Failure {
    let message = match &reply.error {
        Some((_, message)) => visible(message),
        None => "The store leaves writes undone".into(),
    };
    Failure::new(format!("gave up: {message}, {PATIENCE} times in a row\n  {done}")).hint(go_on)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use gateleg_core::command::{Api, Command};
    use gateleg_core::outcome::{Outcome, StoreError};
    use gateleg_core::policy::Policy;
    use gateleg_store::{BoxFuture, Store};

    use super::*;
    use crate::gate::Planners;

    /// Does what it is told, but for the calls of these numbers, which find it busy.
    struct Sometimes {
        busy: std::ops::Range<u32>,
        calls: AtomicU32,
    }

    impl Store for Sometimes {
        fn execute(&self, command: Command) -> BoxFuture<'_, Outcome> {
            let call = self.calls.fetch_add(1, Ordering::Relaxed);
            let outcome = match (self.busy.contains(&call), command.api) {
                (true, _) => Outcome::error(StoreError::new("ThrottlingException", "Slow down")),
                (false, Api::BatchWriteItem) => {
                    Outcome::parse(command.api, r#"{"ok":{"UnprocessedItems":{}}}"#).unwrap()
                }
                (false, _) => Outcome::error(StoreError::new("ResourceNotFoundException", "No such table")),
            };
            Box::pin(std::future::ready(outcome))
        }
    }

    async fn check(busy: std::ops::Range<u32>, request: &str, ends: &str, calls: u32) {
        let store = Arc::new(Sometimes { busy, calls: AtomicU32::new(0) });
        let gate = Gate::new(Planners::Native, Arc::clone(&store) as Arc<dyn Store>, Policy::allow_all(), ceilings(1));
        let (kind, reply) = match ask(&gate, request.into(), || {}).await {
            Answer::Done(reply) => ("done", reply),
            Answer::Busy(reply) => ("busy", reply),
            Answer::Refused(reply) => ("refused", reply),
        };
        assert_eq!((kind, store.calls.load(Ordering::Relaxed)), (ends, calls), "{}", reply.text());
    }

    /// Two calls of BatchWriteItem.
    fn thirty() -> String {
        let items: Vec<String> = (0..30).map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
        format!(r#"{{"operation":"batchWrite","tableName":"people","payload":{{"Put":[{}]}}}}"#, items.join(","))
    }

    #[tokio::test]
    async fn a_busy_store_is_asked_again() {
        check(0..0, &thirty(), "done", 2).await;
        check(0..2, &thirty(), "done", 4).await;
    }

    #[tokio::test]
    async fn what_a_batch_has_left_over_is_sent_on_its_way() {
        check(1..3, &thirty(), "done", 4).await;
    }

    #[tokio::test]
    async fn a_store_that_stays_busy_is_left_alone_at_last() {
        let thirty = thirty();
        let never = check(0..u32::MAX, &thirty, "busy", PATIENCE);
        // The first call is done; what is left never is.
        let in_part = check(1..u32::MAX, &thirty, "busy", PATIENCE + 1);
        tokio::join!(never, in_part);
    }

    #[tokio::test]
    async fn a_refusal_is_not_sent_again() {
        check(0..0, r#"{"operation":"list","tableName":"people"}"#, "refused", 1).await;
    }
}
