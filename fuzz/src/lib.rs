//! Bytes become whatever the planner makes of them, and what must hold of it is asserted: one function per fuzz target.
//!
//! `cargo xtask fuzz` runs the targets; `core/tests/fuzz_seeds.rs` runs the same functions over `seeds/` as ordinary tests.

use gateleg_core::attribute::AttributeValue;
use gateleg_core::command::Command;
use gateleg_core::context::Context;
use gateleg_core::expression::{self, ExpressionKind, Scope};
use gateleg_core::json::Json;
use gateleg_core::number::Number;
use gateleg_core::outcome::Outcome;
use gateleg_core::plan::{Plan, Step};
use gateleg_core::reply::Reply;
use gateleg_core::transcript::{self, Native};
use gateleg_core::tree::Node;

/// A request: its commands come back from their text, its preview agrees with its plan, and its replies are JSON.
pub fn request(data: &[u8]) {
    let preview = Plan::preview(data, &Context::default());
    check_reply(&preview);
    let (mut plan, step) = Plan::open(data, &Context::default());
    match step {
        Step::Send(dispatches) => {
            assert_eq!(preview.status, 200, "planned, but {}", preview.text());
            for dispatch in dispatches {
                let text = dispatch.command.to_text();
                assert_eq!(Command::parse(&text).as_ref(), Ok(&dispatch.command), "{text}");
            }
            check_reply(&plan.expire());
        }
        Step::Done(reply) => {
            check_reply(&reply);
            if reply.error.is_some() {
                assert_eq!(preview, reply, "a refusal is the same in a preview");
            }
        }
        Step::Wait => panic!("a plan that is new waits for nothing"),
    }
}

/// An UpdateExpression.
pub fn update(data: &[u8]) {
    expression(ExpressionKind::Update, data);
}

/// A ConditionExpression.
pub fn condition(data: &[u8]) {
    expression(ExpressionKind::Condition, data);
}

/// A KeyConditionExpression.
pub fn key_condition(data: &[u8]) {
    expression(ExpressionKind::KeyCondition, data);
}

/// A FilterExpression.
pub fn filter(data: &[u8]) {
    expression(ExpressionKind::Filter, data);
}

/// A ProjectionExpression.
pub fn projection(data: &[u8]) {
    expression(ExpressionKind::Projection, data);
}

/// An expression of that kind, over names and values that are always the same: what is taken comes back from its own text, and
/// what is refused is refused at a place that it has.
fn expression(kind: ExpressionKind, data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (names, values) = placeholders();
    let scope = || Scope::new(Some(&names), Some(&values));
    match expression::check(kind, text, &mut scope()) {
        Ok(tree) => {
            let printed = tree.to_string();
            let again = expression::check(kind, &printed, &mut scope());
            assert_eq!(again.as_ref(), Ok(&tree), "{text:?} prints as {printed:?}");
            assert_eq!(again.map(|tree| tree.to_string()), Ok(printed), "printing settles at once");
        }
        Err(fault) => {
            let (start, end) = fault.span;
            assert!(start <= end && end <= text.chars().count(), "{fault:?} in {text:?}");
            assert!(!fault.message.is_empty() && !fault.rule.is_empty(), "{fault:?}");
        }
    }
}

/// `#a`, `#b`, `#c` and a `:value` of every type, under the type's name in lower case; `:o` is another number.
fn placeholders() -> (Node, Node) {
    let names = ["a", "b", "c"].map(|name| (format!("#{name}"), Node::Text(name.into())));
    let number = |text: &str| Number::stored(text);
    let values = [
        ("s", AttributeValue::S("S".into())),
        ("n", AttributeValue::N(number("1"))),
        ("o", AttributeValue::N(number("2"))),
        ("b", AttributeValue::B(vec![1])),
        ("bool", AttributeValue::Bool(true)),
        ("null", AttributeValue::Null),
        ("ss", AttributeValue::Ss(vec!["x".into()])),
        ("ns", AttributeValue::Ns(vec![number("1")])),
        ("bs", AttributeValue::Bs(vec![vec![1]])),
        ("l", AttributeValue::L(Vec::new())),
        ("m", AttributeValue::M(Vec::new())),
    ];
    let values = values.map(|(name, value)| (format!(":{name}"), value));
    (Node::Map(names.into()), Node::Attributes(values.into()))
}

/// A transcript: replaying what was replayed changes nothing.
pub fn replay(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(replayed) = transcript::replay(text, &mut Native::default()) {
        let again = transcript::replay(&replayed, &mut Native::default());
        assert_eq!(again.as_ref(), Ok(&replayed), "{text:?}");
    }
}

/// A request on the first line and an outcome in the rest: the outcome comes back from its own text, and the reply is JSON.
pub fn outcome(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some((request, outcome)) = text.split_once('\n') else { return };
    let (mut plan, step) = Plan::open(request.as_bytes(), &Context::default());
    let Step::Send(dispatches) = step else { return };
    for dispatch in dispatches {
        let Ok(outcome) = Outcome::parse(dispatch.command.api, outcome) else { return };
        let printed = outcome.to_text();
        assert_eq!(Outcome::parse(dispatch.command.api, &printed).as_ref(), Ok(&outcome), "{printed}");
        match plan.resume(dispatch.ticket, outcome.clone(), None) {
            Ok(Step::Done(reply)) => check_reply(&reply),
            Ok(_) => {}
            Err(misuse) => panic!("{misuse}"),
        }
        assert!(plan.resume(dispatch.ticket, outcome, None).is_err(), "a ticket is good once");
    }
}

fn check_reply(reply: &Reply) {
    let json = Json::parse(&reply.body).unwrap_or_else(|error| panic!("{error}: {}", reply.text()));
    match &reply.error {
        None => assert_eq!(reply.status, 200, "{}", reply.text()),
        Some((name, message)) => {
            assert!(reply.status >= 400, "{}", reply.text());
            assert_eq!(json.get("__type").and_then(Json::as_str), Some(name.as_str()));
            assert_eq!(json.get("message").and_then(Json::as_str), Some(message.as_str()));
        }
    }
}
