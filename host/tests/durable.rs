//! The data file under what may befall it: the built server killed at random moments, a disk without room, a place that is
//! read-only. No acknowledged write is lost, no transaction is there by half, and whoever asks is told.
//!
//! `GATELEG_SEED` and `GATELEG_ROUNDS` choose what is random and how often; the seed is printed with a failure.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;
mod writer;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use common::{Folder, Host, gateleg, text};
use writer::{Chance, Writer, present};

/// As many as write at once.
const WRITERS: u64 = 4;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

fn serve(data: &str) -> Command {
    gateleg(&["serve", "--addr", "127.0.0.1:0", "--data", data, "--planner", "native", "--log-level", "warn"])
}

#[test]
fn every_acknowledged_write_survives_kill_9_and_no_transaction_is_there_by_half() {
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos();
    let seed = number("GATELEG_SEED", u64::try_from(now % 1_000_000_000).unwrap());
    let rounds = number("GATELEG_ROUNDS", 200);
    println!("GATELEG_SEED={seed}");
    let mut chance = Chance::new(seed);
    let folder = Folder::new();
    let data = folder.path("data.db");
    let mut writers: Vec<Writer> = (0..WRITERS).map(|number| Writer::new(number, chance.next())).collect();
    let mut start_takes = Duration::ZERO;
    let began = Instant::now();
    for round in 0..rounds {
        if chance.below(5) == 0 {
            // Before it is up.
            let mut starting = serve(&data).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(chance.part_of(start_takes));
            starting.kill().unwrap();
            starting.wait().unwrap();
        }
        let starts = Instant::now();
        let mut host = Host::spawn(serve(&data));
        start_takes = starts.elapsed();
        // They write until nobody answers, so whenever the server is killed, it is at work.
        let wanted = u32::try_from(chance.below(40)).unwrap();
        let pause = chance.part_of(Duration::from_millis(3));
        let acknowledged = AtomicU32::new(0);
        let address = host.address;
        std::thread::scope(|scope| {
            for writer in &mut writers {
                let acknowledged = &acknowledged;
                scope.spawn(move || writer.write_until_it_ends(address, acknowledged));
            }
            // Whatever went wrong, the server must end for its writers to end.
            while acknowledged.load(Ordering::Relaxed) < wanted && starts.elapsed() < Duration::from_secs(60) {
                std::thread::sleep(Duration::from_micros(100));
            }
            std::thread::sleep(pause);
            host.kill();
        });
        let acknowledged = acknowledged.into_inner();
        assert!(acknowledged >= wanted, "round {round}: {acknowledged} of {wanted}");
        check_integrity(&folder);
        let host = Host::spawn(serve(&data));
        for writer in &mut writers {
            writer.check(&host, &format!("round {round}"));
        }
    }
    let host = Host::spawn(serve(&data));
    let written: usize = writers.iter_mut().map(|writer| writer.check_all(&host)).sum();
    let (whole, absent) = writers.iter().fold((0, 0), |sum, it| (sum.0 + it.whole, sum.1 + it.absent));
    println!(
        "{rounds} rounds in {:.1} s: {written} items acknowledged and there; of the transactions that were cut off, {whole} \
         were done and {absent} were not",
        began.elapsed().as_secs_f32()
    );
    assert!(written > 0);
}

/// Of a copy, so that it is the server that mends what the kill left.
fn check_integrity(folder: &Folder) {
    for end in ["", "-wal"] {
        let _ = fs::copy(folder.path(&format!("data.db{end}")), folder.path(&format!("copy.db{end}")));
    }
    let copy = rusqlite::Connection::open(folder.path("copy.db")).unwrap();
    let verdict: String = copy.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
}

fn start_and_stop(data: &str) {
    let mut host = Host::spawn(serve(data));
    // It listens before it hears signals; what it answers, it does when it hears them.
    assert_eq!(host.get("/healthz").status, 200);
    host.stop();
}

fn create(host: &Host, id: &str, bytes: usize) -> (u16, String) {
    let filler = "x".repeat(bytes);
    let answer = host.post(format!(
        r#"{{"operation":"create","tableName":"lambda-apigateway","payload":{{"Item":{{"id":"{id}","v":"{filler}"}}}}}}"#
    ));
    (answer.status, answer.body)
}

/// Writes until there is no room: what was acknowledged, and what was said then.
fn fill(host: &Host) -> (Vec<String>, String) {
    let mut written = Vec::new();
    for count in 0..2000 {
        let id = format!("fill-{count}");
        match create(host, &id, 20_000) {
            (200, _) => written.push(id),
            (503, body) => return (written, body),
            (status, body) => panic!("{status} {body}"),
        }
    }
    panic!("there was room for all of it");
}

fn check_there(host: &Host, written: &[String]) {
    let there = present(host, written);
    assert!(written.iter().all(|id| there.contains(id)), "{} of {}", there.len(), written.len());
}

/// A file that may not grow is what a full disk is, and any user can have it; without a handler its signal is the end.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_may_not_grow_costs_only_the_writes_that_need_it_to() {
    use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
    let folder = Folder::new();
    let data = folder.path("data.db");
    let mut host = Host::spawn(serve(&data));
    let pid = host.id();
    let process = Pid::from_raw(i32::try_from(pid).unwrap());
    let limit = |current| prlimit(process, Resource::Fsize, Rlimit { current, ..getrlimit(Resource::Fsize) }).unwrap();
    limit(Some(1 << 20));
    let (mut written, body) = fill(&host);
    assert!(
        body.contains(
            r#""__type":"ServiceUnavailableException","message":"The data file could not be read or written"#
        )
    );
    check_there(&host, &written);
    let maximum = getrlimit(Resource::Fsize).maximum;
    limit(maximum);
    assert_eq!(create(&host, "room again", 20_000).0, 200);
    written.push("room again".into());
    host.kill();
    let host = Host::spawn(serve(&data));
    check_there(&host, &written);
}

/// A shell in a namespace of its own, where it may mount what nobody else sees, with `$1` the folder; `None` where that is not
/// to be had, as in most containers.
#[cfg(target_os = "linux")]
fn in_namespace(folder: &str, mount: &str, data: &str) -> Option<Command> {
    let shell = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-ec", script, "sh", folder]);
        command
    };
    let may = shell(mount).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    if !may {
        println!("left out: no namespace with mounts of its own is to be had here");
        return None;
    }
    let mut command = shell(&format!(r#"{mount}; shift; exec "$@""#));
    let server = serve(data);
    command.arg(server.get_program()).args(server.get_args());
    Some(command)
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_room_made_on_it_is_used_without_a_restart() {
    let folder = Folder::new();
    let disk = folder.path("disk");
    fs::create_dir(&disk).unwrap();
    let mount = r#"mount -t tmpfs -o size=4m tmpfs "$1"; head -c 2m /dev/zero > "$1/other""#;
    let Some(command) = in_namespace(&disk, mount, &format!("{disk}/data.db")) else { return };
    let host = Host::spawn(command);
    let (mut written, body) = fill(&host);
    let told = r#"{"__type":"ServiceUnavailableException","message":"The disk that holds the data file is full; nothing was written""#;
    assert!(body.starts_with(told), "{body}");
    check_there(&host, &written);
    let many: Vec<String> = (0..40)
        .map(|n| format!(r#"{{"PutRequest":{{"Item":{{"id":"batch-{n}","v":"{}"}}}}}}"#, "x".repeat(20_000)))
        .collect();
    let batch = format!(
        r#"{{"operation":"batchWrite","payload":{{"RequestItems":{{"lambda-apigateway":[{}]}}}}}}"#,
        many.join(",")
    );
    let answer = host.post(&batch);
    assert_eq!((answer.status, answer.body.contains("is full")), (503, true), "{}", answer.body);
    // Deleting needs room in the log that SQLite writes ahead, and finds it there.
    let first = written.remove(0);
    let delete =
        format!(r#"{{"operation":"delete","tableName":"lambda-apigateway","payload":{{"Key":{{"id":"{first}"}}}}}}"#);
    assert_eq!(host.post(delete).status, 200);
    fs::remove_file(format!("/proc/{}/root{disk}/other", host.id())).unwrap();
    let answer = host.post(&batch);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(create(&host, "room again", 20_000).0, 200);
    written.extend((0..40).map(|n| format!("batch-{n}")).chain(["room again".into()]));
    check_there(&host, &written);
    assert!(!present(&host, std::slice::from_ref(&first)).contains(&first));
}

/// Unchangeable files, for as long as this lives.
#[cfg(target_os = "linux")]
struct Frozen(Vec<String>);

#[cfg(target_os = "linux")]
impl Frozen {
    /// `None` where only a more mighty user may, or on a file system that knows no such thing.
    fn freeze(files: Vec<String>) -> Option<Self> {
        let frozen = Frozen(files);
        frozen.chattr("+i").then_some(frozen)
    }

    fn chattr(&self, flag: &str) -> bool {
        let mut command = Command::new("chattr");
        command.arg(flag).args(&self.0).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }
}

#[cfg(target_os = "linux")]
impl Drop for Frozen {
    fn drop(&mut self) {
        self.chattr("-i");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_turns_read_only_under_the_server_is_told_and_works_again_after() {
    let folder = Folder::new();
    let data = folder.path("data.db");
    let host = Host::spawn(serve(&data));
    assert_eq!(create(&host, "before", 1).0, 200);
    let Some(frozen) = Frozen::freeze(vec![data.clone(), format!("{data}-wal")]) else {
        println!("left out: no file can be made unchangeable here");
        return;
    };
    let (status, body) = create(&host, "meanwhile", 1);
    let told = r#""message":"The data file could not be read or written; the write may have taken effect""#;
    assert_eq!((status, body.contains(told)), (503, true), "{body}");
    check_there(&host, &["before".into()]);
    drop(frozen);
    assert_eq!(create(&host, "after", 1).0, 200);
    check_there(&host, &["before".into(), "after".into()]);
}

/// What the server says, on a data file in a folder that is mounted read-only.
#[cfg(target_os = "linux")]
fn check_read_only(folder: &str, data: &str, says: &str) {
    let mount = r#"mount --bind "$1" "$1"; mount -o remount,ro,bind "$1""#;
    let Some(mut command) = in_namespace(folder, mount, data) else { return };
    let output = command.output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr).trim()), (Some(1), says));
}

#[cfg(target_os = "linux")]
#[test]
fn a_read_only_place_is_named_with_what_to_do() {
    let folder = Folder::new();
    let disk = folder.path("disk");
    let says = |path: &str| {
        format!("error: {path} is read-only; make it and its folder writable, or choose another data file")
    };
    let data = format!("{disk}/data.db");
    start_and_stop(&data);
    check_read_only(&disk, &data, &says(&format!("{data}.lock")));
    check_read_only(&disk, &format!("{disk}/new.db"), &says(&format!("{disk}/new.db.lock")));
    check_read_only(&disk, &format!("{disk}/new/data.db"), &says(&format!("{disk}/new")));
    // Nothing was touched.
    assert!(Path::new(&data).exists());
    assert_eq!(fs::read_dir(&disk).unwrap().count(), 2);
}

#[test]
fn a_damaged_file_is_refused_with_what_to_do() {
    let folder = Folder::new();
    let data = folder.path("data.db");
    start_and_stop(&data);
    let whole = fs::read(&data).unwrap();
    for (damaged, says) in [
        (&whole[..whole.len() / 2], "is damaged (database disk image is malformed); put a copy back that was kept"),
        (b"", "is empty, but there were tables in it; put a copy back that was kept, or remove"),
        (b"no database at all, but some text", "is not a gateleg data file (it is not an SQLite file)"),
    ] {
        fs::write(&data, damaged).unwrap();
        let output = serve(&data).stdin(Stdio::null()).output().unwrap();
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains(says), "{stderr}");
        assert_eq!(fs::read(&data).unwrap(), damaged);
    }
    // Removed on purpose: it begins anew.
    fs::remove_file(&data).unwrap();
    start_and_stop(&data);
}
