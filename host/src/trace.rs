//! A request becomes a trace: a span for itself, and below it one for each turn of the planner and each call of the store.
//!
//! Spans say what the access log and the figures say: names from closed sets, and the names of tables as far as a policy or the
//! store knows them. Nothing else of what a caller wrote is in them, no item and no key; of its headers only `traceparent` is
//! read, so that a trace goes on that began elsewhere. Where spans go is left to `export`; without a place for them there is
//! no [`Traces`], and nothing here is ever called.

use std::borrow::Cow;
use std::future::Future;
use std::time::Duration;

use axum::extract::Request;
use axum::http::header::{HeaderMap, HeaderName};
use gateleg_core::command::Command;
use gateleg_core::error::ErrorType;
use gateleg_core::outcome::Outcome;
use gateleg_core::policy::{Allowed, Policy};
use gateleg_core::shape::Name;
use gateleg_core::tree::{Node, Structure};
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{Span as _, SpanKind, Status, TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry::{Array, Context, KeyValue, StringValue, Value};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, Span};
use tracing::Instrument as _;

use crate::body::single;
use crate::failure::Failure;

mod export;

/// Makes traces.
pub struct Traces {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

impl Traces {
    /// With what the environment says, in OpenTelemetry's variables; nothing, if it does not say where spans go. Called in a
    /// runtime, which sends them.
    ///
    /// # Errors
    /// When what it says makes no sense, or is not supported.
    pub fn from_environment() -> Result<Option<Self>, Failure> {
        let provider = export::provider()?;
        Ok(provider.map(|provider| Traces { tracer: provider.tracer("gateleg"), provider }))
    }

    /// A request has come.
    pub(crate) fn begin(&self, request: &Request, scheme: &'static str) -> Trace {
        let before = TraceContextPropagator::new().extract_with_context(&Context::new(), &Parent(request.headers()));
        let builder = self.tracer.span_builder("HTTP").with_kind(SpanKind::Server);
        let builder = builder.with_attributes([KeyValue::new("url.scheme", scheme)]);
        let root = before.with_span(self.tracer.build_with_context(builder, &before));
        Trace { tracer: self.tracer.clone(), root }
    }

    /// Sends what has not been sent yet, for that long at most.
    pub async fn stop(&self, time: Duration) {
        let provider = self.provider.clone();
        let time = time.min(FLUSH);
        let stopped = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(time));
        match tokio::time::timeout(time, stopped).await {
            Ok(Ok(Ok(()))) => {}
            _ => tracing::warn!("the last traces could not be sent"),
        }
    }
}

/// How long the last spans may take. A server that is to stop must not wait for one that is gone.
const FLUSH: Duration = Duration::from_secs(5);

/// The header in which a caller says which span of its own it is at.
const TRACEPARENT: &str = "traceparent";

struct Parent<'h>(&'h HeaderMap);

impl Extractor for Parent<'_> {
    /// Of the two headers only this one: the other would carry a caller's own text.
    fn get(&self, key: &str) -> Option<&str> {
        if key == TRACEPARENT { single(self.0, &HeaderName::from_static(TRACEPARENT)) } else { None }
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT]
    }
}

/// The trace of one request.
#[derive(Clone)]
pub(crate) struct Trace {
    tracer: SdkTracer,
    root: Context,
}

/// How a request ended; every text is one of a closed set, or the id.
#[derive(Default)]
pub(crate) struct End<'e> {
    pub(crate) request_id: &'e str,
    pub(crate) method: &'static str,
    /// The path of a route, or of a file of the page.
    pub(crate) route: Option<&'e str>,
    /// None when the caller hung up before there was one.
    pub(crate) status: Option<u16>,
    pub(crate) operation: Option<&'static str>,
    pub(crate) error_type: Option<&'static str>,
    pub(crate) rule: Option<&'static str>,
}

tokio::task_local! {
    static TRACE: Trace;
}

/// Runs that as a part of the trace; what it logs has the trace's id.
pub(crate) async fn within<F: Future>(trace: Option<Trace>, future: F) -> F::Output {
    match trace {
        Some(trace) => {
            let span = tracing::error_span!("request", trace_id = trace.id());
            TRACE.scope(trace, future).instrument(span).await
        }
        None => future.await,
    }
}

/// The trace that this is a part of.
pub(crate) fn current() -> Option<Trace> {
    TRACE.try_with(Trace::clone).ok()
}

impl Trace {
    pub(crate) fn id(&self) -> String {
        self.root.span().span_context().trace_id().to_string()
    }

    /// A turn of the planner has begun; nothing, if this trace was not chosen to be kept.
    pub(crate) fn step(&self, name: &'static str) -> Option<Step> {
        self.child(name.into(), SpanKind::Internal, Vec::new()).map(Step)
    }

    /// A call of the store has begun; nothing, if this trace was not chosen to be kept.
    pub(crate) fn call(&self, command: &Command, policy: &Policy) -> Option<Call> {
        if !self.root.span().is_recording() {
            return None;
        }
        let api = command.api.as_str();
        let attributes = vec![KeyValue::new("db.system.name", "aws.dynamodb"), KeyValue::new("db.operation.name", api)];
        let span = self.child(api.into(), SpanKind::Client, attributes)?;
        let mut tables: Vec<String> = command.tables().into_iter().map(String::from).collect();
        tables.dedup();
        let known = tables.iter().all(|table| matches!(&policy.tables, Allowed::Only(names) if names.contains(table)));
        Some(Call { span, tables, known })
    }

    fn child(&self, name: Cow<'static, str>, kind: SpanKind, attributes: Vec<KeyValue>) -> Option<Span> {
        if !self.root.span().is_recording() {
            return None;
        }
        let builder = self.tracer.span_builder(name).with_kind(kind).with_attributes(attributes);
        Some(self.tracer.build_with_context(builder, &self.root))
    }

    /// The request has ended; what goes on in its name may still add to the trace.
    pub(crate) fn end(&self, end: &End<'_>) {
        let span = self.root.span();
        if !span.is_recording() {
            return;
        }
        let End { request_id, method, route, status, operation, error_type, rule } = *end;
        let method = if method == "other" { "_OTHER" } else { method };
        let named = if method == "_OTHER" { "HTTP" } else { method };
        span.update_name(route.map_or_else(|| named.to_string(), |route| format!("{named} {route}")));
        span.set_attribute(KeyValue::new("http.request.method", method));
        span.set_attribute(KeyValue::new("gateleg.request_id", request_id.to_string()));
        if let Some(status) = status {
            span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status)));
        }
        if let Some(route) = route {
            span.set_attribute(KeyValue::new("http.route", route.to_string()));
        }
        // A caller who hung up has no status to show; the other kinds of failure have DynamoDB's names.
        let error_type = if status.is_none() { Some("aborted") } else { error_type };
        for (key, value) in [("gateleg.operation", operation), ("error.type", error_type), ("gateleg.rule", rule)] {
            if let Some(value) = value {
                span.set_attribute(KeyValue::new(key, value));
            }
        }
        // What a caller did wrong is no fault of this server's.
        if status.is_none_or(|status| status >= 500) {
            span.set_status(Status::error(""));
        }
        span.end();
    }
}

/// A turn of the planner, until it is dropped.
pub(crate) struct Step(#[allow(dead_code, reason = "ends when it is dropped")] Span);

/// A call of the store, until it ends or is dropped.
pub(crate) struct Call {
    span: Span,
    tables: Vec<String>,
    /// Whether the policy lists the tables by name.
    known: bool,
}

impl Call {
    pub(crate) fn end(mut self, outcome: &Outcome) {
        // Where any table is allowed, a name may be anything, until the store has answered for the table.
        if self.known || outcome.result.is_ok() {
            self.name_tables();
        }
        if outcome.retry_attempts > 0 {
            self.span.set_attribute(KeyValue::new("http.request.resend_count", i64::from(outcome.retry_attempts)));
        }
        if let Some(id) = &outcome.request_id {
            self.span.set_attribute(KeyValue::new("aws.request_id", id.clone()));
        }
        match &outcome.result {
            Ok(output) => {
                let consumed = consumed(output);
                if !consumed.is_empty() {
                    let consumed = Value::Array(Array::String(consumed));
                    self.span.set_attribute(KeyValue::new("aws.dynamodb.consumed_capacity", consumed));
                }
            }
            Err(error) => {
                let error_type = ErrorType::parse(&error.error_type).map_or("_OTHER", ErrorType::as_str);
                self.span.set_attribute(KeyValue::new("error.type", error_type));
                self.span.set_status(Status::error(""));
            }
        }
        self.span.end();
    }

    fn name_tables(&mut self) {
        if let [table] = self.tables.as_slice() {
            self.span.set_attribute(KeyValue::new("db.collection.name", table.clone()));
        }
        let names = std::mem::take(&mut self.tables).into_iter().map(StringValue::from).collect();
        self.span.set_attribute(KeyValue::new("aws.dynamodb.table_names", Value::Array(Array::String(names))));
    }
}

/// The units of each table, as the API writes them, and nothing beside them.
fn consumed(output: &Structure) -> Vec<StringValue> {
    let one = |node: &Node| match node {
        Node::Structure(capacity) => match capacity.get(Name::CapacityUnits) {
            Some(Node::Decimal(units)) => Some(format!("{{\"CapacityUnits\":{units}}}").into()),
            _ => None,
        },
        _ => None,
    };
    match output.get(Name::ConsumedCapacity) {
        Some(Node::List(all)) => all.iter().filter_map(one).collect(),
        Some(node) => one(node).into_iter().collect(),
        None => Vec::new(),
    }
}
