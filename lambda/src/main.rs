//! `bootstrap`, the program that AWS Lambda starts: settings, the DynamoDB client, and then invocations without end.
//!
//! What cannot work is said before the first invocation, to Lambda and in the log.

use std::env;
use std::process::ExitCode;
use std::time::Duration;

use gateleg_lambda::gate::Gate;
use gateleg_lambda::runtime_api::RuntimeApi;
use gateleg_lambda::settings;
use gateleg_store::dynamodb::wire::WireDynamoDb;

fn main() -> ExitCode {
    let variable = |name: &str| env::var(name).ok();
    settings::start_logging(variable);
    std::panic::set_hook(Box::new(|panic| {
        // Where, but not what: a panic's text may quote a value.
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panicked");
    }));
    // Invocations come one at a time and mostly wait: a second thread would only cost memory and a longer start.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build() {
        Ok(runtime) => runtime,
        Err(fault) => {
            tracing::error!(error = %fault, "the function cannot start");
            return ExitCode::FAILURE;
        }
    };
    // As a task: what wakes the future that is blocked on is written through the kernel, what wakes a task is not.
    runtime.block_on(async {
        tokio::spawn(keep_a_timer());
        tokio::spawn(run(variable)).await.unwrap_or(ExitCode::FAILURE)
    })
}

async fn run(variable: impl Fn(&str) -> Option<String> + Send + Sync) -> ExitCode {
    let api = match RuntimeApi::at(variable("AWS_LAMBDA_RUNTIME_API").as_deref()) {
        Ok(api) => api,
        Err(fault) => {
            eprintln!("{fault}.");
            return ExitCode::FAILURE;
        }
    };
    let gate = match gate(variable).await {
        Ok(gate) => gate,
        Err(fault) => {
            tracing::error!(error = fault, "the function cannot start");
            if let Err(fault) = api.fail_init(&fault).await {
                tracing::error!(error = %fault, "Lambda could not be told");
            }
            return ExitCode::FAILURE;
        }
    };
    let Err(fault) = api.serve(&gate).await;
    tracing::error!(error = %fault, "no more invocations");
    ExitCode::FAILURE
}

/// The gate, with a connection to DynamoDB behind it: before the first request there is more processor time than ever after.
async fn gate(variable: impl Fn(&str) -> Option<String> + Send + Sync) -> Result<Gate, String> {
    let rights = settings::rights(&variable)?;
    let accounts = settings::accounts(&variable);
    let warm = settings::warm(&variable)?;
    let allow_origin = settings::allow_origin(&variable)?;
    let store = WireDynamoDb::connect().await.map_err(|fault| fault.to_string())?;
    if warm {
        store.warm().await;
    }
    Ok(Gate::new(store, rights, accounts).allowing(allow_origin))
}

/// Sleeps a second at a time. A timer that is due before all others is told to the runtime through the kernel; with this one
/// under way, the deadlines of an invocation are not.
async fn keep_a_timer() {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
