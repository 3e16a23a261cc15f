//! How long honest requests take while others, to the same planner, are hostile: from the moment a request was due to its reply.
//!
//! `cargo bench -p gateleg --bench neighbours [-- PART-OF-A-NAME ..]`

#[path = "../tests/stranger/mod.rs"]
mod stranger;

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use gateleg::gate::{Ceilings, Gate, Planners};
use gateleg::sandbox::{Limits, Sandbox};
use gateleg_core::command::Command;
use gateleg_core::outcome::{Outcome, StoreError};
use gateleg_core::policy::Policy;
use gateleg_store::{BoxFuture, Store};
use tokio::runtime::Runtime;

use stranger::{HONEST, HOSTILE};

/// Who asks, each in a thread of its own, as clients are outside of the server.
const CLIENTS: u32 = 2;

/// How often each asks.
const EVERY: Duration = Duration::from_millis(2);

/// How long a row takes.
const TIME: Duration = Duration::from_secs(2);

/// Rounds: every row is measured in each, beside a row without anybody hostile.
const ROUNDS: usize = 3;

const GUESTS: [(&str, &str); 6] = [
    ("an endless loop", "(loop $again (br $again))"),
    (
        "memory.fill over and over",
        "(drop (memory.grow (i32.const 1000)))
         (loop $again (memory.fill (i32.const 8192) (i32.const 1) (i32.const 60000000)) (br $again))",
    ),
    (
        "memory growth without end",
        "(loop $more (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then unreachable)) (br $more))",
    ),
    ("handles made and dropped", "(loop $again (call $drop (call $session (i32.const 1))) (br $again))"),
    ("endless recursion", "(drop (call $open (local.get 0) (local.get 1) (local.get 2) (local.get 3)))"),
    ("a trap", "unreachable"),
];

fn main() {
    let runtime = or_exit(Runtime::new());
    println!("microseconds; medians of {ROUNDS} rounds; {CLIENTS} clients ask every {EVERY:?}\n");
    println!("{:<28} {:>8} {:>9} {:>9} {:>7} {:>9}", "", "hostile", "p50", "p99", "ratio", "ended/s");
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str()));
    for (name, open) in GUESTS.into_iter().filter(|(name, _)| is_wanted(name)) {
        let gate = gate(open);
        for hostile in [1, 8] {
            let mut rows: Vec<Row> = Vec::new();
            let mut ratios: Vec<f64> = Vec::new();
            for _ in 0..ROUNDS {
                let alone = measure(&runtime, &gate, 0);
                let beside = measure(&runtime, &gate, hostile);
                ratios.push(beside.p99 / alone.p99);
                rows.push(beside);
            }
            let median = |of: fn(&Row) -> f64| middle(rows.iter().map(of).collect());
            println!(
                "{name:<28} {hostile:>8} {:>9.1} {:>9.1} {:>7.2} {:>9.0}",
                median(|row| row.p50),
                median(|row| row.p99),
                middle(ratios),
                median(|row| row.ended)
            );
        }
    }
}

struct Row {
    p50: f64,
    p99: f64,
    /// Hostile requests that came to their end, per second.
    ended: f64,
}

fn gate(open: &str) -> Arc<Gate> {
    let limits = Limits { cpu: Duration::from_secs(1), max_concurrent: 32, ..Limits::default() };
    let sandbox = or_exit(Sandbox::new(&stranger::planner(open), limits, None));
    let ceilings = Ceilings { deadline: Duration::from_secs(2), max_requests: 32, ..Ceilings::default() };
    Arc::new(Gate::new(Planners::Guest(sandbox), Arc::new(Nothing), Policy::allow_all(), ceilings))
}

/// Nobody sends a command.
struct Nothing;

impl Store for Nothing {
    fn execute(&self, _: Command) -> BoxFuture<'_, Outcome> {
        Box::pin(std::future::ready(Outcome::error(StoreError::new("InternalServerError", "no store"))))
    }
}

fn measure(runtime: &Runtime, gate: &Arc<Gate>, hostile: usize) -> Row {
    let over = Arc::new(AtomicBool::new(false));
    let ended = Arc::new(AtomicU64::new(0));
    let others: Vec<_> = (0..hostile)
        .map(|_| {
            let (gate, over, ended) = (Arc::clone(gate), Arc::clone(&over), Arc::clone(&ended));
            runtime.spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    drop(gate.answer(HOSTILE, "hostile", None).await);
                    ended.fetch_add(1, Ordering::Relaxed);
                    // As if it came by the network again.
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            })
        })
        .collect();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let (gate, handle) = (Arc::clone(gate), runtime.handle().clone());
            thread::spawn(move || {
                let begin = Instant::now() + EVERY * number / CLIENTS;
                let mut times = Vec::new();
                for round in 0.. {
                    // When it is due, whether or not the one before it was late.
                    let due = begin + EVERY * round;
                    if due > begin + TIME {
                        break;
                    }
                    thread::sleep(due.saturating_duration_since(Instant::now()));
                    let (tell, told) = mpsc::channel();
                    let gate = Arc::clone(&gate);
                    handle.spawn(async move {
                        let reply = gate.answer(HONEST, "honest", None).await;
                        let _ = tell.send((reply.status, Instant::now()));
                    });
                    match told.recv() {
                        Ok((200, at)) => times.push(at.saturating_duration_since(due)),
                        other => or_exit(Err(format!("an honest request was not answered: {other:?}"))),
                    }
                }
                times
            })
        })
        .collect();
    let mut times: Vec<Duration> = Vec::new();
    for client in clients {
        times.extend(or_exit(client.join().map_err(|_| "a client broke off")));
    }
    over.store(true, Ordering::Relaxed);
    runtime.block_on(async {
        for other in others {
            or_exit(other.await);
        }
    });
    times.sort_unstable();
    let at = |percent: usize| times.get(times.len() * percent / 100).map_or(0.0, |time| time.as_secs_f64() * 1e6);
    Row { p50: at(50), p99: at(99), ended: ended.load(Ordering::Relaxed) as f64 / TIME.as_secs_f64() }
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn or_exit<T, E: Display>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| {
        eprintln!("neighbours: {error}");
        std::process::exit(1)
    })
}
