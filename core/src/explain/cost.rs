//! A call becomes the read or write units it takes, as far as the request itself shows them, and what those cost on demand.
//!
//! The rules of units: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html>. A write
//! takes one unit for each KB begun, of the item before or after it, whichever is larger; a read takes half a unit for each
//! 4 KB begun, one where it is strongly consistent; transactions take twice as much as a strongly consistent read or a write.
//! A check of a transaction is counted as a write of what it checks, which AWS does not say but was measured:
//! <https://martinhicks.dev/articles/what-a-conditional-dynamodb-transaction-costs>.
//! Left out: storage, indexes that a write has to follow, streams, backups, global tables, and what is sent twice.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::text::{self, add, count};
use crate::attribute::AttributeValue;
use crate::command::{Api, Command};
use crate::expression::{Element, Expression, ExpressionKind, Operand, Path};
use crate::join::Join as _;
use crate::json::{self, Object};
use crate::plan::MAX_PAGES;
use crate::request::{Options, Start};
use crate::shape::Name;
use crate::size;
use crate::tree::{Node, Structure};

/// What a million units cost on demand in one region, in millionths of a dollar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prices {
    /// The region, as AWS spells it.
    pub region: &'static str,
    /// Since when, as far as is known here.
    pub since: &'static str,
    /// Where AWS publishes them.
    pub source: &'static str,
    /// Of a million read units.
    pub read: u64,
    /// Of a million write units.
    pub write: u64,
}

/// The standard table class in us-east-1.
/// <https://aws.amazon.com/blogs/database/new-amazon-dynamodb-lowers-pricing-for-on-demand-throughput-and-global-tables/>
pub const US_EAST_1: Prices = Prices {
    region: "us-east-1",
    since: "2024-11-01",
    source: "https://aws.amazon.com/dynamodb/pricing/on-demand/",
    read: 125_000,
    write: 625_000,
};

/// Bytes of an item that one write unit covers.
const WRITE_BYTES: usize = 1024;
/// How often the largest item, of 400 KB, holds the 4 KB of a read unit.
const READS_OF_ITEM: u64 = 100;
/// How often the largest page, of 1 MB, does.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-query-scan.html>
const READS_OF_PAGE: u64 = 256;

/// Read or write units: a number of halves, the least that DynamoDB counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Units {
    /// How many half units.
    pub halves: u64,
}

/// From how many units to how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// At least so many.
    pub least: Units,
    /// At most so many, where the request bounds it.
    pub most: Option<Units>,
}

/// One write, or the reads of one kind in one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The table, by name or ARN.
    pub table: String,
    /// Bytes of the item or items that the request holds, by DynamoDB's rule.
    pub bytes: Option<usize>,
    /// What it takes.
    pub units: Range,
    /// The same in words, and what it depends on.
    pub words: String,
}

/// What a request costs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Whether its units are write units; no call takes both kinds. `None` when it takes none.
    pub is_write: Option<bool>,
    /// What each part takes.
    pub parts: Vec<Part>,
    /// What all take together.
    pub total: Range,
}

impl Units {
    fn whole(units: u64) -> Self {
        Units { halves: units.saturating_mul(2) }
    }

    fn times(self, factor: u64) -> Self {
        Units { halves: self.halves.saturating_mul(factor) }
    }

    /// A decimal number: `0.5`, `12`.
    pub fn to_text(self) -> String {
        let mut out = (self.halves / 2).to_string();
        if self.halves % 2 == 1 {
            out.push_str(".5");
        }
        out
    }

    /// The same for a person: `1,024`.
    fn words(self) -> String {
        let mut out = usize::try_from(self.halves / 2).map_or_else(|_| self.to_text(), text::thousands);
        if self.halves % 2 == 1 {
            out.push_str(".5");
        }
        out
    }

    /// What a million times so many cost, in millionths of a dollar, where a million units cost that.
    ///
    /// ```
    /// use gateleg_core::explain::{US_EAST_1, Units};
    /// assert_eq!(Units { halves: 3 }.price(US_EAST_1.read), 187_500);
    /// ```
    pub fn price(self, unit: u64) -> u64 {
        (self.halves.saturating_mul(unit)) / 2
    }
}

impl Range {
    fn exactly(units: Units) -> Self {
        Range { least: units, most: Some(units) }
    }

    fn plus(self, other: Range) -> Self {
        let sum = |a: Units, b: Units| Units { halves: a.halves.saturating_add(b.halves) };
        Range { least: sum(self.least, other.least), most: self.most.zip(other.most).map(|(a, b)| sum(a, b)) }
    }

    /// `2`, `0.5 to 50`, `at least 3`.
    fn each(self, each: &dyn Fn(Units) -> String) -> String {
        match self.most {
            Some(most) if most == self.least => each(most),
            Some(most) => [each(self.least), each(most)].joined(" to "),
            None => ["at least", &each(self.least)].joined(" "),
        }
    }

    /// `2 write units`, `0.5 to 50 read units`, `at least 1 write unit`.
    fn words(self, kind: &str) -> String {
        let last = self.most.unwrap_or(self.least);
        let unit = if last == Units::whole(1) { " unit" } else { " units" };
        [&self.each(&Units::words), " ", kind, unit].together()
    }

    fn write(self, object: &mut Object<'_>, each: &dyn Fn(Units) -> String) {
        object.member("atLeast").push_str(&each(self.least));
        if let Some(most) = self.most {
            object.member("atMost").push_str(&each(most));
        }
    }
}

impl Cost {
    pub(super) fn of(command: &Command, options: &Options) -> Self {
        let input = &command.input;
        let parts = match (command.api, input.get(Name::RequestItems).or(input.get(Name::TransactItems))) {
            (Api::Scan | Api::Query, _) => alloc::vec![pages(input, options)],
            (_, Some(Node::Map(tables))) => tables.iter().filter_map(|(table, work)| batch(table, work)).collect(),
            (_, Some(Node::List(actions))) => actions.iter().filter_map(action).collect(),
            (api, _) => alloc::vec![one(api, input, 1)],
        };
        let none = Range::exactly(Units::default());
        let total = parts.iter().fold(none, |sum, part| sum.plus(part.units));
        Cost { is_write: Some(command.api.is_write()), parts, total }
    }

    fn kind(&self) -> Option<(&'static str, u64)> {
        self.is_write.map(|write| if write { ("write", US_EAST_1.write) } else { ("read", US_EAST_1.read) })
    }

    /// What it costs, in sentences: part by part, in all, in dollars, and what is not counted.
    pub fn words(&self) -> Vec<String> {
        let Some((kind, price)) = self.kind() else { return alloc::vec!["No units: no table is touched.".into()] };
        let mut words: Vec<String> = self.parts.iter().map(|part| part.words.clone()).collect();
        let units = self.total.words(kind);
        if self.parts.len() > 1 {
            words.push(["In all: ", &units, "."].together());
        }
        let sum = self.total.each(&|units| priced(units.price(price)));
        words.push(
            [
                "On demand in ",
                US_EAST_1.region,
                " (standard table class, prices since ",
                US_EAST_1.since,
                "): ",
                &units,
                " x ",
                &priced(price),
                " = ",
                &sum,
                " per million such requests.",
            ]
            .together(),
        );
        words.push(
            [
                "With provisioned capacity, one such request per second takes ",
                &units,
                " of those the table has for each second; they are paid for by the hour, used or not.",
            ]
            .together(),
        );
        if self.is_write == Some(true) {
            words.push("Each index that holds the item takes write units of its own, and a write whose condition fails is paid for as well.".into());
        }
        words
    }

    /// `{"kind", "atLeast", "atMost", "perMillion", "parts", "prices", "words"}`.
    pub(super) fn write(&self, out: &mut String) {
        let mut object = Object::new(out);
        if let Some((kind, price)) = self.kind() {
            object.string("kind", kind);
            self.total.write(&mut object, &Units::to_text);
            let mut money = Object::new(object.member("perMillion"));
            self.total.write(&mut money, &|units| dollars(units.price(price)));
            money.end();
        }
        json::write_array(object.member("parts"), &self.parts, |out, part| {
            let mut object = Object::new(out);
            object.string("table", &part.table);
            if let Some(bytes) = part.bytes {
                object.member("bytes").push_str(&bytes.to_string());
            }
            part.units.write(&mut object, &Units::to_text);
            object.string("words", &part.words);
            object.end();
        });
        let mut prices = Object::new(object.member("prices"));
        for (name, value) in [
            ("region", US_EAST_1.region),
            ("mode", "on-demand"),
            ("tableClass", "STANDARD"),
            ("since", US_EAST_1.since),
            ("source", US_EAST_1.source),
        ] {
            prices.string(name, value);
        }
        prices.member("read").push_str(&dollars(US_EAST_1.read));
        prices.member("write").push_str(&dollars(US_EAST_1.write));
        prices.end();
        json::write_array(object.member("words"), self.words(), |out, sentence| json::write_string(out, &sentence));
        object.end();
    }
}

/// Millionths of a dollar as dollars: `0.625`, `12`.
fn dollars(millionths: u64) -> String {
    let mut out = (millionths / 1_000_000).to_string();
    let rest = (millionths % 1_000_000 + 1_000_000).to_string();
    let rest = rest.strip_prefix('1').unwrap_or_default().trim_end_matches('0');
    if !rest.is_empty() {
        add(&mut out, &[".", rest]);
    }
    out
}

/// The same as a price: `$12.50`.
fn priced(millionths: u64) -> String {
    let dollars = dollars(millionths);
    let cents = dollars.split_once('.').is_some_and(|(_, cents)| cents.len() == 1);
    ["$", &dollars, if cents { "0" } else { "" }].together()
}

/// Write units for so many bytes.
fn writes(bytes: usize) -> Units {
    Units::whole(u64::try_from(bytes.div_ceil(WRITE_BYTES).max(1)).unwrap_or(u64::MAX))
}

/// One action of a transaction, which is done twice: prepared and committed.
fn action(node: &Node) -> Option<Part> {
    let Node::Structure(action) = node else { return None };
    action.iter().find_map(|(name, inner)| match (name, inner) {
        (Name::Get, Node::Structure(inner)) => {
            Some(read(inner, Units::whole(2), " in a transaction, and 2 if there is none"))
        }
        (Name::Put, Node::Structure(inner)) => Some(one(Api::PutItem, inner, 2)),
        (Name::Update, Node::Structure(inner)) => Some(one(Api::UpdateItem, inner, 2)),
        (Name::Delete, Node::Structure(inner)) => Some(one(Api::DeleteItem, inner, 2)),
        (_, Node::Structure(inner)) => {
            Some(write(inner, None, 2, 0, "Checking an item of ", " of it, and 2 if there is none"))
        }
        _ => None,
    })
}

/// A call for one item; `times` is 2 in a transaction.
fn one(api: Api, input: &Structure, times: u64) -> Part {
    let none = if times == 1 { " of it, and 1 if there is none" } else { " of it, and 2 if there is none" };
    match api {
        Api::GetItem => {
            let (units, kind) = read_units(input);
            read(input, units, [" (", kind, "), and ", &units.to_text(), " if there is none"].together().as_str())
        }
        Api::PutItem => {
            let bytes = bytes_of(input, Name::Item);
            let doing = ["Putting ", &count(bytes, "byte"), " into "].together();
            write(input, Some(bytes), times, bytes, &doing, ", if the item it replaces is not larger")
        }
        Api::UpdateItem => {
            let after = " of the item before or after, whichever is larger";
            write(input, None, times, updated(input), "Updating an item of ", after)
        }
        _ => write(input, None, times, 0, "Deleting an item from ", none),
    }
}

/// A read of one item.
fn read(input: &Structure, each: Units, after: &str) -> Part {
    let units = Range { least: each, most: Some(each.times(READS_OF_ITEM)) };
    let rule = [&each.to_text(), " for each 4 KB begun", after].together();
    part(input, None, units, "Reading an item of ", &[&units.words("read"), ", ", &rule].together())
}

/// A write of one item of so many bytes, or more; `bytes` of them if the request holds the whole item.
fn write(input: &Structure, bytes: Option<usize>, times: u64, at_least: usize, doing: &str, after: &str) -> Part {
    let units = Range { least: writes(at_least).times(times), most: None };
    // Of an item that is put, only what it replaces can make it more.
    let said = if bytes.is_some() { Range::exactly(units.least) } else { units };
    let each = if times == 1 { ", 1 for each KB begun" } else { ", 2 in a transaction for each KB begun" };
    part(input, bytes, units, doing, &[&said.words("write"), each, after].together())
}

fn part(input: &Structure, bytes: Option<usize>, units: Range, doing: &str, takes: &str) -> Part {
    let table = input.text(Name::TableName).unwrap_or_default();
    Part { table: table.into(), bytes, units, words: [doing, table, " takes ", takes, "."].together() }
}

/// What a read takes for each 4 KB begun, and how to say which read it is.
fn read_units(input: &Structure) -> (Units, &'static str) {
    match input.get(Name::ConsistentRead) {
        Some(Node::Boolean(true)) => (Units { halves: 2 }, "strongly consistent"),
        _ => (Units { halves: 1 }, "eventually consistent"),
    }
}

fn bytes_of(input: &Structure, name: Name) -> usize {
    match input.get(name) {
        Some(Node::Attributes(attributes)) => size::attributes(attributes),
        _ => 0,
    }
}

/// Bytes that an item has at least after the update: its key, and the values that it is given as they are.
fn updated(input: &Structure) -> usize {
    let key = bytes_of(input, Name::Key);
    let scope = super::scope(input);
    let given = |path: &Path, value: Option<&AttributeValue>| match (path.elements.as_slice(), value) {
        ([Element::Name(name) | Element::Placeholder { name, .. }], Some(value)) => name.len() + size::value(value),
        _ => 0,
    };
    if let Some(Expression::Update(update)) = super::parsed(input, ExpressionKind::Update) {
        let set = update.set.iter().map(|action| match &action.value {
            Operand::Value(value) => given(&action.path, scope.get(&value.placeholder)),
            _ => 0,
        });
        return key + set.sum::<usize>();
    }
    let Some(Node::Map(updates)) = input.get(Name::AttributeUpdates) else { return key };
    let put = updates.iter().map(|(name, update)| match update {
        Node::Structure(update) if matches!(update.text(Name::Action), None | Some("PUT")) => {
            match update.get(Name::Value) {
                Some(Node::AttributeValue(value)) => name.len() + size::value(value),
                _ => 0,
            }
        }
        _ => 0,
    });
    key + put.sum::<usize>()
}

/// What a batch does in one table.
fn batch(table: &str, work: &Node) -> Option<Part> {
    match work {
        Node::Structure(input) => {
            let keys = match input.get(Name::Keys) {
                Some(Node::List(keys)) => keys.len(),
                _ => 0,
            };
            let (each, kind) = read_units(input);
            let least = each.times(u64::try_from(keys).unwrap_or(u64::MAX));
            let units = Range { least, most: Some(least.times(READS_OF_ITEM)) };
            let words = [
                "Reading ",
                &count(keys, "item"),
                " of ",
                table,
                " takes ",
                &units.words("read"),
                ", ",
                &each.to_text(),
                " for each 4 KB begun of each (",
                kind,
                "), found or not.",
            ];
            Some(Part { table: table.into(), bytes: None, units, words: words.together() })
        }
        Node::List(writes_of_table) => {
            let (mut puts, mut bytes, mut deletes, mut least) = (0, 0_usize, 0, Units::default());
            for write in writes_of_table {
                let Node::Structure(write) = write else { continue };
                let units = if let Some(Node::Structure(put)) = write.get(Name::PutRequest) {
                    let held = bytes_of(put, Name::Item);
                    puts += 1;
                    bytes = bytes.saturating_add(held);
                    writes(held)
                } else {
                    deletes += 1;
                    writes(0)
                };
                least.halves = least.halves.saturating_add(units.halves);
            }
            let mut words = String::new();
            if puts > 0 {
                add(
                    &mut words,
                    &["Putting ", &count(puts, "item"), " of ", &count(bytes, "byte"), " in all into ", table],
                );
            }
            if deletes > 0 {
                let verb = if puts > 0 { " and deleting " } else { "Deleting " };
                add(&mut words, &[verb, &count(deletes, "item"), " from ", table]);
            }
            let units = Range { least, most: None };
            let rule = ", 1 for each KB begun of each item, or of what it replaces or deletes if that is larger.";
            add(&mut words, &[" takes ", &units.words("write"), rule]);
            Some(Part { table: table.into(), bytes: (puts > 0).then_some(bytes), units, words })
        }
        _ => None,
    }
}

/// The pages of a Scan or a Query.
fn pages(input: &Structure, options: &Options) -> Part {
    let (each, kind) = read_units(input);
    let page = match input.get(Name::Limit) {
        Some(Node::Integer(limit)) => {
            let items = u64::try_from(*limit).unwrap_or(u64::MAX).saturating_mul(READS_OF_ITEM);
            items.min(READS_OF_PAGE)
        }
        _ => READS_OF_PAGE,
    };
    // A local index is asked for attributes that it does not hold: they are fetched from the table, item by item.
    let fetches = input.get(Name::IndexName).is_some()
        && [
            Name::ProjectionExpression,
            Name::AttributesToGet,
            Name::FilterExpression,
            Name::QueryFilter,
            Name::ScanFilter,
        ]
        .iter()
        .any(|name| input.get(*name).is_some())
        || input.get(Name::IndexName).is_some() && input.text(Name::Select) == Some("ALL_ATTRIBUTES");
    let segments =
        options.starts.as_ref().map_or(1, |starts| starts.iter().filter(|start| **start != Start::Done).count());
    let segments = u64::try_from(segments).unwrap_or(u64::MAX);
    let calls = if options.all { u64::from(MAX_PAGES) } else { 1 };
    let units = Range { least: each.times(segments), most: (!fetches).then(|| each.times(page).times(calls)) };
    let mut takes =
        [&units.words("read"), ", ", &each.to_text(), " for each 4 KB begun of all that a page reads"].together();
    add(&mut takes, &[" before any filter (", kind, "); "]);
    if options.all {
        add(&mut takes, &["there are at most ", &MAX_PAGES.to_string(), " pages of at most 1 MB"]);
    } else {
        takes.push_str("a page is at most 1 MB");
    }
    if fetches {
        takes.push_str("; what a local index has to fetch from its table comes on top");
    }
    part(input, None, units, "Reading ", &takes)
}
