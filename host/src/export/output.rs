//! Pages become lines of stdout or of a file; a file grows as `FILE.part`, beside a checkpoint that says how much of it is
//! whole and where to go on, and gets its name when all is there.
//!
//! The order matters to a process that may be killed between any two steps: the checkpoint is there before the part, a page
//! is in the part before it is in the checkpoint, and the checkpoint goes last.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use gateleg_core::json::{Json, Object, write_array, write_bool, write_integer};

use super::{Export, Page};
use crate::checkpoint::{Checkpoint, beside, count, remove, text};
use crate::failure::Failure;
use crate::progress::items;

/// Where the lines go, and how far each segment is read.
pub(super) struct Output {
    /// How many items were written, those of earlier runs included.
    pub(super) items: u64,
    /// How many bytes.
    pub(super) bytes: u64,
    /// Where each segment goes on.
    pub(super) starts: Vec<Start>,
    /// None for stdout.
    target: Option<Target>,
}

/// Where a segment goes on; in a checkpoint it looks as in `options.continuation`.
pub(super) enum Start {
    Beginning,
    /// After the item with that key, as JSON text.
    After(String),
    Done,
}

/// A file that is being written.
struct Target {
    file: PathBuf,
    part: PathBuf,
    /// None when the file has got its name already.
    open: Option<File>,
    checkpoint: Checkpoint,
    table: String,
    place: String,
    format: &'static str,
}

impl Output {
    /// What `--output` names, in a store at that place; an earlier run is taken up.
    pub(super) fn open(export: &Export, place: &str) -> Result<Self, Failure> {
        let fresh = (0..export.segments).map(|_| Start::Beginning).collect();
        let mut output = Output { items: 0, bytes: 0, starts: fresh, target: None };
        if export.output.as_os_str() == "-" {
            return Ok(output);
        }
        let file = export.output.clone();
        let mut target = Target {
            part: beside(&file, ".part"),
            checkpoint: Checkpoint::beside(&file, "export"),
            open: None,
            table: export.table.clone(),
            place: place.into(),
            format: export.format.name(),
            file,
        };
        if export.restart {
            target.refuse_to_overwrite(export.force)?;
            target.checkpoint.remove()?;
            remove(&target.part)?;
        }
        let before = target.checkpoint.read()?;
        if let Some(before) = &before {
            let before = Json::parse(before).map_err(|_| target.checkpoint.damaged())?;
            output.resume(&target, &before)?;
            if target.has_its_name(&output) {
                output.target = Some(target);
                return Ok(output);
            }
        }
        target.refuse_to_overwrite(export.force)?;
        if before.is_none() {
            target.begin(&output)?;
        }
        target.open_part(output.bytes)?;
        output.target = Some(target);
        Ok(output)
    }

    /// Reads the checkpoint of an earlier run, which has to be the same one.
    fn resume(&mut self, target: &Target, before: &Json<'_>) -> Result<(), Failure> {
        let checkpoint = &target.checkpoint;
        let known = |name| text(before, name).ok_or_else(|| checkpoint.damaged());
        let (table, place, format) = (known("table")?, known("store")?, known("format")?);
        let Some(Json::Array(segments)) = before.get("Continuation") else { return Err(checkpoint.damaged()) };
        let same = (table, place, format) == (&*target.table, &*target.place, target.format);
        if !same || segments.len() != self.starts.len() {
            let segments = segments.len();
            return Err(checkpoint.differs(&format!(
                "from table {table}, --format {format}, --segments {segments}, of the store {place}"
            )));
        }
        self.starts = segments.iter().map(Start::read).collect::<Option<_>>().ok_or_else(|| checkpoint.damaged())?;
        let number = |name| count(before, name).ok_or_else(|| checkpoint.damaged());
        (self.items, self.bytes) = (number("items")?, number("bytes")?);
        Ok(())
    }

    /// Adds a page of a segment. False when nobody reads it.
    pub(super) fn add(&mut self, segment: usize, page: Page) -> Result<bool, Failure> {
        let written = match &mut self.target {
            None => {
                let mut stdout = std::io::stdout().lock();
                stdout.write_all(page.lines.as_bytes()).and_then(|()| stdout.flush())
            }
            Some(Target { open: Some(part), .. }) => {
                part.write_all(page.lines.as_bytes()).and_then(|()| part.sync_data())
            }
            Some(Target { open: None, .. }) => Ok(()),
        };
        match written {
            Err(error) if error.kind() == ErrorKind::BrokenPipe && self.target.is_none() => return Ok(false),
            Err(error) => {
                let message = format!("the output cannot be written: {error}\n  {}", self.so_far());
                return Err(Failure::new(message).hint(self.go_on()));
            }
            Ok(()) => {}
        }
        self.items += page.items;
        self.bytes += u64::try_from(page.lines.len()).unwrap_or(0);
        if let Some(start) = self.starts.get_mut(segment) {
            *start = page.next;
        }
        if let Some(target) = &self.target {
            target.checkpoint.write(&self.to_text(target))?;
        }
        Ok(true)
    }

    /// All is there: the file gets its name.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        let Some(target) = &mut self.target else { return Ok(()) };
        if target.open.take().is_some() {
            fs::rename(&target.part, &target.file).map_err(|error| {
                Failure::new(format!("{} cannot become {}: {error}", target.part.display(), target.file.display()))
            })?;
        }
        target.checkpoint.remove()
    }

    pub(super) fn so_far(&self) -> String {
        match self.items {
            0 => "nothing was read".into(),
            1 => "1 item was read so far".into(),
            count => format!("{} were read so far", items(count)),
        }
    }

    pub(super) fn go_on(&self) -> &'static str {
        match self.target {
            Some(_) => "Run the same command again: it goes on where it ended",
            None => "An export to stdout begins anew; with --output it would go on where it ended",
        }
    }

    fn to_text(&self, target: &Target) -> String {
        let mut out = String::new();
        let mut object = Object::new(&mut out);
        object.string("command", "export");
        object.string("table", &target.table);
        object.string("store", &target.place);
        object.string("format", target.format);
        for (name, number) in [("items", self.items), ("bytes", self.bytes)] {
            write_integer(object.member(name), i64::try_from(number).unwrap_or(i64::MAX));
        }
        write_array(object.member("Continuation"), &self.starts, |out, start| start.write(out));
        object.end();
        out.push('\n');
        out
    }
}

impl Target {
    /// Whether an earlier run was stopped between giving the file its name and its end.
    fn has_its_name(&self, output: &Output) -> bool {
        output.starts.iter().all(|start| matches!(start, Start::Done))
            && !self.part.exists()
            && length(&self.file) == Some(output.bytes)
    }

    fn refuse_to_overwrite(&self, force: bool) -> Result<(), Failure> {
        if self.file.is_dir() {
            return Err(Failure::new(format!("expected a file to write, but {} is a folder", self.file.display())));
        }
        if force || !self.file.exists() {
            return Ok(());
        }
        Err(Failure::new(format!("{} is there already", self.file.display())).hint("To replace it: --force"))
    }

    /// Nothing is read yet. A part without a checkpoint is nothing of ours.
    fn begin(&self, output: &Output) -> Result<(), Failure> {
        if self.part.exists() {
            let message = format!("{} is there already, and no checkpoint says what it is", self.part.display());
            return Err(Failure::new(message).hint("To write it anew: --restart"));
        }
        self.checkpoint.write(&output.to_text(self))
    }

    /// Opens the part, and cuts off what the checkpoint does not know of.
    fn open_part(&mut self, bytes: u64) -> Result<(), Failure> {
        let found = length(&self.part).unwrap_or(0);
        if found < bytes {
            let message = format!("expected {bytes} bytes in {}, but found {found}", self.part.display());
            return Err(Failure::new(message).hint("To begin anew: --restart"));
        }
        let opened =
            OpenOptions::new().write(true).create(true).truncate(false).open(&self.part).and_then(|mut part| {
                part.set_len(bytes)?;
                part.seek(SeekFrom::Start(bytes))?;
                Ok(part)
            });
        self.open =
            Some(opened.map_err(|error| Failure::new(format!("{} cannot be written: {error}", self.part.display())))?);
        Ok(())
    }
}

impl Start {
    fn read(json: &Json<'_>) -> Option<Self> {
        let Json::Object(members) = json else { return None };
        match members.as_slice() {
            [] => Some(Start::Beginning),
            [(name, Json::Bool(true))] if name == "done" => Some(Start::Done),
            [(name, key @ Json::Object(_))] if name == "after" => Some(Start::After(key.to_text())),
            _ => None,
        }
    }

    fn write(&self, out: &mut String) {
        let mut object = Object::new(out);
        match self {
            Start::Beginning => {}
            Start::After(key) => object.member("after").push_str(key),
            Start::Done => write_bool(object.member("done"), true),
        }
        object.end();
    }
}

fn length(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().map(|kind| kind.len())
}
