//! What is said of requests, to the letter: `explain/requests.md`, which `UPDATE=1 cargo test -p gateleg-core --test explain`
//! rewrites. Then what holds for every request that is planned: it is explained, and its policy names what it calls.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;

use gateleg_core::attribute::AttributeValue;
use gateleg_core::command::{Api, Command};
use gateleg_core::context::Context;
use gateleg_core::explain::{Explanation, US_EAST_1, Units, explain, iam};
use gateleg_core::json::Json;
use gateleg_core::plan::Plan;
use gateleg_core::transcript::{self, Case};
use proptest::prelude::*;

#[path = "vectors/request.rs"]
mod request;
use request::request;

/// The keys of `people` and `orders` are known; those of other tables are not.
const CONTEXT: &str = r#"{"requestId":"r-1","policy":{"tables":["*","arn:aws:dynamodb:eu-central-1:123456789012:table/people"],"operations":["*"],"keys":{"people":["id"],"orders":["customer","placed"]}}}"#;

fn explained(request: &str) -> Explanation {
    explain(request.as_bytes(), &Context::parse(CONTEXT).unwrap())
        .unwrap_or_else(|error| panic!("{request}\n  {}", error.message()))
}

/// Everything that is said, as a person reads it.
fn shown(request: &str) -> String {
    let explanation = explained(request);
    [explanation.words.join("\n"), explanation.cost.words().join("\n"), explanation.iam].join("\n\n")
}

#[test]
fn requests_are_explained_to_the_letter() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/explain/requests.md");
    let file = fs::read_to_string(path).unwrap();
    let (mut replayed, mut cases, mut rest) = (String::new(), 0, file.as_str());
    while let Some((before, after)) = rest.split_once("```json\n") {
        let (request, after) = after.split_once("\n```\n").unwrap();
        // What was said before is not read, only skipped.
        let after = after.strip_prefix("\n```text\n").map_or(after, |said| said.split_once("\n```\n").unwrap().1);
        replayed += &format!("{before}```json\n{request}\n```\n\n```text\n{}\n```\n", shown(request));
        rest = after;
        cases += 1;
    }
    replayed += rest;
    assert!(cases >= 40, "{cases} cases");
    if std::env::var_os("UPDATE").is_some() {
        return fs::write(path, &replayed).unwrap();
    }
    let at = file.lines().zip(replayed.lines()).take_while(|(a, b)| a == b).count();
    let line = |text: &str| text.lines().nth(at).unwrap_or("(the end)").to_owned();
    assert!(file == replayed, "UPDATE=1 rewrites line {}\n  {}\n  {}", at + 1, line(&file), line(&replayed));
}

/// Each planned request of the corpus, and each accepted vector, with its context.
fn planned() -> Vec<(Vec<u8>, Context)> {
    let mut requests = Vec::new();
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus")).unwrap() {
        let file = fs::read_to_string(entry.unwrap().path()).unwrap();
        for Case { request, context, .. } in transcript::cases(&file).unwrap() {
            requests.extend(Context::parse(&context).map(|context| (request, context)));
        }
    }
    for line in include_str!("vectors/accepted.jsonl").lines().filter(|line| !line.is_empty()) {
        let vector = Json::parse(line.as_bytes()).unwrap();
        let request = request(&vector, r#"{"format":"dynamodb"}"#);
        requests.push((request.into_bytes(), Context::default()));
    }
    requests
}

#[test]
fn what_is_planned_is_explained_and_what_is_refused_is_refused_alike() {
    let (mut all, mut refused) = (0, 0);
    for (request, context) in planned() {
        let preview = Plan::preview(&request, &context);
        let text = String::from_utf8_lossy(&request);
        all += 1;
        match explain(&request, &context) {
            Err(error) => {
                refused += 1;
                assert_eq!(error.reply(&context.request_id).body, preview.body, "{text}");
            }
            Ok(explanation) => {
                assert_eq!(preview.status, 200, "{text}\n  {}", preview.text());
                assert!(!explanation.words.is_empty() && !explanation.cost.words().is_empty(), "{text}");
                for sentence in &explanation.words {
                    assert!(sentence.ends_with(['.', ':', ')']), "{text}\n  {sentence}");
                    assert!(!sentence.contains("  ") && !sentence.contains(" ,"), "{text}\n  {sentence}");
                }
                assert!(Json::parse(explanation.to_text().as_bytes()).is_ok(), "{}", explanation.to_text());
                policy_fits(&explanation.iam, &preview.body, &text);
            }
        }
    }
    println!("{all} requests, {refused} refused");
    assert!(all >= 400 && refused < all / 2, "{refused} of {all} are refused");
}

/// The policy allows each planned command of a call that needs its own name, and nothing of another table.
fn policy_fits(policy: &str, plan: &[u8], request: &str) {
    let (policy, plan) = (Json::parse(policy.as_bytes()).unwrap(), Json::parse(plan).unwrap());
    assert_eq!(policy.get("Version").and_then(Json::as_str), Some("2012-10-17"));
    let mut allowed = BTreeSet::new();
    for statement in array(&policy, "Statement") {
        assert_eq!(statement.get("Effect").and_then(Json::as_str), Some("Allow"));
        for resource in array(statement, "Resource") {
            for action in array(statement, "Action") {
                let (action, resource) = (action.as_str().unwrap(), resource.as_str().unwrap());
                assert!(!action.contains('*') && !resource.contains('*'), "{policy:?}");
                let table = resource.split_once(":table/").map_or(resource, |(_, table)| table);
                let table = table.split('/').next().unwrap().to_owned();
                assert!(allowed.insert((action.to_owned(), resource.to_owned())), "twice: {policy:?}");
                assert!(request.contains(&table), "{table} is not in {request}");
            }
        }
    }
    for command in array(&plan, "commands") {
        let command = Command::parse(&command.to_text()).unwrap();
        let api = command.api.as_str();
        let names: &[&str] = match command.api {
            Api::TransactGetItems => &["GetItem"],
            Api::TransactWriteItems => &["PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"],
            _ => &[api],
        };
        for table in command.tables() {
            let granted = |(action, resource): &(String, String)| {
                names.iter().any(|name| *action == format!("dynamodb:{name}")) && resource.contains(table)
            };
            assert!(allowed.iter().any(granted), "{api} of {table} is not in {allowed:?}");
        }
        if plan.get("more") == Some(&Json::Bool(false)) && array(&plan, "commands").len() == 1 {
            assert_eq!(iam([&command].into_iter()), policy.to_text());
        }
    }
}

fn array<'a>(json: &'a Json<'a>, name: &str) -> &'a [Json<'a>] {
    match json.get(name) {
        Some(Json::Array(items)) => items,
        _ => &[],
    }
}

#[test]
fn a_collection_gets_one_statement_for_each_set_of_actions() {
    let commands = [
        r#"{"GetItem":{"TableName":"people","Key":{"id":{"S":"1"}}}}"#,
        r#"{"PutItem":{"TableName":"people","Item":{"id":{"S":"1"}}}}"#,
        r#"{"GetItem":{"TableName":"orders","Key":{"id":{"S":"1"}}}}"#,
        r#"{"TransactWriteItems":{"TransactItems":[{"Put":{"TableName":"orders","Item":{"id":{"S":"1"}}}},{"ConditionCheck":{"TableName":"stock","Key":{"id":{"S":"1"}},"ConditionExpression":"attribute_exists(id)"}}]}}"#,
        r#"{"Query":{"TableName":"orders","IndexName":"by_date","KeyConditionExpression":"a = :a","ExpressionAttributeValues":{":a":{"S":"1"}}}}"#,
        r#"{"GetItem":{"TableName":"people","Key":{"id":{"S":"2"}}}}"#,
    ]
    .map(|text| Command::parse(text).unwrap());
    let statement = |actions: &str, resources: &[&str]| {
        let resources: Vec<String> =
            resources.iter().map(|name| format!("\"arn:aws:dynamodb:REGION:ACCOUNT:table/{name}\"")).collect();
        format!(r#"{{"Effect":"Allow","Action":[{actions}],"Resource":[{}]}}"#, resources.join(","))
    };
    let expected = [
        statement(r#""dynamodb:ConditionCheckItem""#, &["stock"]),
        statement(r#""dynamodb:GetItem","dynamodb:PutItem""#, &["orders", "people"]),
        statement(r#""dynamodb:Query""#, &["orders/index/by_date"]),
    ];
    assert_eq!(iam(commands.iter()), format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, expected.join(",")));
}

#[test]
fn units_follow_the_size_of_what_is_written() {
    let check = |value: &AttributeValue, api: &str, bytes: usize, units: u64| {
        let mut held = String::new();
        value.write(&mut held, gateleg_core::attribute::Notation::WIRE);
        let put = format!(r#"{{"Item":{{"id":{held}}}}}"#);
        let request = match api {
            "create" => format!(
                r#"{{"operation":"create","tableName":"abc","payload":{put},"options":{{"format":"dynamodb"}}}}"#
            ),
            _ => format!(
                r#"{{"operation":"transactWrite","tableName":"abc","payload":{{"TransactItems":[{{"Put":{put}}}]}},"options":{{"format":"dynamodb"}}}}"#
            ),
        };
        let cost = explained(&request).cost;
        assert_eq!(cost.parts.first().unwrap().bytes, Some(bytes), "{value:?}");
        assert_eq!(cost.total.least, Units { halves: units * 2 }, "{bytes} bytes");
    };
    for (length, units) in [(1, 1), (1022, 1), (1023, 2), (2046, 2), (2047, 3), (409_598, 400)] {
        let text = AttributeValue::S("x".repeat(length));
        check(&text, "create", length + 2, units);
        check(&text, "transactWrite", length + 2, units * 2);
    }
    // Name, and then: a number of five digits, a list of two, a map of one.
    check(&AttributeValue::N("12345".parse_number()), "create", 2 + 4, 1);
    check(&AttributeValue::L(vec![AttributeValue::Null, AttributeValue::Bool(true)]), "create", 2 + 3 + 4, 1);
    check(&AttributeValue::M(vec![("ab".into(), AttributeValue::S("ü".into()))]), "create", 2 + 3 + 1 + 2 + 2, 1);
}

/// A number as text.
trait ParseNumber {
    fn parse_number(&self) -> gateleg_core::number::Number;
}

impl ParseNumber for str {
    fn parse_number(&self) -> gateleg_core::number::Number {
        gateleg_core::number::Number::parse(self).unwrap()
    }
}

#[test]
fn money_is_exact() {
    let check = |request: &str, expected: &str| {
        let cost = explained(request).cost;
        let json = explained(request).to_text();
        let json = Json::parse(json.as_bytes()).unwrap();
        let money = json.get("cost").and_then(|cost| cost.get("perMillion")).unwrap().to_text();
        assert_eq!(money, expected, "{request}\n{:?}", cost.words());
    };
    let read =
        |more: &str| format!(r#"{{"operation":"read","tableName":"abc","payload":{{"Key":{{"id":"1"}}{more}}}}}"#);
    check(&read(""), r#"{"atLeast":0.0625,"atMost":6.25}"#);
    check(&read(r#","ConsistentRead":true"#), r#"{"atLeast":0.125,"atMost":12.5}"#);
    check(r#"{"operation":"create","tableName":"abc","payload":{"Item":{"id":"1"}}}"#, r#"{"atLeast":0.625}"#);
    check(r#"{"operation":"list","tableName":"abc"}"#, r#"{"atLeast":0.0625,"atMost":16}"#);
    check(
        r#"{"operation":"list","tableName":"abc","payload":{"ConsistentRead":true}}"#,
        r#"{"atLeast":0.125,"atMost":32}"#,
    );
    check(r#"{"operation":"list","tableName":"abc","payload":{"Limit":1}}"#, r#"{"atLeast":0.0625,"atMost":6.25}"#);
    check(r#"{"operation":"list","tableName":"abc","options":{"segments":4}}"#, r#"{"atLeast":0.25,"atMost":1024}"#);
    assert_eq!((US_EAST_1.read, US_EAST_1.write), (125_000, 625_000));
}

proptest! {
    #[test]
    fn hostile_names_and_values_are_only_text(name in "\\PC{1,60}", value in ".{0,60}") {
        let quote = |text: &str| serde_json::to_string(text).unwrap();
        let request = format!(
            r##"{{"operation":"update","tableName":"abc","payload":{{"Key":{{"id":{v}}},"UpdateExpression":"SET #n = :v","ConditionExpression":"NOT #n = :v","ExpressionAttributeNames":{{"#n":{n}}},"ExpressionAttributeValues":{{":v":{v}}}}}}}"##,
            n = quote(&name), v = quote(&value)
        );
        // A key may not be an empty string.
        if let Ok(explanation) = explain(request.as_bytes(), &Context::default()) {
            for sentence in &explanation.words {
                prop_assert!(!sentence.chars().any(|c| c.is_ascii_control()), "{sentence:?}");
                // Two key parts, a name and two values of at most 40 characters, each of at most six when escaped.
                prop_assert!(sentence.chars().count() < 1200, "{sentence}");
            }
            prop_assert!(Json::parse(explanation.to_text().as_bytes()).is_ok());
        } else {
            prop_assert!(value.is_empty() || Plan::preview(request.as_bytes(), &Context::default()).status != 200);
        }
    }
}
