//! Every value that DynamoDB can hold goes through the sandbox as it goes through core: the same command, the same reply, and
//! what was read can be written back unchanged.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../store/tests/common/chance.rs"]
mod chance;

use chance::Chance;
use gateleg::sandbox::{Limits, Sandbox};
use gateleg_core::attribute::{self, Attributes, Format, Notation, Numbers};
use gateleg_core::command::Api;
use gateleg_core::context::Context;
use gateleg_core::json::Json;
use gateleg_core::outcome::Outcome;
use gateleg_core::plan::{Plan, Step};
use gateleg_store::Planner as _;

const CONTEXT: &str = r#"{"requestId":"r-1"}"#;

fn text(item: &Attributes, notation: Notation) -> String {
    let mut out = String::new();
    attribute::write_attributes(&mut out, item, notation);
    out
}

/// The command that the sandbox plans and, once the outcome is in, its reply; both as core has them.
async fn planned(sandbox: &Sandbox, request: &str, api: Api, outcome: &str) -> (String, String) {
    let outcome = || Outcome::parse(api, outcome).unwrap();
    let command = |step: &Step| match step {
        Step::Send(dispatches) => dispatches.iter().map(|dispatch| dispatch.command.to_text()).collect::<String>(),
        step => panic!("expected a command for {request}, but found {step:?}"),
    };
    let reply = |step| match step {
        Step::Done(reply) => reply.text().to_owned(),
        step => panic!("expected a reply to {request}, but found {step:?}"),
    };
    let (mut guest, step) = sandbox.open(request.as_bytes(), CONTEXT).await.unwrap();
    let in_sandbox = (command(&step), reply(guest.resume(0, outcome(), None).await.unwrap()));
    let (mut plan, step) = Plan::open(request.as_bytes(), &Context::parse(CONTEXT).unwrap());
    let native = (command(&step), reply(plan.resume(0, outcome(), None).unwrap()));
    assert_eq!(in_sandbox, native, "{request}");
    native
}

#[tokio::test]
async fn what_is_read_in_the_sandbox_can_be_written_back_unchanged() {
    let sandbox = Sandbox::embedded(Limits { max_concurrent: 2, ..Limits::default() }, None).unwrap();
    let notations = [
        (Notation::default(), "{}"),
        (Notation { format: Format::Plain, numbers: Numbers::Tagged }, r#"{"numbers":"tagged"}"#),
        (Notation::WIRE, r#"{"format":"dynamodb"}"#),
    ];
    let mut chance = Chance::new(11);
    for round in 0..1_500 {
        let (notation, options) = notations[round % notations.len()];
        let mut item: Attributes = (0..6).map(|index| (format!("a{index}"), chance.value(4))).collect();
        attribute::sort(&mut item);
        let (written, wire) = (text(&item, notation), text(&item, Notation::WIRE));
        let request = |operation: &str, parameter: &str| {
            format!(
                r#"{{"operation":"{operation}","tableName":"abc","payload":{{"{parameter}":{written}}},"options":{options}}}"#
            )
        };
        let (command, _) = planned(&sandbox, &request("create", "Item"), Api::PutItem, r#"{"ok":{}}"#).await;
        assert_eq!(command, format!(r#"{{"PutItem":{{"TableName":"abc","Item":{wire}}}}}"#));
        let found = format!(r#"{{"ok":{{"Item":{wire}}}}}"#);
        let (_, reply) = planned(&sandbox, &request("read", "Key"), Api::GetItem, &found).await;
        assert_eq!(Json::parse(reply.as_bytes()).unwrap().get("Item").map(Json::to_text).as_ref(), Some(&written));
    }
}
