//! batchRead: every item that is there is found once or its key is handed back, and a reply is never too large for its keys.

use gateleg_core::json::Json;

use crate::drive::{Answered, most_calls};
use crate::ensure;
use crate::history::{Client, array, check_metadata, key, parse};

const TABLES: [&str; 2] = ["people", "orders"];

/// One key of the batch.
struct Unit {
    table: &'static str,
    /// The key as it stands in the request.
    text: String,
    /// The item as it stands in a reply, if it is there.
    item: Option<String>,
}

struct Batch {
    units: Vec<Unit>,
    /// What goes with the keys of a table, and with all.
    frame: &'static str,
    capacity: &'static str,
}

pub(crate) fn live(client: &mut Client<'_>) -> Result<(), String> {
    let batch = Batch::new(client);
    let mut remaining: Vec<usize> = (0..batch.units.len()).collect();
    let mut request = None;
    while !remaining.is_empty() {
        let text = request.take().unwrap_or_else(|| batch.request(client, &remaining));
        let answered = client.send(&text, most_calls(remaining.len()))?;
        (remaining, request) = batch.heard(client, &answered, &remaining)?;
    }
    Ok(())
}

impl Batch {
    fn new(client: &mut Client<'_>) -> Self {
        let chance = &mut client.world.chance;
        let most = *chance.pick(&[4, 4, 30, 101, 101, 250]);
        let count = chance.between(1, most);
        let pad = *chance.pick(&[0, 5, 60]);
        let missing = *chance.pick(&[0, 300, 1000]);
        let frame = *chance.pick(&["", r#","ConsistentRead":true"#]);
        let capacity =
            *chance.pick(&["", r#","ReturnConsumedCapacity":"TOTAL""#, r#","ReturnConsumedCapacity":"INDEXES""#]);
        if chance.one_in(2) {
            client.knows_keys();
        }
        let mut batch = Batch { units: Vec::new(), frame, capacity };
        for place in 0..count {
            let table = TABLES[(place * 2 / count) as usize];
            let item = (!client.world.chance.per_mille(missing)).then(|| client.item(table, place, place, pad));
            let text = client.text(&key(table, place));
            let shown = item.as_ref().map(|item| client.text(item));
            if let Some(item) = item {
                client.world.tables.all.iter_mut().find(|known| known.name == table).unwrap().put(item);
            }
            batch.units.push(Unit { table, text, item: shown });
        }
        // What is handed back has to have room beside an item and what else a reply holds; then no reply need be refused.
        let keys: usize = batch.units.iter().map(|unit| unit.text.len() + 1).sum();
        let least = keys as u64 + 1_700;
        client.context.max_reply_bytes =
            *client.world.chance.pick(&[None, Some(least), Some(least + 2_000), Some(least + 10_000)]);
        batch
    }

    fn request(&self, client: &Client<'_>, asked: &[usize]) -> String {
        let table = |table: &&str| {
            let keys = asked.iter().map(|at| &self.units[*at]).filter(|unit| unit.table == *table);
            let keys: Vec<&str> = keys.map(|unit| unit.text.as_str()).collect();
            (!keys.is_empty()).then(|| format!(r#""{table}":{{"Keys":[{}]{}}}"#, keys.join(","), self.frame))
        };
        let tables: Vec<String> = TABLES.iter().filter_map(table).collect();
        let payload = format!(r#""RequestItems":{{{}}}{}"#, tables.join(","), self.capacity);
        client.request("batchRead", None, &payload, &[])
    }

    fn heard(
        &self,
        client: &mut Client<'_>,
        answered: &Answered,
        asked: &[usize],
    ) -> Result<(Vec<usize>, Option<String>), String> {
        let reply = &answered.reply;
        let body = parse(reply)?;
        ensure!(reply.status != 413, "small items, and yet: {}", reply.text());
        let next = body.get("next").map(Json::to_text);
        let offered =
            body.get("next").and_then(|next| next.get("payload")).and_then(|payload| payload.get("RequestItems"));
        if reply.status != 200 {
            // What was found before it is not in an error, so all has to be read again.
            ensure!(next.is_none(), "a request for what remains, but what was found is not in the reply");
            return Ok((asked.to_vec(), None));
        }
        check_metadata(&body, &answered.heard, &client.context.request_id)?;
        let left = self.keys(body.get("UnprocessedKeys").ok_or("no UnprocessedKeys")?, asked)?;
        ensure!(next.is_none() || !left.is_empty(), "a request for what remains, but nothing does");
        if let Some(offered) = offered {
            ensure!(self.keys(offered, asked)? == left, "what is offered is not what remains");
        } else {
            ensure!(left.is_empty() || client.context.max_reply_bytes.is_some(), "no request for what remains");
        }
        let found = self.found(body.get("Responses"), asked)?;
        for at in asked {
            let times = usize::from(left.contains(at)) + found.iter().filter(|found| *found == at).count();
            let expected = usize::from(self.units[*at].item.is_some());
            let is_fine = times == expected || (times == 1 && left.contains(at));
            ensure!(is_fine, "{} is found or handed back {times} times", self.units[*at].text);
        }
        client.world.tally.saw(if left.is_empty() { "a batch of keys is read" } else { "keys are handed back" });
        Ok((left, next))
    }

    /// The places of the items that a reply holds; each was asked for.
    fn found(&self, responses: Option<&Json<'_>>, asked: &[usize]) -> Result<Vec<usize>, String> {
        let mut found = Vec::new();
        for table in TABLES {
            for item in array(responses.and_then(|responses| responses.get(table))) {
                let text = item.to_text();
                let is_it =
                    |at: &&usize| self.units[**at].table == table && self.units[**at].item.as_ref() == Some(&text);
                found.push(
                    *asked.iter().find(is_it).ok_or_else(|| format!("{text} was not asked for, or is not there"))?,
                );
            }
        }
        Ok(found)
    }

    /// The places of the keys in an object of keys by table; each was asked for, once, with what goes with it.
    fn keys(&self, tables: &Json<'_>, asked: &[usize]) -> Result<Vec<usize>, String> {
        let mut found = Vec::new();
        for table in TABLES {
            let Some(part) = tables.get(table) else { continue };
            let is_whole = part.get("ConsistentRead").is_some() != self.frame.is_empty();
            ensure!(is_whole, "keys are handed back without what went with them");
            let mut rest = asked.iter().copied().filter(|at| self.units[*at].table == table).collect::<Vec<_>>();
            for key in array(part.get("Keys")) {
                let text = key.to_text();
                let at = rest.iter().position(|at| self.units[*at].text == text);
                let at =
                    at.ok_or_else(|| format!("{text} is handed back, but it was not asked for, or is there twice"))?;
                found.push(rest.remove(at));
            }
        }
        Ok(found)
    }
}
