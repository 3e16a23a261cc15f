//! Watches the SDK's attempts at one call: how many there were, and whether one of them may have done its work unheard.
//!
//! An attempt that was sent and never answered may have been carried out; that a later one was refused does not change it.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use aws_sdk_dynamodb::config::interceptors::{BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;

use crate::causes::causes;

/// The attempts at one call.
#[derive(Clone, Debug, Default)]
pub(super) struct Attempts(Arc<Seen>);

#[derive(Debug, Default)]
struct Seen {
    begun: AtomicU32,
    /// The last attempt got as far as the connection.
    sent: AtomicBool,
    /// Some attempt was sent and not answered, or with a fault of the store's.
    undecided: AtomicBool,
}

impl Attempts {
    /// How often the call was sent again.
    pub(super) fn retries(&self) -> u32 {
        self.0.begun.load(Ordering::Relaxed).saturating_sub(1)
    }

    /// Whether the last attempt got as far as the connection: before it come credentials and endpoint.
    pub(super) fn sent(&self) -> bool {
        self.0.sent.load(Ordering::Relaxed)
    }

    /// Whether some attempt may have been carried out although it did not succeed.
    pub(super) fn undecided(&self) -> bool {
        self.0.undecided.load(Ordering::Relaxed)
    }
}

impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "Attempts"
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.begun.fetch_add(1, Ordering::Relaxed);
        self.0.sent.store(false, Ordering::Relaxed);
        Ok(())
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.sent.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let decided = match context.output_or_error() {
            Some(Ok(_)) => true,
            // The store refused it; a fault of the store's own, or an answer that cannot be read, decides nothing.
            Some(Err(error)) if error.is_operation_error() => {
                context.response().is_some_and(|response| matches!(response.status().as_u16(), 400..=499))
            }
            Some(Err(error)) => error.as_connector_error().is_some_and(|error| never_connected(error)),
            None => false,
        };
        if !decided && self.sent() {
            self.0.undecided.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Whether the connection was never made: name not found, refused, timed out, TLS refused. The HTTP client says so in words
/// only; were they to change, failures would be taken for undecided, which is the safe side.
pub(super) fn never_connected(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|error| error.to_string() == "client error (Connect)")
}
