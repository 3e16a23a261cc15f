//! OpenTelemetry's environment variables become where spans are kept until they are sent, and the HTTP client that sends them.
//!
//! OTLP over HTTP, in protobuf. Spans wait in a queue of bounded length, and what does not fit is lost: nothing here ever
//! holds up a request. Variables that the SDK reads itself (sampler, limits, queue, headers, endpoint) are left to it.

use std::env;
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry::KeyValue;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{SpanExporter, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::Handle;

use crate::failure::Failure;
use crate::tls;

/// Either names the place; the first is for traces alone.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
const PROTOCOLS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"];
const TIMEOUTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"];

/// What keeps spans and sends them; nothing, if they are to go nowhere.
pub(super) fn provider() -> Result<Option<SdkTracerProvider>, Failure> {
    let Some((name, endpoint)) = first(ENDPOINTS) else { return Ok(None) };
    let disabled = variable("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if disabled || variable("OTEL_TRACES_EXPORTER").is_some_and(|value| value == "none") {
        return Ok(None);
    }
    if let Some((name, protocol)) = first(PROTOCOLS).filter(|(_, protocol)| protocol != "http/protobuf") {
        return Err(Failure::usage(format!("{name}: expected http/protobuf, but found `{protocol}`"))
            .hint("Collectors take that at port 4318; or set OTEL_TRACES_EXPORTER=none to go without traces"));
    }
    let fault = |what: String| {
        Failure::usage(format!("{name}: traces cannot be sent to `{endpoint}`: {what}"))
            .hint("For example: OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318")
    };
    if !endpoint.starts_with("http://") && !endpoint.starts_with("https://") {
        return Err(fault("it does not begin with http:// or https://".into()));
    }
    let sender = Sender::new(endpoint.starts_with("https://")).map_err(fault)?;
    let exporter = SpanExporter::builder().with_http().with_http_client(sender).build();
    let exporter = exporter.map_err(|error| fault(error.to_string()))?;
    let provider = SdkTracerProvider::builder().with_resource(resource()).with_batch_exporter(exporter).build();
    Ok(Some(provider))
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn first(names: [&'static str; 2]) -> Option<(&'static str, String)> {
    names.into_iter().find_map(|name| variable(name).map(|value| (name, value)))
}

/// Who sends the spans: what the environment says, and our own name if it says none.
fn resource() -> Resource {
    let named = variable("OTEL_SERVICE_NAME").is_some()
        || variable("OTEL_RESOURCE_ATTRIBUTES").is_some_and(|list| list.contains("service.name="));
    let mut builder = Resource::builder();
    if !named {
        builder = builder.with_service_name("gateleg");
    }
    builder.with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION"))).build()
}

/// How long a collector may take, if nothing else is said.
const PATIENCE: Duration = Duration::from_secs(10);

/// Most that a collector may answer; it has little to say.
const ANSWER: usize = 64 * 1024;

/// Sends what the exporter, in a thread of its own, has packed.
struct Sender {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    runtime: Handle,
    time: Duration,
    is_failing: AtomicBool,
}

impl Sender {
    fn new(secure: bool) -> Result<Self, String> {
        let builder = HttpsConnectorBuilder::new();
        let builder = if secure {
            builder.with_provider_and_native_roots(tls::provider()).map_err(|error| error.to_string())?
        } else {
            // Nobody is trusted where nobody is asked.
            let config = ClientConfig::builder_with_provider(tls::provider()).with_safe_default_protocol_versions();
            let config = config.map_err(|error| error.to_string())?.with_root_certificates(RootCertStore::empty());
            builder.with_tls_config(config.with_no_client_auth())
        };
        let connector = builder.https_or_http().enable_http1().build();
        let time = first(TIMEOUTS).and_then(|(_, ms)| ms.parse().ok()).map_or(PATIENCE, Duration::from_millis);
        Ok(Sender {
            client: Client::builder(TokioExecutor::new()).build(connector),
            runtime: Handle::current(),
            time,
            is_failing: AtomicBool::new(false),
        })
    }

    /// Once when it begins to fail, and once when it works again: a collector that is down for a day is no reason to fill the log.
    fn note(&self, fault: Option<&str>) {
        match (fault, self.is_failing.swap(fault.is_some(), Ordering::Relaxed)) {
            (Some(error), false) => tracing::warn!(error, "traces cannot be sent, and are lost until they can be"),
            (None, true) => tracing::info!("traces are sent again"),
            _ => {}
        }
    }
}

impl HttpClient for Sender {
    fn send_bytes<'s, 'f>(&'s self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Answered> + Send + 'f>>
    where
        's: 'f,
        Self: 'f,
    {
        let answer = self.client.request(request.map(Full::new));
        let whole = async {
            let (head, body) = answer.await?.into_parts();
            let body = Limited::new(body, ANSWER).collect().await?.to_bytes();
            Ok::<_, HttpError>(Response::from_parts(head, body))
        };
        let time = self.time;
        // Where there are timers and sockets: the exporter's thread has none.
        let sent = self.runtime.spawn(async move { tokio::time::timeout(time, whole).await });
        Box::pin(async move {
            let answered = match sent.await {
                Ok(Ok(answered)) => answered,
                Ok(Err(_)) => Err(format!("no answer within {} ms", time.as_millis()).into()),
                Err(failure) => Err(failure.into()),
            };
            match &answered {
                Ok(response) if response.status().is_success() => self.note(None),
                Ok(response) => self.note(Some(&format!("the collector answered {}", response.status()))),
                Err(error) => self.note(Some(&innermost(error.as_ref()))),
            }
            answered
        })
    }
}

type Answered = Result<Response<Bytes>, HttpError>;

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

/// "client error (Connect)" helps nobody; what it was made from does.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut error = error;
    while let Some(cause) = error.source() {
        error = cause;
    }
    error.to_string()
}
