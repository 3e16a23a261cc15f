//! One request's bytes become one reply: planned afresh, carried out against the store, within limits.
//!
//! The same for a request over HTTP and for `gateleg run`. Where the bytes come from, and where the reply goes, is left to
//! [`server`](crate::server) and [`run`](crate::run).

use std::sync::Arc;
use std::time::Duration;

use gateleg_core::context::Context;
use gateleg_core::error::{Error, ErrorType};
use gateleg_core::plan::{Plan, Step};
use gateleg_core::policy::Policy;
use gateleg_core::reply::Reply;
use gateleg_store::envelope::operation;
use gateleg_store::{Limits, NativePlanner, PlannerError, Store, drive};
use tokio::time::Instant;

use crate::metrics::Metrics;
use crate::sandbox::{GuestPlanner, Sandbox, Usage};
use meter::{MeteredPlanner, MeteredStore, Spent, Tally};
use penance::Penance;
use queue::{Places, Queue};

pub use readiness::{Question, Readiness};

mod meter;
mod penance;
mod queue;
mod readiness;

/// Who plans.
pub enum Planners {
    /// Core, called directly; for comparison.
    Native,
    /// A guest, in a fresh sandbox per request.
    Guest(Sandbox),
}

/// What one request may use, and how many there may be.
#[derive(Clone, Debug)]
pub struct Ceilings {
    /// Time from the request's last byte to the reply.
    pub deadline: Duration,
    /// Most bytes of a reply's body.
    pub max_reply: usize,
    /// Most commands of one request under way at once.
    pub max_in_flight: u32,
    /// Most requests under way at once.
    pub max_requests: u32,
    /// Most requests that wait for one of them to end; more are told to come back, at once.
    pub max_queue: u32,
}

impl Default for Ceilings {
    fn default() -> Self {
        Ceilings {
            deadline: Duration::from_secs(25),
            max_reply: 6 * 1024 * 1024,
            max_in_flight: 16,
            max_requests: 256,
            max_queue: 256,
        }
    }
}

/// What the gates of one server have in common: as many requests under way as the server takes, and the figures.
pub struct Shared {
    queue: Queue,
    metrics: Arc<Metrics>,
}

impl Shared {
    /// For as many requests as the ceilings say.
    pub fn new(ceilings: &Ceilings) -> Arc<Self> {
        Arc::new(Shared { queue: Queue::new(ceilings.max_requests, ceilings.max_queue), metrics: Arc::default() })
    }

    /// The figures, which the server adds its own to.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// Waits until what was under way has ended, or until the time is up: whether it ended.
    pub async fn settle(&self, time: Duration) -> bool {
        self.queue.settle(time).await
    }
}

/// The planner, the store, and what requests may do.
pub struct Gate {
    planners: Planners,
    store: Arc<dyn Store>,
    policy: Arc<Policy>,
    ceilings: Ceilings,
    /// Where fewer requests may be under way than all gates together may have.
    own: Option<Queue>,
    penance: Penance,
    shared: Arc<Shared>,
}

/// A reply, and what there is to say about it.
pub struct Account {
    /// The reply.
    pub reply: Reply,
    /// The operation: one of the protocol's, `other` or `none`.
    pub operation: &'static str,
    /// Calls of the store.
    pub calls: u32,
    /// Tables that they named.
    pub tables: usize,
}

impl Gate {
    /// A gate in front of that store, by itself.
    pub fn new(planners: Planners, store: Arc<dyn Store>, policy: Policy, ceilings: Ceilings) -> Self {
        let shared = Shared::new(&ceilings);
        Gate { planners, store, policy: Arc::new(policy), ceilings, own: None, penance: Penance::default(), shared }
    }

    /// The same as one of several gates, which takes as many requests as its ceilings say of those that all together take.
    pub fn beside(self, shared: &Arc<Shared>) -> Self {
        let own = Queue::new(self.ceilings.max_requests, self.ceilings.max_queue);
        Gate { own: Some(own), shared: Arc::clone(shared), ..self }
    }

    /// Answers one request. What it started goes on if the returned future is dropped.
    pub async fn answer(&self, request: &[u8], request_id: &str, route: Option<&str>) -> Reply {
        self.account(request, request_id, route).await.reply
    }

    /// [`Gate::answer`], with what there is to say about it.
    pub async fn account(&self, request: &[u8], request_id: &str, route: Option<&str>) -> Account {
        let (tally, began) = (Arc::new(Tally::begin()), Instant::now());
        let reply = self.reply(request, request_id, route, &tally).await;
        if tally.at_fault() {
            self.penance.of(began, began + self.ceilings.deadline).await;
        }
        Account { reply, operation: operation(request), calls: tally.calls(), tables: tally.tables() }
    }

    async fn reply(&self, request: &[u8], request_id: &str, route: Option<&str>, tally: &Arc<Tally>) -> Reply {
        let deadline = Instant::now() + self.ceilings.deadline;
        let Some(place) = self.place(deadline).await else {
            return Error::new(ErrorType::ServiceUnavailableException, "Too many requests are under way here")
                .hint("Nothing was done; send it again in a second")
                .reply(request_id);
        };
        let context = self.context(request_id, route, deadline);
        let limits = Limits {
            request_id: request_id.into(),
            policy: Arc::clone(&self.policy),
            deadline: Some(deadline),
            max_in_flight: usize::try_from(self.ceilings.max_in_flight).unwrap_or(usize::MAX),
        };
        let mut spent = Spent::new(self.metrics(), tally);
        let (store, metrics, tally) = (Arc::clone(&self.store), Arc::clone(self.metrics()), Arc::clone(tally));
        let store = Arc::new(MeteredStore { store, metrics, tally, policy: Arc::clone(&limits.policy) });
        let turn = spent.begin("plan open");
        // What a guest replies was held to the contract, its size among it, when it came.
        match &self.planners {
            Planners::Native => {
                let (plan, step) = Plan::open(request, &context);
                spent.end(turn);
                drive(MeteredPlanner::new(NativePlanner(plan), spent, place), step, store, limits).await
            }
            Planners::Guest(sandbox) => {
                // Its time in its own code is limited too; but where many take turns, that is used up late.
                let opened = open(sandbox, request, &context.to_text(), deadline).await;
                spent.end(turn);
                match opened {
                    Ok((planner, step)) => drive(MeteredPlanner::new(planner, spent, place), step, store, limits).await,
                    Err(error) => {
                        tracing::error!(request_id, %error, "the planner failed");
                        spent.failed(&error);
                        error.error().reply(request_id)
                    }
                }
            }
        }
    }

    async fn place(&self, deadline: Instant) -> Option<Places> {
        let own = match &self.own {
            Some(own) => Some(own.place(deadline, self.metrics()).await?),
            None => None,
        };
        Some(Places { _shared: self.shared.queue.place(deadline, self.metrics()).await?, _own: own })
    }

    /// What it shares with other gates of its server.
    pub fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    /// The figures.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.shared.metrics
    }

    /// What its sandboxes use, if it plans in sandboxes.
    pub fn usage(&self) -> Option<&Usage> {
        match &self.planners {
            Planners::Native => None,
            Planners::Guest(sandbox) => Some(sandbox.usage()),
        }
    }

    /// A question that the store will answer if it answers at all; none where requests never reach it.
    pub fn question(&self) -> Option<Question> {
        Question::about(&self.store, &self.policy)
    }

    fn context(&self, request_id: &str, route: Option<&str>, deadline: Instant) -> Context {
        let remaining = deadline.saturating_duration_since(Instant::now());
        Context {
            request_id: request_id.into(),
            policy: Some(Arc::clone(&self.policy)),
            remaining_ms: u64::try_from(remaining.as_millis()).ok(),
            max_reply_bytes: u64::try_from(self.ceilings.max_reply).ok(),
            max_in_flight: Some(self.ceilings.max_in_flight),
            route: route.map(Into::into),
            caller: None,
        }
    }
}

async fn open(
    sandbox: &Sandbox,
    request: &[u8],
    context: &str,
    deadline: Instant,
) -> Result<(GuestPlanner, Step), PlannerError> {
    match tokio::time::timeout_at(deadline, sandbox.open(request, context)).await {
        Ok(opened) => opened,
        Err(_) => Err(PlannerError::Timeout),
    }
}
