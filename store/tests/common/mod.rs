//! What the tests need around a store: engines that are started and stopped, and clients for them.
#![allow(dead_code, reason = "each test file uses its part")]

pub mod canned;
pub mod chance;
pub mod engine;
#[cfg(feature = "embedded")]
pub mod homes;

use std::time::Duration;

use aws_config::SdkConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use gateleg_core::attribute::Notation;
use gateleg_core::command::Api;
use gateleg_core::json::Json;
use gateleg_core::tree::Structure;
use gateleg_store::dynamodb::wire::WireDynamoDb;
use gateleg_store::dynamodb::{DynamoDb, Timeouts};

/// Short enough for a test that waits for them, long enough for a busy machine.
pub const TIMEOUTS: Timeouts =
    Timeouts { connect: Duration::from_secs(2), attempt: Duration::from_secs(15), operation: Duration::from_secs(60) };

/// A client of that endpoint, with credentials that an engine on loopback takes.
pub fn client(endpoint: &str, timeouts: Timeouts) -> Client {
    Client::from_conf(
        config(endpoint, timeouts).credentials_provider(Credentials::new("test", "test", None, None, "test")).build(),
    )
}

/// The settings of such a client, without credentials.
pub fn config(endpoint: &str, timeouts: Timeouts) -> aws_sdk_dynamodb::config::Builder {
    Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .timeout_config(timeouts.config())
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
}

/// The store over such a client.
pub fn dynamodb(endpoint: &str) -> DynamoDb {
    DynamoDb::new(client(endpoint, TIMEOUTS))
}

/// The store that does without a client, over the same settings.
pub async fn wire_dynamodb(endpoint: &str, timeouts: Timeouts) -> WireDynamoDb {
    let credentials = SharedCredentialsProvider::new(Credentials::new("test", "test", None, None, "test"));
    wire_dynamodb_of(endpoint, timeouts, Some(credentials)).await
}

/// Such a store with those credentials, or none.
pub async fn wire_dynamodb_of(
    endpoint: &str,
    timeouts: Timeouts,
    credentials: Option<SharedCredentialsProvider>,
) -> WireDynamoDb {
    let mut settings = SdkConfig::builder()
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)));
    settings.set_credentials_provider(credentials);
    WireDynamoDb::new(&settings.build(), timeouts).await.unwrap_or_else(|error| panic!("{endpoint}: {error}"))
}

/// An output as DynamoDB writes it.
pub fn wire(structure: &Structure) -> String {
    let mut text = String::new();
    structure.write(&mut text, Notation::WIRE);
    text
}

/// JSON with the members of every object in the order of their names.
pub fn sorted(text: &str) -> String {
    let mut json = Json::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
    sort(&mut json);
    json.to_text()
}

/// [`sorted`], in place.
pub fn sort(json: &mut Json<'_>) {
    match json {
        Json::Object(members) => {
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            members.iter_mut().for_each(|(_, value)| sort(value));
        }
        Json::Array(items) => items.iter_mut().for_each(sort),
        _ => {}
    }
}

/// The name under which the wire knows a call.
pub fn target(api: Api) -> String {
    format!("DynamoDB_20120810.{}", api.as_str())
}
