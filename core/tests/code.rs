//! The code for other clients: golden texts, and what holds for each whatever the request says.
//!
//! `core/tests/code/CASE/request.json` becomes the files beside it, which `UPDATE=1 cargo test -p gateleg-core --test code`
//! rewrites. That the code runs, and does what gateleg does, is shown by `cargo xtask test code`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use gateleg_core::code::{self, ENDPOINT, Target};
use gateleg_core::context::Context;
use gateleg_core::error::Error;
use gateleg_core::policy::{Allowed, Policy};
use serde_json::Value;

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/code");
    let mut cases: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 7, "{cases:?}");
    cases
}

fn request(case: &str) -> String {
    let folder = cases().into_iter().find(|folder| folder.ends_with(case)).unwrap();
    fs::read_to_string(folder.join("request.json")).unwrap()
}

fn write(request: &str, target: Target) -> Result<String, Error> {
    code::write(request.as_bytes(), &Context::default(), target, ENDPOINT)
}

#[test]
fn the_code_is_what_is_on_file() {
    for folder in cases() {
        let request = fs::read_to_string(folder.join("request.json")).unwrap();
        for target in Target::ALL {
            let code = write(&request, *target).unwrap();
            let path = folder.join(format!("{}.{}", target.as_str(), target.extension()));
            if std::env::var_os("UPDATE").is_some() {
                fs::write(&path, &code).unwrap();
            }
            let kept = fs::read_to_string(&path).unwrap_or_default();
            assert!(kept == code, "{} differs; UPDATE=1 writes it:\n{code}", path.display());
        }
    }
}

#[test]
fn names_are_read_back() {
    for target in Target::ALL {
        assert_eq!(Target::parse(target.as_str()), Some(*target));
    }
    assert_eq!(Target::parse("Curl"), None);
}

#[test]
fn what_carries_a_request_carries_it_unchanged() {
    let check = |request: &str| {
        let request = request.trim_ascii();
        assert_eq!(write(request, Target::LambdaEvent).unwrap(), format!("{request}\n"));
        for target in [Target::LambdaRestEvent, Target::LambdaHttpEvent] {
            let event: Value = serde_json::from_str(&write(request, target).unwrap()).unwrap();
            assert_eq!(event["body"].as_str(), Some(request), "{target:?}");
        }
        let collection: Value = serde_json::from_str(&write(request, Target::Postman).unwrap()).unwrap();
        let body = collection["item"][0]["request"]["body"]["raw"].as_str().unwrap();
        // Postman puts a variable's value wherever two braces stand.
        assert!(!body.contains("{{"), "{body}");
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(read(body), read(request));
        if !request.contains('\'') {
            assert!(write(request, Target::Curl).unwrap().contains(&format!("--data-raw '{request}'")));
        }
    };
    for case in ["read", "create", "hostile"] {
        check(&request(case));
    }
    check(r#"{"operation": "echo", "payload": {"n": 1.10, "text": "{{{{$randomInt}}"}}"#);
    check(r#"{"operation":"ping"}"#);
}

#[test]
fn an_endpoint_is_quoted_and_split() {
    let endpoint = "https://example.com:8443/stage/it's?$x={{y}}#z";
    let write = |target| code::write(br#"{"operation":"ping"}"#, &Context::default(), target, endpoint).unwrap();
    assert!(write(Target::Curl).starts_with("curl --url 'https://example.com:8443/stage/it'\\''s?$x={{y}}#z' \\\n"));
    let event: Value = serde_json::from_str(&write(Target::LambdaHttpEvent)).unwrap();
    assert_eq!(event["rawPath"], "/stage/it's");
    assert_eq!(event["requestContext"]["domainName"], "example.com:8443");
    let collection: Value = serde_json::from_str(&write(Target::Postman)).unwrap();
    assert_eq!(collection["variable"][0]["value"], endpoint);
}

#[test]
fn what_has_no_code_is_refused() {
    let check = |request: &str, context: &Context, target, expected: &str| {
        let error = code::write(request.as_bytes(), context, target, ENDPOINT).unwrap_err();
        assert!(error.message().contains(expected), "{}", error.message());
    };
    let open = Context::default();
    check("{", &open, Target::Curl, "");
    check(r#"{"operation":"echo"}"#, &open, Target::Boto3, "echo makes no DynamoDB call");
    check(
        r#"{"operation":"read","tableName":"abc","payload":{"key":{}}}"#,
        &open,
        Target::LambdaEvent,
        "Unknown parameter",
    );
    let closed = Context { policy: Some(Policy::tables(Allowed::from_list("mine")).into()), ..Context::default() };
    check(r#"{"operation":"list","tableName":"yours"}"#, &closed, Target::Go, "Table yours is not allowed here");
}

#[test]
fn what_is_left_out_is_said() {
    let check = |request: &str, target, expected: &str| {
        let code = write(request, target).unwrap();
        assert!(code.contains(expected), "{code}");
    };
    let dry = r#"{"operation":"read","tableName":"abc","payload":{"Key":{"id":"1"}},"options":{"dryRun":true}}"#;
    check(dry, Target::Boto3, "# The request is a dry run; this is not.\n");
    check(dry, Target::Go, "// The request is a dry run; this is not.\n");
    let segments = r#"{"operation":"list","tableName":"abc","options":{"segments":4}}"#;
    check(segments, Target::JavaScript, "// The request reads segments");
    let from =
        r#"{"operation":"list","tableName":"abc","payload":{"ExclusiveStartKey":{"id":"1"}},"options":{"all":true}}"#;
    check(from, Target::AwsCli, "# Only one page is read");
    check(from, Target::AwsCli, "--no-paginate");
}

#[test]
fn what_is_too_long_for_an_argument_is_none() {
    let long = "x".repeat(200_000);
    let request = format!(
        "{{\"operation\":\"create\",\"tableName\":\"abc\",\"payload\":{{\"Item\":{{\"id\":\"{long}\",\"a\":\n\"END\"}}}}}}"
    );
    let curl = write(&request, Target::Curl).unwrap();
    assert!(curl.ends_with(&format!("--data-binary @- <<'END'\n{request}\nEND\n")));
    let cli = write(&request, Target::AwsCli).unwrap();
    let file = "trap 'rm -f \"$input\"' EXIT\ncat >\"$input\" <<'END'\n{\n  \"TableName\": \"abc\",";
    assert!(cli.contains(file), "{}", cli.get(..200).unwrap_or_default());
    assert!(cli.ends_with("\n}\nEND\naws dynamodb put-item \\\n  --cli-input-json \"file://$input\"\n"));
}
