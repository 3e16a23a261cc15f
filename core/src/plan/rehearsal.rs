//! A plan that may take more steps than its first becomes an example of how it goes on: what is sent, what could come back,
//! what is sent then.
//!
//! Nothing is known of the table, so the outcomes are made up: of the first calls, one page has a successor and one piece of
//! work is left undone, and then all goes well. What is sent is what the plan itself does with them.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Sending, pause_ms};
use crate::attribute::{AttributeValue, Attributes, Notation};
use crate::command::{Api, Command};
use crate::json::{self, Object};
use crate::keys;
use crate::shape::Name;
use crate::tree::{Node, Structure};

/// Calls that go out together, and what becomes of the first.
#[derive(Debug)]
pub(super) struct Stage {
    calls: usize,
    attempt: u32,
    command: Command,
    outcome: Structure,
}

/// Goes through two stages; `resume` hands in outcomes by part, and says what to send then.
pub(super) fn stages(
    first: Vec<Sending>,
    keys: &[(String, Vec<String>)],
    resume: &mut dyn FnMut(Vec<(usize, Structure)>) -> Vec<Sending>,
) -> Vec<Stage> {
    let mut stages = Vec::new();
    let mut sends = first;
    for goes_well in [false, true] {
        let outcomes = sends.iter().enumerate().map(|(index, sending)| {
            let outcome = imagined(&sending.command, goes_well || index > 0, keys);
            (sending.part, outcome)
        });
        let outcomes: Vec<_> = outcomes.collect();
        let calls = sends.len();
        if let (Some(sending), Some((_, outcome))) = (sends.into_iter().next(), outcomes.first()) {
            let Sending { attempt, command, .. } = sending;
            stages.push(Stage { calls, attempt, command, outcome: outcome.clone() });
        }
        sends = resume(outcomes);
    }
    stages
}

impl Stage {
    /// `{"calls": 2, "pauseMs": 0, "command": {..}, "outcome": {..}}`.
    pub(super) fn write(&self, out: &mut String) {
        let mut object = Object::new(out);
        json::write_integer(object.member("calls"), i64::try_from(self.calls).unwrap_or(i64::MAX));
        json::write_integer(object.member("pauseMs"), i64::try_from(pause_ms(self.attempt)).unwrap_or(i64::MAX));
        self.command.write(object.member("command"));
        self.outcome.write(object.member("outcome"), Notation::WIRE);
        object.end();
    }
}

fn imagined(command: &Command, goes_well: bool, keys: &[(String, Vec<String>)]) -> Structure {
    let input = &command.input;
    let mut output = Structure::new(command.api.output());
    match command.api {
        Api::Scan | Api::Query => {
            let key = example_key(input, keys);
            if input.text(Name::Select) != Some("COUNT") {
                output.set(Name::Items, Node::List(alloc::vec![Node::Attributes(key.clone())]));
            }
            output.set(Name::Count, Node::Integer(1));
            output.set(Name::ScannedCount, Node::Integer(1));
            if !goes_well {
                output.set(Name::LastEvaluatedKey, Node::Attributes(key));
            }
        }
        _ => {
            let left = match (goes_well, input.get(Name::RequestItems)) {
                (false, Some(Node::Map(tables))) => tables.last().and_then(last_of).into_iter().collect(),
                _ => Vec::new(),
            };
            let name = if command.api.is_write() { Name::UnprocessedItems } else { Name::UnprocessedKeys };
            output.set(name, Node::Map(left));
        }
    }
    output
}

/// The key of an item: with the table's key attributes where they are known, or those of a key that the request names.
fn example_key(input: &Structure, keys: &[(String, Vec<String>)]) -> Attributes {
    let example = |name: &str| (String::from(name), AttributeValue::S("...".into()));
    let table = input.text(Name::TableName).unwrap_or_default();
    match (keys::of(keys, table), input.get(Name::ExclusiveStartKey)) {
        (Some(names), _) => names.iter().map(|name| example(name)).collect(),
        (None, Some(Node::Attributes(key))) => key.iter().map(|(name, _)| example(name)).collect(),
        _ => alloc::vec![example("...")],
    }
}

/// The last write or key of a table's share.
fn last_of((table, node): &(String, Node)) -> Option<(String, Node)> {
    let node = match node {
        Node::List(writes) => Node::List(alloc::vec![writes.last()?.clone()]),
        Node::Structure(keys) => {
            let Some(Node::List(list)) = keys.get(Name::Keys) else { return None };
            let last = Node::List(alloc::vec![list.last()?.clone()]);
            Node::Structure(keys.clone().with(Name::Keys, Some(last)))
        }
        _ => return None,
    };
    Some((table.clone(), node))
}
