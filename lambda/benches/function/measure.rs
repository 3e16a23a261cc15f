//! Turns contenders and events into figures: rounds in which every contender has its turn, each round beginning with another one, and
//! the medians of them.

use std::time::{Duration, Instant};

use crate::process::{Contender, Event, Function};
use crate::share::Share;
use crate::{Result, distance, median};

/// The sizes of memory whose share of a CPU is tried, in MB.
pub const SIZES: [u32; 4] = [128, 512, 1024, 1769];
/// How far away the store is then.
pub const DISTANCE: Duration = Duration::from_millis(5);

/// Invocations of a kind in all rounds together, those of one turn, and those that go uncounted.
const INVOCATIONS: usize = 2_000;
const TURN: usize = 50;
const WARMING: usize = 25;
/// Turns under a share in one round, invocations of one turn, and the time after which there are no more in it.
const SLOW_TURNS: usize = 6;
const SLOW_TURN: usize = 10;
const SLOW_TIME: Duration = Duration::from_millis(500);

/// How a contender starts, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Cold {
    /// Until it asks for an event.
    pub init: f64,
    /// Until it has answered one.
    pub reply: f64,
}

/// How a contender works once it is warm.
#[derive(Clone, Debug)]
pub struct Warm {
    /// Microseconds of CPU for each kind of event.
    pub cpu: Vec<f64>,
    /// MiB of memory, at most.
    pub memory: f64,
}

/// How a contender works with the CPU that comes with a size of memory, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Shared {
    /// MB of memory.
    pub size: u32,
    /// The first answer, after an init with a whole CPU.
    pub first: f64,
    /// Half of the answers after it took no longer.
    pub p50: f64,
}

/// Starts every contender again and again; the first round goes uncounted.
pub fn cold(contenders: &[Contender], endpoint: &str, event: &Event, rounds: usize) -> Result<Vec<Cold>> {
    let mut took = vec![Vec::new(); contenders.len()];
    for round in 0..=4 * rounds {
        for index in order(round, contenders.len()) {
            let (init, reply) = Function::first_reply(&contenders[index], endpoint, event)?;
            if round > 0 {
                took[index].push((milliseconds(init), milliseconds(reply)));
            }
        }
    }
    let cold = |took: &Vec<(f64, f64)>| Cold { init: middle(took, |one| one.0), reply: middle(took, |one| one.1) };
    Ok(took.iter().map(cold).collect())
}

/// Invokes every contender with every kind of event, and then looks how much memory it took. All of them are there at once, and each
/// has short turns, so that what else the machine does meets them alike.
pub fn warm(contenders: &[Contender], endpoint: &str, events: &[Event], rounds: usize) -> Result<Vec<Warm>> {
    let mut cpu = vec![vec![Vec::new(); events.len()]; contenders.len()];
    let mut memory = vec![Vec::new(); contenders.len()];
    for round in 0..rounds {
        let mut functions = Vec::new();
        for contender in contenders {
            let function = Function::start(contender, endpoint)?;
            for event in events {
                function.invoke(event, WARMING)?;
            }
            functions.push(function);
        }
        for turn in 0..INVOCATIONS.div_ceil(rounds * TURN) {
            for (kind, event) in events.iter().enumerate() {
                for index in order(round + turn, contenders.len()) {
                    let before = functions[index].cpu()?;
                    functions[index].invoke(event, TURN)?;
                    cpu[index][kind].push(functions[index].cpu()?.since(&before) / TURN as f64);
                }
            }
        }
        for (memory, function) in memory.iter_mut().zip(&functions) {
            memory.push(function.peak_memory()? / 1024.0);
        }
    }
    let warm = |(cpu, memory): (Vec<Vec<f64>>, Vec<f64>)| Warm {
        cpu: cpu.into_iter().map(median).collect(),
        memory: median(memory),
    };
    Ok(cpu.into_iter().zip(memory).map(warm).collect())
}

/// Invokes every contender with the CPU of every size of memory, and the store at a distance; in short turns too.
pub fn shares(contenders: &[Contender], endpoint: &str, event: &Event, rounds: usize) -> Result<Vec<Vec<Shared>>> {
    let endpoint = distance::away(endpoint, DISTANCE)?;
    let pairs: Vec<(usize, u32)> = (0..contenders.len()).flat_map(|index| SIZES.map(|size| (index, size))).collect();
    let mut first = vec![Vec::new(); pairs.len()];
    let mut took = vec![Vec::new(); pairs.len()];
    let mut how = String::new();
    for round in 0..rounds.div_ceil(2) {
        let mut functions = Vec::new();
        for (pair, (index, size)) in pairs.iter().enumerate() {
            let mut function = Function::start(&contenders[*index], &endpoint)?;
            how = function.limit(Share::of_memory(*size))?;
            first[pair].push(milliseconds(function.invoke_once(event)?));
            functions.push(function);
        }
        for turn in 0..=SLOW_TURNS {
            for pair in order(round + turn, pairs.len()) {
                let start = Instant::now();
                for _ in 0..SLOW_TURN {
                    let one = milliseconds(functions[pair].invoke_once(event)?);
                    // The first turn warms up.
                    if turn > 0 {
                        took[pair].push(one);
                    }
                    if start.elapsed() > SLOW_TIME {
                        break;
                    }
                }
            }
        }
    }
    println!("CPU in proportion to memory, a whole one at 1769 MB: {how}; the store is {DISTANCE:?} away\n");
    let mut tables = vec![Vec::new(); contenders.len()];
    for (((index, size), first), took) in pairs.into_iter().zip(first).zip(took) {
        tables[index].push(Shared { size, first: median(first), p50: median(took) });
    }
    Ok(tables)
}

/// All the contenders, beginning with another one in each round.
fn order(round: usize, count: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |turn| (round + turn) % count)
}

fn middle<T>(took: &[T], value: fn(&T) -> f64) -> f64 {
    median(took.iter().map(value).collect())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
