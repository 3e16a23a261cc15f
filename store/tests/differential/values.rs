//! Attribute values in DynamoDB JSON: all ten types, and what is almost one of them.

use gateleg_core::json::Json;

use crate::random::{Random, Tree, array, number, object, text};

/// Names of attributes; none is a reserved word.
pub const ATTRIBUTES: [&str; 9] = ["a", "b", "c", "note", "tags", "amount", "price", "qty", "label"];

const TYPES: [&str; 10] = ["S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"];

const NUMBERS: [&str; 10] = [
    "0",
    "1",
    "-1",
    "1.5",
    "007",
    ".5",
    "1e10",
    "-12345678901234567890",
    "1E-130",
    "99999999999999999999999999999999999999",
];

const NO_NUMBERS: [&str; 12] = [
    "",
    " 1",
    "1 ",
    "abc",
    "0x10",
    "1e",
    "--1",
    "NaN",
    "1e126",
    "1e-131",
    "999999999999999999999999999999999999999",
    "1e99999999999999999999",
];

/// Any value.
pub fn value(random: &mut Random, depth: usize) -> Tree {
    let types = if depth == 0 { &TYPES[..8] } else { &TYPES };
    let of = random.pick(types);
    value_of(random, of, depth)
}

/// A value of that type.
pub fn value_of(random: &mut Random, of: &str, depth: usize) -> Tree {
    if random.slip(6) {
        return no_value(random);
    }
    let holds = match of {
        "S" => text(random.pick(&["", "x", "open", "a longer text", "\u{e9}\u{1F600}"])),
        "N" => numeral(random),
        "B" => text(random.pick(&["", "YQ==", "AP8="])),
        "BOOL" => Json::Bool(random.chance(50)),
        "NULL" => Json::Bool(true),
        "SS" => set(random, &["a", "b", "c", ""]),
        "NS" => set(random, &["1", "2", "-3.5", "1e3"]),
        "BS" => set(random, &["YQ==", "Yg==", "YWI="]),
        "L" => {
            let length = random.below(3);
            array((0..length).map(|_| value(random, depth.saturating_sub(1))).collect::<Vec<_>>())
        }
        _ => attributes(random, depth.saturating_sub(1)),
    };
    object([(of, holds)])
}

/// A map's members.
pub fn attributes(random: &mut Random, depth: usize) -> Tree {
    let length = random.below(4);
    let mut members = Vec::new();
    for _ in 0..length {
        let name = if random.slip(3) { "" } else { random.pick(&ATTRIBUTES) };
        members.push((name, value(random, depth)));
    }
    object(members)
}

fn numeral(random: &mut Random) -> Tree {
    if random.slip(10) {
        return text(random.pick(&NO_NUMBERS));
    }
    text(random.pick(&NUMBERS))
}

/// Some of these, in their order.
fn set(random: &mut Random, members: &[&str]) -> Tree {
    if random.slip(8) {
        return match random.below(3) {
            0 => array([]),
            1 => array([text(members[0]), text(members[1]), text(members[0])]),
            _ => array([text(members[0]), number(1)]),
        };
    }
    let length = 1 + random.below(members.len());
    array(members.iter().take(length).map(|member| text(*member)))
}

fn no_value(random: &mut Random) -> Tree {
    let s = || ("S", text("x"));
    match random.below(14) {
        0 => object::<&str>([]),
        1 => object([s(), ("N", text("1"))]),
        2 => object([("X", text("x"))]),
        3 => object([("NULL", Json::Bool(false))]),
        4 => object([("S", number(5))]),
        5 => object([("N", number(5))]),
        6 => object([("B", text(random.pick(&["YQ", "Y===", "Y Q=", "YR==", "-_-_"])))]),
        7 => object([("BOOL", text(random.pick(&["true", "no", "maybe"])))]),
        8 => object([("SS", text("a"))]),
        9 => object([("L", object([s()]))]),
        10 => object([("M", array([]))]),
        11 => text("x"),
        12 => (0..32).fold(object([s()]), |inner, n| {
            if n % 2 == 0 { object([("L", array([inner]))]) } else { object([("M", object([("a", inner)]))]) }
        }),
        _ => object([("NS", array([text("1"), text("1.0")]))]),
    }
}
