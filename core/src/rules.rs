//! A call whose parameters are in order by themselves is judged as a whole: what may stand together, expressions, legacy
//! parameters, sizes and duplicates, each call in the order in which DynamoDB tells its faults.
//!
//! One function per call says that order and nothing else. What a rule is called and how it is worded is in [`crate::rule`];
//! single parameters are [`crate::check`]'s, the grammar of expressions is [`crate::expression`]'s, and what only a table
//! can tell (its key schema, its indexes) is the store's.

mod batch;
mod canonical;
mod fix;
mod legacy;
mod parameters;
mod read;
mod sizes;

use alloc::string::String;
use alloc::vec::Vec;

use crate::check;
use crate::command::{Api, Command};
use crate::error::{Error, Patch};
use crate::keys;
use crate::pointer::Pointer;
use crate::rule::Rule;
use crate::shape::Name;
use crate::tree::Structure;

pub(crate) use self::batch::{MAX_KEYS, MAX_WRITES, get_short, one_call, write_short};

/// What a judge knows beside the call.
#[derive(Clone, Copy)]
pub(crate) struct Judge<'j> {
    /// What is wrong with attribute values, as [`crate::reader::Reader::faults`] has it.
    pub(crate) faults: &'j [Error],
    /// The key attributes of tables whose keys are known, by table.
    pub(crate) keys: &'j [(String, Vec<String>)],
}

/// Checks a whole call; `place` is where its parameters stand.
pub(crate) fn command(command: &Command, place: &Pointer<'_>, judge: Judge<'_>) -> Result<(), Error> {
    let input = &command.input;
    check::input(input, place)?;
    match command.api {
        Api::PutItem => put(judge, input, place),
        Api::GetItem => get(judge, input, place),
        Api::UpdateItem => update(judge, input, place),
        Api::DeleteItem => delete(judge, input, place),
        Api::Scan => scan(judge, input, place),
        Api::Query => query(judge, input, place),
        Api::BatchGetItem => batch::get(judge, input, place),
        Api::BatchWriteItem => batch::write(judge, input, place),
        Api::TransactGetItems => batch::transact_get(judge, input, place),
        Api::TransactWriteItems => batch::transact_write(judge, input, place),
    }
}

/// PutItem, and the `Put` of a transaction.
fn put(judge: Judge<'_>, input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    parameters::mixing(input, &parameters::CONDITIONAL, place)?;
    judge.values(&place.key(Name::Item.as_str()))?;
    return_values(input, place)?;
    sizes::item(judge, input, place)?;
    legacy::expected(judge, input, place)?;
    parameters::expressions(judge, input, place)?;
    Ok(())
}

/// GetItem, and the `Get` of a transaction.
fn get(judge: Judge<'_>, input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    parameters::mixing(input, &parameters::PROJECTED, place)?;
    judge.values(&place.key(Name::Key.as_str()))?;
    sizes::key(judge, input, place)?;
    legacy::attributes_to_get(input, place)?;
    parameters::expressions(judge, input, place)?;
    Ok(())
}

/// UpdateItem, and the `Update` of a transaction.
fn update(judge: Judge<'_>, input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    parameters::mixing(input, &parameters::UPDATED, place)?;
    judge.values(&place.key(Name::Key.as_str()))?;
    sizes::key(judge, input, place)?;
    legacy::attribute_updates(judge, input, place)?;
    legacy::expected(judge, input, place)?;
    let expressions = parameters::expressions(judge, input, place)?;
    match &expressions.update {
        Some(update) => sizes::update(update, input, place),
        None => Ok(()),
    }
}

/// DeleteItem, and the `Delete` and `ConditionCheck` of a transaction.
fn delete(judge: Judge<'_>, input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    parameters::mixing(input, &parameters::CONDITIONAL, place)?;
    judge.values(&place.key(Name::Key.as_str()))?;
    sizes::key(judge, input, place)?;
    return_values(input, place)?;
    legacy::expected(judge, input, place)?;
    parameters::expressions(judge, input, place)?;
    Ok(())
}

fn scan(judge: Judge<'_>, input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    parameters::mixing(input, &parameters::SCANNED, place)?;
    legacy::attributes_to_get(input, place)?;
    legacy::conditions(judge, input, Name::ScanFilter, place)?;
    legacy::conditional_operator(input, Name::ScanFilter, place)?;
    read::start_key(judge, place)?;
    read::segment(input, place)?;
    read::select(input, place)?;
    parameters::expressions(judge, input, place)?;
    Ok(())
}

fn query(judge: Judge<'_>, input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    parameters::mixing(input, &parameters::QUERIED, place)?;
    legacy::conditions(judge, input, Name::QueryFilter, place)?;
    legacy::conditional_operator(input, Name::QueryFilter, place)?;
    legacy::attributes_to_get(input, place)?;
    read::start_key(judge, place)?;
    read::key_condition_present(input, place)?;
    read::select(input, place)?;
    let expressions = parameters::expressions(judge, input, place)?;
    read::key_condition(&expressions, input, place)?;
    legacy::conditions(judge, input, Name::KeyConditions, place)?;
    read::key_conditions_count(input, place)
}

/// Only an update can return new values.
fn return_values(input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    match input.text(Name::ReturnValues) {
        None | Some("NONE" | "ALL_OLD") => Ok(()),
        Some(_) => {
            let here = place.key(Name::ReturnValues.as_str());
            Err(Error::broken(Rule::ReturnValuesSingle, &[])
                .at(&here)
                .hint("ALL_OLD returns the item as it was")
                .fix(Patch::Replace { path: here.to_text(), value: "\"ALL_OLD\"".into() }))
        }
    }
}

impl<'j> Judge<'j> {
    /// What is wrong with an attribute value at or inside `place`.
    ///
    /// # Errors
    /// The first such fault.
    fn values(self, place: &Pointer<'_>) -> Result<(), Error> {
        match self.fault(place) {
            Some(fault) => Err(fault.clone()),
            None => Ok(()),
        }
    }

    fn fault(self, place: &Pointer<'_>) -> Option<&'j Error> {
        if self.faults.is_empty() {
            return None;
        }
        let here = place.to_text();
        let inside =
            |path: &str| path.strip_prefix(here.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.faults.iter().find(|fault| fault.path().is_some_and(inside))
    }

    /// The names of a table's key attributes, the partition key first, if they are known.
    fn key_names(self, table: &str) -> Option<&'j [String]> {
        keys::of(self.keys, table)
    }
}
