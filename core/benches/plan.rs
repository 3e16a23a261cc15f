//! What planning costs, beside what reading the same bytes into a `serde_json::Value` costs, in the same run.
//!
//! `cargo bench -p gateleg-core --bench plan [FILTER] [--rounds N]`
//!
//! A round times every contender once, over as many calls as take some tens of microseconds, and each round begins with another
//! one; so whatever else the machine does meets them alike. The table shows medians over the rounds, and the median of
//! the rounds' own ratios. All input is written out or computed here: two runs measure the same bytes.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use gateleg_core::context::Context;
use gateleg_core::json::Json;
use gateleg_core::plan::{Plan, Step};

/// What a contender does with the bytes of a request.
type Contender = fn(&[u8]);

const SERDE_JSON: usize = 0;
const PLAN: usize = 3;

const CONTENDERS: [(&str, Contender); 4] = [
    ("serde_json::Value", |request| {
        drop(black_box(serde_json::from_slice::<serde_json::Value>(black_box(request))));
    }),
    ("json::Json", |request| drop(black_box(Json::parse(black_box(request))))),
    ("Plan::preview", |request| drop(black_box(Plan::preview(black_box(request), &Context::default())))),
    ("Plan::open", |request| drop(black_box(Plan::open(black_box(request), &Context::default())))),
];

/// What is promised of a row; nothing is enforced here.
#[derive(Clone, Copy)]
enum Promise {
    Ratio(f64),
    Microseconds(f64),
    None,
}

struct Row {
    name: &'static str,
    promise: Promise,
    request: String,
}

const CREATE: &str = r#"{"operation":"create","tableName":"lambda-apigateway","payload":{"Item":{"id":"1234ABCD","number":5,"name":"Ada","tags":["a","b"],"age":36,"zip":"1"}}}"#;
const ECHO: &str = r#"{"operation":"echo","payload":{"somekey1":"somevalue1","somekey2":"somevalue2"}}"#;
const READ: &str = r#"{"operation":"read","tableName":"lambda-apigateway","payload":{"Key":{"id":"1234ABCD"}}}"#;
const UPDATE: &str = r##"{"operation":"update","tableName":"lambda-apigateway","payload":{"Key":{"id":"1234ABCD"},"UpdateExpression":"SET #n = :n, visits = if_not_exists(visits, :zero) + :one REMOVE draft","ConditionExpression":"attribute_exists(id) AND #n <> :n","ExpressionAttributeNames":{"#n":"number"},"ExpressionAttributeValues":{":n":4,":zero":0,":one":1}}}"##;
const QUERY: &str = r##"{"operation":"query","tableName":"orders","payload":{"KeyConditionExpression":"customer = :c AND placed BETWEEN :from AND :to","FilterExpression":"#s IN (:open, :paid) AND size(notes) > :zero","ProjectionExpression":"customer, placed, #s, parts[0].sku","ExpressionAttributeNames":{"#s":"status"},"ExpressionAttributeValues":{":c":"ann",":from":"2024-01-01",":to":"2024-12-31",":open":"open",":paid":"paid",":zero":0}}}"##;

fn rows() -> Vec<Row> {
    let row = |name, promise, request: String| Row { name, promise, request };
    vec![
        row("echo", Promise::None, ECHO.into()),
        row("read", Promise::None, READ.into()),
        row("create, 150 bytes", Promise::Ratio(1.5), CREATE.into()),
        row("create, 50 KB: records", Promise::Ratio(1.0), create(&records())),
        row("create, 50 KB: numbers", Promise::Ratio(1.0), create(&numbers())),
        row("create, 50 KB: short strings", Promise::Ratio(1.0), create(&strings(8))),
        row("create, 50 KB: long strings", Promise::Ratio(1.0), create(&strings(2_000))),
        row("create, 50 KB: DynamoDB JSON", Promise::Ratio(1.0), typed_create(&typed_records())),
        row("update, 2 expressions", Promise::Microseconds(4.0), UPDATE.into()),
        row("query, 3 expressions", Promise::None, QUERY.into()),
    ]
}

const SIZE: usize = 50_000;

fn create(item: &str) -> String {
    format!(
        r#"{{"operation":"create","tableName":"lambda-apigateway","payload":{{"Item":{{"id":"1234ABCD",{item}}}}}}}"#
    )
}

fn typed_create(item: &str) -> String {
    format!(
        r#"{{"operation":"create","tableName":"lambda-apigateway","payload":{{"Item":{{"id":{{"S":"1234ABCD"}},{item}}}}},"options":{{"format":"dynamodb"}}}}"#
    )
}

/// A list of orders, as an application would keep them.
fn records() -> String {
    filled("\"lines\":[", "]", |out, n| {
        write!(
            out,
            r#"{{"sku":"SKU-{n:06}","title":"A thing, number {n}","quantity":{},"price":{}.{:02},"gift":{},"tags":["a","b{n}"],"note":null}}"#,
            n % 7,
            n * 3,
            n % 100,
            n % 2 == 0
        )
    })
}

fn typed_records() -> String {
    filled("\"lines\":{\"L\":[", "]}", |out, n| {
        write!(
            out,
            r#"{{"M":{{"sku":{{"S":"SKU-{n:06}"}},"title":{{"S":"A thing, number {n}"}},"quantity":{{"N":"{}"}},"price":{{"N":"{}.{:02}"}},"gift":{{"BOOL":{}}},"tags":{{"L":[{{"S":"a"}},{{"S":"b{n}"}}]}},"note":{{"NULL":true}}}}}}"#,
            n % 7,
            n * 3,
            n % 100,
            n % 2 == 0
        )
    })
}

fn numbers() -> String {
    filled("\"samples\":[", "]", |out, n| write!(out, "{}.{:03}", n * 37 % 1_000, n % 1_000))
}

/// Attributes of that many characters each.
fn strings(length: usize) -> String {
    let text = "abcdefgh".repeat(length.div_ceil(8));
    filled("", "", |out, n| write!(out, r#""attribute{n}":"{}""#, &text[..length]))
}

/// Numbered pieces between commas, up to the size.
fn filled(before: &str, after: &str, mut piece: impl FnMut(&mut String, usize) -> std::fmt::Result) -> String {
    let mut out = String::from(before);
    for n in 0.. {
        if n > 0 {
            out.push(',');
        }
        // Writing to a String cannot fail.
        let _ = piece(&mut out, n);
        if out.len() >= SIZE {
            break;
        }
    }
    out + after
}

fn main() {
    let (mut rounds, mut filter) = (2_000, String::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => rounds = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(rounds),
            // What cargo itself adds.
            "--bench" => {}
            other => filter = other.into(),
        }
    }
    settle();
    println!("microseconds, medians of {rounds} rounds; the ratio is Plan::open to serde_json::Value\n");
    print!("{:<30} {:>7}", "", "bytes");
    for (name, _) in CONTENDERS {
        print!(" {name:>18}");
    }
    println!(" {:>7} {:>10}", "ratio", "promised");
    for row in rows().iter().filter(|row| row.name.contains(&filter)) {
        measure(row, rounds);
    }
}

/// The C library gives memory back to the system when much of it is free, and how much is much it learns from the largest piece
/// that was freed. Without this, what a row costs depends on the rows before it.
fn settle() {
    drop(black_box(vec![1_u8; 16 << 20]));
}

fn measure(row: &Row, rounds: usize) {
    let request = row.request.as_bytes();
    // A refusal would be quick, and measure nothing.
    if let (_, Step::Done(reply)) = Plan::open(request, &Context::default())
        && reply.status != 200
    {
        println!("{:<30} is refused: {}", row.name, reply.text());
        return;
    }
    let calls = (20_000 / request.len()).clamp(1, 64);
    let mut times = [const { Vec::new() }; CONTENDERS.len()];
    let mut ratios = Vec::with_capacity(rounds);
    for round in 0..rounds + rounds / 10 {
        let mut now = [0.0; CONTENDERS.len()];
        for turn in 0..CONTENDERS.len() {
            let index = (round + turn) % CONTENDERS.len();
            let start = Instant::now();
            for _ in 0..calls {
                CONTENDERS[index].1(request);
            }
            now[index] = start.elapsed().as_secs_f64() * 1e6 / calls as f64;
        }
        // The first tenth warms up.
        if round >= rounds / 10 {
            times.iter_mut().zip(now).for_each(|(times, now)| times.push(now));
            ratios.push(now[PLAN] / now[SERDE_JSON]);
        }
    }
    print!("{:<30} {:>7}", row.name, request.len());
    for times in &mut times {
        print!(" {:>18.2}", median(times));
    }
    let promised = match row.promise {
        Promise::Ratio(most) => format!("{most:.1}"),
        Promise::Microseconds(most) => format!("{most:.1} us"),
        Promise::None => String::new(),
    };
    println!(" {:>7.2} {promised:>10}", median(&mut ratios));
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
