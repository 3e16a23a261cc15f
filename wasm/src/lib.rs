//! The planner as WebAssembly, with two thin faces: `guest`, a component for the host, and `browser`, a package for a web page.
//!
//! Both turn what crosses their boundary into calls of `session::Session`, and what it answers into what crosses back.
//! What a request means is core's; executing commands is left to whoever holds the session.

#![cfg_attr(all(feature = "guest", target_arch = "wasm32"), no_std)]
#![cfg_attr(not(any(feature = "guest", feature = "browser")), allow(dead_code, reason = "no face, no caller"))]

#[cfg(all(feature = "browser", feature = "guest", target_arch = "wasm32"))]
compile_error!("expected one of the features `browser` and `guest`, but found both: a wasm file has one face");

extern crate alloc;

#[cfg(feature = "browser")]
mod browser;
#[cfg(feature = "guest")]
mod guest;
mod session;
