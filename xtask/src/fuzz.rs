//! Turns `fuzz/` into a run of each of its targets, for so many seconds; says so and does nothing where the means are missing.
//!
//! cargo-fuzz needs a nightly compiler. The same seeds run everywhere as ordinary tests of core.

use std::fs;

use crate::means::{self, Missing};
use crate::run::{self, Result};

/// The targets, as `fuzz/Cargo.toml` names them.
const TARGETS: [&str; 8] =
    ["request", "update", "condition", "key_condition", "filter", "projection", "replay", "outcome"];

/// Seconds for each target, if none are asked for.
const SECONDS: u32 = 60;

/// Fuzzes the targets that are named, or all of them; `--seconds N` for each.
pub fn fuzz(args: &[String]) -> Result {
    let (mut seconds, mut targets) = (SECONDS, Vec::new());
    let mut args = args.iter().map(String::as_str);
    while let Some(arg) = args.next() {
        match arg {
            "--seconds" => {
                let value = args.next().unwrap_or_default();
                seconds =
                    value.parse().map_err(|_| format!("expected a number after --seconds, but found {value:?}"))?;
            }
            name if TARGETS.contains(&name) => targets.push(name),
            other => return Err(format!("expected one of {}, but found {other:?}", TARGETS.join(", ")).into()),
        }
    }
    if let Some(missing) = missing() {
        println!("SKIPPED fuzz: it needs {}.\n  To get it: {}.", missing.what, missing.remedy);
        return if means::is_ci() { Err("continuous integration has to fuzz".into()) } else { Ok(()) };
    }
    if targets.is_empty() {
        targets = TARGETS.to_vec();
    }
    let folder = run::root().join("fuzz");
    for target in targets {
        run::say(&format!("fuzz {target}: {seconds} s"));
        let found = folder.join("corpus").join(target);
        fs::create_dir_all(&found)?;
        let mut command = run::program("cargo", run::root(), ["+nightly", "fuzz", "run", target]);
        command.arg(&found).arg(folder.join("seeds").join(target)).arg("--");
        command.arg(format!("-max_total_time={seconds}")).arg("-timeout=10").arg("-max_len=8192");
        command.arg(format!("-dict={}", folder.join("gateleg.dict").display()));
        // The checkout's toolchain and its target folder are not the nightly's.
        command.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO").env("CARGO_TARGET_DIR", run::target().join("fuzz"));
        run::shown(&mut command)?;
    }
    Ok(())
}

fn missing() -> Option<Missing> {
    let answers = |args: &[&str]| {
        run::answer(run::program("cargo", run::root(), ["+nightly"]).args(args).env_remove("RUSTUP_TOOLCHAIN"))
            .is_some()
    };
    if !answers(&["--version"]) {
        return Some(Missing::new("a nightly toolchain, but found none", "`rustup toolchain install nightly`"));
    }
    if !answers(&["fuzz", "--version"]) {
        return Some(Missing::new("cargo-fuzz, but found none", "`cargo install cargo-fuzz --locked`"));
    }
    None
}
