//! The contract of `wasm/planner.wit`: what a guest says becomes core's own steps and replies, checked.

use std::collections::BTreeMap;

use gateleg_core::command::{Command, CommandError};
use gateleg_core::plan;
use gateleg_core::reply;
use gateleg_store::PlannerError;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, ComponentExportIndex, ComponentType, Instance, Lift, ResourceAny};
use wasmtime::{Engine, Store};

use super::SandboxError;

/// The world of a planner.
pub const WORLD: &str = "gateleg:planner/guest@0.1.0";

const INTERFACE: &str = "gateleg:planner/planner@0.1.0";
const OPEN: &str = "[static]session.open";
const RESUME: &str = "[method]session.resume";
const EXPIRE: &str = "[method]session.expire";

/// The reply headers that are passed on.
const HEADERS: [&str; 4] = ["content-type", "retry-after", "cache-control", "etag"];

/// Most commands of one request that are awaited at once. Each waits in the host's memory; our own planner never has more under way
/// than the context allows, which is 16.
const MAX_AWAITED: usize = 1000;

/// Longer header values are refused.
const MAX_HEADER: usize = 1024;

/// What `open` takes and returns.
pub(super) type Open<'r> = (&'r [u8], &'r str);
pub(super) type Opened = ((ResourceAny, Step),);
/// What `resume` takes and returns.
pub(super) type Resume<'r> = (ResourceAny, u32, &'r str, Option<u64>);
pub(super) type Resumed = (Result<Step, String>,);
/// What `expire` takes and returns.
pub(super) type Expire = (ResourceAny,);
pub(super) type Expired = (Reply,);

/// Where a session's functions are in a component.
pub(super) struct Exports {
    pub(super) open: ComponentExportIndex,
    pub(super) resume: ComponentExportIndex,
    pub(super) expire: ComponentExportIndex,
}

impl Exports {
    /// Finds them by name.
    pub(super) fn find(engine: &Engine, component: &Component) -> Result<Self, SandboxError> {
        let Some((ComponentItem::ComponentInstance(_), interface)) = component.get_export(None, INTERFACE) else {
            let exports: Vec<String> =
                component.component_type().exports(engine).map(|(name, _)| name.to_string()).collect();
            let found = if exports.is_empty() { "nothing".into() } else { exports.join(", ") };
            return Err(SandboxError::World(format!("it exports {found} instead of {INTERFACE}")));
        };
        let function = |name| match component.get_export(Some(&interface), name) {
            Some((ComponentItem::ComponentFunc(_), index)) => Some(index),
            _ => None,
        };
        match (function(OPEN), function(RESUME), function(EXPIRE)) {
            (Some(open), Some(resume), Some(expire)) => Ok(Exports { open, resume, expire }),
            found => {
                let found = [(OPEN, found.0), (RESUME, found.1), (EXPIRE, found.2)];
                let missing: Vec<&str> =
                    found.iter().filter(|(_, index)| index.is_none()).map(|(name, _)| *name).collect();
                Err(SandboxError::World(format!("its {INTERFACE} has no function {}", missing.join(", "))))
            }
        }
    }

    /// Checks their types.
    pub(super) fn check<T: 'static>(&self, instance: &Instance, store: &mut Store<T>) -> Result<(), SandboxError> {
        let wrong = |name| {
            move |error: wasmtime::Error| {
                SandboxError::World(format!("its {name} is of another type: {}", error.root_cause()))
            }
        };
        instance.get_typed_func::<Open<'_>, Opened>(&mut *store, &self.open).map_err(wrong(OPEN))?;
        instance.get_typed_func::<Resume<'_>, Resumed>(&mut *store, &self.resume).map_err(wrong(RESUME))?;
        instance.get_typed_func::<Expire, Expired>(&mut *store, &self.expire).map_err(wrong(EXPIRE))?;
        Ok(())
    }
}

/// A command that a guest asks for.
#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct Dispatch {
    ticket: u32,
    attempt: u32,
    command: String,
}

/// A guest's reply.
#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    error: Option<(String, String)>,
    body: Vec<u8>,
}

/// A guest's step.
#[derive(ComponentType, Lift)]
#[component(variant)]
pub(super) enum Step {
    #[component(name = "send")]
    Send(Vec<Dispatch>),
    #[component(name = "wait")]
    Wait,
    #[component(name = "done")]
    Done(Reply),
}

/// The commands that a guest has asked for: no ticket is given out twice, and no more is awaited than the host can hold.
pub(super) struct Awaited {
    /// Every ticket ever given out, and of those whose outcome is awaited the length of the command.
    tickets: BTreeMap<u32, Option<usize>>,
    commands: usize,
    bytes: usize,
    most_bytes: usize,
}

impl Awaited {
    /// None yet.
    pub(super) fn new(most_bytes: usize) -> Self {
        Awaited { tickets: BTreeMap::new(), commands: 0, bytes: 0, most_bytes }
    }

    /// Whether these may be awaited as well.
    pub(super) fn has_room(&self, dispatches: &[Dispatch]) -> Result<(), PlannerError> {
        let commands = self.commands.saturating_add(dispatches.len());
        if commands > MAX_AWAITED {
            return Err(PlannerError::Failed(format!(
                "it has {commands} commands under way, more than the {MAX_AWAITED} it may have"
            )));
        }
        let bytes = dispatches.iter().fold(self.bytes, |sum, it| sum.saturating_add(it.command.len()));
        if bytes > self.most_bytes {
            return Err(PlannerError::Failed(format!(
                "its commands under way have {bytes} bytes, more than the {} they may have",
                self.most_bytes
            )));
        }
        Ok(())
    }

    /// The guest took the outcome of that one.
    pub(super) fn came(&mut self, ticket: u32) {
        if let Some(bytes) = self.tickets.get_mut(&ticket).and_then(Option::take) {
            self.commands = self.commands.saturating_sub(1);
            self.bytes = self.bytes.saturating_sub(bytes);
        }
    }

    fn sent(&mut self, ticket: u32, bytes: usize) -> Result<(), PlannerError> {
        if self.tickets.contains_key(&ticket) {
            return Err(PlannerError::Failed(format!("it gave ticket {ticket} out twice")));
        }
        self.tickets.insert(ticket, Some(bytes));
        self.commands = self.commands.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
        Ok(())
    }
}

impl Dispatch {
    /// The dispatch as core has it.
    pub(super) fn check(self, awaited: &mut Awaited) -> Result<plan::Dispatch, PlannerError> {
        let Dispatch { ticket, attempt, command } = self;
        awaited.sent(ticket, command.len())?;
        let command = Command::parse(&command).map_err(|error| {
            // The rule's own message may quote an item's values, which are not for the log.
            let fault = match error {
                CommandError::Form(_) => "is not a call of the API in wire JSON".into(),
                CommandError::Parameters(error) => match error.path() {
                    Some(path) => format!("is not valid at {path}"),
                    None => "is not valid".into(),
                },
            };
            PlannerError::Failed(format!("its command under ticket {ticket} {fault}"))
        })?;
        Ok(plan::Dispatch { ticket, attempt, command })
    }
}

impl Reply {
    /// The reply as core has it, with the headers that are passed on.
    pub(super) fn check(self, reply_bytes: usize) -> Result<reply::Reply, PlannerError> {
        let failed = |text| Err(PlannerError::Failed(text));
        let Reply { status, headers, error, body } = self;
        if !(200..=599).contains(&status) {
            return failed(format!("its reply has status {status}, which is none from 200 to 599"));
        }
        if body.len() > reply_bytes {
            return failed(format!("its reply has {} bytes, more than the {reply_bytes} it may have", body.len()));
        }
        let mut checked: Vec<(String, String)> = Vec::with_capacity(headers.len().min(HEADERS.len()));
        for (name, value) in headers {
            let Some(known) = HEADERS.into_iter().find(|known| name.eq_ignore_ascii_case(known)) else { continue };
            if checked.iter().any(|(before, _)| before == known) {
                return failed(format!("its reply has the header {known} twice"));
            }
            // RFC 9110, field-value; nothing beyond ASCII, and no tab.
            if value.len() > MAX_HEADER || !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
                return failed(format!("its reply's header {known} is no header value"));
            }
            checked.push((known.into(), value));
        }
        Ok(reply::Reply { status, headers: checked, error, body })
    }
}
