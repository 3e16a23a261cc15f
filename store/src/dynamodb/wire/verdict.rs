//! Attempts at a call become one outcome: what DynamoDB said, whether to try again, and whether a write may have been made unheard.

use aws_runtime::retries::classifiers::{THROTTLING_ERRORS, TRANSIENT_ERRORS};
use bytes::Bytes;
use gateleg_core::command::Api;
use gateleg_core::outcome::{Outcome, StoreError};
use gateleg_core::tree::Structure;
use http::response::Parts;

use super::super::failure::{self, Silence};
use crate::connections::Body;

/// Most bytes of an answer that are read. A page or a batch holds at most 16 MB of items; as JSON they are larger, by a third for
/// binary values and more for text that has to be escaped.
pub(super) const MAX_ANSWER_BYTES: usize = 96 << 20;

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
    /// None came; and what lies behind that.
    Unanswered(Silence, String),
}

impl Attempt {
    /// There is no request to send.
    pub(super) fn not_made(why: String) -> Self {
        Attempt::Unanswered(Silence::NotMade, why)
    }

    /// Reads an answer to its end.
    pub(super) async fn read(head: Parts, body: Body<'_>) -> Self {
        let status = head.status.as_u16();
        let request_id = head.headers.get("x-amzn-requestid").and_then(|id| id.to_str().ok()).map(String::from);
        match body.read(MAX_ANSWER_BYTES).await {
            Ok(body) => Attempt::Answered { status, request_id, body },
            Err(error) => Attempt::BrokeOff { status, why: super::text(error) },
        }
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
            Attempt::Unanswered(silence, why) => {
                let decided = !matches!(silence, Silence::NotInTime | Silence::Broken | Silence::Unexplained);
                (Err(silence.tell(&why, api, self.attempts - 1)), decided, silence != Silence::NotMade)
            }
        };
        self.undecided |= !decided;
        self.last = Some(result);
        again
    }

    /// What the call came to.
    pub(super) fn outcome(self, api: Api) -> Outcome {
        let Verdict { attempts, undecided, last, request_id } = self;
        let result = last.unwrap_or_else(|| Err(failure::unreadable(0)));
        let result = result.map_err(|error| failure::judged(error, api, undecided));
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
