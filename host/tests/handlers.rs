//! The handlers of `examples/`: the same API in Rust and in JavaScript, under the same requests, with the same replies.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use common::{Folder, Host, run, text};
use gateleg::sandbox::{Limits, Sandbox};
use gateleg_core::plan::Step;
use gateleg_core::reply::Reply;
use gateleg_store::Planner as _;

/// The handlers' components, by language. Without Node there is none in JavaScript; continuous integration has Node.
fn handlers() -> impl Iterator<Item = (&'static str, String)> {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| std::env::var_os("GATELEG_HANDLERS").map_or_else(build, PathBuf::from));
    ["rust", "javascript"].into_iter().filter_map(|language| {
        let file = folder.join(format!("orders-{language}.wasm"));
        if language == "javascript" && !file.exists() {
            let is_ci = std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
            assert!(!is_ci, "expected {}", file.display());
            eprintln!("SKIPPED: the handler in JavaScript needs Node");
            return None;
        }
        Some((language, file.to_str().unwrap().into()))
    })
}

fn build() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = Command::new(env!("CARGO")).current_dir(root).args(["xtask", "handlers"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    text(&output.stdout).trim().into()
}

/// A request, and the status and body of its reply.
type Case = (&'static str, u16, &'static str);

const PLACE: &str = r#"{"action":"placeOrder","customer":"ann","order":"o-1","lines":[{"product":"tea \"é\"","quantity":2,"cents":350}]}"#;

/// One after the other, on one store.
const CASES: &[Case] = &[
    (PLACE, 201, r#"{"customer":"ann","order":"o-1","cents":700,"ordersOfCustomer":1}"#),
    (
        r#"{"lines":[{"product":"pot","quantity":1,"cents":10000000,"gift":true},{"cents":0,"quantity":1e3,"product":"bag"}],"order":"o-2","customer":"ann","action":"placeOrder"}"#,
        201,
        r#"{"customer":"ann","order":"o-2","cents":10000000,"ordersOfCustomer":2}"#,
    ),
    (PLACE, 409, r#"{"error":"OrderExists","message":"this customer has an order of that name already"}"#),
    (
        r#"{"action":"placeOrder","customer":"bob","order":"o-1","lines":[{"product":"cup","quantity":1.0,"cents":1}]}"#,
        201,
        r#"{"customer":"bob","order":"o-1","cents":1,"ordersOfCustomer":1}"#,
    ),
    (
        r#"{"action":"placeOrder","customer":"ann","order":"o-3","lines":[{"product":"tea","quantity":1000,"cents":10000000}]}"#,
        201,
        r#"{"customer":"ann","order":"o-3","cents":10000000000,"ordersOfCustomer":3}"#,
    ),
    (
        r#"{"action":"getOrder","customer":"ann","order":"o-1"}"#,
        200,
        r#"{"customer":"ann","order":"o-1","lines":[{"product":"tea \"é\"","quantity":2,"cents":350}],"cents":700}"#,
    ),
    (
        r#"{"action":"getOrder","customer":"ann","order":"o-9"}"#,
        404,
        r#"{"error":"NoSuchOrder","message":"this customer has no order of that name"}"#,
    ),
    (
        r#"{"action":"listOrders","customer":"ann","limit":2}"#,
        200,
        r#"{"orders":[{"order":"o-1","cents":700},{"order":"o-2","cents":10000000}],"next":"o-2"}"#,
    ),
    (
        r#"{"action":"listOrders","customer":"ann","limit":2,"after":"o-2"}"#,
        200,
        r#"{"orders":[{"order":"o-3","cents":10000000000}]}"#,
    ),
    (r#"{"action":"listOrders","customer":"eve","after":null}"#, 200, r#"{"orders":[]}"#),
    // Requests that are none.
    ("", 400, JSON),
    ("{", 400, JSON),
    (r#"{"action":"getOrder"} x"#, 400, JSON),
    ("[]", 400, r#"{"error":"BadRequest","message":"expected a JSON object"}"#),
    ("null", 400, r#"{"error":"BadRequest","message":"expected a JSON object"}"#),
    ("{}", 400, ACTION),
    (r#"{"operation":"list","tableName":"orders"}"#, 400, ACTION),
    (r#"{"action":["getOrder"]}"#, 400, ACTION),
    (r#"{"action":"getOrder","order":"o-1"}"#, 400, CUSTOMER),
    (r#"{"action":"getOrder","customer":"","order":"o-1"}"#, 400, CUSTOMER),
    (r#"{"action":"getOrder","customer":"ann\n","order":"o-1"}"#, 400, CUSTOMER),
    (r#"{"action":"getOrder","customer":{"S":"ann"},"order":"o-1"}"#, 400, CUSTOMER),
    (
        r#"{"action":"getOrder","customer":"ann","order":1}"#,
        400,
        r#"{"error":"BadRequest","message":"expected \"order\" to be 1 to 64 letters, digits, - or _"}"#,
    ),
    (r#"{"action":"placeOrder","customer":"ann","order":"o-4"}"#, 400, LINES),
    (r#"{"action":"placeOrder","customer":"ann","order":"o-4","lines":[]}"#, 400, LINES),
    (
        r#"{"action":"placeOrder","customer":"ann","order":"o-4","lines":[7]}"#,
        400,
        r#"{"error":"BadRequest","message":"expected \"product\" to be 1 to 100 characters"}"#,
    ),
    (
        r#"{"action":"placeOrder","customer":"ann","order":"o-4","lines":[{"product":"tea","quantity":0.5,"cents":1}]}"#,
        400,
        r#"{"error":"BadRequest","message":"expected \"quantity\" to be a whole number from 1 to 1000"}"#,
    ),
    (
        r#"{"action":"placeOrder","customer":"ann","order":"o-4","lines":[{"product":"tea","quantity":1,"cents":-1}]}"#,
        400,
        r#"{"error":"BadRequest","message":"expected \"cents\" to be a whole number from 0 to 10000000"}"#,
    ),
    (
        r#"{"action":"listOrders","customer":"ann","limit":"2"}"#,
        400,
        r#"{"error":"BadRequest","message":"expected \"limit\" to be a whole number from 1 to 100"}"#,
    ),
];

const JSON: &str = r#"{"error":"BadRequest","message":"expected JSON, nested at most 127 deep"}"#;
const ACTION: &str =
    r#"{"error":"BadRequest","message":"expected \"action\" to be placeOrder, getOrder or listOrders"}"#;
const CUSTOMER: &str =
    r#"{"error":"BadRequest","message":"expected \"customer\" to be 1 to 64 letters, digits, - or _"}"#;
const LINES: &str = r#"{"error":"BadRequest","message":"expected \"lines\" to be an array of 1 to 25 lines"}"#;

/// A folder whose data file has the tables of the orders API.
fn shop() -> Folder {
    let folder = Folder::new();
    let data = folder.path("data.db");
    for args in [&["orders", "--key", "customer:S", "--sort", "order:S"][..], &["customers", "--key", "customer:S"]] {
        let output = run(&[&["table", "create"], args, &["--data", &data]].concat(), b"");
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
    folder
}

/// Every case, against a server with that handler.
fn check(language: &str, file: &str) {
    let folder = shop();
    let host = Host::start(&folder, &["--planner", file]);
    for (request, status, body) in CASES {
        let answer = host.post(request);
        assert_eq!((answer.status, answer.body.as_str()), (*status, *body), "{language}: {request}");
        assert_eq!(answer.header("content-type"), Some("application/json"), "{language}: {request}");
    }
    let deep = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
    for (request, body) in [
        (deep(127), r#"{"error":"BadRequest","message":"expected a JSON object"}"#),
        (deep(128), JSON),
        (deep(1_000_000), JSON),
        (b"\"\xff\"".to_vec(), JSON),
        (b"\"\xed\xa0\x80\"".to_vec(), JSON),
    ] {
        let answer = host.post(&request);
        assert_eq!((answer.status, answer.body.as_str()), (400, body), "{language}: {} bytes", request.len());
    }
}

#[test]
fn both_answer_the_same_requests_with_the_same_replies() {
    for (language, file) in handlers() {
        check(language, &file);
    }
}

#[test]
fn both_pass_inspection_and_answer_on_the_command_line() {
    for (language, file) in handlers() {
        let output = run(&["inspect", &file], b"");
        let description = text(&output.stdout);
        for part in ["imports  nothing", "gateleg:planner/planner@0.1.0", "loads    yes"] {
            assert!(description.contains(part), "{language}: expected {part}, but found {description}");
        }
        let folder = shop();
        let args = ["run", "--data", &folder.path("data.db"), "--planner", &file, "-"];
        for (code, (request, _, body)) in [(0, CASES[0]), (1, CASES[2]), (0, CASES[5])] {
            let output = run(&args, request.as_bytes());
            assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(code), body), "{language}");
        }
    }
}

#[test]
fn a_table_that_the_policy_does_not_allow_is_not_touched() {
    for (language, file) in handlers() {
        let folder = shop();
        let mut host = Host::start(&folder, &["--planner", &file, "--tables", "orders"]);
        let answer = host.post(PLACE);
        assert_eq!((answer.status, answer.error_type()), (403, "AccessDeniedException"), "{language}: {answer:?}");
        assert!(answer.body.contains("Table customers is not allowed here"), "{language}: {}", answer.body);
        let answer = host.post(r#"{"action":"getOrder","customer":"ann","order":"o-1"}"#);
        assert_eq!(answer.status, 404, "{language}: nothing of the transaction was done");
        let log = host.stop();
        assert!(log.contains("a command was refused by policy"), "{language}: {log}");
    }
}

/// What a handler makes of outcomes that a healthy store does not give: a request, what comes back, and how that ends.
struct Ending {
    request: &'static str,
    outcomes: &'static [&'static str],
    /// The status, a word of the body, and Retry-After.
    reply: (u16, &'static str, Option<&'static str>),
}

const GET: &str = r#"{"action":"getOrder","customer":"ann","order":"o-1"}"#;
const LIST: &str = r#"{"action":"listOrders","customer":"ann"}"#;
const FINE: &str = r#"{"ok":{}}"#;

/// Where there are no outcomes left, time is up.
#[rustfmt::skip]
const ENDINGS: &[Ending] = &[
    Ending { request: PLACE, outcomes: &[], reply: (504, "PerhapsPlaced", None) },
    Ending { request: PLACE, outcomes: &[FINE], reply: (201, "\"ordersOfCustomer\":null", None) },
    Ending { request: PLACE, outcomes: &[FINE, r#"{"error":{"__type":"ThrottlingException","message":""}}"#], reply: (201, "null", None) },
    Ending { request: PLACE, outcomes: &[r#"{"error":{"__type":"TransactionCanceledException","message":"","CancellationReasons":[{"Code":"None"},{"Code":"TransactionConflict"}]}}"#], reply: (503, "TryAgain", Some("1")) },
    Ending { request: PLACE, outcomes: &[r#"{"error":{"__type":"ServiceUnavailableException","message":"","mayHaveHappened":true}}"#], reply: (504, "PerhapsPlaced", None) },
    Ending { request: PLACE, outcomes: &[r#"{"error":{"__type":"ThrottlingException","message":""}}"#], reply: (503, "TryAgain", Some("1")) },
    Ending { request: GET, outcomes: &[], reply: (504, "TooSlow", None) },
    Ending { request: GET, outcomes: &[r#"{"error":{"__type":"ResourceNotFoundException","message":"secret"}}"#], reply: (500, "ShopClosed", None) },
    Ending { request: GET, outcomes: &[r#"{"ok":{"Item":{"customer":{"S":"ann"},"order":{"S":"o-1"},"cents":{"N":"1.5"},"lines":{"L":[]}}}}"#], reply: (500, "NotOurOrder", None) },
    Ending { request: GET, outcomes: &[r#"{"ok":{"Item":{"customer":{"S":"ann"},"order":{"S":"o-1"},"cents":{"N":"1"}}}}"#], reply: (500, "NotOurOrder", None) },
    Ending { request: GET, outcomes: &[r#"{"ok":{"Item":{"customer":{"S":"ann"},"order":{"S":"o-1"},"cents":{"N":"1"},"lines":{"L":[{"S":"?"}]}}}}"#], reply: (500, "NotOurOrder", None) },
    Ending { request: LIST, outcomes: &[], reply: (504, "TooSlow", None) },
    Ending { request: LIST, outcomes: &[r#"{"error":{"__type":"ProvisionedThroughputExceededException","message":""}}"#], reply: (503, "TryAgain", Some("1")) },
    Ending { request: LIST, outcomes: &[r#"{"ok":{"Items":[{"order":{"S":"o-1"}}],"Count":1}}"#], reply: (500, "NotOurOrder", None) },
];

async fn ends(sandbox: &Sandbox, ending: &Ending) -> Reply {
    let (mut session, mut step) = sandbox.open(ending.request.as_bytes(), "{}").await.unwrap();
    for outcome in ending.outcomes {
        let Step::Send(dispatches) = &step else { panic!("expected a command, but found {step:?}") };
        let [dispatch] = &dispatches[..] else { panic!("expected one command, but found {dispatches:?}") };
        let ticket = dispatch.ticket;
        assert!(session.resume_text(ticket + 7, *outcome, None).await.is_err(), "no ticket {}", ticket + 7);
        step = session.resume_text(ticket, *outcome, None).await.unwrap();
    }
    match step {
        Step::Done(reply) => reply,
        _ => session.expire().await.unwrap(),
    }
}

#[tokio::test]
async fn both_end_well_when_the_store_does_not() {
    for (language, file) in handlers() {
        let limits = Limits { max_concurrent: 1, ..Limits::default() };
        let sandbox = Sandbox::new(&std::fs::read(file).unwrap(), limits, None).unwrap();
        for ending in ENDINGS {
            let reply = ends(&sandbox, ending).await;
            let (status, word, retry_after) = ending.reply;
            let told = reply.headers.iter().find(|(name, _)| name == "retry-after").map(|(_, value)| value.as_str());
            let name = format!("{language}: {} {:?}: {}", ending.request, ending.outcomes, reply.text());
            assert_eq!((reply.status, told), (status, retry_after), "{name}");
            assert!(reply.text().contains(word) && !reply.text().contains("secret"), "{name}");
        }
    }
}
