//! The calls of a request become commands of the AWS CLI, versions 1 and 2.

use alloc::string::{String, ToString as _};

use super::literal::{Dialect, JSON};
use super::request::{MAX_ARGUMENT, write_stdin, write_word};
use super::{Job, push, split};
use crate::attribute::AttributeValue;
use crate::shape::Name;
use crate::tree::{Node, Structure};

pub(super) fn write(job: &Job) -> String {
    let mut out = String::new();
    job.notes(&mut out, "# ");
    if job.is_batch() {
        push(
            &mut out,
            &["# ", job.leftover().as_str(), " in an answer have to be sent again: the AWS CLI does not.\n"],
        );
    }
    let pages = job.input().any(|input| input.get(Name::ExclusiveStartKey).is_none());
    if job.follow && !pages {
        out.push_str("# Only one page is read: the AWS CLI does not follow pages from a key.\n");
    }
    let mut has_binary = false;
    let mut has_file = false;
    let mut commands = String::new();
    for input in &job.calls {
        let is_binary = input.iter().any(|(_, node)| binary(node));
        has_file |= command(job, input, job.follow && pages, is_binary, &mut commands);
        has_binary |= is_binary;
    }
    if has_binary {
        out.push_str("# Binary values need version 2 of the AWS CLI: version 1 does not decode base64.\n");
    }
    if has_file {
        out.push_str("input=$(mktemp)\ntrap 'rm -f \"$input\"' EXIT\n");
    }
    out.push_str(&commands);
    out
}

/// Appends one call; says whether its parameters come from a file.
fn command(job: &Job, input: &Structure, follow: bool, is_binary: bool, out: &mut String) -> bool {
    let mut head = String::from("aws dynamodb ");
    split(&mut head, job.api.as_str(), '-');
    if is_binary {
        // Version 1 refuses this, which is better than to store the text.
        option(&mut head, "--cli-binary-format base64");
    }
    if input.shape().member(Name::ExclusiveStartKey.as_str()).is_some() && !follow {
        option(&mut head, "--no-paginate");
    }
    if let (true, Some(most)) = (follow, job.max_items) {
        option(&mut head, "--max-items ");
        head.push_str(&most.to_string());
    }
    let mut options = String::new();
    let mut is_safe = true;
    for (name, node) in input.iter() {
        is_safe &= parameter(&mut options, name, node, follow);
    }
    if is_safe && options.len() < MAX_ARGUMENT {
        push(out, &[&head, &options, "\n"]);
        return false;
    }
    let mut rest = input.clone();
    if follow && let Some(size) = rest.take(Name::Limit) {
        parameter(&mut head, Name::Limit, &size, follow);
    }
    let mut json = String::new();
    JSON.write(&mut json, &Dialect::Json.structure(&rest), 0);
    out.push_str("cat >\"$input\"");
    write_stdin(out, &json);
    option(&mut head, "--cli-input-json \"file://$input\"\n");
    out.push_str(&head);
    true
}

/// Whether there is a binary value in it.
fn binary(node: &Node) -> bool {
    match node {
        Node::Attributes(attributes) => attributes.iter().any(|(_, value)| binary_value(value)),
        Node::AttributeValue(value) => binary_value(value),
        Node::List(items) => items.iter().any(binary),
        Node::Map(entries) => entries.iter().any(|(_, node)| binary(node)),
        Node::Structure(structure) => structure.iter().any(|(_, node)| binary(node)),
        _ => false,
    }
}

fn binary_value(value: &AttributeValue) -> bool {
    match value {
        AttributeValue::B(_) | AttributeValue::Bs(_) => true,
        AttributeValue::L(items) => items.iter().any(binary_value),
        AttributeValue::M(attributes) => attributes.iter().any(|(_, value)| binary_value(value)),
        _ => false,
    }
}

/// Appends one option; says whether the AWS CLI takes its value as it is, and not as the name of a file.
fn parameter(out: &mut String, name: Name, node: &Node, follow: bool) -> bool {
    let mut flag = String::from("--");
    match node {
        Node::Boolean(false) => flag.push_str("no-"),
        // With --limit the AWS CLI reads one page.
        Node::Integer(_) if follow && name == Name::Limit => {
            option(out, "--page-size ");
            JSON.write(out, &Dialect::Json.node(node), 0);
            return true;
        }
        _ => {}
    }
    split(&mut flag, name.as_str(), '-');
    option(out, &flag);
    match node {
        Node::Boolean(_) => true,
        Node::Text(text) => {
            out.push(if text.starts_with('-') { '=' } else { ' ' });
            write_word(out, text);
            !text.as_bytes().windows(3).any(|three| three == b"://") && !text.contains('\0')
        }
        _ => {
            let mut json = String::new();
            JSON.write(&mut json, &Dialect::Json.node(node), 1);
            out.push(' ');
            write_word(out, &json);
            true
        }
    }
}

fn option(out: &mut String, text: &str) {
    push(out, &[" \\\n  ", text]);
}
