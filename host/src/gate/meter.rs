//! A planner and a store become the same with their time and outcomes counted, and a place that is kept while they work.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use gateleg_core::command::Command;
use gateleg_core::error::ErrorType;
use gateleg_core::outcome::Outcome;
use gateleg_core::plan::Step;
use gateleg_core::policy::Policy;
use gateleg_core::reply::Reply;
use gateleg_store::{BoxFuture, Planner, PlannerError, Store};

use super::queue::Places;
use crate::metrics::labels::Kind;
use crate::metrics::{Metrics, OneOf};
use crate::trace::{self, Trace};

/// A planner that keeps its place among the requests under way for as long as its plan is carried out, whether or not
/// the caller still waits.
pub(super) struct MeteredPlanner<P> {
    planner: P,
    spent: Spent,
    _place: Places,
}

impl<P> MeteredPlanner<P> {
    /// `spent` is the time that opening it took.
    pub(super) fn new(planner: P, spent: Spent, place: Places) -> Self {
        MeteredPlanner { planner, spent, _place: place }
    }
}

impl<P: Planner> Planner for MeteredPlanner<P> {
    fn resume(
        &mut self,
        ticket: u32,
        outcome: Outcome,
        remaining_ms: Option<u64>,
    ) -> BoxFuture<'_, Result<Step, PlannerError>> {
        Box::pin(async move {
            let turn = self.spent.begin("plan resume");
            let step = self.planner.resume(ticket, outcome, remaining_ms).await;
            self.spent.end(turn);
            step.inspect_err(|error| self.spent.failed(error))
        })
    }

    fn expire(&mut self) -> BoxFuture<'_, Result<Reply, PlannerError>> {
        Box::pin(async move {
            let turn = self.spent.begin("plan expire");
            let reply = self.planner.expire().await;
            self.spent.end(turn);
            reply.inspect_err(|error| self.spent.failed(error))
        })
    }
}

/// The time that a request's planner took, told to the figures when it is dropped.
pub(super) struct Spent {
    metrics: Arc<Metrics>,
    tally: Arc<Tally>,
    time: Duration,
}

/// The planner's turn, until it is handed to [`Spent::end`].
pub(super) struct Turn {
    started: Instant,
    span: Option<trace::Step>,
}

impl Spent {
    pub(super) fn new(metrics: &Arc<Metrics>, tally: &Arc<Tally>) -> Self {
        Spent { metrics: Arc::clone(metrics), tally: Arc::clone(tally), time: Duration::ZERO }
    }

    pub(super) fn begin(&self, name: &'static str) -> Turn {
        let span = self.tally.trace.as_ref().and_then(|trace| trace.step(name));
        Turn { started: Instant::now(), span }
    }

    /// The planner failed.
    pub(super) fn failed(&self, error: &PlannerError) {
        self.metrics.planner_failed(&Kind::of(error));
        // One that ran out of time was slow already, and that there is no room is nobody's fault.
        if !matches!(error, PlannerError::Timeout | PlannerError::Overloaded) {
            self.tally.at_fault.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn end(&mut self, turn: Turn) {
        self.time += turn.started.elapsed();
        drop(turn.span);
    }
}

impl Drop for Spent {
    fn drop(&mut self) {
        self.metrics.planned(self.time);
    }
}

/// What one request asked of the store, and the trace it is part of, if there is one.
pub(super) struct Tally {
    trace: Option<Trace>,
    at_fault: AtomicBool,
    calls: AtomicU32,
    tables: Mutex<Vec<String>>,
}

impl Tally {
    pub(super) fn begin() -> Self {
        Tally {
            trace: trace::current(),
            at_fault: AtomicBool::default(),
            calls: AtomicU32::default(),
            tables: Mutex::default(),
        }
    }

    /// Whether the planner failed, and it was its own fault.
    pub(super) fn at_fault(&self) -> bool {
        self.at_fault.load(Ordering::Relaxed)
    }

    pub(super) fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }

    pub(super) fn tables(&self) -> usize {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn add(&self, command: &Command) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        for table in command.tables() {
            if !tables.iter().any(|known| known == table) {
                tables.push(table.into());
            }
        }
    }
}

/// A store whose calls are counted, for one request.
pub(super) struct MeteredStore {
    pub(super) store: Arc<dyn Store>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) tally: Arc<Tally>,
    pub(super) policy: Arc<Policy>,
}

impl Store for MeteredStore {
    fn execute(&self, command: Command) -> BoxFuture<'_, Outcome> {
        Box::pin(async move {
            let api = command.api.as_str();
            self.tally.add(&command);
            let span = self.tally.trace.as_ref().and_then(|trace| trace.call(&command, &self.policy));
            let _one = OneOf::count(&self.metrics.store_calls_in_flight);
            let started = Instant::now();
            let outcome = self.store.execute(command).await;
            let became = match &outcome.result {
                Ok(_) => "ok",
                // Whatever speaks DynamoDB's protocol may call its errors anything.
                Err(error) => ErrorType::parse(&error.error_type).map_or("other", ErrorType::as_str),
            };
            self.metrics.called(api, became, started.elapsed(), outcome.retry_attempts);
            if let Some(span) = span {
                span.end(&outcome);
            }
            outcome
        })
    }
}
