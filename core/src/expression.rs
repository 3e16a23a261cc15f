//! Expression text becomes a checked tree: every rule of DynamoDB's expressions that needs no table, in DynamoDB's words.
//!
//! Which of a request's parameters are expressions, and in which order they are told, is left to the rules of requests.

mod condition;
mod fault;
mod key;
mod lexer;
mod overlap;
mod parser;
mod print;
mod reserved;
mod scope;
mod tree;
mod update;

pub mod key_condition {
    //! What a key condition must look like, as far as the expression itself shows it.
    pub use super::key::{KeyCondition, shape};
}

use alloc::boxed::Box;
use alloc::vec::Vec;

pub use self::fault::{Cause, Fault};
pub use self::lexer::Span;
pub use self::reserved::{RESERVED_WORDS, is_reserved};
pub use self::scope::Scope;
pub use self::tree::{
    Arithmetic, Comparator, Condition, Element, Function, FunctionName, Operand, Path, SetAction, Update, UpdateAction,
    Value,
};
use crate::shape::Name;

/// The five kinds of expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpressionKind {
    /// `UpdateExpression`.
    Update,
    /// `ConditionExpression`.
    Condition,
    /// `KeyConditionExpression`.
    KeyCondition,
    /// `FilterExpression`.
    Filter,
    /// `ProjectionExpression`.
    Projection,
}

impl ExpressionKind {
    /// Every kind, in the order in which DynamoDB checks them.
    pub const ALL: [ExpressionKind; 5] = [
        ExpressionKind::Update,
        ExpressionKind::Condition,
        ExpressionKind::KeyCondition,
        ExpressionKind::Filter,
        ExpressionKind::Projection,
    ];

    /// The parameter that holds an expression of this kind.
    pub fn parameter(self) -> Name {
        match self {
            ExpressionKind::Update => Name::UpdateExpression,
            ExpressionKind::Condition => Name::ConditionExpression,
            ExpressionKind::KeyCondition => Name::KeyConditionExpression,
            ExpressionKind::Filter => Name::FilterExpression,
            ExpressionKind::Projection => Name::ProjectionExpression,
        }
    }

    /// The parameter's name, which is also how messages call the expression.
    pub fn as_str(self) -> &'static str {
        self.parameter().as_str()
    }
}

/// A checked expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A condition, a key condition or a filter.
    Condition(Condition),
    /// An update.
    Update(Update),
    /// The paths of a projection.
    Projection(Vec<Path>),
}

/// Checks one expression, and marks the names and values that it uses.
///
/// # Errors
/// The fault that DynamoDB would tell first.
///
/// ```
/// use gateleg_core::expression::{ExpressionKind, Scope, check};
/// let fault = check(ExpressionKind::Update, "SET Status = b", &mut Scope::new(None, None)).unwrap_err();
/// let message = "Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: Status";
/// assert_eq!((fault.message.as_str(), fault.span), (message, (4, 10)));
/// ```
pub fn check(kind: ExpressionKind, text: &str, scope: &mut Scope<'_>) -> Result<Expression, Box<Fault>> {
    parser::Parser::parse(kind, text, scope)
}

#[cfg(test)]
mod tests;
