//! Turns an engine next door into one that is some milliseconds away: whatever it answers is held for so long, and goes on.
//!
//! Held is what comes back, each piece by the time at which it came, so that an answer in several pieces is late once. It waits by
//! sleeping: the machine has its CPUs for others.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use crate::Result;

/// Where the engine can be found, so much later than at `endpoint`; for as long as this process lives.
pub fn away(endpoint: &str, delay: Duration) -> Result<String> {
    let engine = endpoint.strip_prefix("http://").ok_or("expected an endpoint of http")?.to_owned();
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        for near in listener.incoming().map_while(std::result::Result::ok) {
            let engine = engine.clone();
            std::thread::spawn(move || drop(carry(near, &engine, delay)));
        }
    });
    Ok(format!("http://{address}"))
}

/// Carries one connection, both ways.
fn carry(near: TcpStream, engine: &str, delay: Duration) -> std::io::Result<()> {
    let far = TcpStream::connect(engine)?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let (mut asking, mut asked) = (near.try_clone()?, far.try_clone()?);
    std::thread::spawn(move || {
        drop(std::io::copy(&mut asking, &mut asked));
        drop(asked.shutdown(Shutdown::Write));
    });
    let (pieces, held) = channel::<(Instant, Vec<u8>)>();
    let mut answering = near;
    std::thread::spawn(move || {
        for (came, piece) in held {
            std::thread::sleep((came + delay).saturating_duration_since(Instant::now()));
            if answering.write_all(&piece).is_err() {
                break;
            }
        }
        drop(answering.shutdown(Shutdown::Both));
    });
    let mut answers = far;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = answers.read(&mut buffer)?;
        let piece = buffer.get(..length).unwrap_or_default();
        if length == 0 || pieces.send((Instant::now(), piece.to_vec())).is_err() {
            return Ok(());
        }
    }
}
