//! Long calls get out of the way: a call that is not done within a tick of the clock, or asks for much memory, leaves the threads that
//! serve everybody else and goes on among its like, on few threads. One that is still not done after [`EAGER`] shares an eighth of
//! a processor with all others like it, for as long as there are short ones.
//!
//! How long a call may take all together is left to [`session`](super::session); here is only how much it took since its last turn.

use std::future::poll_fn;
use std::mem;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use gateleg_store::PlannerError;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

/// What a planner may work for one request before it has to stand back. An honest interpreter is done by then.
const EAGER: Duration = Duration::from_millis(50);

/// Those that stand back together get one part in so many of one processor.
const PART: u32 = 8;

/// How many sessions have begun: whether there is anybody to stand back for.
static BEGUN: AtomicU64 = AtomicU64::new(0);

/// A session begins.
pub(super) fn begun() {
    BEGUN.fetch_add(1, Ordering::Relaxed);
}

/// How much processor time a call has taken since its last turn, once it has begun.
#[derive(Default)]
pub(super) struct Turn {
    since: Arc<Mutex<Duration>>,
    /// What all turns before took.
    worked: Duration,
    place: Arc<Mutex<Option<Place>>>,
}

/// The one place for a call that stands back, and how many sessions had begun when it was taken.
struct Place {
    _held: tokio::sync::MutexGuard<'static, ()>,
    begun: u64,
}

impl Turn {
    /// A call begins.
    pub(super) fn begin(&self) {
        *lock(&self.since) = thread_time();
    }

    /// A call ends, and does not stand in the way of others like it while its planner waits.
    pub(super) fn end(&self) {
        drop(lock(&self.place).take());
    }

    /// What it took since it began, or since its last turn did.
    pub(super) fn took(&self) -> Duration {
        thread_time().saturating_sub(*lock(&self.since))
    }

    /// Lets everybody else go first, and then begins the next turn.
    pub(super) fn next(&mut self) -> impl Future<Output = ()> + Send + 'static + use<> {
        let took = self.took();
        self.worked += took;
        let stands_back = self.worked >= EAGER;
        let (since, place) = (Arc::clone(&self.since), Arc::clone(&self.place));
        async move {
            yield_once().await;
            if stands_back {
                let held = lock(&place).take();
                if held.as_ref().is_some_and(|held| BEGUN.load(Ordering::Relaxed) != held.begun) {
                    tokio::time::sleep(took * (PART - 1)).await;
                }
                drop(held);
                let taken = Place::take().await;
                *lock(&place) = Some(taken);
            }
            *lock(&since) = thread_time();
        }
    }
}

impl Place {
    /// Waits for its turn: who came first goes first.
    async fn take() -> Self {
        static PLACE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
        let held = PLACE.lock().await;
        Place { _held: held, begun: BEGUN.load(Ordering::Relaxed) }
    }
}

async fn yield_once() {
    let mut has_waited = false;
    poll_fn(|context| {
        if mem::replace(&mut has_waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
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
        threads.worker_threads((processors / 2).max(1)).thread_name("sandbox-long").enable_time();
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
            let mut turn = Turn::default();
            turn.begin();
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
            let mut turn = Turn::default();
            turn.begin();
            loop {
                turn.next().await;
            }
        };
        assert!(tokio::time::timeout(Duration::from_millis(20), run::<()>(call)).await.is_err());
        assert_eq!(ended.recv_timeout(Duration::from_secs(30)), Err(mpsc::RecvTimeoutError::Disconnected));
    }

    /// How long a call takes that works for so many milliseconds, a millisecond at a time, beside sessions that begin or none.
    async fn takes(milliseconds: u32, beside: bool) -> Duration {
        let call = async move {
            let started = std::time::Instant::now();
            let mut turn = Turn::default();
            turn.begin();
            for _ in 0..milliseconds {
                while turn.took() < Duration::from_millis(1) {}
                if beside {
                    begun();
                }
                turn.next().await;
            }
            turn.end();
            started.elapsed()
        };
        run(call).await.unwrap()
    }

    #[tokio::test]
    async fn a_call_that_works_on_and_on_stands_back_for_short_ones() {
        // Other tests begin sessions too, so that nothing can be said of a time without any.
        let (short, long) = (takes(40, true).await, takes(100, true).await);
        // Beyond the first 50 of its 100 milliseconds, each takes eight.
        assert!(long >= Duration::from_millis(50 + 45 * 7), "{short:?}, {long:?}");
        // One that is given up leaves its place to others.
        let given_up = tokio::time::timeout(Duration::from_millis(200), takes(10_000, true)).await;
        assert!(given_up.is_err());
        assert!(tokio::time::timeout(Duration::from_secs(30), takes(60, true)).await.is_ok());
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
