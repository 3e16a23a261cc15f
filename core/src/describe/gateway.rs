//! What API Gateway needs to know, as an OpenAPI 3.0.1 document with its extensions: a shallow model of the envelope, the
//! Lambda function that answers, and the one error body for what never reaches the function.
//!
//! It is written to be included in a SAM or CloudFormation template (`DefinitionBody` with `Fn::Transform: AWS::Include`), whose
//! function has the logical id [`FUNCTION`]. The template's condition [`KEY_AUTH`] decides who may call, and [`CORS`] whether pages
//! of another origin may; either way the rest is valid OpenAPI.
//!
//! API Gateway's models are JSON Schema draft 4 without `oneOf`, `anyOf`, `allOf` and `additionalProperties`, and its validator
//! answers in its own words: so the model says no more than that a request is an object with an operation, and leaves the rest to
//! the planner.

use alloc::format;
use alloc::string::{String, ToString as _};

use super::build::{Entry, Tree, array, boolean, entry, integer, object, text, with, words};
use super::{openapi, reply};
use crate::error::ErrorType;
use crate::json::Object;
use crate::operation::EnvelopeKey;

/// The logical id of the function in the template that includes this document.
const FUNCTION: &str = "GatelegFunction";

/// The template's condition that callers send an API key; where it does not hold, they sign with AWS credentials.
const KEY_AUTH: &str = "KeyAuth";

/// The template's condition that pages of the origin in its parameter `AllowOrigin` may call.
const CORS: &str = "Cors";

/// The resource, as gateleg's other homes have it and as the tutorial does; API Gateway minds the case.
const PATHS: [&str; 2] = ["dynamodbmanager", "DynamoDBManager"];

/// What a browser asks about before it sends: signatures are headers, and so are keys.
const HEADERS: &str = "'authorization,content-type,x-amz-content-sha256,x-amz-date,x-amz-security-token,x-api-key'";

const ABOUT: &str = "gateleg behind API Gateway. Generated: include it in a template, do not edit it. The full description of \
    requests and replies is docs/openapi.json.";

const JSON: &str = "application/json";

/// What a gateway response is answered with: its type, our error, the message (JSON text; `$context..` is filled in there).
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>
const GATEWAY_RESPONSES: &[(&str, ErrorType, &str)] = &[
    ("ACCESS_DENIED", ErrorType::AccessDeniedException, "$context.error.messageString"),
    ("API_CONFIGURATION_ERROR", ErrorType::InternalServerError, "\"Internal server error\""),
    ("AUTHORIZER_CONFIGURATION_ERROR", ErrorType::InternalServerError, "\"Internal server error\""),
    ("AUTHORIZER_FAILURE", ErrorType::InternalServerError, "\"Internal server error\""),
    ("BAD_REQUEST_BODY", ErrorType::ValidationException, "\"The request must be a JSON object with an operation\""),
    ("BAD_REQUEST_PARAMETERS", ErrorType::ValidationException, "$context.error.messageString"),
    ("DEFAULT_4XX", ErrorType::ValidationException, "$context.error.messageString"),
    ("DEFAULT_5XX", ErrorType::InternalServerError, "\"Internal server error\""),
    ("EXPIRED_TOKEN", ErrorType::AccessDeniedException, "$context.error.messageString"),
    ("INTEGRATION_FAILURE", ErrorType::ServiceUnavailableException, "\"The function did not answer\""),
    ("INTEGRATION_TIMEOUT", ErrorType::TimeoutException, "\"The function did not answer in time\""),
    ("INVALID_API_KEY", ErrorType::AccessDeniedException, "$context.error.messageString"),
    ("INVALID_SIGNATURE", ErrorType::AccessDeniedException, "$context.error.messageString"),
    // It says so of every path and method that it does not know.
    (
        "MISSING_AUTHENTICATION_TOKEN",
        ErrorType::UnknownRouteException,
        "\"There is nothing here, or a signature is missing\"",
    ),
    ("QUOTA_EXCEEDED", ErrorType::ThrottlingException, "$context.error.messageString"),
    ("REQUEST_TOO_LARGE", ErrorType::RequestEntityTooLargeException, "$context.error.messageString"),
    ("RESOURCE_NOT_FOUND", ErrorType::UnknownRouteException, "$context.error.messageString"),
    ("THROTTLED", ErrorType::ThrottlingException, "$context.error.messageString"),
    ("UNAUTHORIZED", ErrorType::MissingAuthenticationTokenException, "$context.error.messageString"),
    ("UNSUPPORTED_MEDIA_TYPE", ErrorType::UnsupportedMediaTypeException, "$context.error.messageString"),
    ("WAF_FILTERED", ErrorType::AccessDeniedException, "$context.error.messageString"),
];

/// The document.
pub(super) fn document() -> Tree {
    let validator = object([("validateRequestBody", boolean(true)), ("validateRequestParameters", boolean(false))]);
    object([
        ("openapi", text("3.0.1")),
        ("info", openapi::info(ABOUT)),
        ("paths", object(PATHS.map(path))),
        ("components", components()),
        ("x-amazon-apigateway-request-validators", object([("body", validator)])),
        ("x-amazon-apigateway-gateway-responses", object(GATEWAY_RESPONSES.iter().map(gateway_response))),
    ])
}

fn path(name: &'static str) -> Entry {
    let preflight = when(CORS, preflight(), nothing());
    entry(format!("/{name}"), object([("post", post(name)), ("options", preflight)]))
}

fn components() -> Tree {
    let header = |name| object([("type", text("apiKey")), ("name", text(name)), ("in", text("header"))]);
    let signature = with(header("Authorization"), [("x-amazon-apigateway-authtype", text("awsSigv4"))]);
    object([
        ("schemas", object([("Request", request()), ("Error", error())])),
        ("securitySchemes", object([("key", header("x-api-key")), ("signature", signature)])),
    ])
}

fn post(name: &'static str) -> Tree {
    let mut responses = alloc::vec![entry("200", response("It was done.".into(), object::<&str>([])))];
    for (status, errors) in reply::statuses() {
        let names: alloc::vec::Vec<&str> = errors.iter().map(|error| error.as_str()).collect();
        responses.push(entry(status.to_string(), response(names.join(", "), reference("Error"))));
    }
    object([
        ("operationId", text(name)),
        ("security", when(KEY_AUTH, scheme("key"), scheme("signature"))),
        (
            "requestBody",
            object([
                ("required", boolean(true)),
                ("content", object([(JSON, object([("schema", reference("Request"))]))])),
            ]),
        ),
        ("responses", object(responses)),
        ("x-amazon-apigateway-request-validator", text("body")),
        ("x-amazon-apigateway-integration", integration()),
    ])
}

/// The whole event goes to the function, and its answer comes back as it is.
fn integration() -> Tree {
    let uri = format!(
        "arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{{FUNCTION}.Arn}}/invocations"
    );
    object([
        ("type", text("aws_proxy")),
        ("httpMethod", text("POST")),
        ("uri", object([("Fn::Sub", text(uri))])),
        ("passthroughBehavior", text("when_no_match")),
        // The most that a REST API waits without a raised quota.
        ("timeoutInMillis", integer(29_000)),
    ])
}

/// A browser's question whether it may send; API Gateway itself answers.
fn preflight() -> Tree {
    let names = ["Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers"];
    let headers = names.map(|name| (name, object([("schema", object([("type", text("string"))]))])));
    let values = [origin(), text("'POST'"), text(HEADERS)];
    let values =
        names.into_iter().zip(values).map(|(name, value)| entry(format!("method.response.header.{name}"), value));
    let answer = object([("statusCode", text("204")), ("responseParameters", object(values))]);
    object([
        (
            "responses",
            object([(
                "204",
                object([("description", text("Pages of that origin may send.")), ("headers", object(headers))]),
            )]),
        ),
        (
            "x-amazon-apigateway-integration",
            object([
                ("type", text("mock")),
                ("requestTemplates", object([(JSON, text("{\"statusCode\":204}"))])),
                ("responses", object([("default", answer)])),
            ]),
        ),
    ])
}

fn origin() -> Tree {
    object([("Fn::Sub", text("'${AllowOrigin}'"))])
}

fn scheme(name: &'static str) -> Tree {
    array([object([(name, array([]))])])
}

/// One of two, as the template decides.
fn when(condition: &'static str, then: Tree, otherwise: Tree) -> Tree {
    object([("Fn::If", array([text(condition), then, otherwise]))])
}

/// What leaves a member out.
fn nothing() -> Tree {
    object([("Ref", text("AWS::NoValue"))])
}

/// No narrower than the planner: what it would answer with a reason must reach it.
fn request() -> Tree {
    let anything = |about: &'static str| object([("description", text(about))]);
    object([
        ("type", text("object")),
        ("title", text("Request")),
        ("required", words([EnvelopeKey::Operation.as_str()])),
        (
            "properties",
            object([
                (EnvelopeKey::Operation.as_str(), object([("type", text("string"))])),
                (EnvelopeKey::TableName.as_str(), anything("A table; echo and ping do not look at it")),
                (EnvelopeKey::Payload.as_str(), anything("The parameters of the operation; for echo, anything")),
                (EnvelopeKey::Options.as_str(), object([("type", text("object"))])),
            ]),
        ),
    ])
}

fn error() -> Tree {
    let string = || object([("type", text("string"))]);
    object([
        ("type", text("object")),
        ("title", text("Error")),
        ("required", words(["__type", "message", "requestId"])),
        (
            "properties",
            object(
                ["__type", "message", "rule", "path", "hint", "storeRequestId", "requestId"]
                    .map(|name| (name, string())),
            ),
        ),
    ])
}

fn reference(name: &str) -> Tree {
    object([("$ref", text(format!("#/components/schemas/{name}")))])
}

fn response(about: String, schema: Tree) -> Tree {
    object([("description", text(about)), ("content", object([(JSON, object([("schema", schema)]))]))])
}

fn gateway_response((name, error, message): &(&'static str, ErrorType, &'static str)) -> Entry {
    let mut body = String::new();
    let mut members = Object::new(&mut body);
    members.string("__type", error.as_str());
    members.member("message").push_str(message);
    members.string("requestId", "$context.requestId");
    members.end();
    let headers = object([("gatewayresponse.header.Access-Control-Allow-Origin", origin())]);
    let response = object([
        ("statusCode", text(error.status().to_string())),
        ("responseParameters", when(CORS, headers, nothing())),
        ("responseTemplates", object([(JSON, text(body))])),
    ]);
    entry(*name, response)
}
