//! The law of faults: whatever a store does to a plan, no write that was acknowledged is lost, no item of a list is lost or comes
//! twice, and every plan ends in time.
//!
//! A seed makes a history: a store in memory that fails on purpose until it is well, a driver on a clock of its own, and a client
//! who sends what remains until all is done. 10,000 are lived by default, 100,000 with `--release`. `GATELEG_HISTORIES=n` lives
//! so many, `GATELEG_SEED=n` lives that one and prints what was sent and received.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "faults/chance.rs"]
mod chance;
#[path = "faults/drive.rs"]
mod drive;
#[path = "faults/history.rs"]
mod history;
#[path = "faults/lists.rs"]
mod lists;
#[path = "faults/reads.rs"]
mod reads;
#[path = "faults/single.rs"]
mod single;
#[path = "faults/table.rs"]
mod table;
#[path = "faults/tally.rs"]
mod tally;
#[path = "faults/world.rs"]
mod world;
#[path = "faults/writes.rs"]
mod writes;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;

use tally::Tally;

/// A law: a text that says what is broken unless the condition holds.
#[macro_export]
macro_rules! ensure {
    ($condition:expr, $($text:tt)*) => {
        if !$condition {
            return Err(format!($($text)*));
        }
    };
}

/// How many histories, unless told: as many as take some seconds.
const HISTORIES: u64 = match (cfg!(target_family = "wasm"), cfg!(debug_assertions)) {
    (true, _) => 1_000,
    (false, true) => 10_000,
    (false, false) => 100_000,
};

/// What has to come in so many histories, or a law that is about it was never put to the test.
const CASES: [&str; 24] = [
    "requests",
    "200",
    "4xx",
    "413",
    "429",
    "5xx",
    "504",
    "time was up",
    "sent again as often as may be",
    "what remains holds an item twice",
    "answered",
    "throttled",
    "refused",
    "done, and the answer lost",
    "not done, and nobody knows",
    "a batch of writes is done",
    "writes are handed back",
    "an error hands writes back",
    "a batch of keys is read",
    "keys are handed back",
    "a list comes to its end",
    "a list is to be gone on with",
    "an item is made",
    "a transaction happens",
];

#[test]
fn no_history_breaks_the_law() {
    if let Some(seed) = number("GATELEG_SEED") {
        let broken = live(seed, true).err();
        return assert_eq!(broken, None, "seed {seed}");
    }
    let histories = number("GATELEG_HISTORIES").unwrap_or(HISTORIES);
    let (next, lowest) = (AtomicU64::new(0), AtomicU64::new(u64::MAX));
    let (send, receive) = mpsc::channel();
    let work = |send: mpsc::Sender<Result<Tally, (u64, String)>>| {
        let mut tally = Tally::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= histories.min(lowest.load(Ordering::Relaxed)) {
                break;
            }
            match live(seed, false) {
                Ok(seen) => tally.add(&seen),
                Err(broken) => {
                    lowest.fetch_min(seed, Ordering::Relaxed);
                    send.send(Err((seed, broken))).unwrap();
                }
            }
        }
        send.send(Ok(tally)).unwrap();
    };
    if cfg!(target_family = "wasm") {
        work(send.clone());
    } else {
        thread::scope(|scope| {
            for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
                let (work, send) = (&work, send.clone());
                scope.spawn(move || work(send));
            }
        });
    }
    drop(send);
    let (mut tally, mut broken) = (Tally::default(), Vec::new());
    for result in receive {
        match result {
            Ok(part) => tally.add(&part),
            Err(one) => broken.push(one),
        }
    }
    if let Some((seed, law)) = broken.iter().min() {
        panic!("a law is broken: {law}\nGATELEG_SEED={seed} cargo test -p gateleg-core --test faults -- --nocapture");
    }
    println!("{histories} histories:\n{}", tally.lines());
    for case in CASES.iter().filter(|_| histories >= 10_000) {
        assert!(tally.count(case) > 0, "in {histories} histories never: {case}");
    }
}

/// Lives one history; a panic is a broken law, too.
fn live(seed: u64, trace: bool) -> Result<Tally, String> {
    catch_unwind(AssertUnwindSafe(|| history::live(seed, trace))).unwrap_or_else(|_| Err("it panics".into()))
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("expected a number in {variable}, but found {text}")))
}
