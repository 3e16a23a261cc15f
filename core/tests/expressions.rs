//! Expressions against what DynamoDB said: recorded refusals word for word, nothing refused that it took; and what holds for
//! every text.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;

use gateleg_core::attribute::{AttributeValue, parse_base64};
use gateleg_core::expression::{Expression, ExpressionKind, Scope, check, key_condition};
use gateleg_core::json::Json;
use gateleg_core::number::Number;
use gateleg_core::tree::Node;
use proptest::prelude::*;

fn lines(file: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(file);
    std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

/// The value of DynamoDB JSON, or `None` if it has no such value.
fn value(json: &Json<'_>) -> Option<AttributeValue> {
    let Json::Object(members) = json else { return None };
    let [(name, inner)] = members.as_slice() else { return None };
    let texts = || match inner {
        Json::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>(),
        _ => None,
    };
    Some(match &**name {
        "S" => AttributeValue::S(inner.as_str()?.into()),
        "N" => AttributeValue::N(Number::stored(inner.as_str()?)),
        "B" => AttributeValue::B(parse_base64(inner.as_str()?)?),
        "BOOL" => AttributeValue::Bool(true),
        "NULL" => AttributeValue::Null,
        "SS" => AttributeValue::Ss(texts()?),
        "NS" => AttributeValue::Ns(texts()?.into_iter().map(Number::stored).collect()),
        "BS" => AttributeValue::Bs(texts()?.iter().map(|text| parse_base64(text)).collect::<Option<_>>()?),
        "L" => AttributeValue::L(Vec::new()),
        "M" => AttributeValue::M(Vec::new()),
        _ => return None,
    })
}

fn members<'j>(input: &'j Json<'_>, name: &str) -> Option<Vec<(String, &'j Json<'j>)>> {
    match input.get(name)? {
        Json::Object(members) => Some(members.iter().map(|(name, inner)| (name.to_string(), inner)).collect()),
        _ => None,
    }
}

/// Checks the expressions of one object as a request does: all of them, then the key condition's shape.
fn verdict(input: &Json<'_>) -> Result<usize, String> {
    let names = members(input, "ExpressionAttributeNames").map(|members| {
        let text = |json: &Json<'_>| Node::Text(json.as_str().unwrap_or_default().into());
        Node::Map(members.into_iter().map(|(name, json)| (name, text(json))).collect())
    });
    let values = members(input, "ExpressionAttributeValues").map(|members| {
        Node::Attributes(members.into_iter().filter_map(|(name, json)| Some((name, value(json)?))).collect())
    });
    let mut scope = Scope::new(names.as_ref(), values.as_ref());
    let mut key = None;
    let mut count = 0;
    for kind in ExpressionKind::ALL {
        let Some(text) = input.get(kind.as_str()).and_then(Json::as_str) else { continue };
        let expression = check(kind, text, &mut scope).map_err(|fault| fault.message)?;
        let printed = expression.to_text();
        let again = check(kind, &printed, &mut scope);
        assert_eq!(again.as_ref(), Ok(&expression), "{text} is printed as {printed}");
        count += 1;
        if let (ExpressionKind::KeyCondition, Expression::Condition(condition)) = (kind, expression) {
            key = Some(condition);
        }
    }
    if let Some(condition) = key {
        key_condition::shape(&condition, input.get("IndexName").is_some()).map_err(|fault| fault.message)?;
    }
    Ok(count)
}

/// Calls `each` with every object that holds expressions, at any depth.
fn visit(json: &Json<'_>, each: &mut impl FnMut(&Json<'_>)) {
    match json {
        Json::Object(members) => {
            if ExpressionKind::ALL.iter().any(|kind| json.get(kind.as_str()).is_some()) {
                each(json);
            }
            members.iter().for_each(|(_, inner)| visit(inner, each));
        }
        Json::Array(items) => items.iter().for_each(|item| visit(item, each)),
        _ => {}
    }
}

/// Whether a message is about an expression itself, and not about the parameters around it.
fn is_about_expressions(message: &str) -> bool {
    ExpressionKind::ALL.iter().any(|kind| message.starts_with(&format!("Invalid {}: ", kind.as_str())))
        || message.starts_with("KeyConditionExpressions ")
        || message.starts_with("Invalid operator used in KeyConditionExpression")
        || message.starts_with("Invalid condition in KeyConditionExpression")
}

#[test]
fn recorded_refusals_are_told_word_for_word() {
    let mut compared = 0;
    for line in lines("refused.jsonl") {
        let case = Json::parse(line.as_bytes()).unwrap();
        let Some(message) = case.get("message").and_then(Json::as_str).filter(|text| is_about_expressions(text)) else {
            continue;
        };
        assert_eq!(verdict(case.get("input").unwrap()), Err(message.to_owned()), "{line}");
        compared += 1;
    }
    println!("{compared} recorded refusals, all in the same words");
    assert!(compared > 90, "{compared}");
}

#[test]
fn nothing_that_was_accepted_is_refused() {
    let mut accepted = 0;
    for line in lines("accepted.jsonl") {
        let case = Json::parse(line.as_bytes()).unwrap();
        visit(&case, &mut |input| match verdict(input) {
            Ok(count) => accepted += count,
            Err(message) => panic!("{message}: {line}"),
        });
    }
    println!("{accepted} expressions accepted");
    assert!(accepted > 30, "{accepted}");
}

fn space() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", " ", " ", "\n\t "])
}

fn path() -> impl Strategy<Value = String> {
    let name = || prop::sample::select(vec!["a", "b1", "_c", "Dd", "#e", "#f", "notes", "setting"]);
    let rest = prop_oneof![
        name().prop_map(|name| format!(".{name}")),
        name().prop_map(|name| format!(" . {name}")),
        (0u32..99).prop_map(|index| format!("[{index}]")),
    ];
    (name(), prop::collection::vec(rest, 0..4)).prop_map(|(first, rest)| format!("{first}{}", rest.concat()))
}

fn grouped(inner: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = String> {
    (inner, space(), prop::bool::weighted(0.2))
        .prop_map(|(inner, space, parentheses)| if parentheses { format!("({space}{inner}{space})") } else { inner })
}

fn operand() -> impl Strategy<Value = String> {
    grouped(prop_oneof![4 => path(), 2 => Just(":v".to_owned()), 1 => path().prop_map(|path| format!("size({path})"))])
}

fn test() -> impl Strategy<Value = String> {
    let comparator = prop::sample::select(vec!["=", "<>", "<", "<=", ">", ">="]);
    prop_oneof![
        (operand(), space(), comparator, operand()).prop_map(|(a, space, op, b)| format!("{a}{space}{op}{space}{b}")),
        (operand(), operand(), operand()).prop_map(|(a, b, c)| format!("{a} BetWeen {b} and {c}")),
        (operand(), prop::collection::vec(operand(), 1..4))
            .prop_map(|(a, list)| format!("{a} in ({})", list.join(","))),
        operand().prop_map(|a| format!("begins_with({a}, :v)")),
        path().prop_map(|a| format!("attribute_exists ( {a} )")),
    ]
}

fn condition() -> impl Strategy<Value = String> {
    test().prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} AND {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} or {b}")),
            inner.clone().prop_map(|a| format!("NOT ({a})")),
            inner.prop_map(|a| format!("({a})")),
        ]
    })
}

fn sum() -> impl Strategy<Value = String> {
    let term = prop_oneof![path(), Just(":n".to_owned())];
    term.prop_recursive(4, 20, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} + {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(({a}) -{b})")),
            (path(), inner).prop_map(|(a, b)| format!("if_not_exists({a},{b})")),
        ]
    })
}

fn update() -> impl Strategy<Value = String> {
    let set = prop::collection::vec((path(), sum()).prop_map(|(path, sum)| format!("{path} = {sum}")), 1..3)
        .prop_map(|list| format!("set {}", list.join(" , ")));
    let remove = prop::collection::vec(path(), 1..3).prop_map(|list| format!("REMOVE {}", list.join(",")));
    let add = path().prop_map(|path| format!("Add {path} :n"));
    prop::collection::vec(prop_oneof![set, remove, add], 1..3).prop_map(|sections| sections.join(" "))
}

fn any_text() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "(",
        ")",
        "((",
        "))",
        "[",
        "]",
        "0",
        "[1]",
        ".",
        ",",
        "+",
        "-",
        "=",
        "<>",
        "<",
        ">=",
        "a",
        "b.c",
        "#e",
        ":v",
        ":n",
        "AND",
        "OR",
        "NOT",
        "BETWEEN",
        "IN",
        "SET",
        "REMOVE",
        "ADD",
        "DELETE",
        "size(",
        "contains(",
        "list_append(",
        "if_not_exists(",
        "#",
        ":",
        "ü",
        "!",
        " ",
        "status",
        "f(",
    ]);
    prop_oneof![
        prop::collection::vec((token, space()).prop_map(|(a, b)| format!("{a}{b}")), 0..40).prop_map(|v| v.concat()),
        any::<String>()
    ]
}

fn with_scope<T>(then: impl FnOnce(&mut Scope<'_>) -> T) -> T {
    let names = Node::Map(vec![("#e".into(), Node::Text("e".into())), ("#f".into(), Node::Text("x.y".into()))]);
    let values = Node::Attributes(vec![
        (":v".into(), AttributeValue::S("v".into())),
        (":n".into(), AttributeValue::N(Number::stored("1"))),
    ]);
    then(&mut Scope::new(Some(&names), Some(&values)))
}

/// What is accepted is printed, read again and is the same; the print is a fixed point. What is refused is refused for what
/// it says, never for its form, if it is `well_formed`.
fn holds(kind: ExpressionKind, text: &str, well_formed: bool) -> Result<(), TestCaseError> {
    match with_scope(|scope| check(kind, text, scope)) {
        Ok(expression) => {
            let printed = expression.to_text();
            let again = with_scope(|scope| check(kind, &printed, scope));
            prop_assert_eq!(again.as_ref(), Ok(&expression), "{} is printed as {}", text, printed);
            prop_assert_eq!(again.unwrap().to_text(), printed);
            if let Expression::Condition(condition) = &expression {
                let _ = key_condition::shape(condition, true);
            }
        }
        Err(fault) => {
            prop_assert!(fault.span.0 <= fault.span.1 && fault.span.1 <= text.chars().count(), "{text}: {fault:?}");
            prop_assert!(!well_formed || fault.rule != "expression.syntax", "{text}: {fault:?}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_condition_printed_and_read_again_is_the_same(text in condition()) {
        holds(ExpressionKind::Filter, &text, true)?;
    }

    #[test]
    fn an_update_printed_and_read_again_is_the_same(text in update()) {
        holds(ExpressionKind::Update, &text, true)?;
    }

    #[test]
    fn a_projection_printed_and_read_again_is_the_same(paths in prop::collection::vec(path(), 1..5)) {
        holds(ExpressionKind::Projection, &paths.join(" ,\n"), true)?;
    }

    #[test]
    fn no_text_is_too_much(text in any_text()) {
        for kind in ExpressionKind::ALL {
            holds(kind, &text, false)?;
        }
    }
}
