//! Parameters become the SDK's requests: each API and each of its objects is one table of `Name setter` rows.
//!
//! A parameter without a row is an error and no call is made, so that nothing a caller asked for is dropped in silence. What
//! the parameters may hold was checked before.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::{
    batch_get_item::builders::BatchGetItemFluentBuilder, batch_write_item::builders::BatchWriteItemFluentBuilder,
    delete_item::builders::DeleteItemFluentBuilder, get_item::builders::GetItemFluentBuilder,
    put_item::builders::PutItemFluentBuilder, query::builders::QueryFluentBuilder, scan::builders::ScanFluentBuilder,
    transact_get_items::builders::TransactGetItemsFluentBuilder,
    transact_write_items::builders::TransactWriteItemsFluentBuilder, update_item::builders::UpdateItemFluentBuilder,
};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types;
use gateleg_core::attribute::AttributeValue;
use gateleg_core::shape::Name;
use gateleg_core::tree::{Node, Structure};

/// Why a command or an output has no counterpart on the other side.
#[derive(Debug, thiserror::Error)]
pub(super) enum Misfit {
    #[error("{0} has no parameter {name} in this store", name = .1.as_str())]
    Unmapped(&'static str, Name),
    #[error("expected {expected}, but found {found}")]
    Kind { expected: &'static str, found: &'static str },
    #[error("{0}")]
    Build(#[from] BuildError),
    #[error("DynamoDB answered with {0}, which this version does not know")]
    Unknown(&'static str),
}

/// A value of the SDK that is made from one of ours.
trait FromNode: Sized {
    fn from_node(node: Node) -> Result<Self, Misfit>;
}

/// Hands each member to the setter that its row names.
macro_rules! fill {
    ($builder:expr, $input:expr, { $($name:ident $set:ident)* }) => {{
        let mut builder = $builder;
        let shape = $input.shape().name;
        for (name, node) in $input.into_members() {
            builder = match name {
                $(Name::$name => builder.$set(Some(FromNode::from_node(node)?)),)*
                other => return Err(Misfit::Unmapped(shape, other)),
            };
        }
        builder
    }};
}

macro_rules! calls {
    ($($call:ident $builder:ident $rows:tt)*) => {
        $(pub(super) fn $call(builder: $builder, input: Structure) -> Result<$builder, Misfit> {
            Ok(fill!(builder, input, $rows))
        })*
    };
}

calls! {
    put_item PutItemFluentBuilder {
        TableName set_table_name
        Item set_item
        Expected set_expected
        ReturnValues set_return_values
        ReturnConsumedCapacity set_return_consumed_capacity
        ReturnItemCollectionMetrics set_return_item_collection_metrics
        ConditionalOperator set_conditional_operator
        ConditionExpression set_condition_expression
        ExpressionAttributeNames set_expression_attribute_names
        ExpressionAttributeValues set_expression_attribute_values
        ReturnValuesOnConditionCheckFailure set_return_values_on_condition_check_failure
    }
    get_item GetItemFluentBuilder {
        TableName set_table_name
        Key set_key
        AttributesToGet set_attributes_to_get
        ConsistentRead set_consistent_read
        ReturnConsumedCapacity set_return_consumed_capacity
        ProjectionExpression set_projection_expression
        ExpressionAttributeNames set_expression_attribute_names
    }
    update_item UpdateItemFluentBuilder {
        TableName set_table_name
        Key set_key
        AttributeUpdates set_attribute_updates
        Expected set_expected
        ConditionalOperator set_conditional_operator
        ReturnValues set_return_values
        ReturnConsumedCapacity set_return_consumed_capacity
        ReturnItemCollectionMetrics set_return_item_collection_metrics
        UpdateExpression set_update_expression
        ConditionExpression set_condition_expression
        ExpressionAttributeNames set_expression_attribute_names
        ExpressionAttributeValues set_expression_attribute_values
        ReturnValuesOnConditionCheckFailure set_return_values_on_condition_check_failure
    }
    delete_item DeleteItemFluentBuilder {
        TableName set_table_name
        Key set_key
        Expected set_expected
        ConditionalOperator set_conditional_operator
        ReturnValues set_return_values
        ReturnConsumedCapacity set_return_consumed_capacity
        ReturnItemCollectionMetrics set_return_item_collection_metrics
        ConditionExpression set_condition_expression
        ExpressionAttributeNames set_expression_attribute_names
        ExpressionAttributeValues set_expression_attribute_values
        ReturnValuesOnConditionCheckFailure set_return_values_on_condition_check_failure
    }
    scan ScanFluentBuilder {
        TableName set_table_name
        IndexName set_index_name
        AttributesToGet set_attributes_to_get
        Limit set_limit
        Select set_select
        ScanFilter set_scan_filter
        ConditionalOperator set_conditional_operator
        ExclusiveStartKey set_exclusive_start_key
        ReturnConsumedCapacity set_return_consumed_capacity
        TotalSegments set_total_segments
        Segment set_segment
        ProjectionExpression set_projection_expression
        FilterExpression set_filter_expression
        ExpressionAttributeNames set_expression_attribute_names
        ExpressionAttributeValues set_expression_attribute_values
        ConsistentRead set_consistent_read
    }
    query QueryFluentBuilder {
        TableName set_table_name
        IndexName set_index_name
        Select set_select
        AttributesToGet set_attributes_to_get
        Limit set_limit
        ConsistentRead set_consistent_read
        KeyConditions set_key_conditions
        QueryFilter set_query_filter
        ConditionalOperator set_conditional_operator
        ScanIndexForward set_scan_index_forward
        ExclusiveStartKey set_exclusive_start_key
        ReturnConsumedCapacity set_return_consumed_capacity
        ProjectionExpression set_projection_expression
        FilterExpression set_filter_expression
        KeyConditionExpression set_key_condition_expression
        ExpressionAttributeNames set_expression_attribute_names
        ExpressionAttributeValues set_expression_attribute_values
    }
    batch_get_item BatchGetItemFluentBuilder {
        RequestItems set_request_items
        ReturnConsumedCapacity set_return_consumed_capacity
    }
    batch_write_item BatchWriteItemFluentBuilder {
        RequestItems set_request_items
        ReturnConsumedCapacity set_return_consumed_capacity
        ReturnItemCollectionMetrics set_return_item_collection_metrics
    }
    transact_get_items TransactGetItemsFluentBuilder {
        TransactItems set_transact_items
        ReturnConsumedCapacity set_return_consumed_capacity
    }
    transact_write_items TransactWriteItemsFluentBuilder {
        TransactItems set_transact_items
        ReturnConsumedCapacity set_return_consumed_capacity
        ReturnItemCollectionMetrics set_return_item_collection_metrics
        ClientRequestToken set_client_request_token
    }
}

/// What `build` gives: an object, or for one with required members perhaps an error.
trait Built<T> {
    fn built(self) -> Result<T, Misfit>;
}

impl<T> Built<T> for T {
    fn built(self) -> Result<T, Misfit> {
        Ok(self)
    }
}

impl<T> Built<T> for Result<T, BuildError> {
    fn built(self) -> Result<T, Misfit> {
        self.map_err(Misfit::from)
    }
}

macro_rules! structures {
    ($($object:ident $rows:tt)*) => {
        $(impl FromNode for types::$object {
            fn from_node(node: Node) -> Result<Self, Misfit> {
                let Node::Structure(input) = node else { return Err(misfit("an object", &node)) };
                fill!(types::$object::builder(), input, $rows).build().built()
            }
        })*
    };
}

structures! {
    ExpectedAttributeValue {
        Value set_value
        Exists set_exists
        ComparisonOperator set_comparison_operator
        AttributeValueList set_attribute_value_list
    }
    AttributeValueUpdate { Value set_value Action set_action }
    Condition { AttributeValueList set_attribute_value_list ComparisonOperator set_comparison_operator }
    KeysAndAttributes {
        Keys set_keys
        AttributesToGet set_attributes_to_get
        ConsistentRead set_consistent_read
        ProjectionExpression set_projection_expression
        ExpressionAttributeNames set_expression_attribute_names
    }
    WriteRequest { PutRequest set_put_request DeleteRequest set_delete_request }
    PutRequest { Item set_item }
    DeleteRequest { Key set_key }
    TransactGetItem { Get set_get }
    Get {
        Key set_key
        TableName set_table_name
        ProjectionExpression set_projection_expression
        ExpressionAttributeNames set_expression_attribute_names
    }
    TransactWriteItem { ConditionCheck set_condition_check Put set_put Delete set_delete Update set_update }
    ConditionCheck {
        Key set_key
        TableName set_table_name
        ConditionExpression set_condition_expression
        ExpressionAttributeNames set_expression_attribute_names
        ExpressionAttributeValues set_expression_attribute_values
        ReturnValuesOnConditionCheckFailure set_return_values_on_condition_check_failure
    }
    Put {
        Item set_item
        TableName set_table_name
        ConditionExpression set_condition_expression
        ExpressionAttributeNames set_expression_attribute_names
        ExpressionAttributeValues set_expression_attribute_values
        ReturnValuesOnConditionCheckFailure set_return_values_on_condition_check_failure
    }
    Delete {
        Key set_key
        TableName set_table_name
        ConditionExpression set_condition_expression
        ExpressionAttributeNames set_expression_attribute_names
        ExpressionAttributeValues set_expression_attribute_values
        ReturnValuesOnConditionCheckFailure set_return_values_on_condition_check_failure
    }
    Update {
        Key set_key
        UpdateExpression set_update_expression
        TableName set_table_name
        ConditionExpression set_condition_expression
        ExpressionAttributeNames set_expression_attribute_names
        ExpressionAttributeValues set_expression_attribute_values
        ReturnValuesOnConditionCheckFailure set_return_values_on_condition_check_failure
    }
}

macro_rules! words {
    ($($word:ident)*) => {
        $(impl FromNode for types::$word {
            fn from_node(node: Node) -> Result<Self, Misfit> {
                String::from_node(node).map(|word| Self::from(word.as_str()))
            }
        })*
    };
}

words! {
    AttributeAction ComparisonOperator ConditionalOperator ReturnConsumedCapacity ReturnItemCollectionMetrics ReturnValue
    ReturnValuesOnConditionCheckFailure Select
}

impl FromNode for String {
    fn from_node(node: Node) -> Result<Self, Misfit> {
        match node {
            Node::Text(text) => Ok(text),
            other => Err(misfit("a string", &other)),
        }
    }
}

impl FromNode for bool {
    fn from_node(node: Node) -> Result<Self, Misfit> {
        match node {
            Node::Boolean(value) => Ok(value),
            other => Err(misfit("a boolean", &other)),
        }
    }
}

impl FromNode for i32 {
    fn from_node(node: Node) -> Result<Self, Misfit> {
        match node {
            Node::Integer(value) => {
                value.try_into().map_err(|_| Misfit::Kind { expected: "at most 2147483647", found: "a greater number" })
            }
            other => Err(misfit("a whole number", &other)),
        }
    }
}

impl FromNode for types::AttributeValue {
    fn from_node(node: Node) -> Result<Self, Misfit> {
        match node {
            Node::AttributeValue(value) => Ok(attribute_value(value)),
            other => Err(misfit("an attribute value", &other)),
        }
    }
}

impl<T: FromNode> FromNode for Vec<T> {
    fn from_node(node: Node) -> Result<Self, Misfit> {
        match node {
            Node::List(items) => items.into_iter().map(T::from_node).collect(),
            other => Err(misfit("an array", &other)),
        }
    }
}

impl<T: FromNode> FromNode for HashMap<String, T> {
    fn from_node(node: Node) -> Result<Self, Misfit> {
        match node {
            Node::Map(entries) => entries.into_iter().map(|(name, node)| Ok((name, T::from_node(node)?))).collect(),
            Node::Attributes(attributes) => attributes
                .into_iter()
                .map(|(name, value)| Ok((name, T::from_node(Node::AttributeValue(value))?)))
                .collect(),
            other => Err(misfit("an object", &other)),
        }
    }
}

fn attribute_value(value: AttributeValue) -> types::AttributeValue {
    match value {
        AttributeValue::S(text) => types::AttributeValue::S(text),
        AttributeValue::N(number) => types::AttributeValue::N(number.as_str().into()),
        AttributeValue::B(bytes) => types::AttributeValue::B(Blob::new(bytes)),
        AttributeValue::Bool(value) => types::AttributeValue::Bool(value),
        AttributeValue::Null => types::AttributeValue::Null(true),
        AttributeValue::Ss(set) => types::AttributeValue::Ss(set),
        AttributeValue::Ns(set) => types::AttributeValue::Ns(set.iter().map(|n| n.as_str().into()).collect()),
        AttributeValue::Bs(set) => types::AttributeValue::Bs(set.into_iter().map(Blob::new).collect()),
        AttributeValue::L(list) => types::AttributeValue::L(list.into_iter().map(attribute_value).collect()),
        AttributeValue::M(map) => {
            types::AttributeValue::M(map.into_iter().map(|(name, value)| (name, attribute_value(value))).collect())
        }
    }
}

fn misfit(expected: &'static str, found: &Node) -> Misfit {
    let found = match found {
        Node::Text(_) => "a string",
        Node::Boolean(_) => "a boolean",
        Node::Integer(_) | Node::Decimal(_) => "a number",
        Node::Attributes(_) => "attributes",
        Node::AttributeValue(_) => "an attribute value",
        Node::List(_) => "an array",
        Node::Map(_) => "a map",
        Node::Structure(_) => "an object",
    };
    Misfit::Kind { expected, found }
}
