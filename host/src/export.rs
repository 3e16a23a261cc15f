//! `gateleg export`: a table becomes a text of one item per line, page by page.
//!
//! A page is one `list` of the protocol; with segments, as many go side by side. Not `options.all`: a page that no longer fits
//! into its reply would be read, and paid for, twice. What a file holds so far is left to `Output`, which a later run can
//! take up again.

mod output;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use gateleg_core::json::{Json, Object, write_bool, write_integer};
use gateleg_core::reply::Reply;
use tokio::task::JoinSet;

use crate::ask::{Answer, Told, ask, ceilings, too_busy};
use crate::failure::Failure;
use crate::gate::Gate;
use crate::lines::{Format, write_format};
use crate::pretty::visible;
use crate::progress::{Progress, items};
use crate::setup::Setup;

use output::{Output, Start};

/// The options of `gateleg export`.
#[derive(Args, Debug, Clone)]
#[command(after_help = EXAMPLES, mut_arg("tables", |arg| arg.hide(true)))]
pub struct Export {
    /// The table to read
    #[arg(long, value_name = "TABLE")]
    table: String,

    /// File to write, one item per line; '-', or none, is stdout
    #[arg(long, short, value_name = "FILE", default_value = "-", hide_default_value = true)]
    output: PathBuf,

    /// How the items are written
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Plain)]
    format: Format,

    /// Replace FILE if it is there
    #[arg(long)]
    force: bool,

    /// Begin anew, whatever an earlier run has read
    #[arg(long)]
    restart: bool,

    /// In how many segments to read the table, side by side; the more, the sooner its throughput is used up
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    segments: u32,

    /// Most items of one page; by default as many as make 1 MB
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(i32::MAX)))]
    page: Option<u32>,

    /// Read what is current at the moment of each page, for twice the throughput
    #[arg(long)]
    consistent: bool,

    /// Show no progress and no summary
    #[arg(long, short)]
    quiet: bool,

    #[command(flatten)]
    setup: Setup,
}

const EXAMPLES: &str = "\
Examples:
  gateleg export --table people --output people.ndjson
  gateleg export --table orders --store dynamodb --segments 4 --output orders.ndjson
  gateleg export --table people | gzip > people.ndjson.gz

Numbers keep all their digits. What 'gateleg export' writes, 'gateleg import' reads, in either format.
An export to a file that was cut short goes on where it ended when the same command is run again: FILE.part and
FILE.gateleg-export hold what there is, and FILE appears when all is read. An export to stdout begins anew.
It is no snapshot: what is written to the table meanwhile may be in it or not.
Exit code: 0 for success, 1 for a failure, 2 for a wrong command line.";

impl Export {
    /// Reads the table.
    ///
    /// # Errors
    /// When the file is there or cannot be written, or the store refuses or cannot be reached.
    pub fn run(self) -> Result<ExitCode, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| Failure::new(format!("the threads could not be started: {error}")))?;
        let mut progress = Progress::new(self.quiet);
        let read = runtime.block_on(self.read(&mut progress));
        progress.clear();
        // First the store is closed, which can take a moment: once the file has its name, little is left to be cut short.
        drop(runtime);
        if let Some(mut output) = read? {
            output.finish()?;
            progress.end("exported", &format!("from {}", visible(&self.table)), output.bytes);
        }
        Ok(ExitCode::SUCCESS)
    }

    /// All of the table; none if nobody reads our stdout to the end.
    async fn read(&self, progress: &mut Progress) -> Result<Option<Output>, Failure> {
        let ceilings = ceilings(self.segments);
        let gate = Arc::new(self.setup.open_for(&self.table, &ceilings).await?.into_gate());
        let mut output = Output::open(self, &self.setup.place()?)?;
        if output.items > 0 {
            progress.say(&format!("going on after {} that were read before", items(output.items)));
        }
        progress.start(None, output.items, output.bytes);
        let is_wanted = self.read_all(&gate, &mut output, progress).await?;
        Ok(is_wanted.then_some(output))
    }

    async fn read_all(&self, gate: &Arc<Gate>, output: &mut Output, progress: &mut Progress) -> Result<bool, Failure> {
        let mut pages = JoinSet::new();
        for segment in 0..output.starts.len() {
            self.ask(&mut pages, gate, output, segment, progress);
        }
        while let Some(page) = pages.join_next().await {
            let (segment, answer) =
                page.map_err(|error| Failure::new(format!("reading failed: {error}\n  {}", output.so_far())))?;
            let reply = match answer {
                Answer::Done(reply) => reply,
                Answer::Busy(reply) => return Err(too_busy(&reply, &output.so_far(), output.go_on())),
                Answer::Refused(reply) => return Err(Told::of(&reply).failure(&self.table, &output.so_far())),
            };
            let page = Page::of(&reply)
                .ok_or_else(|| Failure::new(format!("expected a page of items, but found {}", shown(&reply))))?;
            if !output.add(segment, page)? {
                return Ok(false);
            }
            progress.at(output.items, output.bytes);
            self.ask(&mut pages, gate, output, segment, progress);
        }
        Ok(true)
    }

    /// Asks for the segment's next page, if there is one.
    fn ask(
        &self,
        pages: &mut JoinSet<(usize, Answer)>,
        gate: &Arc<Gate>,
        output: &Output,
        segment: usize,
        progress: &Progress,
    ) {
        let Some(request) = output.starts.get(segment).and_then(|start| self.request(segment, start)) else { return };
        let (gate, busy) = (Arc::clone(gate), progress.busy());
        pages.spawn(async move { (segment, ask(&gate, request.into_bytes(), busy).await) });
    }

    fn request(&self, segment: usize, start: &Start) -> Option<String> {
        let key = match start {
            Start::Beginning => None,
            Start::After(key) => Some(key),
            Start::Done => return None,
        };
        let mut out = String::new();
        let mut request = Object::new(&mut out);
        request.string("operation", "list");
        request.string("tableName", &self.table);
        let mut payload = Object::new(request.member("payload"));
        if self.segments > 1 {
            write_integer(payload.member("TotalSegments"), self.segments);
            write_integer(payload.member("Segment"), i64::try_from(segment).unwrap_or(i64::MAX));
        }
        if let Some(page) = self.page {
            write_integer(payload.member("Limit"), page);
        }
        if self.consistent {
            write_bool(payload.member("ConsistentRead"), true);
        }
        if let Some(key) = key {
            payload.member("ExclusiveStartKey").push_str(key);
        }
        payload.end();
        write_format(&mut request, self.format);
        request.end();
        Some(out)
    }
}

/// What one reply brought.
struct Page {
    /// A line for each item.
    lines: String,
    items: u64,
    next: Start,
}

impl Page {
    fn of(reply: &Reply) -> Option<Self> {
        let body = Json::parse(&reply.body).ok()?;
        let Json::Array(list) = body.get("Items")? else { return None };
        let mut lines = String::with_capacity(reply.body.len());
        for item in list {
            item.write(&mut lines);
            lines.push('\n');
        }
        let next = body.get("LastEvaluatedKey").map_or(Start::Done, |key| Start::After(key.to_text()));
        Some(Page { lines, items: u64::try_from(list.len()).unwrap_or(0), next })
    }
}

/// The beginning of a reply that is not what was asked for; a planner of one's own can say anything.
fn shown(reply: &Reply) -> String {
    visible(&String::from_utf8_lossy(&reply.body).chars().take(80).collect::<String>())
}
