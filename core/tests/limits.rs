//! Limits whose requests are too large to print: at the limit a request passes, one beyond it is refused.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use gateleg_core::command::{Command, CommandError};
use gateleg_core::context::Context;
use gateleg_core::plan::Plan;
use gateleg_core::rule::Rule;

const KEYS: &str = r#"{"requestId":"r-1","policy":{"tables":["*"],"operations":["*"],"keys":{"people":["id","on"]}}}"#;

/// `request` makes the payload of an operation for a size; `limit` is the greatest size that passes.
#[track_caller]
fn check(rule: Rule, operation: &str, limit: usize, request: impl Fn(usize) -> String) {
    for (size, expected) in [(limit, None), (limit + 1, Some(rule))] {
        let table = if operation.starts_with("batch") { "" } else { r#""tableName":"people","# };
        let text = format!(r#"{{"operation":"{operation}",{table}"payload":{}}}"#, request(size));
        let reply = Plan::preview(text.as_bytes(), &Context::parse(KEYS).unwrap());
        let body = gateleg_core::json::Json::parse(&reply.body).unwrap();
        let found = body.get("rule").and_then(|rule| rule.as_str()).and_then(Rule::parse);
        assert_eq!(found, expected, "{size}: {}", reply.text().chars().take(300).collect::<String>());
    }
}

fn x(count: usize) -> String {
    "x".repeat(count)
}

#[test]
fn an_item_has_409600_bytes_at_most() {
    check(Rule::ItemSize, "create", 409_600, |n| {
        format!(r#"{{"Item":{{"id":"{}"}}}}"#, x(1) + r#"","a":""# + &x(n - 4))
    });
    check(Rule::ItemSize, "batchWrite", 409_600, |n| {
        format!(r#"{{"RequestItems":{{"other":[{{"PutRequest":{{"Item":{{"a":"{}"}}}}}}]}}}}"#, x(n - 1))
    });
    check(Rule::ItemSize, "transactWrite", 409_600, |n| {
        format!(r#"{{"TransactItems":[{{"Put":{{"TableName":"other","Item":{{"a":"{}"}}}}}}]}}"#, x(n - 1))
    });
}

#[test]
fn numbers_maps_and_lists_count_as_dynamodb_counts_them() {
    // id 3, n 1 + 3 (two bytes of digits and one), m 1 + 3 + (1 + 1 + 1), l 1 + 3 + (1 + 1), a 1 + the rest.
    let rest = 409_600 - 3 - 4 - 7 - 6 - 1;
    check(Rule::ItemSize, "create", rest, |n| {
        format!(r#"{{"Item":{{"id":"1","n":123,"m":{{"a":true}},"l":[null],"a":"{}"}}}}"#, x(n))
    });
}

#[test]
fn an_update_is_charged_by_its_statement() {
    check(Rule::UpdateSize, "update", 409_600 - 3 - 19 - 1, |n| {
        format!(
            r#"{{"Key":{{"id":"1","on":"2"}},"UpdateExpression":"SET a = :v","ExpressionAttributeValues":{{":v":"{}"}}}}"#,
            x(n)
        )
    });
}

#[test]
fn keys_are_bounded_where_the_policy_names_them() {
    check(Rule::KeyHashSize, "read", 2048, |n| format!(r#"{{"Key":{{"id":"{}","on":"1"}}}}"#, x(n)));
    check(Rule::KeyRangeSize, "delete", 1024, |n| format!(r#"{{"Key":{{"id":"1","on":"{}"}}}}"#, x(n)));
    check(Rule::KeyHashSize, "create", 2048, |n| format!(r#"{{"Item":{{"id":"{}"}}}}"#, x(n)));
    check(Rule::KeyRangeSize, "batchRead", 1024, |n| {
        format!(r#"{{"RequestItems":{{"people":{{"Keys":[{{"id":"1","on":"{}"}}]}}}}}}"#, x(n))
    });
}

#[test]
fn an_attribute_name_has_65535_bytes_at_most() {
    check(Rule::AttributeNameLength, "create", 65_535, |n| format!(r#"{{"Item":{{"id":"1","{}":1}}}}"#, x(n)));
}

#[test]
fn names_and_values_have_2_mb_together() {
    // Two placeholders of two bytes each, and the name a.
    check(Rule::PlaceholdersSize, "list", 2 * 1024 * 1024 - 5, |n| {
        format!(
            r##"{{"FilterExpression":"#a = :v","ExpressionAttributeNames":{{"#a":"a"}},"ExpressionAttributeValues":{{":v":"{}"}}}}"##,
            x(n)
        )
    });
}

#[test]
fn expressions_are_bounded() {
    check(Rule::ExpressionSize, "read", 4096, |n| {
        format!(r#"{{"Key":{{"id":"1"}},"ProjectionExpression":"{}"}}"#, x(n))
    });
    // Every comparison but the first comes with an OR; a NOT makes an even number of them.
    check(Rule::ExpressionOperators, "list", 300, |n| {
        let mut operators = String::from("a=b");
        for _ in 0..(n - 1) / 2 {
            operators.push_str(" OR a=b");
        }
        if n % 2 == 0 {
            operators.insert_str(0, "NOT ");
        }
        format!(r#"{{"FilterExpression":"{operators}"}}"#)
    });
    check(Rule::ExpressionInOperands, "list", 100, |n| {
        let list = vec!["b"; n].join(",");
        format!(r#"{{"FilterExpression":"a IN ({list})"}}"#)
    });
}

/// A request may list more than one call takes; a planner's command may not.
#[test]
fn a_call_is_bounded_over_all_tables() {
    let list =
        |from: usize, to: usize, one: &dyn Fn(usize) -> String| (from..to).map(one).collect::<Vec<_>>().join(",");
    let key = |i| format!(r#"{{"id":{{"S":"{i}"}}}}"#);
    let put = |i| format!(r#"{{"PutRequest":{{"Item":{{"id":{{"S":"{i}"}}}}}}}}"#);
    for n in [100, 101] {
        let (one, two) = (list(0, 60, &key), list(60, n, &key));
        let command = Command::parse(&format!(
            r#"{{"BatchGetItem":{{"RequestItems":{{"one":{{"Keys":[{one}]}},"two":{{"Keys":[{two}]}}}}}}}}"#
        ));
        assert_eq!(command.is_ok(), n == 100, "{command:?}");
    }
    for n in [25, 26] {
        let (one, two) = (list(0, 20, &put), list(20, n, &put));
        let command =
            Command::parse(&format!(r#"{{"BatchWriteItem":{{"RequestItems":{{"one":[{one}],"two":[{two}]}}}}}}"#));
        let rule = match &command {
            Err(CommandError::Parameters(error)) => error.rule_broken(),
            _ => None,
        };
        assert_eq!(rule, (n > 25).then_some(Rule::BatchSize), "{command:?}");
    }
}

#[test]
fn the_items_of_a_transaction_have_4_mb_together() {
    check(Rule::TransactionSize, "transactWrite", 4 * 1024 * 1024, |n| {
        // Eleven items, each with two digits of id, two and one bytes of names.
        let (each, last) = (400_000, n - 10 * 400_000);
        let put = |i: usize, bytes: usize| {
            format!(r#"{{"Put":{{"TableName":"other","Item":{{"id":"{i}","a":"{}"}}}}}}"#, x(bytes - 5))
        };
        let mut puts: Vec<String> = (10..20).map(|i| put(i, each)).collect();
        puts.push(put(20, last));
        format!(r#"{{"TransactItems":[{}]}}"#, puts.join(","))
    });
}
