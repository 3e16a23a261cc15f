//! Updates, modern and legacy, become what is done to the item, in words: `sets a to 5; removes b`.

use alloc::string::String;

use super::condition::{Meaning, operand};
use super::text::{self, add};
use crate::attribute::AttributeValue;
use crate::expression::{Function, FunctionName, Operand, Path, Update, UpdateAction};
use crate::shape::Name;
use crate::tree::Node;

/// Appends what an update expression does, between semicolons.
pub(super) fn update(out: &mut String, update: &Update, meaning: Meaning<'_>) {
    let mut actions = Actions { out, any: false };
    for action in &update.set {
        let out = actions.next("sets ");
        text::path(out, &action.path);
        out.push_str(" to ");
        operand(out, &action.value, meaning);
    }
    for path in &update.remove {
        text::path(actions.next("removes "), path);
    }
    let value = |action: &UpdateAction| meaning.scope.get(&action.value.placeholder);
    for action in &update.add {
        if let Some(value) = value(action) {
            actions.add(&path_text(&action.path), value);
        }
    }
    for action in &update.delete {
        if let Some(value) = value(action) {
            actions.take_out(&path_text(&action.path), value);
        }
    }
}

/// Whether it cannot be done to an item that lacks something: a value that it uses, or what it goes into.
pub(super) fn needs_something(update: &Update) -> bool {
    let is_inside = |path: &Path| path.elements.len() > 1;
    update.set.iter().any(|action| is_inside(&action.path) || uses_attribute(&action.value))
        || update.remove.iter().any(is_inside)
        || update.add.iter().chain(&update.delete).any(|action| is_inside(&action.path))
}

fn uses_attribute(operand: &Operand) -> bool {
    match operand {
        Operand::Path(_) => true,
        Operand::Value(_) => false,
        Operand::Function(Function { name: FunctionName::IfNotExists, operands, .. }) => {
            operands.get(1).is_some_and(uses_attribute)
        }
        Operand::Function(function) => function.operands.iter().any(uses_attribute),
        Operand::Arithmetic(arithmetic) => uses_attribute(&arithmetic.left) || uses_attribute(&arithmetic.right),
    }
}

/// Appends what AttributeUpdates does, between semicolons.
pub(super) fn legacy(out: &mut String, updates: &[(String, Node)]) {
    let mut actions = Actions { out, any: false };
    for (attribute, update) in updates {
        let Node::Structure(update) = update else { continue };
        let mut name = String::new();
        text::name(&mut name, attribute);
        match (update.text(Name::Action), update.get(Name::Value)) {
            (Some("ADD"), Some(Node::AttributeValue(value))) => actions.add(&name, value),
            (Some("DELETE"), Some(Node::AttributeValue(value))) => actions.take_out(&name, value),
            (_, Some(Node::AttributeValue(value))) => {
                let out = actions.next("sets ");
                add(out, &[&name, " to "]);
                text::value(out, value);
            }
            _ => actions.next("removes ").push_str(&name),
        }
    }
}

struct Actions<'o> {
    out: &'o mut String,
    any: bool,
}

impl Actions<'_> {
    fn next(&mut self, verb: &str) -> &mut String {
        if core::mem::replace(&mut self.any, true) {
            self.out.push_str("; ");
        }
        self.out.push_str(verb);
        self.out
    }

    /// `ADD`, which makes what is not there: a number from 0, a set or a list from nothing.
    fn add(&mut self, path: &str, value: &AttributeValue) {
        let out = self.next("adds ");
        text::value(out, value);
        let else_from = if matches!(value, AttributeValue::N(_)) {
            " (counted from 0 if it is not there)"
        } else {
            " (made if it is not there)"
        };
        add(out, &[" to ", path, else_from]);
    }

    /// `DELETE` of members of a set.
    fn take_out(&mut self, path: &str, value: &AttributeValue) {
        let out = self.next("takes the members of ");
        text::value(out, value);
        add(out, &[" out of ", path]);
    }
}

fn path_text(path: &Path) -> String {
    let mut out = String::new();
    text::path(&mut out, path);
    out
}
