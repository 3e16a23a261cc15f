//! How far a command has come is kept in a file beside its own, so that a later run goes on from there.
//!
//! The file is replaced as a whole: a process that is killed leaves the old one or the new one. What it says is left to
//! [`import`](crate::import) and [`export`](crate::export).

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use gateleg_core::json::Json;

use crate::failure::Failure;

/// A checkpoint's file.
#[derive(Debug)]
pub struct Checkpoint {
    path: PathBuf,
}

impl Checkpoint {
    /// The one beside that file: `items.ndjson` has `items.ndjson.gateleg-import`.
    pub fn beside(file: &Path, command: &str) -> Self {
        Checkpoint { path: beside(file, &format!(".gateleg-{command}")) }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it says, if there is one.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self) -> Result<Option<Vec<u8>>, Failure> {
        match fs::read(&self.path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::new(format!("the checkpoint {} cannot be read: {error}", self.path.display()))),
        }
    }

    /// Replaces it, on the disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, text: &str) -> Result<(), Failure> {
        let new = beside(&self.path, ".new");
        let written = File::create(&new)
            .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_data()))
            .and_then(|()| fs::rename(&new, &self.path));
        written
            .map_err(|error| Failure::new(format!("the checkpoint {} cannot be written: {error}", self.path.display())))
    }

    /// Removes it, if there is one.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(&self) -> Result<(), Failure> {
        remove(&self.path)?;
        remove(&beside(&self.path, ".new"))
    }

    /// It is there, but of something else.
    pub fn differs(&self, what: &str) -> Failure {
        Failure::new(format!("{} is of an unfinished run {what}", self.path.display()))
            .hint("Run that command again to finish it, or start anew with --restart")
    }

    /// It is there, but not as it was written.
    pub fn damaged(&self) -> Failure {
        Failure::new(format!("expected a checkpoint in {}, but found something else", self.path.display()))
            .hint("To start anew: --restart")
    }
}

/// The file's name with more behind it.
pub fn beside(file: &Path, more: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(more);
    name.into()
}

/// Removes a file, if there is one.
///
/// # Errors
/// When it cannot be removed.
pub fn remove(path: &Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(Failure::new(format!("{} cannot be removed: {error}", path.display())))
        }
        _ => Ok(()),
    }
}

/// A whole number that is not negative, under that name.
pub fn count(json: &Json<'_>, name: &str) -> Option<u64> {
    json.get(name)?.as_integer().and_then(|number| u64::try_from(number).ok())
}

/// A text under that name.
pub fn text<'j>(json: &'j Json<'_>, name: &str) -> Option<&'j str> {
    json.get(name)?.as_str()
}
