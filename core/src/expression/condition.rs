//! Tokens become a condition, a key condition or a filter, and every test in it is checked.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::fault::Fault;
use super::lexer::{Kind, Span};
use super::parser::{Parser, decimal};
use super::{Comparator, Condition, Function, FunctionName, Operand, Path};
use crate::attribute::AttributeValue;
use crate::rule::Rule;

/// Operands in the list of one IN.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
const MAX_IN_OPERANDS: usize = 100;

/// Every type that attribute_type knows, as DynamoDB lists them where none of them is given.
const EVERY_TYPE: &str = "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}";

/// The conditions between one pair of parentheses, as far as they have been read.
#[derive(Default)]
struct Level {
    or: Vec<Condition>,
    and: Vec<Condition>,
    not: bool,
}

impl Level {
    fn is_fresh(&self) -> bool {
        !self.not && self.or.is_empty() && self.and.is_empty()
    }
}

/// What has been read last: what stands between parentheses may turn out to be either.
enum Item {
    Operand(Operand),
    Condition(Condition),
}

impl Parser<'_, '_, '_> {
    /// ```text
    /// cond = and [ OR cond ]
    /// and  = not [ AND and ]
    /// not  = [ NOT ] prim
    /// prim = test | "(" cond ")"
    /// ```
    pub(super) fn condition(&mut self) -> Result<Condition, Box<Fault>> {
        let mut outer: Vec<Level> = Vec::new();
        let mut level = Level::default();
        'start: loop {
            if !level.not && self.keyword() == Some("NOT") {
                self.operator();
                self.advance();
                level.not = true;
            }
            if self.take(b'(') {
                outer.push(core::mem::take(&mut level));
                continue 'start;
            }
            let mut item = Item::Operand(self.operand()?);
            // Whether the item is a pair of parentheses.
            let mut grouped = false;
            loop {
                if let Item::Operand(operand) = item {
                    item = self.test(operand)?;
                    grouped &= matches!(item, Item::Operand(_));
                }
                if self.token.kind == Kind::Symbol(b')')
                    && let Some(around) = outer.pop()
                {
                    let within = core::mem::replace(&mut level, around);
                    let twice = grouped && within.is_fresh();
                    item = match item {
                        Item::Operand(mut operand) if within.is_fresh() => {
                            self.advance();
                            self.regroup(&mut operand, twice)?;
                            Item::Operand(operand)
                        }
                        item => {
                            let condition = self.stand_alone(item)?;
                            self.advance();
                            if twice {
                                self.redundant();
                            }
                            Item::Condition(self.close(within, condition))
                        }
                    };
                    grouped = true;
                    continue;
                }
                let condition = self.stand_alone(item)?;
                match self.keyword() {
                    Some("AND") => {
                        let condition = self.negate(&mut level, condition);
                        level.and.push(condition);
                    }
                    Some("OR") => {
                        let condition = self.negate(&mut level, condition);
                        let both = self.join(core::mem::take(&mut level.and), condition, Condition::And);
                        level.or.push(both);
                    }
                    _ if outer.is_empty() => {
                        self.end()?;
                        return Ok(self.close(level, condition));
                    }
                    _ => return Err(self.syntax()),
                }
                self.operator();
                self.advance();
                continue 'start;
            }
        }
    }

    fn close(&self, mut level: Level, last: Condition) -> Condition {
        let last = self.negate(&mut level, last);
        let last = self.join(level.and, last, Condition::And);
        self.join(level.or, last, Condition::Or)
    }

    fn negate(&self, level: &mut Level, condition: Condition) -> Condition {
        match core::mem::take(&mut level.not) {
            true if !self.is_too_deep() => Condition::Not(Box::new(condition)),
            _ => condition,
        }
    }

    fn join(&self, mut some: Vec<Condition>, last: Condition, all: fn(Vec<Condition>) -> Condition) -> Condition {
        if some.is_empty() || self.is_too_deep() {
            return last;
        }
        some.push(last);
        all(some)
    }

    /// An item that is no operand of anything: a condition already, or a function.
    fn stand_alone(&mut self, item: Item) -> Result<Condition, Box<Fault>> {
        match item {
            Item::Condition(condition) => Ok(condition),
            Item::Operand(Operand::Function(function)) => {
                if function.name == FunctionName::Size {
                    self.misused(&function);
                }
                self.findings.next_test();
                Ok(Condition::Function(function))
            }
            Item::Operand(_) => Err(self.syntax()),
        }
    }

    /// ```text
    /// test = opnd cmp opnd | opnd BETWEEN opnd AND opnd | opnd IN "(" opnd {"," opnd} ")" | func
    /// cmp  = "=" | "<>" | "<" | "<=" | ">" | ">="
    /// ```
    /// from behind the first operand; gives it back if nothing is asked of it.
    fn test(&mut self, operand: Operand) -> Result<Item, Box<Fault>> {
        let start = operand.span();
        let condition = if let Kind::Comparator(comparator) = self.token.kind {
            self.operator();
            self.advance();
            let right = self.operand()?;
            let span = self.since(start);
            self.check_operands([&operand, &right]);
            self.check_distinct(comparator.as_str(), &operand, &right, span);
            if !matches!(comparator, Comparator::Equal | Comparator::NotEqual) {
                self.check_ordered(comparator.as_str(), [&operand, &right]);
            }
            Condition::Compare { comparator, left: operand, right, span }
        } else {
            match self.keyword() {
                Some("BETWEEN") => {
                    self.operator();
                    self.advance();
                    let low = self.operand()?;
                    if self.keyword() != Some("AND") {
                        return Err(self.syntax());
                    }
                    self.advance();
                    let high = self.operand()?;
                    self.check_operands([&operand, &low, &high]);
                    self.check_ordered("BETWEEN", [&operand, &low, &high]);
                    self.check_bounds(&low, &high);
                    Condition::Between { operand, low, high, span: self.since(start) }
                }
                Some("IN") => {
                    self.operator();
                    self.advance();
                    let list = self.list()?;
                    self.check_operands(core::iter::once(&operand).chain(&list));
                    let span = self.since(start);
                    if list.len() > MAX_IN_OPERANDS {
                        self.findings.note(Rule::ExpressionInOperands, &[&decimal(list.len())], span);
                    }
                    Condition::In { operand, list, span }
                }
                _ => return Ok(Item::Operand(operand)),
            }
        };
        self.findings.next_test();
        Ok(Item::Condition(condition))
    }

    /// `"(" opnd {"," opnd} ")"`
    fn list(&mut self) -> Result<Vec<Operand>, Box<Fault>> {
        self.expect(b'(')?;
        let mut list = Vec::with_capacity(4);
        loop {
            list.push(self.operand()?);
            if !self.take(b',') {
                break;
            }
        }
        self.expect(b')')?;
        Ok(list)
    }

    fn since(&self, start: Span) -> Span {
        start.to(self.before.unwrap_or(start))
    }

    /// A function that says yes or no is no operand.
    fn check_operands<'o>(&mut self, operands: impl IntoIterator<Item = &'o Operand>) {
        for operand in operands {
            if let Operand::Function(function) = operand
                && function.name != FunctionName::Size
            {
                self.misused(function);
            }
        }
    }

    fn misused(&mut self, function: &Function) {
        self.findings.note(Rule::ExpressionMisusedFunction, &[function.name.as_str()], function.span);
    }

    /// Two identical paths.
    fn check_distinct(&mut self, operator: &str, first: &Operand, second: &Operand, span: Span) {
        if let (Operand::Path(one), Operand::Path(two)) = (first, second)
            && one.is_same(two)
        {
            self.findings.note(Rule::ExpressionDistinct, &[operator, &Path::in_brackets(one)], span);
        }
    }

    /// Only texts, numbers and bytes have an order. What a path holds, only its item tells.
    fn check_ordered<'o>(&mut self, operator: &str, operands: impl IntoIterator<Item = &'o Operand>) {
        for operand in operands {
            if let Some(found) = self.static_type(operand).filter(|found| !matches!(*found, "S" | "N" | "B")) {
                self.findings.note(Rule::ExpressionOperandType, &[operator, found], operand.span());
            }
        }
    }

    fn check_bounds(&mut self, low: &Operand, high: &Operand) {
        let (Some(one), Some(two)) = (self.literal(low), self.literal(high)) else { return };
        let rule = if one.type_name() != two.type_name() {
            Rule::ExpressionBoundTypes
        } else {
            let order = match (one, two) {
                (AttributeValue::S(one), AttributeValue::S(two)) => one.cmp(two),
                (AttributeValue::N(one), AttributeValue::N(two)) => one.compare(two),
                (AttributeValue::B(one), AttributeValue::B(two)) => one.cmp(two),
                _ => Ordering::Equal,
            };
            if order != Ordering::Greater {
                return;
            }
            Rule::ExpressionBoundOrder
        };
        // Bounds may be large: they are only written if they are told.
        if !self.findings.would_tell(rule) {
            return;
        }
        let span = low.span().to(high.span());
        self.findings.note(rule, &[&super::print::value(one), &super::print::value(two)], span);
    }

    /// Operands of `attribute_exists`, `attribute_not_exists`, `attribute_type`, `begins_with`, `contains` and `size`.
    pub(super) fn check_condition_function(&mut self, function: &Function) {
        let Function { name, operands, span } = function;
        self.check_operands(operands);
        let (name, written) = (*name, name.as_str());
        if operands.len() != name.operands() {
            self.findings.note(Rule::ExpressionOperandCount, &[written, &decimal(operands.len())], *span);
            return;
        }
        if let [first, second] = operands.as_slice() {
            self.check_distinct(written, first, second, *span);
        }
        match (name, operands.as_slice()) {
            (FunctionName::AttributeExists | FunctionName::AttributeNotExists, [operand])
                if !matches!(operand, Operand::Path(_)) =>
            {
                self.findings.note(Rule::ExpressionPathRequired, &[written], operand.span());
            }
            (FunctionName::AttributeType, [_, wanted]) => match self.literal(wanted) {
                Some(AttributeValue::S(wanted_type)) => {
                    if !is_type(wanted_type) {
                        self.findings.note(Rule::ExpressionTypeName, &[wanted_type], wanted.span());
                    }
                }
                _ => {
                    let found = self.static_type(wanted).unwrap_or(EVERY_TYPE);
                    self.findings.note(Rule::ExpressionOperandType, &[written, found], wanted.span());
                }
            },
            (FunctionName::BeginsWith, operands) => {
                for operand in operands {
                    if let Some(found) = self.static_type(operand).filter(|found| !matches!(*found, "S" | "B")) {
                        self.findings.note(Rule::ExpressionOperandType, &[written, found], operand.span());
                    }
                }
            }
            (FunctionName::Size, [operand]) => {
                if let Some(found @ ("N" | "BOOL" | "NULL")) = self.static_type(operand) {
                    self.findings.note(Rule::ExpressionOperandType, &[written, found], operand.span());
                }
            }
            _ => {}
        }
    }

    /// The type of an operand, where it can be told without an item.
    fn static_type(&self, operand: &Operand) -> Option<&'static str> {
        match operand {
            Operand::Function(function) => (function.name == FunctionName::Size).then_some("N"),
            operand => self.literal(operand).map(AttributeValue::type_name),
        }
    }
}

fn is_type(name: &str) -> bool {
    matches!(name, "S" | "N" | "B" | "BOOL" | "NULL" | "SS" | "NS" | "BS" | "L" | "M")
}
