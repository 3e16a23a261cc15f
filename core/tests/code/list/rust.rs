// cargo add aws-config aws-sdk-dynamodb
// cargo add tokio --features macros,rt-multi-thread
use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let client = Client::new(&config);
    let mut pages = client
        .scan()
        .table_name("people")
        .limit(2)
        .filter_expression("#n <> :nobody AND attribute_exists(id)")
        .expression_attribute_names("#n", "name")
        .expression_attribute_values(":nobody", AttributeValue::S("nobody".into()))
        .consistent_read(true)
        .into_paginator()
        .send();
    let mut count = 0;
    while let Some(page) = pages.try_next().await? {
        println!("{page:#?}");
        count += page.count();
        if count >= 3 {
            break;
        }
    }
    Ok(())
}
