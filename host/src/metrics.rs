//! What happens to requests becomes figures, and the figures become the text that `/metrics` answers, in OpenMetrics format.
//!
//! Every label takes its values from a closed set: routes, operations, statuses, rules, calls, error types. Nothing that a
//! caller wrote becomes a label, because each value is kept for as long as the server runs. What each figure means for the
//! person who runs the server is in `docs/operations.md`, which a test holds to what is here.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::sandbox::Usage;
use labels::{Api, Call, Handshake, Kind, Operation, RequestEnd, RuleId, Status, Why};

pub mod labels;

/// The type of the text.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The figures of one server. All of them start at nothing.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestEnd, Counter>,
    request_duration: Family<Operation, Histogram, Seconds>,
    pub(crate) requests_in_flight: Gauge,
    request_body: Counter,
    reply_body: Counter,
    refusals: Family<RuleId, Counter>,
    pub(crate) queue_length: Gauge,
    queue_duration: Histogram,
    queue_refusals: Family<Why, Counter>,
    plan_duration: Histogram,
    sandbox_instances: Gauge,
    sandbox_memory: Gauge<u64, AtomicU64>,
    planner_failures: Family<Kind, Counter>,
    store_calls: Family<Call, Counter>,
    store_call_duration: Family<Api, Histogram, Seconds>,
    pub(crate) store_calls_in_flight: Gauge,
    store_retries: Family<Api, Counter>,
    pub(crate) connections: Gauge,
    pub(crate) connections_refused: Counter,
    connections_cut: Family<Why, Counter>,
    tls_handshakes: Family<Handshake, Counter>,
}

/// How a request ended, as far as figures go.
pub struct Ended {
    /// One of the server's routes.
    pub route: &'static str,
    /// The operation of the protocol, or `none`.
    pub operation: &'static str,
    /// The status of the reply; none when the caller hung up before there was one.
    pub status: Option<u16>,
    /// The rule that it broke.
    pub rule: Option<&'static str>,
    /// How long it took.
    pub took: Duration,
    /// Bytes of its body that were read.
    pub bytes_in: u64,
    /// Bytes of its reply's body.
    pub bytes_out: u64,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Metrics {
            registry: Registry::with_prefix("gateleg"),
            requests: Family::default(),
            request_duration: Family::new_with_constructor(Seconds(&TIMES)),
            requests_in_flight: Gauge::default(),
            request_body: Counter::default(),
            reply_body: Counter::default(),
            refusals: Family::default(),
            queue_length: Gauge::default(),
            queue_duration: Seconds(&TIMES).new_metric(),
            queue_refusals: Family::default(),
            plan_duration: Seconds(&PLAN_TIMES).new_metric(),
            sandbox_instances: Gauge::default(),
            sandbox_memory: Gauge::default(),
            planner_failures: Family::default(),
            store_calls: Family::default(),
            store_call_duration: Family::new_with_constructor(Seconds(&TIMES)),
            store_calls_in_flight: Gauge::default(),
            store_retries: Family::default(),
            connections: Gauge::default(),
            connections_refused: Counter::default(),
            connections_cut: Family::default(),
            tls_handshakes: Family::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let all = &mut self.registry;
        all.register("build", "The version that runs", Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]));
        all.register("requests", "Requests that have ended", self.requests.clone());
        all.register_with_unit(
            "request_duration",
            "From a request's head to its reply",
            Unit::Seconds,
            self.request_duration.clone(),
        );
        all.register("requests_in_flight", "Requests under way", self.requests_in_flight.clone());
        all.register_with_unit("request_body", "Read of requests' bodies", Unit::Bytes, self.request_body.clone());
        all.register_with_unit("reply_body", "Written of replies' bodies", Unit::Bytes, self.reply_body.clone());
        all.register("refusals", "Requests that broke a rule, by its id", self.refusals.clone());
        all.register("queue_length", "Requests that wait for a place", self.queue_length.clone());
        all.register_with_unit(
            "queue_duration",
            "How long requests waited that had to wait for a place",
            Unit::Seconds,
            self.queue_duration.clone(),
        );
        all.register("queue_refusals", "Requests that got no place", self.queue_refusals.clone());
        all.register_with_unit(
            "plan_duration",
            "Spent in the planner, per request",
            Unit::Seconds,
            self.plan_duration.clone(),
        );
        all.register("sandbox_instances", "Planners in sandboxes", self.sandbox_instances.clone());
        all.register_with_unit(
            "sandbox_memory_high_water",
            "Most memory that one sandbox has had",
            Unit::Bytes,
            self.sandbox_memory.clone(),
        );
        all.register("planner_failures", "Planners that failed", self.planner_failures.clone());
        all.register("store_calls", "Calls of the store, by their outcome", self.store_calls.clone());
        all.register_with_unit(
            "store_call_duration",
            "How long calls of the store took, retries included",
            Unit::Seconds,
            self.store_call_duration.clone(),
        );
        all.register("store_calls_in_flight", "Calls of the store under way", self.store_calls_in_flight.clone());
        all.register("store_retries", "Attempts after the first of a call", self.store_retries.clone());
        all.register("connections", "Connections that are open", self.connections.clone());
        all.register("connections_refused", "Connections beyond the most", self.connections_refused.clone());
        all.register("connections_cut", "Connections that were cut off", self.connections_cut.clone());
        all.register("tls_handshakes", "TLS handshakes, by how they ended", self.tls_handshakes.clone());
        // A figure that is not there yet cannot be watched for its first change.
        for kind in Kind::ALL {
            drop(self.planner_failures.get_or_create(kind));
        }
        for why in Why::QUEUE {
            drop(self.queue_refusals.get_or_create(why));
        }
        for why in Why::CUT {
            drop(self.connections_cut.get_or_create(why));
        }
        for outcome in Handshake::ALL {
            drop(self.tls_handshakes.get_or_create(outcome));
        }
    }

    /// A request has ended.
    pub fn ended(&self, ended: &Ended) {
        let Ended { route, operation, status, rule, took, bytes_in, bytes_out } = *ended;
        self.requests.get_or_create(&RequestEnd { route, operation, status: Status(status) }).inc();
        self.request_duration.get_or_create(&Operation { route, operation }).observe(took.as_secs_f64());
        self.request_body.inc_by(bytes_in);
        self.reply_body.inc_by(bytes_out);
        if let Some(rule) = rule {
            self.refusals.get_or_create(&RuleId { rule }).inc();
        }
    }

    /// A request that had to wait has a place.
    pub(crate) fn waited(&self, time: Duration) {
        self.queue_duration.observe(time.as_secs_f64());
    }

    pub(crate) fn no_place(&self, why: &Why) {
        self.queue_refusals.get_or_create(why).inc();
    }

    pub(crate) fn planned(&self, time: Duration) {
        self.plan_duration.observe(time.as_secs_f64());
    }

    pub(crate) fn planner_failed(&self, kind: &Kind) {
        self.planner_failures.get_or_create(kind).inc();
    }

    pub(crate) fn called(&self, api: &'static str, outcome: &'static str, took: Duration, retries: u32) {
        self.store_calls.get_or_create(&Call { api, outcome }).inc();
        self.store_call_duration.get_or_create(&Api { api }).observe(took.as_secs_f64());
        self.store_retries.get_or_create(&Api { api }).inc_by(retries.into());
    }

    pub(crate) fn cut(&self, why: &Why) {
        self.connections_cut.get_or_create(why).inc();
    }

    pub(crate) fn shook_hands(&self, outcome: &Handshake) {
        self.tls_handshakes.get_or_create(outcome).inc();
    }

    /// All of it, as text. What the sandboxes count themselves is asked of them now.
    pub fn to_text<'u>(&self, sandboxes: impl Iterator<Item = &'u Usage>) -> String {
        let (mut instances, mut memory) = (0, self.sandbox_memory.get());
        for usage in sandboxes {
            instances += i64::from(usage.instances());
            memory = memory.max(usage.memory_high_water());
        }
        self.sandbox_instances.set(instances);
        self.sandbox_memory.set(memory);
        let mut out = String::new();
        // Writing to a string does not fail.
        let _ = text::encode(&mut out, &self.registry);
        out
    }
}

/// One more, until it is dropped.
pub(crate) struct OneOf(Gauge);

impl OneOf {
    pub(crate) fn count(gauge: &Gauge) -> Self {
        gauge.inc();
        OneOf(gauge.clone())
    }
}

impl Drop for OneOf {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Makes histograms of seconds with those bounds.
#[derive(Clone)]
struct Seconds(&'static [f64]);

impl MetricConstructor<Histogram> for Seconds {
    fn new_metric(&self) -> Histogram {
        Histogram::new(self.0.iter().copied())
    }
}

/// From an embedded store that has it in memory to the default deadline.
const TIMES: [f64; 14] = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 25.0];

/// Planning takes microseconds, unless a request is very large.
const PLAN_TIMES: [f64; 12] = [0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.005, 0.025, 0.1, 1.0, 5.0];
