//! The calls of a request become JavaScript on the AWS SDK v3's client for DynamoDB.

use alloc::string::{String, ToString as _};

use super::form::Form;
use super::literal::{Dialect, JAVASCRIPT};
use super::{Job, push};
use crate::shape::Name;

pub(super) fn write(job: &Job) -> String {
    let api = job.api.as_str();
    let mut out = String::from("// npm install @aws-sdk/client-dynamodb\n");
    job.notes(&mut out, "// ");
    let [before, after] = if job.follow { ["paginate", ""] } else { ["", "Command"] };
    push(&mut out, &["import { DynamoDBClient, ", before, api, after, " } from \"@aws-sdk/client-dynamodb\";\n\n"]);
    out.push_str("const client = new DynamoDBClient({});\n");
    if job.is_batch() {
        batch(job, &mut out);
        return out;
    }
    for input in job.input() {
        let input = Dialect::JavaScript.structure(input);
        if job.follow {
            out.push_str("const input = ");
            JAVASCRIPT.write(&mut out, &input, 0);
            out.push_str(";\n");
            let most = job.max_items.map(|most| most.to_string());
            out.push_str(if most.is_some() { "let count = 0;\n" } else { "" });
            push(&mut out, &["for await (const page of paginate", api, "({ client }, input)) {\n"]);
            out.push_str("  console.dir(page, { depth: null });\n");
            if let Some(most) = most {
                push(&mut out, &["  count += page.Count;\n  if (count >= ", &most, ") break;\n"]);
            }
            out.push_str("}\n");
        } else {
            push(&mut out, &["const command = new ", api, "Command("]);
            JAVASCRIPT.write(&mut out, &input, 0);
            out.push_str(");\nconsole.dir(await client.send(command), { depth: null });\n");
        }
    }
    out
}

/// Sends each call, and what it leaves over until nothing is.
fn batch(job: &Job, out: &mut String) {
    out.push_str("const inputs = ");
    let inputs = job.calls.iter().map(|input| Dialect::JavaScript.structure(input));
    JAVASCRIPT.write(out, &Form::group("[", inputs, "]"), 0);
    out.push_str(";\nfor (const input of inputs) {\n");
    let items = Name::RequestItems.as_str();
    push(out, &["  while (Object.keys(input.", items, ").length > 0) {\n"]);
    push(out, &["    const response = await client.send(new ", job.api.as_str(), "Command(input));\n"]);
    out.push_str("    console.dir(response, { depth: null });\n");
    push(out, &["    input.", items, " = response.", job.leftover().as_str(), " ?? {};\n"]);
    out.push_str("    await new Promise((done) => setTimeout(done, 100));\n  }\n}\n");
}
