//! The real `bootstrap` behind somebody else's Lambda: the service APIs that cargo-lambda emulates, invoked as AWS's clients do it,
//! in front of a real engine.
//!
//! `GATELEG_CARGO_LAMBDA` names the program; `cargo xtask test lambda` fetches it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[allow(dead_code, reason = "each test file uses its part")]
mod fronts;
#[allow(dead_code, reason = "each test file uses its part")]
mod lambda;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fronts::{FRONTS, quoted, sample};
use gateleg_core::json::Json;
use lambda::Engine;

/// Somebody else's Lambda, with our function in it.
struct Emulator {
    apis: Child,
    function: Child,
    port: u16,
}

impl Emulator {
    fn start(engine: &Engine) -> Self {
        let program = std::env::var_os("GATELEG_CARGO_LAMBDA").expect("GATELEG_CARGO_LAMBDA names cargo-lambda");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let apis = Command::new(program)
            .args(["lambda", "watch", "--only-lambda-apis", "--invoke-address", "127.0.0.1", "--invoke-port"])
            .arg(port.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(60), "cargo-lambda does not listen on {port}");
            std::thread::sleep(Duration::from_millis(50));
        }
        let function = Command::new(env!("CARGO_BIN_EXE_bootstrap"))
            .env("AWS_LAMBDA_RUNTIME_API", format!("http://127.0.0.1:{port}/.rt"))
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "example")
            .env("AWS_ENDPOINT_URL_DYNAMODB", &engine.endpoint)
            .env("GATELEG_TABLES", "lambda-apigateway")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Emulator { apis, function, port }
    }

    /// Invokes the function: the status of the call, whether the function failed, and what it answered.
    fn invoke(&self, event: &[u8]) -> (u16, bool, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let head = format!(
            "POST /2015-03-31/functions/_/invocations HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            event.len()
        );
        stream.write_all(&[head.as_bytes(), event].concat()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no HTTP: {answer}"));
        let head = head.to_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
        let body = if head.contains("transfer-encoding: chunked") { unchunked(body) } else { body.into() };
        (status, head.contains("x-amz-function-error"), body)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        for child in [&mut self.function, &mut self.apis] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn unchunked(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((length, after)) = rest.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).unwrap();
        if length == 0 {
            break;
        }
        body.push_str(&after[..length]);
        rest = &after[length + 2..];
    }
    body
}

#[test]
fn every_shape_of_event_is_answered_through_emulated_apis() {
    let engine = Engine::start();
    let emulator = Emulator::start(&engine);

    // What is no invocation's business is the emulator's; a direct invocation answers with the reply itself.
    for (name, expected) in [
        ("direct-create", r#"{"ResponseMetadata":"#),
        ("direct-read", r#"{"Item":{"id":"1234ABCD","number":5},"#),
        ("direct-list", r#"{"Items":[{"id":"1234ABCD","number":5}],"#),
        ("direct-echo", r#"{"somekey1":"somevalue1","somekey2":1.10}"#),
    ] {
        let (status, failed, body) = emulator.invoke(sample(name).as_bytes());
        assert_eq!((status, failed), (200, false), "{name}: {body}");
        assert!(body.starts_with(expected), "{name}: {body}");
    }

    // The other fronts get an answer in their own shape.
    for front in FRONTS.into_iter().skip(1) {
        let id = quoted(front.sample);
        let request = format!(
            r#"{{"operation":"create","tableName":"lambda-apigateway","payload":{{"Item":{{"id":{id},"n":1.10}},"ReturnValues":"ALL_OLD"}}}}"#
        );
        let (status, failed, body) = emulator.invoke(front.event(&request).as_bytes());
        assert_eq!((status, failed), (200, false), "{front:?}: {body}");
        let answer = Json::parse(body.as_bytes()).unwrap_or_else(|error| panic!("{error}: {body}"));
        assert_eq!(answer.get("statusCode").and_then(Json::as_integer), Some(200), "{front:?}: {body}");
        let (_, _, refused) = emulator.invoke(front.event(r#"{"operation":"reed"}"#).as_bytes());
        let refused = Json::parse(refused.as_bytes()).unwrap_or_else(|error| panic!("{error}: {refused}"));
        assert_eq!(refused.get("statusCode").and_then(Json::as_integer), Some(400), "{front:?}");
    }
    let (.., list) = emulator.invoke(sample("direct-list").as_bytes());
    let list = Json::parse(list.as_bytes()).unwrap();
    assert_eq!(list.get("Count").and_then(Json::as_integer), Some(i64::try_from(FRONTS.len()).unwrap()));

    // Whatever else comes, the next invocation is answered.
    for event in [&b"null"[..], b"{}", b"[", b"\xff\xfe\x00", &vec![b' '; 1 << 20]] {
        let (_, _, body) = emulator.invoke(event);
        assert!(body.contains("Exception"), "{body}");
    }
    assert_eq!(emulator.invoke(br#"{"operation":"ping"}"#), (200, false, r#""pong""#.into()));
}
