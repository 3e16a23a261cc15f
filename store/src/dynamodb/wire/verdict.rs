//! Attempts at a call become one outcome: what DynamoDB said, whether to try again, and whether a write may have been made unheard.

use aws_runtime::retries::classifiers::{THROTTLING_ERRORS, TRANSIENT_ERRORS};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use bytes::Bytes;
use gateleg_core::command::Api;
use gateleg_core::outcome::{Outcome, StoreError};
use gateleg_core::tree::Structure;
use http_body_util::{BodyExt as _, Limited};

use super::super::attempts::never_connected;
use super::super::failure::{self, CONFIGURATION, TIMEOUT, UNAVAILABLE};

/// Most bytes of an answer that are read. A page or a batch holds at most 16 MB of items; as JSON they are larger, by a third for
/// binary values and more for text that has to be escaped.
const MAX_ANSWER_BYTES: usize = 96 << 20;

/// What became of one attempt.
#[derive(Debug)]
pub(super) enum Attempt {
    Answered {
        status: u16,
        request_id: Option<String>,
        body: Bytes,
    },
    /// An answer came, but not to its end.
    BrokeOff {
        status: u16,
        why: String,
    },
    Unanswered(Unanswered),
}

/// Why no answer came, and for the log what lies behind it.
#[derive(Debug)]
pub(super) enum Unanswered {
    /// There are no credentials, say.
    NotMade(String),
    /// Credentials took too long.
    NotSentInTime,
    NotConnected(String),
    NotInTime,
    Broken(String),
}

impl Attempt {
    /// Reads an answer to its end.
    pub(super) async fn read(answer: HttpResponse) -> Self {
        let status = answer.status().as_u16();
        let request_id = answer.headers().get("x-amzn-requestid").map(String::from);
        match collect(answer).await {
            Ok(body) => Attempt::Answered { status, request_id, body },
            Err(why) => Attempt::BrokeOff { status, why },
        }
    }
}

/// The whole body of an answer.
pub(super) async fn collect(answer: HttpResponse) -> Result<Bytes, String> {
    let body = Limited::new(answer.into_body(), MAX_ANSWER_BYTES);
    body.collect().await.map(|body| body.to_bytes()).map_err(super::text)
}

impl Unanswered {
    pub(super) fn of(error: ConnectorError) -> Self {
        if error.is_user() {
            Unanswered::NotMade(super::text(error))
        } else if never_connected(&error) {
            Unanswered::NotConnected(super::text(error))
        } else if error.is_timeout() {
            Unanswered::NotInTime
        } else {
            Unanswered::Broken(super::text(error))
        }
    }

    /// Whether the request may have arrived.
    fn was_sent(&self) -> bool {
        matches!(self, Unanswered::NotInTime | Unanswered::Broken(_))
    }

    fn tell(&self, api: Api, retries: u32) -> StoreError {
        let (told, why) = match self {
            Unanswered::NotMade(why) => {
                (StoreError::new(CONFIGURATION, format!("The request could not be made: {why}")), why.as_str())
            }
            Unanswered::NotSentInTime => {
                (StoreError::new(TIMEOUT, "Preparing the request took too long; it was not sent"), "")
            }
            Unanswered::NotConnected(why) => {
                (StoreError::new(UNAVAILABLE, "The store cannot be reached"), why.as_str())
            }
            Unanswered::NotInTime => (StoreError::new(TIMEOUT, "The store did not answer in time"), ""),
            Unanswered::Broken(why) => {
                (StoreError::new(UNAVAILABLE, "The connection to the store broke before it answered"), why.as_str())
            }
        };
        tracing::warn!(
            call = api.as_str(),
            retries,
            error_type = told.error_type,
            error = why,
            "the store did not answer"
        );
        told
    }
}

/// The attempts so far.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    attempts: u32,
    /// Some attempt may have been carried out although it did not succeed.
    undecided: bool,
    last: Option<Result<Structure, StoreError>>,
    request_id: Option<String>,
}

impl Verdict {
    pub(super) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Takes one more attempt in, and says whether another may help.
    pub(super) fn add(&mut self, api: Api, attempt: Attempt) -> bool {
        self.attempts += 1;
        self.request_id = None;
        let (result, decided, again) = match attempt {
            Attempt::Answered { status: 200..=299, request_id, body } => {
                self.request_id = request_id;
                match Outcome::parse_output(api, &body) {
                    Ok(output) => (Ok(output), true, false),
                    // Why, it would quote items.
                    Err(_) => (Err(failure::unreadable(200)), false, false),
                }
            }
            Attempt::Answered { status, request_id, body } => {
                self.request_id = request_id;
                let (error, again) = refused(status, &body);
                (Err(error), (400..=499).contains(&status), again)
            }
            Attempt::BrokeOff { status, why } => {
                tracing::warn!(call = api.as_str(), status, error = why, "the store's answer broke off");
                (Err(failure::broke_off(status)), false, true)
            }
            Attempt::Unanswered(unanswered) => {
                let again = !matches!(unanswered, Unanswered::NotMade(_));
                (Err(unanswered.tell(api, self.attempts - 1)), !unanswered.was_sent(), again)
            }
        };
        self.undecided |= !decided;
        self.last = Some(result);
        again
    }

    /// What the call came to.
    pub(super) fn outcome(self, api: Api) -> Outcome {
        let Verdict { attempts, undecided, last, request_id } = self;
        let result = last.unwrap_or_else(|| Err(failure::unreadable(0))).map_err(|mut error| {
            // A transaction carries a token: had an earlier attempt done it, a later one would have succeeded.
            let cancelled = error.error_type == "TransactionCanceledException";
            error.may_have_happened = api.is_write() && undecided && !cancelled;
            error
        });
        Outcome { result, request_id, retry_attempts: attempts.saturating_sub(1) }
    }
}

/// DynamoDB's refusal, or that of something in front of it, and whether asking again may help.
fn refused(status: u16, body: &[u8]) -> (StoreError, bool) {
    let is_transient = matches!(status, 500 | 502 | 503 | 504);
    let Ok(mut error) = StoreError::parse_answer(body) else {
        let error = if status >= 500 { failure::unavailable(status) } else { failure::unreadable(status) };
        return (error, is_transient);
    };
    let code = error.error_type.as_str();
    let again = is_transient || THROTTLING_ERRORS.contains(&code) || TRANSIENT_ERRORS.contains(&code);
    error.error_type = failure::name(&error.error_type).into();
    if error.message.is_empty() {
        error.message = failure::NO_REASON.into();
    }
    (error, again)
}
