//! Rust values become JSON trees, in as few words as possible. What the trees say is left to the other modules.

use alloc::borrow::Cow;
use alloc::string::ToString as _;
use alloc::vec::Vec;

use crate::json::Json;

/// A tree that holds its own text.
pub(super) type Tree = Json<'static>;

/// A name and what stands under it.
pub(super) type Entry = (Cow<'static, str>, Tree);

/// A member of an object.
pub(super) fn entry(name: impl Into<Cow<'static, str>>, value: Tree) -> Entry {
    (name.into(), value)
}

/// An object; the names are distinct.
pub(super) fn object<N: Into<Cow<'static, str>>>(members: impl IntoIterator<Item = (N, Tree)>) -> Tree {
    Json::Object(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// An array.
pub(super) fn array(items: impl IntoIterator<Item = Tree>) -> Tree {
    Json::Array(items.into_iter().collect())
}

/// A string.
pub(super) fn text(text: impl Into<Cow<'static, str>>) -> Tree {
    Json::String(text.into())
}

/// An array of strings.
pub(super) fn words(words: impl IntoIterator<Item = &'static str>) -> Tree {
    array(words.into_iter().map(text))
}

/// A whole number.
pub(super) fn integer(value: impl Into<i64>) -> Tree {
    Json::Number(value.into().to_string().into())
}

/// A length.
pub(super) fn count(value: usize) -> Tree {
    Json::Number(value.to_string().into())
}

/// `true` or `false`.
pub(super) fn boolean(value: bool) -> Tree {
    Json::Bool(value)
}

/// An object with more members behind those it has.
pub(super) fn with(tree: Tree, more: impl IntoIterator<Item = (&'static str, Tree)>) -> Tree {
    let mut members = match tree {
        Json::Object(members) => members,
        _ => Vec::new(),
    };
    members.extend(more.into_iter().map(|(name, value)| entry(name, value)));
    Json::Object(members)
}

/// A schema with what it means.
pub(super) fn described(schema: Tree, about: &'static str) -> Tree {
    with(schema, [("description", text(about))])
}
