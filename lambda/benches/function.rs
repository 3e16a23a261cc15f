//! Turns the tutorial's events into answers, by the release `bootstrap` and by the tutorial's Python handler under AWS's runtime
//! interface client, and what each took into tables, and into a plot.
//!
//! All stand behind the same Runtime API on loopback and in front of the same engine, one after another in turn, each in a process of
//! its own. What the handlers do is `xtask/bench/lambda`'s business; `docs/benchmarks.md` says how to read the tables.
//!
//!     cargo bench -p gateleg-lambda --bench function -- --python PYTHON [--function PATH] [--rounds N] [--svg PATH]
#![allow(clippy::unwrap_used, clippy::panic, reason = "an engine that does not start ends the bench")]

#[path = "function/cost.rs"]
mod cost;
#[path = "function/distance.rs"]
mod distance;
#[allow(dead_code, reason = "of the tests' Lambda only the engine is wanted")]
#[path = "../tests/lambda/mod.rs"]
mod lambda;
#[path = "function/measure.rs"]
mod measure;
#[path = "function/planner.rs"]
mod planner;
#[path = "function/plot.rs"]
mod plot;
#[path = "function/process.rs"]
mod process;
#[path = "function/runtime_api.rs"]
mod runtime_api;
#[path = "function/share.rs"]
mod share;
#[path = "function/table.rs"]
mod table;

use std::error::Error;
use std::path::{Path, PathBuf};

use process::{Contender, Event};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result {
    let mut arguments = std::env::args().skip(1);
    let (mut python, mut function, mut svg) = (None, PathBuf::from(env!("CARGO_BIN_EXE_bootstrap")), None);
    let mut rounds = 5;
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("expected a value after {argument}"));
        match argument.as_str() {
            "--python" => python = Some(PathBuf::from(value()?)),
            "--function" => function = in_the_checkout(&value()?),
            "--rounds" => rounds = value()?.parse()?,
            "--svg" => svg = Some(in_the_checkout(&value()?)),
            // What cargo itself adds, and what is meant for the other benches.
            _ => {}
        }
    }
    let contenders = contenders(function, python);
    println!(
        "{}, beside {} others; {rounds} rounds; load average {}\n",
        contenders[0].command[0].display(),
        contenders.len() - 1,
        load()
    );
    let engine = lambda::Engine::start();

    let cold = measure::cold(&contenders, &engine.endpoint, &create(), rounds)?;
    table::cold(&contenders, &cold);
    let warm = measure::warm(&contenders, &engine.endpoint, &[create(), read(), list()], rounds)?;
    table::warm(&contenders, &warm);
    let rest = measure::warm(&contenders[..1], &engine.endpoint, &[rest()?], rounds)?;
    println!(
        "{:<24} {:>9.1}   as a create that came through a REST API with proxy integration\n",
        contenders[0].name, rest[0].cpu[0]
    );
    let planned = planner::create(CREATE.as_bytes(), &engine.endpoint)?;
    let shares = measure::shares(&contenders, &engine.endpoint, &create(), rounds)?;
    table::shares(&contenders, &shares);
    table::costs(&contenders, &shares);
    table::promises(&contenders, &cold, &warm, planned, &shares);
    println!("\nload average {}", load());
    if let Some(path) = svg {
        std::fs::write(&path, plot::svg(&contenders, &shares))?;
        println!("plotted: {}", path.display());
    }
    Ok(())
}

/// Ours, and the Python handlers if there is a Python for them.
fn contenders(function: PathBuf, python: Option<PathBuf>) -> Vec<Contender> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf();
    let mut contenders = vec![Contender { name: "gateleg", command: vec![function], folder }];
    if let Some(python) = python {
        let handler = |name, handler: &str| Contender {
            name,
            command: vec![python.clone(), "-m".into(), "awslambdaric".into(), handler.into()],
            folder: in_the_checkout("xtask/bench/lambda"),
        };
        contenders.push(handler("python", "handler.lambda_handler"));
        contenders.push(handler("python, kept", "kept.lambda_handler"));
    }
    contenders
}

/// A path as somebody in the project's folder means it; cargo starts benches in their package's.
fn in_the_checkout(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

const CREATE: &str = include_str!("../events/direct-create.json");

fn create() -> Event {
    Event::new(CREATE, "HTTPStatusCode")
}

fn read() -> Event {
    Event::new(include_str!("../events/direct-read.json"), "1234ABCD")
}

fn list() -> Event {
    Event::new(include_str!("../events/direct-list.json"), "1234ABCD")
}

/// The create as a REST API with proxy integration sends it; the tutorial has none, so its handler knows no such event.
fn rest() -> Result<Event> {
    let sample = include_str!("../events/rest.json");
    let start = sample.find(r#""body": ""#).ok_or("expected a body in rest.json")?;
    let end = start + sample[start..].find('\n').ok_or("expected a line")?;
    let body = CREATE.replace('\n', " ").replace('"', "\\\"");
    let event = format!("{}\"body\": \"{body}\",{}", &sample[..start], &sample[end..]);
    Ok(Event::new(&event, "\"statusCode\":200"))
}

/// The system's, of the last 1, 5 and 15 minutes.
fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
