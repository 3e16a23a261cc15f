//! `gateleg plan`: a request becomes the storage commands it would send first, or its refusal, for a person or as JSON.
//!
//! Nothing is touched, and no store is opened. What the plan is comes from core; this only lays it out.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::process::ExitCode;

use clap::Args;
use gateleg_core::context::Context;
use gateleg_core::json::Json;
use gateleg_core::plan::Plan as CorePlan;
use gateleg_core::policy::{Allowed, Policy};
use gateleg_core::reply::Reply;
use uuid::Uuid;

use crate::cli::{Source, print};
use crate::failure::Failure;
use crate::pretty::{indented, visible};

/// The options of `gateleg plan`.
#[derive(Args, Debug, Clone)]
#[command(after_help = EXAMPLES)]
pub struct Plan {
    #[command(flatten)]
    source: Source,

    /// Tables that requests may touch, separated by commas; '*' is all
    #[arg(long, value_name = "TABLES", default_value = "*")]
    tables: String,

    /// Print the reply of a dry run, or the error body, as it is
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  gateleg plan request.json
  echo '{\"operation\": \"read\", \"tableName\": \"people\", \"payload\": {\"Key\": {\"id\": \"1\"}}}' | gateleg plan

Nothing is sent, and no table is touched.
Exit code: 0 for a plan, 1 for a refusal, 2 for a wrong command line.";

impl Plan {
    /// Shows the plan.
    ///
    /// # Errors
    /// When the request cannot be read.
    pub fn run(self) -> Result<ExitCode, Failure> {
        let request = self.source.read()?;
        let mut policy = Policy::tables(Allowed::from_list(&self.tables));
        policy.hint = Some("Allow it with --tables".into());
        let context = Context { request_id: Uuid::new_v4().to_string(), policy: Some(policy), ..Context::default() };
        let reply = CorePlan::preview(&request, &context);
        let refused = reply.error.is_some();
        if self.json {
            print(&reply.body)?;
        } else if refused {
            eprint!("{}", refusal(&request, &reply));
        } else {
            print(commands(&reply).as_bytes())?;
        }
        Ok(if refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

/// Each command under a heading, then the warnings.
fn commands(reply: &Reply) -> String {
    let mut out = String::new();
    let Ok(plan) = Json::parse(&reply.body) else { return String::from_utf8_lossy(&reply.body).into_owned() };
    let list = |name| match plan.get(name) {
        Some(Json::Array(items)) => items.as_slice(),
        _ => &[],
    };
    let commands = list("commands");
    if commands.is_empty() {
        out.push_str("No storage command: the reply is made without a table.\n");
    }
    for (index, command) in commands.iter().enumerate() {
        let Json::Object(members) = command else { continue };
        for (api, input) in members {
            let gap = if index == 0 { "" } else { "\n" };
            // Writing to a String cannot fail, here and below.
            let _ = writeln!(out, "{gap}{}. {api}\n{}", index + 1, indented(input, 0));
        }
    }
    if plan.get("more") == Some(&Json::Bool(true)) {
        out.push_str("\nMore commands may follow, depending on the outcome of these.\n");
    }
    for warning in list("warnings") {
        let text = |name| warning.get(name).and_then(Json::as_str);
        let _ = writeln!(out, "\nwarning: {}", text("message").unwrap_or_default());
        place(&mut out, warning, None);
    }
    visible(&out)
}

/// What is wrong, where, and what to do about it.
fn refusal(request: &[u8], reply: &Reply) -> String {
    let mut out = String::new();
    let Ok(error) = Json::parse(&reply.body) else { return String::from_utf8_lossy(&reply.body).into_owned() };
    let text = |name| error.get(name).and_then(Json::as_str).unwrap_or_default();
    let _ = writeln!(out, "refused: {}\n  {} ({})", text("message"), text("__type"), reply.status);
    place(&mut out, &error, Json::parse(request).ok().as_ref());
    visible(&out)
}

fn place(out: &mut String, remark: &Json<'_>, request: Option<&Json<'_>>) {
    let text = |name| remark.get(name).and_then(Json::as_str);
    if let Some(path) = text("path") {
        let whole = if path.is_empty() { "the request itself" } else { path };
        let _ = writeln!(out, "  at    {whole}");
        if let Some((line, marks)) = request.and_then(|request| quote(request, path, remark.get("span"))) {
            let _ = writeln!(out, "        {line}\n        {marks}");
        }
    }
    if let Some(hint) = text("hint") {
        let _ = writeln!(out, "  hint  {hint}");
    }
    if let Some(Json::Array(patches)) = remark.get("fix") {
        for patch in patches {
            let _ = writeln!(out, "  fix   {}", patch.to_text());
        }
    }
}

/// The string at `path` and marks below the characters of `span`.
fn quote(request: &Json<'_>, path: &str, span: Option<&Json<'_>>) -> Option<(String, String)> {
    let Some(Json::Array(span)) = span else { return None };
    let [start, end] = span.as_slice() else { return None };
    let start = usize::try_from(start.as_integer()?).ok()?;
    let end = usize::try_from(end.as_integer()?).ok()?;
    let text = follow(request, path)?.as_str()?;
    // A line break or a tab would move the marks away from what they mark.
    let line = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let marks = " ".repeat(start) + &"^".repeat(end.saturating_sub(start).max(1));
    Some((line, marks))
}

/// RFC 6901.
fn follow<'j, 't>(json: &'j Json<'t>, path: &str) -> Option<&'j Json<'t>> {
    if path.is_empty() {
        return Some(json);
    }
    path.strip_prefix('/')?.split('/').try_fold(json, |json, step| {
        let name: Cow<'_, str> =
            if step.contains('~') { step.replace("~1", "/").replace("~0", "~").into() } else { step.into() };
        match json {
            Json::Array(items) => items.get(name.parse::<usize>().ok()?),
            _ => json.get(&name),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preview(request: &str) -> Reply {
        CorePlan::preview(request.as_bytes(), &Context::default())
    }

    #[test]
    fn a_command_is_shown_under_its_name() {
        let shown = commands(&preview(r#"{"operation":"read","tableName":"abc","payload":{"Key":{"id":"1"}}}"#));
        assert_eq!(
            shown,
            "1. GetItem\n{\n  \"TableName\": \"abc\",\n  \"Key\": {\n    \"id\": {\n      \"S\": \"1\"\n    }\n  }\n}\n"
        );
        assert!(commands(&preview(r#"{"operation":"ping"}"#)).starts_with("No storage command"));
    }

    #[test]
    fn a_span_is_marked_below_the_text() {
        let request = Json::parse(br#"{"a/b": ["x", "id = 1"]}"#).unwrap();
        let span = Json::parse(b"[3,4]").unwrap();
        assert_eq!(quote(&request, "/a~1b/1", Some(&span)), Some(("id = 1".into(), "   ^".into())));
        assert_eq!(quote(&request, "/a~1b/2", Some(&span)), None);
    }
}
