// cargo add aws-config aws-sdk-dynamodb
// cargo add tokio --features macros,rt-multi-thread
use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let client = Client::new(&config);
    let response = client
        .get_item()
        .table_name("people")
        .key("id", AttributeValue::S("1".into()))
        .send()
        .await?;
    println!("{response:#?}");
    Ok(())
}
