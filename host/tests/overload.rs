//! What callers do who are slow, silent, endless or too many, and that it costs the others nothing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;
#[path = "operations/http2.rs"]
mod http2;
#[path = "operations/proxy.rs"]
mod proxy;

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use common::{Answer, Folder, Host, gateleg, write_head};
use proxy::{Mode, Proxy};

const JSON: (&str, &str) = ("content-type", "application/json");
const PING: &str = r#"{"operation":"ping"}"#;
const CREATE: &str = r#"{"operation":"create","tableName":"people","payload":{"Item":{"id":"1"}}}"#;

/// What a caller goes on doing, after what it sends first.
enum Then {
    /// Nothing, and it does not go away either.
    Waits,
    /// Sends that, again and again, one at a time.
    Drips(&'static [u8]),
    /// Sends that as fast as it can.
    Pours(Vec<u8>),
}

/// Such a caller is cut off in time, with that at the start of what it is told, and others are answered meanwhile.
fn check(what: &str, first: &[u8], then: Then, told: &str) {
    let folder = Folder::new();
    let host = Host::start(&folder, &["--client-timeout", "500ms", "--max-body", "64KB"]);
    let mut stream = host.connect();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(&String::from_utf8_lossy(first).replace("HOST", &host.address.to_string()).into_bytes()).unwrap();
    let started = Instant::now();
    let mut writer = stream.try_clone().unwrap();
    let writing = thread::spawn(move || {
        // A write fails when the server has closed; that is the end that is waited for.
        let (bytes, pause) = match &then {
            Then::Waits => return,
            Then::Drips(bytes) => (*bytes, Duration::from_millis(40)),
            Then::Pours(bytes) => (bytes.as_slice(), Duration::ZERO),
        };
        while started.elapsed() < Duration::from_secs(20) && writer.write_all(bytes).is_ok() {
            thread::sleep(pause);
        }
    });
    assert_eq!(host.post(PING).status, 200, "{what}");
    let mut all = Vec::new();
    let ended = stream.read_to_end(&mut all);
    let took = started.elapsed();
    let text = String::from_utf8_lossy(&all);
    if let Err(error) = ended {
        assert_ne!(error.kind(), ErrorKind::WouldBlock, "{what}: never cut off; told {text:?}");
    }
    assert!(took < Duration::from_secs(6), "{what}: cut off only after {took:?}");
    assert!(text.starts_with(told) && (!told.is_empty() || text.is_empty()), "{what}: told {text:?}");
    let _ = stream.shutdown(std::net::Shutdown::Both);
    writing.join().unwrap();
    assert_eq!(host.post(PING).status, 200, "{what}");
}

const HEAD: &str = "POST /dynamodbmanager HTTP/1.1\r\nhost: HOST\r\ncontent-type: application/json\r\n";
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

#[test]
fn who_connects_and_says_nothing_is_cut_off() {
    check("nothing", b"", Then::Waits, "");
}

#[test]
fn a_head_that_comes_byte_by_byte_is_cut_off() {
    check("half a line, then silence", b"POST /dyna", Then::Waits, "");
    check("a header without end", HEAD.as_bytes(), Then::Drips(b"x"), "");
    check("headers without end", HEAD.as_bytes(), Then::Drips(b"a: b\r\n"), "");
    check("what may become either protocol", b"PR", Then::Waits, "");
}

#[test]
fn a_head_that_is_too_large_is_refused() {
    check("headers as fast as they go", HEAD.as_bytes(), Then::Pours(vec![b'x'; 4096]), "HTTP/1.1 431");
}

#[test]
fn a_body_that_comes_byte_by_byte_is_cut_off() {
    let promised = format!("{HEAD}content-length: 1000\r\n\r\n{{");
    check("a body that does not come", promised.as_bytes(), Then::Waits, "HTTP/1.1 504");
    check("a body that hardly comes", promised.as_bytes(), Then::Drips(b" "), "HTTP/1.1 504");
    let chunked = format!("{HEAD}transfer-encoding: chunked\r\n\r\n");
    check("chunks that hardly come", chunked.as_bytes(), Then::Drips(b"1\r\n \r\n"), "HTTP/1.1 504");
}

#[test]
fn a_body_without_end_is_cut_off() {
    let chunked = format!("{HEAD}transfer-encoding: chunked\r\n\r\n");
    let mut chunk = b"1000\r\n".to_vec();
    chunk.resize(6 + 0x1000, b' ');
    chunk.extend(b"\r\n");
    check("chunks without end", chunked.as_bytes(), Then::Pours(chunk), "HTTP/1.1 413");
    let announced = format!("{HEAD}content-length: 100000000000\r\n\r\n");
    check("a length beyond all", announced.as_bytes(), Then::Pours(vec![b' '; 4096]), "HTTP/1.1 413");
}

#[test]
fn http2_without_requests_is_cut_off() {
    // The server's settings come first: a frame of that length and type, on the connection itself.
    for (what, first) in [("half open", PREFACE.to_vec()), ("idle", [PREFACE, b"\0\0\0\x04\0\0\0\0\0"].concat())] {
        check(what, &first, Then::Waits, "\0\0");
    }
    // Headers of stream 1 that never end, and then more and more of them.
    let open = [PREFACE, b"\0\0\0\x04\0\0\0\0\0", b"\0\0\x01\x01\0\0\0\0\x01\x82"].concat();
    check("headers without end", &open, Then::Drips(b"\0\0\x01\x09\0\0\0\0\x01\x84"), "\0\0");
}

#[test]
fn http2_that_only_answers_pings_is_cut_off() {
    let folder = Folder::new();
    let host = Host::start(&folder, &["--client-timeout", "500ms"]);
    let stalled = format!(r#"{{"operation":"echo","payload":"{}"}}"#, "x".repeat(60_000));
    for (what, body, cut) in [("idle", None, 0), ("takes nothing of its reply", Some(stalled), 1)] {
        let took = http2::left_alone(host.address, body);
        assert!(took > Duration::from_millis(400) && took < Duration::from_secs(5), "{what}: {took:?}");
        let metrics = host.get("/metrics").body;
        let expected = format!("gateleg_connections_cut_total{{why=\"age\"}} {cut}");
        assert!(metrics.contains(&expected), "{what}: no {expected} in\n{metrics}");
    }
}

#[test]
fn a_reply_that_nobody_takes_is_not_kept() {
    let folder = Folder::new();
    let host = Host::start(&folder, &["--client-timeout", "500ms"]);
    let body = format!(r#"{{"operation":"echo","payload":"{}"}}"#, "x".repeat(5 << 20));
    let mut stream = host.connect();
    stream.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
    let started = Instant::now();
    // What the two systems keep on the way is full after some; then the server waits, and gives up.
    let cut = (0..16).any(|_| {
        let mut head = stream.try_clone().unwrap();
        let sent = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            write_head(&mut head, host.address, "POST", "/dynamodbmanager", &[JSON], body.len());
        }));
        sent.is_err() || stream.write_all(body.as_bytes()).is_err()
    });
    assert!(cut, "16 replies of 5 MB are kept for somebody who takes none");
    assert!(started.elapsed() < Duration::from_secs(15), "cut off only after {:?}", started.elapsed());
    let metrics = host.get("/metrics").body;
    assert!(metrics.contains("gateleg_connections_cut_total{why=\"reply\"} 1"), "{metrics}");
    assert_eq!(host.post(PING).status, 200);
}

#[test]
fn a_reply_that_is_taken_slowly_arrives() {
    let folder = Folder::new();
    let host = Host::start(&folder, &["--client-timeout", "500ms"]);
    let body = format!(r#"{{"operation":"echo","payload":"{}"}}"#, "x".repeat(5 << 20));
    let mut stream = host.connect();
    write_head(&mut stream, host.address, "POST", "/dynamodbmanager", &[JSON, ("connection", "close")], body.len());
    stream.write_all(body.as_bytes()).unwrap();
    let mut taken = Vec::new();
    let mut buffer = vec![0; 256 << 10];
    let started = Instant::now();
    loop {
        let read = stream.read(&mut buffer).unwrap();
        if read == 0 {
            break;
        }
        taken.extend_from_slice(&buffer[..read]);
        thread::sleep(Duration::from_millis(100));
    }
    assert!(taken.len() > 5 << 20, "{} bytes", taken.len());
    assert!(started.elapsed() > Duration::from_secs(1), "it took longer than the server waits for a part");
}

/// How many of them were answered with what, and the longest that one with that took.
fn tally(answers: &[(u16, Duration)], status: u16) -> (usize, Duration) {
    let of = || answers.iter().filter(|(found, _)| *found == status);
    (of().count(), of().map(|(_, took)| *took).max().unwrap_or_default())
}

#[test]
fn beyond_the_places_is_a_line_and_beyond_the_line_a_refusal_at_once() {
    let store = Folder::new();
    // Any host will do as a store that can be reached; it is silenced before anything is asked of it.
    let store = Host::start(&store, &[]);
    let proxy = Proxy::start(&store.address.to_string());
    let mut command = gateleg(&["serve", "--addr", "127.0.0.1:0", "--store", "dynamodb", "--tables", "people"]);
    command.args(["--keys", "people=id", "--deadline", "2s", "--max-requests", "2", "--max-queue", "3"]);
    command.env("AWS_ENDPOINT_URL_DYNAMODB", format!("http://{}", proxy.address));
    command.envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")]);
    let host = Host::spawn(command);
    proxy.set(Mode::Silent);
    let ask = || {
        let started = Instant::now();
        let answer = host.post(CREATE);
        assert_eq!(answer.header("retry-after").is_some(), answer.status == 503, "{}", answer.body);
        (answer.status, started.elapsed())
    };
    let answers: Vec<(u16, Duration)> = thread::scope(|scope| {
        let callers: Vec<_> = (0..30).map(|_| scope.spawn(ask)).collect();
        thread::sleep(Duration::from_millis(1000));
        let metrics = host.get("/metrics").body;
        assert!(
            metrics.contains("gateleg_queue_length 3") && metrics.contains("gateleg_requests_in_flight 6"),
            "{metrics}"
        );
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    let fast = answers.iter().filter(|(status, took)| *status == 503 && *took < Duration::from_secs(1)).count();
    assert_eq!(fast, 25, "{answers:?}");
    let (expired, longest) = tally(&answers, 504);
    assert!(expired >= 2 && longest < Duration::from_secs(4), "{answers:?}");
    assert_eq!(expired + tally(&answers, 503).0, 30, "{answers:?}");
    // The load is gone, and with it all that it did.
    let started = Instant::now();
    for _ in 0..20 {
        assert_eq!(host.post(PING).status, 200);
    }
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    let metrics = host.get("/metrics").body;
    assert!(
        metrics.contains("gateleg_queue_length 0") && metrics.contains("gateleg_requests_in_flight 1"),
        "{metrics}"
    );
    assert!(metrics.contains("gateleg_queue_refusals_total{why=\"full\"} 25"), "{metrics}");
}

#[test]
fn connections_beyond_the_most_are_told_so() {
    let folder = Folder::new();
    let host = Host::start(&folder, &["--max-connections", "8"]);
    let mut kept: Vec<TcpStream> = (0..8).map(|_| host.connect()).collect();
    for stream in &mut kept {
        write_head(stream, host.address, "GET", "/healthz", &[], 0);
        assert_eq!(Answer::read(stream).status, 200);
    }
    for _ in 0..200 {
        let started = Instant::now();
        let answer = host.post(PING);
        assert_eq!((answer.status, answer.error_type()), (503, "ServiceUnavailableException"));
        assert_eq!(answer.header("retry-after"), Some("1"));
        assert!(answer.body().contains("Too many connections are open here"), "{}", answer.body);
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    }
    // Those who say nothing are turned away as well, and do not keep others from being told.
    let silent: Vec<TcpStream> = (0..100).map(|_| host.connect()).collect();
    assert_eq!(host.post(PING).status, 503);
    drop(silent);
    // Who was in still is, and who comes after they left comes in.
    write_head(&mut kept[0], host.address, "GET", "/healthz", &[], 0);
    assert_eq!(Answer::read(&mut kept[0]).status, 200);
    drop(kept);
    let started = Instant::now();
    while host.post(PING).status != 200 {
        assert!(started.elapsed() < Duration::from_secs(2), "nobody comes in any more");
    }
    let metrics = host.get("/metrics").body;
    let refused = metrics.lines().find_map(|line| line.strip_prefix("gateleg_connections_refused_total "));
    assert!(refused.unwrap().parse::<u32>().unwrap() >= 301, "{metrics}");
}

#[test]
fn http2_is_spoken_on_the_same_port() {
    let folder = Folder::new();
    let mut host = Host::start(&folder, &["--max-body", "64KB"]);
    let here = host.address.to_string();
    let large = " ".repeat(70_000);
    let cases: Vec<(&str, &str, &str, &str, u16, &str)> = vec![
        ("POST", &here, "/dynamodbmanager", PING, 200, "\"pong\""),
        ("POST", &here, "/prod/dynamodbmanager", PING, 200, "\"pong\""),
        ("GET", &here, "/healthz", "", 200, "ok"),
        ("GET", &here, "/readyz", "", 200, "ready"),
        ("GET", &here, "/metrics", "", 200, "# EOF"),
        ("GET", "evil.example", "/healthz", "", 421, "MisdirectedRequestException"),
        ("PUT", &here, "/dynamodbmanager", PING, 405, "MethodNotAllowedException"),
        ("POST", &here, "/dynamodbmanager", &large, 413, "RequestEntityTooLargeException"),
        ("POST", &here, "/dynamodbmanager", "{", 400, "SerializationException"),
    ];
    // All on one connection, all at once: a refusal of one is no end of the others.
    let answers = http2::all_at_once(host.address, cases.iter().map(|case| (case.0, case.1, case.2, case.3)));
    for ((method, host, path, _, status, says), (found, headers, body)) in cases.iter().zip(answers) {
        assert_eq!(found, *status, "{method} {host}{path}: {body}");
        assert!(body.contains(says), "{method} {host}{path}: {body}");
        assert!(headers.contains_key("x-amzn-requestid") && !headers.contains_key("connection"), "{headers:?}");
    }
    let log = host.stop();
    assert!(log.contains("stopped"), "{log}");
}
