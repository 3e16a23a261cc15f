//! A Markdown file of cases becomes the same file, as a planner really answers: [`replay`].
//!
//! A case is what follows a `request` block, up to the next heading or `request`. Written by a person: `request` (or
//! `request base64`), `context`, `receive N` (the outcome of ticket N) and `expire` (time is up). Written by the planner:
//! `send N`, `wait`, `reply STATUS` and `misuse`. A file that comes out as it went in is a proof that the planner does what
//! the file says; one whose planner runs elsewhere (in a sandbox, in a browser) proves that it does the same there.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::attribute::parse_base64;
use crate::context::Context;
use crate::json::{self, Json};
use crate::outcome::Outcome;
use crate::plan::{Plan, Step};
use crate::reply::Reply;

/// The context of a case that gives none.
pub const DEFAULT_CONTEXT: &str = r#"{"requestId":"r-1"}"#;

/// Somewhere that a planner runs.
pub trait Home {
    /// Opens a session.
    ///
    /// # Errors
    /// Why it cannot.
    fn open(&mut self, request: &[u8], context: &str) -> Result<Told, String>;

    /// Hands the session that was opened last an outcome.
    ///
    /// # Errors
    /// What the planner says of it: [`Misuse`](crate::plan::Misuse).
    fn resume(&mut self, ticket: u32, outcome: &str) -> Result<Told, String>;

    /// Tells the session that was opened last that time is up.
    ///
    /// # Errors
    /// Why it cannot answer.
    fn expire(&mut self) -> Result<Reply, String>;
}

/// A step as it crosses a boundary: commands are wire JSON.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// Execute these: ticket, attempt, command.
    Send(Vec<(u32, u32, String)>),
    /// Outcomes are still awaited.
    Wait,
    /// The reply.
    Done(Reply),
}

impl From<Step> for Told {
    fn from(step: Step) -> Self {
        match step {
            Step::Send(dispatches) => {
                Told::Send(dispatches.into_iter().map(|d| (d.ticket, d.attempt, d.command.to_text())).collect())
            }
            Step::Wait => Told::Wait,
            Step::Done(reply) => Told::Done(reply),
        }
    }
}

/// Core itself, called directly.
#[derive(Debug, Default)]
pub struct Native(Option<Plan>);

impl Home for Native {
    fn open(&mut self, request: &[u8], context: &str) -> Result<Told, String> {
        let context = Context::parse(context).map_err(|error| error.to_string())?;
        let (plan, step) = Plan::open(request, &context);
        self.0 = Some(plan);
        Ok(step.into())
    }

    fn resume(&mut self, ticket: u32, outcome: &str) -> Result<Told, String> {
        let plan = self.0.as_mut().ok_or("no session is open")?;
        let Some(api) = plan.awaited(ticket) else {
            return Err(crate::plan::Misuse::UnknownTicket(ticket).to_string());
        };
        let outcome = Outcome::parse(api, outcome).map_err(|error| error.to_string())?;
        plan.resume(ticket, outcome, None).map(Told::from).map_err(|error| error.to_string())
    }

    fn expire(&mut self) -> Result<Reply, String> {
        Ok(self.0.as_mut().ok_or("no session is open")?.expire())
    }
}

/// One case, as a person wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The heading it stands under.
    pub name: String,
    /// The request's bytes.
    pub request: Vec<u8>,
    /// The context's JSON.
    pub context: String,
    /// What happens after it was opened.
    pub events: Vec<Event>,
}

/// Something that happens to a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The outcome of that ticket arrives.
    Receive(u32, String),
    /// Time is up.
    Expire,
}

impl Event {
    /// What the session says to it.
    ///
    /// # Errors
    /// As the methods of [`Home`].
    pub fn happen(&self, home: &mut impl Home) -> Result<Told, String> {
        match self {
            Event::Receive(ticket, outcome) => home.resume(*ticket, outcome),
            Event::Expire => home.expire().map(Told::Done),
        }
    }
}

/// Runs every case of a transcript in that home and renders the file anew.
///
/// # Errors
/// When the file is not a transcript; the line is named.
pub fn replay(file: &str, home: &mut impl Home) -> Result<String, String> {
    let items = parse(file)?;
    let mut out = String::new();
    for (index, item) in items.iter().enumerate() {
        match item {
            Item::Text(text) => out.push_str(text),
            Item::Block(block) => {
                out.push_str(&block.source);
                let told = match &block.says {
                    Says::Request(_) | Says::Context(_) => match opening(&items, index) {
                        Some((request, context)) => home.open(request, context),
                        None => continue,
                    },
                    Says::Event(event) => event.happen(home),
                };
                render(&mut out, told);
            }
        }
    }
    Ok(out)
}

/// Every case of a transcript, in order.
///
/// # Errors
/// When the file is not a transcript; the line is named.
pub fn cases(file: &str) -> Result<Vec<Case>, String> {
    let mut cases: Vec<Case> = Vec::new();
    for item in parse(file)? {
        let Item::Block(block) = item else { continue };
        match (block.says, cases.last_mut()) {
            (Says::Request(request), _) => {
                let context = DEFAULT_CONTEXT.into();
                cases.push(Case { name: block.heading, request, context, events: Vec::new() });
            }
            (Says::Context(context), Some(case)) => case.context = context,
            (Says::Event(event), Some(case)) => case.events.push(event),
            // `parse` has refused these.
            (_, None) => {}
        }
    }
    Ok(cases)
}

/// What a person wrote: blocks, and the text around them. What a planner wrote is left out, for it is written anew.
enum Item {
    Text(String),
    Block(Block),
}

struct Block {
    says: Says,
    source: String,
    heading: String,
}

enum Says {
    Request(Vec<u8>),
    Context(String),
    Event(Event),
}

fn parse(file: &str) -> Result<Vec<Item>, String> {
    let mut items = Vec::new();
    let mut text = String::new();
    let mut heading = String::new();
    let mut in_case = false;
    let mut lines = file.split_inclusive('\n').enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(info) = line.trim_end().strip_prefix("```") else {
            if line.starts_with('#') {
                heading = line.trim_start_matches('#').trim().to_owned();
                in_case = false;
            }
            text.push_str(line);
            continue;
        };
        let mut body = String::new();
        let mut closed = false;
        for (_, line) in lines.by_ref() {
            closed = line.trim_end() == "```";
            if closed {
                break;
            }
            body.push_str(line);
        }
        if !closed {
            return Err(format!("line {}: the block is not closed", number + 1));
        }
        let source = format!("```{info}\n{body}```");
        let content = body.strip_suffix('\n').unwrap_or(&body);
        let complain = |what: &str| format!("line {}: {what}", number + 1);
        let (kind, argument) = info.split_once(' ').unwrap_or((info, ""));
        let says = match kind {
            "request" if argument == "base64" => {
                Says::Request(parse_base64(content).ok_or_else(|| complain("not base64"))?)
            }
            "request" => Says::Request(content.as_bytes().to_vec()),
            "context" => Says::Context(content.into()),
            "receive" => {
                let ticket = argument.parse().map_err(|_| complain("expected `receive TICKET`"))?;
                Says::Event(Event::Receive(ticket, content.into()))
            }
            "expire" => Says::Event(Event::Expire),
            "send" | "wait" | "reply" | "misuse" => {
                text.truncate(text.trim_end().len());
                text.push('\n');
                continue;
            }
            _ => {
                text.push_str(&source);
                text.push('\n');
                continue;
            }
        };
        in_case |= matches!(says, Says::Request(_));
        if !in_case {
            return Err(complain("this belongs to a request, but there is none before it under the heading"));
        }
        items.push(Item::Text(core::mem::take(&mut text)));
        items.push(Item::Block(Block { says, source, heading: heading.clone() }));
        // The line end after the closing fence belongs to what follows.
        text.push('\n');
    }
    items.push(Item::Text(text));
    Ok(items)
}

/// The request and context of the case that is complete with the item at `index`; none if its context is still to come.
fn opening(items: &[Item], index: usize) -> Option<(&[u8], &str)> {
    let next = items.iter().skip(index + 1).find_map(|item| match item {
        Item::Block(block) => Some(&block.says),
        Item::Text(_) => None,
    });
    let mut context = DEFAULT_CONTEXT;
    match (items.get(index), next) {
        (Some(Item::Block(Block { says: Says::Request(_), .. })), Some(Says::Context(_))) => return None,
        (Some(Item::Block(Block { says: Says::Context(text), .. })), _) => context = text,
        _ => {}
    }
    items.iter().take(index + 1).rev().find_map(|item| match item {
        Item::Block(Block { says: Says::Request(request), .. }) => Some((request.as_slice(), context)),
        _ => None,
    })
}

fn render(out: &mut String, told: Result<Told, String>) {
    match told {
        Ok(Told::Send(dispatches)) => {
            for (ticket, attempt, command) in dispatches {
                let again = if attempt > 0 { format!(" attempt {attempt}") } else { String::new() };
                block(out, &format!("send {ticket}{again}"), command.as_bytes());
            }
        }
        Ok(Told::Wait) => block(out, "wait", b""),
        Ok(Told::Done(reply)) => {
            let mut info = format!("reply {}", reply.status);
            for (name, value) in &reply.headers {
                if name != "content-type" {
                    info.push_str(&format!(" {name}={value}"));
                }
            }
            block(out, &info, &reply.body);
        }
        Err(misuse) => block(out, "misuse", misuse.as_bytes()),
    }
}

/// Compact JSON is shown spread out, anything else as it is: so the two never look the same.
fn block(out: &mut String, info: &str, body: &[u8]) {
    let json = Json::parse(body).ok().filter(|json| json.to_text().as_bytes() == body);
    out.push_str("\n\n```");
    out.push_str(info);
    match (json, core::str::from_utf8(body)) {
        (Some(json), _) => {
            out.push('\n');
            spread(out, &json, 0);
            out.push('\n');
        }
        (None, Ok("")) => out.push('\n'),
        (None, Ok(text)) => {
            out.push('\n');
            out.push_str(text);
            out.push('\n');
        }
        (None, Err(_)) => {
            out.push_str(" base64\n");
            STANDARD.encode_string(body, out);
            out.push('\n');
        }
    }
    out.push_str("```");
}

/// Longest line that an array or object is put on.
const WIDTH: usize = 110;

/// Appends JSON for a person: what fits on a line stays on it.
pub fn spread(out: &mut String, json: &Json<'_>, indent: usize) {
    let mut line = String::new();
    inline(&mut line, json);
    if line.len() + indent <= WIDTH {
        out.push_str(&line);
        return;
    }
    let inner = indent + 2;
    match json {
        Json::Array(items) if !items.is_empty() => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { ",\n" } else { "\n" });
                out.extend(core::iter::repeat_n(' ', inner));
                spread(out, item, inner);
            }
            out.push('\n');
            out.extend(core::iter::repeat_n(' ', indent));
            out.push(']');
        }
        Json::Object(members) if !members.is_empty() => {
            out.push('{');
            for (index, (key, value)) in members.iter().enumerate() {
                out.push_str(if index > 0 { ",\n" } else { "\n" });
                out.extend(core::iter::repeat_n(' ', inner));
                json::write_string(out, key);
                out.push_str(": ");
                spread(out, value, inner);
            }
            out.push('\n');
            out.extend(core::iter::repeat_n(' ', indent));
            out.push('}');
        }
        _ => out.push_str(&line),
    }
}

fn inline(out: &mut String, json: &Json<'_>) {
    match json {
        Json::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                inline(out, item);
            }
            out.push(']');
        }
        Json::Object(members) => {
            out.push('{');
            for (index, (key, value)) in members.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                json::write_string(out, key);
                out.push_str(": ");
                inline(out, value);
            }
            out.push('}');
        }
        scalar => scalar.write(out),
    }
}
