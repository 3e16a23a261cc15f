//! One invocation becomes its [`Answer`]: the event is read, its request planned and carried out, the reply put into shape.
//!
//! Whatever goes wrong on the way, there is an answer. Fetching invocations and posting answers is left to
//! [`crate::runtime_api`].

use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use gateleg_core::context::Context;
use gateleg_core::error::{Error, ErrorType};
use gateleg_core::plan::{Plan, Step};
use gateleg_core::policy::Policy;
use gateleg_core::reply::Reply;
use gateleg_store::dynamodb::wire::WireDynamoDb;
use gateleg_store::labels::{LabelledStore, Labels};
use gateleg_store::policy::RouteLimits;
use gateleg_store::{Limits, NativePlanner, Store, drive, envelope};
use tokio::time::Instant;

use crate::account::{Account, Accounts, Calls, CountedStore, counted};
use crate::answer::Answer;
use crate::event::{Event, Shape};
use crate::settings::Rights;

/// What one request may have under way at once.
const MAX_IN_FLIGHT: u32 = 16;

/// The time kept for writing and posting an answer once the reply is due.
const MARGIN: Duration = Duration::from_millis(500);

/// The gate in front of DynamoDB: made once, answers every invocation.
#[derive(Clone)]
pub struct Gate {
    store: WireDynamoDb,
    policy: Arc<Policy>,
    labels: Arc<Labels>,
    limits: RouteLimits,
    accounts: Accounts,
    allow_origin: Option<String>,
}

/// One invocation, as Lambda hands it out.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// Lambda's id for it; the id of the request too.
    pub request_id: String,
    /// When Lambda cuts it off.
    pub deadline: Option<Instant>,
    /// X-Ray's header, `Root=1-..;Parent=..;Sampled=1`, which goes on to DynamoDB.
    pub trace: Option<String>,
    /// The event's bytes, untouched.
    pub event: Bytes,
}

impl Gate {
    /// A gate in front of that store, which lets pass what the function may do.
    pub fn new(store: WireDynamoDb, rights: Rights, accounts: Accounts) -> Self {
        let Rights { policy, labels, limits } = rights;
        Gate { store, policy: Arc::new(policy), labels: Arc::new(labels), limits, accounts, allow_origin: None }
    }

    /// The same, which lets the pages of that origin read replies.
    #[must_use]
    pub fn allowing(self, origin: Option<String>) -> Self {
        Gate { allow_origin: origin, ..self }
    }

    /// Answers an invocation; what it did is to be accounted for once the answer is on its way.
    pub async fn answer(&self, invocation: Invocation) -> (Answer, Account) {
        let started = Instant::now();
        let request_id = invocation.request_id.clone();
        let trace_id = invocation.trace.as_deref().and_then(root).map(String::from);
        let store: Arc<dyn Store> = Arc::new(self.store.traced(invocation.trace.as_deref()));
        let (store, calls) = CountedStore::over(LabelledStore::over(store, (*self.labels).clone()));
        let known = Arc::new(OnceLock::new());
        let work = self.clone().work(invocation, store, Arc::clone(&known));
        let answer = rescue(&known, &request_id, self.allow_origin.as_deref(), work).await;
        let Known { shape, operation, table } = known.get().cloned().unwrap_or_default();
        let calls: Calls = counted(&calls).clone();
        let account = Account {
            request_id,
            trace_id,
            shape: shape.as_str(),
            operation,
            table,
            status: answer.status,
            error_type: answer.error_type.clone(),
            rule: answer.rule,
            latency: started.elapsed(),
            calls,
        };
        (answer, account)
    }

    /// Writes the line about an invocation.
    pub fn account(&self, account: &Account) {
        self.accounts.write(account);
    }

    async fn work(self, invocation: Invocation, store: Arc<dyn Store>, known: Arc<OnceLock<Known>>) -> Answer {
        let Invocation { request_id, deadline, trace: _, event } = invocation;
        let event = Event::read(&event);
        let shape = known.get_or_init(|| Known::of(&event)).shape;
        let (reply, sent_write) = match event.request {
            Ok(request) => match self.limits.body {
                Some(most) if request.len() > most => (refusal(&too_large(most), &request_id), false),
                _ => self.carry_out(&request, shape, &request_id, store, self.due(deadline)).await,
            },
            Err(error) => (refusal(&error, &request_id), false),
        };
        shaped(shape, reply, sent_write, &request_id, self.allow_origin.as_deref())
    }

    /// When the reply is due: in time for Lambda, and within the function's own deadline.
    fn due(&self, deadline: Option<Instant>) -> Option<Instant> {
        let now = Instant::now();
        let own = self.limits.deadline.map(|time| now + time);
        deadline.map(|deadline| due(deadline, now)).into_iter().chain(own).min()
    }

    /// The reply to a request, and whether a write was sent for it.
    async fn carry_out(
        &self,
        request: &[u8],
        shape: Shape,
        request_id: &str,
        store: Arc<dyn Store>,
        due: Option<Instant>,
    ) -> (Reply, bool) {
        let remaining = due.map(|due| due.saturating_duration_since(Instant::now()));
        let own = self.limits.reply.and_then(|most| u64::try_from(most).ok()).unwrap_or(u64::MAX);
        let context = Context {
            request_id: request_id.into(),
            policy: Some(Arc::clone(&self.policy)),
            remaining_ms: remaining.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
            max_reply_bytes: Some(shape.max_reply_bytes().min(own)),
            max_in_flight: Some(MAX_IN_FLIGHT),
            ..Context::default()
        };
        let (plan, first) = Plan::open(request, &context);
        let sends_write = match &first {
            Step::Send(dispatches) => dispatches.iter().any(|dispatch| dispatch.command.api.is_write()),
            Step::Wait | Step::Done(_) => false,
        };
        let limits = Limits {
            request_id: request_id.into(),
            policy: Arc::clone(&self.policy),
            deadline: due,
            max_in_flight: usize::try_from(MAX_IN_FLIGHT).unwrap_or(1),
        };
        (drive(NativePlanner(plan), first, store, limits).await, sends_write)
    }
}

/// What an event shows of itself before any work is done.
#[derive(Clone, Debug)]
struct Known {
    shape: Shape,
    operation: &'static str,
    table: Option<String>,
}

impl Known {
    fn of(event: &Event) -> Self {
        let request = event.request.as_deref().unwrap_or_default();
        let table = envelope::table(request).map(String::from);
        Known { shape: event.shape, operation: envelope::operation(request), table }
    }
}

impl Default for Known {
    fn default() -> Self {
        Known { shape: Shape::Direct, operation: "none", table: None }
    }
}

/// The id of the whole trace: the root that the header names.
fn root(trace: &str) -> Option<&str> {
    trace.split(';').find_map(|part| part.trim().strip_prefix("Root="))
}

/// When a reply is due: the margin before the deadline, but at least half of the time that is left is for the work.
fn due(deadline: Instant, now: Instant) -> Instant {
    let left = deadline.saturating_duration_since(now);
    deadline.checked_sub(MARGIN.min(left / 2)).unwrap_or(deadline)
}

fn too_large(most: usize) -> Error {
    Error::new(ErrorType::RequestEntityTooLargeException, format!("The request's body is more than {most} bytes"))
        .hint("Split the request")
}

fn refusal(error: &Error, request_id: &str) -> Reply {
    let mut reply = error.reply(request_id);
    if error.error_type() == ErrorType::MethodNotAllowedException {
        reply.headers.push(("allow".into(), "POST".into()));
    }
    reply
}

/// The answer in that shape, which the pages of that origin may read.
fn shaped(shape: Shape, mut reply: Reply, sent_write: bool, request_id: &str, allow_origin: Option<&str>) -> Answer {
    if let Some(origin) = allow_origin {
        reply.headers.push(("access-control-allow-origin".into(), origin.into()));
    }
    Answer::new(shape, &reply, sent_write, request_id)
}

/// Runs the work as a task, where a panic ends no more than the task, and answers for it if it comes to that.
async fn rescue(
    known: &OnceLock<Known>,
    request_id: &str,
    allow_origin: Option<&str>,
    work: impl Future<Output = Answer> + Send + 'static,
) -> Answer {
    match tokio::spawn(work).await {
        Ok(answer) => answer,
        Err(failure) => {
            // What a panic says may quote a value; where it was, the panic hook has logged.
            tracing::error!(request_id, panic = failure.is_panic(), "answering an invocation failed");
            let shape = known.get().cloned().unwrap_or_default().shape;
            let error = Error::new(ErrorType::InternalServerError, "Internal server error");
            shaped(shape, error.reply(request_id), false, request_id, allow_origin)
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn a_panic_becomes_an_internal_server_error_in_the_shape_of_its_event() {
        let known = OnceLock::from(Known { shape: Shape::Http, ..Known::default() });
        let answer = rescue(&known, "r-1", Some("*"), async { panic!("as a test") }).await;
        assert_eq!((answer.failure, answer.status), (None, 500));
        let body = String::from_utf8(answer.body).unwrap();
        assert!(body.starts_with(r#"{"statusCode":500,"#), "{body}");
        assert!(body.contains(r#"\"message\":\"Internal server error\""#), "{body}");
        assert!(body.contains(r#""access-control-allow-origin":"*""#), "{body}");

        let answer = rescue(&OnceLock::new(), "r-1", None, async { panic!("before the shape is known") }).await;
        assert_eq!(answer.failure.as_deref(), Some("InternalServerError"));
    }

    #[test]
    fn a_reply_is_due_half_a_second_before_the_deadline_or_halfway_to_it() {
        let now = Instant::now();
        for (left, expected) in [(3000, 2500), (800, 400), (0, 0)] {
            assert_eq!(due(now + Duration::from_millis(left), now) - now, Duration::from_millis(expected));
        }
    }
}
