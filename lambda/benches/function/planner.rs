//! Turns one request into what planning it costs, from its bytes to its reply's, by core's own functions and nothing else: in a loop, and
//! around real calls by the function's own store, where that and the kernel have had the CPU's caches in between, as in the function.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use aws_types::region::Region;
use gateleg_core::context::Context;
use gateleg_core::outcome::Outcome;
use gateleg_core::plan::{Dispatch, Plan, Step};
use gateleg_core::policy::Policy;
use gateleg_lambda::settings;
use gateleg_store::Store as _;
use gateleg_store::dynamodb::Timeouts;
use gateleg_store::dynamodb::wire::WireDynamoDb;

use crate::{Result, median};

/// Either way has turns of that many plans, one after the other.
const TURNS: usize = 10;
const PLANS: usize = 1_000;

/// Microseconds for a create.
#[derive(Clone, Copy, Debug)]
pub struct Planned {
    /// In a loop.
    pub looped: f64,
    /// With the call that was planned in between.
    pub around_calls: f64,
}

/// Plans that create, again and again.
pub fn create(request: &[u8], endpoint: &str) -> Result<Planned> {
    let rights = settings::rights(|name| (name == settings::TABLES).then(|| "lambda-apigateway".into()))?;
    let policy = Arc::new(rights.policy);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let store = runtime.block_on(store(endpoint))?;
    let (mut looped, mut around_calls) = (Vec::new(), Vec::new());
    let Dispatch { command, .. } = open(request, &policy)?.1;
    let outcome = runtime.block_on(store.execute(command));
    for _ in 0..TURNS {
        for _ in 0..PLANS {
            let (plan, Dispatch { ticket, .. }, took) = open(request, &policy)?;
            looped.push(microseconds(took + resume(plan, ticket, outcome.clone())?));
        }
        for _ in 0..PLANS {
            let (plan, Dispatch { ticket, command, .. }, took) = open(request, &policy)?;
            let outcome = runtime.block_on(store.execute(command));
            around_calls.push(microseconds(took + resume(plan, ticket, outcome)?));
        }
    }
    Ok(Planned { looped: median(looped), around_calls: median(around_calls) })
}

/// The first half, as the function does it; and how long it took.
fn open(request: &[u8], policy: &Arc<Policy>) -> Result<(Plan, Dispatch, Duration)> {
    let start = Instant::now();
    let context = Context {
        request_id: "00000000-0000-4000-8000-000000000000".into(),
        policy: Some(Arc::clone(policy)),
        remaining_ms: Some(2_500),
        max_reply_bytes: Some(6 << 20),
        max_in_flight: Some(16),
        ..Context::default()
    };
    let (plan, step) = Plan::open(black_box(request), &context);
    drop(context);
    let took = start.elapsed();
    match step {
        Step::Send(mut dispatches) if dispatches.len() == 1 => Ok((plan, dispatches.remove(0), took)),
        step => Err(format!("expected a command, but found {step:?}").into()),
    }
}

/// The second half.
fn resume(mut plan: Plan, ticket: u32, outcome: Outcome) -> Result<Duration> {
    let start = Instant::now();
    let step = plan.resume(ticket, outcome, Some(2_400))?;
    drop(plan);
    let took = start.elapsed();
    match step {
        Step::Done(reply) if reply.status == 200 => Ok(took),
        step => Err(format!("expected a reply, but found {step:?}").into()),
    }
}

async fn store(endpoint: &str) -> Result<WireDynamoDb> {
    let credentials = Credentials::new("AKIDEXAMPLE", "example", None, None, "bench");
    let mut settings = SdkConfig::builder().region(Region::new("us-east-1")).endpoint_url(endpoint);
    settings.set_credentials_provider(Some(SharedCredentialsProvider::new(credentials)));
    Ok(WireDynamoDb::new(&settings.build(), Timeouts::default()).await?)
}

fn microseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
