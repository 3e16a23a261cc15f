//! A plan's steps become calls of a store, and their outcomes go back to the plan, until there is a reply.
//!
//! Every command is authorised here, whatever the planner thought of it, and counted against the policy's ceilings. Retrying
//! throttled calls is left to the store.

use std::collections::VecDeque;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gateleg_core::error::{Error, ErrorType};
use gateleg_core::outcome::{Outcome, StoreError};
use gateleg_core::plan::{Dispatch, Misuse, Plan, Step, pause_ms};
use gateleg_core::policy::Policy;
use gateleg_core::reply::Reply;
use gateleg_core::rule::Rule;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::budget::{Budget, Held};
use crate::{BoxFuture, Store};

/// A plan under way: core's own, or a guest's session.
pub trait Planner: Send + 'static {
    /// Hands in the outcome of the command with that ticket.
    fn resume(
        &mut self,
        ticket: u32,
        outcome: Outcome,
        remaining_ms: Option<u64>,
    ) -> BoxFuture<'_, Result<Step, PlannerError>>;

    /// Time is up.
    fn expire(&mut self) -> BoxFuture<'_, Result<Reply, PlannerError>>;
}

/// A planner that failed or broke the rules; its request is answered for it.
#[derive(Debug, thiserror::Error)]
pub enum PlannerError {
    /// It was resumed wrongly, or claims so.
    #[error("{0}")]
    Misuse(#[from] Misuse),
    /// It used up its time.
    #[error("the planner used up its time")]
    Timeout,
    /// It needs more memory than it may have.
    #[error("the planner needs more memory than the {0} bytes it may have")]
    OutOfMemory(usize),
    /// As many requests are being planned as may be.
    #[error("as many requests are being planned as may be")]
    Overloaded,
    /// It did not take an outcome; its own words, which may quote anything and stay out of the log.
    #[error("the planner did not take an outcome")]
    Refused(String),
    /// It broke off, or what it said is not of the contract; the text is for the log.
    #[error("the planner failed: {0}")]
    Failed(String),
}

impl PlannerError {
    /// What the caller is told; the detail is for the log.
    pub fn error(&self) -> Error {
        match self {
            PlannerError::Timeout => Error::new(ErrorType::TimeoutException, "The planner used up its time"),
            PlannerError::OutOfMemory(_) => Error::new(
                ErrorType::RequestEntityTooLargeException,
                "Planning this request takes more memory than is allowed",
            )
            .hint("Send less at once; or ask for less: a Limit, or a ProjectionExpression"),
            PlannerError::Overloaded => {
                Error::new(ErrorType::ServiceUnavailableException, "As many requests are being planned here as may be")
                    .hint("Nothing was done; send it again in a second")
            }
            _ => Error::new(ErrorType::InternalServerError, "Internal server error"),
        }
    }
}

/// Core's plan, called directly.
pub struct NativePlanner(pub Plan);

impl Planner for NativePlanner {
    fn resume(
        &mut self,
        ticket: u32,
        outcome: Outcome,
        remaining_ms: Option<u64>,
    ) -> BoxFuture<'_, Result<Step, PlannerError>> {
        let step = self.0.resume(ticket, outcome, remaining_ms).map_err(PlannerError::from);
        Box::pin(std::future::ready(step))
    }

    fn expire(&mut self) -> BoxFuture<'_, Result<Reply, PlannerError>> {
        Box::pin(std::future::ready(Ok(self.0.expire())))
    }
}

/// What one request may use.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The id that replies made here carry.
    pub request_id: String,
    /// What its commands may touch.
    pub policy: Arc<Policy>,
    /// When the reply is due.
    pub deadline: Option<Instant>,
    /// Most commands under way at once.
    pub max_in_flight: usize,
}

/// How long before the deadline a planner is told that time is up, so that it has time to reply: a tenth of the time there is,
/// but no more than this.
const GRACE: Duration = Duration::from_millis(500);

/// Carries a plan out from its first step. Runs in a task of its own, so that a caller who hangs up does not cut a write in
/// half.
pub async fn drive(planner: impl Planner, first: Step, store: Arc<dyn Store>, limits: Limits) -> Reply {
    // Most requests that reach no store end here, without a task.
    if let Step::Done(reply) = first {
        return reply;
    }
    let request_id = limits.request_id.clone();
    match tokio::spawn(run(planner, first, store, limits).in_current_span()).await {
        Ok(reply) => reply,
        Err(failure) => {
            tracing::error!(request_id, error = %failure, "carrying out a plan failed");
            PlannerError::Failed(failure.to_string()).error().reply(&request_id)
        }
    }
}

async fn run(mut planner: impl Planner, first: Step, store: Arc<dyn Store>, limits: Limits) -> Reply {
    let mut calls = Calls::new(store, limits);
    let mut step = first;
    loop {
        match step {
            Step::Done(reply) => return calls.end(reply),
            Step::Send(dispatches) => {
                if let Err(error) = calls.admit(dispatches) {
                    let reply = error.reply(&calls.limits.request_id);
                    return calls.end(reply);
                }
            }
            Step::Wait => {}
        }
        let result = match calls.next().await {
            Next::Outcome(ticket, outcome) => {
                let remaining_ms = calls.remaining_ms();
                calls.in_time(planner.resume(ticket, outcome, remaining_ms)).await
            }
            Next::Deadline => calls.in_time(planner.expire()).await.map(Step::Done),
            // What there is, and where to go on; where there is nothing, why.
            Next::Spent(error) => calls.in_time(planner.expire()).await.map(|reply| {
                Step::Done(if reply.error.is_none() { reply } else { error.reply(&calls.limits.request_id) })
            }),
            Next::Nothing => Err(PlannerError::Failed("it waits, but nothing is under way".into())),
        };
        step = match result {
            Ok(step) => step,
            Err(error) => {
                tracing::error!(request_id = calls.limits.request_id, error = %error, "the planner failed");
                Step::Done(error.error().reply(&calls.limits.request_id))
            }
        };
    }
}

struct Calls {
    store: Arc<dyn Store>,
    limits: Limits,
    /// When the planner is told that time is up.
    expires: Option<Instant>,
    budget: Budget,
    /// A ceiling that was met: nothing more is sent.
    spent: Option<Error>,
    has_sent: bool,
    has_written: bool,
    queue: VecDeque<(Dispatch, Held)>,
    running: JoinSet<(u32, Held, Outcome)>,
    /// Whether the reply has been made, so that nothing may be sent any more.
    is_over: Arc<AtomicBool>,
}

enum Next {
    Outcome(u32, Outcome),
    Deadline,
    Spent(Error),
    Nothing,
}

impl Calls {
    fn new(store: Arc<dyn Store>, limits: Limits) -> Self {
        let expires = limits.deadline.map(|deadline| {
            let remaining = deadline.saturating_duration_since(Instant::now());
            deadline.checked_sub(GRACE.min(remaining / 10)).unwrap_or(deadline)
        });
        Calls {
            store,
            expires,
            budget: Budget::new(limits.policy.ceilings),
            limits,
            spent: None,
            has_sent: false,
            has_written: false,
            queue: VecDeque::new(),
            running: JoinSet::new(),
            is_over: Arc::new(AtomicBool::new(false)),
        }
    }

    /// Lines up what may be sent: all of a step, or nothing of it.
    ///
    /// # Errors
    /// When the policy does not allow it, or a ceiling was met before anything was sent.
    fn admit(&mut self, dispatches: Vec<Dispatch>) -> Result<(), Error> {
        self.authorize(&dispatches)?;
        if self.spent.is_some() {
            return Ok(());
        }
        let mut budget = self.budget.clone();
        let held = dispatches.into_iter().map(|mut dispatch| {
            let held = budget.hold(&mut dispatch.command)?;
            Ok((dispatch, held))
        });
        match held.collect::<Result<Vec<_>, Error>>() {
            Ok(held) => {
                self.budget = budget;
                self.has_sent = true;
                self.has_written |= held.iter().any(|(dispatch, _)| dispatch.command.api.is_write());
                self.queue.extend(held);
            }
            Err(error) if self.has_sent => self.spend(error),
            Err(error) => {
                self.log(&error);
                return Err(error);
            }
        }
        Ok(())
    }

    /// A ceiling is met: what is under way is waited for, and nothing more is sent.
    fn spend(&mut self, error: Error) {
        self.log(&error);
        self.spent.get_or_insert(error);
    }

    fn log(&self, error: &Error) {
        let rule = error.rule_broken().map(Rule::id);
        tracing::warn!(
            request_id = self.limits.request_id,
            rule,
            error = error.message(),
            "a command was refused by policy"
        );
    }

    fn authorize(&self, dispatches: &[Dispatch]) -> Result<(), Error> {
        for dispatch in dispatches {
            let command = &dispatch.command;
            self.limits.policy.authorize(command).inspect_err(|error| {
                tracing::warn!(
                    request_id = self.limits.request_id,
                    call = command.api.as_str(),
                    tables = ?command.tables(),
                    rule = error.rule_broken().map(Rule::id),
                    error = error.message(),
                    "a command was refused by policy"
                );
            })?;
        }
        Ok(())
    }

    /// What is under way goes on without us; what was not sent yet, or waits to be sent again, never is: the reply has said so.
    fn end(mut self, reply: Reply) -> Reply {
        self.is_over.store(true, Ordering::Relaxed);
        self.running.detach_all();
        reply
    }

    fn remaining_ms(&self) -> Option<u64> {
        let expires = self.expires?;
        let remaining = expires.saturating_duration_since(Instant::now());
        Some(u64::try_from(remaining.as_millis()).unwrap_or(u64::MAX))
    }

    /// A planner that does not come to an end is left, and can then not even be asked what it has.
    async fn in_time<T>(&self, call: impl Future<Output = Result<T, PlannerError>>) -> Result<T, PlannerError> {
        let Some(deadline) = self.limits.deadline else { return call.await };
        match tokio::time::timeout_at(deadline, call).await {
            Ok(result) => result,
            Err(_) => Err(PlannerError::Timeout),
        }
    }

    async fn next(&mut self) -> Next {
        loop {
            while self.running.len() < self.limits.max_in_flight.max(1) {
                let Some((dispatch, held)) = self.queue.pop_front() else { break };
                self.start(dispatch, held);
            }
            let joined = match self.expires {
                None => self.running.join_next().await,
                Some(expires) => match tokio::time::timeout_at(expires, self.running.join_next()).await {
                    Ok(joined) => joined,
                    Err(_) => return Next::Deadline,
                },
            };
            match joined {
                None => return self.spent.take().map_or(Next::Nothing, |error| Next::Spent(self.in_full(error))),
                Some(Ok((ticket, held, mut outcome))) => match self.budget.settle(held, &mut outcome) {
                    Ok(()) => return Next::Outcome(ticket, outcome),
                    Err(error) => self.spend(error),
                },
                Some(Err(failure)) => {
                    tracing::error!(request_id = self.limits.request_id, error = %failure, "the store failed");
                    return Next::Nothing;
                }
            }
        }
    }

    /// Why it ended, with what the caller has to know beside it.
    fn in_full(&self, error: Error) -> Error {
        if !self.has_written {
            return error;
        }
        let message = format!("{}; what was written before stays written", error.message());
        error.reworded(message)
    }

    fn start(&mut self, dispatch: Dispatch, held: Held) {
        let store = Arc::clone(&self.store);
        let request_id = self.limits.request_id.clone();
        let is_over = Arc::clone(&self.is_over);
        let call = async move {
            let pause = pause(dispatch.attempt);
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
                if is_over.load(Ordering::Relaxed) {
                    // Nobody waits for this any more.
                    let error = StoreError::new(ErrorType::TimeoutException.as_str(), "The request was over");
                    return (dispatch.ticket, held, Outcome::error(error));
                }
            }
            let call = dispatch.command.api.as_str();
            let outcome = store.execute(dispatch.command).await;
            if let Err(error) = &outcome.result {
                log(&request_id, call, &outcome, &error.error_type, &error.message);
            }
            (dispatch.ticket, held, outcome)
        };
        self.running.spawn(call.in_current_span());
    }
}

/// A caller's mistake may quote item values, so its text stays out of the log; a fault of ours is not shown to the caller, so
/// the log is where its text goes.
fn log(request_id: &str, call: &str, outcome: &Outcome, error_type: &str, message: &str) {
    let store_request_id = outcome.request_id.as_deref();
    match ErrorType::parse(error_type) {
        Some(known) if known.status() < 500 && known != ErrorType::AccessDeniedException => {
            tracing::debug!(request_id, call, store_request_id, error_type, "the store refused");
        }
        _ => tracing::error!(request_id, call, store_request_id, error_type, message, "the store failed"),
    }
}

/// The pause before work is sent again: between half of what core says and all of it, so that plans that were turned away
/// together do not come back together.
fn pause(attempt: u32) -> Duration {
    let most = pause_ms(attempt);
    if most == 0 {
        return Duration::ZERO;
    }
    // The standard library's only source of chance.
    let chance = RandomState::new().build_hasher().finish();
    Duration::from_millis(most / 2 + chance % (most / 2 + 1))
}
