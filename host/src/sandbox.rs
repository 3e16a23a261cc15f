//! A planner in WebAssembly: a request becomes a session in an instance of its own, and what the guest says becomes checked
//! steps.
//!
//! [`Sandbox`] holds a component, ready to be instantiated; [`Sandbox::open`] makes an instance for one request and hands
//! out its [`GuestPlanner`], with which `gateleg_store::drive` goes on. A guest can import nothing, and has limits on
//! memory, time and the size of what it says. Whether a command may be executed is decided elsewhere, again.
//!
//! # Our own guest and a stranger's
//!
//! The embedded planner is called synchronously: a call takes microseconds, and core's loops end. That its clock could stop
//! it all the same (it would then trap) is a backstop.
//!
//! A stranger's planner (`--planner FILE.wasm`) may loop for ever, and then must not hold one of the few threads that serve
//! everybody else. It runs on a stack of its own, as a future: a call that is done within a tick of the clock, which is most of them,
//! never leaves the thread it began on; one that is not goes on among the long calls, on threads of their own, half as
//! many as there are processors, and takes turns with its like at every tick until its time is used up. To begin there would cost every call two thread
//! switches, also where it takes microseconds.

mod cache;
mod clock;
mod contract;
mod embedded;
mod engine;
mod inspection;
mod lane;
mod needs;
mod session;
mod usage;

use std::sync::Arc;
use std::time::Duration;

use gateleg_core::plan::Step;
use gateleg_store::PlannerError;
use tokio::sync::Semaphore;
use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre, Linker};

pub use cache::Cache;
pub use contract::WORLD;
pub use embedded::{PLANNER, PLANNER_SHA256, PRECOMPILED_SHA256, precompile};
pub use inspection::{Inspection, Kind, inspect};
pub use needs::Needs;
pub use session::GuestPlanner;
pub use usage::Usage;

use clock::Clock;
use contract::Exports;
use session::State;

/// What one request's planner may use.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of its memories and tables, all together.
    pub memory_bytes: usize,
    /// Bytes of its reply's body; what it says in one step all together may be twice that and a megabyte.
    pub reply_bytes: usize,
    /// Time in its code, over the whole request. Waiting for a store does not count.
    pub cpu: Duration,
    /// Instances at once, of all requests. Each may hold `memory_bytes` until its reply is there.
    pub max_concurrent: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { memory_bytes: 256 << 20, reply_bytes: 16 << 20, cpu: Duration::from_secs(5), max_concurrent: 256 }
    }
}

/// Why a component cannot plan.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// It is not a component that can be compiled.
    #[error("expected a WebAssembly component, but {0}")]
    NotAComponent(String),
    /// It is one, but not one that can be run here.
    #[error("this component cannot be loaded: {0}")]
    Unfit(String),
    /// It asks for something from outside.
    #[error("expected a planner that imports nothing, but this one imports {}", .0.join(", "))]
    Imports(Vec<String>),
    /// It is of another world than `gateleg:planner/guest`.
    #[error("expected a component of the world gateleg:planner/guest@0.1.0, but {0}")]
    World(String),
    /// The limits, or this machine, do not allow for it.
    #[error("the sandbox cannot be set up: {0}")]
    Setup(String),
}

/// A planner's component, ready to be instantiated; cheap to clone.
#[derive(Clone)]
pub struct Sandbox(Arc<Inner>);

struct Inner {
    instance: InstancePre<State>,
    exports: Exports,
    limits: Limits,
    origin: Origin,
    clock: Clock,
    /// For instances of a stranger, which may outlive their requests by a turn.
    room: Arc<Semaphore>,
    usage: Usage,
}

/// Whose component it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Ours,
    Stranger,
}

impl Sandbox {
    /// The planner that is built in. Where its machine code is not built in as well, it may be in the cache.
    ///
    /// # Errors
    /// When the limits, or this machine, do not allow for it.
    pub fn embedded(limits: Limits, cache: Option<&Cache>) -> Result<Self, SandboxError> {
        let engine = engine::pooled(&limits, &Needs::of(PLANNER, &limits)?, Origin::Ours)?;
        let component = match embedded::precompiled(&engine) {
            Some(component) => component,
            None => compiled(&engine, PLANNER, cache)?,
        };
        Self::prepare(&engine, &component, limits, Origin::Ours)
    }

    /// Somebody else's planner: the bytes of a component of the world `gateleg:planner/guest`.
    ///
    /// # Errors
    /// When it is none, or imports anything.
    pub fn new(component: &[u8], limits: Limits, cache: Option<&Cache>) -> Result<Self, SandboxError> {
        let engine = engine::pooled(&limits, &Needs::of(component, &limits)?, Origin::Stranger)?;
        let component = compiled(&engine, component, cache)?;
        Self::prepare(&engine, &component, limits, Origin::Stranger)
    }

    fn prepare(engine: &Engine, component: &Component, limits: Limits, origin: Origin) -> Result<Self, SandboxError> {
        let imports: Vec<String> = component.component_type().imports(engine).map(|(name, _)| name.into()).collect();
        if !imports.is_empty() {
            return Err(SandboxError::Imports(imports));
        }
        let exports = Exports::find(engine, component)?;
        let instance = Linker::new(engine)
            .instantiate_pre(component)
            .map_err(|error| SandboxError::Setup(format!("{error:#}")))?;
        let clock = Clock::start(engine, origin)?;
        let room = Arc::new(Semaphore::new(usize::try_from(limits.max_concurrent).unwrap_or(usize::MAX)));
        let inner = Inner { instance, exports, limits, origin, clock, room, usage: Usage::default() };
        inner.rehearse()?;
        Ok(Sandbox(Arc::new(inner)))
    }

    /// Reads a request in a fresh instance; the context is JSON. The first step may already be the reply.
    ///
    /// # Errors
    /// When there are too many instances, or the planner breaks off, takes too long or says what is not of the contract.
    pub async fn open(&self, request: &[u8], context: &str) -> Result<(GuestPlanner, Step), PlannerError> {
        GuestPlanner::open(&self.0, request, context).await
    }

    /// What its instances use.
    pub fn usage(&self) -> &Usage {
        &self.0.usage
    }
}

/// An engine with the sandbox's settings and its clock running, for measuring what wasmtime itself takes.
///
/// # Errors
/// When the limits, or this machine, do not allow for it.
pub fn engine(limits: &Limits) -> Result<Engine, SandboxError> {
    let engine = engine::pooled(limits, &Needs::of(PLANNER, limits)?, Origin::Ours)?;
    Clock::start(&engine, Origin::Ours)?;
    Ok(engine)
}

impl Inner {
    /// One instance, to see that there can be one, and for the types of its functions.
    fn rehearse(&self) -> Result<(), SandboxError> {
        let _call = self.clock.call();
        let mut store = session::store(self);
        store.epoch_deadline_trap();
        match self.instance.instantiate(&mut store) {
            Ok(instance) => self.exports.check(&instance, &mut store),
            Err(error) => Err(SandboxError::Setup(session::fault(&error, store.data()).to_string())),
        }
    }
}

fn compiled(engine: &Engine, bytes: &[u8], cache: Option<&Cache>) -> Result<Component, SandboxError> {
    match cache {
        Some(cache) => cache.component(engine, bytes),
        None => compile(engine, bytes),
    }
}

/// How a component begins, and how a core module does.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
const CORE_MODULE: &[u8] = b"\0asm\x01\0\0\0";

fn compile(engine: &Engine, bytes: &[u8]) -> Result<Component, SandboxError> {
    Component::from_binary(engine, bytes).map_err(|error| unreadable(bytes, format!("{error:#}")))
}

/// What is wrong with bytes that cannot be read as a component.
fn unreadable(bytes: &[u8], fault: String) -> SandboxError {
    if bytes.starts_with(COMPONENT) { SandboxError::Unfit(fault) } else { SandboxError::NotAComponent(fault) }
}
