//! A seed becomes a history: tables, a request, a store that fails until it is well, and a client that sends what remains until
//! all is done. What each kind of history promises is in the module of that kind.

use gateleg_core::attribute::{AttributeValue, Attributes, Format, Notation, Numbers};
use gateleg_core::context::Context;
use gateleg_core::json::Json;
use gateleg_core::policy::Policy;
use gateleg_core::reply::Reply;

use crate::chance::Chance;
use crate::drive::{Answered, Heard, drive};
use crate::table::{Table, n};
use crate::tally::Tally;
use crate::world::{Faults, World};
use crate::{ensure, lists, reads, single, writes};

/// Most requests that a client sends before it has to be done.
const MOST_ROUNDS: u32 = 2_000;

/// Lives one history, and says what happened in it, or which law was broken.
pub(crate) fn live(seed: u64, trace: bool) -> Result<Tally, String> {
    let mut chance = Chance::new(seed);
    let faults = Faults::new(&mut chance);
    let mut world = World::new(chance, faults, trace);
    world.page = world.chance.between(1, 40) as usize;
    world.tables.all =
        vec![Table::new("people", &["id"]), Table::new("orders", &["customer", "id"]), Table::new("others", &["id"])];
    world.say(|| format!("{:?}", world.faults));
    let mut client = Client::new(&mut world);
    match client.world.chance.below(10) {
        0..4 => writes::live(&mut client),
        4..6 => reads::live(&mut client),
        6..8 => lists::live(&mut client),
        8 => single::create(&mut client),
        _ => single::transact(&mut client),
    }?;
    Ok(std::mem::take(&mut world.tally))
}

/// Who sends requests, and how.
pub(crate) struct Client<'w> {
    pub(crate) world: &'w mut World,
    pub(crate) notation: Notation,
    pub(crate) context: Context,
    /// How much time a request has; `None` is as much as it takes.
    patience: Option<(u64, u64)>,
    rounds: u32,
}

impl<'w> Client<'w> {
    fn new(world: &'w mut World) -> Self {
        let chance = &mut world.chance;
        let wire = Notation::WIRE;
        let tagged = Notation { format: Format::Plain, numbers: Numbers::Tagged };
        let notation = *chance.pick(&[Notation::default(), Notation::default(), wire, tagged]);
        let patience = *chance.pick(&[None, Some((10, 60)), Some((50, 400)), Some((500, 5_000))]);
        let max_in_flight = *chance.pick(&[None, None, Some(0), Some(1), Some(2), Some(5)]);
        let context = Context { request_id: "r-1".into(), max_in_flight, ..Context::default() };
        Client { world, notation, context, patience, rounds: 0 }
    }

    /// Tells the planner the keys of the tables.
    pub(crate) fn knows_keys(&mut self) {
        let keys = self.world.tables.all.iter();
        let keys = keys.map(|table| (table.name.into(), table.keys.iter().map(|key| (*key).into()).collect()));
        self.context.policy = Some(Policy { keys: keys.collect(), ..Policy::allow_all() }.into());
    }

    /// Sends a request, after a while if it is not the first.
    pub(crate) fn send(&mut self, request: &str, most_sends: u64) -> Result<Answered, String> {
        self.rounds += 1;
        ensure!(self.rounds <= MOST_ROUNDS, "{MOST_ROUNDS} requests, and not all is done");
        if self.rounds > 1 {
            // As clients do, it waits longer and longer.
            let wait = self.world.chance.below(100 << self.rounds.min(5));
            self.world.pass(wait);
        }
        self.context.remaining_ms = match self.patience {
            Some(_) if self.world.chance.one_in(40) => Some(0),
            patience => patience.map(|(least, most)| self.world.chance.between(least, most)),
        };
        let answered = drive(self.world, request, &self.context, most_sends)?;
        self.world.tally.saw("requests");
        self.world.tally.saw(match answered.reply.status {
            200 => "200",
            413 => "413",
            504 => "504",
            429 => "429",
            status if status < 500 => "4xx",
            _ => "5xx",
        });
        Ok(answered)
    }

    /// A request; `payload` and `options` are the members' texts.
    pub(crate) fn request(&self, operation: &str, table: Option<&str>, payload: &str, options: &[String]) -> String {
        let table = table.map_or_else(String::new, |table| format!(r#""tableName":"{table}","#));
        let notation = match (self.notation.format, self.notation.numbers) {
            (Format::DynamoDb, _) => Some(r#""format":"dynamodb""#.to_owned()),
            (_, Numbers::Tagged) => Some(r#""numbers":"tagged""#.to_owned()),
            _ => None,
        };
        let options: Vec<String> = notation.into_iter().chain(options.iter().cloned()).collect();
        let options =
            if options.is_empty() { String::new() } else { format!(r#","options":{{{}}}"#, options.join(",")) };
        format!(r#"{{"operation":"{operation}",{table}"payload":{{{payload}}}{options}}}"#)
    }

    /// An item or a key as it stands in requests and replies.
    pub(crate) fn text(&self, attributes: &Attributes) -> String {
        let mut out = String::new();
        gateleg_core::attribute::write_attributes(&mut out, attributes, self.notation);
        out
    }

    /// A text of `DynamoDB`'s type S as it stands in requests.
    pub(crate) fn string(&self, text: &str) -> String {
        let mut out = String::new();
        AttributeValue::S(text.into()).write(&mut out, self.notation);
        out
    }

    /// An item of a table, whose key is made of that number. Attributes stand in the order in which replies have them.
    pub(crate) fn item(&self, table: &str, id: u64, version: u64, pad: u64) -> Attributes {
        let mut item = key(table, id);
        item.push(("odd".into(), n(id % 2)));
        if pad > 0 {
            item.push(("pad".into(), AttributeValue::S("x".repeat(pad as usize))));
        }
        item.push(("v".into(), n(version)));
        item
    }
}

/// A key of a table.
pub(crate) fn key(table: &str, id: u64) -> Attributes {
    let text = |text: String| AttributeValue::S(text);
    match table {
        "orders" => {
            vec![("customer".into(), text(format!("c{}", id % 3))), ("id".into(), text(format!("{:03}", id / 3)))]
        }
        _ => vec![("id".into(), text(format!("{id:03}")))],
    }
}

pub(crate) fn parse(reply: &Reply) -> Result<Json<'_>, String> {
    Json::parse(&reply.body).map_err(|error| format!("a reply that is not JSON: {error}"))
}

pub(crate) fn array<'j>(json: Option<&'j Json<'_>>) -> &'j [Json<'j>] {
    match json {
        Some(Json::Array(items)) => items,
        _ => &[],
    }
}

/// The counts that a reply has beside its matter: what the calls consumed, how often they were sent again, and the last id.
pub(crate) fn check_metadata(body: &Json<'_>, heard: &Heard, request_id: &str) -> Result<(), String> {
    let metadata = body.get("ResponseMetadata").ok_or("no ResponseMetadata")?;
    let retries = metadata.get("RetryAttempts").and_then(Json::as_integer);
    ensure!(retries == Some(i64::from(heard.retries)), "{retries:?} attempts, but the store made {}", heard.retries);
    let id = metadata.get("RequestId").and_then(Json::as_str);
    let expected = heard.request_id.as_deref().unwrap_or(request_id);
    ensure!(id == Some(expected), "the id {id:?}, but the last call's is {expected}");
    let capacities = match body.get("ConsumedCapacity") {
        Some(Json::Array(all)) => all.iter().collect(),
        one => one.into_iter().collect::<Vec<_>>(),
    };
    ensure!(
        capacities.len() == heard.consumed.len(),
        "the capacity of {} tables, not {}",
        capacities.len(),
        heard.consumed.len()
    );
    for capacity in capacities {
        let table = capacity.get("TableName").and_then(Json::as_str).unwrap_or("");
        let halves = heard.consumed.iter().find(|(known, _)| known == table).map_or(0, |(_, halves)| *halves);
        let mut places = vec![capacity.get("CapacityUnits")];
        if let Some(one) = capacity.get("Table") {
            places.push(one.get("CapacityUnits"));
        }
        for place in places {
            let units = place.map(Json::to_text).and_then(|text| text.parse::<f64>().ok()).unwrap_or(-1.0);
            ensure!(units * 2.0 == halves as f64, "{units} units of {table}, but {halves} halves were consumed");
        }
    }
    Ok(())
}
