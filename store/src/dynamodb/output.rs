//! The SDK's outputs become ours: each API and each of its objects is one table of `Name field` rows.
//!
//! The SDK hands maps out in no order. Core puts them into one before a planner sees them; attributes are put into it here
//! already, for there are many of them, and core then finds nothing to do.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::{
    batch_get_item::BatchGetItemOutput, batch_write_item::BatchWriteItemOutput, delete_item::DeleteItemOutput,
    get_item::GetItemOutput, put_item::PutItemOutput, query::QueryOutput, scan::ScanOutput,
    transact_get_items::TransactGetItemsOutput, transact_write_items::TransactWriteItemsOutput,
    update_item::UpdateItemOutput,
};
use aws_sdk_dynamodb::types;
use gateleg_core::attribute::{AttributeValue, Attributes};
use gateleg_core::number::Number;
use gateleg_core::outcome::CancellationReason;
use gateleg_core::shape::Name;
use gateleg_core::tree::{Node, Structure};
use gateleg_core::{output, shape};

use super::input::Misfit;

/// A value of the SDK that becomes one of ours.
trait IntoNode: Sized {
    fn into_node(self) -> Result<Node, Misfit>;

    /// Several of them by name.
    fn map(entries: HashMap<String, Self>) -> Result<Node, Misfit> {
        let entries = entries.into_iter().map(|(name, value)| Ok((name, value.into_node()?)));
        gathered(entries).map(Node::Map)
    }
}

/// What a field holds, if it holds anything; some are never absent.
trait Field {
    fn node(self) -> Result<Option<Node>, Misfit>;
}

impl<T: IntoNode> Field for Option<T> {
    fn node(self) -> Result<Option<Node>, Misfit> {
        self.map(T::into_node).transpose()
    }
}

macro_rules! always_present {
    ($([$($of:ident)?] $field:ty)*) => {
        $(impl$(<$of: IntoNode>)? Field for $field {
            fn node(self) -> Result<Option<Node>, Misfit> {
                self.into_node().map(Some)
            }
        })*
    };
}

always_present! {
    [] i32
    [T] Vec<T>
    [T] HashMap<String, T>
}

macro_rules! read {
    ($shape:expr, $output:expr, { $($name:ident $field:ident)* }) => {
        Structure::new($shape)$(.with(Name::$name, $output.$field.node()?))*
    };
}

macro_rules! calls {
    ($($call:ident $output:ident $shape:ident $rows:tt)*) => {
        $(pub(super) fn $call(output: $output) -> Result<Structure, Misfit> {
            Ok(read!(&output::$shape, output, $rows))
        })*
    };
}

calls! {
    put_item PutItemOutput WRITE_ITEM {
        Attributes attributes
        ConsumedCapacity consumed_capacity
        ItemCollectionMetrics item_collection_metrics
    }
    get_item GetItemOutput GET_ITEM { Item item ConsumedCapacity consumed_capacity }
    update_item UpdateItemOutput WRITE_ITEM {
        Attributes attributes
        ConsumedCapacity consumed_capacity
        ItemCollectionMetrics item_collection_metrics
    }
    delete_item DeleteItemOutput WRITE_ITEM {
        Attributes attributes
        ConsumedCapacity consumed_capacity
        ItemCollectionMetrics item_collection_metrics
    }
    scan ScanOutput PAGE {
        Items items
        Count count
        ScannedCount scanned_count
        LastEvaluatedKey last_evaluated_key
        ConsumedCapacity consumed_capacity
    }
    query QueryOutput PAGE {
        Items items
        Count count
        ScannedCount scanned_count
        LastEvaluatedKey last_evaluated_key
        ConsumedCapacity consumed_capacity
    }
    batch_get_item BatchGetItemOutput BATCH_GET_ITEM {
        Responses responses
        UnprocessedKeys unprocessed_keys
        ConsumedCapacity consumed_capacity
    }
    batch_write_item BatchWriteItemOutput BATCH_WRITE_ITEM {
        UnprocessedItems unprocessed_items
        ItemCollectionMetrics item_collection_metrics
        ConsumedCapacity consumed_capacity
    }
    transact_get_items TransactGetItemsOutput TRANSACT_GET_ITEMS {
        ConsumedCapacity consumed_capacity
        Responses responses
    }
    transact_write_items TransactWriteItemsOutput TRANSACT_WRITE_ITEMS {
        ConsumedCapacity consumed_capacity
        ItemCollectionMetrics item_collection_metrics
    }
}

macro_rules! structures {
    ($($object:ident $shape:path, $rows:tt)*) => {
        $(impl IntoNode for types::$object {
            fn into_node(self) -> Result<Node, Misfit> {
                Ok(Node::Structure(read!(&$shape, self, $rows)))
            }
        })*
    };
}

structures! {
    ConsumedCapacity output::CONSUMED_CAPACITY, {
        TableName table_name
        CapacityUnits capacity_units
        ReadCapacityUnits read_capacity_units
        WriteCapacityUnits write_capacity_units
        Table table
        LocalSecondaryIndexes local_secondary_indexes
        GlobalSecondaryIndexes global_secondary_indexes
    }
    Capacity output::CAPACITY, {
        ReadCapacityUnits read_capacity_units
        WriteCapacityUnits write_capacity_units
        CapacityUnits capacity_units
    }
    ItemCollectionMetrics output::ITEM_COLLECTION_METRICS, {
        ItemCollectionKey item_collection_key
        SizeEstimateRangeGB size_estimate_range_gb
    }
    ItemResponse output::ITEM_RESPONSE, { Item item }
    KeysAndAttributes shape::KEYS_AND_ATTRIBUTES, {
        Keys keys
        AttributesToGet attributes_to_get
        ConsistentRead consistent_read
        ProjectionExpression projection_expression
        ExpressionAttributeNames expression_attribute_names
    }
    WriteRequest shape::WRITE_REQUEST, { PutRequest put_request DeleteRequest delete_request }
    PutRequest shape::PUT_REQUEST, { Item item }
    DeleteRequest shape::DELETE_REQUEST, { Key key }
}

impl IntoNode for String {
    fn into_node(self) -> Result<Node, Misfit> {
        Ok(Node::Text(self))
    }
}

impl IntoNode for bool {
    fn into_node(self) -> Result<Node, Misfit> {
        Ok(Node::Boolean(self))
    }
}

impl IntoNode for i32 {
    fn into_node(self) -> Result<Node, Misfit> {
        Ok(Node::Integer(self.into()))
    }
}

/// Capacities and sizes, which DynamoDB writes with a fraction always: `1.0`.
impl IntoNode for f64 {
    fn into_node(self) -> Result<Node, Misfit> {
        if self.is_finite() {
            Ok(Node::Decimal(format!("{self:?}")))
        } else {
            Err(Misfit::Unknown("a capacity that is no number"))
        }
    }
}

impl<T: IntoNode> IntoNode for Vec<T> {
    fn into_node(self) -> Result<Node, Misfit> {
        gathered(self.into_iter().map(T::into_node)).map(Node::List)
    }
}

impl<T: IntoNode> IntoNode for HashMap<String, T> {
    fn into_node(self) -> Result<Node, Misfit> {
        T::map(self)
    }
}

impl IntoNode for types::AttributeValue {
    fn into_node(self) -> Result<Node, Misfit> {
        attribute_value(self).map(Node::AttributeValue)
    }

    fn map(entries: HashMap<String, Self>) -> Result<Node, Misfit> {
        attributes(entries).map(Node::Attributes)
    }
}

/// An item or a key, in the order of its names' UTF-8 bytes.
pub(super) fn attributes(map: HashMap<String, types::AttributeValue>) -> Result<Attributes, Misfit> {
    let mut attributes = gathered(map.into_iter().map(|(name, value)| Ok((name, attribute_value(value)?))))?;
    attributes.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    Ok(attributes)
}

/// Several results, as many as the iterator says. `collect` cannot know how many will be successes, and would start small and
/// move what it has each time it grows.
fn gathered<T>(results: impl ExactSizeIterator<Item = Result<T, Misfit>>) -> Result<Vec<T>, Misfit> {
    let mut gathered = Vec::with_capacity(results.len());
    for result in results {
        gathered.push(result?);
    }
    Ok(gathered)
}

/// Why one action of a transaction was cancelled. The API writes the code `None` for those that were not at fault.
pub(super) fn cancellation_reason(reason: types::CancellationReason) -> Result<CancellationReason, Misfit> {
    Ok(CancellationReason {
        item: reason.item.map(attributes).transpose()?,
        code: reason.code,
        message: reason.message,
    })
}

fn attribute_value(value: types::AttributeValue) -> Result<AttributeValue, Misfit> {
    Ok(match value {
        types::AttributeValue::S(text) => AttributeValue::S(text),
        types::AttributeValue::N(number) => AttributeValue::N(Number::stored(number)),
        types::AttributeValue::B(blob) => AttributeValue::B(blob.into_inner()),
        types::AttributeValue::Bool(value) => AttributeValue::Bool(value),
        types::AttributeValue::Null(_) => AttributeValue::Null,
        types::AttributeValue::Ss(set) => AttributeValue::Ss(set),
        types::AttributeValue::Ns(set) => AttributeValue::Ns(set.into_iter().map(Number::stored).collect()),
        types::AttributeValue::Bs(set) => AttributeValue::Bs(set.into_iter().map(|blob| blob.into_inner()).collect()),
        types::AttributeValue::L(list) => AttributeValue::L(gathered(list.into_iter().map(attribute_value))?),
        types::AttributeValue::M(map) => AttributeValue::M(attributes(map)?),
        _ => return Err(Misfit::Unknown("an attribute value of a new type")),
    })
}
