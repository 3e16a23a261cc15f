//! An HTTP server on loopback that keeps what it is sent and answers what it is told: for what passes over the wire, and for
//! answers that no engine gives on demand.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What to do with one request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// This status and body, under the request id `r-N`, N counting from 1.
    Body(u16, String),
    /// Bytes that stand for themselves, then the end of the connection.
    Raw(String),
    /// Nothing, and the connection stays open.
    Silence,
}

/// The server; it ends with the test's runtime.
pub struct Canned {
    /// Where it answers: `http://127.0.0.1:PORT`.
    pub endpoint: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    connections: Arc<AtomicUsize>,
}

/// A request that was received.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The call: `DynamoDB_20120810.PutItem`.
    pub target: String,
    /// The body.
    pub body: String,
}

impl Canned {
    /// A server that gives these answers, in order, and the last one from then on.
    pub async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let endpoint = format!("http://{}", listener.local_addr().expect("it has an address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let answers = Arc::new(Mutex::new(answers.into_iter().collect::<VecDeque<_>>()));
        let connections = Arc::new(AtomicUsize::new(0));
        let (kept, counted) = (Arc::clone(&seen), Arc::clone(&connections));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(stream, Arc::clone(&kept), Arc::clone(&answers)));
            }
        });
        Canned { endpoint, seen, connections }
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// What was received.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no test panics with it").clone()
    }
}

async fn serve(mut stream: TcpStream, seen: Arc<Mutex<Vec<Seen>>>, answers: Arc<Mutex<VecDeque<Answer>>>) {
    let mut received = Vec::new();
    while let Some(request) = request(&mut stream, &mut received).await {
        let number = {
            let mut seen = seen.lock().expect("no test panics with it");
            seen.push(request);
            seen.len()
        };
        let answer = {
            let mut answers = answers.lock().expect("no test panics with it");
            if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }
        };
        let written = match answer {
            Some(Answer::Body(status, body)) => {
                let head = format!(
                    "HTTP/1.1 {status} Canned\r\nx-amzn-RequestId: r-{number}\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                stream.write_all(format!("{head}{body}").as_bytes()).await
            }
            Some(Answer::Raw(bytes)) => {
                drop(stream.write_all(bytes.as_bytes()).await);
                return;
            }
            Some(Answer::Silence) | None => std::future::pending().await,
        };
        if written.is_err() {
            return;
        }
    }
}

async fn request(stream: &mut TcpStream, received: &mut Vec<u8>) -> Option<Seen> {
    loop {
        if let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&received[..end]).into_owned();
            let header = |name: &str| {
                let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")));
                line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_string())
            };
            let length: usize = header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
            let whole = end + 4 + length;
            if received.len() >= whole {
                let body = String::from_utf8_lossy(&received[end + 4..whole]).into_owned();
                let target = header("x-amz-target").unwrap_or_default();
                received.drain(..whole);
                return Some(Seen { target, body });
            }
        }
        if stream.read_buf(received).await.ok()? == 0 {
            return None;
        }
    }
}
