//! What a collector of OpenTelemetry is told of requests, and what it never is.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "traces/collector.rs"]
mod collector;
mod common;
#[path = "operations/proxy.rs"]
mod proxy;

use std::time::{Duration, Instant};

use collector::{Collector, Span};
use common::{Folder, Host, gateleg, refusal, run};
use proxy::{Mode, Proxy};

const JSON: (&str, &str) = ("content-type", "application/json");
const PING: &str = r#"{"operation":"ping"}"#;
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

/// A host that sends its traces to that endpoint.
fn start(folder: &Folder, endpoint: &str, args: &[&str], variables: &[(&str, &str)]) -> Host {
    let data = folder.path("data.db");
    let mut command = gateleg(&[&["serve", "--addr", "127.0.0.1:0", "--data", &data], args].concat());
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint).envs(variables.iter().copied());
    Host::spawn(command)
}

/// Sixty items, which take three calls; every part that is the caller's to write has `canary` in it.
fn batch(table: &str) -> String {
    let items: Vec<String> =
        (0..60).map(|at| format!(r#"{{"id":"canary-{at}","canary-name":"canary-value"}}"#)).collect();
    format!(r#"{{"operation":"batchWrite","tableName":"{table}","payload":{{"Put":[{}]}}}}"#, items.join(","))
}

fn with<'s>(span: &'s Span, attribute: &str) -> Option<&'s str> {
    span.attributes.get(attribute).map(String::as_str)
}

#[test]
fn a_request_is_a_span_and_its_calls_are_spans_below_it() {
    let (folder, collector) = (Folder::new(), Collector::start());
    let mut host = start(&folder, &collector.endpoint(), &[], &[]);
    let traceparent = format!("00-{TRACE}-{PARENT}-01");
    let headers = [JSON, ("traceparent", &traceparent), ("tracestate", "canary=canary"), ("x-canary", "canary")];
    let answer =
        host.request("POST", "/canary/dynamodbmanager?canary", &headers, batch("lambda-apigateway").as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.body);
    let id = answer.header("x-amzn-requestid").unwrap();
    let log = host.stop();
    assert!(log.contains(&format!("trace_id=\"{TRACE}\"")), "{log}");
    let spans = collector.spans();
    let [root] = &spans.iter().filter(|span| span.kind == 2).collect::<Vec<_>>()[..] else { panic!("{spans:#?}") };
    assert_eq!((root.trace.as_str(), root.parent.as_str()), (TRACE, PARENT));
    assert_eq!(root.name, "POST /{stage}/dynamodbmanager");
    for (attribute, expected) in [
        ("http.request.method", "POST"),
        ("http.route", "/{stage}/dynamodbmanager"),
        ("http.response.status_code", "200"),
        ("url.scheme", "http"),
        ("gateleg.operation", "batchWrite"),
        ("gateleg.request_id", id),
    ] {
        assert_eq!(with(root, attribute), Some(expected), "{attribute}");
    }
    assert_eq!(root.attributes.len(), 6, "{root:#?}");
    let below = |name: &str| spans.iter().filter(|span| span.name == name).collect::<Vec<_>>();
    let counts = (below("plan open").len(), below("plan resume").len(), below("BatchWriteItem").len());
    assert_eq!((counts, spans.len()), ((1, 3, 3), 8), "{spans:#?}");
    for span in spans.iter().filter(|span| span.kind != 2) {
        assert_eq!((&span.trace, &span.parent), (&root.trace, &root.id), "{span:#?}");
        assert!(root.began <= span.began && span.began <= span.ended && span.ended <= root.ended, "{span:#?}");
        assert!(!span.is_error, "{span:#?}");
    }
    for call in below("BatchWriteItem") {
        assert_eq!(call.kind, 3);
        for (attribute, expected) in [
            ("db.system.name", "aws.dynamodb"),
            ("db.operation.name", "BatchWriteItem"),
            ("db.collection.name", "lambda-apigateway"),
            ("aws.dynamodb.table_names", "lambda-apigateway"),
        ] {
            assert_eq!(with(call, attribute), Some(expected), "{attribute}");
        }
    }
    let all = collector.text();
    assert!(!all.to_lowercase().contains("canary"), "{all}");
}

/// What the collector is told of one request: its span, and those below.
fn check(args: &[&str], method: &str, path: &str, body: &str, look: impl Fn(&Span, &[Span], &str)) {
    let (folder, collector) = (Folder::new(), Collector::start());
    let mut host = start(&folder, &collector.endpoint(), args, &[]);
    host.request(method, path, &[JSON], body.as_bytes());
    host.stop();
    let mut spans = collector.spans();
    let root = spans.iter().position(|span| span.kind == 2).unwrap();
    let root = spans.remove(root);
    look(&root, &spans, &collector.text());
}

#[test]
fn refusals_have_their_type_and_rule() {
    for (method, path, body, name, status, error_type, rule) in [
        ("POST", "/dynamodbmanager", PING, "POST /dynamodbmanager", "200", None, None),
        ("GET", "/healthz", "", "GET /healthz", "200", None, None),
        (
            "POST",
            "/dynamodbmanager",
            r#"{"operation":"canary"}"#,
            "POST /dynamodbmanager",
            "400",
            Some("UnknownOperationException"),
            Some("envelope.operation"),
        ),
        ("GET", "/canary", "", "GET", "404", Some("UnknownRouteException"), None),
        ("CANARY", "/healthz", "", "HTTP /healthz", "405", Some("MethodNotAllowedException"), None),
    ] {
        check(&[], method, path, body, |root, _, all| {
            assert_eq!(root.name, name);
            assert_eq!(with(root, "http.response.status_code"), Some(status), "{root:#?}");
            assert_eq!(with(root, "error.type"), error_type, "{root:#?}");
            assert_eq!(with(root, "gateleg.rule"), rule, "{root:#?}");
            assert!(
                !root.is_error && root.parent.is_empty(),
                "a caller's mistake is no fault of the server's: {root:#?}"
            );
            assert!(!all.to_lowercase().contains("canary"), "{all}");
        });
    }
}

#[test]
fn a_table_is_named_when_the_policy_or_the_store_knows_it() {
    let read =
        |table: &str| format!(r#"{{"operation":"read","tableName":"{table}","payload":{{"Key":{{"id":"1"}}}}}}"#);
    let absent = Some("ResourceNotFoundException");
    for (args, table, error_type, named) in [
        (&[][..], "lambda-apigateway", None, Some("lambda-apigateway")),
        (&[], "whatever", absent, None),
        (&["--tables", "people"], "people", absent, Some("people")),
    ] {
        check(args, "POST", "/dynamodbmanager", &read(table), |_, below, all| {
            let call = below.iter().find(|span| span.kind == 3).unwrap();
            assert_eq!(with(call, "aws.dynamodb.table_names"), named, "{call:#?}");
            assert_eq!((with(call, "error.type"), call.is_error), (error_type, error_type.is_some()), "{call:#?}");
            assert_eq!(all.contains(table), named.is_some(), "{all}");
        });
    }
}

#[test]
fn capacity_is_told_where_it_was_asked_for() {
    let body = r#"{"operation":"create","tableName":"lambda-apigateway","payload":{"Item":{"id":"canary"},"ReturnConsumedCapacity":"TOTAL"}}"#;
    check(&[], "POST", "/dynamodbmanager", body, |_, below, all| {
        let call = below.iter().find(|span| span.name == "PutItem").unwrap();
        let consumed = with(call, "aws.dynamodb.consumed_capacity");
        assert!(consumed.is_some_and(|text| text.starts_with("{\"CapacityUnits\":1")), "{call:#?}");
        assert!(!all.contains("canary"), "{all}");
    });
}

#[test]
fn the_environment_says_what_is_sent_and_by_whom() {
    let sampled = format!("00-{TRACE}-{PARENT}-01");
    let unsampled = format!("00-{TRACE}-{PARENT}-00");
    let broken = format!("00-{TRACE}-{PARENT}-canary");
    for (variables, traceparent, spans) in [
        (&[][..], &sampled, 2),
        (&[], &unsampled, 0),
        (&[], &broken, 2),
        (&[("OTEL_SDK_DISABLED", "true")], &sampled, 0),
        (&[("OTEL_TRACES_EXPORTER", "none")], &sampled, 0),
        (&[("OTEL_TRACES_SAMPLER", "always_off")], &sampled, 0),
        (&[("OTEL_TRACES_SAMPLER", "always_on")], &unsampled, 2),
        (&[("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0")], &sampled, 0),
    ] {
        let (folder, collector) = (Folder::new(), Collector::start());
        let mut host = start(&folder, &collector.endpoint(), &[], variables);
        let headers = [JSON, ("traceparent", traceparent.as_str())];
        assert_eq!(host.request("POST", "/dynamodbmanager", &headers, PING.as_bytes()).status, 200);
        host.stop();
        let found = collector.spans();
        assert_eq!(found.len(), spans, "{variables:?} {traceparent}: {found:#?}");
        let continued = traceparent != &broken;
        assert!(found.iter().all(|span| (span.trace == TRACE) == continued), "{found:#?}");
    }
    for (variables, key, expected) in [
        (&[][..], "service.name", "gateleg"),
        (&[("OTEL_SERVICE_NAME", "gate")], "service.name", "gate"),
        (&[("OTEL_RESOURCE_ATTRIBUTES", "service.name=door,a=b")], "service.name", "door"),
        (&[("OTEL_RESOURCE_ATTRIBUTES", "service.name=door,a=b")], "a", "b"),
        (&[], "service.version", env!("CARGO_PKG_VERSION")),
    ] {
        let (folder, collector) = (Folder::new(), Collector::start());
        let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=secret");
        let mut host = start(&folder, &collector.endpoint(), &[], &[variables, &[headers]].concat());
        host.post(PING);
        host.stop();
        assert_eq!(collector.resource().get(key).map(String::as_str), Some(expected), "{variables:?}");
        let heads = collector.heads();
        assert!(heads.iter().all(|head| head.starts_with("post /v1/traces ")), "{heads:?}");
        assert!(heads.iter().all(|head| head.contains("x-key: secret") && head.contains("application/x-protobuf")));
    }
}

#[test]
fn what_makes_no_sense_is_said_at_the_start() {
    for (name, value, says) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "it does not begin with http:// or https://"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://", "traces cannot be sent to `http://`"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "expected http/protobuf, but found `grpc`"),
    ] {
        let folder = Folder::new();
        let mut command = gateleg(&["serve", "--addr", "127.0.0.1:0", "--data", &folder.path("data.db")]);
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1").env(name, value);
        let (code, said) = refusal(command);
        assert!(code == Some(2) && said.contains(says), "{name}={value}: {said}");
    }
    // Commands that serve nobody do not ask.
    assert!(run(&["--version"], b"").status.success());
}

#[test]
fn a_collector_that_is_gone_harms_nothing() {
    let collector = Collector::start();
    let proxy = Proxy::start(&collector.address.to_string());
    for mode in [Mode::Gone, Mode::Silent] {
        proxy.set(mode);
        let folder = Folder::new();
        // Little room and little patience, so that both run out.
        let variables = [
            ("OTEL_BSP_MAX_QUEUE_SIZE", "64"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "32"),
            ("OTEL_BSP_SCHEDULE_DELAY", "50"),
        ];
        let timeout = ("OTEL_EXPORTER_OTLP_TIMEOUT", "300");
        let mut host =
            start(&folder, &format!("http://{}", proxy.address), &[], &[&variables[..], &[timeout]].concat());
        let started = Instant::now();
        for _ in 0..500 {
            assert_eq!(host.post(PING).status, 200);
        }
        assert!(started.elapsed() < Duration::from_secs(10), "{mode:?}: 500 requests took {:?}", started.elapsed());
        host.wait_for("traces cannot be sent");
        let started = Instant::now();
        let log = host.stop();
        assert!(started.elapsed() < Duration::from_secs(8), "{mode:?}: it took {:?} to stop", started.elapsed());
        assert_eq!(log.matches("traces cannot be sent").count(), 1, "{mode:?}: once is enough:\n{log}");
    }
}

#[test]
fn a_collector_that_comes_back_is_sent_to_again() {
    let (folder, collector) = (Folder::new(), Collector::start());
    let proxy = Proxy::start(&collector.address.to_string());
    proxy.set(Mode::Gone);
    let mut host = start(&folder, &format!("http://{}", proxy.address), &[], &[("OTEL_BSP_SCHEDULE_DELAY", "50")]);
    host.post(PING);
    host.wait_for("traces cannot be sent");
    proxy.set(Mode::Answers);
    let started = Instant::now();
    while !host.log().contains("traces are sent again") {
        host.post(PING);
        assert!(started.elapsed() < Duration::from_secs(20), "{}", host.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    host.stop();
    assert!(!collector.spans().is_empty());
}

#[test]
fn every_line_about_a_request_has_its_trace() {
    let collector = Collector::start();
    let proxy = Proxy::start("127.0.0.1:1");
    for format in ["text", "json"] {
        let mut command = gateleg(&["serve", "--addr", "127.0.0.1:0", "--store", "dynamodb", "--tables", "people"]);
        command.args(["--deadline", "20s", "--log-format", format]);
        command.env("AWS_ENDPOINT_URL_DYNAMODB", format!("http://{}", proxy.address));
        command.envs([
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ]);
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint());
        let mut host = Host::spawn(command);
        let headers = [JSON, ("traceparent", &format!("00-{TRACE}-{PARENT}-01"))];
        let body = r#"{"operation":"read","tableName":"people","payload":{"Key":{"id":"1"}}}"#;
        let answer = host.request("POST", "/dynamodbmanager", &headers, body.as_bytes());
        assert!(answer.status >= 500, "{}", answer.body);
        let log = host.stop();
        for words in ["the store failed", "answered"] {
            let line = log.lines().find(|line| line.contains(words)).unwrap_or_else(|| panic!("no {words} in\n{log}"));
            assert!(line.contains(TRACE), "{line}");
        }
    }
    let spans = collector.spans();
    assert!(spans.iter().filter(|span| span.kind != 1).all(|span| span.is_error), "{spans:#?}");
}

#[test]
fn without_a_collector_there_is_no_trace() {
    let folder = Folder::new();
    let mut host = Host::start(&folder, &[]);
    let traceparent = format!("00-{TRACE}-{PARENT}-01");
    host.request("POST", "/dynamodbmanager", &[JSON, ("traceparent", &traceparent)], PING.as_bytes());
    let log = host.stop();
    assert!(log.contains("answered") && !log.contains("trace_id"), "{log}");
}
