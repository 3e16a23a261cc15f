//! Names become what they mean, in a line: every member of a request, option, parameter, result and type of error.
//!
//! The lines stand in the JSON Schema and in the OpenAPI document, and `docs/protocol.md` is made with them. There is one for
//! every name, or this does not compile. What kind of thing a name holds is left to [`crate::shape`], and when a rule refuses
//! to [`crate::rule`].

use crate::error::ErrorType;
use crate::operation::{EnvelopeKey, OptionName};
use crate::shape::{Name, Shape};

/// What a member of a request is.
///
/// ```
/// use gateleg_core::{describe::meaning, operation::EnvelopeKey};
/// assert_eq!(meaning::of_member(EnvelopeKey::Operation), "What to do.");
/// ```
pub fn of_member(key: EnvelopeKey) -> &'static str {
    match key {
        EnvelopeKey::Operation => "What to do.",
        EnvelopeKey::TableName => "The table, by its name, or by its ARN where the policy lists that.",
        EnvelopeKey::Payload => "The parameters of the operation's DynamoDB call; for echo, anything.",
        EnvelopeKey::Options => "How to do it, and how to write the reply.",
    }
}

/// What an option does.
///
/// ```
/// use gateleg_core::{describe::meaning, operation::OptionName};
/// assert_eq!(meaning::of_option(OptionName::MaxItems), "Most items of all pages together; it follows the pages.");
/// ```
pub fn of_option(name: OptionName) -> &'static str {
    match name {
        OptionName::Format => "How attribute values are written, in the request and in the reply.",
        OptionName::Numbers => {
            "How numbers are written in a plain reply: as JSON numbers, or all as {\"$n\": \"1.5\"}."
        }
        OptionName::DryRun => "Reply with the commands instead of executing them.",
        OptionName::All => "Follow the pages until there are no more, or a ceiling is reached.",
        OptionName::MaxItems => "Most items of all pages together; it follows the pages.",
        OptionName::Segments => "Scan in this many segments at once, each to its end.",
        OptionName::Continuation => "Where to go on: the Continuation of an earlier reply.",
        OptionName::IdempotencyKey => "A token under which the transaction happens at most once.",
    }
}

/// When an error of that type is answered.
///
/// ```
/// use gateleg_core::{describe::meaning, error::ErrorType};
/// assert_eq!(meaning::of_error(ErrorType::UnknownOperationException), "There is no operation of that name.");
/// ```
pub fn of_error(error: ErrorType) -> &'static str {
    match error {
        ErrorType::SerializationException => {
            "The request is not JSON as it is read here, or a value in DynamoDB JSON is of the wrong JSON type."
        }
        ErrorType::UnknownOperationException => "There is no operation of that name.",
        ErrorType::ValidationException => {
            "The request breaks a rule, or the store says that it does not fit the table."
        }
        ErrorType::IdempotentParameterMismatchException => "The token was used before, for another transaction.",
        ErrorType::ItemCollectionSizeLimitExceededException => {
            "The items of one partition key, with those of the local secondary indexes, would be more than 10 GB."
        }
        ErrorType::MissingAuthenticationTokenException => "The server asks for a token, and there is none or another.",
        ErrorType::AccessDeniedException => {
            "The policy does not allow the table or the operation, or the web page it came from."
        }
        ErrorType::ResourceNotFoundException => "There is no such table or index.",
        ErrorType::UnknownRouteException => "There is nothing at that path.",
        ErrorType::MethodNotAllowedException => "The path takes another HTTP method.",
        ErrorType::ConditionalCheckFailedException => "The condition of a write does not hold; nothing was written.",
        ErrorType::TransactionCanceledException => {
            "The transaction did not happen; CancellationReasons says why, action by action."
        }
        ErrorType::TransactionConflictException => "A transaction on the same item is under way; nothing was written.",
        ErrorType::TransactionInProgressException => "A transaction with the same token is still under way.",
        ErrorType::ReplicatedWriteConflictException => {
            "The same item is being written in another region; nothing was written."
        }
        ErrorType::RequestEntityTooLargeException => "The request or its reply is larger than can be sent or planned.",
        ErrorType::UnsupportedMediaTypeException => "The body is not announced as plain application/json in UTF-8.",
        ErrorType::MisdirectedRequestException => "The Host header names another server.",
        ErrorType::ProvisionedThroughputExceededException => "The table or index has no capacity left, after retries.",
        ErrorType::RequestLimitExceeded => "The account has no throughput left, after retries.",
        ErrorType::ThrottlingException => "There are too many requests, after retries.",
        ErrorType::InternalServerError => {
            "A fault of the gate, or of its own credentials and settings; only its log says which."
        }
        ErrorType::ServiceUnavailableException => "The store cannot be reached, or too many requests are under way.",
        ErrorType::TimeoutException => "The store, the planner or the request's own body took too long.",
    }
}

/// What a member of an object of the API is.
///
/// ```
/// use gateleg_core::{command::Api, describe::meaning, shape::Name};
/// assert_eq!(meaning::of_parameter(Api::PutItem.input(), Name::Item), "The whole item, its key included.");
/// ```
pub fn of_parameter(shape: &Shape, name: Name) -> &'static str {
    match name {
        Name::Action => {
            "PUT, the default, sets the attribute; ADD adds to a number, set or list; DELETE removes it, or members of a set."
        }
        Name::Attributes => "The attributes that ReturnValues asked for.",
        Name::AttributesToGet => "Names of attributes to return; now ProjectionExpression.",
        Name::AttributeUpdates => "What to do with each attribute; now UpdateExpression.",
        Name::AttributeValueList => "What the attribute is compared with: as many values as the comparison takes.",
        Name::CancellationReasons => "Why a transaction was cancelled, action by action.",
        Name::CapacityUnits => "Capacity units, of reads and writes together.",
        Name::ClientRequestToken => {
            "A token under which the transaction happens at most once; options.idempotencyKey says the same."
        }
        Name::Code => "The kind of fault; None for an action that was not at fault.",
        Name::ComparisonOperator => "How the attribute is compared.",
        Name::ConditionalOperator => "Whether all of the conditions must hold, which is the default, or one of them.",
        Name::ConditionCheck => "A condition on an item that is not changed.",
        Name::ConditionExpression if shape.name == "ConditionCheck" => {
            "What must hold of the item, or the transaction does not happen."
        }
        Name::ConditionExpression => "What must hold of the item as it is, or nothing is written.",
        Name::ConsistentRead if matches!(shape.name, "Scan" | "Query") => {
            "Whether to see every write that was done before; a global secondary index cannot."
        }
        Name::ConsistentRead => "Whether to see every write that was done before, for twice the capacity.",
        Name::ConsumedCapacity => "What was consumed, if ReturnConsumedCapacity asked for it.",
        Name::Count => "How many items were found, after the filter.",
        Name::Delete if shape.name == "BatchWriteItem" => "The keys of items to delete.",
        Name::Delete => "An item to delete.",
        Name::DeleteRequest => "An item to delete.",
        Name::Exists => "Whether there must be such an attribute: true, the default, takes a Value, and false none.",
        Name::ExclusiveStartKey => "Where to go on: the LastEvaluatedKey of the reply before.",
        Name::Expected => "What must hold of each attribute, or nothing is written; now ConditionExpression.",
        Name::ExpressionAttributeNames => "What each #name in the expressions stands for.",
        Name::ExpressionAttributeValues => "What each :value in the expressions stands for.",
        Name::FilterExpression => "Which of the items that were read to return; the others are paid for too.",
        Name::Get => "An item to get.",
        Name::GlobalSecondaryIndexes => "What was consumed on global secondary indexes, by index.",
        Name::IndexName => "The secondary index to read in place of the table.",
        Name::Item => match shape.name {
            "GetItemOutput" | "ItemResponse" => "The item; absent if there is none with that key.",
            "CancellationReason" => "The item as it is, if ReturnValuesOnConditionCheckFailure asked for it.",
            _ => "The whole item, its key included.",
        },
        Name::ItemCollectionKey => "The partition key that the items share.",
        Name::ItemCollectionMetrics => {
            "Sizes of the item collections that were written to, if asked for, of tables with local secondary indexes."
        }
        Name::Items => "The items that were found; absent if Select was COUNT.",
        Name::Key => "The item's primary key: its partition key and, where the table has one, its sort key.",
        Name::KeyConditionExpression => {
            "The partition key that the items share, and perhaps a range of sort keys; required, unless KeyConditions is there."
        }
        Name::KeyConditions => "The same, attribute by attribute; now KeyConditionExpression.",
        Name::Keys => "The keys of the items to get; however many, they go 100 to a call.",
        Name::LastEvaluatedKey => "Where to go on; absent if there is nothing more.",
        Name::Limit => "Most items to read for a page, before the filter.",
        Name::LocalSecondaryIndexes => "What was consumed on local secondary indexes, by index.",
        Name::Message => "What was wrong, in DynamoDB's words.",
        Name::ProjectionExpression => "Which attributes, or parts of them, to return; all of them without it.",
        Name::Put if shape.name == "BatchWriteItem" => "Items to put; however many writes, they go 25 to a call.",
        Name::Put => "An item to put.",
        Name::PutRequest => "An item to put.",
        Name::QueryFilter => "Which of the items that were read to return; now FilterExpression.",
        Name::ReadCapacityUnits => "Capacity units of reads.",
        Name::RequestItems if shape.name == "BatchGetItem" => {
            "For each table, the keys to get and what to return of their items."
        }
        Name::RequestItems => "For each table, the writes; however many, they go 25 to a call.",
        Name::Responses if shape.name == "BatchGetItemOutput" => {
            "The items that were found, by table; a key that has no item leaves no trace."
        }
        Name::Responses => "An answer to every Get, in order; {} where there is no such item.",
        Name::ReturnConsumedCapacity => {
            "Whether to tell the capacity that was consumed: in TOTAL, or also by table and index."
        }
        Name::ReturnItemCollectionMetrics => "Whether to tell the sizes of the item collections that were written to.",
        Name::ReturnValues if matches!(shape.name, "PutItem" | "DeleteItem") => {
            "ALL_OLD returns the item as it was before."
        }
        Name::ReturnValues => "What to return: the item, or only what was updated, as it was before or as it is now.",
        Name::ReturnValuesOnConditionCheckFailure => {
            "ALL_OLD puts the item as it is into the error, if the condition does not hold."
        }
        Name::ScanFilter => "Which of the items that were read to return; now FilterExpression.",
        Name::ScanIndexForward => "Whether to go up by sort key, which is the default, or down.",
        Name::ScannedCount => "How many items were read, before the filter.",
        Name::Segment => "Which segment to read, from 0; only with TotalSegments. options.segments reads all of them.",
        Name::Select => {
            "What to return: all attributes, those projected into the index, those that are named, or only how many items."
        }
        Name::SizeEstimateRangeGB => "Between which sizes the collection is, in gigabytes.",
        Name::Table => "What was consumed on the table itself.",
        Name::TableName => match shape.name {
            "ConsumedCapacity" => "The table.",
            "Get" | "Put" | "Update" | "Delete" | "ConditionCheck" => "The table; without it, the request's tableName.",
            _ => "The request's tableName, which need not be repeated here.",
        },
        Name::TotalSegments => "How many segments the table is read in; only with Segment.",
        Name::TransactItems if shape.name == "TransactGetItems" => "The reads, no two of one item.",
        Name::TransactItems => "The actions, no two on one item.",
        Name::UnprocessedItems => "The writes that were not done; {} if all were.",
        Name::UnprocessedKeys => "The keys that were not read; {} if all were.",
        Name::Update => "Changes to an item, which is created if there is none.",
        Name::UpdateExpression => "What to change: SET, REMOVE, ADD and DELETE, each at most once.",
        Name::Value if shape.name == "ExpectedAttributeValue" => "The value that the attribute must have.",
        Name::Value => "What to set, add or take away; DELETE can do without.",
        Name::WriteCapacityUnits => "Capacity units of writes.",
    }
}
