//! The table of rules and what the planner really says agree.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;

use gateleg_core::context::Context;
use gateleg_core::json::Json;
use gateleg_core::plan::Plan;
use gateleg_core::rule::Rule;
use gateleg_core::transcript;

/// Whether `message` is the wording with something in the place of every `{}`.
fn fits(wording: &str, message: &str) -> bool {
    let mut parts = wording.split("{}");
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = message.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    for (index, part) in parts.iter().enumerate() {
        if index + 1 == parts.len() {
            return rest.ends_with(part);
        }
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.is_empty()
}

#[test]
fn every_message_in_the_corpus_is_worded_as_the_table_says() {
    let mut seen = BTreeSet::new();
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        for case in transcript::cases(&text).unwrap() {
            let Ok(context) = Context::parse(&case.context) else { continue };
            let reply = Plan::preview(&case.request, &context);
            let body = Json::parse(&reply.body).unwrap();
            let (Some(rule), Some(message)) = (body.get("rule"), body.get("message")) else { continue };
            let rule = Rule::parse(rule.as_str().unwrap()).unwrap();
            let message = message.as_str().unwrap();
            // An expression's fault says first which expression it is in, and a value's where it was found.
            let inside = |wording: &str| {
                message.find(wording.split("{}").next().unwrap_or_default()).is_some_and(|at| {
                    let message = message.split_at(at).1;
                    fits(wording, message) || message.split_once(" for key :").is_some_and(|(m, _)| fits(wording, m))
                })
            };
            assert!(rule.wording().split(" | ").any(inside), "{}: {message}", rule.id());
            seen.insert(rule);
        }
    }
    let unseen: Vec<&str> = Rule::ALL.iter().filter(|rule| !seen.contains(rule)).map(|rule| rule.id()).collect();
    println!("{} of {} rules are in the corpus; not {unseen:?}", seen.len(), Rule::ALL.len());
    // What other homes alone say; what warns instead of refusing; and what takes requests too large to print, for which
    // there is tests/limits.rs.
    let elsewhere = |id: &&&str| {
        ["context", "event.", "door.", "filter.", "legacy.", "value.dynamodb-json"]
            .iter()
            .all(|other| !id.starts_with(other))
    };
    const LARGE: [Rule; 11] = [
        Rule::AttributeNameLength,
        Rule::ItemSize,
        Rule::UpdateSize,
        Rule::KeyHashSize,
        Rule::KeyRangeSize,
        Rule::PlaceholdersSize,
        Rule::ExpressionSize,
        Rule::ExpressionOperators,
        Rule::ExpressionInOperands,
        Rule::BatchSize,
        Rule::TransactionSize,
    ];
    let large = |id: &&&str| LARGE.iter().all(|rule| rule.id() != **id);
    assert_eq!(unseen.iter().filter(elsewhere).filter(large).collect::<Vec<_>>(), Vec::<&&str>::new());
}
