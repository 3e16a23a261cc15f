//! `gateleg plan`: a request becomes the storage commands it would send first, or its refusal, for a person or as JSON; or it
//! becomes code for another client.
//!
//! Nothing is touched, and no store is opened. What the plan is, and the code, comes from core; what is wrong with a request, and what is
//! worth a remark, is laid out by [`crate::diagnostic`].

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use gateleg_core::code::{self, Target};
use gateleg_core::context::Context;
use gateleg_core::explain::explain;
use gateleg_core::json::Json;
use gateleg_core::plan::Plan as CorePlan;
use gateleg_core::policy::{Allowed, Policy};
use gateleg_core::reply::Reply;
use uuid::Uuid;

use crate::cli::{Source, print};
use crate::diagnostic::{Color, Look, Source as Text};
use crate::failure::Failure;
use crate::policy;
use crate::pretty::{indented, visible};

mod explain;

/// The options of `gateleg plan`.
#[derive(Args, Debug, Clone)]
#[command(after_help = EXAMPLES)]
pub struct Plan {
    #[command(flatten)]
    source: Source,

    /// Tables that requests may touch, separated by commas; '*' is all
    #[arg(long, value_name = "TABLES", default_value = "*")]
    tables: String,

    /// Policy file that says what requests may do, in place of --tables
    #[arg(long, value_name = "FILE.toml", conflicts_with = "tables")]
    policy: Option<PathBuf>,

    /// Route of the policy file; by default the only one, or /dynamodbmanager
    #[arg(long, value_name = "PATH", requires = "policy")]
    route: Option<String>,

    /// Print the reply of a dry run, or the error body, as it is
    #[arg(long)]
    json: bool,

    /// Say in plain words what the request does and what it costs, instead of its commands
    #[arg(long)]
    explain: bool,

    /// With --explain: print also the least IAM policy it needs
    #[arg(long, requires = "explain")]
    iam: bool,

    /// Print the request as code for another client instead
    #[arg(long = "as", value_name = "TARGET", value_parser = targets(), conflicts_with_all = ["json", "explain"])]
    target: Option<Target>,

    /// Where gateleg answers, for code that sends the request itself: curl, postman and the events
    #[arg(long, value_name = "URL", default_value = code::ENDPOINT, requires = "target")]
    endpoint: String,

    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    color: Color,
}

const EXAMPLES: &str = "\
Examples:
  gateleg plan request.json
  gateleg plan --explain --iam request.json
  echo '{\"operation\": \"read\", \"tableName\": \"people\", \"payload\": {\"Key\": {\"id\": \"1\"}}}' | gateleg plan
  gateleg plan request.json --as boto3 > request.py
  gateleg plan request.json --as curl --endpoint https://example.com/test/dynamodbmanager

Nothing is sent, and no table is touched.
Exit code: 0 for a plan, 1 for a refusal, 2 for a wrong command line.";

/// The targets by name, so that help lists them.
fn targets() -> impl TypedValueParser<Value = Target> {
    let names = Target::ALL.iter().map(|target| PossibleValue::new(target.as_str()).help(target.title()));
    PossibleValuesParser::new(names).try_map(|name| Target::parse(&name).ok_or("expected a target"))
}

impl Plan {
    /// Shows the plan.
    ///
    /// # Errors
    /// When the request cannot be read.
    pub fn run(self) -> Result<ExitCode, Failure> {
        let name = self.source.name();
        let request = self.source.read()?;
        let policy = self.allowed()?;
        let context =
            Context { request_id: Uuid::new_v4().to_string(), policy: Some(policy.into()), ..Context::default() };
        if self.explain
            && let Ok(explanation) = explain(&request, &context)
        {
            print(explain::shown(&explanation, self.json, self.iam).as_bytes())?;
            return Ok(ExitCode::SUCCESS);
        }
        let code = self.target.map(|target| code::write(&request, &context, target, &self.endpoint));
        let reply = match code {
            Some(Ok(code)) => {
                print(code.as_bytes())?;
                return Ok(ExitCode::SUCCESS);
            }
            Some(Err(error)) => error.reply(&context.request_id),
            // What cannot be explained is refused, and shown as a refusal.
            None => CorePlan::preview(&request, &context),
        };
        let refused = reply.error.is_some();
        let text = Text::new(&name, &request);
        if self.json {
            print(&reply.body)?;
        } else if refused {
            eprint!("{}", refusal(&text, &reply, Look::of(self.color, std::io::stderr().is_terminal())));
        } else {
            print(commands(&text, &reply, Look::of(self.color, std::io::stdout().is_terminal())).as_bytes())?;
        }
        Ok(if refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

impl Plan {
    fn allowed(&self) -> Result<Policy, Failure> {
        let Some(file) = &self.policy else {
            let mut policy = Policy::tables(Allowed::from_list(&self.tables));
            policy.hint = Some("Allow it with --tables".into());
            return Ok(policy);
        };
        Ok(policy::route(&policy::read(file)?, self.route.as_deref())?.policy.clone())
    }
}

/// Each command under a heading, then the warnings.
fn commands(request: &Text<'_>, reply: &Reply, look: Look) -> String {
    let Ok(plan) = Json::parse(&reply.body) else { return visible(&String::from_utf8_lossy(&reply.body)) };
    let list = |name| match plan.get(name) {
        Some(Json::Array(items)) => items.as_slice(),
        _ => &[],
    };
    let mut out = String::new();
    let commands = list("commands");
    if commands.is_empty() {
        out.push_str("No storage command: the reply is made without a table.\n");
    }
    for (index, command) in commands.iter().enumerate() {
        let Json::Object(members) = command else { continue };
        for (api, input) in members {
            let gap = if index == 0 { "" } else { "\n" };
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{gap}{}. {api}\n{}", index + 1, indented(input, 0));
        }
    }
    out.push_str(&sequence(list("sequence"), look.width));
    visible(&out) + &request.warnings(list("warnings"), look)
}

/// How a plan of more steps than its first could go on: what is sent, what could come back, what is sent then.
fn sequence(stages: &[Json<'_>], width: usize) -> String {
    let mut out = String::new();
    let mut line = |about: &str, text: &str| {
        let line = format!("  {about:<10} {text}");
        match line.char_indices().nth(width.saturating_sub(3)) {
            // Writing to a String cannot fail.
            Some((end, _)) => drop(writeln!(out, "{}...", line.get(..end).unwrap_or_default())),
            None => drop(writeln!(out, "{line}")),
        }
    };
    for (index, stage) in stages.iter().enumerate() {
        let number = |name| stage.get(name).and_then(Json::as_integer).unwrap_or(0);
        let Some(Json::Object(command)) = stage.get("command") else { continue };
        let Some((api, input)) = command.first() else { continue };
        let others = match number("calls") - 1 {
            ..=0 => String::new(),
            others => format!(", and {others} more with it"),
        };
        let sent = match (index, number("pauseMs")) {
            (0, _) => format!("{api} as above{others}"),
            (_, 0) => format!("{api}{others} {}", input.to_text()),
            (_, ms) => format!("{api} after {ms} ms{others} {}", input.to_text()),
        };
        line("sent", &sent);
        line("came back", &stage.get("outcome").map(Json::to_text).unwrap_or_default());
    }
    if out.is_empty() {
        out
    } else {
        format!("\nHow it could go on, for example:\n\n{out}  and so on, until nothing is left to do\n")
    }
}

/// What is wrong, where, and what to do about it.
fn refusal(request: &Text<'_>, reply: &Reply, look: Look) -> String {
    match Json::parse(&reply.body) {
        Ok(error) => request.refusal(&error, reply.status, look),
        Err(_) => visible(&String::from_utf8_lossy(&reply.body)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_under_its_name() {
        let check = |request: &str, expected: &str| {
            let reply = CorePlan::preview(request.as_bytes(), &Context::default());
            let shown = commands(&Text::new("test", request.as_bytes()), &reply, Look { color: false, width: 80 });
            assert!(shown.starts_with(expected), "{shown}");
        };
        check(
            r#"{"operation":"read","tableName":"abc","payload":{"Key":{"id":"1"}}}"#,
            "1. GetItem\n{\n  \"TableName\": \"abc\",\n  \"Key\": {\n    \"id\": {\n      \"S\": \"1\"\n    }\n  }\n}\n",
        );
        check(r#"{"operation":"ping"}"#, "No storage command");
        check(
            r#"{"operation":"list","tableName":"abc","options":{"all":true}}"#,
            concat!(
                "1. Scan\n{\n  \"TableName\": \"abc\"\n}\n\nHow it could go on, for example:\n\n",
                "  sent       Scan as above\n",
                "  came back  {\"Items\":[{\"...\":{\"S\":\"...\"}}],\"Count\":1,\"ScannedCount\":1,\"LastE...\n",
                "  sent       Scan {\"TableName\":\"abc\",\"ExclusiveStartKey\":{\"...\":{\"S\":\"...\"}}}\n",
            ),
        );
    }

    #[test]
    fn every_target_can_be_named() {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            plan: Plan,
        }
        let read = |args: &[&str]| <Line as clap::Parser>::try_parse_from([&["plan"], args].concat());
        for target in Target::ALL {
            assert_eq!(read(&["--as", target.as_str()]).ok().and_then(|line| line.plan.target), Some(*target));
        }
        assert!(read(&["--as", "cobol"]).is_err());
        assert!(read(&["--as", "curl", "--json"]).is_err());
        assert!(read(&["--endpoint", "http://127.0.0.1/"]).is_err());
        assert!(read(&["--json"]).is_ok_and(|line| line.plan.endpoint == code::ENDPOINT));
    }
}
