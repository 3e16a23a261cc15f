//! A command becomes a call of the engine, and what the engine answers becomes the outcome, both by way of wire JSON.
//!
//! Leaves to others: which thread this happens on (`worker`), and how table names are stored (`names`).

use std::path::Path;

use dynoxide::actions::query::QueryRequest;
use dynoxide::actions::scan::ScanRequest;
use dynoxide::{Database, DynoxideError};
use gateleg_core::attribute::Notation;
use gateleg_core::command::{Api, Command};
use gateleg_core::expression::{self, ExpressionKind, Scope};
use gateleg_core::json::{Object, write_bool};
use gateleg_core::outcome::{Outcome, StoreError};
use gateleg_core::shape::{self, Kind, Name};
use gateleg_core::tree::{Node, Structure};
use serde_json::error::Category;

use super::fault::Fault;

/// What the engine puts in front of a refusal that it words while it reads the request.
const VALIDATION: &[&str] = &["VALIDATION:", "VALIDATION_AS_READ:"];
const REQUEST_VALIDATION: &str = "VALIDATION_REQUEST:";
const SERIALIZATION: &[&str] = &["SERIALIZATION:", "SERIALIZATION_AS_READ:"];

/// The tables of one command: how each is stored, then its name.
pub(super) type Tables = Vec<(String, String)>;

/// A command's parameters as the engine reads them.
pub(super) fn request(command: &Command, tables: &Tables) -> String {
    let mut input = command.input.clone();
    store_names(&mut input, tables);
    print_expressions(&mut input);
    let mut json = String::new();
    input.write(&mut json, Notation::WIRE);
    json
}

/// Puts each expression, at any depth, into the form that core prints: the engine's parser knows no parenthesised operands.
/// One that core refuses stays as it is, for the engine to refuse.
fn print_expressions(input: &mut Structure) {
    for kind in ExpressionKind::ALL {
        let text = input.text(kind.parameter()).and_then(|text| {
            let names = input.get(Name::ExpressionAttributeNames);
            let values = input.get(Name::ExpressionAttributeValues);
            expression::check(kind, text, &mut Scope::new(names, values)).ok()
        });
        if let Some(expression) = text {
            input.set(kind.parameter(), Node::Text(expression.to_text()));
        }
    }
    for member in input.shape().members {
        match input.get_mut(member.name) {
            Some(Node::Structure(inner)) => print_expressions(inner),
            Some(Node::List(items)) => items.iter_mut().for_each(print_expressions_in),
            Some(Node::Map(entries)) => entries.iter_mut().for_each(|(_, node)| print_expressions_in(node)),
            _ => {}
        }
    }
}

fn print_expressions_in(node: &mut Node) {
    if let Node::Structure(inner) = node {
        print_expressions(inner);
    }
}

/// Makes the call; what it returns is for [`outcome`].
pub(super) fn execute(database: &Database, api: Api, request: &str) -> String {
    make(database, api, request).unwrap_or_else(|error| refused(database, api, &error))
}

fn make(database: &Database, api: Api, request: &str) -> Result<String, DynoxideError> {
    match api {
        Api::PutItem => call(request, |input| database.put_item(input)),
        Api::GetItem => call(request, |input| database.get_item(input)),
        Api::UpdateItem => call(request, |input| database.update_item(input)),
        Api::DeleteItem => call(request, |input| database.delete_item(input)),
        Api::Scan => call(request, |input: ScanRequest| {
            let limit = input.limit;
            let mut page = database.scan(input)?;
            page.scanned_count = scanned(page.scanned_count, limit, page.last_evaluated_key.is_some());
            Ok(page)
        }),
        Api::Query => call(request, |input: QueryRequest| {
            let limit = input.limit;
            let mut page = database.query(input)?;
            page.scanned_count = scanned(page.scanned_count, limit, page.last_evaluated_key.is_some());
            Ok(page)
        }),
        Api::BatchGetItem => call(request, |input| database.batch_get_item(input)),
        Api::BatchWriteItem => call(request, |input| database.batch_write_item(input)),
        Api::TransactGetItems => call(request, |input| database.transact_get_items(input)),
        Api::TransactWriteItems => call(request, |input| database.transact_write_items(input)),
    }
}

/// What the file refused is told in words for a caller, and all there is to say goes to the log; the rest is the engine's to word.
fn refused(database: &Database, api: Api, error: &DynoxideError) -> String {
    let Some(fault) = Fault::of(error) else { return refusal(api, error) };
    fault.handle(error, database.db_path().ok().flatten().as_deref());
    // A batch that was not made as one transaction may be done in part.
    let is_in_doubt = api.is_write() && (fault.leaves_doubt() || api == Api::BatchWriteItem);
    let and = if api.is_write() && !is_in_doubt { "; nothing was written" } else { "" };
    error_text("ServiceUnavailableException", &format!("{}{and}", fault.told()), is_in_doubt, Some(error))
}

/// The writes of a batch as one transaction, which the engine syncs once instead of 25 times; `None` where the batch's own
/// figures are asked for.
pub(super) fn as_transaction(command: Command) -> Option<Command> {
    let Command { api: Api::BatchWriteItem, mut input } = command else { return None };
    let Some(Node::Map(tables)) = input.take(Name::RequestItems) else { return None };
    if input.iter().next().is_some() {
        return None;
    }
    let mut actions = Vec::new();
    for (table, writes) in tables {
        let Node::List(writes) = writes else { return None };
        for write in writes {
            let Node::Structure(mut write) = write else { return None };
            let (action, shape, holds, node) = if let Some(put) = write.take(Name::PutRequest) {
                (Name::Put, &shape::TRANSACT_PUT, Name::Item, put)
            } else {
                (Name::Delete, &shape::TRANSACT_DELETE, Name::Key, write.take(Name::DeleteRequest)?)
            };
            let Node::Structure(mut inner) = node else { return None };
            let inner = Structure::new(shape)
                .with(holds, inner.take(holds))
                .with(Name::TableName, Some(Node::Text(table.clone())));
            let action = Structure::new(&shape::TRANSACT_WRITE_ITEM).with(action, Some(Node::Structure(inner)));
            actions.push(Node::Structure(action));
        }
    }
    let input = Structure::new(Api::TransactWriteItems.input()).with(Name::TransactItems, Some(Node::List(actions)));
    Some(Command { api: Api::TransactWriteItems, input })
}

/// Makes a batch as one transaction. What is refused as such has written nothing, and is made as the batch that it is, for a
/// batch's own words; unless it is the file that refused, which would do so again.
pub(super) fn execute_at_once(database: &Database, transaction: &str, request: &str) -> String {
    match make(database, Api::TransactWriteItems, transaction) {
        Ok(_) => r#"{"ok":{"UnprocessedItems":{}}}"#.into(),
        Err(error) if Fault::of(&error).is_some() => refused(database, Api::TransactWriteItems, &error),
        Err(_) => execute(database, Api::BatchWriteItem, request),
    }
}

/// What was written went into a file that nobody will find under its name.
pub(super) fn displaced(path: &Path) -> String {
    let told = "The data file was moved or removed while it was in use";
    tracing::error!(path = %path.display(), remedy = "put it back; or stop the server, and start it on another", "{told}");
    error_text("ServiceUnavailableException", told, true, None)
}

/// How many items a page is made from. The engine counts one more on a page that is full before its limit: the item that did
/// not fit, which begins the next page.
fn scanned(counted: usize, limit: Option<usize>, goes_on: bool) -> usize {
    let is_full = goes_on && limit.is_none_or(|limit| counted < limit);
    if is_full { counted.saturating_sub(1) } else { counted }
}

/// Reads what [`execute`] returned, and puts the tables' names back.
pub(super) fn outcome(api: Api, answer: &str, tables: &Tables) -> Outcome {
    let mut outcome = match Outcome::parse(api, answer) {
        Ok(outcome) => outcome,
        // The reason may quote an item, and this is logged.
        Err(_) => return internal("the engine's answer could not be read", api),
    };
    match &mut outcome.result {
        Ok(output) => restore_names(output, tables),
        Err(error) => {
            restore_text(&mut error.message, tables);
            let reasons = error.cancellation_reasons.iter_mut();
            reasons.filter_map(|reason| reason.message.as_mut()).for_each(|text| restore_text(text, tables));
        }
    }
    outcome
}

/// A failure of ours or of the engine; the text is for the log.
pub(super) fn internal(message: &str, api: Api) -> Outcome {
    let error = StoreError::new("InternalServerError", message);
    Outcome::error(StoreError { may_have_happened: api.is_write(), ..error })
}

fn call<I, O>(request: &str, call: impl FnOnce(I) -> Result<O, DynoxideError>) -> Result<String, DynoxideError>
where
    I: serde::de::DeserializeOwned,
    O: serde::Serialize,
{
    let input = serde_json::from_str(request).map_err(|error| unreadable(&error))?;
    let output = call(input)?;
    let mut answer = br#"{"ok":"#.to_vec();
    serde_json::to_writer(&mut answer, &output).map_err(|_| unwritable())?;
    answer.push(b'}');
    String::from_utf8(answer).map_err(|_| unwritable())
}

fn unwritable() -> DynoxideError {
    DynoxideError::InternalServerError("the engine's answer could not be written".into())
}

/// The engine did not take the parameters: in words for the user, if a marker says so.
fn unreadable(error: &serde_json::Error) -> DynoxideError {
    let text = error.to_string();
    let text = text.rfind(" at line ").and_then(|at| text.get(..at)).unwrap_or(&text);
    let marked = |markers: &[&str]| markers.iter().find_map(|marker| text.strip_prefix(marker)).map(String::from);
    if let Some(message) = marked(VALIDATION) {
        DynoxideError::ValidationException(message)
    } else if let Some(message) = marked(&[REQUEST_VALIDATION]) {
        DynoxideError::EnvelopedValidation(message)
    } else if let Some(message) = marked(SERIALIZATION) {
        DynoxideError::SerializationException(message)
    } else if text.starts_with("Supplied AttributeValue") {
        DynoxideError::ValidationException(text.into())
    } else if text.starts_with("empty AttributeValue") {
        DynoxideError::ValidationException(
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes".into(),
        )
    } else if error.classify() == Category::Data {
        // Numbers, sets and nulls that cannot be are refused with a sentence of DynamoDB's and no marker.
        DynoxideError::ValidationException(text.into())
    } else {
        let (line, column) = (error.line(), error.column());
        DynoxideError::InternalServerError(format!("the engine could not read the call at {line}:{column}"))
    }
}

/// `{"error": {..}}`.
fn refusal(api: Api, error: &DynoxideError) -> String {
    let error_type = error.error_type();
    let error_type = error_type.rsplit_once('#').map_or(error_type, |(_, name)| name);
    let mut message = error.to_string();
    // As the engine's server does it; its library leaves what was refused in reading as it is.
    if matches!(error, DynoxideError::EnvelopedValidation(_))
        && matches!(api, Api::PutItem | Api::UpdateItem | Api::DeleteItem)
    {
        message.insert_str(0, "1 validation error detected: ");
    }
    let is_in_doubt = error_type == "InternalServerError" && api.is_write();
    error_text(error_type, &message, is_in_doubt, Some(error))
}

fn error_text(error_type: &str, message: &str, is_in_doubt: bool, error: Option<&DynoxideError>) -> String {
    let mut text = String::new();
    let mut object = Object::new(&mut text);
    let mut inner = Object::new(object.member("error"));
    inner.string("__type", error_type);
    inner.string("message", message);
    match error {
        Some(DynoxideError::ConditionalCheckFailedException(_, Some(item))) => {
            inner.member("Item").push_str(&serde_json::to_string(item).unwrap_or_else(|_| "null".into()));
        }
        Some(DynoxideError::TransactionCanceledException(_, reasons)) => {
            let reasons = serde_json::to_string(reasons).unwrap_or_else(|_| "null".into());
            inner.member("CancellationReasons").push_str(&reasons);
        }
        _ => {}
    }
    if is_in_doubt {
        write_bool(inner.member("mayHaveHappened"), true);
    }
    inner.end();
    object.end();
    text
}

fn store_names(input: &mut Structure, tables: &Tables) {
    for member in input.shape().members {
        if let Some(node) = input.get_mut(member.name) {
            store_names_in(node, &member.kind, tables);
        }
    }
}

fn store_names_in(node: &mut Node, kind: &Kind, tables: &Tables) {
    let store = |table: &mut String| {
        if let Some((stored, _)) = tables.iter().find(|(_, name)| name == table) {
            table.clone_from(stored);
        }
    };
    match (kind, node) {
        (Kind::TableName, Node::Text(table)) => store(table),
        (Kind::Tables(_), Node::Map(entries)) => entries.iter_mut().for_each(|(table, _)| store(table)),
        (Kind::List { of, .. }, Node::List(items)) => {
            items.iter_mut().for_each(|item| store_names_in(item, of, tables));
        }
        (Kind::Structure(_), Node::Structure(inner)) => store_names(inner, tables),
        _ => {}
    }
}

fn restore_names(output: &mut Structure, tables: &Tables) {
    let restore = |table: &mut String| {
        if let Some((_, name)) = tables.iter().find(|(stored, _)| stored == table) {
            table.clone_from(name);
        }
    };
    for member in output.shape().members {
        match (member.name, output.get_mut(member.name)) {
            (Name::TableName, Some(Node::Text(table))) => restore(table),
            (
                Name::Responses | Name::UnprocessedItems | Name::UnprocessedKeys | Name::ItemCollectionMetrics,
                Some(Node::Map(entries)),
            ) => entries.iter_mut().for_each(|(table, _)| restore(table)),
            (Name::ConsumedCapacity, Some(Node::Structure(capacity))) => restore_names(capacity, tables),
            (Name::ConsumedCapacity, Some(Node::List(capacities))) => {
                for capacity in capacities {
                    if let Node::Structure(capacity) = capacity {
                        restore_names(capacity, tables);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Replaces stored names, but not what only looks like one inside a longer name.
fn restore_text(text: &mut String, tables: &Tables) {
    let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    for (stored, name) in tables {
        let mut from = 0;
        while let Some(at) = text.get(from..).and_then(|rest| rest.find(stored.as_str())).map(|at| from + at) {
            let (before, after) = (text.get(..at).unwrap_or(""), text.get(at + stored.len()..).unwrap_or(""));
            let whole = !before.ends_with(named) || before.ends_with("RequestItems.");
            let whole = whole && (!after.starts_with(named) || after.starts_with(".member"));
            from = if whole {
                text.replace_range(at..at + stored.len(), name);
                at + name.len()
            } else {
                at + stored.len()
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_text(text: &str, expected: &str) {
        let tables =
            vec![(".orders".to_string(), "orders".to_string()), ("..orders".to_string(), "Orders".to_string())];
        let mut text = text.to_string();
        restore_text(&mut text, &tables);
        assert_eq!(text, expected);
    }

    #[test]
    fn messages_name_tables_as_the_caller_does() {
        check_text("Table: .orders not found", "Table: orders not found");
        check_text("Table: ..orders not found", "Table: Orders not found");
        check_text("at 'RequestItems..orders.member.Keys'", "at 'RequestItems.orders.member.Keys'");
        check_text(
            "the path a.orders is no table's, nor is .orders2",
            "the path a.orders is no table's, nor is .orders2",
        );
    }

    fn check_unreadable(request: &str, error_type: &str, message: &str) {
        let database = Database::memory().unwrap();
        let answer = execute(&database, Api::PutItem, request);
        let error = outcome(Api::PutItem, &answer, &Tables::new()).result.unwrap_err();
        assert_eq!((error.error_type.as_str(), error.message.as_str()), (error_type, message));
    }

    #[test]
    fn the_engine_s_markers_are_hidden() {
        check_unreadable(
            r#"{"TableName":"","Item":{}}"#,
            "ValidationException",
            "1 validation error detected: Value at 'TableName' failed to satisfy constraint: Member must have length \
             greater than or equal to 1",
        );
        check_unreadable(
            r#"{"TableName":"orders","Item":{"id":{"NULL":false}}}"#,
            "ValidationException",
            "1 validation error detected: One or more parameter values were invalid: Null attribute value types must have \
             the value of true",
        );
        check_unreadable(
            r#"{"TableName":"orders","Item":{"id":{"S":"1","N":"1"}}}"#,
            "ValidationException",
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
        );
        check_unreadable(
            r#"{"TableName":"orders","Item":{"id":{"BOOL":"maybe"}}}"#,
            "SerializationException",
            "Unexpected token received from parser",
        );
    }
}
