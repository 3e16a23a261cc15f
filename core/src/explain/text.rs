//! Names, values, numbers and lists become words: short, and never to be mistaken for the words around them.
//!
//! A name stands bare where it is one plain word, else between backquotes; a string stands between quotes. What is cut off
//! ends with three dots, what is left out is counted.

use alloc::string::{String, ToString};

use crate::attribute::{AttributeValue, Attributes};
use crate::expression::{Element, Path};
use crate::json;

/// Most characters of a name, a string or a number that are shown.
const MAX_CHARACTERS: usize = 40;

/// Most members of a list that are shown.
const MAX_MEMBERS: usize = 6;

/// Words that would be read as part of a sentence, were an attribute called so.
const WORDS: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "between", "by", "does", "equals", "exists", "false", "followed", "from",
    "if", "in", "is", "it", "item", "minus", "not", "null", "of", "one", "or", "plus", "size", "the", "there", "to",
    "true", "with",
];

/// Appends several texts.
pub(super) fn add(out: &mut String, parts: &[&str]) {
    parts.iter().for_each(|part| out.push_str(part));
}

/// Appends the name of a table, an index or an attribute.
pub(super) fn name(out: &mut String, name: &str) {
    let is_word = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(name));
    if is_word {
        return cut(out, name);
    }
    let mut quoted = String::new();
    string(&mut quoted, name);
    let (inside, dots) = quoted.rsplit_once('"').unwrap_or((&quoted, ""));
    let inside = inside.strip_prefix('"').unwrap_or(inside);
    out.push('`');
    let mut letters = inside.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '`' => out.push_str("\\u0060"),
            // Between backquotes it needs no backslash.
            '\\' if letters.peek() == Some(&'"') => {}
            _ => out.push(letter),
        }
    }
    add(out, &["`", dots]);
}

/// Appends a table: its name, or its ARN as it is.
pub(super) fn table(out: &mut String, table: &str) {
    // A table's name holds nothing that needs quotes, but may start with a digit or hold a point.
    out.push_str(table);
}

/// Appends a document path.
pub(super) fn path(out: &mut String, path: &Path) {
    for (at, element) in path.elements.iter().enumerate() {
        match element {
            Element::Index(index) => add(out, &["[", &index.to_string(), "]"]),
            Element::Name(text) | Element::Placeholder { name: text, .. } => {
                if at > 0 {
                    out.push('.');
                }
                name(out, text);
            }
        }
    }
}

/// Appends a value.
pub(super) fn value(out: &mut String, value: &AttributeValue) {
    shown(out, value, true);
}

/// Appends a value; one that stands inside another does not show what it holds.
fn shown(out: &mut String, value: &AttributeValue, open: bool) {
    match value {
        AttributeValue::S(text) => string(out, text),
        AttributeValue::N(number) => cut(out, number.as_str()),
        AttributeValue::B(bytes) => add(out, &[&count(bytes.len(), "byte"), " of binary"]),
        AttributeValue::Bool(value) => json::write_bool(out, *value),
        AttributeValue::Null => out.push_str("null"),
        AttributeValue::Ss(set) => held(out, "the string set {", set, "}", |out, text| string(out, text)),
        AttributeValue::Ns(set) => held(out, "the number set {", set, "}", |out, number| cut(out, number.as_str())),
        AttributeValue::Bs(set) => add(out, &["a set of ", &count(set.len(), "binary value")]),
        AttributeValue::L(list) if list.is_empty() => out.push_str("an empty list"),
        AttributeValue::M(map) if map.is_empty() => out.push_str("an empty map"),
        AttributeValue::L(list) if open => held(out, "the list [", list, "]", |out, value| shown(out, value, false)),
        AttributeValue::M(map) if open => held(out, "a map {", map, "}", |out, (key, _)| name(out, key)),
        AttributeValue::L(list) => add(out, &["a list of ", &list.len().to_string()]),
        AttributeValue::M(map) => add(out, &["a map of ", &map.len().to_string()]),
    }
}

/// Appends a list between brackets.
fn held<T>(out: &mut String, open: &str, items: &[T], close: &str, each: impl FnMut(&mut String, &T)) {
    out.push_str(open);
    list(out, items, ", ", each);
    out.push_str(close);
}

/// Appends a key: `id "1" and placed 5`.
pub(super) fn key(out: &mut String, key: &Attributes) {
    list(out, key, " and ", |out, (attribute, held)| {
        name(out, attribute);
        out.push(' ');
        value(out, held);
    });
}

/// Appends `a, b and c`, with `last` before the last one; of more than a few, how many more there are.
pub(super) fn list<T>(out: &mut String, items: &[T], last: &str, mut each: impl FnMut(&mut String, &T)) {
    listed(out, items.len(), last, &mut |out, index| {
        if let Some(item) = items.get(index) {
            each(out, item);
        }
    });
}

/// The same by places: compiled once, and not for each kind of items, for a page has to fetch it.
fn listed(out: &mut String, count: usize, last: &str, each: &mut dyn FnMut(&mut String, usize)) {
    // One that is left out would take as much room to be counted as to be shown.
    let some = if count > MAX_MEMBERS + 1 { MAX_MEMBERS } else { count };
    for index in 0..some {
        if index > 0 {
            out.push_str(if index + 1 == count { last } else { ", " });
        }
        each(out, index);
    }
    if some < count {
        add(out, &[last, &thousands(count - some), " more"]);
    }
}

/// `1 item`, `1,234 items`.
pub(super) fn count(number: usize, noun: &str) -> String {
    let mut out = thousands(number);
    add(&mut out, &[" ", noun, if number == 1 { "" } else { "s" }]);
    out
}

/// A whole number for a person: `1,234,567`.
pub fn thousands(number: impl ToString) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Appends a string between quotes, its beginning if it is long.
fn string(out: &mut String, text: &str) {
    let shown = beginning(text);
    let mut written = String::new();
    json::write_string(&mut written, shown);
    for character in written.chars() {
        if is_unseen(character) {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    if shown.len() < text.len() {
        out.push_str("...");
    }
}

/// What shows as nothing, or turns the text around it: JSON need not escape it.
fn is_unseen(character: char) -> bool {
    matches!(character, '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn cut(out: &mut String, text: &str) {
    let shown = beginning(text);
    out.push_str(shown);
    if shown.len() < text.len() {
        out.push_str("...");
    }
}

fn beginning(text: &str) -> &str {
    match text.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => text.get(..end).unwrap_or_default(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut out = String::new();
        name(&mut out, text);
        assert_eq!(out, expected);
    }

    #[test]
    fn a_name_that_is_no_plain_word_stands_between_backquotes() {
        for (text, expected) in [
            ("id", "id"),
            ("order-no_2", "order-no_2"),
            ("And", "`And`"),
            ("a and b", "`a and b`"),
            ("a.b", "`a.b`"),
            ("2nd", "`2nd`"),
            ("say \"x\"", "`say \"x\"`"),
            ("`; drop", "`\\u0060; drop`"),
            ("line\nbreak", "`line\\nbreak`"),
            ("größe", "`größe`"),
            ("", "``"),
            ("a\u{202e}b", "`a\\u{202e}b`"),
        ] {
            check(text, expected);
        }
        check(&"é".repeat(41), &alloc::format!("`{}`...", "é".repeat(40)));
        check(&"x".repeat(41), &alloc::format!("{}...", "x".repeat(40)));
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let found: Vec<String> = [0, 999, 1000, 1_234_567].into_iter().map(thousands).collect();
        assert_eq!(found, ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn long_lists_count_what_they_leave_out() {
        let check = |items: usize, expected: &str| {
            let mut out = String::new();
            list(&mut out, &(1..=items).collect::<Vec<_>>(), " and ", |out, n| out.push_str(&n.to_string()));
            assert_eq!(out, expected);
        };
        check(1, "1");
        check(2, "1 and 2");
        check(7, "1, 2, 3, 4, 5, 6 and 7");
        check(9, "1, 2, 3, 4, 5, 6 and 3 more");
    }
}
