//! Sets the linker up. The stack comes first in memory, where running over its end traps instead of overwriting what comes
//! after, and is small: the host wipes it between requests, and what comes after it has short addresses. Behind the stack and
//! the constants there is room enough that most of a guest's requests never ask for more, which takes a system call.

use std::env;

const STACK: u32 = 64 << 10;
const MEMORY: u32 = 192 << 10;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let wasm = env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32");
    if wasm {
        println!("cargo::rustc-link-arg-cdylib=-zstack-size={STACK}");
        println!("cargo::rustc-link-arg-cdylib=--stack-first");
        // Otherwise every address and every function's number takes five bytes, whatever it is.
        println!("cargo::rustc-link-arg-cdylib=--compress-relocations");
    }
    if wasm && env::var_os("CARGO_FEATURE_GUEST").is_some() {
        println!("cargo::rustc-link-arg-cdylib=--initial-memory={MEMORY}");
    }
}
