//! Executes commands on tables in one file (or in memory), with nothing else to install: a [`Store`] over the `dynoxide`
//! engine, which keeps DynamoDB's items in SQLite.
//!
//! What a user can rely on:
//!
//! - One process at a time: a second is refused with [`OpenError::Locked`].
//! - A write that was acknowledged is on the disk: it survives `kill -9` and, as far as the disk keeps its promises, a power
//!   cut (SQLite's write-ahead log, synced at every commit).
//! - A disk that is full, or a file that turns read-only, costs the writes that meet it and nothing else: their callers are told,
//!   reading goes on, and so does writing once it can.
//! - A damaged file is refused or reported, and never made anew. SQLite keeps no checksums, so damage inside an item's text may
//!   go unnoticed.
//! - The file is its owner's alone (mode 0600).
//! - A batch of writes is synced once, not write by write.
//! - A command never makes or drops a table, whatever it says: only [`Embedded::create_table`] and
//!   [`Embedded::delete_table`] do. It never names one by ARN either.
//!
//! What it does not do: remember a transaction's `ClientRequestToken` across a restart, throttle, or keep tables' throughput
//! settings; indexes are global ones, and up to date at once.

mod call;
mod fault;
mod file;
mod names;
mod spec;
mod table;
mod worker;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use dynoxide::{Database, DynoxideError};
use gateleg_core::command::Command;
use gateleg_core::outcome::{Outcome, StoreError};
use gateleg_core::policy::is_arn;

pub use file::OpenError;
pub use spec::{IndexSpec, KeySpec, ScalarAttributeType, SpecError, TableSpec};
pub use table::{IndexDescription, TableDescription, TableError};

use crate::{BoxFuture, Store};
use names::Names;
use worker::Worker;

/// The table that a fresh store starts with: the tutorial's.
pub const DEFAULT_TABLE: &str = "lambda-apigateway";

/// A store in one file or in memory.
///
/// ```
/// use gateleg_store::embedded::{Embedded, KeySpec, TableSpec};
/// let store = Embedded::memory()?;
/// store.create_table(&TableSpec::new("orders", KeySpec::parse("customer:S")?))?;
/// assert_eq!(store.list_tables()?, ["orders"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Embedded {
    names: RwLock<Names>,
    worker: Worker,
    place: Option<file::Place>,
    started_in_memory: AtomicBool,
}

impl Embedded {
    /// Opens the store in that file, making it and its folder if need be.
    ///
    /// # Errors
    /// [`OpenError`], which says what to do.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let mut file = file::DataFile::open(path.as_ref())?;
        let path = file.path().to_path_buf();
        let Some(text) = path.to_str() else {
            return Err(OpenError::NotADataFile { path, found: "its path is not UTF-8" });
        };
        file::outlive_size_limits();
        let database = Database::new(text).map_err(|error| not_opened(&path, &error))?;
        file.remember();
        let worker =
            Worker::start(database, Some(file)).map_err(|source| OpenError::Io { path: path.clone(), source })?;
        Self::with(worker, Some(path))
    }

    /// Opens an empty store in memory.
    ///
    /// # Errors
    /// [`OpenError`], when memory or threads are short.
    pub fn memory() -> Result<Self, OpenError> {
        let path = PathBuf::from(":memory:");
        let database = Database::memory().map_err(|error| not_opened(&path, &error))?;
        let worker = Worker::start(database, None).map_err(|source| OpenError::Io { path, source })?;
        Self::with(worker, None)
    }

    fn with(worker: Worker, path: Option<PathBuf>) -> Result<Self, OpenError> {
        let shown = || path.clone().unwrap_or_else(|| ":memory:".into());
        let found = worker.run_blocking(table::find_all);
        let names = match found {
            Ok(found) => found.map_err(|error| not_opened(&shown(), &error))?,
            Err(worker::Panicked) => {
                return Err(OpenError::Engine { path: shown(), message: "the engine panicked".into() });
            }
        };
        let place = path.as_deref().map(file::Place::of);
        Ok(Embedded { names: RwLock::new(names), worker, place, started_in_memory: AtomicBool::new(false) })
    }

    /// On the first start with this file, and only then, makes [`DEFAULT_TABLE`] with the key `id` (S), if there is no table
    /// yet. Returns whether it did.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn ensure_default_table(&self) -> Result<bool, TableError> {
        let started = match &self.place {
            Some(place) => file::has_started(place.path())?,
            None => self.started_in_memory.load(Ordering::Relaxed),
        };
        if started {
            return Ok(false);
        }
        let make = self.list_tables()?.is_empty();
        if make {
            self.create_table(&TableSpec::new(DEFAULT_TABLE, KeySpec::new("id", ScalarAttributeType::S)))?;
        }
        match &self.place {
            Some(place) => file::set_started(place.path())?,
            None => self.started_in_memory.store(true, Ordering::Relaxed),
        }
        Ok(make)
    }

    fn names(&self) -> RwLockReadGuard<'_, Names> {
        self.names.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn names_mut(&self) -> RwLockWriteGuard<'_, Names> {
        self.names.write().unwrap_or_else(PoisonError::into_inner)
    }

    async fn call(&self, command: Command) -> Outcome {
        let api = command.api;
        let mut tables = call::Tables::new();
        for name in command.tables() {
            if is_arn(name) {
                return Outcome::error(StoreError::new("ResourceNotFoundException", "Requested resource not found"));
            }
            if !tables.iter().any(|(_, known)| known == name) {
                tables.push((self.names().stored(name), name.to_string()));
            }
        }
        let request = call::request(&command, &tables);
        let at_once = call::as_transaction(command).map(|transaction| call::request(&transaction, &tables));
        let place = self.place.clone().filter(|_| api.is_write());
        let job = move |database: &Database| {
            let answer = match at_once {
                Some(at_once) => call::execute_at_once(database, &at_once, &request),
                None => call::execute(database, api, &request),
            };
            match place {
                Some(place) if !place.is_kept() => call::displaced(place.path()),
                _ => answer,
            }
        };
        match self.worker.run(job).await {
            Ok(answer) => call::outcome(api, &answer, &tables),
            Err(worker::Panicked) => call::internal("the engine panicked", api),
        }
    }
}

impl Store for Embedded {
    fn execute(&self, command: Command) -> BoxFuture<'_, Outcome> {
        Box::pin(self.call(command))
    }
}

fn not_opened(path: &Path, error: &DynoxideError) -> OpenError {
    fault::Fault::opening(path, error.to_string())
}
