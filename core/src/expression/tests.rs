//! What is refused and in which words, and what is not.

use std::string::{String, ToString as _};
use std::vec::Vec;
use std::{format, vec};

use super::*;
use crate::attribute::AttributeValue;
use crate::number::Number;
use crate::tree::Node;

/// `#a` to `#e` stand for `a` to `e`, `#three` for `[3]`; the values are named after their types.
fn with_scope<T>(then: impl FnOnce(&mut Scope<'_>) -> T) -> T {
    let mut names: Vec<(String, Node)> =
        ["a", "b", "c", "d", "e"].into_iter().map(|name| (format!("#{name}"), Node::Text(name.into()))).collect();
    names.push(("#three".into(), Node::Text("[3]".into())));
    let s = |text: &str| AttributeValue::S(text.into());
    let n = |text: &str| AttributeValue::N(Number::stored(text));
    let values = vec![
        (":s", s("a")),
        (":s2", s("b")),
        (":type", s("SS")),
        (":n", n("10")),
        (":n2", n("9.5")),
        (":b", AttributeValue::B(vec![1])),
        (":bool", AttributeValue::Bool(true)),
        (":null", AttributeValue::Null),
        (":ss", AttributeValue::Ss(vec!["a".into()])),
        (":ns", AttributeValue::Ns(vec![Number::stored("1")])),
        (":bs", AttributeValue::Bs(vec![vec![1]])),
        (":l", AttributeValue::L(vec![s("a")])),
        (":m", AttributeValue::M(Vec::new())),
        (":value", s("v")),
    ];
    let values = values.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
    then(&mut Scope::new(Some(&Node::Map(names)), Some(&Node::Attributes(values))))
}

/// Expected is the canonical form, or the message without its prefix with `@start..end` behind it.
#[track_caller]
fn check_all(kind: ExpressionKind, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let found = match with_scope(|scope| check(kind, text, scope)) {
            Ok(expression) => {
                let printed = expression.to_text();
                let again = with_scope(|scope| check(kind, &printed, scope));
                assert_eq!(again.as_ref(), Ok(&expression), "{text} is printed as {printed}");
                printed
            }
            Err(fault) => {
                let prefix = format!("Invalid {}: ", kind.as_str());
                let words = fault.message.strip_prefix(&prefix).unwrap();
                format!("{words} @{}..{}", fault.span.0, fault.span.1)
            }
        };
        assert_eq!(&found, expected, "{text}");
    }
}

#[test]
fn conditions_are_read_and_printed_without_parentheses_they_do_not_need() {
    check_all(
        ExpressionKind::Filter,
        &[
            ("a = b", "a = b"),
            ("a=b and c<>d OR not e>=:n", "a = b AND c <> d OR NOT e >= :n"),
            ("(a = b AND (c = d OR c < e))", "a = b AND (c = d OR c < e)"),
            ("a = b AND (c = d AND c = e)", "a = b AND (c = d AND c = e)"),
            ("(a = b OR c = d) OR c = e", "(a = b OR c = d) OR c = e"),
            ("NOT (NOT a = b)", "NOT (NOT a = b)"),
            ("NOT(a)=b AND(c)<(d)", "NOT a = b AND c < d"),
            ("(a)between(b)and(c)", "a BETWEEN b AND c"),
            ("a BETWEEN b AND c AND d = e", "a BETWEEN b AND c AND d = e"),
            ("a in (b, (c), size(d))", "a IN (b, c, size(d))"),
            ("(attribute_exists((a)))AND size (a)>:n", "attribute_exists(a) AND size(a) > :n"),
            ("((attribute_exists(a)) OR (size(b) = c))", "attribute_exists(a) OR size(b) = c"),
            ("a . b [ 12 ] [0] . #c = :s", "a.b[12][0].#c = :s"),
            ("a = b AND#a = :s", "a = b AND #a = :s"),
            ("andy = orion and notes = inn", "andy = orion AND notes = inn"),
            ("_a1 = :s", "_a1 = :s"),
            ("attribute_type(a, :type) and contains(a, :m)", "attribute_type(a, :type) AND contains(a, :m)"),
            (
                "contains(:s, :s) and begins_with(:s, :s) and :n = :n",
                "contains(:s, :s) AND begins_with(:s, :s) AND :n = :n",
            ),
            ("a between :n2 and :n", "a BETWEEN :n2 AND :n"),
            ("a between :s and :s", "a BETWEEN :s AND :s"),
            ("a between :n and :n", "a BETWEEN :n AND :n"),
            ("size(:ss) > size(a)", "size(:ss) > size(a)"),
            ("a IN (a)", "a IN (a)"),
        ],
    );
}

#[test]
fn what_is_not_of_the_grammar_is_told_with_its_place() {
    let near =
        |token: &str, near: &str, span: &str| format!("Syntax error; token: \"{token}\", near: \"{near}\" @{span}");
    let cases = [
        ("a-b", near("-", "a-b", "1..2")),
        ("foo", near("<EOF>", "foo", "3..3")),
        ("!!", near("!", "!!", "0..1")),
        ("[object", near("[", "[object", "0..1")),
        ("contains()", near(")", "()", "9..10")),
        ("attribute_not_exists(", near("<EOF>", "(", "21..21")),
        ("contains (a, :s", near("<EOF>", ":s", "15..15")),
        ("tenantAgent:abc123-x = b", near(":abc123", "tenantAgent:abc123-", "11..18")),
        ("a = b c", near("c", "b c", "6..7")),
        ("a > 4", near("4", "> 4", "4..5")),
        ("a = b = c", near("=", "b = c", "6..7")),
        ("NOT NOT a = b", near("NOT", "NOT NOT a", "4..7")),
        ("a AND b = c", near("AND", "a AND b", "2..5")),
        ("(a) AND b = c", near("AND", ") AND b", "4..7")),
        ("(NOT a) = b", near(")", "a) =", "6..7")),
        ("(a = b", near("<EOF>", "b", "6..6")),
        ("a = b)", near(")", "b)", "5..6")),
        ("(a = b) = c", near("=", ") = c", "8..9")),
        ("a = (b = c)", near("=", "b = c", "7..8")),
        ("(a).b = c", near(".", ").b", "3..4")),
        ("size(a).b > a", near(".", ").b", "7..8")),
        ("a in b", near("b", "in b", "5..6")),
        ("a in (b,c,)", near(")", ",)", "10..11")),
        ("a > between", near("between", "> between", "4..11")),
        ("a between b", near("<EOF>", "b", "11..11")),
        ("#$.b > a", near("#", "#$", "0..1")),
        ("b[#a] > a", near("#a", "[#a]", "2..4")),
        ("b[4.5] > a", near(".", "4.5", "3..4")),
        ("a.in = b", near("in", ".in =", "2..4")),
        ("a + b = c", near("+", "a + b", "2..3")),
        ("'ü' = a", near("'", "'ü", "0..1")),
        ("ü > a", near("ü", "ü >", "0..1")),
        ("a = b ü ü", near("ü", "b ü ü", "6..7")),
        (" \t\r\n", near("<EOF>", "", "4..4")),
        ("((a = b)) c", near("c", ") c", "10..11")),
    ];
    let cases: Vec<(&str, &str)> = cases.iter().map(|(text, expected)| (*text, expected.as_str())).collect();
    check_all(ExpressionKind::Filter, &cases);
}

#[test]
fn what_is_wrong_with_a_condition_is_told_in_dynamodbs_words() {
    check_all(
        ExpressionKind::Condition,
        &[
            ("", "The expression can not be empty; @0..0"),
            ("a=a and a > ((b))", "The expression has redundant parentheses; @16..17"),
            ("(a)between(((b.c)).d)and(c)", "The expression has redundant parentheses; @17..18"),
            ("a > whatever((:things), ((a)))", "The expression has redundant parentheses; @28..29"),
            ("((a = b))", "The expression has redundant parentheses; @8..9"),
            ("((attribute_exists(a)))", "The expression has redundant parentheses; @22..23"),
            ("a=a OR ((a=a OR a=a)) OR a=a", "The expression has redundant parentheses; @20..21"),
            ("abort = a and f(b)", "Invalid function name; function: f @14..15"),
            ("Size(a) > b", "Invalid function name; function: Size @0..4"),
            ("if_not_exists(a, b)", "Invalid function name; function: if_not_exists @0..13"),
            (
                "abort = contains(a, b)",
                "The function is not allowed to be used this way in an expression; function: contains @8..22",
            ),
            ("size(a)", "The function is not allowed to be used this way in an expression; function: size @0..7"),
            ("NOT size(a)", "The function is not allowed to be used this way in an expression; function: size @4..11"),
            (
                "contains(a, begins_with(a, b))",
                "The function is not allowed to be used this way in an expression; function: begins_with @12..29",
            ),
            ("a = :none and b.Abort = c", "Attribute name is a reserved keyword; reserved keyword: Abort @16..21"),
            ("size = a", "Attribute name is a reserved keyword; reserved keyword: size @0..4"),
            ("a[2147483648] = b", "List index is not within the allowable range; index: [2147483648] @2..12"),
            (
                "b = c and a = a and #no = :no",
                "The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [a] @10..15",
            ),
            (
                "a = :no and b = #no",
                "An expression attribute value used in expression is not defined; attribute value: :no @4..7",
            ),
            (
                "#no = :no",
                "An expression attribute name used in the document path is not defined; attribute name: #no @0..3",
            ),
            (
                "attribute_exists(a, a)",
                "Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2 @0..22",
            ),
            (
                "a.b[1].#c <> #a.b[01].c",
                "The first operand must be distinct from the remaining operands for this operator or function; operator: <>, first operand: [a, b, [1], c] @0..23",
            ),
            (
                "attribute_type(a, a.b)",
                "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S} @18..21",
            ),
            (
                "attribute_type(a, :s)",
                "Invalid attribute type name found; type: a, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M} @18..20",
            ),
            (
                "begins_with(a, :n)",
                "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N @15..17",
            ),
            (
                "size(size(a)) > b",
                "Incorrect operand type for operator or function; operator or function: size, operand type: N @5..12",
            ),
            (
                "attribute_not_exists(size(a))",
                "Operator or function requires a document path; operator or function: attribute_not_exists @21..28",
            ),
            (
                "a between :n and :n2",
                "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:10}, upper bound operand: AttributeValue: {N:9.5} @10..20",
            ),
            (
                "a between :n and :s",
                "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {N:10}, upper bound operand: AttributeValue: {S:a} @10..19",
            ),
            (
                "a between :l and :ss",
                "Incorrect operand type for operator or function; operator or function: BETWEEN, operand type: L @10..12",
            ),
            (
                "a < b or a >= :null",
                "Incorrect operand type for operator or function; operator or function: >=, operand type: NULL @14..19",
            ),
            (
                ":ss > size(a)",
                "Incorrect operand type for operator or function; operator or function: >, operand type: SS @0..3",
            ),
        ],
    );
}

#[test]
fn updates_are_read_and_printed() {
    check_all(
        ExpressionKind::Update,
        &[
            ("set a = b remove c add d :n delete e :ss", "SET a = b REMOVE c ADD d :n DELETE e :ss"),
            ("REMOVE a, b.c DELETE c :ss SET d = :n", "SET d = :n REMOVE a, b.c DELETE c :ss"),
            ("set a=((b[1])+(c.d))", "SET a = b[1] + c.d"),
            ("set a = (b) + c, d = b - (c - d), e = ((b + c))", "SET a = b + c, d = b - (c - d), e = b + c"),
            ("set a = (b + c) - d", "SET a = (b + c) - d"),
            ("set a = ((b))", "SET a = b"),
            ("set a = a", "SET a = a"),
            ("set a = if_not_exists(a, :n) + :n", "SET a = if_not_exists(a, :n) + :n"),
            ("set a = list_append(if_not_exists(a, :n), :l)", "SET a = list_append(if_not_exists(a, :n), :l)"),
            ("set andy = orion", "SET andy = orion"),
        ],
    );
}

#[test]
fn what_is_wrong_with_an_update_is_told_in_dynamodbs_words() {
    let near =
        |token: &str, near: &str, span: &str| format!("Syntax error; token: \"{token}\", near: \"{near}\" @{span}");
    let undefined = "An expression attribute value used in expression is not defined; attribute value";
    let unnamed = "An expression attribute name used in the document path is not defined; attribute name";
    let operand = "Incorrect operand type for operator or function; operator or function";
    let cases = [
        ("INVALID SYNTAX HERE", near("INVALID", "INVALID SYNTAX", "0..7")),
        ("ADD hits : incr", near(":", "hits : incr", "9..10")),
        ("SET a = :s, #, b = c", near("#", ", #,", "12..13")),
        ("set a = b + c + d", near("+", "c + d", "14..15")),
        ("set a = (b.c).d + e", near(".", ").d", "13..14")),
        ("set a=set", near("set", "=set", "6..9")),
        ("remove a = b", near("=", "a = b", "9..10")),
        ("add a b", near("b", "a b", "6..7")),
        ("set a[1] = 1", near("1", "= 1", "11..12")),
        ("set a = list_append(b + c, d)", near("+", "b + c", "22..23")),
        ("set a = b,", near("<EOF>", ",", "10..10")),
        ("set a = f(b) remove abort", "Attribute name is a reserved keyword; reserved keyword: abort @20..25".into()),
        ("set a = size(b) set c = d", "Invalid function name; function: size @8..12".into()),
        (
            "remove #no set a = b remove e",
            "The \"REMOVE\" section can only be used once in an update expression; @21..27".into(),
        ),
        ("set a = :no, a = #no", format!("{unnamed}: #no @17..20")),
        ("set a = :no, a = b", format!("{undefined}: :no @8..11")),
        (
            "set d[1] = a, d.b = a, c[1].a = a, #c = b",
            "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [c, [1], a], path two: [c] @35..37".into(),
        ),
        (
            "remove d[1], d.b add a :s",
            "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [d, [1]], path two: [d, b] @13..16".into(),
        ),
        (
            "set b = list_append(:s, a) add a :s",
            "Incorrect operand type for operator or function; operator: ADD, operand type: STRING @33..35".into(),
        ),
        ("delete a :l", "Incorrect operand type for operator or function; operator: DELETE, operand type: LIST @9..11".into()),
        ("set b = list_append(:s, a)", format!("{operand}: list_append, operand type: S @20..22")),
        ("set b = :s + :n", format!("{operand}: +, operand type: S @8..10")),
        ("set b = a - :null", format!("{operand}: -, operand type: NULL @12..17")),
        (
            "set a = if_not_exists(if_not_exists(a, b), c)",
            "Operator or function requires a document path; operator or function: if_not_exists @22..41".into(),
        ),
        (
            "set a = if_not_exists(c)",
            "Incorrect number of operands for operator or function; operator or function: if_not_exists, number of operands: 1 @8..24".into(),
        ),
    ];
    let cases: Vec<(&str, &str)> = cases.iter().map(|(text, expected)| (*text, expected.as_str())).collect();
    check_all(ExpressionKind::Update, &cases);
}

#[test]
fn projections_are_read_and_refused() {
    check_all(
        ExpressionKind::Projection,
        &[
            ("a,b.c [0] , #d", "a, b.c[0], #d"),
            ("set1, remove1", "set1, remove1"),
            ("a,,b", "Syntax error; token: \",\", near: \",,b\" @2..3"),
            ("(a)", "Syntax error; token: \"(\", near: \"(a\" @0..1"),
            (":s", "Syntax error; token: \":s\", near: \":s\" @0..2"),
            (
                "a, b, a.b",
                "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b] @6..9",
            ),
            (
                "a[3].b, #a.#three.b",
                "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, [3], b], path two: [a, [3], b] @8..19",
            ),
            ("#no, set", "Attribute name is a reserved keyword; reserved keyword: set @5..8"),
        ],
    );
}

#[test]
fn paths_meet_wherever_they_stand() {
    let told = |text: &str| {
        let fault = check(ExpressionKind::Projection, text, &mut Scope::new(None, None)).err()?;
        let (first, second) = fault.message.split_once("path one: ")?.1.split_once(", path two: ")?;
        Some((fault.message.contains("overlap"), first.to_string(), second.to_string()))
    };
    let found = |overlap: bool, one: &str, two: &str| Some((overlap, one.to_string(), two.to_string()));
    for (text, expected) in [
        ("a.b, a.c, a.d[0], a.d[1], ab, b", None),
        ("a.c, a.b.c, a, a.b", found(true, "[a, c]", "[a]")),
        ("a.x[0], b, a.x.y, b.c", found(true, "[b]", "[b, c]")),
        ("z, a[0].b, a[0][1], a.b", found(false, "[a, [0], b]", "[a, [0], [1]]")),
        ("a.b, c, a.b", found(true, "[a, b]", "[a, b]")),
    ] {
        assert_eq!(told(text), expected, "{text}");
    }
}

#[test]
fn limits_are_exact() {
    let size = |length: usize| format!("a = {}", "b".repeat(length - 4));
    let operators = |count: usize| vec!["a<b"; count.div_ceil(2)].join(" or ");
    let operands = |count: usize| format!("a in ({})", vec!["b"; count].join(","));
    let told =
        |text: &str| with_scope(|scope| check(ExpressionKind::Filter, text, scope)).err().map(|fault| fault.message);
    for (accepted, refused, message) in [
        (size(4096), size(4097), "Expression size has exceeded the maximum allowed size; expression size: 4097"),
        (operators(299), operators(301), "The expression contains too many operators; operator count: 301"),
        (operands(100), operands(101), "The IN operator is provided with too many operands; number of operands: 101"),
    ] {
        assert_eq!(told(&accepted), None);
        assert_eq!(told(&refused), Some(format!("Invalid FilterExpression: {message}")));
    }
}

#[test]
fn a_fault_says_what_a_fix_needs() {
    let cause = |text: &str| with_scope(|scope| check(ExpressionKind::Filter, text, scope)).unwrap_err().cause;
    assert_eq!(cause("a.Status = b"), Cause::ReservedWord("Status".into()));
    assert_eq!(cause("#thre = b"), Cause::UndefinedName("#thre".into(), Some("#three".into())));
    assert_eq!(cause("a = :VALUE"), Cause::UndefinedValue(":VALUE".into(), Some(":value".into())));
    assert_eq!(cause("a = :unheard"), Cause::UndefinedValue(":unheard".into(), None));
    assert_eq!(cause("a"), Cause::Other);
}

#[test]
fn what_is_used_is_remembered() {
    with_scope(|scope| {
        check(ExpressionKind::Filter, "#a = :s AND #b.#a = :n", scope).unwrap();
        assert_eq!(scope.unused_names().collect::<Vec<_>>(), ["#c", "#d", "#e", "#three"]);
        assert!(scope.unused_values().all(|value| value != ":s" && value != ":n"));
    });
}

#[test]
fn key_conditions_have_a_shape() {
    let first = |operator: &str| {
        format!(
            "Invalid condition in KeyConditionExpression: {operator} operator must have the key attribute as its first operand"
        )
    };
    let operator = |operator: &str| format!("Invalid operator used in KeyConditionExpression: {operator}");
    let several = "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition";
    let count = "Conditions can be of length 1 or 2 only";
    for (text, has_index, expected) in [
        ("a = :s", false, "a".to_string()),
        (":s < b AND #a = :s", false, "b a".into()),
        ("(a = :s and b between :s and :s2)", false, "a b".into()),
        ("a = :s AND begins_with(b, :s)", false, "a b".into()),
        ("a = :s AND b = :s AND (c = :s AND d = :s)", true, "a b c d".into()),
        ("a > b and size(b) > c or a > c", false, operator("OR")),
        ("a = :s and not b = :s", false, operator("NOT")),
        ("a in (b, size(c), d)", false, operator("IN")),
        ("a <> :s", false, operator("<>")),
        ("attribute_not_exists(a)", false, operator("attribute_not_exists")),
        ("contains(a.d, b)", false, operator("contains")),
        (":s between size(b) and size(a)", false, first("BETWEEN")),
        ("begins_with(:s, a)", false, first("begins_with")),
        ("size(a) = :n", false, "KeyConditionExpressions cannot contain nested operations".into()),
        ("b > a.b", false, several.into()),
        ("a between b and size(a)", false, several.into()),
        ("b[0] > a", false, "KeyConditionExpressions cannot have conditions on nested attributes".into()),
        (":s = :s", false, "Invalid condition in KeyConditionExpression: No key attribute specified".into()),
        (
            "(a > :s and b > :s) and (#b > :s and c > :s)",
            false,
            "KeyConditionExpressions must only contain one condition per key".into(),
        ),
        ("a = :s AND b = :s AND c = :s", false, count.into()),
    ] {
        let checked = with_scope(|scope| check(ExpressionKind::KeyCondition, text, scope));
        let Ok(Expression::Condition(condition)) = checked else { panic!("{text}: {checked:?}") };
        let found = match key_condition::shape(&condition, has_index) {
            Ok(key) => key.conditions.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" "),
            Err(fault) => fault.message,
        };
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn nesting_needs_no_stack() {
    let nested = |open: &str, middle: &str, close: &str, count: usize| {
        format!("{}{middle}{}", open.repeat(count), close.repeat(count))
    };
    let texts = [
        (ExpressionKind::Filter, nested("(", "a", "", 4000), false),
        (ExpressionKind::Filter, nested("(", "a", ")", 2000), false),
        (ExpressionKind::Filter, nested("(", "a = b", ")", 2000), false),
        (ExpressionKind::Filter, nested("f(", "a", ")", 1300), false),
        (ExpressionKind::Filter, nested("NOT (", "a = b", ")", 680), false),
        (ExpressionKind::Filter, nested("NOT (", "a = b", ")", 299), true),
        (ExpressionKind::Filter, nested("a=b OR (a=b AND(", "a=b", "))", 74), true),
        (ExpressionKind::Filter, nested("a=b OR (", "a=b", ")", 400), false),
        (ExpressionKind::Update, format!("SET a = {}", nested("b+(", "b", ")", 900)), false),
        (ExpressionKind::Update, format!("SET a = {}", nested("b+(", "b", ")", 300)), true),
        (ExpressionKind::Update, format!("SET a = {}", nested("if_not_exists(a,", "b", ")", 230)), true),
        (ExpressionKind::Update, format!("SET a = {}", nested("if_not_exists(a,(b-", "b", "))", 150)), true),
    ];
    let all = move || {
        for (kind, text, is_accepted) in &texts {
            let found = check(*kind, text, &mut Scope::new(None, None));
            assert_eq!(found.is_ok(), *is_accepted, "{:.20} {:?}", text, found.err());
            if let Ok(expression) = found {
                let printed = expression.to_text();
                let again = check(*kind, &printed, &mut Scope::new(None, None));
                assert!(again == Ok(expression), "{printed:.40}");
            }
        }
    };
    // An unoptimised build takes more of a stack than the 64 KiB that a guest has with an optimised one.
    let stack = if cfg!(debug_assertions) { 256 } else { 64 } * 1024;
    if cfg!(target_family = "wasm") {
        // There are no threads, and the stack is the program's own.
        return all();
    }
    std::thread::Builder::new().stack_size(stack).spawn(all).unwrap().join().unwrap();
}
