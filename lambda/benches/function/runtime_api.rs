//! Turns events into answers: Lambda's Runtime API on loopback, as much of it as a function needs, with the time of each step.
//!
//! It writes an event the moment one is there and somebody asked for it, in one piece, and reads no clock in between but the one it
//! reports. What the answers say is for others to judge.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::Result;

/// How long a function may take over anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the function did.
#[derive(Debug)]
pub enum Seen {
    /// It asked for an event.
    Next(Instant),
    /// It posted, from the event's being written to the answer's last byte.
    Posted {
        /// The path's end: `response`, or `error`.
        end: String,
        /// When the event was handed out; none if it was not.
        handed: Option<Instant>,
        /// When all of it was here.
        at: Instant,
        /// What it said.
        body: String,
    },
}

/// A Runtime API for one function.
pub struct RuntimeApi {
    /// Host and port.
    pub address: String,
    events: Sender<Arc<[u8]>>,
    seen: Receiver<Seen>,
}

/// What the connections share: a function may use one for events and another for answers.
struct Desk {
    events: Mutex<Receiver<Arc<[u8]>>>,
    handed: Mutex<Option<Instant>>,
}

impl RuntimeApi {
    /// Listens.
    pub fn start() -> Result<RuntimeApi> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        let (events, queue) = channel();
        let (sender, seen) = channel();
        let desk = Arc::new(Desk { events: Mutex::new(queue), handed: Mutex::default() });
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(std::result::Result::ok) {
                let (desk, sender) = (Arc::clone(&desk), sender.clone());
                // A connection ends when the function does, in whatever way.
                std::thread::spawn(move || speak(stream, &desk, &sender));
            }
        });
        Ok(RuntimeApi { address, events, seen })
    }

    /// Puts an event where the function gets it as soon as it asks.
    pub fn put(&self, event: &Arc<[u8]>) -> Result {
        Ok(self.events.send(Arc::clone(event))?)
    }

    /// The next thing that the function did.
    pub fn seen(&self) -> Result<Seen> {
        Ok(self.seen.recv_timeout(PATIENCE).map_err(|_| format!("the function did nothing for {PATIENCE:?}"))?)
    }
}

/// Speaks HTTP/1.1 on one connection, to its end.
fn speak(stream: TcpStream, desk: &Desk, seen: &Sender<Seen>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    for number in 0_u64.. {
        let line = line(&mut reader)?;
        let (method, rest) = line.split_once(' ')?;
        let path = rest.strip_suffix(" HTTP/1.1")?.to_owned();
        let body = body(&mut reader)?;
        if method == "GET" {
            seen.send(Seen::Next(Instant::now())).ok()?;
            let event = desk.events.lock().ok()?.recv().ok()?;
            let response = handed_out(&event, number);
            *desk.handed.lock().ok()? = Some(Instant::now());
            writer.write_all(&response).ok()?;
            continue;
        }
        let at = Instant::now();
        let handed = desk.handed.lock().ok()?.take();
        let end = path.rsplit('/').next().unwrap_or_default().to_owned();
        seen.send(Seen::Posted { end, handed, at, body: String::from_utf8(body).ok()? }).ok()?;
        writer
            .write_all(b"HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\ncontent-length: 16\r\n\r\n{\"status\":\"OK\"}\n")
            .ok()?;
    }
    None
}

fn line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    Some(line.trim_end().to_owned())
}

/// The body, of a length that is told or in chunks.
fn body(reader: &mut impl BufRead) -> Option<Vec<u8>> {
    let (mut length, mut is_chunked, mut body) = (0, false, Vec::new());
    loop {
        let header = line(reader)?.to_ascii_lowercase();
        match header.split_once(':') {
            None => break,
            Some(("content-length", value)) => length = value.trim().parse().ok()?,
            Some(("transfer-encoding", value)) => is_chunked = value.trim() == "chunked",
            Some(_) => {}
        }
    }
    if !is_chunked {
        body.resize(length, 0);
        reader.read_exact(&mut body).ok()?;
        return Some(body);
    }
    loop {
        let size = usize::from_str_radix(&line(reader)?, 16).ok()?;
        let start = body.len();
        body.resize(start + size, 0);
        reader.read_exact(body.get_mut(start..)?).ok()?;
        line(reader).filter(String::is_empty)?;
        if size == 0 {
            return Some(body);
        }
    }
}

/// An event with Lambda's headers, all in one piece.
fn handed_out(event: &[u8], number: u64) -> Vec<u8> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let deadline = (now + PATIENCE).as_millis();
    let mut response = format!(
        "HTTP/1.1 200 OK\r\n\
         content-type: application/json\r\n\
         lambda-runtime-aws-request-id: 00000000-0000-4000-8000-{number:012}\r\n\
         lambda-runtime-deadline-ms: {deadline}\r\n\
         lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:123456789012:function:bench\r\n\
         lambda-runtime-trace-id: Root=1-67891234-abcdef012345678912345678;Parent=abcdef0123456789;Sampled=0\r\n\
         content-length: {}\r\n\r\n",
        event.len()
    )
    .into_bytes();
    response.extend_from_slice(event);
    response
}
