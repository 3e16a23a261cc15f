//! Expressions of all five kinds, by DynamoDB's grammar, and their placeholders; with slips, what is almost an expression.

use crate::random::{Random, Tree, object, text};
use crate::values::{ATTRIBUTES, value_of};

const RESERVED: [&str; 6] = ["name", "Status", "DATA", "size", "count", "order"];

/// Types whose values have no order.
const UNORDERED: [&str; 7] = ["BOOL", "NULL", "SS", "NS", "BS", "L", "M"];

/// The placeholders that one request's expressions use.
#[derive(Default)]
pub struct Scope {
    names: Vec<(String, Tree)>,
    values: Vec<(String, Tree)>,
}

impl Scope {
    fn name(&mut self, random: &mut Random, attribute: &str) -> String {
        let name = format!("#n{}", self.names.len());
        if !random.slip(5) {
            self.names.push((name.clone(), text(attribute)));
        }
        name
    }

    /// A placeholder for a new value of that type.
    fn value(&mut self, random: &mut Random, of: &str) -> String {
        let name = format!(":v{}", self.values.len());
        if random.slip(4) {
            return format!(":{}", random.pick(&["missing", "v", "V0"]));
        }
        self.values.push((name.clone(), value_of(random, of, 1)));
        name
    }

    /// A value of a literal number.
    fn literal(&mut self, of: &str, literal: &str) -> String {
        let name = format!(":v{}", self.values.len());
        self.values.push((name.clone(), object([(of, text(literal))])));
        name
    }

    /// `ExpressionAttributeNames` and `ExpressionAttributeValues`.
    pub fn members(mut self, random: &mut Random) -> Vec<(String, Tree)> {
        if random.slip(8) {
            self.names.push((random.pick(&["#unused", "#", "bad", "#a-b", ""]).into(), text("a")));
        }
        if random.slip(8) {
            self.values.push((random.pick(&[":unused", ":", "bad", ":a-b"]).into(), value_of(random, "S", 0)));
        }
        if random.slip(4) {
            self.names.push(("#empty".into(), text("")));
        }
        let mut members = Vec::new();
        if !self.names.is_empty() || random.slip(5) {
            members.push(("ExpressionAttributeNames".into(), object(self.names)));
        }
        if !self.values.is_empty() || random.slip(5) {
            members.push(("ExpressionAttributeValues".into(), object(self.values)));
        }
        members
    }
}

/// A keyword in any case.
fn word(random: &mut Random, word: &str) -> String {
    match random.below(4) {
        0 => word.to_lowercase(),
        1 => word[..1].to_string() + &word[1..].to_lowercase(),
        _ => word.into(),
    }
}

fn path(random: &mut Random, scope: &mut Scope) -> String {
    let attribute = random.pick(&ATTRIBUTES);
    let mut path = if random.slip(4) {
        random.pick(&RESERVED).to_string()
    } else if random.chance(30) {
        scope.name(random, attribute)
    } else {
        attribute.into()
    };
    if random.chance(20) {
        let attribute = random.pick(&ATTRIBUTES);
        let member = if random.chance(30) { scope.name(random, attribute) } else { attribute.into() };
        path = format!("{path}.{member}");
    }
    if random.chance(15) {
        path = format!("{path}[{}]", random.below(3));
    }
    if random.slip(3) {
        path += random.pick(&["..b", ".", "[", "[x]", "[-1]", "[ 0 ]", ".0", " b", "-b", "[0", "[]", " . b"]);
    }
    path
}

/// What a comparison compares.
fn operand(random: &mut Random, scope: &mut Scope, of: &str) -> String {
    let operand = match random.below(10) {
        0..=4 => path(random, scope),
        5 if of == "N" => format!("size({})", path(random, scope)),
        _ => scope.value(random, of),
    };
    if random.slip(2) { format!("({operand})") } else { operand }
}

/// A condition or filter.
pub fn condition(random: &mut Random, scope: &mut Scope, depth: usize) -> String {
    if random.slip(4) {
        return no_condition(random, scope);
    }
    if depth == 0 {
        return test(random, scope);
    }
    match random.below(10) {
        0 | 1 => {
            let (left, right) = (condition(random, scope, depth - 1), condition(random, scope, depth - 1));
            format!("{left} {} {right}", word(random, "AND"))
        }
        2 | 3 => {
            let (left, right) = (condition(random, scope, depth - 1), condition(random, scope, depth - 1));
            format!("({left}) {} {right}", word(random, "OR"))
        }
        4 => format!("{} {}", word(random, "NOT"), condition(random, scope, depth - 1)),
        5 => format!("( {} )", condition(random, scope, depth - 1)),
        _ => test(random, scope),
    }
}

fn test(random: &mut Random, scope: &mut Scope) -> String {
    let of = if random.slip(8) { random.pick(&UNORDERED) } else { random.pick(&["S", "N", "B"]) };
    match random.below(9) {
        0 => {
            let operand = path(random, scope);
            let (low, high) = bounds(random, scope);
            format!("{operand} {} {low} {} {high}", word(random, "BETWEEN"), word(random, "AND"))
        }
        1 => {
            let operands: Vec<String> = (0..1 + random.below(3)).map(|_| operand(random, scope, of)).collect();
            format!("{} {} ({})", path(random, scope), word(random, "IN"), operands.join(", "))
        }
        2 => format!("attribute_exists({})", path(random, scope)),
        3 => format!("attribute_not_exists ({})", path(random, scope)),
        4 => {
            let name = random.pick(&["S", "NS", "BOOL", "M"]);
            format!("attribute_type({}, {})", path(random, scope), scope.literal("S", name))
        }
        5 => format!("begins_with({}, {})", path(random, scope), scope.value(random, "S")),
        6 => format!("contains({}, {})", path(random, scope), operand(random, scope, of)),
        _ => {
            let comparator = random.pick(&["=", "<>", "<", "<=", ">", ">="]);
            let space = random.pick(&["", " ", "\t", "\n"]);
            format!("{}{space}{comparator}{space}{}", path(random, scope), operand(random, scope, of))
        }
    }
}

/// The bounds of BETWEEN.
fn bounds(random: &mut Random, scope: &mut Scope) -> (String, String) {
    if random.slip(8) {
        let of = random.pick(&UNORDERED);
        return (scope.value(random, of), scope.value(random, of));
    }
    (scope.literal("N", "1"), scope.literal("N", "9"))
}

fn no_condition(random: &mut Random, scope: &mut Scope) -> String {
    let path = path(random, scope);
    match random.below(30) {
        0 => String::new(),
        1 => " ".into(),
        2 => format!("(({path} = {}))", scope.value(random, "N")),
        3 => format!("{path} == {}", scope.value(random, "N")),
        4 => format!("{path} != {}", scope.value(random, "N")),
        5 => format!("{path} = {} AND", scope.value(random, "N")),
        6 => format!("NOT NOT {path} = {}", scope.value(random, "N")),
        7 => format!("{path} = {path}"),
        8 => format!("{path} BETWEEN {} AND {}", scope.literal("N", "9"), scope.literal("N", "1")),
        9 => format!("{path} BETWEEN {} AND {}", scope.literal("N", "1"), scope.literal("S", "2")),
        10 => format!("{path} IN ()"),
        11 => {
            let value = scope.literal("N", "1");
            format!("{path} IN ({})", vec![value; 101].join(", "))
        }
        12 => {
            let value = scope.literal("N", "1");
            vec![format!("{path} = {value}"); 151].join(" AND ")
        }
        13 => path,
        14 => format!("exists({path})"),
        15 => format!("Attribute_Exists({path})"),
        16 => format!("size({path})"),
        17 => format!("attribute_exists({path}, {path})"),
        18 => format!("begins_with({path})"),
        19 => format!("begins_with({path}, {})", scope.literal("N", "1")),
        20 => format!("attribute_type({path}, {})", scope.literal("S", "string")),
        21 => format!("attribute_exists({})", scope.literal("S", "a")),
        22 => format!("attribute_exists({path}) = {}", scope.literal("S", "a")),
        23 => format!("size({}) > {}", scope.literal("N", "1"), scope.literal("N", "1")),
        24 => format!("if_not_exists({path}, {path}) = {}", scope.literal("N", "1")),
        25 => format!("{path} = {} garbage", scope.literal("N", "1")),
        26 => format!("({path} = {}", scope.literal("N", "1")),
        27 => format!("{path} < {} < {path}", scope.literal("N", "1")),
        28 => format!("{path} = 5"),
        _ => format!("contains(contains({path}, {path}), {path})"),
    }
}

/// An update expression.
pub fn update(random: &mut Random, scope: &mut Scope) -> String {
    if random.slip(15) {
        return no_update(random, scope);
    }
    // No path may overlap another: each takes its attribute from the rest.
    let mut left: Vec<&str> = ATTRIBUTES.to_vec();
    let mut fresh = |random: &mut Random, scope: &mut Scope| {
        let at = random.below(left.len());
        let attribute = if left.len() > 1 && !random.slip(3) { left.remove(at) } else { left[at] };
        let path = if random.chance(30) { scope.name(random, attribute) } else { attribute.into() };
        if random.chance(15) { format!("{path}.part[1]") } else { path }
    };
    let mut sections = Vec::new();
    if random.chance(75) {
        let mut parts = Vec::new();
        for _ in 0..1 + random.below(3) {
            let target = fresh(random, scope);
            parts.push(format!("{target} = {}", assigned(random, scope)));
        }
        sections.push(format!("{} {}", word(random, "SET"), parts.join(", ")));
    }
    if random.chance(25) {
        sections.push(format!("{} {}", word(random, "REMOVE"), fresh(random, scope)));
    }
    if random.chance(25) {
        let of = if random.slip(20) { random.pick(&["S", "L", "M", "BOOL"]) } else { random.pick(&["N", "NS", "SS"]) };
        let target = fresh(random, scope);
        sections.push(format!("{} {target} {}", word(random, "ADD"), scope.value(random, of)));
    }
    if sections.is_empty() || random.chance(20) {
        let of = if random.slip(20) { random.pick(&["S", "L", "N", "BOOL"]) } else { random.pick(&["BS", "NS", "SS"]) };
        let target = fresh(random, scope);
        sections.push(format!("{} {target} {}", word(random, "DELETE"), scope.value(random, of)));
    }
    if random.slip(5) {
        sections.push(sections[0].clone());
    }
    sections.join(" ")
}

fn assigned(random: &mut Random, scope: &mut Scope) -> String {
    match random.below(8) {
        0 => format!("{} + {}", path(random, scope), scope.value(random, "N")),
        1 => format!("{} - {}", scope.value(random, "N"), path(random, scope)),
        2 => format!("if_not_exists({}, {})", path(random, scope), scope.value(random, "S")),
        3 => format!("list_append({}, {})", path(random, scope), scope.value(random, "L")),
        4 => {
            let (path, zero, one) = (path(random, scope), scope.literal("N", "0"), scope.literal("N", "1"));
            format!("if_not_exists({path}, {zero}) + {one}")
        }
        5 => path(random, scope),
        _ => {
            let of = random.pick(&["S", "N", "B", "BOOL", "NULL", "SS", "L", "M"]);
            scope.value(random, of)
        }
    }
}

fn no_update(random: &mut Random, scope: &mut Scope) -> String {
    let path = path(random, scope);
    match random.below(20) {
        0 => String::new(),
        1 => "SET".into(),
        2 => format!("SET {path}"),
        3 => format!("SET {path} = {} + {path} + {path}", scope.literal("N", "1")),
        4 => format!("SET {path} {}", scope.literal("N", "1")),
        5 => format!("SET {path} = {},", scope.literal("N", "1")),
        6 => format!("REMOVE {path} = {}", scope.literal("N", "1")),
        7 => "SET note = label, note.a = label".into(),
        8 => "SET note[0] = label, note.a = label".into(),
        9 => format!("SET {path} = size({path})"),
        10 => format!("SET {path} = list_append({path})"),
        11 => format!("SET {path} = list_append({path}, {})", scope.literal("S", "x")),
        12 => format!("SET {path} = {path} + {}", scope.literal("S", "x")),
        13 => format!("SET {path} = if_not_exists({}, {path})", scope.literal("S", "x")),
        14 => format!("SET {path} = If_Not_Exists({path}, {path})"),
        15 => format!("ADD {path} {path}"),
        16 => "SET a = a REMOVE b SET c = b".into(),
        17 => format!("UPSERT {path} = {path}"),
        18 => format!("SET {path} = ({path} + {})", scope.literal("N", "1")),
        _ => format!("SET {path} = unknown({path})"),
    }
}

/// A projection.
pub fn projection(random: &mut Random, scope: &mut Scope) -> String {
    let mut left: Vec<&str> = ATTRIBUTES.to_vec();
    let mut parts = Vec::new();
    for _ in 0..1 + random.below(3) {
        let at = random.below(left.len());
        let attribute = left.remove(at);
        let path = if random.chance(30) { scope.name(random, attribute) } else { attribute.into() };
        parts.push(if random.chance(20) { format!("{path}.part[0]") } else { path });
    }
    let projection = parts.join(random.pick(&[",", ", "]));
    if !random.slip(15) {
        return projection;
    }
    let first = &parts[0];
    match random.below(8) {
        0 => String::new(),
        1 => format!("{projection},"),
        2 => format!("{projection}, {first}"),
        3 => format!("{projection}, {first}.more"),
        4 => format!("{projection}, {first}.part.more, {first}[1]"),
        5 => format!("{first} {first}"),
        6 => format!("size({first})"),
        _ => random.pick(&RESERVED).into(),
    }
}

/// A condition on the key `id` (S), `moment` (N).
pub fn key_condition(random: &mut Random, scope: &mut Scope) -> String {
    let id = if random.chance(30) { scope.name(random, "id") } else { "id".into() };
    let partition = format!("{id} = {}", scope.value(random, "S"));
    let moment = if random.chance(30) { scope.name(random, "moment") } else { "moment".into() };
    let sort = match random.below(4) {
        0 => return no_key_condition(random, scope, partition),
        1 => {
            let (low, high) = bounds(random, scope);
            format!("{moment} BETWEEN {low} AND {high}")
        }
        _ => {
            let of = if random.slip(10) { random.pick(&UNORDERED) } else { "N" };
            let (comparator, value) = (random.pick(&["=", "<", "<=", ">", ">="]), scope.value(random, of));
            if random.chance(25) {
                format!("{value} {comparator} {moment}")
            } else {
                format!("{moment} {comparator} {value}")
            }
        }
    };
    match random.below(4) {
        0 => format!("({partition}) AND ({sort})"),
        1 => format!("{sort} and {partition}"),
        _ => format!("{partition} AND {sort}"),
    }
}

fn no_key_condition(random: &mut Random, scope: &mut Scope, partition: String) -> String {
    if !random.slip(50) {
        return partition;
    }
    match random.below(13) {
        0 => format!("{partition} OR moment = {}", scope.literal("N", "1")),
        1 => format!("NOT {partition}"),
        2 => format!("{partition} AND moment <> {}", scope.literal("N", "1")),
        3 => format!("{partition} AND moment IN ({})", scope.literal("N", "1")),
        4 => format!("{partition} AND attribute_exists(moment)"),
        5 => format!("{partition} AND {partition}"),
        6 => format!("{partition} AND moment.a = {}", scope.literal("N", "1")),
        7 => format!("{partition} AND moment = id"),
        8 => format!("{partition} AND size(moment) = {}", scope.literal("N", "1")),
        9 => format!("{partition} AND begins_with({}, moment)", scope.literal("S", "1")),
        10 => format!("{partition} AND {} BETWEEN moment AND moment", scope.literal("N", "1")),
        11 => format!("{partition} AND {} < {}", scope.literal("N", "1"), scope.literal("N", "1")),
        _ => String::new(),
    }
}
