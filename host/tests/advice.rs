//! What a warning's patch makes of a request does the same as the request: both are answered over stores that hold the same,
//! and replies and tables are compared afterwards.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;

use gateleg::diagnostic::mend;
use gateleg_core::context::Context;
use gateleg_core::json::Json;
use gateleg_core::plan::Plan;
use gateleg_core::policy::Policy;
use gateleg_store::embedded::{Embedded, KeySpec, TableSpec};
use gateleg_store::{Limits, NativePlanner, Store, drive};

const ITEMS: &str = r#"{"operation":"batchWrite","tableName":"people","payload":{"Put":[
    {"id":"1","sort":1,"n":5,"s":"apple pie","b":{"$b":"AAEC"},"ss":{"$ss":["a","b"]},"ns":{"$ns":[1,2]},"flag":true},
    {"id":"1","sort":2,"n":-0.5,"s":"banana","list":["a",1],"nothing":null,"name":"reserved","a.b":"dotted","x y":1},
    {"id":"1","sort":3,"n":"5","s":7,"flag":false,"status":"new","map":{"k":"v"}},
    {"id":"2","sort":1}
]}}"#;

const LEGACY: &str = "legacy.parameter";

async fn send(store: &Arc<Embedded>, request: &str) -> String {
    let (plan, step) = Plan::open(request.as_bytes(), &Context { request_id: "r-1".into(), ..Context::default() });
    let policy = Arc::new(Policy::allow_all());
    let limits = Limits { request_id: "r-1".into(), policy, deadline: None, max_in_flight: 8 };
    let reply = drive(NativePlanner(plan), step, Arc::clone(store) as Arc<dyn Store>, limits).await;
    format!("{} {}", reply.status, sorted(Json::parse(&reply.body).unwrap()).to_text())
}

/// Sets have no order, and the engine hands them out in any.
fn sorted(json: Json<'_>) -> Json<'_> {
    match json {
        Json::Array(items) => Json::Array(items.into_iter().map(sorted).collect()),
        Json::Object(members) => Json::Object(
            members
                .into_iter()
                .map(|(key, value)| match value {
                    Json::Array(mut set) if matches!(&*key, "$ss" | "$ns") => {
                        set.sort_by_key(Json::to_text);
                        (key, Json::Array(set))
                    }
                    value => (key, sorted(value)),
                })
                .collect(),
        ),
        scalar => scalar,
    }
}

/// The reply, and what the table holds then.
async fn effect(request: &str) -> (String, String) {
    let store = Arc::new(Embedded::memory().unwrap());
    let mut people = TableSpec::new("people", KeySpec::parse("id:S").unwrap());
    people.sort_key = Some(KeySpec::parse("sort:N").unwrap());
    store.create_table(&people).unwrap();
    let filled = send(&store, ITEMS).await;
    assert!(filled.starts_with("200"), "{filled}");
    (send(&store, request).await, send(&store, r#"{"operation":"list","tableName":"people"}"#).await)
}

/// The status of the plan, and the request as the patch of that rule's warning makes it, if there is one.
fn preview(request: &str, rule: &str) -> (u16, Option<String>) {
    let keys = vec![("people".into(), vec!["id".into(), "sort".into()])];
    let policy = Policy { keys, ..Policy::allow_all() };
    let reply = Plan::preview(request.as_bytes(), &Context { policy: Some(policy.into()), ..Context::default() });
    let body = Json::parse(&reply.body).unwrap();
    let warnings = match body.get("warnings") {
        Some(Json::Array(warnings)) => warnings.as_slice(),
        _ => &[],
    };
    let warning = warnings.iter().find(|warning| warning.get("rule").and_then(Json::as_str) == Some(rule));
    let fix = warning.and_then(|warning| warning.get("fix"));
    let mended = match fix {
        Some(Json::Array(patch)) => Some(mend(request, patch).unwrap()),
        _ => None,
    };
    (reply.status, mended)
}

async fn check(operation: &str, parameters: &str, status: &str) {
    let request = format!(r#"{{"operation":"{operation}","tableName":"people","payload":{{{parameters}}}}}"#);
    let (_, modern) = preview(&request, LEGACY);
    let modern = modern.unwrap_or_else(|| panic!("no modern form: {request}"));
    assert_eq!(preview(&modern, LEGACY), (200, None), "{modern}");
    let (legacy_reply, legacy_table) = effect(&request).await;
    let (modern_reply, modern_table) = effect(&modern).await;
    assert!(legacy_reply.starts_with(status), "{request}\n{legacy_reply}");
    assert_eq!(legacy_reply, modern_reply, "{modern}");
    assert_eq!(legacy_table, modern_table, "{modern}");
}

#[tokio::test]
async fn filters_keep_the_same_items() {
    for condition in [
        r#""n":{"ComparisonOperator":"EQ","AttributeValueList":[5.0]}"#,
        r#""n":{"ComparisonOperator":"NE","AttributeValueList":[5]}"#,
        r#""n":{"ComparisonOperator":"LT","AttributeValueList":[5]}"#,
        r#""n":{"ComparisonOperator":"LE","AttributeValueList":[5]}"#,
        r#""s":{"ComparisonOperator":"GT","AttributeValueList":["apple"]}"#,
        r#""s":{"ComparisonOperator":"GE","AttributeValueList":["banana"]}"#,
        r#""n":{"ComparisonOperator":"BETWEEN","AttributeValueList":[-1,5]}"#,
        r#""n":{"ComparisonOperator":"IN","AttributeValueList":[1,5]}"#,
        r#""s":{"ComparisonOperator":"BEGINS_WITH","AttributeValueList":["app"]}"#,
        r#""b":{"ComparisonOperator":"BEGINS_WITH","AttributeValueList":[{"$b":"AAE="}]}"#,
        r#""s":{"ComparisonOperator":"CONTAINS","AttributeValueList":["an"]}"#,
        r#""ss":{"ComparisonOperator":"CONTAINS","AttributeValueList":["a"]}"#,
        r#""ns":{"ComparisonOperator":"CONTAINS","AttributeValueList":[2]}"#,
        r#""list":{"ComparisonOperator":"CONTAINS","AttributeValueList":[1]}"#,
        r#""s":{"ComparisonOperator":"NOT_CONTAINS","AttributeValueList":["an"]}"#,
        r#""ss":{"ComparisonOperator":"NOT_CONTAINS","AttributeValueList":["a"]}"#,
        r#""nothing":{"ComparisonOperator":"NULL"}"#,
        r#""nothing":{"ComparisonOperator":"NOT_NULL"}"#,
        r#""ss":{"ComparisonOperator":"EQ","AttributeValueList":[{"$ss":["b","a"]}]}"#,
        r#""map":{"ComparisonOperator":"EQ","AttributeValueList":[{"k":"v"}]}"#,
        r#""status":{"ComparisonOperator":"EQ","AttributeValueList":["new"]}"#,
        r#""a.b":{"ComparisonOperator":"EQ","AttributeValueList":["dotted"]}"#,
        r#""x y":{"ComparisonOperator":"EQ","AttributeValueList":[1]},"name":{"ComparisonOperator":"NOT_NULL"}"#,
        r#""n":{"ComparisonOperator":"GT","AttributeValueList":[0]},"flag":{"ComparisonOperator":"EQ","AttributeValueList":[true]}"#,
    ] {
        check("list", &format!(r#""ScanFilter":{{{condition}}}"#), "200").await;
    }
    let two = r#"{"n":{"ComparisonOperator":"EQ","AttributeValueList":[5]},"s":{"ComparisonOperator":"NOT_CONTAINS","AttributeValueList":["a"]}}"#;
    for operator in ["AND", "OR"] {
        check("list", &format!(r#""ScanFilter":{two},"ConditionalOperator":"{operator}""#), "200").await;
    }
}

#[tokio::test]
async fn queries_find_the_same_items() {
    let id = r#""id":{"ComparisonOperator":"EQ","AttributeValueList":["1"]}"#;
    for (sort, rest) in [
        (String::new(), ""),
        (r#","sort":{"ComparisonOperator":"EQ","AttributeValueList":[2]}"#.into(), ""),
        (r#","sort":{"ComparisonOperator":"GE","AttributeValueList":[2]}"#.into(), r#","ScanIndexForward":false"#),
        (
            r#","sort":{"ComparisonOperator":"BETWEEN","AttributeValueList":[1,2]}"#.into(),
            r#","AttributesToGet":["n","name"]"#,
        ),
        (
            String::new(),
            r#","QueryFilter":{"n":{"ComparisonOperator":"GT","AttributeValueList":[0]},"status":{"ComparisonOperator":"NOT_NULL"}},"ConditionalOperator":"OR""#,
        ),
    ] {
        check("query", &format!(r#""KeyConditions":{{{id}{sort}}}{rest}"#), "200").await;
    }
}

#[tokio::test]
async fn projections_show_the_same_attributes() {
    let key = r#""Key":{"id":"1","sort":2}"#;
    for names in [r#"["n"]"#, r#"["id","name","a.b","x y","missing"]"#, r#"["list","nothing","_id"]"#] {
        check("read", &format!(r#"{key},"AttributesToGet":{names}"#), "200").await;
        check("list", &format!(r#""AttributesToGet":{names}"#), "200").await;
        check("batchRead", &format!(r#""Keys":[{{"id":"1","sort":2}}],"AttributesToGet":{names}"#), "200").await;
    }
}

#[tokio::test]
async fn conditions_hold_or_fail_alike() {
    for (expected, status) in [
        (r#""n":{"Value":5}"#, "200"),
        (r#""n":{"Value":6}"#, "409"),
        (r#""n":{"Exists":true,"Value":5}"#, "200"),
        (r#""n":{"Exists":false}"#, "409"),
        (r#""missing":{"Exists":false}"#, "200"),
        (r#""missing":{"Value":1}"#, "409"),
        (r#""missing":{"ComparisonOperator":"NE","AttributeValueList":[1]}"#, "200"),
        (r#""missing":{"ComparisonOperator":"NOT_CONTAINS","AttributeValueList":["x"]}"#, "200"),
        (r#""n":{"ComparisonOperator":"GT","Value":4}"#, "200"),
        (r#""n":{"ComparisonOperator":"NULL"}"#, "409"),
        (r#""n":{"Value":5},"flag":{"ComparisonOperator":"IN","AttributeValueList":["x"]}"#, "409"),
    ] {
        let parameters = format!(r#""Expected":{{{expected}}}"#);
        check("create", &format!(r#""Item":{{"id":"1","sort":1,"new":true}},{parameters}"#), status).await;
        check("delete", &format!(r#""Key":{{"id":"1","sort":1}},"ReturnValues":"ALL_OLD",{parameters}"#), status).await;
    }
    let either = r#""Expected":{"n":{"Value":6},"s":{"ComparisonOperator":"BEGINS_WITH","AttributeValueList":["app"]}},"ConditionalOperator":"OR""#;
    check("delete", &format!(r#""Key":{{"id":"1","sort":1}},{either}"#), "200").await;
}

#[tokio::test]
async fn updates_change_the_same() {
    for updates in [
        r#""n":{"Value":1}"#,
        r#""n":{"Action":"PUT","Value":{"a":[1]}}"#,
        r#""n":{"Action":"ADD","Value":1.5}"#,
        r#""missing":{"Action":"ADD","Value":1.5}"#,
        r#""ss":{"Action":"ADD","Value":{"$ss":["b","c"]}}"#,
        r#""missing":{"Action":"ADD","Value":{"$ns":[1]}}"#,
        r#""ss":{"Action":"DELETE","Value":{"$ss":["b","c"]}}"#,
        r#""ss":{"Action":"DELETE","Value":{"$ss":["a","b"]}}"#,
        r#""n":{"Action":"DELETE"},"missing":{"Action":"DELETE"}"#,
        r#""status":{"Value":"s"},"a.b":{"Value":"d"},"remove":{"Value":null},"n":{"Action":"ADD","Value":1},"s":{"Action":"DELETE"}"#,
    ] {
        let key = r#""Key":{"id":"1","sort":1}"#;
        check("update", &format!(r#"{key},"AttributeUpdates":{{{updates}}},"ReturnValues":"ALL_NEW""#), "200").await;
        let expected = r#""Expected":{"n":{"Value":5}}"#;
        check("update", &format!(r#"{key},"AttributeUpdates":{{{updates}}},{expected}"#), "200").await;
    }
    let list = r#""Key":{"id":"1","sort":2},"AttributeUpdates":{"list":{"Action":"ADD","Value":["more"]}},"ReturnValues":"ALL_NEW""#;
    check("update", list, "200").await;
    let missing = r#""Key":{"id":"1","sort":1},"AttributeUpdates":{"list":{"Action":"ADD","Value":["more"]}},"ReturnValues":"ALL_NEW""#;
    check("update", missing, "200").await;
}

/// What `Items` holds.
fn items(reply: &str) -> &str {
    reply.split_once(",\"Count\"").unwrap().0
}

#[tokio::test]
async fn a_list_that_could_be_a_query_finds_the_same_items() {
    for (filter, values) in [
        ("id = :i", r#"":i":"1""#),
        (":i = id", r#"":i":"2""#),
        ("id = :i AND sort > :s", r#"":i":"1",":s":1"#),
        ("sort BETWEEN :s AND :t AND id = :i", r#"":i":"1",":s":2,":t":3"#),
        ("id = :i AND (n > :n OR contains(s, :s)) AND NOT attribute_exists(flag)", r#"":i":"1",":n":0,":s":"z""#),
    ] {
        let request = format!(
            r#"{{"operation":"list","tableName":"people","payload":{{"FilterExpression":"{filter}","ExpressionAttributeValues":{{{values}}}}}}}"#
        );
        let (_, query) = preview(&request, "filter.pins-key");
        let query = query.unwrap_or_else(|| panic!("no query: {request}"));
        assert!(query.starts_with(r#"{"operation":"query""#), "{query}");
        let (list, _) = effect(&request).await;
        let (query, _) = effect(&query).await;
        assert_eq!(items(&list), items(&query), "{request}");
    }
    for (filter, values) in [("id = :i", r#"":i":true"#), ("id = :i AND sort <> :i", r#"":i":"1""#)] {
        let request = format!(
            r#"{{"operation":"list","tableName":"people","payload":{{"FilterExpression":"{filter}","ExpressionAttributeValues":{{{values}}}}}}}"#
        );
        assert_eq!(preview(&request, "filter.pins-key"), (200, None), "{request}");
    }
}
