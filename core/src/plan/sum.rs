//! What several calls consumed becomes what they consumed together: capacity by table and index, added up exactly.

use alloc::string::String;
use alloc::vec::Vec;

use crate::number;
use crate::shape::Name;
use crate::tree::{Node, Structure};

/// Adds the capacity of one more call to that of the calls before, where both are of one table.
pub(super) fn add_capacity(sum: &mut Option<Structure>, more: Structure) {
    match sum {
        None => *sum = Some(more),
        Some(sum) => add_structure(sum, more),
    }
}

/// The same for calls that tell their capacity table by table.
pub(super) fn add_capacities(sums: &mut Vec<Node>, more: Node) {
    let Node::List(more) = more else { return };
    for node in more {
        let Node::Structure(capacity) = node else { continue };
        let same = |node: &&mut Node| match node {
            Node::Structure(sum) => sum.text(Name::TableName) == capacity.text(Name::TableName),
            _ => false,
        };
        match sums.iter_mut().find(same) {
            Some(Node::Structure(sum)) => add_structure(sum, capacity),
            _ => sums.push(Node::Structure(capacity)),
        }
    }
}

/// Appends the lists of one more call to those of the calls before, name by name.
pub(super) fn add_lists(sums: &mut Vec<(String, Node)>, more: Node) {
    let Node::Map(more) = more else { return };
    for (name, node) in more {
        match (sums.iter_mut().find(|(known, _)| *known == name), node) {
            (Some((_, Node::List(list))), Node::List(more)) => list.extend(more),
            (_, node) => sums.push((name, node)),
        }
    }
}

fn add_structure(sum: &mut Structure, more: Structure) {
    for (name, node) in more.into_members() {
        match (sum.get_mut(name), node) {
            (Some(Node::Decimal(sum)), Node::Decimal(more)) => *sum = number::sum(sum, &more),
            (Some(Node::Structure(sum)), Node::Structure(more)) => add_structure(sum, more),
            (Some(Node::Map(sum)), Node::Map(more)) => {
                for (index, node) in more {
                    match (sum.iter_mut().find(|(known, _)| *known == index), node) {
                        (Some((_, Node::Structure(sum))), Node::Structure(more)) => add_structure(sum, more),
                        (_, node) => sum.push((index, node)),
                    }
                }
            }
            (Some(_), _) => {}
            (None, node) => sum.set(name, node),
        }
    }
}
