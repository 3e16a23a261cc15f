//! The server describes itself at `/openapi.json`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{Folder, Host};
use gateleg_core::describe::Document;
use gateleg_core::json::Json;

const PATH: &str = "/openapi.json";

#[test]
fn the_document_is_that_of_the_repository() {
    let folder = Folder::new();
    let host = Host::start(&folder, &[]);
    let answer = host.get(PATH);
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    assert_eq!(answer.body, Document::OpenApi.to_text());
    let kept = include_str!("../../docs/openapi.json");
    assert_eq!(Json::parse(kept.as_bytes()).unwrap().to_text(), answer.body);
}

#[test]
fn only_reading_is_allowed() {
    let folder = Folder::new();
    let host = Host::start(&folder, &[]);
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let answer = host.request(method, PATH, &[("content-type", "application/json")], b"{}");
        assert_eq!((answer.status, answer.error_type()), (405, "MethodNotAllowedException"), "{method}");
        assert_eq!(answer.header("allow"), Some("GET, HEAD"));
    }
}

#[test]
fn a_stranger_needs_the_token_and_the_right_name() {
    let folder = Folder::new();
    let file = folder.file("token", "sesame\n");
    let host = Host::start(&folder, &["--token-file", &file]);
    for (headers, status, error) in [
        (vec![], 401, "MissingAuthenticationTokenException"),
        (vec![("authorization", "Bearer wrong")], 401, "MissingAuthenticationTokenException"),
        (vec![("authorization", "Bearer sesame")], 200, "none"),
        (vec![("host", "elsewhere.example")], 421, "MisdirectedRequestException"),
    ] {
        let answer = host.request("GET", PATH, &headers, b"");
        assert_eq!((answer.status, answer.error_type()), (status, error), "{headers:?}");
    }
    assert_eq!(host.get("/healthz").status, 200);
}
