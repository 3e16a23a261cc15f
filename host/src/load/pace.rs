//! A rate, or none, becomes turns: who takes one sends a request, and counts its time from the moment it was due.
//!
//! Without a rate a turn is due whenever a connection is free: a closed loop, which slows down with the server. With one, turns
//! are due at their time whether anybody is free or not, and a turn that is taken late was due all the same: that is what
//! a caller would have felt (<https://www.scylladb.com/2021/04/22/on-coordinated-omission/>).

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

const SECOND: u128 = 1_000_000_000;

/// Longest time until a stop is seen.
const NAP: Duration = Duration::from_millis(20);

/// Hands out turns, from its making until the time is over.
#[derive(Debug)]
pub struct Pace {
    begin: Instant,
    counted: Instant,
    end: Instant,
    /// Turns per second; none in a closed loop.
    rate: Option<u32>,
    /// Most turns that are counted.
    most: u64,
    /// With a rate: those that are due and that nobody has taken.
    turns: Semaphore,
    /// With a rate: how many were due so far.
    due: AtomicU64,
    taken: AtomicU64,
    is_over: AtomicBool,
    stopped: OnceLock<Instant>,
}

/// The right to send one request.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// When it was due.
    pub due: Instant,
    /// Whether it counts, or is of the warm-up.
    pub counts: bool,
    /// Whether the next turn waits for this one.
    pub is_closed: bool,
}

impl Pace {
    /// Begins now.
    pub fn new(rate: Option<u32>, warmup: Duration, duration: Duration, most: Option<u64>) -> Arc<Self> {
        let begin = Instant::now();
        let pace = Arc::new(Pace {
            begin,
            counted: begin + warmup,
            end: begin + warmup + duration,
            rate,
            most: most.unwrap_or(u64::MAX),
            turns: Semaphore::new(0),
            due: AtomicU64::new(0),
            taken: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
            stopped: OnceLock::new(),
        });
        if let Some(rate) = rate {
            let pace = Arc::clone(&pace);
            // A thread of its own: it sleeps more exactly than tokio, whose clock counts milliseconds.
            thread::spawn(move || pace.beat(rate));
        }
        pace
    }

    /// The next turn; none when it is over.
    pub async fn next(&self) -> Option<Turn> {
        match self.rate {
            Some(rate) => {
                self.turns.acquire().await.ok()?.forget();
                let number = self.taken.fetch_add(1, Ordering::Relaxed);
                let due = self.begin + at(number, rate);
                Some(Turn { due, counts: number >= self.uncounted(rate), is_closed: false })
            }
            None => {
                let due = Instant::now();
                if due >= self.end || self.is_over.load(Ordering::Relaxed) {
                    return None;
                }
                let counts = due >= self.counted;
                if counts && self.taken.fetch_add(1, Ordering::Relaxed) >= self.most {
                    self.is_over.store(true, Ordering::Relaxed);
                    return None;
                }
                Some(Turn { due, counts, is_closed: true })
            }
        }
    }

    /// Ends it early.
    pub fn stop(&self) {
        self.stopped.get_or_init(Instant::now);
        self.is_over.store(true, Ordering::Relaxed);
        self.turns.close();
    }

    /// Whether it was ended early.
    pub fn is_stopped(&self) -> bool {
        self.stopped.get().is_some()
    }

    /// How many of those that count were due and never taken: everybody was busy. For when all is over.
    pub fn untaken(&self) -> u64 {
        let Some(rate) = self.rate else { return 0 };
        let from = self.uncounted(rate);
        let (due, taken) = (self.due.load(Ordering::Relaxed), self.taken.load(Ordering::Relaxed));
        due.max(from) - taken.max(from).min(due.max(from))
    }

    /// Turns that are due now and that nobody has taken.
    pub fn waiting(&self) -> usize {
        self.turns.available_permits()
    }

    /// Since when turns count.
    pub fn counted_from(&self) -> Instant {
        self.counted
    }

    /// How long was counted, where the last that counts ended at `last`.
    pub fn elapsed(&self, last: Option<Instant>) -> Duration {
        let sent_until = match (self.stopped.get(), self.rate) {
            (Some(stopped), _) => Some(*stopped),
            // The last turn has its share of time too.
            (None, Some(rate)) => Some((self.begin + at(self.all(rate), rate)).min(self.end)),
            // All of them were sent before the time was over.
            (None, None) if self.taken.load(Ordering::Relaxed) > self.most => None,
            (None, None) => Some(self.end),
        };
        sent_until.max(last).unwrap_or(self.end).saturating_duration_since(self.counted)
    }

    fn beat(&self, rate: u32) {
        let all = self.all(rate);
        while !self.is_over.load(Ordering::Relaxed) {
            let passed = self.begin.elapsed();
            let due = (passed.as_nanos() * u128::from(rate) / SECOND + 1).min(u128::from(all));
            let due = u64::try_from(due).unwrap_or(all);
            let before = self.due.swap(due, Ordering::Relaxed);
            self.turns.add_permits(usize::try_from(due - before).unwrap_or(0));
            let waited_for = if due == all { self.end - self.begin } else { at(due, rate) };
            if passed >= waited_for || (due == all && self.taken.load(Ordering::Relaxed) >= all) {
                if due == all {
                    break;
                }
                continue;
            }
            thread::sleep((waited_for - passed).min(NAP));
        }
        self.turns.close();
    }

    /// With a rate: turns of the warm-up.
    fn uncounted(&self, rate: u32) -> u64 {
        turns_in(self.counted - self.begin, rate)
    }

    /// With a rate: all turns there are.
    fn all(&self, rate: u32) -> u64 {
        turns_in(self.end - self.begin, rate).min(self.uncounted(rate).saturating_add(self.most))
    }
}

/// When a turn is due, from 0, after the beginning.
fn at(number: u64, rate: u32) -> Duration {
    let nanos = u128::from(number) * SECOND / u128::from(rate.max(1));
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// How many turns are due before that time is over.
fn turns_in(time: Duration, rate: u32) -> u64 {
    u64::try_from((time.as_nanos() * u128::from(rate)).div_ceil(SECOND)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    async fn take(pace: &Pace) -> Vec<Turn> {
        let mut turns = Vec::new();
        while let Some(turn) = pace.next().await {
            turns.push(turn);
        }
        turns
    }

    #[tokio::test]
    async fn turns_are_due_at_their_time_though_they_are_taken_late() {
        let pace = Pace::new(Some(100), 50 * MS, 100 * MS, None);
        let begin = pace.begin;
        // Nobody is free until all but the last are due.
        tokio::time::sleep(125 * MS).await;
        let turns = take(&pace).await;
        // On a machine that sleeps too long some are never taken, and then they are known as such.
        let counted = turns.iter().filter(|turn| turn.counts).count() as u64;
        assert_eq!(pace.untaken() + counted, 10);
        for (number, turn) in turns.iter().enumerate() {
            assert_eq!((turn.due - begin, turn.counts), (10 * MS * number as u32, number >= 5));
        }
    }

    #[tokio::test]
    async fn what_nobody_takes_is_known() {
        let pace = Pace::new(Some(1000), 10 * MS, 40 * MS, None);
        while !pace.turns.is_closed() {
            tokio::time::sleep(MS).await;
        }
        assert!(pace.next().await.is_none());
        assert_eq!((pace.untaken(), pace.elapsed(None)), (40, 40 * MS));
    }

    #[tokio::test]
    async fn a_number_of_requests_ends_it() {
        let hour = Duration::from_secs(3600);
        for rate in [None, Some(1000)] {
            let pace = Pace::new(rate, Duration::ZERO, hour, Some(7));
            let turns = take(&pace).await;
            assert_eq!((turns.len(), pace.untaken()), (7, 0), "{rate:?}");
            assert!(pace.elapsed(Some(Instant::now())) < hour, "{rate:?}");
        }
    }

    #[tokio::test]
    async fn it_can_be_stopped() {
        for rate in [None, Some(10)] {
            let pace = Pace::new(rate, Duration::ZERO, Duration::from_secs(3600), None);
            assert!(pace.next().await.is_some());
            pace.stop();
            assert!(pace.next().await.is_none() && pace.is_stopped(), "{rate:?}");
        }
    }
}
