//! Every value that DynamoDB can hold, written, read, and what was read written back: it stays what it is, in both notations.

use gateleg_core::attribute::{self, AttributeValue, Attributes, Format, Notation, Numbers};
use gateleg_core::json::Json;

use super::common::chance::Chance;
use super::common::homes::reply;
use super::{engines, stores};

const ITEMS: usize = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_read_can_be_written_back_unchanged() {
    let notations = [
        (Notation::default(), "{}"),
        (Notation { format: Format::Plain, numbers: Numbers::Tagged }, r#"{"numbers":"tagged"}"#),
        (Notation::WIRE, r#"{"format":"dynamodb"}"#),
    ];
    let engines = engines();
    let stores = stores(&engines).await;
    let mut chance = Chance::new(7);
    for round in 0..ITEMS {
        let mut item = vec![("id".to_owned(), AttributeValue::S(format!("{round}")))];
        item.extend((0..5).map(|index| (format!("a{index}"), chance.value(3))));
        let (notation, options) = notations[round % notations.len()];
        let text = |item: &Attributes, notation| {
            let mut item = item.clone();
            attribute::sort(&mut item);
            let mut out = String::new();
            attribute::write_attributes(&mut out, &item, notation);
            out
        };
        let expected = text(&item, notation);
        let key = text(&item[..1].to_vec(), notation);
        let read =
            format!(r#"{{"operation":"read","tableName":"things","payload":{{"Key":{key}}},"options":{options}}}"#);
        // dynalite keeps maps in JavaScript objects, which have no room for a member of this name.
        let all = if expected.contains("__proto__") { 2 } else { stores.len() };
        for (name, store) in stores.iter().take(all) {
            let mut written = expected.clone();
            // Written, read, and once more with what was read.
            for _ in 0..2 {
                let create = format!(
                    r#"{{"operation":"create","tableName":"things","payload":{{"Item":{written}}},"options":{options}}}"#
                );
                let created = reply(store, &create).await;
                assert_eq!(created.status, 200, "{name}: {} for {create}", created.text());
                let found = reply(store, &read).await;
                let json = Json::parse(&found.body).unwrap_or_else(|error| panic!("{error}: {}", found.text()));
                let found = json.get("Item").map(Json::to_text).unwrap_or_default();
                // A set has no order.
                assert_eq!(in_order(&found), in_order(&expected), "{name}, item {round}");
                written = found;
            }
        }
    }
}

/// Members of objects and of sets in order.
pub(crate) fn in_order(text: &str) -> String {
    fn sort(json: &mut Json<'_>) {
        match json {
            Json::Object(members) => {
                members.sort_by(|(a, _), (b, _)| a.cmp(b));
                for (name, value) in members {
                    sort(value);
                    if let (Json::Array(members), "$ss" | "$ns" | "$bs" | "SS" | "NS" | "BS") = (value, name.as_ref()) {
                        members.sort_by_key(Json::to_text);
                    }
                }
            }
            Json::Array(items) => items.iter_mut().for_each(sort),
            _ => {}
        }
    }
    let mut json = Json::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
    sort(&mut json);
    json.to_text()
}
