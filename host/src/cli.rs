//! What a person types becomes one of the commands of the other modules, and an exit code.

use std::fs;
use std::io::{ErrorKind, IsTerminal as _, Read as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;

use crate::export::Export;
use crate::failure::Failure;
use crate::import::Import;
use crate::inspect::Inspect;
use crate::load::Load;
use crate::logging::Logging;
use crate::plan::Plan;
use crate::policy::Policy;
use crate::run::Run;
use crate::sandbox::precompile;
use crate::serve::Serve;
use crate::table::Table;

/// One request protocol in front of DynamoDB tables: on this machine, with nothing else installed
#[derive(Parser, Debug)]
#[command(name = "gateleg", version, about, after_help = EXAMPLES, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    #[command(flatten)]
    logging: Logging,
}

const EXAMPLES: &str = "\
Examples:
  gateleg serve                  serve http://127.0.0.1:8080/dynamodbmanager from a file on this machine
  gateleg run request.json       answer one request
  gateleg plan request.json      show what a request would do, and touch nothing
  gateleg table create orders --key customer:S --sort placed:N
  gateleg import orders.ndjson --table orders

'gateleg COMMAND --help' says more about each.";

#[derive(Subcommand, Debug)]
enum Command {
    /// Serve the API over HTTP
    Serve(Serve),
    /// Answer one request from a file or stdin
    Run(Run),
    /// Show the storage commands of a request, without executing them
    Plan(Plan),
    /// Write a file of items, one per line, into a table
    Import(Import),
    /// Read a table into a file of items, one per line
    Export(Export),
    /// Make, list, describe and delete tables of the embedded store
    Table(Table),
    /// Say what a planner's file holds, and whether it would load
    Inspect(Inspect),
    /// Say what a policy file allows, or print the IAM policy for it
    Policy(Policy),
    /// Drive load at an API, and say how it does and what that costs. It writes, unless told otherwise
    Load(Load),
    /// Print a completion script for a shell
    #[command(after_help = COMPLETIONS)]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Compile the built-in planner to machine code, for the build of a release
    #[command(hide = true)]
    Precompile {
        /// The file to write
        out: PathBuf,
    },
}

const COMPLETIONS: &str = "\
Examples:
  gateleg completions bash > ~/.local/share/bash-completion/completions/gateleg
  gateleg completions zsh > ~/.zfunc/_gateleg
  gateleg completions fish > ~/.config/fish/completions/gateleg.fish";

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(failure.code())
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let quiet = !matches!(cli.command, Command::Serve(_));
    cli.logging.start(quiet)?;
    match cli.command {
        Command::Serve(serve) => serve.run(!cli.logging.is_json()).map(|()| ExitCode::SUCCESS),
        Command::Run(run) => run.run(),
        Command::Plan(plan) => plan.run(),
        Command::Import(import) => import.run(),
        Command::Export(export) => export.run(),
        Command::Table(table) => table.run().map(|()| ExitCode::SUCCESS),
        Command::Inspect(inspect) => inspect.run(),
        Command::Policy(policy) => policy.run(),
        Command::Load(load) => load.run(),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "gateleg", &mut script);
            print(&script).map(|()| ExitCode::SUCCESS)
        }
        Command::Precompile { out } => {
            let code = precompile().map_err(|error| Failure::new(error.to_string()))?;
            fs::write(&out, code)
                .map_err(|error| Failure::new(format!("{} cannot be written: {error}", out.display())))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Where a request comes from.
#[derive(Args, Debug, Clone)]
pub struct Source {
    /// File that holds the request; '-', or none, is stdin
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
}

impl Source {
    /// What to call it: the file as it was typed, or `stdin`.
    pub fn name(&self) -> String {
        if self.file.as_os_str() == "-" { "stdin".into() } else { self.file.display().to_string() }
    }

    /// Reads all of it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self) -> Result<Vec<u8>, Failure> {
        if self.file.as_os_str() != "-" {
            return fs::read(&self.file)
                .map_err(|error| Failure::new(format!("the request {} cannot be read: {error}", self.file.display())));
        }
        let mut stdin = std::io::stdin();
        if stdin.is_terminal() {
            eprintln!("Type a request; Ctrl-D ends it.");
        }
        let mut request = Vec::new();
        stdin
            .read_to_end(&mut request)
            .map_err(|error| Failure::new(format!("the request cannot be read from stdin: {error}")))?;
        Ok(request)
    }
}

/// Writes to stdout; a reader that has seen enough, as `head` has, is no failure.
///
/// # Errors
/// When the text cannot be written for another reason.
pub fn print(text: &[u8]) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("the output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
