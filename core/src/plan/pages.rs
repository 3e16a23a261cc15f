//! A Scan or a Query becomes its pages: one, or with `options.all` as many as there are, in segments if asked for, until
//! the end or a ceiling; what was read so far and where to go on is then the reply.
//!
//! A page's items are written as soon as it comes, and its tree is dropped: a plan of many pages holds little more than its
//! reply. A page that would make the reply too large is asked for again at half its size.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::Sending;
use super::answer::{Answer, ENVELOPE, Failure};
use super::sum;
use crate::attribute::{Attributes, write_attributes};
use crate::command::Command;
use crate::json::{self, Object};
use crate::policy::Ceilings;
use crate::reply::Reply;
use crate::request::{Options, Start};
use crate::shape::Name;
use crate::tree::{Node, Structure};

/// Most pages that one request reads.
pub const MAX_PAGES: u32 = 64;

/// A Scan or a Query under way.
#[derive(Debug)]
pub(super) struct Pages {
    /// The call, without what differs from page to page.
    command: Command,
    /// Whether a page is followed by the next.
    follow: bool,
    /// Most items of one page, as the caller has it.
    limit: Option<i64>,
    /// How many items may still come: `options.maxItems`.
    wanted: Option<i64>,
    calls_left: u32,
    is_segmented: bool,
    segments: Vec<Segment>,
    sums: Sums,
    /// Nothing more is to be read.
    stopped: bool,
    /// Bytes of a page that does not fit and cannot be made smaller.
    too_large: Option<usize>,
    failure: Option<Failure>,
}

/// One of the parts that are read side by side; without segments, the only one.
#[derive(Debug, Default)]
struct Segment {
    state: State,
    /// The last key of the page that was kept last.
    after: Option<Attributes>,
    /// Most items of one page, so that the reply holds it.
    most: Option<i64>,
    /// The items of each page, as they stand in the reply, between commas. Not one growing text: each time such a text moves
    /// to a larger place it leaves one behind that is of no use to a page.
    pages: Vec<Box<str>>,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    /// There is more to read.
    #[default]
    Open,
    /// A page is on its way.
    Asked,
    /// It was read to its end.
    Done,
}

/// What the pages that were kept add up to.
#[derive(Debug, Default)]
struct Sums {
    pages: u32,
    has_items: bool,
    count: Option<i64>,
    scanned: Option<i64>,
    capacity: Option<Structure>,
    /// Bytes of items.
    bytes: usize,
}

impl Pages {
    pub(super) fn new(mut command: Command, options: &mut Options, ceilings: &Ceilings) -> Self {
        let start = match command.input.take(Name::ExclusiveStartKey) {
            Some(Node::Attributes(key)) => Some(key),
            _ => None,
        };
        let limit = match command.input.take(Name::Limit) {
            Some(Node::Integer(limit)) => Some(limit),
            _ => None,
        };
        let starts = options.starts.take();
        let is_segmented = starts.is_some();
        let segments: Vec<Segment> = match starts {
            None => alloc::vec![Segment { after: start, ..Segment::default() }],
            Some(starts) => starts.into_iter().map(Segment::from).collect(),
        };
        Pages {
            follow: options.all,
            limit,
            wanted: options.max_items.into_iter().chain(ceilings.items.and_then(|most| i64::try_from(most).ok())).min(),
            calls_left: [ceilings.pages, ceilings.commands]
                .into_iter()
                .flatten()
                .filter_map(|most| u32::try_from(most).ok())
                .fold(MAX_PAGES, u32::min),
            is_segmented,
            segments,
            sums: Sums { has_items: command.input.text(Name::Select) != Some("COUNT"), ..Sums::default() },
            stopped: false,
            too_large: None,
            failure: None,
            command,
        }
    }

    /// Whether there may be more calls than the first ones.
    pub(super) fn has_more(&self) -> bool {
        self.follow
    }

    /// The pages to ask for now.
    pub(super) fn send(&mut self, room: usize) -> Vec<Sending> {
        let mut sends = Vec::new();
        let is_over = self.stopped
            || self.failure.is_some()
            || self.wanted.is_some_and(|wanted| wanted <= 0)
            || (!self.follow && self.sums.pages > 0);
        if is_over {
            return sends;
        }
        for part in 0..self.segments.len() {
            if sends.len() >= room || self.calls_left == 0 {
                break;
            }
            if let Some(command) = self.ask(part) {
                self.calls_left -= 1;
                sends.push(Sending { part, attempt: 0, command });
            }
        }
        sends
    }

    /// The call for the next page of a segment, if it has one and none is on its way.
    fn ask(&mut self, part: usize) -> Option<Command> {
        let total = i64::try_from(self.segments.len()).unwrap_or(i64::MAX);
        let segment = self.segments.get_mut(part).filter(|segment| segment.state == State::Open)?;
        segment.state = State::Asked;
        let mut command = self.command.clone();
        if let Some(limit) = [self.limit, segment.most, self.wanted].into_iter().flatten().min() {
            command.input.set(Name::Limit, Node::Integer(limit));
        }
        if let Some(key) = &segment.after {
            command.input.set(Name::ExclusiveStartKey, Node::Attributes(key.clone()));
        }
        if self.is_segmented {
            command.input.set(Name::TotalSegments, Node::Integer(total));
            command.input.set(Name::Segment, Node::Integer(i64::try_from(part).unwrap_or(0)));
        }
        Some(command)
    }

    /// Takes a page in, or the news that there is none.
    pub(super) fn take(&mut self, part: usize, result: Result<Structure, Failure>, answer: &Answer) {
        if let Some(segment) = self.segments.get_mut(part) {
            segment.state = State::Open;
        }
        let mut page = match result {
            Ok(page) => page,
            Err(failure) => {
                self.failure.get_or_insert(failure);
                return;
            }
        };
        if let Some(Node::Structure(capacity)) = page.take(Name::ConsumedCapacity) {
            sum::add_capacity(&mut self.sums.capacity, capacity);
        }
        let others = self.beside_items(answer);
        let Some(segment) = self.segments.get_mut(part) else { return };
        let items = page.take(Name::Items);
        let has_items = items.is_some();
        let last = last_key(&mut page);
        let (count, scanned) = (integer(&mut page, Name::Count), integer(&mut page, Name::ScannedCount));
        let mut text = String::new();
        let mut read = 0;
        if let Some(Node::List(items)) = &items {
            read = i64::try_from(items.len()).unwrap_or(i64::MAX);
            for item in items {
                if !text.is_empty() {
                    text.push(',');
                }
                item.write(&mut text, answer.notation);
            }
        }
        drop(items);
        // And a comma.
        let bytes = text.len() + usize::from(self.sums.bytes > 0);
        let others = others + last.as_ref().map_or(0, |key| key_length(key, answer));
        if let Some(room) = answer.room(others)
            && self.sums.bytes + bytes > room
        {
            let read = scanned.unwrap_or(read);
            self.shrink(part, read, bytes + others, room);
            return;
        }
        if !text.is_empty() {
            segment.pages.push(text.into_boxed_str());
        }
        let sums = &mut self.sums;
        sums.has_items = has_items || (sums.has_items && sums.pages > 0);
        sums.bytes += bytes;
        add(&mut sums.count, count);
        add(&mut sums.scanned, scanned);
        self.turn(part, last, count.unwrap_or(read));
    }

    /// A page is read: so many items, and the key after which the segment goes on.
    fn turn(&mut self, part: usize, last: Option<Attributes>, items: i64) {
        if let Some(segment) = self.segments.get_mut(part) {
            segment.state = if last.is_none() { State::Done } else { State::Open };
            segment.after = last;
        }
        self.wanted = self.wanted.map(|wanted| wanted - items);
        self.sums.pages += 1;
    }

    /// Takes a page in that is made up.
    pub(super) fn imagine(&mut self, part: usize, mut page: Structure) {
        let last = last_key(&mut page);
        let items = integer(&mut page, Name::Count).unwrap_or(0);
        self.turn(part, last, items);
    }

    /// A page of so many items does not fit: a smaller one might, unless the reply is well filled already.
    fn shrink(&mut self, part: usize, read: i64, bytes: usize, room: usize) {
        if self.sums.bytes * 2 >= room && self.sums.pages > 0 {
            self.stopped = true;
        } else if read > 1 {
            if let Some(segment) = self.segments.get_mut(part) {
                segment.most = Some(read / 2);
            }
        } else {
            self.stopped = true;
            self.too_large = Some(bytes);
        }
    }

    /// How long the capacity is in the reply, and the keys of segments that say where to go on.
    fn beside_items(&self, answer: &Answer) -> usize {
        if answer.max_reply_bytes.is_none() {
            return 0;
        }
        let capacity = self.sums.capacity.as_ref().map_or(0, |capacity| {
            let mut out = String::new();
            capacity.write(&mut out, answer.notation);
            out.len()
        });
        let segments = self.segments.iter().filter(|_| self.is_segmented);
        capacity + segments.map(|s| 16 + s.after.as_ref().map_or(0, |key| key_length(key, answer))).sum::<usize>()
    }

    /// Whether there is something to reply with, were it to end now.
    pub(super) fn has_something(&self) -> bool {
        self.sums.pages > 0
    }

    /// What was read, and where to go on.
    pub(super) fn finish(&mut self, answer: &Answer) -> Reply {
        let is_complete = self.segments.iter().all(|segment| segment.state == State::Done);
        if let Some(failure) = self.failure.take()
            && !(failure.is_transient() && self.has_something())
        {
            return answer.failure(self.command.api, failure).reply(&answer.request_id);
        }
        if let (Some(bytes), false) = (self.too_large, self.has_something()) {
            return answer.too_large(bytes + ENVELOPE, "").reply(&answer.request_id);
        }
        if !self.has_something() && !is_complete {
            return answer.too_large(ENVELOPE, "").reply(&answer.request_id);
        }
        let body = answer.body(self.sums.bytes, |object| self.write(object, answer));
        answer.finish(body, false)
    }

    fn write(&self, object: &mut Object<'_>, answer: &Answer) {
        if self.sums.has_items {
            let pages = self.segments.iter().flat_map(|segment| &segment.pages);
            json::write_array(object.member(Name::Items.as_str()), pages, |out, page| out.push_str(page));
        }
        for (name, sum) in [(Name::Count, self.sums.count), (Name::ScannedCount, self.sums.scanned)] {
            if let Some(sum) = sum {
                json::write_integer(object.member(name.as_str()), sum);
            }
        }
        let is_complete = self.segments.iter().all(|segment| segment.state == State::Done);
        match self.segments.as_slice() {
            [only] if !self.is_segmented => {
                if let Some(key) = &only.after {
                    write_attributes(object.member(Name::LastEvaluatedKey.as_str()), key, answer.notation);
                }
            }
            segments if !is_complete => {
                json::write_array(object.member("Continuation"), segments, |out, segment| segment.write(out, answer));
            }
            _ => {}
        }
        if let Some(capacity) = &self.sums.capacity {
            capacity.write(object.member(Name::ConsumedCapacity.as_str()), answer.notation);
        }
    }
}

impl From<Start> for Segment {
    fn from(start: Start) -> Self {
        match start {
            Start::Beginning => Segment::default(),
            Start::After(key) => Segment { after: Some(key), ..Segment::default() },
            Start::Done => Segment { state: State::Done, ..Segment::default() },
        }
    }
}

impl Segment {
    /// Where to go on: `{}`, `{"after": {key}}` or `{"done": true}`.
    fn write(&self, out: &mut String, answer: &Answer) {
        let mut object = Object::new(out);
        if self.state == State::Done {
            json::write_bool(object.member("done"), true);
        } else if let Some(key) = &self.after {
            write_attributes(object.member("after"), key, answer.notation);
        }
        object.end();
    }
}

fn last_key(page: &mut Structure) -> Option<Attributes> {
    match page.take(Name::LastEvaluatedKey) {
        Some(Node::Attributes(key)) => Some(key),
        _ => None,
    }
}

fn integer(page: &mut Structure, name: Name) -> Option<i64> {
    match page.take(name) {
        Some(Node::Integer(number)) => Some(number),
        _ => None,
    }
}

fn add(sum: &mut Option<i64>, more: Option<i64>) {
    if let Some(more) = more {
        *sum = Some(sum.unwrap_or(0).saturating_add(more));
    }
}

fn key_length(key: &Attributes, answer: &Answer) -> usize {
    let mut out = String::new();
    write_attributes(&mut out, key, answer.notation);
    out.len()
}
