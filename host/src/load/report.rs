//! What was counted becomes a report for a person, one line of it while it is under way, or one JSON object for a program.
//!
//! The members of the object are documented in docs/load.md, and held to it by a test.

use std::fmt::Write as _;
use std::time::Duration;

use gateleg_core::explain::thousands;
use gateleg_core::json::{Object, write_array, write_bool};
use hdrhistogram::Histogram;
use indicatif::HumanBytes;

use super::bill::{Bill, Usage};
use super::tally::{Fault, Seen, Tally};
use crate::pretty::visible;

/// How the load was made.
#[derive(Clone, Debug)]
pub struct Manner {
    /// Where to.
    pub url: String,
    /// What was sent, for a person.
    pub described: String,
    /// Most requests under way at once.
    pub concurrency: u32,
    /// Requests per second that were due; none in a closed loop.
    pub rate: Option<u32>,
    /// How long to send what counts.
    pub duration: Duration,
    /// How long to send before that.
    pub warmup: Duration,
    /// How long a request may take.
    pub timeout: Duration,
}

/// A run that is over.
#[derive(Debug)]
pub struct Report {
    /// How the load was made.
    pub manner: Manner,
    /// What was counted.
    pub tally: Tally,
    /// From the first that counts to the last.
    pub elapsed: Duration,
    /// Requests that were due and never sent.
    pub untaken: u64,
    /// Whether it was ended early.
    pub interrupted: bool,
    /// What it would cost; none, if nothing succeeded.
    pub bill: Option<Bill>,
}

impl Report {
    fn usage(&self) -> Usage {
        Usage { answered: self.tally.answered(), succeeded: self.tally.succeeded(), elapsed: self.elapsed }
    }

    /// For a person.
    pub fn to_text(&self) -> String {
        let Report { manner, tally, .. } = self;
        let mut out = format!("{}\n{}\n{}\n\n", visible(&manner.url), manner.described, self.how());
        let mut line = |name: &str, text: String| {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{name:<12} {text}");
        };
        line(
            "requests",
            format!(
                "{} succeeded, {} failed; {} succeeded per second",
                thousands(tally.succeeded()),
                thousands(tally.failed),
                rate(tally.succeeded(), self.elapsed)
            ),
        );
        for (name, times) in [("latency", &tally.successes), ("refusals", &tally.refusals), ("server", &tally.server)] {
            if !times.is_empty() {
                line(name, percentiles(times));
            }
        }
        line("bodies", format!("{} sent, {} received", HumanBytes(tally.sent_bytes), HumanBytes(tally.received_bytes)));
        line("connections", format!("{} opened", thousands(tally.connections)));
        if tally.uncounted > 0 {
            line("warm-up", format!("{} requests, not counted", thousands(tally.uncounted)));
        }
        if tally.ended > tally.answered() {
            let without = tally.ended - tally.answered();
            line(
                "note",
                format!("{} requests had no reply, and are in no latency: the true ones are worse", thousands(without)),
            );
        }
        if self.untaken > 0 {
            line(
                "note",
                format!(
                    "{} requests were due and never sent, as all connections were busy: the true latency is worse",
                    thousands(self.untaken)
                ),
            );
        }
        let faults = tally.faults();
        if !faults.is_empty() {
            out.push_str("\nFailed\n");
        }
        let width = faults.iter().map(|(fault, _)| fault.words().chars().count()).max().unwrap_or(0);
        for (fault, Seen { count, first }) in faults {
            let row = format!("{:>10}  {:<width$}  {}", thousands(*count), visible(&fault.words()), in_a_line(first));
            let _ = writeln!(out, "{}", row.trim_end());
        }
        if let Some(bill) = &self.bill {
            out.push('\n');
            out.push_str(&bill.to_text(self.usage()));
        }
        out
    }

    fn how(&self) -> String {
        let Manner { concurrency, rate, .. } = self.manner;
        let connections =
            if concurrency == 1 { "1 connection".into() } else { format!("{} connections", thousands(concurrency)) };
        let ms = thousandths(self.elapsed);
        let elapsed = decimal(ms, if ms < 1000 { 3 } else { 1 });
        let ended = if self.interrupted { ", ended early" } else { "" };
        match rate {
            Some(rate) => {
                format!("{} requests per second on at most {connections}, {elapsed} s{ended}", thousands(rate))
            }
            None => format!("{connections}, each sending again as soon as it has a reply, {elapsed} s{ended}"),
        }
    }

    /// For a program.
    pub fn to_json(&self) -> String {
        let Report { manner, tally, .. } = self;
        let mut out = String::new();
        let mut object = Object::new(&mut out);
        object.string("url", &manner.url);
        object.string("requests", &manner.described);
        object.string("loop", if manner.rate.is_some() { "open" } else { "closed" });
        let mut number = |name: &str, text: String| object.member(name).push_str(&text);
        number("concurrency", manner.concurrency.to_string());
        number("targetPerSecond", manner.rate.map_or("null".into(), |rate| rate.to_string()));
        number("durationSeconds", decimal(thousandths(manner.duration), 3));
        number("warmupSeconds", decimal(thousandths(manner.warmup), 3));
        number("timeoutSeconds", decimal(thousandths(manner.timeout), 3));
        number("elapsedSeconds", decimal(thousandths(self.elapsed), 3));
        number("sent", tally.ended.to_string());
        number("succeeded", tally.succeeded().to_string());
        number("failed", tally.failed.to_string());
        number("answered", tally.answered().to_string());
        number("neverSent", self.untaken.to_string());
        number("warmupRequests", tally.uncounted.to_string());
        number("connectionsOpened", tally.connections.to_string());
        number("succeededPerSecond", decimal(per_second_thousandths(tally.succeeded(), self.elapsed), 3));
        number("answeredPerSecond", decimal(per_second_thousandths(tally.answered(), self.elapsed), 3));
        number("sentBodyBytes", tally.sent_bytes.to_string());
        number("receivedBodyBytes", tally.received_bytes.to_string());
        write_bool(object.member("interrupted"), self.interrupted);
        let times = [
            ("latencyMilliseconds", &tally.successes),
            ("refusalMilliseconds", &tally.refusals),
            ("serverMilliseconds", &tally.server),
        ];
        for (name, times) in times {
            write_times(object.member(name), times);
        }
        write_array(object.member("errors"), tally.faults(), |out, (fault, seen)| write_fault(out, fault, seen));
        match &self.bill {
            Some(bill) => bill.write(object.member("cost"), self.usage()),
            None => object.member("cost").push_str("null"),
        }
        object.end();
        out.push('\n');
        out
    }
}

/// The one line that is shown meanwhile; `since` is what had ended when the line was written last, and when.
pub fn live(tally: &Tally, elapsed: Duration, of: Duration, rate: u64, waiting: usize) -> String {
    let seconds = |time: Duration| decimal(thousandths(time), 1);
    let mut out = format!("{} of {} s  ", seconds(elapsed.min(of)), seconds(of));
    let _ = write!(out, "{} requests  {}/s  ", thousands(tally.ended), thousands(rate));
    if !tally.successes.is_empty() {
        let at = |quantile| time(tally.successes.value_at_quantile(quantile));
        let _ = write!(out, "p50 {}  p99 {}  ", at(0.5), at(0.99));
    }
    let _ = write!(out, "{} failed", thousands(tally.failed));
    if waiting > 0 {
        let _ = write!(out, "  {} behind", thousands(waiting));
    }
    out
}

/// The quantiles by the names they go by.
const QUANTILES: [(&str, f64); 4] = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)];

fn percentiles(times: &Histogram<u64>) -> String {
    let mut out = String::new();
    for (name, quantile) in QUANTILES.iter().take(3) {
        let _ = write!(out, "{name} {:<11}", time(times.value_at_quantile(*quantile)));
    }
    let _ = write!(out, "max {}", time(times.max()));
    out
}

fn write_times(out: &mut String, times: &Histogram<u64>) {
    if times.is_empty() {
        return out.push_str("null");
    }
    let mut object = Object::new(out);
    object.member("min").push_str(&decimal(times.min(), 3));
    // Not negative, and far below where a float lacks whole numbers.
    object.member("mean").push_str(&decimal(times.mean().round() as u64, 3));
    for (name, quantile) in QUANTILES {
        object.member(name).push_str(&decimal(times.value_at_quantile(quantile), 3));
    }
    object.member("max").push_str(&decimal(times.max(), 3));
    object.end();
}

fn write_fault(out: &mut String, fault: &Fault, seen: &Seen) {
    let mut object = Object::new(out);
    object.string("kind", fault.kind());
    if let Fault::Reply(status, name) = fault {
        object.member("status").push_str(&status.to_string());
        match name.as_str() {
            "" => object.member("type").push_str("null"),
            name => object.string("type", name),
        }
    }
    object.member("count").push_str(&seen.count.to_string());
    object.string("first", &seen.first);
    object.end();
}

/// What a stranger said, on one line.
fn in_a_line(text: &str) -> String {
    visible(&text.replace('\n', " "))
}

/// Microseconds as a person reads them: three digits that count.
fn time(micros: u64) -> String {
    match micros {
        0..10_000 => format!("{} ms", decimal(micros, 2)),
        10_000..100_000 => format!("{} ms", decimal(micros, 1)),
        100_000..10_000_000 => format!("{} ms", decimal(micros, 0)),
        _ => format!("{} s", decimal(micros / 1000, 1)),
    }
}

fn thousandths(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn per_second_thousandths(count: u64, time: Duration) -> u64 {
    u64::try_from(u128::from(count) * 1_000_000_000 / time.as_micros().max(1)).unwrap_or(u64::MAX)
}

/// Per second, with the digits that count.
fn rate(count: u64, time: Duration) -> String {
    match per_second_thousandths(count, time) {
        thousandths @ 0..100_000 => decimal(thousandths, 1),
        thousandths => thousands(thousandths.saturating_add(500) / 1000),
    }
}

/// Thousandths as a decimal number with so many places, at most three, rounded.
fn decimal(thousandths: u64, places: u32) -> String {
    let unit = 10_u64.pow(3 - places.min(3));
    let number = thousandths.saturating_add(unit / 2) / unit;
    let whole = 1000 / unit;
    match places {
        0 => number.to_string(),
        places => format!("{}.{:0width$}", number / whole, number % whole, width = places as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_the_digits_that_count() {
        for (micros, expected) in [
            (1, "0.00 ms"),
            (412, "0.41 ms"),
            (9_999, "10.00 ms"),
            (31_049, "31.0 ms"),
            (812_600, "813 ms"),
            (12_345_678, "12.3 s"),
        ] {
            assert_eq!(time(micros), expected);
        }
        assert_eq!([decimal(1234, 3), decimal(1250, 1), decimal(5, 3)], ["1.234", "1.3", "0.005"]);
    }

    #[test]
    fn what_a_server_says_obeys_no_terminal_and_stays_on_its_line() {
        let mut tally = Tally::new().unwrap();
        let outcome = super::super::tally::Outcome::none(Fault::Reply(500, "\x1b[2J".into()), "a\n\x07b");
        tally.add(outcome, Duration::from_millis(1), 0);
        let manner = Manner {
            url: "http://a/".into(),
            described: "x".into(),
            concurrency: 1,
            rate: None,
            duration: Duration::from_secs(1),
            warmup: Duration::ZERO,
            timeout: Duration::from_secs(1),
        };
        let elapsed = Duration::from_secs(1);
        let report = Report { manner, tally, elapsed, untaken: 0, interrupted: false, bill: None };
        let text = report.to_text();
        assert!(text.contains("1  500 \\u001b[2J") && text.contains("a \\u0007b\n"), "{text}");
    }
}
