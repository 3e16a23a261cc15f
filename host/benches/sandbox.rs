//! What one request costs to plan: in core called directly, in a fresh sandbox with every limit on, and in a sandbox around an
//! empty component, which is wasmtime's own share.
//!
//! `cargo bench -p gateleg --bench sandbox`

use std::fmt::Display;
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context as Poller, Poll, Waker};
use std::time::{Duration, Instant};

use gateleg::sandbox::{self, Limits, Sandbox};
use gateleg_core::context::Context;
use gateleg_core::plan::Plan;
use wasmtime::component::{Component, ComponentExportIndex, InstancePre, Linker};
use wasmtime::{Store, StoreLimits, StoreLimitsBuilder};

const ROUNDS: usize = 20_000;

const CONTEXT: &str = r#"{"requestId":"r-1","policy":{"tables":["*"],"operations":["*"]},"remainingMs":25000,"maxReplyBytes":6291456,"maxInFlight":16}"#;

const REQUESTS: [(&str, &str); 3] = [
    ("echo", r#"{"operation":"echo","payload":{"somekey1":"somevalue1","somekey2":"somevalue2"}}"#),
    (
        "create, 150 bytes",
        r#"{"operation":"create","tableName":"lambda-apigateway","payload":{"Item":{"id":"1234ABCD","number":5,"name":"Ada","tags":["a","b"],"address":{"zip":"1"}}}}"#,
    ),
    (
        "list, with a filter",
        r##"{"operation":"list","tableName":"lambda-apigateway","payload":{"FilterExpression":"#n > :n","ExpressionAttributeNames":{"#n":"number"},"ExpressionAttributeValues":{":n":4}}}"##,
    ),
];

fn main() {
    println!("microseconds, {ROUNDS} rounds each\n");
    println!("{:<34} {:>8} {:>8}", "", "p50", "p90");
    let sandbox = or_exit(Sandbox::embedded(Limits::default(), None));
    for (name, request) in REQUESTS {
        measure(&format!("{name}: native"), || {
            let context = or_exit(Context::parse(CONTEXT));
            black_box(Plan::open(request.as_bytes(), &context));
        });
        measure(&format!("{name}: fresh sandbox"), || {
            drop(black_box(or_exit(now(sandbox.open(request.as_bytes(), CONTEXT)))));
        });
    }
    let empty = Empty::new();
    measure("an empty component: fresh sandbox", || empty.call());
}

/// A component whose one function does nothing, under the same limits.
struct Empty {
    instance: InstancePre<StoreLimits>,
    function: ComponentExportIndex,
    limits: Limits,
}

const EMPTY: &str = r#"
(component
  (core module $module
    (memory (export "memory") 2)
    (func (export "nothing")))
  (core instance $instance (instantiate $module))
  (func (export "nothing") (canon lift (core func $instance "nothing"))))
"#;

impl Empty {
    fn new() -> Self {
        let limits = Limits::default();
        let engine = or_exit(sandbox::engine(&limits));
        let component = or_exit(Component::from_binary(&engine, &or_exit(wat::parse_str(EMPTY))));
        let function =
            or_exit(component.get_export_index(None, "nothing").ok_or("the empty component lost its function"));
        Empty { instance: or_exit(Linker::new(&engine).instantiate_pre(&component)), function, limits }
    }

    fn call(&self) {
        let limits = StoreLimitsBuilder::new().memory_size(self.limits.memory_bytes).build();
        let mut store = Store::new(self.instance.engine(), limits);
        store.limiter(|limits| limits);
        store.set_epoch_deadline(100);
        let instance = or_exit(self.instance.instantiate(&mut store));
        let function = or_exit(instance.get_typed_func::<(), ()>(&mut store, &self.function));
        or_exit(function.call(&mut store, ()));
    }
}

fn measure(name: &str, mut round: impl FnMut()) {
    for _ in 0..ROUNDS / 10 {
        round();
    }
    let mut times: Vec<Duration> = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        round();
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let at = |percent: usize| times.get(ROUNDS * percent / 100).map_or(0.0, |time| time.as_secs_f64() * 1e6);
    println!("{name:<34} {:>8.2} {:>8.2}", at(50), at(90));
}

/// The value of a future that has nothing to wait for: our own guest's calls are synchronous.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Poller::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => or_exit(Err("the sandbox waits for something")),
    }
}

fn or_exit<T, E: Display>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| {
        eprintln!("sandbox: {error}");
        std::process::exit(1)
    })
}
