//! The table of operations becomes the schema of a request: one definition per operation, told apart by `operation`.
//!
//! An operation on data has one form per notation, and a batch also one per way to name its tables. What a payload holds is
//! left to [`super::schema`].

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::build::{Entry, Tree, array, boolean, described, entry, integer, object, text, with, words};
use super::meaning;
use super::schema::{Definitions, demands_something, string};
use crate::attribute::Format;
use crate::operation::{Call, EnvelopeKey, OPERATIONS, OperationName, OptionName, Row, TableUse};
use crate::request::MAX_SEGMENTS;
use crate::shape::Shape;

/// What a schema of a request does not say.
const LENIENT: &str = "One request of the protocol. Members besides operation, tableName, payload and options are ignored, \
    unless one looks like a slip for one of these four or for an option (a mistyped dryRun must never delete anything): that is \
    refused, and no schema can say so. Neither can it say what an expression means, what must agree with what (payload.TableName \
    with tableName, say), how large an item may be or how deep it may nest, how many digits a number may have, and that an \
    action of a transaction needs a TableName where the request has no tableName. What is refused by this schema is refused by \
    the planner; what passes may still be refused, with a reason.";

/// The JSON Schema of a request.
pub(super) fn document() -> Tree {
    let mut definitions = Definitions::new("#/$defs/");
    let forms = forms(&mut definitions);
    object([
        ("$schema", text("https://json-schema.org/draft/2020-12/schema")),
        ("title", text("A request to gateleg")),
        ("description", text(LENIENT)),
        ("oneOf", array(forms.into_iter().map(|(_, form)| form))),
        ("$defs", definitions.into_tree()),
    ])
}

/// A reference to the schema of a request, with what OpenAPI wants to know of it.
pub(super) fn reference(definitions: &mut Definitions) -> Tree {
    definitions.reference("Request", |definitions| {
        let forms = forms(definitions);
        let mapping: Vec<Entry> = forms
            .iter()
            .map(|(row, _)| entry(row.name.as_str(), text(definitions.address(&definition_name(row.name)))))
            .collect();
        object([
            ("description", text(LENIENT)),
            ("oneOf", array(forms.into_iter().map(|(_, form)| form))),
            (
                "discriminator",
                object([("propertyName", text(EnvelopeKey::Operation.as_str())), ("mapping", object(mapping))]),
            ),
        ])
    })
}

/// A reference to the requests of one operation.
pub(super) fn of_operation(definitions: &mut Definitions, row: &'static Row) -> Tree {
    definitions.reference(&definition_name(row.name), |definitions| {
        let description = ("description", text(format!("{}.", row.summary)));
        let mut forms = match &row.call {
            None => alloc::vec![without_call(row)],
            Some(call) => with_call(definitions, row, call),
        };
        match (forms.pop(), forms.is_empty()) {
            (Some(only), true) => with(object([description]), members(only)),
            (last, _) => object([description, ("oneOf", array(forms.into_iter().chain(last)))]),
        }
    })
}

/// `create` becomes `Create`, for the names of definitions.
pub(super) fn capitalized(name: OperationName) -> String {
    let mut letters = name.as_str().chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn definition_name(name: OperationName) -> String {
    format!("RequestTo{}", capitalized(name))
}

fn forms(definitions: &mut Definitions) -> Vec<(&'static Row, Tree)> {
    OPERATIONS.iter().map(|row| (row, of_operation(definitions, row))).collect()
}

/// The members of a form, to stand beside a description.
fn members(form: Tree) -> Vec<(&'static str, Tree)> {
    ["type", "required", "properties"].into_iter().filter_map(|name| Some((name, form.get(name)?.clone()))).collect()
}

/// Nothing but the operation and its options is looked at; echo takes any payload there is.
fn without_call(row: &'static Row) -> Tree {
    object([
        ("type", text("object")),
        ("required", words([EnvelopeKey::Operation.as_str()])),
        (
            "properties",
            object([
                (EnvelopeKey::Operation.as_str(), this_operation(row)),
                (EnvelopeKey::Payload.as_str(), object([("description", text("Any JSON."))])),
                (EnvelopeKey::Options.as_str(), member(EnvelopeKey::Options, options(row, None))),
            ]),
        ),
    ])
}

fn with_call(definitions: &mut Definitions, row: &'static Row, call: &'static Call) -> Vec<Tree> {
    let mut forms = Vec::new();
    for format in [Format::Plain, Format::DynamoDb] {
        let api = call.api;
        let payload = definitions.shape(api.input(), format);
        match call.table {
            TableUse::TheTable => {
                forms.push(one_form(row, call, format, api.input(), payload, Some((definitions.table_name(), true))));
            }
            TableUse::Default => {
                forms.push(one_form(row, call, format, api.input(), payload, Some((definitions.table_name(), false))));
            }
            TableUse::ShortForm(short) => {
                let name = format!("{}OfOneTable", short.name);
                let short_payload = definitions.named_shape(&name, short, format);
                let table = definitions.table_name();
                forms.push(one_form(row, call, format, short, short_payload, Some((table, true))));
                forms.push(one_form(row, call, format, api.input(), payload, None));
            }
        }
    }
    forms
}

/// The request in one notation; a table name is there, or may be, or must not be.
fn one_form(
    row: &'static Row,
    call: &'static Call,
    format: Format,
    shape: &'static Shape,
    payload: Tree,
    table: Option<(Tree, bool)>,
) -> Tree {
    let mut required = alloc::vec![EnvelopeKey::Operation.as_str()];
    let (table, table_required) = match table {
        Some((table, required)) => (member(EnvelopeKey::TableName, table), required),
        None => (boolean(false), false),
    };
    if table_required {
        required.push(EnvelopeKey::TableName.as_str());
    }
    let demanded = !call.payload_optional || demands_something(shape);
    let payload = if demanded {
        required.push(EnvelopeKey::Payload.as_str());
        payload
    } else {
        object([("anyOf", array([payload, object([("type", text("null"))])]))])
    };
    if format == Format::DynamoDb {
        required.push(EnvelopeKey::Options.as_str());
    }
    object([
        ("type", text("object")),
        ("required", words(required)),
        (
            "properties",
            object([
                (EnvelopeKey::Operation.as_str(), this_operation(row)),
                (EnvelopeKey::TableName.as_str(), table),
                (EnvelopeKey::Payload.as_str(), member(EnvelopeKey::Payload, payload)),
                (EnvelopeKey::Options.as_str(), member(EnvelopeKey::Options, options(row, Some(format)))),
            ]),
        ),
    ])
}

fn this_operation(row: &'static Row) -> Tree {
    member(EnvelopeKey::Operation, object([("const", text(row.name.as_str()))]))
}

/// A member of a request, with what it means.
fn member(key: EnvelopeKey, schema: Tree) -> Tree {
    described(schema, meaning::of_member(key))
}

/// The options of an operation; for one on data, those of requests in that notation.
fn options(row: &'static Row, format: Option<Format>) -> Tree {
    let properties: Vec<Entry> = row.options.iter().map(|name| entry(name.as_str(), option(*name, format))).collect();
    let mut members = alloc::vec![
        ("type", text("object")),
        ("properties", object(properties)),
        ("additionalProperties", boolean(false)),
    ];
    if format == Some(Format::DynamoDb) {
        members.push(("required", words([OptionName::Format.as_str()])));
    }
    object(members)
}

fn option(name: OptionName, format: Option<Format>) -> Tree {
    let schema = match name {
        OptionName::Format => {
            object([("const", text(if format == Some(Format::DynamoDb) { "dynamodb" } else { "plain" }))])
        }
        OptionName::Numbers => object([("type", text("string")), ("enum", words(["json", "tagged"]))]),
        OptionName::DryRun | OptionName::All => object([("type", text("boolean"))]),
        OptionName::MaxItems => up_to(i64::from(i32::MAX)),
        OptionName::Segments => up_to(MAX_SEGMENTS),
        OptionName::Continuation => object([
            ("type", text("array")),
            ("items", object([("type", text("object"))])),
            ("minItems", integer(1)),
            ("maxItems", integer(MAX_SEGMENTS)),
        ]),
        OptionName::IdempotencyKey => string(1, 36),
    };
    described(schema, meaning::of_option(name))
}

fn up_to(most: i64) -> Tree {
    object([("type", text("integer")), ("minimum", integer(1)), ("maximum", integer(most))])
}
