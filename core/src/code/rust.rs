//! The calls of a request become Rust on aws-sdk-dynamodb.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::form::{Form, Layout, text, write_bytes};
use super::{Job, kind, push, split};
use crate::attribute::{AttributeValue, Attributes};
use crate::join::Join as _;
use crate::order;
use crate::shape::{Kind, Member, Name};
use crate::tree::{Node, Structure};

const LAYOUT: Layout =
    Layout { indent: "    ", columns: 92, chain: 60, hugs: true, pads: false, last_comma: true, aligns: false };

pub(super) fn write(job: &Job) -> String {
    let mut rust = Rust { uses: Vec::new() };
    let mut body = String::new();
    if job.is_batch() {
        rust.batch(job, &mut body);
    } else {
        for input in job.input() {
            rust.call(job, input, &mut body);
        }
    }
    let mut out = String::from(
        "// cargo add aws-config aws-sdk-dynamodb\n// cargo add tokio --features macros,rt-multi-thread\n",
    );
    job.notes(&mut out, "// ");
    out.push_str(
        "use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
",
    );
    order::sort(&mut rust.uses, |a, b| a.cmp(b));
    for (names, path) in [
        (Some(BLOB), "aws_sdk_dynamodb::primitives"),
        (None, "aws_sdk_dynamodb::types"),
        (Some(MAP), "std::collections"),
    ] {
        let is_of = |name: &&&str| names.map_or(![BLOB, MAP].contains(*name), |of| of == **name);
        for name in rust.uses.iter().filter(is_of) {
            push(
                &mut out,
                &[
                    "use ", path, "::", name, ";
",
                ],
            );
        }
    }
    out.push_str("\n#[tokio::main]\nasync fn main() -> Result<(), Box<dyn std::error::Error>> {\n");
    out.push_str("    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;\n");
    push(&mut out, &["    let client = Client::new(&config);\n", &body, "    Ok(())\n}\n"]);
    out
}

const MAP: &str = "HashMap";
const BLOB: &str = "Blob";

struct Rust {
    /// The types that the code names.
    uses: Vec<&'static str>,
}

impl Rust {
    fn call(&mut self, job: &Job, input: &Structure, out: &mut String) {
        let mut links = alloc::vec![Form::atom("client"), Form::Atom(method(job.api.as_str(), ")"))];
        self.members(input, &mut links);
        if !job.follow {
            links.extend([".send()", ".await?"].map(Form::atom));
            out.push_str("    let response = ");
            LAYOUT.write(out, &Form::chain(links), 1);
            out.push_str(";\n    println!(\"{response:#?}\");\n");
            return;
        }
        links.extend([".into_paginator()", ".send()"].map(Form::atom));
        out.push_str("    let mut pages = ");
        LAYOUT.write(out, &Form::chain(links), 1);
        let most = job.max_items.map(|most| most.to_string());
        out.push_str(if most.is_some() { ";\n    let mut count = 0;\n" } else { ";\n" });
        out.push_str("    while let Some(page) = pages.try_next().await? {\n        println!(\"{page:#?}\");\n");
        if let Some(most) = most {
            out.push_str("        count += page.count();\n");
            push(out, &["        if count >= ", &most, " {\n            break;\n        }\n"]);
        }
        out.push_str("    }\n");
    }

    /// Sends each call, and what it leaves over until nothing is.
    fn batch(&mut self, job: &Job, out: &mut String) {
        let requests = job.calls.iter().filter_map(|input| input.get(Name::RequestItems));
        let requests: Vec<_> = requests.map(|node| self.node(node)).collect();
        out.push_str("    let requests = ");
        LAYOUT.write(out, &Form::group("[", requests, "]"), 1);
        out.push_str(";\n    for mut request in requests {\n        while !request.is_empty() {\n");
        let mut links = alloc::vec![Form::atom("client"), Form::Atom(method(job.api.as_str(), ")"))];
        links.push(Form::atom(".set_request_items(Some(request))"));
        for input in job.input() {
            let others = input.iter().filter(|(name, _)| *name != Name::RequestItems);
            others.for_each(|(name, node)| self.member(input, name, node, &mut links));
        }
        links.extend([".send()", ".await?"].map(Form::atom));
        out.push_str("            let response = ");
        LAYOUT.write(out, &Form::chain(links), 3);
        out.push_str(";\n            println!(\"{response:#?}\");\n            request = response.");
        split(out, job.leftover().as_str(), '_');
        out.push_str(".unwrap_or_default();\n");
        out.push_str(
            "            tokio::time::sleep(std::time::Duration::from_millis(100)).await;\n        }\n    }\n",
        );
    }

    fn members(&mut self, structure: &Structure, links: &mut Vec<Form>) {
        structure.iter().for_each(|(name, node)| self.member(structure, name, node, links));
    }

    /// The calls on a builder that set one member: one for each value of a list or map.
    fn member(&mut self, structure: &Structure, name: Name, node: &Node, links: &mut Vec<Form>) {
        let method = |values: Vec<Form>| Form::group(method(name.as_str(), ""), values, ")");
        let label = |name: &str| Form::Atom(text(name, true));
        match node {
            // What has no value to call with.
            Node::List(items) if items.is_empty() => links.push(set(name)),
            Node::Attributes(attributes) if attributes.is_empty() => links.push(set(name)),
            Node::Map(entries) if entries.is_empty() => links.push(set(name)),
            Node::List(items) => links.extend(items.iter().map(|item| method(alloc::vec![self.argument(item)]))),
            Node::Attributes(attributes) => {
                links.extend(attributes.iter().map(|(key, value)| method(alloc::vec![label(key), self.value(value)])));
            }
            Node::Map(entries) => {
                links.extend(entries.iter().map(|(key, node)| method(alloc::vec![label(key), self.argument(node)])));
            }
            _ => match kind(structure, name) {
                Some(Kind::Enum(_)) => links.push(method(alloc::vec![self.node(node)])),
                _ => links.push(method(alloc::vec![self.argument(node)])),
            },
        }
    }

    /// The value of a parameter that takes whatever can become a string.
    fn argument(&mut self, node: &Node) -> Form {
        match node {
            Node::Text(value) => Form::Atom(text(value, true)),
            _ => self.node(node),
        }
    }

    fn node(&mut self, node: &Node) -> Form {
        match node {
            Node::Text(value) | Node::Decimal(value) => Form::Atom(string(value)),
            Node::Boolean(value) => Form::atom(if *value { "true" } else { "false" }),
            Node::Integer(value) => Form::Atom(value.to_string()),
            Node::Attributes(attributes) => self.attributes("", attributes, "])"),
            Node::AttributeValue(value) => self.value(value),
            Node::List(items) => Form::group("vec![", items.iter().map(|item| self.node(item)), "]"),
            Node::Map(entries) => {
                self.uses(MAP);
                let entries = entries.iter().map(|(name, node)| entry(name, self.node(node)));
                Form::group("HashMap::from([", entries, "])")
            }
            Node::Structure(structure) => {
                let name = structure.shape().name;
                self.uses(name);
                let mut links = alloc::vec![Form::Atom([name, "::builder()"].together())];
                self.members(structure, &mut links);
                let is_required = |member: &Member| member.required && !matches!(member.kind, Kind::Structure(_));
                let is_fallible = structure.shape().members.iter().any(is_required);
                links.push(Form::atom(if is_fallible { ".build()?" } else { ".build()" }));
                Form::chain(links)
            }
        }
    }

    fn attributes(&mut self, open: &str, attributes: &Attributes, close: &'static str) -> Form {
        self.uses(MAP);
        let entries = attributes.iter().map(|(name, value)| entry(name, self.value(value)));
        Form::group([open, "HashMap::from(["].together(), entries, close)
    }

    fn value(&mut self, value: &AttributeValue) -> Form {
        self.uses("AttributeValue");
        let atoms = |open: &str, items: Vec<String>| Form::group(open, items.into_iter().map(Form::Atom), "])");
        let atom = |parts: &[&str]| Form::Atom(parts.together());
        match value {
            AttributeValue::S(value) => atom(&["AttributeValue::S(", &string(value), ")"]),
            AttributeValue::N(number) => atom(&["AttributeValue::N(", &string(number.as_str()), ")"]),
            AttributeValue::B(bytes) => atom(&["AttributeValue::B(", &self.blob(bytes), ")"]),
            AttributeValue::Bool(true) => Form::atom("AttributeValue::Bool(true)"),
            AttributeValue::Bool(false) => Form::atom("AttributeValue::Bool(false)"),
            AttributeValue::Null => Form::atom("AttributeValue::Null(true)"),
            AttributeValue::Ss(set) => {
                atoms("AttributeValue::Ss(vec![", set.iter().map(|value| string(value)).collect())
            }
            AttributeValue::Ns(set) => {
                atoms("AttributeValue::Ns(vec![", set.iter().map(|number| string(number.as_str())).collect())
            }
            AttributeValue::Bs(set) => {
                atoms("AttributeValue::Bs(vec![", set.iter().map(|bytes| self.blob(bytes)).collect())
            }
            AttributeValue::L(items) => {
                Form::group("AttributeValue::L(vec![", items.iter().map(|item| self.value(item)), "])")
            }
            AttributeValue::M(attributes) => self.attributes("AttributeValue::M(", attributes, "]))"),
        }
    }

    fn blob(&mut self, bytes: &[u8]) -> String {
        self.uses(BLOB);
        let mut out = String::from("Blob::new(b");
        write_bytes(&mut out, bytes);
        out.push(')');
        out
    }

    fn uses(&mut self, name: &'static str) {
        if !self.uses.contains(&name) {
            self.uses.push(name);
        }
    }
}

/// `.name(` and the end, if it ends there.
fn method(name: &str, end: &str) -> String {
    let mut out = String::from(".");
    split(&mut out, name, '_');
    push(&mut out, &["(", end]);
    out
}

/// Sets a list or map that is empty.
fn set(name: Name) -> Form {
    let mut out = String::from(".set_");
    split(&mut out, name.as_str(), '_');
    out.push_str("(Some(Default::default()))");
    Form::Atom(out)
}

fn entry(name: &str, value: Form) -> Form {
    Form::group("(", [Form::Atom(string(name)), value], ")")
}

fn string(value: &str) -> String {
    let mut out = text(value, true);
    out.push_str(".into()");
    out
}
