//! The text of a policy file becomes its tables and routes as they are written, with the places of names that are checked later.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{Error as _, Unexpected};
use toml::Spanned;

use crate::units;

/// A policy file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    pub(super) tables: BTreeMap<Spanned<String>, Table>,
    #[serde(default)]
    pub(super) routes: BTreeMap<Spanned<String>, Route>,
}

/// A table by its label.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) table: Option<Spanned<String>>,
    pub(super) keys: Option<Spanned<Vec<String>>>,
}

/// A route by its path.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Route {
    pub(super) planner: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) operations: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) tables: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) indexes: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) read_only: bool,
    pub(super) hint: Option<String>,
    #[serde(default)]
    pub(super) ceilings: Ceilings,
    #[serde(default)]
    pub(super) limits: Limits,
}

/// How much one request may do.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ceilings {
    pub(super) items: Option<Count>,
    pub(super) bytes: Option<Size>,
    pub(super) pages: Option<Count>,
    pub(super) commands: Option<Count>,
    pub(super) units: Option<Count>,
}

/// What one request may take of the machine, and how many may be under way.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limits {
    pub(super) deadline: Option<Duration>,
    pub(super) body: Option<Size>,
    pub(super) reply: Option<Size>,
    pub(super) memory: Option<Size>,
    pub(super) cpu: Option<Duration>,
    pub(super) requests: Option<Count>,
    pub(super) queue: Option<Count>,
}

/// A whole number from 1 to a million.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count(pub(super) u32);

/// Bytes: a number, or a text such as `1MB`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size(pub(super) usize);

/// A text such as `5s`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Duration(pub(super) std::time::Duration);

/// Where to look beyond.
const MOST: i64 = 1_000_000;

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(deserializer)?;
        let count = u32::try_from(number).ok().filter(|_| (1..=MOST).contains(&number));
        count
            .map(Count)
            .ok_or_else(|| D::Error::invalid_value(Unexpected::Signed(number), &"a number from 1 to 1000000"))
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a number of bytes, or a size such as \"512KB\" or \"1MB\"")]
enum Written {
    Number(u32),
    Text(String),
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Written::deserialize(deserializer)? {
            Written::Number(number) => number.to_string(),
            Written::Text(text) => text,
        };
        units::size(&text).map(Size).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        units::duration(&text).map(Duration).map_err(D::Error::custom)
    }
}
