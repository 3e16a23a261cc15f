//! Environment variables become a [`Policy`] and a log filter.
//!
//! Where DynamoDB is, the standard AWS settings say: see `gateleg_store::dynamodb`.

use gateleg_core::nearest::nearest;
use gateleg_core::operation::OperationName;
use gateleg_core::policy::{Allowed, Policy};
use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

/// Tables that may be used: comma-separated, `*` for all; unset is none.
pub const TABLES: &str = "GATELEG_TABLES";
/// Operations that may be used, likewise; unset is all.
pub const OPERATIONS: &str = "GATELEG_OPERATIONS";
/// The key attributes of tables, `TABLE=PARTITION[:SORT]` between commas; unset is unknown. Where keys are known, duplicates in
/// a batch are refused before any call, and long batches go side by side.
pub const KEYS: &str = "GATELEG_KEYS";
/// What is logged, as a level or as `tracing_subscriber`'s filters are written; `RUST_LOG` is heard if this is unset.
pub const LOG: &str = "GATELEG_LOG";

/// What the function may do, from its environment.
///
/// # Errors
/// When an operation is named that there is none of, or keys are not of their form.
///
/// ```
/// use gateleg_core::policy::Allowed;
/// use gateleg_lambda::settings;
///
/// let policy = settings::policy(|name| (name == settings::TABLES).then(|| "lambda-apigateway".into()))?;
/// assert_eq!(policy.tables, Allowed::Only(vec!["lambda-apigateway".into()]));
/// assert_eq!(policy.operations, Allowed::All);
/// # Ok::<(), String>(())
/// ```
pub fn policy(variable: impl Fn(&str) -> Option<String>) -> Result<Policy, String> {
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
    Ok(Policy { tables, operations, keys, hint: Some(hint) })
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

/// Starts logging to standard output, a JSON object per line, as CloudWatch takes it.
pub fn start_logging(variable: impl Fn(&str) -> Option<String>) {
    let wanted = variable(LOG).or_else(|| variable("RUST_LOG")).unwrap_or_default();
    let (filter, fault) = match EnvFilter::try_new(if wanted.trim().is_empty() { "info" } else { &wanted }) {
        Ok(filter) => (filter, None),
        Err(fault) => (EnvFilter::new("info"), Some(fault)),
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
    fn operations_are_known_ones() {
        let allowed = set(&[(OPERATIONS, "read, list")]).unwrap().operations;
        assert_eq!(allowed, Allowed::Only(vec!["read".into(), "list".into()]));
        let fault = set(&[(OPERATIONS, "raed")]).unwrap_err();
        assert_eq!(fault, "GATELEG_OPERATIONS names `raed`, which is no operation: did you mean `read`?");
    }
}
