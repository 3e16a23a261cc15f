//! `gateleg import` and `gateleg export`, the built binary: what is written comes back, what is wrong is named.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;
#[path = "../../store/tests/common/engine.rs"]
#[allow(dead_code, reason = "only one of the engines is needed here")]
mod engine;

use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::process::{Output, Stdio};

use common::{Answer, Folder, gateleg, run, text, write_head};

/// A folder with a data file and the table `people`.
fn people() -> (Folder, String) {
    let folder = Folder::new();
    let data = folder.path("data.db");
    let made = run(&["table", "create", "people", "--key", "id:S", "--data", &data], b"");
    assert!(made.status.success(), "{}", text(&made.stderr));
    (folder, data)
}

/// What plans: the planner in its sandbox, as it is by default, or without.
const SANDBOX: &[&str] = &[];
const NATIVE: &[&str] = &["--planner", "native"];

/// Runs a command line of words, and expects that exit code and those texts somewhere on stderr. Without a sandbox, which
/// takes its time to be compiled and changes nothing here.
fn check(line: &str, stdin: &str, code: i32, stderr: &[&str]) -> Output {
    check_with(NATIVE, line, stdin, code, stderr)
}

fn check_with(planner: &[&str], line: &str, stdin: &str, code: i32, stderr: &[&str]) -> Output {
    let args: Vec<&str> = line.split(' ').chain(planner.iter().copied()).collect();
    let output = run(&args, stdin.as_bytes());
    let err = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{line}\n{err}");
    for expected in stderr {
        assert!(err.contains(expected), "{line}: expected `{expected}`, but found\n{err}");
    }
    output
}

/// What the table holds, a line per item, in the order of the lines.
fn export(data: &str, options: &str) -> String {
    let output = check(&format!("export --table people --data {data}{options}"), "", 0, &["exported"]);
    sorted(&text(&output.stdout))
}

fn sorted(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// One item with a value of every type, in both notations.
const PLAIN: &str = concat!(
    r#"{"id":"every","bin":{"$b":"AAH/"},"bins":{"$bs":["YQ==","Yg=="]},"list":[1,"a",null,[],{}],"#,
    r#""long":-1.2345678901234567890123456789012345678,"map":{"$m":{"$ss":"no tag"}},"no":false,"nothing":null,"#,
    r#""ns":{"$ns":[2.5]},"point":0.1,"ss":{"$ss":["a","b"]},"text":"\"\\ \n é 😀","yes":true}"#,
);
const DYNAMODB: &str = concat!(
    r#"{"id":{"S":"every"},"bin":{"B":"AAH/"},"bins":{"BS":["YQ==","Yg=="]},"#,
    r#""list":{"L":[{"N":"1"},{"S":"a"},{"NULL":true},{"L":[]},{"M":{}}]},"#,
    r#""long":{"N":"-1.2345678901234567890123456789012345678"},"map":{"M":{"$ss":{"S":"no tag"}}},"#,
    r#""no":{"BOOL":false},"nothing":{"NULL":true},"ns":{"NS":["2.5"]},"point":{"N":"0.1"},"#,
    r#""ss":{"SS":["a","b"]},"text":{"S":"\"\\ \n é 😀"},"yes":{"BOOL":true}}"#,
);

#[test]
fn every_type_comes_back_in_either_notation() {
    let exported = format!(r#"{{"Item":{DYNAMODB}}}"#);
    for (format, line) in [("plain", PLAIN), ("dynamodb", DYNAMODB), ("dynamodb", &*exported)] {
        let (folder, data) = people();
        let file = folder.file("items.ndjson", line);
        let import = format!("import {file} --table people --format {format} --data {data}");
        check(&import, "", 0, &["imported 1 item ("]);
        let plain = export(&data, "");
        let typed = export(&data, " --format dynamodb");
        assert_eq!(members(&plain), members(PLAIN), "{format}");
        assert_eq!(members(&typed), members(DYNAMODB), "{format}");

        let (_folder, second) = people();
        check(&format!("import - --table people --data {second}"), &plain, 0, &["imported 1 item"]);
        assert_eq!(export(&second, ""), plain);
        check(&format!("import - --table people --format dynamodb --data {second}"), &typed, 0, &["imported 1 item"]);
        assert_eq!(export(&second, " --format dynamodb"), typed);
    }
}

/// The members of a line, in the order of their names, with numbers as they are written.
fn members(line: &str) -> Vec<String> {
    let json = gateleg_core::json::Json::parse(line.as_bytes()).unwrap();
    let gateleg_core::json::Json::Object(members) = json else { panic!("{line}") };
    let mut members: Vec<_> = members.iter().map(|(name, value)| format!("{name}: {}", value.to_text())).collect();
    members.sort();
    members
}

#[test]
fn three_thousand_items_come_back() {
    let (folder, data) = people();
    let items: String = (0..3000).map(|n| format!("{{\"id\":\"{n:04}\",\"n\":{n}.50,\"text\":\"é\"}}\r\n\n")).collect();
    let file = folder.file("items.ndjson", &items);
    let import = format!("import {file} --table people --data {data}");
    let output = check_with(SANDBOX, &import, "", 0, &["imported 3,000 items"]);
    assert_eq!(text(&output.stdout), "");
    assert!(!fs::exists(format!("{file}.gateleg-import")).unwrap());
    let expected: String = (0..3000).map(|n| format!("{{\"id\":\"{n:04}\",\"n\":{n}.5,\"text\":\"é\"}}\n")).collect();
    for options in ["", " --page 700", " --segments 4 --page 100 --consistent"] {
        assert_eq!(export(&data, options), expected, "{options}");
    }
    let out = folder.path("out.ndjson");
    let into_file = format!("export --table people --data {data} --output {out}");
    check_with(SANDBOX, &into_file, "", 0, &["exported 3,000 items"]);
    assert_eq!(sorted(&fs::read_to_string(&out).unwrap()), expected);
    check(&into_file, "", 1, &["out.ndjson is there already", "--force"]);
    assert_eq!(text(&check(&(into_file + " --force --quiet"), "", 0, &[]).stderr), "");
    assert_eq!(sorted(&fs::read_to_string(&out).unwrap()), expected);
}

#[test]
fn a_wrong_line_is_named_and_nothing_after_it_is_written() {
    let bad = [
        ("{\"id\":\"x\"", "line 31: ", "rule json.syntax"),
        ("[1]", "line 31: expected an item, which is a JSON object, but found an array", "30 items were written"),
        ("{\"id\":\"x\",\"n\":{\"m\":1e126}}", "line 31: Number overflow.", "rule value.number-overflow, at /n/m"),
        ("{\"id\":\"x\",\"s\":{\"$ss\":5}}", "rule tag.malformed, at /s", "write it inside {\"$m\": ..}"),
        ("{\"name\":\"x\"}", "line 31: The provided key element does not match", "The key of people is id"),
        ("{\"id\":\"x\",\"id\":\"y\"}", "line 31: duplicate key \"id\"", "all up to line 30, and nothing after it"),
    ];
    for (line, one, two) in bad {
        let (folder, data) = people();
        let before: String = (0..30).map(|n| format!("{{\"id\":\"a{n:02}\"}}\n")).collect();
        let after: String = (0..30).map(|n| format!("{{\"id\":\"b{n:02}\"}}\n")).collect();
        let file = folder.file("items.ndjson", &format!("{before}{line}\n{after}"));
        let import = format!("import {file} --table people --data {data}");
        check(&import, "", 1, &[&format!("error: {file}, line 31: "), one, two]);
        assert_eq!(export(&data, ""), before, "{line}");
        // Mended, it goes on there.
        fs::write(&file, format!("{before}{{\"id\":\"aXX\"}}\n{after}")).unwrap();
        check(&import, "", 0, &["going on after line 30", "imported 61 items", "30 of them in earlier runs"]);
        assert_eq!(export(&data, ""), format!("{before}{{\"id\":\"aXX\"}}\n{after}"), "{line}");
    }
}

#[test]
fn of_two_lines_with_one_key_the_later_counts() {
    let (folder, data) = people();
    let items: String = (0..60).map(|n| format!("{{\"id\":\"{}\",\"n\":{n}}}\n", n % 20)).collect();
    let file = folder.file("items.ndjson", &items);
    check(&format!("import {file} --table people --data {data}"), "", 0, &["imported 60 items"]);
    let expected: String = (40..60).map(|n| format!("{{\"id\":\"{}\",\"n\":{n}}}\n", n % 20)).collect();
    assert_eq!(export(&data, ""), sorted(&expected));
}

#[test]
fn what_has_nothing_to_do_with_a_line_is_told_as_such() {
    let (folder, data) = people();
    let file = folder.file("items.ndjson", "{\"id\":\"1\"}\n{\"id\":\"2\"}\n");
    check(&format!("import {file} --table nobody --data {data}"), "", 1, &["table nobody: ", "nothing was written"]);
    check(&format!("export --table nobody --data {data}"), "", 1, &["table nobody: ", "gateleg table create"]);
    check(&format!("import {file} --table no! --data {data}"), "", 1, &["table no!: Value 'no!' at 'tableName'"]);
    check(&format!("import {file}x --table people --data {data}"), "", 1, &["items.ndjsonx cannot be read"]);
    check(&format!("export --table people --data {data} -o {file}/x"), "", 1, &["items.ndjson/x"]);
    check(&format!("import {file} --data {data}"), "", 2, &["--table"]);
    check("export --table people --segments 65", "", 2, &["65"]);
    check("import --help", "", 0, &[]);
    check("export --help", "", 0, &[]);
    check(&format!("import - --table people --data {data}"), "", 0, &["imported 0 items"]);
    check(&format!("import - --table people --data {data} --quiet"), "\n\n", 0, &[]);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let (_folder, data) = people();
    let items: String = (0..100).map(|n| format!("{{\"id\":\"{n}\",\"t\":\"{}\"}}\n", "x".repeat(4000))).collect();
    check(&format!("import - --table people --data {data}"), &items, 0, &[]);
    let args = ["export", "--table", "people", "--data", &data, "--page", "1"];
    let mut child = gateleg(&args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
}

#[test]
fn both_work_in_front_of_dynamodb() {
    let engine = engine::Engine::dynoxide();
    create_table(&engine.endpoint);
    let folder = Folder::new();
    let items: String = (0..300).map(|n| format!("{{\"id\":\"{n:03}\",\"n\":{n}}}\n")).collect();
    let file = folder.file("items.ndjson", &(items.clone() + "{\"nobody\":1}\n{\"id\":\"999\"}\n"));
    let import = format!("import {file} --table people --store dynamodb");
    let (code, _, err) = in_front_of(&engine, &import);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("line 301: ") && err.contains("300 items were written"), "{err}");
    fs::write(&file, items.clone() + "{\"id\":\"300\",\"n\":1}\n{\"id\":\"300\",\"n\":300}\n").unwrap();
    let (code, _, err) = in_front_of(&engine, &import);
    assert_eq!(code, Some(0), "{err}");
    let expected = items + "{\"id\":\"300\",\"n\":300}\n";
    for options in ["", " --segments 4 --page 20"] {
        let (code, out, err) = in_front_of(&engine, &format!("export --table people --store dynamodb{options}"));
        assert_eq!((code, sorted(&out)), (Some(0), expected.clone()), "{err}");
    }
}

fn in_front_of(engine: &engine::Engine, line: &str) -> (Option<i32>, String, String) {
    let mut command = gateleg(&line.split(' ').collect::<Vec<_>>());
    let surroundings = [
        ("AWS_ENDPOINT_URL_DYNAMODB", engine.endpoint.as_str()),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    let output = command.envs(surroundings).stdin(Stdio::null()).output().unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// No operation of ours makes a table in DynamoDB.
fn create_table(endpoint: &str) {
    let address = endpoint.strip_prefix("http://").unwrap().parse().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let body = concat!(
        r#"{"TableName":"people","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"#,
        r#""AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],"BillingMode":"PAY_PER_REQUEST"}"#
    );
    let credential = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, \
                      SignedHeaders=host;x-amz-date, Signature=0";
    let headers = [
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amz-target", "DynamoDB_20120810.CreateTable"),
        ("x-amz-date", "20260101T000000Z"),
        ("authorization", credential),
    ];
    write_head(&mut stream, address, "POST", "/", &headers, body.len());
    stream.write_all(body.as_bytes()).unwrap();
    let answer = Answer::read(&mut stream);
    assert_eq!(answer.status, 200, "{}", answer.body);
}
