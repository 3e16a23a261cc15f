//! A call becomes sentences about what it does, for someone who is new to DynamoDB: one table's worth of phrases, walked by
//! what the call holds. What it costs and needs is said elsewhere.

mod batch;

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::condition::{self, Meaning, condition};
use super::text::{self, add, count};
use super::{parsed, scope, update};
use crate::command::{Api, Command};
use crate::expression::{Condition, Expression, ExpressionKind, Function, FunctionName, Operand};
use crate::join::Join as _;
use crate::operation::OperationName;
use crate::plan::MAX_PAGES;
use crate::request::{Options, Start};
use crate::shape::Name;
use crate::tree::{Node, Structure};

/// What an operation does that makes no call.
pub(super) fn answer(name: OperationName) -> Vec<String> {
    let reply = if name == OperationName::Ping { "Replies \"pong\"." } else { "Replies with the payload as it is." };
    alloc::vec![reply.into(), "No table is touched.".into()]
}

/// What a call does; `keys` are the key attributes of tables whose keys are known.
pub(super) fn call(command: &Command, options: &Options, keys: &[(String, Vec<String>)]) -> Vec<String> {
    let input = &command.input;
    let mut words = Words { sentences: Vec::new(), keys, in_transaction: false };
    match command.api {
        Api::Scan | Api::Query => words.pages(command.api, input, options),
        Api::BatchGetItem => words.batch_get(input),
        Api::BatchWriteItem => words.batch_write(input),
        Api::TransactGetItems | Api::TransactWriteItems => words.transaction(command.api, input),
        api => words.one(api, input),
    }
    if input.text(Name::ClientRequestToken).is_some() {
        words.say(&[
            "Sent again with the same token within 10 minutes, it is not done again, and takes read units instead.",
        ]);
    }
    words.report(input, options);
    words.sentences
}

struct Words<'a> {
    sentences: Vec<String>,
    keys: &'a [(String, Vec<String>)],
    in_transaction: bool,
}

impl Words<'_> {
    fn say(&mut self, parts: &[&str]) {
        self.sentences.push(parts.together());
    }

    /// A call for one item, or one action of a transaction.
    fn one(&mut self, api: Api, input: &Structure) {
        match api {
            Api::PutItem => self.put(input),
            Api::UpdateItem => self.update(input),
            Api::DeleteItem => {
                let nothing = if has_condition(input) { "." } else { ". If there is none, nothing happens." };
                self.say(&["Deletes ", &item(input), " from ", table(input), nothing]);
                self.condition(input, "It does so only if ");
            }
            _ => {
                self.say(&["Reads ", &item(input), " from ", table(input), "."]);
                self.projection(input, "It returns only ", " of it.");
                if !self.in_transaction {
                    self.consistency(input);
                }
            }
        }
        self.returned(api, input);
    }

    fn put(&mut self, input: &Structure) {
        let mut item = String::from("an item without attributes");
        if let Some(Node::Attributes(attributes)) = input.get(Name::Item)
            && !attributes.is_empty()
        {
            item = ["an item of ", &count(attributes.len(), "attribute"), " ("].together();
            text::list(&mut item, attributes, " and ", |out, (attribute, _)| text::name(out, attribute));
            item.push(')');
        }
        let known =
            self.keys.iter().find(|(name, _)| name == table(input)).map_or(&[][..], |(_, keys)| keys.as_slice());
        let absent = match parsed(input, ExpressionKind::Condition) {
            Some(Expression::Condition(condition)) => must_be_absent(&condition).map(String::from),
            _ => None,
        };
        if let Some(name) = absent.as_deref().filter(|name| known.iter().any(|key| key == name)) {
            let mut same = String::new();
            text::list(&mut same, known, " and ", |out, key| text::name(out, key));
            let mut written = String::new();
            text::name(&mut written, name);
            self.say(&[
                "Puts ",
                &item,
                " into ",
                table(input),
                ", unless one with the same ",
                &same,
                " is there already (attribute_not_exists(",
                &written,
                ")); then ",
                self.failure(),
            ]);
            return;
        }
        self.say(&[
            "Puts ",
            &item,
            " into ",
            table(input),
            ". An item that is there under the same key is replaced as a whole.",
        ]);
        self.condition(input, "It does so only if ");
        if let Some(name) = absent
            && known.is_empty()
            && matches!(input.get(Name::Item), Some(Node::Attributes(item)) if item.iter().any(|(held, _)| *held == name))
        {
            let mut written = String::new();
            text::name(&mut written, &name);
            self.say(&[
                "If ",
                &written,
                " belongs to the key of ",
                table(input),
                ", that means: only if there is no such item yet.",
            ]);
        }
    }

    fn update(&mut self, input: &Structure) {
        let mut actions = String::new();
        let scope = scope(input);
        let (mut makes, mut needs) = (true, false);
        match (parsed(input, ExpressionKind::Update), input.get(Name::AttributeUpdates)) {
            (Some(Expression::Update(tree)), _) => {
                makes = !tree.set.is_empty() || !tree.add.is_empty();
                needs = update::needs_something(&tree);
                update::update(&mut actions, &tree, Meaning { scope: &scope, is_key: &|_| false });
            }
            (_, Some(Node::Map(updates))) => {
                makes = updates.is_empty()
                    || updates.iter().any(|(_, update)| {
                        matches!(update, Node::Structure(update) if update.text(Name::Action) != Some("DELETE"))
                    });
                update::legacy(&mut actions, updates);
            }
            _ => {}
        }
        if actions.is_empty() {
            self.say(&[
                "Creates ",
                &item(input),
                " in ",
                table(input),
                " if it is not there, and changes nothing if it is.",
            ]);
        } else {
            let legacy = if input.get(Name::AttributeUpdates).is_some() {
                " (AttributeUpdates, a legacy parameter)"
            } else {
                ""
            };
            self.say(&["Updates ", &item(input), " in ", table(input), ": ", &actions, legacy, "."]);
            if makes && !needs && !has_condition(input) {
                self.say(&["If there is no such item, it is created."]);
            }
        }
        self.condition(input, "It does so only if ");
        if needs {
            let fails = if self.in_transaction {
                "the whole transaction is cancelled."
            } else {
                "the call fails with ValidationException."
            };
            self.say(&[
                "If the item lacks a value that this uses, or what this goes into, nothing is written and ",
                fails,
            ]);
        }
    }

    /// The condition of a write.
    fn condition(&mut self, input: &Structure, before: &str) {
        let (mut words, mut legacy) = (String::new(), "");
        let scope = scope(input);
        let is_key = |name: &str| match input.get(Name::Key) {
            Some(Node::Attributes(key)) => key.iter().any(|(attribute, _)| attribute == name),
            _ => {
                self.keys.iter().any(|(table, keys)| table == self::table(input) && keys.iter().any(|key| key == name))
            }
        };
        match (parsed(input, ExpressionKind::Condition), input.get(Name::Expected)) {
            (Some(Expression::Condition(tree)), _) => {
                condition(&mut words, &tree, Meaning { scope: &scope, is_key: &is_key });
            }
            (_, Some(Node::Map(conditions))) if !conditions.is_empty() => {
                legacy = " (Expected, a legacy parameter)";
                condition::legacy(&mut words, conditions, any(input));
            }
            _ => return,
        }
        self.say(&[before, &words, legacy, ", judged on the item that is there already; otherwise ", self.failure()]);
        if input.text(Name::ReturnValuesOnConditionCheckFailure) == Some("ALL_OLD") {
            self.say(&["The error then shows the item that is there."]);
        }
    }

    fn failure(&self) -> &'static str {
        if self.in_transaction {
            "the whole transaction is cancelled."
        } else {
            "nothing is written, and the call fails with ConditionalCheckFailedException."
        }
    }

    fn returned(&mut self, api: Api, input: &Structure) {
        let words = match (input.text(Name::ReturnValues), api) {
            (Some("ALL_OLD"), Api::PutItem) => "Returns the item that was replaced, if there was one.",
            (Some("ALL_OLD"), Api::DeleteItem) => "Returns the item that was deleted, if there was one.",
            (Some("ALL_OLD"), _) => "Returns the item as it was before, if it was there.",
            (Some("UPDATED_OLD"), _) => "Returns the updated attributes as they were before.",
            (Some("ALL_NEW"), _) => "Returns the whole item as it is afterwards.",
            (Some("UPDATED_NEW"), _) => "Returns the updated attributes as they are afterwards.",
            _ => return,
        };
        self.say(&[words]);
    }

    fn consistency(&mut self, input: &Structure) {
        self.say(&[match input.get(Name::ConsistentRead) {
            Some(Node::Boolean(true)) => {
                "The read is strongly consistent: it sees every write that succeeded before it."
            }
            _ => "The read is eventually consistent: it may miss a write of the last moment.",
        }]);
    }

    /// Which attributes come back, if not all.
    fn projection(&mut self, input: &Structure, before: &str, after: &str) {
        let mut words = String::from(before);
        match (parsed(input, ExpressionKind::Projection), input.get(Name::AttributesToGet)) {
            (Some(Expression::Projection(paths)), _) => text::list(&mut words, &paths, " and ", text::path),
            (_, Some(Node::List(names))) => text::list(&mut words, names, " and ", |out, attribute| {
                if let Node::Text(attribute) = attribute {
                    text::name(out, attribute);
                }
            }),
            _ => return,
        }
        words.push_str(after);
        if input.get(Name::AttributesToGet).is_some() {
            words.push_str(" (AttributesToGet is a legacy parameter.)");
        }
        self.sentences.push(words);
    }

    fn pages(&mut self, api: Api, input: &Structure, options: &Options) {
        let mut from = String::from(table(input));
        if let Some(index) = input.text(Name::IndexName) {
            from = ["the index ", index, " of ", &from].together();
        }
        if api == Api::Scan {
            self.say(&["Reads ", &from, " item after item, in no particular order."]);
        } else {
            let key = filtered(input, ExpressionKind::KeyCondition, Name::KeyConditions, false).unwrap_or_default();
            let order = match input.get(Name::ScanIndexForward) {
                Some(Node::Boolean(false)) => "from the last to the first by their sort key",
                _ => "in the order of their sort key",
            };
            self.say(&["Reads the items of ", &from, " where ", &key, ", ", order, "."]);
        }
        self.segments(input, options);
        if let Some(Node::Attributes(key)) = input.get(Name::ExclusiveStartKey) {
            let mut words = String::from("It goes on after the item with ");
            text::key(&mut words, key);
            words.push('.');
            self.sentences.push(words);
        }
        let legacy = if api == Api::Scan { Name::ScanFilter } else { Name::QueryFilter };
        if let Some(filter) = filtered(input, ExpressionKind::Filter, legacy, any(input)) {
            self.say(&[
                "Of what it reads it returns only the items where ",
                &filter,
                "; the others are read and paid for all the same.",
            ]);
        }
        match input.text(Name::Select) {
            Some("COUNT") => self.say(&["It returns only how many they are."]),
            Some("ALL_PROJECTED_ATTRIBUTES") => self.say(&["It returns the attributes that the index holds."]),
            Some("ALL_ATTRIBUTES") => self.say(&["It returns all attributes of each item."]),
            _ => {}
        }
        self.projection(input, "It returns only ", " of each item.");
        self.consistency(input);
        self.extent(input, options);
    }

    /// Which parts of a table a scan reads.
    fn segments(&mut self, input: &Structure, options: &Options) {
        if let (Some(Node::Integer(segment)), Some(Node::Integer(total))) =
            (input.get(Name::Segment), input.get(Name::TotalSegments))
        {
            let (segment, total) = (segment.to_string(), total.to_string());
            self.say(&["It reads only one part of ", &total, ": segment ", &segment, ", counted from 0."]);
        }
        let Some(starts) = &options.starts else { return };
        let count = count(starts.len(), "segment");
        if starts.iter().all(|start| *start == Start::Beginning) {
            self.say(&["The table is read in ", &count, " side by side."]);
        } else {
            self.say(&["The table is read in ", &count, " side by side, each from where the Continuation says."]);
        }
    }

    /// How much is read.
    fn extent(&mut self, input: &Structure, options: &Options) {
        if let Some(Node::Integer(limit)) = input.get(Name::Limit) {
            let items = count(usize::try_from(*limit).unwrap_or(usize::MAX), "item");
            let filtered = [Name::FilterExpression, Name::QueryFilter, Name::ScanFilter];
            let before =
                if filtered.iter().any(|name| input.get(*name).is_some()) { ", counted before the filter" } else { "" };
            self.say(&["A page is at most ", &items, before, "."]);
        }
        if !options.all {
            self.say(&["One page of at most 1 MB is read; if there is more, LastEvaluatedKey in the reply says where to go on."]);
            return;
        }
        let pages = MAX_PAGES.to_string();
        match options.max_items {
            Some(items) => {
                let items = count(usize::try_from(items).unwrap_or(usize::MAX), "item");
                self.say(&[
                    "It follows the pages, at most ",
                    &pages,
                    " of at most 1 MB each, until it has ",
                    &items,
                    " or there are no more.",
                ]);
            }
            None => {
                self.say(&["It follows the pages, at most ", &pages, " of at most 1 MB each, until there are no more."])
            }
        }
    }

    fn transaction(&mut self, api: Api, input: &Structure) {
        let Some(Node::List(actions)) = input.get(Name::TransactItems) else { return };
        if api == Api::TransactGetItems {
            self.say(&["Reads ", &count(actions.len(), "item"), " in one transaction, as they are at one moment:"]);
        } else {
            self.say(&["Does ", &count(actions.len(), "thing"), " in one transaction: all of it, or nothing:"]);
        }
        for (index, action) in actions.iter().enumerate() {
            let Node::Structure(action) = action else { continue };
            for (name, inner) in action.iter() {
                let Node::Structure(inner) = inner else { continue };
                let mut words = Words { sentences: Vec::new(), keys: self.keys, in_transaction: true };
                match name {
                    Name::Get => words.one(Api::GetItem, inner),
                    Name::Put => words.one(Api::PutItem, inner),
                    Name::Update => words.one(Api::UpdateItem, inner),
                    Name::Delete => words.one(Api::DeleteItem, inner),
                    _ => {
                        words.say(&["Checks ", &item(inner), " in ", table(inner), ", and does not change it."]);
                        words.condition(inner, "The transaction goes on only if ");
                    }
                }
                self.say(&[&(index + 1).to_string(), ". ", &words.sentences.joined(" ")]);
            }
        }
    }

    /// What the reply tells beside, and whether anything is sent.
    fn report(&mut self, input: &Structure, options: &Options) {
        match input.text(Name::ReturnConsumedCapacity) {
            Some("TOTAL") => self.say(&["The reply says how many units it took."]),
            Some("INDEXES") => self.say(&["The reply says how many units it took, of the table and of each index."]),
            _ => {}
        }
        if input.text(Name::ReturnItemCollectionMetrics) == Some("SIZE") {
            self.say(&["The reply says how large the item collection is, if the table has a local index."]);
        }
        if options.dry_run {
            self.say(&["It is a dry run: nothing is sent."]);
        }
    }
}

fn table(input: &Structure) -> &str {
    input.text(Name::TableName).unwrap_or_default()
}

/// The item that a key names.
fn item(input: &Structure) -> String {
    let mut out = String::from("the item with ");
    match input.get(Name::Key) {
        Some(Node::Attributes(key)) if !key.is_empty() => text::key(&mut out, key),
        _ => out.push_str("an empty key"),
    }
    out
}

fn has_condition(input: &Structure) -> bool {
    input.get(Name::ConditionExpression).is_some()
        || matches!(input.get(Name::Expected), Some(Node::Map(conditions)) if !conditions.is_empty())
}

/// Whether legacy conditions hold when any of them does.
fn any(input: &Structure) -> bool {
    input.text(Name::ConditionalOperator) == Some("OR")
}

/// A filter or a key condition, in its modern or its legacy form.
fn filtered(input: &Structure, kind: ExpressionKind, legacy: Name, any: bool) -> Option<String> {
    let mut words = String::new();
    let scope = scope(input);
    match (parsed(input, kind), input.get(legacy)) {
        (Some(Expression::Condition(tree)), _) => {
            condition(&mut words, &tree, Meaning { scope: &scope, is_key: &|_| false });
        }
        (_, Some(Node::Map(conditions))) if !conditions.is_empty() => {
            condition::legacy(&mut words, conditions, any);
            add(&mut words, &[" (", legacy.as_str(), ", a legacy parameter)"]);
        }
        _ => return None,
    }
    Some(words)
}

/// The attribute that must not exist, if that is all that is asked.
fn must_be_absent(condition: &Condition) -> Option<&str> {
    let Condition::Function(Function { name: FunctionName::AttributeNotExists, operands, .. }) = condition else {
        return None;
    };
    match operands.as_slice() {
        [Operand::Path(path)] => match path.elements.as_slice() {
            [element] => element.name(),
            _ => None,
        },
        _ => None,
    }
}
