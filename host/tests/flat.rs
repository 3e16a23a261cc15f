//! Memory stays as it is, however many requests come, honest and hostile: by the resident size of this process, which runs nothing
//! else.
//!
//! `GATELEG_REQUESTS=1000000 cargo test --release -p gateleg --test flat -- --nocapture`

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;
mod stranger;

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::Folder;
use gateleg::gate::{Ceilings, Gate, Planners};
use gateleg::sandbox::{Limits, Sandbox};
use gateleg_core::policy::Policy;
use gateleg_store::Store;
use gateleg_store::embedded::Embedded;
use stranger::{HONEST, HOSTILE, Stranger};

/// Under one per request, whoever it is: it would show after some ten thousand.
const MOST: u64 = 12 << 20;

/// What each of the hostile requests does, by its second byte.
const OPEN: &str = "
    (local.set $j (i32.load8_u offset=1 (local.get $request)))
    (if (i32.eq (local.get $j) (i32.const 48)) (then unreachable))
    (if (i32.eq (local.get $j) (i32.const 49)) (then
      (drop (memory.grow (i32.const 30))) (memory.fill (i32.const 16384) (i32.const 120) (i32.const 1900000))))
    (if (i32.eq (local.get $j) (i32.const 50)) (then (loop $more (drop (call $session (i32.const 1))) (br $more))))
    (if (i32.eq (local.get $j) (i32.const 51)) (then
      (drop (call $open (local.get 0) (local.get 1) (local.get 2) (local.get 3)))))
    (if (i32.eq (local.get $j) (i32.const 52)) (then (i32.store (i32.const 108) (i32.const 0x7fffffff))))
    (if (i32.eq (local.get $j) (i32.const 53)) (then
      (i32.store (i32.const 68) (i32.const 0))
      (i32.store (i32.const 72) (i32.const 2048)) (i32.store (i32.const 76) (i32.const 1))
      (i32.store (i32.const 2056) (i32.const 1100)) (i32.store (i32.const 2060) (i32.const 68))))
    (if (i32.eq (local.get $j) (i32.const 54)) (then (i32.store16 (i32.const 72) (i32.const 99))))";

const FIELDS: &str = r#"(data (i32.const 1100) "{\22GetItem\22:{\22TableName\22:\22lambda-apigateway\22,\22Key\22:{\22id\22:{\22S\22:\221\22}}}}")"#;

#[test]
fn memory_is_flat() {
    let requests: u32 = std::env::var("GATELEG_REQUESTS").ok().map_or(20_000, |text| text.parse().unwrap());
    let folder = Folder::new();
    let store = Embedded::open(folder.path("data.db")).unwrap();
    store.ensure_default_table().unwrap();
    let store: Arc<dyn Store> = Arc::new(store);
    let guest = Stranger { open: OPEN, fields: FIELDS, ..Stranger::default() };
    let limits = Limits { memory_bytes: 4 << 20, reply_bytes: 100_000, max_concurrent: 8, ..Limits::default() };
    let sandbox = Sandbox::new(&guest.component(), limits, None).unwrap();
    let ceilings = Ceilings { deadline: Duration::from_secs(20), max_requests: 8, ..Ceilings::default() };
    let gate = Arc::new(Gate::new(Planners::Guest(sandbox), store, Policy::allow_all(), ceilings));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let ask = |from: u32, to: u32| {
        runtime.block_on(async {
            for round in (from..to).step_by(8) {
                let asked: Vec<_> =
                    (round..round + 8).map(|number| tokio::spawn(one(Arc::clone(&gate), number))).collect();
                for answer in asked {
                    answer.await.unwrap();
                }
            }
        });
    };
    // Until everything that is made once is made.
    ask(0, 4_000);
    let before = resident();
    let mut most = before;
    let started = Instant::now();
    let tenth = requests / 10;
    for part in 0..10 {
        ask(part * tenth, (part + 1) * tenth);
        most = most.max(resident());
    }
    let after = resident();
    println!(
        "{requests} requests in {:?}: {} KiB resident before, {} after, {} at most",
        started.elapsed(),
        before >> 10,
        after >> 10,
        most >> 10
    );
    assert!(after < before + MOST, "{} KiB before, {} after {requests} requests", before >> 10, after >> 10);
}

/// Every second request is honest; the others take turns.
async fn one(gate: Arc<Gate>, number: u32) {
    let (request, status) = if number.is_multiple_of(2) {
        (HONEST.to_vec(), 200)
    } else {
        let kind = number / 2 % 7;
        let mut request = HOSTILE.to_vec();
        request[1] = b'0' + u8::try_from(kind).unwrap();
        (request, [500, 200, 500, 500, 500, 200, 500][usize::try_from(kind).unwrap()])
    };
    let reply = gate.answer(&request, "r-1", None).await;
    assert_eq!(reply.status, status, "{number}: {}", reply.text());
}

fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}
