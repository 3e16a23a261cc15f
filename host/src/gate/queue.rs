//! Requests that come at once get a place each, wait in line for one, or are told to come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::metrics::labels::Why;
use crate::metrics::{Metrics, OneOf};

pub(super) type Place = OwnedSemaphorePermit;

/// A request's place among all that are under way, and among those of its gate.
pub(super) struct Places {
    pub(super) _shared: Place,
    pub(super) _own: Option<Place>,
}

/// Places, and a line before them.
pub(super) struct Queue {
    places: Arc<Semaphore>,
    all: u32,
    waiting: AtomicU32,
    most_waiting: u32,
}

impl Queue {
    pub(super) fn new(places: u32, most_waiting: u32) -> Self {
        let semaphore = Semaphore::new(usize::try_from(places).unwrap_or(usize::MAX));
        Queue { places: Arc::new(semaphore), all: places, waiting: AtomicU32::new(0), most_waiting }
    }

    /// A place; none, at once, when the line is full, or when none is free by the deadline.
    pub(super) async fn place(&self, deadline: Instant, metrics: &Metrics) -> Option<Place> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Some(place);
        }
        let Some(_waiting) = Waiting::join(self) else {
            metrics.no_place(&Why::FULL);
            return None;
        };
        let _one = OneOf::count(&metrics.queue_length);
        let started = Instant::now();
        match tokio::time::timeout_at(deadline, Arc::clone(&self.places).acquire_owned()).await {
            Ok(place) => {
                metrics.waited(started.elapsed());
                place.ok()
            }
            Err(_) => {
                metrics.no_place(&Why::DEADLINE);
                None
            }
        }
    }

    /// Waits until every place is free, or until the time is up: whether all are.
    pub(super) async fn settle(&self, time: Duration) -> bool {
        tokio::time::timeout(time, self.places.acquire_many(self.all)).await.is_ok()
    }
}

/// Somebody in the line, until it is dropped.
struct Waiting<'q>(&'q AtomicU32);

impl<'q> Waiting<'q> {
    fn join(queue: &'q Queue) -> Option<Self> {
        let more = |waiting: u32| (waiting < queue.most_waiting).then_some(waiting + 1);
        let joined = queue.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        joined.ok().map(|_| Waiting(&queue.waiting))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
