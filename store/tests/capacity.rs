//! What a request is said to cost, against what the embedded engine counts: where the request holds the item, the least that
//! is said is what it takes; of reads it lies between the bounds.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails should say where")]

use std::sync::Arc;

use gateleg_core::context::Context;
use gateleg_core::explain::explain;
use gateleg_core::json::Json;
use gateleg_core::plan::Plan;
use gateleg_core::policy::Policy;
use gateleg_store::embedded::{Embedded, KeySpec, TableSpec};
use gateleg_store::{Limits, NativePlanner, drive};

/// The units that the reply tells, in halves.
async fn consumed(store: &Arc<Embedded>, request: &str) -> u64 {
    let (plan, step) = Plan::open(request.as_bytes(), &Context::default());
    let limits =
        Limits { request_id: "r-1".into(), policy: Arc::new(Policy::allow_all()), deadline: None, max_in_flight: 8 };
    let reply = drive(NativePlanner(plan), step, Arc::clone(store) as Arc<dyn gateleg_store::Store>, limits).await;
    assert_eq!(reply.status, 200, "{request}\n  {}", reply.text());
    let body = Json::parse(&reply.body).unwrap();
    let one = |capacity: &Json<'_>| halves(&capacity.get("CapacityUnits").unwrap().to_text());
    match body.get("ConsumedCapacity") {
        Some(Json::Array(tables)) => tables.iter().map(one).sum(),
        Some(table) => one(table),
        None => panic!("no capacity: {}", reply.text()),
    }
}

fn halves(text: &str) -> u64 {
    let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
    whole.parse::<u64>().unwrap() * 2 + u64::from(rest == "5")
}

#[tokio::test]
async fn what_is_said_is_what_the_engine_counts() {
    let store = Embedded::memory().unwrap();
    store.create_table(&TableSpec::new("people", KeySpec::parse("id:S").unwrap())).unwrap();
    let store = Arc::new(store);
    let request = |operation: &str, payload: &str| {
        let payload = payload.strip_suffix('}').unwrap();
        let comma = if payload == "{" { "" } else { "," };
        format!(
            r#"{{"operation":"{operation}","tableName":"people","payload":{payload}{comma}"ReturnConsumedCapacity":"TOTAL"}}}}"#
        )
    };
    let text = |length: usize| "x".repeat(length);
    let mut exact = 0;
    for (operation, payload) in [
        // An empty table first, then reads of what is not there.
        ("list", "{}".into()),
        ("read", r#"{"Key":{"id":"1"}}"#.into()),
        ("read", r#"{"Key":{"id":"1"},"ConsistentRead":true}"#.into()),
        ("create", r#"{"Item":{"id":"1","n":5}}"#.into()),
        ("create", format!(r#"{{"Item":{{"id":"2","t":"{}"}}}}"#, text(1024 - 4))),
        ("create", format!(r#"{{"Item":{{"id":"3","t":"{}"}}}}"#, text(1024 - 3))),
        ("create", format!(r#"{{"Item":{{"id":"4","t":"{}","l":[1,{{"a":true}}],"m":{{}}}}}}"#, text(9000))),
        ("update", r#"{"Key":{"id":"5"},"UpdateExpression":"SET a = :a","ExpressionAttributeValues":{":a":1}}"#.into()),
        (
            "update",
            format!(
                r#"{{"Key":{{"id":"6"}},"UpdateExpression":"SET a = :a","ExpressionAttributeValues":{{":a":"{}"}}}}"#,
                text(3000)
            ),
        ),
        ("delete", r#"{"Key":{"id":"5"}}"#.into()),
        ("delete", r#"{"Key":{"id":"none"}}"#.into()),
        ("read", r#"{"Key":{"id":"1"}}"#.into()),
        ("read", r#"{"Key":{"id":"1"},"ConsistentRead":true}"#.into()),
        (
            "batchWrite",
            format!(r#"{{"Put":[{{"id":"7"}},{{"id":"8","t":"{}"}}],"Delete":[{{"id":"9"}}]}}"#, text(2000)),
        ),
        ("batchRead", r#"{"Keys":[{"id":"1"},{"id":"7"}],"ConsistentRead":true}"#.into()),
        ("batchRead", r#"{"Keys":[{"id":"1"},{"id":"7"},{"id":"none"}]}"#.into()),
        (
            "transactWrite",
            format!(
                r#"{{"TransactItems":[{{"Put":{{"Item":{{"id":"10","t":"{}"}}}}}},{{"Delete":{{"Key":{{"id":"7"}}}}}},{{"Update":{{"Key":{{"id":"11"}},"UpdateExpression":"SET a = :a","ExpressionAttributeValues":{{":a":1}}}}}}]}}"#,
                text(1500)
            ),
        ),
        ("transactRead", r#"{"TransactItems":[{"Get":{"Key":{"id":"1"}}},{"Get":{"Key":{"id":"8"}}}]}"#.into()),
    ] {
        check(&store, &request(operation, &payload), true).await;
        exact += 1;
    }
    assert_eq!(exact, 18);
    // More than the least, and within the bounds.
    for (operation, payload) in [
        ("list", "{}"),
        ("list", r#"{"ConsistentRead":true}"#),
        ("read", r#"{"Key":{"id":"4"}}"#),
        ("update", r#"{"Key":{"id":"4"},"UpdateExpression":"SET a = :a","ExpressionAttributeValues":{":a":1}}"#),
        ("delete", r#"{"Key":{"id":"4"}}"#),
    ] {
        check(&store, &request(operation, payload), false).await;
    }
}

async fn check(store: &Arc<Embedded>, request: &str, exactly: bool) {
    let said = explain(request.as_bytes(), &Context::default()).unwrap().cost.total;
    let found = consumed(store, request).await;
    let shown = &request[..request.len().min(120)];
    if exactly {
        assert_eq!(found, said.least.halves, "{shown}");
    } else {
        assert!(found > said.least.halves, "{shown}: {found} halves");
    }
    assert!(said.most.is_none_or(|most| found <= most.halves), "{shown}: {found} halves");
}
