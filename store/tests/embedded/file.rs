//! What becomes of the data file: made, locked, refused, survived. Some of it takes a second process: this test program again.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use gateleg_store::embedded::{DEFAULT_TABLE, Embedded, KeySpec, OpenError, ScalarAttributeType, TableSpec};

use crate::{check, key, send};

/// A folder that is removed with everything in it.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("gateleg-embedded-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    pub fn file(&self) -> PathBuf {
        self.0.join("data.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_default_table_is_made_on_the_first_start_only() {
    let folder = Folder::new("first");
    let path = folder.0.join("made/on/the/way/data.db");
    // Looking at what there is does not count as a start.
    assert!(Embedded::open(&path).unwrap().list_tables().unwrap().is_empty());
    let store = Embedded::open(&path).unwrap();
    assert!(store.ensure_default_table().unwrap());
    assert!(!store.ensure_default_table().unwrap());
    let id = KeySpec::new("id", ScalarAttributeType::S);
    assert_eq!(store.describe_table(DEFAULT_TABLE).unwrap().partition_key, id);
    store.delete_table(DEFAULT_TABLE).unwrap();
    drop(store);
    let store = Embedded::open(&path).unwrap();
    assert!(!store.ensure_default_table().unwrap());
    assert!(store.list_tables().unwrap().is_empty());
}

#[test]
fn a_file_that_is_something_else_is_refused_and_left_alone() {
    let folder = Folder::new("else");
    let text = folder.0.join("notes.txt");
    std::fs::write(&text, "just some notes, longer than a header").unwrap();
    let error = Embedded::open(&text).unwrap_err();
    assert!(matches!(&error, OpenError::NotADataFile { .. }), "{error}");
    assert!(error.to_string().contains("is not a gateleg data file (it is not an SQLite file)"), "{error}");
    assert_eq!(std::fs::read_to_string(&text).unwrap(), "just some notes, longer than a header");

    let other = folder.0.join("other.db");
    rusqlite::Connection::open(&other).unwrap().execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
    let before = std::fs::read(&other).unwrap();
    let error = Embedded::open(&other).unwrap_err();
    assert!(error.to_string().contains("it is the database of another program"), "{error}");
    assert_eq!(std::fs::read(&other).unwrap(), before);

    let error = Embedded::open(&folder.0).unwrap_err();
    assert!(error.to_string().contains("it is a folder"), "{error}");
}

/// A file with a hundred items, whole.
fn whole(folder: &Folder) -> Vec<u8> {
    let path = folder.file();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = Arc::new(Embedded::open(&path).unwrap());
    store.ensure_default_table().unwrap();
    runtime.block_on(async {
        for n in 0..100 {
            let item = format!(r#"{{"id":"{n}","v":"{}"}}"#, "x".repeat(3000));
            let request =
                format!(r#"{{"operation":"create","tableName":"{DEFAULT_TABLE}","payload":{{"Item":{item}}}}}"#);
            check(&store, &request, 200, "{}").await;
        }
    });
    drop(store);
    drop(runtime);
    std::fs::read(&path).unwrap()
}

fn check_refused(folder: &Folder, damaged: &[u8], says: &str) {
    std::fs::write(folder.file(), damaged).unwrap();
    let error = Embedded::open(folder.file()).unwrap_err().to_string();
    assert!(error.contains(says), "{error}");
    assert_eq!(std::fs::read(folder.file()).unwrap(), damaged, "{says}");
}

fn flipped(whole: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    bytes[at..at + 64].iter_mut().for_each(|byte| *byte ^= 0xa5);
    bytes
}

#[test]
fn a_damaged_file_is_refused_and_left_alone() {
    let folder = Folder::new("damaged");
    let whole = whole(&folder);
    let damaged = "is damaged (database disk image is malformed); put a copy back that was kept";
    for end in [50, 100, 4096, whole.len() / 2, whole.len() / 2 + 1234] {
        check_refused(&folder, &whole[..end], damaged);
    }
    for at in [60, 100, 105] {
        check_refused(&folder, &flipped(&whole, at), damaged);
    }
    for nonsense in [flipped(&whole, 0), flipped(&whole, 20), vec![0; whole.len()]] {
        check_refused(&folder, &nonsense, "is not a gateleg data file (it is not an SQLite file)");
    }
    check_refused(&folder, b"", "is empty, but there were tables in it");
    std::fs::write(folder.file(), &whole).unwrap();
    assert_eq!(Embedded::open(folder.file()).unwrap().describe_table(DEFAULT_TABLE).unwrap().item_count, Some(100));
}

#[tokio::test]
async fn damage_in_the_middle_is_told_to_whom_it_concerns() {
    let folder = Folder::new("middle");
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| sender.send(whole(&folder)));
    });
    let whole = receiver.recv().unwrap();
    // The header of a page that holds items; the first pages are the engine's own tables.
    let mut told = 0;
    for page in 5..whole.len() / 4096 {
        std::fs::write(folder.file(), flipped(&whole, page * 4096)).unwrap();
        let Ok(store) = Embedded::open(folder.file()) else { continue };
        let list = format!(r#"{{"operation":"list","tableName":"{DEFAULT_TABLE}"}}"#);
        match send(&store.into(), &list).await {
            (200, _) => {}
            (503, body) => {
                assert!(body.contains(r#""message":"The data file is damaged""#), "{body}");
                told += 1;
            }
            (status, body) => panic!("{status} {body}"),
        }
    }
    assert!(told > 50, "{told}");
}

#[test]
fn a_log_without_its_data_file_is_not_thrown_away() {
    let folder = Folder::new("orphan");
    let whole = whole(&folder);
    let wal = folder.0.join("data.db-wal");
    for found in ["empty", "gone"] {
        std::fs::write(&wal, "what was written last").unwrap();
        if found == "gone" { std::fs::remove_file(folder.file()) } else { std::fs::write(folder.file(), "") }.unwrap();
        let error = Embedded::open(folder.file()).unwrap_err().to_string();
        let remains = wal.canonicalize().unwrap();
        let says = format!("is {found}, but there were tables in it; put a copy back that was kept, or remove");
        assert!(error.contains(&format!("{says} {} to begin anew", remains.display())), "{error}");
        assert_eq!(std::fs::read(&wal).unwrap(), b"what was written last");
        assert_eq!(folder.file().exists(), found == "empty");
    }
    // Whoever removes both means it.
    std::fs::remove_file(&wal).unwrap();
    assert!(Embedded::open(folder.file()).unwrap().list_tables().unwrap().is_empty());
    std::fs::write(folder.file(), whole).unwrap();
    assert_eq!(Embedded::open(folder.file()).unwrap().list_tables().unwrap(), [DEFAULT_TABLE]);
}

#[test]
fn a_new_file_that_a_crash_left_empty_is_new() {
    let folder = Folder::new("crash");
    whole(&folder);
    std::fs::remove_file(folder.file()).unwrap();
    // As far as a start comes that is then cut off.
    std::fs::write(folder.file().with_added_extension("lock"), "").unwrap();
    std::fs::write(folder.file(), "").unwrap();
    assert!(Embedded::open(folder.file()).unwrap().list_tables().unwrap().is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_written_to_a_file_that_was_moved_away_is_not_acknowledged() {
    let folder = Folder::new("moved");
    let store = Arc::new(Embedded::open(folder.file()).unwrap());
    store.ensure_default_table().unwrap();
    let create = format!(r#"{{"operation":"create","tableName":"{DEFAULT_TABLE}","payload":{{"Item":{{"id":"1"}}}}}}"#);
    check(&store, &create, 200, "{}").await;
    let elsewhere = folder.0.join("elsewhere.db");
    std::fs::rename(folder.file(), &elsewhere).unwrap();
    let told = r#"{"__type":"ServiceUnavailableException","message":"The data file was moved or removed while it was in use; the write may have taken effect""#;
    let (status, body) = send(&store, &create).await;
    assert_eq!((status, body.starts_with(told)), (503, true), "{body}");
    std::fs::rename(&elsewhere, folder.file()).unwrap();
    check(&store, &create, 200, "{}").await;
}

#[test]
fn a_folder_that_takes_no_file_of_sqlite_s_is_named_as_the_reason() {
    let folder = Folder::new("beside");
    drop(Embedded::open(folder.file()).unwrap());
    std::fs::create_dir(folder.0.join("data.db-wal")).unwrap();
    let error = Embedded::open(folder.file()).unwrap_err();
    assert!(matches!(&error, OpenError::Beside { .. }), "{error}");
    assert!(error.to_string().contains("make its folder writable, or choose another data file"), "{error}");
}

#[test]
fn every_commit_is_synced() {
    let folder = Folder::new("sync");
    drop(Embedded::open(folder.file()).unwrap());
    // The engine leaves `synchronous` as SQLite was built, and journals ahead: 2 is FULL.
    let connection = rusqlite::Connection::open(folder.file()).unwrap();
    let pragma = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, rusqlite::types::Value>(0)).unwrap();
    assert_eq!(pragma("PRAGMA synchronous"), rusqlite::types::Value::Integer(2));
    assert_eq!(pragma("PRAGMA journal_mode"), rusqlite::types::Value::Text("wal".into()));
}

#[test]
fn a_table_that_a_crash_left_half_made_is_cleared_away() {
    let folder = Folder::new("half");
    let store = Embedded::open(folder.file()).unwrap();
    for name in ["whole", "half", &"A".repeat(255)] {
        store.create_table(&TableSpec::new(name, key("id:S"))).unwrap();
    }
    drop(store);
    let connection = rusqlite::Connection::open(folder.file()).unwrap();
    connection.execute_batch("DROP TABLE \".half\"; UPDATE _tables SET tags = NULL").unwrap();
    drop(connection);
    let store = Embedded::open(folder.file()).unwrap();
    assert_eq!(store.list_tables().unwrap(), ["whole"]);
    store.create_table(&TableSpec::new("half", key("id:S"))).unwrap();
}

#[cfg(unix)]
#[test]
fn the_file_and_what_is_beside_it_are_its_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new("mode");
    let path = folder.0.join("new/data.db");
    let store = Embedded::open(&path).unwrap();
    store.ensure_default_table().unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    let files: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 3, "{files:?}");
    files.iter().for_each(|file| assert_eq!(mode(file), 0o600, "{file:?}"));
}

/// The variable that tells a copy of this test program to be the other process: what to do, and with which file.
const CHILD: &str = "GATELEG_EMBEDDED_TEST_CHILD";

fn child(job: &str, path: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "file::the_other_process", "--nocapture"]).env(CHILD, format!("{job} {}", path.display()));
    command.stdout(Stdio::piped());
    command
}

/// Does nothing unless a test below started it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_other_process() {
    let Ok(job) = std::env::var(CHILD) else { return };
    let (job, path) = job.split_once(' ').unwrap();
    match (job, Embedded::open(path)) {
        ("open", Ok(_)) => println!("\nopened"),
        ("open", Err(error)) => println!("\nrefused: {error}"),
        (round, store) => write_for_ever(Arc::new(store.unwrap()), round).await,
    }
}

/// Says which writes were acknowledged, and is killed at last.
async fn write_for_ever(store: Arc<Embedded>, round: &str) {
    for number in 0_u32.. {
        let id = format!("{round}-{number}");
        let put = format!(r#"{{"Item":{{"id":"{id}"}}}}"#);
        let request = match number % 3 {
            0 => format!(r#"{{"operation":"create","tableName":"{DEFAULT_TABLE}","payload":{put}}}"#),
            1 => format!(
                r#"{{"operation":"batchWrite","payload":{{"RequestItems":{{"{DEFAULT_TABLE}":[{{"PutRequest":{put}}}]}}}}}}"#
            ),
            _ => format!(
                r#"{{"operation":"transactWrite","payload":{{"TransactItems":[
                    {{"Put":{{"TableName":"{DEFAULT_TABLE}","Item":{{"id":"{id}"}}}}}}]}}}}"#
            ),
        };
        let (status, body) = send(&store, &request).await;
        assert_eq!(status, 200, "{body}");
        println!("\nwrote {id}.");
    }
}

#[test]
fn a_second_opener_is_refused_and_told_what_to_do() {
    let folder = Folder::new("lock");
    let path = folder.file();
    let store = Embedded::open(&path).unwrap();
    let said = || String::from_utf8(child("open", &path).output().unwrap().stdout).unwrap();
    let refusal = "is in use by another gateleg process; stop that one first, or give this one a data file of its own";
    assert!(said().contains(&format!("refused: {} {refusal}", path.canonicalize().unwrap().display())), "{}", said());
    // By another spelling, and from the same process.
    let again = Embedded::open(folder.0.join("../").join(folder.0.file_name().unwrap()).join("data.db"));
    assert!(matches!(again, Err(OpenError::Locked { .. })), "{again:?}");
    drop(store);
    assert!(said().contains("\nopened"), "{}", said());
}

#[tokio::test]
async fn every_acknowledged_write_survives_kill_9() {
    let folder = Folder::new("kill");
    let path = folder.file();
    assert!(Embedded::open(&path).unwrap().ensure_default_table().unwrap());
    let mut written: Vec<String> = Vec::new();
    for round in 0..3 {
        let mut writer = child(&format!("round-{round}"), &path).spawn().unwrap();
        let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        let mut acknowledged =
            lines.filter_map(|line| Some(line.unwrap().strip_prefix("wrote ")?.strip_suffix('.')?.to_string()));
        written.extend(acknowledged.by_ref().take(100 + 37 * round));
        writer.kill().unwrap();
        writer.wait().unwrap();
        written.extend(acknowledged);
        let store = Arc::new(Embedded::open(&path).unwrap());
        for id in &written {
            let read =
                format!(r#"{{"operation":"read","tableName":"{DEFAULT_TABLE}","payload":{{"Key":{{"id":"{id}"}}}}}}"#);
            check(&store, &read, 200, &format!(r#"{{"Item":{{"id":"{id}"}}}}"#)).await;
        }
    }
    assert!(written.len() >= 411, "{}", written.len());
}
