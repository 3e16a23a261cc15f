//! Environment variables, or a policy file, become what the function may do; and variables become a log filter.
//!
//! Where DynamoDB is, the standard AWS settings say: see `gateleg_store::dynamodb`.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use gateleg_core::nearest::nearest;
use gateleg_core::operation::OperationName;
use gateleg_core::policy::{Allowed, Policy};
use gateleg_store::labels::Labels;
use gateleg_store::policy::{FILE, PlannerName, PolicyFile, RouteLimits};
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{Targets, filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::account::Accounts;

/// Tables that may be used: comma-separated, `*` for all; unset is none.
pub const TABLES: &str = "GATELEG_TABLES";
/// Operations that may be used, likewise; unset is all.
pub const OPERATIONS: &str = "GATELEG_OPERATIONS";
/// The key attributes of tables, `TABLE=PARTITION[:SORT]` between commas; unset is unknown. Where keys are known, duplicates in
/// a batch are refused before any call, and long batches go side by side.
pub const KEYS: &str = "GATELEG_KEYS";
/// A policy file in place of those three: its path, absolute or in the function's folder, or its very text. Unset,
/// `gateleg.toml` in the function's folder is it, if it is there.
pub const POLICY: &str = "GATELEG_POLICY";
/// The policy file's route that the function serves; unset, it is the only one, or `/dynamodbmanager`. It is set here and not taken from
/// events, because some callers write the whole event themselves.
pub const ROUTE: &str = "GATELEG_ROUTE";
/// The origin whose pages may read replies, or `*`: every HTTP answer then says so. Unset, none does; HTTP APIs and function URLs can
/// say it themselves, and then it must be said by them alone.
pub const ALLOW_ORIGIN: &str = "GATELEG_ALLOW_ORIGIN";
/// Whether a connection to DynamoDB is opened before the first invocation: `on`, which is what unset means, or `off`.
pub const WARM: &str = "GATELEG_WARM";
/// The CloudWatch namespace of the metrics in the log; unset is `gateleg`, and `off` is no metrics.
pub const METRICS: &str = "GATELEG_METRICS";
/// What is logged: a level, or levels by part, `warn,gateleg_store=debug`. Where this is unset, Lambda's own setting is heard,
/// `AWS_LAMBDA_LOG_LEVEL`, and then `RUST_LOG`.
pub const LOG: &str = "GATELEG_LOG";

/// What the function may do.
#[derive(Clone, Debug)]
pub struct Rights {
    /// Which commands may be sent.
    pub policy: Policy,
    /// The tables behind the policy's labels.
    pub labels: Labels,
    /// Limits of its own, of which those hold that say something where there is no sandbox: deadline, body and reply.
    pub limits: RouteLimits,
}

/// What the function may do, from its environment and its folder.
///
/// # Errors
/// When an operation is named that there is none of, keys are not of their form, or a policy file cannot be read, makes no sense, or
/// asks for what a function cannot do.
///
/// ```
/// use gateleg_core::policy::Allowed;
/// use gateleg_lambda::settings;
///
/// let rights = settings::rights(|name| (name == settings::TABLES).then(|| "lambda-apigateway".into()))?;
/// assert_eq!(rights.policy.tables, Allowed::Only(vec!["lambda-apigateway".into()]));
/// assert_eq!(rights.policy.operations, Allowed::All);
/// # Ok::<(), String>(())
/// ```
pub fn rights(variable: impl Fn(&str) -> Option<String>) -> Result<Rights, String> {
    let Some((name, text)) = policy_file(&variable)? else {
        return Ok(Rights { policy: policy(variable)?, labels: Labels::default(), limits: RouteLimits::default() });
    };
    if let Some(other) = [TABLES, OPERATIONS, KEYS].into_iter().find(|other| variable(other).is_some()) {
        return Err(format!("{other} and a policy file ({name}) say the same twice: take one of them away"));
    }
    let file = PolicyFile::parse(&text).map_err(|fault| format!("{name}, {fault}"))?;
    let route = match variable(ROUTE) {
        Some(path) => file.route(&path).ok_or_else(|| format!("{ROUTE}: {name} has no route {path}"))?,
        None => file.default_route().map_err(|fault| format!("{name}: {fault} with {ROUTE}"))?,
    };
    if let PlannerName::File(planner) = &route.planner {
        return Err(format!(
            "{name}: {} is planned by {planner}, and a function has no sandbox to run it in",
            route.path
        ));
    }
    Ok(Rights { policy: route.policy.clone(), labels: route.labels.clone(), limits: route.limits })
}

/// The policy file's text, and what to call it.
fn policy_file(variable: &impl Fn(&str) -> Option<String>) -> Result<Option<(String, String)>, String> {
    let folder = PathBuf::from(variable("LAMBDA_TASK_ROOT").unwrap_or_default());
    let read = |path: &Path| std::fs::read_to_string(path);
    match variable(POLICY) {
        // No path has a line break, and every policy has a route in brackets.
        Some(text) if text.contains(['\n', '[']) => Ok(Some((POLICY.into(), text))),
        Some(path) => {
            let text =
                read(&folder.join(&path)).map_err(|fault| format!("{POLICY}: {path} cannot be read: {fault}"))?;
            Ok(Some((path, text)))
        }
        None if folder.as_os_str().is_empty() => Ok(None),
        None => match read(&folder.join(FILE)) {
            Ok(text) => Ok(Some((FILE.into(), text))),
            Err(fault) if fault.kind() == ErrorKind::NotFound => Ok(None),
            Err(fault) => Err(format!("{FILE} cannot be read: {fault}")),
        },
    }
}

fn policy(variable: impl Fn(&str) -> Option<String>) -> Result<Policy, String> {
    let mut hint =
        format!("Set the function's environment variable {TABLES} to the tables it may use, such as lambda-apigateway");
    let operations = match variable(OPERATIONS) {
        None => Allowed::All,
        Some(list) => {
            hint.push_str(&format!(", and {OPERATIONS} to the operations, such as read,list"));
            Allowed::from_list(&list)
        }
    };
    if let Allowed::Only(names) = &operations {
        names.iter().filter(|name| *name != "*").try_for_each(|name| known(name))?;
    }
    let tables = Allowed::from_list(&variable(TABLES).unwrap_or_default());
    let keys = Policy::parse_keys(&variable(KEYS).unwrap_or_default()).map_err(|fault| format!("{KEYS}: {fault}"))?;
    Ok(Policy { operations, keys, hint: Some(hint), ..Policy::tables(tables) })
}

fn known(name: &str) -> Result<(), String> {
    if OperationName::parse(name).is_some() {
        return Ok(());
    }
    let names = || OperationName::ALL.iter().map(|name| name.as_str());
    let advice = match nearest(name, names()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("set it to some of {}, or to *", names().collect::<Vec<_>>().join(", ")),
    };
    Err(format!("{OPERATIONS} names `{name}`, which is no operation: {advice}"))
}

/// Whether to open a connection ahead.
///
/// # Errors
/// When the setting is neither `on` nor `off`.
pub fn warm(variable: impl Fn(&str) -> Option<String>) -> Result<bool, String> {
    match variable(WARM).as_deref() {
        None | Some("" | "on") => Ok(true),
        Some("off") => Ok(false),
        Some(other) => Err(format!("{WARM}: expected on or off, but found `{other}`")),
    }
}

/// The origin whose pages may read replies.
///
/// # Errors
/// When it is no origin.
pub fn allow_origin(variable: impl Fn(&str) -> Option<String>) -> Result<Option<String>, String> {
    let Some(origin) = variable(ALLOW_ORIGIN).filter(|origin| !origin.is_empty()) else { return Ok(None) };
    let host = ["https://", "http://"].into_iter().find_map(|scheme| origin.strip_prefix(scheme)).unwrap_or_default();
    let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    if origin == "*" || (!host.is_empty() && host.chars().all(is_host)) {
        return Ok(Some(origin));
    }
    Err(format!("{ALLOW_ORIGIN}: expected * or an origin such as https://example.org, but found `{origin}`"))
}

/// How invocations are accounted for.
pub fn accounts(variable: impl Fn(&str) -> Option<String>) -> Accounts {
    let namespace = match variable(METRICS) {
        None => Some("gateleg".into()),
        Some(name) if matches!(name.trim(), "" | "off") => None,
        Some(name) => Some(name),
    };
    Accounts { namespace }
}

/// Starts logging to standard output, a JSON object per line, as CloudWatch takes it.
pub fn start_logging(variable: impl Fn(&str) -> Option<String>) {
    let set =
        [LOG, "AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"].into_iter().filter_map(&variable).find(|set| !set.trim().is_empty());
    let wanted = set.unwrap_or_else(|| "info".into());
    // Lambda knows one level that we do not.
    let wanted = if wanted.eq_ignore_ascii_case("fatal") { "error" } else { wanted.as_str() };
    let (filter, fault) = match wanted.parse::<Targets>() {
        Ok(filter) => (filter, None),
        Err(fault) => (Targets::new().with_default(Level::INFO), Some(fault)),
    };
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_ansi(false);
    let started =
        tracing_subscriber::registry().with(lines.with_filter(filter_fn(discreet)).with_filter(filter)).try_init();
    if let Err(fault) = started {
        eprintln!("logging did not start: {fault}");
    }
    if let Some(fault) = fault {
        tracing::warn!(error = %fault, "{LOG} is no log filter; logging at info");
    }
}

/// Below info, libraries may log what they send, whole; no level that anyone sets may put item values into the log.
fn discreet(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("gateleg") || *metadata.level() <= Level::INFO
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn set(pairs: &'static [(&str, &str)]) -> Result<Policy, String> {
        policy(|name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn unset_tables_are_none_and_unset_operations_are_all() {
        let policy = set(&[]).unwrap();
        assert_eq!((policy.tables, policy.operations), (Allowed::None, Allowed::All));
        assert_eq!(
            policy.hint.as_deref(),
            Some(
                "Set the function's environment variable GATELEG_TABLES to the tables it may use, such as lambda-apigateway"
            )
        );
    }

    #[test]
    fn keys_are_by_table() {
        let keys = set(&[(KEYS, "orders=customer:placed")]).unwrap().keys;
        assert_eq!(keys, [("orders".into(), vec!["customer".into(), "placed".into()])]);
        let fault = set(&[(KEYS, "orders")]).unwrap_err();
        assert_eq!(fault, "GATELEG_KEYS: expected TABLE=PARTITION or TABLE=PARTITION:SORT, but found `orders`");
    }

    #[test]
    fn an_origin_is_a_scheme_and_a_host() {
        let set = |value: &str| allow_origin(|name| (name == ALLOW_ORIGIN).then(|| value.to_owned()));
        for origin in ["*", "https://example.org", "http://localhost:8080", "http://[::1]:8080"] {
            assert_eq!(set(origin), Ok(Some(origin.into())));
        }
        assert_eq!(set(""), Ok(None));
        for other in ["example.org", "https://", "https://example.org/", "https://a, https://b", "https://a\r\nx: y"] {
            assert!(set(other).is_err(), "{other}");
        }
    }

    #[test]
    fn operations_are_known_ones() {
        let allowed = set(&[(OPERATIONS, "read, list")]).unwrap().operations;
        assert_eq!(allowed, Allowed::Only(vec!["read".into(), "list".into()]));
        let fault = set(&[(OPERATIONS, "raed")]).unwrap_err();
        assert_eq!(fault, "GATELEG_OPERATIONS names `raed`, which is no operation: did you mean `read`?");
    }

    const FILE_TEXT: &str =
        "[tables.orders]\ntable = \"prod-orders\"\n[routes.\"/a\"]\noperations = [\"read\"]\ntables = [\"orders\"]\n";

    #[test]
    fn a_policy_file_is_named_or_bundled_or_said_outright() {
        let folder = std::env::temp_dir().join(format!("gateleg-settings-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let root = folder.to_str().unwrap().to_owned();
        let rights = |pairs: &[(&str, &str)]| {
            rights(|name| {
                let found = pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
                found.or_else(|| (name == "LAMBDA_TASK_ROOT").then(|| root.clone()))
            })
        };
        assert_eq!(rights(&[]).unwrap().policy.tables, Allowed::None);
        std::fs::write(folder.join("other.toml"), FILE_TEXT).unwrap();
        for pairs in [&[(POLICY, "other.toml")][..], &[(POLICY, FILE_TEXT)], &[(POLICY, FILE_TEXT), (ROUTE, "/a")]] {
            let rights = rights(pairs).unwrap();
            assert_eq!(rights.policy.operations, Allowed::Only(vec!["read".into()]));
            assert_eq!(rights.labels.table("orders"), "prod-orders");
        }
        std::fs::write(folder.join(FILE), FILE_TEXT.replace("read", "query")).unwrap();
        assert_eq!(rights(&[]).unwrap().policy.operations, Allowed::Only(vec!["query".into()]));
        let component = FILE_TEXT.replace("operations", "planner = \"a.wasm\"\noperations");
        for (pairs, expected) in [
            (&[(TABLES, "a")][..], "GATELEG_TABLES and a policy file (gateleg.toml) say the same twice"),
            (&[(POLICY, "none.toml")], "GATELEG_POLICY: none.toml cannot be read: "),
            (&[(POLICY, "[routes]")], "GATELEG_POLICY, a policy needs a route"),
            (&[(ROUTE, "/b")], "GATELEG_ROUTE: gateleg.toml has no route /b"),
            (&[(POLICY, &component)], "/a is planned by a.wasm, and a function has no sandbox to run it in"),
        ] {
            let fault = rights(pairs).unwrap_err();
            assert!(fault.contains(expected), "{fault}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
