//! One request in one instance: [`Cell`] makes calls into it within the limits, [`GuestPlanner`] makes a plan of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gateleg_core::outcome::Outcome;
use gateleg_core::plan;
use gateleg_core::reply;
use gateleg_store::{BoxFuture, Planner, PlannerError};
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::component::{ComponentExportIndex, ComponentNamedList, Instance, Lift, Lower, ResourceAny};
use wasmtime::{
    PoolConcurrencyLimitError, ResourceLimiter, ResourceLimiterAsync, Store, StoreLimits, Trap, UpdateDeadline,
};

use super::contract::{self, Awaited, Expire, Expired, Open, Opened, Resume, Resumed};
use super::lane::{self, Turn};
use super::{Inner, Limits, Origin};

/// A session is one handle, and a component made of several may have some for itself. Each takes memory of the host.
const MAX_HANDLES: usize = 1000;

/// A guest's session under way.
pub struct GuestPlanner {
    /// Not here while a stranger's call is under way, which may be on another thread; and no more if it was left.
    session: Option<Session>,
}

struct Session {
    cell: Cell,
    handle: ResourceAny,
    awaited: Awaited,
}

impl GuestPlanner {
    /// Opens the session in a fresh instance.
    pub(super) async fn open(
        sandbox: &Arc<Inner>,
        request: &[u8],
        context: &str,
    ) -> Result<(Self, plan::Step), PlannerError> {
        let (session, step) = match sandbox.origin {
            Origin::Ours => Session::open(sandbox, None, request, context).await?,
            Origin::Stranger => {
                let room = room(sandbox).await?;
                let (sandbox, request, context) = (Arc::clone(sandbox), request.to_vec(), context.to_owned());
                lane::run(async move { Session::open(&sandbox, Some(room), &request, &context).await }).await??
            }
        };
        Ok((GuestPlanner { session: Some(session) }, step))
    }

    /// Hands in an outcome, as the JSON text that crosses the boundary; otherwise as [`Planner::resume`].
    ///
    /// # Errors
    /// [`PlannerError::Refused`] with the guest's words, and whatever else can go wrong in a guest.
    pub async fn resume_text(
        &mut self,
        ticket: u32,
        outcome: impl Into<String>,
        remaining_ms: Option<u64>,
    ) -> Result<plan::Step, PlannerError> {
        let outcome = outcome.into();
        self.call(|mut session| async move {
            let step = session.resume(ticket, &outcome, remaining_ms).await;
            (session, step)
        })
        .await
    }

    async fn expire_now(&mut self) -> Result<reply::Reply, PlannerError> {
        self.call(|mut session| async move {
            let reply = session.expire().await;
            (session, reply)
        })
        .await
    }

    /// Lends the session to a call: ours here and now, a stranger's as long as it is short.
    async fn call<T, C>(&mut self, call: impl FnOnce(Session) -> C) -> Result<T, PlannerError>
    where
        T: Send + 'static,
        C: Future<Output = (Session, Result<T, PlannerError>)> + Send + 'static,
    {
        let session = self.session.take().ok_or_else(|| PlannerError::Failed("it is over already".into()))?;
        let origin = session.cell.sandbox.origin;
        let call = call(session);
        let (session, answer) = match origin {
            Origin::Ours => call.await,
            Origin::Stranger => lane::run(call).await?,
        };
        self.session = Some(session);
        answer
    }
}

impl Session {
    async fn open(
        sandbox: &Arc<Inner>,
        room: Option<OwnedSemaphorePermit>,
        request: &[u8],
        context: &str,
    ) -> Result<(Self, plan::Step), PlannerError> {
        let mut cell = Cell::new(sandbox, room).await?;
        let ((handle, step),) = cell.call::<Open<'_>, Opened>(&sandbox.exports.open, (request, context)).await?;
        let mut awaited = Awaited::new(says(&sandbox.limits));
        let step = cell.check(step, &mut awaited).await?;
        Ok((Session { cell, handle, awaited }, step))
    }

    async fn resume(
        &mut self,
        ticket: u32,
        outcome: &str,
        remaining_ms: Option<u64>,
    ) -> Result<plan::Step, PlannerError> {
        let sandbox = Arc::clone(&self.cell.sandbox);
        let params = (self.handle, ticket, outcome, remaining_ms);
        let (step,) = self.cell.call::<Resume<'_>, Resumed>(&sandbox.exports.resume, params).await?;
        let step = step.map_err(PlannerError::Refused)?;
        self.awaited.came(ticket);
        self.cell.check(step, &mut self.awaited).await
    }

    async fn expire(&mut self) -> Result<reply::Reply, PlannerError> {
        let sandbox = Arc::clone(&self.cell.sandbox);
        let (reply,) = self.cell.call::<Expire, Expired>(&sandbox.exports.expire, (self.handle,)).await?;
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
        Box::pin(self.resume_text(ticket, outcome.to_text(), remaining_ms))
    }

    fn expire(&mut self) -> BoxFuture<'_, Result<reply::Reply, PlannerError>> {
        Box::pin(self.expire_now())
    }
}

/// What the host keeps about an instance.
pub(super) struct State {
    memory: Memory,
    /// For a stranger: time left to it.
    left: Duration,
    /// For a stranger: what it took since its last turn.
    turn: Turn,
}

/// An instance and its limits.
struct Cell {
    sandbox: Arc<Inner>,
    store: Store<State>,
    instance: Instance,
    /// Time spent in it so far.
    spent: Duration,
    /// Given back last of all.
    _room: Option<OwnedSemaphorePermit>,
}

impl Cell {
    /// A fresh instance.
    async fn new(sandbox: &Arc<Inner>, room: Option<OwnedSemaphorePermit>) -> Result<Self, PlannerError> {
        let mut store = store(sandbox);
        let instance = match sandbox.origin {
            Origin::Ours => sandbox.instance.instantiate(&mut store),
            Origin::Stranger => {
                store.limiter_async(|state| state);
                let tick = sandbox.clock.tick();
                store.epoch_deadline_callback(move |mut store| {
                    let state = store.data_mut();
                    // By time, not by ticks: the first may come at once, and one instruction that fills memory may take many.
                    let took = state.turn.took();
                    Ok(if took >= state.left {
                        UpdateDeadline::Interrupt
                    } else if took < tick {
                        UpdateDeadline::Continue(1)
                    } else {
                        state.left -= took;
                        UpdateDeadline::YieldCustom(1, Box::pin(state.turn.next()))
                    })
                });
                store.set_epoch_deadline(1);
                let _call = sandbox.clock.call();
                store.data().turn.begin();
                sandbox.instance.instantiate_async(&mut store).await
            }
        };
        let instance = instance.map_err(|error| fault(&error, store.data()))?;
        sandbox.usage.begin();
        Ok(Cell { sandbox: Arc::clone(sandbox), store, instance, spent: Duration::ZERO, _room: room })
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
                self.store.set_epoch_deadline(self.sandbox.clock.ticks(left));
                let start = Instant::now();
                let result = function.call(&mut self.store, params);
                self.spent += start.elapsed();
                result
            }
            Origin::Stranger => {
                self.store.set_epoch_deadline(1);
                let _call = self.sandbox.clock.call();
                self.store.data().turn.begin();
                let result = function.call_async(&mut self.store, params).await;
                let state = self.store.data_mut();
                state.left = state.left.saturating_sub(state.turn.took());
                result
            }
        };
        result.map_err(|error| fault(&error, self.store.data()))
    }

    /// Reads what a call returned. The time that a stranger makes the host work is its own too, and shared as fairly.
    async fn check(&mut self, step: contract::Step, awaited: &mut Awaited) -> Result<plan::Step, PlannerError> {
        let dispatches = match step {
            contract::Step::Send(dispatches) => dispatches,
            contract::Step::Wait => return Ok(plan::Step::Wait),
            contract::Step::Done(reply) => {
                return reply.check(self.sandbox.limits.reply_bytes).map(plan::Step::Done);
            }
        };
        awaited.has_room(&dispatches)?;
        if self.sandbox.origin == Origin::Ours {
            return dispatches
                .into_iter()
                .map(|dispatch| dispatch.check(awaited))
                .collect::<Result<_, _>>()
                .map(plan::Step::Send);
        }
        let mut checked = Vec::with_capacity(dispatches.len());
        self.store.data().turn.begin();
        for dispatch in dispatches {
            checked.push(dispatch.check(awaited)?);
            let tick = self.sandbox.clock.tick();
            let state = self.store.data_mut();
            let took = state.turn.took();
            if took >= state.left {
                return Err(PlannerError::Timeout);
            }
            if took >= tick {
                state.left -= took;
                let turn = state.turn.next();
                turn.await;
            }
        }
        Ok(plan::Step::Send(checked))
    }
}

/// How long an instance is waited for: one that was given up is there until its next turn, and others may come before it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Room for one more instance of a stranger.
async fn room(sandbox: &Inner) -> Result<OwnedSemaphorePermit, PlannerError> {
    let room = Arc::clone(&sandbox.room);
    if let Ok(room) = Arc::clone(&room).try_acquire_owned() {
        return Ok(room);
    }
    match tokio::time::timeout(PATIENCE, room.acquire_owned()).await {
        Ok(Ok(room)) => Ok(room),
        _ => Err(PlannerError::Overloaded),
    }
}

/// How much a guest may have copied out of its memory in one call, however often it says the same bytes.
fn says(limits: &Limits) -> usize {
    limits.reply_bytes.saturating_mul(2).saturating_add(1 << 20)
}

impl Drop for Cell {
    fn drop(&mut self) {
        self.sandbox.usage.end(self.store.data().memory.used);
    }
}

/// An empty store with its limits, whose time starts now.
pub(super) fn store(sandbox: &Inner) -> Store<State> {
    let limits = &sandbox.limits;
    let state = State { memory: Memory::new(limits), left: limits.cpu, turn: Turn::default() };
    let mut store = Store::new(sandbox.instance.engine(), state);
    store.limiter(|state| &mut state.memory);
    store.set_hostcall_fuel(says(limits));
    store.set_max_component_handles(MAX_HANDLES);
    store.set_epoch_deadline(sandbox.clock.ticks(limits.cpu));
    store
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

/// Bytes of a table's element.
const ELEMENT: usize = size_of::<usize>();

/// The limit on memory, all memories and tables of an instance together, and whether it was met.
struct Memory {
    most: usize,
    used: usize,
    refused: bool,
    others: StoreLimits,
}

impl Memory {
    fn new(limits: &Limits) -> Self {
        Memory { most: limits.memory_bytes, used: 0, refused: false, others: StoreLimits::default() }
    }

    /// Whether there may be so many bytes more.
    fn grow(&mut self, bytes: usize) -> bool {
        let used = self.used.saturating_add(bytes);
        let allowed = used <= self.most;
        if allowed {
            self.used = used;
        }
        self.refused |= !allowed;
        allowed
    }
}

/// With more memory than this, one instruction can take longer than a tick, and no clock can interrupt it.
const QUICKLY_FILLED: usize = 2 << 20;

/// A stranger's limits: a call that asks for much memory takes its turn before it has it.
impl ResourceLimiterAsync for State {
    fn memory_growing<'s, 'f>(
        &'s mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> BoxFuture<'f, wasmtime::Result<bool>>
    where
        's: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let allowed = self.memory.memory_growing(current, desired, maximum)?;
            if allowed && self.memory.used > QUICKLY_FILLED {
                self.left = self.left.saturating_sub(self.turn.took());
                self.turn.next().await;
            }
            Ok(allowed)
        })
    }

    fn table_growing<'s, 'f>(
        &'s mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> BoxFuture<'f, wasmtime::Result<bool>>
    where
        's: 'f,
        Self: 'f,
    {
        Box::pin(std::future::ready(self.memory.table_growing(current, desired, maximum)))
    }

    fn instances(&self) -> usize {
        ResourceLimiter::instances(&self.memory)
    }

    fn tables(&self) -> usize {
        ResourceLimiter::tables(&self.memory)
    }

    fn memories(&self) -> usize {
        ResourceLimiter::memories(&self.memory)
    }
}

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        Ok(self.grow(desired.saturating_sub(current)))
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        Ok(self.grow(desired.saturating_sub(current).saturating_mul(ELEMENT)))
    }

    fn instances(&self) -> usize {
        self.others.instances()
    }

    fn tables(&self) -> usize {
        self.others.tables()
    }

    fn memories(&self) -> usize {
        self.others.memories()
    }
}
