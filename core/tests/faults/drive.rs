//! One request becomes one reply, as `store::drive` does it: no more commands at once than allowed, pauses before what is sent
//! again, `expire` at the deadline. What every step of a plan has to keep to is checked here.
//!
//! What the reply means is left to those who sent the request.

use std::collections::VecDeque;

use gateleg_core::command::Command;
use gateleg_core::context::Context;
use gateleg_core::plan::{Dispatch, MAX_PAGES, Plan, Step, pause_ms};
use gateleg_core::reply::Reply;
use gateleg_core::shape::Name;
use gateleg_core::tree::Node;

use crate::ensure;
use crate::world::{Next, World};

/// A reply, and what the plan was told before it.
pub(crate) struct Answered {
    pub(crate) plan: u32,
    pub(crate) reply: Reply,
    /// How many commands were planned.
    pub(crate) sends: u64,
    pub(crate) heard: Heard,
}

/// What outcomes said about their calls.
#[derive(Default)]
pub(crate) struct Heard {
    /// By table, in half units.
    pub(crate) consumed: Vec<(String, u64)>,
    pub(crate) retries: u32,
    pub(crate) request_id: Option<String>,
}

impl Heard {
    fn hear(&mut self, request_id: Option<String>, retries: u32, consumed: Vec<(String, u64)>) {
        self.request_id = request_id.or(self.request_id.take());
        self.retries += retries;
        for (table, halves) in consumed {
            match self.consumed.iter_mut().find(|(known, _)| *known == table) {
                Some((_, sum)) => *sum += halves,
                None => self.consumed.push((table, halves)),
            }
        }
    }
}

/// `most_sends` is how many commands may be planned at most.
pub(crate) fn drive(world: &mut World, request: &str, context: &Context, most_sends: u64) -> Result<Answered, String> {
    let plan_number = world.next_plan();
    world.say(|| format!("plan {plan_number} <- {request}  {}", context.to_text()));
    let deadline = context.remaining_ms.map(|ms| world.clock + ms);
    let max_in_flight = context.max_in_flight.map_or(8, |most| most.max(1) as usize);
    let (mut plan, mut step) = Plan::open(request.as_bytes(), context);
    let mut queue: VecDeque<Dispatch> = VecDeque::new();
    let (mut running, mut sends, mut heard) = (0, 0, Heard::default());
    let (mut told_remaining, mut has_failed) = (None, false);
    let reply = loop {
        match step {
            Step::Done(reply) => break reply,
            Step::Send(dispatches) => {
                ensure!(!dispatches.is_empty(), "a step sends nothing");
                // Trying again what failed is the store's business, and done once.
                ensure!(!has_failed, "commands are sent although a call has failed");
                ensure!(context.remaining_ms != Some(0), "commands are sent although no time was left to start");
                for dispatch in dispatches {
                    check(&dispatch, told_remaining)?;
                    world.say(|| sent(plan_number, &dispatch));
                    if dispatch.attempt == MOST_ATTEMPTS {
                        world.tally.saw("sent again as often as may be");
                    }
                    queue.push_back(dispatch);
                    sends += 1;
                }
            }
            Step::Wait => ensure!(running > 0, "it waits, but nothing is under way"),
        }
        let under_way = running + queue.len();
        ensure!(under_way <= max_in_flight, "{under_way} commands are under way at once, but {max_in_flight} may be");
        ensure!(sends <= most_sends, "{sends} commands, and no end in sight");
        while let Some(dispatch) = queue.pop_front() {
            world.start(plan_number, dispatch);
            running += 1;
        }
        // A driver may say how much is left as of now, or as of when it began to wait.
        let before = deadline.map(|deadline| deadline - world.clock);
        match world.next(plan_number, deadline) {
            Next::Answer(answer) => {
                running -= 1;
                let (ticket, outcome) = (answer.ticket, answer.outcome);
                has_failed |= outcome.result.is_err();
                world.say(|| format!("plan {plan_number} #{ticket} -> {}", outcome.to_text()));
                heard.hear(outcome.request_id.clone(), outcome.retry_attempts, answer.consumed);
                let now = deadline.map(|deadline| deadline.saturating_sub(world.clock));
                told_remaining = if world.chance.one_in(2) { now } else { before };
                step = plan.resume(ticket, outcome, told_remaining).map_err(|misuse| misuse.to_string())?;
            }
            Next::Deadline => {
                world.say(|| format!("plan {plan_number}: time is up"));
                world.tally.saw("time was up");
                step = Step::Done(plan.expire());
            }
            Next::Nothing => return Err("it waits, but nothing is under way".into()),
        }
    };
    world.say(|| format!("plan {plan_number} -> {} {}", reply.status, reply.text()));
    ensure!(deadline.is_none_or(|deadline| world.clock <= deadline), "the reply comes after its deadline");
    if let Some(max) = context.max_reply_bytes {
        let length = reply.body.len() as u64;
        ensure!(length <= max, "a reply of {length} bytes, but {max} is the most");
    }
    Ok(Answered { plan: plan_number, reply, sends, heard })
}

/// Most commands that a list or a query may plan.
pub(crate) const MOST_PAGES: u64 = MAX_PAGES as u64;

/// How often work may be sent again in a row without any of it getting through.
const MOST_ATTEMPTS: u32 = 10;

/// Most commands that a batch of so many may plan: each is sent ten times again in vain, and once more when it gets through.
pub(crate) fn most_calls(units: usize) -> u64 {
    12 * units as u64 + 12
}

/// What every dispatch has to be.
fn check(dispatch: &Dispatch, remaining: Option<u64>) -> Result<(), String> {
    let units = units(&dispatch.command);
    let most = if dispatch.command.api.is_write() { 25 } else { 100 };
    ensure!(units <= most, "a command of {units}, but {most} is the most");
    ensure!(dispatch.attempt <= MOST_ATTEMPTS, "work is sent again for the {}th time in vain", dispatch.attempt);
    let pause = pause_ms(dispatch.attempt);
    if let Some(left) = remaining.filter(|_| dispatch.attempt > 0) {
        ensure!(pause < left, "a command would pause for {pause} ms, but {left} ms are left");
    }
    Ok(())
}

/// How many writes or keys a batch command carries.
fn units(command: &Command) -> usize {
    let Some(Node::Map(tables)) = command.input.get(Name::RequestItems) else { return 0 };
    let count = |node: &Node| match node {
        Node::List(writes) => writes.len(),
        Node::Structure(keys) => match keys.get(Name::Keys) {
            Some(Node::List(keys)) => keys.len(),
            _ => 0,
        },
        _ => 0,
    };
    tables.iter().map(|(_, node)| count(node)).sum()
}

fn sent(plan: u32, dispatch: &Dispatch) -> String {
    let Dispatch { ticket, attempt, command } = dispatch;
    let again = if *attempt > 0 { format!(" (attempt {attempt})") } else { String::new() };
    format!("plan {plan} #{ticket}{again} <- {}", command.to_text())
}
