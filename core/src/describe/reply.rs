//! The tables of results and of errors become the schemas of replies.

use alloc::format;
use alloc::vec::Vec;

use super::build::{Entry, Tree, array, boolean, described, entry, integer, object, text, words};
use super::schema::{Definitions, one_of_words, string};
use super::{meaning, request};
use crate::attribute::Format;
use crate::command::Api;
use crate::error::ErrorType;
use crate::operation::{Call, OPERATIONS, OperationName, OptionName, Row};
use crate::output;
use crate::rule::Rule;
use crate::shape::{Kind, Name};

/// What a request can be answered with when it succeeds.
pub(super) fn success(definitions: &mut Definitions) -> Tree {
    let mut replies: Vec<Tree> = OPERATIONS.iter().map(|row| of_operation(definitions, row)).collect();
    replies.push(dry_run(definitions));
    object([
        (
            "description",
            text(
                "The reply of the request's operation, or the plan if options.dryRun was true. Readers ignore members they do \
                  not know.",
            ),
        ),
        ("anyOf", array(replies)),
    ])
}

/// Which errors a status stands for, and their body.
pub(super) fn error(definitions: &mut Definitions, types: &[ErrorType]) -> Tree {
    let body = error_body(definitions);
    let names = object([("enum", words(types.iter().map(|known| known.as_str())))]);
    object([("allOf", array([body, object([("properties", object([("__type", names)]))])]))])
}

fn of_operation(definitions: &mut Definitions, row: &'static Row) -> Tree {
    definitions.reference(&format!("ReplyTo{}", request::capitalized(row.name)), |definitions| match &row.call {
        None if row.name == OperationName::Ping => object([("const", text("pong"))]),
        None => object([("description", text("The payload of the request; null if it had none."))]),
        Some(call) => of_call(definitions, row, call),
    })
}

fn of_call(definitions: &mut Definitions, row: &'static Row, call: &'static Call) -> Tree {
    let mut properties: Vec<Entry> = Vec::new();
    let mut required = Vec::new();
    let mut goes_on = false;
    let output = call.api.output();
    for member in output.members {
        let schema = definitions.kind(&member.kind, Format::Plain);
        properties.push(entry(member.name.as_str(), described(schema, meaning::of_parameter(output, member.name))));
        if member.name == Name::LastEvaluatedKey && row.options.contains(&OptionName::Continuation) {
            properties.push(entry("Continuation", continuation()));
        }
        if matches!(member.name, Name::UnprocessedItems | Name::UnprocessedKeys) {
            required.push(member.name.as_str());
            goes_on = true;
        }
    }
    if goes_on {
        let next = request::of_operation(definitions, row);
        properties
            .push(entry("next", described(next, "A request for what was not done, ready to send; absent if all was.")));
    }
    properties.push(entry("ResponseMetadata", metadata(definitions)));
    required.push("ResponseMetadata");
    object([("type", text("object")), ("properties", object(properties)), ("required", words(required))])
}

fn continuation() -> Tree {
    object([
        (
            "description",
            text(
                "Where each segment goes on: {}, {\"after\": {key}} or {\"done\": true}. Send it back as options.continuation.",
            ),
        ),
        ("type", text("array")),
        ("items", object([("type", text("object"))])),
    ])
}

fn metadata(definitions: &mut Definitions) -> Tree {
    definitions.reference("ResponseMetadata", |_| {
        object([
            (
                "description",
                text("The id of the last call that reached DynamoDB, and how often calls were tried again."),
            ),
            ("type", text("object")),
            (
                "properties",
                object([
                    ("RequestId", string(0, usize::MAX)),
                    ("HTTPStatusCode", object([("const", integer(200))])),
                    ("RetryAttempts", object([("type", text("integer")), ("minimum", integer(0))])),
                ]),
            ),
            ("required", words(["RequestId", "HTTPStatusCode", "RetryAttempts"])),
        ])
    })
}

fn dry_run(definitions: &mut Definitions) -> Tree {
    definitions.reference("DryRunReply", |definitions| {
        let commands: Vec<Entry> =
            Api::ALL.iter().map(|api| entry(api.as_str(), definitions.shape(api.input(), Format::DynamoDb))).collect();
        let command = object([
            ("description", text("One DynamoDB call with its parameters, as DynamoDB JSON.")),
            ("type", text("object")),
            ("properties", object(commands)),
            ("minProperties", integer(1)),
            ("maxProperties", integer(1)),
            ("additionalProperties", boolean(false)),
        ]);
        let outcome = object([("description", text("What could come back.")), ("type", text("object"))]);
        let stage = object([
            (
                "description",
                text("An example of how a plan of more steps goes on: calls that are sent together, and what becomes of the first."),
            ),
            ("type", text("object")),
            (
                "properties",
                object([
                    ("calls", object([("type", text("integer")), ("minimum", integer(1))])),
                    ("pauseMs", object([("type", text("integer")), ("minimum", integer(0))])),
                    ("command", command.clone()),
                    ("outcome", outcome),
                ]),
            ),
            ("required", words(["calls", "pauseMs", "command", "outcome"])),
        ]);
        let mut warning: Vec<Entry> = [("rule", rule(definitions)), ("message", string(1, usize::MAX))]
            .into_iter()
            .map(|(name, schema)| entry(name, schema))
            .collect();
        warning.extend(place(definitions));
        let warning = object([
            ("type", text("object")),
            ("properties", object(warning)),
            ("required", words(["rule", "message", "path"])),
        ]);
        object([
            ("description", text("What would be done: the commands of the first step, with nothing touched.")),
            ("type", text("object")),
            (
                "properties",
                object([
                    ("commands", object([("type", text("array")), ("items", command)])),
                    ("more", object([("type", text("boolean"))])),
                    ("sequence", object([("type", text("array")), ("items", stage)])),
                    ("warnings", object([("type", text("array")), ("items", warning)])),
                ]),
            ),
            ("required", words(["commands", "more", "warnings"])),
        ])
    })
}

/// The one error body.
fn error_body(definitions: &mut Definitions) -> Tree {
    definitions.reference("Error", |definitions| {
        let types = ErrorType::ALL.iter().map(|known| known.as_str());
        let reason = definitions.kind(&REASON, Format::Plain);
        let member = |name: &'static str, schema: Tree, about: &'static str| entry(name, described(schema, about));
        let id = || string(0, usize::MAX);
        let mut properties: Vec<Entry> = alloc::vec![
            member(
                "__type",
                object([("type", text("string")), ("enum", words(types))]),
                "What kind of error it is: the name to tell errors apart by.",
            ),
            member("message", string(1, usize::MAX), "What is wrong, in DynamoDB's words where it has some."),
            member("rule", rule(definitions), "The id of the rule that was broken."),
        ];
        properties.extend(place(definitions));
        properties.extend([
            member(
                "Item",
                definitions.attributes(Format::Plain),
                "The item as it is, if a condition did not hold and ReturnValuesOnConditionCheckFailure asked for it.",
            ),
            member(
                "CancellationReasons",
                object([("type", text("array")), ("items", reason)]),
                "Why a transaction did not happen, action by action.",
            ),
            member(
                "next",
                object([("type", text("object"))]),
                "For a batch that failed half way: a request for what has not been done.",
            ),
            member("storeRequestId", id(), "The id under which the store answered."),
            member("requestId", id(), "The id of the request, as in the gate's log."),
        ]);
        object([
            (
                "description",
                text("Why a request was refused or failed. __type is the contract: DynamoDB's own name where it has one."),
            ),
            ("type", text("object")),
            ("properties", object(properties)),
            ("required", words(["__type", "message", "requestId"])),
            ("additionalProperties", boolean(false)),
        ])
    })
}

static REASON: Kind = Kind::Structure(&output::CANCELLATION_REASON);

/// Where the fault is, and what to do about it: `error::write_place`.
fn place(definitions: &mut Definitions) -> [Entry; 4] {
    let pointer = || object([("type", text("string")), ("pattern", text("^(/[\\s\\S]*)?$"))]);
    let span = object([
        ("type", text("array")),
        ("items", object([("type", text("integer")), ("minimum", integer(0))])),
        ("minItems", integer(2)),
        ("maxItems", integer(2)),
    ]);
    let patch = definitions.reference("Patch", |_| {
        let step = |operation: &'static str, member: Option<(&'static str, Tree)>| {
            let names = ["op", "path"].into_iter().chain(member.as_ref().map(|(name, _)| *name));
            let required = words(names.collect::<Vec<_>>());
            let fixed = [("op", object([("const", text(operation))])), ("path", pointer())];
            object([
                ("type", text("object")),
                ("properties", object(fixed.into_iter().chain(member))),
                ("required", required),
                ("additionalProperties", boolean(false)),
            ])
        };
        let anything = || object([("description", text("Any JSON."))]);
        let steps = [
            step("add", Some(("value", anything()))),
            step("remove", None),
            step("replace", Some(("value", anything()))),
            step("move", Some(("from", pointer()))),
        ];
        object([
            ("description", text("RFC 6902, for the request as it was sent.")),
            ("type", text("array")),
            ("items", object([("oneOf", array(steps))])),
        ])
    });
    [
        entry("path", described(pointer(), "Where the fault is: a JSON pointer into the request.")),
        entry(
            "span",
            described(span, "Start and end (not included) within the string at the path, in Unicode scalar values."),
        ),
        entry("hint", described(string(1, usize::MAX), "What to do about it.")),
        entry("fix", described(patch, "A patch, RFC 6902, of the request as it was sent, that repairs this.")),
    ]
}

/// The id of a rule: which there are, when each speaks up, and what it says.
fn rule(definitions: &mut Definitions) -> Tree {
    definitions.reference("Rule", |_| {
        let rules = Rule::ALL.iter().map(|rule| {
            object([
                ("const", text(rule.id())),
                ("description", text(format!("When {}.", rule.when()))),
                ("x-wording", text(rule.wording())),
                ("x-source", text(rule.source().as_str())),
            ])
        });
        object([
            (
                "description",
                text("The id of a rule. x-wording is what it says: {} stands for what varies, | between alternatives."),
            ),
            ("type", text("string")),
            ("oneOf", array(rules)),
        ])
    })
}

/// The statuses that a request can be answered with besides 200, each with its errors, in order.
pub(super) fn statuses() -> Vec<(u16, Vec<ErrorType>)> {
    let mut statuses: Vec<(u16, Vec<ErrorType>)> = Vec::new();
    for error in ErrorType::ALL {
        // These two are about routes and methods, and the request has both right.
        if matches!(error, ErrorType::UnknownRouteException | ErrorType::MethodNotAllowedException) {
            continue;
        }
        match statuses.iter_mut().find(|(status, _)| *status == error.status()) {
            Some((_, errors)) => errors.push(*error),
            None => statuses.push((error.status(), alloc::vec![*error])),
        }
    }
    statuses.sort_by_key(|(status, _)| *status);
    statuses
}

/// One of these words, for a status that is a matter of one word.
pub(super) fn status_word(word: &'static str) -> Tree {
    object([
        ("type", text("object")),
        ("properties", object([("status", one_of_words(&[word]))])),
        ("required", words(["status"])),
    ])
}
