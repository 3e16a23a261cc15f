//! The raw bytes of an event become an [`Event`]: the front it came through and the request inside.
//!
//! The bytes are read once, with core's own JSON. What is no event of a known front is a direct invocation, and its bytes are
//! the request; whether they are a good one is left to the planner, and the answer's form to [`crate::answer`].

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use gateleg_core::error::{Error, ErrorType};
use gateleg_core::json::Json;
use gateleg_core::rule::Rule;
use memchr::memmem;

/// The form in which a front sends events and takes answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A direct invocation, a console test, or a REST API without proxy integration: the event is the request.
    Direct,
    /// An Application Load Balancer.
    Alb {
        /// Whether its target group has multi-value headers on, which it then wants in answers too.
        multi_value: bool,
    },
    /// An HTTP API with payload format 2.0, or a function URL.
    Http,
    /// A REST API with proxy integration, or an HTTP API with payload format 1.0.
    Rest,
}

impl Shape {
    /// Its name in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Shape::Direct => "direct",
            Shape::Alb { .. } => "alb",
            Shape::Http => "http",
            Shape::Rest => "rest",
        }
    }
}

/// One event, told apart.
#[derive(Debug)]
pub struct Event {
    /// How it is to be answered.
    pub shape: Shape,
    /// The bytes of the request, or why there are none.
    pub request: Result<Bytes, Error>,
}

impl Event {
    /// Tells the event's shape by what only that front sends, and takes the request out.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use gateleg_lambda::event::{Event, Shape};
    ///
    /// let raw = br#"{"requestContext": {"http": {"method": "POST"}}, "version": "2.0", "body": "{\"operation\": \"ping\"}"}"#;
    /// let event = Event::read(&Bytes::from_static(raw));
    /// assert_eq!(event.shape, Shape::Http);
    /// assert_eq!(event.request.unwrap(), &br#"{"operation": "ping"}"#[..]);
    /// ```
    pub fn read(raw: &Bytes) -> Event {
        if !may_have_context(raw) {
            return Event::direct(raw);
        }
        // What is not JSON, or no object, is refused by the planner in the words every home uses.
        let Ok(event) = Json::parse(raw) else { return Event::direct(raw) };
        let context = match event.get("requestContext") {
            Some(context) if event.get("operation").is_none() && *context != Json::Null => context,
            _ => return Event::direct(raw),
        };
        match shape(&event, context) {
            Some((shape, method)) => {
                let method = method.map(String::from);
                Event { shape, request: body(event, raw).and_then(|body| posted(body, method.as_deref())) }
            }
            None => Event { shape: Shape::Direct, request: Err(unknown(context)) },
        }
    }

    fn direct(raw: &Bytes) -> Event {
        Event { shape: Shape::Direct, request: Ok(raw.clone()) }
    }
}

/// Whether the event may have a `requestContext`: every front's does, and where the word is not there, nor a name that might be
/// escaped, the event need not be read to know.
fn may_have_context(raw: &[u8]) -> bool {
    memmem::find(raw, b"requestContext").is_some() || memmem::find(raw, b"\\u").is_some()
}

/// The shape of an event that has a `requestContext`, and its HTTP method.
fn shape<'e>(event: &'e Json<'_>, context: &'e Json<'_>) -> Option<(Shape, Option<&'e str>)> {
    let http_method = event.get("httpMethod").and_then(Json::as_str);
    // A load balancer's events carry `httpMethod` too, so they come first.
    if is_object(context.get("elb")) {
        let multi_value = is_object(event.get("multiValueHeaders"));
        return Some((Shape::Alb { multi_value }, http_method));
    }
    let version = event.get("version").and_then(Json::as_str);
    if let Some(http @ Json::Object(_)) = context.get("http")
        && matches!(version, None | Some("2.0"))
    {
        return Some((Shape::Http, http.get("method").and_then(Json::as_str)));
    }
    let is_web_socket = context.get("connectionId").is_some_and(|id| *id != Json::Null);
    (http_method.is_some() && !is_web_socket).then_some((Shape::Rest, http_method))
}

fn is_object(json: Option<&Json<'_>>) -> bool {
    matches!(json, Some(Json::Object(_)))
}

/// The bytes of `body`; none for one that is null or absent.
fn body(event: Json<'_>, raw: &Bytes) -> Result<Bytes, Error> {
    let is_base64 = match event.get("isBase64Encoded") {
        None | Some(Json::Null | Json::Bool(false)) => false,
        Some(Json::Bool(true)) => true,
        Some(other) => return Err(wrong_kind("isBase64Encoded", "a boolean", other)),
    };
    let Json::Object(members) = event else { return Ok(Bytes::new()) };
    let text = match members.into_iter().find(|(name, _)| name == "body") {
        None | Some((_, Json::Null)) => return Ok(Bytes::new()),
        Some((_, Json::String(text))) => text,
        Some((_, other)) => return Err(wrong_kind("body", "a string", &other)),
    };
    if is_base64 {
        return BASE64.decode(&*text).map(Bytes::from).map_err(|fault| {
            let message = format!("The event says that its body is base64, but it is not: {fault}");
            Error::new(ErrorType::SerializationException, message).rule(Rule::EventBody)
        });
    }
    Ok(match text {
        Cow::Borrowed(text) => raw.slice_ref(text.as_bytes()),
        Cow::Owned(text) => Bytes::from(text),
    })
}

/// Standard base64; fronts pad it, people who write test events forget to.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Which methods are routed here is the front's decision; but a browser that is pointed at the endpoint deserves a better word
/// than that nothing is not JSON.
fn posted(body: Bytes, method: Option<&str>) -> Result<Bytes, Error> {
    match method {
        Some(method) if body.is_empty() && method != "POST" => {
            let message =
                format!("Expected POST with a request as its body, but found {} without one", excerpt(method));
            Err(Error::new(ErrorType::MethodNotAllowedException, message)
                .hint(r#"POST {"operation": "ping"} to see that it answers"#))
        }
        _ => Ok(body),
    }
}

fn wrong_kind(name: &str, expected: &str, found: &Json<'_>) -> Error {
    let message = format!("The event's `{name}` must be {expected}, but it is {}", found.kind());
    Error::new(ErrorType::SerializationException, message).rule(Rule::EventBody)
}

fn unknown(context: &Json<'_>) -> Error {
    let found = match context {
        Json::Object(_) if context.get("connectionId").is_some() => "a WebSocket event",
        Json::Object(_) => "an event whose `requestContext` is of none of these",
        _ => "an event whose `requestContext` is no object",
    };
    let message = format!(
        "Expected a request with an `operation`, or an event of a REST API, an HTTP API, a function URL or an Application Load \
         Balancer, but found {found}"
    );
    Error::validation(Rule::EventShape, message)
        .hint("Invoke the function with the request itself, or route POST to it from one of these")
}

/// At most 32 characters of something that a stranger wrote.
fn excerpt(text: &str) -> String {
    text.chars().take(32).collect()
}
