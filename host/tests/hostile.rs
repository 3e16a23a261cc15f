//! Hostile guests: what a stranger's planner does to its host ends in an error of its own request, in time, and the next
//! request knows nothing of it.
//!
//! The kinds are data, in `hostile/`. Whether memory stays flat is asked in `flat.rs`, what it costs the neighbours in the bench
//! `neighbours`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;
#[path = "hostile/kinds.rs"]
mod kinds;
#[path = "hostile/says.rs"]
mod says;
mod stranger;
#[path = "hostile/texts.rs"]
mod texts;

use std::sync::Arc;
use std::time::{Duration, Instant};

use gateleg::gate::{Ceilings, Gate, Planners};
use gateleg::sandbox::{Limits, Sandbox};
use gateleg_core::plan::Step;
use gateleg_core::policy::{Allowed, Policy};
use gateleg_core::reply::Reply;
use gateleg_store::embedded::Embedded;
use gateleg_store::{Planner as _, PlannerError, Store};

use common::Folder;
use stranger::{HONEST, HOSTILE, Stranger};

const CONTEXT: &str = r#"{"requestId":"r-1"}"#;

/// The longer of the host's two ticks; a stranger's own is no measure on a busy machine.
const TICK: Duration = Duration::from_millis(10);

/// A kind of hostility, and what becomes of it.
pub struct Kind {
    /// In a few words.
    pub name: &'static str,
    /// Who does it.
    pub guest: Stranger<'static>,
    /// How that ends.
    pub ends: Ends,
    /// What the caller is told: status and `__type`.
    pub told: (u16, &'static str),
}

/// How it ends in the sandbox.
pub enum Ends {
    /// Its time is up.
    Timeout,
    /// Its memory is used up.
    OutOfMemory,
    /// It broke off or broke the contract, in words that are for the log.
    Failed(&'static str),
    /// It did not take an outcome.
    Refused,
    /// In nothing that a sandbox would mind: the store's driver has to.
    Goes,
}

const DENIED: (u16, &str) = (403, "AccessDeniedException");
const FAILED: (u16, &str) = (500, "InternalServerError");
const LARGE: (u16, &str) = (413, "RequestEntityTooLargeException");
const LATE: (u16, &str) = (504, "TimeoutException");
const FINE: (u16, &str) = (200, "");

fn limits() -> Limits {
    Limits { memory_bytes: 8 << 20, reply_bytes: 100_000, cpu: Duration::from_millis(100), max_concurrent: 2 }
}

/// The deadline of a whole request, of which the planner's own time is a part.
const DEADLINE: Duration = Duration::from_millis(400);

struct World {
    runtime: tokio::runtime::Runtime,
    store: Arc<dyn Store>,
    _folder: Folder,
}

impl World {
    fn new() -> Self {
        let folder = Folder::new();
        let store = Embedded::open(folder.path("data.db")).unwrap();
        store.ensure_default_table().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        World { runtime, store: Arc::new(store), _folder: folder }
    }

    fn gate(&self, sandbox: &Sandbox, deadline: Duration) -> Gate {
        let mut policy = Policy::tables(Allowed::Only(vec!["lambda-apigateway".into()]));
        policy.operations = Allowed::Only(vec!["read".into(), "batchGet".into(), "transactGet".into()]);
        let ceilings = Ceilings { deadline, max_reply: limits().reply_bytes, max_requests: 2, ..Ceilings::default() };
        Gate::new(Planners::Guest(sandbox.clone()), Arc::clone(&self.store), policy, ceilings)
    }

    /// One kind, asked directly and through the gate; after each an honest request, to the same component.
    fn check(&self, kind: &Kind, measured: &mut Measured) -> Result<(), String> {
        let Kind { name, guest, ends, told } = kind;
        let sandbox =
            Sandbox::new(&guest.component(), limits(), None).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (answer, took) = self.timed(|| self.runtime.block_on(ask(&sandbox, guest)));
        let as_expected = match (ends, &answer) {
            (Ends::Timeout, Err(PlannerError::Timeout))
            | (Ends::OutOfMemory, Err(PlannerError::OutOfMemory(_)))
            | (Ends::Refused, Err(PlannerError::Refused(_)))
            | (Ends::Goes, Ok(_)) => true,
            (Ends::Failed(words), Err(PlannerError::Failed(found))) => found.contains(words),
            _ => false,
        };
        if !as_expected {
            return Err(format!("{name}: {answer:?}"));
        }
        self.honest(name, &sandbox);

        let gate = self.gate(&sandbox, DEADLINE);
        let reply = self.runtime.block_on(gate.answer(HOSTILE, "r-1", None));
        let error_type = reply.error.as_ref().map_or("", |(error_type, _)| error_type);
        if (reply.status, error_type) != *told || reply.text().contains("secret") {
            return Err(format!("{name}: the caller is told {} {}", reply.status, reply.text()));
        }
        self.honest(name, &sandbox);
        measured.record(name, took, || self.timed(|| drop(self.runtime.block_on(ask(&sandbox, guest)))).1)
    }

    fn timed<T>(&self, ask: impl FnOnce() -> T) -> (T, Duration) {
        let start = Instant::now();
        (ask(), start.elapsed())
    }

    fn honest(&self, name: &str, sandbox: &Sandbox) {
        let start = Instant::now();
        let answer = self.runtime.block_on(self.gate(sandbox, Duration::from_secs(30)).answer(HONEST, "r-2", None));
        assert_eq!((answer.status, answer.text()), (200, "fine"), "{name}, the request after it");
        assert!(start.elapsed() < Duration::from_secs(20), "{name}, the request after it: {:?}", start.elapsed());
    }
}

/// Asks a guest as the driver would, with an empty answer to whatever it sends.
async fn ask(sandbox: &Sandbox, guest: &Stranger<'_>) -> Result<Option<Reply>, PlannerError> {
    let (mut planner, mut step) = sandbox.open(HOSTILE, CONTEXT).await?;
    if !guest.expire.is_empty() {
        return planner.expire().await.map(Some);
    }
    for _ in 0..20 {
        step = match step {
            Step::Done(reply) => return Ok(Some(reply)),
            Step::Wait => return Ok(None),
            Step::Send(dispatches) => match dispatches.first() {
                Some(first) => planner.resume_text(first.ticket, r#"{"ok":{}}"#, None).await?,
                None => return Ok(None),
            },
        };
    }
    Ok(None)
}

/// How long the kinds took, beside the plainest of them: an endless loop that does nothing. On a busy machine that one takes longer too.
struct Measured {
    floor: Duration,
    worst: Duration,
}

impl Measured {
    fn new(world: &World) -> Self {
        let sandbox = Sandbox::new(&stranger::planner("(loop $again (br $again))"), limits(), None).unwrap();
        let guest = Stranger::default();
        let floor = (0..5).map(|_| world.timed(|| drop(world.runtime.block_on(ask(&sandbox, &guest)))).1).max();
        Measured { floor: floor.unwrap(), worst: Duration::ZERO }
    }

    /// The time that a guest has, two ticks, and what the plainest loop takes beyond that. A busy machine gets more attempts.
    fn record(&mut self, name: &str, first: Duration, mut again: impl FnMut() -> Duration) -> Result<(), String> {
        let most = self.floor.max(limits().cpu) + 2 * TICK;
        let mut best = first;
        for _ in 0..10 {
            if best <= most {
                break;
            }
            best = best.min(again());
        }
        self.worst = self.worst.max(best);
        if best <= most { Ok(()) } else { Err(format!("{name}: took {best:?}, more than {most:?}")) }
    }
}

#[test]
fn every_kind_ends_in_its_error_in_time_and_the_next_request_is_answered() {
    let world = World::new();
    let mut measured = Measured::new(&world);
    let kinds: Vec<Kind> = kinds::kinds().into_iter().chain(says::kinds()).chain(texts::kinds()).collect();
    let faults: Vec<String> = kinds.iter().filter_map(|kind| world.check(kind, &mut measured).err()).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let names: std::collections::BTreeSet<&str> = kinds.iter().map(|kind| kind.name).collect();
    assert_eq!(names.len(), kinds.len(), "a name for each");
    println!(
        "{} kinds; the plainest loop took {:?}, the longest of all {:?}",
        kinds.len(),
        measured.floor,
        measured.worst
    );
}

#[test]
fn what_cannot_even_start_is_refused_at_the_start() {
    let endless = "(loop $again (br $again))";
    let grow = "(if (i32.eq (memory.grow (i32.const 1000)) (i32.const -1)) (then unreachable))";
    for (name, start, fields, words) in [
        ("an endless loop", endless, "", "used up its time"),
        ("a trap", "unreachable", "", "`unreachable` instruction executed"),
        ("recursion", "(call $start)", "", "call stack exhausted"),
        ("more memory than there is", grow, "", "more memory than the 8388608 bytes"),
        ("data out of bounds", "", r#"(data (i32.const 131072) "x")"#, "out of bounds memory access"),
        ("a second memory in the module, beyond the limit", "", "(memory $second 128)", "bytes of memory at the start"),
        ("memories without end", "", &"(memory 1)".repeat(50), "at most 20 memories, but found 51"),
        ("a table without end", "", "(table 100000000 funcref)", "elements of a table, but found 100000000"),
        ("tables without end", "", &"(table 1 funcref)".repeat(1000), "at most 100 tables, but found 1000"),
        ("tables of more than the memory", "", &"(table 100000 funcref)".repeat(20), "exceeds table limits"),
    ] {
        let guest = Stranger { start, fields, ..Stranger::default() };
        let started = Instant::now();
        let error = Sandbox::new(&guest.component(), limits(), None).map(drop).unwrap_err().to_string();
        assert!(error.contains(words), "{name}: {error}");
        assert!(started.elapsed() < Duration::from_secs(30), "{name}: {:?}", started.elapsed());
    }
}

#[test]
fn as_many_loops_as_there_are_places_all_end_at_their_deadline() {
    let world = World::new();
    // Turn by turn, their own time would be used up only after 32 * 10 seconds.
    let limits = Limits { cpu: Duration::from_secs(10), max_concurrent: 40, ..limits() };
    let sandbox = Sandbox::new(&stranger::planner("(loop $again (br $again))"), limits, None).unwrap();
    let ceilings = Ceilings { deadline: Duration::from_secs(1), max_requests: 40, ..Ceilings::default() };
    let policy = Policy::allow_all();
    let gate = Arc::new(Gate::new(Planners::Guest(sandbox.clone()), Arc::clone(&world.store), policy, ceilings));
    let start = Instant::now();
    world.runtime.block_on(async {
        let loops: Vec<_> = (0..32)
            .map(|_| {
                let gate = Arc::clone(&gate);
                tokio::spawn(async move { gate.answer(HOSTILE, "r-1", None).await.status })
            })
            .collect();
        // In between, honest requests are answered.
        for _ in 0..20 {
            assert_eq!(gate.answer(HONEST, "r-2", None).await.status, 200);
        }
        assert!(loops.iter().any(|it| !it.is_finished()), "the honest ones did not wait for the loops");
        for it in loops {
            assert_eq!(it.await.unwrap(), 504);
        }
    });
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn who_asks_a_planner_that_breaks_off_waits_and_nobody_else_does() {
    let world = World::new();
    let sandbox = Sandbox::new(&stranger::planner("unreachable"), limits(), None).unwrap();
    let ceilings = Ceilings { max_requests: 1, max_queue: 0, ..Ceilings::default() };
    let gate = Gate::new(Planners::Guest(sandbox), Arc::clone(&world.store), Policy::allow_all(), ceilings);
    world.runtime.block_on(async {
        let start = Instant::now();
        let mut broken = std::pin::pin!(gate.answer(HOSTILE, "r-1", None));
        let begun = tokio::time::timeout(Duration::ZERO, &mut broken).await;
        assert!(begun.is_err(), "answered after {:?}", start.elapsed());
        let shared = gate.shared();
        tokio::select! {
            biased;
            over = shared.settle(Duration::from_secs(30)) => assert!(over),
            _ = &mut broken => panic!("answered after {:?}, in its place", start.elapsed()),
        }
        // There is one place, and it is free.
        assert_eq!(gate.answer(HONEST, "r-2", None).await.status, 200);
        assert_eq!(broken.await.status, 500);
        assert!(start.elapsed() >= Duration::from_millis(20), "answered after {:?}", start.elapsed());
    });
}

#[test]
fn a_loop_in_expire_is_left_soon_after_the_deadline() {
    let world = World::new();
    let guest = Stranger { expire: "(loop $again (br $again))", ..says::LATE_COMMAND };
    let limits = Limits { cpu: Duration::from_secs(20), ..limits() };
    let sandbox = Sandbox::new(&guest.component(), limits, None).unwrap();
    let start = Instant::now();
    let reply = world.runtime.block_on(world.gate(&sandbox, DEADLINE).answer(HOSTILE, "r-1", None));
    assert_eq!(reply.status, 504);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    world.honest("after it", &sandbox);
}

/// Plants a canary in all of its memory, what can be grown included (`!p`), looks for one there (`!s`), or both (`!b`).
const CANARY: &str = "
    (local.set $j (i32.load8_u offset=1 (local.get $request)))
    (block $grown (loop $more (br_if $grown (i32.eq (memory.grow (i32.const 1)) (i32.const -1))) (br $more)))
    (if (i32.ne (local.get $j) (i32.const 115)) (then
      (local.set $i (i32.const 16384))
      (loop $more
        (i64.store (local.get $i) (i64.const 0x5ec2e75ec2e75ec2))
        (br_if $more (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 8)))
          (i32.mul (memory.size) (i32.const 65536)))))
      (global.set $canary (i64.const 0x5ec2e75ec2e75ec2))
      (table.set $funcs (i32.const 0) (ref.func $fine))
      (if (i32.eq (local.get $j) (i32.const 116)) (then unreachable))
      (if (i32.eq (local.get $j) (i32.const 108)) (then (loop $again (br $again))))))
    (if (i32.ne (local.get $j) (i32.const 112)) (then
      (local.set $i (i32.const 128))
      (loop $more
        (if (i64.eq (i64.load (local.get $i)) (i64.const 0x5ec2e75ec2e75ec2))
          (then (i32.store16 (i32.const 72) (i32.const 218))))
        (br_if $more (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 8)))))
      (if (i64.ne (global.get $canary) (i64.const 0)) (then (i32.store16 (i32.const 72) (i32.const 218))))
      (if (i32.eqz (ref.is_null (table.get $funcs (i32.const 0))))
        (then (i32.store16 (i32.const 72) (i32.const 218))))))";

#[test]
fn a_canary_is_never_found_by_the_next_request() {
    let world = World::new();
    let fields = "(global $canary (mut i64) (i64.const 0)) (table $funcs 4 funcref) (elem declare func $fine)";
    let guest = Stranger { open: CANARY, fields, ..Stranger::default() };
    // More than the host wipes by writing zeros, so that the rest is given back to the system.
    let limits = Limits { memory_bytes: 3 << 20, max_concurrent: 1, cpu: Duration::from_secs(5), ..limits() };
    let sandbox = Sandbox::new(&guest.component(), limits, None).unwrap();
    let ask = |request: &[u8]| match world.runtime.block_on(sandbox.open(request, CONTEXT)) {
        Ok((_, Step::Done(reply))) => reply.status,
        Ok((_, step)) => panic!("{step:?}"),
        // A trap after growth that was refused counts as want of memory.
        Err(PlannerError::OutOfMemory(_)) => 413,
        Err(error) => panic!("{error}"),
    };
    assert_eq!(ask(b"!b"), 218, "the search finds what is there");
    let canary = 0x5ec2_e75e_c2e7_5ec2_u64.to_le_bytes();
    let sown = [b"!b".to_vec(), canary.repeat(5_000)].concat();
    for round in 0..5 {
        assert_eq!(ask(b"!s"), 200, "round {round}: after one that came to its end");
        assert_eq!(ask(b"!p"), 200);
        assert_eq!(ask(b"!s"), 200, "round {round}: after one that planted it");
        assert_eq!(ask(b"!t"), 413);
        assert_eq!(ask(b"!s"), 200, "round {round}: after one that planted it and trapped");
        let patience = Duration::from_millis(100);
        let left = world.runtime.block_on(async { tokio::time::timeout(patience, sandbox.open(b"!l", CONTEXT)).await });
        assert!(left.is_err(), "it loops");
        assert_eq!(ask(b"!s"), 200, "round {round}: after one that was left in the middle");
        assert_eq!(ask(&sown), 218);
        assert_eq!(ask(b"!s"), 200, "round {round}: after one whose request held it");
    }
}

#[test]
fn state_kept_in_hope_of_the_next_request_is_gone() {
    let world = World::new();
    let count = "(global.set $count (i32.add (global.get $count) (i32.const 1)))
        (i32.store16 (i32.const 72) (i32.add (i32.const 200) (global.get $count)))";
    let guest = Stranger { open: count, ..Stranger::default() };
    let sandbox = Sandbox::new(&guest.component(), limits(), None).unwrap();
    for _ in 0..50 {
        let reply = world.runtime.block_on(ask(&sandbox, &guest)).unwrap().unwrap();
        assert_eq!(reply.status, 201);
    }
}
