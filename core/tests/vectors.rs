//! Requests that DynamoDB refuses before it looks at any table are refused with its `__type` and in its words; what it does
//! not refuse then, is not.
//!
//! A line of `vectors/refused.jsonl` is `{"api", "input", "error", "message" or "wording"}`: a fixed message; the wording
//! `"any"`, where only the refusal counts; or `{"regex": ..}` and `{"all": [..]}`, a pattern or what the message contains.
//! `vectors/accepted.jsonl` has no more than `{"api", "input"}`. Both are a sample; the thresholds are for more of their kind.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use gateleg_core::context::Context;
use gateleg_core::json::Json;
use gateleg_core::plan::{Plan, Step};
use gateleg_core::reply::Reply;

#[path = "vectors/request.rs"]
mod request;
use request::request;

const REFUSED: &str = include_str!("vectors/refused.jsonl");
const ACCEPTED: &str = include_str!("vectors/accepted.jsonl");

/// The dry run of a vector's call.
fn dry_run(vector: &Json<'_>) -> Reply {
    let request = request(vector, r#"{"format":"dynamodb","dryRun":true}"#);
    match Plan::open(request.as_bytes(), &Context::default()) {
        (_, Step::Done(reply)) => reply,
        (_, step) => panic!("a dry run that is not done: {step:?}"),
    }
}

/// The message without the count of errors that some regions put in front.
fn plain(message: &str) -> &str {
    match message.split_once(" detected: ") {
        Some((count, rest)) if count.ends_with("validation error") || count.ends_with("validation errors") => rest,
        _ => message,
    }
}

/// What a vector says about the words of the refusal.
enum Wording {
    Any,
    Fixed(String),
    Contains(Vec<String>),
}

impl Wording {
    fn of(vector: &Json<'_>) -> Self {
        if let Some(message) = vector.get("message").and_then(Json::as_str) {
            return Wording::Fixed(plain(message).into());
        }
        let texts = |json: &Json<'_>| match json {
            Json::Array(items) => items.iter().filter_map(Json::as_str).map(String::from).collect(),
            _ => Vec::new(),
        };
        match vector.get("wording") {
            Some(wording) => match (wording.get("all"), wording.get("regex").and_then(Json::as_str)) {
                (Some(all), _) => Wording::Contains(texts(all)),
                // The words of a pattern between its metacharacters.
                (None, Some(regex)) => Wording::Contains(
                    regex
                        .replace("\\.", ".")
                        .split(['(', ')', '*', '|', '[', ']', '^', '$', '?', '+', '\\'])
                        .map(|part| part.trim_matches('.').to_owned())
                        .filter(|part| !part.is_empty())
                        .collect(),
                ),
                (None, None) => Wording::Any,
            },
            None => Wording::Any,
        }
    }

    fn fits(&self, message: &str) -> bool {
        match self {
            Wording::Any => true,
            Wording::Fixed(expected) => plain(message) == expected,
            Wording::Contains(parts) => parts.iter().all(|part| message.contains(part)),
        }
    }
}

#[test]
fn what_dynamodb_refuses_is_refused_in_its_words() {
    let (mut count, mut refused, mut worded, mut in_words) = (0, 0, 0, 0);
    for line in REFUSED.lines().filter(|line| !line.is_empty()) {
        let vector = Json::parse(line.as_bytes()).unwrap();
        let expected_type = vector.get("error").and_then(Json::as_str).unwrap();
        let wording = Wording::of(&vector);
        let reply = dry_run(&vector);
        count += 1;
        let (error_type, message) = match &reply.error {
            Some((error_type, message)) => (error_type.as_str(), message.as_str()),
            None => ("", ""),
        };
        if error_type == expected_type {
            refused += 1;
        } else {
            println!("not refused: {line}\n  {}", reply.text());
        }
        if !matches!(wording, Wording::Any) {
            worded += 1;
            if wording.fits(message) {
                in_words += 1;
            } else {
                println!("other words: {line}\n  {message}");
            }
        }
    }
    println!("refused {refused} of {count}, in DynamoDB's words {in_words} of {worded}");
    assert!(refused * 100 >= count * 99, "{refused} of {count} are refused");
    assert!(in_words * 100 >= worded * 95, "{in_words} of {worded} are refused in DynamoDB's words");
}

#[test]
fn what_dynamodb_does_not_refuse_is_not_refused() {
    let mut refused = Vec::new();
    let mut count = 0;
    for line in ACCEPTED.lines().filter(|line| !line.is_empty()) {
        let reply = dry_run(&Json::parse(line.as_bytes()).unwrap());
        count += 1;
        if reply.status != 200 {
            refused.push(format!("{line}\n  {}", reply.text()));
        }
    }
    println!("accepted {} of {count}", count - refused.len());
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}
