//! A call that is in order becomes remarks on it: what costs more than it seems, and legacy parameters in modern words.
//!
//! Only plans (dry runs, `gateleg plan`, the playground) ask for advice; an ordinary request never comes here. What would
//! refuse a request is left to the rules; maps that look like DynamoDB JSON are noticed where values are read.

mod filter;
mod legacy;

use alloc::string::String;
use alloc::vec::Vec;

use crate::attribute::{Format, Notation};
use crate::command::{Api, Command};
use crate::error::Patch;
use crate::json::Json;
use crate::operate::Operation;
use crate::pointer::Pointer;
use crate::request::Request;
use crate::rule::Rule;
use crate::shape::Name;
use crate::tree::Node;
use crate::warning::Warning;

/// What advice depends on beside the command itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surroundings<'a> {
    /// The request as it was sent.
    pub(crate) request: &'a [u8],
    /// How the request writes attribute values.
    pub(crate) notation: Notation,
    /// The key attributes of tables whose keys are known, by table.
    pub(crate) keys: &'a [(String, Vec<String>)],
}

/// Everything that is worth a remark, in the order of the API's parameters; `noticed` is what reading the request noticed.
pub(crate) fn on(command: &Command, around: Surroundings<'_>, noticed: Vec<Warning>) -> Vec<Warning> {
    let payload = Pointer::ROOT.key("payload");
    let mut warnings = noticed;
    offer_format(&mut warnings, around.request);
    let input = &command.input;
    match (command.api, input.get(Name::RequestItems)) {
        (Api::BatchGetItem, Some(Node::Map(tables))) => {
            let short = is_short(around.request);
            let request_items = payload.key(Name::RequestItems.as_str());
            for (table, keys) in tables {
                let place = if short { payload } else { request_items.key(table) };
                if let Node::Structure(keys) = keys {
                    warnings.extend(legacy::on(keys, &place, around.notation));
                }
            }
        }
        _ => {
            warnings.extend(filter::on(command, &payload, around.keys));
            warnings.extend(legacy::on(input, &payload, around.notation));
        }
    }
    warnings
}

/// Whether a batch is written in the form for one table, which the command does not show any more.
fn is_short(request: &[u8]) -> bool {
    Request::parse(request).is_ok_and(|request| request.table_name.is_some())
}

/// Where values look like DynamoDB JSON and the whole request is in order when read as such, a patch can say so.
fn offer_format(warnings: &mut [Warning], request: &[u8]) {
    const RULE: Rule = Rule::LooksTyped;
    if warnings.iter().all(|warning| warning.rule != RULE) {
        return;
    }
    let Ok(mut parsed) = Request::parse(request) else { return };
    let has_options = Json::parse(request).is_ok_and(|json| json.get("options").is_some());
    parsed.options.notation.format = Format::DynamoDb;
    if Operation::check(parsed).is_err() {
        return;
    }
    let patch = if has_options {
        Patch::Add { path: "/options/format".into(), value: "\"dynamodb\"".into() }
    } else {
        Patch::Add { path: "/options".into(), value: "{\"format\":\"dynamodb\"}".into() }
    };
    for warning in warnings.iter_mut().filter(|warning| warning.rule == RULE) {
        warning.fix = alloc::vec![patch.clone()];
    }
}
