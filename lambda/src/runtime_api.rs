//! The Lambda Runtime API: the next invocation is fetched, its [`Answer`] posted, without end.
//!
//! The loop is our own, on hyper, and not `lambda_runtime`, for four reasons, each seen in its version 1.5:
//!
//! - It reads the header with the caller's client context before any layer of ours is asked, and returns from `run` when that
//!   does not have the members it expects: `{"custom": {"n": 1}}` as the client context of an invocation ends the process.
//! - Its failures have two members, `errorType` and `errorMessage`; ours carry the whole error body.
//! - It writes replies through serde, which wants them read into a tree first; ours are finished JSON.
//! - It builds every URL anew, and finds every connection in a pool of pools: together a tenth of what a `create` costs here.
//!
//! A layer around its service could do away with the second and the third, but would have to post its answers itself; what is left
//! of it then is the fetching of the next event, which is short. Requests are begun with its own builder, so that AWS sees whose
//! they are. Of the headers only ids and the deadline are read, and the body stays bytes.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::convert::Infallible;
use std::future::poll_fn;
use std::task::Poll;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use gateleg_core::error::{Error, ErrorType};
use gateleg_core::json::Object;
use gateleg_store::connections::{BoxError, Connections};
use http::header::{CONTENT_TYPE, HOST, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::Full;
use lambda_runtime_api_client::build_request;
use tokio::time::Instant;

use crate::answer::Answer;
use crate::event::Shape;
use crate::gate::{Gate, Invocation};

const REQUEST_ID: &str = "lambda-runtime-aws-request-id";
const DEADLINE: &str = "lambda-runtime-deadline-ms";
const TRACE: &str = "lambda-runtime-trace-id";
/// Sent back with the answer where it was sent with the event, so that an answer that comes late is told from the next one.
const INVOCATION_ID: HeaderName = HeaderName::from_static("lambda-runtime-invocation-id");
const ERROR_TYPE: HeaderName = HeaderName::from_static("lambda-runtime-function-error-type");

/// The time to open a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// Calls that fail in a row before the Runtime API is given up.
const MAX_FAILURES: u32 = 6;

/// The Runtime API of the environment that the process runs in.
#[derive(Debug)]
pub struct RuntimeApi {
    connections: Connections,
    /// The path that all others begin with.
    base: String,
    /// Where the next invocation is fetched.
    next: Uri,
    /// What every request carries.
    headers: HeaderMap,
}

/// Why the Runtime API cannot be used, or not any more.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// There is none.
    #[error(
        "AWS_LAMBDA_RUNTIME_API {0}: bootstrap runs inside AWS Lambda, which sets it to the host and port of its Runtime API. To run \
         gateleg here, use `gateleg serve`"
    )]
    Missing(&'static str),
    /// It was not reached, or broke off.
    #[error("the Lambda Runtime API failed: {0}")]
    Transport(#[source] BoxError),
    /// It said no.
    #[error("the Lambda Runtime API answered {0}")]
    Status(StatusCode),
    /// It left out what it must send.
    #[error("the Lambda Runtime API sent an event without the header {0}")]
    Header(&'static str),
}

/// An invocation, and what its answer has to carry.
struct Fetched {
    invocation: Invocation,
    invocation_id: Option<HeaderValue>,
}

impl RuntimeApi {
    /// The one at `address`, which is the value of `AWS_LAMBDA_RUNTIME_API`: a host and port, or a URL where an emulator has more than
    /// one function.
    ///
    /// # Errors
    /// When there is no such value, or it is no address.
    pub fn at(address: Option<&str>) -> Result<Self, Fault> {
        let address = address.ok_or(Fault::Missing("is not set"))?;
        let url = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
        let uri: Uri = url.parse().map_err(|_| Fault::Missing("is no host and port"))?;
        let missing = || Fault::Missing("is no host and port");
        let authority = uri.authority().ok_or_else(missing)?;
        let base = [uri.path().trim_end_matches('/'), "/2018-06-01/runtime"].concat();
        let next = [&base, "/invocation/next"].concat().parse().map_err(|_| missing())?;
        let request = build_request().header(HOST, authority.as_str()).body(()).map_err(|_| missing())?;
        let headers = request.into_parts().0.headers;
        Ok(RuntimeApi { connections: Connections::new(uri, None, CONNECT), base, next, headers })
    }

    /// Answers invocations, one after the other, until the Runtime API is gone.
    ///
    /// # Errors
    /// Always, in the end: with why no more invocations are to be had.
    pub async fn serve(&self, gate: &Gate) -> Result<Infallible, Fault> {
        let mut failures = 0;
        loop {
            match self.next().await {
                Ok(None) => failures = 0,
                Ok(Some(fetched)) => {
                    failures = 0;
                    let request_id = fetched.invocation.request_id.clone();
                    let (answer, account) = gate.answer(fetched.invocation).await;
                    let post = self.post(&request_id, fetched.invocation_id.as_ref(), answer);
                    // Lambda lets the function work until it asks for the next event: the line is written once the answer is on
                    // its way, and while Lambda takes it in.
                    let account = async {
                        let_others().await;
                        gate.account(&account);
                    };
                    tokio::join!(post, account).0?;
                }
                Err(fault) => {
                    failures += 1;
                    if failures >= MAX_FAILURES {
                        return Err(fault);
                    }
                    tracing::warn!(error = %fault, failures, "fetching the next invocation failed; trying again");
                    tokio::time::sleep(Duration::from_millis(20 << failures)).await;
                }
            }
        }
    }

    /// Says that the function cannot start, and why; the caller then ends the process.
    ///
    /// # Errors
    /// When the Runtime API cannot be told.
    pub async fn fail_init(&self, message: &str) -> Result<(), Fault> {
        let mut body = String::new();
        let mut object = Object::new(&mut body);
        object.string("errorType", "Runtime.InitError");
        object.string("errorMessage", message);
        object.end();
        let headers = self.headers_of_answer(None, Some("Runtime.InitError"));
        self.call(Method::POST, self.uri("/init/error")?, headers, body.into()).await.map(drop)
    }

    /// The next invocation; `None` when there was none this time.
    async fn next(&self) -> Result<Option<Fetched>, Fault> {
        let (status, mut headers, event) =
            self.call(Method::GET, self.next.clone(), self.headers.clone(), Bytes::new()).await?;
        match status {
            StatusCode::OK => {}
            // Local emulators say so when nothing came for a while.
            StatusCode::NO_CONTENT => return Ok(None),
            _ => return Err(Fault::Status(status)),
        }
        let request_id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).ok_or(Fault::Header(REQUEST_ID))?;
        let invocation = Invocation {
            request_id: request_id.into(),
            deadline: headers.get(DEADLINE).and_then(deadline),
            trace: headers.get(TRACE).and_then(|trace| trace.to_str().ok()).map(String::from),
            event,
        };
        Ok(Some(Fetched { invocation, invocation_id: headers.remove(INVOCATION_ID) }))
    }

    /// Posts an answer. One that is refused is lost, and the next invocation has nothing to do with it.
    async fn post(&self, request_id: &str, invocation_id: Option<&HeaderValue>, answer: Answer) -> Result<(), Fault> {
        let status = self.post_once(request_id, invocation_id, answer).await?;
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            // Lambda counts for itself, and has the last word on what is too large.
            tracing::error!(request_id, "the Lambda Runtime API refused an answer as too large");
            let error =
                Error::new(ErrorType::RequestEntityTooLargeException, "The reply is larger than Lambda can send");
            let answer = Answer::new(Shape::Direct, &error.reply(request_id), false, request_id);
            self.post_once(request_id, invocation_id, answer).await?;
        }
        Ok(())
    }

    async fn post_once(
        &self,
        request_id: &str,
        invocation_id: Option<&HeaderValue>,
        answer: Answer,
    ) -> Result<StatusCode, Fault> {
        let end = if answer.failure.is_some() { "error" } else { "response" };
        let headers = self.headers_of_answer(invocation_id, answer.failure.as_deref());
        let posted = match self.uri(&["/invocation/", request_id, "/", end].concat()) {
            Ok(uri) => self.call(Method::POST, uri, headers, answer.body.into()).await,
            Err(fault) => Err(fault),
        };
        let status = match posted {
            Ok((status, ..)) => status,
            // Whether it arrived is not known, so it is not sent again; if the Runtime API is gone, the next call will tell.
            Err(fault) => {
                tracing::error!(request_id, error = %fault, "posting an answer failed");
                return Ok(StatusCode::ACCEPTED);
            }
        };
        if status.is_server_error() {
            // "Container error. Non-recoverable state. Runtime should exit promptly."
            return Err(Fault::Status(status));
        }
        if !status.is_success() {
            tracing::error!(request_id, status = status.as_u16(), "the Lambda Runtime API refused an answer");
        }
        Ok(status)
    }

    fn uri(&self, path: &str) -> Result<Uri, Fault> {
        let path = Bytes::from([&self.base, path].concat());
        Uri::from_maybe_shared(path).map_err(|fault| Fault::Transport(fault.into()))
    }

    async fn call(
        &self,
        method: Method,
        uri: Uri,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<(StatusCode, HeaderMap, Bytes), Fault> {
        let mut request = Request::new(Full::new(body));
        (*request.method_mut(), *request.uri_mut(), *request.headers_mut()) = (method, uri, headers);
        let (head, body) = self.connections.send(request).await.map_err(|fault| Fault::Transport(fault.into()))?;
        // Read even where nothing is wanted of it, so that the connection can be used again.
        let body = body.read(usize::MAX).await.map_err(Fault::Transport)?;
        Ok((head.status, head.headers, body))
    }

    fn headers_of_answer(&self, invocation_id: Option<&HeaderValue>, failure: Option<&str>) -> HeaderMap {
        let mut headers = self.headers.clone();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(id) = invocation_id {
            headers.insert(INVOCATION_ID, id.clone());
        }
        if let Some(error_type) = failure.and_then(|name| HeaderValue::from_str(name).ok()) {
            headers.insert(ERROR_TYPE, error_type);
        }
        headers
    }
}

/// Lets the tasks that are ready to go on do so once, the one among them that writes to the connection.
async fn let_others() {
    let mut let_them = false;
    poll_fn(|context| {
        if std::mem::replace(&mut let_them, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Milliseconds since 1970 on the wall's clock become a moment on ours.
fn deadline(header: &HeaderValue) -> Option<Instant> {
    let at = Duration::from_millis(header.to_str().ok()?.parse().ok()?);
    // Some emulators send how long it takes, which would be a moment in 1970.
    if at < DAY {
        return Instant::now().checked_add(at);
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Instant::now().checked_add(at.saturating_sub(now))
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
