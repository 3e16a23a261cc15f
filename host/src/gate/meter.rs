//! A planner and a store become the same with their time and outcomes counted, and a place that is kept while they work.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use gateleg_core::command::Command;
use gateleg_core::error::ErrorType;
use gateleg_core::outcome::Outcome;
use gateleg_core::plan::Step;
use gateleg_core::reply::Reply;
use gateleg_store::{BoxFuture, Planner, PlannerError, Store};

use super::queue::Places;
use crate::metrics::labels::Kind;
use crate::metrics::{Metrics, OneOf};

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
            let started = Instant::now();
            let step = self.planner.resume(ticket, outcome, remaining_ms).await;
            self.spent.add(started);
            step.inspect_err(|error| self.spent.metrics.planner_failed(&Kind::of(error)))
        })
    }

    fn expire(&mut self) -> BoxFuture<'_, Result<Reply, PlannerError>> {
        Box::pin(async move {
            let started = Instant::now();
            let reply = self.planner.expire().await;
            self.spent.add(started);
            reply.inspect_err(|error| self.spent.metrics.planner_failed(&Kind::of(error)))
        })
    }
}

/// The time that a request's planner took, told to the figures when it is dropped.
pub(super) struct Spent {
    metrics: Arc<Metrics>,
    time: Duration,
}

impl Spent {
    pub(super) fn new(metrics: &Arc<Metrics>) -> Self {
        Spent { metrics: Arc::clone(metrics), time: Duration::ZERO }
    }

    pub(super) fn add(&mut self, started: Instant) {
        self.time += started.elapsed();
    }
}

impl Drop for Spent {
    fn drop(&mut self) {
        self.metrics.planned(self.time);
    }
}

/// What one request asked of the store.
#[derive(Default)]
pub(super) struct Tally {
    calls: AtomicU32,
    tables: Mutex<Vec<String>>,
}

impl Tally {
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
}

impl Store for MeteredStore {
    fn execute(&self, command: Command) -> BoxFuture<'_, Outcome> {
        Box::pin(async move {
            let api = command.api.as_str();
            self.tally.add(&command);
            let _one = OneOf::count(&self.metrics.store_calls_in_flight);
            let started = Instant::now();
            let outcome = self.store.execute(command).await;
            let became = match &outcome.result {
                Ok(_) => "ok",
                // Whatever speaks DynamoDB's protocol may call its errors anything.
                Err(error) => ErrorType::parse(&error.error_type).map_or("other", ErrorType::as_str),
            };
            self.metrics.called(api, became, started.elapsed(), outcome.retry_attempts);
            outcome
        })
    }
}
