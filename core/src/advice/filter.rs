//! A filter on `list` or `query` becomes remarks: what it drops has been read, and a pinned key would make it a key condition.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::attribute::AttributeValue;
use crate::command::{Api, Command};
use crate::error::Patch;
use crate::expression::{
    self, Comparator, Condition, Element, Expression, ExpressionKind, Function, FunctionName, Operand, Path, Scope,
};
use crate::join::Join as _;
use crate::json;
use crate::keys;
use crate::pointer::Pointer;
use crate::rule::Rule;
use crate::shape::Name;
use crate::tree::{Node, Structure};
use crate::warning::Warning;

/// The remarks on the filter of a Scan or a Query, if it has one.
pub(super) fn on(command: &Command, place: &Pointer<'_>, keys: &[(String, Vec<String>)]) -> Vec<Warning> {
    let input = &command.input;
    let legacy = match command.api {
        Api::Scan => Name::ScanFilter,
        Api::Query => Name::QueryFilter,
        _ => return Vec::new(),
    };
    let Some(name) = [Name::FilterExpression, legacy].into_iter().find(|name| is_filter(input.get(*name))) else {
        return Vec::new();
    };
    let filter = Filter { input, name, place, condition: parsed(input) };
    let mut warnings = Vec::new();
    warnings.push(match command.api {
        Api::Scan => filter.on_scan(keys),
        _ => filter.on_query(),
    });
    warnings.extend(filter.with_limit());
    warnings
}

fn is_filter(node: Option<&Node>) -> bool {
    match node {
        Some(Node::Text(_)) => true,
        Some(Node::Map(conditions)) => !conditions.is_empty(),
        _ => false,
    }
}

/// The FilterExpression, as the rules read it.
fn parsed(input: &Structure) -> Option<Condition> {
    let text = input.text(Name::FilterExpression)?;
    let mut scope = Scope::new(input.get(Name::ExpressionAttributeNames), input.get(Name::ExpressionAttributeValues));
    match expression::check(ExpressionKind::Filter, text, &mut scope) {
        Ok(Expression::Condition(condition)) => Some(condition),
        _ => None,
    }
}

struct Filter<'a> {
    input: &'a Structure,
    /// `FilterExpression`, or its legacy form.
    name: Name,
    place: &'a Pointer<'a>,
    /// The FilterExpression.
    condition: Option<Condition>,
}

/// An attribute that must equal a value for an item to pass.
struct Pin<'a> {
    attribute: &'a str,
    /// What stands on both sides, as a person would write it.
    text: String,
    /// Where in the expression.
    span: Option<(usize, usize)>,
}

impl Filter<'_> {
    fn warning(&self, rule: Rule, message: String, hint: String) -> Warning {
        let path = self.place.key(self.name.as_str()).to_text();
        Warning { rule, message, path, span: None, hint, fix: Vec::new() }
    }

    fn on_scan(&self, keys: &[(String, Vec<String>)]) -> Warning {
        let table = self.input.text(Name::TableName).unwrap_or_default();
        let index = self.input.text(Name::IndexName);
        let known = keys::of(keys, table);
        let pins = self.pins();
        if let (None, Some([partition, sort @ ..])) = (index, known)
            && let Some(pin) = pins.iter().find(|pin| pin.attribute == partition)
        {
            let message = Rule::FilterPinsKey.message(&[table, partition]);
            let hint = format!(
                "{partition} is the partition key: query with KeyConditionExpression \"{}\" would read only that",
                pin.text
            );
            let mut warning = self.warning(Rule::FilterPinsKey, message, hint);
            warning.span = pin.span;
            warning.fix = self.query_instead(partition, sort.first().map(String::as_str)).unwrap_or_default();
            return warning;
        }
        let whole = match index {
            Some(index) => format!("the index {index}"),
            None => table.to_string(),
        };
        let message = Rule::FilterReadsEverything.message(&[self.name.as_str(), &format!("all of {whole}")]);
        let attributes: Vec<&str> = pins.iter().map(|pin| pin.attribute).collect();
        let hint = match attributes.as_slice() {
            [] => "query reads only the items with one partition key".to_string(),
            pinned => format!(
                "If {} is the partition key of {table} or of one of its indexes, query would read only that",
                pinned.joined(" or ")
            ),
        };
        self.warning(Rule::FilterReadsEverything, message, hint)
    }

    fn on_query(&self) -> Warning {
        let message =
            Rule::FilterReadsEverything.message(&[self.name.as_str(), "every item that the key condition matches"]);
        let attributes: Vec<&str> = self.pins().iter().map(|pin| pin.attribute).collect();
        let hint = match attributes.as_slice() {
            [] => "A condition on the sort key, of the table or of an index, belongs in the key condition: then nothing is read in vain".to_string(),
            pinned => format!("With an index whose sort key is {}, the key condition could say so, and nothing would be read in vain", pinned.joined(" or ")),
        };
        self.warning(Rule::FilterReadsEverything, message, hint)
    }

    fn with_limit(&self) -> Option<Warning> {
        let Some(Node::Integer(limit)) = self.input.get(Name::Limit) else { return None };
        let items = if *limit == 1 { "item" } else { "items" };
        let message = Rule::FilterLimit.message(&[&format!("{limit} {items}")]);
        let hint = "Read on with LastEvaluatedKey as ExclusiveStartKey until a page comes without one".to_string();
        let mut warning = self.warning(Rule::FilterLimit, message, hint);
        warning.path = self.place.key(Name::Limit.as_str()).to_text();
        Some(warning)
    }

    /// What every item that passes has in common, at the top level.
    fn pins(&self) -> Vec<Pin<'_>> {
        if let Some(condition) = &self.condition {
            return conjuncts(condition).iter().filter_map(pin).collect();
        }
        let any = self.input.text(Name::ConditionalOperator) == Some("OR");
        let Some(Node::Map(conditions)) = self.input.get(self.name) else { return Vec::new() };
        if any && conditions.len() > 1 {
            return Vec::new();
        }
        let equal = conditions.iter().filter(|(_, condition)| {
            matches!(condition, Node::Structure(condition) if condition.text(Name::ComparisonOperator) == Some("EQ"))
        });
        equal.map(|(attribute, _)| Pin { attribute, text: format!("{attribute} = :{attribute}"), span: None }).collect()
    }

    /// The patch that makes the scan a query: what is about the key becomes the key condition, the rest stays a filter.
    fn query_instead(&self, partition: &str, sort: Option<&str>) -> Option<Vec<Patch>> {
        // A place to go on from is that of a scan; segments are a scan's only.
        if [Name::ExclusiveStartKey, Name::Segment, Name::TotalSegments]
            .iter()
            .any(|name| self.input.get(*name).is_some())
        {
            return None;
        }
        let (mut of_key, mut rest) = (Vec::new(), Vec::new());
        for condition in conjuncts(self.condition.as_ref()?) {
            let on_key = about(condition).is_some_and(|name| name == partition && pin(condition).is_some())
                || about(condition).is_some() && about(condition) == sort;
            if on_key { of_key.push(condition.clone()) } else { rest.push(condition.clone()) }
        }
        let (key, rest) = (together(of_key)?, together(rest));
        // The filter of a query may not name a key attribute, wherever it does so.
        if rest.as_ref().is_some_and(|rest| mentions(rest, partition) || sort.is_some_and(|sort| mentions(rest, sort)))
        {
            return None;
        }
        // What no key can equal, a scan finds nowhere and a query refuses.
        if !self.compares_with_keys(&key) {
            return None;
        }
        let path = |name: Name| self.place.key(name.as_str()).to_text();
        let (filter, key_condition) = (path(Name::FilterExpression), path(Name::KeyConditionExpression));
        let mut fix = Vec::new();
        fix.push(Patch::Replace { path: "/operation".into(), value: "\"query\"".into() });
        match rest {
            None => fix.push(Patch::Move { from: filter, path: key_condition }),
            Some(rest) => {
                fix.push(Patch::Add { path: key_condition, value: self.accepted(ExpressionKind::KeyCondition, &key)? });
                fix.push(Patch::Replace { path: filter, value: self.accepted(ExpressionKind::Filter, &rest)? });
            }
        }
        expression::key_condition::shape(&key, false).ok()?;
        Some(fix)
    }

    /// Whether every value in a key condition is of a type that a key can have.
    fn compares_with_keys(&self, key: &Condition) -> bool {
        let Some(Node::Attributes(values)) = self.input.get(Name::ExpressionAttributeValues) else { return false };
        let is_key = |operand: &Operand| match operand {
            Operand::Value(value) => values.iter().any(|(placeholder, value_of)| {
                *placeholder == value.placeholder
                    && matches!(value_of, AttributeValue::S(_) | AttributeValue::N(_) | AttributeValue::B(_))
            }),
            _ => true,
        };
        conjuncts(key).iter().all(|condition| match condition {
            Condition::Compare { left, right, .. } => is_key(left) && is_key(right),
            Condition::Between { low, high, .. } => is_key(low) && is_key(high),
            Condition::Function(function) => function.operands.iter().all(is_key),
            _ => false,
        })
    }

    /// The condition as a JSON string, if it is a good expression of that kind.
    fn accepted(&self, kind: ExpressionKind, condition: &Condition) -> Option<String> {
        let text = condition.to_string();
        let input = self.input;
        let mut scope =
            Scope::new(input.get(Name::ExpressionAttributeNames), input.get(Name::ExpressionAttributeValues));
        expression::check(kind, &text, &mut scope).ok()?;
        let mut quoted = String::new();
        json::write_string(&mut quoted, &text);
        Some(quoted)
    }
}

/// The conditions that must all hold.
fn conjuncts(condition: &Condition) -> &[Condition] {
    match condition {
        Condition::And(all) => all,
        one => core::slice::from_ref(one),
    }
}

fn together(mut conditions: Vec<Condition>) -> Option<Condition> {
    match conditions.len() {
        0 | 1 => conditions.pop(),
        _ => Some(Condition::And(conditions)),
    }
}

/// `attribute = :value`, either way round.
fn pin(condition: &Condition) -> Option<Pin<'_>> {
    let Condition::Compare { comparator: Comparator::Equal, left, right, span } = condition else { return None };
    let (path, _) = match (left, right) {
        (Operand::Path(path), Operand::Value(value)) | (Operand::Value(value), Operand::Path(path)) => (path, value),
        _ => return None,
    };
    let span = Some((usize::from(span.start), usize::from(span.end)));
    Some(Pin { attribute: top_level(path)?, text: condition.to_string(), span })
}

/// The one top-level attribute that a simple condition compares with values.
fn about(condition: &Condition) -> Option<&str> {
    let is_value = |operand: &Operand| matches!(operand, Operand::Value(_));
    let path = match condition {
        Condition::Compare { left: Operand::Path(path), right, .. } if is_value(right) => path,
        Condition::Compare { left, right: Operand::Path(path), .. } if is_value(left) => path,
        Condition::Between { operand: Operand::Path(path), low, high, .. } if is_value(low) && is_value(high) => path,
        Condition::Function(Function { name: FunctionName::BeginsWith, operands, .. }) => match operands.as_slice() {
            [Operand::Path(path), Operand::Value(_)] => path,
            _ => return None,
        },
        _ => return None,
    };
    top_level(path)
}

fn top_level(path: &Path) -> Option<&str> {
    match path.elements.as_slice() {
        [Element::Name(name) | Element::Placeholder { name, .. }] => Some(name),
        _ => None,
    }
}

/// Whether a path in the condition begins with that attribute.
fn mentions(condition: &Condition, attribute: &str) -> bool {
    let operand = |operand: &Operand| operand_mentions(operand, attribute);
    match condition {
        Condition::And(all) | Condition::Or(all) => all.iter().any(|condition| mentions(condition, attribute)),
        Condition::Not(inner) => mentions(inner, attribute),
        Condition::Compare { left, right, .. } => operand(left) || operand(right),
        Condition::Between { operand: of, low, high, .. } => operand(of) || operand(low) || operand(high),
        Condition::In { operand: of, list, .. } => operand(of) || list.iter().any(operand),
        Condition::Function(function) => function.operands.iter().any(operand),
    }
}

fn operand_mentions(operand: &Operand, attribute: &str) -> bool {
    match operand {
        Operand::Path(path) => match path.elements.first() {
            Some(Element::Name(name) | Element::Placeholder { name, .. }) => name == attribute,
            _ => false,
        },
        Operand::Value(_) => false,
        Operand::Function(function) => function.operands.iter().any(|operand| operand_mentions(operand, attribute)),
        Operand::Arithmetic(sum) => operand_mentions(&sum.left, attribute) || operand_mentions(&sum.right, attribute),
    }
}
