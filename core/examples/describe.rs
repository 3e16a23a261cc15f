//! A description of the API, on standard output: `cargo run --package gateleg-core --example describe -- docs/openapi.json`.
//!
//! `requests` in place of a path prints the examples of the OpenAPI document, one request a line.

use std::process::ExitCode;

use gateleg_core::describe::{Document, EXAMPLES};

fn main() -> ExitCode {
    let asked = std::env::args().nth(1).unwrap_or_default();
    if let Some(document) = Document::ALL.iter().find(|document| document.path() == asked) {
        print!("{}", document.to_pretty());
        return ExitCode::SUCCESS;
    }
    if asked == "requests" {
        for (_, request) in EXAMPLES {
            println!("{request}");
        }
        return ExitCode::SUCCESS;
    }
    let known: Vec<&str> = Document::ALL.iter().map(|document| document.path()).collect();
    eprintln!("expected one of {}, requests, but found `{asked}`", known.join(", "));
    ExitCode::from(2)
}
