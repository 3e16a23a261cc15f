//! Turns one table of 100,000 items into one text, by a plan over the SDK and by boto3 scripts, and what each took into a table.
//!
//! Each contender is a process of its own and starts anew in every round, one after another; the engine is a process of its own
//! too, and what it takes is shown beside them. What the scripts do is `xtask/bench/scan.py`'s business.
//!
//!     cargo bench -p gateleg-store --features dynamodb --bench scan -- --python PYTHON [--scans N] [--items records|texts]
#![allow(clippy::panic, reason = "an engine that does not start ends the bench")]

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "scan/items.rs"]
mod items;
#[path = "scan/once.rs"]
mod once;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use common::engine::Engine;
use items::SHAPES;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// Ours, and then the ways of the script: how it shares the work out, what becomes of an item, how many segments it reads.
const CONTENDERS: [(&str, &[&str]); 7] = [
    ("gateleg", &[]),
    ("boto3, one after another, wire", &["threads", "wire", "1"]),
    ("boto3, 4 threads, wire", &["threads", "wire", "4"]),
    ("boto3, 4 threads, plain", &["threads", "plain", "4"]),
    ("boto3, 4 processes, wire", &["processes", "wire", "4"]),
    ("boto3, 4 processes, plain", &["processes", "plain", "4"]),
    // Its items are bytes that boto3 has not seen: a measure of what reading them costs, and no rival.
    ("(boto3, 4 threads, unread)", &["threads", "unread", "4"]),
];

/// The contenders that ours is compared with.
const RIVALS: std::ops::Range<usize> = 1..6;

/// What one contender took.
#[derive(Clone, Copy, Debug, Default)]
struct Took {
    /// Seconds from the first call to the whole text.
    wall: f64,
    /// Seconds of CPU in that time.
    cpu: f64,
    /// Seconds of CPU of the engine in the contender's whole life.
    engine: f64,
    /// Seconds from the start of the process to its end.
    process_wall: f64,
    /// Seconds of CPU since the process began.
    process_cpu: f64,
    /// Bytes of the text.
    bytes: usize,
}

fn main() -> Result {
    let mut arguments = std::env::args().skip(1);
    let (mut python, mut rounds, mut wanted) = (None, 5, String::new());
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("expected a value after {argument}"));
        match argument.as_str() {
            "--once" => return once::scan(&value()?),
            "--python" => python = Some(PathBuf::from(value()?)),
            "--scans" => rounds = value()?.parse()?,
            "--items" => wanted = value()?,
            // What cargo itself adds, and what is meant for the other benches.
            _ => {}
        }
    }
    for (name, item) in SHAPES.iter().filter(|(name, _)| name.contains(&wanted)) {
        let engine = Engine::dynoxide();
        let bytes = items::load(&engine, name, *item)?;
        println!("{name}: {} items of {bytes} bytes; seconds, medians of {rounds} rounds\n", items::COUNT);
        measure(&engine, name, python.as_deref(), rounds)?;
    }
    Ok(())
}

fn measure(engine: &Engine, table: &str, python: Option<&Path>, rounds: usize) -> Result {
    let contenders = &CONTENDERS[..if python.is_some() { CONTENDERS.len() } else { 1 }];
    let mut took = vec![Vec::new(); contenders.len()];
    // The first round warms up.
    for round in 0..=rounds {
        for turn in 0..contenders.len() {
            let index = (round + turn) % contenders.len();
            let (name, way) = contenders[index];
            let one = run(engine, table, python.filter(|_| index > 0), way);
            let one = one.map_err(|error| format!("{name}: {error}"))?;
            if round > 0 {
                took[index].push(one);
            }
        }
    }
    println!(
        "{:<32} {:>7} {:>7} {:>7} {:>13} {:>12} {:>10}",
        "", "wall", "CPU", "engine", "process wall", "process CPU", "bytes"
    );
    for ((name, _), took) in contenders.iter().zip(&took) {
        let of = |value: fn(&Took) -> f64| median(took.iter().map(value));
        println!(
            "{name:<32} {:>7.3} {:>7.3} {:>7.2} {:>13.3} {:>12.3} {:>10}",
            of(|t| t.wall),
            of(|t| t.cpu),
            of(|t| t.engine),
            of(|t| t.process_wall),
            of(|t| t.process_cpu),
            took.first().map_or(0, |t| t.bytes)
        );
    }
    println!();
    if python.is_some() {
        compare("wall", 1.0, contenders, &took, |t| t.wall);
        compare("CPU", 0.25, contenders, &took, |t| t.cpu);
        println!();
    }
    Ok(())
}

/// Ours beside the rival that took least of it, by their medians.
fn compare(what: &str, promised: f64, contenders: &[(&str, &[&str])], took: &[Vec<Took>], value: fn(&Took) -> f64) {
    let of = |index: usize| median(took[index].iter().map(value));
    let Some(best) = RIVALS.min_by(|a, b| of(*a).total_cmp(&of(*b))) else { return };
    let ratio = of(0) / of(best);
    println!("{what:<4} {ratio:>5.2} of the least, which is {}; promised {promised:.2}", contenders[best].0);
}

/// One contender, from the start of its process to its end.
fn run(engine: &Engine, table: &str, python: Option<&Path>, way: &[&str]) -> Result<Took> {
    let mut command = match python {
        None => Command::new(std::env::current_exe()?),
        Some(python) => Command::new(python),
    };
    match python {
        None => command.args(["--once", table]),
        Some(_) => {
            command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../xtask/bench/scan.py")).arg(table).args(way)
        }
    };
    command.envs([
        ("AWS_ENDPOINT_URL_DYNAMODB", engine.endpoint.as_str()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ]);
    let (before, start) = (cpu_of(engine), Instant::now());
    let output = command.stderr(std::process::Stdio::inherit()).output()?;
    let process_wall = start.elapsed().as_secs_f64();
    let line = String::from_utf8(output.stdout)?;
    let numbers: Vec<f64> = line.split_whitespace().map(str::parse).collect::<std::result::Result<_, _>>()?;
    let [wall, cpu, process_cpu, items, bytes] = numbers[..] else {
        return Err(format!("expected five numbers, but found {line:?} ({})", output.status).into());
    };
    if items as usize != items::COUNT {
        return Err(format!("expected {} items, but found {items}", items::COUNT).into());
    }
    Ok(Took { wall, cpu, engine: cpu_of(engine) - before, process_wall, process_cpu, bytes: bytes as usize })
}

/// Seconds of CPU that the engine has taken, to a hundredth; not a number where the system does not say.
fn cpu_of(engine: &Engine) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", engine.id())).unwrap_or_default();
    // The name, in parentheses, may hold anything; user and system time are the 12th and 13th field behind it.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    let ticks: Vec<f64> = fields.filter_map(|field| field.parse().ok()).collect();
    if ticks.is_empty() { f64::NAN } else { ticks.iter().sum::<f64>() / 100.0 }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
