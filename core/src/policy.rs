//! Which tables and operations a command may touch: checked when planning, for a good message, and again by whoever executes.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::command::Command;
use crate::error::{Error, ErrorType};
use crate::json::{self, Json, Object};
use crate::operation::OperationName;
use crate::rule::Rule;

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
    fn from_names(names: Vec<String>) -> Self {
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

/// What a caller of this gate may do. The default allows nothing.
///
/// As JSON, in a [`Context`](crate::context::Context):
/// `{"tables": ["*"], "operations": ["read", "list"], "keys": {"orders": ["customer", "placed"]}, "hint": ".."}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Tables by name. An ARN passes only if it is listed verbatim.
    pub tables: Allowed,
    /// Operations of the protocol, such as `read`.
    pub operations: Allowed,
    /// The key attributes of tables whose keys are known, by table.
    pub keys: Vec<(String, Vec<String>)>,
    /// What a refused caller is advised to do.
    pub hint: Option<String>,
}

impl Policy {
    /// Every operation on every table that is named by name.
    pub fn allow_all() -> Self {
        Policy { tables: Allowed::All, operations: Allowed::All, ..Policy::default() }
    }

    /// Every operation on those tables.
    pub fn tables(tables: Allowed) -> Self {
        Policy { tables, operations: Allowed::All, ..Policy::default() }
    }

    /// Whether the command may be executed, judged by what it says alone.
    ///
    /// # Errors
    /// `AccessDeniedException`, naming the operation or table.
    pub fn authorize(&self, command: &Command) -> Result<(), Error> {
        self.authorize_operation(command.api.operation())?;
        for table in command.tables() {
            if !self.tables.has(table, !is_arn(table)) {
                return Err(self.denied(Rule::PolicyTable, format!("Table {table} is not allowed here")));
            }
        }
        Ok(())
    }

    /// Whether the operation may be used at all.
    ///
    /// # Errors
    /// `AccessDeniedException`, naming the operation.
    pub fn authorize_operation(&self, operation: OperationName) -> Result<(), Error> {
        if self.operations.has(operation.as_str(), true) {
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
            keys,
            hint: json.get("hint").and_then(Json::as_str).map(String::from),
        })
    }

    pub(crate) fn write(&self, out: &mut String) {
        let mut object = Object::new(out);
        self.tables.write(object.member("tables"));
        self.operations.write(object.member("operations"));
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

/// Whether a table is named by its ARN.
pub fn is_arn(table: &str) -> bool {
    table.starts_with("arn:")
}
