//! Builds the planner as a component, so that `cargo build` of the host is all there is to it: core and the guest face of
//! `gateleg-wasm` become a wasm module, and that becomes `planner.wasm` in `OUT_DIR`.
//!
//! Compiling the component to machine code here would build a second cranelift, for the build script. So the host does it at
//! start, unless `GATELEG_PLANNER_CWASM` names what an earlier build of the host has compiled from the same component.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest as _, Sha256};

const TARGET: &str = "wasm32-unknown-unknown";
const PRECOMPILED: &str = "GATELEG_PLANNER_CWASM";

/// What the outer cargo was told about its own target must not reach the inner one, whose target is another.
const OUTER: [&str; 8] = [
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_TARGET_DIR",
    "CARGO_BUILD_TARGET_DIR",
    "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTFLAGS",
];

fn main() {
    if let Err(error) = build() {
        // Cargo shows this in one line, without the build script's whole output.
        println!("cargo::error={error}");
    }
}

fn build() -> Result<(), String> {
    let out = PathBuf::from(variable("OUT_DIR")?);
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("..");
    for input in [
        "Cargo.lock",
        "Cargo.toml",
        "core/Cargo.toml",
        "core/src",
        "wasm/Cargo.toml",
        "wasm/build.rs",
        "wasm/planner.wit",
        "wasm/src",
        "host/build.rs",
    ] {
        println!("cargo::rerun-if-changed={}", root.join(input).display());
    }
    println!("cargo::rerun-if-env-changed={PRECOMPILED}");

    let module = build_module(&root, &target_folder(&out)?)?;
    let module = trim(&module).map_err(|error| format!("the planner's wasm module cannot be read: {error}"))?;
    let component = wit_component::ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| format!("the planner's wasm module did not become a component: {error:#}"))?;
    let precompiled = precompiled(&component)?;
    println!("cargo::rustc-env=GATELEG_TARGET={}", variable("TARGET")?.display());
    println!("cargo::rustc-env=GATELEG_PLANNER_SHA256={}", hex(&Sha256::digest(&component)));
    println!("cargo::rustc-env=GATELEG_PLANNER_CWASM_SHA256={}", hex(&Sha256::digest(&precompiled)));
    write(&out.join("planner.wasm"), &component)?;
    write(&out.join("planner.cwasm"), &precompiled)
}

/// Leaves out what costs every request and serves none, because a session lives and dies with its instance: the session's
/// destructor, for whose sake the component would need two more core instances, and the function that frees the first step.
/// The names of functions go too; nobody reads a guest's stack trace.
fn trim(module: &[u8]) -> Result<Vec<u8>, wasmparser::BinaryReaderError> {
    const NEEDLESS: [&str; 2] =
        ["gateleg:planner/planner@0.1.0#[dtor]session", "cabi_post_gateleg:planner/planner@0.1.0#[static]session.open"];
    let mut trimmed = wasm_encoder::Module::new();
    for payload in wasmparser::Parser::new(0).parse_all(module) {
        let payload = payload?;
        match &payload {
            wasmparser::Payload::ExportSection(section) => {
                let mut exports = wasm_encoder::ExportSection::new();
                for export in section.clone() {
                    let export = export?;
                    if !NEEDLESS.contains(&export.name) {
                        exports.export(export.name, export.kind.into(), export.index);
                    }
                }
                trimmed.section(&exports);
            }
            wasmparser::Payload::CustomSection(section) if section.name() == "name" => {}
            payload => {
                if let Some((id, range)) = payload.as_section() {
                    let data = module.get(range).unwrap_or_default();
                    trimmed.section(&wasm_encoder::RawSection { id, data });
                }
            }
        }
    }
    Ok(trimmed.finish())
}

/// Runs the inner cargo.
fn build_module(root: &Path, target_folder: &Path) -> Result<Vec<u8>, String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    if !has_target(&rustc) {
        return Err(format!(
            "the planner is built for {TARGET}, which this toolchain lacks: rustup target add {TARGET}"
        ));
    }
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root);
    cargo.args(["build", "--package", "gateleg-wasm", "--no-default-features", "--features", "guest"]);
    cargo.args(["--profile", "guest", "--target", TARGET, "--target-dir"]).arg(target_folder);
    for name in OUTER {
        cargo.env_remove(name);
    }
    let status = cargo.status().map_err(|error| format!("cargo did not start, to build the planner: {error}"))?;
    if !status.success() {
        return Err("the planner did not build for wasm; the compiler's own messages are above or below".into());
    }
    read(&target_folder.join(TARGET).join("guest/gateleg_wasm.wasm"))
}

fn has_target(rustc: &OsString) -> bool {
    let output = Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]).output();
    output.is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir())
}

/// A target folder beside the outer one's profiles, so that debug and release builds of the host share one planner. In the
/// outer folder itself the two cargos would wait for each other's lock.
fn target_folder(out: &Path) -> Result<PathBuf, String> {
    // <target>/<profile>/build/<package>/out
    let target =
        out.ancestors().nth(4).ok_or_else(|| format!("OUT_DIR is {}, which is no cargo folder", out.display()))?;
    Ok(target.join("planner"))
}

/// What the host compiled earlier from the same component; empty for none. The file starts with that component's digest.
fn precompiled(component: &[u8]) -> Result<Vec<u8>, String> {
    let Some(path) = env::var_os(PRECOMPILED).map(PathBuf::from) else { return Ok(Vec::new()) };
    println!("cargo::rerun-if-changed={}", path.display());
    let bytes = read(&path)?;
    match bytes.split_first_chunk::<32>() {
        Some((digest, precompiled)) if *digest == *Sha256::digest(component) => Ok(precompiled.to_vec()),
        _ => Err(format!(
            "{} was not compiled from this planner; build without {PRECOMPILED}, then run: gateleg precompile {}",
            path.display(),
            path.display()
        )),
    }
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn variable(name: &str) -> Result<OsString, String> {
    env::var_os(name).ok_or_else(|| format!("{name} is not set; this script is cargo's to run"))
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).map_err(|error| format!("{} cannot be written: {error}", path.display()))
}
