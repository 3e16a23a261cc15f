//! Long calls get out of the way: a call that is not done within a tick of the clock, or asks for much memory, leaves the threads that
//! serve everybody else and goes on among its like, on few threads.
//!
//! How long a call may take all together is left to [`session`](super::session); here is only how much it took since its last turn.

use std::future::poll_fn;
use std::mem;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use gateleg_store::PlannerError;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

/// How much processor time a call has taken since its last turn, once it has begun.
#[derive(Default)]
pub(super) struct Turn(Arc<Mutex<Duration>>);

impl Turn {
    /// A call begins.
    pub(super) fn begin(&self) {
        *lock(&self.0) = thread_time();
    }

    /// What it took since it began, or since its last turn did.
    pub(super) fn took(&self) -> Duration {
        thread_time().saturating_sub(*lock(&self.0))
    }

    /// Lets everybody else go first, and then begins the next turn.
    pub(super) fn next(&self) -> impl Future<Output = ()> + Send + 'static + use<> {
        let since = Arc::clone(&self.0);
        async move {
            let mut has_waited = false;
            poll_fn(|context| {
                if mem::replace(&mut has_waited, true) {
                    return Poll::Ready(());
                }
                context.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
            *lock(&since) = thread_time();
        }
    }
}

/// Runs a call here until it takes its first turn, and then among the long ones. It is stopped at its next turn when what is returned
/// is dropped.
pub(super) async fn run<T: Send + 'static>(call: impl Future<Output = T> + Send + 'static) -> Result<T, PlannerError> {
    let mut call: Pin<Box<dyn Future<Output = T> + Send>> = Box::pin(call);
    match poll_fn(|context| Poll::Ready(call.as_mut().poll(context))).await {
        Poll::Ready(value) => Ok(value),
        Poll::Pending => Ok(Running(long()?.spawn(call)).await),
    }
}

/// A call among the long ones.
struct Running<T>(JoinHandle<T>);

impl<T> Future for Running<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        Pin::new(&mut self.0).poll(context).map(|ended| match ended {
            Ok(value) => value,
            // It is aborted only when this is dropped, so it panicked.
            Err(failure) => resume_unwind(failure.into_panic()),
        })
    }
}

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The threads for long calls of all sandboxes: half as many as there are processors, and one at least. Their priority is everybody's: with a
/// lower one, calls would hardly come to their end on a machine that is busy with something else.
fn long() -> Result<&'static Handle, PlannerError> {
    static LONG: OnceLock<Option<Runtime>> = OnceLock::new();
    let start = || {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let mut threads = Builder::new_multi_thread();
        threads.worker_threads((processors / 2).max(1)).thread_name("sandbox-long");
        threads.build().inspect_err(|error| tracing::error!(%error, "the threads for long calls did not start")).ok()
    };
    let runtime = LONG.get_or_init(start).as_ref();
    runtime.map(Runtime::handle).ok_or_else(|| PlannerError::Failed("there are no threads for long calls".into()))
}

/// The processor time that this thread has taken.
#[cfg(unix)]
fn thread_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Elsewhere, time as it passes.
#[cfg(not(unix))]
fn thread_time() -> Duration {
    static START: OnceLock<std::time::Instant> = OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

fn lock(since: &Mutex<Duration>) -> MutexGuard<'_, Duration> {
    since.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn thread_name() -> String {
        thread::current().name().unwrap_or_default().into()
    }

    #[tokio::test]
    async fn a_call_stays_here_until_its_first_turn() {
        let call = async {
            let turn = Turn::default();
            let first = thread_name();
            turn.next().await;
            let second = thread_name();
            turn.next().await;
            [first, second, thread_name()]
        };
        let here = thread_name();
        assert_eq!(run(call).await.unwrap(), [&here, "sandbox-long", "sandbox-long"]);
        assert_eq!(run(async { thread_name() }).await.unwrap(), here);
    }

    #[tokio::test]
    async fn a_call_that_nobody_waits_for_is_stopped() {
        let (sender, ended) = mpsc::channel::<()>();
        let call = async move {
            let _dropped_at_its_end = sender;
            loop {
                Turn::default().next().await;
            }
        };
        assert!(tokio::time::timeout(Duration::from_millis(20), run::<()>(call)).await.is_err());
        assert_eq!(ended.recv_timeout(Duration::from_secs(30)), Err(mpsc::RecvTimeoutError::Disconnected));
    }

    #[cfg(unix)]
    #[test]
    fn only_what_it_works_counts() {
        let turn = Turn::default();
        turn.begin();
        thread::sleep(Duration::from_millis(50));
        assert!(turn.took() < Duration::from_millis(50), "{:?}", turn.took());
    }
}
