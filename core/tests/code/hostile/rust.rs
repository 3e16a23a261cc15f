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
        .item("id", AttributeValue::S("evil".into()))
        .item(
            "__proto__",
            AttributeValue::S("\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u{2028}\u{202e}\u{feff}\u{0000}\u{007f}\u{0085} é 漢 😀 </script> END".into()),
        )
        .item(
            "constructor",
            AttributeValue::M(HashMap::from([
                (
                    "toString".into(),
                    AttributeValue::S("\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u{2028}\u{202e}\u{feff}\u{0000}\u{007f}\u{0085} é 漢 😀 </script> END".into()),
                ),
                (
                    "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u{2028}\u{202e}\u{feff}\u{0000}\u{007f}\u{0085} é 漢 😀 </script> END".into(),
                    AttributeValue::L(vec![
                        AttributeValue::S("\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u{2028}\u{202e}\u{feff}\u{0000}\u{007f}\u{0085} é 漢 😀 </script> END".into()),
                    ]),
                ),
            ])),
        )
        .item(
            "sets",
            AttributeValue::Ss(vec![
                "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u{2028}\u{202e}\u{feff}\u{0000}\u{007f}\u{0085} é 漢 😀 </script> END".into(),
                "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u{2028}\u{202e}\u{feff}\u{0000}\u{007f}\u{0085} é 漢 😀 </script> END2".into(),
            ]),
        )
        .item("b", AttributeValue::B(Blob::new(b"\"'\x00\\\\n${}%\x0a\xff")))
        .item("END", AttributeValue::S("END".into()))
        .item("1", AttributeValue::N("1".into()))
        .item("a-b", AttributeValue::S("x".into()))
        .item("it's", AttributeValue::Bool(true))
        .condition_expression("#e <> :e")
        .expression_attribute_names(
            "#e",
            "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u{2028}\u{202e}\u{feff}\u{0000}\u{007f}\u{0085} é 漢 😀 </script> END",
        )
        .expression_attribute_values(
            ":e",
            AttributeValue::S("\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u{2028}\u{202e}\u{feff}\u{0000}\u{007f}\u{0085} é 漢 😀 </script> END".into()),
        )
        .send()
        .await?;
    println!("{response:#?}");
    Ok(())
}
