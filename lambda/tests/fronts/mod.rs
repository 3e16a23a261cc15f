//! The fronts that Lambda functions stand behind, as far as a test needs them: a request goes into a sample event of a front,
//! and a reply is taken out of the answer, whose form is checked to the last member.

use std::borrow::Cow;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use gateleg_core::json::Json;

use crate::lambda::{Lambda, Post};

/// One front: a sample of its events, and what its answers consist of.
#[derive(Clone, Copy, Debug)]
pub struct Front {
    /// The sample's name in `events/`.
    pub sample: &'static str,
    /// The members of an answer, in order; none for a direct invocation.
    pub members: &'static [&'static str],
}

const HTTP: &[&str] = &["statusCode", "headers", "body", "isBase64Encoded"];
const REST: &[&str] = &["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"];
const ALB: &[&str] = &["statusCode", "statusDescription", "headers", "body", "isBase64Encoded"];
const ALB_MULTI: &[&str] = &["statusCode", "statusDescription", "multiValueHeaders", "body", "isBase64Encoded"];

/// A direct invocation.
pub const DIRECT: Front = Front { sample: "direct-echo", members: &[] };
/// A REST API.
pub const REST_API: Front = Front { sample: "rest", members: REST };
/// An HTTP API.
pub const HTTP_API: Front = Front { sample: "http-api-2.0", members: HTTP };
/// A load balancer.
pub const LOAD_BALANCER: Front = Front { sample: "alb", members: ALB };

/// Every front there is.
pub const FRONTS: [Front; 9] = [
    DIRECT,
    REST_API,
    Front { sample: "rest-console-test", members: REST },
    Front { sample: "http-api-1.0", members: REST },
    HTTP_API,
    Front { sample: "function-url", members: HTTP },
    Front { sample: "base64", members: HTTP },
    LOAD_BALANCER,
    Front { sample: "alb-multi-value", members: ALB_MULTI },
];

/// What a caller gets to see.
#[derive(Debug)]
pub struct Seen {
    /// The HTTP status; for a direct invocation, 200, or none for one that failed.
    pub status: Option<i64>,
    /// The reply's body; of a failed direct invocation what it failed with.
    pub body: String,
}

/// The text of a sample event.
pub fn sample(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("events/{name}.json"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

impl Front {
    /// The front's event for a caller who sends that body.
    pub fn event(self, body: &str) -> String {
        if self.members.is_empty() {
            return body.into();
        }
        self.event_with(&[("body", &quoted(body))])
    }

    /// The sample event with members replaced, by JSON text. A body is encoded if the sample says so.
    pub fn event_with(self, replaced: &[(&str, &str)]) -> String {
        let text = sample(self.sample);
        let Json::Object(mut members) = Json::parse(text.as_bytes()).unwrap() else { panic!("a sample is an object") };
        let is_base64 = members.iter().any(|(name, value)| name == "isBase64Encoded" && *value == Json::Bool(true));
        for (name, value) in replaced {
            let mut value = Json::parse(value.as_bytes()).unwrap();
            if let ("body", Json::String(body), true) = (*name, &value, is_base64) {
                value = Json::String(Cow::Owned(BASE64_STANDARD.encode(&**body)));
            }
            members.retain(|(known, _)| known != name);
            members.push((Cow::Borrowed(name), value));
        }
        Json::Object(members).to_text()
    }

    /// Sends a request through the front.
    pub fn send(self, lambda: &mut Lambda, request: &str) -> Seen {
        let post = lambda.invoke(self.event(request));
        let request_id = lambda.last_request_id();
        self.see(&post, &request_id)
    }

    /// Reads an answer as the front does.
    pub fn see(self, post: &Post, request_id: &str) -> Seen {
        assert_eq!(post.headers.get("content-type").map(String::as_str), Some("application/json"));
        let failed = post.path.ends_with("/error");
        if self.members.is_empty() {
            assert_eq!(post.headers.contains_key("lambda-runtime-function-error-type"), failed);
            return Seen { status: (!failed).then_some(200), body: post.body.clone() };
        }
        assert!(!failed, "{} is answered, whatever happens: {post:?}", self.sample);
        let answer = Json::parse(post.body.as_bytes()).unwrap();
        let Json::Object(members) = &answer else { panic!("an answer is an object: {}", post.body) };
        let names: Vec<&str> = members.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, self.members, "{}", self.sample);
        assert_eq!(answer.get("isBase64Encoded"), Some(&Json::Bool(false)));
        let status = answer.get("statusCode").and_then(Json::as_integer).unwrap();
        if let Some(description) = answer.get("statusDescription") {
            assert!(description.as_str().unwrap().starts_with(&format!("{status} ")));
        }
        for (name, expected) in [("content-type", "application/json"), ("x-amzn-requestid", request_id)] {
            if let Some(headers) = answer.get("headers") {
                assert_eq!(headers.get(name).and_then(Json::as_str), Some(expected));
            }
            if let Some(headers) = answer.get("multiValueHeaders") {
                assert_eq!(headers.get(name).unwrap().to_text(), format!("[{}]", quoted(expected)));
            }
        }
        Seen { status: Some(status), body: answer.get("body").and_then(Json::as_str).unwrap().into() }
    }
}

impl Seen {
    /// A member of the body, as JSON text.
    pub fn member(&self, name: &str) -> String {
        let body = Json::parse(self.body.as_bytes()).unwrap();
        body.get(name).unwrap_or_else(|| panic!("no {name} in {}", self.body)).to_text()
    }
}

/// A JSON string.
pub fn quoted(text: &str) -> String {
    Json::String(Cow::Borrowed(text)).to_text()
}
