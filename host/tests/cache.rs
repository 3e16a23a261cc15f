//! Compiled planners are kept, and only trusted when nobody else can have touched them.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;
mod stranger;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use common::{Folder, gateleg, text};

const COMPILED: &str = "the planner was compiled, and its code is kept";
const KEPT: &str = "the planner was compiled before";
const NOT_USED: &str = "compiled code is not used; the planner is compiled anew";

/// A planner in a folder, and a cache beside it.
struct Place {
    folder: Folder,
    planner: String,
}

impl Place {
    fn new() -> Self {
        let folder = Folder::new();
        let planner = folder.path("planner.wasm");
        fs::write(&planner, stranger::planner("")).unwrap();
        Place { folder, planner }
    }

    /// Starts once: what the log says. The planner answers in any case.
    fn start(&self, args: &[&str]) -> String {
        let data = self.folder.path("data.db");
        let mut all = vec!["--log-level", "debug", "run", "--data", &data, "--planner", &self.planner];
        all.extend_from_slice(args);
        let mut command = gateleg(&all);
        let output = command.env("XDG_CACHE_HOME", self.folder.path("cache")).output().unwrap();
        assert_eq!(text(&output.stdout), "fine", "{}", text(&output.stderr));
        text(&output.stderr)
    }

    fn compiled(&self) -> PathBuf {
        self.folder.path("cache/gateleg/compiled").into()
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = fs::read_dir(self.compiled()).unwrap().map(|it| it.unwrap().path()).collect();
        files.sort();
        files
    }

    /// The one file there is.
    fn file(&self) -> PathBuf {
        match &self.files()[..] {
            [file] => file.clone(),
            files => panic!("expected one file, but found {files:?}"),
        }
    }

    /// After something was done to the file, it is not used; `again` is whether it was then replaced by a good one.
    fn check(&self, reason: &str, again: bool) {
        let log = self.start(&[]);
        assert!(log.contains(NOT_USED) && log.contains(reason), "expected `{reason}`, but found\n{log}");
        assert_eq!(log.contains(COMPILED), again, "{log}");
        assert_eq!(self.start(&[]).contains(KEPT), again);
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_second_start_does_not_compile() {
    let place = Place::new();
    assert!(place.start(&[]).contains(COMPILED));
    assert_eq!((mode(&place.compiled()), mode(&place.file())), (0o700, 0o600));
    for _ in 0..3 {
        let log = place.start(&[]);
        assert!(log.contains(KEPT) && !log.contains(COMPILED), "{log}");
    }
}

#[test]
fn without_a_cache_nothing_is_read_and_nothing_kept() {
    let place = Place::new();
    let log = place.start(&["--no-cache"]);
    assert!(!log.contains(COMPILED) && !log.contains(KEPT), "{log}");
    assert!(!place.compiled().exists());
}

#[test]
fn another_component_is_another_file() {
    let place = Place::new();
    place.start(&[]);
    fs::write(&place.planner, stranger::planner("unreachable")).unwrap();
    assert!(place.start(&[]).contains(COMPILED));
    assert_eq!(place.files().len(), 2);
}

#[test]
fn a_flipped_bit_is_noticed_wherever_it_is() {
    let place = Place::new();
    place.start(&[]);
    let length = fs::read(place.file()).unwrap().len();
    for at in [0, 31, 32, 40, length / 3, length / 2, length - 1] {
        let mut bytes = fs::read(place.file()).unwrap();
        bytes[at] ^= 1;
        fs::write(place.file(), bytes).unwrap();
        place.check("found other bytes", true);
    }
}

#[test]
fn a_file_that_breaks_off_is_noticed() {
    let place = Place::new();
    place.start(&[]);
    let whole = fs::read(place.file()).unwrap();
    for length in [0, 16, 32, whole.len() - 1] {
        fs::write(place.file(), &whole[..length]).unwrap();
        place.check("found other bytes", true);
    }
}

#[test]
fn the_code_of_another_component_is_noticed() {
    let place = Place::new();
    place.start(&[]);
    let first = place.file();
    fs::write(&place.planner, stranger::planner("unreachable")).unwrap();
    place.start(&[]);
    let second = place.files().into_iter().find(|file| *file != first).unwrap();
    fs::copy(&first, &second).unwrap();
    place.check("found other bytes", true);
}

#[test]
fn a_file_or_a_folder_that_others_can_reach_is_not_trusted() {
    let place = Place::new();
    place.start(&[]);
    set_mode(&place.file(), 0o644);
    // The new file takes its place.
    place.check("has mode 644", true);
    set_mode(&place.compiled(), 0o755);
    place.check("has mode 755", false);
    set_mode(&place.compiled(), 0o770);
    place.check("has mode 770", false);
    set_mode(&place.compiled(), 0o700);
    assert!(place.start(&[]).contains(KEPT));
}

#[test]
fn a_folder_that_is_a_link_is_not_trusted() {
    let place = Place::new();
    place.start(&[]);
    let elsewhere = place.folder.path("elsewhere");
    fs::rename(place.compiled(), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, place.compiled()).unwrap();
    place.check("is something else", false);
}

#[test]
fn only_the_last_few_are_kept() {
    let place = Place::new();
    for number in 0..12 {
        fs::write(&place.planner, stranger::planner(&format!("(drop (i32.const {number}))"))).unwrap();
        place.start(&[]);
    }
    assert_eq!(place.files().len(), 8);
    assert!(place.start(&[]).contains(KEPT), "the last one is among them");
}
