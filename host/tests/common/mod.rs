//! What the tests of the binary share: a host that is started and stopped, HTTP by hand, folders that go away.

#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder that is removed at the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("host-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().into()
    }

    pub fn file(&self, name: &str, content: &str) -> String {
        let path = self.path(name);
        fs::create_dir_all(Path::new(&path).parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// A file that nobody else can read.
    pub fn secret(&self, name: &str, content: &str) -> String {
        let path = self.file(name, content);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The binary, with nothing of the surroundings that could matter.
pub fn gateleg(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateleg"));
    for name in [
        "RUST_LOG",
        "GATELEG_TOKEN",
        "GATELEG_PLAYGROUND",
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_DYNAMODB",
        "GATELEG_POLICY",
    ] {
        command.env_remove(name);
    }
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("OTEL_")) {
        command.env_remove(name);
    }
    // Compiled code is kept from test to test, as it is from start to start, but not among the user's own.
    command.env("XDG_CACHE_HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/cache"));
    command.args(args);
    command
}

/// Runs the binary to its end, with that on stdin.
pub fn run(args: &[&str], stdin: &[u8]) -> Output {
    let mut child = gateleg(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that does not read its stdin may be gone already.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    child.wait_with_output().unwrap()
}

/// What a server says that should refuse to start, and its exit code; none, if it runs.
pub fn refusal(mut command: Command) -> (Option<i32>, String) {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() && started.elapsed() < PATIENCE / 3 {
        std::thread::sleep(Duration::from_millis(5));
    }
    // It has ended, unless it does not refuse.
    let _ = child.kill();
    let output = child.wait_with_output().unwrap();
    (output.status.code(), text(&output.stderr))
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A server that is running; killed at the end if it still is.
pub struct Host {
    pub address: SocketAddr,
    child: Child,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Host {
    /// On a data file of that folder and a free port.
    pub fn start(folder: &Folder, args: &[&str]) -> Self {
        let data = folder.path("data.db");
        let mut all = vec!["serve", "--addr", "127.0.0.1:0", "--data", &data];
        all.extend_from_slice(args);
        Self::spawn(gateleg(&all))
    }

    pub fn spawn(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut head = String::new();
        let address = loop {
            let Some(line) = lines.next() else { panic!("the server did not start:\n{head}") };
            let line = line.unwrap();
            head.push_str(&line);
            head.push('\n');
            let marks = ["listening on http://", "listening on https://", r#""message":"listening","address":""#];
            if let Some((_, address)) = marks.iter().find_map(|mark| line.split_once(mark)) {
                break address.split('"').next().unwrap().parse().unwrap();
            }
        };
        let log = Arc::new(Mutex::new(head));
        let written = Arc::clone(&log);
        let reader = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut log = written.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        Host { address, child, log, reader: Some(reader) }
    }

    pub fn post(&self, body: impl AsRef<[u8]>) -> Answer {
        self.request("POST", "/dynamodbmanager", &[("content-type", "application/json")], body.as_ref())
    }

    pub fn get(&self, path: &str) -> Answer {
        self.request("GET", path, &[], b"")
    }

    /// Sends a request; a header given here replaces the one that would be sent.
    pub fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut stream = self.connect();
        write_head(&mut stream, self.address, method, path, headers, body.len());
        // A server that refuses early need not take all of it.
        let _ = stream.write_all(body);
        Answer::read(&mut stream)
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(if self.address.ip().is_unspecified() {
            SocketAddr::new([127, 0, 0, 1].into(), self.address.port())
        } else {
            self.address
        });
        let stream = stream.unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, name: &str) {
        let done = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
    }

    /// All that it has said so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until it has said that.
    pub fn wait_for(&self, words: &str) {
        let started = Instant::now();
        while !self.log().contains(words) {
            assert!(started.elapsed() < PATIENCE, "no `{words}` in\n{}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end: how it ended, and all it said.
    pub fn wait(&mut self) -> (ExitStatus, String) {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(started.elapsed() < PATIENCE, "the server does not end:\n{}", self.log.lock().unwrap());
            std::thread::sleep(Duration::from_millis(10));
        };
        self.reader.take().unwrap().join().unwrap();
        (status, self.log.lock().unwrap().clone())
    }

    /// Asks it to stop, and returns all it said.
    pub fn stop(&mut self) -> String {
        self.signal("TERM");
        let (status, log) = self.wait();
        assert!(status.success(), "{log}");
        log
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn write_head(
    stream: &mut TcpStream,
    host: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    length: usize,
) {
    let mut head = format!("{method} {path} HTTP/1.1\r\n");
    let host = host.to_string();
    let length = length.to_string();
    let given = |name: &str| headers.iter().any(|(known, _)| *known == name);
    for (name, value) in [("host", &host), ("content-length", &length)] {
        let chunked = name == "content-length" && given("transfer-encoding");
        if !given(name) && !chunked {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).unwrap();
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn read(stream: &mut TcpStream) -> Self {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        let mut next = |reader: &mut BufReader<&mut TcpStream>| {
            line.clear();
            reader.read_line(&mut line).unwrap();
            line.trim_end().to_string()
        };
        let first = next(&mut reader);
        let status = first.split(' ').nth(1).unwrap_or_else(|| panic!("no answer: `{first}`")).parse().unwrap();
        let mut headers = Vec::new();
        loop {
            let line = next(&mut reader);
            let Some((name, value)) = line.split_once(": ") else { break };
            headers.push((name.to_ascii_lowercase(), value.to_string()));
        }
        let mut answer = Answer { status, headers, body: String::new() };
        let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; if status == 204 { 0 } else { length }];
        reader.read_exact(&mut body).unwrap();
        answer.body = String::from_utf8(body).unwrap();
        answer
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body, with `ID` in place of the request's id.
    pub fn body(&self) -> String {
        let id = self.header("x-amzn-requestid").expect("every answer carries an id");
        self.body.replace(id, "ID")
    }

    /// The `__type` of an error.
    pub fn error_type(&self) -> &str {
        self.body.strip_prefix("{\"__type\":\"").and_then(|rest| rest.split('"').next()).unwrap_or("none")
    }
}
