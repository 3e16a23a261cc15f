//! Limits and a component's needs become a wasmtime engine: a pool of instances that are wiped instead of unmapped.
//!
//! What interrupts them is left to [`clock`](super::clock).

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::needs::MOST_CORE_INSTANCES;
use super::{Limits, Needs, Origin, SandboxError};

/// How much of an instance's memory is wiped by writing zeros, which takes microseconds, instead of by giving it back to the
/// system, which takes tens of them.
const KEEP_RESIDENT: usize = 1 << 20;

/// How far a table may grow, where it is not larger at the start.
const TABLE_ELEMENTS: u64 = 20_000;

/// An engine whose instances come from a pool, with room for as many of that component as there may be at once. What an instance's
/// memories and tables may hold together is limited in `session`.
pub(super) fn pooled(limits: &Limits, needs: &Needs, origin: Origin) -> Result<Engine, SandboxError> {
    let all = |each: u32| each.saturating_mul(limits.max_concurrent);
    let table_elements = usize::try_from(needs.table_elements.max(TABLE_ELEMENTS)).unwrap_or(usize::MAX);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(limits.max_concurrent)
        // Only counted, so that there may as well be room for those that wasmtime adds.
        .max_core_instances_per_component(MOST_CORE_INSTANCES)
        .total_core_instances(all(MOST_CORE_INSTANCES))
        .total_memories(all(needs.memories))
        .max_memories_per_module(needs.memories_per_instance)
        .max_memory_size(limits.memory_bytes)
        .total_tables(all(needs.tables))
        .max_tables_per_module(needs.tables_per_instance)
        .table_elements(table_elements)
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
    Engine::new(&config).map_err(|error| {
        let (at_once, Needs { memories, tables, .. }) = (limits.max_concurrent, needs);
        SandboxError::Setup(format!(
            "there is no room for {at_once} instances at once, each with {memories} memories and {tables} tables: {error:#}"
        ))
    })
}

/// What decides how code is compiled; the same for code that was compiled earlier.
pub(super) fn config() -> Config {
    let mut config = Config::new();
    config.epoch_interruption(true).memory_init_cow(true);
    // Nobody reads a guest's stack trace, and the tables for it would be half of a compiled planner.
    config.generate_address_map(false).native_unwind_info(false);
    config
}
