//! `gateleg serve`, the built binary, over real HTTP.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use common::{Answer, Folder, Host, gateleg, run, text, write_head};

const JSON: (&str, &str) = ("content-type", "application/json");
const META: &str = r#""ResponseMetadata":{"RequestId":"ID","HTTPStatusCode":200,"RetryAttempts":0}"#;

fn check(host: &Host, request: &str, status: u16, body: &str) {
    let answer = host.post(request);
    assert_eq!((answer.status, answer.body().as_str()), (status, body.replace("META", META).as_str()), "{request}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
}

fn tutorial(host: &Host) {
    let steps = [
        (r#"{"operation":"ping"}"#, r#""pong""#),
        (r#"{"operation":"echo","payload":{"b":1.10,"a":[]}}"#, r#"{"b":1.10,"a":[]}"#),
        (
            r#"{"operation":"create","tableName":"lambda-apigateway","payload":{"Item":{"id":"1234ABCD","number":5}}}"#,
            "{META}",
        ),
        (
            r#"{"operation":"update","tableName":"lambda-apigateway","payload":{"Key":{"id":"1234ABCD"},"AttributeUpdates":{"number":{"Value":10}}}}"#,
            "{META}",
        ),
        (
            r#"{"operation":"read","tableName":"lambda-apigateway","payload":{"Key":{"id":"1234ABCD"}}}"#,
            r#"{"Item":{"id":"1234ABCD","number":10},META}"#,
        ),
        (
            r#"{"operation":"list","tableName":"lambda-apigateway"}"#,
            r#"{"Items":[{"id":"1234ABCD","number":10}],"Count":1,"ScannedCount":1,META}"#,
        ),
        (r#"{"operation":"delete","tableName":"lambda-apigateway","payload":{"Key":{"id":"1234ABCD"}}}"#, "{META}"),
        (r#"{"operation":"read","tableName":"lambda-apigateway","payload":{"Key":{"id":"1234ABCD"}}}"#, "{META}"),
    ];
    for (request, reply) in steps {
        check(host, request, 200, reply);
    }
}

#[test]
fn the_tutorials_requests_get_their_replies() {
    let folder = Folder::new();
    tutorial(&Host::start(&folder, &[]));
}

#[test]
fn the_native_planner_gives_the_same_replies() {
    let folder = Folder::new();
    tutorial(&Host::start(&folder, &["--planner", "native"]));
}

#[test]
fn numbers_keep_every_digit() {
    let folder = Folder::new();
    let host = Host::start(&folder, &[]);
    let digits = "12345678901234567890.123456789012345678";
    check(
        &host,
        &format!(
            r#"{{"operation":"create","tableName":"lambda-apigateway","payload":{{"Item":{{"id":"n","n":{digits}}}}}}}"#
        ),
        200,
        "{META}",
    );
    check(
        &host,
        r#"{"operation":"read","tableName":"lambda-apigateway","payload":{"Key":{"id":"n"}}}"#,
        200,
        &format!(r#"{{"Item":{{"id":"n","n":{digits}}},META}}"#),
    );
    check(&host, r#"{"operation":"echo","payload":[1e400,-0.0]}"#, 200, "[1e400,-0.0]");
}

#[test]
fn the_api_is_there_under_every_name() {
    let folder = Folder::new();
    let host = Host::start(&folder, &[]);
    for path in [
        "/dynamodbmanager",
        "/DynamoDBManager",
        "/prod/dynamodbmanager",
        "/test/DynamoDBManager",
        "/dynamodbmanager?a=b",
    ] {
        let answer = host.request("POST", path, &[JSON], br#"{"operation":"ping"}"#);
        assert_eq!((answer.status, answer.body.as_str()), (200, "\"pong\""), "{path}");
    }
    for charset in ["application/json; charset=utf-8", "application/json;charset=UTF-8"] {
        assert_eq!(
            host.request("POST", "/dynamodbmanager", &[("content-type", charset)], br#"{"operation":"ping"}"#).status,
            200
        );
    }
}

#[test]
fn what_is_no_request_is_refused_in_the_one_error_body() {
    let folder = Folder::new();
    let host = Host::start(&folder, &["--max-body", "1KB"]);
    let ping: &[u8] = br#"{"operation":"ping"}"#;
    let api = "/dynamodbmanager";
    let port = host.address.port();
    let other = format!("http://localhost:{port}");
    type Case<'c> = (&'c str, &'c str, Vec<(&'c str, &'c str)>, &'c [u8], u16, &'c str);
    let large = vec![b' '; 1025];
    let cases: Vec<Case<'_>> = vec![
        ("GET", api, vec![], b"", 405, "MethodNotAllowedException"),
        ("PUT", api, vec![JSON], ping, 405, "MethodNotAllowedException"),
        ("OPTIONS", api, vec![], b"", 405, "MethodNotAllowedException"),
        ("POST", "/", vec![JSON], ping, 405, "MethodNotAllowedException"),
        ("POST", "/healthz", vec![JSON], ping, 405, "MethodNotAllowedException"),
        ("POST", api, vec![], ping, 415, "UnsupportedMediaTypeException"),
        ("POST", api, vec![("content-type", "text/plain")], ping, 415, "UnsupportedMediaTypeException"),
        (
            "POST",
            api,
            vec![("content-type", "application/x-www-form-urlencoded")],
            ping,
            415,
            "UnsupportedMediaTypeException",
        ),
        (
            "POST",
            api,
            vec![("content-type", "application/json; charset=latin1")],
            ping,
            415,
            "UnsupportedMediaTypeException",
        ),
        ("POST", api, vec![JSON, JSON], ping, 415, "UnsupportedMediaTypeException"),
        ("POST", api, vec![JSON, ("content-encoding", "gzip")], ping, 415, "UnsupportedMediaTypeException"),
        ("POST", api, vec![JSON, ("host", "evil.example")], ping, 421, "MisdirectedRequestException"),
        ("POST", api, vec![JSON, ("host", "localhost:1")], ping, 421, "MisdirectedRequestException"),
        ("GET", "/", vec![("host", "evil.example")], b"", 421, "MisdirectedRequestException"),
        ("GET", "/healthz", vec![("host", "evil.example")], b"", 421, "MisdirectedRequestException"),
        ("POST", api, vec![JSON, ("origin", "https://evil.example")], ping, 403, "AccessDeniedException"),
        ("POST", api, vec![JSON, ("origin", "null")], ping, 403, "AccessDeniedException"),
        ("POST", api, vec![JSON, ("origin", &other)], ping, 403, "AccessDeniedException"),
        ("OPTIONS", api, vec![("origin", "https://evil.example")], b"", 403, "AccessDeniedException"),
        ("POST", api, vec![JSON, ("sec-fetch-site", "cross-site")], ping, 403, "AccessDeniedException"),
        ("POST", "/nowhere", vec![JSON], ping, 404, "UnknownRouteException"),
        ("POST", "/a/b/dynamodbmanager", vec![JSON], ping, 404, "UnknownRouteException"),
        ("GET", "/../Cargo.toml", vec![], b"", 404, "UnknownRouteException"),
        ("POST", api, vec![JSON], &large, 413, "RequestEntityTooLargeException"),
        ("POST", api, vec![JSON, ("content-length", "99999999999")], ping, 413, "RequestEntityTooLargeException"),
        ("POST", api, vec![JSON], b"", 400, "SerializationException"),
        ("POST", api, vec![JSON], b"{\"operation\":", 400, "SerializationException"),
        ("POST", api, vec![JSON], b"{\"operation\":\"\xff\"}", 400, "SerializationException"),
        ("POST", api, vec![JSON], b"{\"operation\":\"ping\",\"operation\":\"ping\"}", 400, "SerializationException"),
        ("POST", api, vec![JSON], b"[]", 400, "ValidationException"),
        ("POST", api, vec![JSON], b"{\"operation\":\"Ping\"}", 400, "UnknownOperationException"),
    ];
    for (method, path, headers, body, status, error_type) in cases {
        let answer = host.request(method, path, &headers, body);
        let what = format!("{method} {path} {headers:?} {}", String::from_utf8_lossy(body).trim());
        assert_eq!((answer.status, answer.error_type()), (status, error_type), "{what}: {}", answer.body);
        assert_eq!(answer.header("content-type"), Some("application/json"), "{what}");
        assert!(answer.body().ends_with(r#""requestId":"ID"}"#), "{what}: {}", answer.body);
        assert_eq!(answer.header("allow").is_some(), status == 405, "{what}");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{what}");
    }
    let own = format!("http://{}", host.address);
    assert_eq!(
        host.request("POST", api, &[JSON, ("origin", &own), ("sec-fetch-site", "same-origin")], ping).status,
        200
    );
}

#[test]
fn a_large_body_without_a_length_is_cut_off() {
    let folder = Folder::new();
    let host = Host::start(&folder, &["--max-body", "64KB"]);
    let mut stream = host.connect();
    write_head(&mut stream, host.address, "POST", "/dynamodbmanager", &[JSON, ("transfer-encoding", "chunked")], 0);
    let mut chunk = b"4000\r\n".to_vec();
    chunk.resize(6 + 0x4000, b' ');
    chunk.extend(b"\r\n");
    let mut sent = 0;
    // Without end, as far as the client is concerned; the server takes a little and then closes.
    while sent < 64 << 20 && stream.write_all(&chunk).is_ok() {
        sent += chunk.len();
        if sent > 2 << 20 {
            break;
        }
    }
    let answer = Answer::read(&mut stream);
    assert_eq!((answer.status, answer.error_type()), (413, "RequestEntityTooLargeException"));
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(host.post(r#"{"operation":"ping"}"#).status, 200);
}

#[test]
fn connections_are_kept_for_the_next_request() {
    let folder = Folder::new();
    let host = Host::start(&folder, &[]);
    let mut stream = host.connect();
    for _ in 0..3 {
        let body = br#"{"operation":"ping"}"#;
        write_head(&mut stream, host.address, "POST", "/dynamodbmanager", &[JSON], body.len());
        stream.write_all(body).unwrap();
        assert_eq!(Answer::read(&mut stream).status, 200);
    }
}

#[test]
fn an_allowed_origin_is_answered_as_browsers_want_it() {
    let folder = Folder::new();
    let host = Host::start(&folder, &["--allow-origin", "https://app.example", "--allow-host", "gate.example"]);
    let origin = ("origin", "https://app.example");
    let preflight = host.request(
        "OPTIONS",
        "/dynamodbmanager",
        &[origin, ("access-control-request-method", "POST"), ("access-control-request-headers", "content-type")],
        b"",
    );
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-origin"), Some("https://app.example"));
    assert_eq!(preflight.header("access-control-allow-methods"), Some("POST"));
    assert_eq!(preflight.header("access-control-allow-headers"), Some("authorization, content-type"));
    let answer =
        host.request("POST", "/dynamodbmanager", &[JSON, origin, ("host", "gate.example")], br#"{"operation":"ping"}"#);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://app.example"));
    assert_eq!(answer.header("vary"), Some("origin"));
    let refused =
        host.request("POST", "/dynamodbmanager", &[JSON, ("origin", "http://app.example")], br#"{"operation":"ping"}"#);
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (403, None));
}

#[test]
fn a_token_is_demanded_of_all_but_the_page_and_the_health_check() {
    let folder = Folder::new();
    let file = folder.file("token", "s3cret-token\n");
    let data = folder.path("data.db");
    let host = Host::spawn(gateleg(&["serve", "--addr", "0.0.0.0:0", "--data", &data, "--token-file", &file]));
    let ping = br#"{"operation":"ping"}"#;
    let send = |headers: &[(&str, &str)]| host.request("POST", "/dynamodbmanager", headers, ping);
    for wrong in ["", "Bearer wrong", "Bearer s3cret-toke", "Basic s3cret-token", "s3cret-token"] {
        let answer = send(&[JSON, ("authorization", wrong)]);
        assert_eq!((answer.status, answer.error_type()), (401, "MissingAuthenticationTokenException"), "{wrong}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"gateleg\""));
    }
    assert_eq!(send(&[JSON, ("authorization", "Bearer s3cret-token")]).status, 200);
    // The token stands in for the Host check: whoever has it is no web page elsewhere.
    assert_eq!(send(&[JSON, ("authorization", "Bearer s3cret-token"), ("host", "gate.example")]).status, 200);
    assert_eq!(host.get("/").status, 200);
    assert_eq!(host.get("/healthz").body, r#"{"status":"ok"}"#);
}

#[test]
fn beyond_loopback_a_token_or_a_word_is_needed() {
    let folder = Folder::new();
    let data = folder.path("data.db");
    let output = run(&["serve", "--addr", "0.0.0.0:0", "--data", &data], b"");
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains("--token-file") && stderr.contains("GATELEG_TOKEN") && stderr.contains("--no-auth"),
        "{stderr}"
    );
    let host = Host::spawn(gateleg(&["serve", "--addr", "0.0.0.0:0", "--data", &data, "--no-auth"]));
    let address = format!("192.0.2.7:{}", host.address.port());
    for (name, status) in [(address.as_str(), 200), ("evil.example", 421)] {
        let answer = host.request("POST", "/dynamodbmanager", &[JSON, ("host", name)], br#"{"operation":"ping"}"#);
        assert_eq!(answer.status, status, "{name}");
    }
}

#[test]
fn tables_that_are_not_listed_are_refused_with_the_option_to_use() {
    let folder = Folder::new();
    let host = Host::start(&folder, &["--tables", "orders"]);
    check(
        &host,
        r#"{"operation":"list","tableName":"lambda-apigateway"}"#,
        403,
        r#"{"__type":"AccessDeniedException","message":"Table lambda-apigateway is not allowed here","rule":"policy.table","hint":"Allow it with --tables","requestId":"ID"}"#,
    );
    assert_eq!(host.post(r#"{"operation":"list","tableName":"orders"}"#).error_type(), "ResourceNotFoundException");
}

#[test]
fn the_page_is_served_from_its_folder_and_nothing_else_is() {
    let folder = Folder::new();
    folder.file("secret.txt", "secret");
    folder.file("page/index.html", "<!doctype html><title>gateleg</title>");
    folder.file("page/assets/index-AbCd1234.js", "1");
    folder.file("page/assets/planner-AbCd1234.wasm", "2");
    folder.file("page/.env", "secret");
    let host = Host::start(&folder, &["--playground", &folder.path("page")]);
    let index = host.get("/");
    assert_eq!((index.status, index.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert_eq!(index.header("cache-control"), Some("no-cache"));
    let policy = index.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("'wasm-unsafe-eval'"), "{policy}");
    let script = host.get("/assets/index-AbCd1234.js");
    assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(script.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(host.get("/assets/planner-AbCd1234.wasm").header("content-type"), Some("application/wasm"));
    for path in [
        "/../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/assets/../../secret.txt",
        "/.env",
        "//etc/passwd",
        "/assets",
        "/assets/",
        "/missing.js",
    ] {
        let answer = host.get(path);
        assert_eq!((answer.status, answer.error_type()), (404, "UnknownRouteException"), "{path}");
    }
}

#[test]
fn without_a_page_the_root_says_how_to_get_one() {
    let folder = Folder::new();
    let host = Host::start(&folder, &[]);
    let answer = host.get("/");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/plain; charset=utf-8")));
    assert!(answer.body.contains("cargo xtask serve"), "{}", answer.body);
}

#[test]
fn every_acknowledged_write_survives_a_kill() {
    let folder = Folder::new();
    let mut host = Host::start(&folder, &[]);
    let (sender, written) = std::sync::mpsc::channel();
    let mut stream = host.connect();
    let address = host.address;
    let writer = std::thread::spawn(move || {
        for n in 0.. {
            let body = format!(
                r#"{{"operation":"create","tableName":"lambda-apigateway","payload":{{"Item":{{"id":"{n}"}}}}}}"#
            );
            write_head(&mut stream, address, "POST", "/dynamodbmanager", &[JSON], body.len());
            if stream.write_all(body.as_bytes()).is_err() {
                return;
            }
            let mut first = [0; 12];
            if stream.read_exact(&mut first).is_err() || &first != b"HTTP/1.1 200" {
                return;
            }
            // The rest of the answer, as far as it is there: its end is its last brace pair.
            let mut rest = Vec::new();
            let mut byte = [0];
            while !rest.ends_with(b"}}") {
                if stream.read_exact(&mut byte).is_err() {
                    return;
                }
                rest.push(byte[0]);
            }
            if sender.send(n).is_err() {
                return;
            }
        }
    });
    let mut last: u32 = 0;
    while last < 100 {
        last = written.recv_timeout(Duration::from_secs(60)).unwrap();
    }
    host.kill();
    // The writer panics or returns when its connection is cut; either is its end.
    let _ = writer.join();
    last = written.try_iter().last().unwrap_or(last);
    let host = Host::start(&folder, &[]);
    for n in 0..=last {
        let request =
            format!(r#"{{"operation":"read","tableName":"lambda-apigateway","payload":{{"Key":{{"id":"{n}"}}}}}}"#);
        assert!(
            host.post(&request).body.starts_with(&format!(r#"{{"Item":{{"id":"{n}"}}"#)),
            "item {n} of {last} is gone"
        );
    }
}

#[test]
fn a_second_host_on_one_data_file_says_so_and_exits() {
    let folder = Folder::new();
    let _host = Host::start(&folder, &[]);
    let data = folder.path("data.db");
    let output = run(&["serve", "--addr", "127.0.0.1:0", "--data", &data], b"");
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("in use by another gateleg") && stderr.contains("--data"), "{stderr}");
}

#[test]
fn a_port_that_is_taken_is_named_with_the_option_to_use() {
    let folder = Folder::new();
    let host = Host::start(&folder, &[]);
    let output = run(&["serve", "--addr", &host.address.to_string(), "--data", &folder.path("other.db")], b"");
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains(&format!("{} is in use", host.address)) && stderr.contains("--addr"), "{stderr}");
}

#[test]
fn dynamodb_needs_its_tables_named() {
    let output = run(&["serve", "--store", "dynamodb"], b"");
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("--tables"), "{stderr}");
}

#[test]
fn a_signal_lets_the_request_under_way_finish() {
    for signal in ["TERM", "INT"] {
        let folder = Folder::new();
        let mut host = Host::start(&folder, &[]);
        // Idle connections must not hold it up.
        let mut idle = host.connect();
        write_head(&mut idle, host.address, "GET", "/healthz", &[], 0);
        assert_eq!(Answer::read(&mut idle).status, 200);
        let body = br#"{"operation":"create","tableName":"lambda-apigateway","payload":{"Item":{"id":"late"}}}"#;
        let (first, second) = body.split_at(20);
        let mut stream = host.connect();
        // A server that waits for the body says so.
        let expect = [JSON, ("expect", "100-continue")];
        write_head(&mut stream, host.address, "POST", "/dynamodbmanager", &expect, body.len());
        assert_eq!(Answer::read(&mut stream).status, 100);
        stream.write_all(first).unwrap();
        host.signal(signal);
        let signalled = Instant::now();
        while std::net::TcpStream::connect(host.address).is_ok() {
            assert!(signalled.elapsed() < Duration::from_secs(30), "a stopping server takes no new connections");
            std::thread::sleep(Duration::from_millis(5));
        }
        stream.write_all(second).unwrap();
        assert_eq!(Answer::read(&mut stream).status, 200);
        let (status, log) = host.wait();
        assert!(status.success(), "{log}");
        let host = Host::start(&folder, &[]);
        let answer =
            host.post(r#"{"operation":"read","tableName":"lambda-apigateway","payload":{"Key":{"id":"late"}}}"#);
        assert!(answer.body.contains("late"));
    }
}

#[test]
fn the_log_says_what_was_answered_and_nothing_of_what_is_in_it() {
    let folder = Folder::new();
    let mut host = Host::start(&folder, &["--log-level", "trace", "--tables", "lambda-apigateway"]);
    let requests = [
        r#"{"operation":"create","tableName":"lambda-apigateway","payload":{"Item":{"id":"Zebra","value":"Zebra"}}}"#,
        r#"{"operation":"create","tableName":"lambda-apigateway","payload":{"Item":{"id":"Zebra"},"ConditionExpression":"id = :v","ExpressionAttributeValues":{":v":"Zebra"}}}"#,
        r##"{"operation":"update","tableName":"lambda-apigateway","payload":{"Key":{"id":"Zebra"},"UpdateExpression":"SET #n = :v + :w","ExpressionAttributeNames":{"#n":"n"},"ExpressionAttributeValues":{":v":"Zebra",":w":1}}}"##,
        r#"{"operation":"read","tableName":"lambda-apigateway","payload":{"Key":{"id":{"$n":"Zebra"}}}}"#,
        r#"{"operation":"read","tableName":"lambda-apigateway","payload":{"Key":{"Zebra":"Zebra"}}}"#,
        r#"{"operation":"list","tableName":"not-allowed","payload":{}}"#,
        r#"{"operation":"Zebra"}"#,
        r#"Zebra"#,
    ];
    let ids: Vec<String> =
        requests.iter().map(|request| host.post(request).header("x-amzn-requestid").unwrap().to_string()).collect();
    host.request("GET", "/Zebra?token=Zebra", &[("authorization", "Bearer Zebra")], b"");
    let log = host.stop();
    for id in ids {
        assert!(log.contains(&id), "no line for {id}:\n{log}");
    }
    assert!(
        log.contains("answered") && log.contains("status=200") && log.contains("UnknownOperationException"),
        "{log}"
    );
    assert!(log.contains("rule=\"envelope.operation\""), "{log}");
    assert!(!log.contains("Zebra"), "{log}");
}

#[test]
fn the_log_can_be_json_lines() {
    let folder = Folder::new();
    let data = folder.path("data.db");
    // The address is in the log then, not on a line of its own.
    let mut child = gateleg(&["serve", "--addr", "127.0.0.1:0", "--data", &data, "--log-format", "json"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stderr.take().unwrap()), &mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.starts_with('{') && line.contains("\"address\":\"127.0.0.1:"), "{line}");
}
