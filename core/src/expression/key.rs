//! A condition becomes a key condition: the attributes it asks for, as far as the expression itself shows it.
//!
//! Which attributes a table's key really has is left to the store.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::fault::{Fault, fault};
use super::{Comparator, Condition, ExpressionKind, Function, FunctionName, Operand, Span};
use crate::rule::Rule;

/// The conditions of a key condition, one per key attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyCondition<'c> {
    /// The attribute's name and what is asked of it, in the order they were written.
    pub conditions: Vec<(&'c str, &'c Condition)>,
}

/// Checks that a condition can be a key condition. A table's key has at most two attributes, an index's eight.
///
/// # Errors
/// The fault that DynamoDB would tell first.
///
/// ```
/// use gateleg_core::expression::{Expression, ExpressionKind, Scope, check, key_condition};
/// let checked = check(ExpressionKind::KeyCondition, "a[0] = b", &mut Scope::new(None, None)).unwrap();
/// let Expression::Condition(condition) = &checked else { unreachable!() };
/// let fault = key_condition::shape(condition, false).unwrap_err();
/// assert_eq!(fault.message, "KeyConditionExpressions cannot have conditions on nested attributes");
/// ```
pub fn shape(condition: &Condition, has_index: bool) -> Result<KeyCondition<'_>, Box<Fault>> {
    let mut key = KeyCondition { conditions: Vec::with_capacity(2) };
    // What is left to look at, last first: no recursion, for a condition may be deep.
    let mut left = Vec::with_capacity(2);
    left.push(condition);
    while let Some(condition) = left.pop() {
        if let Condition::And(some) = condition {
            left.extend(some.iter().rev());
            continue;
        }
        let name = attribute(condition)?;
        if key.conditions.iter().any(|(known, _)| *known == name) {
            return Err(refuse(Rule::KeyConditionOnce, &[], condition.span()));
        }
        key.conditions.push((name, condition));
    }
    if key.conditions.len() > if has_index { 8 } else { 2 } {
        return Err(refuse(Rule::KeyConditionsCount, &[], condition.span()));
    }
    Ok(key)
}

/// The one attribute that a condition asks for.
fn attribute(condition: &Condition) -> Result<&str, Box<Fault>> {
    let operator = |operator: &str| Err(refuse(Rule::KeyConditionOperator, &[operator], condition.span()));
    let first = |operand: &Operand, operator: &str| match operand {
        Operand::Path(_) => Ok(()),
        _ => Err(refuse(Rule::KeyConditionFirst, &[operator], operand.span())),
    };
    let operands: Vec<&Operand> = match condition {
        Condition::Or(_) => return operator("OR"),
        Condition::And(_) => return operator("AND"),
        Condition::Not(_) => return operator("NOT"),
        Condition::In { .. } => return operator("IN"),
        Condition::Compare { comparator: Comparator::NotEqual, .. } => return operator("<>"),
        Condition::Compare { left, right, .. } => [left, right].into(),
        Condition::Between { operand, low, high, .. } => {
            first(operand, "BETWEEN")?;
            [operand, low, high].into()
        }
        Condition::Function(Function { name: FunctionName::BeginsWith, operands, .. }) => {
            if let Some(operand) = operands.first() {
                first(operand, "begins_with")?;
            }
            operands.iter().collect()
        }
        Condition::Function(function) => return operator(function.name.as_str()),
    };
    let mut name = None;
    for operand in operands {
        match operand {
            Operand::Path(path) => {
                if name.is_some() {
                    return Err(refuse(Rule::KeyConditionSeveral, &[], path.span));
                }
                match path.elements.as_slice() {
                    [element] => name = element.name(),
                    _ => return Err(refuse(Rule::KeyConditionNested, &[], path.span)),
                }
            }
            Operand::Function(_) | Operand::Arithmetic(_) => {
                return Err(refuse(Rule::KeyConditionOperation, &[], operand.span()));
            }
            Operand::Value(_) => {}
        }
    }
    name.ok_or_else(|| refuse(Rule::KeyConditionMissing, &[], condition.span()))
}

fn refuse(rule: Rule, found: &[&str], span: Span) -> Box<Fault> {
    fault(rule, ExpressionKind::KeyCondition, found, span)
}
