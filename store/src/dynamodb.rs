//! Commands become calls of `aws-sdk-dynamodb`, and its outputs and errors become outcomes; [`wire`] does the same with less of the SDK.
//!
//! Retrying throttled calls and broken connections is the SDK's business, within [`Timeouts`]; what a batch leaves
//! unprocessed is sent again by whoever planned it. Parameters are mapped in `input`, results in `output`, errors in
//! `failure`; `attempts` watches what the SDK does on the way.

mod attempts;
mod failure;
mod input;
mod output;
pub mod wire;

use std::time::Duration;

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_dynamodb::operation::RequestId;
use aws_sdk_dynamodb::types::KeyType;
use gateleg_core::command::{Api, Command};
use gateleg_core::outcome::{Outcome, StoreError};
use gateleg_core::tree::Structure;

use self::attempts::Attempts;
use self::input::Misfit;
use crate::{BoxFuture, Store};

/// DynamoDB, or anything that speaks its protocol.
#[derive(Clone, Debug)]
pub struct DynamoDb {
    client: Client,
}

/// How long a call may take before it is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// To open a connection.
    pub connect: Duration,
    /// For one attempt, from finding credentials to the last byte of the answer.
    pub attempt: Duration,
    /// For the call with all its attempts and the pauses between them.
    pub operation: Duration,
}

impl Default for Timeouts {
    /// 1, 5 and 20 seconds. DynamoDB answers in milliseconds, and the largest answer is 16 MB.
    fn default() -> Self {
        Timeouts {
            connect: Duration::from_secs(1),
            attempt: Duration::from_secs(5),
            operation: Duration::from_secs(20),
        }
    }
}

impl Timeouts {
    /// As the SDK wants them, for a client of one's own.
    pub fn config(&self) -> TimeoutConfig {
        TimeoutConfig::builder()
            .connect_timeout(self.connect)
            .operation_attempt_timeout(self.attempt)
            .operation_timeout(self.operation)
            .build()
    }
}

/// Why there is no client for DynamoDB.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nothing says where the tables are.
    #[error(
        "expected an AWS region, but found none: set AWS_REGION (for example AWS_REGION=eu-west-1) or a region in the AWS profile, or AWS_ENDPOINT_URL_DYNAMODB to reach a local engine"
    )]
    NoRegion,
    /// The settings lead to no endpoint.
    #[error("expected an endpoint of DynamoDB, but found none: {0}")]
    Endpoint(String),
}

impl DynamoDb {
    /// A client from the standard AWS settings: environment, profile, and what the machine it runs on offers.
    ///
    /// `AWS_ENDPOINT_URL_DYNAMODB` or `AWS_ENDPOINT_URL` lead to another endpoint; with one of them the region defaults to
    /// `us-east-1`, because a local engine takes any. Nothing is sent yet, so credentials that are missing or wrong show
    /// with the first call.
    ///
    /// # Errors
    /// When there is no region.
    pub async fn connect() -> Result<Self, ConnectError> {
        Self::connect_within(Timeouts::default()).await
    }

    /// [`DynamoDb::connect`] with other timeouts.
    ///
    /// # Errors
    /// When there is no region.
    pub async fn connect_within(timeouts: Timeouts) -> Result<Self, ConnectError> {
        let config = settings(timeouts).await?;
        Ok(Self::new(Client::new(&config)))
    }

    /// A store over a client that is ready. Its timeouts, retries and credentials are the caller's business; see
    /// [`Timeouts::config`].
    pub fn new(client: Client) -> Self {
        DynamoDb { client }
    }

    /// Finds credentials and opens a connection ahead of the first call, so that it need not wait for them. Any answer will
    /// do, and none is needed.
    pub async fn warm(&self) {
        if let Err(error) = self.client.describe_endpoints().send().await {
            tracing::debug!(answered = error.raw_response().is_some(), "warmed up");
        }
    }

    /// The names of the tables' key attributes, the partition key first, for
    /// [`Policy::keys`](gateleg_core::policy::Policy::keys). A table that cannot be described, because it is missing or because
    /// the credentials do not allow it, is left out.
    pub async fn key_names(&self, tables: &[String]) -> Vec<(String, Vec<String>)> {
        let mut known = Vec::new();
        for table in tables {
            match self.client.describe_table().table_name(table).send().await {
                Ok(output) => {
                    let schema = output.table.map(|table| table.key_schema().to_vec()).unwrap_or_default();
                    let of = |kind: KeyType| schema.iter().filter(move |element| *element.key_type() == kind);
                    let names: Vec<String> =
                        of(KeyType::Hash).chain(of(KeyType::Range)).map(|key| key.attribute_name().into()).collect();
                    if !names.is_empty() {
                        known.push((table.clone(), names));
                    }
                }
                Err(error) => {
                    let code = error.code().map(String::from);
                    tracing::info!(table, code, "the table could not be described, so its keys are not known");
                }
            }
        }
        known
    }

    async fn call(&self, command: Command) -> Outcome {
        let Command { api, input } = command;
        macro_rules! call {
            ($call:ident) => {{
                let attempts = Attempts::default();
                match input::$call(self.client.$call(), input) {
                    Ok(request) => {
                        let result = request.customize().interceptor(attempts.clone()).send().await;
                        settle(api, result, &attempts, output::$call)
                    }
                    Err(misfit) => Outcome::error(unfit(&misfit)),
                }
            }};
        }
        match api {
            Api::PutItem => call!(put_item),
            Api::GetItem => call!(get_item),
            Api::UpdateItem => call!(update_item),
            Api::DeleteItem => call!(delete_item),
            Api::Scan => call!(scan),
            Api::Query => call!(query),
            Api::BatchGetItem => call!(batch_get_item),
            Api::BatchWriteItem => call!(batch_write_item),
            Api::TransactGetItems => call!(transact_get_items),
            Api::TransactWriteItems => call!(transact_write_items),
        }
    }
}

impl Store for DynamoDb {
    fn execute(&self, command: Command) -> BoxFuture<'_, Outcome> {
        Box::pin(self.call(command))
    }
}

/// The standard AWS settings.
async fn settings(timeouts: Timeouts) -> Result<SdkConfig, ConnectError> {
    let loader = aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts.config());
    let loader = if has_endpoint() {
        // Not the default chain: it ends by asking the EC2 metadata service, which takes seconds where there is none.
        loader.region(
            RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
                .or_else(ProfileFileRegionProvider::new())
                .or_else("us-east-1"),
        )
    } else {
        loader
    };
    // Where the environment has credentials, as in a Lambda function, they are what the chain finds first; all that it might ask
    // otherwise need not be made.
    let loader = if ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].into_iter().all(is_set) {
        loader.credentials_provider(EnvironmentVariableCredentialsProvider::new())
    } else {
        loader
    };
    let config = loader.load().await;
    if config.region().is_none() { Err(ConnectError::NoRegion) } else { Ok(config) }
}

/// Whether the environment names an endpoint. One that only a profile names is found by the SDK all the same.
fn has_endpoint() -> bool {
    ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"].into_iter().any(is_set)
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}

fn settle<O, E>(
    api: Api,
    result: Result<O, SdkError<E, HttpResponse>>,
    attempts: &Attempts,
    map: impl FnOnce(O) -> Result<Structure, Misfit>,
) -> Outcome
where
    O: RequestId,
    E: std::error::Error + 'static,
    aws_sdk_dynamodb::Error: From<E>,
{
    let request_id = match &result {
        Ok(output) => output.request_id(),
        Err(error) => error.request_id(),
    };
    let request_id = request_id.map(String::from);
    let result = match result {
        // What was done is done, whether or not its answer can be told.
        Ok(output) => map(output).map_err(|misfit| StoreError { may_have_happened: api.is_write(), ..unfit(&misfit) }),
        Err(error) => Err(failure::store_error(api, error, attempts)),
    };
    Outcome { result, request_id, retry_attempts: attempts.retries() }
}

/// A fault of this program, or a DynamoDB that is newer than it: not the caller's business.
fn unfit(misfit: &Misfit) -> StoreError {
    StoreError::new("InternalServerError", misfit.to_string())
}
