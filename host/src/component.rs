//! A component's file, as it is named on a command line, becomes its bytes, and never more of them than a component may have.
//!
//! Whether they can plan is left to [`sandbox`](crate::sandbox).

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use crate::failure::Failure;
use crate::sandbox::SandboxError;

/// Larger files are not read: compiling takes time and memory for every byte. Whole language runtimes have some ten million.
const MOST_BYTES: u64 = 64 << 20;

/// Reads the file.
///
/// # Errors
/// When it cannot be read, or is too large.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes));
    match read {
        Err(error) => {
            let name = path.display();
            let failure = match error.kind() {
                ErrorKind::IsADirectory => Failure::new(format!("the planner {name} cannot be read: it is a folder")),
                _ => Failure::new(format!("the planner {name} cannot be read: {error}")),
            };
            Err(failure.hint("Name the file of a WebAssembly component"))
        }
        Ok(_) if bytes.len() as u64 > MOST_BYTES => Err(Failure::new(format!(
            "expected a component of at most {MOST_BYTES} bytes, but {} has more",
            path.display()
        ))),
        Ok(_) => Ok(bytes),
    }
}

/// What to do about a refusal.
pub fn hint(refusal: &SandboxError) -> Option<&'static str> {
    match refusal {
        SandboxError::Imports(_) => Some(
            "A planner has no files, clock or network: build it without WASI, or compose it with components that stand in for \
             what it imports",
        ),
        SandboxError::World(_) => Some("wasm/planner.wit is the contract; generate the exports from it"),
        _ => None,
    }
}
