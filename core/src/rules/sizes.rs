//! Items, keys and updates that are larger than DynamoDB holds.

use alloc::format;

use super::Judge;
use crate::attribute::{AttributeValue, Attributes};
use crate::error::Error;
use crate::expression::{Element, Operand, Path, Update, Value};
use crate::pointer::Pointer;
use crate::rule::Rule;
use crate::shape::Name;
use crate::size::{self, MAX_ITEM, MAX_PARTITION_KEY, MAX_SORT_KEY};
use crate::tree::{Node, Structure};

/// The `Item` of a call and, where the table's keys are known, its key.
pub(super) fn item(judge: Judge<'_>, input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    let Some(Node::Attributes(item)) = input.get(Name::Item) else { return Ok(()) };
    let here = place.key(Name::Item.as_str());
    item_size(item, &here)?;
    key_size(judge, input.text(Name::TableName), item, &here)
}

pub(super) fn item_size(item: &Attributes, place: &Pointer<'_>) -> Result<(), Error> {
    if size::at_most(item) <= MAX_ITEM {
        return Ok(());
    }
    let bytes = size::attributes(item);
    if bytes <= MAX_ITEM {
        return Ok(());
    }
    Err(Error::broken(Rule::ItemSize, &[]).at(place).hint(format!("It has {bytes} bytes, {MAX_ITEM} are allowed")))
}

/// The `Key` of a call, where the table's keys are known.
pub(super) fn key(judge: Judge<'_>, input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    let Some(Node::Attributes(key)) = input.get(Name::Key) else { return Ok(()) };
    key_size(judge, input.text(Name::TableName), key, &place.key(Name::Key.as_str()))
}

pub(super) fn key_size(
    judge: Judge<'_>,
    table: Option<&str>,
    attributes: &Attributes,
    place: &Pointer<'_>,
) -> Result<(), Error> {
    let Some([partition, rest @ ..]) = table.and_then(|table| judge.key_names(table)) else { return Ok(()) };
    let limits =
        [(Some(partition), MAX_PARTITION_KEY, Rule::KeyHashSize), (rest.first(), MAX_SORT_KEY, Rule::KeyRangeSize)];
    for (name, most, rule) in limits {
        let Some((name, value)) = name.and_then(|name| attributes.iter().find(|(found, _)| found == name)) else {
            continue;
        };
        let bytes = size::value(value);
        if bytes > most {
            let hint = format!("It has {bytes} bytes, {most} are allowed");
            return Err(Error::broken(rule, &[]).at(&place.key(name)).hint(hint));
        }
    }
    Ok(())
}

/// What DynamoDB charges an update for by its statement alone, as observed by peers; here the smallest figure that can be.
const STATEMENT: usize = 3;
const SET_OR_ADD: usize = 19;
const REMOVE_OR_DELETE: usize = 1;

/// An update whose statement alone is larger than an item.
pub(super) fn update(update: &Update, input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    let values = match input.get(Name::ExpressionAttributeValues) {
        Some(Node::Attributes(values)) => values.as_slice(),
        _ => &[],
    };
    let set = update.set.iter().map(|action| SET_OR_ADD + path(&action.path) + operand(&action.value, values));
    let add = update.add.iter().map(|action| SET_OR_ADD + path(&action.path) + value(&action.value, values));
    let removed = update.remove.iter().chain(update.delete.iter().map(|action| &action.path));
    let removed = removed.map(|removed| REMOVE_OR_DELETE + path(removed));
    let bytes = STATEMENT + set.sum::<usize>() + add.sum::<usize>() + removed.sum::<usize>();
    if bytes <= MAX_ITEM {
        return Ok(());
    }
    Err(Error::broken(Rule::UpdateSize, &[])
        .at(&place.key(Name::UpdateExpression.as_str()))
        .hint(format!("The update alone counts for {bytes} bytes, {MAX_ITEM} are allowed")))
}

fn path(path: &Path) -> usize {
    let elements = path.elements.iter().map(|element| match element {
        Element::Name(name) | Element::Placeholder { name, .. } => name.len(),
        Element::Index(_) => 0,
    });
    elements.sum()
}

fn value(value: &Value, values: &[(alloc::string::String, AttributeValue)]) -> usize {
    values.iter().find(|(key, _)| *key == value.placeholder).map_or(0, |(_, value)| size::value(value))
}

fn operand(operand: &Operand, values: &[(alloc::string::String, AttributeValue)]) -> usize {
    match operand {
        Operand::Path(_) => 0,
        Operand::Value(literal) => value(literal, values),
        Operand::Function(function) => function.operands.iter().map(|inner| self::operand(inner, values)).sum(),
        Operand::Arithmetic(sum) => self::operand(&sum.left, values) + self::operand(&sum.right, values),
    }
}
