//! One request's bytes become one reply: planned afresh, carried out against the store, within limits.
//!
//! The same for a request over HTTP and for `gateleg run`. Where the bytes come from, and where the reply goes, is left to
//! [`server`](crate::server) and [`run`](crate::run).

use std::sync::Arc;
use std::time::Duration;

use gateleg_core::context::Context;
use gateleg_core::error::{Error, ErrorType};
use gateleg_core::outcome::Outcome;
use gateleg_core::plan::{Plan, Step};
use gateleg_core::policy::Policy;
use gateleg_core::reply::Reply;
use gateleg_store::{BoxFuture, Limits, NativePlanner, Planner, PlannerError, Store, drive};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::sandbox::{GuestPlanner, Sandbox};

/// Who plans.
pub enum Planners {
    /// Core, called directly; for comparison.
    Native,
    /// A guest, in a fresh sandbox per request.
    Guest(Sandbox),
}

/// What one request may use.
#[derive(Clone, Debug)]
pub struct Ceilings {
    /// Time from the request's last byte to the reply.
    pub deadline: Duration,
    /// Most bytes of a reply's body.
    pub max_reply: usize,
    /// Most commands of one request under way at once.
    pub max_in_flight: u32,
    /// Most requests under way at once; more are told to come back.
    pub max_requests: u32,
}

impl Default for Ceilings {
    fn default() -> Self {
        Ceilings { deadline: Duration::from_secs(25), max_reply: 6 * 1024 * 1024, max_in_flight: 16, max_requests: 256 }
    }
}

/// The planner, the store, and what requests may do.
pub struct Gate {
    planners: Planners,
    store: Arc<dyn Store>,
    policy: Arc<Policy>,
    ceilings: Ceilings,
    places: Arc<Semaphore>,
}

impl Gate {
    /// A gate in front of that store.
    pub fn new(planners: Planners, store: Arc<dyn Store>, policy: Policy, ceilings: Ceilings) -> Self {
        let places = Arc::new(Semaphore::new(usize::try_from(ceilings.max_requests).unwrap_or(usize::MAX)));
        Gate { planners, store, policy: Arc::new(policy), ceilings, places }
    }

    /// Answers one request. What it started goes on if the returned future is dropped.
    pub async fn answer(&self, request: &[u8], request_id: &str, route: Option<&str>) -> Reply {
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
        let store = Arc::clone(&self.store);
        // What a guest replies was held to the contract, its size among it, when it came.
        match &self.planners {
            Planners::Native => {
                let (plan, step) = Plan::open(request, &context);
                drive(Placed { planner: NativePlanner(plan), _place: place }, step, store, limits).await
            }
            // Its time in its own code is limited too; but where many take turns, that is used up late.
            Planners::Guest(sandbox) => match open(sandbox, request, &context.to_text(), deadline).await {
                Ok((planner, step)) => drive(Placed { planner, _place: place }, step, store, limits).await,
                Err(error) => {
                    tracing::error!(request_id, %error, "the planner failed");
                    error.error().reply(request_id)
                }
            },
        }
    }

    /// Waits until what was under way has ended, or until the time is up: whether it ended.
    pub async fn settle(&self, time: Duration) -> bool {
        tokio::time::timeout(time, self.places.acquire_many(self.ceilings.max_requests)).await.is_ok()
    }

    async fn place(&self, deadline: Instant) -> Option<OwnedSemaphorePermit> {
        let patience = deadline.min(Instant::now() + Duration::from_secs(1));
        match tokio::time::timeout_at(patience, Arc::clone(&self.places).acquire_owned()).await {
            Ok(place) => place.ok(),
            Err(_) => None,
        }
    }

    fn context(&self, request_id: &str, route: Option<&str>, deadline: Instant) -> Context {
        let remaining = deadline.saturating_duration_since(Instant::now());
        Context {
            request_id: request_id.into(),
            policy: Some((*self.policy).clone()),
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

/// A planner that keeps its place among the requests under way for as long as its plan is carried out, whether or not
/// the caller still waits.
struct Placed<P> {
    planner: P,
    _place: OwnedSemaphorePermit,
}

impl<P: Planner> Planner for Placed<P> {
    fn resume(
        &mut self,
        ticket: u32,
        outcome: Outcome,
        remaining_ms: Option<u64>,
    ) -> BoxFuture<'_, Result<Step, PlannerError>> {
        self.planner.resume(ticket, outcome, remaining_ms)
    }

    fn expire(&mut self) -> BoxFuture<'_, Result<Reply, PlannerError>> {
        self.planner.expire()
    }
}
