//! The host: HTTP requests and command lines become replies of a planner, with a store behind it.
//!
//! [`gate`] answers one request, wherever it came from. [`server`] puts it behind HTTP; [`door`] decides who may come in by
//! that way. [`cli`] is what a person types. What a request means is left to the planner, in core or in a guest; what a
//! command does is left to the store.
//!
//! ```text
//! cli -> run, import, export -----> gate -> planner (sandbox | native)
//!     -> serve -> server, routes -> gate -> store::drive -> store
//!     -> plan, table, inspect, policy, load
//! ```
//!
//! `door` and `page` are for HTTP only; `setup` makes routes of options or of a policy file.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking"))]

pub mod ask;
pub mod body;
pub mod checkpoint;
pub mod cli;
pub mod component;
pub mod diagnostic;
pub mod door;
pub mod export;
pub mod failure;
pub mod folders;
pub mod gate;
pub mod import;
pub mod inspect;
pub mod lines;
pub mod load;
pub mod logging;
pub mod metrics;
pub mod page;
pub mod plan;
pub mod policy;
pub mod pretty;
pub mod progress;
pub mod reload;
pub mod routes;
pub mod run;
pub mod sandbox;
pub mod serve;
pub mod server;
pub mod setup;
pub mod table;
pub mod tls;
pub mod trace;
pub mod units;

/// A request in a sandbox allocates and frees a hundred times, among it pieces of some kilobytes, which the system's allocator does
/// not keep at hand.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
