//! The face for a web page: what a request would do, as code, in words and as a policy; texts become one text.
//!
//! wasm-bindgen writes the other half. Everything here takes texts and returns one text of its own: no object outlives a question,
//! which is why [`forget`] may empty the heap before the next. Texts that are JSON stay text: JavaScript's own numbers would
//! lose digits. A page knows nothing of tables, and the host that it sends a request to has a policy of its own: every context is the
//! empty one, and core's feature `anyone` leaves out what would need another. Nothing here traps on any text: what is refused is answered.

use alloc::string::{String, ToString as _};

use gateleg_core::code::{self, Target};
use gateleg_core::context::Context;
use gateleg_core::explain;
use gateleg_core::json::Json;
use gateleg_core::plan::Plan;
use gateleg_core::reply::Reply;
use wasm_bindgen::prelude::*;

/// Empties the heap. To be called before each question: nothing else gives memory back.
#[wasm_bindgen]
#[expect(unsafe_code, reason = "nothing of an earlier question is used again")]
pub fn forget() {
    // SAFETY: JavaScript runs one call at a time, so none is under way. It has copied every answer into a string of its own by the
    // time it has it, and writes a question's texts after this. Neither core, nor this file, nor wasm-bindgen's half (which has a
    // table on the heap only for JavaScript's objects, and none crosses) keeps anything from one call to the next.
    unsafe { crate::arena::linear::clear() };
}

/// The version of the planner.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").into()
}

/// What a request would do, without doing it, whatever its options say: a line with the HTTP status, and then the body of a dry run,
/// or the refusal.
#[wasm_bindgen]
pub fn preview(request: &str) -> String {
    told(&Plan::preview(request.as_bytes(), &Context::default()))
}

/// A request as code for another client, as `gateleg plan --as TARGET --endpoint ENDPOINT` writes it: a line with the status 200 and
/// then the code, or a line with another HTTP status and then the refusal.
#[wasm_bindgen]
pub fn code(request: &str, target: &str, endpoint: &str) -> String {
    let target = Target::find(target);
    let code = target.and_then(|target| code::write(request.as_bytes(), &Context::default(), target, endpoint));
    told(&code.map_or_else(|error| error.reply(""), Reply::success))
}

/// What a request does, costs and needs, as JSON text: `{"words": [..], "cost": {..}, "iam": {..}}`. It is `{}` where there is a
/// refusal, which a preview tells.
#[wasm_bindgen]
pub fn explain(request: &str) -> String {
    let explained = explain::explain(request.as_bytes(), &Context::default());
    explained.map_or_else(|_| "{}".into(), |explanation| explanation.to_text())
}

/// The least policy for several requests, as JSON text: `{"iam": {..}, "refused": [..]}`, with the places, from 0, of those that
/// are left out because they are refused. `requests` is a JSON array of strings, each the text of a request; any other text is
/// answered with `{}`.
#[wasm_bindgen]
pub fn iam(requests: &str) -> String {
    let Ok(Json::Array(requests)) = Json::parse(requests.as_bytes()) else { return "{}".into() };
    // What is no string is no request's text either, and refused.
    let texts = requests.iter().map(|request| request.as_str().unwrap_or_default().as_bytes());
    explain::needs(texts, &Context::default()).to_text()
}

/// A reply as one text: its status, and from the second line on its body.
fn told(reply: &Reply) -> String {
    let mut text = reply.status.to_string();
    text.push('\n');
    text.push_str(reply.text());
    text
}
