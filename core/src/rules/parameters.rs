//! The expression parameters of one call: what may stand beside them, names and values, the expressions themselves in
//! DynamoDB's order, and then what they left unused.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::{Judge, fix};
use crate::command::Excerpt;
use crate::error::{Error, Patch};
use crate::expression::{self, Condition, Expression, ExpressionKind, Scope, Update};
use crate::join::Join as _;
use crate::pointer::Pointer;
use crate::rule::Rule;
use crate::shape::Name;
use crate::size;
use crate::tree::{Node, Structure};

/// The expressions of a call, and the legacy parameters that cannot stand beside them, as DynamoDB lists them.
pub(super) struct Parameters {
    expressions: &'static [Name],
    legacy: &'static [Name],
}

/// Of a write with a condition.
pub(super) const CONDITIONAL: Parameters =
    Parameters { expressions: &[Name::ConditionExpression], legacy: &[Name::Expected, Name::ConditionalOperator] };

/// Of an update.
pub(super) const UPDATED: Parameters = Parameters {
    expressions: &[Name::UpdateExpression, Name::ConditionExpression],
    legacy: &[Name::AttributeUpdates, Name::Expected, Name::ConditionalOperator],
};

/// Of reading by key.
pub(super) const PROJECTED: Parameters =
    Parameters { expressions: &[Name::ProjectionExpression], legacy: &[Name::AttributesToGet] };

/// Of a scan.
pub(super) const SCANNED: Parameters = Parameters {
    expressions: &[Name::ProjectionExpression, Name::FilterExpression],
    legacy: &[Name::AttributesToGet, Name::ScanFilter, Name::ConditionalOperator],
};

/// Of a query.
pub(super) const QUERIED: Parameters = Parameters {
    expressions: &[Name::ProjectionExpression, Name::FilterExpression, Name::KeyConditionExpression],
    legacy: &[Name::AttributesToGet, Name::QueryFilter, Name::ConditionalOperator, Name::KeyConditions],
};

/// Most bytes of `#name` and `:value`, the sign included.
const MAX_PLACEHOLDER: usize = 255;
/// Most bytes of all names and values together.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
const MAX_PLACEHOLDERS: usize = 2 * 1024 * 1024;

/// Legacy parameters beside expressions, and names or values without any.
pub(super) fn mixing(input: &Structure, parameters: &Parameters, place: &Pointer<'_>) -> Result<(), Error> {
    let present = |name: &Name| input.get(*name).is_some();
    if parameters.expressions.iter().any(present) {
        // KeyConditions may stand beside a projection or a filter, just not beside its own successor.
        let counts = |name: &Name| *name != Name::KeyConditions || present(&Name::KeyConditionExpression);
        let is_mixed = |name: &&Name| present(name) && counts(name);
        if let Some(first) = parameters.legacy.iter().find(is_mixed) {
            let legacy = join(parameters.legacy.iter().filter(is_mixed), ", ");
            let expressions = join(parameters.expressions.iter().filter(|name| present(name)), ", ");
            return Err(Error::broken(Rule::MixedParameters, &[&legacy, &expressions])
                .at(&place.key(first.as_str()))
                .hint("Say all of it in expressions"));
        }
    } else if present(&Name::ExpressionAttributeNames) {
        return Err(without(Rule::NamesWithoutExpression, &[], Name::ExpressionAttributeNames, place));
    }
    let with_values = || parameters.expressions.iter().filter(|name| **name != Name::ProjectionExpression);
    if present(&Name::ExpressionAttributeValues) && !with_values().any(present) {
        let verb = if with_values().count() > 1 { " are" } else { " is" };
        let missing = join(with_values(), " and ") + verb;
        return Err(without(Rule::ValuesWithoutExpression, &[&missing], Name::ExpressionAttributeValues, place));
    }
    Ok(())
}

fn without(rule: Rule, parts: &[&str], name: Name, place: &Pointer<'_>) -> Error {
    let here = place.key(name.as_str());
    Error::broken(rule, parts).at(&here).fix(Patch::Remove { path: here.to_text() })
}

fn join<'n>(names: impl Iterator<Item = &'n Name>, between: &str) -> String {
    let names: Vec<&str> = names.map(|name| name.as_str()).collect();
    names.joined(between)
}

/// The expressions of a call that later rules ask about.
#[derive(Default)]
pub(super) struct Expressions {
    pub(super) update: Option<Update>,
    pub(super) key_condition: Option<Condition>,
}

/// Names, values, every expression, and what was not used.
pub(super) fn expressions(judge: Judge<'_>, input: &Structure, place: &Pointer<'_>) -> Result<Expressions, Error> {
    let names = input.get(Name::ExpressionAttributeNames);
    let values = input.get(Name::ExpressionAttributeValues);
    check_names(names, &place.key(Name::ExpressionAttributeNames.as_str()))?;
    check_values(judge, values, &place.key(Name::ExpressionAttributeValues.as_str()))?;
    if placeholders_size(names, values) > MAX_PLACEHOLDERS {
        return Err(Error::broken(Rule::PlaceholdersSize, &[]).at(place));
    }
    let mut found = Expressions::default();
    let mut scope = None;
    for kind in ExpressionKind::ALL {
        let Some(text) = input.text(kind.parameter()) else { continue };
        let scope = scope.get_or_insert_with(|| Scope::new(names, values));
        match (kind, expression::check(kind, text, scope)) {
            (_, Err(fault)) => return Err(fix::expression(*fault, kind, text, input, place)),
            (ExpressionKind::Update, Ok(Expression::Update(update))) => found.update = Some(update),
            (ExpressionKind::KeyCondition, Ok(Expression::Condition(condition))) => {
                found.key_condition = Some(condition);
            }
            (_, Ok(_)) => {}
        }
    }
    if let Some(scope) = &scope {
        let (left_names, left_values): (Vec<_>, Vec<_>) =
            (scope.unused_names().collect(), scope.unused_values().collect());
        unused(Rule::NamesUnused, &left_names, names, &place.key(Name::ExpressionAttributeNames.as_str()))?;
        unused(Rule::ValuesUnused, &left_values, values, &place.key(Name::ExpressionAttributeValues.as_str()))?;
    }
    Ok(found)
}

fn check_names(names: Option<&Node>, place: &Pointer<'_>) -> Result<(), Error> {
    let Some(Node::Map(names)) = names else { return Ok(()) };
    if names.is_empty() {
        return Err(Error::broken(Rule::NamesEmpty, &[]).at(place).fix(Patch::Remove { path: place.to_text() }));
    }
    let has = |wanted: &str| names.iter().any(|(key, _)| key == wanted);
    for (key, _) in names {
        placeholder(key, '#', [Rule::NamesKey, Rule::NamesKeyLength], &has, place)?;
    }
    for (key, name) in names {
        if matches!(name, Node::Text(name) if name.is_empty()) {
            let message = Rule::AttributeNameEmpty.alternative(1, &[key]);
            return Err(Error::validation(Rule::AttributeNameEmpty, message).at(&place.key(key)));
        }
    }
    Ok(())
}

fn check_values(judge: Judge<'_>, values: Option<&Node>, place: &Pointer<'_>) -> Result<(), Error> {
    let Some(Node::Attributes(values)) = values else { return Ok(()) };
    if values.is_empty() {
        return Err(Error::broken(Rule::ValuesEmpty, &[]).at(place).fix(Patch::Remove { path: place.to_text() }));
    }
    let has = |wanted: &str| values.iter().any(|(key, _)| key == wanted);
    for (key, _) in values {
        placeholder(key, ':', [Rule::ValuesKey, Rule::ValuesKeyLength], &has, place)?;
    }
    if judge.fault(place).is_none() {
        return Ok(());
    }
    for (key, _) in values {
        if let Some(fault) = judge.fault(&place.key(key)) {
            let message = alloc::format!(
                "{} contains invalid value: {} for key {key}",
                Name::ExpressionAttributeValues.as_str(),
                fault.message()
            );
            return Err(fault.clone().reworded(message));
        }
    }
    Ok(())
}

/// A placeholder is its sign and then ASCII letters, digits and `_`.
fn placeholder(
    key: &str,
    sign: char,
    [syntax, length]: [Rule; 2],
    has: &dyn Fn(&str) -> bool,
    place: &Pointer<'_>,
) -> Result<(), Error> {
    let is_word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let here = place.key(key);
    if !key.strip_prefix(sign).is_some_and(is_word) {
        let error = Error::broken(syntax, &[&Excerpt(key).to_string()]).at(&here);
        let mut meant = String::from(sign);
        meant.push_str(key.trim_start_matches(['#', ':', '$', '@']));
        return Err(if meant.strip_prefix(sign).is_some_and(is_word) && !has(&meant) {
            error
                .hint(alloc::format!("Did you mean {meant}?"))
                .fix(Patch::Move { from: here.to_text(), path: place.key(&meant).to_text() })
        } else {
            error
        });
    }
    if key.len() > MAX_PLACEHOLDER {
        return Err(Error::broken(length, &[&Excerpt(key).to_string()]).at(&here));
    }
    Ok(())
}

fn placeholders_size(names: Option<&Node>, values: Option<&Node>) -> usize {
    let names = match names {
        Some(Node::Map(names)) => names
            .iter()
            .map(|(key, name)| match name {
                Node::Text(name) => key.len() + name.len(),
                _ => key.len(),
            })
            .sum(),
        _ => 0,
    };
    match values {
        Some(Node::Attributes(values)) => names + size::attributes(values),
        _ => names,
    }
}

/// What no expression used goes; the whole map, when nothing would be left in it.
fn unused(rule: Rule, keys: &[&str], all: Option<&Node>, place: &Pointer<'_>) -> Result<(), Error> {
    let [first, ..] = keys else { return Ok(()) };
    let total = match all {
        Some(Node::Map(names)) => names.len(),
        Some(Node::Attributes(values)) => values.len(),
        _ => 0,
    };
    let error = Error::broken(rule, &[&keys.joined(", ")]);
    if keys.len() == total {
        return Err(error.at(place).fix(Patch::Remove { path: place.to_text() }));
    }
    let error = if keys.len() == 1 { error.at(&place.key(first)) } else { error.at(place) };
    Err(keys.iter().fold(error, |error, key| error.fix(Patch::Remove { path: place.key(key).to_text() })))
}
