//! What the fuzz targets start from passes in them: every file of `fuzz/seeds`, as an ordinary test.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::path::PathBuf;

type Target = fn(&[u8]);

/// The fuzz targets by the name of their seeds' folder.
const TARGETS: [(&str, Target); 8] = [
    ("request", targets::request),
    ("update", targets::update),
    ("condition", targets::condition),
    ("key_condition", targets::key_condition),
    ("filter", targets::filter),
    ("projection", targets::projection),
    ("replay", targets::replay),
    ("outcome", targets::outcome),
];

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/seeds"))
}

#[test]
fn every_seed_passes_in_its_target() {
    for (name, target) in TARGETS {
        let mut seeds: Vec<PathBuf> =
            fs::read_dir(folder().join(name)).unwrap().map(|seed| seed.unwrap().path()).collect();
        seeds.sort();
        assert!(seeds.len() >= 5, "{name}: {} seeds", seeds.len());
        for seed in seeds {
            // Shown when the test fails.
            println!("{}", seed.display());
            target(&fs::read(&seed).unwrap());
        }
    }
}

#[test]
fn every_folder_of_seeds_has_its_target() {
    for entry in fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(TARGETS.iter().any(|(target, _)| *target == name), "{name}");
    }
}
