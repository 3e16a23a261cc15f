//! AWS credentials from the standard settings become signatures on requests, by AWS's own signer (SigV4).
//!
//! Credentials that expire are fetched again before they do.

use std::sync::{PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use axum::http::Request;
use clap::ValueEnum;

use crate::failure::Failure;

/// Whom a signature is for.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// API Gateway
    #[value(name = "execute-api")]
    ExecuteApi,
    /// A function's URL
    #[value(name = "lambda")]
    Lambda,
}

impl Service {
    fn as_str(self) -> &'static str {
        match self {
            Service::ExecuteApi => "execute-api",
            Service::Lambda => "lambda",
        }
    }
}

/// Signs requests.
#[derive(Debug)]
pub struct Signer {
    service: Service,
    region: String,
    provider: SharedCredentialsProvider,
    credentials: RwLock<Credentials>,
}

/// Credentials are fetched again that long before they expire.
const AHEAD: Duration = Duration::from_secs(60);

impl Signer {
    /// Finds credentials, and the region if none is given.
    ///
    /// # Errors
    /// When there are none.
    pub async fn open(service: Service, region: Option<&str>) -> Result<Self, Failure> {
        // Not the default chain: it ends by asking the EC2 metadata service, which takes seconds where there is none.
        let chain = RegionProviderChain::first_try(region.map(|region| Region::new(region.to_string())))
            .or_else(EnvironmentVariableRegionProvider::new())
            .or_else(ProfileFileRegionProvider::new());
        let config = aws_config::defaults(BehaviorVersion::latest()).region(chain).load().await;
        // A variable that is there and empty is taken for a region.
        let Some(region) = config.region().filter(|region| !region.as_ref().is_empty()) else {
            return Err(Failure::usage("--aws-sigv4: expected an AWS region, but found none")
                .hint("The URL names none; give it with --aws-region, AWS_REGION or the AWS profile"));
        };
        let provider = config.credentials_provider().ok_or_else(|| missing("nothing says where they are"))?;
        let credentials = provider.provide_credentials().await.map_err(|error| missing(&chained(&error)))?;
        Ok(Signer { service, region: region.to_string(), provider, credentials: RwLock::new(credentials) })
    }

    /// Signs a request for that URL, with that body. Its other headers must be there already.
    ///
    /// # Errors
    /// Why it cannot be.
    pub fn sign<B>(&self, request: &mut Request<B>, url: &str, body: &[u8]) -> Result<(), String> {
        let identity = self.credentials.read().unwrap_or_else(PoisonError::into_inner).clone().into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(self.service.as_str())
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| chained(&error))?
            .into();
        let headers = request.headers().iter();
        let headers = headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let signed = SignableRequest::new("POST", url, headers, SignableBody::Bytes(body))
            .and_then(|signable| sign(signable, &params))
            .map_err(|error| chained(&error))?;
        let (instructions, _) = signed.into_parts();
        instructions.apply_to_request_http1x(request);
        Ok(())
    }

    /// Keeps the credentials fresh, without end.
    pub async fn renew(&self) {
        loop {
            let expiry = self.credentials.read().unwrap_or_else(PoisonError::into_inner).expiry();
            let Some(expiry) = expiry else { return std::future::pending().await };
            let left = expiry.duration_since(SystemTime::now()).unwrap_or_default();
            // Where a new set expires at once, this is not to be a busy loop.
            tokio::time::sleep(left.saturating_sub(AHEAD).max(Duration::from_secs(1))).await;
            match self.provider.provide_credentials().await {
                Ok(fresh) => *self.credentials.write().unwrap_or_else(PoisonError::into_inner) = fresh,
                Err(error) => tracing::warn!(error = chained(&error), "credentials could not be fetched again"),
            }
        }
    }
}

fn missing(why: &str) -> Failure {
    Failure::new(format!("--aws-sigv4: there are no AWS credentials: {why}"))
        .hint("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, say which to use")
}

/// An error with all that it was made from.
fn chained(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
