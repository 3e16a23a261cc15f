//! Commands and their outcomes become what one request has used of its policy's ceilings, and the refusal of what would be more.
//!
//! What a command says for certain is counted before it is sent; what only the store can tell, after. The planner knows the ceilings
//! and plans within them where it can; this is for when it does not.

use gateleg_core::command::{Api, Command, units};
use gateleg_core::error::Error;
use gateleg_core::outcome::Outcome;
use gateleg_core::policy::{Ceilings, beyond};
use gateleg_core::shape::Name;
use gateleg_core::size;
use gateleg_core::tree::{Node, Structure};

use crate::capacity;

/// What one request has used so far, and what it may use.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    ceilings: Ceilings,
    is_limited: bool,
    used: Used,
}

#[derive(Clone, Copy, Debug, Default)]
struct Used {
    items: u64,
    bytes: u64,
    pages: u64,
    commands: u64,
    /// Of what was consumed; the store tells it in halves.
    units: f64,
}

/// What was counted of a command that is under way.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Held {
    items: u64,
    units: f64,
    /// Whether the planner did not ask for the capacity.
    hide_capacity: bool,
}

impl Budget {
    pub(crate) fn new(ceilings: Ceilings) -> Self {
        Budget { ceilings, is_limited: ceilings != Ceilings::default(), used: Used::default() }
    }

    /// Counts a command that is to be sent. Where units are counted, it is made to say what it consumed.
    pub(crate) fn hold(&mut self, command: &mut Command) -> Result<Held, Error> {
        if !self.is_limited {
            return Ok(Held::default());
        }
        let Ceilings { items, bytes, pages, commands, units } = self.ceilings;
        let is_paged = matches!(command.api, Api::Scan | Api::Query);
        self.used.commands += 1;
        within("commands", self.used.commands, commands)?;
        self.used.pages += u64::from(is_paged);
        within("pages", self.used.pages, pages)?;
        let mut held = Held { items: most_items(command), ..Held::default() };
        self.used.items = self.used.items.saturating_add(held.items);
        within("items", self.used.items, items)?;
        if bytes.is_some() {
            self.used.bytes = self.used.bytes.saturating_add(weight(&command.input));
            within("bytes", self.used.bytes, bytes)?;
        }
        if let Some(most) = units {
            held.units = least_units(command);
            self.used.units += held.units;
            // What a read will consume is not known yet; that nothing is left is.
            if self.used.units > as_units(most) || (held.units == 0.0 && self.used.units >= as_units(most)) {
                return Err(beyond("units", most));
            }
            held.hide_capacity = capacity::ask(command);
        }
        Ok(held)
    }

    /// Counts what became of it. An answer that is more than the request may have is not for the planner.
    pub(crate) fn settle(&mut self, held: Held, outcome: &mut Outcome) -> Result<(), Error> {
        let Ok(output) = &mut outcome.result else { return Ok(()) };
        if !self.is_limited {
            return Ok(());
        }
        let consumed = capacity::consumed(output, held.hide_capacity);
        self.used.units += (consumed - held.units).max(0.0);
        let undone = [Name::UnprocessedItems, Name::UnprocessedKeys];
        let undone = undone.into_iter().filter_map(|name| output.get(name)).map(units).sum::<usize>();
        let unread = match output.get(Name::Count) {
            Some(Node::Integer(count)) => held.items.saturating_sub(u64::try_from(*count).unwrap_or(0)),
            _ => 0,
        };
        let undone = u64::try_from(undone).unwrap_or(0).min(held.items);
        self.used.items = self.used.items.saturating_sub(undone.max(unread));
        if self.ceilings.bytes.is_some() {
            let answer = [Name::Attributes, Name::Item, Name::Items, Name::Responses];
            let answer = answer.into_iter().filter_map(|name| output.get(name)).map(node_weight).sum::<u64>();
            self.used.bytes = self.used.bytes.saturating_add(answer);
            within("bytes", self.used.bytes, self.ceilings.bytes)?;
        }
        Ok(())
    }
}

fn within(ceiling: &'static str, used: u64, most: Option<u64>) -> Result<(), Error> {
    match most {
        Some(most) if used > most => Err(beyond(ceiling, most)),
        _ => Ok(()),
    }
}

/// Of a page without a limit, there is no saying.
fn most_items(command: &Command) -> u64 {
    command.items().unwrap_or_else(|| match command.input.get(Name::Limit) {
        Some(Node::Integer(limit)) => u64::try_from(*limit).unwrap_or(0),
        _ => u64::from(u32::MAX),
    })
}

/// Bytes of all attributes inside, as DynamoDB counts them.
fn weight(structure: &Structure) -> u64 {
    structure.iter().map(|(_, node)| node_weight(node)).sum()
}

fn node_weight(node: &Node) -> u64 {
    match node {
        Node::Attributes(attributes) => u64::try_from(size::attributes(attributes)).unwrap_or(u64::MAX),
        Node::AttributeValue(value) => u64::try_from(size::value(value)).unwrap_or(u64::MAX),
        Node::List(nodes) => nodes.iter().map(node_weight).sum(),
        Node::Map(nodes) => nodes.iter().map(|(_, node)| node_weight(node)).sum(),
        Node::Structure(structure) => weight(structure),
        Node::Text(_) | Node::Boolean(_) | Node::Integer(_) | Node::Decimal(_) => 0,
    }
}

/// What writing consumes at least: a unit for each kilobyte of each item, and twice that in a transaction.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html>
fn least_units(command: &Command) -> f64 {
    let factor = if command.api == Api::TransactWriteItems { 2.0 } else { 1.0 };
    if !command.api.is_write() {
        return 0.0;
    }
    factor * puts(&command.input)
}

/// Units of the writes inside.
fn puts(structure: &Structure) -> f64 {
    let own = match (structure.get(Name::Item), structure.get(Name::Key)) {
        (Some(item), _) => as_units(node_weight(item).div_ceil(1024).max(1)),
        (None, Some(_)) => 1.0,
        (None, None) => 0.0,
    };
    own + structure.iter().map(|(_, node)| puts_inside(node)).sum::<f64>()
}

fn puts_inside(node: &Node) -> f64 {
    match node {
        Node::List(nodes) => nodes.iter().map(puts_inside).sum(),
        Node::Map(nodes) => nodes.iter().map(|(_, node)| puts_inside(node)).sum(),
        Node::Structure(structure) => puts(structure),
        _ => 0.0,
    }
}

#[allow(clippy::cast_precision_loss, reason = "a request that consumes 2^53 units has other cares")]
fn as_units(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    /// Sends these one after the other; each is a command and what the store answers. Whoever is refused ends it.
    fn check(ceilings: Ceilings, calls: &[(&str, &str)]) -> Result<(), String> {
        let mut budget = Budget::new(ceilings);
        for (command, answer) in calls {
            let mut command = Command::parse(command).unwrap();
            let api = command.api;
            let held = budget.hold(&mut command).map_err(|error| error.message().to_owned())?;
            let mut outcome = Outcome::parse(api, answer).unwrap();
            budget.settle(held, &mut outcome).map_err(|error| format!("answer: {}", error.message()))?;
        }
        Ok(())
    }

    fn none() -> Ceilings {
        Ceilings::default()
    }

    const GET: (&str, &str) = (r#"{"GetItem":{"TableName":"abc","Key":{"id":{"S":"1"}}}}"#, r#"{"ok":{}}"#);
    const SCAN: (&str, &str) = (r#"{"Scan":{"TableName":"abc"}}"#, r#"{"ok":{"Items":[],"Count":0}}"#);
    const SCAN_2: (&str, &str) =
        (r#"{"Scan":{"TableName":"abc","Limit":2}}"#, r#"{"ok":{"Items":[{"id":{"S":"1"}}],"Count":1}}"#);
    const PUT_2: (&str, &str) = (
        r#"{"BatchWriteItem":{"RequestItems":{"abc":[{"PutRequest":{"Item":{"id":{"S":"1"}}}},{"PutRequest":{"Item":{"id":{"S":"2"}}}}]}}}"#,
        r#"{"ok":{"UnprocessedItems":{"abc":[{"PutRequest":{"Item":{"id":{"S":"1"}}}}]}}}"#,
    );

    #[test]
    fn what_has_no_ceiling_is_not_counted() {
        assert_eq!(check(none(), &[GET, SCAN, PUT_2, SCAN]), Ok(()));
    }

    #[test]
    fn commands_and_pages_are_counted() {
        let refused = |text: &str| Err(format!("At most {text} are allowed per request here"));
        let two = Ceilings { commands: Some(2), ..none() };
        assert_eq!(check(two, &[GET, SCAN]), Ok(()));
        assert_eq!(check(two, &[GET, SCAN, GET]), refused("2 commands"));
        let one = Ceilings { pages: Some(1), ..none() };
        assert_eq!(check(one, &[GET, GET, SCAN]), Ok(()));
        assert_eq!(check(one, &[SCAN, SCAN]), refused("1 pages"));
    }

    #[test]
    fn items_are_what_was_done_not_what_was_asked_for() {
        let three = Ceilings { items: Some(3), ..none() };
        let refused = Err("At most 3 items are allowed per request here".to_owned());
        assert_eq!(check(three, &[SCAN]), refused, "a page without a limit");
        assert_eq!(check(three, &[SCAN_2, SCAN_2]), Ok(()));
        assert_eq!(check(three, &[SCAN_2, SCAN_2, SCAN_2]), refused);
        assert_eq!(check(three, &[PUT_2, PUT_2]), Ok(()));
        assert_eq!(check(three, &[PUT_2, PUT_2, PUT_2]), refused);
    }

    #[test]
    fn bytes_are_those_sent_and_those_returned() {
        let ten = Ceilings { bytes: Some(10), ..none() };
        let refused = "At most 10 bytes are allowed per request here".to_owned();
        let big = (GET.0, r#"{"ok":{"Item":{"id":{"S":"12345678"}}}}"#);
        assert_eq!(check(ten, &[GET, GET, GET]), Ok(()));
        assert_eq!(check(ten, &[GET, GET, GET, GET]), Err(refused.clone()));
        assert_eq!(check(ten, &[big]), Err(format!("answer: {refused}")));
    }

    #[test]
    fn units_are_asked_for_and_not_shown_to_who_did_not_ask() {
        let ceilings = Ceilings { units: Some(2), ..none() };
        let mut budget = Budget::new(ceilings);
        let mut command = Command::parse(GET.0).unwrap();
        let held = budget.hold(&mut command).unwrap();
        assert_eq!(command.input.text(Name::ReturnConsumedCapacity), Some("TOTAL"));
        let told = r#"{"ok":{"ConsumedCapacity":{"TableName":"abc","CapacityUnits":1.5}}}"#;
        let mut outcome = Outcome::parse(command.api, told).unwrap();
        budget.settle(held, &mut outcome).unwrap();
        assert_eq!(outcome.result.unwrap().iter().count(), 0);
        let asked =
            (r#"{"GetItem":{"TableName":"abc","Key":{"id":{"S":"1"}},"ReturnConsumedCapacity":"INDEXES"}}"#, told);
        assert_eq!(check(ceilings, &[asked, asked]), Ok(()));
        let refused = Err("At most 2 units are allowed per request here".to_owned());
        assert_eq!(check(ceilings, &[asked, asked, asked]), refused);
        let put = format!(r#"{{"PutItem":{{"TableName":"abc","Item":{{"id":{{"S":"{}"}}}}}}}}"#, "x".repeat(1023));
        assert_eq!(check(ceilings, &[(&put, r#"{"ok":{}}"#)]), Ok(()));
        let put = put.replace("xx", "xxx").replace("xx", "xxx");
        assert_eq!(check(ceilings, &[(&put, r#"{"ok":{}}"#)]), refused, "its size alone is more");
    }
}
