//! Turns `gateleg-wasm` into a package that browsers and Node load: `wasm/playground/src/wasm/`.
//!
//! The guest component for the host is not made here; the host's own build script does that.

use std::fs;
use std::path::PathBuf;

use wasm_bindgen_cli_support::Bindgen;

use crate::run::{self, Result};
use crate::stamp::Stamp;

/// Where the page and `wasm/replay.mjs` look for the package.
pub fn folder() -> PathBuf {
    run::root().join("wasm/playground/src/wasm")
}

/// Builds the browser's planner, and says whether anything changed.
pub fn browser() -> Result<bool> {
    install_target("wasm32-unknown-unknown")?;
    // Cargo locks a target folder by profile, so this profile builds beside the host's dev build.
    let args = ["build", "--package", "gateleg-wasm", "--lib", "--no-default-features", "--features", "browser"];
    run::quiet("wasm", run::cargo(args).args(["--target", "wasm32-unknown-unknown", "--profile", "guest"]))?;
    let module = run::target().join("wasm32-unknown-unknown/guest/gateleg_wasm.wasm");
    let out = folder();
    let output = out.join("gateleg_wasm_bg.wasm");
    let stamp = Stamp::of(out.join(".stamp"), std::slice::from_ref(&module), &[])?;
    if stamp.is_fresh(&output) {
        return Ok(false);
    }
    fs::create_dir_all(&out)?;
    Bindgen::new()
        .input_path(&module)
        .web(true)
        .and_then(|bindgen| {
            bindgen.typescript(true).remove_name_section(true).remove_producers_section(true).generate(&out)
        })
        .map_err(|error| format!("wasm-bindgen could not read {}: {error:#}", module.display()))?;
    stamp.keep()?;
    Ok(true)
}

/// Adds a target to the toolchain, where rustup rules and it is missing.
pub fn install_target(target: &str) -> Result {
    let list = ["target", "list", "--installed"];
    match run::answer(&mut run::program("rustup", run::root(), list)) {
        // Without rustup the toolchain is somebody else's; cargo will say what it lacks.
        None => Ok(()),
        Some(installed) if installed.lines().any(|line| line == target) => Ok(()),
        Some(_) => {
            run::say(&format!("rustup: adding the target {target}"));
            run::quiet("rustup", &mut run::program("rustup", run::root(), ["target", "add", target]))
        }
    }
}
