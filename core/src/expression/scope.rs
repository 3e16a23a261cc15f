//! A request's ExpressionAttributeNames and ExpressionAttributeValues become what `#name` and `:value` stand for, and which
//! of them are used is remembered.

use alloc::string::String;
use alloc::vec::Vec;

use crate::attribute::{AttributeValue, Attributes};
use crate::tree::Node;

/// The names and values that the expressions of one request share.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    names: &'a [(String, Node)],
    values: &'a [(String, AttributeValue)],
    used_names: Vec<bool>,
    used_values: Vec<bool>,
}

impl<'a> Scope<'a> {
    /// Over a request's ExpressionAttributeNames and ExpressionAttributeValues, as read.
    pub fn new(names: Option<&'a Node>, values: Option<&'a Node>) -> Self {
        let names = match names {
            Some(Node::Map(names)) => names.as_slice(),
            _ => &[],
        };
        let values: &'a [_] = match values {
            Some(Node::Attributes(values)) => Attributes::as_slice(values),
            _ => &[],
        };
        let unused = |count| core::iter::repeat_n(false, count).collect();
        Scope { names, values, used_names: unused(names.len()), used_values: unused(values.len()) }
    }

    /// What `#name` stands for; it is used from now on.
    pub fn name(&mut self, placeholder: &str) -> Option<&'a str> {
        let at = self.names.iter().position(|(name, _)| name == placeholder)?;
        *self.used_names.get_mut(at)? = true;
        match self.names.get(at) {
            Some((_, Node::Text(name))) => Some(name),
            _ => None,
        }
    }

    /// What `:value` stands for; it is used from now on.
    pub fn value(&mut self, placeholder: &str) -> Option<&'a AttributeValue> {
        let at = self.values.iter().position(|(name, _)| name == placeholder)?;
        *self.used_values.get_mut(at)? = true;
        self.values.get(at).map(|(_, value)| value)
    }

    /// What `:value` stands for, without using it.
    pub fn get(&self, placeholder: &str) -> Option<&'a AttributeValue> {
        self.values.iter().find(|(name, _)| name == placeholder).map(|(_, value)| value)
    }

    /// The `#names` that are defined, in the order they were given.
    pub fn names(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.names.iter().map(|(name, _)| name.as_str())
    }

    /// The `:values` that are defined, in the order they were given.
    pub fn values(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.values.iter().map(|(name, _)| name.as_str())
    }

    /// The `#names` that no expression has used, in the order they were given.
    pub fn unused_names(&self) -> impl Iterator<Item = &str> {
        self.names().zip(&self.used_names).filter(|(_, used)| !**used).map(|(name, _)| name)
    }

    /// The `:values` that no expression has used, in the order they were given.
    pub fn unused_values(&self) -> impl Iterator<Item = &str> {
        self.values().zip(&self.used_values).filter(|(_, used)| !**used).map(|(name, _)| name)
    }
}
