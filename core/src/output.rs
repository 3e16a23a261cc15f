//! What each DynamoDB call returns, in the same tables as what it takes: [`crate::shape`].

use crate::shape::{Kind, Member, Name, Shape};

const fn member(name: Name, kind: Kind) -> Member {
    Member { name, kind, required: false, legacy: false }
}

const fn list(of: &'static Kind) -> Kind {
    Kind::List { of, min: 0, max: usize::MAX }
}

const COUNT: Kind = Kind::Integer { min: 0, max: i64::MAX };
const TEXT: Kind = Kind::Text { min: 0, max: usize::MAX };
const ITEMS: Kind = list(&Kind::Attributes);

/// Capacity that a call consumed on a table or an index.
pub static CAPACITY: Shape = Shape {
    name: "Capacity",
    members: &[
        member(Name::ReadCapacityUnits, Kind::Decimal),
        member(Name::WriteCapacityUnits, Kind::Decimal),
        member(Name::CapacityUnits, Kind::Decimal),
    ],
};

/// Capacity that a call consumed on one table.
pub static CONSUMED_CAPACITY: Shape = Shape {
    name: "ConsumedCapacity",
    members: &[
        member(Name::TableName, TEXT),
        member(Name::CapacityUnits, Kind::Decimal),
        member(Name::ReadCapacityUnits, Kind::Decimal),
        member(Name::WriteCapacityUnits, Kind::Decimal),
        member(Name::Table, Kind::Structure(&CAPACITY)),
        member(Name::LocalSecondaryIndexes, Kind::Map(&Kind::Structure(&CAPACITY))),
        member(Name::GlobalSecondaryIndexes, Kind::Map(&Kind::Structure(&CAPACITY))),
    ],
};

/// The size of an item collection.
pub static ITEM_COLLECTION_METRICS: Shape = Shape {
    name: "ItemCollectionMetrics",
    members: &[
        member(Name::ItemCollectionKey, Kind::Attributes),
        member(Name::SizeEstimateRangeGB, list(&Kind::Decimal)),
    ],
};

static CONSUMED_KIND: Kind = Kind::Structure(&CONSUMED_CAPACITY);
static METRICS_KIND: Kind = Kind::Structure(&ITEM_COLLECTION_METRICS);
static METRICS_LIST: Kind = list(&METRICS_KIND);
static WRITE_KIND: Kind = Kind::Structure(&crate::shape::WRITE_REQUEST);
static WRITE_LIST: Kind = list(&WRITE_KIND);
static RESPONSE_KIND: Kind = Kind::Structure(&ITEM_RESPONSE);

const CONSUMED: Member = member(Name::ConsumedCapacity, Kind::Structure(&CONSUMED_CAPACITY));
const CONSUMED_LIST: Member = member(Name::ConsumedCapacity, list(&CONSUMED_KIND));
const METRICS: Member = member(Name::ItemCollectionMetrics, Kind::Structure(&ITEM_COLLECTION_METRICS));
const METRICS_BY_TABLE: Member = member(Name::ItemCollectionMetrics, Kind::Map(&METRICS_LIST));

/// What PutItem, UpdateItem and DeleteItem return.
pub static WRITE_ITEM: Shape =
    Shape { name: "WriteItemOutput", members: &[member(Name::Attributes, Kind::Attributes), CONSUMED, METRICS] };

/// What GetItem returns.
pub static GET_ITEM: Shape =
    Shape { name: "GetItemOutput", members: &[member(Name::Item, Kind::Attributes), CONSUMED] };

/// What Scan and Query return.
pub static PAGE: Shape = Shape {
    name: "PageOutput",
    members: &[
        member(Name::Items, ITEMS),
        member(Name::Count, COUNT),
        member(Name::ScannedCount, COUNT),
        member(Name::LastEvaluatedKey, Kind::Attributes),
        CONSUMED,
    ],
};

/// What BatchGetItem returns.
pub static BATCH_GET_ITEM: Shape = Shape {
    name: "BatchGetItemOutput",
    members: &[
        member(Name::Responses, Kind::Map(&ITEMS)),
        member(Name::UnprocessedKeys, Kind::Map(&Kind::Structure(&crate::shape::KEYS_AND_ATTRIBUTES))),
        CONSUMED_LIST,
    ],
};

/// What BatchWriteItem returns.
pub static BATCH_WRITE_ITEM: Shape = Shape {
    name: "BatchWriteItemOutput",
    members: &[member(Name::UnprocessedItems, Kind::Map(&WRITE_LIST)), METRICS_BY_TABLE, CONSUMED_LIST],
};

/// One answer of TransactGetItems: the item, or nothing.
pub static ITEM_RESPONSE: Shape = Shape { name: "ItemResponse", members: &[member(Name::Item, Kind::Attributes)] };

/// What TransactGetItems returns.
pub static TRANSACT_GET_ITEMS: Shape =
    Shape { name: "TransactGetItemsOutput", members: &[CONSUMED_LIST, member(Name::Responses, list(&RESPONSE_KIND))] };

/// What TransactWriteItems returns.
pub static TRANSACT_WRITE_ITEMS: Shape =
    Shape { name: "TransactWriteItemsOutput", members: &[CONSUMED_LIST, METRICS_BY_TABLE] };

/// Why one action of a transaction was cancelled.
pub static CANCELLATION_REASON: Shape = Shape {
    name: "CancellationReason",
    members: &[member(Name::Item, Kind::Attributes), member(Name::Code, TEXT), member(Name::Message, TEXT)],
};
