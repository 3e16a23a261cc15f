//! What an operator relies on: a connection that is there before the first invocation, traces that go on, one line for each
//! invocation, and memory that does not grow.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[allow(dead_code, reason = "each test file uses its part")]
mod lambda;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use gateleg_core::json::Json;
use lambda::{Engine, Lambda};

const TABLES: (&str, &str) = ("GATELEG_TABLES", "lambda-apigateway");
const CREATE: &str =
    r#"{"operation":"create","tableName":"lambda-apigateway","payload":{"Item":{"id":"1","text":"sensitive"}}}"#;

/// A server in DynamoDB's place: says it is healthy, takes every write, and keeps what it is sent.
struct Listener {
    endpoint: String,
    /// Connection by connection, the heads of its requests, in lower case.
    heads: Arc<Mutex<Vec<Vec<String>>>>,
}

impl Listener {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let heads: Arc<Mutex<Vec<Vec<String>>>> = Arc::default();
        let kept = Arc::clone(&heads);
        std::thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                let mut stream = stream.unwrap();
                kept.lock().unwrap().push(Vec::new());
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || {
                    let mut reader = BufReader::new(stream.try_clone().unwrap());
                    loop {
                        let mut head = String::new();
                        while !head.ends_with("\r\n\r\n") {
                            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                                return;
                            }
                        }
                        let head = head.to_lowercase();
                        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
                        reader.read_exact(&mut body).unwrap();
                        kept.lock().unwrap()[connection].push(head);
                        let answer = r#"{"ConsumedCapacity":{"TableName":"lambda-apigateway","CapacityUnits":1.0}}"#;
                        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{answer}", answer.len()).unwrap();
                    }
                });
            }
        });
        Listener { endpoint, heads }
    }

    fn heads(&self) -> Vec<Vec<String>> {
        self.heads.lock().unwrap().clone()
    }
}

/// The lines on standard output that account for an invocation, once so many are there, or none come.
fn answered(lambda: &Lambda, expected: usize) -> Vec<String> {
    let begun = std::time::Instant::now();
    loop {
        let log = lambda.log();
        let lines: Vec<String> =
            log.lines().filter(|line| line.contains(r#""message":"answered""#)).map(String::from).collect();
        if lines.len() >= expected || begun.elapsed().as_secs() > 5 {
            return lines;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

fn member(line: &str, name: &str) -> Option<String> {
    Json::parse(line.as_bytes()).unwrap().get(name).map(Json::to_text)
}

#[test]
fn a_connection_is_open_before_the_first_invocation_unless_switched_off() {
    for (warm, expected) in [("on", &["get / http/1.1", "post / http/1.1"][..]), ("off", &["post / http/1.1"])] {
        let store = Listener::start();
        let mut lambda = Lambda::start(&store.endpoint, &[TABLES, ("GATELEG_WARM", warm)]);
        // An answer to what reaches no store: the function has started.
        lambda.invoke(r#"{"operation":"ping"}"#);
        assert_eq!(store.heads().len(), usize::from(warm == "on"), "{warm}");
        lambda.invoke(CREATE);
        let [connection] = &store.heads()[..] else { panic!("{warm}: {:?}", store.heads()) };
        let requests: Vec<&str> = connection.iter().filter_map(|head| head.lines().next()).collect();
        assert_eq!(requests, expected, "{warm}");
    }
}

#[test]
fn a_store_that_is_not_there_does_not_hold_up_the_start() {
    // The backlog takes the connection, and nobody answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let begun = std::time::Instant::now();
    let mut lambda = Lambda::start(&endpoint, &[TABLES]);
    lambda.invoke(r#"{"operation":"ping"}"#);
    assert!(begun.elapsed().as_secs() < 8, "{:?}", begun.elapsed());
    assert!(lambda.log().contains("opening a connection ahead took too long"), "{}", lambda.log());
}

#[test]
fn the_trace_goes_on_to_the_store_and_into_the_log() {
    let store = Listener::start();
    let mut lambda = Lambda::start(&store.endpoint, &[TABLES, ("GATELEG_WARM", "off")]);
    lambda.invoke(CREATE);
    let heads = store.heads().concat();
    let trace = "x-amzn-trace-id: root=1-67891234-abcdef012345678912345678;parent=abcdef0123456789;sampled=0";
    assert!(heads[0].contains(trace), "{}", heads[0]);
    let line = &answered(&lambda, 1)[0];
    assert_eq!(member(line, "xray_trace_id").unwrap(), r#""1-67891234-abcdef012345678912345678""#);
}

#[test]
fn an_invocation_is_one_line_of_log_and_metrics_without_values() {
    let engine = Engine::start();
    let mut lambda = Lambda::start(&engine.endpoint, &[TABLES]);
    lambda.invoke(CREATE);
    lambda.invoke(r#"{"operation":"read","tableName":"secrets","payload":{"Key":{"id":"sensitive"}}}"#);
    lambda.invoke(r#"{"operation":"reed","tableName":"not a table's name"}"#);
    let lines = answered(&lambda, 3);
    let [create, denied, unknown] = &lines[..] else { panic!("{lines:?}") };
    for (line, members) in [
        (
            create,
            [
                ("operation", r#""create""#),
                ("tables", r#"["lambda-apigateway"]"#),
                ("status", "200"),
                ("calls", "1"),
                ("write_units", "1"),
                ("Operation", r#""create""#),
                ("Status", r#""200""#),
                ("ConsumedWriteUnits", "1"),
            ],
        ),
        (
            denied,
            [
                ("operation", r#""read""#),
                ("tables", r#"["secrets"]"#),
                ("status", "403"),
                ("error_type", r#""AccessDeniedException""#),
                ("rule", r#""policy.table""#),
                ("calls", "0"),
                ("Status", r#""403""#),
                ("Requests", "1"),
            ],
        ),
        (
            unknown,
            [
                ("operation", r#""other""#),
                ("tables", "[]"),
                ("status", "400"),
                ("error_type", r#""UnknownOperationException""#),
                ("rule", r#""envelope.operation""#),
                ("calls", "0"),
                ("Operation", r#""other""#),
                ("Status", r#""400""#),
            ],
        ),
    ] {
        for (name, expected) in members {
            assert_eq!(member(line, name).as_deref(), Some(expected), "{name}: {line}");
        }
        assert!(member(line, "_aws").unwrap().contains(r#""Namespace":"gateleg""#), "{line}");
        assert_eq!(member(line, "ms"), member(line, "Latency"));
    }
    assert!(!lambda.log().contains("sensitive"), "{}", lambda.log());
}

#[test]
fn metrics_and_lines_are_switched_one_by_one() {
    for (variables, lines, metrics) in [
        (&[("GATELEG_METRICS", "off")][..], 1, None),
        (&[("GATELEG_METRICS", "off"), ("GATELEG_LOG", "warn")], 0, None),
        (&[("GATELEG_METRICS", "off"), ("AWS_LAMBDA_LOG_LEVEL", "ERROR")], 0, None),
        (&[("GATELEG_METRICS", "off"), ("AWS_LAMBDA_LOG_LEVEL", "ERROR"), ("GATELEG_LOG", "info")], 1, None),
        (&[("GATELEG_METRICS", "shop/api"), ("GATELEG_LOG", "warn")], 1, Some("shop/api")),
    ] {
        let mut lambda = Lambda::start("http://127.0.0.1:9", &[&[TABLES], variables].concat());
        lambda.invoke(r#"{"operation":"ping"}"#);
        lambda.invoke(r#"{"operation":"ping"}"#);
        let log = answered(&lambda, lines);
        assert_eq!(log.len().min(1), lines, "{variables:?}: {log:?}");
        let found = log.first().and_then(|line| member(line, "_aws"));
        assert_eq!(found.is_some(), metrics.is_some(), "{variables:?}");
        assert!(metrics.is_none_or(|name| found.unwrap().contains(name)), "{variables:?}");
    }
    let mut lambda = Lambda::start("http://127.0.0.1:9", &[("GATELEG_WARM", "yes")]);
    assert!(lambda.posted().body.contains("GATELEG_WARM: expected on or off, but found `yes`"));
    assert_eq!(lambda.exit_code(), Some(1));
}

#[test]
fn pages_of_the_origin_that_is_set_may_read_replies_and_errors() {
    let set = [TABLES, ("GATELEG_ALLOW_ORIGIN", "https://example.org")];
    let mut allowing = Lambda::start("http://127.0.0.1:9", &set);
    let mut plain = Lambda::start("http://127.0.0.1:9", &[TABLES]);
    let header = r#""access-control-allow-origin":"https://example.org""#;
    let large = format!(r#"{{"operation":"echo","payload":"{}"}}"#, "x".repeat(6_000_000));
    for request in [r#"{"operation":"ping"}"#, r#"{"operation":"pong"}"#, &large] {
        let body = Json::String(request.into()).to_text();
        let event = format!(r#"{{"requestContext":{{"http":{{"method":"POST"}}}},"version":"2.0","body":{body}}}"#);
        assert!(allowing.invoke(&event).body.contains(header), "{}", &request[..20]);
        assert!(!plain.invoke(&event).body.contains("access-control"), "{}", &request[..20]);
    }
    let mut wrong = Lambda::start("http://127.0.0.1:9", &[("GATELEG_ALLOW_ORIGIN", "example.org")]);
    assert!(wrong.posted().body.contains("expected * or an origin such as https://example.org"));
}

#[cfg(target_os = "linux")]
#[test]
fn ten_thousand_invocations_leave_memory_as_it_was() {
    let engine = Engine::start();
    let mut lambda = Lambda::start(&engine.endpoint, &[TABLES]);
    let read = r#"{"operation":"read","tableName":"lambda-apigateway","payload":{"Key":{"id":"1"}}}"#;
    let events: [&[u8]; 8] = [
        CREATE.as_bytes(),
        read.as_bytes(),
        br#"{"operation":"list","tableName":"lambda-apigateway","payload":{}}"#,
        br#"{"operation":"echo","payload":{"a":[1,2,3]}}"#,
        br#"{"operation":"read","tableName":"secrets","payload":{"Key":{"id":"1"}}}"#,
        b"null",
        b"",
        b"\xff\xfe\x00",
    ];
    let invoke = |lambda: &mut Lambda, times: usize| {
        for event in events.iter().cycle().take(times) {
            lambda.invoke(event);
        }
        lambda.resident_kib()
    };
    let before = invoke(&mut lambda, 2_000);
    let after = invoke(&mut lambda, 8_000);
    assert!(after <= before + 1024, "{before} KiB resident after 2,000 invocations, {after} KiB after 10,000");
}
