//! Every patch that comes with a refusal repairs it: of every refusal in the corpus and of every vector, in both notations,
//! the patch is applied, and what was wrong is wrong no more. Most repaired requests have nothing wrong with them at all.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;

use gateleg_core::context::Context;
use gateleg_core::plan::Plan;
use gateleg_core::transcript;
use serde_json::Value;

/// RFC 6902, as far as patches here go.
fn apply(document: &mut Value, patch: &Value) {
    for step in patch.as_array().unwrap() {
        let text = |name: &str| step[name].as_str().unwrap();
        match text("op") {
            "add" => add(document, text("path"), step["value"].clone()),
            "remove" => drop(remove(document, text("path"))),
            "replace" => {
                *document.pointer_mut(text("path")).unwrap_or_else(|| panic!("{step}")) = step["value"].clone()
            }
            "move" => {
                let value = remove(document, text("from"));
                add(document, text("path"), value);
            }
            other => panic!("{other}"),
        }
    }
}

fn split(path: &str) -> (&str, String) {
    let (parent, last) = path.rsplit_once('/').unwrap();
    (parent, last.replace("~1", "/").replace("~0", "~"))
}

fn add(document: &mut Value, path: &str, value: Value) {
    let (parent, last) = split(path);
    match document.pointer_mut(parent).unwrap_or_else(|| panic!("nothing at {parent}")) {
        Value::Object(members) => drop(members.insert(last, value)),
        Value::Array(items) => items.insert(last.parse().unwrap(), value),
        other => panic!("{other} at {parent}"),
    }
}

fn remove(document: &mut Value, path: &str) -> Value {
    let (parent, last) = split(path);
    match document.pointer_mut(parent).unwrap_or_else(|| panic!("nothing at {parent}")) {
        Value::Object(members) => members.remove(&last).unwrap_or_else(|| panic!("nothing at {path}")),
        Value::Array(items) => items.remove(last.parse().unwrap()),
        other => panic!("{other} at {parent}"),
    }
}

/// What is wrong with a request: rule, path and message, and the patch.
fn refusal(request: &[u8], context: &Context) -> Option<(Value, Value)> {
    let reply = Plan::preview(request, context);
    if reply.status == 200 {
        return None;
    }
    let mut body: Value = serde_json::from_slice(&reply.body).unwrap();
    let fix = body.as_object_mut().unwrap().remove("fix").unwrap_or(Value::Null);
    Some((body, fix))
}

#[derive(Default)]
struct Tally {
    fixes: usize,
    repaired: usize,
    by_rule: BTreeMap<String, usize>,
}

impl Tally {
    /// Applies the patches of `request`, one after the other, until there is no more.
    fn check(&mut self, request: &[u8], context: &Context) {
        let Some((mut refused, mut fix)) = refusal(request, context) else { return };
        if fix.is_null() {
            return;
        }
        let mut document: Value = serde_json::from_slice(request).unwrap();
        self.fixes += 1;
        *self.by_rule.entry(refused["rule"].as_str().unwrap().to_owned()).or_default() += 1;
        for _ in 0..200 {
            apply(&mut document, &fix);
            let Some((next, next_fix)) = refusal(document.to_string().as_bytes(), context) else {
                self.repaired += 1;
                return;
            };
            assert_ne!(next, refused, "{fix} mends nothing of {}", String::from_utf8_lossy(request));
            if next_fix.is_null() {
                return;
            }
            (refused, fix) = (next, next_fix);
        }
        panic!("no end to the patches of {}", String::from_utf8_lossy(request));
    }
}

#[test]
fn every_fix_in_the_corpus_repairs_its_request() {
    let mut tally = Tally::default();
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        for case in transcript::cases(&text).unwrap() {
            if let Ok(context) = Context::parse(&case.context) {
                tally.check(&case.request, &context);
            }
        }
    }
    println!("{} fixes, {} requests repaired: {:?}", tally.fixes, tally.repaired, tally.by_rule);
    assert!(tally.fixes > 40 && tally.repaired * 10 >= tally.fixes * 8, "{} of {}", tally.repaired, tally.fixes);
    for rule in [
        "parameter.unknown",
        "parameter.type",
        "expression.reserved-word",
        "expression.undefined-name",
        "expression.undefined-value",
        "names.unused",
        "values.unused",
    ] {
        assert!(tally.by_rule.contains_key(rule), "no case has a fix of {rule}");
    }
}

#[test]
fn every_fix_of_a_vector_repairs_its_request() {
    let mut tally = Tally::default();
    for line in include_str!("vectors/refused.jsonl").lines().filter(|line| !line.is_empty()) {
        let vector: Value = serde_json::from_str(line).unwrap();
        let api = gateleg_core::command::Api::ALL.iter().find(|api| vector["api"] == api.as_str()).unwrap();
        for options in [serde_json::json!({"format": "dynamodb"}), Value::Null] {
            let mut request = serde_json::json!({"operation": api.operation().as_str(), "payload": vector["input"]});
            if let Some(table) = vector["input"].get("TableName") {
                request["tableName"] = table.clone();
            }
            if !options.is_null() {
                request["options"] = options;
            }
            tally.check(request.to_string().as_bytes(), &Context::default());
        }
    }
    println!("{} fixes, {} requests repaired: {:?}", tally.fixes, tally.repaired, tally.by_rule);
    assert!(tally.fixes > 40, "{}", tally.fixes);
}
