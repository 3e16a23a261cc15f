//! Many items at once, through plans of many steps, against every store: all there, on the first try; and values that come back
//! as they were, whatever they are.
#![allow(clippy::panic, reason = "a test fails by it")]

mod common;
#[path = "bulk/values.rs"]
mod values;

use std::collections::BTreeSet;
use std::sync::Arc;

use gateleg_core::context::Context;
use gateleg_core::json::Json;
use gateleg_core::policy::Policy;
use gateleg_store::Store;

use common::engine::Engine;
use common::homes::{answer, embedded, remote, reply};

const ITEMS: usize = 3_000;

/// Every store that a plan can be carried out on here, by name.
async fn stores(engines: &[Engine]) -> Vec<(String, Arc<dyn Store>)> {
    let mut stores = vec![("embedded".to_owned(), embedded())];
    for (name, engine) in ["dynoxide", "dynalite"].into_iter().zip(engines) {
        stores.push((name.to_owned(), remote(engine).await));
    }
    stores
}

fn engines() -> Vec<Engine> {
    std::iter::once(Engine::dynoxide()).chain(Engine::dynalite()).collect()
}

/// A home that knows its tables' keys, or does not.
fn context(knows_keys: bool) -> Context {
    let mut policy = Policy::allow_all();
    if knows_keys {
        policy.keys = vec![("things".into(), vec!["id".into()])];
    }
    Context { request_id: "ours".into(), policy: Some(policy.into()), max_in_flight: Some(8), ..Context::default() }
}

fn item(index: usize) -> String {
    format!(
        r#"{{"id":"item {index}","n":{index}.5,"text":"{}","set":{{"$ss":["a","{index}"]}}}}"#,
        "x".repeat(index % 300)
    )
}

fn list(one: impl Fn(usize) -> String) -> String {
    (0..ITEMS).map(one).collect::<Vec<_>>().join(",")
}

/// The items of a reply, as texts with their members in order.
fn items(json: &Json<'_>) -> BTreeSet<String> {
    let Json::Array(items) = json else { panic!("expected items, but found {}", json.to_text()) };
    let texts: BTreeSet<String> = items.iter().map(|item| values::in_order(&item.to_text())).collect();
    assert_eq!(texts.len(), items.len(), "an item comes once");
    texts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_thousand_items_go_in_and_come_out_in_one_request_each() {
    let expected: BTreeSet<String> = (0..ITEMS).map(|index| values::in_order(&item(index))).collect();
    let engines = engines();
    for (name, store) in stores(&engines).await {
        for knows_keys in [true, false] {
            let ask = |operation: &str, payload: String, options: &str| {
                let request = format!(
                    r#"{{"operation":"{operation}","tableName":"things","payload":{payload},"options":{options}}}"#
                );
                let store = Arc::clone(&store);
                let name = name.clone();
                async move {
                    let reply = answer(&store, &request, context(knows_keys)).await;
                    assert_eq!(reply.status, 200, "{name}: {:.500}", reply.text());
                    reply
                }
            };
            let written = ask("batchWrite", format!(r#"{{"Put":[{}]}}"#, list(item)), "{}").await;
            assert!(written.text().starts_with(r#"{"UnprocessedItems":{},"#), "{name}: {:.500}", written.text());

            for options in [r#"{"all":true}"#, r#"{"segments":4}"#] {
                let reply = ask("list", "{}".into(), options).await;
                let json = Json::parse(&reply.body).expect("a reply is JSON");
                assert_eq!(json.get("Count").and_then(Json::as_integer), Some(3_000), "{name} {options}");
                assert!(json.get("LastEvaluatedKey").is_none() && json.get("Continuation").is_none());
                assert!(items(json.get("Items").expect("items")) == expected, "{name} {options}");
            }

            let keys = list(|index| format!(r#"{{"id":"item {index}"}}"#));
            let read = ask("batchRead", format!(r#"{{"Keys":[{keys}]}}"#), "{}").await;
            let json = Json::parse(&read.body).expect("a reply is JSON");
            assert_eq!(json.get("UnprocessedKeys").map(Json::to_text).as_deref(), Some("{}"));
            let found = json.get("Responses").and_then(|tables| tables.get("things")).expect("the table's items");
            assert!(items(found) == expected, "{name}");

            let deleted = ask("batchWrite", format!(r#"{{"Delete":[{keys}]}}"#), "{}").await;
            assert!(deleted.text().starts_with(r#"{"UnprocessedItems":{},"#), "{name}: {:.500}", deleted.text());
            let left = ask("list", r#"{"Select":"COUNT"}"#.into(), r#"{"all":true}"#).await;
            assert!(left.text().contains(r#""Count":0,"#), "{name}: {}", left.text());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_that_are_there_are_described() {
    for engine in engines() {
        remote(&engine).await;
        let tables = ["orders", "absent", "things"].map(String::from);
        let keys = common::dynamodb(&engine.endpoint).key_names(&tables).await;
        let expected: [(String, Vec<String>); 2] =
            [("orders".into(), vec!["customer".into(), "placed".into()]), ("things".into(), vec!["id".into()])];
        assert_eq!(keys, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counting_and_ceilings_go_across_pages() {
    let engines = engines();
    for (name, store) in stores(&engines).await {
        // Some 40 KB each: a page holds 26 of them.
        let puts = (0..80).map(|index| format!(r#"{{"id":"{index}","text":"{}"}}"#, "x".repeat(40_000)));
        let puts = puts.collect::<Vec<_>>().join(",");
        let write = format!(r#"{{"operation":"batchWrite","tableName":"things","payload":{{"Put":[{puts}]}}}}"#);
        assert_eq!(reply(&store, &write).await.status, 200, "{name}");
        let count = r#"{"operation":"list","tableName":"things","payload":{"Select":"COUNT"},"options":{"all":true}}"#;
        let counted = reply(&store, count).await;
        // dynoxide's server counts the item that did not fit on a page, and again on the next.
        let scanned = if name == "dynoxide" { "" } else { r#""ScannedCount":80,"# };
        assert!(counted.text().contains(&format!(r#""Count":80,{scanned}"#)), "{name}: {}", counted.text());

        // Replies of at most 500 KB hold twelve: page after page, nothing is lost and nothing comes twice.
        let mut found = Vec::new();
        let mut start = String::new();
        for round in 0.. {
            assert!(round < 20, "{name} comes to an end");
            let request = format!(
                r#"{{"operation":"list","tableName":"things","payload":{{{start}}},"options":{{"all":true}}}}"#
            );
            let context = Context { max_reply_bytes: Some(500_000), ..context(false) };
            let reply = answer(&store, &request, context).await;
            assert!(reply.status == 200 && reply.body.len() <= 500_000, "{name}: {:.300}", reply.text());
            let json = Json::parse(&reply.body).expect("a reply is JSON");
            let Some(Json::Array(items)) = json.get("Items") else { panic!("{name}: {:.300}", reply.text()) };
            assert!(!items.is_empty(), "{name} gets on");
            found.extend(items.iter().filter_map(|item| item.get("id")).map(Json::to_text));
            let Some(key) = json.get("LastEvaluatedKey") else { break };
            start = format!(r#""ExclusiveStartKey":{}"#, key.to_text());
        }
        let distinct: BTreeSet<_> = found.iter().collect();
        assert_eq!((found.len(), distinct.len()), (80, 80), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_with_an_idempotency_key_happens_once() {
    // dynalite has no transactions.
    let engine = Engine::dynoxide();
    for (name, store) in [("embedded", embedded()), ("dynoxide", remote(&engine).await)] {
        let transaction = |amount: u32| {
            format!(
                r#"{{"operation":"transactWrite","tableName":"counters","payload":{{"TransactItems":[{{"Update":{{"Key":{{"id":1}},"UpdateExpression":"ADD visits :n","ExpressionAttributeValues":{{":n":{amount}}}}}}}]}},"options":{{"idempotencyKey":"order-17"}}}}"#
            )
        };
        for _ in 0..2 {
            assert_eq!(reply(&store, &transaction(5)).await.status, 200, "{name}");
        }
        let read = reply(&store, r#"{"operation":"read","tableName":"counters","payload":{"Key":{"id":1}}}"#).await;
        assert!(read.text().contains(r#""visits":5"#), "{name}: {}", read.text());
        let other = reply(&store, &transaction(6)).await;
        assert!(other.text().contains("IdempotentParameterMismatchException"), "{name}: {}", other.text());
        assert_eq!(other.status, 400, "{name}");
    }
}
