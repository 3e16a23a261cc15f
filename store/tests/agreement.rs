//! The same requests, through the same plan, against every store: the embedded one, the SDK talking to dynoxide's server, and the
//! SDK talking to dynalite, an engine of another make. The replies agree, but for what `differences` names and explains.
#![allow(clippy::panic, reason = "a test fails by it")]

mod common;
#[path = "agreement/differences.rs"]
mod differences;
#[path = "agreement/requests.rs"]
mod requests;

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType,
};
use gateleg_core::context::Context;
use gateleg_core::json::Json;
use gateleg_core::operation::OperationName;
use gateleg_core::plan::Plan;
use gateleg_core::policy::Policy;
use gateleg_core::reply::Reply;
use gateleg_store::dynamodb::DynamoDb;
use gateleg_store::embedded::{Embedded, IndexSpec, KeySpec, TableSpec};
use gateleg_store::{Limits, NativePlanner, Store, drive};

use common::engine::Engine;
use common::{TIMEOUTS, client};
use differences::normalise;
use requests::{CASES, Case};

/// A table as a command line would say it: name, partition key, sort key, index.
type Table = (&'static str, &'static str, Option<&'static str>, Option<&'static str>);

const TABLES: &[Table] = &[
    ("things", "id:S", None, None),
    ("orders", "customer:S", Some("placed:N"), Some("by_status:status:S:placed:N")),
    ("counters", "id:N", None, None),
    ("blobs", "id:B", None, None),
];

/// Which store a reply came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// dynoxide, through the SDK and its HTTP server.
    Dynoxide,
    /// The embedded store.
    Embedded,
    /// dynalite, through the SDK.
    Dynalite,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_store_gives_the_same_replies() {
    assert!(CASES.len() >= 60, "{} requests", CASES.len());
    for &operation in OperationName::ALL {
        let name = format!(r#""operation":"{}""#, operation.as_str());
        assert!(CASES.iter().any(|case| case.request.contains(&name)), "no request for {}", operation.as_str());
    }

    let server = Engine::dynoxide();
    let mut homes = vec![(Home::Dynoxide, remote(&server).await), (Home::Embedded, embedded())];
    let dynalite = Engine::dynalite();
    if let Some(server) = &dynalite {
        homes.push((Home::Dynalite, remote(server).await));
    }

    let mut faults = Vec::new();
    for case in CASES {
        let mut first: Option<String> = None;
        for (home, store) in homes.iter().filter(|(home, _)| asked(case, *home)) {
            let reply = reply(store, case.request).await;
            if reply.status != case.status {
                faults.push(format!(
                    "{home:?}: status {}, not {}\n  {}\n  {}",
                    reply.status,
                    case.status,
                    case.request,
                    reply.text()
                ));
            }
            let found = normalise(case.request, reply.text());
            match &first {
                None => first = Some(found),
                Some(first) if *first == found => {}
                Some(first) => faults.push(format!("{home:?} differs\n  {}\n  {first}\n  {found}", case.request)),
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    if dynalite.is_some() {
        let unmet = differences::unmet();
        assert!(unmet.is_empty(), "differences that no reply can show any more: {unmet:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_put_together_are_the_whole_table() {
    let server = Engine::dynoxide();
    let mut stores = vec![remote(&server).await, embedded()];
    let dynalite = Engine::dynalite();
    if let Some(server) = &dynalite {
        stores.push(remote(server).await);
    }
    for store in &stores {
        for id in 0..7 {
            let put = format!(r#"{{"operation":"create","tableName":"things","payload":{{"Item":{{"id":"{id}"}}}}}}"#);
            assert_eq!(reply(store, &put).await.status, 200);
        }
        let mut found = Vec::new();
        let mut start = String::new();
        loop {
            let request = format!(r#"{{"operation":"list","tableName":"things","payload":{{"Limit":3{start}}}}}"#);
            let page = reply(store, &request).await;
            let json = Json::parse(&page.body).expect("a reply is JSON");
            let Some(Json::Array(items)) = json.get("Items") else { panic!("{}", page.text()) };
            assert!(items.len() <= 3);
            found.extend(items.iter().map(Json::to_text));
            let Some(key) = json.get("LastEvaluatedKey") else { break };
            start = format!(r#","ExclusiveStartKey":{}"#, key.to_text());
        }
        found.sort();
        assert_eq!(found, (0..7).map(|id| format!(r#"{{"id":"{id}"}}"#)).collect::<Vec<_>>());
    }
}

fn asked(case: &Case, home: Home) -> bool {
    home != Home::Dynalite || case.not_dynalite.is_none()
}

async fn reply(store: &Arc<dyn Store>, request: &str) -> Reply {
    let context = Context { request_id: "ours".into(), ..Context::default() };
    let (plan, step) = Plan::open(request.as_bytes(), &context);
    let policy = Arc::new(Policy::allow_all());
    let limits = Limits { request_id: context.request_id, policy, deadline: None, max_in_flight: 1 };
    drive(NativePlanner(plan), step, Arc::clone(store), limits).await
}

fn embedded() -> Arc<dyn Store> {
    let store = Embedded::memory().expect("memory is there");
    let key = |text: &str| KeySpec::parse(text).expect("a key");
    for (name, partition_key, sort_key, index) in TABLES {
        let spec = TableSpec {
            sort_key: sort_key.map(key),
            indexes: index.iter().map(|text| IndexSpec::parse(text).expect("an index")).collect(),
            ..TableSpec::new(*name, key(partition_key))
        };
        store.create_table(&spec).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    Arc::new(store)
}

async fn remote(server: &Engine) -> Arc<dyn Store> {
    let client = client(&server.endpoint, TIMEOUTS);
    for table in TABLES {
        create(&client, table).await;
    }
    Arc::new(DynamoDb::new(client))
}

async fn create(client: &Client, (name, partition_key, sort_key, index): &Table) {
    let mut call = client.create_table().table_name(*name).billing_mode(BillingMode::PayPerRequest);
    let (definition, element) = key(partition_key, KeyType::Hash);
    call = call.attribute_definitions(definition).key_schema(element);
    if let Some(sort_key) = sort_key {
        let (definition, element) = key(sort_key, KeyType::Range);
        call = call.attribute_definitions(definition).key_schema(element);
    }
    if let Some(index) = index {
        let spec = IndexSpec::parse(index).expect("an index");
        let sort_key = spec.sort_key.expect("with a sort key");
        let (definition, hash) =
            key(&format!("{}:{}", spec.partition_key.name, spec.partition_key.attribute_type), KeyType::Hash);
        let (_, range) = key(&format!("{}:{}", sort_key.name, sort_key.attribute_type), KeyType::Range);
        let all = Projection::builder().projection_type(ProjectionType::All).build();
        let index =
            GlobalSecondaryIndex::builder().index_name(spec.name).projection(all).key_schema(hash).key_schema(range);
        call = call.attribute_definitions(definition).global_secondary_indexes(index.build().expect("it is complete"));
    }
    call.send().await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
}

fn key(text: &str, key_type: KeyType) -> (AttributeDefinition, KeySchemaElement) {
    let (name, attribute_type) = text.split_once(':').expect("NAME:TYPE");
    let definition = AttributeDefinition::builder()
        .attribute_name(name)
        .attribute_type(ScalarAttributeType::from(attribute_type))
        .build()
        .expect("it is complete");
    let element = KeySchemaElement::builder().attribute_name(name).key_type(key_type).build().expect("it is complete");
    (definition, element)
}
