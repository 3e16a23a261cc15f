//! A store that fails on purpose, on a clock of its own: a command becomes the moment at which it takes effect, if it does, and
//! the moment at which its outcome arrives.
//!
//! What the tables hold is left to `table`, who sends what to `drive`. Nothing here sleeps: time is the next event's.

use std::collections::BTreeMap;

use gateleg_core::command::Command;
use gateleg_core::outcome::{Outcome, StoreError};
use gateleg_core::plan::{Dispatch, pause_ms};

use crate::chance::Chance;
use crate::table::{Tables, Whole};
use crate::tally::Tally;

/// How a store fails until it does no more.
#[derive(Debug)]
pub(crate) struct Faults {
    /// When all is well again, in milliseconds.
    pub(crate) until: u64,
    /// How often in a thousand calls are turned away, or answered with an error and done, or not done.
    pub(crate) throttled: u64,
    pub(crate) done_and_lost: u64,
    pub(crate) undone: u64,
    pub(crate) refused: u64,
    /// How often calls do only part of the work, and how much of it they leave.
    pub(crate) partial: u64,
    pub(crate) left: u64,
    /// How often pages end early.
    pub(crate) cut: u64,
    /// How long a call takes at most.
    pub(crate) slow_ms: u64,
}

impl Faults {
    pub(crate) fn new(chance: &mut Chance) -> Self {
        let rates = [0, 0, 30, 200, 600];
        let longest = *chance.pick(&[500, 2_000, 4_000, 4_000, 4_000, 4_000, 4_000, 40_000]);
        Faults {
            until: chance.below(longest),
            throttled: *chance.pick(&rates),
            done_and_lost: *chance.pick(&rates),
            undone: *chance.pick(&rates),
            refused: *chance.pick(&[0, 0, 0, 30, 100]),
            partial: *chance.pick(&[0, 200, 600, 1000]),
            left: *chance.pick(&[20, 300, 800, 1000]),
            cut: *chance.pick(&[0, 0, 300, 800]),
            slow_ms: *chance.pick(&[5, 5, 50, 400, 3_000]),
        }
    }
}

/// What answers to the commands of one plan after another.
pub(crate) struct World {
    pub(crate) clock: u64,
    pub(crate) chance: Chance,
    pub(crate) tables: Tables,
    pub(crate) faults: Faults,
    /// Most items of a page.
    pub(crate) page: usize,
    pub(crate) tally: Tally,
    /// The writes that took effect, by the plan that sent them, where a history keeps them.
    pub(crate) landed: Vec<(u32, String)>,
    trace: bool,
    events: BTreeMap<(u64, u64), Event>,
    count: u64,
    plans: u32,
}

struct Event {
    plan: u32,
    ticket: u32,
    what: What,
}

enum What {
    /// The store takes the command in.
    Arrive(Command),
    /// It takes effect; its outcome is this error, or what comes of it.
    Land(Command, Option<StoreError>),
    Answer(Answer),
}

/// An outcome, and what the call consumed by table, in half units.
pub(crate) struct Answer {
    pub(crate) ticket: u32,
    pub(crate) outcome: Outcome,
    pub(crate) consumed: Vec<(String, u64)>,
}

/// What a plan hears next.
pub(crate) enum Next {
    Answer(Box<Answer>),
    Deadline,
    Nothing,
}

const THROTTLED: [&str; 3] = ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"];
const BROKEN: [&str; 4] =
    ["InternalServerError", "ServiceUnavailableException", "TimeoutException", "StoreConfigurationException"];

impl World {
    pub(crate) fn new(chance: Chance, faults: Faults, trace: bool) -> Self {
        World {
            clock: 0,
            chance,
            tables: Tables::default(),
            faults,
            page: 20,
            tally: Tally::default(),
            landed: Vec::new(),
            trace,
            events: BTreeMap::new(),
            count: 0,
            plans: 0,
        }
    }

    /// Prints a line of the trace, if there is one.
    pub(crate) fn say(&self, line: impl FnOnce() -> String) {
        if self.trace {
            println!("{:>6} ms  {}", self.clock, line());
        }
    }

    pub(crate) fn next_plan(&mut self) -> u32 {
        self.plans += 1;
        self.plans
    }

    pub(crate) fn is_well(&self) -> bool {
        self.clock >= self.faults.until
    }

    /// Takes a dispatch in; it arrives after its pause.
    pub(crate) fn start(&mut self, plan: u32, dispatch: Dispatch) {
        let most = pause_ms(dispatch.attempt);
        let pause = most / 2 + self.chance.below(most / 2 + 1);
        self.at(self.clock + pause, plan, dispatch.ticket, What::Arrive(dispatch.command));
    }

    /// What a plan hears next, at the deadline at the latest.
    pub(crate) fn next(&mut self, plan: u32, deadline: Option<u64>) -> Next {
        loop {
            let Some((&(time, _), _)) = self.events.first_key_value() else { return Next::Nothing };
            if let Some(deadline) = deadline.filter(|deadline| *deadline < time) {
                self.clock = deadline;
                return Next::Deadline;
            }
            if let Some((_, answer)) = self.step().filter(|(sender, _)| *sender == plan) {
                return Next::Answer(Box::new(answer));
            }
        }
    }

    /// Lets time pass; what is on its way goes on.
    pub(crate) fn pass(&mut self, ms: u64) {
        let end = self.clock + ms;
        while self.events.first_key_value().is_some_and(|(&(time, _), _)| time <= end) {
            self.step();
        }
        self.clock = end;
    }

    /// Waits until nothing is on its way.
    pub(crate) fn settle(&mut self) {
        while !self.events.is_empty() {
            self.step();
        }
    }

    fn step(&mut self) -> Option<(u32, Answer)> {
        let ((time, _), Event { plan, ticket, what }) = self.events.pop_first()?;
        self.clock = time;
        match what {
            What::Arrive(command) => self.arrive(plan, ticket, command),
            What::Land(command, error) => self.land(plan, ticket, &command, error),
            What::Answer(answer) => return Some((plan, answer)),
        }
        None
    }

    /// A call's fate is decided as it arrives.
    fn arrive(&mut self, plan: u32, ticket: u32, command: Command) {
        let is_well = self.is_well();
        let faults = &self.faults;
        let fates = [faults.throttled, faults.done_and_lost, faults.undone, faults.refused];
        let chance = &mut self.chance;
        let first = if is_well { 1 } else { 1 + chance.below(faults.slow_ms) };
        let fate = fates.iter().position(|rate| !is_well && chance.per_mille(*rate));
        let is_write = command.api.is_write();
        let mut error = |kinds: &[&str], may_have_happened: bool| {
            let mut error = StoreError::new(*chance.pick(kinds), "No");
            error.may_have_happened = is_write && may_have_happened;
            error
        };
        let (what, seen) = match fate {
            Some(0) => (Err(error(&THROTTLED, false)), "throttled"),
            Some(1) => (Ok(Some(error(&BROKEN, true))), "done, and the answer lost"),
            // A throttled call may have had an attempt before it whose end is not known.
            Some(2) => (Err(error(&[BROKEN.as_slice(), &THROTTLED].concat(), true)), "not done, and nobody knows"),
            Some(_) => (Err(error(&["ResourceNotFoundException", "AccessDeniedException"], false)), "refused"),
            None => (Ok(None), "answered"),
        };
        self.tally.saw(seen);
        let at = self.clock + first;
        match what {
            Ok(error) => self.at(at, plan, ticket, What::Land(command, error)),
            Err(error) => self.answer(at, plan, ticket, Err(error), Vec::new()),
        }
    }

    fn land(&mut self, plan: u32, ticket: u32, command: &Command, error: Option<StoreError>) {
        let is_well = self.is_well();
        let left = if !is_well && self.chance.per_mille(self.faults.partial) { self.faults.left } else { 0 };
        let is_cut = !is_well && self.chance.per_mille(self.faults.cut);
        let mut whole = Whole { chance: &mut self.chance, left, is_cut, page: self.page };
        let result = self.tables.execute(command, &mut whole);
        self.landed.extend(self.tables.landed.drain(..).map(|write| (plan, write)));
        let consumed = std::mem::take(&mut self.tables.consumed);
        self.say(|| format!("plan {plan} #{ticket} takes effect"));
        let second = if is_well { 1 } else { 1 + self.chance.below(self.faults.slow_ms) };
        let at = self.clock + second;
        match (error, result) {
            // A refusal stays one; an answer is lost.
            (Some(error), Ok(_)) => self.answer(at, plan, ticket, Err(error), Vec::new()),
            (_, result) => self.answer(at, plan, ticket, result, consumed),
        }
    }

    fn answer(
        &mut self,
        at: u64,
        plan: u32,
        ticket: u32,
        result: Result<gateleg_core::tree::Structure, StoreError>,
        consumed: Vec<(String, u64)>,
    ) {
        let retry_attempts = if self.is_well() { 0 } else { self.chance.below(3) as u32 };
        let outcome = Outcome { result, request_id: Some(format!("A{}", self.count)), retry_attempts };
        self.at(at, plan, ticket, What::Answer(Answer { ticket, outcome, consumed }));
    }

    fn at(&mut self, time: u64, plan: u32, ticket: u32, what: What) {
        self.count += 1;
        self.events.insert((time, self.count), Event { plan, ticket, what });
    }
}
