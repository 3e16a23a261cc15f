//! The corpus is what the planner does: every transcript comes out of [`transcript::replay`] as it went in.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::PathBuf;

use gateleg_core::transcript::{self, Native};

fn files() -> Vec<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus"));
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    files.sort();
    files
}

#[test]
fn every_transcript_is_a_fixed_point() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut changed = Vec::new();
    for path in files() {
        let file = fs::read_to_string(&path).unwrap();
        let replayed =
            transcript::replay(&file, &mut Native::default()).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        if replayed == file {
            continue;
        }
        if update {
            fs::write(&path, &replayed).unwrap();
        } else {
            let at = file.lines().zip(replayed.lines()).take_while(|(a, b)| a == b).count();
            let line = |text: &str| text.lines().nth(at).unwrap_or("(the end)").to_owned();
            changed.push(format!(
                "{}:{}\n  written:  {}\n  replayed: {}",
                path.display(),
                at + 1,
                line(&file),
                line(&replayed)
            ));
        }
    }
    assert!(changed.is_empty(), "UPDATE=1 rewrites these:\n{}", changed.join("\n"));
}

#[test]
fn the_corpus_has_at_least_150_cases() {
    let cases: usize =
        files().iter().map(|path| transcript::cases(&fs::read_to_string(path).unwrap()).unwrap().len()).sum();
    assert!(cases >= 150, "{cases} cases");
    println!("{cases} cases");
}

#[test]
fn a_changed_answer_is_noticed() {
    let file = "## ping\n\n```request\n{\"operation\":\"ping\"}\n```\n\n```reply 200\n\"gnop\"\n```\n";
    let replayed = transcript::replay(file, &mut Native::default()).unwrap();
    assert_eq!(replayed, file.replace("gnop", "pong"));
}

#[test]
fn a_block_that_is_not_closed_is_named() {
    let file = "## ping\n\n```request\n{\"operation\":\"ping\"}\n";
    assert_eq!(transcript::replay(file, &mut Native::default()), Err("line 3: the block is not closed".into()));
}
