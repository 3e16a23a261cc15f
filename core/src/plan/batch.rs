//! A batch of any length becomes calls of at most 25 writes or 100 keys, and what a call leaves unprocessed is sent again,
//! until all is done or time is up; what then remains is in the reply, with a request for it that is ready to send.
//!
//! Calls go side by side where the order of writes cannot matter: reads, and writes whose items are known to differ. Otherwise
//! one goes after the other, leftovers first. A call that fails ends the batch: retrying it was the store's business.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::answer::{Answer, ENVELOPE, Failure};
use super::sum;
use super::{Sending, pause_ms};
use crate::attribute::Notation;
use crate::command::{Api, Command};
use crate::json::{self, Object};
use crate::keys;
use crate::order;
use crate::reply::Reply;
use crate::rules::{MAX_KEYS, MAX_WRITES};
use crate::shape::{self, Name};
use crate::tree::{Node, Structure};

/// Most bytes of one call: DynamoDB takes 16 MB.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html>
const MAX_CALL_BYTES: usize = 16 * 1024 * 1024 - 64 * 1024;

/// How often work is sent again in a row without any of it getting through, before it is handed back.
const MAX_ATTEMPTS: u32 = 10;

/// A batch under way.
#[derive(Debug)]
pub(super) struct Batch {
    api: Api,
    /// The call without its `RequestItems`.
    frame: Structure,
    tables: Vec<Table>,
    /// What was not sent yet, the last first.
    pending: Vec<Unit>,
    /// What is to be sent again, the last first.
    again: Vec<Chunk>,
    /// What is on its way, by part.
    flying: Vec<(usize, Chunk)>,
    /// What is given up on.
    left: Vec<Unit>,
    /// Whether one call has to wait for the one before.
    in_order: bool,
    next_part: usize,
    /// How many calls may still be made.
    calls_left: u64,
    count: usize,
    sums: Sums,
    /// Nothing more is to be sent.
    stopped: bool,
    /// Bytes of one item that does not fit into the reply.
    too_large: Option<usize>,
    failure: Option<Failure>,
}

/// A table of the batch.
#[derive(Debug)]
struct Table {
    name: String,
    /// For reads, what goes with its keys.
    frame: Structure,
    /// For reads, the items that were found, as they stand in the reply, by the place of their call; `None` if no answer
    /// named the table.
    found: Option<Vec<(usize, String)>>,
}

/// One write or one key.
#[derive(Debug)]
struct Unit {
    /// Its place in the request, so that what remains keeps the request's order.
    place: usize,
    table: usize,
    node: Node,
}

/// What one call carries.
#[derive(Debug)]
struct Chunk {
    units: Vec<Unit>,
    attempt: u32,
}

impl Chunk {
    /// The place of the first of what it carries.
    fn place(&self) -> usize {
        self.units.first().map_or(0, |unit| unit.place)
    }
}

/// What the answers add up to.
#[derive(Debug, Default)]
struct Sums {
    answers: u32,
    has_responses: bool,
    /// Bytes of items that were found.
    bytes: usize,
    /// For reads into a reply of limited size, bytes of keys that are not done: they may have to go into the reply.
    undone: usize,
    capacity: Vec<Node>,
    metrics: Vec<(String, Node)>,
}

impl Batch {
    /// `keys` are the names of tables' key attributes, where they are known.
    pub(super) fn new(command: Command, keys: &[(String, Vec<String>)]) -> Self {
        let Command { api, input: mut frame } = command;
        let mut batch = Batch {
            api,
            tables: Vec::new(),
            pending: Vec::new(),
            again: Vec::new(),
            flying: Vec::new(),
            left: Vec::new(),
            in_order: false,
            next_part: 0,
            calls_left: u64::MAX,
            count: 0,
            sums: Sums::default(),
            stopped: false,
            too_large: None,
            failure: None,
            frame: Structure::new(api.input()),
        };
        if let Some(Node::Map(tables)) = frame.take(Name::RequestItems) {
            for (name, node) in tables {
                let (frame, nodes) = apart(node);
                // Items that differ in their keys, which the rules have seen to, may be written in any order.
                let known = keys::of(keys, &name).is_some() || nodes.iter().all(is_delete);
                batch.in_order |= api.is_write() && !known;
                let table = batch.tables.len();
                batch.tables.push(Table { name, frame, found: None });
                for node in nodes {
                    batch.pending.push(Unit { place: batch.count, table, node });
                    batch.count += 1;
                }
            }
        }
        batch.pending.reverse();
        batch.frame = frame;
        batch
    }

    /// Makes no more calls than that; what remains is handed back.
    pub(super) fn at_most(mut self, calls: Option<u64>) -> Self {
        self.calls_left = calls.unwrap_or(u64::MAX);
        self
    }

    /// Keeps room in a reply of limited size for the keys of reads, which may have to go into it.
    pub(super) fn make_room(&mut self, answer: &Answer) {
        if let (Some(room), false) = (answer.room(0), self.api.is_write()) {
            let frames = self.tables.iter().map(|table| 16 + table.name.len() + length(&table.frame, answer));
            let undone = frames.sum::<usize>() + keys_length(&self.pending, answer);
            // Keys that cannot be handed back at all are no reason to read less.
            self.sums.undone = if undone > room { 0 } else { undone };
        }
    }

    /// Whether there is more to send than what is on its way.
    pub(super) fn has_more(&self) -> bool {
        self.calls_left > 0 && (!self.pending.is_empty() || !self.again.is_empty())
    }

    /// The calls to make now.
    pub(super) fn send(&mut self, room: usize, remaining_ms: Option<u64>) -> Vec<Sending> {
        let mut sends = Vec::new();
        while sends.len() < room && !self.stopped && self.failure.is_none() {
            if self.calls_left == 0 || (self.in_order && !self.flying.is_empty()) {
                break;
            }
            let Some(chunk) = self.again.pop().or_else(|| self.cut()) else { break };
            let in_vain = chunk.attempt > MAX_ATTEMPTS
                || (chunk.attempt > 0 && remaining_ms.is_some_and(|left| left <= pause_ms(chunk.attempt)));
            if in_vain {
                self.stopped = true;
                self.left.extend(chunk.units);
                break;
            }
            let part = self.next_part;
            self.next_part += 1;
            self.calls_left -= 1;
            sends.push(Sending { part, attempt: chunk.attempt, command: self.command(&chunk.units) });
            self.flying.push((part, chunk));
        }
        sends
    }

    /// As much of what was not sent yet as one call takes.
    fn cut(&mut self) -> Option<Chunk> {
        let mut units = Vec::new();
        let (mut bytes, mut scratch) = (0, String::new());
        while let Some(unit) = self.pending.pop() {
            scratch.clear();
            unit.node.write(&mut scratch, Notation::WIRE);
            bytes += scratch.len();
            if units.len() == self.most() || (bytes > MAX_CALL_BYTES && !units.is_empty()) {
                self.pending.push(unit);
                break;
            }
            units.push(unit);
        }
        (!units.is_empty()).then_some(Chunk { units, attempt: 0 })
    }

    fn most(&self) -> usize {
        if self.api.is_write() { MAX_WRITES } else { MAX_KEYS }
    }

    fn command(&self, units: &[Unit]) -> Command {
        let mut input = self.frame.clone();
        input.set(Name::RequestItems, self.request_items(units.iter()));
        Command { api: self.api, input }
    }

    /// The units by table, in the order in which their tables come first.
    fn request_items<'u>(&self, units: impl Iterator<Item = &'u Unit>) -> Node {
        let mut tables: Vec<(usize, Vec<Node>)> = Vec::new();
        for unit in units {
            match tables.iter_mut().find(|(table, _)| *table == unit.table) {
                Some((_, nodes)) => nodes.push(unit.node.clone()),
                None => tables.push((unit.table, alloc::vec![unit.node.clone()])),
            }
        }
        let entry = |(index, nodes): (usize, Vec<Node>)| {
            let table = self.tables.get(index)?;
            let node = if self.api.is_write() {
                Node::List(nodes)
            } else {
                Node::Structure(table.frame.clone().with(Name::Keys, Some(Node::List(nodes))))
            };
            Some((table.name.clone(), node))
        };
        Node::Map(tables.into_iter().filter_map(entry).collect())
    }

    /// Takes the answer to one call in.
    pub(super) fn take(&mut self, part: usize, result: Result<Structure, Failure>, answer: &Answer) {
        let Some(chunk) = self.land(part) else { return };
        let mut output = match result {
            Ok(output) => output,
            Err(failure) => {
                let may_have_happened = failure.error.may_have_happened;
                // The first is told, with what is true of any.
                self.failure.get_or_insert(failure).error.may_have_happened |= may_have_happened;
                self.left.extend(chunk.units);
                return;
            }
        };
        if let Some(capacity) = output.take(Name::ConsumedCapacity) {
            sum::add_capacities(&mut self.sums.capacity, capacity);
        }
        if let Some(metrics) = output.take(Name::ItemCollectionMetrics) {
            sum::add_lists(&mut self.sums.metrics, metrics);
        }
        let place = chunk.place();
        let units = self.leftovers(&mut output, place);
        let undone = match self.sums.undone {
            0 => 0,
            before => before.saturating_sub(keys_length(&chunk.units, answer)) + keys_length(&units, answer),
        };
        if let Some(Node::Map(responses)) = output.take(Name::Responses)
            && let Err(bytes) = self.keep(responses, place, undone, answer)
        {
            self.halve(chunk, bytes, answer);
            return;
        }
        self.sums.answers += 1;
        self.sums.undone = undone;
        self.send_again(&chunk, units);
    }

    /// Takes an answer in that is made up.
    pub(super) fn imagine(&mut self, part: usize, mut output: Structure) {
        let Some(chunk) = self.land(part) else { return };
        let units = self.leftovers(&mut output, chunk.place());
        self.send_again(&chunk, units);
    }

    /// What was on its way as that part.
    fn land(&mut self, part: usize) -> Option<Chunk> {
        let at = self.flying.iter().position(|(flying, _)| *flying == part)?;
        Some(self.flying.remove(at).1)
    }

    /// Sends again what is left over of a chunk.
    fn send_again(&mut self, chunk: &Chunk, units: Vec<Unit>) {
        if !units.is_empty() {
            // As long as something gets through, there is no reason to wait longer and longer.
            let attempt = if units.len() < chunk.units.len() { 1 } else { chunk.attempt + 1 };
            self.again.push(Chunk { units, attempt });
        }
    }

    /// Keeps the items that were found, if they fit into the reply beside the keys that are then `undone`; otherwise says how
    /// large they are.
    fn keep(
        &mut self,
        responses: Vec<(String, Node)>,
        place: usize,
        undone: usize,
        answer: &Answer,
    ) -> Result<(), usize> {
        let mut written = Vec::new();
        let mut bytes = 0;
        for (name, node) in responses {
            let mut items = String::new();
            if let Node::List(nodes) = node {
                for (index, item) in nodes.iter().enumerate() {
                    if index > 0 {
                        items.push(',');
                    }
                    item.write(&mut items, answer.notation);
                }
            }
            bytes += items.len();
            written.push((name, items));
        }
        let sums = &self.sums;
        let is_more = bytes + undone > sums.undone;
        let too_large = |room: usize| sums.bytes + bytes > room || (is_more && sums.bytes + bytes + undone > room);
        if self.room(answer).is_some_and(too_large) {
            return Err(bytes);
        }
        self.sums.bytes += bytes;
        self.sums.has_responses = true;
        for (name, items) in written {
            let table = self.table(&name, || Structure::new(&shape::KEYS_AND_ATTRIBUTES));
            if let Some(table) = self.tables.get_mut(table) {
                table.found.get_or_insert_default().push((place, items));
            }
        }
        Ok(())
    }

    /// How many bytes of items and keys the reply can hold, beside the capacity of all tables.
    fn room(&self, answer: &Answer) -> Option<usize> {
        answer.max_reply_bytes?;
        let known: usize = self.sums.capacity.iter().map(|capacity| node_length(capacity, answer)).sum();
        answer.room(known * self.tables.len().max(1) / self.sums.capacity.len().max(1))
    }

    /// What was found does not fit: half as many keys might, unless the reply is well filled already.
    fn halve(&mut self, mut chunk: Chunk, bytes: usize, answer: &Answer) {
        let room = self.room(answer).map(|room| room.saturating_sub(self.sums.undone));
        let is_filled = room.is_some_and(|room| self.sums.bytes * 2 >= room);
        let half = chunk.units.len() / 2;
        if half == 0 || (is_filled && self.sums.answers > 0) {
            self.stopped = true;
            self.too_large = Some(bytes);
            self.left.extend(chunk.units);
            return;
        }
        let second = chunk.units.split_off(half);
        self.again.push(Chunk { units: second, attempt: 0 });
        self.again.push(Chunk { units: chunk.units, attempt: 0 });
    }

    /// What the store says it has not done, to be sent again in the place of what it was part of.
    fn leftovers(&mut self, output: &mut Structure, place: usize) -> Vec<Unit> {
        let left = output.take(leftovers(self.api));
        let Some(Node::Map(tables)) = left else { return Vec::new() };
        let mut units = Vec::new();
        for (name, node) in tables {
            let (frame, nodes) = apart(node);
            let table = self.table(&name, || frame);
            units.extend(nodes.into_iter().map(|node| Unit { place, table, node }));
        }
        units
    }

    /// The place of a table; a store may call one by another name than the request did.
    fn table(&mut self, name: &str, frame: impl FnOnce() -> Structure) -> usize {
        match self.tables.iter().position(|table| table.name == name) {
            Some(at) => at,
            None => {
                self.tables.push(Table { name: name.into(), frame: frame(), found: None });
                self.tables.len() - 1
            }
        }
    }

    /// Whether there is something to reply with, were it to end now.
    pub(super) fn has_something(&self) -> bool {
        self.sums.answers > 0
    }

    /// What was done, and what remains.
    pub(super) fn finish(&mut self, answer: &Answer) -> Reply {
        let mut left = core::mem::take(&mut self.left);
        for (_, chunk) in core::mem::take(&mut self.flying) {
            left.extend(chunk.units);
        }
        for chunk in core::mem::take(&mut self.again).into_iter().rev() {
            left.extend(chunk.units);
        }
        left.extend(core::mem::take(&mut self.pending).into_iter().rev());
        order::sort(&mut left, |a, b| a.place.cmp(&b.place));
        let items = self.request_items(left.iter());
        let next = (!left.is_empty()).then(|| answer.next(self.api, &items, &self.frame));
        if let Some(failure) = self.failure.take()
            && !(failure.is_transient() && self.has_something())
        {
            let error = answer.failure(self.api, failure);
            // Of reads nothing is done: an error has no place for what was found.
            let is_begun = self.api.is_write() && self.has_something();
            let (true, Some(next)) = (is_begun, next) else { return answer.refuse(error) };
            let done = self.progress(left.len());
            let hint = format!("{done}; next is a request for what remains, the call that failed first");
            let reply = error.clone().hint(hint).next(next).reply(&answer.request_id);
            if answer.fits(reply.body.len()) {
                return reply;
            }
            return answer.refuse(error.hint(format!("{done}; the reply cannot hold what remains")));
        }
        if let (Some(bytes), false) = (self.too_large, self.has_something()) {
            return answer.too_large(bytes + ENVELOPE, "").reply(&answer.request_id);
        }
        self.sort_found();
        let body = answer.body(self.sums.bytes, |object| self.write(object, &items, next.as_deref(), answer));
        if next.is_none() || answer.fits(body.len()) {
            return answer.finish(body, self.api.is_write());
        }
        // What remains stands in it twice; once is enough to lose nothing.
        let body = answer.body(self.sums.bytes, |object| self.write(object, &items, None, answer));
        if self.api.is_write() && !answer.fits(body.len()) {
            let error = answer.too_large(body.len(), &format!("; {}", self.progress(left.len())));
            return error
                .hint("Send fewer writes at once, so that a reply can hold what remains")
                .reply(&answer.request_id);
        }
        answer.finish(body, false)
    }

    /// How much is written when so much is left.
    fn progress(&self, left: usize) -> String {
        format!("{} of {} writes are done", self.count.saturating_sub(left), self.count)
    }

    /// Items come in the order of the calls that found them, tables by name, whichever answer came first.
    fn sort_found(&mut self) {
        for found in self.tables.iter_mut().filter_map(|table| table.found.as_mut()) {
            order::sort(found, |(a, _), (b, _)| a.cmp(b));
        }
        order::sort(&mut self.tables, |a, b| a.name.cmp(&b.name));
    }

    fn write(&self, object: &mut Object<'_>, left: &Node, next: Option<&str>, answer: &Answer) {
        for member in self.api.output().members {
            match member.name {
                Name::Responses if self.sums.has_responses => {
                    let mut responses = Object::new(object.member(member.name.as_str()));
                    for table in &self.tables {
                        let Some(found) = &table.found else { continue };
                        let items = found.iter().map(|(_, items)| items).filter(|items| !items.is_empty());
                        json::write_array(responses.member(&table.name), items, |out, items| out.push_str(items));
                    }
                    responses.end();
                }
                name if name == leftovers(self.api) => left.write(object.member(name.as_str()), answer.notation),
                Name::ConsumedCapacity if !self.sums.capacity.is_empty() => {
                    json::write_array(object.member(member.name.as_str()), &self.sums.capacity, |out, capacity| {
                        capacity.write(out, answer.notation);
                    });
                }
                Name::ItemCollectionMetrics if !self.sums.metrics.is_empty() => {
                    let mut metrics = Object::new(object.member(member.name.as_str()));
                    for (table, list) in &self.sums.metrics {
                        list.write(metrics.member(table), answer.notation);
                    }
                    metrics.end();
                }
                _ => {}
            }
        }
        if let Some(next) = next {
            object.member("next").push_str(next);
        }
    }
}

/// One table's share of a batch: for reads what goes with the keys, and the keys or writes.
fn apart(node: Node) -> (Structure, Vec<Node>) {
    match node {
        Node::Structure(mut frame) => {
            let keys = match frame.take(Name::Keys) {
                Some(Node::List(keys)) => keys,
                _ => Vec::new(),
            };
            (frame, keys)
        }
        Node::List(writes) => (Structure::new(&shape::KEYS_AND_ATTRIBUTES), writes),
        _ => (Structure::new(&shape::KEYS_AND_ATTRIBUTES), Vec::new()),
    }
}

fn is_delete(write: &Node) -> bool {
    matches!(write, Node::Structure(write) if write.get(Name::DeleteRequest).is_some())
}

/// How long these keys are in a reply.
fn keys_length<'u>(units: impl IntoIterator<Item = &'u Unit>, answer: &Answer) -> usize {
    units.into_iter().map(|unit| 1 + node_length(&unit.node, answer)).sum()
}

fn node_length(node: &Node, answer: &Answer) -> usize {
    let mut out = String::new();
    node.write(&mut out, answer.notation);
    out.len()
}

fn length(structure: &Structure, answer: &Answer) -> usize {
    let mut out = String::new();
    structure.write(&mut out, answer.notation);
    out.len()
}

/// The member that says what a call has left undone.
fn leftovers(api: Api) -> Name {
    if api.is_write() { Name::UnprocessedItems } else { Name::UnprocessedKeys }
}
