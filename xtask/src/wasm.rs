//! Turns `gateleg-wasm` into what JavaScript loads: `wasm/playground/src/wasm/` for the page, and `target/xtask/replay/` for the
//! proof in Node that such a build plans as every other.
//!
//! The guest component for the host is not made here; the host's own build script does that.

use std::fs;
use std::path::{Path, PathBuf};

use wasm_bindgen_cli_support::Bindgen;

use crate::run::{self, Result};
use crate::stamp::Stamp;

/// Optimises the page's wasm.
const BINARYEN: &str = "binaryen@132.0.0";

/// What is done to it. Left out of what `-Oz` stands for are passes whose shorter code does not pack as well: without them it is
/// 1.3 KB less, packed. The lowest kilobyte of memory is the end of the stack, and nothing's address.
const WASM_PASSES: [&str; 7] = [
    "-Oz",
    "--converge",
    "--low-memory-unused",
    "--skip-pass=memory-packing",
    "--skip-pass=reorder-functions",
    "--skip-pass=local-cse",
    "--strip-target-features",
];

/// What rustc's wasm uses. Named one by one: with `--all-features` wasm-opt emits what no browser loads.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Where the page looks for the package.
fn folder() -> PathBuf {
    run::root().join("wasm/playground/src/wasm")
}

/// Builds the page's planner, as rustc makes it or, once [`optimise`] has been here, smaller.
pub fn page() -> Result {
    let made = package(&build("browser", "page")?, &folder())?;
    if made && mark().exists() {
        fs::remove_file(mark())?;
    }
    Ok(())
}

/// Builds the page's planner and makes it smaller, where binaryen can be had; says whether it is.
pub fn optimise() -> Result<bool> {
    page()?;
    if mark().exists() {
        return Ok(true);
    }
    let file = folder().join("gateleg_wasm_bg.wasm");
    let npm = ["exec", "--yes", "--package", BINARYEN, "--", "wasm-opt"];
    let mut command = run::program("npm", run::root(), npm);
    command.args(WASM_PASSES).args(WASM_FEATURES).arg(&file).arg("-o").arg(&file);
    if let Err(error) = run::quiet("wasm-opt", &mut command) {
        run::say(&format!("the page's wasm stays as rustc made it: {error}"));
        return Ok(false);
    }
    fs::write(mark(), "")?;
    Ok(true)
}

/// There while the page's wasm is the optimised one.
fn mark() -> PathBuf {
    folder().join(".optimised")
}

/// Builds what `wasm/replay.mjs` replays with, and says where it is.
pub fn replay() -> Result<PathBuf> {
    let out = run::target().join("xtask/replay");
    package(&build("replay", "replay")?, &out)?;
    Ok(out)
}

/// Makes a module a package that JavaScript loads, if there is not one of it yet; says whether it has made one.
fn package(module: &Path, out: &Path) -> Result<bool> {
    fs::create_dir_all(out)?;
    let stamp = Stamp::of(out.join(".stamp"), &[module.to_path_buf()], &[])?;
    if stamp.is_fresh(&out.join("gateleg_wasm_bg.wasm")) {
        return Ok(false);
    }
    Bindgen::new()
        .input_path(module)
        .web(true)
        .and_then(|bindgen| {
            // Who loads the wasm says where it is; otherwise a bundler would see the glue name the file, and ship it a second time.
            bindgen.omit_default_module_path(true).typescript(false);
            bindgen.remove_name_section(true).remove_producers_section(true).generate(out)
        })
        .map_err(|error| format!("wasm-bindgen could not read {}: {error:#}", module.display()))?;
    // Node takes it for what it is only if it is told.
    fs::write(out.join("package.json"), "{\"type\": \"module\"}\n")?;
    stamp.keep()?;
    Ok(true)
}

/// The module with that face.
fn build(face: &str, profile: &str) -> Result<PathBuf> {
    install_target("wasm32-unknown-unknown")?;
    // Cargo locks a target folder by profile, so these profiles build beside the host's dev build.
    let args = ["build", "--package", "gateleg-wasm", "--lib", "--no-default-features", "--features", face];
    run::quiet("wasm", run::cargo(args).args(["--target", "wasm32-unknown-unknown", "--profile", profile]))?;
    Ok(run::target().join("wasm32-unknown-unknown").join(profile).join("gateleg_wasm.wasm"))
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
