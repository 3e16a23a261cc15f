//! The real `bootstrap` behind a Runtime API on loopback, in front of a real engine: what callers of every front get to see,
//! and that nothing they send ends the process.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod fronts;
#[allow(dead_code, reason = "each test file uses its part")]
mod lambda;

use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use fronts::{DIRECT, FRONTS, Front, HTTP_API, LOAD_BALANCER, REST_API, quoted, sample};
use gateleg_core::json::Json;
use lambda::{Engine, Lambda};

const DIGITS: &str = "12345678901234567890123456789012345678";
const FRACTION: &str = "0.12345678901234567890123456789012345678";
const ALLOWED: &[(&str, &str)] = &[("GATELEG_TABLES", "lambda-apigateway, absent")];
/// For functions that no test lets reach a store: nothing listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

fn request(operation: &str, table: &str, payload: &str) -> String {
    format!(r#"{{"operation": "{operation}", "tableName": "{table}", "payload": {payload}}}"#)
}

fn assert_answers(lambda: &mut Lambda) {
    let seen = DIRECT.send(lambda, r#"{"operation": "ping"}"#);
    assert_eq!((seen.status, seen.body.as_str()), (Some(200), r#""pong""#));
    assert!(lambda.is_alive());
}

#[test]
fn every_front_writes_and_reads_exact_numbers() {
    let engine = Engine::start();
    let mut lambda = Lambda::start(&engine.endpoint, ALLOWED);
    for front in FRONTS {
        let id = quoted(front.sample);
        let item = format!(
            r#"{{"Item": {{"id": {id}, "digits": {DIGITS}, "fraction": {FRACTION}, "text": "\"\\\n\u0001é😀"}}}}"#
        );
        let seen = front.send(&mut lambda, &request("create", "lambda-apigateway", &item));
        assert_eq!(seen.status, Some(200), "{front:?}: {}", seen.body);
        let seen =
            front.send(&mut lambda, &request("read", "lambda-apigateway", &format!(r#"{{"Key": {{"id": {id}}}}}"#)));
        assert_eq!(seen.status, Some(200), "{front:?}: {}", seen.body);
        let expected = format!(r#"{{"digits":{DIGITS},"fraction":{FRACTION},"id":{id},"text":"\"\\\n\u0001é😀"}}"#);
        assert_eq!(seen.member("Item"), expected, "{front:?}");
        let seen = front.send(&mut lambda, r#"{"operation": "echo", "payload": {"b": 1.10, "a": [1E+400, -0.0]}}"#);
        assert_eq!((seen.status, seen.body.as_str()), (Some(200), r#"{"b":1.10,"a":[1E+400,-0.0]}"#), "{front:?}");
    }
    let seen = DIRECT.send(&mut lambda, &sample("direct-list"));
    assert_eq!(seen.member("Count"), FRONTS.len().to_string());
}

#[test]
fn every_front_tells_refusals_and_store_errors() {
    let engine = Engine::start();
    let mut lambda = Lambda::start(&engine.endpoint, ALLOWED);
    let mut check = |request: &str, status: i64, error_type: &str, members: &[(&str, &str)]| {
        for front in FRONTS {
            let seen = front.send(&mut lambda, request);
            let direct = front.members.is_empty();
            assert_eq!(seen.status, (!direct).then_some(status), "{front:?}: {}", seen.body);
            assert_eq!(seen.member("__type"), quoted(error_type), "{front:?}");
            assert_eq!(seen.member("requestId"), quoted(&lambda.last_request_id()));
            for (name, value) in members {
                assert_eq!(seen.member(name), *value, "{front:?}");
            }
            if direct {
                assert_eq!(seen.member("errorType"), seen.member("__type"));
                assert_eq!(seen.member("errorMessage"), seen.member("message"));
            }
        }
        lambda.log()
    };
    let read = r#"{"Key": {"id": "1"}}"#;
    check("", 400, "SerializationException", &[]);
    check(r#"{"operation": "Read"}"#, 400, "UnknownOperationException", &[("hint", r#""Did you mean read?""#)]);
    check(&request("read", "lambda-apigateway", "{}"), 400, "ValidationException", &[]);
    let hint = r#""Set the function's environment variable GATELEG_TABLES to the tables it may use, such as lambda-apigateway""#;
    check(&request("read", "secrets", read), 403, "AccessDeniedException", &[("hint", hint)]);
    check(&request("read", "absent", read), 404, "ResourceNotFoundException", &[]);
    let update = r#"{"Key": {"id": "1"}, "UpdateExpression": "SET n = :n", "ExpressionAttributeValues": {":n": "a secret value"},
        "ConditionExpression": "attribute_exists(id)"}"#;
    let log = check(
        &request("update", "lambda-apigateway", update),
        409,
        "ConditionalCheckFailedException",
        &[("message", r#""The conditional request failed""#)],
    );
    assert!(!log.contains("secret value"), "{log}");
}

#[test]
fn a_direct_failure_is_the_error_type_the_message_and_the_whole_error_body() {
    let engine = Engine::start();
    let mut lambda = Lambda::start(&engine.endpoint, ALLOWED);
    lambda.invoke(request("create", "lambda-apigateway", r#"{"Item": {"id": "1", "n": 1.5}}"#));
    let again = r#"{"Item": {"id": "1"}, "ConditionExpression": "attribute_not_exists(id)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}"#;
    let post = lambda.invoke(request("create", "lambda-apigateway", again));
    assert!(post.path.ends_with("/error"));
    assert_eq!(post.headers["lambda-runtime-function-error-type"], "ConditionalCheckFailedException");
    let start = r#"{"errorType":"ConditionalCheckFailedException","errorMessage":"The conditional request failed","__type":"ConditionalCheckFailedException","message":"The conditional request failed","Item":{"id":"1","n":1.5},"#;
    let end = format!(r#""requestId":"{}"}}"#, lambda.last_request_id());
    assert!(post.body.starts_with(start) && post.body.ends_with(&end), "{}", post.body);

    let post = lambda.invoke(r#"{"operation": "nope"}"#);
    let end = format!(r#""requestId":"{}"}}"#, lambda.last_request_id());
    let start = r#"{"errorType":"UnknownOperationException","errorMessage":"Unrecognized operation \"nope\"","__type":"UnknownOperationException","message":"Unrecognized operation \"nope\"","#;
    assert!(post.body.starts_with(start) && post.body.ends_with(&end), "{}", post.body);
}

#[test]
fn every_sample_event_is_answered() {
    let engine = Engine::start();
    let mut lambda = Lambda::start(&engine.endpoint, ALLOWED);
    for (name, expected) in [
        ("direct-create", None),
        ("direct-read", Some(r#"{"Item":{"id":"1234ABCD","number":5},"#)),
        ("direct-list", Some(r#"{"Items":[{"id":"1234ABCD","number":5}],"#)),
        ("direct-echo", Some(r#"{"somekey1":"somevalue1","somekey2":1.10}"#)),
    ] {
        let post = lambda.invoke(sample(name));
        let seen = DIRECT.see(&post, &lambda.last_request_id());
        assert_eq!(seen.status, Some(200), "{name}: {}", seen.body);
        assert!(expected.is_none_or(|start| seen.body.starts_with(start)), "{name}: {}", seen.body);
    }
    for front in FRONTS.into_iter().skip(1) {
        let post = lambda.invoke(sample(front.sample));
        let seen = front.see(&post, &lambda.last_request_id());
        assert_eq!((seen.status, seen.body.as_str()), (Some(200), r#"{"somekey1":"somevalue1"}"#), "{front:?}");
    }
    let post = lambda.invoke(sample("websocket"));
    assert_eq!(post.headers["lambda-runtime-function-error-type"], "ValidationException");
    assert!(post.body.contains("but found a WebSocket event"), "{}", post.body);
}

#[test]
fn a_top_level_operation_makes_an_event_direct_whatever_context_its_caller_wrote() {
    let mut lambda = Lambda::start(NOWHERE, ALLOWED);
    for context in [r#"{"http": {"method": "POST"}}"#, r#"{"elb": {}}"#, r#"{"accountId": "1"}"#, "null", "7"] {
        let event = format!(r#"{{"requestContext": {context}, "httpMethod": "POST", "operation": "ping"}}"#);
        assert_eq!(lambda.invoke(event).body, r#""pong""#);
    }
}

#[test]
fn nothing_a_caller_sends_ends_the_process() {
    let mut lambda = Lambda::start(NOWHERE, ALLOWED);
    let six_megabytes = 6 << 20;
    let events: Vec<Vec<u8>> = vec![
        b"".into(),
        b"null".into(),
        b"[]".into(),
        b"[1, 2]".into(),
        b"\"text\"".into(),
        b"{}".into(),
        b"{".into(),
        b"\xff\xfe\x00binary".into(),
        b"{\"operation\": \"\xff\"}".into(),
        br#"{"operation": "echo", "payload": "\ud800"}"#.into(),
        br#"{"operation": "ping", "operation": "ping"}"#.into(),
        "[".repeat(200_000).into(),
        format!(r#"{{"operation": "echo", "payload": {}1{}}}"#, "[".repeat(3000), "]".repeat(3000)).into(),
        vec![b' '; six_megabytes],
        vec![0; six_megabytes],
        format!("[{}0]", "0,".repeat(six_megabytes / 2)).into(),
        format!("{{{}\"z\":0}}", (0..400_000).map(|n| format!("\"k{n}\":0,")).collect::<String>()).into(),
        br#"{"requestContext": {}}"#.into(),
        br#"{"requestContext": "text", "body": "{}"}"#.into(),
        br#"{"requestContext": {"http": "text"}, "httpMethod": 7}"#.into(),
        br#"{"requestContext": {"http": {}}, "version": "3.0"}"#.into(),
    ];
    for event in events {
        let start = String::from_utf8_lossy(&event[..event.len().min(80)]).into_owned();
        let post = lambda.invoke(&event);
        assert!(post.path.ends_with("/error"), "{start}: {}", post.path);
        let seen = DIRECT.see(&post, "");
        assert!(
            ["\"SerializationException\"", "\"ValidationException\""].contains(&&*seen.member("__type")),
            "{start}: {seen:?}"
        );
        assert_answers(&mut lambda);
    }
    // The client context is the caller's too; none of it is read.
    for context in [r#"{"client": {}}"#, r#"{"custom": {"n": 1}}"#, "text", "\u{e9}"] {
        let post = lambda.invoke_with(r#"{"operation": "ping"}"#, Duration::from_secs(10), Some(context));
        assert_eq!(post.body, r#""pong""#);
        assert_answers(&mut lambda);
    }
}

#[test]
fn a_body_may_be_missing_and_must_be_what_its_event_says() {
    let mut lambda = Lambda::start(NOWHERE, ALLOWED);
    let mut check = |replaced: &[(&str, &str)], status: i64, text: &str| {
        for front in FRONTS.into_iter().filter(|front| !front.members.is_empty()) {
            let post = lambda.invoke(front.event_with(replaced));
            let seen = front.see(&post, &lambda.last_request_id());
            assert_eq!(seen.status, Some(status), "{front:?} {replaced:?}: {}", seen.body);
            assert!(seen.body.contains(text), "{front:?} {replaced:?}: {}", seen.body);
        }
        assert_answers(&mut lambda);
    };
    let ping = r#""{\"operation\": \"ping\"}""#;
    check(&[("isBase64Encoded", "null"), ("body", "null")], 400, "but found the end");
    check(&[("body", r#""""#)], 400, "but found the end");
    check(&[("body", "7")], 400, "`body` must be a string, but it is a number");
    check(&[("body", r#"{"operation": "ping"}"#)], 400, "`body` must be a string, but it is an object");
    check(
        &[("isBase64Encoded", r#""yes""#), ("body", ping)],
        400,
        "`isBase64Encoded` must be a boolean, but it is a string",
    );
    // The sample that is base64 has its body encoded before it is said to be none.
    let plain: Vec<Front> =
        FRONTS.into_iter().filter(|front| !["base64", "function-url", "direct-echo"].contains(&front.sample)).collect();
    for front in plain {
        let mut send = |replaced: &[(&str, &str)]| {
            let post = lambda.invoke(front.event_with(replaced));
            front.see(&post, &lambda.last_request_id())
        };
        for (replaced, status, text) in [
            ([("isBase64Encoded", "null"), ("body", ping)], 200, r#""pong""#),
            ([("isBase64Encoded", "true"), ("body", r#""eyJvcGVyYXRpb24iOiAicGluZyJ9""#)], 200, r#""pong""#),
            ([("isBase64Encoded", "true"), ("body", r#""W10""#)], 400, "it is an array"),
            ([("isBase64Encoded", "true"), ("body", r#""/////w==""#)], 400, "not UTF-8"),
            ([("isBase64Encoded", "true"), ("body", ping)], 400, "says that its body is base64"),
        ] {
            let seen = send(&replaced);
            assert_eq!(seen.status, Some(status), "{front:?} {replaced:?}: {}", seen.body);
            assert!(seen.body.contains(text), "{front:?} {replaced:?}: {}", seen.body);
        }
    }
    // A browser that looks at the endpoint, and a load balancer's health check.
    for front in [REST_API, LOAD_BALANCER] {
        let post = lambda.invoke(front.event_with(&[("httpMethod", r#""GET""#), ("body", "null")]));
        assert_eq!(front.see(&post, &lambda.last_request_id()).status, Some(405));
        assert!(post.body.contains(r#""allow":"POST""#), "{}", post.body);
    }
}

#[test]
fn tables_and_operations_are_those_that_the_environment_names() {
    let engine = Engine::start();
    let read = |table: &str| request("read", table, r#"{"Key": {"id": "1"}}"#);
    let write = request("create", "lambda-apigateway", r#"{"Item": {"id": "1"}}"#);
    let check = |variables: &[(&str, &str)], expected: [i64; 3]| {
        let mut lambda = Lambda::start(&engine.endpoint, variables);
        let requests = [read("lambda-apigateway"), read("absent"), write.clone()];
        let seen = requests.map(|request| HTTP_API.send(&mut lambda, &request).status.unwrap());
        assert_eq!(seen, expected, "{variables:?}");
    };
    check(&[], [403, 403, 403]);
    check(&[("GATELEG_TABLES", "")], [403, 403, 403]);
    check(&[("GATELEG_TABLES", "lambda-apigateway")], [200, 403, 200]);
    check(&[("GATELEG_TABLES", "*")], [200, 404, 200]);
    check(&[("GATELEG_TABLES", "*"), ("GATELEG_OPERATIONS", "read,list")], [200, 404, 403]);
}

#[test]
fn a_policy_file_says_it_all_and_callers_see_labels() {
    let policy = r#"
[tables.things]
table = "lambda-apigateway"
[tables.gone]
table = "real-gone"
[routes."/things"]
operations = ["read", "create", "list"]
tables = ["things", "gone"]
ceilings = { items = 1 }
limits = { body = 300 }
"#;
    let engine = Engine::start();
    let mut lambda = Lambda::start(&engine.endpoint, &[("GATELEG_POLICY", policy)]);
    let put = |id: &str| {
        request("create", "things", &format!(r#"{{"Item": {{"id": "{id}"}}, "ReturnConsumedCapacity": "TOTAL"}}"#))
    };
    for (request, status, expected) in [
        (put("1"), 200, r#""TableName":"things""#),
        (put("2"), 200, r#""TableName":"things""#),
        (request("list", "things", "{}"), 200, r#""Count":1,"ScannedCount":1,"LastEvaluatedKey""#),
        (request("list", "gone", "{}"), 404, "ResourceNotFoundException"),
        (request("list", "lambda-apigateway", "{}"), 403, "policy.table"),
        (request("delete", "things", r#"{"Key": {"id": "1"}}"#), 403, "policy.operation"),
        (put(&"x".repeat(300)), 413, "The request's body is more than 300 bytes"),
    ] {
        let seen = HTTP_API.send(&mut lambda, &request);
        assert_eq!((seen.status, seen.body.contains(expected)), (Some(status), true), "{request}\n{}", seen.body);
        assert!(!seen.body.contains("real-gone"), "{}", seen.body);
    }
}

#[test]
fn a_setting_that_cannot_be_right_fails_the_start_and_says_so() {
    let mut lambda = Lambda::start(NOWHERE, &[("GATELEG_OPERATIONS", "read,lsit")]);
    let post = lambda.posted();
    assert_eq!(post.path, "/init/error");
    assert_eq!(
        post.body,
        r#"{"errorType":"Runtime.InitError","errorMessage":"GATELEG_OPERATIONS names `lsit`, which is no operation: did you mean `list`?"}"#
    );
    assert_eq!(lambda.exit_code(), Some(1));
}

#[test]
fn a_runtime_api_that_is_not_there_ends_the_process_with_a_reason() {
    let mut lambda = Lambda::start(NOWHERE, &[("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9")]);
    assert_eq!(lambda.exit_code(), Some(1));

    let mut by_hand = Command::new(env!("CARGO_BIN_EXE_bootstrap"));
    let output = by_hand.env_remove("AWS_LAMBDA_RUNTIME_API").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(
        message.starts_with("AWS_LAMBDA_RUNTIME_API is not set: ") && message.contains("`gateleg serve`"),
        "{message}"
    );
}

#[test]
fn a_store_that_never_answers_is_given_up_before_the_deadline() {
    // Connections are taken by the backlog and never served.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut lambda = Lambda::start(&format!("http://{}", listener.local_addr().unwrap()), ALLOWED);
    assert_answers(&mut lambda);
    let started = Instant::now();
    let write = request("create", "lambda-apigateway", r#"{"Item": {"id": "1"}}"#);
    let post = lambda.invoke_with(HTTP_API.event(&write), Duration::from_secs(4), None);
    assert!(started.elapsed() < Duration::from_secs(4));
    let seen = HTTP_API.see(&post, &lambda.last_request_id());
    assert_eq!((seen.status, seen.member("__type").as_str()), (Some(504), "\"TimeoutException\""));
    assert!(seen.body.contains("the write may have taken effect"), "{}", seen.body);
    let post = lambda.invoke_with(HTTP_API.event(&write), Duration::ZERO, None);
    assert_eq!(HTTP_API.see(&post, &lambda.last_request_id()).status, Some(504));
    assert_answers(&mut lambda);
}

#[test]
fn a_store_that_is_down_is_an_error_and_not_the_end() {
    let mut lambda = Lambda::start(NOWHERE, ALLOWED);
    let seen = HTTP_API.send(&mut lambda, &request("list", "lambda-apigateway", "{}"));
    assert_eq!(seen.status, Some(503), "{}", seen.body);
    assert_answers(&mut lambda);
}

#[test]
fn a_reply_that_is_too_large_says_so_and_tells_of_the_write() {
    let engine = Engine::start();
    let mut lambda = Lambda::start(&engine.endpoint, ALLOWED);
    // Two bytes each in the reply, four in the answer.
    let quotes = "\\\"".repeat(340_000);
    let create = |id: &str| {
        let payload = format!(r#"{{"Item": {{"id": "{id}", "text": "{quotes}"}}, "ReturnValues": "ALL_OLD"}}"#);
        request("create", "lambda-apigateway", &payload)
    };
    assert_eq!(LOAD_BALANCER.send(&mut lambda, &create("1")).status, Some(200));
    let seen = LOAD_BALANCER.send(&mut lambda, &create("1"));
    assert_eq!(seen.status, Some(413), "{}", &seen.body[..200]);
    assert!(seen.body.contains("more than the 1000000 that can be sent; the write took effect"), "{}", seen.body);
    let seen = HTTP_API.send(&mut lambda, &create("1"));
    assert_eq!(seen.status, Some(200));
    // 6 MB in, and the same out: directly it just fits, escaped it does not.
    let echo = |length: usize| format!(r#"{{"operation":"echo","payload":"{}"}}"#, "x".repeat(length));
    assert_eq!(DIRECT.send(&mut lambda, &echo(6_291_554)).status, Some(200));
    let seen = DIRECT.send(&mut lambda, &echo(6_291_555));
    assert_eq!((seen.status, seen.member("__type").as_str()), (None, "\"RequestEntityTooLargeException\""));
    assert_eq!(HTTP_API.send(&mut lambda, &echo(6_000_000)).status, Some(413));
    assert_answers(&mut lambda);
}

#[test]
fn a_thousand_invocations_are_answered_by_one_process_and_logged_without_values() {
    let engine = Engine::start();
    let talkative = [("GATELEG_TABLES", "*"), ("GATELEG_LOG", "trace"), ("LOG_SIGNABLE_BODY", "true")];
    let mut lambda = Lambda::start(&engine.endpoint, &talkative);
    for n in 0..1000 {
        let front = FRONTS[n % FRONTS.len()];
        // Five and the number of fronts have no common factor: every front gets to do both.
        let operation = if n % 5 == 0 { "create" } else { "echo" };
        let payload = format!(r#"{{"Item": {{"id": "{n}", "text": "sensitive"}}}}"#);
        let seen = front.send(&mut lambda, &request(operation, "lambda-apigateway", &payload));
        assert_eq!(seen.status, Some(200), "{}", seen.body);
    }
    assert!(lambda.is_alive());
    let seen = DIRECT.send(&mut lambda, &request("list", "lambda-apigateway", "{}"));
    assert_eq!(seen.member("Count"), "200");
    let log = lambda.log();
    assert!(!log.contains("sensitive") && !log.contains("panicked"), "{log}");
    let answered: Vec<Json<'_>> = log
        .lines()
        .map(|line| Json::parse(line.as_bytes()).unwrap_or_else(|error| panic!("{error}: {line}")))
        .filter(|line| line.get("message").and_then(Json::as_str) == Some("answered"))
        .collect();
    assert!(answered.len() >= 1000);
    for line in &answered {
        for name in ["timestamp", "level", "request_id", "shape", "status", "ms"] {
            assert!(line.get(name).is_some(), "{}", line.to_text());
        }
    }
}
