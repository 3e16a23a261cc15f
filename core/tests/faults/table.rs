//! Tables in memory: a command becomes what DynamoDB would answer when nothing is wrong, or when it does only part of the work.
//!
//! As much of DynamoDB as the histories need: pages in key order, segments, two filters, one condition, one update. When and
//! whether an answer arrives is left to `world`.

use std::collections::BTreeMap;
use std::ops::Bound;

use gateleg_core::attribute::{AttributeValue, Attributes, Notation};
use gateleg_core::command::{Api, Command};
use gateleg_core::number::Number;
use gateleg_core::outcome::StoreError;
use gateleg_core::shape::{Kind, Name, Shape};
use gateleg_core::tree::{Node, Structure};

use crate::chance::Chance;

/// What drops every item, and what drops every other.
pub(crate) const DROP_ALL: &str = "attribute_exists(nothing)";
pub(crate) const DROP_EVEN: &str = "odd = :yes";

/// A table and its items, by the text of their keys.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) keys: &'static [&'static str],
    pub(crate) items: BTreeMap<String, Attributes>,
}

impl Table {
    pub(crate) fn new(name: &'static str, keys: &'static [&'static str]) -> Self {
        Table { name, keys, items: BTreeMap::new() }
    }

    /// The text of an item's or a key's key attributes.
    pub(crate) fn key(&self, attributes: &Attributes) -> String {
        let mut out = String::new();
        for name in self.keys {
            let value = attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value);
            value
                .unwrap_or_else(|| panic!("{}: no {name} in {attributes:?}", self.name))
                .write(&mut out, Notation::WIRE);
        }
        out
    }

    pub(crate) fn put(&mut self, item: Attributes) {
        self.items.insert(self.key(&item), item);
    }

    fn key_attributes(&self, item: &Attributes) -> Attributes {
        item.iter().filter(|(name, _)| self.keys.contains(&name.as_str())).cloned().collect()
    }
}

/// Which segment of a scan a key belongs to.
pub(crate) fn segment(key: &str, total: i64) -> i64 {
    let hash = key.bytes().fold(7_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
    i64::from(hash >> 3) % total
}

/// How much of the work a call does.
pub(crate) struct Whole<'c> {
    pub(crate) chance: &'c mut Chance,
    /// How much of a batch is left over, in a thousand.
    pub(crate) left: u64,
    /// Whether a page ends early.
    pub(crate) is_cut: bool,
    /// Most items of a page.
    pub(crate) page: usize,
}

/// All tables, and the tokens of transactions that are done.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    pub(crate) all: Vec<Table>,
    tokens: Vec<(String, String)>,
    /// The writes that took effect last, as wire text; whoever executes takes them.
    pub(crate) landed: Vec<String>,
    /// What the call consumed by table, in half units; the same.
    pub(crate) consumed: Vec<(String, u64)>,
}

type Output = Result<Structure, StoreError>;

impl Tables {
    pub(crate) fn table(&self, name: &str) -> &Table {
        self.all.iter().find(|table| table.name == name).unwrap_or_else(|| panic!("no table {name}"))
    }

    fn table_mut(&mut self, name: &str) -> &mut Table {
        self.all.iter_mut().find(|table| table.name == name).unwrap_or_else(|| panic!("no table {name}"))
    }

    /// Carries one command out.
    pub(crate) fn execute(&mut self, command: &Command, whole: &mut Whole<'_>) -> Output {
        self.landed.clear();
        self.consumed.clear();
        let input = &command.input;
        match command.api {
            Api::Scan | Api::Query => Ok(self.page(command, whole)),
            Api::BatchWriteItem => self.batch_write(input, whole),
            Api::BatchGetItem => self.batch_get(input, whole),
            Api::PutItem => self.put_item(input),
            Api::TransactWriteItems => self.transact(input),
            other => panic!("no history sends {}", other.as_str()),
        }
    }

    fn page(&mut self, command: &Command, whole: &mut Whole<'_>) -> Structure {
        let input = &command.input;
        let table = self.table(input.text(Name::TableName).unwrap_or(""));
        let start = attributes(input.get(Name::ExclusiveStartKey)).map(|key| (table.key(key), key.clone()));
        let mut most = integer(input, Name::Limit).map_or(whole.page, |limit| whole.page.min(limit as usize));
        if whole.is_cut {
            most = whole.chance.between(1, most as u64) as usize;
        }
        // A page may be empty and yet not the last: then it ends where it began.
        let stays = start.as_ref().filter(|_| whole.is_cut && whole.chance.one_in(3)).map(|(_, key)| key.clone());
        let bound = start.map_or(Bound::Unbounded, |(key, _)| Bound::Excluded(key));
        let part = integer(input, Name::TotalSegments).map(|total| (total, integer(input, Name::Segment).unwrap_or(0)));
        let partition = attributes(input.get(Name::ExpressionAttributeValues))
            .and_then(|values| values.iter().find(|(name, _)| name == ":c").map(|(_, value)| value));
        let in_part = |(key, item): &(&String, &Attributes)| {
            part.is_none_or(|(total, mine)| segment(key, total) == mine)
                && partition.is_none_or(|value| item.iter().any(|(name, held)| name == "customer" && held == value))
        };
        let mut scanned: Vec<&Attributes> = Vec::new();
        if stays.is_none() {
            let items = table.items.range::<String, _>((bound, Bound::Unbounded)).filter(in_part);
            scanned.extend(items.take(most).map(|(_, item)| item));
        }
        // DynamoDB names a last key whenever it stopped at a limit, whether or not anything follows.
        let last = scanned.last().filter(|_| scanned.len() == most).map(|item| table.key_attributes(item)).or(stays);
        let filter = input.text(Name::FilterExpression);
        let found: Vec<Node> =
            scanned.iter().filter(|item| passes(filter, item)).map(|item| Node::Attributes((*item).clone())).collect();
        let (count, scanned) = (found.len() as i64, scanned.len() as i64);
        let items = (input.text(Name::Select) != Some("COUNT")).then_some(Node::List(found));
        let output = Structure::new(command.api.output())
            .with(Name::Items, items)
            .with(Name::Count, Some(Node::Integer(count)))
            .with(Name::ScannedCount, Some(Node::Integer(scanned)))
            .with(Name::LastEvaluatedKey, last.map(Node::Attributes));
        let name = table.name;
        let capacity = self.capacity(input, output.shape(), name, scanned as u64 + 1);
        output.with(Name::ConsumedCapacity, capacity.map(Node::Structure))
    }

    fn batch_write(&mut self, input: &Structure, whole: &mut Whole<'_>) -> Output {
        let Some(Node::Map(asked)) = input.get(Name::RequestItems) else { panic!("no RequestItems: {input:?}") };
        let writes: Vec<(&str, &Node)> =
            asked.iter().flat_map(|(name, node)| list(node).iter().map(move |w| (name.as_str(), w))).collect();
        let mut keys: Vec<_> =
            writes.iter().map(|(name, write)| (*name, self.table(name).key(written(write).1))).collect();
        keys.sort();
        refuse(writes.len() > 25, "Too many items requested for the BatchWriteItem call")?;
        refuse(keys.windows(2).any(|pair| pair[0] == pair[1]), "Provided list of item keys contains duplicates")?;
        let mut left: Vec<(String, Node)> = Vec::new();
        for (name, write) in writes {
            if whole.chance.per_mille(whole.left) {
                add(&mut left, name, write.clone());
                continue;
            }
            let (is_put, attributes) = written(write);
            let table = self.table_mut(name);
            if is_put {
                table.put(attributes.clone());
            } else {
                table.items.remove(&table.key(attributes));
            }
            let mut text = String::from(name);
            write.write(&mut text, Notation::WIRE);
            self.landed.push(text);
        }
        let mut output = Structure::new(Api::BatchWriteItem.output());
        if !left.is_empty() || whole.chance.one_in(2) {
            output.set(Name::UnprocessedItems, Node::Map(left));
        }
        let capacities =
            asked.iter().filter_map(|(name, node)| self.capacity(input, output.shape(), name, list(node).len() as u64));
        let capacities: Vec<Node> = capacities.map(Node::Structure).collect();
        Ok(output.with(Name::ConsumedCapacity, (!capacities.is_empty()).then_some(Node::List(capacities))))
    }

    fn batch_get(&mut self, input: &Structure, whole: &mut Whole<'_>) -> Output {
        let Some(Node::Map(asked)) = input.get(Name::RequestItems) else { panic!("no RequestItems: {input:?}") };
        let (mut responses, mut left) = (Vec::new(), Vec::new());
        let mut count = 0;
        for (name, node) in asked {
            let Node::Structure(asked) = node else { panic!("no keys: {node:?}") };
            let (mut found, mut unread) = (Vec::new(), Vec::new());
            let table = self.table(name);
            for key in asked.get(Name::Keys).map_or(&[][..], list) {
                count += 1;
                if whole.chance.per_mille(whole.left) {
                    unread.push(key.clone());
                } else if let Some(item) = attributes(Some(key)).and_then(|key| table.items.get(&table.key(key))) {
                    found.push(Node::Attributes(item.clone()));
                }
            }
            whole.chance.shuffle(&mut found);
            responses.push((name.clone(), Node::List(found)));
            if !unread.is_empty() {
                left.push((name.clone(), Node::Structure(asked.clone().with(Name::Keys, Some(Node::List(unread))))));
            }
        }
        refuse(count > 100, "Too many items requested for the BatchGetItem call")?;
        let mut output = Structure::new(Api::BatchGetItem.output()).with(Name::Responses, Some(Node::Map(responses)));
        output.set(Name::UnprocessedKeys, Node::Map(left));
        let capacities: Vec<Node> = asked
            .iter()
            .filter_map(|(name, _)| self.capacity(input, output.shape(), name, 3))
            .map(Node::Structure)
            .collect();
        Ok(output.with(Name::ConsumedCapacity, (!capacities.is_empty()).then_some(Node::List(capacities))))
    }

    fn put_item(&mut self, input: &Structure) -> Output {
        let item = attributes(input.get(Name::Item)).unwrap_or_else(|| panic!("no item: {input:?}")).clone();
        let table = self.table_mut(input.text(Name::TableName).unwrap_or(""));
        let holds = input.text(Name::ConditionExpression) == Some("attribute_not_exists(id)");
        if let Some(found) = table.items.get(&table.key(&item)).filter(|_| holds) {
            let mut error = StoreError::new("ConditionalCheckFailedException", "The conditional request failed");
            let is_asked = input.text(Name::ReturnValuesOnConditionCheckFailure) == Some("ALL_OLD");
            error.item = is_asked.then(|| found.clone());
            return Err(error);
        }
        table.put(item);
        self.landed.push("the item".into());
        Ok(Structure::new(Api::PutItem.output()))
    }

    /// Every action of a transaction is `ADD n :one`.
    fn transact(&mut self, input: &Structure) -> Output {
        let token = input.text(Name::ClientRequestToken).map(String::from);
        let mut text = String::new();
        input.write(&mut text, Notation::WIRE);
        match self.tokens.iter().find(|(known, _)| Some(known) == token.as_ref()) {
            Some((_, known)) if *known == text => return Ok(Structure::new(Api::TransactWriteItems.output())),
            Some(_) => return Err(StoreError::new("IdempotentParameterMismatchException", "Other parameters")),
            None => {}
        }
        for action in input.get(Name::TransactItems).map_or(&[][..], list) {
            let Node::Structure(action) = action else { panic!("no action: {action:?}") };
            let Some(Node::Structure(update)) = action.get(Name::Update) else { panic!("no update: {action:?}") };
            assert_eq!(update.text(Name::UpdateExpression), Some("ADD n :one"));
            let key = attributes(update.get(Name::Key)).unwrap_or_else(|| panic!("no key: {update:?}"));
            let table = self.table_mut(update.text(Name::TableName).unwrap_or(""));
            let at = table.key(key);
            let before = table.items.get(&at).and_then(|item| item.iter().find(|(name, _)| name == "n"));
            let before: u64 = before.map_or(0, |(_, value)| number(value));
            let mut item = key.clone();
            item.push(("n".into(), n(before + 1)));
            table.put(item);
        }
        self.tokens.extend(token.map(|token| (token, text)));
        self.landed.push("the transaction".into());
        Ok(Structure::new(Api::TransactWriteItems.output()))
    }

    /// What a call says it consumed, if it was asked, with an index that makes it long.
    fn capacity(&mut self, input: &Structure, output: &'static Shape, table: &str, halves: u64) -> Option<Structure> {
        let asked = input.text(Name::ReturnConsumedCapacity).filter(|asked| *asked != "NONE")?;
        self.consumed.push((table.into(), halves));
        let units = |halves: u64| Some(Node::Decimal(format!("{}{}", halves / 2, ["", ".5"][(halves % 2) as usize])));
        let shape = shape_of(output, Name::ConsumedCapacity);
        let mut capacity = Structure::new(shape).with(Name::TableName, Some(Node::Text(table.into())));
        capacity.set(Name::CapacityUnits, units(halves)?);
        if asked == "INDEXES" {
            let one = || Structure::new(shape_of(shape, Name::Table)).with(Name::CapacityUnits, units(halves));
            capacity.set(Name::Table, Node::Structure(one()));
            let indexes = (0..4).map(|n| (format!("an-index-with-a-long-name-{n}"), Node::Structure(one())));
            capacity.set(Name::GlobalSecondaryIndexes, Node::Map(indexes.collect()));
        }
        Some(capacity)
    }
}

fn passes(filter: Option<&str>, item: &Attributes) -> bool {
    match filter {
        None => true,
        Some(DROP_ALL) => false,
        Some(DROP_EVEN) => item.iter().any(|(name, value)| name == "odd" && number(value) == 1),
        Some(other) => panic!("no history filters by {other}"),
    }
}

/// Whether a write puts, and what.
fn written(write: &Node) -> (bool, &Attributes) {
    let Node::Structure(write) = write else { panic!("no write: {write:?}") };
    let (is_put, inner) = match (write.get(Name::PutRequest), write.get(Name::DeleteRequest)) {
        (Some(Node::Structure(put)), None) => (true, put.get(Name::Item)),
        (None, Some(Node::Structure(delete))) => (false, delete.get(Name::Key)),
        _ => panic!("no write: {write:?}"),
    };
    (is_put, attributes(inner).unwrap_or_else(|| panic!("no item or key: {write:?}")))
}

fn refuse(is_wrong: bool, message: &str) -> Result<(), StoreError> {
    if is_wrong { Err(StoreError::new("ValidationException", message)) } else { Ok(()) }
}

fn add(tables: &mut Vec<(String, Node)>, name: &str, node: Node) {
    match tables.iter_mut().find(|(known, _)| known == name) {
        Some((_, Node::List(nodes))) => nodes.push(node),
        _ => tables.push((name.into(), Node::List(vec![node]))),
    }
}

fn attributes(node: Option<&Node>) -> Option<&Attributes> {
    match node {
        Some(Node::Attributes(attributes)) => Some(attributes),
        _ => None,
    }
}

fn list(node: &Node) -> &[Node] {
    match node {
        Node::List(nodes) => nodes,
        other => panic!("no list: {other:?}"),
    }
}

fn integer(input: &Structure, name: Name) -> Option<i64> {
    match input.get(name) {
        Some(Node::Integer(number)) => Some(*number),
        _ => None,
    }
}

/// A number as a value.
pub(crate) fn n(number: u64) -> AttributeValue {
    AttributeValue::N(Number::parse(&number.to_string()).unwrap())
}

pub(crate) fn number(value: &AttributeValue) -> u64 {
    match value {
        AttributeValue::N(number) => number.as_str().parse().unwrap(),
        other => panic!("no number: {other:?}"),
    }
}

/// The shape of what a member holds, or of each if it holds several.
fn shape_of(shape: &'static Shape, name: Name) -> &'static Shape {
    let member = shape.members.iter().find(|member| member.name == name);
    match member.map(|member| member.kind) {
        Some(Kind::Structure(shape)) => shape,
        Some(Kind::List { of: Kind::Structure(shape), .. }) => shape,
        other => panic!("{}: {other:?}", name.as_str()),
    }
}
