//! Conditions, filters, key conditions and their legacy forms become what must be so, in words: `a is at least 5 and (b exists
//! or c does not exist)`.

use alloc::string::String;

use super::text;
use crate::attribute::AttributeValue;
use crate::expression::{Comparator, Condition, Function, FunctionName, Operand, Scope};
use crate::shape::Name;
use crate::tree::{Node, Structure};

/// What the words of one expression depend on.
#[derive(Clone, Copy)]
pub(super) struct Meaning<'a> {
    /// What the `:values` stand for.
    pub(super) scope: &'a Scope<'a>,
    /// Whether an attribute is known to belong to the key: then it exists when the item does.
    pub(super) is_key: &'a dyn Fn(&str) -> bool,
}

/// Appends what must be so.
pub(super) fn condition(out: &mut String, condition: &Condition, meaning: Meaning<'_>) {
    match condition {
        Condition::Or(some) => joined(out, some, " or ", meaning),
        Condition::And(some) => joined(out, some, " and ", meaning),
        Condition::Not(inner) => negation(out, inner, meaning),
        Condition::Compare { comparator, left, right, .. } => {
            operand(out, left, meaning);
            let equals = matches!((comparator, right), (Comparator::Equal, Operand::Path(_) | Operand::Function(_)));
            out.push_str(if equals { " equals " } else { comparison(*comparator) });
            operand(out, right, meaning);
        }
        Condition::Between { operand: of, low, high, .. } => between(out, of, " is between ", [low, high], meaning),
        Condition::In { operand: of, list, .. } => one_of(out, of, " is one of (", list, meaning),
        Condition::Function(function) => judgement(out, function, true, meaning),
    }
}

/// Several conditions; those that have several inside stand in parentheses.
fn joined(out: &mut String, some: &[Condition], between: &str, meaning: Meaning<'_>) {
    for (index, inner) in some.iter().enumerate() {
        if index > 0 {
            out.push_str(between);
        }
        if matches!(inner, Condition::Or(_) | Condition::And(_)) {
            out.push('(');
            condition(out, inner, meaning);
            out.push(')');
        } else {
            condition(out, inner, meaning);
        }
    }
}

/// What must not be so.
fn negation(out: &mut String, inner: &Condition, meaning: Meaning<'_>) {
    match inner {
        Condition::Function(function) => judgement(out, function, false, meaning),
        Condition::Between { operand, low, high, .. } => {
            between(out, operand, " is not between ", [low, high], meaning);
        }
        Condition::In { operand, list, .. } => one_of(out, operand, " is none of (", list, meaning),
        _ => {
            out.push_str("not (");
            condition(out, inner, meaning);
            out.push(')');
        }
    }
}

fn between(out: &mut String, of: &Operand, words: &str, [low, high]: [&Operand; 2], meaning: Meaning<'_>) {
    operand(out, of, meaning);
    out.push_str(words);
    operand(out, low, meaning);
    out.push_str(" and ");
    operand(out, high, meaning);
    out.push_str(" (both included)");
}

fn one_of(out: &mut String, of: &Operand, words: &str, list: &[Operand], meaning: Meaning<'_>) {
    operand(out, of, meaning);
    out.push_str(words);
    text::list(out, list, ", ", |out, one| operand(out, one, meaning));
    out.push(')');
}

/// What a function says, or that it must not say so.
fn judgement(out: &mut String, function: &Function, holds: bool, meaning: Meaning<'_>) {
    let [first, rest @ ..] = function.operands.as_slice() else { return };
    let exists = match function.name {
        FunctionName::AttributeExists => Some(holds),
        FunctionName::AttributeNotExists => Some(!holds),
        _ => None,
    };
    if let Some(exists) = exists {
        if let Operand::Path(path) = first
            && let [element] = path.elements.as_slice()
            && element.name().is_some_and(meaning.is_key)
        {
            return out.push_str(if exists { "there is such an item" } else { "there is no such item yet" });
        }
        operand(out, first, meaning);
        return out.push_str(if exists { " exists" } else { " does not exist" });
    }
    operand(out, first, meaning);
    let second = |out: &mut String| rest.iter().for_each(|second| operand(out, second, meaning));
    if function.name == FunctionName::AttributeType {
        out.push_str(if holds { " is of type " } else { " is not of type " });
        return match rest {
            [Operand::Value(value)] => match meaning.scope.get(&value.placeholder) {
                Some(AttributeValue::S(type_name)) => out.push_str(type_word(type_name)),
                _ => second(out),
            },
            _ => second(out),
        };
    }
    out.push_str(match (function.name, holds) {
        (FunctionName::BeginsWith, true) => " begins with ",
        (FunctionName::BeginsWith, false) => " does not begin with ",
        (_, true) => " contains ",
        (_, false) => " does not contain ",
    });
    second(out);
}

/// Appends what an operator or function works on.
pub(super) fn operand(out: &mut String, of: &Operand, meaning: Meaning<'_>) {
    match of {
        Operand::Path(path) => text::path(out, path),
        Operand::Value(value) => match meaning.scope.get(&value.placeholder) {
            Some(held) => text::value(out, held),
            None => out.push_str(&value.placeholder),
        },
        Operand::Function(function) => result(out, function, meaning),
        Operand::Arithmetic(arithmetic) => {
            part(out, &arithmetic.left, meaning);
            out.push_str(if arithmetic.minus { " minus " } else { " plus " });
            part(out, &arithmetic.right, meaning);
        }
    }
}

/// What a function's result is.
fn result(out: &mut String, function: &Function, meaning: Meaning<'_>) {
    match (function.name, function.operands.as_slice()) {
        (FunctionName::Size, [of]) => {
            out.push_str("the size of ");
            part(out, of, meaning);
        }
        (FunctionName::IfNotExists, [path, otherwise]) => {
            operand(out, path, meaning);
            out.push_str(" if it exists, else ");
            part(out, otherwise, meaning);
        }
        (FunctionName::ListAppend, [first, second]) => {
            part(out, first, meaning);
            out.push_str(" followed by ");
            part(out, second, meaning);
        }
        _ => judgement(out, function, true, meaning),
    }
}

/// An operand inside another: what has operands of its own stands in parentheses.
fn part(out: &mut String, of: &Operand, meaning: Meaning<'_>) {
    if matches!(of, Operand::Path(_) | Operand::Value(_)) {
        return operand(out, of, meaning);
    }
    out.push('(');
    operand(out, of, meaning);
    out.push(')');
}

fn comparison(comparator: Comparator) -> &'static str {
    match comparator {
        Comparator::Equal => " is ",
        Comparator::NotEqual => " is not ",
        Comparator::Less => " is less than ",
        Comparator::LessOrEqual => " is at most ",
        Comparator::Greater => " is greater than ",
        Comparator::GreaterOrEqual => " is at least ",
    }
}

fn type_word(type_name: &str) -> &str {
    match type_name {
        "S" => "string",
        "N" => "number",
        "B" => "binary",
        "BOOL" => "boolean",
        "NULL" => "null",
        "SS" => "string set",
        "NS" => "number set",
        "BS" => "binary set",
        "L" => "list",
        "M" => "map",
        other => other,
    }
}

/// Appends what a legacy parameter asks for: of all attributes, or of any of them.
pub(super) fn legacy(out: &mut String, conditions: &[(String, Node)], any: bool) {
    for (index, (attribute, condition)) in conditions.iter().enumerate() {
        if index > 0 {
            out.push_str(if any { " or " } else { " and " });
        }
        text::name(out, attribute);
        if let Node::Structure(condition) = condition {
            expectation(out, condition);
        }
    }
}

/// What one attribute is asked for.
fn expectation(out: &mut String, condition: &Structure) {
    let one = condition.get(Name::Value);
    let list = match condition.get(Name::AttributeValueList) {
        Some(Node::List(list)) => list.as_slice(),
        _ => one.map_or(&[][..], core::slice::from_ref),
    };
    let operator = condition.text(Name::ComparisonOperator).unwrap_or(match condition.get(Name::Exists) {
        Some(Node::Boolean(false)) => "NULL",
        _ => "EQ",
    });
    let words = match operator {
        "EQ" => " is ",
        "NE" => " is not ",
        "LT" => " is less than ",
        "LE" => " is at most ",
        "GT" => " is greater than ",
        "GE" => " is at least ",
        "BEGINS_WITH" => " begins with ",
        "CONTAINS" => " contains ",
        "NOT_CONTAINS" => " does not contain ",
        "BETWEEN" => " is between ",
        "IN" => " is one of (",
        "NULL" => return out.push_str(" does not exist"),
        _ => return out.push_str(" exists"),
    };
    out.push_str(words);
    text::list(out, list, if operator == "BETWEEN" { " and " } else { ", " }, |out, node| {
        if let Node::AttributeValue(value) = node {
            text::value(out, value);
        }
    });
    out.push_str(match operator {
        "BETWEEN" => " (both included)",
        "IN" => ")",
        _ => "",
    });
}
