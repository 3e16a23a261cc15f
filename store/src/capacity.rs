//! The capacity that calls consume, for those who count it, whether or not the caller asked for it.

use gateleg_core::command::Command;
use gateleg_core::shape::Name;
use gateleg_core::tree::{Node, Structure};

/// Makes a command say what it consumes, and returns whether it would not have said so.
pub fn ask(command: &mut Command) -> bool {
    let asked = command.input.text(Name::ReturnConsumedCapacity).is_some_and(|what| what != "NONE");
    if !asked {
        command.input.set(Name::ReturnConsumedCapacity, Node::Text("TOTAL".into()));
    }
    !asked
}

/// The units that a call consumed, all tables and indexes together, as its output says; with `hide`, the output then says so no more.
pub fn consumed(output: &mut Structure, hide: bool) -> f64 {
    let consumed = output.get(Name::ConsumedCapacity).map_or(0.0, units);
    if hide {
        drop(output.take(Name::ConsumedCapacity));
    }
    consumed
}

/// The units in a `ConsumedCapacity`: of one table, or of several.
fn units(node: &Node) -> f64 {
    match node {
        Node::List(tables) => tables.iter().map(units).sum(),
        Node::Structure(table) => match table.get(Name::CapacityUnits) {
            Some(Node::Decimal(units)) => units.parse().unwrap_or(0.0),
            _ => 0.0,
        },
        _ => 0.0,
    }
}
