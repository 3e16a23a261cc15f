//! What DynamoDB refuses about an expression, and which of several faults it tells first; the words are in [`crate::rule`].

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

use super::{ExpressionKind, Span};
use crate::rule::Rule;

/// What DynamoDB would refuse about an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The id of the rule that was broken.
    pub rule: &'static str,
    /// The whole message, in DynamoDB's words.
    pub message: String,
    /// Where in the expression: half-open, in Unicode scalar values.
    pub span: (usize, usize),
    /// What a fix needs to know.
    pub cause: Cause,
}

/// What a fix needs to know about a [`Fault`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A bare name is a reserved word; as written.
    ReservedWord(String),
    /// A `#name` that ExpressionAttributeNames does not have, and the one that was probably meant.
    UndefinedName(String, Option<String>),
    /// A `:value` that ExpressionAttributeValues does not have, and the one that was probably meant.
    UndefinedValue(String, Option<String>),
    /// Anything else.
    Other,
}

/// A fault with the whole message, in a box, so that what is no fault can be handed on as it is: `Invalid FilterExpression: ..`, except for key conditions' own rules.
pub(super) fn fault(rule: Rule, kind: ExpressionKind, found: &[&str], span: Span) -> Box<Fault> {
    let words = rule.message(found);
    let message = match rule.id().strip_prefix("key-condition.") {
        Some(_) => words,
        None => format!("Invalid {}: {words}", kind.as_str()),
    };
    Box::new(Fault { rule: rule.id(), message, span: span.into(), cause: Cause::Other })
}

/// Faults of a lower rank are told first. Equal ones are told in the order in which they are found, which is that of the text.
///
/// In conditions there are first the faults of the whole, then those of the tests (comparisons and functions): whatever is
/// wrong with the first faulty test, then the next one.
fn rank(rule: Rule, update: bool, test: u16) -> (u8, u16, u8) {
    let of_the_whole = |rank| (rank, 0, 0);
    let of_a_test = |rank| (9, if update { 0 } else { test }, rank);
    match rule {
        Rule::ExpressionOperators => of_the_whole(1),
        Rule::ExpressionInOperands => of_the_whole(2),
        Rule::ExpressionParentheses => of_the_whole(3),
        Rule::ExpressionUnknownFunction if !update => of_the_whole(4),
        Rule::ExpressionMisusedFunction => of_the_whole(5),
        Rule::ExpressionReservedWord | Rule::ExpressionIndex => of_the_whole(6),
        Rule::ExpressionUnknownFunction => of_the_whole(7),
        Rule::ExpressionSection => of_the_whole(8),
        Rule::ExpressionUndefinedName => of_a_test(0),
        Rule::ExpressionUndefinedValue => of_a_test(u8::from(update)),
        Rule::ExpressionOverlap => of_a_test(2),
        Rule::ExpressionConflict => of_a_test(3),
        Rule::ExpressionActionType => of_a_test(4),
        Rule::ExpressionOperandCount if !update => of_a_test(5),
        Rule::ExpressionDistinct => of_a_test(6),
        _ => of_a_test(7),
    }
}

/// The faults of one expression that is of the grammar: of all that are found, the one to tell is kept.
#[derive(Debug)]
pub(super) struct Findings {
    kind: ExpressionKind,
    /// How many tests of a condition have been read.
    test: u16,
    first: Option<((u8, u16, u8), Box<Fault>)>,
}

impl Findings {
    pub(super) fn new(kind: ExpressionKind) -> Self {
        Findings { kind, test: 0, first: None }
    }

    /// Everything from here on belongs to the next test.
    pub(super) fn next_test(&mut self) {
        self.test = self.test.saturating_add(1);
    }

    /// Whether a fault of that rule would be told before what has been found so far.
    pub(super) fn would_tell(&self, rule: Rule) -> bool {
        self.first.as_ref().is_none_or(|(first, _)| self.rank(rule) < *first)
    }

    fn rank(&self, rule: Rule) -> (u8, u16, u8) {
        rank(rule, self.kind == ExpressionKind::Update, self.test)
    }

    pub(super) fn note(&mut self, rule: Rule, found: &[&str], span: Span) {
        self.note_cause(rule, found, span, || Cause::Other);
    }

    pub(super) fn note_cause(&mut self, rule: Rule, found: &[&str], span: Span, cause: impl FnOnce() -> Cause) {
        if self.would_tell(rule) {
            let rank = self.rank(rule);
            let mut told = fault(rule, self.kind, found, span);
            told.cause = cause();
            self.first = Some((rank, told));
        }
    }

    pub(super) fn into_result(self) -> Result<(), Box<Fault>> {
        self.first.map_or(Ok(()), |(_, fault)| Err(fault))
    }
}
