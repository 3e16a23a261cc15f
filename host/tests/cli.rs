//! `gateleg run`, `plan`, `table` and the rest of the command line, the built binary.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{Folder, Host, run, text};

/// Expects that exit code, and those texts somewhere on stdout and stderr.
fn check(args: &[&str], stdin: &str, code: i32, stdout: &str, stderr: &str) {
    let output = run(args, stdin.as_bytes());
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{out}\n{err}");
    assert!(out.contains(stdout), "{args:?}: expected `{stdout}`, but found\n{out}\n{err}");
    assert!(err.contains(stderr), "{args:?}: expected `{stderr}`, but found\n{err}\n{out}");
}

#[test]
fn run_answers_a_file_or_stdin_with_the_exact_reply() {
    let folder = Folder::new();
    let data = folder.path("data.db");
    let create = r#"{"operation":"create","tableName":"lambda-apigateway","payload":{"Item":{"id":"1","n":1.5}}}"#;
    let file = folder.file("create.json", create);
    check(&["run", &file, "--data", &data], "", 0, r#"{"ResponseMetadata":{"RequestId":"#, "");
    let list = r#"{"operation":"list","tableName":"lambda-apigateway"}"#;
    let items = r#"{"Items":[{"id":"1","n":1.5}],"Count":1,"ScannedCount":1,"#;
    check(&["run", "-", "--data", &data], list, 0, items, "");
    check(&["run", "--data", &data, "--planner", "native"], list, 0, items, "");
    let output = run(&["run", "--data", &data], br#"{"operation":"echo","payload":{"n":1.10}}"#);
    assert_eq!(text(&output.stdout), r#"{"n":1.10}"#);
}

#[test]
fn run_says_by_its_exit_code_whether_the_reply_is_an_error() {
    let folder = Folder::new();
    let data = folder.path("data.db");
    check(&["run", "--data", &data], r#"{"operation":"nope"}"#, 1, "UnknownOperationException", "");
    check(&["run", "--data", &data], "", 1, "SerializationException", "");
    let list = r#"{"operation":"list","tableName":"lambda-apigateway"}"#;
    check(&["run", "--data", &data, "--tables", "other"], list, 1, "AccessDeniedException", "");
    check(&["run", "missing.json", "--data", &data], "", 1, "", "missing.json cannot be read");
    check(&["run", "--store", "dynamodb"], "{}", 2, "", "--tables");
    check(&["run", "--data", &data, "--planner", "missing.wasm"], "{}", 1, "", "missing.wasm cannot be read");
    let text = folder.file("text.wasm", "not a component");
    check(&["run", "--data", &data, "--planner", &text], "{}", 1, "", "expected a WebAssembly component");
}

#[test]
fn where_the_planner_or_the_policy_is_wrong_no_store_is_made() {
    let folder = Folder::new();
    let data = folder.path("new.db");
    let policy = folder.file("gateleg.toml", "[routes.\"/a\"]\nplanner = \"missing.wasm\"\n");
    for option in [["--planner", "missing.wasm"], ["--policy", &policy]] {
        for command in [&["serve", "--addr", "127.0.0.1:0"][..], &["run"]] {
            let args = [command, &["--data", &data], &option].concat();
            check(&args, r#"{"operation":"ping"}"#, 1, "", "missing.wasm cannot be read");
            assert!(!std::path::Path::new(&data).exists(), "{args:?}");
        }
    }
}

#[test]
fn a_planner_of_ones_own_is_a_file() {
    let folder = Folder::new();
    let planner = folder.path("planner.wasm");
    std::fs::write(&planner, gateleg::sandbox::PLANNER).unwrap();
    let args = ["run", "--data", &folder.path("data.db"), "--planner", &planner];
    check(&args, r#"{"operation":"ping"}"#, 0, "\"pong\"", "");
    check(&args, r#"{"operation":"list","tableName":"lambda-apigateway"}"#, 0, r#"{"Items":[],"Count":0,"#, "");
}

#[test]
fn run_beside_a_server_says_where_to_send_the_request() {
    let folder = Folder::new();
    let _host = Host::start(&folder, &[]);
    let data = folder.path("data.db");
    check(&["run", "--data", &data], r#"{"operation":"ping"}"#, 1, "", "curl http://127.0.0.1:8080/dynamodbmanager");
}

#[test]
fn plan_shows_commands_without_a_store() {
    let read = r#"{"operation":"read","tableName":"people","payload":{"Key":{"id":"1"}}}"#;
    check(&["plan"], read, 0, "1. GetItem\n{\n  \"TableName\": \"people\",", "");
    let output = run(&["plan", "--json"], read.as_bytes());
    assert_eq!(
        text(&output.stdout),
        r#"{"commands":[{"GetItem":{"TableName":"people","Key":{"id":{"S":"1"}}}}],"more":false,"warnings":[]}"#
    );
    let typed = r#"{"operation":"create","tableName":"people","payload":{"Item":{"id":{"S":"1"}}}}"#;
    check(&["plan", "-"], typed, 0, "\nwarning: ", "");
    check(&["plan"], r#"{"operation":"ping"}"#, 0, "No storage command", "");
}

#[test]
fn plan_says_what_is_wrong_and_where() {
    let misspelt = r#"{"operation":"read","tableName":"people","payload":{"Keys":{"id":"1"}}}"#;
    check(&["plan"], misspelt, 1, "", "refused: ");
    check(&["plan"], misspelt, 1, "", " --> stdin:1:53\n");
    check(&["plan"], misspelt, 1, "", ", at /payload/Keys\n");
    check(&["plan", "--json"], misspelt, 1, r#"{"__type":"ValidationException","#, "");
    let read = r#"{"operation":"read","tableName":"people","payload":{"Key":{"id":"1"}}}"#;
    check(&["plan", "--tables", "orders"], read, 1, "", "Allow it with --tables");
}

#[test]
fn tables_are_made_listed_described_and_deleted() {
    let folder = Folder::new();
    let data = folder.path("data.db");
    let table = |args: &[&str], code, stdout: &str, stderr: &str| {
        let mut all = vec!["table"];
        all.extend_from_slice(args);
        all.extend_from_slice(&["--data", &data]);
        check(&all, "", code, stdout, stderr);
    };
    table(&["list"], 0, "lambda-apigateway\n", "");
    let shown = "orders\n  key    customer (S), sorted by placed (N)\n  index  by_status on status (S)\n  items  0 items, 0 bytes\n";
    table(
        &["create", "orders", "--key", "customer:S", "--sort", "placed:N", "--index", "by_status:status:S"],
        0,
        shown,
        "",
    );
    table(&["describe", "orders"], 0, shown, "");
    table(
        &["describe", "orders", "--json"],
        0,
        r#"{"Table":{"AttributeDefinitions":[{"AttributeName":"customer","AttributeType":"S"},"#,
        "",
    );
    table(&["list", "--json"], 0, r#"{"TableNames":["lambda-apigateway","orders"]}"#, "");
    table(&["create", "orders", "--key", "customer:S"], 1, "", "exists already");
    table(&["create", "people", "--key", "id"], 2, "", "NAME:TYPE");
    table(&["create", "people"], 2, "", "--key");
    table(&["describe", "order"], 1, "", "did you mean orders?");
    let query =
        r#"{"operation":"query","tableName":"orders","payload":{"IndexName":"by_status","KeyConditionExpression":"#;
    let query = format!(
        r##"{query}"#s = :s","ExpressionAttributeNames":{{"#s":"status"}},"ExpressionAttributeValues":{{":s":"new"}}}}}}"##
    );
    check(&["run", "--data", &data], &query, 0, r#""Count":0"#, "");
    table(&["delete", "orders"], 1, "", "--yes");
    table(&["delete", "orders", "--yes"], 0, "deleted orders", "");
    table(&["delete", "orders", "--yes"], 1, "", "there is no table orders");
}

#[test]
fn help_and_completions_are_there() {
    for args in [&["--help"][..], &["serve", "--help"], &["run", "--help"], &["plan", "--help"], &["table", "--help"]] {
        check(args, "", 0, "Examples:", "");
    }
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        check(&["completions", shell], "", 0, "gateleg", "");
    }
    check(&[], "", 2, "", "Usage");
    check(&["serve", "--addr", "nowhere"], "", 2, "", "expected an IP address and a port");
    check(&["serve", "--max-body", "much"], "", 2, "", "expected a size such as");
    check(&["serve", "--no-auth", "--token-file", "x"], "", 2, "", "cannot be used with");
}
