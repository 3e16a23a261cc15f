//! The corpus becomes JSON lines, one per case, for homes that are driven from another language.
//!
//! `{"file", "case", "request": base64, "context": text, "script": [..]}`; the script is what to expect of `open`, and then,
//! in turn, an event and what to expect of it:
//! `{"expect": {"send": [{"ticket", "attempt", "command": text}]}}`, `{"expect": {"wait": true}}`,
//! `{"expect": {"done": {"status", "headers": [[name, value]], "error": [type, message] or null, "body": base64}}}`,
//! `{"expect": {"misuse": text}}`, `{"receive": {"ticket", "outcome": text}}`, `{"expire": true}`.
//!
//! And what a page is answered, which knows of no context: `"preview": [status, body]`, `"code": {target: [status, body]}`, `"explain": text`, `{}` for what is
//! refused, and `"iam": text` for the request alone.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gateleg_core::code::{self, Target};
use gateleg_core::context::Context;
use gateleg_core::explain;
use gateleg_core::json::{self, Object};
use gateleg_core::plan::Plan;
use gateleg_core::reply::Reply;
use gateleg_core::transcript::{self, Event, Home as _, Native, Told};

fn main() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");
    let mut paths: Vec<_> =
        fs::read_dir(folder).expect("the corpus").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a transcript");
        for case in transcript::cases(&text).expect("a transcript") {
            let mut line = String::new();
            let mut object = Object::new(&mut line);
            object.string("file", &file);
            object.string("case", &case.name);
            object.string("request", &STANDARD.encode(&case.request));
            object.string("context", &case.context);
            let mut home = Native::default();
            let mut script = vec![expectation(home.open(&case.request, &case.context))];
            for event in &case.events {
                script.push(describe(event));
                script.push(expectation(event.happen(&mut home)));
            }
            json::write_array(object.member("script"), script, |out, entry| out.push_str(&entry));
            told_a_page(&mut object, &case.request);
            object.end();
            println!("{line}");
        }
    }
}

fn told_a_page(object: &mut Object<'_>, request: &[u8]) {
    let context = Context::default();
    answer(object.member("preview"), &Plan::preview(request, &context));
    let mut code = Object::new(object.member("code"));
    for target in Target::ALL {
        let written = code::write(request, &context, *target, code::ENDPOINT);
        let reply = written.map_or_else(|error| error.reply(""), Reply::success);
        answer(code.member(target.as_str()), &reply);
    }
    code.end();
    object.string("explain", &explain::explain(request, &context).map_or("{}".into(), |said| said.to_text()));
    object.string("iam", &explain::needs([request], &context).to_text());
}

fn answer(out: &mut String, reply: &Reply) {
    json::write_array(out, [true, false], |out, is_status| {
        if is_status {
            json::write_integer(out, reply.status);
        } else {
            json::write_string(out, reply.text());
        }
    });
}

fn describe(event: &Event) -> String {
    let mut out = String::new();
    let mut object = Object::new(&mut out);
    match event {
        Event::Receive(ticket, outcome) => {
            let mut receive = Object::new(object.member("receive"));
            json::write_integer(receive.member("ticket"), *ticket);
            receive.string("outcome", outcome);
            receive.end();
        }
        Event::Expire => json::write_bool(object.member("expire"), true),
    }
    object.end();
    out
}

fn expectation(told: Result<Told, String>) -> String {
    let mut out = String::new();
    let mut object = Object::new(&mut out);
    let mut expect = Object::new(object.member("expect"));
    match told {
        Ok(Told::Send(dispatches)) => {
            json::write_array(expect.member("send"), dispatches, |out, (ticket, attempt, command)| {
                let mut dispatch = Object::new(out);
                json::write_integer(dispatch.member("ticket"), ticket);
                json::write_integer(dispatch.member("attempt"), attempt);
                dispatch.string("command", &command);
                dispatch.end();
            });
        }
        Ok(Told::Wait) => json::write_bool(expect.member("wait"), true),
        Ok(Told::Done(reply)) => done(expect.member("done"), &reply),
        Err(misuse) => expect.string("misuse", &misuse),
    }
    expect.end();
    object.end();
    out
}

fn done(out: &mut String, reply: &Reply) {
    let mut object = Object::new(out);
    json::write_integer(object.member("status"), reply.status);
    json::write_array(object.member("headers"), &reply.headers, |out, (name, value)| {
        json::write_array(out, [name, value], |out, text| json::write_string(out, text));
    });
    match &reply.error {
        Some((error_type, message)) => json::write_array(object.member("error"), [error_type, message], |out, text| {
            json::write_string(out, text);
        }),
        None => object.member("error").push_str("null"),
    }
    object.string("body", &STANDARD.encode(&reply.body));
    object.end();
}
