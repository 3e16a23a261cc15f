// cargo add aws-config aws-sdk-dynamodb
// cargo add tokio --features macros,rt-multi-thread
use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodb::types::ConditionCheck;
use aws_sdk_dynamodb::types::Delete;
use aws_sdk_dynamodb::types::Put;
use aws_sdk_dynamodb::types::TransactWriteItem;
use aws_sdk_dynamodb::types::Update;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let client = Client::new(&config);
    let response = client
        .transact_write_items()
        .transact_items(
            TransactWriteItem::builder()
                .put(
                    Put::builder()
                        .item("id", AttributeValue::S("t1".into()))
                        .item("n", AttributeValue::N("1".into()))
                        .table_name("people")
                        .condition_expression("attribute_not_exists(id)")
                        .build()?,
                )
                .build(),
        )
        .transact_items(
            TransactWriteItem::builder()
                .update(
                    Update::builder()
                        .key("id", AttributeValue::S("1".into()))
                        .update_expression("SET n = :n")
                        .table_name("people")
                        .expression_attribute_values(":n", AttributeValue::N("5".into()))
                        .return_values_on_condition_check_failure("ALL_OLD".into())
                        .build()?,
                )
                .build(),
        )
        .transact_items(
            TransactWriteItem::builder()
                .delete(
                    Delete::builder()
                        .key("id", AttributeValue::S("2".into()))
                        .table_name("people")
                        .build()?,
                )
                .build(),
        )
        .transact_items(
            TransactWriteItem::builder()
                .condition_check(
                    ConditionCheck::builder()
                        .key("id", AttributeValue::S("3".into()))
                        .table_name("people")
                        .condition_expression("attribute_exists(id)")
                        .build()?,
                )
                .build(),
        )
        .client_request_token("file:///etc/hosts")
        .send()
        .await?;
    println!("{response:#?}");
    Ok(())
}
