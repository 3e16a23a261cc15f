//! The stores that tests compare, with the same tables: the embedded one, and engines behind the SDK.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType,
};
use gateleg_core::context::Context;
use gateleg_core::plan::Plan;
use gateleg_core::policy::Policy;
use gateleg_core::reply::Reply;
use gateleg_store::dynamodb::DynamoDb;
use gateleg_store::embedded::{Embedded, IndexSpec, KeySpec, TableSpec};
use gateleg_store::{Limits, NativePlanner, Store, drive};

use crate::common::engine::Engine;
use crate::common::{TIMEOUTS, client, wire_dynamodb};

/// A table as a command line would say it: name, partition key, sort key, index.
pub type Table = (&'static str, &'static str, Option<&'static str>, Option<&'static str>);

/// The tables that every store has.
pub const TABLES: &[Table] = &[
    ("things", "id:S", None, None),
    ("orders", "customer:S", Some("placed:N"), Some("by_status:status:S:placed:N")),
    ("counters", "id:N", None, None),
    ("blobs", "id:B", None, None),
];

/// The reply to a request, as somebody who knows no table's keys plans it, with one call at a time.
pub async fn reply(store: &Arc<dyn Store>, request: &str) -> Reply {
    let context = Context { request_id: "ours".into(), max_in_flight: Some(1), ..Context::default() };
    answer(store, request, context).await
}

/// The reply to a request in that context.
pub async fn answer(store: &Arc<dyn Store>, request: &str, context: Context) -> Reply {
    let max_in_flight = context.max_in_flight.map_or(1, |most| most as usize);
    let (plan, step) = Plan::open(request.as_bytes(), &context);
    let policy = Arc::new(Policy::allow_all());
    let limits = Limits { request_id: context.request_id, policy, deadline: None, max_in_flight };
    drive(NativePlanner(plan), step, Arc::clone(store), limits).await
}

/// The embedded store, in memory.
pub fn embedded() -> Arc<dyn Store> {
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

/// An engine, through the SDK's typed client.
pub async fn remote(server: &Engine) -> Arc<dyn Store> {
    let client = client(&server.endpoint, TIMEOUTS);
    for table in TABLES {
        create(&client, table).await;
    }
    Arc::new(DynamoDb::new(client))
}

/// An engine, without the typed client.
pub async fn remote_wire(server: &Engine) -> Arc<dyn Store> {
    remote(server).await;
    Arc::new(wire_dynamodb(&server.endpoint, TIMEOUTS).await)
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
