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

/// How a TLS handshake ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Handshake {
    outcome: &'static str,
}

impl Handshake {
    /// The connection is secure.
    pub(crate) const OK: Handshake = Handshake { outcome: "ok" };
    /// The caller took too long over it.
    pub(crate) const TIMEOUT: Handshake = Handshake { outcome: "timeout" };
    /// The caller, or somebody between, closed the connection.
    pub(crate) const CLOSED: Handshake = Handshake { outcome: "closed" };
    /// What the caller said is not TLS: HTTP, most likely.
    pub(crate) const GARBAGE: Handshake = Handshake { outcome: "garbage" };
    /// No version, cipher or protocol is known to both sides.
    pub(crate) const MISMATCH: Handshake = Handshake { outcome: "mismatch" };
    /// The caller said that it will not have it; most likely it does not trust the certificate.
    pub(crate) const REFUSED: Handshake = Handshake { outcome: "refused" };
    /// Anything else against the rules of TLS.
    pub(crate) const BROKEN: Handshake = Handshake { outcome: "broken" };

    pub(super) const ALL: &[Handshake] = &[
        Handshake::OK,
        Handshake::TIMEOUT,
        Handshake::CLOSED,
        Handshake::GARBAGE,
        Handshake::MISMATCH,
        Handshake::REFUSED,
        Handshake::BROKEN,
    ];

    pub(crate) fn of(error: &std::io::Error) -> Self {
        use rustls::Error;
        if error.kind() == std::io::ErrorKind::TimedOut {
            return Handshake::TIMEOUT;
        }
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            None => Handshake::CLOSED,
            Some(Error::InvalidMessage(_)) => Handshake::GARBAGE,
            Some(Error::AlertReceived(_)) => Handshake::REFUSED,
            Some(Error::PeerIncompatible(_) | Error::NoApplicationProtocol) => Handshake::MISMATCH,
            Some(_) => Handshake::BROKEN,
        }
    }
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
