//! A file of requests, or none, becomes bodies to send, in turn and without end: each with ids of its own where it asks for them.
//!
//! The placeholders are Postman's: `{{$guid}}` becomes another id at every place and every time, `{{$randomInt}}` a number
//! from 0 to 1000. They stand in strings, so that the file is JSON as it is. What a request means is left to the server.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Bytes;
use gateleg_core::context::Context;
use gateleg_core::explain::explain;
use gateleg_core::json::{Json, write_string};
use uuid::Uuid;

use super::price::Capacity;
use crate::failure::Failure;
use crate::pretty::visible;

/// Most bytes of a file.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// Most requests of a file.
const MOST: usize = 100_000;

/// The requests that are sent in turn.
#[derive(Debug)]
pub struct Requests {
    templates: Vec<Template>,
    next: AtomicUsize,
    /// What they are, for a person.
    pub described: String,
}

impl Requests {
    /// The tutorial's `create`, of another item each time.
    pub fn tutorial(table: &str) -> Self {
        let mut name = String::new();
        write_string(&mut name, table);
        let pieces = vec![
            Piece::Text(format!(r#"{{"operation":"create","tableName":{name},"payload":{{"Item":{{"id":""#)),
            Piece::Guid,
            Piece::Text(r#"","number":5}}}"#.into()),
        ];
        Requests {
            templates: vec![Template(pieces)],
            next: AtomicUsize::new(0),
            described: format!("create in {}, another item each time", visible(table)),
        }
    }

    /// One request, an array of them, or one per line.
    ///
    /// # Errors
    /// When the file cannot be read, or is none of these.
    pub fn read(file: &Path) -> Result<Self, Failure> {
        let (name, text) = text(file)?;
        let templates = templates(&text).map_err(|fault| Failure::usage(format!("--request: {name}{fault}")))?;
        let described = match templates.len() {
            1 => format!("the request of {name}"),
            count => format!("the {count} requests of {name}, in turn"),
        };
        Ok(Requests { templates, next: AtomicUsize::new(0), described })
    }

    /// The next body.
    pub fn next(&self) -> Bytes {
        let at = self.next.fetch_add(1, Ordering::Relaxed) % self.templates.len().max(1);
        self.templates.get(at).map(Template::fill).unwrap_or_default()
    }

    /// What they take of DynamoDB; none, where the planner does not know.
    pub fn capacity(&self) -> Option<Capacity> {
        let bodies: Vec<Bytes> = self.templates.iter().map(Template::fill).collect();
        Capacity::of(bodies.iter().map(|body| &**body))
    }

    /// Why the first that would be refused would be, and its number from 1.
    pub fn refusal(&self) -> Option<(usize, String)> {
        let refusal = |template: &Template| explain(&template.fill(), &Context::default()).err();
        let mut refusals = self.templates.iter().map(refusal).enumerate();
        refusals.find_map(|(index, error)| error.map(|error| (index + 1, visible(error.message()))))
    }
}

fn text(file: &Path) -> Result<(String, String), Failure> {
    let stdin = file.as_os_str() == "-";
    let name = if stdin { "stdin".into() } else { file.display().to_string() };
    let failed = |error: std::io::Error| Failure::new(format!("--request: {name} cannot be read: {error}"));
    let mut bytes = Vec::new();
    if stdin {
        std::io::stdin().take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        fs::File::open(file).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes)).map_err(failed)?;
    }
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MOST_BYTES) {
        return Err(Failure::usage(format!("--request: {name} holds more than 64 MB")));
    }
    let text = String::from_utf8(bytes).map_err(|_| Failure::usage(format!("--request: {name} is not UTF-8")))?;
    Ok((name, text))
}

/// The fault is what comes after the file's name.
fn templates(text: &str) -> Result<Vec<Template>, String> {
    let lines = || text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let requests: Vec<(String, String)> = match Json::parse(text.as_bytes()) {
        Ok(Json::Array(requests)) => {
            requests.iter().enumerate().map(|(at, one)| (format!(", request {}", at + 1), one.to_text())).collect()
        }
        Ok(_) => vec![(String::new(), text.trim().into())],
        // Several lines, the first of which is a whole value: one request per line.
        Err(_)
            if lines().nth(1).is_some()
                && lines().next().is_some_and(|(_, line)| Json::parse(line.as_bytes()).is_ok()) =>
        {
            lines().map(|(at, line)| (format!(", line {}", at + 1), line.trim().into())).collect()
        }
        Err(_) if text.trim().is_empty() => Vec::new(),
        Err(error) => return Err(format!(": {error}")),
    };
    if requests.is_empty() {
        return Err(" holds no request".into());
    }
    if requests.len() > MOST {
        return Err(format!(" holds {} requests, more than {MOST}", requests.len()));
    }
    requests.iter().map(|(place, text)| Template::parse(text).map_err(|fault| format!("{place}: {fault}"))).collect()
}

/// A body with gaps.
#[derive(Debug)]
struct Template(Vec<Piece>);

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Guid,
    Integer,
}

/// What Postman calls them, and what they become. Both names of an id mean the same there.
const PLACEHOLDERS: [(&str, Piece); 3] =
    [("guid", Piece::Guid), ("randomUUID", Piece::Guid), ("randomInt", Piece::Integer)];

impl Template {
    fn parse(text: &str) -> Result<Self, String> {
        match Json::parse(text.as_bytes()) {
            Ok(Json::Object(_)) => {}
            Ok(other) => return Err(format!("expected a request, which is an object, but found {}", other.kind())),
            Err(error) => return Err(error.to_string()),
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{$") {
            let (name, after) = after.split_once("}}").ok_or("expected `}}` after `{{$`, but found none")?;
            let (_, piece) = PLACEHOLDERS.iter().find(|(known, _)| *known == name).ok_or_else(|| {
                let known: Vec<_> = PLACEHOLDERS.iter().map(|(known, _)| format!("{{{{${known}}}}}")).collect();
                format!("expected one of {}, but found `{{{{${}}}}}`", known.join(", "), visible(name))
            })?;
            pieces.extend([Piece::Text(before.into()), piece.clone()]);
            rest = after;
        }
        pieces.push(Piece::Text(rest.into()));
        Ok(Template(pieces))
    }

    fn fill(&self) -> Bytes {
        let mut out = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Guid => out.push_str(&Uuid::new_v4().to_string()),
                Piece::Integer => out.push_str(&(Uuid::new_v4().as_u128() % 1001).to_string()),
            }
        }
        out.into()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn check(text: &str, expected: Result<&[&str], &str>) {
        let found = templates(text).map(|all| all.iter().map(|one| text_of(&one.fill())).collect::<Vec<_>>());
        assert_eq!(
            found,
            expected.map(|bodies| bodies.iter().map(ToString::to_string).collect()).map_err(Into::into),
            "{text}"
        );
    }

    fn text_of(body: &Bytes) -> String {
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[test]
    fn a_file_is_one_request_or_several() {
        check("{\n \"n\": 1.10 }\n", Ok(&["{\n \"n\": 1.10 }"]));
        check("[{\"n\":1.10}, {}]", Ok(&[r#"{"n":1.10}"#, "{}"]));
        check("{\"a\": 1}\n\n {\"b\": 2} \r\n", Ok(&["{\"a\": 1}", "{\"b\": 2}"]));
        check("{\"a\": \"{{name}}\"}", Ok(&["{\"a\": \"{{name}}\"}"]));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, part) in [
            ("", " holds no request"),
            ("[]", " holds no request"),
            ("{", "line 1"),
            ("5", ": expected a request, which is an object, but found a number"),
            ("[{}, 5]", ", request 2: expected a request, which is an object, but found a number"),
            ("{}\n\n[]", ", line 3: expected a request, which is an object, but found an array"),
            ("{}\n{\"a\"}", ", line 2: "),
            (
                "{\"a\":\"{{$gid}}\"}",
                ": expected one of {{$guid}}, {{$randomUUID}}, {{$randomInt}}, but found `{{$gid}}`",
            ),
            ("{\"a\":\"{{$guid\"}", ": expected `}}` after `{{$`, but found none"),
        ] {
            let fault = templates(text).map(|all| all.len()).unwrap_err();
            assert!(fault.contains(part), "{text}: {fault}");
        }
    }

    #[test]
    fn ids_are_fresh_at_every_place_and_every_time() {
        let template = Template::parse(r#"{"a":"{{$guid}}","b":"x{{$randomUUID}}","n":"{{$randomInt}}"}"#).unwrap();
        let mut seen = HashSet::new();
        for _ in 0..100 {
            let body = template.fill();
            let json = Json::parse(&body).unwrap();
            let member = |name| json.get(name).and_then(Json::as_str).unwrap();
            assert!(
                seen.insert(member("a").to_string()) && seen.insert(member("b").trim_start_matches('x').to_string())
            );
            assert!(member("n").parse::<u32>().unwrap() <= 1000);
        }
    }

    #[test]
    fn the_tutorial_creates_an_item_wherever_it_is_told_to() {
        let requests = Requests::tutorial("a\"b");
        let (first, second) = (requests.next(), requests.next());
        assert_ne!(first, second);
        assert_eq!(Json::parse(&first).unwrap().get("tableName").unwrap().as_str(), Some("a\"b"));
        let requests = Requests::tutorial("lambda-apigateway");
        assert_eq!(requests.capacity().unwrap().words(), "at least 1 write unit each");
        assert_eq!(requests.refusal(), None);
    }
}
