//! Sets the linker up for the guest: its stack comes first in memory, where running over its end traps instead of
//! overwriting what comes after, and is small, because the host wipes it between requests.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let wasm = env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32");
    if wasm && env::var_os("CARGO_FEATURE_GUEST").is_some() {
        println!("cargo::rustc-link-arg-cdylib=-zstack-size=65536");
        println!("cargo::rustc-link-arg-cdylib=--stack-first");println!("cargo::rustc-link-arg-cdylib=--initial-memory=196608");
    }
}
