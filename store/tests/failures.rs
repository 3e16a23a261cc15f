//! What goes wrong between the store and DynamoDB, and what becomes of it: names, words, retries, and whether a write may have
//! taken effect all the same. Whether the typed client is in between or not makes no difference.
#![allow(clippy::panic, reason = "a test fails by it")]

mod common;

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use gateleg_core::attribute::{Notation, sort, write_attributes};
use gateleg_core::command::Command;
use gateleg_core::outcome::{Outcome, StoreError};
use gateleg_store::Store;
use gateleg_store::dynamodb::{DynamoDb, Timeouts};

use common::canned::{Answer, Canned};
use common::{TIMEOUTS, client, config, dynamodb, wire_dynamodb, wire_dynamodb_of};

const PUT: &str = r#"{"PutItem":{"TableName":"things","Item":{"id":{"S":"1"}}}}"#;
const GET: &str = r#"{"GetItem":{"TableName":"things","Key":{"id":{"S":"1"}}}}"#;
const TRANSACT: &str =
    r#"{"TransactWriteItems":{"TransactItems":[{"Put":{"Item":{"id":{"S":"1"}},"TableName":"things"}}]}}"#;

const CONDITION_FAILED: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed"}"#;
const BROKEN: &str =
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"Internal server error"}"#;
const THROTTLED: &str =
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"Slow down"}"#;

const SHORT: Timeouts = Timeouts {
    connect: Duration::from_secs(1),
    attempt: Duration::from_millis(300),
    operation: Duration::from_secs(3),
};

fn refused(status: u16, body: &str) -> Answer {
    Answer::Body(status, body.into())
}

async fn execute(store: impl Store, command: &str) -> Outcome {
    store.execute(Command::parse(command).unwrap_or_else(|error| panic!("{error}"))).await
}

/// What a call comes to at a server that answers so, with the typed client and without.
async fn answered<const N: usize>(answers: [Answer; N], command: &str) -> Outcome {
    let (one, other) = (Canned::start(answers.clone()).await, Canned::start(answers).await);
    at([&one.endpoint, &other.endpoint], command, TIMEOUTS).await
}

/// What a call comes to at these two, which are alike.
async fn at([one, other]: [&str; 2], command: &str, timeouts: Timeouts) -> Outcome {
    let outcome = execute(DynamoDb::new(client(one, timeouts)), command).await;
    assert_eq!(execute(wire_dynamodb(other, timeouts).await, command).await.to_text(), outcome.to_text());
    outcome
}

fn error(outcome: &Outcome) -> &StoreError {
    outcome.result.as_ref().expect_err("the call fails")
}

fn named(outcome: &Outcome) -> (&str, &str, bool) {
    let error = error(outcome);
    (&error.error_type, &error.message, error.may_have_happened)
}

#[tokio::test]
async fn a_failed_condition_brings_the_old_item() {
    let body = CONDITION_FAILED.replace('}', r#","Item":{"id":{"S":"1"},"n":{"N":"1.5"}}}"#);
    let outcome = answered([refused(400, &body)], PUT).await;
    assert_eq!(named(&outcome), ("ConditionalCheckFailedException", "The conditional request failed", false));
    let mut item = error(&outcome).item.clone().expect("the item was sent");
    sort(&mut item);
    let mut text = String::new();
    write_attributes(&mut text, &item, Notation::WIRE);
    assert_eq!(text, r#"{"id":{"S":"1"},"n":{"N":"1.5"}}"#);
}

#[tokio::test]
async fn a_cancelled_transaction_brings_its_reasons() {
    let body = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]","CancellationReasons":[{"Code":"None"},{"Item":{"id":{"S":"1"}},"Code":"ConditionalCheckFailed","Message":"The conditional request failed"}]}"#;
    let outcome = answered([refused(400, body)], TRANSACT).await;
    assert_eq!(
        outcome.to_text(),
        r#"{"error":{"__type":"TransactionCanceledException","message":"Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]","requestId":"r-1","retryAttempts":0,"CancellationReasons":[{"Code":"None"},{"Item":{"id":{"S":"1"}},"Code":"ConditionalCheckFailed","Message":"The conditional request failed"}]}}"#
    );
}

#[tokio::test]
async fn an_error_that_the_sdk_does_not_model_keeps_its_code_and_words() {
    for (body, expected, message) in [
        (
            r#"{"__type":"com.amazon.coral.validate#ValidationException","message":"No such thing"}"#,
            "ValidationException",
            "No such thing",
        ),
        (
            r#"{"__type":"com.amazon.coral.service#UnrecognizedClientException","message":"The security token is invalid"}"#,
            "UnrecognizedClientException",
            "The security token is invalid",
        ),
        (r#"{"__type":"com.amazon.coral.service#SomethingNew"}"#, "SomethingNew", "The store gave no reason"),
    ] {
        let outcome = answered([refused(400, body)], GET).await;
        assert_eq!(named(&outcome), (expected, message, false));
        assert_eq!(outcome.request_id.as_deref(), Some("r-1"));
    }
}

#[tokio::test]
async fn throttled_calls_are_sent_again_and_counted() {
    let ok = Answer::Body(200, "{}".into());
    let outcome = answered([refused(400, THROTTLED), refused(400, THROTTLED), ok], PUT).await;
    assert_eq!(outcome.to_text(), r#"{"ok":{},"requestId":"r-3","retryAttempts":2}"#);

    let outcome = answered([refused(400, THROTTLED)], PUT).await;
    assert_eq!(named(&outcome), ("ProvisionedThroughputExceededException", "Slow down", false));
    assert_eq!((outcome.retry_attempts, outcome.request_id.as_deref()), (2, Some("r-3")));
}

#[tokio::test]
async fn a_write_that_the_store_stumbled_over_may_have_happened() {
    let outcome = answered([refused(500, BROKEN)], PUT).await;
    assert_eq!(named(&outcome), ("InternalServerError", "Internal server error", true));
    let outcome = answered([refused(500, BROKEN)], GET).await;
    assert!(!error(&outcome).may_have_happened);
}

#[tokio::test]
async fn a_later_refusal_does_not_undo_what_an_earlier_attempt_may_have_done() {
    let outcome = answered([refused(500, BROKEN), refused(400, CONDITION_FAILED)], PUT).await;
    assert_eq!(named(&outcome), ("ConditionalCheckFailedException", "The conditional request failed", true));
}

#[tokio::test]
async fn a_transaction_that_is_cancelled_after_all_did_not_happen() {
    let cancelled = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"Transaction cancelled","CancellationReasons":[]}"#;
    let outcome = answered([refused(500, BROKEN), refused(400, cancelled)], TRANSACT).await;
    assert_eq!(named(&outcome), ("TransactionCanceledException", "Transaction cancelled", false));
}

#[tokio::test]
async fn a_store_that_cannot_be_reached_is_unavailable_and_nothing_happened() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let endpoint = format!("http://{}", listener.local_addr().expect("it has an address"));
    drop(listener);
    let outcome = at([&endpoint; 2], PUT, TIMEOUTS).await;
    assert_eq!(named(&outcome), ("ServiceUnavailableException", "The store cannot be reached", false));
    assert_eq!((outcome.retry_attempts, outcome.request_id), (2, None));

    let outcome = at(["http://no-such-host.invalid:8000"; 2], PUT, TIMEOUTS).await;
    assert_eq!(named(&outcome), ("ServiceUnavailableException", "The store cannot be reached", false));
}

#[tokio::test]
async fn a_store_that_is_silent_is_given_up_in_time() {
    for (command, may_have_happened) in [(PUT, true), (GET, false)] {
        let server = Canned::start([Answer::Silence]).await;
        let begun = std::time::Instant::now();
        let outcome = at([&server.endpoint; 2], command, SHORT).await;
        assert_eq!(named(&outcome), ("TimeoutException", "The store did not answer in time", may_have_happened));
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn a_connection_that_breaks_leaves_a_write_open() {
    for (command, may_have_happened) in [(PUT, true), (GET, false)] {
        let outcome = answered([Answer::Raw(String::new())], command).await;
        let words = "The connection to the store broke before it answered";
        assert_eq!(named(&outcome), ("ServiceUnavailableException", words, may_have_happened));
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_leaves_a_write_open() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"Attributes\":";
    let outcome = answered([Answer::Raw(half.into())], PUT).await;
    let (name, _, may_have_happened) = named(&outcome);
    assert_eq!((name, may_have_happened), ("ServiceUnavailableException", true));
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_leaves_a_write_open_and_is_not_quoted() {
    let outcome = answered([Answer::Body(200, r#"{"Attributes":{"secret":"#.into())], PUT).await;
    let (name, message, may_have_happened) = named(&outcome);
    assert_eq!((name, may_have_happened), ("InternalServerError", true));
    assert!(!message.contains("secret"), "{message}");
}

#[tokio::test]
async fn a_gateway_without_a_store_behind_it_is_unavailable() {
    let outcome = answered([refused(502, "<html>Bad gateway</html>")], PUT).await;
    assert_eq!(named(&outcome), ("ServiceUnavailableException", "The store answered with HTTP status 502", true));
}

#[tokio::test]
async fn an_attribute_of_a_type_from_the_future_is_an_error_and_not_a_loss() {
    let server = Canned::start([Answer::Body(200, r#"{"Attributes":{"id":{"Z":"1"}}}"#.into())]).await;
    let with_client = execute(dynamodb(&server.endpoint), PUT).await;
    let without = execute(wire_dynamodb(&server.endpoint, TIMEOUTS).await, PUT).await;
    for outcome in [with_client, without] {
        let (name, _, may_have_happened) = named(&outcome);
        assert_eq!((name, may_have_happened), ("InternalServerError", true));
    }
}

#[tokio::test]
async fn without_credentials_nothing_is_sent_and_the_name_is_one_that_no_caller_sees() {
    let server = Canned::start([Answer::Body(200, "{}".into())]).await;
    let store = DynamoDb::new(Client::from_conf(config(&server.endpoint, SHORT).build()));
    let with_client = execute(store, PUT).await;
    let without = execute(wire_dynamodb_of(&server.endpoint, SHORT, None).await, PUT).await;
    for outcome in [with_client, without] {
        let (name, _, may_have_happened) = named(&outcome);
        assert_eq!((name, may_have_happened), ("StoreConfigurationException", false));
        assert!(gateleg_core::error::ErrorType::parse(name).is_none());
    }
    assert_eq!(server.seen().len(), 0);
}
