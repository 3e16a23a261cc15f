//! A server on loopback that answers each request by a script, well or badly, and remembers what it was sent.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What a request, whose number counts from 0, is answered with.
pub enum Step {
    /// That, and the connection stays.
    Whole(String),
    /// That, and the connection is closed.
    Raw(String),
    /// An empty object, after that time.
    Late(Duration),
    /// Nothing, and the connection stays for that time.
    Wait(Duration),
    /// Nothing: the connection is closed.
    Close,
    /// Nothing: the connection is closed, and there are no more.
    Leave,
}

impl Step {
    /// A whole reply, with headers that each end their line.
    pub fn reply(status: u16, headers: &str, body: &str) -> Self {
        Step::Whole(format!("HTTP/1.1 {status} Said\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()))
    }
}

/// A server that is running.
pub struct Scripted {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    script: fn(usize) -> Step,
    number: AtomicUsize,
    seen: Mutex<Vec<String>>,
    is_over: AtomicBool,
}

impl Scripted {
    pub fn start(script: fn(usize) -> Step) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            script,
            number: AtomicUsize::new(0),
            seen: Mutex::new(Vec::new()),
            is_over: AtomicBool::new(false),
        });
        let all = Arc::clone(&shared);
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if all.is_over.load(Ordering::SeqCst) {
                    break;
                }
                let shared = Arc::clone(&all);
                thread::spawn(move || serve(stream, &shared, address));
            }
        });
        Scripted { address, shared }
    }

    pub fn url(&self) -> String {
        format!("http://{}/path?query=1", self.address)
    }

    /// Its URL, when it listens no more.
    pub fn url_once_gone(self) -> String {
        leave(&self.shared, self.address);
        self.url()
    }

    /// All requests so far, head and body.
    pub fn seen(&self) -> Vec<String> {
        self.shared.seen.lock().unwrap().clone()
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        leave(&self.shared, self.address);
    }
}

/// Ends with the listener gone: who connects to it is not accepted.
fn leave(shared: &Shared, address: SocketAddr) {
    if shared.is_over.swap(true, Ordering::SeqCst) {
        return;
    }
    // Whoever accepts has to see it, and lets go of the listener then.
    while TcpStream::connect(address).is_ok() {
        thread::sleep(Duration::from_millis(1));
    }
}

/// Answers on one connection; a caller that breaks off is nobody's business.
fn serve(stream: TcpStream, shared: &Shared, address: SocketAddr) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some(request) = read(&mut reader) {
        shared.seen.lock().unwrap().push(request);
        match (shared.script)(shared.number.fetch_add(1, Ordering::SeqCst)) {
            Step::Whole(reply) if stream.write_all(reply.as_bytes()).is_ok() => {
                if reply.contains("connection: close") {
                    return;
                }
            }
            Step::Late(time) => {
                thread::sleep(time);
                if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").is_err() {
                    return;
                }
            }
            Step::Raw(text) => return drop(stream.write_all(text.as_bytes())),
            Step::Wait(time) => return thread::sleep(time),
            Step::Leave => return leave(shared, address),
            Step::Close | Step::Whole(_) => return,
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let lower = head.to_ascii_lowercase();
    let length =
        lower.split_once("content-length: ").map_or(Some(0), |(_, rest)| rest.split('\r').next()?.parse().ok())?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(head + &String::from_utf8(body).unwrap())
}
