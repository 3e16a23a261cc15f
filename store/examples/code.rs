//! Runs the Rust that core writes for one of its golden requests, so that it is known to compile and to do what it should:
//! `cargo run -p gateleg-store --example code --features dynamodb -- read`.

use std::error::Error;

macro_rules! cases {
    ($($case:ident)*) => {
        $(mod $case {
            include!(concat!("../../core/tests/code/", stringify!($case), "/rust.rs"));

            pub(super) fn run() -> Result<(), Box<dyn std::error::Error>> {
                main()
            }
        })*

        fn main() -> Result<(), Box<dyn Error>> {
            match std::env::args().nth(1).unwrap_or_default().as_str() {
                $(stringify!($case) => $case::run(),)*
                other => Err(format!("expected one of {}, but found {other:?}", stringify!($($case)*)).into()),
            }
        }
    };
}

cases! { batch create hostile legacy list read transaction }
