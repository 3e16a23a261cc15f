//! Kinds of parameters, schemas and meanings become words of a page: names as code, shapes as links.

use std::collections::BTreeSet;

use gateleg_core::json::Json;
use gateleg_core::shape::{Kind, Name};

/// What a parameter holds. `enumeration` are the words that are allowed where the kind is one of words.
pub fn kind(kind: &Kind, enumeration: &[String]) -> String {
    match kind {
        Kind::Text { min: 0, max: usize::MAX } => "text".into(),
        Kind::Text { min, max } => format!("text of {min} to {max} characters"),
        Kind::Expression => "[expression](#expressions)".into(),
        Kind::TableName => "table name".into(),
        Kind::IndexName => "index name".into(),
        Kind::Boolean => "`true` or `false`".into(),
        Kind::Integer { min, max: i64::MAX } => format!("whole number from {min}"),
        Kind::Integer { min, max } => format!("whole number from {min} to {}", grouped(*max)),
        Kind::Decimal => "number".into(),
        Kind::Enum(_) => one_of(enumeration),
        Kind::Attributes => "[attributes](#values)".into(),
        Kind::AttributeValue => "[value](#values)".into(),
        Kind::List { of, min, max } => match (min, max) {
            (0, &usize::MAX) => format!("list of {}", self::kind(of, enumeration)),
            (min, &usize::MAX) => format!("list of {min} or more: {}", self::kind(of, enumeration)),
            (min, max) => format!("list of {min} to {max}: {}", self::kind(of, enumeration)),
        },
        Kind::Map(of) => format!("{}, by name", self::kind(of, enumeration)),
        Kind::Tables(of) => format!("{}, by table name", self::kind(of, enumeration)),
        Kind::Structure(shape) => format!("[{}](#{})", shape.name, anchor(shape.name)),
    }
}

/// The anchor of a shape's table.
pub fn anchor(shape: &str) -> String {
    format!("shape-{}", shape.to_ascii_lowercase())
}

/// What a schema allows, as far as options and replies need it.
pub fn schema(schema: &Json<'_>) -> String {
    let number = |name: &str| schema.get(name).and_then(Json::as_integer);
    if let Some(word) = schema.get("const").and_then(Json::as_str) {
        return format!("`{word}`");
    }
    if let Some(Json::Array(words)) = schema.get("enum") {
        return one_of(&words.iter().filter_map(|word| word.as_str().map(String::from)).collect::<Vec<_>>());
    }
    let bounds = |from: &str, to: &str| match (number(from), number(to)) {
        (Some(least), Some(most)) => format!(" of {least} to {}", grouped(most)),
        _ => String::new(),
    };
    match schema.get("type").and_then(Json::as_str) {
        Some("boolean") => "`true` or `false`".into(),
        Some("integer") => format!("whole number{}", bounds("minimum", "maximum").replacen(" of", " from", 1)),
        Some("string") => match bounds("minLength", "maxLength") {
            bounds if bounds.is_empty() => "text".into(),
            bounds => format!("text{bounds} characters"),
        },
        Some("array") => format!("list{}", bounds("minItems", "maxItems")),
        _ => "object".into(),
    }
}

fn one_of(words: &[String]) -> String {
    match words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        [only] => only.clone(),
        _ => "no word".into(),
    }
}

/// `2147483647` becomes `2,147,483,647`.
pub fn grouped(number: i64) -> String {
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

/// A sentence for a cell of a table: what is a name or JSON stands as code, and nothing in it is markup.
pub fn sentence(text: &str) -> String {
    cell(text, true)
}

/// Part of a sentence for a cell of a table; it begins with a small letter, or with a name.
pub fn phrase(text: &str) -> String {
    cell(text, false)
}

fn cell(text: &str, mut starts: bool) -> String {
    let names: BTreeSet<&str> = Name::ALL.iter().map(|name| name.as_str()).collect();
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '`' => rest[1..].find('`').map_or(rest.len(), |at| at + 2),
            '{' => braces(rest),
            c if is_word(c) || matches!(c, '#' | ':' | '$') => {
                let long = rest[1..].find(|c| !is_word(c) && c != '.').map_or(rest.len(), |at| at + 1);
                rest[..long].trim_end_matches('.').len().max(1)
            }
            c => c.len_utf8(),
        };
        let (token, after) = rest.split_at(end);
        if is_code(token, &names, starts) {
            out.push_str(&format!("`{}`", token.replace('|', "\\|")));
        } else {
            out.push_str(&token.replace('|', "\\|").replace('<', "&lt;"));
        }
        starts = if token == " " { starts } else { token == "." };
        rest = after;
    }
    out
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// How long the JSON at the beginning is.
fn braces(text: &str) -> usize {
    let mut depth = 0_i32;
    for (at, c) in text.char_indices() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if depth == 0 {
            return at + 1;
        }
    }
    text.len()
}

fn is_code(token: &str, names: &BTreeSet<&str>, starts: bool) -> bool {
    const LOWER: [&str; 5] = ["tableName", "maxItems", "dryRun", "true", "false"];
    let capitals = token.chars().filter(char::is_ascii_uppercase).count();
    let small = token.chars().any(|c| c.is_ascii_lowercase());
    // A word such as Items at the beginning of a sentence is no name.
    let is_name = names.contains(token) && (!starts || capitals > 1);
    let is_shouted =
        capitals > 1 && !small && !["JSON", "HTTP", "UTF", "GB", "MB", "API", "ARN", "RFC"].contains(&token);
    if token.starts_with('`') {
        return false;
    }
    let is_sign = token.len() > 1 && token.starts_with(['#', ':', '$']);
    is_name
        || is_shouted
        || is_sign
        || token.starts_with('{')
        || token.contains("options.")
        || token.contains("payload.")
        || token.contains('_')
        || LOWER.contains(&token)
}
