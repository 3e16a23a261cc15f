//! The ceilings become a table: those that core names are read, the others are found by asking the planner.

use gateleg_core::command::Api;
use gateleg_core::context::Context;
use gateleg_core::describe::Document;
use gateleg_core::json::{Json, MAX_DEPTH, MAX_VALUES};
use gateleg_core::number::MAX_DIGITS;
use gateleg_core::outcome::Outcome;
use gateleg_core::plan::{MAX_PAGES, Plan, Step, pause_ms};
use gateleg_core::size::{MAX_ITEM, MAX_PARTITION_KEY, MAX_SORT_KEY};

use crate::words::grouped;

/// What there is at most, and what becomes of more.
pub fn table() -> String {
    let count = |number: usize| grouped(i64::try_from(number).unwrap());
    let (resends, pauses) = resends();
    let rows = [
        ("Nesting of a request's JSON", format!("{MAX_DEPTH} levels"), "refused"),
        ("Values in a request's JSON", count(MAX_VALUES), "refused"),
        ("Digits of a number", format!("{MAX_DIGITS} significant"), "refused"),
        ("Levels of an attribute value", levels().to_string(), "refused"),
        ("An expression", format!("{} bytes", grouped(expression_bytes())), "refused"),
        ("An item", format!("{} bytes", count(MAX_ITEM)), "refused"),
        (
            "A partition key, a sort key",
            format!("{} and {} bytes", count(MAX_PARTITION_KEY), count(MAX_SORT_KEY)),
            "refused, here or by the store",
        ),
        ("Actions of a transaction", actions().to_string(), "refused"),
        ("Keys of a `BatchGetItem` call", chunk("Keys", "batchRead").to_string(), "sent in more calls"),
        ("Writes of a `BatchWriteItem` call", chunk("Delete", "batchWrite").to_string(), "sent in more calls"),
        (
            "Sending leftovers again in vain",
            format!("{resends} times in a row, after {pauses} ms"),
            "handed back, with `next`",
        ),
        ("Pages of one request", MAX_PAGES.to_string(), "`LastEvaluatedKey` or `Continuation`"),
        ("Segments of a scan", segments().to_string(), "refused"),
    ];
    let mut out = String::from("| What | At most | More is |\n|---|---|---|\n");
    for (what, most, more) in rows {
        out.push_str(&format!("| {what} | {most} | {more} |\n"));
    }
    out
}

fn preview(request: &str) -> (u16, String) {
    let reply = Plan::preview(request.as_bytes(), &Context::default());
    (reply.status, reply.text().to_owned())
}

/// The most for which the planner does not refuse.
fn most(request: impl Fn(usize) -> String) -> usize {
    (1..1000).take_while(|count| preview(&request(*count)).0 == 200).last().unwrap()
}

fn levels() -> usize {
    most(|levels| {
        let value = format!("{}1{}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        format!(r#"{{"operation": "create", "tableName": "abc", "payload": {{"Item": {{"v": {value}}}}}}}"#)
    })
}

fn actions() -> usize {
    most(|count| {
        let gets: Vec<String> = (0..count).map(|id| format!(r#"{{"Get": {{"Key": {{"id": {id}}}}}}}"#)).collect();
        let gets = gets.join(",");
        format!(r#"{{"operation": "transactRead", "tableName": "abc", "payload": {{"TransactItems": [{gets}]}}}}"#)
    })
}

fn segments() -> usize {
    most(|count| format!(r#"{{"operation": "list", "tableName": "abc", "options": {{"segments": {count}}}}}"#))
}

/// How many keys the first call of a long batch carries.
fn chunk(member: &str, operation: &str) -> usize {
    let keys: Vec<String> = (0..1000).map(|id| format!(r#"{{"id": {id}}}"#)).collect();
    let keys = keys.join(",");
    let (_, plan) =
        preview(&format!(r#"{{"operation": "{operation}", "tableName": "abc", "payload": {{"{member}": [{keys}]}}}}"#));
    let plan = Json::parse(plan.as_bytes()).unwrap();
    let Some(Json::Array(commands)) = plan.get("commands") else { panic!("a plan") };
    commands.first().unwrap().to_text().matches(r#""id":"#).count()
}

/// How often a write that never gets through is sent again, and the shortest and longest pause before.
fn resends() -> (usize, String) {
    let request = br#"{"operation": "batchWrite", "tableName": "abc", "payload": {"Put": [{"id": "1"}]}}"#;
    let left = r#"{"ok": {"UnprocessedItems": {"abc": [{"PutRequest": {"Item": {"id": {"S": "1"}}}}]}}}"#;
    let (mut plan, mut step) = Plan::open(request, &Context::default());
    let mut pauses = Vec::new();
    while let Step::Send(dispatches) = step {
        let [dispatch] = dispatches.as_slice() else { panic!("one write, one call") };
        pauses.push(pause_ms(dispatch.attempt));
        let outcome = Outcome::parse(Api::BatchWriteItem, left).unwrap();
        step = plan.resume(dispatch.ticket, outcome, None).unwrap();
    }
    let (first, longest) = (pauses.get(1).unwrap(), pauses.iter().max().unwrap());
    (pauses.len() - 1, format!("{first} up to {}", grouped(i64::try_from(*longest).unwrap())))
}

/// The most bytes of an expression, as the schema has it.
fn expression_bytes() -> i64 {
    let document = Document::RequestSchema.to_json();
    let schema = ["$defs", "Scan", "properties", "FilterExpression", "maxLength"];
    schema.iter().try_fold(&document, |json, name| json.get(name)).and_then(Json::as_integer).unwrap()
}
