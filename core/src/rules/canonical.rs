//! Attributes become something to tell equal ones by, whatever their order and the spelling of their numbers.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::attribute::{AttributeValue, Attributes, Notation};
use crate::order;

/// A key, or what is known of an item's key: its attributes in the order of their names.
#[derive(Clone, Debug)]
pub(super) struct Identity<'a>(Vec<(&'a str, &'a AttributeValue)>);

impl<'a> Identity<'a> {
    /// Of a key, or of an item whose key attributes are not known.
    pub(super) fn whole(attributes: &'a Attributes) -> Self {
        Self::sorted(attributes.iter())
    }

    /// Of an item's key attributes; `None` if it lacks one.
    pub(super) fn key(item: &'a Attributes, names: &[impl AsRef<str>]) -> Option<Self> {
        let identity = Self::sorted(item.iter().filter(|(name, _)| names.iter().any(|key| key.as_ref() == name)));
        (identity.0.len() == names.len()).then_some(identity)
    }

    /// The names of the attributes.
    pub(super) fn names(&self) -> Vec<&'a str> {
        self.0.iter().map(|(name, _)| *name).collect()
    }

    /// Whether both are the same attributes.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.compare(other).is_eq()
    }

    fn sorted(attributes: impl Iterator<Item = &'a (String, AttributeValue)>) -> Self {
        let mut attributes: Vec<_> = attributes.map(|(name, value)| (name.as_str(), value)).collect();
        order::sort(&mut attributes, |(a, _), (b, _)| a.cmp(b));
        Identity(attributes)
    }

    fn compare(&self, other: &Self) -> Ordering {
        let pairs = self.0.iter().zip(&other.0);
        let differences = pairs.map(|((a, x), (b, y))| a.cmp(b).then_with(|| order(x, y)));
        self.0
            .len()
            .cmp(&other.0.len())
            .then_with(|| differences.into_iter().find(|o| o.is_ne()).unwrap_or(Ordering::Equal))
    }
}

/// The first that equals an earlier one, by its place in the list.
pub(super) fn repeated(identities: &[(&str, Identity<'_>)]) -> Option<usize> {
    order::repeated(identities.len(), &|a, b| match (identities.get(a), identities.get(b)) {
        (Some((a, x)), Some((b, y))) => a.cmp(b).then_with(|| x.compare(y)),
        _ => Ordering::Equal,
    })
}

fn order(a: &AttributeValue, b: &AttributeValue) -> Ordering {
    match (a, b) {
        (AttributeValue::S(a), AttributeValue::S(b)) => a.cmp(b),
        (AttributeValue::N(a), AttributeValue::N(b)) => a.compare(b),
        (AttributeValue::B(a), AttributeValue::B(b)) => a.cmp(b),
        _ => {
            let text = |value: &AttributeValue| {
                let mut out = String::new();
                value.write(&mut out, Notation::WIRE);
                out
            };
            text(a).cmp(&text(b))
        }
    }
}
