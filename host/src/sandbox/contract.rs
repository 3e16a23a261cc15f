//! The contract of `wasm/planner.wit`: what a guest says becomes core's own steps and replies, checked.

use std::collections::BTreeSet;

use gateleg_core::command::{Command, CommandError};
use gateleg_core::plan;
use gateleg_core::reply;
use gateleg_store::PlannerError;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, ComponentExportIndex, ComponentType, Instance, Lift, ResourceAny};
use wasmtime::{Engine, Store};

use super::SandboxError;

const INTERFACE: &str = "gateleg:planner/planner@0.1.0";
const OPEN: &str = "[static]session.open";
const RESUME: &str = "[method]session.resume";
const EXPIRE: &str = "[method]session.expire";

/// The reply headers that are passed on.
const HEADERS: [&str; 4] = ["content-type", "retry-after", "cache-control", "etag"];

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
            Some((ComponentItem::ComponentFunc(_), index)) => Ok(index),
            _ => Err(SandboxError::World(format!("it has no function {name}"))),
        };
        Ok(Exports { open: function(OPEN)?, resume: function(RESUME)?, expire: function(EXPIRE)? })
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

impl Step {
    /// The step as core has it; `tickets` are those given out before.
    pub(super) fn check(self, tickets: &mut BTreeSet<u32>, reply_bytes: usize) -> Result<plan::Step, PlannerError> {
        Ok(match self {
            Step::Send(dispatches) => {
                let checked = dispatches.into_iter().map(|dispatch| dispatch.check(tickets));
                plan::Step::Send(checked.collect::<Result<_, _>>()?)
            }
            Step::Wait => plan::Step::Wait,
            Step::Done(reply) => plan::Step::Done(reply.check(reply_bytes)?),
        })
    }
}

impl Dispatch {
    fn check(self, tickets: &mut BTreeSet<u32>) -> Result<plan::Dispatch, PlannerError> {
        let Dispatch { ticket, attempt, command } = self;
        if !tickets.insert(ticket) {
            return Err(PlannerError::Failed(format!("it gave ticket {ticket} out twice")));
        }
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
