//! What whoever runs `gateleg serve` looks at: figures, readiness, the access log; and that `docs/operations.md` says what is so.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;
#[path = "../../store/tests/common/engine.rs"]
#[allow(dead_code, reason = "only one of the engines is needed here")]
mod engine;
#[path = "operations/proxy.rs"]
mod proxy;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use common::{Answer, Folder, Host, gateleg, write_head};
use proxy::{Mode, Proxy};

const JSON: (&str, &str) = ("content-type", "application/json");
const PING: &str = r#"{"operation":"ping"}"#;
const CREATE: &str = r#"{"operation":"create","tableName":"lambda-apigateway","payload":{"Item":{"id":"Zebra"}}}"#;
const CREATE_AGAIN: &str = r#"{"operation":"create","tableName":"lambda-apigateway","payload":{"Item":{"id":"Zebra"},"ConditionExpression":"attribute_not_exists(id)"}}"#;

const POSTED: [(&str, u16); 5] = [
    (PING, 200),
    (CREATE, 200),
    (CREATE_AGAIN, 409),
    (r#"{"operation":"Zebra","tableName":"Zebra"}"#, 400),
    (r#"{"operation":"list","tableName":"Zebra"}"#, 404),
];

/// A host with requests of every kind behind it.
fn busy(folder: &Folder) -> Host {
    let host = Host::start(folder, &[]);
    for (request, status) in POSTED {
        assert_eq!(host.post(request).status, status, "{request}");
    }
    assert_eq!(host.get("/Zebra").status, 404);
    assert_eq!(host.request("GET", "/healthz", &[("host", "zebra.example")], b"").status, 421);
    assert_eq!(host.request("ZEBRA", "/healthz", &[], b"").status, 405);
    host
}

/// The value of a figure, its labels spelled as `/metrics` spells them.
fn value(metrics: &str, figure: &str) -> f64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(figure)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {figure} in:\n{metrics}")).parse().unwrap()
}

#[test]
fn figures_say_what_has_happened() {
    let folder = Folder::new();
    let host = busy(&folder);
    let answer = host.get("/metrics");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/openmetrics-text; version=1.0.0; charset=utf-8"));
    let metrics = answer.body;
    for (figure, expected) in [
        (r#"gateleg_requests_total{route="/dynamodbmanager",operation="ping",status="200"}"#, 1.0),
        (r#"gateleg_requests_total{route="/dynamodbmanager",operation="create",status="200"}"#, 1.0),
        (r#"gateleg_requests_total{route="/dynamodbmanager",operation="create",status="409"}"#, 1.0),
        (r#"gateleg_requests_total{route="/dynamodbmanager",operation="other",status="400"}"#, 1.0),
        (r#"gateleg_requests_total{route="unknown",operation="none",status="404"}"#, 1.0),
        (r#"gateleg_requests_total{route="any",operation="none",status="421"}"#, 1.0),
        (r#"gateleg_request_duration_seconds_count{route="/dynamodbmanager",operation="create"}"#, 2.0),
        (r#"gateleg_refusals_total{rule="envelope.operation"}"#, 1.0),
        (r#"gateleg_store_calls_total{api="PutItem",outcome="ok"}"#, 1.0),
        (r#"gateleg_store_calls_total{api="PutItem",outcome="ConditionalCheckFailedException"}"#, 1.0),
        (r#"gateleg_store_calls_total{api="Scan",outcome="ResourceNotFoundException"}"#, 1.0),
        (r#"gateleg_store_call_duration_seconds_count{api="PutItem"}"#, 2.0),
        // This one is under way itself.
        ("gateleg_requests_in_flight", 1.0),
        ("gateleg_plan_duration_seconds_count", 5.0),
        ("gateleg_sandbox_instances", 0.0),
        ("gateleg_store_calls_in_flight", 0.0),
        ("gateleg_queue_length", 0.0),
        (r#"gateleg_queue_refusals_total{why="full"}"#, 0.0),
        (r#"gateleg_planner_failures_total{kind="timeout"}"#, 0.0),
    ] {
        assert_eq!(value(&metrics, figure), expected, "{figure}");
    }
    let bytes_in: usize = POSTED.iter().map(|(request, _)| request.len()).sum();
    assert_eq!(value(&metrics, "gateleg_request_body_bytes_total"), bytes_in as f64);
    assert!(value(&metrics, "gateleg_reply_body_bytes_total") > 500.0);
    assert!(value(&metrics, "gateleg_plan_duration_seconds_sum") > 0.0);
    assert!((65536.0..16e6).contains(&value(&metrics, "gateleg_sandbox_memory_high_water_bytes")));
    assert!(value(&metrics, "gateleg_connections") >= 1.0);
    assert!(!metrics.to_lowercase().contains("zebra"), "what a caller wrote is no label:\n{metrics}");
    assert!(metrics.ends_with("# EOF\n"));
}

/// Name, kind and labels of every figure, as `/metrics` has them.
fn live(metrics: &str) -> BTreeMap<String, (String, BTreeSet<String>)> {
    let mut figures = BTreeMap::new();
    let types = metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    for (name, kind) in types {
        let samples = metrics.lines().filter(|line| {
            let rest = line.strip_prefix(name).and_then(|rest| rest.split(['{', ' ']).next());
            rest.is_some_and(|rest| ["", "_total", "_info", "_bucket"].contains(&rest))
        });
        let mut labels = BTreeSet::new();
        for sample in samples {
            let inside =
                sample.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map_or("", |(inside, _)| inside);
            labels.extend(inside.split(',').filter_map(|label| Some(label.split_once('=')?.0.to_string())));
        }
        labels.remove("le");
        let suffix = match kind {
            "counter" => "_total",
            "info" => "_info",
            _ => "",
        };
        figures.insert(format!("{name}{suffix}"), (kind.to_string(), labels));
    }
    figures
}

/// The same as `docs/operations.md` has them.
fn documented() -> BTreeMap<String, (String, BTreeSet<String>)> {
    let page = include_str!("../../docs/operations.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `gateleg_"));
    let figure = |row: &str| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let labels = cells[2].split(", ").filter(|label| !label.is_empty()).map(String::from).collect();
        (format!("gateleg_{}", cells[0].trim_end_matches('`')), (cells[1].to_string(), labels))
    };
    rows.map(figure).collect()
}

#[test]
fn the_figures_are_those_that_are_documented() {
    let folder = Folder::new();
    let host = busy(&folder);
    assert_eq!(live(&host.get("/metrics").body), documented());
}

#[test]
fn figures_are_behind_the_door() {
    let folder = Folder::new();
    let file = folder.file("token", "s3cret");
    let host = Host::start(&folder, &["--token-file", &file]);
    let open = Folder::new();
    let open = Host::start(&open, &[]);
    let bearer = ("authorization", "Bearer s3cret");
    let elsewhere = ("origin", "https://evil.example");
    for (host, method, headers, status) in [
        (&host, "GET", vec![], 401),
        (&host, "GET", vec![("authorization", "Bearer wrong")], 401),
        (&host, "GET", vec![bearer], 200),
        (&host, "GET", vec![bearer, elsewhere], 403),
        (&host, "POST", vec![bearer], 405),
        (&open, "GET", vec![], 200),
        (&open, "HEAD", vec![], 200),
        (&open, "GET", vec![elsewhere], 403),
        (&open, "GET", vec![("sec-fetch-site", "cross-site")], 403),
        (&open, "GET", vec![("host", "evil.example")], 421),
    ] {
        let mut stream = host.connect();
        write_head(&mut stream, host.address, method, "/metrics", &headers, 0);
        let mut first = [0; 12];
        std::io::Read::read_exact(&mut stream, &mut first).unwrap();
        assert_eq!(first, *format!("HTTP/1.1 {status}").as_bytes(), "{method} {headers:?}");
    }
    for path in ["/healthz", "/readyz"] {
        assert_eq!(host.get(path).status, 200, "{path} takes no token");
    }
}

/// A host in front of that store, with no more time for a request than that.
fn in_front_of(proxy: &Proxy, args: &[&str]) -> Host {
    let mut all = vec!["serve", "--addr", "127.0.0.1:0", "--store", "dynamodb", "--tables", "people"];
    all.extend_from_slice(args);
    let mut command = gateleg(&all);
    command.env("AWS_ENDPOINT_URL_DYNAMODB", format!("http://{}", proxy.address));
    command.envs([
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ]);
    Host::spawn(command)
}

#[test]
fn readiness_follows_the_store() {
    let engine = engine::Engine::dynoxide();
    let proxy = Proxy::start(engine.endpoint.strip_prefix("http://").unwrap());
    let host = in_front_of(&proxy, &[]);
    // The table is not there, which is an answer.
    for (mode, status, says) in [
        (Mode::Answers, 200, r#"{"status":"ready"}"#),
        (Mode::Silent, 503, r#""message":"The store did not answer within 1 s""#),
        (Mode::Answers, 200, r#"{"status":"ready"}"#),
        (Mode::Gone, 503, r#""message":"The store "#),
        (Mode::Answers, 200, r#"{"status":"ready"}"#),
    ] {
        proxy.set(mode);
        let started = Instant::now();
        let answer = loop {
            let asked = Instant::now();
            let answer = host.get("/readyz");
            assert!(asked.elapsed() < Duration::from_secs(3), "a probe is not kept waiting");
            if answer.status == status {
                break answer;
            }
            // A verdict is kept for five seconds.
            assert!(started.elapsed() < Duration::from_secs(20), "{mode:?}: {}", answer.body);
            std::thread::sleep(Duration::from_millis(50));
        };
        assert!(answer.body.contains(says), "{mode:?}: {}", answer.body);
        assert_eq!(answer.header("retry-after").is_some(), status == 503);
        // Whoever is not ready is alive all the same.
        assert_eq!(host.get("/healthz").status, 200);
    }
}

#[test]
fn probes_cost_the_store_nothing_to_speak_of() {
    let engine = engine::Engine::dynoxide();
    let proxy = Proxy::start(engine.endpoint.strip_prefix("http://").unwrap());
    let host = in_front_of(&proxy, &[]);
    assert_eq!(host.get("/readyz").status, 200);
    proxy.set(Mode::Gone);
    let started = Instant::now();
    for _ in 0..200 {
        assert_eq!(host.get("/readyz").status, 200, "the verdict is kept");
    }
    assert!(started.elapsed() < Duration::from_secs(4), "200 probes took {:?}", started.elapsed());
}

#[test]
fn while_it_drains_it_is_not_ready_but_answers() {
    let folder = Folder::new();
    let mut host = Host::start(&folder, &["--drain", "2s"]);
    let ready = host.get("/readyz");
    assert_eq!((ready.status, ready.body.as_str()), (200, r#"{"status":"ready"}"#));
    host.signal("TERM");
    let started = Instant::now();
    while host.get("/readyz").status == 200 {
        assert!(started.elapsed() < Duration::from_secs(2), "still ready after the signal");
    }
    let draining = host.get("/readyz");
    assert_eq!((draining.status, draining.error_type()), (503, "ServiceUnavailableException"));
    assert!(draining.body.contains("The server is stopping"), "{}", draining.body);
    assert_eq!(host.post(PING).status, 200);
    let (status, log) = host.wait();
    assert!(status.success(), "{log}");
    assert!(started.elapsed() >= Duration::from_millis(1900), "it took requests for {:?}", started.elapsed());
}

/// The lines of the access log.
fn access<'l>(log: &'l str, mark: &str) -> Vec<&'l str> {
    log.lines().filter(|line| line.contains(mark)).collect()
}

#[test]
fn every_request_is_a_line_of_the_access_log() {
    let folder = Folder::new();
    let mut host = busy(&folder);
    let answer = host.request("POST", "/Zebra/dynamodbmanager?Zebra", &[JSON], CREATE.as_bytes());
    let id = answer.header("x-amzn-requestid").unwrap().to_string();
    let log = host.stop();
    let lines = access(&log, "answered");
    assert_eq!(lines.len(), 9, "{log}");
    let line = lines.last().unwrap();
    for field in [
        "method=\"POST\"",
        "path=\"/{stage}/dynamodbmanager\"",
        "status=200",
        &format!("bytes_in={}", CREATE.len()),
        &format!("bytes_out={}", answer.body.len()),
        " ms=",
        "operation=\"create\"",
        "tables=1",
        "calls=1",
        &id,
    ] {
        assert!(line.contains(field), "no {field} in {line}");
    }
    assert!(log.contains("method=\"other\"") && log.contains("path=\"-\""), "{log}");
    assert!(!log.to_lowercase().contains("zebra"), "{log}");
}

#[test]
fn the_access_log_can_be_json_and_can_be_off() {
    let target = r#""target":"gateleg::access""#;
    for (format, level, filter, lines) in [
        ("json", None, None, 2),
        ("json", None, Some("gateleg=info,gateleg_store=info,gateleg::access=off"), 0),
        ("json", Some("warn"), None, 0),
        ("text", None, Some("gateleg=info,gateleg_store=info,gateleg::access=off"), 0),
    ] {
        let folder = Folder::new();
        let data = folder.path("data.db");
        let mut args = vec!["serve", "--addr", "127.0.0.1:0", "--data", &data, "--log-format", format];
        args.extend(level.map(|level| ["--log-level", level]).into_iter().flatten());
        let port = free_port();
        let address = format!("127.0.0.1:{port}");
        args[2] = &address;
        let mut command = gateleg(&args);
        command.envs(filter.map(|filter| ("RUST_LOG", filter)));
        let log = folder.path("log");
        command.stderr(std::fs::File::create(&log).unwrap()).stdin(std::process::Stdio::null());
        let mut child = command.spawn().unwrap();
        for _ in 0..2 {
            let mut stream = connect(&address);
            write_head(&mut stream, address.parse().unwrap(), "GET", "/healthz", &[], 0);
            assert_eq!(Answer::read(&mut stream).status, 200);
        }
        let done = std::process::Command::new("kill").arg(child.id().to_string()).status().unwrap();
        assert!(done.success() && child.wait().unwrap().success());
        let log = std::fs::read_to_string(log).unwrap();
        assert_eq!(access(&log, target).len(), lines, "{log}");
        assert_eq!(access(&log, "answered").len(), lines, "{log}");
        if level.is_none() && format == "json" {
            assert!(log.contains(r#""message":"listening""#) && log.contains(r#""message":"stopped""#), "{log}");
        }
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn connect(address: &str) -> std::net::TcpStream {
    let started = Instant::now();
    loop {
        match std::net::TcpStream::connect(address) {
            Ok(stream) => return stream,
            Err(error) => assert!(started.elapsed() < Duration::from_secs(60), "{address}: {error}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
