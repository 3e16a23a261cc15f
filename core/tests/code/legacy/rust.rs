// cargo add aws-config aws-sdk-dynamodb
// cargo add tokio --features macros,rt-multi-thread
use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodb::types::AttributeValueUpdate;
use aws_sdk_dynamodb::types::ExpectedAttributeValue;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let client = Client::new(&config);
    let response = client
        .update_item()
        .table_name("people")
        .key("id", AttributeValue::S("3".into()))
        .attribute_updates(
            "n",
            AttributeValueUpdate::builder()
                .value(AttributeValue::N("2".into()))
                .action("ADD".into())
                .build(),
        )
        .attribute_updates(
            "old",
            AttributeValueUpdate::builder()
                .action("DELETE".into())
                .build(),
        )
        .expected(
            "id",
            ExpectedAttributeValue::builder()
                .comparison_operator("EQ".into())
                .attribute_value_list(AttributeValue::S("3".into()))
                .build(),
        )
        .expected("none", ExpectedAttributeValue::builder().exists(false).build())
        .conditional_operator("AND".into())
        .return_values("UPDATED_NEW".into())
        .send()
        .await?;
    println!("{response:#?}");
    Ok(())
}
