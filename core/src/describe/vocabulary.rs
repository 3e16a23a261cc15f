//! The tables become the words an editor offers: which members, options, parameters and functions there are, what each holds
//! and what it means.
//!
//! Smaller than a schema and made to be looked up by the place one is at: a payload has a shape, a shape has members, and a
//! member holds words, a list, a map, another shape, or something that only its name is known of.

use alloc::vec::Vec;

use super::build::{Entry, Tree, boolean, entry, object, text, words};
use super::meaning;
use crate::command::{Api, EXPRESSIONS};
use crate::expression::FunctionName;
use crate::operation::{Call, EnvelopeKey, OPERATIONS, OptionName, Row, TableUse};
use crate::shape::{Kind, Member, Shape};

pub(super) fn document() -> Tree {
    let mut shapes: Vec<&'static Shape> = Vec::new();
    for row in &OPERATIONS {
        if let Some(call) = &row.call {
            collect(call.api.input(), &mut shapes);
            if let TableUse::ShortForm(short) = call.table {
                collect(short, &mut shapes);
            }
        }
    }
    let members = EnvelopeKey::ALL.iter().map(|key| entry(key.as_str(), text(meaning::of_member(*key))));
    let options = OptionName::ALL.iter().map(|name| entry(name.as_str(), option(*name)));
    object([
        ("members", object(members.collect::<Vec<Entry>>())),
        ("options", object(options.collect::<Vec<Entry>>())),
        (
            "operations",
            object(OPERATIONS.iter().map(|row| entry(row.name.as_str(), operation(row))).collect::<Vec<_>>()),
        ),
        (
            "shapes",
            object(shapes.into_iter().map(|shape| entry(name_of(shape), members_of(shape))).collect::<Vec<_>>()),
        ),
        ("expressions", words(EXPRESSIONS.into_iter().map(|name| name.as_str()))),
        ("functions", words(FunctionName::ALL.into_iter().map(FunctionName::as_str))),
    ])
}

fn operation(row: &'static Row) -> Tree {
    let mut members = alloc::vec![
        entry("about", text(row.summary)),
        entry("options", words(row.options.iter().map(|name| name.as_str()))),
    ];
    if let Some(Call { api, table, .. }) = &row.call {
        members.push(entry("call", text(api.as_str())));
        members.push(entry("payload", text(name_of(api.input()))));
        if let TableUse::ShortForm(short) = table {
            members.push(entry("ofOneTable", text(name_of(short))));
        }
    }
    object(members)
}

fn option(name: OptionName) -> Tree {
    let kind = match name {
        OptionName::Format => object([("words", words(["plain", "dynamodb"]))]),
        OptionName::Numbers => object([("words", words(["json", "tagged"]))]),
        OptionName::DryRun | OptionName::All => text("boolean"),
        OptionName::MaxItems | OptionName::Segments => text("integer"),
        OptionName::Continuation => object([("list", text("place"))]),
        OptionName::IdempotencyKey => text("text"),
    };
    object([("about", text(meaning::of_option(name))), ("kind", kind)])
}

fn members_of(shape: &'static Shape) -> Tree {
    object(shape.members.iter().map(|member| entry(member.name.as_str(), parameter(shape, member))).collect::<Vec<_>>())
}

fn parameter(shape: &'static Shape, member: &'static Member) -> Tree {
    let about = meaning::of_parameter(shape, member.name);
    let mut members = alloc::vec![entry("about", text(about)), entry("kind", kind(&member.kind))];
    for (name, is) in [("required", member.required), ("legacy", member.legacy)] {
        if is {
            members.push(entry(name, boolean(true)));
        }
    }
    object(members)
}

fn kind(kind_of: &'static Kind) -> Tree {
    match kind_of {
        Kind::Text { .. } => text("text"),
        Kind::Expression => text("expression"),
        Kind::TableName | Kind::IndexName => text("name"),
        Kind::Boolean => text("boolean"),
        Kind::Integer { .. } | Kind::Decimal => text("integer"),
        Kind::Enum(known) => object([("words", words(known.iter().copied()))]),
        Kind::Attributes => text("attributes"),
        Kind::AttributeValue => text("value"),
        Kind::List { of, .. } => object([("list", kind(of))]),
        Kind::Map(of) | Kind::Tables(of) => object([("map", kind(of))]),
        Kind::Structure(shape) => object([("shape", text(name_of(shape)))]),
    }
}

/// The API's name, and for a form of our own one that no call has.
fn name_of(shape: &'static Shape) -> alloc::borrow::Cow<'static, str> {
    let is_call = Api::ALL.iter().any(|api| core::ptr::eq(api.input(), shape));
    let is_short = !is_call && Api::ALL.iter().any(|api| api.input().name == shape.name);
    if is_short { alloc::format!("{}OfOneTable", shape.name).into() } else { shape.name.into() }
}

fn collect(shape: &'static Shape, shapes: &mut Vec<&'static Shape>) {
    if shapes.iter().any(|known| core::ptr::eq(*known, shape)) {
        return;
    }
    shapes.push(shape);
    for member in shape.members {
        let mut kind = &member.kind;
        while let Kind::List { of, .. } | Kind::Map(of) | Kind::Tables(of) = kind {
            kind = of;
        }
        if let Kind::Structure(inner) = kind {
            collect(inner, shapes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_has_a_name_of_its_own() {
        let document = document();
        let Some(Tree::Object(shapes)) = document.get("shapes") else { panic!("shapes are an object") };
        let mut names: Vec<_> = shapes.iter().map(|(name, _)| name.as_ref()).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert!(count > 15 && names.len() == count, "{names:?}");
        let payload = document.get("operations").and_then(|all| all.get("batchWrite"));
        assert_eq!(
            payload.and_then(|row| row.get("ofOneTable")).and_then(Tree::as_str),
            Some("BatchWriteItemOfOneTable")
        );
    }
}
