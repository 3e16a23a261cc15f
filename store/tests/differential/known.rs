//! What the engine and we judge differently, each with its reason; everything else has to agree.

use gateleg_core::json::Json;

use crate::{Engines, Verdicts};

/// One kind of difference.
pub struct Known {
    /// What it is, and why it is no fault of ours.
    pub reason: &'static str,
    /// Whether a request's verdicts differ in this way.
    pub explains: fn(&Verdicts) -> bool,
}

const fn known(reason: &'static str, explains: fn(&Verdicts) -> bool) -> Known {
    Known { reason, explains }
}

pub const KNOWN: &[Known] = &[
    known("ours, on purpose: a parameter that the API does not have is refused, not ignored", |verdicts| {
        verdicts.our_rule() == Some("parameter.unknown")
    }),
    known("ours, on purpose: a whole number with a fraction is refused, not cut", |verdicts| {
        verdicts.our_rule() == Some("parameter.type") && verdicts.ours_says("expected a whole number, but found 1.5")
    }),
    known("the engine takes whole numbers of more than 32 bits", |verdicts| {
        verdicts.our_rule() == Some("parameter.range") && verdicts.ours_says("less than or equal to 2147483647")
            || verdicts.our_rule() == Some("parameter.type") && verdicts.ours_says("but found 99999999999999999999")
    }),
    known("the engine takes an AttributesToGet without members", |verdicts| {
        verdicts.our_rule() == Some("parameter.length") && verdicts.request.contains(r#""AttributesToGet":[]"#)
    }),
    known("the engine takes a write request that is both PutRequest and DeleteRequest", |verdicts| {
        verdicts.is_of(&["BatchWriteItem"]) && verdicts.our_rule() == Some("batch.write")
    }),
    known(
        "only the table knows which attributes of an item that is put, or of a key that has too many, are the key; DynamoDB looks it up first, too",
        |verdicts| {
            let says = verdicts.engine_says("Provided list of item keys contains duplicates")
                || verdicts.engine_says("cannot include multiple operations on one item");
            says && (verdicts.request.contains(r#"{"Put"#) || keys_have_other_names(&verdicts.request))
        },
    ),
    known("only the item tells how large the number is that is added to", |verdicts| {
        let adds = ["add ", " + ", " - ", r#""add""#].iter().any(|word| verdicts.request.to_lowercase().contains(word));
        let says = verdicts.engine_says("Attempting to store more than 38 significant digits in a Number")
            || verdicts.engine_says("Number overflow")
            || verdicts.engine_says("Number underflow");
        verdicts.is_of(&["UpdateItem"]) && verdicts.ours.is_none() && adds && says
    }),
    known("the engine's parser knows no parenthesised operands", |verdicts| {
        (verdicts.engine_says("Syntax error; token: ") || verdicts.engine_says("redundant parentheses"))
            && has_parenthesised_operand(&verdicts.request)
    }),
    known("the engine's parser knows no white space around an index", |verdicts| {
        verdicts.engine_says("Syntax error; token: ") && verdicts.request.contains("[ 0 ]")
    }),
    known("the engine's parser takes function names in any case", |verdicts| {
        verdicts.ours_says("Invalid function name; function: Attribute_Exists")
            || verdicts.ours_says("Invalid function name; function: If_Not_Exists")
    }),
    known("the engine's parser takes NOT NOT", |verdicts| {
        verdicts.our_rule() == Some("expression.syntax") && verdicts.request.to_lowercase().contains("not not ")
    }),
    known("the engine does not count operators or the operands of IN", |verdicts| {
        matches!(verdicts.our_rule(), Some("expression.operators" | "expression.in-operands"))
    }),
    known(
        "the engine does not see that two operands are one path, but for some operators and only as they are written",
        |verdicts| verdicts.our_rule() == Some("expression.distinct"),
    ),
    known(
        "the engine asks only in key conditions whether the operands of <, <=, >, >= and BETWEEN have an order",
        |verdicts| {
            let ordering =
                ["<", "<=", ">", ">=", "BETWEEN"].map(|operator| format!("operator or function: {operator}, operand"));
            verdicts.our_rule() == Some("expression.operand-type")
                && !verdicts.ours_says("Invalid KeyConditionExpression")
                && ordering.iter().any(|words| verdicts.ours_says(words))
        },
    ),
    known(
        "the engine does not judge the placeholders of a transaction's actions, nor those of an update that only has a condition",
        |verdicts| {
            verdicts.is_of(&["TransactGetItems", "TransactWriteItems", "UpdateItem"])
                && verdicts.our_rule().is_some_and(|rule| rule.starts_with("names.") || rule.starts_with("values."))
        },
    ),
    known(
        "the engine judges what it evaluates: not what is behind a condition that fails, the half of an OR that needs no look, a filter that meets no item, a transaction that is cancelled",
        |verdicts| {
            matches!(verdicts.engine, Engines::Takes(_)) && verdicts.our_rule().is_some_and(|rule| LATE.contains(&rule))
        },
    ),
];

/// The rules that the engine applies when it meets an item.
const LATE: &[&str] = &[
    "condition.bounds",
    "expression.action-type",
    "expression.bound-order",
    "expression.bound-types",
    "expression.conflict",
    "expression.operand-type",
    "expression.type-name",
    "expression.undefined-name",
    "expression.undefined-value",
    "names.key",
    "names.unused",
    "value.binary-twice",
    "value.empty-binary-set",
    "value.empty-number-set",
    "value.empty-string-set",
    "value.nesting",
    "value.number-twice",
    "value.string-twice",
    "values.key",
    "values.unused",
];

/// Whether the keys of a request are not all of the same attributes.
fn keys_have_other_names(request: &str) -> bool {
    fn collect<'j>(json: &'j Json<'_>, all: &mut Vec<Vec<&'j str>>) {
        match json {
            Json::Array(items) => items.iter().for_each(|item| collect(item, all)),
            Json::Object(members) => {
                for (name, value) in members {
                    match value {
                        Json::Object(key) if name == "Key" => all.push(key.iter().map(|(name, _)| &**name).collect()),
                        other => collect(other, all),
                    }
                }
            }
            _ => {}
        }
    }
    let body = request.split_once(' ').map(|(_, body)| body).unwrap_or_default();
    let json = Json::parse(body.as_bytes()).unwrap_or(Json::Null);
    let mut all = Vec::new();
    collect(&json, &mut all);
    all.windows(2).any(|two| two[0] != two[1])
}

/// Whether there is a pair of parentheses around an operand: around what holds no comparison and is no list.
fn has_parenthesised_operand(request: &str) -> bool {
    let request = request.replace("\\n", " ").replace("\\t", " ").replace(" . ", ".").replace("[ 0 ]", "[0]");
    request.match_indices('(').any(|(at, _)| {
        let before = request[..at].trim_end();
        let is_call = request[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let is_list = before.to_lowercase().ends_with(" in");
        let inside = request[at + 1..].split(')').next().unwrap_or_default().trim();
        let inside = inside.strip_prefix("size(").unwrap_or(inside);
        let is_term = inside.chars().all(|c| c.is_ascii_alphanumeric() || "_#:.[]".contains(c));
        !is_call && !is_list && !inside.is_empty() && is_term
    })
}

/// Whether a refusal is one for which the table, its index or an item has to be known: such faults are the store's to find.
pub fn is_of_the_table(message: &str) -> bool {
    OF_THE_TABLE.iter().any(|part| message.contains(part)) || message == "The provided starting key is invalid"
}

const OF_THE_TABLE: &[&str] = &[
    // Keys.
    "The provided key element does not match the schema",
    "Missing the key",
    "Type mismatch for key",
    "Type mismatch for Index Key",
    "Condition parameter type does not match schema type",
    // DynamoDB looks up the table first here, too: "Attempted conditional constraint is not an indexable operation".
    "Unsupported KeyConditions ComparisonOperator",
    "This attribute is part of the key",
    "key attribute cannot contain an empty string value",
    "The provided starting key does not match",
    "The provided starting key is outside query boundaries",
    "The query can return at most one row and cannot be restarted",
    "Query condition missed key schema element",
    "Query key condition not supported",
    "exceeds the number of key attributes defined in the schema",
    "Filter Expression can only contain non-primary key attributes",
    // Indexes.
    "The table does not have the specified index",
    "Consistent reads are not supported on global secondary indexes",
    // Items.
    "The document path provided in the update expression is invalid for update",
    "The provided expression refers to an attribute that does not exist in the item",
    "An operand in the update expression has an incorrect data type",
    "Type mismatch for attribute to update",
];
