//! Tokens become an update, and its functions, actions and paths are checked.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::fault::Fault;
use super::lexer::Kind;
use super::parser::{Parser, decimal};
use super::{Arithmetic, Function, FunctionName, Operand, Path, SetAction, Update, UpdateAction};
use crate::attribute::AttributeValue;
use crate::rule::Rule;

impl Parser<'_, '_, '_> {
    /// ```text
    /// update  = section { section }
    /// section = SET set {"," set} | REMOVE path {"," path} | ADD path value {"," path value}
    ///         | DELETE path value {"," path value}
    /// ```
    /// each kind of section once, in any order.
    pub(super) fn update(&mut self) -> Result<Update, Box<Fault>> {
        let mut update = Update::default();
        // Paths are compared in the order they were written; each is kept with the place of its action.
        let mut seen: Vec<&'static str> = Vec::with_capacity(4);
        let mut order: Vec<(&'static str, usize)> = Vec::new();
        loop {
            let Some(section) = self.keyword() else { return Err(self.syntax()) };
            if seen.contains(&section) {
                let span = self.token.span;
                self.findings.note(Rule::ExpressionSection, &[section], span);
            }
            seen.push(section);
            self.advance();
            loop {
                let count = match section {
                    "SET" => push(&mut update.set, self.set_action()?),
                    "REMOVE" => push(&mut update.remove, self.path()?),
                    "ADD" => push(&mut update.add, self.action(section)?),
                    _ => push(&mut update.delete, self.action(section)?),
                };
                order.push((section, count));
                if !self.take(b',') {
                    break;
                }
            }
            if self.token.kind == Kind::End {
                break;
            }
        }
        let path = |(section, at): &(&str, usize)| match *section {
            "SET" => update.set.get(*at).map(|action| &action.path),
            "REMOVE" => update.remove.get(*at),
            "ADD" => update.add.get(*at).map(|action| &action.path),
            _ => update.delete.get(*at).map(|action| &action.path),
        };
        let paths: Vec<&Path> = order.iter().filter_map(path).collect();
        super::overlap::check(&paths, &mut self.findings);
        Ok(update)
    }

    /// `set = path "=" ( "(" sum ")" | sum )`
    fn set_action(&mut self) -> Result<SetAction, Box<Fault>> {
        let path = self.path()?;
        if self.token.kind != Kind::Comparator(super::Comparator::Equal) {
            return Err(self.syntax());
        }
        self.advance();
        Ok(SetAction { path, value: self.operand()? })
    }

    /// `path value`
    fn action(&mut self, section: &str) -> Result<UpdateAction, Box<Fault>> {
        let path = self.path()?;
        let value = self.value()?;
        if let Some(literal) = self.scope.get(&value.placeholder) {
            let found = match literal {
                AttributeValue::N(_) if section == "ADD" => None,
                AttributeValue::Ss(_) | AttributeValue::Ns(_) | AttributeValue::Bs(_) => None,
                AttributeValue::S(_) => Some("STRING"),
                AttributeValue::N(_) => Some("NUMBER"),
                AttributeValue::B(_) => Some("BINARY"),
                AttributeValue::Bool(_) => Some("BOOLEAN"),
                AttributeValue::Null => Some("NULL"),
                AttributeValue::L(_) => Some("LIST"),
                AttributeValue::M(_) => Some("MAP"),
            };
            if let Some(found) = found {
                self.findings.note(Rule::ExpressionActionType, &[section, found], value.span);
            }
        }
        Ok(UpdateAction { path, value })
    }

    pub(super) fn sum(&mut self, left: Operand, minus: bool, right: Operand) -> Operand {
        let operator = if minus { "-" } else { "+" };
        self.check_literals(operator, &[&left, &right], "N");
        if self.is_too_deep() {
            return left;
        }
        let span = left.span().to(right.span());
        Operand::Arithmetic(Box::new(Arithmetic { left, minus, right, span }))
    }

    /// Operands of `if_not_exists` and `list_append`.
    pub(super) fn check_update_function(&mut self, function: &Function) {
        let Function { name, operands, span } = function;
        let written = name.as_str();
        match operands.as_slice() {
            [first, second] if *name == FunctionName::ListAppend => {
                self.check_literals(written, &[first, second], "L");
            }
            [Operand::Path(_), _] => {}
            [first, _] => self.findings.note(Rule::ExpressionPathRequired, &[written], first.span()),
            _ => self.findings.note(Rule::ExpressionOperandCount, &[written, &decimal(operands.len())], *span),
        }
    }

    /// Operands that are attribute values are of that type.
    fn check_literals(&mut self, operator: &str, operands: &[&Operand], wanted: &str) {
        for operand in operands {
            let found = self.literal(operand).map(AttributeValue::type_name);
            if let Some(found) = found.filter(|found| *found != wanted) {
                self.findings.note(Rule::ExpressionOperandType, &[operator, found], operand.span());
            }
        }
    }
}

/// The place that the new member got.
fn push<T>(list: &mut Vec<T>, item: T) -> usize {
    list.push(item);
    list.len() - 1
}
