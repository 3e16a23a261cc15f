//! Cases of the corpus become examples: what is sent, what DynamoDB is asked for, what is answered.
//!
//! `FILE / CASE` shows the request and the reply, or the commands where the case has no reply; `FILE / CASE | commands` shows
//! the commands too, `| steps` also what DynamoDB answers, `| request` the request and `| reply` the reply alone. Every case is
//! played anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gateleg_core::json::Json;
use gateleg_core::transcript::{self, Case, DEFAULT_CONTEXT, Event, Home as _, Native, Told, spread};

use crate::links::slugs;
use crate::page::headings_of;

/// The files of the corpus by name, each with its text and its cases.
pub struct Corpus(pub BTreeMap<String, (String, Vec<Case>)>);

impl Corpus {
    /// Reads all of it.
    pub fn read() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let read = files.map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let cases = transcript::cases(&text).unwrap();
            (path.file_name().unwrap().to_str().unwrap().to_owned(), (text, cases))
        });
        Corpus(read.collect())
    }

    /// The one case of that name.
    pub fn case(&self, file: &str, name: &str) -> Result<&Case, String> {
        let (_, cases) = self.0.get(file).ok_or(format!("the corpus has no file {file}"))?;
        let mut named = cases.iter().filter(|case| case.name == name);
        match (named.next(), named.next()) {
            (Some(case), None) => Ok(case),
            (None, _) => Err(format!("{file} has no case `{name}`")),
            (Some(_), Some(_)) => Err(format!("{file} has two cases `{name}`")),
        }
    }

    /// A link to a case, as a page in `docs` has it.
    pub fn link(&self, file: &str, name: &str) -> Option<String> {
        let (text, _) = self.0.get(file)?;
        let headings = headings_of(text.lines());
        let at = headings.iter().position(|(_, heading)| heading == name)?;
        let slugs = slugs(headings.iter().map(|(_, heading)| heading.as_str()));
        Some(format!("../core/corpus/{file}#{}", slugs.get(at)?))
    }
}

/// What a marker names: file, case and how much of it to show.
pub fn named(asked: &str) -> Result<(&str, &str, &str), String> {
    let (case, show) = asked.split_once(" | ").unwrap_or((asked, ""));
    let (file, name) = case.split_once(" / ").ok_or("expected `FILE / CASE`")?;
    if !["", "request", "reply", "commands", "steps"].contains(&show) {
        return Err(format!("expected request, reply, commands or steps, but found {show}"));
    }
    Ok((file, name, show))
}

/// The example that a marker asks for.
pub fn render(corpus: &Corpus, asked: &str) -> Result<String, String> {
    let (file, name, show) = named(asked)?;
    let case = corpus.case(file, name)?;
    let link = corpus.link(file, name).ok_or("the case has no heading of its own")?;
    if show == "reply" {
        let Told::Done(reply) = play(case)? else { return Err("the case has no reply".into()) };
        let mut out = format!("Reply, status {} ([case]({link})):\n\n", reply.status);
        block(&mut out, &reply.body);
        return Ok(out);
    }
    let mut out = format!("Request ([case]({link})):\n\n");
    block(&mut out, &case.request);
    if show == "request" {
        return Ok(out);
    }
    if case.context != DEFAULT_CONTEXT {
        out.push_str("\nWhat the home says of it:\n\n");
        block(&mut out, case.context.as_bytes());
    }
    let has_reply = matches!(play(case)?, Told::Done(_));
    let mut home = Native::default();
    let mut told = home.open(&case.request, &case.context)?;
    let mut events = case.events.iter();
    loop {
        match &told {
            Told::Send(dispatches) if !show.is_empty() || !has_reply => {
                out.push_str("\nDynamoDB is sent:\n\n");
                dispatches.iter().for_each(|(_, _, command)| block(&mut out, command.as_bytes()));
            }
            Told::Send(_) | Told::Wait => {}
            Told::Done(reply) => {
                out.push_str(&format!("\nReply, status {}:\n\n", reply.status));
                block(&mut out, &reply.body);
            }
        }
        let Some(event) = events.next() else { return Ok(out) };
        match event {
            Event::Receive(_, outcome) if show == "steps" => {
                out.push_str("\nIt answers:\n\n");
                block(&mut out, outcome.as_bytes());
            }
            Event::Expire => out.push_str("\nTime is up.\n"),
            Event::Receive(..) => {}
        }
        told = event.happen(&mut home)?;
    }
}

/// What is told last.
fn play(case: &Case) -> Result<Told, String> {
    let mut home = Native::default();
    let mut told = home.open(&case.request, &case.context)?;
    for event in &case.events {
        told = event.happen(&mut home)?;
    }
    Ok(told)
}

/// JSON is spread out for a person, what is none is shown as it is.
fn block(out: &mut String, body: &[u8]) {
    if out.ends_with("```\n") {
        out.push('\n');
    }
    match Json::parse(body) {
        Ok(json) => {
            out.push_str("```json\n");
            spread(out, &json, 0);
        }
        Err(_) => {
            out.push_str("```text\n");
            out.push_str(&String::from_utf8_lossy(body));
        }
    }
    out.push_str("\n```\n");
}
