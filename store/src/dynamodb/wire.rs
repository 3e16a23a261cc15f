//! Commands become requests of DynamoDB's JSON protocol, and its answers outcomes, without the SDK's typed client in between.
//!
//! Core writes and reads that JSON itself, so nothing is gained by building the SDK's structures on the way, and a function that
//! pays for its milliseconds has better to do. Settings, credentials, endpoint rules and the signature's key are the SDK's own
//! building blocks; HTTP is hyper's and TLS is rustls's, as in the SDK, by [`connections`](crate::connections). Here they are put in
//! a row. Credentials are kept in `identity`, attempts are judged in `verdict`, which certificates are trusted is said in `trust`,
//! and `signature` is AWS's signer, for this one kind of request.

mod identity;
mod signature;
mod trust;
mod verdict;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_sdk_dynamodb::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use aws_types::service_config::ServiceConfigKey;
use bytes::Bytes;
use gateleg_core::attribute::Notation;
use gateleg_core::command::{Api, Command};
use gateleg_core::outcome::Outcome;
use http::header::{HOST, HeaderName, USER_AGENT};
use http::{HeaderValue, Method, Request, Uri};
use http_body_util::Full;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use self::identity::Identities;
use self::signature::{Destination, Signer};
use self::verdict::{Attempt, MAX_ANSWER_BYTES, Verdict};
use super::failure::Silence;
use super::{ConnectError, Timeouts, settings};
use crate::connections::{BoxError, Connections, Fault};
use crate::{BoxFuture, Store, causes};

const CONTENT_TYPE: &str = "application/x-amz-json-1.0";
const AGENT: &str = concat!("gateleg/", env!("CARGO_PKG_VERSION"));

const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// As many headers as a request has at most.
const HEADERS: usize = 8;

/// The longest pause between two attempts.
const MAX_PAUSE: Duration = Duration::from_secs(20);

/// DynamoDB, or anything that speaks its protocol, spoken to in its own JSON. Clones share connections and credentials.
#[derive(Clone, Debug)]
pub struct WireDynamoDb {
    inner: Arc<Inner>,
    trace_id: Option<HeaderValue>,
}

#[derive(Debug)]
struct Inner {
    connections: Connections,
    identities: Identities,
    endpoint: Endpoint,
    timeouts: Timeouts,
    attempts: u32,
    /// What the first pause is chosen below; it doubles with every attempt.
    pause: Duration,
}

/// Where requests go.
#[derive(Debug)]
struct Endpoint {
    server: Uri,
    /// The path alone.
    path: Uri,
    host: HeaderValue,
    /// The same, as they are signed.
    destination: Destination,
}

impl WireDynamoDb {
    /// A store from the standard AWS settings, as [`DynamoDb::connect`](super::DynamoDb::connect) reads them.
    ///
    /// # Errors
    /// When there is no region, or the settings lead nowhere.
    pub async fn connect() -> Result<Self, ConnectError> {
        let timeouts = Timeouts::default();
        Self::new(&settings(timeouts).await?, timeouts).await
    }

    /// A store from settings that are at hand. Their timeouts and HTTP client are not used.
    ///
    /// # Errors
    /// When the settings lead nowhere.
    pub async fn new(settings: &SdkConfig, timeouts: Timeouts) -> Result<Self, ConnectError> {
        let region = settings.region().ok_or(ConnectError::NoRegion)?.to_string();
        let endpoint = Endpoint::of(settings, &region).await.map_err(ConnectError::Endpoint)?;
        let tls = trust::tls(&endpoint.server).map_err(ConnectError::Endpoint)?;
        let retries = settings.retry_config();
        let inner = Inner {
            connections: Connections::new(endpoint.server.clone(), tls, timeouts.connect),
            identities: Identities::new(settings.credentials_provider()),
            endpoint,
            timeouts,
            attempts: retries.map_or(3, |retries| retries.max_attempts()),
            pause: retries.map_or(Duration::from_secs(1), |retries| retries.initial_backoff()),
        };
        Ok(WireDynamoDb { inner: Arc::new(inner), trace_id: None })
    }

    /// The same store, whose calls carry that `X-Amzn-Trace-Id`. One that no header can hold is left out.
    #[must_use]
    pub fn traced(&self, trace_id: Option<&str>) -> Self {
        WireDynamoDb { inner: Arc::clone(&self.inner), trace_id: trace_id.and_then(|id| id.parse().ok()) }
    }

    /// Finds credentials and opens a connection ahead of the first call, so that it need not wait for them. Any answer will do,
    /// and none is needed: what is asked is whether DynamoDB is healthy, which nobody has to be allowed to ask.
    pub async fn warm(&self) {
        let both = async { tokio::join!(self.inner.ask_health(), self.inner.identities.get()) };
        match timeout(self.inner.timeouts.connect, both).await {
            Ok((Ok(()), Ok(_))) => {}
            Ok((Err(error), _) | (_, Err(error))) => tracing::info!(error, "the first call will have to wait"),
            Err(_) => tracing::info!("opening a connection ahead took too long"),
        }
    }

    async fn call(&self, command: Command) -> Outcome {
        let Command { api, input } = command;
        let mut body = String::new();
        input.write(&mut body, Notation::WIRE);
        let body = Bytes::from(body);
        let end = Instant::now() + self.inner.timeouts.operation;
        let mut verdict = Verdict::default();
        let mut most = self.inner.pause;
        loop {
            let attempt = self.inner.attempt(api, &body, self.trace_id.as_ref(), end).await;
            if !verdict.add(api, attempt) || verdict.attempts() >= self.inner.attempts {
                return verdict.outcome(api);
            }
            let pause = most.mul_f64(fastrand::f64());
            if Instant::now() + pause >= end {
                return verdict.outcome(api);
            }
            sleep(pause).await;
            most = (most * 2).min(MAX_PAUSE);
        }
    }
}

impl Inner {
    async fn ask_health(&self) -> Result<(), String> {
        let mut request = self.endpoint.request(Bytes::new());
        *request.method_mut() = Method::GET;
        let (_, body) = self.connections.send(request).await.map_err(text)?;
        body.read(MAX_ANSWER_BYTES).await.map(drop).map_err(text)
    }

    async fn attempt(&self, api: Api, body: &Bytes, trace_id: Option<&HeaderValue>, end: Instant) -> Attempt {
        let end = end.min(Instant::now() + self.timeouts.attempt);
        let signer = match timeout_at(end, self.identities.get()).await {
            Ok(Ok(signer)) => signer,
            Ok(Err(fault)) => return Attempt::not_made(fault),
            Err(late) => return Attempt::Unanswered(Silence::NotSentInTime, late.to_string()),
        };
        let request = match self.signed(api, body, trace_id, &signer) {
            Ok(request) => request,
            Err(fault) => return Attempt::not_made(fault),
        };
        let answer = async {
            match self.connections.send(request).await {
                Ok((head, body)) => Attempt::read(head, body).await,
                Err(fault @ Fault::NotConnected(_)) => Attempt::Unanswered(Silence::NotConnected, text(fault)),
                Err(fault @ Fault::Broken(_)) => Attempt::Unanswered(Silence::Broken, text(fault)),
            }
        };
        let late = |late: Elapsed| Attempt::Unanswered(Silence::NotInTime, late.to_string());
        timeout_at(end, answer).await.unwrap_or_else(late)
    }

    fn signed(
        &self,
        api: Api,
        body: &Bytes,
        trace_id: Option<&HeaderValue>,
        signer: &Signer,
    ) -> Result<Request<Full<Bytes>>, String> {
        let target = ["DynamoDB_20120810.", api.as_str()].concat();
        let mut request = self.endpoint.request(body.clone());
        let headers = request.headers_mut();
        signer
            .sign(&self.endpoint.destination, CONTENT_TYPE, target, body, SystemTime::now(), headers)
            .map_err(text)?;
        if let Some(id) = trace_id {
            headers.insert(TRACE_ID, id.clone());
        }
        Ok(request)
    }
}

impl Store for WireDynamoDb {
    fn execute(&self, command: Command) -> BoxFuture<'_, Outcome> {
        Box::pin(self.call(command))
    }
}

impl Endpoint {
    /// The one that the settings name for DynamoDB, or for every service, or DynamoDB's own in the region.
    async fn of(settings: &SdkConfig, region: &str) -> Result<Self, String> {
        let key = ServiceConfigKey::builder().service_id("DynamoDB").env("AWS_ENDPOINT_URL").profile("endpoint_url");
        let key = key.build().map_err(text)?;
        let named = settings.service_config().and_then(|config| config.load_config(key));
        let params = Params::builder()
            .region(region)
            .set_endpoint(named.or_else(|| settings.endpoint_url().map(String::from)))
            .set_use_fips(settings.use_fips())
            .set_use_dual_stack(settings.use_dual_stack())
            .build()
            .map_err(text)?;
        let found = DefaultResolver::new();
        let found = ResolveEndpoint::resolve_endpoint(&found, &params).await.map_err(text)?;
        let uri: Uri = found.url().parse().map_err(|_| format!("{} is no URL", found.url()))?;
        let destination = destination(&uri, region).ok_or_else(|| format!("{} is no URL of a server", found.url()))?;
        let path = destination.path.parse().map_err(text)?;
        let host = HeaderValue::from_str(&destination.host).map_err(text)?;
        Ok(Endpoint { server: uri, path, host, destination })
    }

    /// A `POST` to there.
    fn request(&self, body: Bytes) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.path.clone();
        let headers = request.headers_mut();
        headers.reserve(HEADERS);
        headers.insert(HOST, self.host.clone());
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        request
    }
}

/// What is signed of requests to that URL; `None` where it is not one of a server, or has anything after the path, or a path in
/// which something would have to be escaped.
fn destination(uri: &Uri, region: &str) -> Option<Destination> {
    let (host, path) = (uri.host()?, uri.path());
    let default_port = match uri.scheme_str()? {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    let is_normal = !path.contains("//") && !path.contains("/.");
    if uri.query().is_some() || !is_normal || !path.bytes().all(is_plain) {
        return None;
    }
    // As it stands in the header.
    let host = match uri.port_u16().filter(|port| *port != default_port) {
        Some(port) => format!("{host}:{port}"),
        None => host.into(),
    };
    Some(Destination { region: region.into(), host, path: path.into() })
}

/// An error and what is behind it, for the log.
fn text(error: impl Into<BoxError>) -> String {
    causes::text(&*error.into())
}
