//! create and transactWrite: a call is made once for each request, an item that must not be there is made once, and a
//! transaction with an idempotencyKey happens once, however often it is sent.

use gateleg_core::json::Json;

use crate::drive::Answered;
use crate::ensure;
use crate::history::{Client, key, parse};
use crate::table::number;

pub(crate) fn create(client: &mut Client<'_>) -> Result<(), String> {
    let was_there = client.world.chance.one_in(5);
    let before = was_there.then(|| client.item("people", 1, 100, 600));
    if let Some(item) = &before {
        client.world.tables.all[0].put(item.clone());
    }
    let item = client.item("people", 1, 1, 0);
    let asks = client.world.chance.one_in(2);
    let returns = if asks { r#","ReturnValuesOnConditionCheckFailure":"ALL_OLD""# } else { "" };
    client.context.max_reply_bytes = *client.world.chance.pick(&[None, Some(400)]);
    let payload = format!(r#""Item":{},"ConditionExpression":"attribute_not_exists(id)"{returns}"#, client.text(&item));
    let request = client.request("create", Some("people"), &payload, &[]);
    let status = until_answered(client, &request, &[200, 409])?.reply.status;
    client.world.settle();
    let landed = client.world.landed.len();
    ensure!(landed == usize::from(!was_there), "the item was made {landed} times");
    ensure!(!was_there || status == 409, "an item was made although it was there");
    let items = &client.world.tables.all[0].items;
    let stored: Vec<_> = items.values().collect();
    ensure!(stored == [before.as_ref().unwrap_or(&item)], "in the end there is {stored:?}");
    client.world.tally.saw("an item is made");
    Ok(())
}

pub(crate) fn transact(client: &mut Client<'_>) -> Result<(), String> {
    let count = client.world.chance.between(1, 5);
    let action = |id: u64| {
        format!(
            r#"{{"Update":{{"TableName":"people","Key":{},"UpdateExpression":"ADD n :one","ExpressionAttributeValues":{{":one":{}}}}}}}"#,
            client.text(&key("people", id)),
            client
                .text(&vec![("n".into(), crate::table::n(1))])
                .trim_start_matches(r#"{"n":"#)
                .strip_suffix('}')
                .unwrap_or("")
        )
    };
    let actions: Vec<String> = (0..count).map(action).collect();
    let payload = format!(r#""TransactItems":[{}]"#, actions.join(","));
    let options = [r#""idempotencyKey":"order-17""#.to_owned()];
    let request = client.request("transactWrite", None, &payload, &options);
    for _ in 0..2 {
        until_answered(client, &request, &[200])?;
    }
    client.world.settle();
    let sums: Vec<u64> = client.world.tables.all[0]
        .items
        .values()
        .map(|item| item.iter().find(|(name, _)| name == "n").map_or(0, |(_, value)| number(value)))
        .collect();
    ensure!(sums.len() as u64 == count && sums.iter().all(|sum| *sum == 1), "in the end the counts are {sums:?}");
    client.world.tally.saw("a transaction happens");
    Ok(())
}

/// Sends a request until the answer is one of those.
fn until_answered(client: &mut Client<'_>, request: &str, statuses: &[u16]) -> Result<Answered, String> {
    let mut innocent = Vec::new();
    let answered = loop {
        let answered = client.send(request, 1)?;
        if statuses.contains(&answered.reply.status) {
            break answered;
        }
        let body = parse(&answered.reply)?;
        let message = body.get("message").and_then(Json::as_str).unwrap_or("");
        if !message.contains("the write may have taken effect") {
            innocent.push(answered.plan);
        }
    };
    let guilty = client.world.landed.iter().find(|(plan, _)| innocent.contains(plan));
    ensure!(guilty.is_none(), "{guilty:?} was done, but the reply does not say that it may have been");
    Ok(answered)
}
