//! Turns what test runners print into counts: cargo's `test result:`, Node's `# pass N`, and the plain `N passed, N failed`.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::run::{self, Result};

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
}

impl Tally {
    pub const PASS: Tally = Tally { passed: 1, failed: 0 };
    pub const FAIL: Tally = Tally { passed: 0, failed: 1 };

    /// Adds what one line of output says, if it is a summary line. Says whether it was.
    fn read(&mut self, line: &str) -> bool {
        // Node's own summary is two lines; its failures come without a line of their own that counts passes.
        let line = line.trim();
        let found = cargo(line).or_else(|| node(line)).or_else(|| plain(line));
        if let Some(more) = found {
            *self += more;
        }
        found.is_some()
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, more: Tally) {
        self.passed += more.passed;
        self.failed += more.failed;
    }
}

/// `test result: ok. 12 passed; 0 failed; 0 ignored; ..`
fn cargo(line: &str) -> Option<Tally> {
    let rest = line.strip_prefix("test result: ")?;
    let (_, counts) = rest.split_once(". ")?;
    let mut parts = counts.split("; ");
    let passed = parts.next()?.strip_suffix(" passed")?.parse().ok()?;
    let failed = parts.next()?.strip_suffix(" failed")?.parse().ok()?;
    Some(Tally { passed, failed })
}

/// `# pass 12` or `# fail 0`; with a person watching, Node writes an i in a circle instead of the hash.
fn node(line: &str) -> Option<Tally> {
    let rest = line.strip_prefix("# ").or_else(|| line.strip_prefix("\u{2139} "))?;
    let (word, count) = rest.split_once(' ')?;
    let count = count.parse().ok()?;
    match word {
        "pass" => Some(Tally { passed: count, failed: 0 }),
        "fail" | "cancelled" => Some(Tally { passed: 0, failed: count }),
        _ => None,
    }
}

/// `12 passed, 0 failed`, alone on its line.
fn plain(line: &str) -> Option<Tally> {
    let (passed, failed) = line.split_once(" passed, ")?;
    let failed = failed.strip_suffix(" failed")?;
    Some(Tally { passed: passed.parse().ok()?, failed: failed.parse().ok()? })
}

/// Runs a test runner, shows what it prints, and counts. A runner that fails without saying so counts as one failure, and so does
/// one that prints no summary: a run in which nothing ran must not look like a success.
pub fn tests(command: &mut Command) -> Result<Tally> {
    run::say(&run::line(command));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("could not start `{}`: {error}", run::line(command)))?;
    let mut tally = Tally::default();
    let mut summaries = 0u32;
    if let Some(output) = child.stdout.take() {
        for bytes in BufReader::new(output).split(b'\n') {
            let line = String::from_utf8_lossy(&bytes?).into_owned();
            println!("{line}");
            summaries += u32::from(tally.read(&line));
        }
    }
    let status = child.wait()?;
    if summaries == 0 {
        println!("`{}` printed no test summary", run::line(command));
    } else if !status.success() {
        println!("`{}` failed ({status})", run::line(command));
    }
    if tally.failed == 0 && (summaries == 0 || !status.success()) {
        tally += Tally::FAIL;
    }
    Ok(tally)
}

/// Runs a check that either holds or does not: one test.
pub fn check(command: &mut Command) -> Result<Tally> {
    run::say(&run::line(command));
    let status = command
        .stdin(Stdio::null())
        .status()
        .map_err(|error| format!("could not start `{}`: {error}", run::line(command)))?;
    if status.success() {
        return Ok(Tally::PASS);
    }
    println!("`{}` failed ({status})", run::line(command));
    Ok(Tally::FAIL)
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn only_summary_lines_are_counted() {
        for (line, expected) in [
            (
                "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s",
                Some((12, 0)),
            ),
            ("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out", Some((3, 2))),
            ("# pass 7", Some((7, 0))),
            ("# fail 1", Some((0, 1))),
            ("# cancelled 2", Some((0, 2))),
            ("\u{2139} pass 7", Some((7, 0))),
            ("\u{2139} duration_ms 12", None),
            ("# pass rate", None),
            ("150 passed, 1 failed", Some((150, 1))),
            ("all 150 passed, 1 failed", None),
            ("test attribute::tests::numbers ... ok", None),
        ] {
            let mut tally = Tally::default();
            let found = tally.read(line);
            assert_eq!(found.then_some((tally.passed, tally.failed)), expected, "{line}");
        }
    }
}
