//! The descriptions in the repository are what the tables say today, and keep to what their readers can read.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use gateleg_core::command::Api;
use gateleg_core::context::Context;
use gateleg_core::describe::{Document, EXAMPLES};
use gateleg_core::json::Json;
use gateleg_core::operation::OPERATIONS;
use gateleg_core::plan::Plan;
use gateleg_core::rule::Rule;
use gateleg_core::shape::{Kind, Name, Shape};
use gateleg_core::transcript;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Every object in the tree, with its members.
fn visit<'j>(json: &'j Json<'_>, see: &mut impl FnMut(&'j str, &'j Json<'_>)) {
    match json {
        Json::Object(members) => members.iter().for_each(|(name, value)| {
            see(name, value);
            visit(value, see);
        }),
        Json::Array(items) => items.iter().for_each(|item| visit(item, see)),
        _ => {}
    }
}

#[test]
fn the_files_are_what_the_tables_say() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut stale = Vec::new();
    for document in Document::ALL {
        let path = root().join(document.path());
        let text = document.to_pretty();
        if fs::read_to_string(&path).is_ok_and(|kept| kept == text) {
            continue;
        }
        if update {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &text).unwrap();
        } else {
            stale.push(document.path());
        }
    }
    assert!(stale.is_empty(), "UPDATE=1 rewrites these: {}", stale.join(", "));
}

#[test]
fn both_texts_of_a_document_say_the_same() {
    for document in Document::ALL {
        let pretty = document.to_pretty();
        assert_eq!(Json::parse(pretty.as_bytes()).unwrap().to_text(), document.to_text());
    }
}

#[test]
fn every_reference_leads_somewhere() {
    for document in Document::ALL {
        let json = document.to_json();
        visit(&json, &mut |name, value| {
            if name == "$ref" {
                let target = value.as_str().unwrap().strip_prefix("#/").unwrap();
                let found = target.split('/').try_fold(&json, |inner, key| inner.get(key));
                assert!(found.is_some_and(|found| *found != Json::Null), "{}: {target}", document.path());
            }
        });
    }
}

/// Every parameter of that shape and of the shapes inside it.
fn parameters(shape: &'static Shape, names: &mut BTreeSet<Name>) {
    fn inside(kind: &'static Kind, names: &mut BTreeSet<Name>) {
        match kind {
            Kind::List { of, .. } | Kind::Map(of) | Kind::Tables(of) => inside(of, names),
            Kind::Structure(shape) => parameters(shape, names),
            _ => {}
        }
    }
    for member in shape.members {
        names.insert(member.name);
        inside(&member.kind, names);
    }
}

#[test]
fn every_operation_option_and_parameter_is_described() {
    for document in [Document::RequestSchema, Document::OpenApi] {
        let json = document.to_json();
        let mut names = BTreeSet::new();
        let mut constants = BTreeSet::new();
        visit(&json, &mut |name, value| {
            names.insert(name);
            if name == "const" {
                constants.extend(value.as_str());
            }
        });
        for row in &OPERATIONS {
            assert!(constants.contains(row.name.as_str()), "{}", row.name.as_str());
            for option in row.options {
                assert!(names.contains(option.as_str()), "{}", option.as_str());
            }
            let mut wanted = BTreeSet::new();
            if let Some(call) = &row.call {
                parameters(call.api.input(), &mut wanted);
            }
            for name in wanted {
                assert!(names.contains(name.as_str()), "{}", name.as_str());
            }
        }
    }
}

/// Every shape that can be met from that one, by name.
fn shapes(shape: &'static Shape, found: &mut BTreeMap<&'static str, &'static Shape>) {
    fn inside(kind: &'static Kind, found: &mut BTreeMap<&'static str, &'static Shape>) {
        match kind {
            Kind::List { of, .. } | Kind::Map(of) | Kind::Tables(of) => inside(of, found),
            Kind::Structure(shape) => shapes(shape, found),
            _ => {}
        }
    }
    let known = found.insert(shape.name, shape);
    assert!(known.is_none_or(|known| std::ptr::eq(known, shape)), "{} is two shapes", shape.name);
    shape.members.iter().for_each(|member| inside(&member.kind, found));
}

#[test]
fn no_two_definitions_want_one_name() {
    let mut found = BTreeMap::new();
    for api in Api::ALL {
        shapes(api.input(), &mut found);
        shapes(api.output(), &mut found);
    }
    let ours =
        ["Attribute", "Error", "Patch", "ReplyTo", "RequestTo", "ResponseMetadata", "Rule", "TableName", "DryRunReply"];
    for name in found.keys() {
        assert!(
            *name != "Request" && ours.iter().all(|known| !name.starts_with(known) || *name == "AttributeValueUpdate"),
            "{name}"
        );
    }
}

#[test]
fn every_rule_is_described() {
    let json = Document::OpenApi.to_json();
    let mut constants = BTreeSet::new();
    visit(&json, &mut |name, value| {
        if name == "const" {
            constants.extend(value.as_str());
        }
    });
    for rule in Rule::ALL {
        assert!(constants.contains(rule.id()), "{}", rule.id());
    }
}

/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>
#[test]
fn api_gateway_gets_only_words_that_it_knows() {
    let json = Document::ApiGateway.to_json();
    let models = json.get("components").and_then(|components| components.get("schemas")).unwrap();
    visit(models, &mut |name, _| {
        for word in
            ["oneOf", "anyOf", "allOf", "not", "additionalProperties", "const", "examples", "discriminator", "nullable"]
        {
            assert_ne!(name, word);
        }
    });
    visit(models, &mut |name, value| {
        assert!(name != "type" || value.as_str().is_some(), "one type, not several");
    });
    let Json::Object(models) = models else { panic!("models by name") };
    for (name, _) in models {
        assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{name}");
    }
    let responses = json.get("x-amazon-apigateway-gateway-responses").unwrap();
    let mut templates = 0;
    visit(responses, &mut |name, value| {
        if name == "application/json" {
            templates += 1;
            let filled = value.as_str().unwrap().replace("$context.error.messageString", "\"why\"");
            assert!(Json::parse(filled.as_bytes()).is_ok(), "{filled}");
        }
    });
    assert!(templates >= 20);
}

#[test]
fn the_examples_are_cases_of_the_corpus_that_are_accepted() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut requests = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        for case in transcript::cases(&text).unwrap() {
            if let Ok(request) = Json::parse(&case.request) {
                requests.insert(request.to_text());
            }
        }
    }
    for (name, request) in EXAMPLES {
        let json = Json::parse(request.as_bytes()).unwrap();
        assert!(requests.contains(&json.to_text()), "{name} is no case of the corpus");
        let reply = Plan::preview(request.as_bytes(), &Context::default());
        assert_eq!(reply.status, 200, "{name}: {}", reply.text());
    }
}

#[test]
fn what_the_schema_is_to_refuse_is_refused_by_the_planner() {
    let list = root().join("xtask/describe/refused.jsonl");
    let list = fs::read_to_string(list).unwrap();
    assert!(list.lines().count() >= 40);
    for request in list.lines() {
        let reply = Plan::preview(request.as_bytes(), &Context::default());
        assert!((400..500).contains(&reply.status), "{request}\n{}", reply.text());
    }
}
