//! batchWrite: what a reply does not hand back is written, the last write of an item wins, and nothing else is written.
//!
//! A call that outlives its request may take effect late. Where a batch writes one item more than once, a client that wants the
//! last write to win therefore waits until such calls have landed before it sends what remains; this one does.

use std::collections::BTreeMap;

use gateleg_core::attribute::{Attributes, Notation, write_attributes};
use gateleg_core::json::Json;

use crate::drive::{Answered, most_calls};
use crate::ensure;
use crate::history::{Client, array, check_metadata, key, parse};

const TABLES: [&str; 2] = ["people", "orders"];

/// One write of the batch.
struct Unit {
    table: &'static str,
    key: String,
    /// `None` deletes.
    item: Option<Attributes>,
    /// As it stands in the request.
    text: String,
}

struct Batch {
    units: Vec<Unit>,
    capacity: &'static str,
    /// Whether some item is written more than once.
    repeats: bool,
    /// Whether the store has seen that, and the client sends no two writes of an item together any more.
    apart: bool,
    before: Vec<BTreeMap<String, Attributes>>,
    /// Plans that said that nothing was written.
    innocent: Vec<u32>,
}

pub(crate) fn live(client: &mut Client<'_>) -> Result<(), String> {
    let mut batch = Batch::new(client);
    let mut remaining: Vec<usize> = (0..batch.units.len()).collect();
    let mut request = None;
    while !remaining.is_empty() {
        let sent = batch.together(&remaining);
        let text = request.take().filter(|_| sent.len() == remaining.len());
        let text = text.unwrap_or_else(|| batch.request(client, &sent));
        if batch.repeats {
            client.world.settle();
        }
        let answered = client.send(&text, most_calls(sent.len()))?;
        let (left, next) = batch.heard(client, &answered, &sent)?;
        let rest = remaining.split_off(sent.len());
        let done: Vec<usize> = sent.iter().copied().filter(|at| !left.contains(at)).collect();
        batch.check_done(client, &done, &left, &rest)?;
        request = next.filter(|_| rest.is_empty());
        remaining = left.into_iter().chain(rest).collect();
    }
    client.world.settle();
    batch.check_end(client)
}

impl Batch {
    fn new(client: &mut Client<'_>) -> Self {
        let chance = &mut client.world.chance;
        let most = *chance.pick(&[4, 10, 27, 27, 60, 130]);
        let count = chance.between(1, most);
        let capacity =
            *chance.pick(&["", "", r#","ReturnConsumedCapacity":"TOTAL""#, r#","ReturnConsumedCapacity":"INDEXES""#]);
        let (knows_keys, deletes) = (chance.one_in(2), *chance.pick(&[0, 0, 300, 1000]));
        let repeats = !knows_keys && deletes < 1000 && count > 25 && chance.one_in(2);
        let tables = if repeats || chance.one_in(2) { 1 } else { 2 };
        let pad = *chance.pick(&[0, 5, 40]);
        if knows_keys {
            client.knows_keys();
        }
        client.context.max_reply_bytes = *client.world.chance.pick(&[None, None, Some(800), Some(3_000), Some(20_000)]);
        for table in TABLES {
            for id in 0..20 {
                let item = client.item(table, id, 100_000 + id, 0);
                client.world.tables.all.iter_mut().find(|known| known.name == table).unwrap().put(item);
            }
        }
        let before = TABLES.map(|table| client.world.tables.table(table).items.clone()).to_vec();
        let mut batch = Batch { units: Vec::new(), capacity, repeats, apart: false, before, innocent: Vec::new() };
        for place in 0..count {
            let table = TABLES[(place * tables / count) as usize];
            // Twenty-five in a row differ; an item comes again as often as not after that.
            let id = if repeats && client.world.chance.one_in(2) { place % 26 } else { place };
            let deletes = client.world.chance.per_mille(deletes);
            let deleted =
                |unit: &Unit| unit.item.is_none() && unit.key == client.world.tables.table(table).key(&key(table, id));
            let item =
                (!deletes || (repeats && batch.units.iter().any(deleted))).then(|| client.item(table, id, place, pad));
            let text = match &item {
                Some(item) => format!(r#"{{"PutRequest":{{"Item":{}}}}}"#, client.text(item)),
                None => format!(r#"{{"DeleteRequest":{{"Key":{}}}}}"#, client.text(&key(table, id))),
            };
            let key = client.world.tables.table(table).key(&key(table, id));
            batch.units.push(Unit { table, key, item, text });
        }
        batch
    }

    /// What of it is sent in one request.
    fn together(&self, remaining: &[usize]) -> Vec<usize> {
        let repeated = |at: &usize| {
            let unit = &self.units[remaining[*at]];
            remaining[..*at].iter().any(|before| self.units[*before].key == unit.key)
        };
        let end = if self.apart { (0..remaining.len()).find(repeated) } else { None };
        remaining[..end.unwrap_or(remaining.len())].to_vec()
    }

    fn request(&self, client: &mut Client<'_>, sent: &[usize]) -> String {
        let items = self.request_items(sent);
        client.request("batchWrite", None, &format!(r#""RequestItems":{items}{}"#, self.capacity), &[])
    }

    fn request_items(&self, sent: &[usize]) -> String {
        let table = |table: &&str| {
            let writes = sent.iter().map(|at| &self.units[*at]).filter(|unit| unit.table == *table);
            let writes: Vec<&str> = writes.map(|unit| unit.text.as_str()).collect();
            (!writes.is_empty()).then(|| format!(r#""{table}":[{}]"#, writes.join(",")))
        };
        format!("{{{}}}", TABLES.iter().filter_map(table).collect::<Vec<_>>().join(","))
    }

    /// What a reply hands back, and the request for it that it offers.
    fn heard(
        &mut self,
        client: &mut Client<'_>,
        answered: &Answered,
        sent: &[usize],
    ) -> Result<(Vec<usize>, Option<String>), String> {
        let reply = &answered.reply;
        let body = parse(reply)?;
        let next = body.get("next").map(Json::to_text);
        let offered =
            body.get("next").and_then(|next| next.get("payload")).and_then(|payload| payload.get("RequestItems"));
        if reply.status == 200 {
            check_metadata(&body, &answered.heard, &client.context.request_id)?;
            let left = self.find(body.get("UnprocessedItems").ok_or("no UnprocessedItems")?, sent)?;
            ensure!(next.is_none() || !left.is_empty(), "a request for what remains, but nothing does");
            if let Some(offered) = offered {
                ensure!(self.find(offered, sent)? == left, "what is offered is not what remains");
            } else {
                ensure!(left.is_empty() || client.context.max_reply_bytes.is_some(), "no request for what remains");
            }
            client.world.tally.saw(if left.is_empty() {
                "a batch of writes is done"
            } else {
                "writes are handed back"
            });
            return Ok((left, next));
        }
        ensure!(answered.sends > 0 || client.context.remaining_ms == Some(0), "nothing was sent: {}", reply.text());
        let message = body.get("message").and_then(Json::as_str).unwrap_or("");
        if message.contains("duplicates") {
            ensure!(self.repeats, "{message}");
            client.world.tally.saw("what remains holds an item twice");
            self.apart = true;
        }
        let hint = body.get("hint").and_then(Json::as_str).unwrap_or("");
        if reply.status == 413 && message.ends_with("the write took effect") {
            client.world.tally.saw("all is written, but the reply is too large");
            return Ok((Vec::new(), None));
        }
        if let Some(offered) = offered {
            let left = self.find(offered, sent)?;
            let told = format!("{} of {} writes are done", sent.len() - left.len(), sent.len());
            ensure!(hint.starts_with(&told), "{told}, but the hint is: {hint}");
            client.world.tally.saw("an error hands writes back");
            return Ok((left, next));
        }
        if !(message.contains("the write may have taken effect")
            || hint.contains("writes are done")
            || message.contains("writes are done"))
        {
            self.innocent.push(answered.plan);
        }
        Ok((sent.to_vec(), None))
    }

    /// The places of the writes in an object of lists by table; each was sent, and they stand in its order.
    fn find(&self, tables: &Json<'_>, sent: &[usize]) -> Result<Vec<usize>, String> {
        let mut found = Vec::new();
        for table in TABLES {
            let mut rest = sent.iter().copied().filter(|at| self.units[*at].table == table);
            for write in array(tables.get(table)) {
                let text = write.to_text();
                let at = rest.find(|at| self.units[*at].text == text);
                found.push(at.ok_or_else(|| format!("{text} is handed back, but it was not sent, or not there"))?);
            }
        }
        Ok(found)
    }

    /// Of each item there is now the last write that is done, or one after it that is not.
    fn check_done(&self, client: &Client<'_>, done: &[usize], left: &[usize], rest: &[usize]) -> Result<(), String> {
        for at in done {
            let unit = &self.units[*at];
            let same = |other: &&usize| self.units[**other].key == unit.key && self.units[**other].table == unit.table;
            if self.repeats && done.iter().any(|other| other > at && same(&other)) {
                continue;
            }
            let stored = client.world.tables.table(unit.table).items.get(&unit.key);
            let is_there = stored == unit.item.as_ref()
                || left
                    .iter()
                    .chain(rest)
                    .filter(|other| *other > at)
                    .filter(same)
                    .any(|other| stored == self.units[*other].item.as_ref());
            ensure!(is_there, "{} is not among what remains, but it is not done: {}", unit.text, show(stored));
        }
        Ok(())
    }

    fn check_end(&self, client: &Client<'_>) -> Result<(), String> {
        for (table, before) in TABLES.iter().zip(&self.before) {
            let mut expected = before.clone();
            for unit in self.units.iter().filter(|unit| unit.table == *table) {
                match &unit.item {
                    Some(item) => expected.insert(unit.key.clone(), item.clone()),
                    None => expected.remove(&unit.key),
                };
            }
            let items = &client.world.tables.table(table).items;
            for key in items.keys().chain(expected.keys()) {
                let (stored, expected) = (items.get(key), expected.get(key));
                ensure!(stored == expected, "in the end there is {}, and not {}", show(stored), show(expected));
            }
        }
        for plan in &self.innocent {
            let landed = client.world.landed.iter().find(|(sender, _)| sender == plan);
            ensure!(
                landed.is_none(),
                "plan {plan} does not say that something may have been written, but {landed:?} was"
            );
        }
        Ok(())
    }
}

fn show(item: Option<&Attributes>) -> String {
    item.map_or("nothing".into(), |item| {
        let mut out = String::new();
        write_attributes(&mut out, item, Notation::default());
        out
    })
}
