//! Turns the workspace into what is shipped: `dist/gateleg`, `dist/lambda/bootstrap`, `dist/planner.wasm`,
//! `dist/playground/` and `dist/sbom/`, which says what they are made of.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::means;
use crate::page;
use crate::run::{self, Result};
use crate::sbom;
use crate::wasm;

/// What cross-compiles for Lambda: cargo-lambda, with zig as the C compiler and linker.
const LAMBDA_TOOLS: [&str; 2] = ["cargo-lambda==1.9.2", "ziglang==0.17.1"];

/// Builds everything for release, and prints what it weighs.
pub fn dist(args: &[String]) -> Result {
    let arm64 = match args {
        [] => false,
        [flag] if flag == "--arm64" => true,
        _ => return Err(format!("expected nothing or --arm64, but found {args:?}").into()),
    };
    let dist = run::root().join("dist");
    fs::create_dir_all(dist.join("lambda"))?;

    run::say("playground");
    means::node().map_err(|missing| format!("the page needs {}: {}", missing.what, missing.remedy))?;
    wasm::optimise()?;
    page::build()?;
    let page = dist.join("playground");
    if page.exists() {
        fs::remove_dir_all(&page)?;
    }
    copy_folder(&page::built(), &page, &[])?;

    run::say("host, first pass: link-time optimisation takes minutes");
    let host = run::binary("release", "gateleg");
    run::shown(&mut host_build())?;
    // The host compiles its own guest, so that compiler and runtime are one version by construction.
    let compiled = run::target().join("xtask/planner.cwasm");
    fs::create_dir_all(run::target().join("xtask"))?;
    run::shown(Command::new(&host).arg("precompile").arg(&compiled))?;
    run::say("host, second pass: with its guest compiled in");
    run::shown(host_build().env("GATELEG_PLANNER_CWASM", &compiled))?;
    copy(&host, &dist.join("gateleg"))?;
    copy(&component()?, &dist.join("planner.wasm"))?;

    run::say("lambda");
    let bootstrap = if arm64 { lambda_arm64()? } else { lambda()? };
    copy(&bootstrap, &dist.join("lambda/bootstrap"))?;

    sbom::sbom(arm64.then_some("aarch64-unknown-linux-gnu"))?;

    println!("\n{:>10} {:>10}", "bytes", "gzip");
    for name in ["gateleg", "lambda/bootstrap", "planner.wasm"] {
        weigh(name, &[dist.join(name)])?;
    }
    let mut files = Vec::new();
    files_under(&page, &mut files)?;
    weigh("playground/", &files)
}

fn host_build() -> Command {
    run::cargo(["build", "--release", "--package", "gateleg", "--bin", "gateleg"])
}

/// Built by itself: cargo unifies features across one build, and SQLite has no business in a Lambda.
fn lambda() -> Result<PathBuf> {
    run::shown(&mut run::cargo(["build", "--release", "--package", "gateleg-lambda", "--bin", "bootstrap"]))?;
    Ok(run::binary("release", "bootstrap"))
}

fn lambda_arm64() -> Result<PathBuf> {
    wasm::install_target("aarch64-unknown-linux-gnu")?;
    let venv = run::target().join("venv-lambda");
    let bin = venv.join("bin");
    if !bin.join("cargo-lambda").is_file() {
        run::say("python: fetching cargo-lambda and zig, once");
        run::quiet("venv-lambda", run::program("python3", run::root(), ["-m", "venv"]).arg(&venv))?;
        let pip = bin.join("pip").to_string_lossy().into_owned();
        run::quiet("pip-lambda", run::program(&pip, run::root(), ["install", "--quiet"]).args(LAMBDA_TOOLS))?;
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(std::iter::once(bin.clone()).chain(env::split_paths(&path)))?;
    let args = ["lambda", "build", "--release", "--arm64", "--package", "gateleg-lambda", "--bin", "bootstrap"];
    run::shown(run::program(&bin.join("cargo-lambda").to_string_lossy(), run::root(), args).env("PATH", path))?;
    Ok(run::target().join("lambda/bootstrap/bootstrap"))
}

/// The guest, which the host's build script leaves in its output folder; the newest is the one just embedded.
fn component() -> Result<PathBuf> {
    let build = run::target().join("release/build");
    let mut found = Vec::new();
    for entry in fs::read_dir(&build)? {
        let file = entry?.path().join("out/planner.wasm");
        if let Ok(changed) = fs::metadata(&file).and_then(|metadata| metadata.modified()) {
            found.push((changed, file));
        }
    }
    let newest = found.into_iter().max().map(|(_, file)| file);
    newest.ok_or_else(|| {
        format!("expected the host's build script to leave out/planner.wasm under {}", build.display()).into()
    })
}

fn weigh(name: &str, files: &[PathBuf]) -> Result {
    let mut bytes = 0;
    let mut packed = Some(0);
    for file in files {
        bytes += fs::metadata(file)?.len();
        packed = packed.zip(gzipped(file)).map(|(sum, more)| sum + more);
    }
    let packed = packed.map_or_else(|| "no gzip".to_string(), |packed: usize| packed.to_string());
    println!("{bytes:>10} {packed:>10}  dist/{name}");
    Ok(())
}

fn gzipped(file: &Path) -> Option<usize> {
    let output = Command::new("gzip").args(["-9", "--stdout"]).arg(file).stderr(Stdio::null()).output().ok()?;
    output.status.success().then_some(output.stdout.len())
}

fn copy(from: &Path, to: &Path) -> Result {
    // A running program cannot be written over, but its name can be taken from it.
    if to.exists() {
        fs::remove_file(to)?;
    }
    fs::copy(from, to).map_err(|error| format!("could not copy {} to {}: {error}", from.display(), to.display()))?;
    Ok(())
}

/// Copies a folder, but for folders in it of those names.
pub fn copy_folder(from: &Path, to: &Path, but: &[&str]) -> Result {
    let mut files = Vec::new();
    files_under(from, &mut files)?;
    for file in files {
        let inner = file.strip_prefix(from)?;
        if but.iter().any(|name| inner.starts_with(name)) {
            continue;
        }
        let place = to.join(inner);
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        copy(&file, &place)?;
    }
    Ok(())
}

fn files_under(folder: &Path, files: &mut Vec<PathBuf>) -> Result {
    for entry in fs::read_dir(folder).map_err(|error| format!("could not read {}: {error}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            files_under(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
