//! The protocol as data: the operations, what each takes, which DynamoDB call it makes, and which options apply to it.

use crate::command::Api;
use crate::shape::{self, Shape};

/// One operation of the protocol.
#[derive(Debug)]
pub struct Row {
    /// Which.
    pub name: OperationName,
    /// The call it makes; echo and ping make none.
    pub call: Option<Call>,
    /// The options that apply to it.
    pub options: &'static [OptionName],
    /// What it does, for a person.
    pub summary: &'static str,
}

/// How an operation becomes a DynamoDB call.
#[derive(Debug)]
pub struct Call {
    /// The call.
    pub api: Api,
    /// What `tableName` is to it.
    pub table: TableUse,
    /// Whether a missing payload stands for `{}`.
    pub payload_optional: bool,
}

/// What the request's `tableName` is to an operation.
#[derive(Clone, Copy, Debug)]
pub enum TableUse {
    /// The table of the call; required.
    TheTable,
    /// The table of the short form, whose payload has this shape; without it, the payload names its tables itself.
    ShortForm(&'static Shape),
    /// The table of every action that names none.
    Default,
}

macro_rules! spelled {
    ($(#[$meta:meta])* $kind:ident { $($name:ident $text:literal)* }) => {
        $(#[$meta])*
        #[allow(missing_docs, reason = "the spelling says it")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $kind { $($name),* }

        impl $kind {
            /// Every one there is.
            pub const ALL: &'static [$kind] = &[$($kind::$name),*];

            /// As it is spelled in a request.
            pub fn as_str(self) -> &'static str {
                match self { $($kind::$name => $text),* }
            }

            /// The one that is spelled so, exactly.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == text)
            }
        }
    };
}

spelled! {
    /// The operations of the protocol.
    OperationName {
        Create "create" Read "read" Update "update" Delete "delete" List "list" Query "query"
        BatchRead "batchRead" BatchWrite "batchWrite" TransactRead "transactRead" TransactWrite "transactWrite"
        Echo "echo" Ping "ping"
    }
}

spelled! {
    /// The members of `options`.
    OptionName {
        Format "format" Numbers "numbers" DryRun "dryRun" All "all" MaxItems "maxItems" Segments "segments"
        Continuation "continuation" IdempotencyKey "idempotencyKey"
    }
}

spelled! {
    /// The members of a request.
    EnvelopeKey { Operation "operation" TableName "tableName" Payload "payload" Options "options" }
}

const DATA: &[OptionName] = &[OptionName::Format, OptionName::Numbers, OptionName::DryRun];
const SCAN: &[OptionName] = &[
    OptionName::Format,
    OptionName::Numbers,
    OptionName::DryRun,
    OptionName::All,
    OptionName::MaxItems,
    OptionName::Segments,
    OptionName::Continuation,
];
const QUERY: &[OptionName] =
    &[OptionName::Format, OptionName::Numbers, OptionName::DryRun, OptionName::All, OptionName::MaxItems];
const TRANSACT_WRITE: &[OptionName] =
    &[OptionName::Format, OptionName::Numbers, OptionName::DryRun, OptionName::IdempotencyKey];
const NO_DATA: &[OptionName] = &[OptionName::DryRun];

const fn one_item(name: OperationName, api: Api, summary: &'static str) -> Row {
    let call = Call { api, table: TableUse::TheTable, payload_optional: false };
    Row { name, call: Some(call), options: DATA, summary }
}

const fn pages(name: OperationName, api: Api, options: &'static [OptionName], summary: &'static str) -> Row {
    let call = Call { api, table: TableUse::TheTable, payload_optional: true };
    Row { name, call: Some(call), options, summary }
}

const fn many_tables(
    name: OperationName,
    api: Api,
    table: TableUse,
    options: &'static [OptionName],
    summary: &'static str,
) -> Row {
    Row { name, call: Some(Call { api, table, payload_optional: false }), options, summary }
}

/// Every operation.
pub static OPERATIONS: [Row; 12] = [
    one_item(OperationName::Create, Api::PutItem, "Puts an item, replacing one with the same key"),
    one_item(OperationName::Read, Api::GetItem, "Gets an item by its key"),
    one_item(OperationName::Update, Api::UpdateItem, "Changes attributes of an item, or creates it"),
    one_item(OperationName::Delete, Api::DeleteItem, "Deletes an item by its key"),
    pages(OperationName::List, Api::Scan, SCAN, "Reads a table or an index, page by page"),
    pages(OperationName::Query, Api::Query, QUERY, "Reads the items that share a partition key, page by page"),
    many_tables(
        OperationName::BatchRead,
        Api::BatchGetItem,
        TableUse::ShortForm(&shape::BATCH_GET_ITEM_SHORT),
        DATA,
        "Gets many items by their keys",
    ),
    many_tables(
        OperationName::BatchWrite,
        Api::BatchWriteItem,
        TableUse::ShortForm(&shape::BATCH_WRITE_ITEM_SHORT),
        DATA,
        "Puts and deletes many items",
    ),
    many_tables(
        OperationName::TransactRead,
        Api::TransactGetItems,
        TableUse::Default,
        DATA,
        "Gets items as they are at one moment",
    ),
    many_tables(
        OperationName::TransactWrite,
        Api::TransactWriteItems,
        TableUse::Default,
        TRANSACT_WRITE,
        "Makes several writes, all or none",
    ),
    Row { name: OperationName::Echo, call: None, options: NO_DATA, summary: "Replies with the payload" },
    Row { name: OperationName::Ping, call: None, options: NO_DATA, summary: "Replies \"pong\"" },
];

impl OperationName {
    /// The operation's row in the table.
    pub fn row(self) -> &'static Row {
        let [first, rest @ ..] = &OPERATIONS;
        rest.iter().find(|row| row.name == self).unwrap_or(first)
    }

    /// Whether it may change a table.
    pub fn is_write(self) -> bool {
        self.row().call.as_ref().is_some_and(|call| call.api.is_write())
    }
}
