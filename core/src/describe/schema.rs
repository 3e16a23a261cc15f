//! The API's shapes and attribute values become JSON Schema definitions, each in two notations: plain JSON and DynamoDB JSON.
//!
//! Where an operation's parameters stand in a request is left to [`super::request`].

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ptr;

use super::build::{Entry, Tree, array, boolean, count, described, entry, integer, object, text, with, words};
use super::meaning;
use crate::attribute::Format;
use crate::json::Json;
use crate::shape::{self, Kind, Member, Name, Shape};

/// Definitions by name, in the order of their first use, and where a reference finds them.
pub(super) struct Definitions {
    prefix: &'static str,
    entries: Vec<(String, Tree)>,
}

/// Most characters of an expression: the limit is 4,096 bytes, and no character takes less than one.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
const MAX_EXPRESSION: usize = 4096;

/// A plain name or an ARN, as `check::table_name` has it.
const TABLE_NAME: &str = "^(?:[a-zA-Z0-9_.-]{3,255}|arn:[a-zA-Z0-9_.:/-]{0,1020})$";
const INDEX_NAME: &str = "^[a-zA-Z0-9_.-]{3,255}$";
/// 255 bytes with the `#` or `:`.
const PLACEHOLDER_OF_NAME: &str = "^#[0-9A-Za-z_]{1,254}$";
const PLACEHOLDER_OF_VALUE: &str = "^:[0-9A-Za-z_]{1,254}$";
const NUMBER: &str = "^[+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?$";
const MAX_NUMBER: &str = "9.9999999999999999999999999999999999999E+125";
const MIN_NUMBER: &str = "-9.9999999999999999999999999999999999999E+125";
/// Strict: a multiple of four characters, and no stray bits in the last.
const BASE64: &str = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$";
const YES: &str = "[Tt]([Rr][Uu][Ee])?|[Yy]([Ee][Ss])?|1";
const NO: &str = "[Ff]([Aa][Ll][Ss][Ee])?|[Nn][Oo]?|0";

impl Definitions {
    /// None yet; references will begin with `prefix`.
    pub(super) fn new(prefix: &'static str) -> Self {
        Definitions { prefix, entries: Vec::new() }
    }

    /// All of them, as one object.
    pub(super) fn into_tree(self) -> Tree {
        object(self.entries)
    }

    /// The text of a reference to that definition.
    pub(super) fn address(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// A reference to the definition of that name, which is built when it is first asked for.
    pub(super) fn reference(&mut self, name: &str, build: impl FnOnce(&mut Self) -> Tree) -> Tree {
        if self.entries.iter().all(|(known, _)| known != name) {
            // Its place is taken first: a definition may refer to itself.
            let at = self.entries.len();
            self.entries.push((name.into(), Json::Null));
            let built = build(self);
            if let Some((_, place)) = self.entries.get_mut(at) {
                *place = built;
            }
        }
        object([("$ref", text(self.address(name)))])
    }

    /// An object of the API, under its own name.
    pub(super) fn shape(&mut self, shape: &'static Shape, format: Format) -> Tree {
        self.named_shape(shape.name, shape, format)
    }

    /// An object of the API, under another name than its own.
    pub(super) fn named_shape(&mut self, name: &str, shape: &'static Shape, format: Format) -> Tree {
        self.reference(&in_format(name, format), |definitions| definitions.structure(shape, format))
    }

    fn structure(&mut self, shape: &'static Shape, format: Format) -> Tree {
        let properties: Vec<Entry> = shape
            .members
            .iter()
            .map(|member| entry(member.name.as_str(), self.member(shape, member, format)))
            .collect();
        // The table may be named outside, so no schema demands it here.
        let required: Vec<&str> = shape
            .members
            .iter()
            .filter(|member| member.required && member.name != Name::TableName)
            .map(|member| member.name.as_str())
            .collect();
        let mut members = alloc::vec![entry("type", text("object")), entry("properties", object(properties))];
        if !required.is_empty() {
            members.push(entry("required", words(required)));
        }
        members.extend(together(shape, format));
        let legacy = [&shape::EXPECTED, &shape::ATTRIBUTE_UPDATE, &shape::CONDITION];
        let open = format == Format::DynamoDb && legacy.iter().any(|known| ptr::eq(*known, shape));
        if !open {
            members.push(entry("additionalProperties", boolean(false)));
        }
        object(members)
    }

    fn member(&mut self, shape: &'static Shape, member: &'static Member, format: Format) -> Tree {
        let schema = match member.name {
            Name::ExpressionAttributeNames => object([
                ("type", text("object")),
                ("minProperties", integer(1)),
                ("propertyNames", object([("pattern", text(PLACEHOLDER_OF_NAME))])),
                ("additionalProperties", string(1, usize::MAX)),
            ]),
            Name::ExpressionAttributeValues => object([
                ("type", text("object")),
                ("minProperties", integer(1)),
                ("propertyNames", object([("pattern", text(PLACEHOLDER_OF_VALUE))])),
                ("additionalProperties", self.value(format)),
            ]),
            // Nothing else is known of an item that is replaced or gone.
            Name::ReturnValues if [&shape::PUT_ITEM, &shape::DELETE_ITEM].iter().any(|put| ptr::eq(*put, shape)) => {
                one_of_words(&["NONE", "ALL_OLD"])
            }
            Name::AttributesToGet | Name::Keys => {
                with(self.kind(&member.kind, format), [("uniqueItems", boolean(true))])
            }
            _ => self.kind(&member.kind, format),
        };
        let schema = if format == Format::DynamoDb && !member.required { nullable(schema) } else { schema };
        let schema = described(schema, meaning::of_parameter(shape, member.name));
        if member.legacy { with(schema, [("deprecated", boolean(true))]) } else { schema }
    }

    /// Anything that a member may hold.
    pub(super) fn kind(&mut self, kind: &'static Kind, format: Format) -> Tree {
        match kind {
            Kind::Text { min, max } => string(*min, *max),
            Kind::Expression => string(1, MAX_EXPRESSION),
            Kind::TableName => self.table_name(),
            Kind::IndexName => object([("type", text("string")), ("pattern", text(INDEX_NAME))]),
            Kind::Boolean if format == Format::DynamoDb => loose_boolean(),
            Kind::Boolean => object([("type", text("boolean"))]),
            Kind::Integer { min, max } => {
                let mut members = alloc::vec![("type", text("integer")), ("minimum", integer(*min))];
                if *max < i64::MAX {
                    members.push(("maximum", integer(*max)));
                }
                object(members)
            }
            Kind::Decimal => object([("type", text("number"))]),
            Kind::Enum(words) => one_of_words(words),
            Kind::Attributes => self.attributes(format),
            Kind::AttributeValue => self.value(format),
            Kind::List { of, min, max } => {
                let mut members = alloc::vec![("type", text("array")), ("items", self.kind(of, format))];
                if *min > 0 {
                    members.push(("minItems", count(*min)));
                }
                if *max < usize::MAX {
                    members.push(("maxItems", count(*max)));
                }
                object(members)
            }
            Kind::Map(of) => object([("type", text("object")), ("additionalProperties", self.kind(of, format))]),
            Kind::Tables(of) => object([
                ("type", text("object")),
                ("minProperties", integer(1)),
                ("propertyNames", self.table_name()),
                ("additionalProperties", self.kind(of, format)),
            ]),
            Kind::Structure(shape) => self.shape(shape, format),
        }
    }

    /// The name or ARN of a table.
    pub(super) fn table_name(&mut self) -> Tree {
        self.reference("TableName", |_| {
            object([
                ("description", text("A table's name, or its ARN where the policy lists it.")),
                ("type", text("string")),
                ("pattern", text(TABLE_NAME)),
            ])
        })
    }

    /// An item or a key.
    pub(super) fn attributes(&mut self, format: Format) -> Tree {
        self.reference(&in_format("Attributes", format), |definitions| {
            with(definitions.map(format), [("description", text("Attribute values by name: an item or a key."))])
        })
    }

    fn map(&mut self, format: Format) -> Tree {
        object([
            ("type", text("object")),
            ("propertyNames", object([("minLength", integer(1))])),
            ("additionalProperties", self.value(format)),
        ])
    }

    fn value(&mut self, format: Format) -> Tree {
        self.reference(&in_format("AttributeValue", format), |definitions| match format {
            Format::Plain => definitions.plain_value(),
            Format::DynamoDb => definitions.typed_value(),
        })
    }

    fn plain_value(&mut self) -> Tree {
        let value = self.value(Format::Plain);
        let list = object([("type", text("array")), ("items", value)]);
        let number = object([
            ("type", text("number")),
            ("minimum", Json::Number(MIN_NUMBER.into())),
            ("maximum", Json::Number(MAX_NUMBER.into())),
        ]);
        let number_or_text = object([("type", words(["number", "string"])), ("pattern", text(NUMBER))]);
        let tags = [
            ("$ss", set(object([("type", text("string"))]))),
            ("$ns", set(number_or_text.clone())),
            ("$bs", set(base64())),
            ("$b", base64()),
            ("$n", number_or_text),
            ("$m", self.map(Format::Plain)),
        ];
        // A map is not one tag and nothing else; said without `not`, which generators of requests cannot turn round.
        let no_tag = object(tags.iter().map(|(tag, _)| (*tag, boolean(false))));
        let map = with(self.map(Format::Plain), [("properties", no_tag)]);
        let larger_map = with(self.map(Format::Plain), [("minProperties", integer(2))]);
        let scalar = object([("type", words(["null", "boolean", "string"]))]);
        let mut choices = alloc::vec![scalar, number, list, map, larger_map];
        choices.extend(tags.into_iter().map(|(tag, holds)| {
            object([
                ("type", text("object")),
                ("properties", object([(tag, holds)])),
                ("required", words([tag])),
                ("additionalProperties", boolean(false)),
            ])
        }));
        object([
            (
                "description",
                text(
                    "An attribute value as plain JSON. What JSON lacks has a tag, an object with one of these keys: $ss, $ns and \
                     $bs are sets, $b is binary in base64, $n is a number whose text JSON would not allow or not keep, and $m is a \
                     map that would look like one of these. A number has at most 38 significant digits; values nest at most 32 \
                     levels deep.",
                ),
            ),
            ("anyOf", array(choices)),
        ])
    }

    /// A member that is null, or of a type nobody knows, counts as absent; exactly one must remain.
    fn typed_value(&mut self) -> Tree {
        let value = self.value(Format::DynamoDb);
        let string = || object([("type", text("string"))]);
        let number = || object([("type", text("string")), ("pattern", text(NUMBER))]);
        let yes = object([(
            "anyOf",
            array([
                object([("const", boolean(true))]),
                object([("type", text("string")), ("pattern", text(format!("^({YES})$")))]),
            ]),
        )]);
        let types = [
            ("S", "string", string()),
            ("N", "string", number()),
            ("B", "string", base64()),
            ("BOOL", "", loose_boolean()),
            ("NULL", "", yes),
            ("SS", "array", set(string())),
            ("NS", "array", set(number())),
            ("BS", "array", set(base64())),
            ("L", "array", object([("type", text("array")), ("items", value)])),
            ("M", "object", self.map(Format::DynamoDb)),
        ];
        let present = types.iter().map(|(name, json_type, _)| {
            let here = if json_type.is_empty() {
                object([("type", words(["boolean", "string"]))])
            } else {
                object([("type", text(*json_type))])
            };
            object([("required", words([*name])), ("properties", object([(*name, here)]))])
        });
        object([
            (
                "description",
                text(
                    "An attribute value as DynamoDB JSON, such as {\"S\": \"x\"}. A type that is null or unknown counts as absent.",
                ),
            ),
            ("type", text("object")),
            ("oneOf", array(present)),
            ("properties", object(types.into_iter().map(|(name, _, schema)| (name, nullable(schema))))),
        ])
    }
}

/// The name of a definition in that notation.
pub(super) fn in_format(name: &str, format: Format) -> String {
    match format {
        Format::Plain => name.into(),
        Format::DynamoDb => format!("{name}InDynamoDbJson"),
    }
}

/// What must stand together, and what must not, as `check` has it.
fn together(shape: &'static Shape, format: Format) -> Vec<Entry> {
    let is = |known: &'static Shape| ptr::eq(known, shape);
    let any_of = |names: [Name; 2]| {
        alloc::vec![entry("anyOf", array(names.map(|name| object([("required", words([name.as_str()]))]))))]
    };
    if is(&shape::QUERY) {
        any_of([Name::KeyConditionExpression, Name::KeyConditions])
    } else if is(&shape::BATCH_WRITE_ITEM_SHORT) {
        any_of([Name::Put, Name::Delete])
    } else if is(&shape::SCAN) && format == Format::Plain {
        let (segment, total) = (Name::Segment.as_str(), Name::TotalSegments.as_str());
        alloc::vec![entry("dependentRequired", object([(segment, words([total])), (total, words([segment]))]))]
    } else if is(&shape::WRITE_REQUEST) || is(&shape::TRANSACT_WRITE_ITEM) {
        match format {
            Format::Plain => {
                alloc::vec![entry("minProperties", integer(1)), entry("maxProperties", integer(1))]
            }
            // A null counts as absent.
            Format::DynamoDb => {
                let one = shape.members.iter().map(|member| {
                    let name = member.name.as_str();
                    let here = object([("type", text("object"))]);
                    object([("required", words([name])), ("properties", object([(name, here)]))])
                });
                alloc::vec![entry("oneOf", array(one))]
            }
        }
    } else {
        Vec::new()
    }
}

/// Whether an operation that takes this cannot do without a payload, for one of two members must be in it.
pub(super) fn demands_something(shape: &'static Shape) -> bool {
    ptr::eq(shape, &shape::QUERY)
        || shape.members.iter().any(|member| member.required && member.name != Name::TableName)
}

/// The same schema, with null allowed.
fn nullable(schema: Tree) -> Tree {
    let Json::Object(mut members) = schema else { return schema };
    let has_type = members.iter().any(|(name, _)| name == "type");
    if !has_type {
        return object([("anyOf", array([Json::Object(members), object([("type", text("null"))])]))]);
    }
    for (name, value) in &mut members {
        match (&**name, &mut *value) {
            ("type", Json::Array(types)) => types.push(text("null")),
            ("type", one) => *value = array([one.clone(), text("null")]),
            ("enum", Json::Array(words)) => words.push(Json::Null),
            _ => {}
        }
    }
    Json::Object(members)
}

/// A string of that many characters.
pub(super) fn string(min: usize, max: usize) -> Tree {
    let mut members = alloc::vec![("type", text("string"))];
    if min > 0 {
        members.push(("minLength", count(min)));
    }
    if max < usize::MAX {
        members.push(("maxLength", count(max)));
    }
    object(members)
}

/// One of these words.
pub(super) fn one_of_words(known: &[&'static str]) -> Tree {
    object([("type", text("string")), ("enum", words(known.iter().copied()))])
}

fn set(of: Tree) -> Tree {
    object([("type", text("array")), ("items", of), ("minItems", integer(1)), ("uniqueItems", boolean(true))])
}

fn base64() -> Tree {
    object([("type", text("string")), ("pattern", text(BASE64))])
}

/// DynamoDB JSON takes words for a boolean too.
fn loose_boolean() -> Tree {
    object([("type", words(["boolean", "string"])), ("pattern", text(format!("^({YES}|{NO})$")))])
}
