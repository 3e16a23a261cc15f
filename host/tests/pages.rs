//! A list of 64 full pages, as many as one request reads, through one session in the sandbox with its default memory.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fmt::Write as _;

use gateleg::sandbox::{Limits, Sandbox};
use gateleg_core::command::Api;
use gateleg_core::context::Context;
use gateleg_core::outcome::Outcome;
use gateleg_core::plan::{MAX_PAGES, Step};
use gateleg_core::reply::Reply;
use gateleg_store::Planner as _;

/// A megabyte of items of some 200 bytes, by DynamoDB's measure, and the key to go on from unless it is the last page.
fn page(number: u32) -> Outcome {
    let mut items = String::new();
    let mut last = String::new();
    for index in 0..5_000 {
        if index > 0 {
            items.push(',');
        }
        last = format!(r#"{{"id":{{"S":"{number}-{index}"}}}}"#);
        write!(
            items,
            r#"{{"id":{{"S":"{number}-{index}"}},"name":{{"S":"A thing, number {index}"}},"price":{{"N":"{index}.25"}},"tags":{{"SS":["a","b{index}"]}},"gift":{{"BOOL":true}},"size":{{"M":{{"w":{{"N":"{index}"}},"h":{{"N":"7"}}}}}},"about":{{"S":"{}"}}}}"#,
            "x".repeat(100)
        )
        .unwrap();
    }
    let last = if number + 1 < MAX_PAGES { format!(r#","LastEvaluatedKey":{last}"#) } else { String::new() };
    let text = format!(r#"{{"ok":{{"Items":[{items}],"Count":5000,"ScannedCount":5000{last}}},"retryAttempts":0}}"#);
    Outcome::parse(Api::Scan, &text).unwrap()
}

/// Reads all pages of a request, each segment's in their order.
async fn read(request: &str, limits: Limits) -> Reply {
    let sandbox = Sandbox::embedded(limits, None).unwrap();
    let context = Context {
        request_id: "r-1".into(),
        max_reply_bytes: Some(100 << 20),
        max_in_flight: Some(1),
        ..Context::default()
    };
    let (mut planner, mut step) = sandbox.open(request.as_bytes(), &context.to_text()).await.unwrap();
    for number in 0.. {
        match step {
            Step::Send(dispatches) => {
                let [dispatch] = dispatches.as_slice() else { panic!("one at a time, but found {}", dispatches.len()) };
                step = planner.resume(dispatch.ticket, page(number), None).await.unwrap();
            }
            Step::Done(reply) => return reply,
            Step::Wait => panic!("nothing is under way"),
        }
    }
    panic!("there are not that many pages")
}

#[tokio::test]
async fn sixty_four_full_pages_pass_through_one_session() {
    let limits = Limits { reply_bytes: 100 << 20, max_concurrent: 1, ..Limits::default() };
    let reply = read(r#"{"operation":"list","tableName":"things","options":{"all":true}}"#, limits).await;
    let text = reply.text();
    assert_eq!(reply.status, 200, "{}", text.chars().take(500).collect::<String>());
    assert!(text.contains(r#""Count":320000,"ScannedCount":320000,"ResponseMetadata""#), "{}", text.len());
    assert_eq!(text.matches(r#""id":""#).count(), 320_000);
    assert!(text.len() > 50 << 20, "{}", text.len());
}
