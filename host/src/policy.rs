//! `gateleg policy`: a policy file becomes an explanation of what it allows, or the least policy of AWS IAM for it.
//!
//! What a file says is read by [`gateleg_store::policy`]; here are the words for it, and the files it names.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use gateleg_core::explain::{TableOf, iam_of};
use gateleg_core::json::{Object, write_array, write_bool, write_integer, write_string};
use gateleg_core::operation::OperationName;
use gateleg_core::policy::Allowed;
use gateleg_store::policy::{FILE, PlannerName, PolicyFile, RouteLimits};

pub use gateleg_store::policy::Route;

use crate::cli::print;
use crate::component;
use crate::failure::Failure;
use crate::pretty::{pretty, visible};
use crate::sandbox::{Inspection, Limits, inspect};
use crate::setup::Described;

/// The options of `gateleg policy`.
#[derive(Args, Debug, Clone)]
#[command(after_help = EXAMPLES)]
pub struct Policy {
    #[command(subcommand)]
    about: About,
}

#[derive(Subcommand, Debug, Clone)]
enum About {
    /// Say what a policy file allows, route by route, and whether a server would start with it
    Check {
        #[command(flatten)]
        source: Source,

        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the least IAM policy under which all that a policy file allows works
    Iam {
        #[command(flatten)]
        source: Source,

        /// For this route alone
        #[arg(long, value_name = "PATH")]
        route: Option<String>,

        /// The region of tables that are named by name
        #[arg(long, default_value = "REGION")]
        region: String,

        /// The account of tables that are named by name
        #[arg(long, default_value = "ACCOUNT")]
        account: String,
    },
}

#[derive(Args, Debug, Clone)]
struct Source {
    /// Policy file
    #[arg(value_name = "FILE.toml", default_value = FILE)]
    file: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  gateleg policy check
  gateleg policy check gateleg.toml --json
  gateleg policy iam --region eu-west-1 --account 123456789012 > policy.json

'gateleg serve --policy FILE' serves by it. Nothing is opened or sent here.
Exit code: 0 for a policy to serve by, 1 for one that is not, 2 for a wrong command line.";

impl Policy {
    /// Explains the file.
    ///
    /// # Errors
    /// When it cannot be read, or makes no sense.
    pub fn run(self) -> Result<ExitCode, Failure> {
        match self.about {
            About::Check { source, json } => {
                let checked = Checked::of(&source.file)?;
                print(if json { checked.to_json() } else { checked.to_text() }.as_bytes())?;
                Ok(if checked.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
            }
            About::Iam { source, route: name, region, account } => {
                let file = read(&source.file)?;
                let routes = match &name {
                    Some(name) => vec![route(&file, Some(name))?],
                    None => file.routes.iter().collect(),
                };
                print(iam(&routes, &region, &account).as_bytes())?;
                if routes.iter().any(|route| has_open_keys(route)) {
                    eprintln!(
                        "note: the policy does not say the keys of every table. A server asks for them at start if it is also \
                         allowed dynamodb:DescribeTable, and does without them if not"
                    );
                }
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

/// Reads a policy file.
///
/// # Errors
/// When it cannot be read, or makes no sense.
pub fn read(path: &Path) -> Result<PolicyFile, Failure> {
    let name = path.display();
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::new(format!("the policy {name} cannot be read: {error}"))
            .hint("docs/policy.md has one to start from; --policy and GATELEG_POLICY name the file")
    })?;
    PolicyFile::parse(&text).map_err(|fault| Failure::new(visible(&format!("{name}, {fault}"))))
}

/// The route of that path, or the one that is meant where none is named.
///
/// # Errors
/// When there is no such route.
pub fn route<'f>(file: &'f PolicyFile, path: Option<&str>) -> Result<&'f Route, Failure> {
    match path {
        None => file.default_route().map_err(|fault| Failure::usage(fault.to_string()).hint("Name it with --route")),
        Some(path) => file.route(path).ok_or_else(|| {
            let paths: Vec<&str> = file.routes.iter().map(|route| route.path.as_str()).collect();
            Failure::usage(format!("the policy has no route {}", visible(path)))
                .hint(format!("It has {}", paths.join(", ")))
        }),
    }
}

/// The planner as `--planner` names it: a file lies beside the policy's.
pub fn planner(policy: &Path, planner: &PlannerName) -> Option<String> {
    match planner {
        PlannerName::BuiltIn => None,
        PlannerName::Native => Some("native".into()),
        PlannerName::File(file) => Some(beside(policy, file).display().to_string()),
    }
}

fn beside(policy: &Path, file: &str) -> PathBuf {
    policy.parent().unwrap_or(Path::new("")).join(file)
}

/// A route in words, but for its planner, which is yet to be loaded.
pub fn describe(route: &Route) -> Described {
    let nothing = || "nothing".to_owned();
    let operations = match &route.policy.operations {
        Allowed::None => nothing(),
        Allowed::All => "all operations".into(),
        Allowed::Only(names) => names.join(", "),
    };
    let operations = if route.policy.read_only { format!("{operations} (read only)") } else { operations };
    let tables = match &route.policy.tables {
        Allowed::None => "no table".into(),
        Allowed::All => "all tables".into(),
        Allowed::Only(labels) => labels.iter().map(|label| shown(route, label)).collect::<Vec<_>>().join(", "),
    };
    Described { operations, tables, planner: String::new() }
}

/// A label, and the table behind it where that has another name.
fn shown(route: &Route, label: &str) -> String {
    match route.labels.table(label) {
        table if table == label => label.into(),
        table => format!("{label} ({table})"),
    }
}

fn has_open_keys(route: &Route) -> bool {
    let Allowed::Only(labels) = &route.policy.tables else { return false };
    labels.iter().any(|label| !route.policy.keys.iter().any(|(known, _)| known == label))
}

fn iam(routes: &[&Route], region: &str, account: &str) -> String {
    let names: Vec<_> = routes.iter().map(|route| |label: &str| route.labels.table(label).to_owned()).collect();
    let policies: Vec<_> =
        routes.iter().zip(&names).map(|(route, name)| (&route.policy, name as TableOf<'_>)).collect();
    let text = iam_of(&policies).replace(":REGION:ACCOUNT:", &format!(":{region}:{account}:"));
    pretty(text.as_bytes()) + "\n"
}

/// A policy file, and what is to be said of it.
struct Checked {
    name: String,
    file: PolicyFile,
    /// Of routes whose planner is a file: what is in it.
    planners: Vec<Option<(usize, Inspection)>>,
    /// What a server would not start with.
    faults: Vec<String>,
    /// What may not be meant.
    warnings: Vec<String>,
}

impl Checked {
    fn of(path: &Path) -> Result<Self, Failure> {
        let file = read(path)?;
        let (mut faults, mut warnings, mut planners) = (Vec::new(), Vec::new(), Vec::new());
        for route in &file.routes {
            planners.push(match &route.planner {
                PlannerName::File(name) => match look(path, name, &route.limits) {
                    Ok((size, inspection)) => {
                        if let Some(refusal) = &inspection.refusal {
                            faults.push(format!("{}: {name} cannot plan: {refusal}", route.path));
                        }
                        Some((size, inspection))
                    }
                    Err(failure) => {
                        faults.push(format!("{}: {}", route.path, failure.message()));
                        None
                    }
                },
                PlannerName::BuiltIn | PlannerName::Native => None,
            });
            warnings.extend(doubts(route).into_iter().map(|doubt| format!("{}: {doubt}", route.path)));
        }
        warnings.extend(file.unused.iter().map(|label| format!("the table {label} is on no route")));
        Ok(Checked { name: path.display().to_string(), file, planners, faults, warnings })
    }

    fn to_text(&self) -> String {
        let count = self.file.routes.len();
        let mut out = format!("{}: {count} route{}\n", self.name, if count == 1 { "" } else { "s" });
        for (route, planner) in self.file.routes.iter().zip(&self.planners) {
            let Described { operations, tables, .. } = describe(route);
            // Writing to a String cannot fail.
            let _ = writeln!(out, "\n{}", route.path);
            let mut line = |name: &str, text: &str| {
                if !text.is_empty() {
                    let _ = writeln!(out, "  {name:<11} {text}");
                }
            };
            line("planner", &self.planner(route, planner.as_ref()));
            line("operations", &operations);
            line("tables", &tables);
            line(
                "indexes",
                &match &route.policy.indexes {
                    Allowed::None => "none".into(),
                    Allowed::All => "all".into(),
                    Allowed::Only(names) => names.join(", "),
                },
            );
            let ceilings = route.policy.ceilings.named();
            let ceilings = ceilings.iter().filter_map(|(name, most)| Some(format!("{} {name}", (*most)?)));
            let ceilings: Vec<String> = ceilings.collect();
            line(
                "a request",
                &if ceilings.is_empty() { "no ceilings".into() } else { format!("at most {}", ceilings.join(", ")) },
            );
            line(
                "limits",
                &limits(&route.limits).map(|(name, text)| format!("{name} {text}")).collect::<Vec<_>>().join(", "),
            );
        }
        if !self.faults.is_empty() || !self.warnings.is_empty() {
            out.push('\n');
        }
        for (kind, texts) in [("error", &self.faults), ("warning", &self.warnings)] {
            for text in texts {
                let _ = writeln!(out, "{kind}: {text}");
            }
        }
        visible(&out)
    }

    fn planner(&self, route: &Route, planner: Option<&(usize, Inspection)>) -> String {
        match (&route.planner, planner) {
            (PlannerName::BuiltIn, _) => "built in, a fresh sandbox per request".into(),
            (PlannerName::Native, _) => "native, without a sandbox".into(),
            (PlannerName::File(name), Some((size, inspection))) => {
                format!("{name}, {size} bytes, sha256 {}", inspection.sha256)
            }
            (PlannerName::File(name), None) => name.clone(),
        }
    }

    fn to_json(&self) -> String {
        let mut out = String::new();
        let mut object = Object::new(&mut out);
        object.string("file", &self.name);
        write_array(object.member("routes"), &self.file.routes, |out, route| {
            let mut object = Object::new(out);
            object.string("path", &route.path);
            object.string(
                "planner",
                match &route.planner {
                    PlannerName::BuiltIn => "built-in",
                    PlannerName::Native => "native",
                    PlannerName::File(name) => name,
                },
            );
            for (name, allowed) in [("operations", &route.policy.operations), ("indexes", &route.policy.indexes)] {
                write_array(object.member(name), allowed.names(), write_string);
            }
            let mut tables = Object::new(object.member("tables"));
            for label in route.policy.tables.names() {
                tables.string(label, route.labels.table(label));
            }
            tables.end();
            write_bool(object.member("readOnly"), route.policy.read_only);
            let mut ceilings = Object::new(object.member("ceilings"));
            for (name, most) in route.policy.ceilings.named() {
                if let Some(most) = most {
                    write_integer(ceilings.member(name), i64::try_from(most).unwrap_or(i64::MAX));
                }
            }
            ceilings.end();
            let mut of = Object::new(object.member("limits"));
            for (name, number) in numbers(&route.limits) {
                write_integer(of.member(name), number);
            }
            of.end();
            object.end();
        });
        for (name, texts) in [("errors", &self.faults), ("warnings", &self.warnings)] {
            write_array(object.member(name), texts, |out, text| write_string(out, text));
        }
        object.end();
        out.push('\n');
        out
    }
}

fn look(policy: &Path, file: &str, limits: &RouteLimits) -> Result<(usize, Inspection), Failure> {
    let bytes = component::read(&beside(policy, file))?;
    let default = Limits::default();
    let memory_bytes = limits.memory.unwrap_or(default.memory_bytes);
    let inspection = inspect(&bytes, Limits { memory_bytes, max_concurrent: 1, ..default });
    Ok((bytes.len(), inspection))
}

/// The limits that a route has of its own.
fn limits(limits: &RouteLimits) -> impl Iterator<Item = (&'static str, String)> {
    let RouteLimits { deadline, body, reply, memory, cpu, requests, queue } = *limits;
    let time = |time: Option<Duration>| time.map(|time| format!("{time:?}"));
    let size = |size: Option<usize>| size.map(|size| format!("{size} bytes"));
    let count = |count: Option<u32>| count.map(|count| count.to_string());
    let all = [
        ("deadline", time(deadline)),
        ("body", size(body)),
        ("reply", size(reply)),
        ("memory", size(memory)),
        ("cpu", time(cpu)),
        ("requests", count(requests)),
        ("queue", count(queue)),
    ];
    all.into_iter().filter_map(|(name, text)| Some((name, text?)))
}

/// The same for a machine.
fn numbers(limits: &RouteLimits) -> impl Iterator<Item = (&'static str, i64)> {
    let RouteLimits { deadline, body, reply, memory, cpu, requests, queue } = *limits;
    let time = |time: Option<Duration>| time.and_then(|time| i64::try_from(time.as_millis()).ok());
    let size = |size: Option<usize>| size.and_then(|size| i64::try_from(size).ok());
    let all = [
        ("deadlineMs", time(deadline)),
        ("bodyBytes", size(body)),
        ("replyBytes", size(reply)),
        ("memoryBytes", size(memory)),
        ("cpuMs", time(cpu)),
        ("requests", requests.map(i64::from)),
        ("queue", queue.map(i64::from)),
    ];
    all.into_iter().filter_map(|(name, number)| Some((name, number?)))
}

/// What a person who wrote this may not have meant.
fn doubts(route: &Route) -> Vec<String> {
    let policy = &route.policy;
    let mut doubts = Vec::new();
    let allowed = |name: &OperationName| policy.authorize_operation(*name).is_ok();
    let is_call = |name: &OperationName| name.row().call.is_some();
    if !OperationName::ALL.iter().any(allowed) {
        doubts.push("no operation is allowed; name some, as in operations = [\"read\", \"query\"]".into());
    } else if policy.tables == Allowed::None && OperationName::ALL.iter().any(|name| allowed(name) && is_call(name)) {
        doubts.push("no table is allowed; name some, as in tables = [\"orders\"]".into());
    }
    if let (true, Allowed::Only(names)) = (policy.read_only, &policy.operations) {
        let writes = names.iter().filter(|name| OperationName::parse(name).is_some_and(OperationName::is_write));
        let writes: Vec<&str> = writes.map(String::as_str).collect();
        if !writes.is_empty() {
            doubts.push(format!("it is read-only, and so refuses {} all the same", writes.join(", ")));
        }
    }
    if policy.tables.names().any(|name| name == "*") {
        doubts.push("\"*\" is every table that the credentials reach, by its own name".into());
    }
    if matches!(&policy.indexes, Allowed::Only(_) | Allowed::All)
        && ![OperationName::List, OperationName::Query].iter().any(allowed)
    {
        doubts.push("indexes are for list and query, and neither is allowed".into());
    }
    if route.planner == PlannerName::Native && (route.limits.memory.is_some() || route.limits.cpu.is_some()) {
        doubts.push("without a sandbox, memory and cpu are not limited".into());
    }
    doubts
}

#[cfg(test)]
mod tests {
    use super::*;
    use gateleg_core::json::Json;

    #[test]
    fn the_iam_policy_is_the_least_one() {
        let file = PolicyFile::parse(
            r#"
            [tables.orders]
            table = "prod-orders"
            [tables.people]
            table = "arn:aws:dynamodb:eu-west-1:999999999999:table/people"
            [routes."/a"]
            operations = ["query", "batchRead", "ping"]
            tables = ["orders", "people"]
            indexes = ["orders/by-date"]
            [routes."/b"]
            operations = ["transactWrite"]
            tables = ["people"]
            "#,
        )
        .unwrap();
        let check = |routes: &[&Route], expected: &[(&str, &str)]| {
            let text = iam(routes, "eu-west-1", "1");
            let policy = Json::parse(text.as_bytes()).unwrap();
            let Some(Json::Array(statements)) = policy.get("Statement") else { panic!("{text}") };
            let list = |statement: &Json<'_>, name: &str| match statement.get(name) {
                Some(Json::Array(items)) => {
                    items.iter().filter_map(Json::as_str).map(str::to_owned).collect::<Vec<_>>().join(" ")
                }
                _ => panic!("{text}"),
            };
            let found: Vec<_> =
                statements.iter().map(|statement| (list(statement, "Action"), list(statement, "Resource"))).collect();
            let found: Vec<_> = found.iter().map(|(a, r)| (a.as_str(), r.as_str())).collect();
            assert_eq!(found, expected);
        };
        check(
            &[&file.routes[0]],
            &[
                (
                    "dynamodb:BatchGetItem dynamodb:Query",
                    "arn:aws:dynamodb:eu-west-1:1:table/prod-orders arn:aws:dynamodb:eu-west-1:999999999999:table/people",
                ),
                ("dynamodb:Query", "arn:aws:dynamodb:eu-west-1:1:table/prod-orders/index/by-date"),
            ],
        );
        check(
            &[&file.routes[1]],
            &[(
                "dynamodb:ConditionCheckItem dynamodb:DeleteItem dynamodb:PutItem dynamodb:UpdateItem",
                "arn:aws:dynamodb:eu-west-1:999999999999:table/people",
            )],
        );
    }
}
