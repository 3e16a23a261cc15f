//! list and query: whoever follows `LastEvaluatedKey` or `Continuation` to the end has had every item once, in order, and the
//! counts add up.

use gateleg_core::json::Json;

use crate::drive::{Answered, MOST_PAGES};
use crate::ensure;
use crate::history::{Client, array, check_metadata, parse};
use crate::table::{DROP_ALL, DROP_EVEN, number, segment};

/// An item that there is to list, as it stands in a reply, and the segment that it is in.
struct Listed {
    text: String,
    segment: i64,
}

struct List {
    operation: &'static str,
    table: &'static str,
    payload: Vec<String>,
    options: Vec<String>,
    segments: Option<i64>,
    counts_only: bool,
    max_items: Option<u64>,
    expected: Vec<Listed>,
    /// How many items there are to scan.
    to_scan: i64,
    /// Which items were had.
    had: Vec<bool>,
    count: i64,
    scanned: i64,
}

/// Where to go on, as a member of the payload or of the options.
enum Place {
    Start,
    After(String),
    Continuation(String),
    End,
}

pub(crate) fn live(client: &mut Client<'_>) -> Result<(), String> {
    let mut list = List::new(client);
    let mut place = Place::Start;
    while !matches!(place, Place::End) {
        let request = list.request(client, &place);
        let answered = client.send(&request, MOST_PAGES)?;
        if let Some(next) = list.heard(client, &answered)? {
            place = next;
        }
    }
    list.check_end()
}

impl List {
    fn new(client: &mut Client<'_>) -> Self {
        let chance = &mut client.world.chance;
        let most = *chance.pick(&[0, 5, 40, 150]);
        let count = chance.between(0, most);
        let is_query = chance.one_in(3);
        let (operation, table) = if is_query { ("query", "orders") } else { ("list", "people") };
        let segments = if is_query || chance.one_in(2) { None } else { Some(chance.between(1, 5) as i64) };
        let max_items = if segments.is_none() && chance.one_in(3) { Some(chance.between(1, 60)) } else { None };
        let filter = *chance.pick(&[None, None, None, Some(DROP_ALL), Some(DROP_EVEN)]);
        let counts_only = chance.one_in(6);
        let limit = if chance.one_in(3) { Some(chance.between(1, 30)) } else { None };
        let capacity = *chance.pick(&[None, None, Some("TOTAL"), Some("INDEXES")]);
        let follows = chance.per_mille(800);
        let pad = *chance.pick(&[0, 5, 60]);
        // An item, the places of five segments and the capacity have room in each.
        client.context.max_reply_bytes = *chance.pick(&[None, None, Some(1_700), Some(2_500), Some(8_000)]);
        let mut list = List {
            operation,
            table,
            payload: Vec::new(),
            options: Vec::new(),
            segments,
            counts_only,
            max_items,
            expected: Vec::new(),
            to_scan: 0,
            had: Vec::new(),
            count: 0,
            scanned: 0,
        };
        for id in 0..count {
            let item = client.item(table, id, id, pad);
            client.world.tables.all.iter_mut().find(|known| known.name == table).unwrap().put(item);
        }
        let mut values = Vec::new();
        if is_query {
            list.payload.push(r#""KeyConditionExpression":"customer = :c""#.into());
            values.push(format!(r#"":c":{}"#, client.string("c1")));
        }
        if let Some(filter) = filter {
            list.payload.push(format!(r#""FilterExpression":"{filter}""#));
            if filter == DROP_EVEN {
                let mut one = String::new();
                crate::table::n(1).write(&mut one, client.notation);
                values.push(format!(r#"":yes":{one}"#));
            }
        }
        if !values.is_empty() {
            list.payload.push(format!(r#""ExpressionAttributeValues":{{{}}}"#, values.join(",")));
        }
        let counts = counts_only.then(|| r#""Select":"COUNT""#.to_owned());
        let limit = limit.map(|limit| format!(r#""Limit":{limit}"#));
        let capacity = capacity.map(|kind| format!(r#""ReturnConsumedCapacity":"{kind}""#));
        list.payload.extend(counts.into_iter().chain(limit).chain(capacity));
        list.options.extend(max_items.map(|most| format!(r#""maxItems":{most}"#)));
        if follows && max_items.is_none() && segments.is_none() {
            list.options.push(r#""all":true"#.into());
        }
        list.expect(client, filter);
        list
    }

    fn expect(&mut self, client: &Client<'_>, filter: Option<&str>) {
        let items = &client.world.tables.table(self.table).items;
        let is_asked = |key: &&String| self.operation == "list" || key.contains("c1");
        for (key, item) in items.iter().filter(|(key, _)| is_asked(key)) {
            self.to_scan += 1;
            let is_odd = item.iter().any(|(name, value)| name == "odd" && number(value) == 1);
            if filter.is_none() || (filter == Some(DROP_EVEN) && is_odd) {
                let segment = self.segments.map_or(0, |total| segment(key, total));
                self.expected.push(Listed { text: client.text(item), segment });
            }
        }
        // Stable: within a segment the order of keys stays.
        self.expected.sort_by_key(|listed| listed.segment);
        self.had = vec![false; self.expected.len()];
    }

    fn request(&self, client: &Client<'_>, place: &Place) -> String {
        let (mut payload, mut options) = (self.payload.clone(), self.options.clone());
        match place {
            Place::After(key) => payload.push(format!(r#""ExclusiveStartKey":{key}"#)),
            Place::Continuation(places) => options.push(format!(r#""continuation":{places}"#)),
            Place::Start | Place::End => options.extend(self.segments.map(|total| format!(r#""segments":{total}"#))),
        }
        client.request(self.operation, Some(self.table), &payload.join(","), &options)
    }

    /// Where to go on; `None` is where it was.
    fn heard(&mut self, client: &mut Client<'_>, answered: &Answered) -> Result<Option<Place>, String> {
        let reply = &answered.reply;
        ensure!(reply.status != 413, "small items, and yet: {}", reply.text());
        if reply.status != 200 {
            return Ok(None);
        }
        let body = parse(reply)?;
        if answered.sends > 0 {
            check_metadata(&body, &answered.heard, &client.context.request_id)?;
        }
        let items = array(body.get("Items"));
        let number = |name: &str| body.get(name).and_then(Json::as_integer).ok_or_else(|| format!("no {name}"));
        let (count, scanned) = (number("Count")?, number("ScannedCount")?);
        ensure!(self.counts_only != body.get("Items").is_some(), "Items where only a count was asked for, or none");
        ensure!(self.counts_only || count == items.len() as i64, "a count of {count} and {} items", items.len());
        ensure!(self.max_items.is_none_or(|most| count as u64 <= most), "{count} items, more than were asked for");
        self.count += count;
        self.scanned += scanned;
        let mut rest = 0..self.expected.len();
        for item in items {
            let text = item.to_text();
            let at = rest.find(|at| self.expected[*at].text == text);
            let at = at.ok_or_else(|| format!("{text} is not there, or not in this place"))?;
            ensure!(!self.had[at], "{text} comes twice");
            self.had[at] = true;
        }
        let place = match (body.get("LastEvaluatedKey"), body.get("Continuation")) {
            (Some(key), None) => Place::After(key.to_text()),
            (None, Some(places)) => Place::Continuation(places.to_text()),
            (None, None) => Place::End,
            (Some(_), Some(_)) => return Err("two places to go on".into()),
        };
        let is_end = matches!(place, Place::End);
        client.world.tally.saw(if is_end { "a list comes to its end" } else { "a list is to be gone on with" });
        Ok(Some(place))
    }

    fn check_end(&self) -> Result<(), String> {
        let expected = self.expected.len() as i64;
        ensure!(self.count == expected, "{} items were counted, but there are {expected}", self.count);
        ensure!(self.scanned == self.to_scan, "{} items were scanned, but there are {}", self.scanned, self.to_scan);
        let lost = self.had.iter().position(|had| !had && !self.counts_only);
        ensure!(lost.is_none(), "{} was never listed", lost.map_or("", |at| &self.expected[at].text));
        Ok(())
    }
}
