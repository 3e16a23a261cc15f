//! Turns everything that can be tested into one list of steps, runs them, and ends with one line: `N passed, N failed`.
//!
//! A step that this machine has no means for, or whose part of the project is not there, is skipped and named at the end; in
//! continuous integration it is a failure.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Instant;

use crate::deploy;
use crate::function;
use crate::handlers;
use crate::means::{self, Missing};
use crate::page;
use crate::run::{self, Result};
use crate::server::Server;
use crate::tally::{self, Tally};
use crate::wasm;

/// What became of a step.
enum Outcome {
    Ran(Tally),
    /// It ran, but for what needs something that is not here.
    Partly(Tally, Missing),
    Skipped(Missing),
}

/// A step's name, what it shows, and how.
type Step = (&'static str, &'static str, fn() -> Result<Outcome>);

/// In the order in which a mistake is found soonest.
const STEPS: &[Step] = &[
    ("format", "the code is formatted", format),
    ("clippy", "no lint complains", clippy),
    ("docs", "the documentation builds without warnings", docs),
    ("engine", "the DynamoDB engine that other steps start", engine),
    ("rust", "core, store, host and xtask; the stores agree, dynalite among them", rust),
    ("handlers", "the handler in Rust of examples/ is formatted, and no lint complains", handlers),
    ("faults", "100,000 histories of plans against a store that fails on purpose", faults),
    ("lambda", "the Lambda, built by itself; behind cargo-lambda's emulated APIs too", lambda),
    ("wasm", "every face of the WebAssembly build; core as compact as the page's", wasm_faces),
    ("wasi", "core's own tests, on wasm32", wasi),
    ("replay", "the corpus, in wasm built as the page's", replay),
    ("page", "the playground's types, tests, build and size", playground),
    ("e2e", "the playground in Chromium, against a real server", e2e),
    ("schema", "the descriptions of the API: valid, true of the corpus, and of a live host", schema),
    ("deploy", "the SAM template, Terraform, and what they say of the policy", deployment),
    ("parity", "the tutorial's Python handler beside this project", parity),
    ("code", "requests as curl, AWS CLI, boto3 and Rust do what gateleg does", code),
];

/// Runs the steps that are named, or all of them.
pub fn test(names: &[String], strict: bool) -> Result {
    if names.iter().any(|name| name == "--list") {
        for (name, shows, _) in STEPS {
            println!("{name:<8} {shows}");
        }
        return Ok(());
    }
    if let Some(unknown) = names.iter().find(|name| !STEPS.iter().any(|(known, ..)| known == name)) {
        let known: Vec<&str> = STEPS.iter().map(|(name, ..)| *name).collect();
        return Err(format!("expected a step, one of {}, but found {unknown:?}", known.join(", ")).into());
    }

    let start = Instant::now();
    let mut total = Tally::default();
    let mut skipped = Vec::new();
    let mut table = Vec::new();
    let mut left_out = |mut tally: Tally, missing: Missing, name| {
        let note = format!("needs {}", missing.what);
        skipped.push((name, missing));
        if strict {
            tally += Tally::FAIL;
        }
        (tally, note)
    };
    for (name, shows, step) in STEPS.iter().filter(|(name, ..)| names.is_empty() || names.iter().any(|n| n == name)) {
        let began = Instant::now();
        run::say(&format!("== {name}: {shows}"));
        let (tally, note) = match step() {
            Ok(Outcome::Ran(tally)) => (tally, String::new()),
            Ok(Outcome::Partly(tally, missing)) => left_out(tally, missing, name),
            Ok(Outcome::Skipped(missing)) => left_out(Tally::default(), missing, name),
            Err(error) => {
                println!("{name}: {error}");
                (Tally::FAIL, "broke off".to_string())
            }
        };
        total += tally;
        table.push(format!(
            "{name:<8} {:>6} {:>6} {:>6}s  {note}",
            tally.passed,
            tally.failed,
            began.elapsed().as_secs()
        ));
    }

    println!("\nstep     passed failed    time");
    println!("{}", table.join("\n"));
    println!("in {} s", start.elapsed().as_secs());
    for (name, missing) in &skipped {
        println!("\nSKIPPED {name}: it needs {}.\n  To get it: {}.", missing.what, missing.remedy);
    }
    let and_skipped = if skipped.is_empty() { String::new() } else { format!(", {} skipped", skipped.len()) };
    println!("\n{} passed, {} failed{and_skipped}", total.passed, total.failed);
    if total.failed > 0 { Err("not everything passed".into()) } else { Ok(()) }
}

fn format() -> Result<Outcome> {
    ran(tally::check(&mut run::cargo(["fmt", "--all", "--check"])))
}

fn clippy() -> Result<Outcome> {
    let deny = ["--", "--deny", "warnings"];
    let mut total = tally::check(run::cargo(["clippy", "--workspace", "--all-targets"]).args(deny))?;
    for face in ["guest", "browser", "replay"] {
        total += tally::check(
            run::cargo(["clippy", "--package", "gateleg-wasm", "--features", face]).args(WASM).args(deny),
        )?;
    }
    Ok(Outcome::Ran(total))
}

fn docs() -> Result<Outcome> {
    let args = ["doc", "--workspace", "--no-deps"];
    ran(tally::check(run::cargo(args).env("RUSTDOCFLAGS", "--deny warnings")))
}

/// By itself: its HTTP server turns on features of serde_json that no other part may see.
fn engine() -> Result<Outcome> {
    // It has no tests of its own; that it builds is one.
    ran(tally::check(&mut run::cargo(["build", "--package", "gateleg-engine"])))
}

/// The default members: what is built into one another.
fn rust() -> Result<Outcome> {
    let tally = tally::tests(run::cargo(["test", "--no-fail-fast"]).env("GATELEG_ENGINE", engine_program()?))?;
    Ok(match means::node() {
        Ok(()) => Outcome::Ran(tally),
        Err(missing) => Outcome::Partly(tally, missing),
    })
}

/// The engine, built.
fn engine_program() -> Result<PathBuf> {
    run::shown(&mut run::cargo(["build", "--quiet", "--package", "gateleg-engine"]))?;
    Ok(run::binary("debug", "gateleg-engine"))
}

/// A workspace by itself, which no other step sees. That they do what they should is among the tests of the host.
fn handlers() -> Result<Outcome> {
    ran(handlers::check())
}

/// Optimised, because there are so many.
fn faults() -> Result<Outcome> {
    ran(tally::tests(&mut run::cargo(["test", "--release", "--package", "gateleg-core", "--test", "faults"])))
}

/// By itself: with the host in the same build its store would have SQLite in it.
fn lambda() -> Result<Outcome> {
    let args = ["test", "--no-fail-fast", "--package", "gateleg-lambda"];
    let mut tests = run::cargo(args);
    tests.env("GATELEG_ENGINE", engine_program()?);
    match function::tools()? {
        Ok(tools) => {
            let emulator = tools.join("cargo-lambda");
            ran(tally::tests(tests.args(["--features", "emulated"]).env("GATELEG_CARGO_LAMBDA", emulator)))
        }
        Err(missing) => Ok(Outcome::Partly(tally::tests(&mut tests)?, missing)),
    }
}

const WASM: [&str; 2] = ["--target", "wasm32-unknown-unknown"];

fn wasm_faces() -> Result<Outcome> {
    wasm::install_target("wasm32-unknown-unknown")?;
    let mut total = Tally::default();
    for face in ["guest", "browser", "replay"] {
        let args = ["test", "--no-fail-fast", "--package", "gateleg-wasm", "--features", face];
        total += tally::tests(&mut run::cargo(args))?;
    }
    let compact = ["test", "--no-fail-fast", "--package", "gateleg-core", "--features", "compact"];
    total += tally::tests(&mut run::cargo(compact))?;
    Ok(Outcome::Ran(total))
}

/// `wasm32-wasip1` differs from `wasm32-unknown-unknown` in that its programs can print, which tests have to.
fn wasi() -> Result<Outcome> {
    if let Err(missing) = means::node() {
        return Ok(Outcome::Skipped(missing));
    }
    wasm::install_target("wasm32-wasip1")?;
    let runner = format!("node --no-warnings {}", run::root().join("xtask/wasi.mjs").display());
    let args = ["test", "--no-fail-fast", "--package", "gateleg-core", "--lib", "--tests", "--target", "wasm32-wasip1"];
    // A panic ends the process here, and with it what was captured of its message.
    let tests = ["--", "--no-capture"];
    ran(tally::tests(run::cargo(args).args(tests).env("CARGO_TARGET_WASM32_WASIP1_RUNNER", runner)))
}

fn replay() -> Result<Outcome> {
    if let Err(missing) = means::node() {
        return Ok(Outcome::Skipped(missing));
    }
    let package = wasm::replay()?;
    let cases = export_cases()?;
    let mut total = tally::tests(
        run::program("node", run::root(), ["--test-reporter=spec", "wasm/replay.mjs"]).arg(&cases).arg(&package),
    )?;
    wasm::optimise()?;
    total +=
        tally::tests(run::program("node", run::root(), ["--test-reporter=spec", "wasm/browser.test.mjs"]).arg(&cases))?;
    Ok(Outcome::Ran(total))
}

/// The corpus as JSON lines, for what is not written in Rust.
fn export_cases() -> Result<PathBuf> {
    let folder = run::target().join("xtask");
    fs::create_dir_all(&folder)?;
    let cases = folder.join("cases.jsonl");
    let mut export = run::cargo(["run", "--quiet", "--package", "gateleg-core", "--example", "cases"]);
    run::shown(export.stdin(Stdio::null()).stdout(File::create(&cases)?))?;
    Ok(cases)
}

fn playground() -> Result<Outcome> {
    if let Err(missing) = means::node() {
        return Ok(Outcome::Skipped(missing));
    }
    page::install()?;
    let npm = |script: &str| run::program("npm", &page::folder(), ["run", "--silent", script]);
    let mut total = tally::check(&mut npm("check"))?;
    // Some of its tests ask the planner.
    wasm::page()?;
    total += tally::tests(&mut npm("test"))?;
    // What is weighed is what is shipped.
    let optimised = wasm::optimise()?;
    page::build()?;
    total += Tally::PASS;
    if !optimised {
        let missing = Missing::new("binaryen, to weigh the page", "let npm reach its registry once");
        return Ok(Outcome::Partly(total, missing));
    }
    let size = ["--test-reporter=spec", "test/size.mjs"];
    total += tally::tests(&mut run::program("node", &page::folder(), size))?;
    Ok(Outcome::Ran(total))
}

fn e2e() -> Result<Outcome> {
    let chromium = match means::node().and_then(|()| means::chromium()) {
        Ok(chromium) => chromium,
        Err(missing) => return Ok(Outcome::Skipped(missing)),
    };
    page::build()?;
    run::shown(&mut run::cargo(["build", "--package", "gateleg", "--bin", "gateleg"]))?;
    let server = Server::start(&page::built())?;
    let mut runner = run::program("npm", &page::folder(), ["run", "--silent", "e2e"]);
    runner
        .env("GATELEG_URL", server.url())
        .env("CHROMIUM", chromium)
        .env("GATELEG_BIN", run::binary("debug", "gateleg"));
    ran(tally::tests(&mut runner))
}

fn schema() -> Result<Outcome> {
    let python = match means::python(&run::root().join("xtask/describe/requirements.txt"), (3, 11))? {
        Ok(python) => python,
        Err(missing) => return Ok(Outcome::Skipped(missing)),
    };
    let cases = export_cases()?;
    run::shown(&mut run::cargo(["build", "--quiet", "--package", "gateleg", "--bin", "gateleg"]))?;
    // The page does not matter here, but there must be one.
    let page = run::target().join("xtask/page");
    fs::create_dir_all(&page)?;
    fs::write(page.join("index.html"), "")?;
    let server = Server::start(&page)?;
    let mut runner = run::program(&python.to_string_lossy(), run::root(), ["xtask/describe/describe.py"]);
    runner.arg("--cases").arg(cases).args(["--url", &server.url()]);
    ran(tally::tests(&mut runner))
}

fn deployment() -> Result<Outcome> {
    Ok(match deploy::check()? {
        Ok(tally) => Outcome::Ran(tally),
        Err(missing) => Outcome::Skipped(missing),
    })
}

fn parity() -> Result<Outcome> {
    let python = match means::python(&run::root().join("xtask/parity/requirements.txt"), (3, 10))? {
        Ok(python) => python,
        Err(missing) => return Ok(Outcome::Skipped(missing)),
    };
    let engine = engine_program()?;
    run::shown(&mut run::cargo(["build", "--quiet", "--package", "gateleg", "--bin", "gateleg"]))?;
    run::shown(&mut run::cargo(["build", "--quiet", "--package", "gateleg-lambda", "--bin", "bootstrap"]))?;
    let mut runner = run::program(&python.to_string_lossy(), run::root(), ["xtask/parity/parity.py"]);
    runner.arg("--engine").arg(engine);
    runner.arg("--gateleg").arg(run::binary("debug", "gateleg"));
    runner.arg("--bootstrap").arg(run::binary("debug", "bootstrap"));
    ran(tally::tests(runner.env("PARITY_LOGS", run::target().join("xtask"))))
}

fn code() -> Result<Outcome> {
    let python = match means::python(&run::root().join("xtask/code/requirements.txt"), (3, 10))? {
        Ok(python) => python,
        Err(missing) => return Ok(Outcome::Skipped(missing)),
    };
    let engine = engine_program()?;
    run::shown(&mut run::cargo(["build", "--quiet", "--package", "gateleg", "--bin", "gateleg"]))?;
    let rust = ["build", "--quiet", "--package", "gateleg-store", "--example", "code", "--features", "dynamodb"];
    run::shown(&mut run::cargo(rust))?;
    let mut runner = run::program(&python.to_string_lossy(), run::root(), ["xtask/code/code.py"]);
    runner.arg("--engine").arg(engine);
    runner.arg("--gateleg").arg(run::binary("debug", "gateleg"));
    runner.arg("--rust").arg(run::binary("debug", "examples/code"));
    ran(tally::tests(runner.env("PARITY_LOGS", run::target().join("xtask"))))
}

fn ran(tally: Result<Tally>) -> Result<Outcome> {
    tally.map(Outcome::Ran)
}
