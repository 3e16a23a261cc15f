//! A reply becomes an [`Answer`]: the JSON that the front expects, within the size it takes.
//!
//! The reply's body goes into it as it is, or escaped as a JSON string: no number in it is ever read. Posting the answer is left
//! to [`crate::runtime_api`].

use gateleg_core::error::{Error, ErrorType};
use gateleg_core::json::{self, Object};
use gateleg_core::reply::Reply;
use gateleg_core::rule::Rule;
use http::StatusCode;

use crate::event::Shape;

/// What the Runtime API is sent for one invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// For an invocation that fails, its error type.
    pub failure: Option<String>,
    /// The status that an HTTP caller sees.
    pub status: u16,
    /// The `__type` of an error, whether the invocation fails or not.
    pub error_type: Option<String>,
    /// The id of the rule that an error names.
    pub rule: Option<&'static str>,
    /// JSON.
    pub body: Vec<u8>,
}

/// Most bytes of an answer: 6 MB and a little, as Lambda's own error for larger ones says.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const MAX_LAMBDA_BYTES: usize = 6_291_556;

/// Most bytes of an answer to a load balancer, "1 MB"; read here as the smaller of its two meanings.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html>
pub const MAX_ALB_BYTES: usize = 1_000_000;

impl Shape {
    /// Most bytes that the answer may have, everything included.
    pub fn max_answer_bytes(self) -> usize {
        match self {
            Shape::Alb { .. } => MAX_ALB_BYTES,
            _ => MAX_LAMBDA_BYTES,
        }
    }

    /// Most bytes that the planner is told a reply's body may have. Escaped as a string, a body of ordinary items grows by a
    /// fifth or so, and this leaves it a third; whether it fits is checked again on the finished answer.
    pub fn max_reply_bytes(self) -> u64 {
        let max = self.max_answer_bytes();
        let body = if self == Shape::Direct { max } else { max / 4 * 3 };
        u64::try_from(body).unwrap_or(u64::MAX)
    }
}

impl Answer {
    /// Puts the reply into that shape. One that turns out too large is answered with an error that says so, and that the write
    /// took effect if it did: `sent_write` says whether one was sent.
    pub fn new(shape: Shape, reply: &Reply, sent_write: bool, request_id: &str) -> Answer {
        let answer = Answer::write(shape, reply, request_id);
        let (length, max) = (answer.body.len(), shape.max_answer_bytes());
        if length <= max {
            return answer;
        }
        let done = match &reply.error {
            None if sent_write => "; the write took effect".into(),
            None => String::new(),
            Some((error_type, message)) => {
                format!("; it says {error_type}: {}", message.chars().take(200).collect::<String>())
            }
        };
        let message = format!("The reply would be {length} bytes, more than the {max} that can be sent{done}");
        let error = Error::new(ErrorType::RequestEntityTooLargeException, message)
            .hint("Ask for less: a Limit, or a ProjectionExpression");
        let mut told = error.reply(request_id);
        told.headers.extend(reply.headers.iter().filter(|(name, _)| name.starts_with("access-control-")).cloned());
        Answer::write(shape, &told, request_id)
    }

    fn write(shape: Shape, reply: &Reply, request_id: &str) -> Answer {
        let (failure, body) = match (shape, &reply.error) {
            (Shape::Direct, None) => (None, reply.body.clone()),
            (Shape::Direct, Some((error_type, message))) => {
                (Some(error_type.clone()), failure(error_type, message, &reply.body))
            }
            _ => (None, http(shape, reply, request_id)),
        };
        let error_type = reply.error.as_ref().map(|(error_type, _)| error_type.clone());
        let rule = reply.rule().map(Rule::id);
        Answer { failure, status: reply.status, error_type, rule, body }
    }
}

/// `{"errorType", "errorMessage"}` and then the members of the error body, which is an object.
fn failure(error_type: &str, message: &str, body: &[u8]) -> Vec<u8> {
    let mut out = String::with_capacity(body.len() + 256);
    let mut object = Object::new(&mut out);
    object.string("errorType", error_type);
    object.string("errorMessage", message);
    match body.strip_prefix(b"{") {
        Some(members) if members != b"}" => {
            out.push(',');
            let mut out = out.into_bytes();
            out.extend_from_slice(members);
            out
        }
        _ => {
            object.end();
            out.into_bytes()
        }
    }
}

/// `{"statusCode", .., "body": "..", "isBase64Encoded": false}`.
fn http(shape: Shape, reply: &Reply, request_id: &str) -> Vec<u8> {
    let mut out = String::with_capacity(reply.body.len() + reply.body.len() / 4 + 512);
    let mut object = Object::new(&mut out);
    json::write_integer(object.member("statusCode"), reply.status);
    if let Shape::Alb { .. } = shape {
        object.string("statusDescription", &description(reply.status));
    }
    let headers: Vec<(&str, &str)> = reply
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .chain([("x-amzn-requestid", request_id)])
        .collect();
    if shape != (Shape::Alb { multi_value: true }) {
        let mut single = Object::new(object.member("headers"));
        for (name, value) in &headers {
            single.string(name, value);
        }
        single.end();
    }
    if matches!(shape, Shape::Rest | Shape::Alb { multi_value: true }) {
        let mut multiple = Object::new(object.member("multiValueHeaders"));
        for (name, value) in &headers {
            json::write_array(multiple.member(name), [value], |out, value| json::write_string(out, value));
        }
        multiple.end();
    }
    object.string("body", &String::from_utf8_lossy(&reply.body));
    json::write_bool(object.member("isBase64Encoded"), false);
    object.end();
    out.into_bytes()
}

/// The status with its reason, `404 Not Found`, as a load balancer wants it.
fn description(status: u16) -> String {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    format!("{status} {}", reason.unwrap_or("Unknown"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use gateleg_core::rule::Rule;

    use super::*;

    fn check(shape: Shape, reply: &Reply, expected: &str) {
        let answer = Answer::new(shape, reply, false, "r-1");
        assert_eq!(String::from_utf8_lossy(&answer.body), expected);
    }

    #[test]
    fn every_shape_has_its_members() {
        let reply = Reply::success(r#"{"n":1.10}"#.into());
        check(Shape::Direct, &reply, r#"{"n":1.10}"#);
        check(
            Shape::Http,
            &reply,
            r#"{"statusCode":200,"headers":{"content-type":"application/json","x-amzn-requestid":"r-1"},"body":"{\"n\":1.10}","isBase64Encoded":false}"#,
        );
        check(
            Shape::Rest,
            &reply,
            r#"{"statusCode":200,"headers":{"content-type":"application/json","x-amzn-requestid":"r-1"},"multiValueHeaders":{"content-type":["application/json"],"x-amzn-requestid":["r-1"]},"body":"{\"n\":1.10}","isBase64Encoded":false}"#,
        );
        check(
            Shape::Alb { multi_value: false },
            &reply,
            r#"{"statusCode":200,"statusDescription":"200 OK","headers":{"content-type":"application/json","x-amzn-requestid":"r-1"},"body":"{\"n\":1.10}","isBase64Encoded":false}"#,
        );
        check(
            Shape::Alb { multi_value: true },
            &reply,
            r#"{"statusCode":200,"statusDescription":"200 OK","multiValueHeaders":{"content-type":["application/json"],"x-amzn-requestid":["r-1"]},"body":"{\"n\":1.10}","isBase64Encoded":false}"#,
        );
    }

    #[test]
    fn a_direct_error_fails_with_the_whole_error_body() {
        let error = Error::validation(Rule::EventBody, "No \"good\"").hint("Do better");
        check(
            Shape::Direct,
            &error.reply("r-1"),
            r#"{"errorType":"ValidationException","errorMessage":"No \"good\"","__type":"ValidationException","message":"No \"good\"","rule":"event.body","hint":"Do better","requestId":"r-1"}"#,
        );
    }

    #[test]
    fn a_reply_that_escaping_makes_too_large_is_an_error_that_tells_of_the_write() {
        let shape = Shape::Alb { multi_value: false };
        let reply = Reply::success(format!("\"{}\"", "\\\"".repeat(300_000)));
        let answer = Answer::new(shape, &reply, true, "r-1");
        assert_eq!((answer.status, answer.error_type.as_deref()), (413, Some("RequestEntityTooLargeException")));
        assert!(String::from_utf8_lossy(&answer.body).contains("that can be sent; the write took effect"));
        assert_eq!(Answer::new(Shape::Http, &reply, true, "r-1").status, 200);
    }

    #[test]
    fn an_error_that_is_too_large_keeps_its_name_in_the_message() {
        let reply = Reply { body: vec![b'"'; 1_000_001], ..Error::validation(Rule::EventBody, "No").reply("r-1") };
        let answer = Answer::new(Shape::Alb { multi_value: true }, &reply, true, "r-1");
        assert_eq!(answer.status, 413);
        assert!(String::from_utf8_lossy(&answer.body).contains("it says ValidationException: No"));
    }
}
