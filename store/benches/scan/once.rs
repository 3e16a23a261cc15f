//! Turns a table into one reply, once, and the time it took into a line: seconds and seconds of CPU from the request to the reply,
//! seconds of CPU since the start of the process, items, bytes.
//!
//! Where the engine is, the AWS settings say, as they do for whoever uses the store.

use std::sync::Arc;
use std::time::Instant;

use gateleg_core::json::Json;
use gateleg_store::Store;
use gateleg_store::dynamodb::DynamoDb;

use crate::Result;
use crate::items::reply;

pub fn scan(table: &str) -> Result {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let store: Arc<dyn Store> = Arc::new(DynamoDb::connect().await?);
        let request = |payload: &str, options: &str| {
            format!(r#"{{"operation":"list","tableName":"{table}","payload":{payload},"options":{options}}}"#)
        };
        let first = reply(&store, &request(r#"{"Limit":1}"#, "{}")).await;
        if first.status != 200 {
            return Err(first.text().into());
        }

        let (cpu, start) = (seconds_of_cpu(), Instant::now());
        let reply = reply(&store, &request("{}", r#"{"segments":4}"#)).await;
        let wall = start.elapsed().as_secs_f64();
        let total = seconds_of_cpu();
        if reply.status != 200 {
            return Err(reply.text().into());
        }
        let json = Json::parse(&reply.body)?;
        let items = json.get("Count").and_then(Json::as_integer).unwrap_or(0);
        if json.get("Continuation").is_some() {
            return Err(format!("expected the whole table, but found {items} items").into());
        }
        println!("{wall} {} {} {items} {}", total - cpu, total, reply.body.len());
        Ok(())
    })
}

/// What this process has taken; not a number where it cannot be asked.
#[cfg(unix)]
fn seconds_of_cpu() -> f64 {
    use rustix::time::{ClockId, clock_gettime};
    std::time::Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).map_or(f64::NAN, |time| time.as_secs_f64())
}

#[cfg(not(unix))]
fn seconds_of_cpu() -> f64 {
    f64::NAN
}
