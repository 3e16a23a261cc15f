//! Turns the handlers of `examples/` into components, `target/handlers/orders-rust.wasm` and `orders-javascript.wasm`, the way that
//! `docs/handlers.md` tells, but for what somebody would have to install.

use std::fs;
use std::path::{Path, PathBuf};

use crate::means;
use crate::run::{self, Result};
use crate::stamp::Stamp;
use crate::tally::{self, Tally};
use crate::wasm;

const TARGET: &str = "wasm32-unknown-unknown";

/// Builds both, as far as they changed, and says where they are. Without Node there is no handler in JavaScript.
pub fn build() -> Result<PathBuf> {
    let out = run::target().join("handlers");
    fs::create_dir_all(&out)?;
    rust(&out)?;
    let javascript_out = out.join("orders-javascript.wasm");
    match means::node() {
        Ok(()) => javascript(&out, &javascript_out)?,
        Err(missing) => {
            if javascript_out.exists() {
                fs::remove_file(&javascript_out)?;
            }
            run::say(&format!("no handler in JavaScript: it needs {}; {}", missing.what, missing.remedy));
        }
    }
    Ok(out)
}

/// Whether the one in Rust is formatted, and no lint complains.
pub fn check() -> Result<Tally> {
    let mut total = tally::check(run::cargo(["fmt", "--check"]).current_dir(folder("rust")))?;
    let mut clippy = run::cargo(["clippy", "--target", TARGET, "--target-dir"]);
    clippy.arg(run::target().join("handlers/rust")).current_dir(folder("rust")).args(["--", "--deny", "warnings"]);
    total += tally::check(&mut clippy)?;
    Ok(total)
}

fn folder(language: &str) -> PathBuf {
    run::root().join("examples").join(format!("orders-{language}"))
}

/// The module that cargo makes, and around it what `wasm-tools component new` would put there.
fn rust(out: &Path) -> Result {
    wasm::install_target(TARGET)?;
    // Cargo's own target folder is in use while its tests run.
    let target = out.join("rust");
    let args = ["build", "--release", "--locked", "--target", TARGET, "--target-dir"];
    run::quiet("handlers-rust", run::cargo(args).arg(&target).current_dir(folder("rust")))?;
    let module = fs::read(target.join(TARGET).join("release/orders.wasm"))?;
    let component = wit_component::ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| format!("the module of orders-rust did not become a component: {error:#}"))?;
    Ok(fs::write(out.join("orders-rust.wasm"), component)?)
}

fn javascript(out: &Path, file: &Path) -> Result {
    let folder = folder("javascript");
    let inputs = [folder.clone(), run::root().join("wasm/planner.wit")];
    let stamp = Stamp::of(out.join("orders-javascript.stamp"), &inputs, &["node_modules", "orders.wasm"])?;
    if stamp.is_fresh(file) {
        return Ok(());
    }
    run::say("handlers: fetching componentize-qjs (npm install)");
    // Not `npm ci`: it wants every system's binding in the lock file, and this version was not published for all of them.
    let install = ["install", "--no-save", "--no-audit", "--no-fund"];
    run::quiet("handlers-npm", &mut run::program("npm", &folder, install))?;
    run::quiet("handlers-javascript", &mut run::program("npm", &folder, ["run", "build"]))?;
    fs::rename(folder.join("orders.wasm"), file).or_else(|_| fs::copy(folder.join("orders.wasm"), file).map(drop))?;
    stamp.keep()
}
