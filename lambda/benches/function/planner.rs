//! Turns one request into what planning it costs, from its bytes to its reply's, by core's own functions and nothing else: in a loop, and
//! around real calls, where the SDK and the kernel have had the CPU's caches in between, as in the function.

use std::hint::black_box;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use gateleg_core::command::Api;
use gateleg_core::context::Context;
use gateleg_core::outcome::Outcome;
use gateleg_core::plan::{Plan, Step};
use gateleg_core::policy::Policy;
use gateleg_core::tree::Structure;
use gateleg_lambda::settings;

use crate::{Result, median};

/// Plans that are timed in either way.
const PLANS: usize = 2_000;

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
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let client = client(endpoint);
    let (mut looped, mut around_calls) = (Vec::new(), Vec::new());
    for _ in 0..PLANS {
        let (opened, took) = open(request, &rights.policy)?;
        looped.push(microseconds(took + resume(opened)?));
    }
    for _ in 0..PLANS {
        let (opened, took) = open(request, &rights.policy)?;
        runtime.block_on(put(&client))?;
        around_calls.push(microseconds(took + resume(opened)?));
    }
    Ok(Planned { looped: median(looped), around_calls: median(around_calls) })
}

/// The first half, as the function does it, with the policy's copy; and how long it took.
fn open(request: &[u8], policy: &Policy) -> Result<((Plan, u32), Duration)> {
    let start = Instant::now();
    let context = Context {
        request_id: "00000000-0000-4000-8000-000000000000".into(),
        policy: Some(policy.clone()),
        remaining_ms: Some(2_500),
        max_reply_bytes: Some(6 << 20),
        max_in_flight: Some(16),
        ..Context::default()
    };
    let (plan, step) = Plan::open(black_box(request), &context);
    drop(context);
    let took = start.elapsed();
    match step {
        Step::Send(dispatches) if dispatches.len() == 1 => Ok(((plan, dispatches[0].ticket), took)),
        step => Err(format!("expected a command, but found {step:?}").into()),
    }
}

/// The second half.
fn resume((mut plan, ticket): (Plan, u32)) -> Result<Duration> {
    let outcome = Outcome::ok(Structure::new(Api::PutItem.output()));
    let start = Instant::now();
    let step = plan.resume(ticket, outcome, Some(2_400))?;
    drop(plan);
    let took = start.elapsed();
    match step {
        Step::Done(reply) if reply.status == 200 => Ok(took),
        step => Err(format!("expected a reply, but found {step:?}").into()),
    }
}

fn client(endpoint: &str) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "example", None, None, "bench"));
    Client::from_conf(config.build())
}

/// The call of that create.
async fn put(client: &Client) -> Result {
    let item = [("id", AttributeValue::S("1234ABCD".into())), ("number", AttributeValue::N("5".into()))];
    let call = client.put_item().table_name("lambda-apigateway");
    item.into_iter().fold(call, |call, (name, value)| call.item(name, value)).send().await?;
    Ok(())
}

fn microseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
