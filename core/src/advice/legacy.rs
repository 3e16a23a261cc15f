//! Legacy parameters become the modern expressions that say the same, and a patch that rewrites the request.
//!
//! Source of the correspondence: the pages `LegacyConditionalParameters.*` of DynamoDB's developer guide. Every expression
//! made here is held to the rules of expressions; where it breaks one (it grew too long, or the legacy parameter took types
//! that an expression does not), there is no modern way to say the same, and nothing is said.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::attribute::{AttributeValue, Attributes, Notation};
use crate::error::Patch;
use crate::expression::{self, Element, Expression, ExpressionKind, Scope};
use crate::join::Join as _;
use crate::json;
use crate::pointer::Pointer;
use crate::rule::Rule;
use crate::shape::Name;
use crate::tree::{Node, Structure};
use crate::warning::Warning;

/// The legacy parameters, each with the expression that took its place.
const SUCCESSORS: [(Name, ExpressionKind); 6] = [
    (Name::AttributeUpdates, ExpressionKind::Update),
    (Name::Expected, ExpressionKind::Condition),
    (Name::KeyConditions, ExpressionKind::KeyCondition),
    (Name::ScanFilter, ExpressionKind::Filter),
    (Name::QueryFilter, ExpressionKind::Filter),
    (Name::AttributesToGet, ExpressionKind::Projection),
];

/// A hint longer than this says only the expressions; the patch has everything.
const MAX_HINT: usize = 400;

/// More cannot be said in the 4096 bytes of an expression, so it is not tried; `IN` takes 100 operands.
const MAX_ENTRIES: usize = 1024;
const MAX_OPERANDS: usize = 100;

/// The remark on all legacy parameters of one call: they can only be replaced together, since both styles do not mix.
pub(super) fn on(input: &Structure, place: &Pointer<'_>, notation: Notation) -> Option<Warning> {
    let separator = if input.text(Name::ConditionalOperator) == Some("OR") { " OR " } else { " AND " };
    let mut words = Words::default();
    let mut modern: Vec<(Name, ExpressionKind, String)> = Vec::new();
    let mut empty = Vec::new();
    for (name, kind) in SUCCESSORS {
        let Some(node) = input.get(name) else { continue };
        if matches!(node, Node::Map(entries) if entries.len() > MAX_ENTRIES) {
            return None;
        }
        let text = match (name, node) {
            (Name::AttributesToGet, Node::List(names)) => words.projection(names),
            (Name::AttributeUpdates, Node::Map(updates)) => words.update(updates)?,
            // Key conditions always hold all together.
            (Name::KeyConditions, Node::Map(conditions)) => words.conditions(conditions, " AND ")?,
            (_, Node::Map(conditions)) => words.conditions(conditions, separator)?,
            _ => return None,
        };
        if text.is_empty() {
            empty.push(name);
        } else {
            modern.push((name, kind, text));
        }
    }
    let (first, ..) = modern.first()?;
    let here = place.key(first.as_str()).to_text();
    let (names, values) = (Node::Map(words.names), Node::Attributes(words.values));
    let mut scope = Scope::new(Some(&names), Some(&values));
    for (_, kind, text) in &modern {
        expression::check(*kind, text, &mut scope).ok()?;
    }
    let legacy: Vec<&str> = modern.iter().map(|(name, ..)| name.as_str()).collect();
    let successors: Vec<&str> = modern.iter().map(|(_, kind, _)| kind.as_str()).collect();
    let message = match legacy.as_slice() {
        [one] => Rule::LegacyParameter.message(&[one, &successors.joined("")]),
        _ => Rule::LegacyParameter.alternative(1, &[&listed(&legacy), &listed(&successors)]),
    };
    let definitions = definitions(&names, &values, notation);
    Some(Warning {
        rule: Rule::LegacyParameter,
        message,
        path: here,
        span: None,
        hint: hint(&modern, &definitions),
        fix: patch(input, place, &modern, &empty, definitions),
    })
}

/// `A`, `A and B`, `A, B and C`.
fn listed(names: &[&str]) -> String {
    match names {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.joined(", ")),
        _ => names.joined(""),
    }
}

/// `ExpressionAttributeNames` and `ExpressionAttributeValues` as JSON text, as far as there are any.
fn definitions(names: &Node, values: &Node, notation: Notation) -> Vec<(Name, String)> {
    let mut definitions = Vec::new();
    for (name, node) in [(Name::ExpressionAttributeNames, names), (Name::ExpressionAttributeValues, values)] {
        let mut text = String::new();
        node.write(&mut text, notation);
        if text != "{}" {
            definitions.push((name, text));
        }
    }
    definitions
}

/// The modern parameters as members of the payload.
fn hint(modern: &[(Name, ExpressionKind, String)], definitions: &[(Name, String)]) -> String {
    let member = |name: &str, value: &str| format!("\"{name}\": {value}");
    let mut members: Vec<String> = modern.iter().map(|(_, kind, text)| member(kind.as_str(), &quoted(text))).collect();
    let length = |members: &[String]| members.iter().map(String::len).sum::<usize>();
    let defined: Vec<String> = definitions.iter().map(|(name, text)| member(name.as_str(), text)).collect();
    if length(&members) + length(&defined) <= MAX_HINT {
        members.extend(defined);
    }
    format!("Write {}", members.joined(", "))
}

/// Each legacy parameter gives way to its successor where it stands; what the expressions refer to comes after.
fn patch(
    input: &Structure,
    place: &Pointer<'_>,
    modern: &[(Name, ExpressionKind, String)],
    empty: &[Name],
    definitions: Vec<(Name, String)>,
) -> Vec<Patch> {
    let at = |name: Name| place.key(name.as_str()).to_text();
    let mut fix = Vec::new();
    for (name, kind, text) in modern {
        fix.push(Patch::Replace { path: at(*name), value: quoted(text) });
        fix.push(Patch::Move { from: at(*name), path: at(kind.parameter()) });
    }
    fix.extend(empty.iter().map(|name| Patch::Remove { path: at(*name) }));
    if input.get(Name::ConditionalOperator).is_some() {
        fix.push(Patch::Remove { path: at(Name::ConditionalOperator) });
    }
    fix.extend(definitions.into_iter().map(|(name, value)| Patch::Add { path: at(name), value }));
    fix
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    json::write_string(&mut out, text);
    out
}

/// The names and values that the expressions of one call refer to.
#[derive(Default)]
struct Words {
    /// `#name` and [`Node::Text`], as in ExpressionAttributeNames.
    names: Vec<(String, Node)>,
    /// `:value` and what it stands for.
    values: Attributes,
}

impl Words {
    fn projection(&mut self, names: &[Node]) -> String {
        let names = names.iter().filter_map(|name| match name {
            Node::Text(name) => Some(self.name(name)),
            _ => None,
        });
        names.collect::<Vec<_>>().joined(", ")
    }

    fn update(&mut self, updates: &[(String, Node)]) -> Option<String> {
        let mut sections = [("SET", Vec::new()), ("REMOVE", Vec::new()), ("ADD", Vec::new()), ("DELETE", Vec::new())];
        let [(_, set), (_, remove), (_, add), (_, delete)] = &mut sections;
        for (attribute, update) in updates {
            let Node::Structure(update) = update else { return None };
            let value = match update.get(Name::Value) {
                Some(Node::AttributeValue(value)) => Some(value),
                _ => None,
            };
            let path = self.name(attribute);
            match (update.text(Name::Action).unwrap_or("PUT"), value) {
                ("PUT", Some(value)) => set.push(format!("{path} = {}", self.value(attribute, value))),
                ("DELETE", None) => remove.push(path),
                ("DELETE", Some(value)) => delete.push(format!("{path} {}", self.value(attribute, value))),
                ("ADD", Some(list @ AttributeValue::L(_))) => {
                    let none = self.value("empty", &AttributeValue::L(Vec::new()));
                    let more = self.value(attribute, list);
                    set.push(format!("{path} = list_append(if_not_exists({path}, {none}), {more})"));
                }
                ("ADD", Some(value)) => add.push(format!("{path} {}", self.value(attribute, value))),
                _ => return None,
            }
        }
        let sections = sections.iter().filter(|(_, actions)| !actions.is_empty());
        Some(
            sections
                .map(|(keyword, actions)| format!("{keyword} {}", actions.joined(", ")))
                .collect::<Vec<_>>()
                .joined(" "),
        )
    }

    fn conditions(&mut self, conditions: &[(String, Node)], separator: &str) -> Option<String> {
        let mut all = Vec::new();
        for (attribute, condition) in conditions {
            let Node::Structure(condition) = condition else { return None };
            all.push(self.condition(attribute, condition)?);
        }
        Some(all.joined(separator))
    }

    /// One entry of Expected, a filter or KeyConditions.
    fn condition(&mut self, attribute: &str, condition: &Structure) -> Option<String> {
        let path = self.name(attribute);
        let value = match condition.get(Name::Value) {
            Some(Node::AttributeValue(value)) => Some(value),
            _ => None,
        };
        let list: Vec<&AttributeValue> = match condition.get(Name::AttributeValueList) {
            Some(Node::List(items)) => items
                .iter()
                .filter_map(|item| match item {
                    Node::AttributeValue(value) => Some(value),
                    _ => None,
                })
                .collect(),
            _ => value.into_iter().collect(),
        };
        if list.len() > MAX_OPERANDS {
            return None;
        }
        if list.iter().any(|value| !compares(condition.text(Name::ComparisonOperator), value)) {
            return None;
        }
        let Some(operator) = condition.text(Name::ComparisonOperator) else {
            return match (condition.get(Name::Exists), value) {
                (Some(Node::Boolean(false)), None) => Some(format!("attribute_not_exists({path})")),
                (Some(Node::Boolean(true)) | None, Some(value)) => {
                    Some(format!("{path} = {}", self.value(attribute, value)))
                }
                _ => None,
            };
        };
        let operands: Vec<String> = list.into_iter().map(|value| self.value(attribute, value)).collect();
        Some(match (operator, operands.as_slice()) {
            ("NULL", []) => format!("attribute_not_exists({path})"),
            ("NOT_NULL", []) => format!("attribute_exists({path})"),
            ("IN", [_, ..]) => format!("{path} IN ({})", operands.joined(", ")),
            ("BETWEEN", [low, high]) => format!("{path} BETWEEN {low} AND {high}"),
            ("BEGINS_WITH", [value]) => format!("begins_with({path}, {value})"),
            ("CONTAINS", [value]) => format!("contains({path}, {value})"),
            ("NOT_CONTAINS", [value]) => format!("NOT contains({path}, {value})"),
            (operator, [value]) => format!("{path} {} {value}", comparator(operator)?),
            _ => return None,
        })
    }

    /// The attribute's own name where an expression takes it, else a placeholder.
    fn name(&mut self, attribute: &str) -> String {
        if stands_bare(attribute) {
            return attribute.to_string();
        }
        let known = |node: &Node| matches!(node, Node::Text(name) if name == attribute);
        if let Some((placeholder, _)) = self.names.iter().find(|(_, node)| known(node)) {
            return placeholder.clone();
        }
        let placeholder =
            free(&format!("#{}", word(attribute, "name")), |new| self.names.iter().all(|(taken, _)| taken != new));
        self.names.push((placeholder.clone(), Node::Text(attribute.to_string())));
        placeholder
    }

    /// A placeholder for that value of the attribute.
    fn value(&mut self, attribute: &str, value: &AttributeValue) -> String {
        let placeholder =
            free(&format!(":{}", word(attribute, "value")), |new| self.values.iter().all(|(taken, _)| taken != new));
        self.values.push((placeholder.clone(), value.clone()));
        placeholder
    }
}

/// Whether an expression reads the name as this one attribute.
fn stands_bare(attribute: &str) -> bool {
    // A keyword of updates that is no reserved word.
    if attribute.eq_ignore_ascii_case("REMOVE") {
        return false;
    }
    match expression::check(ExpressionKind::Projection, attribute, &mut Scope::new(None, None)) {
        Ok(Expression::Projection(paths)) => match paths.as_slice() {
            [path] => matches!(path.elements.as_slice(), [Element::Name(name)] if name == attribute),
            _ => false,
        },
        _ => false,
    }
}

/// The attribute's name as a part of a placeholder, if it can be one; tokens have at most 255 bytes.
fn word<'n>(attribute: &'n str, otherwise: &'n str) -> &'n str {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if (1..=64).contains(&attribute.len()) && attribute.chars().all(fits) { attribute } else { otherwise }
}

/// The stem itself, or with the first number from 2 that makes it free.
fn free(stem: &str, is_free: impl Fn(&str) -> bool) -> String {
    let mut candidate = stem.to_string();
    let mut number = 2_u32;
    while !is_free(&candidate) {
        candidate = format!("{stem}{number}");
        number = number.saturating_add(1);
    }
    candidate
}

/// Whether the comparison means anything for a value of that type; `Expected` takes more than that.
fn compares(operator: Option<&str>, value: &AttributeValue) -> bool {
    matches!(
        (operator, value),
        (_, AttributeValue::S(_) | AttributeValue::N(_) | AttributeValue::B(_))
            | (None | Some("EQ" | "NE"), _)
            | (Some("CONTAINS" | "NOT_CONTAINS"), AttributeValue::Bool(_) | AttributeValue::Null)
    )
}

fn comparator(operator: &str) -> Option<&'static str> {
    Some(match operator {
        "EQ" => "=",
        "NE" => "<>",
        "LT" => "<",
        "LE" => "<=",
        "GT" => ">",
        "GE" => ">=",
        _ => return None,
    })
}
