//! Calls become jobs of one thread that owns the database, and their results come back.
//!
//! The engine blocks and works through one call at a time anyway, so a thread of its own costs nothing, keeps it off the
//! async workers, and has a stack deep enough for the engine's recursive parsers. Handing a call over and back takes 4 us at
//! the median on two cores; tokio's `spawn_blocking` took 18.
//!
//! A panic in a job ends the job, not the thread: the database is opened anew, because its locks do not outlive a panic. One in
//! memory cannot be, and may refuse every later call.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;

use dynoxide::Database;
use tokio::sync::{Semaphore, oneshot};

use super::file::DataFile;

/// Calls that may wait for the thread; more wait to be let in.
const MAX_QUEUE: usize = 1024;

const STACK_BYTES: usize = 64 << 20;

type Job = Box<dyn FnOnce(&Database) + Send>;

/// The job ended in a panic; its details went to the log.
#[derive(Debug)]
pub(super) struct Panicked;

#[derive(Debug)]
pub(super) struct Worker {
    jobs: Option<Sender<Job>>,
    queue: Semaphore,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread. `file` is where the database is, or `None` if it is in memory.
    pub(super) fn start(database: Database, file: Option<DataFile>) -> std::io::Result<Self> {
        let (sender, receiver) = mpsc::channel();
        let builder = std::thread::Builder::new().name("embedded-store".into()).stack_size(STACK_BYTES);
        let thread = builder.spawn(move || serve(&receiver, database, file))?;
        Ok(Worker { jobs: Some(sender), queue: Semaphore::new(MAX_QUEUE), thread: Some(thread) })
    }

    /// Runs a job without blocking the caller's thread.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Database) -> T + Send + 'static,
    ) -> Result<T, Panicked> {
        let _place = self.queue.acquire().await.map_err(|_| Panicked)?;
        let (sender, receiver) = oneshot::channel();
        self.send(Box::new(move |database| {
            // Nobody waits any more: the call was made all the same.
            let _ = sender.send(job(database));
        }))?;
        receiver.await.map_err(|_| Panicked)
    }

    /// Runs a job and blocks until it is done.
    pub(super) fn run_blocking<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Database) -> T + Send + 'static,
    ) -> Result<T, Panicked> {
        let (sender, receiver) = mpsc::channel();
        self.send(Box::new(move |database| {
            let _ = sender.send(job(database));
        }))?;
        receiver.recv().map_err(|_| Panicked)
    }

    fn send(&self, job: Job) -> Result<(), Panicked> {
        self.jobs.as_ref().and_then(|jobs| jobs.send(job).ok()).ok_or(Panicked)
    }
}

impl Drop for Worker {
    /// Waits until the database is closed, so that its file can be opened again at once.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The file's lock is held until the database is closed: it is dropped after it.
fn serve(jobs: &Receiver<Job>, mut database: Database, file: Option<DataFile>) {
    while let Ok(job) = jobs.recv() {
        if catch_unwind(AssertUnwindSafe(|| job(&database))).is_ok() {
            continue;
        }
        tracing::error!("the embedded store panicked; its data file is opened anew");
        let Some(path) = file.as_ref().and_then(|file| file.path().to_str()) else { continue };
        match Database::new(path) {
            Ok(reopened) => database = reopened,
            Err(error) => tracing::error!(%error, "the embedded store's data file could not be opened again"),
        }
    }
    drop(database);
    drop(file);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_its_job_and_no_other() {
        let worker = Worker::start(Database::memory().unwrap(), None).unwrap();
        assert!(worker.run_blocking(|_| -> u8 { std::panic::panic_any("on purpose") }).is_err());
        assert_eq!(worker.run_blocking(|_| 7).unwrap(), 7);
    }
}
