//! Instances that come and go become the figures of their sandbox.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// How many instances there are, and how much memory one of them has had at most.
#[derive(Debug, Default)]
pub struct Usage {
    instances: AtomicU32,
    memory: AtomicU64,
}

impl Usage {
    /// Instances at this moment.
    pub fn instances(&self) -> u32 {
        self.instances.load(Ordering::Relaxed)
    }

    /// Bytes of the memory of the largest instance there has been.
    pub fn memory_high_water(&self) -> u64 {
        self.memory.load(Ordering::Relaxed)
    }

    pub(super) fn begin(&self) {
        self.instances.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn end(&self, memory_bytes: usize) {
        self.instances.fetch_sub(1, Ordering::Relaxed);
        self.memory.fetch_max(u64::try_from(memory_bytes).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}
