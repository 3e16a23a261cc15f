//! The legacy parameters' own rules: AttributesToGet, AttributeUpdates, Expected, the filters and KeyConditions, and
//! ConditionalOperator, which combines them.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::Judge;
use crate::attribute::AttributeValue;
use crate::error::{Error, Patch};
use crate::pointer::Pointer;
use crate::rule::Rule;
use crate::shape::Name;
use crate::tree::{Node, Structure};

/// Names that are not empty, each once.
pub(super) fn attributes_to_get(input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    let Some(Node::List(names)) = input.get(Name::AttributesToGet) else { return Ok(()) };
    let here = place.key(Name::AttributesToGet.as_str());
    let text = |node: &Node| matches!(node, Node::Text(name) if name.is_empty());
    if let Some(index) = names.iter().position(text) {
        return Err(Error::broken(Rule::AttributeNameEmpty, &[]).at(&here.index(index)));
    }
    // At most 255 names, by the constraint of the parameter.
    for (index, name) in names.iter().enumerate() {
        if let Some(second) = names.iter().skip(index + 1).position(|other| other == name)
            && let Node::Text(name) = name
        {
            let second = here.index(index + 1 + second);
            return Err(Error::broken(Rule::AttributesToGetTwice, &[name])
                .at(&second)
                .fix(Patch::Remove { path: second.to_text() }));
        }
    }
    Ok(())
}

/// Each update's action and value go together.
pub(super) fn attribute_updates(judge: Judge<'_>, input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    let here = place.key(Name::AttributeUpdates.as_str());
    for (name, update) in entries(input, Name::AttributeUpdates) {
        let here = here.key(name);
        judge.values(&here)?;
        let value = single(update, Name::Value);
        let error = match (update.text(Name::Action).unwrap_or("PUT"), value) {
            ("DELETE", None) => continue,
            (_, None) => Error::broken(Rule::UpdateNoValue, &[]),
            ("DELETE", Some(value)) if !is_set(value) => Error::broken(Rule::UpdateDeleteType, &[value.type_name()]),
            ("ADD", Some(value)) if !is_set(value) && !matches!(value.type_name(), "N" | "L") => {
                Error::broken(Rule::UpdateAddType, &[value.type_name()])
            }
            _ => continue,
        };
        return Err(error.at(&here));
    }
    Ok(())
}

/// What an attribute is expected to be.
pub(super) fn expected(judge: Judge<'_>, input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    let here = place.key(Name::Expected.as_str());
    for (name, expected) in entries(input, Name::Expected) {
        let here = here.key(name);
        if name.is_empty() {
            return Err(Error::broken(Rule::AttributeNameEmpty, &[]).at(&here));
        }
        let operator = expected.text(Name::ComparisonOperator);
        together(name, expected, operator).map_err(|error| error.at(&here))?;
        judge.values(&here)?;
        if let Some(operator) = operator {
            let operands = operands(expected);
            arguments(operator, &operands)
                .and_then(|()| if operator == "IN" { types(operator, &operands) } else { Ok(()) })
                .and_then(|()| range(operator, &operands))
                .map_err(|error| error.at(&here))?;
        }
    }
    conditional_operator(input, Name::Expected, place)
}

/// Which members of one expectation go together.
fn together(name: &str, expected: &Structure, operator: Option<&str>) -> Result<(), Error> {
    let has = |member: Name| expected.get(member).is_some();
    let exists = match expected.get(Name::Exists) {
        Some(Node::Boolean(exists)) => Some(*exists),
        _ => None,
    };
    Err(match operator {
        _ if has(Name::Value) && has(Name::AttributeValueList) => Error::broken(Rule::ExpectedValueList, &[name]),
        Some(_) if exists.is_some() => Error::broken(Rule::ExpectedExistsOperator, &[name]),
        Some("NULL" | "NOT_NULL") => return Ok(()),
        Some(operator) if !has(Name::Value) && !has(Name::AttributeValueList) => {
            Error::broken(Rule::ExpectedNoOperand, &[operator, name])
        }
        Some(_) => return Ok(()),
        None if has(Name::AttributeValueList) => Error::broken(Rule::ExpectedListAlone, &[name]),
        None => match (exists, has(Name::Value)) {
            (None, false) => Error::broken(Rule::ExpectedNoValue, &["null", name]),
            (Some(true), false) => Error::broken(Rule::ExpectedNoValue, &["true", name]),
            (Some(false), true) => Error::broken(Rule::ExpectedAbsentValue, &[name]),
            _ => return Ok(()),
        },
    })
}

/// ScanFilter, QueryFilter or KeyConditions.
pub(super) fn conditions(
    judge: Judge<'_>,
    input: &Structure,
    parameter: Name,
    place: &Pointer<'_>,
) -> Result<(), Error> {
    let here = place.key(parameter.as_str());
    for (name, condition) in entries(input, parameter) {
        let here = here.key(name);
        judge.values(&here)?;
        let Some(operator) = condition.text(Name::ComparisonOperator) else { continue };
        let operands = operands(condition);
        arguments(operator, &operands)
            .and_then(|()| types(operator, &operands))
            .and_then(|()| range(operator, &operands))
            .map_err(|error| error.at(&here))?;
    }
    Ok(())
}

/// ConditionalOperator combines what `parameter` holds.
pub(super) fn conditional_operator(input: &Structure, parameter: Name, place: &Pointer<'_>) -> Result<(), Error> {
    if input.get(Name::ConditionalOperator).is_none() {
        return Ok(());
    }
    let rule = match entries(input, parameter).count() {
        0 => Rule::ConditionalOperatorAlone,
        1 => Rule::ConditionalOperatorSingle,
        _ => return Ok(()),
    };
    let here = place.key(Name::ConditionalOperator.as_str());
    Err(Error::broken(rule, &[]).at(&here).fix(Patch::Remove { path: here.to_text() }))
}

fn entries(input: &Structure, parameter: Name) -> impl Iterator<Item = (&str, &Structure)> {
    let entries = match input.get(parameter) {
        Some(Node::Map(entries)) => entries.as_slice(),
        _ => &[],
    };
    entries.iter().filter_map(|(name, node)| match node {
        Node::Structure(structure) => Some((name.as_str(), structure)),
        _ => None,
    })
}

fn single(structure: &Structure, member: Name) -> Option<&AttributeValue> {
    match structure.get(member) {
        Some(Node::AttributeValue(value)) => Some(value),
        _ => None,
    }
}

/// AttributeValueList, or Value as a list of one.
fn operands(condition: &Structure) -> Vec<&AttributeValue> {
    match condition.get(Name::AttributeValueList) {
        Some(Node::List(list)) => list
            .iter()
            .filter_map(|node| match node {
                Node::AttributeValue(value) => Some(value),
                _ => None,
            })
            .collect(),
        _ => single(condition, Name::Value).into_iter().collect(),
    }
}

fn is_set(value: &AttributeValue) -> bool {
    matches!(value, AttributeValue::Ss(_) | AttributeValue::Ns(_) | AttributeValue::Bs(_))
}

fn arguments(operator: &str, operands: &[&AttributeValue]) -> Result<(), Error> {
    let fits = match operator {
        "NULL" | "NOT_NULL" => operands.is_empty(),
        "BETWEEN" => operands.len() == 2,
        "IN" => !operands.is_empty(),
        _ => operands.len() == 1,
    };
    if fits { Ok(()) } else { Err(Error::broken(Rule::ConditionArguments, &[operator])) }
}

fn types(operator: &str, operands: &[&AttributeValue]) -> Result<(), Error> {
    let takes: &[&str] = match operator {
        "LT" | "LE" | "GT" | "GE" | "BETWEEN" | "IN" => &["S", "N", "B"],
        "BEGINS_WITH" => &["S", "B"],
        "CONTAINS" | "NOT_CONTAINS" => &["S", "N", "B", "BOOL", "NULL"],
        _ => return Ok(()),
    };
    match operands.iter().map(|operand| operand.type_name()).find(|name| !takes.contains(name)) {
        Some(name) => Err(Error::broken(Rule::ConditionType, &[operator, name])),
        None => Ok(()),
    }
}

/// Several operands are of one type, and a range is one.
fn range(operator: &str, operands: &[&AttributeValue]) -> Result<(), Error> {
    let mut names = operands.iter().map(|operand| operand.type_name());
    if names.next().is_some_and(|first| names.any(|name| name != first)) {
        return Err(Error::broken(Rule::ConditionSameType, &[]));
    }
    match operands {
        [low, high] if operator == "BETWEEN" && order(low, high) == Some(Ordering::Greater) => {
            Err(Error::broken(Rule::ConditionBounds, &[]))
        }
        _ => Ok(()),
    }
}

fn order(a: &AttributeValue, b: &AttributeValue) -> Option<Ordering> {
    match (a, b) {
        (AttributeValue::S(a), AttributeValue::S(b)) => Some(a.cmp(b)),
        (AttributeValue::N(a), AttributeValue::N(b)) => Some(a.compare(b)),
        (AttributeValue::B(a), AttributeValue::B(b)) => Some(a.cmp(b)),
        _ => None,
    }
}
