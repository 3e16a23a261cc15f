//! Requests in DynamoDB's wire form, call by call: valid ones, and ones with a slip or two.

use gateleg_core::command::Api;
use gateleg_core::json::Json;

use crate::expressions::{self, Scope};
use crate::legacy;
use crate::random::{Random, Tree, array, number, object, text};
use crate::values::{ATTRIBUTES, attributes, value_of};

/// The table: partition key `id` (S), sort key `moment` (N).
pub const TABLE: &str = "things";
/// Its index: partition key `grp` (S).
pub const INDEX: &str = "by_grp";

pub type Members = Vec<(String, Tree)>;

/// One request.
pub struct Request {
    pub api: Api,
    pub input: Tree,
}

impl Request {
    /// The request of that seed.
    pub fn generate(seed: u64) -> Self {
        let slips = [0, 1, 1, 2][(seed % 4) as usize];
        let mut random = Random::new(seed, slips);
        let random = &mut random;
        let api = random.pick(&[
            Api::PutItem,
            Api::GetItem,
            Api::UpdateItem,
            Api::UpdateItem,
            Api::DeleteItem,
            Api::Scan,
            Api::Query,
            Api::Query,
            Api::BatchGetItem,
            Api::BatchWriteItem,
            Api::TransactGetItems,
            Api::TransactWriteItems,
        ]);
        let mut input = input(random, api);
        if random.slip(15) {
            mutate(random, &mut input);
        }
        Request { api, input }
    }

    /// The same request in our protocol.
    pub fn envelope(&self) -> String {
        let mut members = vec![("operation", text(self.api.operation().as_str()))];
        if let Some(name) = self.input.get("TableName").filter(|name| **name != Json::Null) {
            members.push(("tableName", name.clone()));
        }
        members.push(("payload", self.input.clone()));
        members.push(("options", object([("format", text("dynamodb"))])));
        object(members).to_text()
    }
}

fn input(random: &mut Random, api: Api) -> Tree {
    let mut members = Members::new();
    match api {
        Api::PutItem | Api::DeleteItem | Api::UpdateItem | Api::GetItem | Api::Scan | Api::Query => {
            members.push(("TableName".into(), text(table(random))));
            match api {
                Api::PutItem => members.push(("Item".into(), item(random))),
                Api::Scan | Api::Query => page(random, &mut members, api),
                _ => members.push(("Key".into(), key(random))),
            }
            conditions(random, &mut members, api);
        }
        Api::BatchGetItem => {
            let keys = keys(random);
            let mut table = vec![("Keys".to_owned(), keys)];
            reading(random, &mut table);
            members.push(("RequestItems".into(), object([(self::table(random), object(table))])));
        }
        Api::BatchWriteItem => {
            let length = 1 + random.below(3);
            let writes = (0..length).map(|n| write(random, n)).collect::<Vec<_>>();
            let writes = if random.slip(5) { array([]) } else { array(writes) };
            members.push(("RequestItems".into(), object([(table(random), writes)])));
        }
        Api::TransactGetItems => {
            let length = 1 + random.below(3);
            let gets = (0..length).map(|n| get(random, n)).collect::<Vec<_>>();
            members.push(("TransactItems".into(), if random.slip(5) { array([]) } else { array(gets) }));
        }
        Api::TransactWriteItems => {
            let length = 1 + random.below(3);
            let actions = (0..length).map(|n| action(random, n)).collect::<Vec<_>>();
            members.push(("TransactItems".into(), if random.slip(5) { array([]) } else { array(actions) }));
        }
    }
    if random.chance(20) {
        word(random, &mut members, "ReturnConsumedCapacity", &["TOTAL", "INDEXES", "NONE"], "ALL");
    }
    if api.is_write() && random.chance(10) {
        word(random, &mut members, "ReturnItemCollectionMetrics", &["SIZE", "NONE"], "size");
    }
    object(members)
}

fn table(random: &mut Random) -> &'static str {
    if random.slip(3) { random.pick(&["", "ab", "a b", "no-such-table", "things!"]) } else { TABLE }
}

/// A word of an enumeration, or one that is none.
fn word(random: &mut Random, members: &mut Members, name: &str, words: &[&str], wrong: &str) {
    let word = if random.slip(10) { wrong } else { random.pick(words) };
    members.push((name.into(), text(word)));
}

fn boolean(random: &mut Random) -> Tree {
    if random.slip(10) { text(random.pick(&["true", "maybe", ""])) } else { Json::Bool(random.chance(50)) }
}

fn integer(random: &mut Random, least: i64, most: i64) -> Tree {
    if random.slip(10) {
        return match random.below(5) {
            0 => number(least - 1),
            1 => number(most + 1),
            2 => Json::Number("1.5".into()),
            3 => text("1"),
            _ => Json::Number("99999999999999999999".into()),
        };
    }
    number(least + random.below(3) as i64)
}

/// The key of one of a handful of items.
fn key(random: &mut Random) -> Tree {
    let n = random.below(5);
    numbered_key(random, n)
}

fn numbered_key(random: &mut Random, n: usize) -> Tree {
    let id = if random.slip(4) { value_of(random, "S", 0) } else { object([("S", text(format!("id-{n}")))]) };
    let moment = if random.slip(4) { value_of(random, "N", 0) } else { object([("N", text(n.to_string()))]) };
    let mut members = vec![("id", id), ("moment", moment)];
    if random.slip(2) {
        members.push((random.pick(&["", "a"]), value_of(random, "S", 0)));
    }
    object(members)
}

fn item(random: &mut Random) -> Tree {
    let n = random.below(5);
    numbered_item(random, n)
}

fn numbered_item(random: &mut Random, n: usize) -> Tree {
    let mut members = Members::new();
    for part in [numbered_key(random, n), attributes(random, 2)] {
        if let Json::Object(part) = part {
            members.extend(part.into_iter().map(|(name, value)| (name.into_owned(), value)));
        }
    }
    if random.slip(2) {
        members.push(("big".into(), object([("S", text("x".repeat(409_600)))])));
    }
    object(members)
}

/// Expressions or their legacy forms, as far as the call takes them.
fn conditions(random: &mut Random, members: &mut Members, api: Api) {
    let mut scope = Scope::default();
    let legacy = random.chance(20);
    let both = random.slip(5);
    if api == Api::UpdateItem && random.chance(90) {
        if !legacy || both {
            members.push(("UpdateExpression".into(), text(expressions::update(random, &mut scope))));
        }
        if legacy || both {
            members.push(("AttributeUpdates".into(), legacy::updates(random)));
        }
    }
    let condition = match api {
        Api::GetItem => None,
        Api::Scan | Api::Query => Some("FilterExpression"),
        _ => Some("ConditionExpression"),
    };
    let old = match api {
        Api::Scan => "ScanFilter",
        Api::Query => "QueryFilter",
        _ => "Expected",
    };
    if let Some(condition) = condition
        && random.chance(60)
    {
        if !legacy || both {
            members.push((condition.into(), text(expressions::condition(random, &mut scope, 2))));
        }
        if legacy || both {
            let (conditions, count) = legacy::conditions(random, old == "Expected");
            members.push((old.into(), conditions));
            if (count > 1 && random.chance(40)) || random.slip(10) {
                word(random, members, "ConditionalOperator", &["AND", "OR"], "and");
            }
        }
    }
    if api == Api::Query && !random.slip(4) {
        if !legacy || both {
            members.push(("KeyConditionExpression".into(), text(expressions::key_condition(random, &mut scope))));
        }
        if legacy || both {
            members.push(("KeyConditions".into(), legacy::key_conditions(random)));
        }
    }
    if matches!(api, Api::GetItem | Api::Scan | Api::Query) {
        if random.chance(40) && (!legacy || both) {
            members.push(("ProjectionExpression".into(), text(expressions::projection(random, &mut scope))));
        }
        if legacy && random.chance(40) {
            members.push(("AttributesToGet".into(), legacy::attributes_to_get(random)));
        }
        if random.chance(20) {
            members.push(("ConsistentRead".into(), boolean(random)));
        }
    } else if random.chance(30) {
        let words: &[&str] = match api {
            Api::UpdateItem => &["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"],
            _ => &["NONE", "ALL_OLD"],
        };
        word(random, members, "ReturnValues", words, "UPDATED_NEW ");
        if random.slip(20) {
            word(random, members, "ReturnValues", &["ALL_NEW"], "x");
        }
    }
    let placeholders = scope.members(random);
    // GetItem takes no values.
    members.extend(placeholders.into_iter().filter(|(name, _)| api != Api::GetItem || name.ends_with("Names")));
}

/// What Scan and Query take beside expressions.
fn page(random: &mut Random, members: &mut Members, api: Api) {
    if random.chance(30) {
        members.push(("Limit".into(), integer(random, 1, i64::from(i32::MAX))));
    }
    if random.chance(15) {
        let words = ["ALL_ATTRIBUTES", "COUNT", "SPECIFIC_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"];
        word(random, members, "Select", &words, "all");
    }
    if random.chance(10) {
        let name = if random.slip(20) { random.pick(&["", "x", "a b"]) } else { INDEX };
        members.push(("IndexName".into(), text(name)));
    }
    if random.chance(15) {
        members.push(("ExclusiveStartKey".into(), key(random)));
    }
    if api == Api::Query && random.chance(20) {
        members.push(("ScanIndexForward".into(), boolean(random)));
    }
    if api == Api::Scan && random.chance(20) {
        let (segment, total) = (integer(random, 0, 999_999), integer(random, 3, 1_000_000));
        if !random.slip(10) {
            members.push(("Segment".into(), segment));
        }
        if !random.slip(10) {
            members.push(("TotalSegments".into(), total));
        }
    }
}

fn keys(random: &mut Random) -> Tree {
    let length = 1 + random.below(3);
    let mut keys: Vec<Tree> = (0..length).map(|n| numbered_key(random, n)).collect();
    if random.slip(10) {
        keys.push(keys[0].clone());
    }
    if random.slip(5) { array([]) } else { array(keys) }
}

/// What a reader of whole items takes beside the key.
fn reading(random: &mut Random, members: &mut Members) {
    let mut scope = Scope::default();
    if random.chance(40) {
        members.push(("ProjectionExpression".into(), text(expressions::projection(random, &mut scope))));
    }
    if random.slip(10) {
        members.push(("AttributesToGet".into(), legacy::attributes_to_get(random)));
    }
    let placeholders = scope.members(random);
    members.extend(placeholders.into_iter().filter(|(name, _)| name.ends_with("Names")));
}

fn write(random: &mut Random, n: usize) -> Tree {
    let n = if random.slip(10) { 0 } else { n };
    let put = ("PutRequest", object([("Item", numbered_item(random, n))]));
    let delete = ("DeleteRequest", object([("Key", numbered_key(random, n))]));
    if random.slip(8) {
        return if random.chance(50) { object([put, delete]) } else { object::<&str>([]) };
    }
    if random.chance(60) { object([put]) } else { object([delete]) }
}

fn get(random: &mut Random, n: usize) -> Tree {
    let n = if random.slip(10) { 0 } else { n };
    let mut members = vec![("TableName".to_owned(), text(table(random))), ("Key".into(), numbered_key(random, n))];
    reading_projection(random, &mut members);
    if random.slip(4) { object::<&str>([]) } else { object([("Get", object(members))]) }
}

fn reading_projection(random: &mut Random, members: &mut Members) {
    let mut scope = Scope::default();
    if random.chance(40) {
        members.push(("ProjectionExpression".into(), text(expressions::projection(random, &mut scope))));
    }
    let placeholders = scope.members(random);
    members.extend(placeholders.into_iter().filter(|(name, _)| name.ends_with("Names")));
}

fn action(random: &mut Random, n: usize) -> Tree {
    let n = if random.slip(10) { 0 } else { n };
    let kind = random.pick(&["ConditionCheck", "Put", "Delete", "Update"]);
    let mut scope = Scope::default();
    let mut members: Members = vec![("TableName".into(), text(table(random)))];
    if kind == "Put" {
        members.push(("Item".into(), numbered_item(random, n)));
    } else {
        members.push(("Key".into(), numbered_key(random, n)));
    }
    if kind == "Update" && !random.slip(10) {
        members.push(("UpdateExpression".into(), text(expressions::update(random, &mut scope))));
    }
    if kind == "ConditionCheck" && !random.slip(10) || kind != "ConditionCheck" && random.chance(40) {
        members.push(("ConditionExpression".into(), text(expressions::condition(random, &mut scope, 1))));
    }
    members.extend(scope.members(random));
    if random.chance(10) {
        word(random, &mut members, "ReturnValuesOnConditionCheckFailure", &["ALL_OLD", "NONE"], "ALL_NEW");
    }
    let action = (kind, object(members));
    if random.slip(6) {
        let key = ("Key".to_owned(), numbered_key(random, n + 1));
        let other = ("Delete", object([("TableName".to_owned(), text(TABLE)), key]));
        return if random.chance(50) { object([action, other]) } else { object::<&str>([]) };
    }
    object([action])
}

/// Puts something else in the place of one value, or takes it out.
fn mutate(random: &mut Random, tree: &mut Tree) {
    let descend = random.chance(70);
    match tree {
        Json::Object(members) if !members.is_empty() && descend => {
            let at = random.below(members.len());
            if random.chance(15) {
                members.remove(at);
            } else if random.chance(5) {
                let misspelt = members[at].0.to_lowercase();
                members[at].0 = misspelt.into();
            } else {
                mutate(random, &mut members[at].1);
            }
        }
        Json::Array(items) if !items.is_empty() && descend => {
            let at = random.below(items.len());
            mutate(random, &mut items[at]);
        }
        other => {
            *other = match random.below(7) {
                0 => Json::Null,
                1 => number(1),
                2 => text(""),
                3 => text(random.pick(&ATTRIBUTES)),
                4 => Json::Bool(true),
                5 => array([]),
                _ => object::<&str>([]),
            }
        }
    }
}
