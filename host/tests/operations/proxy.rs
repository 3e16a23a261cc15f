//! Stands between a host and its store, and can fall silent, go away and come back, at the same address.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What the store does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Answers,
    /// It takes connections and says nothing.
    Silent,
    /// Nobody listens.
    Gone,
}

pub struct Proxy {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
}

struct State {
    mode: Mode,
    open: Vec<TcpStream>,
}

impl Proxy {
    /// In front of a store at that address, such as `127.0.0.1:8000`.
    pub fn start(store: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State { mode: Mode::Answers, open: Vec::new() }));
        let (shared, store) = (Arc::clone(&state), store.to_string());
        thread::spawn(move || serve(listener, address, &store, &shared));
        Proxy { address, state }
    }

    /// From now on, also for connections that are open.
    pub fn set(&self, mode: Mode) {
        let mut state = self.state.lock().unwrap();
        state.mode = mode;
        for stream in state.open.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        drop(state);
        // Until its thread has seen it.
        while TcpStream::connect(self.address).is_ok() == (mode == Mode::Gone) {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

fn serve(listener: TcpListener, address: SocketAddr, store: &str, state: &Mutex<State>) {
    let mut listener = Some(listener);
    loop {
        thread::sleep(Duration::from_millis(2));
        let mode = state.lock().unwrap().mode;
        if mode == Mode::Gone {
            listener = None;
            continue;
        }
        let open = listener.get_or_insert_with(|| TcpListener::bind(address).unwrap());
        open.set_nonblocking(true).unwrap();
        let Ok((near, _)) = open.accept() else { continue };
        near.set_nonblocking(false).unwrap();
        let mut state = state.lock().unwrap();
        state.open.push(near.try_clone().unwrap());
        if state.mode == Mode::Answers {
            let far = TcpStream::connect(store).unwrap();
            state.open.push(far.try_clone().unwrap());
            pump(near.try_clone().unwrap(), far.try_clone().unwrap());
            pump(far, near);
        }
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            if to.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}
