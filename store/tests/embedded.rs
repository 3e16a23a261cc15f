//! The embedded store, driven as a home drives it: a request goes in, the reply is compared. Then the traps of its engine and
//! of files: names, locks, `kill -9`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails should say where")]

#[path = "embedded/file.rs"]
mod file;

use std::sync::Arc;

use file::Folder;
use gateleg_core::context::Context;
use gateleg_core::plan::Plan;
use gateleg_core::policy::{Allowed, Policy};
use gateleg_store::embedded::{Embedded, IndexSpec, KeySpec, TableError, TableSpec};
use gateleg_store::{Limits, NativePlanner, drive};

async fn send(store: &Arc<Embedded>, request: &str) -> (u16, String) {
    send_as(store, request, Policy::allow_all()).await
}

async fn send_as(store: &Arc<Embedded>, request: &str, policy: Policy) -> (u16, String) {
    let (plan, step) = Plan::open(request.as_bytes(), &Context { request_id: "r-1".into(), ..Context::default() });
    let limits = Limits { request_id: "r-1".into(), policy: Arc::new(policy), deadline: None, max_in_flight: 8 };
    let reply = drive(NativePlanner(plan), step, Arc::clone(store) as Arc<dyn gateleg_store::Store>, limits).await;
    (reply.status, reply.text().to_string())
}

/// The reply, without what every success carries at its end.
async fn check(store: &Arc<Embedded>, request: &str, status: u16, body: &str) {
    const METADATA: &str = r#""ResponseMetadata":{"RequestId":"r-1","HTTPStatusCode":200,"RetryAttempts":0}}"#;
    let (found_status, found) = send(store, request).await;
    let found = match found.strip_suffix(METADATA) {
        Some(rest) => format!("{}}}", rest.strip_suffix(',').unwrap_or(rest)),
        None => found.replace(r#","requestId":"r-1"}"#, "}"),
    };
    assert_eq!((found_status, found.as_str()), (status, body), "{request}");
}

fn key(text: &str) -> KeySpec {
    KeySpec::parse(text).unwrap()
}

fn memory(tables: &[TableSpec]) -> Arc<Embedded> {
    let store = Embedded::memory().unwrap();
    tables.iter().for_each(|table| store.create_table(table).unwrap());
    Arc::new(store)
}

fn people() -> Arc<Embedded> {
    memory(&[TableSpec::new("people", key("id:S"))])
}

#[tokio::test]
async fn the_tutorial_s_operations_work() {
    let store = people();
    let create = r#"{"operation":"create","tableName":"people","payload":{"Item":{"id":"1","name":"Bob","n":5}}}"#;
    check(&store, create, 200, "{}").await;
    let read = r#"{"operation":"read","tableName":"people","payload":{"Key":{"id":"1"}}}"#;
    check(&store, read, 200, r#"{"Item":{"id":"1","n":5,"name":"Bob"}}"#).await;
    let update = r##"{"operation":"update","tableName":"people","payload":{"Key":{"id":"1"},
        "UpdateExpression":"SET #n = #n + :d","ExpressionAttributeNames":{"#n":"n"},"ExpressionAttributeValues":{":d":0.5},
        "ReturnValues":"UPDATED_NEW"}}"##;
    check(&store, update, 200, r#"{"Attributes":{"n":5.5}}"#).await;
    let list = r#"{"operation":"list","tableName":"people"}"#;
    check(&store, list, 200, r#"{"Items":[{"id":"1","n":5.5,"name":"Bob"}],"Count":1,"ScannedCount":1}"#).await;
    let delete = r#"{"operation":"delete","tableName":"people","payload":{"Key":{"id":"1"},"ReturnValues":"ALL_OLD"}}"#;
    check(&store, delete, 200, r#"{"Attributes":{"id":"1","n":5.5,"name":"Bob"}}"#).await;
    check(&store, read, 200, "{}").await;
}

#[tokio::test]
async fn every_attribute_type_is_read_as_it_was_written() {
    let store = people();
    let item = r#"{"b":{"$b":"AAH/"},"bool":true,"bs":{"$bs":["AQ==","Ag=="]},"empty":"","id":"1","list":["a",1,[],{}],"map":{"$s":{"x":null},"S":"x"},"n":12345678901234567890.123456789012345678,"ns":{"$ns":[-1,2.5]},"null":null,"s":"ü\u0000\"\\","ss":{"$ss":["a","b"]},"tag":{"$m":{"$ss":["a"]}}}"#;
    let create = format!(r#"{{"operation":"create","tableName":"people","payload":{{"Item":{item}}}}}"#);
    check(&store, &create, 200, "{}").await;
    let read = r#"{"operation":"read","tableName":"people","payload":{"Key":{"id":"1"}}}"#;
    check(&store, read, 200, &format!(r#"{{"Item":{item}}}"#)).await;
}

/// These keys mean something to serde_json with certain features, which no build of ours may turn on.
#[tokio::test]
async fn attribute_names_that_serde_json_uses_itself_are_ordinary() {
    let store = people();
    let item = r#"{"$serde_json::private::Number":"1","$serde_json::private::RawValue":{"$serde_json::private::RawValue":"[1]"},"id":"1"}"#;
    let create = format!(r#"{{"operation":"create","tableName":"people","payload":{{"Item":{item}}}}}"#);
    check(&store, &create, 200, "{}").await;
    let read = r#"{"operation":"read","tableName":"people","payload":{"Key":{"id":"1"}}}"#;
    check(&store, read, 200, &format!(r#"{{"Item":{item}}}"#)).await;
}

#[tokio::test]
async fn numbers_are_written_as_dynamodb_writes_them() {
    let store = people();
    for (written, read) in [
        ("1.50", "1.5"),
        ("-0.0", "0"),
        ("0.10e1", "1"),
        ("1E+30", "1000000000000000000000000000000"),
        ("1e-7", "0.0000001"),
        ("99999999999999999999999999999999999999", "99999999999999999999999999999999999999"),
    ] {
        let create =
            format!(r#"{{"operation":"create","tableName":"people","payload":{{"Item":{{"id":"1","n":{written}}}}}}}"#);
        check(&store, &create, 200, "{}").await;
        let request = r#"{"operation":"read","tableName":"people","payload":{"Key":{"id":"1"}}}"#;
        check(&store, request, 200, &format!(r#"{{"Item":{{"id":"1","n":{read}}}}}"#)).await;
    }
}

#[tokio::test]
async fn a_failed_condition_comes_with_the_old_item() {
    let store = people();
    let create = r#"{"operation":"create","tableName":"people","payload":{"Item":{"id":"1","n":1.0},
        "ConditionExpression":"attribute_not_exists(id)","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}}"#;
    check(&store, create, 200, "{}").await;
    let refused = r#"{"__type":"ConditionalCheckFailedException","message":"The conditional request failed","Item":{"id":"1","n":1}}"#;
    check(&store, create, 409, refused).await;
}

#[tokio::test]
async fn a_cancelled_transaction_says_why_action_by_action() {
    let store = people();
    check(&store, r#"{"operation":"create","tableName":"people","payload":{"Item":{"id":"1"}}}"#, 200, "{}").await;
    let transact = r#"{"operation":"transactWrite","payload":{"TransactItems":[
        {"Put":{"TableName":"people","Item":{"id":"2"}}},
        {"Delete":{"TableName":"people","Key":{"id":"1"},"ConditionExpression":"attribute_exists(x)",
            "ReturnValuesOnConditionCheckFailure":"ALL_OLD"}}]}}"#;
    let (status, body) = send(&store, transact).await;
    assert_eq!(status, 409, "{body}");
    assert!(
        body.starts_with(r#"{"__type":"TransactionCanceledException","message":"Transaction cancelled, "#),
        "{body}"
    );
    let reasons = r#""CancellationReasons":[{"Code":"None"},{"Item":{"id":"1"},"Code":"ConditionalCheckFailed","Message":"The conditional request failed"}]"#;
    assert!(body.contains(reasons), "{body}");
    check(&store, r#"{"operation":"read","tableName":"people","payload":{"Key":{"id":"2"}}}"#, 200, "{}").await;
}

#[tokio::test]
async fn a_missing_table_is_not_found() {
    let store = people();
    let missing = r#"{"__type":"ResourceNotFoundException","message":"Requested resource not found"}"#;
    for request in [
        r#"{"operation":"read","tableName":"nobody","payload":{"Key":{"id":"1"}}}"#,
        r#"{"operation":"list","tableName":"nobody"}"#,
        r#"{"operation":"create","tableName":"nobody","payload":{"Item":{"id":"1"}}}"#,
        r#"{"operation":"batchRead","payload":{"RequestItems":{"nobody":{"Keys":[{"id":"1"}]}}}}"#,
        r#"{"operation":"batchWrite","payload":{"RequestItems":{"nobody":[{"PutRequest":{"Item":{"id":"1"}}}]}}}"#,
    ] {
        check(&store, request, 404, missing).await;
    }
    let (status, body) = send(
        &store,
        r#"{"operation":"transactRead","payload":{"TransactItems":[{"Get":{"TableName":"Nobody","Key":{"id":"1"}}}]}}"#,
    )
    .await;
    assert_eq!(status, 404, "{body}");
    assert!(!body.contains("..nobody"), "{body}");
    assert_eq!(store.list_tables().unwrap(), ["people"]);
}

#[tokio::test]
async fn a_table_is_not_reached_by_its_arn() {
    let store = people();
    let arn = "arn:aws:dynamodb:dynoxide:000000000000:table/people";
    let policy = Policy { tables: Allowed::Only(vec![arn.into()]), ..Policy::allow_all() };
    let request = format!(r#"{{"operation":"list","tableName":"{arn}"}}"#);
    let (status, body) = send_as(&store, &request, policy).await;
    assert_eq!(status, 404, "{body}");
    assert!(body.contains(r#""message":"Requested resource not found""#), "{body}");
}

fn awkward_names() -> Vec<String> {
    let mut names: Vec<String> = [
        "_tables",
        "_config",
        "_stream_records",
        "sqlite_master",
        "sqlite_sequence",
        "SQLITE_MASTER",
        "pragma_table_info",
        "Abc",
        "abc",
        "aBc",
        ".abc",
        "..abc",
        "a.b",
        "a-b",
        "a_b",
        "A.B",
        "...",
        "---",
        "___",
        "table",
        "select",
        "..1",
        "..0",
    ]
    .map(String::from)
    .into();
    names.extend(
        ["a", "A", "b", "B", ".", "_", "aB"].iter().map(|unit| unit.repeat(255)).map(|name| name[..255].to_string()),
    );
    names.extend(["A".repeat(127), "A".repeat(128), "a".repeat(254)]);
    names
}

/// Every table of those names holds one item that names the table, and nothing else.
async fn check_awkward_tables(store: &Arc<Embedded>, names: &[String]) {
    for name in names {
        let list =
            format!(r#"{{"operation":"list","tableName":"{name}","payload":{{"ReturnConsumedCapacity":"TOTAL"}}}}"#);
        let body = format!(
            r#"{{"Items":[{{"id":"{name}"}}],"Count":1,"ScannedCount":1,"ConsumedCapacity":{{"TableName":"{name}","CapacityUnits":0.5}}}}"#
        );
        check(store, &list, 200, &body).await;
    }
}

#[tokio::test]
async fn tables_of_any_name_are_kept_apart_and_named_as_the_caller_does() {
    let folder = Folder::new("names");
    let names = awkward_names();
    let mut sorted = names.clone();
    sorted.sort();
    let store = Arc::new(Embedded::open(folder.file()).unwrap());
    for name in &names {
        store.create_table(&TableSpec::new(name, key("id:S"))).unwrap();
        assert!(matches!(
            store.create_table(&TableSpec::new(name, key("id:S"))),
            Err(TableError::Exists { name: found }) if found == *name
        ));
        let write = format!(
            r#"{{"operation":"batchWrite","payload":{{"RequestItems":{{"{name}":[{{"PutRequest":{{"Item":{{"id":"{name}"}}}}}}]}},"ReturnConsumedCapacity":"TOTAL"}}}}"#
        );
        let body =
            format!(r#"{{"UnprocessedItems":{{}},"ConsumedCapacity":[{{"TableName":"{name}","CapacityUnits":1.0}}]}}"#);
        check(&store, &write, 200, &body).await;
    }
    assert_eq!(store.list_tables().unwrap(), sorted);
    check_awkward_tables(&store, &names).await;
    drop(store);

    let store = Arc::new(Embedded::open(folder.file()).unwrap());
    assert_eq!(store.list_tables().unwrap(), sorted);
    check_awkward_tables(&store, &names).await;
    let read = r#"{"operation":"batchRead","payload":{"RequestItems":{"Abc":{"Keys":[{"id":"Abc"}]},"abc":{"Keys":[{"id":"abc"}]}}}}"#;
    let body = r#"{"Responses":{"Abc":[{"id":"Abc"}],"abc":[{"id":"abc"}]},"UnprocessedKeys":{}}"#;
    check(&store, read, 200, body).await;
    let long = "A".repeat(255);
    for name in ["Abc", long.as_str()] {
        store.delete_table(name).unwrap();
        assert!(matches!(store.describe_table(name), Err(TableError::Unknown { .. })));
        store.create_table(&TableSpec::new(name, key("id:S"))).unwrap();
        assert_eq!(store.describe_table(name).unwrap().item_count, Some(0));
    }
    assert_eq!(store.describe_table("abc").unwrap().item_count, Some(1));
    assert_eq!(store.describe_table(&"B".repeat(255)).unwrap().item_count, Some(1));
}

#[tokio::test]
async fn capacity_is_told_when_asked_for_and_not_otherwise() {
    let mut spec = TableSpec::new("people", key("id:S"));
    spec.indexes.push(IndexSpec::parse("by_name:name:S").unwrap());
    let store = memory(&[spec]);
    let create = |asked: &str| {
        format!(
            r#"{{"operation":"create","tableName":"people","payload":{{"Item":{{"id":"1","name":"Bob"}}{asked}}}}}"#
        )
    };
    check(&store, &create(""), 200, "{}").await;
    check(&store, &create(r#","ReturnConsumedCapacity":"NONE""#), 200, "{}").await;
    check(
        &store,
        &create(r#","ReturnConsumedCapacity":"TOTAL""#),
        200,
        r#"{"ConsumedCapacity":{"TableName":"people","CapacityUnits":1.0}}"#,
    )
    .await;
    let query = r##"{"operation":"query","tableName":"people","payload":{"IndexName":"by_name",
        "KeyConditionExpression":"#n = :n","ExpressionAttributeNames":{"#n":"name"},"ExpressionAttributeValues":{":n":"Bob"},
        "ReturnConsumedCapacity":"INDEXES"}}"##;
    let body = r#"{"Items":[{"id":"1","name":"Bob"}],"Count":1,"ScannedCount":1,"ConsumedCapacity":{"TableName":"people","CapacityUnits":0.5,"Table":{"CapacityUnits":0.0},"GlobalSecondaryIndexes":{"by_name":{"CapacityUnits":0.5}}}}"#;
    check(&store, query, 200, body).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_64_conditional_creates_of_one_key_succeeds() {
    let folder = Folder::new("race");
    let store = Arc::new(Embedded::open(folder.file()).unwrap());
    store.create_table(&TableSpec::new("people", key("id:S"))).unwrap();
    let create = |by: usize| {
        let store = Arc::clone(&store);
        let request = format!(
            r#"{{"operation":"create","tableName":"people","payload":{{"Item":{{"id":"1","by":{by}}},
                "ConditionExpression":"attribute_not_exists(id)"}}}}"#
        );
        tokio::spawn(async move { send(&store, &request).await.0 })
    };
    let tasks: Vec<_> = (0..64).map(create).collect();
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.push(task.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    assert!(statuses[1..].iter().all(|status| *status == 409), "{statuses:?}");
}

#[tokio::test]
async fn parentheses_around_operands_reach_an_engine_that_knows_none() {
    let store = people();
    let request = |operation: &str, payload: &str| {
        format!(r#"{{"operation":"{operation}","tableName":"people","payload":{{{payload}}}}}"#)
    };
    let values = r#""ExpressionAttributeValues":{":v":1,":w":2}"#;
    let update = format!(r#""Key":{{"id":"1"}},"UpdateExpression":"SET n = (:v) + :w",{values}"#);
    check(&store, &request("update", &update), 200, "{}").await;
    let list = format!(r#""FilterExpression":"(n) > (:w) AND (NOT (n = :v))",{values}"#);
    check(&store, &request("list", &list), 200, r#"{"Items":[{"id":"1","n":3}],"Count":1,"ScannedCount":1}"#).await;
    let action = r#"{"ConditionCheck":{"TableName":"people","Key":{"id":"1"},"ConditionExpression":"(n) = (:v)","ExpressionAttributeValues":{":v":3}}}"#;
    let transaction = format!(r#"{{"operation":"transactWrite","payload":{{"TransactItems":[{action}]}}}}"#);
    check(&store, &transaction, 200, "{}").await;
}

#[tokio::test]
async fn deep_expressions_end_nothing() {
    let store = people();
    for (open, close, times, answer) in [
        ("(", ")", 2000, 400),
        ("NOT ", "", 1000, 400),
        ("(", ")", 200_000, 400),
        ("size(", ")", 600, 400),
        ("a[0].", "", 700, 400),
    ] {
        let expression = format!("{}attribute_exists(id){}", open.repeat(times), close.repeat(times));
        let request = format!(
            r#"{{"operation":"create","tableName":"people","payload":{{"Item":{{"id":"1"}},"ConditionExpression":"{expression}"}}}}"#
        );
        let (status, body) = send(&store, &request).await;
        assert_eq!(status, answer, "{body}");
    }
    check(&store, r#"{"operation":"list","tableName":"people"}"#, 200, r#"{"Items":[],"Count":0,"ScannedCount":0}"#)
        .await;
}

#[test]
fn tables_are_described_as_they_were_specified() {
    let mut spec = TableSpec::new("orders", key("customer:S"));
    spec.sort_key = Some(key("placed:N"));
    spec.indexes =
        vec![IndexSpec::parse("by_status:status:S:placed:N").unwrap(), IndexSpec::parse("by_bin:bin:B").unwrap()];
    let store = memory(&[spec]);
    let table = store.describe_table("orders").unwrap();
    assert_eq!((table.partition_key, table.sort_key), (key("customer:S"), Some(key("placed:N"))));
    assert_eq!((table.item_count, table.size_bytes), (Some(0), Some(0)));
    assert!(table.created.unwrap() > 1_700_000_000);
    let [status, bin] = table.indexes.as_slice() else { panic!("two indexes") };
    assert_eq!((status.name.as_str(), &status.sort_key), ("by_status", &Some(key("placed:N"))));
    assert_eq!((&bin.partition_key, &bin.sort_key, bin.item_count), (&key("bin:B"), &None, Some(0)));
    assert_eq!(store.key_names().unwrap(), [("orders".into(), vec!["customer".to_string(), "placed".into()])]);
}

#[test]
fn tables_that_dynamodb_would_not_make_are_refused() {
    let store = people();
    let refused = |spec: &TableSpec| store.create_table(spec).unwrap_err().to_string();
    let table = TableSpec::new("orders", key("id:S"));
    assert_eq!(
        refused(&TableSpec { name: "a b".into(), ..table.clone() }),
        "expected a name of 3 to 255 letters, digits, `_`, `-` and `.` for the table, but found `a b`"
    );
    assert_eq!(
        refused(&TableSpec { sort_key: Some(key("id:N")), ..table.clone() }),
        "the sort key of table orders needs a name other than its partition key's"
    );
    let indexes = |texts: &[&str]| texts.iter().map(|text| IndexSpec::parse(text).unwrap()).collect();
    assert_eq!(
        refused(&TableSpec { indexes: indexes(&["by_id:id:N"]), ..table.clone() }),
        "the attribute id has one type everywhere, but S and N were given"
    );
    assert_eq!(
        refused(&TableSpec { indexes: indexes(&["by_x:x:N", "By_x:y:N"]), ..table }),
        "the indexes by_x and By_x need names that differ by more than case"
    );
    let unknown = store.delete_table("poeple").unwrap_err();
    assert_eq!(unknown.to_string(), "there is no table poeple; did you mean people?");
    let unknown = store.describe_table("elsewhere").unwrap_err();
    assert_eq!(unknown.to_string(), "there is no table elsewhere; there are: people");
}

#[test]
fn a_store_with_tables_gets_no_default_table() {
    let store = people();
    assert!(!store.ensure_default_table().unwrap());
    assert_eq!(store.list_tables().unwrap(), ["people"]);
}
