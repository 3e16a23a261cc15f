//! Every value that DynamoDB can hold, written, read, and what was read written back: it stays what it is, in both notations.

use gateleg_core::attribute::{self, AttributeValue, Attributes, Format, Notation, Numbers};
use gateleg_core::json::Json;
use gateleg_core::number::Number;

use super::common::homes::reply;
use super::{engines, stores};

/// A source of chance that gives the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }

    fn text(&mut self, most: usize) -> String {
        let letters =
            ['a', 'Z', '0', ' ', '"', '\\', '/', '\n', '\u{1}', '\u{7f}', 'é', '€', '😀', '\u{2028}', '$', ':'];
        (0..self.below(most + 1)).map(|_| letters.get(self.below(letters.len())).copied().unwrap_or('a')).collect()
    }

    /// A number as DynamoDB writes it, so that it comes back in the same letters: no zeros at either end, no exponent.
    fn number(&mut self) -> Number {
        let digits = 1 + self.below(38);
        let digit = |chance: &mut Self, from: usize| char::from(b'0' + (from + chance.below(10 - from)) as u8);
        let mut text = String::new();
        for at in 0..digits {
            let from = usize::from(at == 0 || at + 1 == digits);
            text.push(digit(self, from));
        }
        let text = match self.below(4) {
            0 => text,
            1 if digits > 1 => {
                text.insert(1 + self.below(digits - 1), '.');
                text
            }
            2 => format!("0.{}{text}", "0".repeat(self.below(60))),
            _ => format!("{text}{}", "0".repeat(self.below(80))),
        };
        let sign = if self.below(3) == 0 { "-" } else { "" };
        Number::parse(&format!("{sign}{text}")).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn bytes(&mut self) -> Vec<u8> {
        (0..self.below(9)).map(|_| self.below(256) as u8).collect()
    }

    fn value(&mut self, depth: usize) -> AttributeValue {
        let kinds = if depth == 0 { 9 } else { 11 };
        match self.below(kinds) {
            0 => AttributeValue::S(self.text(12)),
            1 | 2 => AttributeValue::N(self.number()),
            3 => AttributeValue::B(self.bytes()),
            4 => AttributeValue::Bool(self.below(2) == 0),
            5 => AttributeValue::Null,
            6 => {
                let mut set: Vec<String> = (0..1 + self.below(4)).map(|_| self.text(6) + "x").collect();
                set.sort();
                set.dedup();
                AttributeValue::Ss(set)
            }
            7 => {
                let mut set: Vec<Number> = (0..1 + self.below(4)).map(|_| self.number()).collect();
                set.sort_by(Number::compare);
                set.dedup_by(|a, b| a.compare(b).is_eq());
                AttributeValue::Ns(set)
            }
            8 => {
                let mut set: Vec<Vec<u8>> = (0..1 + self.below(4)).map(|_| self.bytes()).collect();
                set.sort();
                set.dedup();
                AttributeValue::Bs(set)
            }
            9 => AttributeValue::L((0..self.below(4)).map(|_| self.value(depth - 1)).collect()),
            _ => AttributeValue::M(self.attributes(depth - 1)),
        }
    }

    /// Names that are also tags and types of DynamoDB JSON among them.
    fn attributes(&mut self, depth: usize) -> Attributes {
        let names = ["a", "b", "$ss", "$ns", "$bs", "$b", "$n", "$m", "S", "M", "é", "with space", "__proto__"];
        let mut attributes: Attributes = Vec::new();
        for _ in 0..self.below(4) {
            let name = names.get(self.below(names.len())).copied().unwrap_or("a");
            if attributes.iter().all(|(known, _)| known != name) {
                attributes.push((name.into(), self.value(depth)));
            }
        }
        attributes
    }
}

const ITEMS: usize = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_read_can_be_written_back_unchanged() {
    let notations = [
        (Notation::default(), "{}"),
        (Notation { format: Format::Plain, numbers: Numbers::Tagged }, r#"{"numbers":"tagged"}"#),
        (Notation::WIRE, r#"{"format":"dynamodb"}"#),
    ];
    let engines = engines();
    let stores = stores(&engines).await;
    let mut chance = Chance(7);
    for round in 0..ITEMS {
        let mut item = vec![("id".to_owned(), AttributeValue::S(format!("{round}")))];
        item.extend((0..5).map(|index| (format!("a{index}"), chance.value(3))));
        let (notation, options) = notations[round % notations.len()];
        let text = |item: &Attributes, notation| {
            let mut item = item.clone();
            attribute::sort(&mut item);
            let mut out = String::new();
            attribute::write_attributes(&mut out, &item, notation);
            out
        };
        let expected = text(&item, notation);
        let key = text(&item[..1].to_vec(), notation);
        let read =
            format!(r#"{{"operation":"read","tableName":"things","payload":{{"Key":{key}}},"options":{options}}}"#);
        // dynalite keeps maps in JavaScript objects, which have no room for a member of this name.
        let all = if expected.contains("__proto__") { 2 } else { stores.len() };
        for (name, store) in stores.iter().take(all) {
            let mut written = expected.clone();
            // Written, read, and once more with what was read.
            for _ in 0..2 {
                let create = format!(
                    r#"{{"operation":"create","tableName":"things","payload":{{"Item":{written}}},"options":{options}}}"#
                );
                let created = reply(store, &create).await;
                assert_eq!(created.status, 200, "{name}: {} for {create}", created.text());
                let found = reply(store, &read).await;
                let json = Json::parse(&found.body).unwrap_or_else(|error| panic!("{error}: {}", found.text()));
                let found = json.get("Item").map(Json::to_text).unwrap_or_default();
                // A set has no order.
                assert_eq!(in_order(&found), in_order(&expected), "{name}, item {round}");
                written = found;
            }
        }
    }
}

/// Members of objects and of sets in order.
pub(crate) fn in_order(text: &str) -> String {
    fn sort(json: &mut Json<'_>) {
        match json {
            Json::Object(members) => {
                members.sort_by(|(a, _), (b, _)| a.cmp(b));
                for (name, value) in members {
                    sort(value);
                    if let (Json::Array(members), "$ss" | "$ns" | "$bs" | "SS" | "NS" | "BS") = (value, name.as_ref()) {
                        members.sort_by_key(Json::to_text);
                    }
                }
            }
            Json::Array(items) => items.iter_mut().for_each(sort),
            _ => {}
        }
    }
    let mut json = Json::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
    sort(&mut json);
    json.to_text()
}
