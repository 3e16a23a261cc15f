//! The calls of a request become Python on boto3's client, whose values are typed as the wire's.

use alloc::string::{String, ToString as _};

use super::form::Form;
use super::literal::{Dialect, PYTHON};
use super::{Job, push, split};
use crate::shape::Name;
use crate::tree::Structure;

pub(super) fn write(job: &Job) -> String {
    let mut out = String::from("# pip install boto3\n");
    job.notes(&mut out, "# ");
    out.push_str(if job.is_batch() { "import time\n\nimport boto3\n" } else { "import boto3\n" });
    out.push_str("\nclient = boto3.client(\"dynamodb\")\n");
    let mut method = String::new();
    split(&mut method, job.api.as_str(), '_');
    if job.is_batch() {
        batch(job, &method, &mut out);
        return out;
    }
    for input in job.input() {
        if job.follow {
            push(&mut out, &["paginator = client.get_paginator(\"", &method, "\")\n"]);
            let most = job.max_items.map(|most| {
                let mut label = String::from("{\"MaxItems\": ");
                push(&mut label, &[&most.to_string(), "}"]);
                Form::pair("PaginationConfig=", Form::Atom(label))
            });
            PYTHON.write(&mut out, &call("pages = paginator.paginate(", input, most), 0);
            out.push_str("\nfor page in pages:\n    print(page)\n");
        } else {
            let mut open = String::from("response = client.");
            push(&mut open, &[&method, "("]);
            PYTHON.write(&mut out, &call(&open, input, None), 0);
            out.push_str("\nprint(response)\n");
        }
    }
    out
}

fn call(open: &str, input: &Structure, more: Option<Form>) -> Form {
    let parameters = input.iter().map(|(name, node)| {
        let mut label = String::from(name.as_str());
        label.push('=');
        Form::pair(label, Dialect::Python.node(node))
    });
    Form::group(open, parameters.chain(more), ")")
}

/// Sends each call, and what it leaves over until nothing is.
fn batch(job: &Job, method: &str, out: &mut String) {
    let requests = job.calls.iter().map(|input| Dialect::Python.structure(input));
    PYTHON.write(out, &Form::group("requests = [", requests, "]"), 0);
    let items = Name::RequestItems.as_str();
    push(out, &["\nfor request in requests:\n    while request[\"", items, "\"]:\n"]);
    push(out, &["        response = client.", method, "(**request)\n        print(response)\n"]);
    push(out, &["        request[\"", items, "\"] = response[\"", job.leftover().as_str(), "\"]\n"]);
    out.push_str("        time.sleep(0.1)\n");
}
