//! Turns the benches of the workspace into the tables they print.

use std::process::Command;

use crate::means;
use crate::run::{self, Result};

/// A bench: its folder, its package, its name, and what it needs beside them.
type Bench = (&'static str, &'static str, &'static str, fn(&mut Command, &[String]) -> Result);

/// In the order of the tables.
const BENCHES: [Bench; 5] = [
    ("core", "gateleg-core", "plan", alone),
    ("host", "gateleg", "sandbox", alone),
    ("host", "gateleg", "throughput", alone),
    ("host", "gateleg", "neighbours", alone),
    ("store", "gateleg-store", "scan", beside_boto3),
];

/// Runs every bench there is, or the one that the first of `args` names; the rest go to each.
pub fn bench(args: &[String]) -> Result {
    let (only, args) = match args.split_first() {
        Some((first, rest)) if BENCHES.iter().any(|bench| bench.2 == first) => (Some(first), rest),
        _ => (None, args),
    };
    let mut ran = 0;
    for (folder, package, name, run) in BENCHES {
        let is_there = run::root().join(folder).join("benches").join(format!("{name}.rs")).is_file();
        if !is_there || only.is_some_and(|only| only != name) {
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
    let python = means::python(&run::root().join("xtask/bench/requirements.txt"), (3, 10))?;
    run::shown(&mut run::cargo(["build", "--quiet", "--release", "--package", "gateleg-engine"]))?;
    bench.env("GATELEG_ENGINE", run::binary("release", "gateleg-engine"));
    bench.args(["--features", "dynamodb", "--"]).args(args);
    match python {
        Ok(python) => drop(bench.arg("--python").arg(python)),
        Err(missing) => run::say(&format!("SKIPPED boto3's side: expected {}; {}", missing.what, missing.remedy)),
    }
    run::shown(bench)
}
