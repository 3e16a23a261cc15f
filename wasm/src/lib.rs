//! The planner as WebAssembly, with thin faces: `guest`, a component for the host; `browser`, for a web page; and `replay`, with
//! which JavaScript replays the corpus.
//!
//! Each turns what crosses its boundary into calls of core, and what core answers into what crosses back.
//! What a request means is core's; executing commands is left to whoever holds the session.
//!
//! The guest imports nothing and a page fetches every byte, so there is no `std` in any: they bring their own heap, and a panic
//! is a trap.

#![cfg_attr(target_arch = "wasm32", no_std)]
#![cfg_attr(
    not(all(target_arch = "wasm32", any(feature = "guest", feature = "browser", feature = "replay"))),
    allow(dead_code, reason = "no face, no caller")
)]

#[cfg(all(
    target_arch = "wasm32",
    any(
        all(feature = "guest", feature = "browser"),
        all(feature = "guest", feature = "replay"),
        all(feature = "browser", feature = "replay")
    )
))]
compile_error!(
    "expected one of the features `guest`, `browser` and `replay`, but found more: a wasm file has one face"
);

extern crate alloc;

#[cfg(any(feature = "browser", test))]
mod arena;
#[cfg(all(feature = "browser", target_arch = "wasm32"))]
mod browser;
#[cfg(feature = "guest")]
mod guest;
#[cfg(any(all(target_arch = "wasm32", not(feature = "browser")), test))]
mod heap;
#[cfg(any(target_arch = "wasm32", feature = "browser", test))]
mod memory;
#[cfg(feature = "replay")]
mod replay;
#[cfg(any(feature = "guest", feature = "replay"))]
mod session;

/// Nothing in core panics; what does all the same, running out of memory among it, is for whoever loaded this to report.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn trap(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
