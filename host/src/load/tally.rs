//! Outcomes of requests, one by one, become counts and histograms. The memory they take does not grow with their number.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use gateleg_core::json::Json;
use hdrhistogram::Histogram;

/// How a request ended that had no success.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A reply that says no: its status, and the type of the error in DynamoDB's words if there is one.
    Reply(u16, String),
    /// No whole reply in time.
    Timeout,
    /// Nobody listens there.
    Refused,
    /// No connection for another reason.
    Unreachable,
    /// No agreement on TLS.
    Tls,
    /// The connection ended before the reply did.
    Closed,
    /// What came is not HTTP.
    Garbage,
    /// A reply of more bytes than are read.
    TooLarge,
    /// It could not be signed.
    Unsigned,
    /// More kinds of replies than are told apart.
    Other,
}

impl Fault {
    /// What it is called in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Fault::Reply(..) => "reply",
            Fault::Timeout => "timeout",
            Fault::Refused => "connectionRefused",
            Fault::Unreachable => "unreachable",
            Fault::Tls => "tls",
            Fault::Closed => "connectionClosed",
            Fault::Garbage => "notHttp",
            Fault::TooLarge => "replyTooLarge",
            Fault::Unsigned => "unsigned",
            Fault::Other => "other",
        }
    }

    /// What it is called in a report.
    pub fn words(&self) -> String {
        match self {
            Fault::Reply(status, name) if name.is_empty() => status.to_string(),
            Fault::Reply(status, name) => format!("{status} {name}"),
            Fault::Timeout => "timeout".into(),
            Fault::Refused => "connection refused".into(),
            Fault::Unreachable => "no connection".into(),
            Fault::Tls => "no TLS".into(),
            Fault::Closed => "connection closed".into(),
            Fault::Garbage => "not HTTP".into(),
            Fault::TooLarge => "reply too large".into(),
            Fault::Unsigned => "not signed".into(),
            Fault::Other => "other replies".into(),
        }
    }

    /// Whether no connection came about.
    pub fn is_of_connecting(&self) -> bool {
        matches!(self, Fault::Refused | Fault::Unreachable | Fault::Tls)
    }
}

/// How a request ended.
#[derive(Debug)]
pub struct Outcome {
    /// What went wrong, and the first that was said about it.
    pub fault: Option<(Fault, String)>,
    /// Bytes of the reply's body.
    pub received: u64,
    /// What the server says it took, in microseconds.
    pub server: Option<u64>,
}

impl Outcome {
    /// No reply.
    pub fn none(fault: Fault, detail: impl Into<String>) -> Self {
        Outcome { fault: Some((fault, detail.into())), received: 0, server: None }
    }

    /// A reply, of which the beginning of the body is at hand, and a header that names the error where the body does not.
    pub fn reply(status: u16, body: &[u8], header: Option<&str>, server: Option<u64>) -> Self {
        let received = body.len().try_into().unwrap_or(u64::MAX);
        let succeeded = (200..300).contains(&status);
        // An API whose function failed answers 200 all the same, where it hands the function's reply on as it is.
        if succeeded && !body.starts_with(br#"{"errorMessage""#) {
            return Outcome { fault: None, received, server };
        }
        let json = Json::parse(body).ok();
        let text = |names: [&str; 3]| names.iter().find_map(|name| json.as_ref()?.get(name)?.as_str());
        let name = text(["__type", "errorType", "errorType"]).or(header).unwrap_or_default();
        // `com.amazonaws.dynamodb#Name` and `Name:http://..` are both written.
        let name = name.rsplit_once('#').map_or(name, |(_, name)| name);
        let name = name.split_once(':').map_or(name, |(name, _)| name);
        let message = text(["message", "Message", "errorMessage"]).unwrap_or_default();
        Outcome { fault: Some((Fault::Reply(status, short(name, 64)), short(message, 200))), received, server }
    }
}

fn short(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// How often something went wrong, and what was said the first time.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// How often.
    pub count: u64,
    /// What was said the first time.
    pub first: String,
}

/// Most kinds of faults that are told apart: a server may make up a new one each time.
const KINDS: usize = 64;

/// Longest time that is told from longer ones, in microseconds: the longest run, and then some.
const LONGEST: u64 = 2 * 3600 * 1_000_000;

/// Everything that is counted.
#[derive(Debug)]
pub struct Tally {
    /// Times of successes, in microseconds.
    pub successes: Histogram<u64>,
    /// Times of replies that say no.
    pub refusals: Histogram<u64>,
    /// What servers say they took.
    pub server: Histogram<u64>,
    faults: BTreeMap<Fault, Seen>,
    /// Requests that ended.
    pub ended: u64,
    /// Those of them that failed, with a reply or without.
    pub failed: u64,
    /// Bytes of the bodies sent.
    pub sent_bytes: u64,
    /// Bytes of the bodies received.
    pub received_bytes: u64,
    /// Requests that ended and are not counted.
    pub uncounted: u64,
    /// Connections that were opened, in the warm-up too.
    pub connections: u64,
    /// When the last of those that are counted ended.
    pub last: Option<Instant>,
}

impl Tally {
    /// Nothing yet; none, if there can be no histograms.
    pub fn new() -> Option<Self> {
        let times = || Histogram::new_with_bounds(1, LONGEST, 3).ok();
        Some(Tally {
            successes: times()?,
            refusals: times()?,
            server: times()?,
            faults: BTreeMap::new(),
            ended: 0,
            failed: 0,
            sent_bytes: 0,
            received_bytes: 0,
            uncounted: 0,
            connections: 0,
            last: None,
        })
    }

    /// Counts a request that took so long.
    pub fn add(&mut self, outcome: Outcome, took: Duration, sent: u64) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
        self.ended += 1;
        self.sent_bytes += sent;
        self.received_bytes += outcome.received;
        self.last = Some(Instant::now());
        if let Some(server) = outcome.server {
            self.server.saturating_record(server.max(1));
        }
        let Some((fault, detail)) = outcome.fault else { return self.successes.saturating_record(micros) };
        self.failed += 1;
        if matches!(fault, Fault::Reply(..)) {
            self.refusals.saturating_record(micros);
        }
        let known = self.faults.contains_key(&fault) || self.faults.len() < KINDS;
        let seen = self.faults.entry(if known { fault } else { Fault::Other }).or_default();
        if seen.count == 0 {
            seen.first = detail;
        }
        seen.count += 1;
    }

    /// Requests that succeeded.
    pub fn succeeded(&self) -> u64 {
        self.successes.len()
    }

    /// Requests that had a reply.
    pub fn answered(&self) -> u64 {
        self.successes.len() + self.refusals.len()
    }

    /// What went wrong, the most frequent first.
    pub fn faults(&self) -> Vec<(&Fault, &Seen)> {
        let mut all: Vec<_> = self.faults.iter().collect();
        all.sort_by_key(|(_, seen)| Reverse(seen.count));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_known_by_status_and_type() {
        let check = |status, body: &str, header, expected: Option<(&str, &str)>| {
            let outcome = Outcome::reply(status, body.as_bytes(), header, None);
            assert_eq!(outcome.received, body.len() as u64);
            let found = outcome.fault.map(|(fault, first)| (fault.words(), first));
            assert_eq!(found, expected.map(|(words, first)| (words.into(), first.into())), "{status} {body}");
        };
        check(200, r#"{"Item":{}}"#, None, None);
        check(204, "", None, None);
        check(200, r#"{"errorMessage":"no","errorType":"KeyError"}"#, None, Some(("200 KeyError", "no")));
        check(
            400,
            r#"{"__type":"a.b#ValidationException","message":"m"}"#,
            None,
            Some(("400 ValidationException", "m")),
        );
        check(
            403,
            r#"{"message":"Forbidden"}"#,
            Some("ForbiddenException"),
            Some(("403 ForbiddenException", "Forbidden")),
        );
        check(
            403,
            r#"{"Message":"no"}"#,
            Some("AccessDeniedException:http://x/"),
            Some(("403 AccessDeniedException", "no")),
        );
        check(502, "<html>", None, Some(("502", "")));
        check(301, "", None, Some(("301", "")));
    }

    #[test]
    fn kinds_are_bounded_and_every_failure_is_counted() {
        let mut tally = Tally::new().unwrap();
        for number in 0..1000 {
            let fault = Fault::Reply(400, format!("Made{number}"));
            tally.add(Outcome::none(fault, "x"), Duration::from_millis(1), 1);
        }
        tally.add(Outcome::none(Fault::Reply(400, "Made0".into()), "y"), Duration::ZERO, 1);
        let faults = tally.faults();
        assert_eq!(faults.len(), KINDS + 1);
        assert_eq!(faults.iter().map(|(_, seen)| seen.count).sum::<u64>(), 1001);
        assert_eq!((faults[0].0, faults[0].1.count), (&Fault::Other, 1000 - KINDS as u64));
        assert_eq!((faults[1].1.count, faults[1].1.first.as_str()), (2, "x"));
        assert_eq!((tally.failed, tally.answered(), tally.succeeded()), (1001, 1001, 0));
    }
}
