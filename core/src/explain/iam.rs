//! Commands become the least policy of AWS IAM under which DynamoDB executes them.
//!
//! A batch needs its own action and no other; a transaction needs those of what it does, and `ConditionCheckItem` for a check:
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html>. A read through an index needs
//! the index, not its table. Left to others: what encryption keys, streams and the caller's role need.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::command::{Api, Command};
use crate::json::{self, Object};
use crate::operation::OperationName;
use crate::order;
use crate::policy::{Policy, is_arn};
use crate::shape::Name;
use crate::tree::{Node, Structure};

/// The least policy for all of these, as canonical JSON: a statement for each set of actions, sorted, without wildcards. A
/// table that is named by name gets an ARN with `REGION` and `ACCOUNT` to fill in.
///
/// ```
/// use gateleg_core::{command::Command, explain::iam};
/// let get = Command::parse(r#"{"GetItem":{"TableName":"abc","Key":{"id":{"S":"1"}}}}"#)?;
/// let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["dynamodb:GetItem"],"Resource":["arn:aws:dynamodb:REGION:ACCOUNT:table/abc"]}]}"#;
/// assert_eq!(iam([&get].into_iter()), policy);
/// # Ok::<(), gateleg_core::command::CommandError>(())
/// ```
pub fn iam<'a>(commands: impl Iterator<Item = &'a Command>) -> String {
    let mut grants = Vec::new();
    commands.for_each(|command| grants_of(command, &mut grants));
    document(grants)
}

/// The least policy for all that gateleg's own policies allow, in the same form: of each, with the real name or the ARN of
/// every table it names. Where it allows every table, or every index of one, this one has to as well.
///
/// ```
/// use gateleg_core::{explain::iam_of, policy::{Allowed, Policy}};
/// let mut policy = Policy::tables(Allowed::from_list("orders"));
/// policy.operations = Allowed::from_list("read");
/// let expected = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["dynamodb:GetItem"],"Resource":["arn:aws:dynamodb:REGION:ACCOUNT:table/prod-orders"]}]}"#;
/// assert_eq!(iam_of(&[(&policy, &|label| format!("prod-{label}"))]), expected);
/// ```
pub fn iam_of(policies: &[(&Policy, TableOf<'_>)]) -> String {
    let mut grants = Vec::new();
    for (policy, real) in policies {
        for name in OperationName::ALL {
            let Some(call) = &name.row().call else { continue };
            if policy.authorize_operation(*name).is_ok() {
                grants_of_operation(policy, call.api, real, &mut grants);
            }
        }
    }
    document(grants)
}

/// The real name or the ARN of a table that a policy names.
pub type TableOf<'f> = &'f dyn Fn(&str) -> String;

/// Adds what a call needs on each table and index that it may name.
fn grants_of_operation(policy: &Policy, api: Api, real: TableOf<'_>, grants: &mut Vec<(String, &'static str)>) {
    let actions: &[&str] = match api {
        Api::TransactGetItems => &["GetItem"],
        Api::TransactWriteItems => &["ConditionCheckItem", "DeleteItem", "PutItem", "UpdateItem"],
        _ => &[api.as_str()],
    };
    let is_paged = matches!(api, Api::Scan | Api::Query);
    for table in policy.tables.names() {
        let name = if table == "*" { table.into() } else { real(table) };
        let arn = resource_of(&name);
        for action in actions {
            grants.push((arn.clone(), action));
        }
        for index in policy.indexes_of(table).filter(|_| is_paged) {
            grants.push((format!("{arn}/index/{index}"), api.as_str()));
        }
    }
}

/// The grants as one document.
fn document(mut grants: Vec<(String, &'static str)>) -> String {
    order::sort(&mut grants, |a, b| a.cmp(b));
    grants.dedup();
    // What may be done to each resource, then the resources to which the same may be done.
    let mut resources: Vec<(Vec<&str>, String)> = Vec::new();
    for (resource, action) in grants {
        match resources.last_mut() {
            Some((actions, last)) if *last == resource => actions.push(action),
            _ => resources.push((alloc::vec![action], resource)),
        }
    }
    order::sort(&mut resources, |a, b| a.cmp(b));
    let mut out = String::new();
    let mut policy = Object::new(&mut out);
    policy.string("Version", "2012-10-17");
    let statements = resources.chunk_by(|(a, _), (b, _)| a == b);
    json::write_array(policy.member("Statement"), statements, |out, statement| {
        let actions = statement.first().map_or(&[][..], |(actions, _)| actions.as_slice());
        let mut object = Object::new(out);
        object.string("Effect", "Allow");
        json::write_array(object.member("Action"), actions, |out, action| {
            json::write_string(out, &format!("dynamodb:{action}"));
        });
        let resources = statement.iter().map(|(_, resource)| resource);
        json::write_array(object.member("Resource"), resources, |out, resource| json::write_string(out, resource));
        object.end();
    });
    policy.end();
    out
}

/// Adds each resource that the command touches, with what it does there.
fn grants_of(command: &Command, grants: &mut Vec<(String, &'static str)>) {
    if let Some(Node::List(actions)) = command.input.get(Name::TransactItems) {
        for action in actions {
            let Node::Structure(action) = action else { continue };
            for (name, inner) in action.iter() {
                if let Node::Structure(inner) = inner {
                    grants.push((resource(inner, inner.text(Name::TableName).unwrap_or_default()), part(name)));
                }
            }
        }
        return;
    }
    for table in command.tables() {
        grants.push((resource(&command.input, table), command.api.as_str()));
    }
}

/// The action that a part of a transaction needs.
fn part(name: Name) -> &'static str {
    match name {
        Name::Get => Api::GetItem.as_str(),
        Name::Put => Api::PutItem.as_str(),
        Name::Update => Api::UpdateItem.as_str(),
        Name::Delete => Api::DeleteItem.as_str(),
        _ => "ConditionCheckItem",
    }
}

fn resource_of(table: &str) -> String {
    if is_arn(table) { table.into() } else { format!("arn:aws:dynamodb:REGION:ACCOUNT:table/{table}") }
}

/// The ARN of the index that is named, or of the table.
fn resource(input: &Structure, table: &str) -> String {
    let mut arn = resource_of(table);
    if let Some(index) = input.text(Name::IndexName) {
        arn.push_str("/index/");
        arn.push_str(index);
    }
    arn
}
