//! `gateleg import` and `gateleg export`, killed at any moment and run again: all is there at the end, once.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Folder, gateleg, run, text};

fn people() -> (Folder, String) {
    let folder = Folder::new();
    let data = folder.path("data.db");
    let made = run(&["table", "create", "people", "--key", "id:S", "--data", &data], b"");
    assert!(made.status.success(), "{}", text(&made.stderr));
    (folder, data)
}

fn items(count: usize) -> String {
    (0..count).map(|n| format!("{{\"id\":\"{n:04}\",\"text\":\"{}\"}}\n", "x".repeat(n % 300))).collect()
}

fn sorted(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Runs a command line, without a sandbox, and expects that exit code and those texts on stderr.
fn check(line: &str, code: i32, stderr: &[&str]) -> String {
    let output = run(&words(line), b"");
    let err = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{line}\n{err}");
    for expected in stderr {
        assert!(err.contains(expected), "{line}: expected `{expected}`, but found\n{err}");
    }
    text(&output.stdout)
}

fn words(line: &str) -> Vec<&str> {
    line.split(' ').chain(["--planner", "native"]).collect()
}

/// How often a command is killed in a test, and how many rounds of the test that may take.
const KILLS: u32 = 6;
const ROUNDS: u32 = 60;

/// Runs a command line again and again, and kills it after a random part of the time that an undisturbed run takes, until it has
/// ended by itself, or was killed when all was done: how often it was killed.
fn kill_until_done(line: &str, undisturbed: Duration, is_done: impl Fn() -> bool) -> u32 {
    for killed in 0..40 {
        let mut command = gateleg(&words(line));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let chance = RandomState::new().build_hasher().finish();
        // Ever more patient, so that a slow machine comes to an end too.
        let most = undisturbed.as_micros() as u64 * (4 + u64::from(killed)) / 4;
        std::thread::sleep(Duration::from_micros(chance % most));
        match child.try_wait().unwrap() {
            Some(_) => {
                let output = child.wait_with_output().unwrap();
                assert!(output.status.success(), "{line}, killed {killed} times:\n{}", text(&output.stderr));
                return killed;
            }
            None => {
                // SIGKILL.
                child.kill().unwrap();
                child.wait().unwrap();
                if is_done() {
                    return killed + 1;
                }
            }
        }
    }
    check(line, 0, &[]);
    40
}

#[test]
fn a_killed_import_goes_on_and_nothing_is_lost() {
    let written = items(3_000);
    let mut undisturbed = None;
    let mut killed = 0;
    for _ in 0..ROUNDS {
        let (folder, data) = people();
        let file = folder.file("items.ndjson", &written);
        let import = format!("import {file} --table people --data {data}");
        let begun = Instant::now();
        match undisturbed {
            None => _ = check(&import, 0, &[]),
            Some(time) => killed += kill_until_done(&import, time, || false),
        }
        undisturbed.get_or_insert(begun.elapsed());
        assert!(!fs::exists(format!("{file}.gateleg-import")).unwrap());
        // Not the texts themselves: they would fill many screens.
        let found = sorted(&check(&format!("export --table people --data {data}"), 0, &[]));
        assert!(found == written, "something is lost after {killed} kills");
        if killed >= KILLS {
            return;
        }
    }
    panic!("it was killed {killed} times only");
}

#[test]
fn a_killed_export_goes_on_and_nothing_is_there_twice() {
    let (folder, data) = people();
    let file = folder.file("items.ndjson", &items(1500));
    check(&format!("import {file} --table people --data {data}"), 0, &[]);
    let dynamodb = check(&format!("export --format dynamodb --table people --data {data}"), 0, &[]);
    let mut undisturbed = None;
    let mut killed = 0;
    for (round, options) in (0..ROUNDS).zip(["", "--segments 3 ", "--format dynamodb ", ""].into_iter().cycle()) {
        let out = folder.path(&format!("out{round}.ndjson"));
        let export = format!("export {options}--page 10 --table people --output {out} --data {data}");
        let (part, checkpoint) = (out.clone() + ".part", out.clone() + ".gateleg-export");
        let is_left = || fs::exists(&part).unwrap() || fs::exists(&checkpoint).unwrap();
        let begun = Instant::now();
        match undisturbed {
            None => _ = check(&export, 0, &[]),
            Some(time) => killed += kill_until_done(&export, time, || fs::exists(&out).unwrap() && !is_left()),
        }
        undisturbed.get_or_insert(begun.elapsed());
        let found = fs::read_to_string(&out).unwrap();
        let expected = if options.contains("dynamodb") { &dynamodb } else { &items(1500) };
        assert!(sorted(&found) == sorted(expected), "{export}: another text after {killed} kills");
        assert!(!is_left());
        if killed >= KILLS && round >= 3 {
            return;
        }
    }
    panic!("it was killed {killed} times only");
}

#[test]
fn an_import_knows_its_checkpoint_from_others() {
    let (folder, data) = people();
    let other = folder.path("other.db");
    run(&["table", "create", "people", "--key", "id:S", "--data", &other], b"");
    let file = folder.file("items.ndjson", &(items(250) + "wrong\n"));
    let checkpoint = format!("{file}.gateleg-import");
    let import = format!("import {file} --table people --data");
    check(&format!("{import} {data}"), 1, &["line 251", "250 items were written"]);
    check(&format!("{import} {other}"), 1, &["is of an unfinished run into table people", "data.db", "--restart"]);
    check(&format!("{import} {data} --format dynamodb"), 1, &["--format plain"]);
    check(&format!("import {file} --table nobody --data {data}"), 1, &["into table people"]);

    // What was written has changed: another text, or less of it.
    fs::write(&file, items(250).replacen("0001", "1001", 1)).unwrap();
    check(
        &format!("{import} {data}"),
        1,
        &["has changed: an earlier run has written its first 250 lines", "--restart"],
    );
    fs::write(&file, items(100)).unwrap();
    check(&format!("{import} {data}"), 1, &["has changed"]);
    fs::write(&checkpoint, "{}").unwrap();
    check(&format!("{import} {data}"), 1, &["expected a checkpoint in"]);
    check(&format!("{import} {data} --restart"), 0, &["imported 100 items"]);
    assert!(!fs::exists(checkpoint).unwrap());

    // What follows may have grown.
    fs::write(&file, items(250) + "wrong\n").unwrap();
    check(&format!("{import} {data}"), 1, &["line 251"]);
    fs::write(&file, items(300)).unwrap();
    check(&format!("{import} {data}"), 0, &["going on after line 250", "imported 300 items"]);
}

#[test]
fn an_export_knows_its_checkpoint_from_others() {
    let (folder, data) = people();
    let file = folder.file("items.ndjson", &items(30));
    check(&format!("import {file} --table people --data {data}"), 0, &[]);
    let out = folder.path("out.ndjson");
    let (part, checkpoint) = (out.clone() + ".part", out.clone() + ".gateleg-export");
    let export = format!("export --table people --data {data} --output {out}");
    let store = fs::canonicalize(&data).unwrap();
    // The first ten, in whatever order the store has them, and the key of the last.
    let all = check(&format!("export --table people --data {data}"), 0, &[]);
    let ten: String = all.lines().take(10).map(|line| format!("{line}\n")).collect();
    let last = ten.lines().last().unwrap().split(',').next().unwrap();
    let after = format!(r#"{{"after":{last}}}}}"#);
    let state = |bytes: usize, continuation: &str| {
        let text = format!(
            r#"{{"command":"export","table":"people","store":"{}","format":"plain","items":10,"bytes":{bytes},"Continuation":[{continuation}]}}"#,
            store.display()
        );
        fs::write(&checkpoint, text).unwrap();
    };

    // Killed after a page was written, and before the checkpoint knew: what is too much is cut off.
    fs::write(&part, ten.clone() + &items(300)).unwrap();
    state(ten.len(), &after);
    check(&(export.clone() + " --segments 2"), 1, &["--segments 1"]);
    check(&(export.clone() + " --format dynamodb"), 1, &["--format plain"]);
    check(&export, 0, &["going on after 10 items", "exported 30 items", "10 of them in earlier runs"]);
    let found = fs::read_to_string(&out).unwrap();
    assert_eq!(found, all);
    assert!(!fs::exists(&part).unwrap() && !fs::exists(&checkpoint).unwrap());

    // Killed after the file got its name, and before the checkpoint was gone.
    state(found.len(), r#"{"done":true}"#);
    check(&export, 0, &["exported 10 items"]);
    assert_eq!(fs::read_to_string(&out).unwrap(), found);
    assert!(!fs::exists(&checkpoint).unwrap());

    // A part that is shorter than it was, a part of nobody's, and a file that is there.
    fs::remove_file(&out).unwrap();
    fs::write(&part, "{}\n").unwrap();
    state(ten.len(), &after);
    check(&export, 1, &["out.ndjson.part, but found 3", "--restart"]);
    fs::remove_file(&checkpoint).unwrap();
    check(&export, 1, &["out.ndjson.part is there already", "--restart"]);
    check(&(export.clone() + " --restart"), 0, &["exported 30 items"]);
    check(&(export.clone() + " --restart"), 1, &["is there already", "--force"]);
    check(&(export + " --restart --force"), 0, &["exported 30 items"]);
    assert_eq!(sorted(&fs::read_to_string(&out).unwrap()), items(30));
}
