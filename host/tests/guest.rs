//! The sandbox, with our own planner and with strangers': what goes in, what comes out, and what never does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod stranger;

use std::collections::BTreeMap;
use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::{Context as Poller, Poll, Waker};
use std::time::Duration;

use gateleg::sandbox::{GuestPlanner, Limits, PLANNER, Sandbox, SandboxError};
use gateleg_core::command::Api;
use gateleg_core::context::Context;
use gateleg_core::outcome::Outcome;
use gateleg_core::plan::{Plan, Step};
use gateleg_core::reply::Reply;
use gateleg_core::transcript::{self, Home, Told};
use gateleg_store::{Planner, PlannerError};
use wasmparser::{Parser, Payload};

const CONTEXT: &str = r#"{"requestId":"r-1"}"#;
const READ: &[u8] = br#"{"operation":"read","tableName":"people","payload":{"Key":{"id":"1"}}}"#;

fn embedded() -> Sandbox {
    Sandbox::embedded(limits(), None).unwrap()
}

fn limits() -> Limits {
    Limits { max_concurrent: 4, ..Limits::default() }
}

/// The value of a future that has nothing to wait for: our own guest's calls are synchronous.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Poller::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("our own guest never waits"),
    }
}

fn reply(sandbox: &Sandbox, request: &[u8]) -> Result<Reply, PlannerError> {
    match now(sandbox.open(request, CONTEXT))? {
        (_, Step::Done(reply)) => Ok(reply),
        (_, step) => panic!("expected a reply, but found {step:?}"),
    }
}

// Our own guest.

#[test]
fn the_component_imports_nothing_and_its_module_only_the_session_intrinsics() {
    let mut modules = 0;
    // Component within component; those inside name their types as imports.
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(PLANNER) {
        match payload.unwrap() {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 1 => panic!("{} imports", section.count()),
            Payload::ModuleSection { .. } => modules += 1,
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import.unwrap();
                    assert_eq!(import.module, "[export]gateleg:planner/planner@0.1.0");
                    let known = ["[resource-new]session", "[resource-rep]session", "[resource-drop]session"];
                    assert!(known.contains(&import.name), "{}", import.name);
                }
            }
            _ => {}
        }
    }
    assert_eq!(modules, 1, "modules in the component");
}

/// The sandbox as a home for transcripts, driven as the host drives it.
struct Guest {
    sandbox: Sandbox,
    planner: Option<GuestPlanner>,
    awaited: BTreeMap<u32, Api>,
}

impl Guest {
    fn told(&mut self, step: Step) -> Told {
        if let Step::Send(dispatches) = &step {
            self.awaited.extend(dispatches.iter().map(|dispatch| (dispatch.ticket, dispatch.command.api)));
        }
        step.into()
    }

    fn session(&mut self) -> &mut GuestPlanner {
        self.planner.as_mut().expect("a session is open")
    }
}

impl Home for Guest {
    fn open(&mut self, request: &[u8], context: &str) -> Result<Told, String> {
        // The one before gives its place back first.
        self.planner = None;
        self.awaited.clear();
        let (planner, step) = now(self.sandbox.open(request, context)).map_err(|error| error.to_string())?;
        self.planner = Some(planner);
        Ok(self.told(step))
    }

    fn resume(&mut self, ticket: u32, outcome: &str) -> Result<Told, String> {
        let typed = self.awaited.get(&ticket).and_then(|api| Outcome::parse(*api, outcome).ok());
        let session = self.session();
        let result = match typed {
            Some(outcome) => now(session.resume(ticket, outcome, None)),
            // A host has no such outcome to hand in; what the guest says of it is part of the contract all the same.
            None => now(session.resume_text(ticket, outcome, None)),
        };
        match result {
            Ok(step) => Ok(self.told(step)),
            Err(PlannerError::Refused(words)) => Err(words),
            Err(error) => panic!("{error}"),
        }
    }

    fn expire(&mut self) -> Result<Reply, String> {
        now(self.session().expire()).map_err(|error| error.to_string())
    }
}

#[test]
fn every_transcript_reads_the_same_in_the_sandbox() {
    let mut guest = Guest { sandbox: embedded(), planner: None, awaited: BTreeMap::new() };
    let mut files = Vec::new();
    transcripts(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../core/corpus")), &mut files);
    assert!(!files.is_empty());
    for path in files {
        let file = fs::read_to_string(&path).unwrap();
        let native = transcript::replay(&file, &mut transcript::Native::default()).unwrap();
        let replayed = transcript::replay(&file, &mut guest).unwrap();
        for (index, (native, replayed)) in native.lines().zip(replayed.lines()).enumerate() {
            assert_eq!(native, replayed, "{}:{}", path.display(), index + 1);
        }
        assert_eq!(native.len(), replayed.len(), "{}", path.display());
    }
}

fn transcripts(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            transcripts(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            files.push(path);
        }
    }
}

#[test]
fn nesting_is_refused_or_planned_as_natively_and_never_overflows_the_stack() {
    let sandbox = embedded();
    let nest = |open: &str, depth: usize, close: &str| format!("{}1{}", open.repeat(depth), close.repeat(depth));
    let item = |options: &str, value: String| {
        format!(
            r#"{{"operation":"create","tableName":"people"{options},"payload":{{"Item":{{"id":"1","a":{value}}}}}}}"#
        )
    };
    let dynamodb = r#","options":{"format":"dynamodb"}"#;
    let typed = |depth: usize| nest(r#"{"L":["#, depth, "]}").replace('1', r#"{"N":"1"}"#);
    let maps = |depth: usize| nest(r#"{"M":{"m":"#, depth, "}}").replace('1', r#"{"N":"1"}"#);
    let mut requests = vec!["[".repeat(200_000), r#"{"a":"#.repeat(200_000)];
    for depth in [1, 30, 31, 32, 33, 60, 61, 62, 63, 64, 120, 124, 125, 126, 127, 128, 129, 200_000] {
        requests.push(nest("[", depth, "]"));
        requests.push(format!(r#"{{"operation":"echo","payload":{}}}"#, nest("[", depth, "]")));
        requests.push(format!(r#"{{"operation":"echo","payload":{}}}"#, nest(r#"{"a":"#, depth, "}")));
        requests.push(item("", nest("[", depth, "]")));
        requests.push(item("", nest(r#"{"a":"#, depth, "}")));
        requests.push(item("", nest(r#"{"$m":{"a":"#, depth, "}}")));
        requests.push(item(dynamodb, typed(depth)));
        requests.push(item(dynamodb, maps(depth)));
    }
    for request in requests {
        let (_, native) = Plan::open(request.as_bytes(), &Context::parse(CONTEXT).unwrap());
        let (_, guest) = now(sandbox.open(request.as_bytes(), CONTEXT))
            .unwrap_or_else(|error| panic!("{error}: {}", request.get(..100).unwrap_or(&request)));
        assert!(native == guest, "{}", request.get(..100).unwrap_or(&request));
    }
}

#[test]
fn a_deep_outcome_does_not_overflow_the_stack() {
    let sandbox = embedded();
    for depth in [1, 32, 60, 61, 62, 63, 64, 128, 200_000] {
        let (mut planner, _) = now(sandbox.open(READ, CONTEXT)).unwrap();
        let value = format!("{}{{\"N\":\"1\"}}{}", r#"{"L":["#.repeat(depth), "]}".repeat(depth));
        let outcome = format!(r#"{{"ok":{{"Item":{{"id":{{"S":"1"}},"a":{value}}}}}}}"#);
        let native = Outcome::parse(Api::GetItem, &outcome);
        match (native, now(planner.resume_text(0, &outcome, None))) {
            (Ok(outcome), Ok(step)) => {
                let (mut plan, _) = Plan::open(READ, &Context::parse(CONTEXT).unwrap());
                assert_eq!(plan.resume(0, outcome, None).unwrap(), step);
            }
            (Err(error), Err(PlannerError::Refused(words))) => assert_eq!(error.to_string(), words),
            (native, guest) => panic!("{depth}: {native:?}, {guest:?}"),
        }
    }
}

#[test]
fn six_megabytes_of_zeros_are_answered_within_the_memory_limit() {
    let zeros = format!(r#"{{"operation":"echo","payload":[{}0]}}"#, "0,".repeat(3_000_000));
    let roomy = embedded();
    let (_, native) = Plan::open(zeros.as_bytes(), &Context::parse(CONTEXT).unwrap());
    assert_eq!(native, Step::Done(reply(&roomy, zeros.as_bytes()).unwrap()));

    let narrow = Sandbox::embedded(Limits { memory_bytes: 16 << 20, ..limits() }, None).unwrap();
    let error = reply(&narrow, zeros.as_bytes()).unwrap_err();
    assert!(matches!(error, PlannerError::OutOfMemory(_)), "{error}");
    assert_eq!(error.error().reply("r-1").status, 413);
    assert_eq!(reply(&narrow, br#"{"operation":"ping"}"#).unwrap().text(), r#""pong""#);
}

#[test]
fn pages_that_a_session_has_done_with_leave_room_for_more() {
    let (mut planner, _) = now(embedded().open(READ, CONTEXT)).unwrap();
    let attributes: String = (0..3000).map(|n| format!(r#""a{n}":{{"S":"{}"}},"#, "x".repeat(400))).collect();
    // It is read to the end, where it turns out to be no outcome: the session stays as it was, and its memory should.
    let page = format!(r#"{{"ok":{{"Item":{{{attributes}"id":{{"S":"1"}}}},"ConsumedCapacity":5}}}}"#);
    assert!(page.len() > 1 << 20);
    for _ in 0..300 {
        let error = now(planner.resume_text(0, &page, None)).map(drop).unwrap_err();
        assert!(matches!(error, PlannerError::Refused(_)), "{error}");
    }
    let outcome = r#"{"ok":{"Item":{"id":{"S":"1"}}}}"#;
    assert!(matches!(now(planner.resume_text(0, outcome, None)), Ok(Step::Done(_))));
}

#[test]
fn too_many_at_once_is_an_overload_that_passes() {
    let sandbox = Sandbox::embedded(Limits { max_concurrent: 2, ..Limits::default() }, None).unwrap();
    let first = now(sandbox.open(READ, CONTEXT)).unwrap();
    let second = now(sandbox.open(READ, CONTEXT)).unwrap();
    let error = now(sandbox.open(READ, CONTEXT)).map(drop).unwrap_err();
    assert!(matches!(error, PlannerError::Overloaded), "{error}");
    let reply = error.error().reply("r-1");
    assert_eq!(reply.status, 503);
    assert!(reply.text().contains("ServiceUnavailableException"), "{}", reply.text());
    drop((first, second));
    now(sandbox.open(READ, CONTEXT)).unwrap();
}

#[test]
fn time_is_counted_over_all_calls_of_a_request() {
    let sandbox = Sandbox::embedded(Limits { cpu: Duration::from_nanos(1), ..limits() }, None).unwrap();
    // The clock stops a call at its next tick at the soonest, so the first one usually gets through.
    let error = match now(sandbox.open(READ, CONTEXT)) {
        Ok((mut planner, _)) => now(planner.expire()).unwrap_err(),
        Err(error) => error,
    };
    assert!(matches!(error, PlannerError::Timeout), "{error}");
    assert_eq!(error.error().reply("r-1").status, 504);
}

// Strangers.

#[tokio::test(flavor = "current_thread")]
async fn an_endless_loop_does_not_hold_the_thread_it_runs_on() {
    let planner = stranger::planner("(loop $again (br $again))");
    let sandbox = Sandbox::new(&planner, Limits { cpu: Duration::from_secs(1), ..limits() }, None).unwrap();
    let looping = tokio::spawn({
        let sandbox = sandbox.clone();
        async move { sandbox.open(b"!", CONTEXT).await.map(drop) }
    });
    for _ in 0..10 {
        let (_, step) = sandbox.open(b"?", CONTEXT).await.unwrap();
        assert!(matches!(step, Step::Done(_)));
        tokio::task::yield_now().await;
    }
    assert!(!looping.is_finished(), "it was answered around");
    assert!(matches!(looping.await.unwrap(), Err(PlannerError::Timeout)));
}

#[test]
fn a_loop_that_is_given_up_gives_its_place_back() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let planner = stranger::planner("(loop $again (br $again))");
        let sandbox = Sandbox::new(&planner, Limits { max_concurrent: 1, ..Limits::default() }, None).unwrap();
        let patience = Duration::from_millis(50);
        assert!(tokio::time::timeout(patience, sandbox.open(b"!", CONTEXT)).await.is_err());
        assert!(matches!(sandbox.open(b"?", CONTEXT).await, Ok((_, Step::Done(_)))));
    });
}

/// Sends a command of that text under two tickets.
fn send(command: &str) -> Vec<u8> {
    let mut open = String::from(
        "(i32.store8 (i32.const 68) (i32.const 0)) (i32.store (i32.const 72) (i32.const 2048)) (i32.store (i32.const 76) (i32.const 2))",
    );
    for (index, byte) in command.bytes().enumerate() {
        open += &format!("(i32.store8 (i32.const {}) (i32.const {byte}))", 1100 + index);
    }
    for (index, ticket) in [3, 4].into_iter().enumerate() {
        for (offset, value) in [(0, ticket), (4, 0), (8, 1100), (12, command.len())] {
            open += &format!("(i32.store (i32.const {}) (i32.const {value}))", 2048 + 16 * index + offset);
        }
    }
    stranger::planner(&open)
}

#[tokio::test(flavor = "current_thread")]
async fn a_strangers_commands_are_the_ones_it_sent() {
    let get = r#"{"GetItem":{"TableName":"people","Key":{"id":{"S":"1"}}}}"#;
    let sandbox = Sandbox::new(&send(get), limits(), None).unwrap();
    let (_, Step::Send(dispatches)) = sandbox.open(b"!", CONTEXT).await.unwrap() else { panic!("expected commands") };
    let sent: Vec<_> = dispatches.iter().map(|it| (it.ticket, it.command.to_text())).collect();
    assert_eq!(sent, [(3, get.into()), (4, get.into())]);
}

#[tokio::test(flavor = "current_thread")]
async fn a_strangers_etag_passes_in_lower_case_and_its_cookies_do_not() {
    let headers = r#"(data (i32.const 1100) "Etag\22x\22set-cookiea=b")
        (data (i32.const 2048) "\4c\04\00\00\04\00\00\00\50\04\00\00\03\00\00\00\53\04\00\00\0a\00\00\00\5d\04\00\00\03\00\00\00")"#;
    let open = "(i32.store (i32.const 76) (i32.const 2048)) (i32.store (i32.const 80) (i32.const 2))";
    let guest = stranger::Stranger { open, fields: headers, ..Default::default() };
    let sandbox = Sandbox::new(&guest.component(), limits(), None).unwrap();
    let (_, Step::Done(reply)) = sandbox.open(b"!", CONTEXT).await.unwrap() else { panic!("expected a reply") };
    assert_eq!(reply.headers, [("etag".to_string(), "\"x\"".to_string())]);
}

fn refusal(component: &[u8]) -> String {
    match Sandbox::new(component, limits(), None) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("expected a refusal"),
    }
}

#[test]
fn a_component_that_is_no_planner_is_refused_with_the_reason() {
    let imports =
        wat::parse_str(r#"(component (import "wasi:cli/environment@0.2.0" (instance)) (import "b" (func)))"#).unwrap();
    match Sandbox::new(&imports, limits(), None) {
        Err(SandboxError::Imports(names)) => assert_eq!(names, ["wasi:cli/environment@0.2.0", "b"]),
        other => panic!("{:?}", other.err()),
    }
    assert!(refusal(&wat::parse_str("(component)").unwrap()).contains("it exports nothing"));
    assert!(refusal(&wat::parse_str("(module)").unwrap()).contains("core module"));
    assert!(refusal(b"(component)").contains("expected a WebAssembly component"));
    let other = r#"(component (instance $i) (export "gateleg:planner/planner@0.1.0" (instance $i)))"#;
    assert!(refusal(&wat::parse_str(other).unwrap()).contains("no function [static]session.open"));
}

#[test]
fn a_pool_has_room_for_what_the_component_needs_and_no_machine_has_for_all() {
    let fields = "(memory 1)".repeat(19);
    let many = stranger::Stranger { fields: &fields, ..Default::default() }.component();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let sandbox = Sandbox::new(&many, Limits { max_concurrent: 3, ..Limits::default() }, None).unwrap();
    let open = || runtime.block_on(sandbox.open(b"?", CONTEXT));
    let all = [open(), open(), open()].map(Result::unwrap);
    assert!(matches!(open().map(drop), Err(PlannerError::Overloaded)));
    drop(all);
    open().unwrap();

    // 20 memories of 4 GB for each of so many are more than there are addresses.
    let error =
        Sandbox::new(&many, Limits { max_concurrent: 100_000, ..Limits::default() }, None).map(drop).unwrap_err();
    let expected = "there is no room for 100000 instances at once, each with 20 memories and 0 tables";
    assert!(error.to_string().contains(expected), "{error}");
}

#[test]
fn a_component_that_needs_more_memory_than_the_limit_is_refused() {
    let error =
        Sandbox::new(&stranger::planner(""), Limits { memory_bytes: 65536, ..limits() }, None).map(drop).unwrap_err();
    assert!(error.to_string().contains("memory"), "{error}");
}
