//! A DynamoDB engine for tests: dynoxide's HTTP server over memory, on a port of the loopback.
//!
//! Prints `listening on http://127.0.0.1:PORT` once it answers. It takes any credentials and keeps nothing; no part of the
//! product runs it.

use std::net::Ipv4Addr;
use std::process::ExitCode;

use dynoxide::Database;
use tokio::net::TcpListener;

const USAGE: &str = "\
Usage: gateleg-engine [--port N] [--until-stdin-ends]

  --port N             listen on that port of 127.0.0.1 (default: one that is free)
  --until-stdin-ends   stop when standard input ends, so as not to outlive whoever started it";

#[tokio::main]
async fn main() -> ExitCode {
    match run(std::env::args().skip(1)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("gateleg-engine: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn run(mut arguments: impl Iterator<Item = String>) -> Result<(), String> {
    let mut port = 0;
    let mut until_stdin_ends = false;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--port" => {
                let value = arguments.next().unwrap_or_default();
                port =
                    value.parse().map_err(|_| format!("expected a port number after --port, but found `{value}`"))?;
            }
            "--until-stdin-ends" => until_stdin_ends = true,
            "--help" => {
                println!("{USAGE}");
                return Ok(());
            }
            other => return Err(format!("unknown argument `{other}`\n\n{USAGE}")),
        }
    }
    let database = Database::memory().map_err(|error| format!("no store in memory: {error}"))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|error| format!("cannot listen on 127.0.0.1:{port}: {error}"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    println!("listening on http://{address}");
    dynoxide::server::serve_with_shutdown(listener, database, stop(until_stdin_ends)).await
}

/// A signal ends the process by itself; here is the other way to be stopped.
async fn stop(until_stdin_ends: bool) {
    if !until_stdin_ends {
        return std::future::pending().await;
    }
    // A thread, because reading standard input cannot be cancelled.
    let ended = tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink()));
    drop(ended.await);
}
