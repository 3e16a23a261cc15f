//! Executes storage commands: the [`Store`] trait, the stores that implement it, and [`drive`], the only loop that does I/O.
//!
//! What to send is the planner's decision; whether it may be sent is decided here, again, for every command.

mod budget;
pub mod capacity;
#[cfg(feature = "dynamodb")]
mod causes;
#[cfg(feature = "dynamodb")]
pub mod connections;
mod drive;
#[cfg(feature = "dynamodb")]
pub mod dynamodb;
#[cfg(feature = "embedded")]
pub mod embedded;
pub mod envelope;
pub mod labels;
#[cfg(feature = "policy")]
pub mod policy;
pub mod units;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use gateleg_core::command::Command;
use gateleg_core::outcome::Outcome;

pub use drive::{Limits, NativePlanner, Planner, PlannerError, drive};

/// A future that can move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Something that executes one command.
///
/// A future that is dropped may leave a write half way: [`drive`] gives each a task of its own and never drops it.
pub trait Store: Send + Sync + 'static {
    /// Executes the command as it is; whether it is allowed was decided before.
    fn execute(&self, command: Command) -> BoxFuture<'_, Outcome>;
}

impl<S: Store + ?Sized> Store for Arc<S> {
    fn execute(&self, command: Command) -> BoxFuture<'_, Outcome> {
        (**self).execute(command)
    }
}
