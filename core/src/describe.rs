//! The tables become descriptions of the API: [`Document`] is a JSON Schema of a request, an OpenAPI document of all that is
//! sent and answered, an OpenAPI document that API Gateway can import, and the words that an editor offers.
//!
//! Nothing about the API is written here a second time: operations and options come from [`crate::operation`], parameters
//! from [`crate::shape`], results from [`crate::output`], errors from [`crate::error`]. What is added is what a table of
//! kinds cannot say: the form of a placeholder, say, and what each name means ([`meaning`]). A description never refuses what a planner accepts; the other way
//! round it is lenient, because a schema cannot read expressions, compare two members, or count the size of an item.
//!
//! The files in the repository, and serving the document, are left to others: `UPDATE=1 cargo test -p gateleg-core --test
//! describe` rewrites the files.

use alloc::string::String;

use crate::json::Json;
use crate::transcript::spread;

mod build;
mod gateway;
pub mod meaning;
mod openapi;
mod reply;
mod request;
mod schema;
mod vocabulary;

pub use openapi::EXAMPLES;

/// A description of the API.
///
/// ```
/// use gateleg_core::describe::Document;
/// assert!(Document::OpenApi.to_text().starts_with(r#"{"openapi":"3.1.0","info":{"title":"gateleg""#));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// JSON Schema, draft 2020-12, of one request.
    RequestSchema,
    /// OpenAPI 3.1 of the host: requests, replies, errors.
    OpenApi,
    /// OpenAPI 3.0.1 as API Gateway imports it: the envelope of a request, and who answers.
    ApiGateway,
    /// What the playground's editor offers and explains.
    Vocabulary,
}

impl Document {
    /// Every document there is.
    pub const ALL: &'static [Document] =
        &[Document::RequestSchema, Document::OpenApi, Document::ApiGateway, Document::Vocabulary];

    /// Where the repository keeps it.
    pub fn path(self) -> &'static str {
        match self {
            Document::RequestSchema => "docs/request.schema.json",
            Document::OpenApi => "docs/openapi.json",
            Document::ApiGateway => "lambda/deploy/openapi-aws.json",
            Document::Vocabulary => "wasm/playground/src/lib/vocabulary.json",
        }
    }

    /// The document.
    pub fn to_json(self) -> Json<'static> {
        match self {
            Document::RequestSchema => request::document(),
            Document::OpenApi => openapi::document(),
            Document::ApiGateway => gateway::document(),
            Document::Vocabulary => vocabulary::document(),
        }
    }

    /// Compact JSON text, for a program.
    pub fn to_text(self) -> String {
        self.to_json().to_text()
    }

    /// JSON text over several lines, for a person; it ends with a line break.
    ///
    /// ```
    /// use gateleg_core::describe::Document;
    /// assert!(Document::ApiGateway.to_pretty().starts_with("{\n  \"openapi\": \"3.0.1\",\n"));
    /// ```
    pub fn to_pretty(self) -> String {
        let mut out = String::new();
        spread(&mut out, &self.to_json(), 0);
        out.push('\n');
        out
    }
}
