//! Turns `wasm/playground` into a folder of files that the host serves: `wasm/playground/dist/`.

use std::fs;
use std::path::PathBuf;
use std::thread;

use crate::means;
use crate::run::{self, Result};
use crate::stamp::Stamp;
use crate::wasm;

/// The page's sources.
pub fn folder() -> PathBuf {
    run::root().join("wasm/playground")
}

/// The page, built.
pub fn built() -> PathBuf {
    folder().join("dist")
}

/// Builds the page and the planner in it, as far as they changed.
pub fn build() -> Result {
    means::node().map_err(|missing| format!("the page needs {}: {}", missing.what, missing.remedy))?;
    // npm waits for the network, cargo for the processor.
    let packages = thread::spawn(install);
    wasm::page()?;
    packages.join().map_err(|_| "the thread that ran npm ended early")??;
    let stamp =
        Stamp::of(folder().join("node_modules/.gateleg-page"), &[folder()], &["node_modules", "dist", "test", "e2e"])?;
    if stamp.is_fresh(&built().join("index.html")) {
        return Ok(());
    }
    run::say("playground: building the page");
    run::quiet("page", &mut run::program("npm", &folder(), ["run", "build"]))?;
    stamp.keep()
}

/// The packages that the lock file names, if they are not there yet.
pub fn install() -> Result {
    let folder = folder();
    // npm writes the inner lock file last, so a set of packages that was cut short, or is older than the outer one, is fetched anew.
    let changed = |file: &str| fs::metadata(folder.join(file)).and_then(|metadata| metadata.modified()).ok();
    if changed("node_modules/.package-lock.json") >= changed("package-lock.json") {
        return Ok(());
    }
    run::say("playground: fetching its npm packages, once (npm ci)");
    run::quiet("npm", &mut run::program("npm", &folder, ["ci", "--no-audit", "--no-fund"]))
}
