//! Core's tables become tables of a page: [`render`] fills the region that a marker names.

use std::collections::BTreeMap;

use gateleg_core::attribute::{AttributeValue, Format, Notation, Numbers};
use gateleg_core::command::Api;
use gateleg_core::describe::{Document, meaning};
use gateleg_core::error::ErrorType;
use gateleg_core::json::Json;
use gateleg_core::number::Number;
use gateleg_core::operation::{EnvelopeKey, OPERATIONS, OperationName, OptionName, Row, TableUse};
use gateleg_core::output;
use gateleg_core::shape::{Kind, Member, Name, Shape};

use crate::example::Corpus;
use crate::words::{self, sentence};
use crate::{limits, rules};

/// What stands in the region of that marker; `contents` is left to the caller, who knows the page.
pub fn render(corpus: &Corpus, asked: &str) -> Result<String, String> {
    let (what, of) = asked.split_once(' ').unwrap_or((asked, ""));
    let row = || OperationName::parse(of).map(OperationName::row).ok_or(format!("there is no operation {of}"));
    match what {
        "members" => Ok(members()),
        "operations" => Ok(operations()),
        "facts" => Ok(facts(row()?)),
        "parameters" => parameters(row()?),
        "reply" => reply(row()?),
        "shapes" => of.split(' ').map(shape).collect::<Result<Vec<_>, _>>().map(|tables| tables.join("\n")),
        "values" => Ok(values()),
        "options" => options(),
        "limits" => Ok(limits::table()),
        "errors" => Ok(errors()),
        "error-body" => error_body(),
        "rules" => rules::table(corpus, of),
        _ => Err("there is no such table".into()),
    }
}

/// Every shape that a request or a reply can hold, by its name; those of whole calls are told by operation.
pub fn shapes() -> BTreeMap<&'static str, &'static Shape> {
    fn inside(kind: &'static Kind, found: &mut BTreeMap<&'static str, &'static Shape>) {
        match kind {
            Kind::List { of, .. } | Kind::Map(of) | Kind::Tables(of) => inside(of, found),
            Kind::Structure(shape) => {
                found.insert(shape.name, shape);
                within(shape, found);
            }
            _ => {}
        }
    }
    fn within(shape: &'static Shape, found: &mut BTreeMap<&'static str, &'static Shape>) {
        shape.members.iter().for_each(|member| inside(&member.kind, found));
    }
    let mut found = BTreeMap::from([(output::CANCELLATION_REASON.name, &output::CANCELLATION_REASON)]);
    for api in Api::ALL {
        within(api.input(), &mut found);
        within(api.output(), &mut found);
    }
    found
}

fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut out = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        out.push_str(&format!("| {} |\n", row.join(" | ")));
    }
    out
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn members() -> String {
    let rows = EnvelopeKey::ALL.iter().map(|key| vec![code(key.as_str()), sentence(meaning::of_member(*key))]);
    table(&["Member", "What it is"], rows)
}

fn operations() -> String {
    table(
        &["Operation", "DynamoDB call", "What it does"],
        OPERATIONS.iter().map(|row| {
            let name = row.name.as_str();
            let call = row.call.as_ref().map_or("none".into(), |call| code(call.api.as_str()));
            vec![format!("[`{name}`](#{})", name.to_lowercase()), call, sentence(row.summary)]
        }),
    )
}

fn facts(row: &Row) -> String {
    let options: Vec<String> =
        row.options.iter().map(|name| format!("[`{0}`](#{1})", name.as_str(), slug(*name))).collect();
    let mut out = String::new();
    let mut fact = |name: &str, is: &str| out.push_str(&format!("- **{name}**: {is}\n"));
    match &row.call {
        None => {
            fact("DynamoDB call", "none");
            fact("`tableName`", "not looked at");
            fact(
                "`payload`",
                if row.name == OperationName::Echo { "any JSON; without one, `null`" } else { "not looked at" },
            );
        }
        Some(call) => {
            fact("DynamoDB call", &code(call.api.as_str()));
            fact(
                "`tableName`",
                match call.table {
                    TableUse::TheTable => "required",
                    TableUse::ShortForm(_) => "for the [short form](#one-table-or-several); not beside `RequestItems`",
                    TableUse::Default => "the table of every action that names none",
                },
            );
            fact(
                "`payload`",
                if call.payload_optional { "an object; without one, `{}`" } else { "an object; required" },
            );
        }
    }
    fact("`options`", &options.join(", "));
    out
}

/// The anchor of an option's heading.
fn slug(option: OptionName) -> String {
    option.as_str().to_lowercase()
}

fn parameters(row: &Row) -> Result<String, String> {
    let call = row.call.as_ref().ok_or("it makes no call")?;
    match call.table {
        TableUse::ShortForm(short) => Ok(format!(
            "With `tableName`, the payload holds:\n\n{}\nWithout it:\n\n{}",
            members_of(short, &format!("{}OfOneTable", short.name))?,
            members_of(call.api.input(), call.api.input().name)?
        )),
        TableUse::TheTable | TableUse::Default => members_of(call.api.input(), call.api.input().name),
    }
}

fn shape(name: &str) -> Result<String, String> {
    let shape = shapes().get(name).copied().ok_or(format!("no request or reply holds a {name}"))?;
    Ok(format!("<a id=\"{}\"></a>\n**{name}**\n\n{}", words::anchor(name), members_of(shape, name)?))
}

/// The members of a shape; `definition` is its name in the schema, which says where fewer words are allowed than the API has.
fn members_of(shape: &'static Shape, definition: &str) -> Result<String, String> {
    let document = Document::OpenApi.to_json();
    let schemas = document.get("components").and_then(|components| components.get("schemas"));
    let properties = schemas.and_then(|schemas| schemas.get(definition)).and_then(|schema| schema.get("properties"));
    let rows = shape.members.iter().map(|member| {
        let property = properties.and_then(|properties| properties.get(member.name.as_str()));
        let words = match property.and_then(|property| property.get("enum")) {
            Some(Json::Array(words)) => words.iter().filter_map(|word| word.as_str().map(String::from)).collect(),
            _ => Vec::new(),
        };
        vec![
            code(member.name.as_str()),
            words::kind(&member.kind, &words),
            use_of(member).into(),
            sentence(meaning::of_parameter(shape, member.name)),
        ]
    });
    // Nothing that a store answers is required or legacy.
    if shape.members.iter().all(|member| use_of(member).is_empty()) {
        let rows = rows.map(|mut row| {
            row.remove(2);
            row
        });
        return Ok(table(&["Member", "Holds", "What it means"], rows));
    }
    Ok(table(&["Member", "Holds", "", "What it means"], rows))
}

fn use_of(member: &Member) -> &'static str {
    match member {
        Member { name: Name::TableName, required: true, .. } => "",
        Member { required: true, .. } => "**required**",
        Member { legacy: true, .. } => "*legacy*",
        _ => "",
    }
}

/// The members of an operation's reply: what DynamoDB returns, and what this gate adds.
fn reply(row: &Row) -> Result<String, String> {
    let call = row.call.as_ref().ok_or("it makes no call")?;
    let output = call.api.output();
    let mut letters = row.name.as_str().chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let name: String = "ReplyTo".chars().chain(first).chain(letters).collect();
    let document = Document::OpenApi.to_json();
    let schemas = document.get("components").and_then(|components| components.get("schemas")).ok_or("no schemas")?;
    let Some(Json::Object(properties)) = schemas.get(&name).and_then(|schema| schema.get("properties")) else {
        return Err(format!("there is no schema {name}"));
    };
    let rows = properties.iter().map(|(name, schema)| {
        if let Some((_, member)) = output.member(name) {
            let meaning = sentence(meaning::of_parameter(output, member.name));
            return vec![code(name), words::kind(&member.kind, &[]), meaning];
        }
        let (holds, description) = match name.as_ref() {
            "ResponseMetadata" => ("[object](#responsemetadata)".into(), "About the calls that were made."),
            _ => (words::schema(schema), schema.get("description").and_then(Json::as_str).unwrap_or_default()),
        };
        vec![code(name), if name == "next" { "request".into() } else { holds }, sentence(description)]
    });
    Ok(table(&["Member", "Holds", "What it means"], rows))
}

/// One value of each type, in both notations.
fn values() -> String {
    let number = |text: &str| AttributeValue::N(Number::stored(text));
    let text = |text: &str| AttributeValue::S(text.into());
    let samples = [
        ("string", text("text")),
        ("number", number("1.50")),
        ("number whose text JSON does not allow", number("+.5")),
        ("binary", AttributeValue::B(b"hello".to_vec())),
        ("boolean", AttributeValue::Bool(true)),
        ("null", AttributeValue::Null),
        ("string set", AttributeValue::Ss(vec!["a".into(), "b".into()])),
        ("number set", AttributeValue::Ns(vec![Number::stored("1"), Number::stored("2.5")])),
        ("binary set", AttributeValue::Bs(vec![b"a".to_vec()])),
        ("list", AttributeValue::L(vec![text("a"), number("1")])),
        ("map", AttributeValue::M(vec![("a".into(), number("1"))])),
        ("map that looks like a tag", AttributeValue::M(vec![("$ss".into(), AttributeValue::L(vec![text("a")]))])),
    ];
    let written = |value: &AttributeValue, format: Format| {
        let mut out = String::new();
        value.write(&mut out, Notation { format, numbers: Numbers::Json });
        code(&out)
    };
    let rows = samples.iter().map(|(name, value)| {
        let (plain, typed) = (written(value, Format::Plain), written(value, Format::DynamoDb));
        vec![code(value.type_name()), (*name).into(), plain, typed]
    });
    table(&["Type", "What it is", "Plain JSON", "DynamoDB JSON"], rows)
}

fn options() -> Result<String, String> {
    let document = Document::RequestSchema.to_json();
    let rows = OptionName::ALL.iter().map(|name| {
        let mut holds: Vec<String> = Vec::new();
        find(&document, name.as_str(), &mut |schema| {
            let words = words::schema(schema);
            if !holds.contains(&words) {
                holds.push(words);
            }
        });
        let takers = OPERATIONS.iter().filter(|row| row.options.contains(name)).map(|row| row.name.as_str());
        let takers: Vec<&str> = takers.collect();
        let data = OPERATIONS.iter().filter(|row| row.call.is_some()).count();
        let takers = match takers.len() {
            count if count == OPERATIONS.len() => "all".into(),
            count if count == data => "all but `echo` and `ping`".into(),
            _ => takers.iter().map(|taker| code(taker)).collect::<Vec<_>>().join(", "),
        };
        if holds.is_empty() {
            return Err(format!("no schema has the option {}", name.as_str()));
        }
        Ok(vec![
            format!("[`{}`](#{})", name.as_str(), slug(*name)),
            holds.join(" or "),
            takers,
            sentence(meaning::of_option(*name)),
        ])
    });
    let rows: Vec<Vec<String>> = rows.collect::<Result<_, String>>()?;
    Ok(table(&["Option", "Holds", "Operations", "What it does"], rows))
}

/// Every schema of that option.
fn find(json: &Json<'_>, option: &str, see: &mut impl FnMut(&Json<'_>)) {
    match json {
        Json::Object(members) => members.iter().for_each(|(name, value)| {
            if name == "options"
                && let Some(schema) = value.get("properties").and_then(|properties| properties.get(option))
            {
                see(schema);
            }
            find(value, option, see);
        }),
        Json::Array(items) => items.iter().for_each(|item| find(item, option, see)),
        _ => {}
    }
}

fn errors() -> String {
    let rows = ErrorType::ALL.iter().map(|error| {
        let name = error.as_str();
        let anchored = format!("<a id=\"{}\"></a>`{name}`", name.to_lowercase());
        vec![anchored, error.status().to_string(), sentence(meaning::of_error(*error))]
    });
    table(&["`__type`", "HTTP", "When"], rows)
}

fn error_body() -> Result<String, String> {
    let document = Document::OpenApi.to_json();
    let error = document.get("components").and_then(|components| components.get("schemas")?.get("Error"));
    let (Some(Json::Object(properties)), Some(Json::Array(required))) =
        (error.and_then(|error| error.get("properties")), error.and_then(|error| error.get("required")))
    else {
        return Err("there is no schema of an error".into());
    };
    let rows = properties.iter().map(|(name, schema)| {
        let always = required.iter().any(|required| required.as_str() == Some(name));
        let description = schema.get("description").and_then(Json::as_str).unwrap_or_default();
        vec![code(name), if always { "always".into() } else { String::new() }, sentence(description)]
    });
    Ok(table(&["Member", "", "What it is"], rows))
}
