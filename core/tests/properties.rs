//! What holds for every input: values come back as they were, bytes never panic, memory stays in proportion, depth is bounded.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use gateleg_core::attribute::{self, AttributeValue, Attributes, Format, Notation, Numbers};
use gateleg_core::command::{Api, Command};
use gateleg_core::context::Context;
use gateleg_core::json::Json;
use gateleg_core::number::Number;
use gateleg_core::outcome::Outcome;
use gateleg_core::plan::{Plan, Step};
use gateleg_core::reply::Reply;
use gateleg_core::shape::Name;
use gateleg_core::tree::{Node, Structure};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;

fn number() -> impl Strategy<Value = String> {
    (
        "[+-]?",
        "[0-9]{0,3}",
        "[1-9][0-9]{0,18}",
        "(\\.[0-9]{0,15})?",
        prop_oneof![Just(String::new()), (-80i32..80).prop_map(|e| format!("e{e}"))],
    )
        .prop_map(|(sign, zeros, whole, fraction, exponent)| format!("{sign}{zeros}{whole}{fraction}{exponent}"))
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-z]{1,6}", 1 => Just("$ss".to_owned()), 1 => Just("$m".to_owned()), 1 => Just("S".to_owned()), 1 => "\\PC{1,4}"]
}

fn value() -> impl Strategy<Value = AttributeValue> {
    let number = || number().prop_map(|text| Number::parse(&text).expect("the strategy makes numbers"));
    let scalar = prop_oneof![
        any::<String>().prop_map(AttributeValue::S),
        number().prop_map(AttributeValue::N),
        vec(any::<u8>(), 0..20).prop_map(AttributeValue::B),
        any::<bool>().prop_map(AttributeValue::Bool),
        Just(AttributeValue::Null),
        btree_set(any::<String>(), 1..4).prop_map(|set| AttributeValue::Ss(set.into_iter().collect())),
        vec(number(), 1..4)
            .prop_filter("distinct", |set| {
                set.iter().enumerate().all(|(i, a)| set.iter().take(i).all(|b| a.value() != b.value()))
            })
            .prop_map(AttributeValue::Ns),
        btree_set(vec(any::<u8>(), 0..8), 1..4).prop_map(|set| AttributeValue::Bs(set.into_iter().collect())),
    ];
    scalar.prop_recursive(6, 64, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(AttributeValue::L),
            btree_map(name(), inner, 0..5).prop_map(|map| AttributeValue::M(map.into_iter().collect())),
        ]
    })
}

fn notation() -> impl Strategy<Value = Notation> {
    prop_oneof![
        Just(Notation::default()),
        Just(Notation { format: Format::Plain, numbers: Numbers::Tagged }),
        Just(Notation::WIRE),
    ]
}

fn options(notation: Notation) -> &'static str {
    match (notation.format, notation.numbers) {
        (Format::DynamoDb, _) => r#"{"format":"dynamodb"}"#,
        (Format::Plain, Numbers::Tagged) => r#"{"numbers":"tagged"}"#,
        (Format::Plain, Numbers::Json) => "{}",
    }
}

/// What a read replies for an item, as the text of its `Item`.
fn read_back(item: &Attributes, notation: Notation) -> String {
    let request =
        format!(r#"{{"operation":"read","tableName":"abc","payload":{{"Key":{{}}}},"options":{}}}"#, options(notation));
    let (mut plan, step) = Plan::open(request.as_bytes(), &Context::default());
    let Step::Send(dispatches) = step else { panic!("{step:?}") };
    let output = Structure::new(Api::GetItem.output()).with(Name::Item, Some(Node::Attributes(item.clone())));
    let reply = done(plan.resume(dispatches[0].ticket, Outcome::ok(output), None).expect("the ticket is good"));
    Json::parse(&reply.body).expect("JSON").get("Item").expect("an Item").to_text()
}

fn done(step: Step) -> Reply {
    match step {
        Step::Done(reply) => reply,
        other => panic!("{other:?}"),
    }
}

/// What a create of that text would store.
fn written(item: &str, notation: Notation) -> Attributes {
    let request = format!(
        r#"{{"operation":"create","tableName":"abc","payload":{{"Item":{item}}},"options":{}}}"#,
        options(notation)
    );
    let (_, step) = Plan::open(request.as_bytes(), &Context::default());
    let Step::Send(mut dispatches) = step else { panic!("{item}: {step:?}") };
    match dispatches.remove(0).command.input.take(Name::Item) {
        Some(Node::Attributes(item)) => item,
        other => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_can_be_written_back_unchanged(item in btree_map(name(), value(), 0..5), notation in notation()) {
        let mut item: Attributes = item.into_iter().collect();
        attribute::sort(&mut item);
        let text = read_back(&item, notation);
        prop_assert_eq!(&written(&text, notation), &item);
    }

    #[test]
    fn a_command_is_what_its_text_says(item in btree_map(name(), value(), 0..5)) {
        let mut input = Structure::new(Api::PutItem.input());
        input.set(Name::TableName, Node::Text("abc".into()));
        input.set(Name::Item, Node::Attributes(item.into_iter().collect()));
        let command = Command { api: Api::PutItem, input };
        prop_assert_eq!(Command::parse(&command.to_text()), Ok(command));
    }

    #[test]
    fn an_outcome_is_what_its_text_says(item in btree_map(name(), value(), 0..5)) {
        let output = Structure::new(Api::GetItem.output()).with(Name::Item, Some(Node::Attributes(item.into_iter().collect())));
        let outcome = Outcome { result: Ok(output), request_id: Some("r".into()), retry_attempts: 3 };
        prop_assert_eq!(Outcome::parse(Api::GetItem, &outcome.to_text()), Ok(outcome));
    }

    #[test]
    fn bytes_never_panic(bytes in vec(any::<u8>(), 0..200)) {
        drop(Plan::open(&bytes, &Context::default()));
    }

    #[test]
    fn nearly_requests_never_panic(text in nearly_a_request()) {
        let (mut plan, step) = Plan::open(text.as_bytes(), &Context::default());
        if let Step::Send(dispatches) = step {
            for dispatch in dispatches {
                prop_assert_eq!(Command::parse(&dispatch.command.to_text()), Ok(dispatch.command));
            }
            plan.expire();
        }
    }
}

/// Text made of the protocol's own words, so that it gets far before it is refused.
fn nearly_a_request() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "operation",
        "tableName",
        "payload",
        "options",
        "create",
        "list",
        "batchWrite",
        "transactWrite",
        "Item",
        "Key",
        "Keys",
        "Put",
        "TransactItems",
        "RequestItems",
        "Expected",
        "Limit",
        "format",
        "dynamodb",
        "abc",
        "S",
        "N",
        "L",
        "M",
        "$ss",
        "$ns",
        "$m",
        "$n",
        "AttributeUpdates",
        "Value",
        "Action",
        "ScanFilter",
        "ComparisonOperator",
        "ExclusiveStartKey",
        "Segment",
        "TotalSegments",
        "1",
        "",
    ]);
    let scalar = prop_oneof![
        3 => word.clone().prop_map(|word| format!("\"{word}\"")),
        1 => number(),
        1 => prop::sample::select(vec!["true", "null", "0", "-1", "1e999", "\"YQ==\""]).prop_map(str::to_owned),
    ];
    let json = scalar.prop_recursive(8, 64, 5, move |inner| {
        let member = (word.clone(), inner.clone()).prop_map(|(key, value)| format!("\"{key}\":{value}"));
        prop_oneof![
            vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            vec(member, 0..5).prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    });
    let operation = prop::sample::select(vec![
        "create",
        "read",
        "update",
        "delete",
        "list",
        "query",
        "batchRead",
        "batchWrite",
        "transactRead",
        "transactWrite",
        "echo",
    ]);
    let format = prop::sample::select(vec!["plain", "dynamodb"]);
    (operation, json, format).prop_map(|(operation, payload, format)| {
        format!(
            r#"{{"operation":"{operation}","tableName":"abc","payload":{payload},"options":{{"format":"{format}"}}}}"#
        )
    })
}

#[test]
fn two_hundred_thousand_brackets_are_an_error() {
    for bracket in ["[", "{\"a\":"] {
        for before in [
            "",
            r#"{"operation":"echo","payload":"#,
            r#"{"operation":"create","tableName":"abc","payload":{"Item":{"a":"#,
        ] {
            let text = format!("{before}{}", bracket.repeat(200_000));
            let reply = done(Plan::open(text.as_bytes(), &Context::default()).1);
            assert_eq!(reply.status, 400);
            assert!(reply.text().contains("JSON nested deeper than 128 levels"), "{}", reply.text());
        }
    }
}

thread_local! {
    static IN_USE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// Counts what each thread has allocated.
struct Counting;

impl Counting {
    fn count(bytes: isize) {
        let in_use = IN_USE.get() + bytes;
        IN_USE.set(in_use);
        PEAK.set(PEAK.get().max(in_use));
    }
}

// SAFETY: every call is handed to the system's allocator as it is.
#[expect(unsafe_code, reason = "only an allocator knows what is allocated, and to be one is unsafe")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Counting::count(layout.size() as isize);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        Counting::count(-(layout.size() as isize));
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[test]
fn memory_is_a_small_multiple_of_the_input() {
    let create =
        |value: &str| format!(r#"{{"operation":"create","tableName":"abc","payload":{{"Item":{{"v":{value}}}}}}}"#);
    let many = |piece: &str, count: usize| format!("[{}]", vec![piece; count].join(","));
    let distinct: Vec<String> = (0..20_000).map(|n| format!("\"{n}\":0")).collect();
    let inputs = [
        ("numbers", create(&many("0", 100_000))),
        ("empty strings", create(&many("\"\"", 100_000))),
        ("empty lists", create(&many("[]", 100_000))),
        ("empty maps", create(&many("{}", 100_000))),
        ("one-key maps", create(&many("{\"\":0}", 50_000))),
        ("members", create(&format!("{{{}}}", distinct.join(",")))),
        ("a long string", create(&format!("\"{}\"", "x".repeat(300_000)))),
        ("escapes", create(&format!("\"{}\"", "\\u0001".repeat(50_000)))),
        (
            "a number set",
            create(&format!("{{\"$ns\":[{}]}}", (0..30_000).map(|n| n.to_string()).collect::<Vec<_>>().join(","))),
        ),
        ("not UTF-8, far in", format!("{}\u{7f}", create(&many("0", 100_000)))),
        ("an echo", format!(r#"{{"operation":"echo","payload":{}}}"#, many("0", 100_000))),
        ("too many values", create(&many("0", 2_000_000))),
    ];
    for (what, input) in inputs {
        let before = IN_USE.get();
        PEAK.set(before);
        drop(Plan::open(input.as_bytes(), &Context::default()));
        let (peak, left) = (PEAK.get(), IN_USE.get());
        assert_eq!(left, before, "{what} leaves memory behind");
        let multiple = (peak - before) as f64 / input.len() as f64;
        println!("{what}: {multiple:.1} bytes for each byte of {}", input.len());
        assert!(multiple <= 64.0, "{what}: {multiple:.1}");
    }
}
