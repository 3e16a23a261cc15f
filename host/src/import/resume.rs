//! What an import has written becomes a checkpoint's text; and the text of an earlier run, if the file still begins with what
//! that run has written, becomes where to go on.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read};

use gateleg_core::json::{Json, Object, write_integer};
use sha2::{Digest as _, Sha256};

use crate::checkpoint::{Checkpoint, count, text};
use crate::failure::Failure;
use crate::lines::{Format, Portion};

/// The part of a file that is written, and where to.
pub(super) struct Written {
    table: String,
    place: String,
    format: Format,
    /// How many items there were.
    pub(super) items: u64,
    /// How many lines, blank ones included.
    pub(super) lines: u64,
    /// How many bytes.
    pub(super) bytes: u64,
    digest: Sha256,
}

impl Written {
    /// Nothing yet, into that table of the store at that place.
    pub(super) fn of(table: &str, place: &str, format: Format) -> Self {
        Written {
            table: table.into(),
            place: place.into(),
            format,
            items: 0,
            lines: 0,
            bytes: 0,
            digest: Sha256::new(),
        }
    }

    /// The lines of this portion are written too.
    pub(super) fn add(&mut self, portion: &Portion) {
        for line in &portion.lines {
            self.lines = line.number;
            self.bytes += u64::try_from(line.raw.len()).unwrap_or(0);
            self.digest.update(&line.raw);
        }
        self.items += u64::try_from(portion.items()).unwrap_or(0);
    }

    pub(super) fn to_text(&self) -> String {
        let mut out = String::new();
        let mut object = Object::new(&mut out);
        object.string("command", "import");
        object.string("table", &self.table);
        object.string("store", &self.place);
        object.string("format", self.format.name());
        for (name, number) in [("items", self.items), ("lines", self.lines), ("bytes", self.bytes)] {
            write_integer(object.member(name), i64::try_from(number).unwrap_or(i64::MAX));
        }
        object.string("sha256", &hex(self.digest.clone()));
        object.end();
        out.push('\n');
        out
    }

    /// Takes an earlier run up, if there was one, and moves the file behind what it has written.
    pub(super) fn resume(
        &mut self,
        checkpoint: &Checkpoint,
        restart: bool,
        file: &mut File,
        name: &str,
    ) -> Result<(), Failure> {
        if restart {
            return checkpoint.remove();
        }
        let Some(before) = checkpoint.read()? else { return Ok(()) };
        let before = Json::parse(&before).map_err(|_| checkpoint.damaged())?;
        let sum = self.take(&before, checkpoint)?;
        let failed = |error| Failure::new(format!("{name} cannot be read: {error}"));
        let read = digest(Read::take(&mut *file, self.bytes), &mut self.digest).map_err(failed)?;
        if read != self.bytes || hex(self.digest.clone()) != sum {
            return Err(Failure::new(format!(
                "{name} has changed: an earlier run has written its first {} lines, and they are not what they were",
                self.lines
            ))
            .hint("To begin at the first line again: --restart"));
        }
        Ok(())
    }

    /// Reads the checkpoint's numbers if it is of the same run; its digest is left to compare.
    fn take(&mut self, before: &Json<'_>, checkpoint: &Checkpoint) -> Result<String, Failure> {
        let known = |name| text(before, name).ok_or_else(|| checkpoint.damaged());
        let (table, place, format) = (known("table")?, known("store")?, known("format")?);
        if (table, place, format) != (self.table.as_str(), self.place.as_str(), self.format.name()) {
            return Err(checkpoint.differs(&format!("into table {table}, --format {format}, of the store {place}")));
        }
        let number = |name| count(before, name).ok_or_else(|| checkpoint.damaged());
        (self.items, self.lines, self.bytes) = (number("items")?, number("lines")?, number("bytes")?);
        known("sha256").map(String::from)
    }
}

/// Takes in all that there is to read; how much it was.
fn digest(mut from: impl Read, digest: &mut Sha256) -> io::Result<u64> {
    let (mut part, mut all) = (vec![0; 64 << 10], 0);
    loop {
        let read = match from.read(&mut part) {
            Ok(0) => return Ok(all),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        digest.update(part.get(..read).unwrap_or_default());
        all += u64::try_from(read).unwrap_or(0);
    }
}

fn hex(digest: Sha256) -> String {
    digest.finalize().iter().fold(String::new(), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}
