//! Turns numbers into items, and items into a table of the engine's, by requests of ours.

use std::sync::Arc;

use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};
use gateleg_core::context::Context;
use gateleg_core::plan::Plan;
use gateleg_core::policy::Policy;
use gateleg_core::reply::Reply;
use gateleg_store::{Limits, NativePlanner, Store, drive};

use crate::Result;
use crate::common::engine::Engine;
use crate::common::{TIMEOUTS, client, dynamodb};

pub const COUNT: usize = 100_000;

/// The JSON of the item with that number.
pub type Item = fn(usize) -> String;

/// Tables, and the items they hold.
pub const SHAPES: [(&str, Item); 2] = [("records", record), ("texts", text)];

/// What an application keeps: short texts, numbers, a boolean.
fn record(n: usize) -> String {
    format!(
        r#"{{"id":"order-{n:08}","customer":"customer {}","status":"{}","placed":{},"total":{}.{:02},"gift":{},"note":"{}"}}"#,
        n * 7_919 % 10_000,
        ["open", "paid", "shipped"][n % 3],
        1_700_000_000 + n,
        n % 1_000,
        n % 100,
        n.is_multiple_of(5),
        "to be left with the neighbours".repeat(1 + n % 2)
    )
}

/// As few values as so many bytes can have, which is the easiest there is for Python.
fn text(n: usize) -> String {
    format!(r#"{{"id":"order-{n:08}","text":"{}"}}"#, "x".repeat(150))
}

/// Makes the table and puts the items in; gives how many bytes of JSON one of them has.
pub fn load(engine: &Engine, table: &str, item: Item) -> Result<usize> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let id = AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S).build()?;
        let key = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build()?;
        let client = client(&engine.endpoint, TIMEOUTS);
        let create = client.create_table().table_name(table).attribute_definitions(id).key_schema(key);
        create.billing_mode(BillingMode::PayPerRequest).send().await?;

        let store: Arc<dyn Store> = Arc::new(dynamodb(&engine.endpoint));
        let mut bytes = 0;
        for start in (0..COUNT).step_by(5_000) {
            let items = (start..COUNT.min(start + 5_000)).map(item).collect::<Vec<_>>();
            bytes += items.iter().map(String::len).sum::<usize>();
            let request = format!(
                r#"{{"operation":"batchWrite","tableName":"{table}","payload":{{"Put":[{}]}}}}"#,
                items.join(",")
            );
            let reply = reply(&store, &request).await;
            if reply.status != 200 || !reply.text().starts_with(r#"{"UnprocessedItems":{},"#) {
                return Err(format!("the items were not written: {:.500}", reply.text()).into());
            }
        }
        Ok(bytes / COUNT)
    })
}

/// The reply to a request, of any length, by a plan that may have as many calls under way as the SDK has connections here.
pub async fn reply(store: &Arc<dyn Store>, request: &str) -> Reply {
    let mut policy = Policy::allow_all();
    // So that batches need not wait for one another.
    policy.keys = SHAPES.iter().map(|(name, _)| ((*name).into(), vec!["id".into()])).collect();
    let policy = Arc::new(policy);
    let context = Context {
        request_id: "bench".into(),
        policy: Some(Arc::clone(&policy)),
        max_in_flight: Some(8),
        ..Context::default()
    };
    let limits = Limits { request_id: context.request_id.clone(), policy, deadline: None, max_in_flight: 8 };
    let (plan, step) = Plan::open(request.as_bytes(), &context);
    drive(NativePlanner(plan), step, Arc::clone(store), limits).await
}
