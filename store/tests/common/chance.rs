//! Values of every type, as a store would send them back, by chance that is the same every time.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by it")]

use gateleg_core::attribute::{AttributeValue, Attributes};
use gateleg_core::number::Number;

/// A source of chance that gives the same every time.
pub struct Chance(u64);

impl Chance {
    /// The same chance for the same seed.
    pub fn new(seed: u64) -> Self {
        Chance(seed)
    }

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

    /// A value of any type, nested at most that deep.
    pub fn value(&mut self, depth: usize) -> AttributeValue {
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
