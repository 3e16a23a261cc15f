//! The legacy parameters: what stood in the place of expressions before there were any.

use gateleg_core::json::Json;

use crate::random::{Random, Tree, array, object, text};
use crate::values::{ATTRIBUTES, value_of};

/// `Expected`, `ScanFilter` or `QueryFilter`, and how many conditions it holds.
pub fn conditions(random: &mut Random, expected: bool) -> (Tree, usize) {
    let length = if random.slip(5) { 0 } else { 1 + random.below(2) };
    let mut conditions = Vec::new();
    for attribute in ATTRIBUTES.iter().skip(random.below(4)).take(length) {
        let condition = if expected && random.chance(50) { expectation(random) } else { comparison(random) };
        conditions.push((*attribute, condition));
    }
    (object(conditions), length)
}

/// `KeyConditions`.
pub fn key_conditions(random: &mut Random) -> Tree {
    let equals = |value: Tree| object([("ComparisonOperator", text("EQ")), ("AttributeValueList", array([value]))]);
    let mut conditions = vec![("id", equals(value_of(random, "S", 0)))];
    if random.chance(50) {
        let moment = if random.chance(50) { comparison(random) } else { equals(value_of(random, "N", 0)) };
        conditions.push(("moment", moment));
    }
    if random.slip(10) {
        conditions.push(("a", equals(value_of(random, "N", 0))));
    }
    if random.slip(5) {
        conditions.clear();
    }
    if random.slip(10) {
        conditions = vec![("id", comparison(random))];
    }
    object(conditions)
}

/// The form with `Exists` and `Value`.
fn expectation(random: &mut Random) -> Tree {
    let exists = ("Exists", Json::Bool(random.chance(50)));
    let value = ("Value", value_of(random, "N", 0));
    if random.slip(30) {
        let list = ("AttributeValueList", array([value_of(random, "N", 0)]));
        return match random.below(6) {
            0 => object::<&str>([]),
            1 => object([("Exists", Json::Bool(true))]),
            2 => object([("Exists", Json::Bool(false)), value]),
            3 => object([list]),
            4 => object([value, list]),
            _ => object([exists, ("ComparisonOperator", text("EQ")), list]),
        };
    }
    match random.below(3) {
        0 => object([("Exists", Json::Bool(false))]),
        1 => object([("Exists", Json::Bool(true)), value]),
        _ => object([value]),
    }
}

/// The form with `ComparisonOperator` and `AttributeValueList`.
fn comparison(random: &mut Random) -> Tree {
    let operator = random.pick(&[
        "EQ",
        "NE",
        "LE",
        "LT",
        "GE",
        "GT",
        "NULL",
        "NOT_NULL",
        "CONTAINS",
        "NOT_CONTAINS",
        "BEGINS_WITH",
        "IN",
        "BETWEEN",
    ]);
    let (mut count, mut of) = match operator {
        "NULL" | "NOT_NULL" => (0, "S"),
        "BETWEEN" => (2, "N"),
        "BEGINS_WITH" => (1, "S"),
        "IN" => (1 + random.below(2), "S"),
        _ => (1, random.pick(&["S", "N", "B"])),
    };
    if random.slip(10) {
        count = random.below(4);
    }
    if random.slip(10) {
        of = random.pick(&["BOOL", "NULL", "SS", "NS", "L", "M", "N"]);
    }
    let mut list: Vec<Tree> = (0..count).map(|_| value_of(random, of, 1)).collect();
    if operator == "BETWEEN" && count == 2 && !random.slip(20) {
        list = vec![object([("N", text("1"))]), object([("N", text("9"))])];
    }
    let operator = if random.slip(4) { "eq" } else { operator };
    let mut members = vec![("ComparisonOperator", text(operator))];
    if !list.is_empty() || random.chance(20) {
        members.push(("AttributeValueList", array(list)));
    }
    if random.slip(4) {
        members.remove(0);
    }
    object(members)
}

/// `AttributeUpdates`.
pub fn updates(random: &mut Random) -> Tree {
    let length = 1 + random.below(2);
    let mut updates = Vec::new();
    for attribute in ATTRIBUTES.iter().skip(random.below(4)).take(length) {
        let (action, mut of) = match random.below(4) {
            0 => (Some("ADD"), random.pick(&["N", "SS", "NS", "L"])),
            1 => (Some("DELETE"), random.pick(&["SS", "NS", "BS"])),
            2 => (Some("PUT"), random.pick(&["S", "N", "L", "M", "BOOL"])),
            _ => (None, "S"),
        };
        if random.slip(15) {
            of = random.pick(&["S", "B", "M", "NULL"]);
        }
        let mut members = Vec::new();
        if let Some(action) = action {
            members.push(("Action", text(if random.slip(5) { "put" } else { action })));
        }
        if !(random.slip(10) || action == Some("DELETE") && random.chance(30)) {
            members.push(("Value", value_of(random, of, 1)));
        }
        updates.push((*attribute, object(members)));
    }
    object(updates)
}

/// `AttributesToGet`.
pub fn attributes_to_get(random: &mut Random) -> Tree {
    if random.slip(15) {
        return match random.below(3) {
            0 => array([]),
            1 => array([text("a"), text("a")]),
            _ => array([text("")]),
        };
    }
    let length = 1 + random.below(3);
    array(ATTRIBUTES.iter().take(length).map(|name| text(*name)))
}
