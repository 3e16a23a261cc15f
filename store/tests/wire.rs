//! Every parameter of every API reaches the wire, and every member of every output comes back from it: both are made from the
//! shapes, so a member that somebody adds there and forgets in the store is found here.
#![allow(clippy::panic, reason = "a test fails by it")]

mod common;

use std::sync::Arc;

use gateleg_core::attribute::AttributeValue;
use gateleg_core::command::{Api, Command};
use gateleg_core::number::Number;
use gateleg_core::shape::{Kind, Name, Shape};
use gateleg_core::tree::{Node, Structure};
use gateleg_store::Store;

use common::canned::{Answer, Canned};
use common::{TIMEOUTS, dynamodb, sorted, target, wire, wire_dynamodb};

#[tokio::test]
async fn every_parameter_reaches_the_wire() {
    for &api in Api::ALL {
        let server = Canned::start([Answer::Body(200, "{}".into())]).await;
        let command = Command { api, input: Filler::default().structure(api.input()) };
        let text = command.to_text();
        let stores = stores(&server.endpoint).await;
        for store in &stores {
            let outcome = store.execute(command.clone()).await;
            assert!(outcome.result.is_ok(), "{}: {outcome:?}", api.as_str());
        }
        let seen = server.seen();
        assert_eq!(seen.len(), stores.len());
        for request in seen {
            assert_eq!(request.target, target(api));
            let sent = format!(r#"{{"{}":{}}}"#, api.as_str(), request.body);
            assert_eq!(sorted(&sent), sorted(&text), "{}", api.as_str());
        }
    }
}

#[tokio::test]
async fn every_member_of_an_output_comes_back() {
    for &api in Api::ALL {
        let mut output = Filler::default().structure(api.output());
        let server = Canned::start([Answer::Body(200, wire(&output))]).await;
        output.sort();
        for (request_id, store) in ["r-1", "r-2"].into_iter().zip(stores(&server.endpoint).await) {
            let mut outcome = store.execute(minimal(api)).await;
            outcome.sort();
            assert_eq!(outcome.request_id.as_deref(), Some(request_id));
            assert_eq!(outcome.retry_attempts, 0);
            let found = outcome.result.unwrap_or_else(|error| panic!("{}: {error:?}", api.as_str()));
            // As text first, because that is what a person can compare.
            assert_eq!(wire(&found), wire(&output), "{}", api.as_str());
            assert_eq!(found, output, "{}", api.as_str());
        }
    }
}

#[tokio::test]
async fn an_empty_output_comes_back_empty_but_for_the_counts_of_the_typed_client() {
    for &api in Api::ALL {
        let server = Canned::start([Answer::Body(200, "{}".into())]).await;
        let typed = if matches!(api, Api::Scan | Api::Query) { r#"{"Count":0,"ScannedCount":0}"# } else { "{}" };
        for (expected, store) in [typed, "{}"].into_iter().zip(stores(&server.endpoint).await) {
            let outcome = store.execute(minimal(api)).await;
            let found = outcome.result.unwrap_or_else(|error| panic!("{}: {error:?}", api.as_str()));
            assert_eq!(wire(&found), expected, "{}", api.as_str());
        }
    }
}

/// With the typed client, and without.
async fn stores(endpoint: &str) -> [Arc<dyn Store>; 2] {
    [Arc::new(dynamodb(endpoint)), Arc::new(wire_dynamodb(endpoint, TIMEOUTS).await)]
}

/// A command with what the SDK itself insists on.
fn minimal(api: Api) -> Command {
    let mut input = Structure::new(api.input());
    for member in api.input().members.iter().filter(|member| member.required) {
        input.set(member.name, Filler::default().node(&member.kind));
    }
    Command { api, input }
}

/// Makes values for every member of a shape, no two alike, so that members that are swapped are seen too.
#[derive(Default)]
struct Filler {
    next: i64,
}

impl Filler {
    fn structure(&mut self, shape: &'static Shape) -> Structure {
        let mut structure = Structure::new(shape);
        for member in shape.members {
            structure.set(member.name, self.node(&member.kind));
        }
        let names: Vec<Name> = structure.iter().map(|(name, _)| name).collect();
        assert_eq!(names, shape.members.iter().map(|member| member.name).collect::<Vec<_>>());
        structure
    }

    fn node(&mut self, kind: &'static Kind) -> Node {
        match kind {
            Kind::Text { .. } | Kind::Expression | Kind::TableName | Kind::IndexName => Node::Text(self.text()),
            Kind::Boolean => Node::Boolean(true),
            Kind::Integer { .. } => Node::Integer(self.number()),
            Kind::Decimal => Node::Decimal(format!("{}.5", self.number())),
            Kind::Enum(words) => Node::Text(words.last().copied().unwrap_or_default().into()),
            Kind::Attributes => {
                Node::Attributes(vec![(self.text(), self.value()), (self.text(), AttributeValue::S(self.text()))])
            }
            Kind::AttributeValue => Node::AttributeValue(self.value()),
            Kind::List { of, .. } => Node::List(vec![self.node(of), self.node(of)]),
            Kind::Map(of) | Kind::Tables(of) => {
                Node::Map(vec![(self.text(), self.node(of)), (self.text(), self.node(of))])
            }
            Kind::Structure(shape) => Node::Structure(self.structure(shape)),
        }
    }

    /// All ten types, some inside others.
    fn value(&mut self) -> AttributeValue {
        let exact = || Number::stored("-12345678901234567890123456789012345678E-9");
        AttributeValue::M(vec![
            (self.text(), AttributeValue::S(self.text())),
            (self.text(), AttributeValue::N(exact())),
            (self.text(), AttributeValue::B(self.text().into_bytes())),
            (self.text(), AttributeValue::Bool(false)),
            (self.text(), AttributeValue::Null),
            (self.text(), AttributeValue::Ss(vec![self.text(), self.text()])),
            (self.text(), AttributeValue::Ns(vec![exact(), Number::stored("1.50")])),
            (self.text(), AttributeValue::Bs(vec![self.text().into_bytes(), vec![0, 255]])),
            (self.text(), AttributeValue::L(vec![AttributeValue::S(String::new()), AttributeValue::L(Vec::new())])),
            (self.text(), AttributeValue::M(Vec::new())),
        ])
    }

    fn text(&mut self) -> String {
        format!("text-{:03} \"é\u{1F600}", self.number())
    }

    fn number(&mut self) -> i64 {
        self.next += 1;
        self.next
    }
}
