//! What SQLite says of its file, by way of the engine, becomes words for a caller, for the log, and for whoever starts the server.
//!
//! The engine passes on SQLite's sentence and not its code, so it is the sentence that is recognised.

use std::path::Path;

use dynoxide::DynoxideError;
use rusqlite::Connection;

use super::OpenError;

/// What is wrong with the data file, or with the disk below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// No room is left.
    Full,
    /// It may be read only.
    ReadOnly,
    /// The operating system refused to read or write it.
    Io,
    /// Another program holds it.
    Busy,
    /// What is in it makes no sense.
    Damaged,
    /// A file beside it, which SQLite needs, could not be opened.
    Beside,
}

/// SQLite's sentences, and the engine's own for the same. <https://www.sqlite.org/rescode.html>
const SENTENCES: &[(&str, Fault)] = &[
    ("database or disk is full", Fault::Full),
    ("attempt to write a readonly database", Fault::ReadOnly),
    ("disk I/O error", Fault::Io),
    ("backend: I/O error", Fault::Io),
    ("database is locked", Fault::Busy),
    ("database disk image is malformed", Fault::Damaged),
    ("malformed database schema", Fault::Damaged),
    ("file is not a database", Fault::Damaged),
    ("not a valid database", Fault::Damaged),
    ("not a valid SQLite database", Fault::Damaged),
    ("unable to open database file", Fault::Beside),
];

impl Fault {
    /// What the engine's error comes from, if it comes from the file.
    pub(super) fn of(error: &DynoxideError) -> Option<Fault> {
        match error {
            DynoxideError::InternalServerError(_) | DynoxideError::SqliteError(_) => Self::find(&error.to_string()),
            _ => None,
        }
    }

    pub(super) fn find(text: &str) -> Option<Fault> {
        SENTENCES.iter().find(|(sentence, _)| text.contains(sentence)).map(|(_, fault)| *fault)
    }

    /// What a caller is told.
    pub(super) fn told(self) -> &'static str {
        match self {
            Fault::Full => "The disk that holds the data file is full",
            Fault::ReadOnly => "The data file is read-only",
            Fault::Io => "The data file could not be read or written",
            Fault::Busy => "Another program holds the data file",
            Fault::Damaged => "The data file is damaged",
            Fault::Beside => "A file beside the data file could not be opened",
        }
    }

    /// What whoever runs the server may do about it.
    fn remedy(self) -> &'static str {
        match self {
            Fault::Full => "make room on it; nothing need be started anew",
            Fault::ReadOnly => "make it, its folder and its disk writable; nothing need be started anew",
            Fault::Io => {
                "the disk is broken, gone, read-only or over its quota, or the file is as large as the process may make one \
                 (ulimit -f)"
            }
            Fault::Busy => "end the program that has it open",
            Fault::Damaged => {
                "stop the server and put a copy back that was kept; `sqlite3 FILE .recover` saves what can still be read"
            }
            Fault::Beside => "make its folder writable; nothing need be started anew",
        }
    }

    /// Whether a write that met this may be found done after all. What an operating system did not finish may be on the disk
    /// all the same, whole, and count after a crash; of all else SQLite knows that it was undone.
    pub(super) fn leaves_doubt(self) -> bool {
        matches!(self, Fault::Io | Fault::Damaged)
    }

    /// Says so in the log, and where room is short, gets back what the file's own log holds: so deleting works on a full disk.
    pub(super) fn handle(self, error: &DynoxideError, path: Option<&str>) {
        tracing::error!(path, %error, remedy = self.remedy(), "{}", self.told());
        if let (Fault::Full | Fault::Io, Some(path)) = (self, path) {
            // It cannot help on a broken disk, and then nothing is lost by it.
            let _ = Connection::open(path)
                .and_then(|connection| connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())));
        }
    }

    /// Why a data file was not opened.
    pub(super) fn opening(path: &Path, message: String) -> OpenError {
        let path = path.to_path_buf();
        match Self::find(&message) {
            Some(Fault::Full) => OpenError::Full { path },
            Some(Fault::ReadOnly) => OpenError::ReadOnly { path },
            Some(Fault::Busy) => OpenError::Held { path },
            Some(Fault::Damaged) => OpenError::Damaged { path, message },
            Some(Fault::Beside) => OpenError::Beside { path },
            None if message.contains("newer version") => OpenError::Newer { path },
            Some(Fault::Io) | None => OpenError::Engine { path, message },
        }
    }
}
