//! Long calls take turns: a call that is not done within a tick of the clock becomes one of the few that run at once, so that
//! the other threads are there for everybody else.
//!
//! How long a call may take all together is left to [`session`](super::session); here is only how long it ran since its last turn.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// As many long calls at once as there are lanes: half of the processors, and one at least.
#[derive(Clone)]
pub(super) struct Lanes(Arc<Semaphore>);

impl Lanes {
    pub(super) fn new() -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Lanes(Arc::new(Semaphore::new((processors / 2).max(1))))
    }

    /// A place for one session's calls, which begin outside of any lane.
    pub(super) fn place(&self) -> Place {
        Place { lanes: self.clone(), turn: Arc::new(Mutex::new(Turn { since: Instant::now(), lane: None })) }
    }
}

/// Where a session's call is: outside, or in a lane. Whoever drops it gives the lane back.
pub(super) struct Place {
    lanes: Lanes,
    turn: Arc<Mutex<Turn>>,
}

struct Turn {
    since: Instant,
    lane: Option<OwnedSemaphorePermit>,
}

impl Place {
    /// A call begins.
    pub(super) fn enter(&self) {
        lock(&self.turn).since = Instant::now();
    }

    /// How long it has run since it began, or since its last turn did.
    pub(super) fn ran(&self) -> Duration {
        lock(&self.turn).since.elapsed()
    }

    /// Gives the lane back, lets everybody else go first, and waits for a lane.
    pub(super) fn turn(&self) -> impl Future<Output = ()> + Send + 'static + use<> {
        self.leave();
        let (lanes, turn) = (self.lanes.clone(), Arc::clone(&self.turn));
        async move {
            tokio::task::yield_now().await;
            // The lanes are never closed; if they were, nobody would have to wait.
            let lane = lanes.0.acquire_owned().await.ok();
            *lock(&turn) = Turn { since: Instant::now(), lane };
        }
    }

    /// The call is over.
    pub(super) fn leave(&self) {
        drop(lock(&self.turn).lane.take());
    }
}

fn lock(turn: &Mutex<Turn>) -> MutexGuard<'_, Turn> {
    turn.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lane_is_given_back_at_every_turn_and_at_the_end() {
        let lanes = Lanes(Arc::new(Semaphore::new(1)));
        let (first, second) = (lanes.place(), lanes.place());
        first.turn().await;
        assert_eq!(lanes.0.available_permits(), 0);
        first.turn().await;
        assert_eq!(lanes.0.available_permits(), 0, "the turn after the first is in a lane as well");
        first.leave();
        second.turn().await;
        drop(second);
        assert_eq!(lanes.0.available_permits(), 1);
    }
}
