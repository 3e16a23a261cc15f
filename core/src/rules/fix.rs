//! A fault of an expression becomes a refusal with a hint and, where a machine can repair it, the patch that does.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::error::{Error, Patch};
use crate::expression::{self, Cause, ExpressionKind, Fault, Scope};
use crate::json::{self, Object};
use crate::pointer::Pointer;
use crate::rule::Rule;
use crate::shape::Name;
use crate::tree::{Node, Structure};

/// Most reserved words that one patch takes care of.
const MAX_WORDS: usize = 32;

/// What is told of `fault`, found in the expression `text` of the call `input`, whose parameters stand at `place`.
pub(super) fn expression(
    fault: Fault,
    kind: ExpressionKind,
    text: &str,
    input: &Structure,
    place: &Pointer<'_>,
) -> Error {
    let here = place.key(kind.as_str());
    let (start, end) = fault.span;
    let rule = Rule::parse(fault.rule).unwrap_or(Rule::ExpressionSyntax);
    let Fault { message, cause, .. } = fault;
    let error = Error::validation(rule, message).at(&here).span(start, end);
    match cause {
        Cause::ReservedWord(word) => reserved(error, word, kind, text, input, place),
        Cause::UndefinedName(name, nearest) => {
            undefined(error, &name, nearest, Name::ExpressionAttributeNames, text, &here)
        }
        Cause::UndefinedValue(value, nearest) => {
            undefined(error, &value, nearest, Name::ExpressionAttributeValues, text, &here)
        }
        // What stands there is a number or a text in quotes.
        Cause::Other if rule == Rule::ExpressionSyntax && literal(text, start) => {
            error.hint("An expression holds no values: write :value there, and say in ExpressionAttributeValues what it stands for")
        }
        Cause::Other => error,
    }
}

fn literal(expression: &str, at: usize) -> bool {
    expression.chars().nth(at).is_some_and(|c| c.is_ascii_digit() || matches!(c, '\'' | '"'))
}

/// Every reserved word of the expression gets a placeholder, for a patch that leaves the next one would be of little use.
fn reserved(
    error: Error,
    word: String,
    kind: ExpressionKind,
    text: &str,
    input: &Structure,
    place: &Pointer<'_>,
) -> Error {
    let present = input.get(Name::ExpressionAttributeNames);
    let mut names = match present {
        Some(Node::Map(names)) => names.clone(),
        _ => Vec::new(),
    };
    let before = names.len();
    let mut repaired = String::from(text);
    let mut next = word.clone();
    for _ in 0..MAX_WORDS {
        let placeholder = placeholder_for(&next, &mut names);
        repaired = replace(&repaired, &next, &placeholder);
        let all = Node::Map(names.clone());
        let mut scope = Scope::new(Some(&all), input.get(Name::ExpressionAttributeValues));
        match expression::check(kind, &repaired, &mut scope) {
            Err(fault) => match fault.cause {
                Cause::ReservedWord(word) if word != next => next = word,
                _ => break,
            },
            Ok(_) => break,
        }
    }
    let here = place.key(kind.as_str());
    let here_names = place.key(Name::ExpressionAttributeNames.as_str());
    let added = names.get(before..).unwrap_or_default();
    let error = error
        .hint(format!("Write a name such as #{word}, and say in ExpressionAttributeNames what it stands for"))
        .fix(Patch::Replace { path: here.to_text(), value: quoted(&repaired) });
    if present.is_none() {
        let mut value = String::new();
        let mut object = Object::new(&mut value);
        for (placeholder, name) in added {
            object.string(placeholder, text_of(name));
        }
        object.end();
        return error.fix(Patch::Add { path: here_names.to_text(), value });
    }
    added.iter().fold(error, |error, (placeholder, name)| {
        error.fix(Patch::Add { path: here_names.key(placeholder).to_text(), value: quoted(text_of(name)) })
    })
}

/// The placeholder that stands for `word` already, or a free one, which is then taken.
fn placeholder_for(word: &str, names: &mut Vec<(String, Node)>) -> String {
    if let Some((placeholder, _)) = names.iter().find(|(_, name)| text_of(name) == word) {
        return placeholder.clone();
    }
    let mut placeholder = format!("#{word}");
    let mut number = 2;
    while names.iter().any(|(taken, _)| *taken == placeholder) {
        placeholder = format!("#{word}{number}");
        number += 1;
    }
    names.push((placeholder.clone(), Node::Text(word.into())));
    placeholder
}

fn text_of(name: &Node) -> &str {
    match name {
        Node::Text(name) => name,
        _ => "",
    }
}

fn undefined(
    error: Error,
    placeholder: &str,
    nearest: Option<String>,
    defined_in: Name,
    text: &str,
    place: &Pointer<'_>,
) -> Error {
    match nearest {
        Some(nearest) => {
            let value = quoted(&replace(text, placeholder, &nearest));
            error.hint(format!("Did you mean {nearest}?")).fix(Patch::Replace { path: place.to_text(), value })
        }
        None => error.hint(format!("Say in {} what {placeholder} stands for", defined_in.as_str())),
    }
}

fn quoted(text: &str) -> String {
    let mut value = String::new();
    json::write_string(&mut value, text);
    value
}

/// The expression with every occurrence of one token written anew; a bare word in front of a parenthesis is a function.
fn replace(expression: &str, token: &str, with: &str) -> String {
    let is_word = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
    let mut out = String::with_capacity(expression.len() + with.len());
    let mut chars = expression.chars().peekable();
    while let Some(first) = chars.next() {
        if !is_word(&first) && !matches!(first, '#' | ':') {
            out.push(first);
            continue;
        }
        let mut found = first.to_string();
        while let Some(c) = chars.next_if(is_word) {
            found.push(c);
        }
        let is_function = || chars.clone().find(|c| !c.is_whitespace()) == Some('(');
        out.push_str(if found == token && !(is_word(&first) && is_function()) { with } else { &found });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_tokens_are_replaced_and_functions_never() {
        for (text, token, with, expected) in [
            ("size = :size AND size(size) > :n", "size", "#size", "#size = :size AND size(#size) > :n"),
            ("status.statuses[1] = #status", "status", "#s", "#s.statuses[1] = #status"),
            ("a = :vv OR b = :v", ":v", ":w", "a = :vv OR b = :w"),
            ("size (a)", "size", "#size", "size (a)"),
        ] {
            assert_eq!(replace(text, token, with), expected);
        }
    }
}
