//! What a home tells the planner about the request beside its bytes: the [`Context`], as JSON across the guest's boundary.

use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::error::Error;
use crate::json::{self, Json, Object, SyntaxError};
use crate::policy::Policy;
use crate::rule::Rule;

/// What one home says about one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The id that errors, and replies of stores without ids of their own, carry.
    pub request_id: String,
    /// What the caller may do. `None` leaves refusing to whoever executes, as in a playground without a host.
    pub policy: Option<Arc<Policy>>,
    /// Milliseconds until the reply is due.
    pub remaining_ms: Option<u64>,
    /// Most bytes the reply's body may have.
    pub max_reply_bytes: Option<u64>,
    /// Most commands that may be under way at once.
    pub max_in_flight: Option<u32>,
    /// The route the request came in by.
    pub route: Option<String>,
    /// Who sent it, as the home knows them.
    pub caller: Option<String>,
}

/// Why a text is no context.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContextError {
    /// It is not JSON.
    #[error("the context is not JSON: {0}")]
    Syntax(#[from] SyntaxError),
    /// A member is not of the right kind.
    #[error("the context's `{0}` is not of the right kind")]
    Member(&'static str),
}

impl From<ContextError> for Error {
    fn from(error: ContextError) -> Self {
        Error::validation(Rule::Context, error.to_string())
            .hint("The context is what the home says about the request, a JSON object: {\"requestId\": \"r-1\"}, or {}")
    }
}

impl Context {
    /// Reads `{"requestId", "policy", "remainingMs", "maxReplyBytes", "maxInFlight", "route", "caller"}`, all optional;
    /// unknown members are ignored.
    ///
    /// # Errors
    /// When it is not a JSON object of that form.
    ///
    /// ```
    /// use gateleg_core::context::Context;
    /// let context = Context::parse(r#"{"requestId":"r-1","maxReplyBytes":6000000}"#)?;
    /// assert_eq!(context.to_text(), r#"{"requestId":"r-1","maxReplyBytes":6000000}"#);
    /// # Ok::<(), gateleg_core::context::ContextError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, ContextError> {
        let json = Json::parse(text.as_bytes())?;
        let Json::Object(_) = json else { return Err(ContextError::Member("context")) };
        let text = |name: &'static str| match json.get(name) {
            None => Ok(None),
            Some(value) => value.as_str().map(|s| Some(s.into())).ok_or(ContextError::Member(name)),
        };
        let number = |name: &'static str| match json.get(name) {
            None => Ok(None),
            Some(value) => {
                value.as_integer().and_then(|n| u64::try_from(n).ok()).map(Some).ok_or(ContextError::Member(name))
            }
        };
        Ok(Context {
            request_id: text("requestId")?.unwrap_or_default(),
            policy: match json.get("policy") {
                None => None,
                Some(value) => Some(Policy::read(value).ok_or(ContextError::Member("policy"))?.into()),
            },
            remaining_ms: number("remainingMs")?,
            max_reply_bytes: number("maxReplyBytes")?,
            max_in_flight: number("maxInFlight")?.map(|n| u32::try_from(n).unwrap_or(u32::MAX)),
            route: text("route")?,
            caller: text("caller")?,
        })
    }

    /// What the caller may do, as far as planning goes.
    pub(crate) fn policy(&self) -> Option<&Policy> {
        if cfg!(feature = "anyone") { None } else { self.policy.as_deref() }
    }

    /// The names of tables' key attributes, as far as the policy has them.
    pub(crate) fn keys(&self) -> &[(String, Vec<String>)] {
        self.policy().map_or(&[], |policy| &policy.keys)
    }

    /// The canonical JSON that [`Context::parse`] reads.
    pub fn to_text(&self) -> String {
        let mut out = String::with_capacity(512);
        let mut object = Object::new(&mut out);
        object.string("requestId", &self.request_id);
        if let Some(policy) = &self.policy {
            policy.write(object.member("policy"));
        }
        let numbers = [
            ("remainingMs", self.remaining_ms),
            ("maxReplyBytes", self.max_reply_bytes),
            ("maxInFlight", self.max_in_flight.map(u64::from)),
        ];
        for (name, number) in numbers {
            if let Some(number) = number {
                json::write_integer(object.member(name), i64::try_from(number).unwrap_or(i64::MAX));
            }
        }
        for (name, text) in [("route", &self.route), ("caller", &self.caller)] {
            if let Some(text) = text {
                object.string(name, text);
            }
        }
        object.end();
        out
    }
}
