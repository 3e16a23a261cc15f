// cargo add aws-config aws-sdk-dynamodb
// cargo add tokio --features macros,rt-multi-thread
use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let client = Client::new(&config);
    let response = client
        .put_item()
        .table_name("people")
        .item("id", AttributeValue::S("7".into()))
        .item("name", AttributeValue::S("Zoë's \"shop\"".into()))
        .item("price", AttributeValue::N("1.50".into()))
        .item("exact", AttributeValue::N("12345678901234567890123456789012345678".into()))
        .item("photo", AttributeValue::B(Blob::new(b"\x00\xff\"\\'")))
        .item("open", AttributeValue::Bool(true))
        .item("closed", AttributeValue::Bool(false))
        .item("until", AttributeValue::Null(true))
        .item("tags", AttributeValue::Ss(vec!["a".into(), "b".into()]))
        .item("sizes", AttributeValue::Ns(vec!["1".into(), "2.5".into()]))
        .item("keys", AttributeValue::Bs(vec![Blob::new(b"a"), Blob::new(b"\xff")]))
        .item(
            "list",
            AttributeValue::L(vec![
                AttributeValue::N("1".into()),
                AttributeValue::S("two".into()),
                AttributeValue::L(vec![AttributeValue::Bool(false)]),
                AttributeValue::M(HashMap::from([(
                    "deep".into(),
                    AttributeValue::M(HashMap::from([(
                        "deeper".into(),
                        AttributeValue::M(HashMap::from([(
                            "deepest".into(),
                            AttributeValue::S("a text that is long enough to need a line of its own".into()),
                        )])),
                    )])),
                )])),
            ]),
        )
        .item("empty", AttributeValue::M(HashMap::from([])))
        .item("none", AttributeValue::L(vec![]))
        .return_values("ALL_OLD".into())
        .return_consumed_capacity("TOTAL".into())
        .condition_expression("attribute_not_exists(#i) OR price < :p")
        .expression_attribute_names("#i", "id")
        .expression_attribute_values(":p", AttributeValue::N("2e3".into()))
        .send()
        .await?;
    println!("{response:#?}");
    Ok(())
}
