//! The face for a web page: what a request would do, as code, in words and as a policy; texts become texts.
//!
//! `page.mjs` holds the other half. It asks for [`room`], which empties the heap, writes its texts there one after the other, and
//! asks with their lengths; the [`Answer`] is read before the next question. That is all there is to it: a generated boundary
//! for objects would be a tenth of the page. Texts that are JSON stay text: JavaScript's own numbers would lose digits. Nothing
//! here traps on any text: what is refused is answered.

use alloc::boxed::Box;
use alloc::string::String;

use gateleg_core::code::{self, Target};
use gateleg_core::context::Context;
use gateleg_core::error::Error;
use gateleg_core::explain;
use gateleg_core::json::Json;
use gateleg_core::plan::Plan;
use gateleg_core::reply::Reply;

/// Where an answer stands; it stays there until the next question.
#[repr(C)]
pub struct Answer {
    /// Of a preview and of code the HTTP status a host would answer with, otherwise 200.
    status: u32,
    start: *const u8,
    length: usize,
}

impl From<Reply> for Box<Answer> {
    fn from(reply: Reply) -> Self {
        let body = reply.body.leak();
        Box::new(Answer { status: reply.status.into(), start: body.as_ptr(), length: body.len() })
    }
}

impl From<String> for Box<Answer> {
    fn from(text: String) -> Self {
        Reply::success(text).into()
    }
}

/// Room for the texts of a question.
#[unsafe(no_mangle)]
pub extern "C" fn room(length: usize) -> *mut u8 {
    // SAFETY: what was on the heap belongs to earlier questions.
    unsafe { crate::arena::linear::clear() };
    String::with_capacity(length).leak().as_mut_ptr()
}

/// The version of the planner.
#[unsafe(no_mangle)]
pub extern "C" fn version() -> Box<Answer> {
    String::from(env!("CARGO_PKG_VERSION")).into()
}

/// What a request would do, without doing it, whatever its options say: the body of a dry run, or the refusal.
#[unsafe(no_mangle)]
pub extern "C" fn preview(start: *const u8, request: usize, context: usize) -> Box<Answer> {
    // SAFETY: `page.mjs` has written as much.
    let [request, context] = unsafe { texts(start, [request, context]) };
    let reply = match Context::parse(context) {
        Ok(context) => Plan::preview(request.as_bytes(), &context),
        Err(error) => Error::from(error).reply(""),
    };
    reply.into()
}

/// A request as code for another client, as `gateleg plan --as TARGET --endpoint ENDPOINT` writes it: status 200 and the code,
/// or the refusal.
#[unsafe(no_mangle)]
pub extern "C" fn code(
    start: *const u8,
    request: usize,
    context: usize,
    target: usize,
    endpoint: usize,
) -> Box<Answer> {
    // SAFETY: `page.mjs` has written as much.
    let [request, context, target, endpoint] = unsafe { texts(start, [request, context, target, endpoint]) };
    let (id, code) = match Context::parse(context) {
        Ok(context) => {
            let code =
                Target::find(target).and_then(|target| code::write(request.as_bytes(), &context, target, endpoint));
            (context.request_id, code)
        }
        Err(error) => (String::new(), Err(Error::from(error))),
    };
    match code {
        Ok(code) => code.into(),
        Err(error) => error.reply(&id).into(),
    }
}

/// What a request does, costs and needs, as JSON text: `{"words": [..], "cost": {..}, "iam": {..}}`. It is `{}` where there is a
/// refusal, which a preview tells.
#[unsafe(no_mangle)]
pub extern "C" fn explain(start: *const u8, request: usize, context: usize) -> Box<Answer> {
    // SAFETY: `page.mjs` has written as much.
    let [request, context] = unsafe { texts(start, [request, context]) };
    let context = Context::parse(context).ok();
    let explained = context.and_then(|context| explain::explain(request.as_bytes(), &context).ok());
    explained.map_or_else(|| "{}".into(), |explanation| explanation.to_text()).into()
}

/// The least policy for several requests, as JSON text: `{"iam": {..}, "refused": [..]}`, with the places, from 0, of those that
/// are left out because they are refused. `requests` is a JSON array of strings, each the text of a request; any other text is
/// answered with `{}`.
#[unsafe(no_mangle)]
pub extern "C" fn iam(start: *const u8, requests: usize, context: usize) -> Box<Answer> {
    // SAFETY: `page.mjs` has written as much.
    let [requests, context] = unsafe { texts(start, [requests, context]) };
    let (Ok(Json::Array(requests)), Ok(context)) = (Json::parse(requests.as_bytes()), Context::parse(context)) else {
        return String::from("{}").into();
    };
    // What is no string is no request's text either, and refused.
    let texts = requests.iter().map(|request| request.as_str().unwrap_or_default().as_bytes());
    explain::needs(texts, &context).to_text().into()
}

/// The texts of a question, one after the other.
///
/// # Safety
/// From `start` on stand as many bytes as the lengths add up to.
unsafe fn texts<const N: usize>(mut start: *const u8, lengths: [usize; N]) -> [&'static str; N] {
    lengths.map(|length| {
        // SAFETY: as the caller's.
        unsafe {
            let text = core::slice::from_raw_parts(start, length);
            start = start.add(length);
            // JavaScript's encoder writes nothing but UTF-8.
            core::str::from_utf8(text).unwrap_or_default()
        }
    })
}
