//! A planner that asks for more than the policy lets one request do: how far it comes, what is written by then, and what the caller
//! is told.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails should say where")]

use std::sync::{Arc, Mutex};

use gateleg_core::command::{Api, Command};
use gateleg_core::error::{Error, ErrorType};
use gateleg_core::outcome::Outcome;
use gateleg_core::plan::{Dispatch, Step};
use gateleg_core::policy::{Ceilings, Policy};
use gateleg_core::reply::Reply;
use gateleg_store::embedded::{Embedded, KeySpec, TableSpec};
use gateleg_store::labels::{LabelledStore, Labels};
use gateleg_store::{BoxFuture, Limits, Planner, PlannerError, Store, drive};

/// Sends its steps one after the other, each when the outcomes of the one before are there, and notes the outcomes.
struct Greedy {
    steps: Vec<Vec<Command>>,
    awaited: usize,
    next_ticket: u32,
    outcomes: Arc<Mutex<Vec<String>>>,
    /// Whether it has something to reply with when it is told to come to an end.
    has_something: bool,
}

impl Greedy {
    fn step(&mut self) -> Step {
        if self.steps.is_empty() {
            return Step::Done(Reply::success("\"all of it\"".into()));
        }
        let commands = self.steps.remove(0);
        self.awaited = commands.len();
        let dispatches = commands.into_iter().map(|command| {
            self.next_ticket += 1;
            Dispatch { ticket: self.next_ticket, attempt: 0, command }
        });
        Step::Send(dispatches.collect())
    }
}

impl Planner for Greedy {
    fn resume(&mut self, _: u32, outcome: Outcome, _: Option<u64>) -> BoxFuture<'_, Result<Step, PlannerError>> {
        self.outcomes.lock().unwrap().push(outcome.to_text());
        self.awaited -= 1;
        let step = if self.awaited == 0 { self.step() } else { Step::Wait };
        Box::pin(std::future::ready(Ok(step)))
    }

    fn expire(&mut self) -> BoxFuture<'_, Result<Reply, PlannerError>> {
        let reply = if self.has_something {
            Reply::success("\"a part\"".into())
        } else {
            Error::new(ErrorType::TimeoutException, "Time is up").reply("r-1")
        };
        Box::pin(std::future::ready(Ok(reply)))
    }
}

fn store() -> Arc<dyn Store> {
    let store = Embedded::memory().unwrap();
    store.create_table(&TableSpec::new("prod-people", KeySpec::parse("id:S").unwrap())).unwrap();
    let labels = Labels::new([("people".to_owned(), "prod-people".to_owned())]);
    LabelledStore::over(Arc::new(store), labels)
}

fn put(id: u32) -> String {
    format!(r#"{{"PutItem":{{"TableName":"people","Item":{{"id":{{"S":"{id}"}},"t":{{"S":"123456789"}}}}}}}}"#)
}

/// Runs such a planner; the reply's text, and the outcomes it saw.
async fn run(
    store: &Arc<dyn Store>,
    ceilings: Ceilings,
    has_something: bool,
    steps: &[&[String]],
) -> (String, Vec<String>) {
    let outcomes = Arc::default();
    let steps = steps.iter().map(|step| step.iter().map(|text| Command::parse(text).unwrap()).collect()).collect();
    let mut planner = Greedy { steps, awaited: 0, next_ticket: 0, outcomes: Arc::clone(&outcomes), has_something };
    let first = planner.step();
    let policy = Arc::new(Policy { ceilings, ..Policy::allow_all() });
    let limits = Limits { request_id: "r-1".into(), policy, deadline: None, max_in_flight: 2 };
    let reply = drive(planner, first, Arc::clone(store), limits).await;
    let outcomes = outcomes.lock().unwrap().clone();
    (reply.text().to_owned(), outcomes)
}

/// How many items there are.
async fn count(store: &Arc<dyn Store>) -> usize {
    let scan = Command::parse(r#"{"Scan":{"TableName":"people"}}"#).unwrap();
    let outcome = store.execute(scan).await;
    let text = outcome.to_text();
    assert_eq!(Outcome::parse(Api::Scan, &text).unwrap(), outcome);
    text.matches("\"id\"").count()
}

const REFUSED: &str = r#"{"__type":"AccessDeniedException","message":"At most 2 commands are allowed per request here","rule":"policy.ceiling","hint":"Send less at once, or ask for less","requestId":"r-1"}"#;

fn commands(most: u64) -> Ceilings {
    Ceilings { commands: Some(most), ..Ceilings::default() }
}

#[tokio::test]
async fn of_a_first_step_that_is_too_much_nothing_is_sent() {
    let store = store();
    let (reply, outcomes) = run(&store, commands(2), true, &[&[put(1), put(2), put(3)]]).await;
    assert_eq!(reply, REFUSED);
    assert!(outcomes.is_empty());
    assert_eq!(count(&store).await, 0);
}

#[tokio::test]
async fn a_planner_with_something_to_show_may_show_it() {
    let store = store();
    let (reply, outcomes) = run(&store, commands(2), true, &[&[put(1)], &[put(2)], &[put(3)]]).await;
    assert_eq!(reply, "\"a part\"");
    assert_eq!(outcomes.len(), 2);
    assert_eq!(count(&store).await, 2);
}

#[tokio::test]
async fn one_with_nothing_is_refused_with_the_rule_and_what_was_written() {
    let store = store();
    let (reply, _) = run(&store, commands(2), false, &[&[put(1), put(2)], &[put(3)]]).await;
    let and = "per request here; what was written before stays written";
    assert_eq!(reply, REFUSED.replace("per request here", and));
    assert_eq!(count(&store).await, 2);
    let scan = || r#"{"Scan":{"TableName":"people"}}"#.to_owned();
    let (reply, _) = run(&store, commands(2), false, &[&[scan()], &[scan()], &[scan()]]).await;
    assert_eq!(reply, REFUSED);
}

#[tokio::test]
async fn what_is_within_goes_through() {
    let store = store();
    let all = Ceilings { items: Some(3), bytes: Some(39), pages: Some(1), commands: Some(3), units: Some(3) };
    let (reply, outcomes) = run(&store, all, false, &[&[put(1), put(2)], &[put(3)]]).await;
    assert_eq!(reply, "\"all of it\"");
    assert!(outcomes.iter().all(|outcome| !outcome.contains("ConsumedCapacity")), "{outcomes:?}");
    for (less, name) in [
        (Ceilings { items: Some(2), ..all }, "2 items"),
        (Ceilings { bytes: Some(38), ..all }, "38 bytes"),
        (Ceilings { units: Some(2), ..all }, "2 units"),
    ] {
        let (reply, _) = run(&store, less, false, &[&[put(1), put(2)], &[put(3)]]).await;
        assert!(reply.contains(&format!("At most {name} are allowed")), "{reply}");
    }
}

#[tokio::test]
async fn an_answer_that_is_too_large_never_reaches_the_planner() {
    let store = store();
    run(&store, Ceilings::default(), false, &[&[put(1), put(2)]]).await;
    let scan = r#"{"Scan":{"TableName":"people","ReturnConsumedCapacity":"TOTAL"}}"#.to_owned();
    let bytes = |most| Ceilings { bytes: Some(most), ..Ceilings::default() };
    let (reply, outcomes) = run(&store, bytes(23), false, &[std::slice::from_ref(&scan)]).await;
    assert!(reply.contains("At most 23 bytes are allowed per request here\""), "{reply}");
    assert!(outcomes.is_empty());
    let (reply, outcomes) = run(&store, bytes(26), false, &[std::slice::from_ref(&scan)]).await;
    assert_eq!(reply, "\"all of it\"");
    assert!(outcomes[0].contains(r#""TableName":"people""#) && !outcomes[0].contains("prod"), "{outcomes:?}");
}

#[tokio::test]
async fn a_page_without_a_limit_is_no_way_around_a_ceiling_on_items() {
    let store = store();
    let items = Ceilings { items: Some(5), ..Ceilings::default() };
    let scan = |limit: &str| format!(r#"{{"Scan":{{"TableName":"people"{limit}}}}}"#);
    let (reply, _) = run(&store, items, false, &[&[scan("")]]).await;
    assert!(reply.contains("At most 5 items"), "{reply}");
    let (reply, _) = run(&store, items, false, &[&[scan(",\"Limit\":5")]]).await;
    assert_eq!(reply, "\"all of it\"");
}
