//! Parameters that are of the right types are held to the API's constraints: what is required, ranges, lengths, enumerations,
//! names. What must or must not stand together is left to [`crate::rules`].
//!
//! Wording: DynamoDB's own (`Value 'x' at 'limit' failed to satisfy constraint: ..`), without the count that some regions
//! put in front. Attribute values are judged where they are read, in [`crate::value`].

use alloc::format;
use alloc::string::{String, ToString as _};

use crate::error::{Error, Patch};
use crate::join::Join as _;
use crate::json;
use crate::nearest::nearest;
use crate::pointer::Pointer;
use crate::policy::is_arn;
use crate::rule::Rule;
use crate::shape::{Kind, Name, Shape};
use crate::tree::{Node, Structure};

/// Checks the members of an object, each by itself.
pub(crate) fn input(input: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    required(input, place)?;
    structure(input, place)
}

/// Every required member, at any depth, is there.
fn required(structure: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    for member in structure.shape().members {
        match structure.get(member.name) {
            None if member.required => return Err(missing(structure.shape(), member.name, place)),
            None => {}
            Some(node) => required_in(node, &place.key(member.name.as_str()))?,
        }
    }
    Ok(())
}

fn required_in(node: &Node, place: &Pointer<'_>) -> Result<(), Error> {
    match node {
        Node::Structure(inner) => required(inner, place),
        Node::List(items) => {
            items.iter().enumerate().try_for_each(|(index, item)| required_in(item, &place.index(index)))
        }
        Node::Map(entries) => entries.iter().try_for_each(|(name, node)| required_in(node, &place.key(name))),
        _ => Ok(()),
    }
}

fn missing(shape: &Shape, name: Name, place: &Pointer<'_>) -> Error {
    let here = place.key(name.as_str());
    let message =
        format!("Value null at '{}' failed to satisfy constraint: Member must not be null", here.to_constraint());
    Error::validation(Rule::ParameterRequired, message).at(place).hint(format!(
        "{} needs {}",
        shape.name,
        name.as_str()
    ))
}

fn structure(structure: &Structure, place: &Pointer<'_>) -> Result<(), Error> {
    for member in structure.shape().members {
        if let Some(node) = structure.get(member.name) {
            constrain(node, &member.kind, &place.key(member.name.as_str()))?;
        }
    }
    Ok(())
}

fn constrain(node: &Node, kind: &Kind, place: &Pointer<'_>) -> Result<(), Error> {
    match (kind, node) {
        (Kind::Text { min, max }, Node::Text(text)) => length(text, *min, *max, place),
        (Kind::TableName, Node::Text(name)) => table_name(name, place),
        (Kind::IndexName, Node::Text(name)) => plain_name(name, place),
        (Kind::Enum(words), Node::Text(word)) => enumeration(word, words, place),
        (Kind::Integer { min, max }, Node::Integer(value)) => range(*value, *min, *max, place),
        (Kind::List { of, min, max }, Node::List(items)) => {
            count(items.len(), *min, *max, place)?;
            items.iter().enumerate().try_for_each(|(index, item)| constrain(item, of, &place.index(index)))
        }
        (Kind::Tables(of), Node::Map(entries)) => {
            count(entries.len(), 1, usize::MAX, place)?;
            entries.iter().try_for_each(|(name, node)| {
                let here = place.key(name);
                table_name(name, &here)?;
                constrain(node, of, &here)
            })
        }
        (Kind::Map(of), Node::Map(entries)) => {
            entries.iter().try_for_each(|(name, node)| constrain(node, of, &place.key(name)))
        }
        (Kind::Structure(_), Node::Structure(inner)) => structure(inner, place),
        _ => Ok(()),
    }
}

fn failed(rule: Rule, value: &str, must: &str, place: &Pointer<'_>) -> Error {
    let at = place.to_constraint();
    let value = crate::command::Excerpt(value);
    Error::validation(rule, format!("Value '{value}' at '{at}' failed to satisfy constraint: Member must {must}"))
        .at(place)
}

fn length(text: &str, min: usize, max: usize, place: &Pointer<'_>) -> Result<(), Error> {
    let characters = text.chars().count();
    if characters < min {
        Err(failed(Rule::ParameterLength, text, &format!("have length greater than or equal to {min}"), place))
    } else if characters > max {
        Err(failed(Rule::ParameterLength, text, &format!("have length less than or equal to {max}"), place))
    } else {
        Ok(())
    }
}

/// A table: a name of 3 to 255 characters, or an ARN of at most 1024.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html>
pub(crate) fn table_name(name: &str, place: &Pointer<'_>) -> Result<(), Error> {
    if is_arn(name) {
        length(name, 1, 1024, place)?;
        return pattern(name, ":/", "[a-zA-Z0-9_.:/-]+", place);
    }
    plain_name(name, place)
}

fn plain_name(name: &str, place: &Pointer<'_>) -> Result<(), Error> {
    if !name.is_empty() {
        pattern(name, "", "[a-zA-Z0-9_.-]+", place)?;
    }
    length(name, 3, 255, place)
}

fn pattern(name: &str, also: &str, pattern: &str, place: &Pointer<'_>) -> Result<(), Error> {
    if name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-') || also.contains(c)) {
        return Ok(());
    }
    Err(failed(Rule::ParameterName, name, &format!("satisfy regular expression pattern: {pattern}"), place))
}

fn enumeration(word: &str, words: &[&'static str], place: &Pointer<'_>) -> Result<(), Error> {
    if words.contains(&word) {
        return Ok(());
    }
    let error = failed(Rule::ParameterEnum, word, &format!("satisfy enum value set: [{}]", words.joined(", ")), place);
    Err(match nearest(word, words.iter().copied()) {
        Some(meant) => {
            let mut value = String::new();
            json::write_string(&mut value, meant);
            error.hint(format!("Did you mean {meant}?")).fix(Patch::Replace { path: place.to_text(), value })
        }
        None => error,
    })
}

fn range(value: i64, min: i64, max: i64, place: &Pointer<'_>) -> Result<(), Error> {
    let must = if value < min {
        format!("have value greater than or equal to {min}")
    } else if value > max {
        format!("have value less than or equal to {max}")
    } else {
        return Ok(());
    };
    Err(failed(Rule::ParameterRange, &value.to_string(), &must, place))
}

fn count(found: usize, min: usize, max: usize, place: &Pointer<'_>) -> Result<(), Error> {
    let must = if found < min {
        format!("have length greater than or equal to {min}")
    } else if found > max {
        format!("have length less than or equal to {max}")
    } else {
        return Ok(());
    };
    let at = place.to_constraint();
    let message = format!("Value at '{at}' failed to satisfy constraint: Member must {must}");
    Err(Error::validation(Rule::ParameterLength, message).at(place))
}
