//! Tables' labels become their real names on the way to a store, and labels again on the way back: in outputs, in figures of
//! capacity, and in the store's words.
//!
//! Whoever plans and whoever calls sees labels alone. Which labels there are a policy says.

use std::sync::Arc;

use gateleg_core::command::Command;
use gateleg_core::outcome::Outcome;
use gateleg_core::policy::is_arn;
use gateleg_core::shape::{Kind, Name};
use gateleg_core::tree::{Node, Structure};

use crate::{BoxFuture, Store};

/// Labels, each with the real name or the ARN of its table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels(Vec<(String, String)>);

impl Labels {
    /// Labels with the names of their tables; those that are the table's name anyway are left out.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Labels(pairs.into_iter().filter(|(label, table)| label != table).collect())
    }

    /// The real name or the ARN of the table; a name that is no label stands for itself.
    pub fn table<'l>(&'l self, label: &'l str) -> &'l str {
        self.0.iter().find(|(known, _)| known == label).map_or(label, |(_, table)| table)
    }

    /// The label of a table, however a store names it.
    fn label(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(_, table)| table == name || bare(table) == bare(name));
        found.map(|(label, _)| label.as_str())
    }

    /// A text with labels in place of the names and ARNs of their tables.
    fn relabel(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let is_named = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
            let end = if is_arn(rest) {
                rest.find(|c: char| !is_named(c) && !":/".contains(c))
            } else {
                rest.find(|c: char| !is_named(c)).map(|end| end.max(rest.chars().next().map_or(1, char::len_utf8)))
            };
            let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
            // A full stop at the end is the sentence's.
            let name = word.trim_end_matches(['.', ':']);
            let beside = word.get(name.len()..).unwrap_or_default();
            match self.label(name) {
                Some(label) => {
                    out.push_str(label);
                    out.push_str(name.split_once("/index/").map_or("", |_| "/index/"));
                    out.push_str(name.split_once("/index/").map_or("", |(_, index)| index));
                }
                None => out.push_str(name),
            }
            out.push_str(beside);
            rest = after;
        }
        out
    }
}

/// The name in an ARN; a name is one already.
fn bare(table: &str) -> &str {
    match table.split_once(":table/") {
        Some((_, name)) if is_arn(table) => name.split('/').next().unwrap_or(name),
        _ => table,
    }
}

/// A store whose tables go by labels.
pub struct LabelledStore {
    store: Arc<dyn Store>,
    labels: Labels,
}

impl LabelledStore {
    /// That store with those labels; the store itself where there are none.
    pub fn over(store: Arc<dyn Store>, labels: Labels) -> Arc<dyn Store> {
        if labels.0.is_empty() { store } else { Arc::new(LabelledStore { store, labels }) }
    }
}

impl Store for LabelledStore {
    fn execute(&self, mut command: Command) -> BoxFuture<'_, Outcome> {
        Box::pin(async move {
            name_tables(&mut command.input, &|label| self.labels.table(label).to_owned());
            let mut outcome = self.store.execute(command).await;
            match &mut outcome.result {
                Ok(output) => label_tables(output, &self.labels),
                Err(error) => {
                    error.message = self.labels.relabel(&error.message);
                    for message in error.cancellation_reasons.iter_mut().filter_map(|reason| reason.message.as_mut()) {
                        *message = self.labels.relabel(message);
                    }
                }
            }
            outcome
        })
    }
}

/// Gives every table that a call names its real name.
fn name_tables(input: &mut Structure, table: &dyn Fn(&str) -> String) {
    for member in input.shape().members {
        match (member.kind, input.get_mut(member.name)) {
            (Kind::TableName, Some(Node::Text(name))) => *name = table(name),
            (Kind::Tables(_), Some(Node::Map(entries))) => {
                entries.iter_mut().for_each(|(name, _)| *name = table(name));
            }
            (Kind::List { .. }, Some(Node::List(items))) => {
                for item in items {
                    if let Node::Structure(inner) = item {
                        name_tables(inner, table);
                    }
                }
            }
            (Kind::Structure(_), Some(Node::Structure(inner))) => name_tables(inner, table),
            _ => {}
        }
    }
}

/// Gives every table that an output names its label.
fn label_tables(output: &mut Structure, labels: &Labels) {
    let relabel = |name: &mut String| {
        if let Some(label) = labels.label(name) {
            *name = label.to_owned();
        }
    };
    for name in [Name::Responses, Name::UnprocessedItems, Name::UnprocessedKeys, Name::ItemCollectionMetrics] {
        if let Some(Node::Map(entries)) = output.get_mut(name) {
            entries.iter_mut().for_each(|(name, _)| relabel(name));
        }
    }
    let of_one = |node: &mut Node| {
        if let Node::Structure(capacity) = node
            && let Some(Node::Text(name)) = capacity.get_mut(Name::TableName)
        {
            relabel(name);
        }
    };
    match output.get_mut(Name::ConsumedCapacity) {
        Some(Node::List(tables)) => tables.iter_mut().for_each(of_one),
        Some(table) => of_one(table),
        None => {}
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn labels() -> Labels {
        let pairs = [
            ("orders", "prod-orders"),
            ("people", "arn:aws:dynamodb:eu-west-1:123456789012:table/prod-people"),
            ("same", "same"),
        ];
        Labels::new(pairs.map(|(label, table)| (label.to_owned(), table.to_owned())))
    }

    #[test]
    fn every_table_of_a_command_gets_its_name() {
        let check = |command: &str, expected: &str| {
            let mut command = Command::parse(command).unwrap();
            name_tables(&mut command.input, &|label| labels().table(label).to_owned());
            assert_eq!(command.to_text(), expected);
        };
        check(r#"{"Scan":{"TableName":"orders"}}"#, r#"{"Scan":{"TableName":"prod-orders"}}"#);
        check(r#"{"Scan":{"TableName":"other"}}"#, r#"{"Scan":{"TableName":"other"}}"#);
        check(
            r#"{"BatchGetItem":{"RequestItems":{"orders":{"Keys":[{"orders":{"S":"orders"}}]},"same":{"Keys":[{"id":{"S":"1"}}]}}}}"#,
            r#"{"BatchGetItem":{"RequestItems":{"prod-orders":{"Keys":[{"orders":{"S":"orders"}}]},"same":{"Keys":[{"id":{"S":"1"}}]}}}}"#,
        );
        check(
            r#"{"TransactWriteItems":{"TransactItems":[{"Delete":{"TableName":"people","Key":{"id":{"S":"1"}}}},{"Put":{"TableName":"orders","Item":{"id":{"S":"1"}}}}]}}"#,
            r#"{"TransactWriteItems":{"TransactItems":[{"Delete":{"Key":{"id":{"S":"1"}},"TableName":"arn:aws:dynamodb:eu-west-1:123456789012:table/prod-people"}},{"Put":{"Item":{"id":{"S":"1"}},"TableName":"prod-orders"}}]}}"#,
        );
    }

    #[test]
    fn every_table_of_an_outcome_gets_its_label() {
        use gateleg_core::command::Api;
        let check = |api: Api, outcome: &str, expected: &str| {
            let mut outcome = Outcome::parse(api, outcome).unwrap();
            label_tables(outcome.result.as_mut().unwrap(), &labels());
            assert_eq!(outcome.to_text(), expected);
        };
        check(
            Api::Scan,
            r#"{"ok":{"Items":[{"prod-orders":{"S":"prod-orders"}}],"ConsumedCapacity":{"TableName":"prod-orders","CapacityUnits":1.0}}}"#,
            r#"{"ok":{"Items":[{"prod-orders":{"S":"prod-orders"}}],"ConsumedCapacity":{"TableName":"orders","CapacityUnits":1.0}},"retryAttempts":0}"#,
        );
        check(
            Api::BatchGetItem,
            r#"{"ok":{"Responses":{"prod-orders":[]},"UnprocessedKeys":{"arn:aws:dynamodb:eu-west-1:123456789012:table/prod-people":{"Keys":[{"id":{"S":"1"}}]}},"ConsumedCapacity":[{"TableName":"prod-people"},{"TableName":"same"}]}}"#,
            r#"{"ok":{"Responses":{"orders":[]},"UnprocessedKeys":{"people":{"Keys":[{"id":{"S":"1"}}]}},"ConsumedCapacity":[{"TableName":"people"},{"TableName":"same"}]},"retryAttempts":0}"#,
        );
        check(
            Api::BatchWriteItem,
            r#"{"ok":{"UnprocessedItems":{"prod-orders":[{"DeleteRequest":{"Key":{"id":{"S":"1"}}}}]},"ItemCollectionMetrics":{"prod-orders":[]}}}"#,
            r#"{"ok":{"UnprocessedItems":{"orders":[{"DeleteRequest":{"Key":{"id":{"S":"1"}}}}]},"ItemCollectionMetrics":{"orders":[]}},"retryAttempts":0}"#,
        );
    }

    #[test]
    fn the_stores_words_name_labels() {
        for (text, expected) in [
            (
                "Requested resource not found: Table: prod-orders not found",
                "Requested resource not found: Table: orders not found",
            ),
            ("no prod-orders.", "no orders."),
            ("prod-orders", "orders"),
            ("prod-orders-2 and my-prod-orders stay", "prod-orders-2 and my-prod-orders stay"),
            (
                "on resource: arn:aws:dynamodb:eu-west-1:123456789012:table/prod-orders/index/by-date because",
                "on resource: orders/index/by-date because",
            ),
            ("Table: prod-people, \u{fc}\u{2014}ber 'prod-orders'", "Table: people, \u{fc}\u{2014}ber 'orders'"),
            (
                "arn:aws:dynamodb:eu-west-1:123456789012:table/other",
                "arn:aws:dynamodb:eu-west-1:123456789012:table/other",
            ),
            ("", ""),
        ] {
            assert_eq!(labels().relabel(text), expected);
        }
    }
}
