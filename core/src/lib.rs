//! Plans one DynamoDB request, without doing any of it.
//!
//! Bytes in, one [`reply::Reply`] out; between the two, [`command::Command`]s that the caller executes and whose
//! [`outcome::Outcome`]s the caller hands back:
//!
//! ```text
//! bytes -> Request -> Operation (checked) -> Plan <-> (Command, Outcome) -> Reply
//! ```
//!
//! In scope: the protocol, attribute values and their notations, what DynamoDB refuses and in which words, policy, the order
//! of commands, the reply. Out of scope: I/O, clocks, randomness, sockets, logging, and floating point. The crate is `no_std`,
//! holds no `unsafe`, and does not panic, whatever the input. Start at [`plan::Plan`].
//!
//! Modules import only downwards in this order: `join, rule < json, number, nearest, order, pointer, keys, binary < attribute < shape, output < tree <
//! size, expression < warning, reply, error, outcome < reader, value < operation, command, check, rules < policy, context <
//! request < operate < advice < plan < code, explain < transcript < describe`; `error` and `outcome`, and `command`, `check` and `rules`, know
//! each other.

#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs, unreachable_pub)]
// Nothing in here may panic, whatever the input.
#![cfg_attr(
    not(test),
    deny(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::todo,
        clippy::unimplemented,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod advice;
pub mod attribute;
mod binary;
mod check;
pub mod code;
pub mod command;
pub mod context;
pub mod describe;
pub mod error;
pub mod explain;
pub mod expression;
mod join;
pub mod json;
mod keys;
pub mod nearest;
pub mod number;
pub mod operate;
pub mod operation;
mod order;
pub mod outcome;
pub mod output;
pub mod plan;
pub mod pointer;
pub mod policy;
pub mod reader;
pub mod reply;
pub mod request;
pub mod rule;
mod rules;
pub mod shape;
pub mod size;
pub mod transcript;
pub mod tree;
mod value;
pub mod warning;
