//! Who has a planner break off waits for the answer, so that faults cannot be had as fast as they come.
//!
//! A guest that traps, or asks for more memory than there is, is done in microseconds, and could be asked again at once, thousands
//! of times a second, at the expense of everybody else. Nothing is held meanwhile but the caller.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// How long after the request began the caller is answered at the soonest.
const LEAST: Duration = Duration::from_millis(20);

/// How much later for each caller who waits already: so that those who were told together do not come back together, and one
/// planner breaks off 200 times a second at most, however many ask.
const EACH: Duration = Duration::from_millis(5);

/// The callers who wait.
#[derive(Default)]
pub(super) struct Penance(AtomicU32);

struct One<'a>(&'a AtomicU32);

impl Penance {
    /// Lets the caller of a request that began then wait, but no longer than until the end.
    pub(super) async fn of(&self, began: Instant, end: Instant) {
        let before = self.0.fetch_add(1, Ordering::Relaxed);
        let _one = One(&self.0);
        sleep_until((began + time(before)).min(end)).await;
    }
}

impl Drop for One<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How long a caller waits who finds that many waiting.
fn time(before: u32) -> Duration {
    LEAST.saturating_add(EACH.saturating_mul(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_end_in_a_second_however_many_wait() {
        for (before, expected) in [(0, 20.0), (1, 25.0), (8, 60.0), (16, 100.0), (1_996, 10_000.0)] {
            assert_eq!(time(before).as_secs_f64() * 1e3, expected, "{before}");
        }
        assert!(time(u32::MAX) > Duration::from_secs(3_600));
    }

    #[tokio::test]
    async fn nobody_is_counted_who_is_answered_or_has_left() {
        let (penance, began) = (Penance::default(), Instant::now());
        let left = tokio::time::timeout(Duration::ZERO, penance.of(began, began + Duration::from_secs(60))).await;
        assert!(left.is_err());
        penance.of(began, began).await;
        assert_eq!(penance.0.load(Ordering::Relaxed), 0);
    }
}
