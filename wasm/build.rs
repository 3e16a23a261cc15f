//! Sets the linker up for the guest. Its stack comes first in memory, where running over its end traps instead of
//! overwriting what comes after, and is small, because the host wipes it between requests. Behind the stack and the
//! constants there is room enough that most requests never ask for more, which takes a system call.

use std::env;

const STACK: u32 = 64 << 10;
const MEMORY: u32 = 192 << 10;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let wasm = env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32");
    if wasm && env::var_os("CARGO_FEATURE_GUEST").is_some() {
        println!("cargo::rustc-link-arg-cdylib=-zstack-size={STACK}");
        println!("cargo::rustc-link-arg-cdylib=--stack-first");
        println!("cargo::rustc-link-arg-cdylib=--initial-memory={MEMORY}");
    }
}
