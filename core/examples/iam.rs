//! The least IAM policy for operations on a table, on standard output: `cargo run --package gateleg-core --example iam -- orders read,list`.
//!
//! `*` is all operations. What `gateleg policy iam` prints for the same, but compact, and without building the host.

use std::env;

use gateleg_core::explain::iam_of;
use gateleg_core::policy::{Allowed, Policy};

fn main() {
    let mut args = env::args().skip(1);
    let (table, operations) = (args.next().unwrap_or_default(), args.next().unwrap_or_default());
    let policy = Policy { operations: Allowed::from_list(&operations), ..Policy::tables(Allowed::from_list(&table)) };
    println!("{}", iam_of(&[(&policy, &|name| name.to_owned())]));
}
