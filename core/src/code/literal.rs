//! Parameters become the literals of languages that write them as JSON does: JSON itself, Python and JavaScript.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::form::{Form, Layout, text, write_bytes};
use super::push;
use crate::attribute::{AttributeValue, Attributes, base64_text};
use crate::json;
use crate::tree::{Node, Structure};

/// How one of them differs from the others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Json,
    Python,
    JavaScript,
}

pub(super) const JSON: Layout =
    Layout { indent: "  ", columns: 88, chain: usize::MAX, hugs: false, pads: false, last_comma: false, aligns: false };
pub(super) const PYTHON: Layout = Layout {
    indent: "    ",
    columns: 88,
    chain: usize::MAX,
    hugs: false,
    pads: false,
    last_comma: true,
    aligns: false,
};
pub(super) const JAVASCRIPT: Layout =
    Layout { indent: "  ", columns: 80, chain: usize::MAX, hugs: false, pads: true, last_comma: true, aligns: false };

impl Dialect {
    /// Parameters as an object.
    pub(super) fn structure(self, structure: &Structure) -> Form {
        let members = structure.iter().map(|(name, node)| Form::pair(self.label(name.as_str()), self.node(node)));
        Form::group("{", members, "}")
    }

    /// The value of one member.
    pub(super) fn node(self, node: &Node) -> Form {
        match node {
            Node::Text(value) | Node::Decimal(value) => Form::Atom(text(value, false)),
            Node::Boolean(value) => Form::atom(self.boolean(*value)),
            Node::Integer(value) => Form::Atom(value.to_string()),
            Node::Attributes(attributes) => self.attributes("{", attributes, "}"),
            Node::AttributeValue(value) => self.value(value),
            Node::List(items) => Form::group("[", items.iter().map(|item| self.node(item)), "]"),
            Node::Map(entries) => {
                Form::group("{", entries.iter().map(|(name, node)| Form::pair(self.label(name), self.node(node))), "}")
            }
            Node::Structure(structure) => self.structure(structure),
        }
    }

    fn attributes(self, open: &str, attributes: &Attributes, close: &'static str) -> Form {
        let members = attributes.iter().map(|(name, value)| Form::pair(self.label(name), self.value(value)));
        Form::group(open, members, close)
    }

    fn value(self, value: &AttributeValue) -> Form {
        let [pad, list, map] = if self == Dialect::JavaScript { [" ", "] }", "} }"] } else { ["", "]}", "}}"] };
        let mut open = String::new();
        push(&mut open, &["{", pad, &self.label(value.type_name())]);
        let atoms = |open: String, items: Vec<String>| Form::group(open, items.into_iter().map(Form::Atom), list);
        match value {
            AttributeValue::S(value) => open.push_str(&text(value, false)),
            AttributeValue::N(number) => open.push_str(&text(number.as_str(), false)),
            AttributeValue::B(bytes) => open.push_str(&self.bytes(bytes)),
            AttributeValue::Bool(value) => open.push_str(self.boolean(*value)),
            AttributeValue::Null => open.push_str(self.boolean(true)),
            AttributeValue::Ss(_) | AttributeValue::Ns(_) | AttributeValue::Bs(_) | AttributeValue::L(_) => {
                open.push('[');
            }
            AttributeValue::M(_) => open.push('{'),
        }
        match value {
            AttributeValue::Ss(set) => atoms(open, set.iter().map(|value| text(value, false)).collect()),
            AttributeValue::Ns(set) => atoms(open, set.iter().map(|number| text(number.as_str(), false)).collect()),
            AttributeValue::Bs(set) => atoms(open, set.iter().map(|bytes| self.bytes(bytes)).collect()),
            AttributeValue::L(items) => Form::group(open, items.iter().map(|item| self.value(item)), list),
            AttributeValue::M(attributes) => self.attributes(&open, attributes, map),
            _ => {
                push(&mut open, &[pad, "}"]);
                Form::Atom(open)
            }
        }
    }

    /// A name before its value.
    fn label(self, name: &str) -> String {
        let is_name = |name: &str| {
            name.starts_with(|first: char| first.is_ascii_alphabetic())
                && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        };
        let mut out = match name {
            // Without brackets it would set the object's prototype.
            "__proto__" if self == Dialect::JavaScript => "[\"__proto__\"]".into(),
            _ if self == Dialect::JavaScript && is_name(name) => name.into(),
            _ => text(name, false),
        };
        out.push_str(": ");
        out
    }

    fn boolean(self, value: bool) -> &'static str {
        match (self, value) {
            (Dialect::Python, true) => "True",
            (Dialect::Python, false) => "False",
            (_, true) => "true",
            (_, false) => "false",
        }
    }

    fn bytes(self, bytes: &[u8]) -> String {
        let mut out = String::new();
        match self {
            Dialect::Json => out = text(&base64_text(bytes), false),
            Dialect::Python => {
                out.push('b');
                write_bytes(&mut out, bytes);
            }
            Dialect::JavaScript => {
                out.push_str("new Uint8Array([");
                for (index, byte) in bytes.iter().enumerate() {
                    out.push_str(if index > 0 { ", " } else { "" });
                    json::write_integer(&mut out, *byte);
                }
                out.push_str("])");
            }
        }
        out
    }
}
