//! What pages of reads ask for: the start key, segments, Select, and the key condition of a query.

use alloc::format;
use alloc::string::ToString as _;

use super::Judge;
use super::parameters::Expressions;
use crate::error::{Error, Patch};
use crate::expression::{ExpressionKind, key_condition as key};
use crate::pointer::Pointer;
use crate::rule::Rule;
use crate::shape::Name;
use crate::tree::{Node, Structure};

/// What DynamoDB says in front of the faults that it finds in a start key as such.
const START_KEY: &str = "The provided starting key is invalid: ";

/// The start key's values. Some faults are found before it is known what the value is for.
pub(super) fn start_key(judge: Judge<'_>, place: &Pointer<'_>) -> Result<(), Error> {
    let Some(fault) = judge.fault(&place.key(Name::ExclusiveStartKey.as_str())) else { return Ok(()) };
    let as_such = matches!(
        fault.rule_broken(),
        Some(
            Rule::ValueEmpty
                | Rule::ValueSeveralTypes
                | Rule::ValueNull
                | Rule::ValueEmptyStringSet
                | Rule::ValueEmptyBinarySet
        )
    );
    let fault = fault.clone();
    Err(if as_such {
        let message = format!("{START_KEY}{}", fault.message());
        fault.reworded(message)
    } else {
        fault
    })
}

pub(super) fn segment(input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    let message = match (input.get(Name::Segment), input.get(Name::TotalSegments)) {
        (Some(Node::Integer(segment)), Some(Node::Integer(total))) if segment >= total => {
            Rule::ScanSegment.alternative(0, &[&segment.to_string(), &total.to_string()])
        }
        (Some(_), None) => Rule::ScanSegment.alternative(1, &["TotalSegments", "Segment parameter"]),
        (None, Some(_)) => Rule::ScanSegment.alternative(1, &["Segment", "parameter TotalSegments"]),
        _ => return Ok(()),
    };
    Err(Error::validation(Rule::ScanSegment, message).at(place))
}

pub(super) fn select(input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    let Some(select) = input.text(Name::Select) else { return Ok(()) };
    let here = place.key(Name::Select.as_str());
    let remove = || Patch::Remove { path: here.to_text() };
    let projection =
        [Name::AttributesToGet, Name::ProjectionExpression].into_iter().find(|name| input.get(*name).is_some());
    match (select, projection) {
        ("SPECIFIC_ATTRIBUTES", None) => Err(Error::broken(Rule::SelectSpecific, &[]).at(&here).fix(remove())),
        ("ALL_PROJECTED_ATTRIBUTES", _) if input.get(Name::IndexName).is_none() => {
            Err(Error::broken(Rule::SelectProjected, &[]).at(&here).fix(remove()))
        }
        ("SPECIFIC_ATTRIBUTES", Some(_)) | (_, None) => Ok(()),
        (_, Some(name)) => {
            let what = if select == "COUNT" { "only the Count" } else { select };
            Err(Error::broken(Rule::SelectOther, &[name.as_str(), what])
                .at(&here)
                .hint(format!("Leave out either Select or {}", name.as_str()))
                .fix(remove()))
        }
    }
}

pub(super) fn key_condition_present(input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    if input.get(Name::KeyConditions).is_some() || input.get(Name::KeyConditionExpression).is_some() {
        return Ok(());
    }
    Err(Error::broken(Rule::QueryKeyCondition, &[])
        .at(place)
        .hint("KeyConditionExpression says which partition key the items share: id = :id"))
}

/// Whether the key condition can be one at all; that its attributes are those of the key, only the table can tell.
pub(super) fn key_condition(expressions: &Expressions, input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    let Some(condition) = &expressions.key_condition else { return Ok(()) };
    let has_index = input.get(Name::IndexName).is_some();
    match key::shape(condition, has_index) {
        Ok(_) => Ok(()),
        Err(fault) => {
            let text = input.text(Name::KeyConditionExpression).unwrap_or_default();
            Err(super::fix::expression(*fault, ExpressionKind::KeyCondition, text, input, place))
        }
    }
}

/// An index may have up to four attributes in each half of its key.
pub(super) fn key_conditions_count(input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    let Some(Node::Map(conditions)) = input.get(Name::KeyConditions) else { return Ok(()) };
    let most = if input.get(Name::IndexName).is_some() { 8 } else { 2 };
    if (1..=most).contains(&conditions.len()) {
        return Ok(());
    }
    Err(Error::broken(Rule::KeyConditionsCount, &[]).at(&place.key(Name::KeyConditions.as_str())))
}
