//! SIGHUP becomes a new reading of what the server was started with, as far as it can be read anew, while it serves.
//!
//! Each thing answers for itself: what is at fault stays as it was, and keeps nothing else from being read.

use std::sync::Arc;

use crate::failure::Failure;

type Read = Arc<dyn Fn() -> Result<(), Failure> + Send + Sync>;

/// What is read anew, each under the name that the log calls it by.
#[derive(Default)]
pub struct Reload {
    things: Vec<(&'static str, Read)>,
}

impl Reload {
    /// One more thing, and what reads it anew or says what is wrong with it.
    #[must_use]
    pub fn with(mut self, name: &'static str, read: impl Fn() -> Result<(), Failure> + Send + Sync + 'static) -> Self {
        self.things.push((name, Arc::new(read)));
        self
    }

    /// From now on every SIGHUP reads all of them anew. Without any, SIGHUP goes on doing what it does elsewhere: it ends the
    /// process.
    ///
    /// # Errors
    /// When the signal cannot be listened for.
    #[cfg(unix)]
    pub fn at_hangup(self) -> Result<(), Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        if self.things.is_empty() {
            return Ok(());
        }
        let listen = signal(SignalKind::hangup());
        let mut hangup = listen.map_err(|error| Failure::new(format!("SIGHUP cannot be listened for: {error}")))?;
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                self.read().await;
            }
        });
        Ok(())
    }

    /// There is no such signal here.
    ///
    /// # Errors
    /// None.
    #[cfg(not(unix))]
    pub fn at_hangup(self) -> Result<(), Failure> {
        Ok(())
    }

    #[cfg_attr(not(unix), allow(dead_code, reason = "only a signal asks for it"))]
    async fn read(&self) {
        for (what, read) in &self.things {
            let read = Arc::clone(read);
            // A disk may take its time over a file.
            match tokio::task::spawn_blocking(move || read()).await {
                Ok(Ok(())) => tracing::info!(what, "read anew"),
                Ok(Err(failure)) => {
                    tracing::error!(what, "not read anew, what there was stays: {}", failure.in_a_line())
                }
                Err(failure) => tracing::error!(what, %failure, "not read anew, what there was stays"),
            }
        }
    }
}
