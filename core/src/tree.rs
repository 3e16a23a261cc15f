//! Parameters and results in memory: a [`Structure`] holds the members of a [`Shape`], and writes itself as JSON.

use alloc::string::String;
use alloc::vec::Vec;

use crate::attribute::{self, AttributeValue, Attributes, Notation, write_attributes};
use crate::json::{self, Object};
use crate::order;
use crate::shape::{Member, Name, Shape};

/// What one member holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A string: a text, an expression, a name, a word of an enumeration.
    Text(String),
    /// A boolean.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number in a reply, as text.
    Decimal(String),
    /// An item or a key.
    Attributes(Attributes),
    /// One attribute value.
    AttributeValue(AttributeValue),
    /// A list.
    List(Vec<Node>),
    /// Values by name, in the order they were given.
    Map(Vec<(String, Node)>),
    /// An object with members of its own.
    Structure(Structure),
}

/// An object of the API with the members that are present, in the API's order.
#[derive(Clone, Debug)]
pub struct Structure {
    shape: &'static Shape,
    fields: Vec<(&'static Member, Node)>,
}

impl PartialEq for Structure {
    fn eq(&self, other: &Self) -> bool {
        core::ptr::eq(self.shape, other.shape)
            && self.fields.len() == other.fields.len()
            && self.iter().zip(other.iter()).all(|(a, b)| a.0 == b.0 && a.1 == b.1)
    }
}

impl Structure {
    /// An object of that shape without members.
    pub fn new(shape: &'static Shape) -> Self {
        Structure { shape, fields: Vec::new() }
    }

    /// The shape.
    pub fn shape(&self) -> &'static Shape {
        self.shape
    }

    /// The member of that name, if present.
    pub fn get(&self, name: Name) -> Option<&Node> {
        self.fields.iter().find(|(member, _)| member.name == name).map(|(_, node)| node)
    }

    /// The member of that name, to change it in place.
    pub fn get_mut(&mut self, name: Name) -> Option<&mut Node> {
        self.fields.iter_mut().find(|(member, _)| member.name == name).map(|(_, node)| node)
    }

    /// The member of that name, if it is a string.
    pub fn text(&self, name: Name) -> Option<&str> {
        match self.get(name) {
            Some(Node::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Takes the member of that name out.
    pub fn take(&mut self, name: Name) -> Option<Node> {
        let at = self.fields.iter().position(|(member, _)| member.name == name)?;
        Some(self.fields.remove(at).1)
    }

    /// Sets a member; a name that the shape does not have is ignored.
    pub fn set(&mut self, name: Name, node: Node) {
        let Some((index, member)) = self.shape.members.iter().enumerate().find(|(_, member)| member.name == name)
        else {
            return;
        };
        if let Some(present) = self.get_mut(name) {
            *present = node;
            return;
        }
        let place = |member: &Member| self.shape.members.iter().position(|m| m.name == member.name);
        let at = self.fields.iter().take_while(|(member, _)| place(member) < Some(index)).count();
        self.fields.insert(at, (member, node));
    }

    /// [`Structure::set`] for a value that may be absent, for building in one expression.
    #[must_use]
    pub fn with(mut self, name: Name, node: Option<Node>) -> Self {
        if let Some(node) = node {
            self.set(name, node);
        }
        self
    }

    /// The members that are present, in the API's order.
    pub fn iter(&self) -> impl Iterator<Item = (Name, &Node)> {
        self.fields.iter().map(|(member, node)| (member.name, node))
    }

    /// The members that are present, by value, in the API's order.
    pub fn into_members(self) -> impl Iterator<Item = (Name, Node)> {
        self.fields.into_iter().map(|(member, node)| (member.name, node))
    }

    pub(crate) fn from_sorted(shape: &'static Shape, fields: Vec<(&'static Member, Node)>) -> Self {
        Structure { shape, fields }
    }

    /// Appends the object with its attribute values in `notation`.
    pub fn write(&self, out: &mut String, notation: Notation) {
        let mut object = Object::new(out);
        self.write_members(&mut object, notation);
        object.end();
    }

    /// Appends the members to an object that is already open.
    pub fn write_members(&self, object: &mut Object<'_>, notation: Notation) {
        for (name, node) in self.iter() {
            node.write(object.member(name.as_str()), notation);
        }
    }

    /// Puts every map inside into the order of its names' UTF-8 bytes.
    pub fn sort(&mut self) {
        self.fields.iter_mut().for_each(|(_, node)| node.sort());
    }
}

impl Node {
    /// Appends the value, with attribute values in `notation`.
    pub fn write(&self, out: &mut String, notation: Notation) {
        match self {
            Node::Text(text) => json::write_string(out, text),
            Node::Boolean(value) => json::write_bool(out, *value),
            Node::Integer(value) => json::write_integer(out, *value),
            Node::Decimal(text) => out.push_str(text),
            Node::Attributes(attributes) => write_attributes(out, attributes, notation),
            Node::AttributeValue(value) => value.write(out, notation),
            Node::List(items) => {
                json::write_array(out, items, |out, item| item.write(out, notation));
            }
            Node::Map(entries) => {
                let mut object = Object::new(out);
                for (name, node) in entries {
                    node.write(object.member(name), notation);
                }
                object.end();
            }
            Node::Structure(structure) => structure.write(out, notation),
        }
    }

    fn sort(&mut self) {
        match self {
            Node::Attributes(attributes) => attribute::sort(attributes),
            Node::AttributeValue(value) => value.sort(),
            Node::List(items) => items.iter_mut().for_each(Node::sort),
            Node::Map(entries) => {
                order::sort(entries, |(a, _), (b, _)| a.cmp(b));
                entries.iter_mut().for_each(|(_, node)| node.sort());
            }
            Node::Structure(structure) => structure.sort(),
            Node::Text(_) | Node::Boolean(_) | Node::Integer(_) | Node::Decimal(_) => {}
        }
    }
}
