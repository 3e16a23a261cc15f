//! Turns figures into tables for people, and sets them beside what is promised.

use crate::cost::{PROCESSORS, million};
use crate::measure::{Cold, SIZES, Shared, Warm};
use crate::planner::Planned;
use crate::process::Contender;

/// How contenders start.
pub fn cold(contenders: &[Contender], cold: &[Cold]) {
    println!("{:<24} {:>9} {:>9}   ms from the start of the process", "cold start", "init", "answer");
    for (contender, Cold { init, reply }) in contenders.iter().zip(cold) {
        println!("{:<24} {init:>9.1} {reply:>9.1}", contender.name);
    }
    println!();
}

/// How they work.
pub fn warm(contenders: &[Contender], warm: &[Warm]) {
    println!("{:<24} {:>9} {:>9} {:>9} {:>9}   us of CPU; MiB", "warm", "create", "read", "list", "memory");
    for (contender, Warm { cpu, memory }) in contenders.iter().zip(warm) {
        print!("{:<24}", contender.name);
        cpu.iter().for_each(|cpu| print!(" {cpu:>9.1}"));
        println!(" {memory:>9.1}");
    }
}

/// How they work with less of a CPU.
pub fn shares(contenders: &[Contender], shares: &[Vec<Shared>]) {
    let rows = |what: &str, of: fn(&Shared) -> f64| {
        heading(what, "ms");
        for (contender, shares) in contenders.iter().zip(shares) {
            print!("{:<24}", contender.name);
            shares.iter().for_each(|shared| print!(" {:>9.1}", of(shared)));
            println!();
        }
        println!();
    };
    rows("first answer after init", |shared| shared.first);
    rows("p50 of a create", |shared| shared.p50);
}

/// What a million invocations cost.
pub fn costs(contenders: &[Contender], shares: &[Vec<Shared>]) {
    heading("a million creates", "dollars: 0.20 + 1e6 x GB x billed ms / 1000 x price of a GB-second");
    for (processor, price) in PROCESSORS {
        for (contender, shares) in contenders.iter().zip(shares) {
            print!("{:<24}", format!("{}, {processor}", contender.name));
            shares.iter().for_each(|shared| print!(" {:>9.3}", million(shared.size, shared.p50, price)));
            println!();
        }
    }
    println!();
}

fn heading(what: &str, unit: &str) {
    print!("{what:<24}");
    SIZES.iter().for_each(|size| print!(" {:>9}", format!("{size} MB")));
    println!("   {unit}");
}

/// What is promised, and what was found.
pub fn promises(contenders: &[Contender], cold: &[Cold], warm: &[Warm], planned: Planned, shares: &[Vec<Shared>]) {
    println!("{:<44} {:>9} {:>9}", "promises", "found", "promised");
    for other in 1..contenders.len() {
        let beside = |what: &str| format!("{what}, beside {}", contenders[other].name);
        // Promised is what is so beside the tutorial's handler, which is the first.
        let row = |what: &str, found: f64, promised: &str| {
            let promised = if other == 1 { format!(" {promised:>9}") } else { String::new() };
            println!("{:<44} {found:>9.1}{promised}", beside(what));
        };
        row("times faster cold start", cold[other].reply / cold[0].reply, ">= 30");
        row("times less CPU", warm[other].cpu[0] / warm[0].cpu[0], ">= 35");
        row("times less memory", warm[other].memory / warm[0].memory, ">= 6");
    }
    let at = |size| shares[0].iter().find(|shared| shared.size == size).map_or(f64::NAN, |shared| shared.p50);
    println!("{:<44} {:>9.2} {:>9}", "p50 at 128 MB to p50 at 1024 MB", at(128) / at(1024), "<= 1.5");
    let share = |planned: f64| 100.0 * planned / warm[0].cpu[0];
    let Planned { looped, around_calls } = planned;
    println!(
        "{:<44} {:>9.2} {:>9}   {looped:.2} us, in a loop",
        "planner's share of a create, %",
        share(looped),
        "< 3"
    );
    println!("{:<44} {:>9.2} {:>9}   {around_calls:.2} us, around its call", "", share(around_calls), "");
}
