//! Limits become a wasmtime engine: a pool of instances that are wiped instead of unmapped, and a clock that interrupts them.

use std::thread;
use std::time::Duration;

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::{Limits, Origin, SandboxError};

/// How often the clock ticks: how exactly time is measured, and how long a stranger keeps a thread to itself.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// How much of an instance's memory is wiped by writing zeros, which takes microseconds, instead of by giving it back to the
/// system, which takes tens of them.
const KEEP_RESIDENT: usize = 1 << 20;

/// A component has core instances and tables for glue beside its planner's own.
const PARTS: u32 = 4;

/// An engine whose instances come from a pool.
pub(super) fn pooled(limits: &Limits, origin: Origin) -> Result<Engine, SandboxError> {
    let parts = limits.max_concurrent.saturating_mul(PARTS);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(limits.max_concurrent)
        .total_core_instances(parts)
        .total_memories(limits.max_concurrent)
        .total_tables(parts)
        .max_memory_size(limits.memory_bytes)
        .max_unused_warm_slots(limits.max_concurrent)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(KEEP_RESIDENT)
        // Where the kernel can tell (Linux 6.7 and later), only pages that were written to are wiped.
        .pagemap_scan(Enabled::Auto);
    if origin == Origin::Stranger {
        pool.total_stacks(limits.max_concurrent).async_stack_keep_resident(64 << 10);
    }
    let mut config = config();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config).map_err(|error| SandboxError::Setup(format!("{error:#}")))
}

/// What decides how code is compiled; the same for code that was compiled earlier.
pub(super) fn config() -> Config {
    let mut config = Config::new();
    config.epoch_interruption(true).memory_init_cow(true);
    // Nobody reads a guest's stack trace, and the tables for it would be half of a compiled planner.
    config.generate_address_map(false).native_unwind_info(false);
    config
}

/// Starts the thread that ticks. It ends when the engine is gone.
pub(super) fn start_clock(engine: &Engine) -> Result<(), SandboxError> {
    let engine = engine.weak();
    let tick = move || {
        loop {
            thread::sleep(TICK);
            match engine.upgrade() {
                Some(engine) => engine.increment_epoch(),
                None => return,
            }
        }
    };
    let started = thread::Builder::new().name("sandbox-clock".into()).spawn(tick);
    started.map(drop).map_err(|error| SandboxError::Setup(format!("its clock did not start: {error}")))
}
