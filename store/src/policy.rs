//! A policy file, `gateleg.toml`, becomes its routes: for each what plans it, what requests may do, by which labels tables go, and
//! within which limits.
//!
//! ```toml
//! [tables.orders]                   # the label: what requests, planners and replies say
//! table = "prod-orders-7f3a"        # the table's name or ARN; without it, the label
//! keys = ["customer", "placed"]     # its key attributes, where the store is not to be asked
//!
//! [routes."/dynamodbmanager"]
//! operations = ["read", "query"]    # "*" is all of them
//! tables = ["orders"]
//! indexes = ["orders/by-date"]      # without them: none
//! read-only = true
//! ceilings = { items = 1000, bytes = "1MB", pages = 10, commands = 50, units = 200 }
//! limits = { deadline = "5s", memory = "64MB", cpu = "500ms", requests = 32 }
//!
//! [routes."/orders"]
//! planner = "orders.wasm"           # "built-in" if it is not said; "native" is without a sandbox
//! operations = ["query", "transactWrite"]
//! tables = ["orders"]
//! ```
//!
//! What is not allowed is refused. Loading planners, and asking a store for keys, is left to whoever opens the routes.

mod file;

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use gateleg_core::command::Command;
use gateleg_core::json;
use gateleg_core::nearest::nearest;
use gateleg_core::operation::OperationName;
use gateleg_core::policy::{Allowed, Ceilings, Policy};
use toml::Spanned;

use crate::labels::Labels;

/// The name a policy file has where no other is given.
pub const FILE: &str = "gateleg.toml";

/// The route of the API where no other is given.
pub const ROUTE: &str = "/dynamodbmanager";

/// A policy file that makes sense.
#[derive(Clone, Debug)]
pub struct PolicyFile {
    /// Its routes, by path.
    pub routes: Vec<Route>,
    /// Labels that no route uses.
    pub unused: Vec<String>,
}

/// One route.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its path: `/dynamodbmanager`.
    pub path: String,
    /// What plans its requests.
    pub planner: PlannerName,
    /// What its requests may do, by labels; with the keys that the file says.
    pub policy: Policy,
    /// The tables behind the labels.
    pub labels: Labels,
    /// What one request may take, and how many may be under way.
    pub limits: RouteLimits,
}

/// What plans a route's requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlannerName {
    /// Core in a sandbox.
    BuiltIn,
    /// Core without one.
    Native,
    /// A component's file, as it is written: relative to the policy's.
    File(String),
}

/// Limits that a route has of its own; `None` is whatever holds for all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RouteLimits {
    /// Time from a request to its reply.
    pub deadline: Option<Duration>,
    /// Bytes of a request.
    pub body: Option<usize>,
    /// Bytes of a reply.
    pub reply: Option<usize>,
    /// Bytes of memory of its planner.
    pub memory: Option<usize>,
    /// Time in its planner's code.
    pub cpu: Option<Duration>,
    /// Requests under way at once.
    pub requests: Option<u32>,
    /// Requests that wait for one of those to end.
    pub queue: Option<u32>,
}

/// Why a text is no policy: what is wrong, and on which line, as a person is to read it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PolicyError(String);

impl PolicyFile {
    /// Reads a policy file's text.
    ///
    /// # Errors
    /// [`PolicyError`], with the line and the mistake.
    ///
    /// ```
    /// use gateleg_store::policy::PolicyFile;
    /// let text = r#"
    /// [tables.orders]
    /// table = "prod-orders"
    /// [routes."/dynamodbmanager"]
    /// operations = ["read"]
    /// tables = ["orders"]
    /// "#;
    /// let file = PolicyFile::parse(text)?;
    /// assert_eq!(file.routes[0].labels.table("orders"), "prod-orders");
    /// let fault = PolicyFile::parse(&text.replace("[\"orders\"]", "[\"oders\"]")).unwrap_err();
    /// assert!(fault.to_string().contains("did you mean `orders`?"));
    /// # Ok::<(), gateleg_store::policy::PolicyError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let file: file::File = toml::from_str(text).map_err(|error| fault(text, error.span(), error.message()))?;
        let read = Reading { text, tables: &file.tables };
        read.tables()?;
        if file.routes.is_empty() {
            return Err(PolicyError(format!("a policy needs a route, such as [routes.\"{ROUTE}\"]")));
        }
        let routes: Vec<Route> =
            file.routes.iter().map(|(path, route)| read.route(path, route)).collect::<Result<_, _>>()?;
        let is_used = |label: &str| {
            let names = |route: &Route| matches!(&route.policy.tables, Allowed::Only(names) if names.iter().any(|name| name == label));
            routes.iter().any(names)
        };
        let unused = file.tables.keys().map(|label| label.get_ref().clone()).filter(|label| !is_used(label));
        let unused = unused.collect();
        Ok(PolicyFile { routes, unused })
    }

    /// The route of that path.
    pub fn route(&self, path: &str) -> Option<&Route> {
        self.routes.iter().find(|route| route.path == path)
    }

    /// The route that is meant where none is named: the only one, or [`ROUTE`].
    ///
    /// # Errors
    /// When there are several, and none of them is it.
    pub fn default_route(&self) -> Result<&Route, PolicyError> {
        match self.routes.as_slice() {
            [only] => Ok(only),
            routes => self.route(ROUTE).ok_or_else(|| {
                let paths: Vec<&str> = routes.iter().map(|route| route.path.as_str()).collect();
                PolicyError(format!(
                    "the policy has several routes, and none is {ROUTE}: choose one of {}",
                    paths.join(", ")
                ))
            }),
        }
    }
}

/// A file that is being made sense of.
struct Reading<'f> {
    text: &'f str,
    tables: &'f BTreeMap<Spanned<String>, file::Table>,
}

impl Reading<'_> {
    fn fault<T>(&self, at: &Spanned<T>, message: impl AsRef<str>) -> PolicyError {
        fault(self.text, Some(at.span()), message.as_ref())
    }

    /// The tables by themselves.
    fn tables(&self) -> Result<(), PolicyError> {
        for (label, table) in self.tables {
            if label.get_ref().starts_with("arn:") || !is_table(label.get_ref()) {
                return Err(self.fault(
                    label,
                    format!(
                        "`{}` is no label: 3 to 255 letters, digits, `_`, `.` and `-`, as in a table's name",
                        label.get_ref()
                    ),
                ));
            }
            if let Some(name) = table.table.as_ref().filter(|name| !is_table(name.get_ref())) {
                return Err(self.fault(name, format!("`{}` is neither a table's name nor its ARN", name.get_ref())));
            }
            if let Some(keys) = &table.keys {
                let names = keys.get_ref();
                let is_key = matches!(names.as_slice(), [first] if !first.is_empty())
                    || matches!(names.as_slice(), [first, second] if !first.is_empty() && !second.is_empty() && first != second);
                if !is_key {
                    return Err(
                        self.fault(keys, "expected the partition key's name, and the sort key's if there is one")
                    );
                }
            }
        }
        Ok(())
    }

    fn route(&self, path: &Spanned<String>, route: &file::Route) -> Result<Route, PolicyError> {
        self.path(path)?;
        let tables = self.allowed_tables(route)?;
        let policy = Policy {
            operations: self.operations(route)?,
            indexes: self.indexes(route)?,
            read_only: route.read_only,
            ceilings: ceilings(&route.ceilings),
            keys: self.keys(&tables),
            hint: route.hint.clone(),
            tables,
        };
        Ok(Route {
            path: path.get_ref().clone(),
            planner: self.planner(route)?,
            labels: self.labels(route)?,
            limits: limits(&route.limits),
            policy,
        })
    }

    fn path(&self, path: &Spanned<String>) -> Result<(), PolicyError> {
        const OTHERS: [&str; 4] = ["/healthz", "/readyz", "/metrics", "/openapi.json"];
        let text = path.get_ref();
        let parts = || text.split('/').skip(1);
        let is_part = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
        };
        if !text.starts_with('/') || text.len() > 128 || !parts().all(is_part) {
            return Err(self.fault(
                path,
                format!(
                    "`{text}` is no route: expected a path such as {ROUTE} or /v1/orders, of letters, digits and `-._~`"
                ),
            ));
        }
        if OTHERS.contains(&text.as_str()) || text.starts_with("/assets/") {
            return Err(self.fault(path, format!("{text} is the server's own")));
        }
        Ok(())
    }

    fn planner(&self, route: &file::Route) -> Result<PlannerName, PolicyError> {
        let Some(name) = &route.planner else { return Ok(PlannerName::BuiltIn) };
        match name.get_ref().as_str() {
            "built-in" => Ok(PlannerName::BuiltIn),
            "native" => Ok(PlannerName::Native),
            file if file.ends_with(".wasm") => Ok(PlannerName::File(file.into())),
            other => Err(self.fault(
                name,
                format!(
                    "`{other}` is no planner: expected \"built-in\", \"native\", or a file whose name ends in .wasm"
                ),
            )),
        }
    }

    fn operations(&self, route: &file::Route) -> Result<Allowed, PolicyError> {
        for name in &route.operations {
            if name.get_ref() != "*" && OperationName::parse(name.get_ref()).is_none() {
                let known = || OperationName::ALL.iter().map(|name| name.as_str());
                return Err(self.fault(name, unknown(name.get_ref(), "operation", known)));
            }
        }
        Ok(Allowed::from_names(route.operations.iter().map(|name| name.get_ref().clone()).collect()))
    }

    fn allowed_tables(&self, route: &file::Route) -> Result<Allowed, PolicyError> {
        for label in &route.tables {
            if label.get_ref() != "*" && !self.tables.contains_key(label.get_ref().as_str()) {
                let known = || self.tables.keys().map(|label| label.get_ref().as_str());
                return Err(self.fault(label, unknown(label.get_ref(), "table of this policy", known)));
            }
        }
        Ok(Allowed::from_names(route.tables.iter().map(|label| label.get_ref().clone()).collect()))
    }

    fn indexes(&self, route: &file::Route) -> Result<Allowed, PolicyError> {
        for index in &route.indexes {
            let of = match index.get_ref().split_once('/') {
                Some((of, name)) if name == "*" || is_index(name) => of,
                None if index.get_ref() == "*" => continue,
                _ => {
                    let message = format!(
                        "`{}` is no index: expected TABLE/INDEX, or TABLE/* for all of a table",
                        index.get_ref()
                    );
                    return Err(self.fault(index, message));
                }
            };
            if !route.tables.iter().any(|label| label.get_ref() == of || label.get_ref() == "*") {
                let known = || route.tables.iter().map(|label| label.get_ref().as_str());
                return Err(self.fault(index, unknown(of, "table of this route", known)));
            }
        }
        Ok(Allowed::from_names(route.indexes.iter().map(|index| index.get_ref().clone()).collect()))
    }

    /// The labels of a route's tables; where a route may touch all, of all that have one.
    fn labels(&self, route: &file::Route) -> Result<Labels, PolicyError> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        let named = |label: &str| route.tables.iter().any(|known| known.get_ref() == label || known.get_ref() == "*");
        for (label, table) in self.tables.iter().filter(|(label, _)| named(label.get_ref())) {
            let name = table.table.as_ref().map_or(label.get_ref(), |name| name.get_ref());
            if let Some((other, _)) = pairs.iter().find(|(_, known)| known == name) {
                return Err(self.fault(
                    label,
                    format!(
                        "`{}` and `{other}` are the same table {name}: within a route, a table has one label",
                        label.get_ref()
                    ),
                ));
            }
            pairs.push((label.get_ref().clone(), name.clone()));
        }
        Ok(Labels::new(pairs))
    }

    fn keys(&self, tables: &Allowed) -> Vec<(String, Vec<String>)> {
        let is_among = |label: &str| match tables {
            Allowed::Only(names) => names.iter().any(|name| name == label || name == "*"),
            Allowed::All => true,
            Allowed::None => false,
        };
        let with_keys = self.tables.iter().filter_map(|(label, table)| Some((label.get_ref(), table.keys.as_ref()?)));
        with_keys
            .filter(|(label, _)| is_among(label))
            .map(|(label, keys)| (label.clone(), keys.get_ref().clone()))
            .collect()
    }
}

fn ceilings(file: &file::Ceilings) -> Ceilings {
    let count = |count: Option<file::Count>| count.map(|count| u64::from(count.0));
    Ceilings {
        items: count(file.items),
        bytes: file.bytes.and_then(|size| u64::try_from(size.0).ok()),
        pages: count(file.pages),
        commands: count(file.commands),
        units: count(file.units),
    }
}

fn limits(file: &file::Limits) -> RouteLimits {
    RouteLimits {
        deadline: file.deadline.map(|time| time.0),
        body: file.body.map(|size| size.0),
        reply: file.reply.map(|size| size.0),
        memory: file.memory.map(|size| size.0),
        cpu: file.cpu.map(|time| time.0),
        requests: file.requests.map(|count| count.0),
        queue: file.queue.map(|count| count.0),
    }
}

/// Whether a request could name a table so: asked of the rules that requests are held to.
fn is_table(name: &str) -> bool {
    command(&[("TableName", name)])
}

fn is_index(name: &str) -> bool {
    command(&[("TableName", "any"), ("IndexName", name)])
}

fn command(parameters: &[(&str, &str)]) -> bool {
    let mut text = String::from("{\"Scan\":{");
    for (at, (name, value)) in parameters.iter().enumerate() {
        text.push_str(if at == 0 { "" } else { "," });
        json::write_string(&mut text, name);
        text.push(':');
        json::write_string(&mut text, value);
    }
    text.push_str("}}");
    Command::parse(&text).is_ok()
}

fn unknown<'k, I: Iterator<Item = &'k str>>(name: &str, what: &str, known: impl Fn() -> I) -> String {
    match nearest(name, known()) {
        Some(meant) => format!("`{name}` is no {what}: did you mean `{meant}`?"),
        None => {
            let all: Vec<&str> = known().collect();
            match all.as_slice() {
                [] => format!("`{name}` is no {what}: there is none"),
                _ => format!("`{name}` is no {what}: expected some of {}", all.join(", ")),
            }
        }
    }
}

/// The message, and the line that it is about with a mark under the place.
fn fault(text: &str, place: Option<Range<usize>>, message: &str) -> PolicyError {
    let message = message.trim_end();
    let Some(before) = place.as_ref().and_then(|place| text.get(..place.start)) else {
        return PolicyError(message.into());
    };
    let number = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let column = before.get(start..).map_or(0, |lead| lead.chars().count());
    let marked = place
        .and_then(|place| text.get(place))
        .map_or(1, |marked| marked.lines().next().unwrap_or_default().chars().count());
    let marks = "^".repeat(marked.clamp(1, line.chars().count().saturating_sub(column).max(1)));
    let gutter = " ".repeat(number.to_string().len());
    PolicyError(format!(
        "line {number}: {message}\n{gutter} |\n{number} | {line}\n{gutter} | {}{marks}",
        " ".repeat(column)
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const GOOD: &str = r#"
[tables.orders]
table = "prod-orders"
keys = ["customer", "placed"]
[tables.people]
[tables.spare]

[routes."/dynamodbmanager"]
operations = ["read", "query"]
tables = ["orders", "people"]
indexes = ["orders/by-date"]
read-only = true
hint = "Ask platform@example.com"
ceilings = { items = 1000, bytes = "1MB", pages = 10, commands = 50, units = 200 }
limits = { deadline = "5s", body = 1000, reply = "1MB", memory = "64MB", cpu = "500ms", requests = 32, queue = 8 }

[routes."/v1/orders"]
planner = "orders.wasm"
operations = ["*"]
tables = ["orders"]
indexes = ["orders/*"]
"#;

    #[test]
    fn a_policy_is_read_whole() {
        let file = PolicyFile::parse(GOOD).unwrap();
        let route = file.default_route().unwrap();
        assert_eq!(route.path, ROUTE);
        assert_eq!(route.planner, PlannerName::BuiltIn);
        assert_eq!(route.policy.operations, Allowed::from_list("read,query"));
        assert_eq!(route.policy.indexes, Allowed::from_list("orders/by-date"));
        assert_eq!(route.policy.keys, [("orders".into(), vec!["customer".into(), "placed".into()])]);
        assert_eq!(route.policy.ceilings.named().map(|(_, most)| most), [1000, 1 << 20, 10, 50, 200].map(Some));
        assert_eq!((route.labels.table("orders"), route.labels.table("people")), ("prod-orders", "people"));
        let limits = route.limits;
        assert_eq!(
            (limits.body, limits.requests, limits.cpu),
            (Some(1000), Some(32), Some(Duration::from_millis(500)))
        );
        let orders = file.route("/v1/orders").unwrap();
        assert_eq!(orders.planner, PlannerName::File("orders.wasm".into()));
        assert_eq!((orders.policy.read_only, orders.limits), (false, RouteLimits::default()));
        assert_eq!(file.unused, ["spare"]);
    }

    #[test]
    fn what_is_not_written_is_not_allowed() {
        let policy = PolicyFile::parse("[routes.\"/a\"]").unwrap().routes.remove(0).policy;
        assert_eq!((policy.tables, policy.operations, policy.indexes), (Allowed::None, Allowed::None, Allowed::None));
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        let check = |from: &str, to: &str, expected: &str| {
            assert!(GOOD.contains(from), "{from}");
            let fault = PolicyFile::parse(&GOOD.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(fault.contains(expected), "{fault}");
        };
        check(
            "\"read\"",
            "\"raed\"",
            "line 9: `raed` is no operation: did you mean `read`?\n  |\n9 | operations = [\"raed\", \"query\"]\n  |               ^^^^^^",
        );
        check(
            "[\"orders\", \"people\"]",
            "[\"orders\", \"poeple\"]",
            "line 10: `poeple` is no table of this policy: did you mean `people`?",
        );
        check("orders/by-date", "by-date", "line 11: `by-date` is no index: expected TABLE/INDEX");
        check("orders/by-date", "spare/by-date", "`spare` is no table of this route");
        check("read-only", "readonly", "unknown field `readonly`");
        check("read-only = true", "read-only = \"yes\"", "line 12: invalid type: string \"yes\", expected a boolean");
        check("pages = 10", "pages = 0", "invalid value: integer `0`, expected a number from 1 to 1000000");
        check("bytes = \"1MB\"", "bytes = \"1XB\"", "expected a size such as 512KB or 10MB, but found `1XB`");
        check("bytes = \"1MB\"", "bytes = true", "expected a number of bytes, or a size");
        check("deadline = \"5s\"", "deadline = \"soon\"", "expected a duration such as 25s or 500ms, but found `soon`");
        check("[tables.people]", "[tables.pe]", "line 5: `pe` is no label");
        check("[tables.people]", "[tables.people]\ntable = \"prod-orders\"", "are the same table prod-orders");
        check("\"prod-orders\"", "\"no/table\"", "line 3: `no/table` is neither a table's name nor its ARN");
        check("[\"customer\", \"placed\"]", "[]", "line 4: expected the partition key's name");
        check("[\"customer\", \"placed\"]", "[\"a\", \"a\"]", "line 4: expected the partition key's name");
        check("\"/v1/orders\"", "\"v1/orders\"", "`v1/orders` is no route");
        check("\"/v1/orders\"", "\"/v1/../orders\"", "is no route");
        check("\"/v1/orders\"", "\"/metrics\"", "/metrics is the server's own");
        check("orders.wasm", "orders.py", "`orders.py` is no planner");
        check("[tables.spare]", "[tables.spare", "line 6: ");
        assert!(PolicyFile::parse("").unwrap_err().to_string().contains("a policy needs a route"));
    }

    #[test]
    fn the_default_route_is_the_only_one_or_the_apis() {
        assert_eq!(PolicyFile::parse("[routes.\"/a\"]").unwrap().default_route().unwrap().path, "/a");
        let fault = PolicyFile::parse("[routes.\"/a\"]\n[routes.\"/b\"]").unwrap().default_route().unwrap_err();
        assert_eq!(
            fault.to_string(),
            "the policy has several routes, and none is /dynamodbmanager: choose one of /a, /b"
        );
    }

    #[test]
    fn no_text_panics() {
        let starts: Vec<usize> = GOOD.char_indices().map(|(at, _)| at).collect();
        for at in starts {
            drop(PolicyFile::parse(&GOOD[..at]));
            drop(PolicyFile::parse(&format!("{}\u{20ac}{}", &GOOD[..at], &GOOD[at..])));
        }
    }
}
