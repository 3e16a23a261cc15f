//! What takes a slow caller or a slow store to see: over real connections, with a store that takes its time.

use std::sync::atomic::{AtomicU32, Ordering};

use gateleg_core::command::Command;
use gateleg_core::outcome::Outcome;
use gateleg_core::policy::Policy;
use gateleg_core::tree::Structure;
use gateleg_store::{BoxFuture, Store};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;
use crate::door::Guests;
use crate::gate::{Ceilings, Gate, Planners};

/// Writes succeed, after a time.
struct Slow {
    time: Duration,
    begun: AtomicU32,
    done: AtomicU32,
}

impl Store for Slow {
    fn execute(&self, command: Command) -> BoxFuture<'_, Outcome> {
        Box::pin(async move {
            self.begun.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(self.time).await;
            self.done.fetch_add(1, Ordering::SeqCst);
            Outcome::ok(Structure::new(command.api.output()))
        })
    }
}

struct Running {
    address: String,
    store: Arc<Slow>,
    stop: oneshot::Sender<()>,
    server: Arc<Server>,
    task: JoinHandle<bool>,
}

const WRITE: &str = r#"{"operation":"create","tableName":"abc","payload":{"Item":{"id":"1"}}}"#;

async fn start(store_time: u64, ceilings: Ceilings, grace: Duration) -> Running {
    let store =
        Arc::new(Slow { time: Duration::from_millis(store_time), begun: AtomicU32::new(0), done: AtomicU32::new(0) });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let local = listener.local_addr().unwrap();
    let gate = Gate::new(Planners::Native, Arc::clone(&store) as Arc<dyn Store>, Policy::allow_all(), ceilings);
    let metrics = Arc::clone(gate.metrics());
    let server = Arc::new(Server {
        readiness: Readiness::default(),
        routes: Routes::only(gate),
        door: Door::new(local, Guests::default()).unwrap(),
        page: Page::find(None, local),
        max_body: 1000,
        body_time: Duration::from_millis(200),
        traces: None,
    });
    let (stop, stopped) = oneshot::channel();
    let router = router(Arc::clone(&server));
    let connections = Connections { most: 1000, time: Duration::from_secs(30), tls: None, metrics };
    let task = tokio::spawn(connections.serve(listener, router, async { drop(stopped.await) }, grace));
    Running { address: local.to_string(), store, stop, server, task }
}

impl Running {
    /// Sends a request of that length, but only that part of its body.
    async fn send(&self, body: &str, length: usize) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let head = format!(
            "POST /dynamodbmanager HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
             connection: close\r\n\r\n{body}",
            self.address
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    }

    /// Sends a write, and waits until the store has begun with it.
    async fn begin(&self) -> TcpStream {
        let stream = self.send(WRITE, WRITE.len()).await;
        while self.store.begun.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stream
    }

    async fn post(&self, body: &str) -> String {
        receive(self.send(body, body.len()).await).await
    }
}

async fn receive(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn ceilings(deadline_ms: u64, max_requests: u32) -> Ceilings {
    Ceilings { deadline: Duration::from_millis(deadline_ms), max_requests, ..Ceilings::default() }
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_cut_off() {
    let running = start(0, ceilings(10_000, 4), Duration::ZERO).await;
    let answer = receive(running.send("{\"operation\":", 100).await).await;
    assert!(answer.starts_with("HTTP/1.1 504") && answer.contains("did not arrive within 0.2 s"), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
}

#[tokio::test]
async fn a_store_that_takes_too_long_is_not_waited_for() {
    let running = start(5_000, ceilings(100, 4), Duration::ZERO).await;
    let answer = running.post(WRITE).await;
    assert!(answer.starts_with("HTTP/1.1 504") && answer.contains("the write may have taken effect"), "{answer}");
}

#[tokio::test]
async fn more_requests_than_there_are_places_for_are_told_to_come_back() {
    let running = start(1_500, Ceilings { max_queue: 0, ..ceilings(10_000, 1) }, Duration::ZERO).await;
    let first = running.begin().await;
    let second = running.post(WRITE).await;
    assert!(second.starts_with("HTTP/1.1 503") && second.contains("retry-after: 1"), "{second}");
    assert!(receive(first).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_write_whose_caller_hangs_up_is_finished_before_the_end() {
    let running = start(1_000, ceilings(10_000, 4), Duration::from_secs(5)).await;
    drop(running.begin().await);
    tokio::time::sleep(Duration::from_millis(50)).await;
    running.stop.send(()).unwrap();
    assert!(running.task.await.unwrap());
    assert_eq!(running.store.done.load(Ordering::SeqCst), 0, "the caller is gone, the write is not");
    assert!(running.server.routes.shared().settle(Duration::from_secs(5)).await);
    assert_eq!(running.store.done.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn stopping_takes_no_longer_than_it_may() {
    let running = start(5_000, ceilings(10_000, 4), Duration::from_millis(100)).await;
    let _caller = running.begin().await;
    running.stop.send(()).unwrap();
    assert!(!running.task.await.unwrap());
    assert!(!running.server.routes.shared().settle(Duration::ZERO).await);
}
