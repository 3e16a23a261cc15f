//! The SDK's errors become [`StoreError`]s: DynamoDB's own name and words where DynamoDB spoke, ours where it did not.
//!
//! What only an operator can mend gets a name that core answers with a general text. The details of a connection go to the
//! log and not to the caller, and nothing of an answer goes to the log, for it may quote items.

use std::error::Error;

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ConnectorError, ProvideErrorMetadata as _, SdkError};
use gateleg_core::command::Api;
use gateleg_core::outcome::StoreError;

use super::attempts::{Attempts, never_connected};
use super::input::Misfit;
use super::output;
use crate::causes::text;

/// No credentials, no endpoint: core does not know this name and tells the caller nothing of it.
const CONFIGURATION: &str = "StoreConfigurationException";
const UNAVAILABLE: &str = "ServiceUnavailableException";
const TIMEOUT: &str = "TimeoutException";
pub(super) const NO_REASON: &str = "The store gave no reason";

pub(super) fn store_error<E>(api: Api, error: SdkError<E, HttpResponse>, attempts: &Attempts) -> StoreError
where
    E: Error + 'static,
    aws_sdk_dynamodb::Error: From<E>,
{
    let told = match error {
        SdkError::ServiceError(context) => {
            let status = context.raw().status().as_u16();
            let error = aws_sdk_dynamodb::Error::from(context.into_err());
            answered(error, status).unwrap_or_else(|misfit| super::unfit(&misfit))
        }
        SdkError::ResponseError(context) => broke_off(context.raw().status().as_u16()),
        unanswered => silence(&unanswered, attempts).tell(&text(&unanswered), api, attempts.retries()),
    };
    judged(told, api, attempts.undecided())
}

/// The error, with whether the write may have been made all the same: `undecided` says whether some attempt left that open.
pub(super) fn judged(error: StoreError, api: Api, undecided: bool) -> StoreError {
    // A transaction carries a token: had an earlier attempt done it, a later one would have succeeded.
    let cancelled = error.error_type == "TransactionCanceledException";
    StoreError { may_have_happened: api.is_write() && undecided && !cancelled, ..error }
}

/// How it came that there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Silence {
    /// There are no credentials, say.
    NotMade,
    /// Credentials took too long.
    NotSentInTime,
    NotConnected,
    NotInTime,
    Broken,
    Unexplained,
}

impl Silence {
    /// What the HTTP client's error says of a request that was made.
    pub(super) fn of(error: &ConnectorError) -> Self {
        if never_connected(error) {
            Silence::NotConnected
        } else if error.is_timeout() {
            Silence::NotInTime
        } else {
            Silence::Broken
        }
    }

    /// The error for the caller; why goes to the log.
    pub(super) fn tell(self, why: &str, api: Api, retries: u32) -> StoreError {
        let told = match self {
            Silence::NotMade => StoreError::new(CONFIGURATION, format!("The request could not be made: {why}")),
            Silence::NotSentInTime => StoreError::new(TIMEOUT, "Preparing the request took too long; it was not sent"),
            Silence::NotConnected => StoreError::new(UNAVAILABLE, "The store cannot be reached"),
            Silence::NotInTime => StoreError::new(TIMEOUT, "The store did not answer in time"),
            Silence::Broken => StoreError::new(UNAVAILABLE, "The connection to the store broke before it answered"),
            Silence::Unexplained => StoreError::new(UNAVAILABLE, "The store did not answer"),
        };
        let (call, error_type) = (api.as_str(), &told.error_type);
        tracing::warn!(call, retries, error_type, error = why, "the store did not answer");
        told
    }
}

/// No answer came.
fn silence<E: Error + 'static>(error: &SdkError<E, HttpResponse>, attempts: &Attempts) -> Silence {
    match error {
        SdkError::ConstructionFailure(_) => Silence::NotMade,
        SdkError::TimeoutError(_) if attempts.sent() => Silence::NotInTime,
        SdkError::TimeoutError(_) => Silence::NotSentInTime,
        _ if !attempts.sent() => Silence::NotMade,
        SdkError::DispatchFailure(failure) => failure.as_connector_error().map_or(Silence::Broken, Silence::of),
        _ => Silence::Unexplained,
    }
}

/// An answer came, and it is a refusal.
fn answered(error: aws_sdk_dynamodb::Error, status: u16) -> Result<StoreError, Misfit> {
    let mut told = match error.code() {
        Some(code) => StoreError::new(name(code), error.message().unwrap_or(NO_REASON)),
        // Not DynamoDB's own answer: a gateway's, say.
        None if status >= 500 => unavailable(status),
        None => unreadable(status),
    };
    match error {
        aws_sdk_dynamodb::Error::ConditionalCheckFailedException(failed) => {
            told.item = failed.item.map(output::attributes).transpose()?;
        }
        aws_sdk_dynamodb::Error::TransactionCanceledException(cancelled) => {
            let reasons = cancelled.cancellation_reasons.unwrap_or_default();
            told.cancellation_reasons =
                reasons.into_iter().map(output::cancellation_reason).collect::<Result<_, _>>()?;
        }
        _ => {}
    }
    Ok(told)
}

/// An answer came, but not to its end.
pub(super) fn broke_off(status: u16) -> StoreError {
    StoreError::new(UNAVAILABLE, format!("The store's answer broke off (HTTP status {status})"))
}

/// An answer came, but not from DynamoDB.
pub(super) fn unavailable(status: u16) -> StoreError {
    StoreError::new(UNAVAILABLE, format!("The store answered with HTTP status {status}"))
}

/// An answer came that makes no sense.
pub(super) fn unreadable(status: u16) -> StoreError {
    let text = format!("the store answered with HTTP status {status} and nothing that can be read");
    StoreError::new("InternalServerError", text)
}

/// AWS's common errors have short forms of names that DynamoDB spells out.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html>
pub(super) fn name(code: &str) -> &str {
    match code {
        "ServiceUnavailable" => UNAVAILABLE,
        "Throttling" => "ThrottlingException",
        "ValidationError" => "ValidationException",
        other => other,
    }
}
