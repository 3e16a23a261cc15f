//! A path becomes a data file that is ours alone: made if need be, private, locked, and of the right kind.
//!
//! The lock is the operating system's, on a file beside the data file, `<path>.lock`: it ends with the process, however that
//! ends. It is not on the data file itself, because closing any handle of that would drop SQLite's own locks. What it holds is a
//! word that says whether there was a data file already: so one that lost all its bytes is not taken for a new one.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::fault::Fault;

/// What every SQLite file begins with. <https://www.sqlite.org/fileformat.html#the_database_header>
const HEADER: &[u8; 16] = b"SQLite format 3\0";

/// What the lock file holds once the data file has been opened.
const MARK: &str = "gateleg";

/// Why a data file was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process, or another store of this one, has it open.
    #[error(
        "{} is in use by another gateleg process; stop that one first, or give this one a data file of its own", path.display()
    )]
    Locked {
        /// The data file.
        path: PathBuf,
    },
    /// It is not to be read or written by this user.
    #[error("no permission to read and write {}: check who owns it and its folder, or choose another data file", path.display())]
    PermissionDenied {
        /// The file or folder.
        path: PathBuf,
    },
    /// It can be read, but not written.
    #[error("{} is read-only; make it and its folder writable, or choose another data file", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// It is a file of another kind.
    #[error("{} is not a gateleg data file ({found}); choose another data file", path.display())]
    NotADataFile {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        found: &'static str,
    },
    /// A newer version wrote it.
    #[error("{} was written by a newer version of gateleg; use that version to open it", path.display())]
    Newer {
        /// The data file.
        path: PathBuf,
    },
    /// Another program has it open, and writes.
    #[error("{} is held by another program; end that one first", path.display())]
    Held {
        /// The data file.
        path: PathBuf,
    },
    /// No room is left.
    #[error("the disk that holds {} is full; make room, or choose another data file", path.display())]
    Full {
        /// The data file.
        path: PathBuf,
    },
    /// SQLite could not make or open its own files beside it.
    #[error("no file can be made or opened beside {}; make its folder writable, or choose another data file", path.display())]
    Beside {
        /// The data file.
        path: PathBuf,
    },
    /// It makes no sense any more.
    #[error(
        "{} is damaged ({message}); put a copy back that was kept, save what can be read with `sqlite3 FILE .recover`, or choose \
         another data file", path.display()
    )]
    Damaged {
        /// The data file.
        path: PathBuf,
        /// SQLite's words.
        message: String,
    },
    /// It held tables, and is empty or gone.
    #[error(
        "{} is {found}, but there were tables in it; put a copy back that was kept, or remove {} to begin anew",
        path.display(), remains.display()
    )]
    Emptied {
        /// The data file.
        path: PathBuf,
        /// Empty or gone.
        found: &'static str,
        /// What says so.
        remains: PathBuf,
    },
    /// The engine cannot use it for some other reason.
    #[error("{} could not be opened: {message}", path.display())]
    Engine {
        /// The data file.
        path: PathBuf,
        /// The engine's words.
        message: String,
    },
    /// The operating system refused.
    #[error("{} could not be opened: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

/// A data file that nobody else has open, as long as this lives.
#[derive(Debug)]
pub(super) struct DataFile {
    path: PathBuf,
    lock: File,
}

impl DataFile {
    /// Makes the file and its folder if need be, and locks it.
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        let path = absolute(path)?;
        let lock_path = path.with_added_extension("lock");
        let mut lock = private(&lock_path).map_err(|source| failed(&lock_path, source))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::Locked { path }),
            Err(TryLockError::Error(source)) => return Err(failed(&lock_path, source)),
        }
        let mut mark = String::new();
        lock.read_to_string(&mut mark).map_err(|source| failed(&lock_path, source))?;
        refuse_emptied(&path, mark == MARK)?;
        if !path.exists() {
            // Removed, to begin anew: what a crash then leaves empty is new as well.
            lock.set_len(0).map_err(|source| failed(&lock_path, source))?;
        }
        inspect(&path)?;
        Ok(DataFile { path, lock })
    }

    /// Remembers that the file holds tables from now on.
    pub(super) fn remember(&mut self) {
        // Without room for the word an emptied file is taken for a new one, and nothing else is lost.
        let _ =
            self.lock.set_len(0).and_then(|()| self.lock.rewind()).and_then(|()| self.lock.write_all(MARK.as_bytes()));
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Which file has the name: SQLite goes on writing to one that was moved or removed, and what it writes is lost with it.
#[derive(Clone, Debug)]
pub(super) struct Place {
    path: PathBuf,
    #[cfg(unix)]
    file: Option<(u64, u64)>,
}

impl Place {
    /// Where a file is that was just opened.
    pub(super) fn of(path: &Path) -> Self {
        Place {
            path: path.into(),
            #[cfg(unix)]
            file: identity(path),
        }
    }

    /// Whether the name still leads to it. Elsewhere than on Unix a file that is open stays where it is.
    pub(super) fn is_kept(&self) -> bool {
        #[cfg(unix)]
        return self.file == identity(&self.path);
        #[cfg(not(unix))]
        true
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).map(|metadata| (metadata.dev(), metadata.ino())).ok()
}

/// Whether a start was ever finished with this data file.
pub(super) fn has_started(path: &Path) -> Result<bool, OpenError> {
    let version =
        Connection::open(path).and_then(|connection| connection.query_row("PRAGMA user_version", [], |row| row.get(0)));
    let version: i64 = version.map_err(|error| damaged(path, &error))?;
    Ok(version != 0)
}

/// Remembers, in the data file itself, that a start was finished.
pub(super) fn set_started(path: &Path) -> Result<(), OpenError> {
    let set = Connection::open(path).and_then(|connection| connection.execute_batch("PRAGMA user_version = 1"));
    set.map_err(|error| damaged(path, &error))
}

fn damaged(path: &Path, error: &rusqlite::Error) -> OpenError {
    Fault::opening(path, error.to_string())
}

/// A process that writes beyond the size it may give a file (`ulimit -f`) is killed by a signal, unless somebody takes that;
/// then the write fails, and only its caller need know.
#[cfg(unix)]
pub(super) fn outlive_size_limits() {
    use tokio::signal::unix::{SignalKind, signal};
    /// SIGXFSZ, on every system that Rust's standard library calls Linux, macOS or BSD, but for MIPS.
    const FILE_TOO_LARGE: i32 = 25;
    // In a thread of its own: the caller may be inside a runtime, and that may be without signals. A handler stays when its
    // runtime has gone.
    let taken = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let _inside = runtime.enter();
        signal(SignalKind::from_raw(FILE_TOO_LARGE)).map(drop)
    });
    if !matches!(taken.join(), Ok(Ok(()))) {
        tracing::warn!("a limit on the size of files (ulimit -f) will end this process when the data file meets it");
    }
}

/// There is no such signal.
#[cfg(not(unix))]
pub(super) fn outlive_size_limits() {}

/// SQLite takes an empty file for a new one, and throws away the log beside it.
fn refuse_emptied(path: &Path, was_marked: bool) -> Result<(), OpenError> {
    let length = |path: &Path| fs::metadata(path).map(|metadata| metadata.len()).ok();
    // SQLite's name for its write-ahead log.
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    let wal = PathBuf::from(wal);
    let emptied = |found, remains: &Path| Err(OpenError::Emptied { path: path.into(), found, remains: remains.into() });
    match (length(path), length(&wal)) {
        (Some(1..), _) => Ok(()),
        (found, Some(1..)) => emptied(if found.is_some() { "empty" } else { "gone" }, &wal),
        (Some(0), _) if was_marked => emptied("empty", path),
        _ => Ok(()),
    }
}

/// One path for one file, however it was spelled, so that it has one lock; makes its folder.
fn absolute(path: &Path) -> Result<PathBuf, OpenError> {
    if let Ok(existing) = path.canonicalize() {
        return Ok(existing);
    }
    let Some(name) = path.file_name() else {
        return Err(OpenError::NotADataFile { path: path.into(), found: "its path names a folder" });
    };
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let made = builder.create(folder).and_then(|()| folder.canonicalize());
    Ok(made.map_err(|source| failed(folder, source))?.join(name))
}

/// Opens a file that only its owner may read, making it if need be. SQLite gives its own files beside it the same mode.
fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn failed(path: &Path, source: io::Error) -> OpenError {
    let path = path.to_path_buf();
    match source.kind() {
        io::ErrorKind::PermissionDenied => match File::open(&path) {
            Ok(_) => OpenError::ReadOnly { path },
            Err(_) => OpenError::PermissionDenied { path },
        },
        io::ErrorKind::ReadOnlyFilesystem => OpenError::ReadOnly { path },
        io::ErrorKind::IsADirectory => OpenError::NotADataFile { path, found: "it is a folder" },
        _ => OpenError::Io { path, source },
    }
}

/// It is empty, or a data file; the engine would happily put its tables into any SQLite file there is.
fn inspect(path: &Path) -> Result<(), OpenError> {
    let mut start = Vec::with_capacity(HEADER.len());
    let read = private(path).and_then(|file| {
        let limit = u64::try_from(HEADER.len()).unwrap_or(u64::MAX);
        file.take(limit).read_to_end(&mut start)
    });
    read.map_err(|source| failed(path, source))?;
    let found = |found| OpenError::NotADataFile { path: path.into(), found };
    if start.is_empty() {
        return Ok(());
    }
    if start != HEADER {
        return Err(found("it is not an SQLite file"));
    }
    let tables = "SELECT count(*), coalesce(sum(name = '_tables'), 0) FROM sqlite_master WHERE type = 'table'";
    let counts = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .and_then(|connection| {
            connection.query_row(tables, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
        });
    match counts {
        Ok((0, _) | (_, 1..)) => Ok(()),
        Ok(_) => Err(found("it is the database of another program")),
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => {
            Err(found("it is not an SQLite file"))
        }
        Err(error) => Err(damaged(path, &error)),
    }
}
