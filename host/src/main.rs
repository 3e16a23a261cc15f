//! The binary `gateleg`: see [`gateleg::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    gateleg::cli::main()
}
