//! What commands may do, and how much of it: checked when planning, for a good message, and again by whoever executes.
//!
//! [`Policy::authorize`] judges a command by what it says. How much a request has used of its [`Ceilings`] only who executes can
//! know: `gateleg_store` keeps count.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::command::Command;
use crate::error::{Error, ErrorType};
use crate::json::{self, Json, Object};
use crate::operation::OperationName;
use crate::rule::Rule;
use crate::shape::Name;

/// Names that are allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Allowed {
    /// None at all.
    #[default]
    None,
    /// Every one. For tables: every name, but no ARN.
    All,
    /// These.
    Only(Vec<String>),
}

impl Allowed {
    /// What is named, as it is written: `*` for all.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let (all, names) = match self {
            Allowed::None => (None, &[][..]),
            Allowed::All => (Some("*"), &[][..]),
            Allowed::Only(names) => (None, names.as_slice()),
        };
        all.into_iter().chain(names.iter().map(String::as_str))
    }

    /// Reads a comma-separated list, as it stands in an environment variable or on a command line: `*` is all, nothing is none.
    ///
    /// ```
    /// use gateleg_core::policy::Allowed;
    /// assert_eq!(Allowed::from_list("a, b"), Allowed::Only(vec!["a".into(), "b".into()]));
    /// assert_eq!(Allowed::from_list("*"), Allowed::All);
    /// assert_eq!(Allowed::from_list(""), Allowed::None);
    /// ```
    pub fn from_list(list: &str) -> Self {
        Self::from_names(list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(String::from).collect())
    }

    /// `*` among the names allows all beside those that are listed, which matters for ARNs.
    pub fn from_names(names: Vec<String>) -> Self {
        match names.as_slice() {
            [] => Allowed::None,
            [only] if only == "*" => Allowed::All,
            _ => Allowed::Only(names),
        }
    }

    fn has(&self, name: &str, covered_by_star: bool) -> bool {
        match self {
            Allowed::None => false,
            Allowed::All => covered_by_star,
            Allowed::Only(names) => names.iter().any(|known| known == name || (covered_by_star && known == "*")),
        }
    }

    fn read(json: &Json<'_>) -> Option<Self> {
        let Json::Array(items) = json else { return None };
        let names: Option<Vec<String>> = items.iter().map(|item| item.as_str().map(String::from)).collect();
        names.map(Self::from_names)
    }

    fn write(&self, out: &mut String) {
        match self {
            Allowed::None => out.push_str("[]"),
            Allowed::All => out.push_str("[\"*\"]"),
            Allowed::Only(names) => json::write_array(out, names, |out, name| json::write_string(out, name)),
        }
    }
}

/// Most that one request may do, all its commands together; `None` is no ceiling.
///
/// As JSON: `{"items": 1000, "bytes": 1000000, "pages": 10, "commands": 50, "units": 200}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ceilings {
    /// Items read, written or checked.
    pub items: Option<u64>,
    /// Bytes of attributes sent to the store and returned by it, as DynamoDB counts them.
    pub bytes: Option<u64>,
    /// Pages of a list or a query.
    pub pages: Option<u64>,
    /// Calls of the store.
    pub commands: Option<u64>,
    /// Capacity units consumed.
    pub units: Option<u64>,
}

impl Ceilings {
    /// Each by the name it has as JSON and in a policy's file.
    pub fn named(&self) -> [(&'static str, Option<u64>); 5] {
        let Ceilings { items, bytes, pages, commands, units } = *self;
        [("items", items), ("bytes", bytes), ("pages", pages), ("commands", commands), ("units", units)]
    }

    fn read(json: &Json<'_>) -> Option<Self> {
        let number = |name| match json.get(name) {
            None => Some(None),
            Some(value) => value.as_integer().and_then(|n| u64::try_from(n).ok()).map(Some),
        };
        Some(Ceilings {
            items: number("items")?,
            bytes: number("bytes")?,
            pages: number("pages")?,
            commands: number("commands")?,
            units: number("units")?,
        })
    }

    fn write(&self, out: &mut String) {
        let mut object = Object::new(out);
        for (name, ceiling) in self.named() {
            if let Some(ceiling) = ceiling {
                json::write_integer(object.member(name), i64::try_from(ceiling).unwrap_or(i64::MAX));
            }
        }
        object.end();
    }
}

/// What a caller of this gate may do. The default allows nothing.
///
/// As JSON, in a [`Context`](crate::context::Context): `{"tables": ["*"], "operations": ["read", "list"], "indexes": ["orders/by-date"],
/// "readOnly": true, "ceilings": {"items": 1000}, "keys": {"orders": ["customer", "placed"]}, "hint": ".."}`. Without `indexes` all
/// are allowed; without the others, nothing is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Tables by name. An ARN passes only if it is listed verbatim.
    pub tables: Allowed,
    /// Operations of the protocol, such as `read`.
    pub operations: Allowed,
    /// Indexes as `table/index`, or `table/*` for all of a table. An allowed index of a table that is not allowed is not allowed.
    pub indexes: Allowed,
    /// Whether nothing may be written, whatever `operations` says.
    pub read_only: bool,
    /// How much one request may do.
    pub ceilings: Ceilings,
    /// The key attributes of tables whose keys are known, by table.
    pub keys: Vec<(String, Vec<String>)>,
    /// What a refused caller is advised to do.
    pub hint: Option<String>,
}

impl Policy {
    /// Every operation on every table that is named by name.
    pub fn allow_all() -> Self {
        Policy::tables(Allowed::All)
    }

    /// Every operation on those tables and their indexes.
    pub fn tables(tables: Allowed) -> Self {
        Policy { tables, operations: Allowed::All, indexes: Allowed::All, ..Policy::default() }
    }

    /// Whether the command may be executed, judged by what it says alone.
    ///
    /// # Errors
    /// `AccessDeniedException`, naming the operation, table or index.
    pub fn authorize(&self, command: &Command) -> Result<(), Error> {
        self.authorize_operation(command.api.operation())?;
        for table in command.tables() {
            if !self.tables.has(table, !is_arn(table)) {
                return Err(self.denied(Rule::PolicyTable, format!("Table {table} is not allowed here")));
            }
            if let Some(index) = command.input.text(Name::IndexName)
                && !self.has_index(table, index)
            {
                let message = format!("Index {index} of table {table} is not allowed here");
                return Err(self.denied(Rule::PolicyIndex, message));
            }
        }
        Ok(())
    }

    fn has_index(&self, table: &str, index: &str) -> bool {
        self.indexes_of(table).any(|name| name == index || name == "*")
    }

    /// The indexes of a table that may be named, `*` for all.
    pub(crate) fn indexes_of<'p>(&'p self, table: &'p str) -> impl Iterator<Item = &'p str> {
        self.indexes.names().filter_map(move |name| match name.rsplit_once('/') {
            Some((of, index)) => (of == table).then_some(index),
            None => (name == "*").then_some(name),
        })
    }

    /// What a request asks for all together must not be more than it may have.
    ///
    /// # Errors
    /// `AccessDeniedException`, naming the ceiling.
    pub(crate) fn authorize_request(&self, command: &Command, is_segmented: bool) -> Result<(), Error> {
        self.authorize(command)?;
        let Ceilings { items, pages, commands, .. } = self.ceilings;
        let is_paged = command.items().is_none();
        match (items, pages, commands) {
            (Some(most), ..) if command.items().is_some_and(|items| items > most) => Err(beyond("items", most)),
            (Some(most), ..) if is_segmented => {
                Err(beyond("items", most).hint("Segments cannot keep that: leave out options.segments"))
            }
            (_, Some(0), _) if is_paged => Err(beyond("pages", 0)),
            (.., Some(0)) => Err(beyond("commands", 0)),
            _ => Ok(()),
        }
    }

    /// Whether the operation may be used at all.
    ///
    /// # Errors
    /// `AccessDeniedException`, naming the operation.
    pub fn authorize_operation(&self, operation: OperationName) -> Result<(), Error> {
        if self.operations.has(operation.as_str(), true) {
            if self.read_only && operation.is_write() {
                let message =
                    format!("Operation {} is not allowed here, where nothing may be written", operation.as_str());
                return Err(self.denied(Rule::PolicyReadOnly, message));
            }
            return Ok(());
        }
        Err(self.denied(Rule::PolicyOperation, format!("Operation {} is not allowed here", operation.as_str())))
    }

    /// Reads the key attributes of tables, as they stand in an environment variable or on a command line:
    /// `TABLE=PARTITION` or `TABLE=PARTITION:SORT`, between commas.
    ///
    /// # Errors
    /// The entry that is not of that form.
    ///
    /// ```
    /// use gateleg_core::policy::Policy;
    /// let keys = Policy::parse_keys("orders=customer:placed, people=id")?;
    /// assert_eq!(keys, [("orders".into(), vec!["customer".into(), "placed".into()]), ("people".into(), vec!["id".into()])]);
    /// assert!(Policy::parse_keys("orders").is_err());
    /// # Ok::<(), String>(())
    /// ```
    pub fn parse_keys(list: &str) -> Result<Vec<(String, Vec<String>)>, String> {
        let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries
            .map(|entry| {
                let keys = entry.split_once('=').map(|(table, names)| (table, names.split(':').collect::<Vec<_>>()));
                match keys {
                    Some((table, names))
                        if !table.is_empty() && names.len() <= 2 && names.iter().all(|name| !name.is_empty()) =>
                    {
                        Ok((table.to_string(), names.into_iter().map(String::from).collect()))
                    }
                    _ => Err(format!("expected TABLE=PARTITION or TABLE=PARTITION:SORT, but found `{entry}`")),
                }
            })
            .collect()
    }

    fn denied(&self, rule: Rule, message: String) -> Error {
        let error = Error::new(ErrorType::AccessDeniedException, message).rule(rule);
        match &self.hint {
            Some(hint) => error.hint(hint.as_str()),
            None => error,
        }
    }

    pub(crate) fn read(json: &Json<'_>) -> Option<Self> {
        let Json::Object(_) = json else { return None };
        let allowed = |name: &str| json.get(name).map_or(Some(Allowed::None), Allowed::read);
        let mut keys = Vec::new();
        if let Some(Json::Object(tables)) = json.get("keys") {
            for (table, names) in tables {
                let Json::Array(names) = names else { return None };
                let names: Option<Vec<String>> = names.iter().map(|name| name.as_str().map(String::from)).collect();
                keys.push((table.to_string(), names?));
            }
        }
        Some(Policy {
            tables: allowed("tables")?,
            operations: allowed("operations")?,
            indexes: json.get("indexes").map_or(Some(Allowed::All), Allowed::read)?,
            read_only: json.get("readOnly") == Some(&Json::Bool(true)),
            ceilings: json.get("ceilings").map_or(Some(Ceilings::default()), Ceilings::read)?,
            keys,
            hint: json.get("hint").and_then(Json::as_str).map(String::from),
        })
    }

    pub(crate) fn write(&self, out: &mut String) {
        let mut object = Object::new(out);
        self.tables.write(object.member("tables"));
        self.operations.write(object.member("operations"));
        if self.indexes != Allowed::All {
            self.indexes.write(object.member("indexes"));
        }
        if self.read_only {
            json::write_bool(object.member("readOnly"), true);
        }
        if self.ceilings != Ceilings::default() {
            self.ceilings.write(object.member("ceilings"));
        }
        if !self.keys.is_empty() {
            let mut keys = Object::new(object.member("keys"));
            for (table, names) in &self.keys {
                json::write_array(keys.member(table), names, |out, name| json::write_string(out, name));
            }
            keys.end();
        }
        if let Some(hint) = &self.hint {
            object.string("hint", hint);
        }
        object.end();
    }
}

/// The refusal of a request that would do more than it may; `ceiling` is one of [`Ceilings::named`].
///
/// ```
/// use gateleg_core::policy::beyond;
/// assert_eq!(beyond("items", 100).message(), "At most 100 items are allowed per request here");
/// ```
pub fn beyond(ceiling: &str, most: u64) -> Error {
    Error::new(ErrorType::AccessDeniedException, format!("At most {most} {ceiling} are allowed per request here"))
        .rule(Rule::PolicyCeiling)
        .hint("Send less at once, or ask for less")
}

/// Whether a table is named by its ARN.
pub fn is_arn(table: &str) -> bool {
    table.starts_with("arn:")
}
