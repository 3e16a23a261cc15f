//! The API as data: which parameters each DynamoDB call takes and what it returns, and of which kind each is.
//!
//! Everything that reads, checks, writes or describes a parameter walks these tables. Source: the DynamoDB API reference,
//! service model 2012-08-10. What an operation of ours makes of them is in [`crate::operation`].

macro_rules! names {
    ($($name:ident)*) => {
        /// Every member name of the API, spelled its way.
        #[allow(missing_docs, reason = "each is the API's own name")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Name { $($name),* }

        impl Name {
            /// Every name there is.
            pub const ALL: &'static [Name] = &[$(Name::$name),*];

            /// The name as the API spells it.
            pub fn as_str(self) -> &'static str {
                match self { $(Name::$name => stringify!($name)),* }
            }
        }
    };
}

names! {
    Action Attributes AttributesToGet AttributeUpdates AttributeValueList CancellationReasons CapacityUnits
    ClientRequestToken Code ComparisonOperator ConditionalOperator ConditionCheck ConditionExpression ConsistentRead
    ConsumedCapacity Count Delete DeleteRequest Exists ExclusiveStartKey Expected ExpressionAttributeNames
    ExpressionAttributeValues FilterExpression Get GlobalSecondaryIndexes IndexName Item ItemCollectionKey
    ItemCollectionMetrics Items Key KeyConditionExpression KeyConditions Keys LastEvaluatedKey Limit
    LocalSecondaryIndexes Message ProjectionExpression Put PutRequest QueryFilter ReadCapacityUnits RequestItems
    Responses ReturnConsumedCapacity ReturnItemCollectionMetrics ReturnValues ReturnValuesOnConditionCheckFailure
    ScanFilter ScanIndexForward ScannedCount Segment Select SizeEstimateRangeGB Table TableName TotalSegments
    TransactItems UnprocessedItems UnprocessedKeys Update UpdateExpression Value WriteCapacityUnits
}

/// What a member holds.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A string of `min..=max` characters.
    Text {
        /// Fewest characters.
        min: usize,
        /// Most characters.
        max: usize,
    },
    /// An expression; its text is passed through as written.
    Expression,
    /// A table name or ARN.
    TableName,
    /// An index name.
    IndexName,
    /// `true` or `false`.
    Boolean,
    /// A whole number in `min..=max`.
    Integer {
        /// Least value.
        min: i64,
        /// Greatest value.
        max: i64,
    },
    /// A number in a reply, kept as text.
    Decimal,
    /// One of these words.
    Enum(&'static [&'static str]),
    /// Attribute values by name: an item or a key.
    Attributes,
    /// One attribute value.
    AttributeValue,
    /// Between `min` and `max` of these, in order.
    List {
        /// What each is.
        of: &'static Kind,
        /// Fewest.
        min: usize,
        /// Most.
        max: usize,
    },
    /// Any number of these by name.
    Map(&'static Kind),
    /// Any number of these by table name; at least one.
    Tables(&'static Kind),
    /// An object with members of its own.
    Structure(&'static Shape),
}

/// An object of the API.
#[derive(Debug)]
pub struct Shape {
    /// The API's name for it, for messages.
    pub name: &'static str,
    /// Its members, in the API's order.
    pub members: &'static [Member],
}

/// One member of a [`Shape`].
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// The API's name.
    pub name: Name,
    /// What it holds.
    pub kind: Kind,
    /// Whether a call without it is refused.
    pub required: bool,
    /// Whether the API calls it legacy.
    pub legacy: bool,
}

impl Shape {
    /// The member that is spelled so, exactly, and its place in the API's order.
    pub fn member(&'static self, name: &str) -> Option<(usize, &'static Member)> {
        self.members.iter().enumerate().find(|(_, member)| member.name.as_str() == name)
    }
}

const fn required(name: Name, kind: Kind) -> Member {
    Member { name, kind, required: true, legacy: false }
}

const fn optional(name: Name, kind: Kind) -> Member {
    Member { name, kind, required: false, legacy: false }
}

const fn legacy(name: Name, kind: Kind) -> Member {
    Member { name, kind, required: false, legacy: true }
}

const fn list(of: &'static Kind, min: usize, max: usize) -> Kind {
    Kind::List { of, min, max }
}

const ANY_TEXT: Kind = Kind::Text { min: 0, max: usize::MAX };
const LIMIT: Kind = Kind::Integer { min: 1, max: i32::MAX as i64 };
const NAMES: Kind = Kind::Map(&ANY_TEXT);
const VALUES: Kind = Kind::Attributes;
const VALUE_LIST: Kind = list(&Kind::AttributeValue, 0, usize::MAX);
const ATTRIBUTES_TO_GET: Kind = list(&ANY_TEXT, 1, 255);

const RETURN_VALUES: Kind = Kind::Enum(&["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"]);
const RETURN_CONSUMED_CAPACITY: Kind = Kind::Enum(&["INDEXES", "TOTAL", "NONE"]);
const RETURN_ITEM_COLLECTION_METRICS: Kind = Kind::Enum(&["SIZE", "NONE"]);
const ON_CONDITION_CHECK_FAILURE: Kind = Kind::Enum(&["ALL_OLD", "NONE"]);
const SELECT: Kind = Kind::Enum(&["ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES", "COUNT"]);
const CONDITIONAL_OPERATOR: Kind = Kind::Enum(&["AND", "OR"]);
const COMPARISON_OPERATOR: Kind = Kind::Enum(&[
    "EQ",
    "NE",
    "IN",
    "LE",
    "LT",
    "GE",
    "GT",
    "BETWEEN",
    "NOT_NULL",
    "NULL",
    "CONTAINS",
    "NOT_CONTAINS",
    "BEGINS_WITH",
]);
const ACTION: Kind = Kind::Enum(&["ADD", "PUT", "DELETE"]);

/// A legacy expectation of one attribute.
pub static EXPECTED: Shape = Shape {
    name: "ExpectedAttributeValue",
    members: &[
        optional(Name::Value, Kind::AttributeValue),
        optional(Name::Exists, Kind::Boolean),
        optional(Name::ComparisonOperator, COMPARISON_OPERATOR),
        optional(Name::AttributeValueList, VALUE_LIST),
    ],
};

/// A legacy update of one attribute.
pub static ATTRIBUTE_UPDATE: Shape = Shape {
    name: "AttributeValueUpdate",
    members: &[optional(Name::Value, Kind::AttributeValue), optional(Name::Action, ACTION)],
};

/// A legacy condition on one attribute.
pub static CONDITION: Shape = Shape {
    name: "Condition",
    members: &[optional(Name::AttributeValueList, VALUE_LIST), required(Name::ComparisonOperator, COMPARISON_OPERATOR)],
};

const EXPECTATIONS: Kind = Kind::Map(&Kind::Structure(&EXPECTED));
const CONDITIONS: Kind = Kind::Map(&Kind::Structure(&CONDITION));

/// PutItem's parameters.
pub static PUT_ITEM: Shape = Shape {
    name: "PutItem",
    members: &[
        required(Name::TableName, Kind::TableName),
        required(Name::Item, Kind::Attributes),
        legacy(Name::Expected, EXPECTATIONS),
        optional(Name::ReturnValues, RETURN_VALUES),
        optional(Name::ReturnConsumedCapacity, RETURN_CONSUMED_CAPACITY),
        optional(Name::ReturnItemCollectionMetrics, RETURN_ITEM_COLLECTION_METRICS),
        legacy(Name::ConditionalOperator, CONDITIONAL_OPERATOR),
        optional(Name::ConditionExpression, Kind::Expression),
        optional(Name::ExpressionAttributeNames, NAMES),
        optional(Name::ExpressionAttributeValues, VALUES),
        optional(Name::ReturnValuesOnConditionCheckFailure, ON_CONDITION_CHECK_FAILURE),
    ],
};

/// GetItem's parameters.
pub static GET_ITEM: Shape = Shape {
    name: "GetItem",
    members: &[
        required(Name::TableName, Kind::TableName),
        required(Name::Key, Kind::Attributes),
        legacy(Name::AttributesToGet, ATTRIBUTES_TO_GET),
        optional(Name::ConsistentRead, Kind::Boolean),
        optional(Name::ReturnConsumedCapacity, RETURN_CONSUMED_CAPACITY),
        optional(Name::ProjectionExpression, Kind::Expression),
        optional(Name::ExpressionAttributeNames, NAMES),
    ],
};

/// UpdateItem's parameters.
pub static UPDATE_ITEM: Shape = Shape {
    name: "UpdateItem",
    members: &[
        required(Name::TableName, Kind::TableName),
        required(Name::Key, Kind::Attributes),
        legacy(Name::AttributeUpdates, Kind::Map(&Kind::Structure(&ATTRIBUTE_UPDATE))),
        legacy(Name::Expected, EXPECTATIONS),
        legacy(Name::ConditionalOperator, CONDITIONAL_OPERATOR),
        optional(Name::ReturnValues, RETURN_VALUES),
        optional(Name::ReturnConsumedCapacity, RETURN_CONSUMED_CAPACITY),
        optional(Name::ReturnItemCollectionMetrics, RETURN_ITEM_COLLECTION_METRICS),
        optional(Name::UpdateExpression, Kind::Expression),
        optional(Name::ConditionExpression, Kind::Expression),
        optional(Name::ExpressionAttributeNames, NAMES),
        optional(Name::ExpressionAttributeValues, VALUES),
        optional(Name::ReturnValuesOnConditionCheckFailure, ON_CONDITION_CHECK_FAILURE),
    ],
};

/// DeleteItem's parameters.
pub static DELETE_ITEM: Shape = Shape {
    name: "DeleteItem",
    members: &[
        required(Name::TableName, Kind::TableName),
        required(Name::Key, Kind::Attributes),
        legacy(Name::Expected, EXPECTATIONS),
        legacy(Name::ConditionalOperator, CONDITIONAL_OPERATOR),
        optional(Name::ReturnValues, RETURN_VALUES),
        optional(Name::ReturnConsumedCapacity, RETURN_CONSUMED_CAPACITY),
        optional(Name::ReturnItemCollectionMetrics, RETURN_ITEM_COLLECTION_METRICS),
        optional(Name::ConditionExpression, Kind::Expression),
        optional(Name::ExpressionAttributeNames, NAMES),
        optional(Name::ExpressionAttributeValues, VALUES),
        optional(Name::ReturnValuesOnConditionCheckFailure, ON_CONDITION_CHECK_FAILURE),
    ],
};

/// Scan's parameters.
pub static SCAN: Shape = Shape {
    name: "Scan",
    members: &[
        required(Name::TableName, Kind::TableName),
        optional(Name::IndexName, Kind::IndexName),
        legacy(Name::AttributesToGet, ATTRIBUTES_TO_GET),
        optional(Name::Limit, LIMIT),
        optional(Name::Select, SELECT),
        legacy(Name::ScanFilter, CONDITIONS),
        legacy(Name::ConditionalOperator, CONDITIONAL_OPERATOR),
        optional(Name::ExclusiveStartKey, Kind::Attributes),
        optional(Name::ReturnConsumedCapacity, RETURN_CONSUMED_CAPACITY),
        optional(Name::TotalSegments, Kind::Integer { min: 1, max: 1_000_000 }),
        optional(Name::Segment, Kind::Integer { min: 0, max: 999_999 }),
        optional(Name::ProjectionExpression, Kind::Expression),
        optional(Name::FilterExpression, Kind::Expression),
        optional(Name::ExpressionAttributeNames, NAMES),
        optional(Name::ExpressionAttributeValues, VALUES),
        optional(Name::ConsistentRead, Kind::Boolean),
    ],
};

/// Query's parameters.
pub static QUERY: Shape = Shape {
    name: "Query",
    members: &[
        required(Name::TableName, Kind::TableName),
        optional(Name::IndexName, Kind::IndexName),
        optional(Name::Select, SELECT),
        legacy(Name::AttributesToGet, ATTRIBUTES_TO_GET),
        optional(Name::Limit, LIMIT),
        optional(Name::ConsistentRead, Kind::Boolean),
        legacy(Name::KeyConditions, CONDITIONS),
        legacy(Name::QueryFilter, CONDITIONS),
        legacy(Name::ConditionalOperator, CONDITIONAL_OPERATOR),
        optional(Name::ScanIndexForward, Kind::Boolean),
        optional(Name::ExclusiveStartKey, Kind::Attributes),
        optional(Name::ReturnConsumedCapacity, RETURN_CONSUMED_CAPACITY),
        optional(Name::ProjectionExpression, Kind::Expression),
        optional(Name::FilterExpression, Kind::Expression),
        optional(Name::KeyConditionExpression, Kind::Expression),
        optional(Name::ExpressionAttributeNames, NAMES),
        optional(Name::ExpressionAttributeValues, VALUES),
    ],
};

const MAX_ACTIONS: usize = 100;

/// One table's share of a BatchGetItem.
pub static KEYS_AND_ATTRIBUTES: Shape = Shape {
    name: "KeysAndAttributes",
    members: &[
        required(Name::Keys, list(&Kind::Attributes, 1, usize::MAX)),
        legacy(Name::AttributesToGet, ATTRIBUTES_TO_GET),
        optional(Name::ConsistentRead, Kind::Boolean),
        optional(Name::ProjectionExpression, Kind::Expression),
        optional(Name::ExpressionAttributeNames, NAMES),
    ],
};

/// BatchGetItem's parameters.
pub static BATCH_GET_ITEM: Shape = Shape {
    name: "BatchGetItem",
    members: &[
        required(Name::RequestItems, Kind::Tables(&Kind::Structure(&KEYS_AND_ATTRIBUTES))),
        optional(Name::ReturnConsumedCapacity, RETURN_CONSUMED_CAPACITY),
    ],
};

/// `batchRead` with a `tableName`: one table's keys, and what goes with them.
pub static BATCH_GET_ITEM_SHORT: Shape = Shape {
    name: "BatchGetItem",
    members: &[
        required(Name::Keys, list(&Kind::Attributes, 1, usize::MAX)),
        legacy(Name::AttributesToGet, ATTRIBUTES_TO_GET),
        optional(Name::ConsistentRead, Kind::Boolean),
        optional(Name::ProjectionExpression, Kind::Expression),
        optional(Name::ExpressionAttributeNames, NAMES),
        optional(Name::ReturnConsumedCapacity, RETURN_CONSUMED_CAPACITY),
    ],
};

/// The `PutRequest` of a batch.
pub static PUT_REQUEST: Shape = Shape { name: "PutRequest", members: &[required(Name::Item, Kind::Attributes)] };

/// The `DeleteRequest` of a batch.
pub static DELETE_REQUEST: Shape = Shape { name: "DeleteRequest", members: &[required(Name::Key, Kind::Attributes)] };

/// One write of a batch: a `PutRequest` or a `DeleteRequest`.
pub static WRITE_REQUEST: Shape = Shape {
    name: "WriteRequest",
    members: &[
        optional(Name::PutRequest, Kind::Structure(&PUT_REQUEST)),
        optional(Name::DeleteRequest, Kind::Structure(&DELETE_REQUEST)),
    ],
};

/// BatchWriteItem's parameters.
pub static BATCH_WRITE_ITEM: Shape = Shape {
    name: "BatchWriteItem",
    members: &[
        required(Name::RequestItems, Kind::Tables(&list(&Kind::Structure(&WRITE_REQUEST), 1, usize::MAX))),
        optional(Name::ReturnConsumedCapacity, RETURN_CONSUMED_CAPACITY),
        optional(Name::ReturnItemCollectionMetrics, RETURN_ITEM_COLLECTION_METRICS),
    ],
};

/// `batchWrite` with a `tableName`: the items to put and the keys to delete.
pub static BATCH_WRITE_ITEM_SHORT: Shape = Shape {
    name: "BatchWriteItem",
    members: &[
        optional(Name::Put, list(&Kind::Attributes, 1, usize::MAX)),
        optional(Name::Delete, list(&Kind::Attributes, 1, usize::MAX)),
        optional(Name::ReturnConsumedCapacity, RETURN_CONSUMED_CAPACITY),
        optional(Name::ReturnItemCollectionMetrics, RETURN_ITEM_COLLECTION_METRICS),
    ],
};

static TRANSACT_GET: Shape = Shape {
    name: "Get",
    members: &[
        required(Name::Key, Kind::Attributes),
        required(Name::TableName, Kind::TableName),
        optional(Name::ProjectionExpression, Kind::Expression),
        optional(Name::ExpressionAttributeNames, NAMES),
    ],
};

/// One read of a transaction.
pub static TRANSACT_GET_ITEM: Shape =
    Shape { name: "TransactGetItem", members: &[required(Name::Get, Kind::Structure(&TRANSACT_GET))] };

/// TransactGetItems' parameters.
pub static TRANSACT_GET_ITEMS: Shape = Shape {
    name: "TransactGetItems",
    members: &[
        required(Name::TransactItems, list(&Kind::Structure(&TRANSACT_GET_ITEM), 1, MAX_ACTIONS)),
        optional(Name::ReturnConsumedCapacity, RETURN_CONSUMED_CAPACITY),
    ],
};

static CONDITION_CHECK: Shape = Shape {
    name: "ConditionCheck",
    members: &[
        required(Name::Key, Kind::Attributes),
        required(Name::TableName, Kind::TableName),
        required(Name::ConditionExpression, Kind::Expression),
        optional(Name::ExpressionAttributeNames, NAMES),
        optional(Name::ExpressionAttributeValues, VALUES),
        optional(Name::ReturnValuesOnConditionCheckFailure, ON_CONDITION_CHECK_FAILURE),
    ],
};

/// A put of a transaction.
pub static TRANSACT_PUT: Shape = Shape {
    name: "Put",
    members: &[
        required(Name::Item, Kind::Attributes),
        required(Name::TableName, Kind::TableName),
        optional(Name::ConditionExpression, Kind::Expression),
        optional(Name::ExpressionAttributeNames, NAMES),
        optional(Name::ExpressionAttributeValues, VALUES),
        optional(Name::ReturnValuesOnConditionCheckFailure, ON_CONDITION_CHECK_FAILURE),
    ],
};

/// A delete of a transaction.
pub static TRANSACT_DELETE: Shape = Shape {
    name: "Delete",
    members: &[
        required(Name::Key, Kind::Attributes),
        required(Name::TableName, Kind::TableName),
        optional(Name::ConditionExpression, Kind::Expression),
        optional(Name::ExpressionAttributeNames, NAMES),
        optional(Name::ExpressionAttributeValues, VALUES),
        optional(Name::ReturnValuesOnConditionCheckFailure, ON_CONDITION_CHECK_FAILURE),
    ],
};

static TRANSACT_UPDATE: Shape = Shape {
    name: "Update",
    members: &[
        required(Name::Key, Kind::Attributes),
        required(Name::UpdateExpression, Kind::Expression),
        required(Name::TableName, Kind::TableName),
        optional(Name::ConditionExpression, Kind::Expression),
        optional(Name::ExpressionAttributeNames, NAMES),
        optional(Name::ExpressionAttributeValues, VALUES),
        optional(Name::ReturnValuesOnConditionCheckFailure, ON_CONDITION_CHECK_FAILURE),
    ],
};

/// One action of a transaction: exactly one of these.
pub static TRANSACT_WRITE_ITEM: Shape = Shape {
    name: "TransactWriteItem",
    members: &[
        optional(Name::ConditionCheck, Kind::Structure(&CONDITION_CHECK)),
        optional(Name::Put, Kind::Structure(&TRANSACT_PUT)),
        optional(Name::Delete, Kind::Structure(&TRANSACT_DELETE)),
        optional(Name::Update, Kind::Structure(&TRANSACT_UPDATE)),
    ],
};

/// TransactWriteItems' parameters.
pub static TRANSACT_WRITE_ITEMS: Shape = Shape {
    name: "TransactWriteItems",
    members: &[
        required(Name::TransactItems, list(&Kind::Structure(&TRANSACT_WRITE_ITEM), 1, MAX_ACTIONS)),
        optional(Name::ReturnConsumedCapacity, RETURN_CONSUMED_CAPACITY),
        optional(Name::ReturnItemCollectionMetrics, RETURN_ITEM_COLLECTION_METRICS),
        optional(Name::ClientRequestToken, Kind::Text { min: 1, max: 36 }),
    ],
};
