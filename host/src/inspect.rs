//! `gateleg inspect`: a file becomes a description of the planner in it, and whether a server would load it, for a person or as
//! JSON.
//!
//! What there is to know comes from [`sandbox`](crate::sandbox); nothing is served, and no store is opened.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use gateleg_core::json::{Object, write_array, write_integer, write_string};

use crate::cli::print;
use crate::component;
use crate::failure::Failure;
use crate::pretty::visible;
use crate::sandbox::{Inspection, Kind, Limits, Needs, WORLD, inspect};

/// The options of `gateleg inspect`.
#[derive(Args, Debug, Clone)]
#[command(after_help = EXAMPLES)]
pub struct Inspect {
    /// File of a WebAssembly component
    #[arg(value_name = "FILE.wasm")]
    file: PathBuf,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  gateleg inspect planner.wasm
  gateleg inspect planner.wasm --json

Exit code: 0 if 'gateleg serve --planner' would load it, 1 if not, 2 for a wrong command line.";

impl Inspect {
    /// Describes the file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn run(self) -> Result<ExitCode, Failure> {
        let bytes = component::read(&self.file)?;
        let inspection = inspect(&bytes, Limits { max_concurrent: 1, ..Limits::default() });
        let file = self.file.display().to_string();
        let text =
            if self.json { write(&file, bytes.len(), &inspection) } else { lay_out(&file, bytes.len(), &inspection) };
        print(text.as_bytes())?;
        Ok(if inspection.refusal.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn lay_out(file: &str, size: usize, inspection: &Inspection) -> String {
    let Inspection { kind, sha256, imports, exports, needs, refusal } = inspection;
    let mut out = String::new();
    let mut line = |name: &str, text: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "  {name:<8} {text}");
    };
    line("size", &format!("{size} bytes"));
    line("sha256", sha256);
    line(
        "kind",
        match kind {
            Kind::Component => "WebAssembly component",
            Kind::Module => "core WebAssembly module",
            Kind::Other => "not WebAssembly",
        },
    );
    for (name, list) in [("imports", imports), ("exports", exports)] {
        if let Some(list) = list {
            line(name, &if list.is_empty() { "nothing".into() } else { list.join(", ") });
        }
    }
    if let Some(Needs { core_instances, memories, memory_bytes, tables, table_elements, .. }) = needs {
        line("memory", &format!("{memory_bytes} bytes at the start"));
        let largest = if *tables == 0 { String::new() } else { format!(" of at most {table_elements} elements") };
        line(
            "needs",
            &format!(
                "{}, {}, {}{largest}, for each request under way",
                counted(*core_instances, "core instance", "core instances"),
                counted(*memories, "memory", "memories"),
                counted(*tables, "table", "tables"),
            ),
        );
    }
    match refusal {
        None => {
            line("world", WORLD);
            line("loads", "yes");
        }
        Some(refusal) => {
            line("loads", &format!("no: {refusal}"));
            if let Some(hint) = component::hint(refusal) {
                line("hint", hint);
            }
        }
    }
    visible(&format!("{file}\n{out}"))
}

fn counted(number: u32, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn write(file: &str, size: usize, inspection: &Inspection) -> String {
    let Inspection { kind, sha256, imports, exports, needs, refusal } = inspection;
    let mut out = String::new();
    let mut object = Object::new(&mut out);
    object.string("file", file);
    write_integer(object.member("bytes"), i64::try_from(size).unwrap_or(i64::MAX));
    object.string("sha256", sha256);
    object.string("kind", kind.as_str());
    for (name, list) in [("imports", imports), ("exports", exports)] {
        if let Some(list) = list {
            write_array(object.member(name), list, |out, item| write_string(out, item));
        }
    }
    if let Some(needs) = needs {
        for (name, number) in [
            ("memoryBytes", needs.memory_bytes),
            ("coreInstances", needs.core_instances.into()),
            ("memories", needs.memories.into()),
            ("tables", needs.tables.into()),
            ("tableElements", needs.table_elements),
        ] {
            write_integer(object.member(name), i64::try_from(number).unwrap_or(i64::MAX));
        }
    }
    if refusal.is_none() {
        object.string("world", WORLD);
    }
    object.member("loads").push_str(if refusal.is_none() { "true" } else { "false" });
    if let Some(refusal) = refusal {
        object.string("reason", &refusal.to_string());
        if let Some(hint) = component::hint(refusal) {
            object.string("hint", hint);
        }
    }
    object.end();
    out.push('\n');
    out
}
