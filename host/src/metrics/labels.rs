//! The labels by which figures are kept apart; every value is one of a closed set.

use std::fmt;

use gateleg_store::PlannerError;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct RequestEnd {
    pub(super) route: &'static str,
    pub(super) operation: &'static str,
    pub(super) status: Status,
}

/// A reply's status, or that there was none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Status(pub(super) Option<u16>);

impl EncodeLabelValue for Status {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        match self.0 {
            Some(status) => EncodeLabelValue::encode(&u32::from(status), encoder),
            None => EncodeLabelValue::encode(&"aborted", encoder),
        }
    }
}

/// What a request asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Operation {
    pub(super) route: &'static str,
    pub(super) operation: &'static str,
}

/// A rule of core's table.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct RuleId {
    pub(super) rule: &'static str,
}

/// A call of the store.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Api {
    pub(super) api: &'static str,
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Call {
    pub(super) api: &'static str,
    pub(super) outcome: &'static str,
}

/// Why somebody was turned away.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Why {
    why: &'static str,
}

impl Why {
    /// As many wait as may.
    pub(crate) const FULL: Why = Why { why: "full" };
    /// The deadline came first.
    pub(crate) const DEADLINE: Why = Why { why: "deadline" };
    /// The head of a request, the first or the next, did not arrive in time.
    pub(crate) const HEAD: Why = Why { why: "head" };
    /// The reply was not taken in time.
    pub(crate) const REPLY: Why = Why { why: "reply" };
    /// Nothing happened on it any more, or it was open long enough; for HTTP/2.
    pub(crate) const AGE: Why = Why { why: "age" };

    pub(super) const QUEUE: &[Why] = &[Why::FULL, Why::DEADLINE];
    pub(super) const CUT: &[Why] = &[Why::HEAD, Why::REPLY, Why::AGE];
}

/// How a planner failed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Kind {
    kind: &'static str,
}

impl Kind {
    pub(super) const ALL: &[Kind] = &[
        Kind { kind: "misuse" },
        Kind { kind: "timeout" },
        Kind { kind: "memory" },
        Kind { kind: "overloaded" },
        Kind { kind: "refused" },
        Kind { kind: "failed" },
    ];

    pub(crate) fn of(error: &PlannerError) -> Self {
        let kind = match error {
            PlannerError::Misuse(_) => "misuse",
            PlannerError::Timeout => "timeout",
            PlannerError::OutOfMemory(_) => "memory",
            PlannerError::Overloaded => "overloaded",
            PlannerError::Refused(_) => "refused",
            PlannerError::Failed(_) => "failed",
        };
        Kind { kind }
    }
}
