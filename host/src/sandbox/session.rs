//! One request in one instance: [`Cell`] makes calls into it within the limits, [`GuestPlanner`] makes a plan of them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gateleg_core::outcome::Outcome;
use gateleg_core::plan;
use gateleg_core::reply;
use gateleg_store::{BoxFuture, Planner, PlannerError};
use wasmtime::component::{ComponentExportIndex, ComponentNamedList, Instance, Lift, Lower, ResourceAny};
use wasmtime::{
    PoolConcurrencyLimitError, ResourceLimiter, Store, StoreLimits, StoreLimitsBuilder, Trap, UpdateDeadline,
};

use super::contract::{self, Expire, Expired, Open, Opened, Resume, Resumed};
use super::engine::TICK;
use super::{Inner, Limits, Origin};

/// A guest's session under way.
pub struct GuestPlanner {
    cell: Cell,
    session: ResourceAny,
    tickets: BTreeSet<u32>,
}

impl GuestPlanner {
    /// Opens the session.
    pub(super) async fn open(
        mut cell: Cell,
        request: &[u8],
        context: &str,
    ) -> Result<(Self, plan::Step), PlannerError> {
        let sandbox = Arc::clone(&cell.sandbox);
        let ((session, step),) = cell.call::<Open<'_>, Opened>(&sandbox.exports.open, (request, context)).await?;
        let mut tickets = BTreeSet::new();
        let step = step.check(&mut tickets, sandbox.limits.reply_bytes)?;
        Ok((GuestPlanner { cell, session, tickets }, step))
    }

    /// Hands in an outcome, as the JSON text that crosses the boundary; otherwise as [`Planner::resume`].
    ///
    /// # Errors
    /// [`PlannerError::Refused`] with the guest's words, and whatever else can go wrong in a guest.
    pub async fn resume_text(
        &mut self,
        ticket: u32,
        outcome: &str,
        remaining_ms: Option<u64>,
    ) -> Result<plan::Step, PlannerError> {
        let sandbox = Arc::clone(&self.cell.sandbox);
        let params = (self.session, ticket, outcome, remaining_ms);
        let (step,) = self.cell.call::<Resume<'_>, Resumed>(&sandbox.exports.resume, params).await?;
        step.map_err(PlannerError::Refused)?.check(&mut self.tickets, sandbox.limits.reply_bytes)
    }

    async fn expire_now(&mut self) -> Result<reply::Reply, PlannerError> {
        let sandbox = Arc::clone(&self.cell.sandbox);
        let (reply,) = self.cell.call::<Expire, Expired>(&sandbox.exports.expire, (self.session,)).await?;
        contract::Reply::check(reply, sandbox.limits.reply_bytes)
    }
}

impl Planner for GuestPlanner {
    fn resume(
        &mut self,
        ticket: u32,
        outcome: Outcome,
        remaining_ms: Option<u64>,
    ) -> BoxFuture<'_, Result<plan::Step, PlannerError>> {
        Box::pin(async move { self.resume_text(ticket, &outcome.to_text(), remaining_ms).await })
    }

    fn expire(&mut self) -> BoxFuture<'_, Result<reply::Reply, PlannerError>> {
        Box::pin(self.expire_now())
    }
}

/// What the host keeps about an instance.
pub(super) struct State {
    memory: Memory,
    /// For a stranger: ticks of the clock left to it.
    ticks: u64,
}

/// An instance and its limits.
pub(super) struct Cell {
    sandbox: Arc<Inner>,
    store: Store<State>,
    instance: Instance,
    /// Time spent in it so far.
    spent: Duration,
}

impl Cell {
    /// A fresh instance.
    pub(super) async fn new(sandbox: &Arc<Inner>) -> Result<Self, PlannerError> {
        let mut store = store(sandbox);
        let instance = match sandbox.origin {
            Origin::Ours => sandbox.instance.instantiate(&mut store),
            Origin::Stranger => {
                store.epoch_deadline_callback(|mut store| {
                    let left = &mut store.data_mut().ticks;
                    *left = left.saturating_sub(1);
                    Ok(if *left == 0 {
                        UpdateDeadline::Interrupt
                    } else {
                        UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now()))
                    })
                });
                store.set_epoch_deadline(1);
                sandbox.instance.instantiate_async(&mut store).await
            }
        };
        let instance = instance.map_err(|error| fault(&error, store.data()))?;
        sandbox.usage.begin();
        Ok(Cell { sandbox: Arc::clone(sandbox), store, instance, spent: Duration::ZERO })
    }

    /// Calls a function of it, with a clock that starts anew, so that the time between calls does not count.
    async fn call<P, R>(&mut self, function: &ComponentExportIndex, params: P) -> Result<R, PlannerError>
    where
        P: ComponentNamedList + Lower + Send + Sync,
        R: ComponentNamedList + Lift + Send + Sync + 'static,
    {
        let function = self
            .instance
            .get_typed_func::<P, R>(&mut self.store, function)
            .map_err(|error| fault(&error, self.store.data()))?;
        let result = match self.sandbox.origin {
            Origin::Ours => {
                let left = self.sandbox.limits.cpu.checked_sub(self.spent).ok_or(PlannerError::Timeout)?;
                self.store.set_epoch_deadline(ticks(left));
                let start = Instant::now();
                let result = function.call(&mut self.store, params);
                self.spent += start.elapsed();
                result
            }
            Origin::Stranger => {
                self.store.set_epoch_deadline(1);
                function.call_async(&mut self.store, params).await
            }
        };
        result.map_err(|error| fault(&error, self.store.data()))
    }
}

impl Drop for Cell {
    fn drop(&mut self) {
        self.sandbox.usage.end(self.store.data().memory.used);
    }
}

/// An empty store with its limits, whose time starts now.
pub(super) fn store(sandbox: &Inner) -> Store<State> {
    let limits = &sandbox.limits;
    let state = State { memory: Memory::new(limits), ticks: ticks(limits.cpu) };
    let mut store = Store::new(sandbox.instance.engine(), state);
    store.limiter(|state| &mut state.memory);
    // How much a guest may have copied out of its memory in one call, however often it says the same bytes.
    store.set_hostcall_fuel(limits.reply_bytes.saturating_mul(2).saturating_add(1 << 20));
    store.set_epoch_deadline(ticks(limits.cpu));
    store
}

/// Ticks until at least that time has passed; the first may come at once.
fn ticks(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().div_ceil(TICK.as_nanos())).unwrap_or(u64::MAX / 2).saturating_add(1)
}

/// What a failed call means.
pub(super) fn fault(error: &wasmtime::Error, state: &State) -> PlannerError {
    if error.is::<PoolConcurrencyLimitError>() {
        return PlannerError::Overloaded;
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => PlannerError::Timeout,
        // Out of memory, a program can do no more than trap.
        Some(_) if state.memory.refused => PlannerError::OutOfMemory(state.memory.most),
        Some(trap) => PlannerError::Failed(format!("it trapped: {trap}")),
        None => PlannerError::Failed(error.root_cause().to_string()),
    }
}

/// The limit on memory, and whether it was met.
struct Memory {
    limits: StoreLimits,
    most: usize,
    used: usize,
    refused: bool,
}

impl Memory {
    fn new(limits: &Limits) -> Self {
        let store = StoreLimitsBuilder::new().memory_size(limits.memory_bytes).build();
        Memory { limits: store, most: limits.memory_bytes, used: 0, refused: false }
    }
}

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let allowed = self.limits.memory_growing(current, desired, maximum)?;
        self.refused |= !allowed;
        if allowed {
            // Of all its memories; a stranger may have several.
            self.used = self.used.saturating_add(desired.saturating_sub(current));
        }
        Ok(allowed)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        self.limits.table_growing(current, desired, maximum)
    }

    fn instances(&self) -> usize {
        self.limits.instances()
    }

    fn tables(&self) -> usize {
        self.limits.tables()
    }

    fn memories(&self) -> usize {
        self.limits.memories()
    }
}
