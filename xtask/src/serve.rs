//! Turns a fresh clone, or yesterday's, into a running server: what is missing is set up, what changed is built, then this process
//! becomes `gateleg serve`.

use std::process::Command;
use std::thread;

use crate::means;
use crate::page;
use crate::run::{self, Result};
use crate::wasm;

/// Builds host and page side by side, and serves both. `args` go to `gateleg serve`.
pub fn serve(args: &[String]) -> Result {
    let named = |flags: &[&str]| args.iter().any(|arg| flags.contains(&arg.split('=').next().unwrap_or_default()));
    let wants_page = !named(&["--playground", "--help", "-h"]);
    let host = run::binary("debug", "gateleg");
    run::say(if host.is_file() {
        "building what changed since the last time"
    } else {
        "first build: wasmtime, the AWS SDK and SQLite are compiled once, about five minutes on two cores"
    });
    // The host's build script and the page both compile the planner to WebAssembly.
    wasm::install_target("wasm32-unknown-unknown")?;
    let page = wants_page.then(|| thread::spawn(build_page));
    run::shown(&mut run::cargo(["build", "--package", "gateleg", "--bin", "gateleg"]))?;

    let mut server = Command::new(host);
    server.arg("serve").args(args);
    if let Some(page) = page {
        if !page.is_finished() {
            run::say("the server is built; waiting for the page");
        }
        match page.join() {
            Ok(Ok(())) => _ = server.arg("--playground").arg(page::built()),
            Ok(Err(error)) => run::say(&format!("serving the API without the page: {error}")),
            Err(_) => run::say("serving the API without the page: its build ended early"),
        }
    }
    become_it(server)
}

fn build_page() -> Result {
    // One line, as the first thing a person without Node reads.
    if let Err(missing) = means::node() {
        return Err(format!("it needs {} ({})", missing.what, missing.remedy).into());
    }
    page::build()
}

/// Signals and the terminal then belong to the server itself.
#[cfg(unix)]
fn become_it(mut server: Command) -> Result {
    use std::os::unix::process::CommandExt as _;
    let error = server.exec();
    Err(format!("could not start `{}`: {error}", run::line(&server)).into())
}

#[cfg(not(unix))]
fn become_it(mut server: Command) -> Result {
    run::shown(&mut server)
}
