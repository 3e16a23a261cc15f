//! A [`Request`] becomes an [`Operation`]: its payload read with the API's tables, completed with its table name, and checked.
//!
//! Order of judgement, as DynamoDB's: JSON types and unknown names, what is required and the table name, constraints, and then
//! the rules of the call as a whole.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::attribute::Format;
use crate::check;
use crate::command::{Api, Command};
use crate::context::Context;
use crate::error::{Error, Patch};
use crate::json::Json;
use crate::operation::{Call, OperationName, OptionName, TableUse};
use crate::pointer::Pointer;
use crate::reader::{Origin, Reader};
use crate::request::{MAX_SEGMENTS, Options, Request, Start};
use crate::rule::Rule;
use crate::rules::{self, Judge};
use crate::shape::{self, Name, Shape};
use crate::tree::{Node, Structure};
use crate::warning::Warning;

/// A request that may be carried out as far as can be told without its table.
#[derive(Debug)]
pub struct Operation {
    name: OperationName,
    options: Options,
    does: Does,
    warnings: Vec<Warning>,
}

/// What carrying an operation out means.
#[derive(Debug)]
pub(crate) enum Does {
    /// Reply with this JSON text.
    Answer(String),
    /// Make this call.
    Call(Command),
}

impl Operation {
    /// Checks all that can be checked without a table.
    ///
    /// # Errors
    /// The fault that DynamoDB would tell first.
    ///
    /// ```
    /// use gateleg_core::{operate::Operation, request::Request};
    /// let request = Request::parse(br#"{"operation": "read", "tableName": "abc", "payload": {"key": {}}}"#)?;
    /// let error = Operation::check(request).unwrap_err();
    /// assert!(error.message().starts_with("Unknown parameter in input: \"key\""));
    /// # Ok::<(), gateleg_core::error::Error>(())
    /// ```
    pub fn check(request: Request<'_>) -> Result<Self, Error> {
        Self::check_with_keys(request, &[])
    }

    /// Checks also what can be told where the names of some tables' key attributes are known, the partition key first, as
    /// [`Policy::keys`](crate::policy::Policy::keys) has them.
    ///
    /// # Errors
    /// The fault that DynamoDB would tell first.
    pub fn check_with_keys(request: Request<'_>, keys: &[(String, Vec<String>)]) -> Result<Self, Error> {
        let name = request.row.name;
        let mut warnings = Vec::new();
        let mut starts = None;
        let does = match &request.row.call {
            None if name == OperationName::Ping => Does::Answer("\"pong\"".into()),
            None => Does::Answer(request.payload.as_ref().map_or_else(|| "null".into(), Json::to_text)),
            Some(call) => {
                let command = read_call(&request, call, keys, &mut warnings)?;
                starts = read_starts(&request, &command)?;
                Does::Call(command)
            }
        };
        Ok(Operation { name, options: Options { starts, ..request.options }, does, warnings })
    }

    /// Which operation it is.
    pub fn name(&self) -> OperationName {
        self.name
    }

    /// What was noticed but does not refuse.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Reads, checks and authorises a request: what every home, plan and explanation starts with.
    ///
    /// # Errors
    /// The refusal of whichever speaks up first.
    pub(crate) fn admit(request: &[u8], context: &Context) -> Result<Self, Error> {
        let operation = Self::check_with_keys(Request::parse(request)?, context.keys())?;
        if let Some(policy) = context.policy() {
            policy.authorize_operation(operation.name)?;
            if let Does::Call(command) = &operation.does {
                policy.authorize_request(command, operation.options.starts.is_some())?;
            }
        }
        Ok(operation)
    }

    pub(crate) fn is_dry_run(&self) -> bool {
        self.options.dry_run
    }

    pub(crate) fn into_parts(self) -> (Options, Does, Vec<Warning>) {
        (self.options, self.does, self.warnings)
    }
}

fn read_call(
    request: &Request<'_>,
    call: &Call,
    keys: &[(String, Vec<String>)],
    warnings: &mut Vec<Warning>,
) -> Result<Command, Error> {
    let format = request.options.notation.format;
    let mut reader = Reader::new(format, Origin::Request);
    let read = read_with(&mut reader, request, call, keys);
    let looks_typed = format == Format::Plain && !reader.warnings.is_empty();
    warnings.append(&mut reader.warnings);
    read.map_err(|error| {
        let mut typed = Reader::new(Format::DynamoDb, Origin::Request);
        if looks_typed && error.fixes().is_empty() && read_with(&mut typed, request, call, keys).is_ok() {
            error
                .hint("The values are written in DynamoDB JSON, which options.format has to say")
                .fix(dynamodb_json(request))
        } else {
            error
        }
    })
}

/// The patch that says that values are written in DynamoDB JSON.
fn dynamodb_json(request: &Request<'_>) -> Patch {
    if request.has_options {
        Patch::Add { path: "/options/format".into(), value: "\"dynamodb\"".into() }
    } else {
        Patch::Add { path: "/options".into(), value: "{\"format\":\"dynamodb\"}".into() }
    }
}

fn read_with(
    reader: &mut Reader,
    request: &Request<'_>,
    call: &Call,
    keys: &[(String, Vec<String>)],
) -> Result<Command, Error> {
    let operation = request.row.name.as_str();
    let place = Pointer::ROOT.key("payload");
    let empty = Json::Object(Vec::new());
    let payload = match &request.payload {
        Some(payload @ Json::Object(_)) => payload,
        None | Some(Json::Null) if call.payload_optional => &empty,
        None | Some(Json::Null) => {
            return Err(Error::validation(Rule::EnvelopePayload, format!("{operation} needs a payload"))
                .at(&Pointer::ROOT)
                .hint(format!("payload holds the parameters of {}", call.api.as_str())));
        }
        Some(other) => {
            let message = format!("Invalid type for payload: expected an object, but found {}", other.kind());
            return Err(Error::validation(Rule::EnvelopePayload, message).at(&place));
        }
    };
    let table = TableName::read(request.table_name.as_ref(), payload, call, operation)?;
    let shape = form(call, table.name, payload, &place)?;
    let mut input = reader.structure(payload, shape, &place)?;
    complete(&mut input, call, &table, &request.options)?;
    let judge = Judge { faults: reader.faults(), keys };
    if let (TableUse::ShortForm(_), Some(table)) = (call.table, table.name) {
        check::table_name(table, &Pointer::ROOT.key("tableName"))?;
        check::input(&input, &place)?;
        match call.api {
            Api::BatchGetItem => rules::get_short(judge, table, &input, &place)?,
            _ => rules::write_short(judge, table, &input, &place)?,
        }
        return Ok(Command { api: call.api, input: lengthen(input, call.api, table, &place)? });
    }
    let command = Command { api: call.api, input };
    rules::command(&command, &place, judge).map_err(|error| table.blame(error))?;
    Ok(command)
}

/// The shape that the payload has to have; a batch has two.
fn form(call: &Call, table: Option<&str>, payload: &Json<'_>, place: &Pointer<'_>) -> Result<&'static Shape, Error> {
    let TableUse::ShortForm(short) = call.table else { return Ok(call.api.input()) };
    let request_items = Name::RequestItems.as_str();
    let wrong = |name: &str, message: &str, hint: &str| {
        Err(Error::validation(Rule::BatchForm, message).at(&place.key(name)).hint(hint))
    };
    if table.is_some() {
        if payload.get(request_items).is_some() {
            let message = "RequestItems names its tables itself and cannot stand beside tableName";
            return wrong(
                request_items,
                message,
                "Leave tableName out, or leave RequestItems out and write what it holds",
            );
        }
        return Ok(short);
    }
    for member in short.members {
        let name = member.name.as_str();
        if payload.get(name).is_some() && call.api.input().member(name).is_none() {
            let message = format!("{name} is of the form for one table, and there is no tableName");
            return wrong(name, &message, "Add tableName, or name the tables in RequestItems");
        }
    }
    Ok(call.api.input())
}

/// The request's `tableName`, if it has one.
struct TableName<'r> {
    name: Option<&'r str>,
}

impl<'r> TableName<'r> {
    fn read(json: Option<&'r Json<'_>>, payload: &'r Json<'_>, call: &Call, operation: &str) -> Result<Self, Error> {
        let here = Pointer::ROOT.key("tableName");
        let name = match json {
            None => None,
            Some(Json::String(name)) => Some(&**name),
            Some(other) => {
                let message = format!("Invalid type for tableName: expected a string, but found {}", other.kind());
                return Err(Error::validation(Rule::EnvelopeTableName, message).at(&here));
            }
        };
        let named = Name::TableName.as_str();
        let inside = payload.get(named);
        let name = match (call.table, name, inside) {
            (TableUse::TheTable, None, inside) => {
                let message = "Value null at 'tableName' failed to satisfy constraint: Member must not be null";
                let error = Error::validation(Rule::EnvelopeTableName, message)
                    .at(&Pointer::ROOT)
                    .hint(format!("{operation} needs \"tableName\" beside \"operation\""));
                return Err(match inside {
                    Some(Json::String(_)) => {
                        error.fix(Patch::Move { from: "/payload/TableName".into(), path: "/tableName".into() })
                    }
                    _ => error,
                });
            }
            (TableUse::TheTable, Some(name), Some(inside)) if inside.as_str() != Some(name) => {
                let place = Pointer::ROOT.key("payload");
                let path = "/payload/TableName".into();
                return Err(Error::validation(Rule::EnvelopeTableName, "payload.TableName differs from tableName")
                    .at(&place.key(named))
                    .hint("Leave TableName out of the payload")
                    .fix(Patch::Remove { path }));
            }
            (_, name, _) => name,
        };
        Ok(TableName { name })
    }

    /// A fault of the table name stands in the envelope, where the caller wrote it.
    fn blame(&self, error: Error) -> Error {
        if self.name.is_some() && error.path() == Some("/payload/TableName") {
            return error.at(&Pointer::ROOT.key("tableName"));
        }
        error
    }
}

/// Adds what stands outside the payload: table name and token.
fn complete(input: &mut Structure, call: &Call, table: &TableName<'_>, options: &Options) -> Result<(), Error> {
    match (call.table, table.name) {
        (TableUse::TheTable, Some(name)) => input.set(Name::TableName, Node::Text(name.into())),
        (TableUse::Default, Some(name)) => default_table(input, name),
        (TableUse::ShortForm(_), Some(_)) | (_, None) => {}
    }
    if let Some(key) = &options.idempotency_key {
        let token = Name::ClientRequestToken;
        if input.text(token).is_some_and(|present| present != key) {
            return Err(Error::validation(
                Rule::OptionsIdempotencyKey,
                "options.idempotencyKey differs from payload.ClientRequestToken",
            )
            .at(&Pointer::ROOT.key("options").key("idempotencyKey")));
        }
        input.set(token, Node::Text(key.clone()));
    }
    Ok(())
}

/// Where the segments of a scan begin, if it is to be done in segments.
fn read_starts(request: &Request<'_>, command: &Command) -> Result<Option<Vec<Start>>, Error> {
    let options = &request.options;
    let place = Pointer::ROOT.key("options");
    if options.max_items.is_none() && options.segments.is_none() && request.continuation.is_none() {
        return Ok(None);
    }
    let named = |name: OptionName| (format!("Option {}", name.as_str()), place.key(name.as_str()).to_text());
    let (option, path) = match (&request.continuation, options.segments) {
        (Some(_), _) => named(OptionName::Continuation),
        (None, Some(_)) => named(OptionName::Segments),
        (None, None) => return Ok(None),
    };
    let beside = [Name::Segment, Name::TotalSegments, Name::ExclusiveStartKey]
        .into_iter()
        .find(|name| command.input.get(*name).is_some())
        .map(|name| name.as_str())
        .or_else(|| options.max_items.map(|_| "option maxItems"));
    if let Some(beside) = beside {
        let here = if options.max_items.is_some() { place.key("maxItems") } else { place };
        return Err(Error::broken(Rule::OptionsTogether, &[&option, beside])
            .at(&here)
            .hint("A scan in segments divides the table itself, and reads each to its end")
            .fix(Patch::Remove { path }));
    }
    let Some(Json::Array(entries)) = &request.continuation else {
        return Ok(options.segments.map(|count| (0..count).map(|_| Start::Beginning).collect()));
    };
    let here = place.key(OptionName::Continuation.as_str());
    let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    let wrong = |expected: &str, found: &str, at: &Pointer<'_>| {
        Err(Error::broken(Rule::OptionsContinuation, &[expected, found])
            .at(at)
            .hint("Send the Continuation of the reply before as it is, with the same payload"))
    };
    if options.segments.is_some_and(|segments| segments != count) || !(1..=MAX_SEGMENTS).contains(&count) {
        let expected = match options.segments {
            Some(segments) => format!("one place for each of the {segments} segments"),
            None => format!("1 to {MAX_SEGMENTS} places"),
        };
        return wrong(&expected, &count.to_string(), &here);
    }
    let mut reader = Reader::new(options.notation.format, Origin::Request);
    let mut starts = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let here = here.index(index);
        let start = match entry {
            Json::Object(members) => match members.as_slice() {
                [] => Some(Start::Beginning),
                [(name, Json::Bool(true))] if name == "done" => Some(Start::Done),
                [(name, key @ Json::Object(_))] if name == "after" => {
                    Some(Start::After(reader.attributes(key, &here.key("after"), 1)?))
                }
                _ => None,
            },
            _ => None,
        };
        let Some(start) = start else {
            return wrong("{}, {\"after\": {key}} or {\"done\": true}", entry.kind(), &here);
        };
        starts.push(start);
    }
    match reader.faults().first() {
        Some(fault) => Err(fault.clone()),
        None => Ok(Some(starts)),
    }
}

/// `{"Keys": [..]}` or `{"Put": [..], "Delete": [..]}` of one table becomes `RequestItems`.
fn lengthen(short: Structure, api: Api, table: &str, place: &Pointer<'_>) -> Result<Structure, Error> {
    let mut input = Structure::new(api.input());
    let mut keys = Structure::new(&shape::KEYS_AND_ATTRIBUTES);
    let mut writes = Vec::new();
    for (name, node) in short.into_members() {
        match (name, node) {
            (Name::Put, Node::List(items)) => {
                writes.extend(
                    items.into_iter().map(|item| write(Name::PutRequest, &shape::PUT_REQUEST, Name::Item, item)),
                );
            }
            (Name::Delete, Node::List(items)) => {
                writes.extend(
                    items.into_iter().map(|key| write(Name::DeleteRequest, &shape::DELETE_REQUEST, Name::Key, key)),
                );
            }
            (name, node) if api.input().members.iter().any(|member| member.name == name) => input.set(name, node),
            (name, node) => keys.set(name, node),
        }
    }
    let request = match api {
        Api::BatchGetItem => Node::Structure(keys),
        _ if writes.is_empty() => {
            return Err(Error::validation(
                Rule::ParameterRequired,
                "batchWrite needs Put or Delete, or RequestItems without tableName",
            )
            .at(place));
        }
        _ => Node::List(writes),
    };
    input.set(Name::RequestItems, Node::Map(alloc::vec![(table.to_string(), request)]));
    Ok(input)
}

fn write(kind: Name, shape: &'static Shape, holds: Name, attributes: Node) -> Node {
    let inner = Structure::new(shape).with(holds, Some(attributes));
    Node::Structure(Structure::new(&shape::WRITE_REQUEST).with(kind, Some(Node::Structure(inner))))
}

/// Every action of a transaction that names no table gets the request's.
fn default_table(input: &mut Structure, table: &str) {
    let Some(Node::List(items)) = input.get_mut(Name::TransactItems) else { return };
    for item in items {
        let Node::Structure(item) = item else { continue };
        let present: Vec<Name> = item.iter().map(|(name, _)| name).collect();
        for name in present {
            if let Some(Node::Structure(action)) = item.get_mut(name)
                && action.get(Name::TableName).is_none()
            {
                action.set(Name::TableName, Node::Text(table.into()));
            }
        }
    }
}
