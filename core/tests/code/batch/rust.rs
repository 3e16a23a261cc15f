// cargo add aws-config aws-sdk-dynamodb
// cargo add tokio --features macros,rt-multi-thread
use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodb::types::DeleteRequest;
use aws_sdk_dynamodb::types::PutRequest;
use aws_sdk_dynamodb::types::WriteRequest;
use std::collections::HashMap;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let client = Client::new(&config);
    let requests = [
        HashMap::from([(
            "people".into(),
            vec![
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b0".into()))
                            .item("n", AttributeValue::N("0".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b1".into()))
                            .item("n", AttributeValue::N("1".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b2".into()))
                            .item("n", AttributeValue::N("2".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b3".into()))
                            .item("n", AttributeValue::N("3".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b4".into()))
                            .item("n", AttributeValue::N("4".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b5".into()))
                            .item("n", AttributeValue::N("5".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b6".into()))
                            .item("n", AttributeValue::N("6".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b7".into()))
                            .item("n", AttributeValue::N("7".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b8".into()))
                            .item("n", AttributeValue::N("8".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b9".into()))
                            .item("n", AttributeValue::N("9".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b10".into()))
                            .item("n", AttributeValue::N("10".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b11".into()))
                            .item("n", AttributeValue::N("11".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b12".into()))
                            .item("n", AttributeValue::N("12".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b13".into()))
                            .item("n", AttributeValue::N("13".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b14".into()))
                            .item("n", AttributeValue::N("14".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b15".into()))
                            .item("n", AttributeValue::N("15".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b16".into()))
                            .item("n", AttributeValue::N("16".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b17".into()))
                            .item("n", AttributeValue::N("17".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b18".into()))
                            .item("n", AttributeValue::N("18".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b19".into()))
                            .item("n", AttributeValue::N("19".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b20".into()))
                            .item("n", AttributeValue::N("20".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b21".into()))
                            .item("n", AttributeValue::N("21".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b22".into()))
                            .item("n", AttributeValue::N("22".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b23".into()))
                            .item("n", AttributeValue::N("23".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b24".into()))
                            .item("n", AttributeValue::N("24".into()))
                            .build()?,
                    )
                    .build(),
            ],
        )]),
        HashMap::from([(
            "people".into(),
            vec![
                WriteRequest::builder()
                    .put_request(
                        PutRequest::builder()
                            .item("id", AttributeValue::S("b25".into()))
                            .item("n", AttributeValue::N("25".into()))
                            .build()?,
                    )
                    .build(),
                WriteRequest::builder()
                    .delete_request(
                        DeleteRequest::builder()
                            .key("id", AttributeValue::S("1".into()))
                            .build()?,
                    )
                    .build(),
            ],
        )]),
    ];
    for mut request in requests {
        while !request.is_empty() {
            let response = client
                .batch_write_item()
                .set_request_items(Some(request))
                .return_consumed_capacity("TOTAL".into())
                .send()
                .await?;
            println!("{response:#?}");
            request = response.unprocessed_items.unwrap_or_default();
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }
    Ok(())
}
