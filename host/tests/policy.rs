//! A policy file from the outside: what a server with it lets pass, what it shows, and how it takes another.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;
mod stranger;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::{Answer, Folder, Host, run, text};
use stranger::Stranger;

const POLICY: &str = r#"
[tables.orders]
table = "prod-orders-7f3a"

[tables.gone]
table = "prod-gone"

[routes."/dynamodbmanager"]
operations = ["*"]
tables = ["orders", "gone"]
indexes = ["orders/by-state"]

[routes."/v1/read"]
operations = ["read", "list", "query", "create"]
tables = ["orders"]
read-only = true
hint = "Ask platform@example.com"
ceilings = { items = 3, pages = 2 }
limits = { body = 200 }
"#;

/// A server with that policy, on tables of its own.
fn start(folder: &Folder, policy: &str) -> Host {
    let data = folder.path("data.db");
    for args in [
        &["table", "create", "prod-orders-7f3a", "--key", "customer:S", "--sort", "placed:N"][..],
        &["table", "create", "secrets", "--key", "id:S"],
    ] {
        let output = run(&[args, &["--data", &data]].concat(), b"");
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
    let file = folder.file("gateleg.toml", policy);
    Host::start(folder, &["--policy", &file])
}

fn post(host: &Host, path: &str, body: &str) -> Answer {
    let answer = host.request("POST", path, &[("content-type", "application/json")], body.as_bytes());
    assert!(!answer.body.contains("prod-"), "a caller sees labels alone: {}", answer.body);
    answer
}

fn check(host: &Host, path: &str, body: &str, status: u16, expected: &str) {
    let answer = post(host, path, body);
    assert_eq!((answer.status, answer.body.contains(expected)), (status, true), "{body}\n{}", answer.body);
}

const API: &str = "/dynamodbmanager";
const READ: &str = "/v1/read";

#[test]
fn a_caller_sees_labels_and_does_what_its_route_allows() {
    let folder = Folder::new();
    let mut host = start(&folder, POLICY);
    for placed in 0..5 {
        let body = format!(
            r#"{{"operation":"create","tableName":"orders","payload":{{"Item":{{"customer":"c","placed":{placed}}},"ReturnConsumedCapacity":"TOTAL"}}}}"#
        );
        check(&host, API, &body, 200, r#""ConsumedCapacity":{"TableName":"orders","#);
    }
    let batch =
        r#"{"operation":"batchRead","payload":{"RequestItems":{"orders":{"Keys":[{"customer":"c","placed":1}]}}}}"#;
    check(&host, API, batch, 200, r#""Responses":{"orders":[{"customer":"c","placed":1}]}"#);
    let write = r#"{"operation":"transactWrite","tableName":"orders","payload":{"TransactItems":[{"Put":{"Item":{"customer":"c","placed":9},"ConditionExpression":"attribute_exists(customer)"}}]}}"#;
    check(&host, API, write, 409, "TransactionCanceledException");
    // Keys are known by label: duplicates are refused before any call.
    let twice = r#"{"operation":"batchWrite","tableName":"orders","payload":{"Put":[{"customer":"c","placed":1},{"customer":"c","placed":1}]}}"#;
    check(&host, API, twice, 400, "Provided list of item keys contains duplicates");
    check(&host, API, r#"{"operation":"list","tableName":"gone"}"#, 404, "ResourceNotFoundException");

    // The real names are nobody's to say, and neither is another table.
    let answer = host.request(
        "POST",
        API,
        &[("content-type", "application/json")],
        br#"{"operation":"list","tableName":"prod-orders-7f3a"}"#,
    );
    assert_eq!((answer.status, answer.body.contains("policy.table")), (403, true), "{}", answer.body);
    check(&host, API, r#"{"operation":"list","tableName":"secrets"}"#, 403, "Table secrets is not allowed here");
    check(
        &host,
        API,
        r#"{"operation":"list","tableName":"orders","payload":{"IndexName":"by-customer"}}"#,
        403,
        "policy.index",
    );
    // This one may be named, and there is none.
    check(
        &host,
        API,
        r#"{"operation":"list","tableName":"orders","payload":{"IndexName":"by-state"}}"#,
        400,
        "by-state",
    );

    let create = r#"{"operation":"create","tableName":"orders","payload":{"Item":{"customer":"c","placed":7}}}"#;
    check(&host, READ, create, 403, r#""rule":"policy.read-only","hint":"Ask platform@example.com""#);
    check(
        &host,
        READ,
        r#"{"operation":"delete","tableName":"orders","payload":{"Key":{"customer":"c","placed":1}}}"#,
        403,
        "policy.operation",
    );
    check(&host, READ, r#"{"operation":"list","tableName":"gone"}"#, 403, "policy.table");
    check(
        &host,
        READ,
        r#"{"operation":"list","tableName":"orders"}"#,
        200,
        r#""Count":3,"ScannedCount":3,"LastEvaluatedKey""#,
    );
    check(
        &host,
        READ,
        r#"{"operation":"list","tableName":"orders","options":{"all":true}}"#,
        200,
        r#""LastEvaluatedKey":{"customer":"c","placed":2}"#,
    );
    // Behind a stage, as in API Gateway; and nowhere else.
    check(&host, "/prod/v1/read", r#"{"operation":"list","tableName":"orders"}"#, 200, "\"Count\":3");
    check(&host, "/v1/other", r#"{"operation":"list","tableName":"orders"}"#, 404, "UnknownRouteException");
    check(
        &host,
        READ,
        &format!(r#"{{"operation":"ping","note":"{}"}}"#, "x".repeat(200)),
        413,
        "RequestEntityTooLargeException",
    );
    let metrics = host.get("/metrics").body;
    for line in [
        r#"gateleg_requests_total{route="/v1/read",operation="list",status="200"} 3"#,
        r#"gateleg_refusals_total{rule="policy.read-only"} 1"#,
        r#"gateleg_requests_total{route="unknown",operation="none",status="404"} 1"#,
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
    let log = host.stop();
    assert!(log.contains("/{stage}/v1/read") && !log.contains("/v1/other"), "{log}");
}

/// Instructions that send that command under ticket 1, whose text lies at 2048.
fn sends(command: &str) -> (String, String) {
    let data = format!("(data (i32.const 2048) \"{}\")", command.replace('\\', "\\\\").replace('"', "\\\""));
    let open = format!(
        "(i32.store (i32.const 68) (i32.const 0)) (i32.store (i32.const 72) (i32.const 1280)) (i32.store (i32.const 76) (i32.const 1))
         (i32.store (i32.const 1280) (i32.const 1)) (i32.store (i32.const 1284) (i32.const 0))
         (i32.store (i32.const 1288) (i32.const 2048)) (i32.store (i32.const 1292) (i32.const {}))",
        command.len()
    );
    (data, open)
}

#[test]
fn whatever_a_strangers_planner_asks_for_is_held_to_its_route() {
    let policy = r#"
[tables.orders]
table = "prod-orders-7f3a"
[routes."/stranger"]
planner = "stranger.wasm"
operations = ["*"]
tables = ["orders"]
read-only = true
ceilings = { items = 3 }
"#;
    let ok = r#"{"Scan":{"TableName":"orders","Limit":3}}"#;
    for (command, rule) in [
        (ok, None),
        (r#"{"Scan":{"TableName":"orders"}}"#, Some("policy.ceiling")),
        (r#"{"Scan":{"TableName":"secrets","Limit":1}}"#, Some("policy.table")),
        (r#"{"Scan":{"TableName":"orders","IndexName":"by-state","Limit":1}}"#, Some("policy.index")),
        (
            r#"{"DeleteItem":{"TableName":"orders","Key":{"customer":{"S":"c"},"placed":{"N":"1"}}}}"#,
            Some("policy.read-only"),
        ),
    ] {
        let folder = Folder::new();
        let (data, open) = sends(command);
        let component = Stranger { open: &open, fields: &data, ..Stranger::default() }.component();
        fs::write(folder.path("stranger.wasm"), component).unwrap();
        let mut host = start(&folder, policy);
        let answer = post(&host, "/stranger", std::str::from_utf8(stranger::HOSTILE).unwrap());
        let log = host.stop();
        match rule {
            None => assert_eq!((answer.status, answer.body.as_str()), (200, "fine"), "{command}\n{log}"),
            Some(rule) => {
                assert_eq!((answer.status, answer.body.contains(rule)), (403, true), "{command}\n{}", answer.body);
                let told = log.lines().find(|line| line.contains("a command was refused by policy"));
                assert!(told.is_some_and(|line| line.contains(rule)), "{command}\n{log}");
            }
        }
    }
}

#[test]
fn a_policy_is_read_again_at_a_signal_and_no_request_notices() {
    let folder = Folder::new();
    let host = Arc::new(start(&folder, POLICY));
    let stop = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..3)
        .map(|_| {
            let (host, stop) = (Arc::clone(&host), Arc::clone(&stop));
            std::thread::spawn(move || {
                let mut count = 0;
                while !stop.load(Ordering::Relaxed) {
                    check(&host, API, r#"{"operation":"list","tableName":"orders"}"#, 200, "\"Count\":0");
                    count += 1;
                }
                count
            })
        })
        .collect();
    let becomes = |policy: &str, path: &str, status: u16| {
        fs::write(folder.path("gateleg.toml"), policy).unwrap();
        host.signal("HUP");
        let started = Instant::now();
        while post(&host, path, r#"{"operation":"ping"}"#).status != status {
            assert!(started.elapsed() < Duration::from_secs(30), "{path} never answers {status}");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    let more = format!("{POLICY}\n[routes.\"/v2/ping\"]\noperations = [\"ping\"]\n");
    for _ in 0..5 {
        becomes(&more, "/v2/ping", 200);
        becomes(POLICY, "/v2/ping", 404);
    }
    // A faulty file changes nothing, and is told of.
    becomes(&more, "/v2/ping", 200);
    fs::write(folder.path("gateleg.toml"), "nonsense").unwrap();
    host.signal("HUP");
    host.wait_for("not read anew, what there was stays");
    assert_eq!(post(&host, "/v2/ping", r#"{"operation":"ping"}"#).status, 200);
    stop.store(true, Ordering::Relaxed);
    for caller in callers {
        assert!(caller.join().unwrap() > 0);
    }
}

#[test]
fn a_route_takes_no_more_requests_than_it_may() {
    let policy = r#"
[routes."/loop"]
planner = "loop.wasm"
operations = ["*"]
limits = { requests = 1, queue = 1, deadline = "3s", cpu = "3s" }
[routes."/dynamodbmanager"]
operations = ["ping"]
"#;
    let folder = Folder::new();
    fs::write(folder.path("loop.wasm"), stranger::planner("(loop $again (br $again))")).unwrap();
    let host = Arc::new(start(&folder, policy));
    let started = Instant::now();
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let host = Arc::clone(&host);
            std::thread::spawn(move || post(&host, "/loop", std::str::from_utf8(stranger::HOSTILE).unwrap()).status)
        })
        .collect();
    // The other route is not the first one's to fill.
    while !callers.iter().all(std::thread::JoinHandle::is_finished) {
        assert_eq!(post(&host, API, r#"{"operation":"ping"}"#).status, 200);
        assert!(started.elapsed() < Duration::from_secs(30));
    }
    let mut statuses: Vec<u16> = callers.into_iter().map(|caller| caller.join().unwrap()).collect();
    statuses.sort_unstable();
    // One ran into its limit, one waited in line until its deadline or had what was left, two were turned away at once.
    assert_eq!(&statuses[..2], &[503, 503], "{statuses:?}");
    assert!(statuses.contains(&504), "{statuses:?}");
}

#[test]
fn run_and_plan_and_check_go_by_the_same_file() {
    let folder = Folder::new();
    drop(start(&folder, POLICY).stop());
    let (file, data) = (folder.path("gateleg.toml"), folder.path("data.db"));
    let list = br#"{"operation":"list","tableName":"orders"}"#;
    let output = run(&["run", "--policy", &file, "--data", &data, "--route", READ], list);
    assert_eq!((output.status.code(), text(&output.stdout).contains("\"Count\":0")), (Some(0), true));
    let create = br#"{"operation":"create","tableName":"orders","payload":{"Item":{"customer":"c","placed":7}}}"#;
    let output = run(&["run", "--policy", &file, "--data", &data, "--route", READ], create);
    assert_eq!((output.status.code(), text(&output.stdout).contains("policy.read-only")), (Some(1), true));
    let output = run(&["plan", "--policy", &file, "--route", READ], list);
    assert_eq!((output.status.code(), text(&output.stdout).contains("\"Limit\": 3")), (Some(0), true));
    let output = run(&["run", "--policy", &file, "--data", &data, "--route", "/none"], list);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("It has /dynamodbmanager, /v1/read"));

    let output = run(&["policy", "check", &file], b"");
    assert_eq!(output.status.code(), Some(0));
    let told = text(&output.stdout);
    for line in [
        "  operations  read, list, query, create (read only)\n",
        "  tables      orders (prod-orders-7f3a)\n",
        "  indexes     orders/by-state\n",
        "  a request   at most 3 items, 2 pages\n",
        "warning: /v1/read: it is read-only, and so refuses create all the same\n",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    let faulty = folder.file(
        "faulty.toml",
        &POLICY
            .replace("planner", "x")
            .replace("[routes.\"/v1/read\"]", "[routes.\"/v1/read\"]\nplanner = \"none.wasm\""),
    );
    let output = run(&["policy", "check", &faulty], b"");
    assert_eq!((output.status.code(), text(&output.stdout).contains("error: /v1/read: the planner")), (Some(1), true));
    let output = run(&["serve", "--policy", &faulty, "--data", &data, "--addr", "127.0.0.1:0"], b"");
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let output = run(&["serve", "--policy", &file, "--tables", "orders"], b"");
    assert_eq!(output.status.code(), Some(2));

    let output = run(&["policy", "iam", &file, "--route", READ, "--region", "eu-west-1", "--account", "1"], b"");
    let iam = text(&output.stdout);
    assert!(iam.contains("arn:aws:dynamodb:eu-west-1:1:table/prod-orders-7f3a\"") && !iam.contains("PutItem"), "{iam}");
}

#[test]
fn the_policies_in_the_documentation_are_good() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/policy.md")).unwrap();
    let blocks: Vec<&str> = text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!blocks.is_empty());
    let folder = Folder::new();
    for block in blocks {
        let file = folder.file("gateleg.toml", block);
        let output = run(&["policy", "check", &file], b"");
        assert_eq!(output.status.code(), Some(0), "{}{}", common::text(&output.stdout), common::text(&output.stderr));
    }
}
