//! A vector, `{"api", "input", ..}`, becomes the request for its call, with `options`.

use gateleg_core::command::Api;
use gateleg_core::json::{Json, Object};

pub fn request(vector: &Json<'_>, options: &str) -> String {
    let api = vector.get("api").and_then(Json::as_str).unwrap();
    let api = Api::ALL.iter().find(|known| known.as_str() == api).unwrap();
    let input = vector.get("input").unwrap();
    let mut request = String::new();
    let mut object = Object::new(&mut request);
    object.string("operation", api.operation().as_str());
    if let Some(table) = input.get("TableName") {
        table.write(object.member("tableName"));
    }
    input.write(object.member("payload"));
    object.member("options").push_str(options);
    object.end();
    request
}
