//! Trees become text: the canonical form, with no parentheses but those that the meaning needs.

use alloc::string::String;
use core::fmt;

use super::parser::MAX_SIZE;
use super::{Arithmetic, Condition, Element, Expression, Function, Operand, Path, Update};
use crate::attribute::{AttributeValue, Notation};

impl Expression {
    /// The expression in its canonical form; reading that again gives the same tree. Spaces that only please the eye are left
    /// out where the text would be longer with them than an expression may be.
    ///
    /// ```
    /// use gateleg_core::expression::{ExpressionKind, Scope, check};
    /// let text = "not((a) <= b)  OR attribute_exists( c [ 0 ] . d )";
    /// let expression = check(ExpressionKind::Filter, text, &mut Scope::new(None, None)).unwrap();
    /// assert_eq!(expression.to_text(), "NOT a <= b OR attribute_exists(c[0].d)");
    /// ```
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        match self {
            Expression::Condition(condition) => condition.write(&mut out),
            Expression::Update(update) => update.write(&mut out),
            Expression::Projection(paths) => list(&mut out, paths, |out, path| path.write(out)),
        }
        if out.len() > MAX_SIZE { squeeze(&out) } else { out }
    }
}

/// Leaves out the spaces that part no two words.
fn squeeze(text: &str) -> String {
    let is_word = |character: &char| character.is_ascii_alphanumeric() || *character == '_';
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    let mut after_word = false;
    while let Some(character) = characters.next() {
        if character != ' ' || (after_word && characters.peek().is_some_and(is_word)) {
            out.push(character);
        }
        after_word = is_word(&character);
    }
    out
}

impl Condition {
    fn write(&self, out: &mut String) {
        match self {
            Condition::Or(some) => self.join(out, some, " OR "),
            Condition::And(some) => self.join(out, some, " AND "),
            Condition::Not(inner) => {
                out.push_str("NOT ");
                inner.write_in(self, out);
            }
            Condition::Compare { comparator, left, right, .. } => {
                left.write(out);
                out.push(' ');
                out.push_str(comparator.as_str());
                out.push(' ');
                right.write(out);
            }
            Condition::Between { operand, low, high, .. } => {
                operand.write(out);
                out.push_str(" BETWEEN ");
                low.write(out);
                out.push_str(" AND ");
                high.write(out);
            }
            Condition::In { operand, list: operands, .. } => {
                operand.write(out);
                out.push_str(" IN (");
                list(out, operands, |out, operand| operand.write(out));
                out.push(')');
            }
            Condition::Function(function) => function.write(out),
        }
    }

    fn join(&self, out: &mut String, some: &[Condition], between: &str) {
        for (index, condition) in some.iter().enumerate() {
            if index > 0 {
                out.push_str(between);
            }
            condition.write_in(self, out);
        }
    }

    /// In parentheses, unless it binds more tightly than what it stands in.
    fn write_in(&self, around: &Condition, out: &mut String) {
        if self.binding() > around.binding() {
            self.write(out);
        } else {
            out.push('(');
            self.write(out);
            out.push(')');
        }
    }

    fn binding(&self) -> u8 {
        match self {
            Condition::Or(_) => 0,
            Condition::And(_) => 1,
            Condition::Not(_) => 2,
            _ => 3,
        }
    }
}

impl Update {
    fn write(&self, out: &mut String) {
        section(out, "SET ", &self.set, |out, action| {
            action.path.write(out);
            out.push_str(" = ");
            action.value.write(out);
        });
        section(out, "REMOVE ", &self.remove, |out, path| path.write(out));
        for (name, actions) in [("ADD ", &self.add), ("DELETE ", &self.delete)] {
            section(out, name, actions, |out, action| {
                action.path.write(out);
                out.push(' ');
                out.push_str(&action.value.placeholder);
            });
        }
    }
}

impl Operand {
    fn write(&self, out: &mut String) {
        match self {
            Operand::Path(path) => path.write(out),
            Operand::Value(value) => out.push_str(&value.placeholder),
            Operand::Function(function) => function.write(out),
            Operand::Arithmetic(arithmetic) => arithmetic.write(out),
        }
    }

    fn write_in_parentheses(&self, out: &mut String) {
        let needed = matches!(self, Operand::Arithmetic(_));
        if needed {
            out.push('(');
        }
        self.write(out);
        if needed {
            out.push(')');
        }
    }
}

impl Arithmetic {
    fn write(&self, out: &mut String) {
        self.left.write_in_parentheses(out);
        out.push_str(if self.minus { " - " } else { " + " });
        self.right.write_in_parentheses(out);
    }
}

impl Function {
    fn write(&self, out: &mut String) {
        out.push_str(self.name.as_str());
        out.push('(');
        list(out, &self.operands, |out, operand| operand.write_in_parentheses(out));
        out.push(')');
    }
}

impl Path {
    fn write(&self, out: &mut String) {
        for (index, element) in self.elements.iter().enumerate() {
            match element {
                Element::Index(index) => push_index(out, *index),
                Element::Name(written) | Element::Placeholder { placeholder: written, .. } => {
                    if index > 0 {
                        out.push('.');
                    }
                    out.push_str(written);
                }
            }
        }
    }

    /// The path as messages have it: `[a, b, [1]]`, with the names that placeholders stand for.
    pub(super) fn in_brackets(&self) -> String {
        let mut out = String::from("[");
        list(&mut out, &self.elements, |out, element| match element {
            Element::Index(index) => push_index(out, *index),
            element => out.push_str(element.name().unwrap_or_default()),
        });
        out.push(']');
        out
    }
}

macro_rules! display {
    ($($tree:ty),*) => {$(
        impl fmt::Display for $tree {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut out = String::new();
                self.write(&mut out);
                f.write_str(&out)
            }
        }
    )*};
}

display!(Condition, Update, Operand, Function, Path);

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

/// A value as messages have it: `{S:a}`, `{SS:[a, b]}`.
pub(super) fn value(value: &AttributeValue) -> String {
    let mut out = String::from("{");
    out.push_str(value.type_name());
    out.push(':');
    match value {
        AttributeValue::S(text) => out.push_str(text),
        AttributeValue::N(number) => out.push_str(number.as_str()),
        AttributeValue::Ss(set) => brackets(&mut out, set, |out, text| out.push_str(text)),
        AttributeValue::Ns(set) => brackets(&mut out, set, |out, number| out.push_str(number.as_str())),
        AttributeValue::L(items) => brackets(&mut out, items, |out, item| out.push_str(&self::value(item))),
        other => {
            // Without the quotes and the type around it.
            let mut written = String::new();
            other.write(&mut written, Notation::WIRE);
            let inner = written.split_once(':').and_then(|(_, rest)| rest.strip_suffix('}'));
            out.push_str(inner.unwrap_or_default().trim_matches('"'));
        }
    }
    out.push('}');
    out
}

fn brackets<T>(out: &mut String, items: &[T], write: impl Fn(&mut String, &T)) {
    out.push('[');
    list(out, items, write);
    out.push(']');
}

fn section<T>(out: &mut String, name: &str, items: &[T], write: impl Fn(&mut String, &T)) {
    if items.is_empty() {
        return;
    }
    if !out.is_empty() {
        out.push(' ');
    }
    out.push_str(name);
    list(out, items, write);
}

fn list<T>(out: &mut String, items: &[T], write: impl Fn(&mut String, &T)) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write(out, item);
    }
}

fn push_index(out: &mut String, index: u32) {
    out.push('[');
    crate::json::write_integer(out, i64::from(index));
    out.push(']');
}
