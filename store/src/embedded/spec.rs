//! What a table is to be like, from the words of a command line: `orders`, `customer:S`, `by_status:status:S:placed:N`.
//!
//! Rules are DynamoDB's, so that a table made here can be made there:
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html>

use std::fmt;

/// The most global secondary indexes of one table.
const MAX_INDEXES: usize = 20;

/// The longest name of a key attribute, in bytes.
const MAX_KEY_NAME: usize = 255;

/// The type of a key attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarAttributeType {
    /// String.
    S,
    /// Number.
    N,
    /// Binary.
    B,
}

impl fmt::Display for ScalarAttributeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ScalarAttributeType::S => "S",
            ScalarAttributeType::N => "N",
            ScalarAttributeType::B => "B",
        })
    }
}

/// A key attribute: its name and type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySpec {
    /// The attribute's name.
    pub name: String,
    /// Its type.
    pub attribute_type: ScalarAttributeType,
}

/// A global secondary index that projects all attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexSpec {
    /// The index's name.
    pub name: String,
    /// Its partition key.
    pub partition_key: KeySpec,
    /// Its sort key.
    pub sort_key: Option<KeySpec>,
}

/// A table to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSpec {
    /// The table's name.
    pub name: String,
    /// Its partition key.
    pub partition_key: KeySpec,
    /// Its sort key.
    pub sort_key: Option<KeySpec>,
    /// Its indexes.
    pub indexes: Vec<IndexSpec>,
}

/// A specification that cannot be; the text says what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SpecError(String);

impl KeySpec {
    /// A key attribute of that name and type.
    pub fn new(name: impl Into<String>, attribute_type: ScalarAttributeType) -> Self {
        KeySpec { name: name.into(), attribute_type }
    }

    /// Reads `NAME:TYPE`; the name may hold colons itself.
    ///
    /// # Errors
    /// When it is not of that form.
    ///
    /// ```
    /// use gateleg_store::embedded::{KeySpec, ScalarAttributeType};
    /// assert_eq!(KeySpec::parse("customer:S")?, KeySpec::new("customer", ScalarAttributeType::S));
    /// assert_eq!(
    ///     KeySpec::parse("customer").unwrap_err().to_string(),
    ///     "expected a key as NAME:TYPE, such as customer:S, but found `customer`"
    /// );
    /// # Ok::<(), gateleg_store::embedded::SpecError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, SpecError> {
        match text.rsplit_once(':') {
            Some((name, attribute_type)) if !name.is_empty() => {
                Ok(KeySpec::new(name, parse_type(attribute_type, text)?))
            }
            _ => Err(SpecError(format!("expected a key as NAME:TYPE, such as customer:S, but found `{text}`"))),
        }
    }
}

impl IndexSpec {
    /// Reads `INDEX:NAME:TYPE` or `INDEX:NAME:TYPE:SORT:TYPE`.
    ///
    /// # Errors
    /// When it is not of that form.
    ///
    /// ```
    /// use gateleg_store::embedded::{IndexSpec, KeySpec, ScalarAttributeType};
    /// let index = IndexSpec::parse("by_status:status:S:placed:N")?;
    /// assert_eq!(index.name, "by_status");
    /// assert_eq!(index.sort_key, Some(KeySpec::new("placed", ScalarAttributeType::N)));
    /// assert!(IndexSpec::parse("by_status:status").is_err());
    /// # Ok::<(), gateleg_store::embedded::SpecError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, SpecError> {
        let key = |name: &str, attribute_type| Ok(KeySpec::new(name, parse_type(attribute_type, text)?));
        let words: Vec<&str> = text.split(':').collect();
        let (name, partition_key, sort_key) = match words.as_slice() {
            [name, partition, partition_type] => (name, key(partition, partition_type)?, None),
            [name, partition, partition_type, sort, sort_type] => {
                (name, key(partition, partition_type)?, Some(key(sort, sort_type)?))
            }
            _ => {
                return Err(SpecError(format!(
                    "expected an index as INDEX:NAME:TYPE or INDEX:NAME:TYPE:SORT:TYPE, such as by_status:status:S, but found \
                     `{text}`"
                )));
            }
        };
        Ok(IndexSpec { name: (*name).into(), partition_key, sort_key })
    }
}

impl TableSpec {
    /// A table of that name and partition key, without a sort key or indexes.
    pub fn new(name: impl Into<String>, partition_key: KeySpec) -> Self {
        TableSpec { name: name.into(), partition_key, sort_key: None, indexes: Vec::new() }
    }

    /// Whether DynamoDB would make such a table.
    pub(super) fn check(&self) -> Result<(), SpecError> {
        check_name("table", &self.name)?;
        check_keys(&format!("table {}", self.name), &self.partition_key, self.sort_key.as_ref())?;
        if self.indexes.len() > MAX_INDEXES {
            let count = self.indexes.len();
            return Err(SpecError(format!("a table has at most {MAX_INDEXES} indexes, but {count} were given")));
        }
        for (at, index) in self.indexes.iter().enumerate() {
            check_name("index", &index.name)?;
            check_keys(&format!("index {}", index.name), &index.partition_key, index.sort_key.as_ref())?;
            // In the engine's SQLite tables, names that differ only in case are the same.
            let earlier = self.indexes.iter().take(at);
            if let Some(same) = earlier.map(|index| &index.name).find(|name| name.eq_ignore_ascii_case(&index.name)) {
                return Err(SpecError(format!(
                    "the indexes {same} and {} need names that differ by more than case",
                    index.name
                )));
            }
        }
        let keys = self.key_specs();
        for (at, key) in keys.iter().enumerate() {
            let earlier = keys.iter().take(at).find(|known| known.name == key.name);
            if let Some(other) = earlier.filter(|known| known.attribute_type != key.attribute_type) {
                return Err(SpecError(format!(
                    "the attribute {} has one type everywhere, but {} and {} were given",
                    key.name, other.attribute_type, key.attribute_type
                )));
            }
        }
        Ok(())
    }

    /// Every key attribute that is named, of the table and its indexes.
    pub(super) fn key_specs(&self) -> Vec<&KeySpec> {
        let indexes = self.indexes.iter().map(|index| (&index.partition_key, &index.sort_key));
        let all = std::iter::once((&self.partition_key, &self.sort_key)).chain(indexes);
        all.flat_map(|(partition, sort)| std::iter::once(partition).chain(sort)).collect()
    }
}

fn parse_type(word: &str, whole: &str) -> Result<ScalarAttributeType, SpecError> {
    match word {
        "S" => Ok(ScalarAttributeType::S),
        "N" => Ok(ScalarAttributeType::N),
        "B" => Ok(ScalarAttributeType::B),
        _ => Err(SpecError(format!(
            "expected the type S (string), N (number) or B (binary), but found `{word}` in `{whole}`"
        ))),
    }
}

fn check_name(what: &str, name: &str) -> Result<(), SpecError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if (3..=255).contains(&name.len()) && name.chars().all(allowed) {
        return Ok(());
    }
    Err(SpecError(format!(
        "expected a name of 3 to 255 letters, digits, `_`, `-` and `.` for the {what}, but found `{name}`"
    )))
}

fn check_keys(whose: &str, partition: &KeySpec, sort: Option<&KeySpec>) -> Result<(), SpecError> {
    for key in std::iter::once(partition).chain(sort) {
        if key.name.is_empty() || key.name.len() > MAX_KEY_NAME {
            return Err(SpecError(format!(
                "expected 1 to {MAX_KEY_NAME} bytes for the name of a key of {whose}, but found {}",
                key.name.len()
            )));
        }
    }
    if sort.is_some_and(|sort| sort.name == partition.name) {
        return Err(SpecError(format!("the sort key of {whose} needs a name other than its partition key's")));
    }
    Ok(())
}
