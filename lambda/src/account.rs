//! What one invocation did becomes one line on standard output: the access log, and CloudWatch's metrics in the same line.
//!
//! The metrics are in CloudWatch's embedded metric format, which costs no call:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>. A line has
//! names, ids and numbers in it, and never a value of an item.

use std::io::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gateleg_core::command::Command;
use gateleg_core::json::{self, Object};
use gateleg_core::outcome::Outcome;
use gateleg_store::{BoxFuture, Store, capacity};
use tokio::time::Instant;

/// Most tables that a line names.
const MAX_TABLES: usize = 10;

/// What there is to say about one invocation.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Lambda's id for it.
    pub request_id: String,
    /// X-Ray's id of the trace that it is part of.
    pub trace_id: Option<String>,
    /// How the event came.
    pub shape: &'static str,
    /// The operation: one of the protocol's, `other` or `none`.
    pub operation: &'static str,
    /// The table that the request names, if that is a table's name.
    pub table: Option<String>,
    /// The status that an HTTP caller sees.
    pub status: u16,
    /// The `__type` of an error.
    pub error_type: Option<String>,
    /// The id of the rule that an error names.
    pub rule: Option<&'static str>,
    /// From the event to the answer, which is yet to be posted.
    pub latency: Duration,
    /// What was done in the store.
    pub calls: Calls,
}

/// The calls of the store that one request made.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    count: u32,
    retries: u32,
    /// All calls together, also where they went side by side.
    time: Duration,
    tables: Vec<String>,
    read_units: f64,
    write_units: f64,
}

/// Where lines go, and whether metrics are in them.
#[derive(Clone, Debug)]
pub struct Accounts {
    /// The metrics' namespace; none, and there are no metrics.
    pub namespace: Option<String>,
}

impl Accounts {
    /// Writes the line to standard output, if there are metrics in it or information is logged. Standard output is all there is to
    /// tell anyone with, so that it fails is told to nobody.
    pub fn write(&self, account: &Account) {
        if self.namespace.is_none() && !tracing::enabled!(tracing::Level::INFO) {
            return;
        }
        let mut line = account.line(SystemTime::now(), self.namespace.as_deref());
        line.push('\n');
        let _ = std::io::stdout().lock().write_all(line.as_bytes());
    }
}

impl Account {
    /// The line, without its end.
    fn line(&self, now: SystemTime, namespace: Option<&str>) -> String {
        let since_1970 = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut line = String::with_capacity(768);
        let mut object = Object::new(&mut line);
        let time = aws_smithy_types::DateTime::from(now).fmt(aws_smithy_types::date_time::Format::DateTime);
        object.string("timestamp", &time.unwrap_or_default());
        object.string("level", "INFO");
        object.string("message", "answered");
        object.string("request_id", &self.request_id);
        if let Some(id) = &self.trace_id {
            object.string("xray_trace_id", id);
        }
        object.string("shape", self.shape);
        object.string("operation", self.operation);
        // Those that calls went to; where none did, the one that was asked for.
        let tables = if self.calls.tables.is_empty() { self.table.as_slice() } else { &self.calls.tables };
        json::write_array(object.member("tables"), tables, |out, table| json::write_string(out, table));
        json::write_integer(object.member("status"), self.status);
        if let Some(error_type) = &self.error_type {
            object.string("error_type", error_type);
        }
        if let Some(rule) = self.rule {
            object.string("rule", rule);
        }
        let latency = milliseconds(self.latency);
        object.member("ms").push_str(&latency);
        json::write_integer(object.member("calls"), self.calls.count);
        if self.calls.count > 0 {
            object.member("store_ms").push_str(&milliseconds(self.calls.time));
            json::write_integer(object.member("retries"), self.calls.retries);
        }
        let units = [
            ("read_units", "ConsumedReadUnits", self.calls.read_units),
            ("write_units", "ConsumedWriteUnits", self.calls.write_units),
        ];
        let units = units.into_iter().filter(|(.., units)| *units > 0.0);
        for (name, _, units) in units.clone() {
            object.member(name).push_str(&units.to_string());
        }
        if let Some(namespace) = namespace {
            let mut metrics = vec![("Requests", "Count", "1".to_owned()), ("Latency", "Milliseconds", latency)];
            metrics.extend(units.map(|(_, name, units)| (name, "Count", units.to_string())));
            let millis = i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX);
            declare(object.member("_aws"), namespace, millis, &metrics);
            object.string("Operation", self.operation);
            object.string("Status", &self.status.to_string());
            for (name, _, value) in &metrics {
                object.member(name).push_str(value);
            }
        }
        object.end();
        line
    }
}

/// Which members of the line are metrics, and which their dimensions.
fn declare(out: &mut String, namespace: &str, millis: i64, metrics: &[(&str, &str, String)]) {
    let mut aws = Object::new(out);
    json::write_integer(aws.member("Timestamp"), millis);
    json::write_array(aws.member("CloudWatchMetrics"), [()], |out, ()| {
        let mut directive = Object::new(out);
        directive.string("Namespace", namespace);
        directive.member("Dimensions").push_str(r#"[["Operation","Status"]]"#);
        json::write_array(directive.member("Metrics"), metrics, |out, (name, unit, _)| {
            let mut metric = Object::new(out);
            metric.string("Name", name);
            metric.string("Unit", unit);
            metric.end();
        });
        directive.end();
    });
    aws.end();
}

/// Milliseconds with three decimals.
fn milliseconds(time: Duration) -> String {
    let micros = time.as_micros();
    format!("{}.{:03}", micros / 1000, micros % 1000)
}

/// A store that keeps count of what one request asks of it. It has the store say what each call consumed, and hides that from who
/// did not ask.
pub struct CountedStore {
    store: Arc<dyn Store>,
    calls: Arc<Mutex<Calls>>,
}

impl CountedStore {
    /// That store, and the count, which grows.
    pub fn over(store: Arc<dyn Store>) -> (Arc<Self>, Arc<Mutex<Calls>>) {
        let calls = Arc::default();
        (Arc::new(CountedStore { store, calls: Arc::clone(&calls) }), calls)
    }
}

/// The count so far.
pub fn counted(calls: &Mutex<Calls>) -> MutexGuard<'_, Calls> {
    calls.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store for CountedStore {
    fn execute(&self, mut command: Command) -> BoxFuture<'_, Outcome> {
        Box::pin(async move {
            {
                let mut calls = counted(&self.calls);
                calls.count += 1;
                for table in command.tables() {
                    if calls.tables.len() < MAX_TABLES && !calls.tables.iter().any(|known| known == table) {
                        calls.tables.push(table.into());
                    }
                }
            }
            let is_write = command.api.is_write();
            let hide = capacity::ask(&mut command);
            let started = Instant::now();
            let mut outcome = self.store.execute(command).await;
            let mut calls = counted(&self.calls);
            calls.time += started.elapsed();
            calls.retries += outcome.retry_attempts;
            if let Ok(output) = &mut outcome.result {
                let units = capacity::consumed(output, hide);
                *if is_write { &mut calls.write_units } else { &mut calls.read_units } += units;
            }
            drop(calls);
            outcome
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use gateleg_core::command::Api;
    use gateleg_core::json::Json;
    use gateleg_core::tree::Structure;

    use super::*;

    fn account() -> Account {
        Account {
            request_id: "r-1".into(),
            shape: "rest",
            operation: "read",
            table: Some("orders".into()),
            status: 200,
            latency: Duration::from_micros(3_014),
            ..Account::default()
        }
    }

    fn line(account: &Account, namespace: Option<&str>) -> String {
        let line = account.line(UNIX_EPOCH + Duration::from_millis(1_750_000_000_123), namespace);
        assert!(Json::parse(line.as_bytes()).is_ok(), "{line}");
        line
    }

    #[test]
    fn a_line_is_an_access_log_and_metrics() {
        let mut account = account();
        account.trace_id = Some("1-5759e988-bd862e3fe1be46a994272793".into());
        account.calls = Calls {
            count: 1,
            time: Duration::from_millis(2),
            tables: vec!["orders".into()],
            read_units: 0.5,
            ..Calls::default()
        };
        let plain = r#"{"timestamp":"2025-06-15T15:06:40.123Z","level":"INFO","message":"answered","request_id":"r-1","xray_trace_id":"1-5759e988-bd862e3fe1be46a994272793","shape":"rest","operation":"read","tables":["orders"],"status":200,"ms":3.014,"calls":1,"store_ms":2.000,"retries":0,"read_units":0.5"#;
        assert_eq!(line(&account, None), format!("{plain}}}"));
        let metrics = r#","_aws":{"Timestamp":1750000000123,"CloudWatchMetrics":[{"Namespace":"gateleg","Dimensions":[["Operation","Status"]],"Metrics":[{"Name":"Requests","Unit":"Count"},{"Name":"Latency","Unit":"Milliseconds"},{"Name":"ConsumedReadUnits","Unit":"Count"}]}]},"Operation":"read","Status":"200","Requests":1,"Latency":3.014,"ConsumedReadUnits":0.5}"#;
        assert_eq!(line(&account, Some("gateleg")), format!("{plain}{metrics}"));
    }

    #[test]
    fn a_refusal_names_its_rule_and_the_table_that_was_asked_for() {
        let mut account = account();
        (account.status, account.error_type, account.rule) =
            (403, Some("AccessDeniedException".into()), Some("policy.table"));
        let line = line(&account, None);
        let expected = r#""tables":["orders"],"status":403,"error_type":"AccessDeniedException","rule":"policy.table","ms":3.014,"calls":0}"#;
        assert!(line.ends_with(expected), "{line}");
    }

    /// Answers with what it is asked for, capacity included.
    struct Half;

    impl Store for Half {
        fn execute(&self, command: Command) -> BoxFuture<'_, Outcome> {
            assert!(command.to_text().contains(r#""ReturnConsumedCapacity":"TOTAL""#), "{}", command.to_text());
            let answer = br#"{"ConsumedCapacity":{"TableName":"orders","CapacityUnits":0.5}}"#;
            let output: Structure = Outcome::parse_output(command.api, answer).unwrap();
            Box::pin(std::future::ready(Outcome { retry_attempts: 2, ..Outcome::ok(output) }))
        }
    }

    #[tokio::test]
    async fn what_is_consumed_is_counted_and_told_only_to_who_asked() {
        let (store, calls) = CountedStore::over(Arc::new(Half));
        let (quiet, asking) =
            (r#"{"GetItem":{"TableName":"orders","Key":{"id":{"S":"1"}}"#, r#","ReturnConsumedCapacity":"TOTAL"}}"#);
        for (end, expected) in [("}}", false), (asking, true)] {
            let outcome = store.execute(Command::parse(&format!("{quiet}{end}")).unwrap()).await;
            assert_eq!(outcome.to_text().contains("CapacityUnits"), expected);
        }
        let put = Command::parse(r#"{"PutItem":{"TableName":"people","Item":{"id":{"S":"1"}}}}"#).unwrap();
        assert_eq!(put.api, Api::PutItem);
        store.execute(put).await;
        let calls = counted(&calls).clone();
        assert_eq!((calls.count, calls.retries, calls.read_units, calls.write_units), (3, 6, 1.0, 0.5));
        assert_eq!(calls.tables, ["orders", "people"]);
    }
}
