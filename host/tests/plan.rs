//! What `gateleg plan` prints of requests with something wrong in them, to the letter: `plan/mistakes.md` and `plan/warnings.md`.
//!
//! Each case is a heading, the request as it was typed, and what is printed; `UPDATE=1 cargo test -p gateleg --test plan`
//! rewrites what is printed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use common::{gateleg, text};

/// What is printed on both streams, without what a pipe or these surroundings have to do with it.
fn plan(request: &[u8], args: &[&str], environment: &[(&str, &str)]) -> String {
    let mut command = gateleg(&[&["plan"], args].concat());
    for name in ["COLUMNS", "NO_COLOR", "TERM"] {
        command.env_remove(name);
    }
    command.envs(environment.iter().copied());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(request).unwrap();
    let output = child.wait_with_output().unwrap();
    text(&output.stdout) + &text(&output.stderr)
}

/// Replays every case of the file, and expects it to stay as it is.
fn check(name: &str, at_least: usize, show: impl Fn(&str) -> String) {
    let path = format!("{}/tests/plan/{name}.md", env!("CARGO_MANIFEST_DIR"));
    let file = fs::read_to_string(&path).unwrap();
    let mut replayed = String::new();
    let mut cases = 0;
    let mut rest = file.as_str();
    while let Some((before, after)) = rest.split_once("```json\n") {
        let (request, after) = after.split_once("\n```\n").unwrap();
        // What was printed before is not read, only skipped.
        let after = after.strip_prefix("\n```text\n").map_or(after, |shown| shown.split_once("\n```\n").unwrap().1);
        let shown = show(request);
        replayed += &format!("{before}```json\n{request}\n```\n\n```text\n{}\n```\n", shown.trim_end());
        rest = after;
        cases += 1;
    }
    replayed += rest;
    assert!(cases >= at_least, "{cases} cases");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &replayed).unwrap();
        return;
    }
    let at = file.lines().zip(replayed.lines()).take_while(|(a, b)| a == b).count();
    let line = |text: &str| text.lines().nth(at).unwrap_or("(the end)").to_owned();
    assert!(
        file == replayed,
        "UPDATE=1 rewrites {path}:{}\n  written: {}\n  printed: {}",
        at + 1,
        line(&file),
        line(&replayed)
    );
}

#[test]
fn refusals_are_shown_where_they_are() {
    check("mistakes", 12, |request| plan(request.as_bytes(), &[], &[]));
}

#[test]
fn warnings_follow_the_plan() {
    check("warnings", 6, |request| {
        let shown = plan(request.as_bytes(), &[], &[]);
        shown.split_once("\nwarning: ").map_or_else(String::new, |(_, rest)| format!("warning: {rest}"))
    });
}

#[test]
fn lines_keep_to_the_width_of_the_terminal() {
    let pad = "x".repeat(300);
    let request = format!(
        r#"{{"operation":"create","tableName":"people","payload":{{"Item":{{"id":"{pad}","日本":5}},"item":"{pad}"}}}}"#
    );
    for columns in [40_usize, 80, 200] {
        let shown = plan(request.as_bytes(), &[], &[("COLUMNS", &columns.to_string())]);
        let quoted = shown.lines().filter(|line| line.starts_with("1 "));
        let widths: Vec<usize> = quoted.map(unicode_width::UnicodeWidthStr::width).collect();
        assert!(!widths.is_empty() && widths.iter().all(|width| *width <= columns), "{columns}: {widths:?}\n{shown}");
    }
}

#[test]
fn colours_are_for_terminals_or_on_demand() {
    let request = br#"{"operation":"raed"}"#;
    let check = |args: &[&str], environment: &[(&str, &str)], coloured: bool| {
        let shown = plan(request, args, environment);
        assert_eq!(shown.contains('\u{1b}'), coloured, "{args:?} {environment:?}: {shown}");
    };
    check(&[], &[], false);
    check(&["--color", "always"], &[], true);
    check(&["--color", "always"], &[("NO_COLOR", "1")], true);
    check(&["--color", "never"], &[], false);
    let plain = plan(request, &[], &[]);
    let coloured = plan(request, &["--color", "always"], &[]);
    let mut stripped = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        stripped += before;
        rest = after.split_once('m').unwrap().1;
    }
    assert_eq!(stripped + rest, plain);
}

#[test]
fn what_a_request_holds_cannot_drive_a_terminal() {
    let request = "{\"operation\":\"read\u{9b}2J\u{202e}\",\"tableName\":\"a\u{7f}\"}";
    let shown = plan(request.as_bytes(), &[], &[]);
    assert!(shown.chars().all(|c| c == '\n' || !c.is_control()) && !shown.contains('\u{202e}'), "{shown:?}");
}
