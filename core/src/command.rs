//! A [`Command`]: one DynamoDB API call with its parameters, as it goes to a store and as wire JSON.
//!
//! A command that comes from a guest is text; [`Command::parse`] reads and checks it with the same tables as a request.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::attribute::{Format, Notation};
use crate::error::Error;
use crate::json::{Json, Object};
use crate::operation::OperationName;
use crate::output;
use crate::pointer::Pointer;
use crate::reader::{Origin, Reader};
use crate::rules::{self, Judge};
use crate::shape::{self, Kind, Name, Shape};
use crate::tree::{Node, Structure};

macro_rules! apis {
    ($($api:ident $operation:ident $input:ident $output:ident $write:literal)*) => {
        /// The DynamoDB API calls that a plan may make.
        #[allow(missing_docs, reason = "each is the API's own name")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Api { $($api),* }

        impl Api {
            /// Every call there is.
            pub const ALL: &'static [Api] = &[$(Api::$api),*];

            /// The API's name for the call.
            pub fn as_str(self) -> &'static str {
                match self { $(Api::$api => stringify!($api)),* }
            }

            /// The operation of the protocol that makes this call.
            pub fn operation(self) -> OperationName {
                match self { $(Api::$api => OperationName::$operation),* }
            }

            /// What it takes.
            pub fn input(self) -> &'static Shape {
                match self { $(Api::$api => &shape::$input),* }
            }

            /// What it returns.
            pub fn output(self) -> &'static Shape {
                match self { $(Api::$api => &output::$output),* }
            }

            /// Whether it may change a table.
            pub fn is_write(self) -> bool {
                match self { $(Api::$api => $write),* }
            }
        }
    };
}

apis! {
    PutItem Create PUT_ITEM WRITE_ITEM true
    GetItem Read GET_ITEM GET_ITEM false
    UpdateItem Update UPDATE_ITEM WRITE_ITEM true
    DeleteItem Delete DELETE_ITEM WRITE_ITEM true
    Scan List SCAN PAGE false
    Query Query QUERY PAGE false
    BatchGetItem BatchRead BATCH_GET_ITEM BATCH_GET_ITEM false
    BatchWriteItem BatchWrite BATCH_WRITE_ITEM BATCH_WRITE_ITEM true
    TransactGetItems TransactRead TRANSACT_GET_ITEMS TRANSACT_GET_ITEMS false
    TransactWriteItems TransactWrite TRANSACT_WRITE_ITEMS TRANSACT_WRITE_ITEMS true
}

/// One call with its parameters, `TableName` included.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// Which call.
    pub api: Api,
    /// Its parameters; of the shape [`Api::input`].
    pub input: Structure,
}

/// Why a text is no command.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CommandError {
    /// It is not a JSON object with the name of one call.
    #[error("not a command: {0}")]
    Form(String),
    /// Its parameters break a rule.
    #[error("{}", .0.message())]
    Parameters(Error),
}

impl Command {
    /// Reads wire JSON, `{"GetItem": {"TableName": "t", "Key": {"id": {"S": "1"}}}}`, and checks it as a request is checked.
    ///
    /// # Errors
    /// When it is not of that form, or breaks a rule that a request would be refused for.
    ///
    /// ```
    /// use gateleg_core::command::Command;
    /// let text = r#"{"GetItem":{"TableName":"abc","Key":{"id":{"S":"1"}}}}"#;
    /// assert_eq!(Command::parse(text)?.to_text(), text);
    /// assert!(Command::parse(r#"{"DropTable":{}}"#).is_err());
    /// # Ok::<(), gateleg_core::command::CommandError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, CommandError> {
        let json = Json::parse(text.as_bytes()).map_err(|e| CommandError::Form(alloc::format!("{e}")))?;
        let Json::Object(members) = &json else {
            return Err(CommandError::Form(alloc::format!("expected an object, but found {}", json.kind())));
        };
        let [(name, input)] = members.as_slice() else {
            return Err(CommandError::Form("expected exactly one call".into()));
        };
        let Some(api) = Api::ALL.iter().copied().find(|api| api.as_str() == name) else {
            return Err(CommandError::Form(alloc::format!("unknown call `{}`", Excerpt(name))));
        };
        let mut reader = Reader::new(Format::DynamoDb, Origin::Command);
        let read = |reader: &mut Reader| {
            let place = Pointer::ROOT.key(name);
            let input = reader.structure(input, api.input(), &place)?;
            let command = Command { api, input };
            rules::command(&command, &place, Judge { faults: reader.faults(), keys: &[] })?;
            rules::one_call(&command, &place)?;
            Ok(command)
        };
        read(&mut reader).map_err(CommandError::Parameters)
    }

    /// Wire JSON, compact: what [`Command::parse`] reads.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    /// Appends what [`Command::to_text`] returns.
    pub fn write(&self, out: &mut String) {
        let mut object = Object::new(out);
        self.input.write(object.member(self.api.as_str()), Notation::WIRE);
        object.end();
    }

    /// Every table that the command names, wherever it does so, in order; one that is named twice comes twice.
    pub fn tables(&self) -> Vec<&str> {
        let mut tables = Vec::new();
        tables_of(&self.input, &mut tables);
        tables
    }

    /// How many items it reads, writes or checks; of a Scan or a Query only the store can tell.
    ///
    /// ```
    /// use gateleg_core::command::Command;
    /// let text = r#"{"BatchGetItem":{"RequestItems":{"abc":{"Keys":[{"id":{"S":"1"}},{"id":{"S":"2"}}]}}}}"#;
    /// assert_eq!(Command::parse(text)?.items(), Some(2));
    /// assert_eq!(Command::parse(r#"{"Scan":{"TableName":"abc"}}"#)?.items(), None);
    /// # Ok::<(), gateleg_core::command::CommandError>(())
    /// ```
    pub fn items(&self) -> Option<u64> {
        let count = match self.api {
            Api::Scan | Api::Query => return None,
            Api::BatchGetItem | Api::BatchWriteItem => self.input.get(Name::RequestItems).map_or(0, units),
            Api::TransactGetItems | Api::TransactWriteItems => self.input.get(Name::TransactItems).map_or(0, units),
            Api::PutItem | Api::GetItem | Api::UpdateItem | Api::DeleteItem => 1,
        };
        u64::try_from(count).ok()
    }
}

/// How many keys, writes or actions stand in a list, a table's share of a batch, or all shares.
pub fn units(node: &Node) -> usize {
    match node {
        Node::List(units) => units.len(),
        Node::Structure(share) => share.get(Name::Keys).map_or(0, units),
        Node::Map(tables) => tables.iter().map(|(_, share)| units(share)).sum(),
        _ => 0,
    }
}

fn tables_of<'s>(structure: &'s Structure, tables: &mut Vec<&'s str>) {
    for member in structure.shape().members {
        match (member.kind, structure.get(member.name)) {
            (Kind::TableName, Some(Node::Text(table))) => tables.push(table),
            (Kind::Tables(_), Some(Node::Map(entries))) => {
                tables.extend(entries.iter().map(|(table, _)| table.as_str()));
            }
            (Kind::List { .. }, Some(Node::List(items))) => {
                for item in items {
                    if let Node::Structure(inner) = item {
                        tables_of(inner, tables);
                    }
                }
            }
            (Kind::Structure(_), Some(Node::Structure(inner))) => tables_of(inner, tables),
            _ => {}
        }
    }
}

/// The expression parameters of a call, in the order in which DynamoDB judges them.
pub const EXPRESSIONS: [Name; 5] = [
    Name::UpdateExpression,
    Name::ConditionExpression,
    Name::KeyConditionExpression,
    Name::FilterExpression,
    Name::ProjectionExpression,
];

/// At most 64 characters of something that a stranger wrote.
pub(crate) struct Excerpt<'t>(pub(crate) &'t str);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(64) {
            Some((end, _)) => write!(f, "{}...", self.0.get(..end).unwrap_or_default()),
            None => f.write_str(self.0),
        }
    }
}
