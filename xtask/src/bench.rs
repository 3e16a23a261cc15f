//! Turns the benches of the workspace into the tables they print.

use std::process::Command;

use crate::function;
use crate::means;
use crate::run::{self, Result};

/// A bench: its folder, its package, its name, and what it needs beside them.
type Bench = (&'static str, &'static str, &'static str, fn(&mut Command, &[String]) -> Result);

/// In the order of the tables.
const BENCHES: [Bench; 6] = [
    ("core", "gateleg-core", "plan", alone),
    ("host", "gateleg", "sandbox", alone),
    ("host", "gateleg", "throughput", alone),
    ("host", "gateleg", "neighbours", alone),
    ("store", "gateleg-store", "scan", beside_boto3),
    ("lambda", "gateleg-lambda", "function", beside_awslambdaric),
];

/// Runs every bench there is, or those that the first of `args` names, by their own name or their folder's; the rest go to each.
pub fn bench(args: &[String]) -> Result {
    let (only, args) = match args.split_first() {
        Some((first, rest)) if BENCHES.iter().any(|bench| bench.2 == first || bench.0 == first) => (Some(first), rest),
        _ => (None, args),
    };
    let mut ran = 0;
    for (folder, package, name, run) in BENCHES {
        let is_there = run::root().join(folder).join("benches").join(format!("{name}.rs")).is_file();
        if !is_there || only.is_some_and(|only| only != name && only != folder) {
            continue;
        }
        run::say(&format!("{package}: {name}"));
        run(&mut run::cargo(["bench", "--package", package, "--bench", name]), args)?;
        ran += 1;
    }
    if ran == 0 { Err("expected benches, but found none".into()) } else { Ok(()) }
}

fn alone(bench: &mut Command, args: &[String]) -> Result {
    run::shown(bench.arg("--").args(args))
}

/// The scan, beside boto3 where there is a Python for it, on an engine that is built as fast as it can be.
fn beside_boto3(bench: &mut Command, args: &[String]) -> Result {
    bench.args(["--features", "dynamodb", "--"]);
    beside_python(bench, "boto3's side", "xtask/bench/requirements.txt", (3, 10), args)
}

/// The function as it is released, beside the tutorial's handler as AWS runs it.
fn beside_awslambdaric(bench: &mut Command, args: &[String]) -> Result {
    bench.arg("--");
    if !args.iter().any(|arg| arg == "--function") {
        bench.arg("--function").arg(function::build(None)?);
    }
    beside_python(bench, "the tutorial's handler", "xtask/bench/lambda/requirements.txt", (3, 11), args)
}

fn beside_python(bench: &mut Command, what: &str, requirements: &str, wanted: (u32, u32), args: &[String]) -> Result {
    let python = means::python(&run::root().join(requirements), wanted)?;
    run::shown(&mut run::cargo(["build", "--quiet", "--release", "--package", "gateleg-engine"]))?;
    bench.env("GATELEG_ENGINE", run::binary("release", "gateleg-engine")).args(args);
    match python {
        Ok(python) => drop(bench.arg("--python").arg(python)),
        Err(missing) => run::say(&format!("SKIPPED {what}: expected {}; {}", missing.what, missing.remedy)),
    }
    run::shown(bench)
}
