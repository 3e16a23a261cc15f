//! A request that has ended becomes one line of the log and one more in the figures, neither of which says what is in it.
//!
//! The line has the target `gateleg::access`. What a caller wrote comes into it only where it is known to be harmless: the
//! path of a route or of a file of the page, a method of HTTP.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use axum::http::{Method, StatusCode};

use crate::metrics::{Ended, Metrics, OneOf};
use crate::trace::{self, Trace};

/// What a handler tells of its answer.
#[derive(Clone, Default)]
pub(super) struct Told {
    pub(super) route: &'static str,
    pub(super) bytes_in: usize,
    pub(super) error_type: Option<&'static str>,
    pub(super) rule: Option<&'static str>,
    /// For the API: the operation, the store's calls, and the tables they named.
    pub(super) asked: Option<(&'static str, u32, usize)>,
}

/// What a request leaves behind when it ends, also when its caller hangs up before the answer.
pub(super) struct Line {
    id: Arc<str>,
    method: &'static str,
    path: String,
    started: Instant,
    metrics: Arc<Metrics>,
    answer: Option<(StatusCode, Told, u64)>,
    trace: Option<Trace>,
    _one: OneOf,
}

impl Line {
    pub(super) fn begin(id: &Arc<str>, request: &Request, metrics: &Arc<Metrics>, trace: Option<Trace>) -> Self {
        Line {
            id: Arc::clone(id),
            method: known(request.method()),
            path: request.uri().path().into(),
            started: Instant::now(),
            metrics: Arc::clone(metrics),
            answer: None,
            trace,
            _one: OneOf::count(&metrics.requests_in_flight),
        }
    }

    /// The answer is on its way, with that many bytes of body.
    pub(super) fn end(mut self, status: StatusCode, told: Told, bytes_out: u64) {
        self.answer = Some((status, told, bytes_out));
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let took = self.started.elapsed();
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let (request_id, method) = (&*self.id, self.method);
        let trace_id = self.trace.as_ref().map(Trace::id);
        let Some((status, told, bytes_out)) = self.answer.take() else {
            tracing::info!(target: "gateleg::access", method, ms, request_id, trace_id, "the caller hung up before the answer");
            if let Some(trace) = &self.trace {
                trace.end(&trace::End { request_id, method, ..trace::End::default() });
            }
            let ended =
                Ended { route: "any", operation: "none", status: None, rule: None, took, bytes_in: 0, bytes_out: 0 };
            return self.metrics.ended(&ended);
        };
        let Told { route, bytes_in, error_type, rule, asked } = told;
        let path = &*shown(route, &self.path);
        let (status, operation) = (status.as_u16(), asked.map(|(operation, ..)| operation));
        let (calls, tables) = (asked.map(|(_, calls, _)| calls), asked.map(|(.., tables)| tables));
        tracing::info!(
            target: "gateleg::access",
            method, path, status, bytes_in, bytes_out, ms, operation, tables, calls, error_type, rule, route, request_id,
            trace_id, "answered"
        );
        if let Some(trace) = &self.trace {
            let route = (!matches!(route, "any" | "unknown")).then_some(path);
            trace.end(&trace::End { request_id, method, route, status: Some(status), operation, error_type, rule });
        }
        let bytes_in = u64::try_from(bytes_in).unwrap_or(u64::MAX);
        let status = Some(status);
        let operation = operation.unwrap_or("none");
        self.metrics.ended(&Ended { route, operation, status, rule, took, bytes_in, bytes_out });
    }
}

/// The path as the log may show it: anybody can ask for anything, and what they ask for may be a secret in the wrong place.
fn shown<'p>(route: &str, path: &'p str) -> Cow<'p, str> {
    match route {
        "any" | "unknown" => "-".into(),
        // The stage is the caller's to name.
        _ if route.starts_with('/') && path.matches('/').count() > route.matches('/').count() => {
            format!("/{{stage}}{route}").into()
        }
        _ => path.into(),
    }
}

fn known(method: &Method) -> &'static str {
    const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"];
    METHODS.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}
