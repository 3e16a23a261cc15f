//! What replies may differ in, each with its reason; everything else has to agree to the byte.

use std::sync::atomic::{AtomicBool, Ordering};

use gateleg_core::json::Json;

/// One thing that replies may differ in.
struct Difference {
    /// What it is, and why it is no fault of ours.
    reason: &'static str,
    /// Takes it out of the reply to a request, and says whether there was something to take out.
    remove: fn(&str, &mut Json<'_>) -> bool,
    /// Whether any reply could show it.
    met: AtomicBool,
}

const fn difference(reason: &'static str, remove: fn(&str, &mut Json<'_>) -> bool) -> Difference {
    Difference { reason, remove, met: AtomicBool::new(false) }
}

static DIFFERENCES: [Difference; 5] = [
    difference("a store that gives request ids gives its own; the embedded one gives none", request_ids),
    difference("a set has no order: dynoxide sorts numbers, dynalite keeps the order they came in", set_order),
    difference("the tables of a batch's ConsumedCapacity come in no order", capacity_order),
    difference("a scan takes partitions in the order of a hash, and the two engines hash differently", scan_order),
    difference("the two engines word the faults of an expression differently", wording),
];

/// One fault of an expression as dynoxide and as dynalite word it.
const WORDINGS: &[(&str, &str)] = &[
    (
        r#"Invalid FilterExpression: Syntax error; token: ">", near: ">> :t""#,
        r##"Invalid FilterExpression: Syntax error; Expected "#", "(", ":", "_", or [a-zA-Z] but ">" found."##,
    ),
    (
        "An expression attribute value used in expression is not defined; attribute value: :absent",
        "Invalid FilterExpression: An expression attribute value used in expression is not defined; attribute value: :absent",
    ),
];

/// The reply without what may differ.
pub fn normalise(request: &str, reply: &str) -> String {
    let mut json = Json::parse(reply.as_bytes()).unwrap_or_else(|error| panic!("{error}: {reply}"));
    for difference in &DIFFERENCES {
        if (difference.remove)(request, &mut json) {
            difference.met.store(true, Ordering::Relaxed);
        }
    }
    json.to_text()
}

/// The differences that no reply could show.
pub fn unmet() -> Vec<&'static str> {
    DIFFERENCES.iter().filter(|one| !one.met.load(Ordering::Relaxed)).map(|one| one.reason).collect()
}

fn request_ids(_: &str, reply: &mut Json<'_>) -> bool {
    let mut removed = remove(reply, "storeRequestId");
    if let Some(metadata) = member(reply, "ResponseMetadata") {
        removed |= remove(metadata, "RequestId");
    }
    removed
}

fn set_order(_: &str, reply: &mut Json<'_>) -> bool {
    sort_sets(reply)
}

fn sort_sets(json: &mut Json<'_>) -> bool {
    let mut found = false;
    match json {
        Json::Object(members) => {
            for (name, value) in members {
                let is_set = ["$ss", "$ns", "$bs", "SS", "NS", "BS"].contains(&name.as_ref());
                found |= if is_set { sort(value) } else { sort_sets(value) };
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| found |= sort_sets(item)),
        _ => {}
    }
    found
}

fn capacity_order(_: &str, reply: &mut Json<'_>) -> bool {
    member(reply, "ConsumedCapacity").is_some_and(sort)
}

fn scan_order(request: &str, reply: &mut Json<'_>) -> bool {
    request.contains(r#""operation":"list""#) && member(reply, "Items").is_some_and(sort)
}

fn wording(_: &str, reply: &mut Json<'_>) -> bool {
    let Some(Json::String(message)) = member(reply, "message") else { return false };
    match WORDINGS.iter().find(|(_, other)| message.as_ref() == *other) {
        Some((one, _)) => {
            *message = (*one).into();
            true
        }
        None => false,
    }
}

fn member<'j, 't>(json: &'j mut Json<'t>, name: &str) -> Option<&'j mut Json<'t>> {
    match json {
        Json::Object(members) => members.iter_mut().find(|(known, _)| known == name).map(|(_, value)| value),
        _ => None,
    }
}

fn remove(json: &mut Json<'_>, name: &str) -> bool {
    let Json::Object(members) = json else { return false };
    let before = members.len();
    members.retain(|(known, _)| known != name);
    members.len() < before
}

/// Sorts an array by its elements' text, and says whether it has an order at all.
fn sort(json: &mut Json<'_>) -> bool {
    let Json::Array(items) = json else { return false };
    items.sort_by_key(Json::to_text);
    items.len() > 1
}
