//! `gateleg run`: a request from a file or stdin becomes its reply on stdout, as a server would send it.

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use uuid::Uuid;

use crate::cli::{Source, print};
use crate::failure::Failure;
use crate::gate::Ceilings;
use crate::pretty::pretty;
use crate::setup::Setup;
use crate::units;

/// The options of `gateleg run`.
#[derive(Args, Debug, Clone)]
#[command(after_help = EXAMPLES)]
pub struct Run {
    #[command(flatten)]
    source: Source,

    #[command(flatten)]
    setup: Setup,

    /// Route of the policy file; by default the only one, or /dynamodbmanager
    #[arg(long, value_name = "PATH", requires = "policy")]
    route: Option<String>,

    /// How long the request may take
    #[arg(long, value_name = "TIME", default_value = "25s", value_parser = units::duration)]
    deadline: Duration,

    /// Largest body of the reply
    #[arg(long, value_name = "SIZE", default_value = "6MB", value_parser = units::size)]
    max_reply: usize,
}

const EXAMPLES: &str = "\
Examples:
  gateleg run request.json
  echo '{\"operation\": \"list\", \"tableName\": \"lambda-apigateway\"}' | gateleg run -

The reply is indented on a terminal; in a pipe it is the exact bytes a server would send.
Exit code: 0 for success, 1 when the reply is an error, 2 for a wrong command line.";

impl Run {
    /// Answers the request.
    ///
    /// # Errors
    /// When the request cannot be read, or the store cannot be opened.
    pub fn run(self) -> Result<ExitCode, Failure> {
        let request = self.source.read()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| Failure::new(format!("the threads could not be started: {error}")))?;
        let mut setup = self.setup;
        setup.route = self.route;
        let reply = runtime.block_on(async {
            let ceilings =
                Ceilings { deadline: self.deadline, max_reply: self.max_reply, max_requests: 1, ..Ceilings::default() };
            let gate = setup.open(&ceilings).await?.into_gate();
            Ok(gate.answer(&request, &Uuid::new_v4().to_string(), None).await)
        })?;
        if std::io::stdout().is_terminal() {
            print((pretty(&reply.body) + "\n").as_bytes())?;
        } else {
            print(&reply.body)?;
        }
        Ok(if reply.status < 400 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
