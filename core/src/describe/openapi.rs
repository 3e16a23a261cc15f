//! What the host answers, as an OpenAPI 3.1 document; its schemas are left to the modules beside this one.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::build::{Entry, Tree, array, entry, object, text, with, words};
use super::schema::{Definitions, string};
use super::{meaning, reply, request};
use crate::error::ErrorType;
use crate::json::Json;

/// Requests to begin with: a name and the request. Each is a case of the corpus.
pub const EXAMPLES: &[(&str, &str)] = &[
    (
        "create",
        r#"{"operation": "create", "tableName": "lambda-apigateway", "payload": {"Item": {"id": "1234ABCD", "number": 5}}}"#,
    ),
    ("read", r#"{"operation": "read", "tableName": "lambda-apigateway", "payload": {"Key": {"id": "1234ABCD"}}}"#),
    ("list", r#"{"operation": "list", "tableName": "lambda-apigateway"}"#),
    ("ping", r#"{"operation": "ping"}"#),
];

const ABOUT: &str = "One request protocol in front of DynamoDB tables. The payload of a request holds the parameters of the \
    DynamoDB API, with attribute values written as plain JSON; the reply holds what DynamoDB returns.";

const JSON: &str = "application/json";

/// The document.
pub(super) fn document() -> Tree {
    let mut definitions = Definitions::new("#/components/schemas/");
    let paths = object([
        ("/dynamodbmanager", object([("post", manager(&mut definitions))])),
        ("/healthz", object([("get", health(&mut definitions))])),
        ("/openapi.json", object([("get", this_document(&mut definitions))])),
    ]);
    object([
        ("openapi", text("3.1.0")),
        ("info", info(ABOUT)),
        ("servers", array([object([("url", text("/"))])])),
        ("security", array([object([("bearer", array([]))]), Json::Object(Vec::new())])),
        ("paths", paths),
        (
            "components",
            object([
                ("schemas", definitions.into_tree()),
                (
                    "securitySchemes",
                    object([(
                        "bearer",
                        object([
                            ("type", text("http")),
                            ("scheme", text("bearer")),
                            (
                                "description",
                                text(
                                    "The token that the server was started with. On loopback none is needed unless one was given.",
                                ),
                            ),
                        ]),
                    )]),
                ),
            ]),
        ),
    ])
}

/// The title and the version of this crate.
pub(super) fn info(about: &'static str) -> Tree {
    object([
        ("title", text("gateleg")),
        ("version", text(env!("CARGO_PKG_VERSION"))),
        ("description", text(about)),
        ("license", object([("name", text(env!("CARGO_PKG_LICENSE")))])),
    ])
}

fn manager(definitions: &mut Definitions) -> Tree {
    let examples: Vec<Entry> = EXAMPLES
        .iter()
        .filter_map(|(name, request)| {
            let value = Json::parse(request.as_bytes()).ok()?;
            Some(entry(*name, object([("value", value)])))
        })
        .collect();
    let request = request::reference(definitions);
    let content = object([(JSON, object([("schema", request), ("examples", object(examples))]))]);
    let mut responses = alloc::vec![entry("200", answer("It was done.", reply::success(definitions)))];
    for (status, errors) in reply::statuses() {
        responses.push(refusal(definitions, status, &errors));
    }
    object([
        ("operationId", text("dynamodbmanager")),
        ("summary", text("Carry out one operation")),
        ("description", text("Also answered at /DynamoDBManager, and behind the name of a stage as in API Gateway.")),
        ("requestBody", object([("required", Json::Bool(true)), ("content", content)])),
        ("responses", object(responses)),
    ])
}

fn health(definitions: &mut Definitions) -> Tree {
    let responses = [
        entry("200", answer("The server is up.", reply::status_word("ok"))),
        refusal(
            definitions,
            ErrorType::MisdirectedRequestException.status(),
            &[ErrorType::MisdirectedRequestException],
        ),
    ];
    object([
        ("operationId", text("healthz")),
        ("summary", text("Whether the server is up")),
        ("security", array([])),
        ("responses", object(responses)),
    ])
}

fn this_document(definitions: &mut Definitions) -> Tree {
    let document = object([
        ("type", text("object")),
        ("properties", object([("openapi", string(1, usize::MAX))])),
        ("required", words(["openapi", "info", "paths"])),
    ]);
    let mut responses = alloc::vec![entry("200", answer("This document.", document))];
    for error in [ErrorType::MissingAuthenticationTokenException, ErrorType::MisdirectedRequestException] {
        responses.push(refusal(definitions, error.status(), &[error]));
    }
    object([("operationId", text("openapi")), ("summary", text("This document")), ("responses", object(responses))])
}

fn refusal(definitions: &mut Definitions, status: u16, errors: &[ErrorType]) -> Entry {
    let schema = reply::error(definitions, errors);
    let mut headers = alloc::vec![id_header()];
    match status {
        401 => headers.push(("www-authenticate", header("The scheme that is asked for: Bearer."))),
        429 | 503 => headers.push(("retry-after", header("How many seconds to wait before sending it again."))),
        _ => {}
    }
    let response = object([
        ("description", text(errors.iter().map(about).collect::<Vec<_>>().join("\n"))),
        ("headers", object(headers)),
        ("content", object([(JSON, object([("schema", schema)]))])),
    ]);
    entry(status.to_string(), response)
}

fn about(error: &ErrorType) -> String {
    format!("{}: {}", error.as_str(), meaning::of_error(*error))
}

fn answer(about: &'static str, schema: Tree) -> Tree {
    object([
        ("description", text(about)),
        ("headers", object([id_header()])),
        ("content", object([(JSON, object([("schema", schema)]))])),
    ])
}

fn id_header() -> (&'static str, Tree) {
    ("x-amzn-requestid", with(header("The request's id."), [("required", Json::Bool(true))]))
}

fn header(about: &'static str) -> Tree {
    object([("description", text(about)), ("schema", object([("type", text("string"))]))])
}
