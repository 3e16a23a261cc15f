//! Batches and transactions: each key, item and action by itself, in order, and then whether one is named twice.
//!
//! Two items are the same when their keys are. Which attributes are the key is known from the policy or, within a
//! transaction, from another action's `Key`; otherwise only items that are the same throughout are known to be one.

use alloc::format;
use alloc::vec::Vec;

use super::canonical::{Identity, repeated};
use super::{Judge, delete, get as get_item, legacy, parameters, put, sizes, update};
use crate::attribute::Attributes;
use crate::command::Command;
use crate::error::{Error, Patch};
use crate::pointer::Pointer;
use crate::rule::Rule;
use crate::shape::Name;
use crate::size;
use crate::tree::{Node, Structure};

/// Most keys and most writes of one batch call.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html>
pub(crate) const MAX_KEYS: usize = 100;
pub(crate) const MAX_WRITES: usize = 25;
/// Most bytes of all items of a transaction.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
const MAX_TRANSACTION: usize = 4 * 1024 * 1024;

/// BatchGetItem.
pub(super) fn get(judge: Judge<'_>, input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    let Some(Node::Map(tables)) = input.get(Name::RequestItems) else { return Ok(()) };
    let here = place.key(Name::RequestItems.as_str());
    for (table, keys) in tables {
        if let Node::Structure(keys) = keys {
            get_table(judge, table, keys, &here.key(table))?;
        }
    }
    Ok(())
}

/// `batchRead` with a `tableName`.
pub(crate) fn get_short(judge: Judge<'_>, table: &str, input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    get_table(judge, table, input, place)
}

fn get_table(judge: Judge<'_>, table: &str, keys: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    parameters::mixing(keys, &parameters::PROJECTED, place)?;
    legacy::attributes_to_get(keys, place)?;
    parameters::expressions(judge, keys, place)?;
    let here = place.key(Name::Keys.as_str());
    let keys = list(keys, Name::Keys);
    let identities: Vec<_> = keys.iter().filter_map(attributes).map(|key| (table, Identity::whole(key))).collect();
    let second = repeated(&identities);
    for (index, key) in keys.iter().enumerate() {
        let here = here.index(index);
        judge.values(&here)?;
        if let Some(key) = attributes(key) {
            sizes::key_size(judge, Some(table), key, &here)?;
        }
        if second == Some(index) {
            return Err(Error::broken(Rule::BatchDuplicates, &[])
                .at(&here)
                .fix(Patch::Remove { path: here.to_text() }));
        }
    }
    Ok(())
}

/// BatchWriteItem.
pub(super) fn write(judge: Judge<'_>, input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    let Some(Node::Map(tables)) = input.get(Name::RequestItems) else { return Ok(()) };
    let here = place.key(Name::RequestItems.as_str());
    for (table, requests) in tables {
        let here = here.key(table);
        let Node::List(requests) = requests else { continue };
        for (index, request) in requests.iter().enumerate() {
            if let Node::Structure(request) = request
                && request.iter().count() != 1
            {
                return Err(Error::broken(Rule::BatchWrite, &[])
                    .at(&here.index(index))
                    .hint("Each write is a PutRequest or a DeleteRequest"));
            }
        }
        let writes: Vec<Write<'_>> = requests.iter().enumerate().filter_map(Write::of_request).collect();
        write_table(judge, table, &writes, &here)?;
    }
    Ok(())
}

/// `batchWrite` with a `tableName`.
pub(crate) fn write_short(judge: Judge<'_>, table: &str, input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    let writes: Vec<Write<'_>> = [(Name::Put, Form::Put), (Name::Delete, Form::Delete)]
        .into_iter()
        .flat_map(|(name, form)| {
            let with_index = list(input, name).iter().enumerate();
            with_index.filter_map(move |(index, item)| Some(Write { form, index, attributes: attributes(item)? }))
        })
        .collect();
    write_table(judge, table, &writes, place)
}

/// One write of a batch, and how it is written in the request.
struct Write<'w> {
    form: Form,
    index: usize,
    attributes: &'w Attributes,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    PutRequest,
    DeleteRequest,
    Put,
    Delete,
}

impl<'w> Write<'w> {
    fn of_request((index, request): (usize, &'w Node)) -> Option<Self> {
        let Node::Structure(request) = request else { return None };
        let inner = |name: Name, holds: Name| match request.get(name) {
            Some(Node::Structure(inner)) => inner.get(holds).and_then(attributes),
            _ => None,
        };
        if let Some(attributes) = inner(Name::PutRequest, Name::Item) {
            return Some(Write { form: Form::PutRequest, index, attributes });
        }
        let attributes = inner(Name::DeleteRequest, Name::Key)?;
        Some(Write { form: Form::DeleteRequest, index, attributes })
    }

    fn is_put(&self) -> bool {
        matches!(self.form, Form::PutRequest | Form::Put)
    }

    /// Calls `f` with the place of the write and that of its attributes.
    fn at<R>(&self, place: &Pointer<'_>, f: impl FnOnce(&Pointer<'_>, &Pointer<'_>) -> R) -> R {
        let (request, holds) = match self.form {
            Form::PutRequest => (Name::PutRequest, Name::Item),
            Form::DeleteRequest => (Name::DeleteRequest, Name::Key),
            Form::Put | Form::Delete => {
                let list = if self.is_put() { Name::Put } else { Name::Delete };
                let list = place.key(list.as_str());
                let here = list.index(self.index);
                return f(&here, &here);
            }
        };
        let here = place.index(self.index);
        f(&here, &here.key(request.as_str()).key(holds.as_str()))
    }
}

fn write_table(judge: Judge<'_>, table: &str, writes: &[Write<'_>], place: &Pointer<'_>) -> Result<(), Error> {
    let identities: Vec<_> = if writes.len() < 2 {
        Vec::new()
    } else {
        let names = judge.key_names(table);
        let identity = |attributes| {
            names.and_then(|names| Identity::key(attributes, names)).unwrap_or_else(|| Identity::whole(attributes))
        };
        writes.iter().map(|write| (table, identity(write.attributes))).collect()
    };
    let second = repeated(&identities);
    for (index, write) in writes.iter().enumerate() {
        write.at(place, |here, inside| {
            judge.values(inside)?;
            if write.is_put() {
                sizes::item_size(write.attributes, inside)?;
            }
            sizes::key_size(judge, Some(table), write.attributes, inside)?;
            if second != Some(index) {
                return Ok(());
            }
            let whole = Identity::whole(write.attributes);
            let same =
                |other: &Write<'_>| other.form == write.form && Identity::whole(other.attributes).is_same(&whole);
            let error = Error::broken(Rule::BatchDuplicates, &[]).at(here);
            // Of two different writes to one item, only the caller knows which is meant.
            Err(if writes.iter().take(index).any(same) {
                error.fix(Patch::Remove { path: here.to_text() })
            } else {
                error
            })
        })?;
    }
    Ok(())
}

/// TransactGetItems.
pub(super) fn transact_get(judge: Judge<'_>, input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    let items = list(input, Name::TransactItems);
    let here = place.key(Name::TransactItems.as_str());
    for (index, item) in items.iter().enumerate() {
        if let Some((name, action)) = action(item) {
            get_item(judge, action, &here.index(index).key(name.as_str()))?;
        }
    }
    distinct(judge, items, &here)
}

/// TransactWriteItems.
pub(super) fn transact_write(judge: Judge<'_>, input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    let items = list(input, Name::TransactItems);
    let here = place.key(Name::TransactItems.as_str());
    for (index, item) in items.iter().enumerate() {
        let Node::Structure(item) = item else { continue };
        let rule = match item.iter().count() {
            0 => Rule::TransactionNoAction,
            1 => continue,
            _ => Rule::TransactionActions,
        };
        return Err(Error::broken(rule, &[]).at(&here.index(index)));
    }
    let mut bytes = 0;
    for (index, item) in items.iter().enumerate() {
        let Some((name, action)) = action(item) else { continue };
        let here = here.index(index);
        let here = here.key(name.as_str());
        match name {
            Name::Put => put(judge, action, &here)?,
            Name::Update => update(judge, action, &here)?,
            _ => delete(judge, action, &here)?,
        }
        if let Some(Node::Attributes(item)) = action.get(Name::Item) {
            bytes += size::attributes(item);
        }
    }
    distinct(judge, items, &here)?;
    if bytes > MAX_TRANSACTION {
        let hint = format!("They have {bytes} bytes, {MAX_TRANSACTION} are allowed");
        return Err(Error::broken(Rule::TransactionSize, &[]).at(&here).hint(hint));
    }
    Ok(())
}

/// No two actions of a transaction are on the same item.
fn distinct(judge: Judge<'_>, items: &[Node], place: &Pointer<'_>) -> Result<(), Error> {
    if items.len() < 2 {
        return Ok(());
    }
    let actions = || items.iter().filter_map(action).map(|(_, action)| action);
    // What the actions with a Key say about the keys of their tables.
    let told: Vec<(&str, Vec<&str>)> = actions()
        .filter_map(|action| {
            let key = action.get(Name::Key).and_then(attributes)?;
            Some((action.text(Name::TableName)?, Identity::whole(key).names()))
        })
        .collect();
    let identities: Vec<(&str, Identity<'_>)> = actions()
        .filter_map(|action| {
            let table = action.text(Name::TableName)?;
            if let Some(key) = action.get(Name::Key).and_then(attributes) {
                return Some((table, Identity::whole(key)));
            }
            let item = action.get(Name::Item).and_then(attributes)?;
            let known = judge.key_names(table).and_then(|names| Identity::key(item, names));
            let told = || told.iter().find(|(of, _)| *of == table).and_then(|(_, names)| Identity::key(item, names));
            Some((table, known.or_else(told).unwrap_or_else(|| Identity::whole(item))))
        })
        .collect();
    match repeated(&identities) {
        Some(second) => Err(Error::broken(Rule::TransactionDuplicates, &[]).at(&place.index(second))),
        None => Ok(()),
    }
}

/// The one action of a transaction's item.
fn action(item: &Node) -> Option<(Name, &Structure)> {
    let Node::Structure(item) = item else { return None };
    item.iter().find_map(|(name, node)| match node {
        Node::Structure(action) => Some((name, action)),
        _ => None,
    })
}

fn list(input: &Structure, name: Name) -> &[Node] {
    match input.get(name) {
        Some(Node::List(items)) => items,
        _ => &[],
    }
}

fn attributes(node: &Node) -> Option<&Attributes> {
    match node {
        Node::Attributes(attributes) => Some(attributes),
        _ => None,
    }
}

/// What one call may carry; a request may carry more, which takes more calls.
pub(crate) fn one_call(command: &Command, place: &Pointer<'_>) -> Result<(), Error> {
    let Some(Node::Map(tables)) = command.input.get(Name::RequestItems) else { return Ok(()) };
    let count: usize = tables
        .iter()
        .map(|(_, node)| match node {
            Node::Structure(keys) => list(keys, Name::Keys).len(),
            Node::List(writes) => writes.len(),
            _ => 0,
        })
        .sum();
    let most = if command.api.is_write() { MAX_WRITES } else { MAX_KEYS };
    if count <= most {
        return Ok(());
    }
    Err(Error::broken(Rule::BatchSize, &[command.api.as_str()])
        .at(place)
        .hint(format!("One call may carry at most {most}")))
}
