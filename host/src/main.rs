//! The binary `gateleg`: see [`gateleg::cli`].

use std::process::ExitCode;

/// A request in a sandbox allocates and frees a hundred times, among it pieces of some kilobytes, which the system's allocator does
/// not keep at hand.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    gateleg::cli::main()
}
