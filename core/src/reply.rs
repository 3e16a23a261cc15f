//! The one answer to a request: status, headers, body bytes.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::ErrorType;
use crate::json::Json;
use crate::rule::Rule;

/// What a caller is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// HTTP headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// For an error, its `__type` and message: what a direct Lambda invocation fails with, and what a log names.
    pub error: Option<(String, String)>,
    /// The body: compact JSON, UTF-8.
    pub body: Vec<u8>,
}

impl Reply {
    /// A reply of status 200.
    pub fn success(body: String) -> Self {
        Reply { status: 200, headers: headers(), error: None, body: body.into_bytes() }
    }

    /// An error reply; `body` is the error body.
    pub(crate) fn error(error_type: ErrorType, message: &str, body: String) -> Self {
        let mut headers = headers();
        if matches!(error_type.status(), 429 | 503) {
            headers.push(("retry-after".into(), "1".into()));
        }
        Reply {
            status: error_type.status(),
            headers,
            error: Some((error_type.as_str().into(), message.into())),
            body: body.into_bytes(),
        }
    }

    /// The rule that an error names, if it is one of the table: fit for a log, whoever planned the reply.
    ///
    /// ```
    /// use gateleg_core::{context::Context, plan::Plan, rule::Rule};
    /// let reply = Plan::preview(br#"{"operation": "list"}"#, &Context::default());
    /// assert_eq!(reply.rule(), Some(Rule::EnvelopeTableName));
    /// ```
    pub fn rule(&self) -> Option<Rule> {
        self.error.as_ref()?;
        let body = Json::parse(&self.body).ok()?;
        body.get("rule").and_then(Json::as_str).and_then(Rule::parse)
    }

    /// The body as text; for the replies that core makes this loses nothing.
    pub fn text(&self) -> &str {
        core::str::from_utf8(&self.body).unwrap_or("")
    }
}

fn headers() -> Vec<(String, String)> {
    alloc::vec![("content-type".into(), "application/json".into())]
}
