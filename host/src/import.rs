//! `gateleg import`: a text of one item per line is written into a table, portion by portion, in the order of its lines.
//!
//! A portion is a `batchWrite` of the protocol. One that is refused is taken apart until the line that is wrong is known;
//! nothing after that line is written. What was written is remembered in a [`Checkpoint`] beside the file: a later run goes on
//! from there. Sending a portion twice does no harm, as an item replaces the one with its key.

mod resume;

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufReader, IsTerminal as _, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use gateleg_core::reply::Reply;

use crate::ask::{Answer, Told, ask, ceilings, too_busy};
use crate::checkpoint::Checkpoint;
use crate::failure::Failure;
use crate::gate::Gate;
use crate::lines::{Format, Lines, NoPortion, Portion, Wrong};
use crate::pretty::visible;
use crate::progress::{Progress, items};
use crate::setup::Setup;

use resume::Written;

/// The options of `gateleg import`.
#[derive(Args, Debug, Clone)]
#[command(after_help = EXAMPLES, mut_arg("tables", |arg| arg.hide(true)))]
pub struct Import {
    /// File with one item per line; '-' is stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The table to write the items into
    #[arg(long, value_name = "TABLE")]
    table: String,

    /// How the items are written. With dynamodb, the lines of DynamoDB's own export to S3 are taken too: {"Item": {..}}
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Plain)]
    format: Format,

    /// Begin at the first line again, whatever an earlier run has done
    #[arg(long)]
    restart: bool,

    /// Show no progress and no summary
    #[arg(long, short)]
    quiet: bool,

    #[command(flatten)]
    setup: Setup,
}

const EXAMPLES: &str = "\
Examples:
  gateleg import people.ndjson --table people
  gateleg import orders.ndjson --table orders --store dynamodb
  zcat data/*.json.gz | gateleg import - --table people --format dynamodb

An item replaces the one in the table that has its key; of two lines with the same key, the later one counts. At a wrong
line the command ends: the lines before it are written, those after it are not.
However it ends, the same command goes on where it ended: FILE.gateleg-import remembers what is written, and goes away
when all is. The lines that are written must not change in between; a wrong one can be mended. What comes from stdin or a
pipe is not remembered.
Exit code: 0 for success, 1 for a wrong line or another failure, 2 for a wrong command line.";

impl Import {
    /// Writes the items.
    ///
    /// # Errors
    /// When the file cannot be read, a line is wrong, or the store refuses or cannot be reached.
    pub fn run(self) -> Result<ExitCode, Failure> {
        let mut text = Text::open(&self.file)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| Failure::new(format!("the threads could not be started: {error}")))?;
        let mut progress = Progress::new(self.quiet);
        let result = runtime.block_on(self.write(&mut text, &mut progress));
        progress.clear();
        result.map(|()| ExitCode::SUCCESS)
    }

    async fn write(&self, text: &mut Text, progress: &mut Progress) -> Result<(), Failure> {
        let ceilings = ceilings(1);
        let mut opened = self.setup.open_for(&self.table, &ceilings).await?;
        let keys = opened.policy.keys.iter().find(|(table, _)| *table == self.table).map(|(_, keys)| keys.clone());
        // Were the keys known, calls would go side by side, and lines after a wrong one would be written.
        opened.policy.keys.clear();
        let gate = opened.into_gate();

        let checkpoint = text.file.as_ref().map(|_| Checkpoint::beside(&self.file, "import"));
        let mut written = Written::of(&self.table, &self.setup.place()?, self.format);
        if let (Some(checkpoint), Some(file)) = (&checkpoint, &mut text.file) {
            written.resume(checkpoint, self.restart, file, &text.name)?;
            if written.lines > 0 {
                progress.say(&format!(
                    "going on after line {} of {}: {} written before",
                    written.lines,
                    text.name,
                    are(written.items)
                ));
            }
        }
        progress.start(text.length, written.items, written.bytes);
        let mut job = Job { import: self, gate, keys, checkpoint, written, progress, name: text.name.clone() };
        let lines = Lines::after(job.written.lines, text.reader(), self.format);
        job.write_all(lines).await
    }
}

/// Where the lines come from.
struct Text {
    name: String,
    /// What can be read again from any place; not stdin, nor a pipe.
    file: Option<File>,
    pipe: Option<Box<dyn Read>>,
    length: Option<u64>,
}

impl Text {
    fn open(path: &Path) -> Result<Self, Failure> {
        if path.as_os_str() == "-" {
            if std::io::stdin().is_terminal() {
                eprintln!("Type items, one per line; Ctrl-D ends them.");
            }
            return Ok(Text { name: "stdin".into(), file: None, pipe: Some(Box::new(std::io::stdin())), length: None });
        }
        let name = path.display().to_string();
        let failed = |error| Failure::new(format!("{name} cannot be read: {error}"));
        let file = File::open(path).map_err(failed)?;
        let kind = file.metadata().map_err(failed)?;
        if kind.is_dir() {
            return Err(Failure::new(format!("expected a file of items, but {name} is a folder")));
        }
        Ok(if kind.is_file() {
            Text { name, file: Some(file), pipe: None, length: Some(kind.len()) }
        } else {
            Text { name, file: None, pipe: Some(Box::new(file)), length: None }
        })
    }

    /// What was not read yet.
    fn reader(&mut self) -> BufReader<Box<dyn Read>> {
        let inner: Box<dyn Read> = match (self.file.take(), self.pipe.take()) {
            (Some(file), _) => Box::new(file),
            (None, Some(pipe)) => pipe,
            (None, None) => Box::new(std::io::empty()),
        };
        BufReader::with_capacity(256 * 1024, inner)
    }
}

/// One run under way.
struct Job<'r> {
    import: &'r Import,
    gate: Gate,
    /// The names of the table's key attributes, if they are known.
    keys: Option<Vec<String>>,
    checkpoint: Option<Checkpoint>,
    written: Written,
    progress: &'r mut Progress,
    name: String,
}

impl Job<'_> {
    async fn write_all(&mut self, mut lines: Lines<BufReader<Box<dyn Read>>>) -> Result<(), Failure> {
        loop {
            match lines.portion() {
                Ok(Some(portion)) => self.write_portion(portion).await?,
                Ok(None) => break,
                Err(NoPortion::Wrong(wrong)) => return Err(self.wrong(wrong)),
                Err(NoPortion::Io(error)) => {
                    let message = format!("{} cannot be read: {error}\n  {}", self.name, self.so_far());
                    return Err(Failure::new(message).hint(self.go_on()));
                }
            }
        }
        if let Some(checkpoint) = &self.checkpoint {
            checkpoint.remove()?;
        }
        self.progress.end("imported", &format!("into {}", visible(&self.import.table)), self.written.bytes);
        Ok(())
    }

    /// Writes a portion, in parts if it must be: the parts stay in order.
    async fn write_portion(&mut self, portion: Portion) -> Result<(), Failure> {
        let mut parts = VecDeque::from([portion]);
        while let Some(mut part) = parts.pop_front() {
            if let Some(request) = part.request(&self.import.table, self.import.format) {
                match ask(&self.gate, request, self.progress.busy()).await {
                    Answer::Done(_) => {}
                    Answer::Busy(reply) => return Err(too_busy(&reply, &self.so_far(), &self.go_on())),
                    Answer::Refused(reply) => {
                        let rest = self.refused(&mut part, &reply)?;
                        parts.push_front(rest);
                        parts.push_front(part);
                        continue;
                    }
                }
            }
            self.written.add(&part);
            if let Some(checkpoint) = &self.checkpoint {
                checkpoint.write(&self.written.to_text())?;
            }
            self.progress.at(self.written.items, self.written.bytes);
        }
        Ok(())
    }

    /// Takes a refused part in two, so that the line that is to blame is alone at last.
    fn refused(&self, part: &mut Portion, reply: &Reply) -> Result<Portion, Failure> {
        let told = Told::of(reply);
        let path = told.path.as_deref();
        let named = path.and_then(|path| path.strip_prefix("/payload/Put/")).map(|rest| match rest.split_once('/') {
            Some((index, _)) => index.parse::<usize>(),
            None => rest.parse(),
        });
        // Of what DynamoDB or the table itself refuses no place is known.
        let of_a_line = matches!(reply.status, 400 | 413) && path.is_none_or(|path| path.starts_with("/payload"));
        match named {
            _ if !of_a_line => {}
            Some(Ok(at)) if at > 0 && at < part.items() => return Ok(part.split_off(at)),
            Some(Ok(_)) => return Err(self.to_blame(part, told)),
            _ if part.items() > 1 => return Ok(part.split_off(part.items() / 2)),
            _ => return Err(self.to_blame(part, told)),
        }
        Err(told.failure(&self.import.table, &self.so_far()))
    }

    /// The first item of the part is wrong.
    fn to_blame(&self, part: &Portion, told: Told) -> Failure {
        let number = part.line_of(0).map_or(self.written.lines + 1, |line| line.number);
        let path = told.path.as_deref().map(|path| path.strip_prefix("/payload/Put/0").unwrap_or(path));
        let notes = [told.rule.map(|rule| format!("rule {rule}")), path.map(|path| format!("at {}", visible(path)))];
        let notes: Vec<String> = notes.into_iter().flatten().filter(|note| note != "at ").collect();
        let hint = match (&told.hint, &self.keys) {
            (Some(hint), _) => Some(hint.clone()),
            (None, Some(keys)) if notes.is_empty() => {
                Some(format!("The key of {} is {}", visible(&self.import.table), visible(&keys.join(", "))))
            }
            _ => None,
        };
        // The planner knows items by their place in a request, a person by their line.
        let message = told.message.replacen("parameter Put[0].", "", 1);
        self.at_line(number, &message, &notes.join(", "), hint)
    }

    fn wrong(&self, wrong: Wrong) -> Failure {
        let notes = wrong.rule.map(|rule| format!("rule {rule}")).unwrap_or_default();
        self.at_line(wrong.number, &wrong.message, &notes, None)
    }

    fn at_line(&self, number: u64, message: &str, notes: &str, hint: Option<String>) -> Failure {
        let notes = if notes.is_empty() { String::new() } else { format!("\n  {notes}") };
        let message = format!("{}, line {number}: {message}{notes}\n  {}", self.name, self.so_far());
        let go_on = match &self.checkpoint {
            Some(_) => "Mend the line and run the same command again: it goes on there",
            None => "Mend the line, and send all of it again from its beginning; that does no harm",
        };
        Failure::new(message).hint(match hint {
            Some(hint) => format!("{hint}\n        {go_on}"),
            None => go_on.into(),
        })
    }

    fn so_far(&self) -> String {
        match self.written.lines {
            0 => "nothing was written".into(),
            lines => format!("{} written, all up to line {lines}, and nothing after it", are(self.written.items)),
        }
    }

    fn go_on(&self) -> String {
        match &self.checkpoint {
            Some(_) => "Run the same command again: it goes on where it ended".into(),
            None => "Send all of it again from its beginning; that does no harm".into(),
        }
    }
}

fn are(count: u64) -> String {
    format!("{} {}", items(count), if count == 1 { "was" } else { "were" })
}
