//! The store's answer to a small question becomes whether it is worth sending requests here.
//!
//! The question is one read of one item, of a table that requests may touch: what credentials with the least rights are
//! allowed, and what an embedded store has to look into its file for. Any answer will do, refusals among them; only silence,
//! and an answer that says the store or our credentials are out of order, will not. The verdict is kept for some seconds, so
//! that asking costs nothing, and only one question is under way at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gateleg_core::command::Command;
use gateleg_core::error::ErrorType;
use gateleg_core::json;
use gateleg_core::outcome::Outcome;
use gateleg_core::policy::{Allowed, Policy, is_arn};
use gateleg_store::Store;
use gateleg_store::embedded::DEFAULT_TABLE;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// How long the store may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long it is believed that the store answers.
const GOOD_FOR: Duration = Duration::from_secs(5);

/// How long it is believed that it does not: recovery should be seen soon.
const BAD_FOR: Duration = Duration::from_secs(1);

/// Whether requests should be sent here.
#[derive(Default)]
pub struct Readiness {
    verdict: Mutex<Option<(Instant, Verdict)>>,
    draining: AtomicBool,
}

/// A small question, and the store to answer it.
pub struct Question {
    store: Arc<dyn Store>,
    command: Command,
}

/// They should, or why not.
pub type Verdict = Result<(), &'static str>;

impl Readiness {
    /// From now on they should not.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether they should; asks the store if that was not asked of late. Without a question they should: a policy without a table
    /// lets nothing through to a store.
    ///
    /// # Errors
    /// Why they should not.
    pub async fn check(&self, question: impl FnOnce() -> Option<Question>) -> Verdict {
        if self.draining.load(Ordering::Relaxed) {
            return Err("The server is stopping");
        }
        let mut verdict = self.verdict.lock().await;
        match *verdict {
            Some((until, known)) if Instant::now() < until => known,
            _ => {
                let found = match question() {
                    Some(question) => question.ask().await,
                    None => Ok(()),
                };
                let good_for = if found.is_ok() { GOOD_FOR } else { BAD_FOR };
                *verdict = Some((Instant::now() + good_for, found));
                found
            }
        }
    }
}

impl Question {
    /// About a table that the policy allows, if there is one.
    pub(super) fn about(store: &Arc<dyn Store>, policy: &Policy) -> Option<Self> {
        Some(Question { store: Arc::clone(store), command: question(policy)? })
    }

    async fn ask(self) -> Verdict {
        match timeout(PATIENCE, self.store.execute(self.command)).await {
            Ok(outcome) => judge(&outcome),
            Err(_) => Err("The store did not answer within 1 s"),
        }
    }
}

fn judge(outcome: &Outcome) -> Verdict {
    let Err(error) = &outcome.result else { return Ok(()) };
    match ErrorType::parse(&error.error_type) {
        Some(known) if known.status() < 500 && known != ErrorType::MissingAuthenticationTokenException => Ok(()),
        Some(ErrorType::ServiceUnavailableException | ErrorType::TimeoutException) => Err("The store does not answer"),
        Some(ErrorType::InternalServerError) => Err("The store answers that it is out of order"),
        // What only an operator can mend; the log has the store's words for it when a request meets it.
        _ => Err("The store does not take the credentials, or there are none"),
    }
}

/// A `GetItem` on the first table that is allowed by name. Its key need not fit: that it does not is an answer too.
fn question(policy: &Policy) -> Option<Command> {
    let named = || policy.tables.names().filter(|name| *name != "*");
    let table = named().find(|name| !is_arn(name)).or_else(|| named().next());
    let table = if policy.tables == Allowed::None { return None } else { table.unwrap_or(DEFAULT_TABLE) };
    let known = policy.keys.iter().find(|(name, _)| name == table);
    let default = vec!["id".to_string()];
    let names = known.map_or(&default, |(_, names)| names);
    let mut text = String::from("{\"GetItem\":{\"TableName\":");
    json::write_string(&mut text, table);
    for (at, name) in names.iter().enumerate() {
        text.push_str(if at == 0 { ",\"Key\":{" } else { "," });
        json::write_string(&mut text, name);
        text.push_str(":{\"S\":\"gateleg-readyz\"}");
    }
    text.push_str("}}}");
    Command::parse(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use gateleg_core::outcome::StoreError;

    fn asked(tables: &str, keys: &str) -> Option<String> {
        let mut policy = Policy::tables(Allowed::from_list(tables));
        policy.keys = Policy::parse_keys(keys).unwrap();
        question(&policy).map(|command| command.to_text())
    }

    #[test]
    fn the_question_is_about_a_table_that_is_allowed() {
        let arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders";
        for (tables, keys, table, key) in [
            ("*", "", DEFAULT_TABLE, r#"{"id":{"S":"gateleg-readyz"}}"#),
            ("orders,people", "", "orders", r#"{"id":{"S":"gateleg-readyz"}}"#),
            ("*,orders", "orders=a:b", "orders", r#"{"a":{"S":"gateleg-readyz"},"b":{"S":"gateleg-readyz"}}"#),
            (&format!("{arn},people"), "", "people", r#"{"id":{"S":"gateleg-readyz"}}"#),
            (arn, "", arn, r#"{"id":{"S":"gateleg-readyz"}}"#),
        ] {
            let expected = format!(r#"{{"GetItem":{{"TableName":"{table}","Key":{key}}}}}"#);
            assert_eq!(asked(tables, keys), Some(expected), "{tables}");
        }
        assert_eq!(asked("", ""), None);
    }

    #[test]
    fn any_answer_will_do_that_is_about_the_question() {
        for (answer, ready) in [
            ("AccessDeniedException", true),
            ("ResourceNotFoundException", true),
            ("ValidationException", true),
            ("ThrottlingException", true),
            ("ServiceUnavailableException", false),
            ("TimeoutException", false),
            ("InternalServerError", false),
            ("MissingAuthenticationTokenException", false),
            ("UnrecognizedClientException", false),
            ("ExpiredTokenException", false),
            ("StoreConfigurationException", false),
        ] {
            assert_eq!(judge(&Outcome::error(StoreError::new(answer, ""))).is_ok(), ready, "{answer}");
        }
    }
}
