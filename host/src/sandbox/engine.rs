//! Limits become a wasmtime engine: a pool of instances that are wiped instead of unmapped.
//!
//! What interrupts them is left to [`clock`](super::clock).

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::{Limits, Origin, SandboxError};

/// How much of an instance's memory is wiped by writing zeros, which takes microseconds, instead of by giving it back to the
/// system, which takes tens of them.
const KEEP_RESIDENT: usize = 1 << 20;

/// A component has core instances and tables for glue beside its planner's own, and one that is made of several has a memory for
/// each; what they may hold together is limited in `session`.
const PARTS: u32 = 4;

/// An engine whose instances come from a pool.
pub(super) fn pooled(limits: &Limits, origin: Origin) -> Result<Engine, SandboxError> {
    let parts = limits.max_concurrent.saturating_mul(PARTS);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(limits.max_concurrent)
        .total_core_instances(parts)
        .total_memories(parts)
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
