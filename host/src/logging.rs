//! `--log-level`, `--log-format` and `RUST_LOG` become where and how events are written: stderr, as text or JSON lines.

use std::io::{self, IsTerminal as _, Write};

use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;

use crate::failure::Failure;

/// How the log is written.
#[derive(Args, Debug, Clone)]
pub struct Logging {
    /// How much the log says: error, warn, info, debug or trace. RUST_LOG can say more precisely
    #[arg(long, global = true, value_enum, value_name = "LEVEL")]
    log_level: Option<Level>,

    /// How the log is written
    #[arg(long, global = true, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    log_format: Format,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// A line a person reads
    Text,
    /// One JSON object per line
    Json,
}

impl Logging {
    /// Starts the log; `quiet` is for commands whose output is something else.
    ///
    /// # Errors
    /// When `RUST_LOG` makes no sense.
    pub fn start(&self, quiet: bool) -> Result<(), Failure> {
        let level = match self.log_level {
            None if quiet => "warn",
            None | Some(Level::Info) => "info",
            Some(Level::Error) => "error",
            Some(Level::Warn) => "warn",
            Some(Level::Debug) => "debug",
            Some(Level::Trace) => "trace",
        };
        // Only our own crates at the level asked for: the SDK's finer levels write out whole requests, items included.
        let ours = format!("warn,gateleg={level},gateleg_store={level}");
        let filter = match std::env::var("RUST_LOG") {
            Ok(text) if !text.trim().is_empty() && self.log_level.is_none() => {
                EnvFilter::try_new(&text).map_err(|error| {
                    Failure::usage(format!("RUST_LOG: {error}")).hint("For example: RUST_LOG=gateleg=debug")
                })?
            }
            _ => EnvFilter::new(ours),
        };
        let builder =
            tracing_subscriber::fmt().with_env_filter(filter).with_writer(|| Lossy(io::stderr())).with_target(false);
        let colours = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        // A second start, as in a test that calls a command in its own process, changes nothing.
        let _ = match self.log_format {
            Format::Text => builder.with_ansi(colours).try_init(),
            // The target tells the access log from the rest.
            Format::Json => builder.json().flatten_event(true).with_target(true).with_span_list(false).try_init(),
        };
        Ok(())
    }

    /// Whether the log is for machines.
    pub fn is_json(&self) -> bool {
        self.log_format == Format::Json
    }
}

/// What cannot be written is lost, and nothing else: told of it, the subscriber writes about that to stderr, and panics because
/// that cannot be written either. A log on a full disk would so end requests.
struct Lossy<W>(W);

impl<W: Write> Write for Lossy<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(self.0.write(bytes).unwrap_or(bytes.len()))
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = self.0.flush();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::StorageFull.into())
        }
    }

    #[test]
    fn a_log_that_cannot_be_written_ends_nothing() {
        let subscriber = tracing_subscriber::fmt().with_writer(|| Lossy(Full)).finish();
        tracing::subscriber::with_default(subscriber, || tracing::error!("nobody will read this"));
    }
}
