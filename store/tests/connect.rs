//! `DynamoDb::connect` follows the standard AWS settings. They are read from the environment, so each case is a process of its
//! own: this test program, started again.
#![allow(clippy::panic, reason = "a test fails by it")]

mod common;

use std::process::Command;

use gateleg_core::command::Command as Call;
use gateleg_store::Store as _;
use gateleg_store::dynamodb::DynamoDb;

use common::canned::{Answer, Canned};

/// Says to the program started again that it is the inner one.
const INNER: &str = "GATELEG_TEST_INNER";
const GET: &str = r#"{"GetItem":{"TableName":"things","Key":{"id":{"S":"1"}}}}"#;

#[tokio::test]
async fn the_inner_process() {
    if std::env::var_os(INNER).is_none() {
        return;
    }
    match DynamoDb::connect().await {
        Ok(store) => {
            store.warm().await;
            let outcome = store.execute(Call::parse(GET).expect("a command")).await;
            println!("outcome {}", outcome.to_text());
        }
        Err(error) => println!("refused {error}"),
    }
}

/// What the inner process says in that environment.
async fn connect(environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.args(["--exact", "the_inner_process", "--nocapture"]).env_clear().env(INNER, "1");
    // Neither this machine's profile nor the metadata service of a cloud may answer.
    command.env("HOME", env!("CARGO_TARGET_TMPDIR")).env("AWS_EC2_METADATA_DISABLED", "true");
    command.envs(environment.iter().copied());
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic").expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = text.lines().find_map(|line| line.find("outcome ").or(line.find("refused ")).map(|at| &line[at..]));
    said.unwrap_or_else(|| panic!("{text}\n{}", String::from_utf8_lossy(&output.stderr))).into()
}

#[tokio::test]
async fn no_region_is_an_error_that_says_what_to_set() {
    let said = connect(&[]).await;
    assert!(said.starts_with("refused expected an AWS region, but found none: set AWS_REGION"), "{said}");
}

#[tokio::test]
async fn an_endpoint_needs_no_region() {
    for name in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"] {
        let server = Canned::start([Answer::Body(200, "{}".into())]).await;
        let credentials = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
        let said = connect(&[(name, &server.endpoint), credentials[0], credentials[1]]).await;
        assert_eq!(said, r#"outcome {"ok":{},"requestId":"r-2","retryAttempts":0}"#);
        let targets: Vec<String> = server.seen().into_iter().map(|seen| seen.target).collect();
        assert_eq!(targets, ["DynamoDB_20120810.DescribeEndpoints", "DynamoDB_20120810.GetItem"]);
    }
}

#[tokio::test]
async fn no_credentials_show_with_the_first_call() {
    let said = connect(&[("AWS_REGION", "eu-west-1")]).await;
    assert!(said.contains(r#""__type":"StoreConfigurationException""#), "{said}");
}
