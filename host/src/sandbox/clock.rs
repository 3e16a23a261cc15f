//! The clock that interrupts guests: a thread that moves an engine's epoch on.
//!
//! For our own guest it is a backstop, and ticks slowly and always. For a stranger's its tick is how long a call keeps a thread to
//! itself, so it is short, and ticks only while there are calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

use wasmtime::Engine;

use super::{Origin, SandboxError};

/// How long a stranger's call keeps a thread before it takes turns. Several that begin at once hold others up for that long each: with
/// a millisecond, eight endless loops made the p99 of others two to four times as long (`benches/neighbours.rs`), with this not longer.
const SHORT: Duration = Duration::from_micros(250);

/// How exactly the time of our own guest is measured.
const LONG: Duration = Duration::from_millis(10);

/// How long a clock that has nothing to do sleeps before it looks whether its engine is still there.
const IDLE: Duration = Duration::from_secs(1);

/// An engine's clock. Its thread ends when the engine is gone.
pub(super) struct Clock {
    tick: Duration,
    calls: Arc<AtomicUsize>,
    thread: Thread,
}

impl Clock {
    pub(super) fn start(engine: &Engine, origin: Origin) -> Result<Self, SandboxError> {
        // The steady one has a call that never ends.
        let (tick, calls) = match origin {
            Origin::Ours => (LONG, 1),
            Origin::Stranger => (SHORT, 0),
        };
        let calls = Arc::new(AtomicUsize::new(calls));
        let (engine, under_way) = (engine.weak(), Arc::clone(&calls));
        let run = move || {
            loop {
                if under_way.load(Ordering::SeqCst) == 0 {
                    thread::park_timeout(IDLE);
                } else {
                    thread::sleep(tick);
                }
                match engine.upgrade() {
                    Some(engine) => engine.increment_epoch(),
                    None => return,
                }
            }
        };
        let started = thread::Builder::new().name("sandbox-clock".into()).spawn(run);
        let started = started.map_err(|error| SandboxError::Setup(format!("its clock did not start: {error}")))?;
        Ok(Clock { tick, calls, thread: started.thread().clone() })
    }

    pub(super) fn tick(&self) -> Duration {
        self.tick
    }

    /// Ticks until at least that time has passed; the first may come at once.
    pub(super) fn ticks(&self, time: Duration) -> u64 {
        u64::try_from(time.as_nanos().div_ceil(self.tick.as_nanos())).unwrap_or(u64::MAX / 2).saturating_add(1)
    }

    /// A call is under way, until what is returned is dropped.
    pub(super) fn call(&self) -> Call {
        if self.calls.fetch_add(1, Ordering::SeqCst) == 0 {
            self.thread.unpark();
        }
        Call(Arc::clone(&self.calls))
    }
}

/// A call under way.
pub(super) struct Call(Arc<AtomicUsize>);

impl Drop for Call {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
