//! A request becomes what carries it as it is: a curl command, a Lambda test event, a Postman collection.

use alloc::string::String;

use super::push;
use crate::json;

/// Longest text that is an argument of a command: Linux takes 128 KiB.
pub(super) const MAX_ARGUMENT: usize = 100_000;

/// Appends a word of a POSIX shell.
pub(super) fn write_word(out: &mut String, word: &str) {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        out.push_str(word);
        return;
    }
    out.push('\'');
    for (index, part) in word.split('\'').enumerate() {
        push(out, &[if index > 0 { "'\\''" } else { "" }, part]);
    }
    out.push('\'');
}

/// Appends the end of a command that takes JSON from its stdin.
///
/// INVARIANT: no line of a JSON text is a word without quotes but `true`, `false` and `null`.
pub(super) fn write_stdin(out: &mut String, json: &str) {
    push(out, &[" <<'END'\n", json, "\nEND\n"]);
}

pub(super) fn curl(request: &str, endpoint: &str) -> String {
    let mut out = String::from("curl --url ");
    write_word(&mut out, endpoint);
    out.push_str(" \\\n  --header 'Content-Type: application/json' \\\n");
    if request.len() > MAX_ARGUMENT {
        out.push_str("  --data-binary @-");
        write_stdin(&mut out, request);
    } else {
        out.push_str("  --data-raw ");
        write_word(&mut out, request);
        out.push('\n');
    }
    out
}

pub(super) fn event(request: &str) -> String {
    let mut out = String::from(request);
    out.push('\n');
    out
}

/// The endpoint's path, and the host before it.
fn parts(endpoint: &str) -> (&str, &str) {
    let scheme = endpoint.as_bytes().windows(3).position(|three| three == b"://");
    let rest = scheme.and_then(|at| endpoint.get(at + 3..)).unwrap_or(endpoint);
    let (rest, _) = rest.split_once(['?', '#']).unwrap_or((rest, ""));
    match rest.find('/').and_then(|at| rest.split_at_checked(at)) {
        Some((host, path)) => (host, path),
        None => (rest, "/"),
    }
}

/// Appends the text with every `$name` replaced by the JSON string of its value.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (index, piece) in template.split('$').enumerate() {
        match values.iter().find_map(|(name, value)| Some((value, piece.strip_prefix(name)?))) {
            Some((value, rest)) if index > 0 => {
                json::write_string(&mut out, value);
                out.push_str(rest);
            }
            _ => push(&mut out, &[if index > 0 { "$" } else { "" }, piece]),
        }
    }
    out
}

pub(super) fn rest_event(request: &str, endpoint: &str) -> String {
    let (host, path) = parts(endpoint);
    fill(REST_EVENT, &[("host", host), ("path", path), ("body", request)])
}

pub(super) fn http_event(request: &str, endpoint: &str) -> String {
    let (host, path) = parts(endpoint);
    let mut route = String::from("POST ");
    route.push_str(path);
    fill(HTTP_EVENT, &[("host", host), ("path", path), ("route", &route), ("body", request)])
}

pub(super) fn postman(request: &str, name: &str, endpoint: &str) -> String {
    // Two braces name a variable of Postman's. In JSON they stand side by side only within a string, where one may be written so.
    let mut body = String::new();
    for letter in request.chars() {
        if letter == '{' && body.ends_with('{') {
            body.push_str("\\u007b");
        } else {
            body.push(letter);
        }
    }
    fill(POSTMAN, &[("name", name), ("body", &body), ("endpoint", endpoint)])
}

/// As API Gateway sends it: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>
const REST_EVENT: &str = r#"{
  "resource": $path,
  "path": $path,
  "httpMethod": "POST",
  "headers": {
    "Content-Type": "application/json",
    "Host": $host
  },
  "multiValueHeaders": {
    "Content-Type": ["application/json"],
    "Host": [$host]
  },
  "queryStringParameters": null,
  "multiValueQueryStringParameters": null,
  "pathParameters": null,
  "stageVariables": null,
  "requestContext": {
    "accountId": "123456789012",
    "apiId": "gateleg",
    "httpMethod": "POST",
    "identity": {
      "sourceIp": "127.0.0.1",
      "userAgent": "gateleg"
    },
    "path": $path,
    "protocol": "HTTP/1.1",
    "requestId": "test-event",
    "resourcePath": $path,
    "stage": "test"
  },
  "body": $body,
  "isBase64Encoded": false
}
"#;

/// As API Gateway sends it: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>
const HTTP_EVENT: &str = r#"{
  "version": "2.0",
  "routeKey": $route,
  "rawPath": $path,
  "rawQueryString": "",
  "headers": {
    "content-type": "application/json",
    "host": $host
  },
  "requestContext": {
    "accountId": "123456789012",
    "apiId": "gateleg",
    "domainName": $host,
    "http": {
      "method": "POST",
      "path": $path,
      "protocol": "HTTP/1.1",
      "sourceIp": "127.0.0.1",
      "userAgent": "gateleg"
    },
    "requestId": "test-event",
    "routeKey": $route,
    "stage": "$default"
  },
  "body": $body,
  "isBase64Encoded": false
}
"#;

/// <https://schema.getpostman.com/json/collection/v2.1.0/collection.json>
const POSTMAN: &str = r#"{
  "info": {
    "name": "gateleg",
    "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
  },
  "item": [
    {
      "name": $name,
      "request": {
        "method": "POST",
        "header": [{ "key": "Content-Type", "value": "application/json" }],
        "url": "{{endpoint}}",
        "body": {
          "mode": "raw",
          "raw": $body,
          "options": { "raw": { "language": "json" } }
        }
      }
    }
  ],
  "variable": [{ "key": "endpoint", "value": $endpoint }]
}
"#;
