//! What the sandbox costs a server: one server with two routes, one whose requests are planned in fresh sandboxes with every limit on, and
//! one that calls core natively; the same requests to each in turn.
//!
//! `cargo bench -p gateleg --bench throughput`; `-- FILE` measures another build of the server, such as `dist/gateleg`.

use std::fmt::Display;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Connections, each with a thread that sends a request when it has the reply to the one before.
const CLIENTS: usize = 16;
/// Each route is measured so often, in turn.
const ROUNDS: usize = 9;
const TIME: Duration = Duration::from_millis(1000);

const ROUTES: [&str; 2] = ["/native", "/sandboxed"];

const POLICY: &str = r#"
[tables.lambda-apigateway]
[routes."/native"]
planner = "native"
operations = ["*"]
tables = ["lambda-apigateway"]
[routes."/sandboxed"]
operations = ["*"]
tables = ["lambda-apigateway"]
"#;

const REQUESTS: [(&str, &str); 2] = [
    ("echo", r#"{"operation":"echo","payload":{"somekey1":"somevalue1","somekey2":"somevalue2"}}"#),
    ("read", r#"{"operation":"read","tableName":"lambda-apigateway","payload":{"Key":{"id":"1"}}}"#),
];

fn main() {
    let binary = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let server = Server::start(&binary.map_or_else(|| env!("CARGO_BIN_EXE_gateleg").into(), PathBuf::from));
    println!("{CLIENTS} connections; medians of {ROUNDS} rounds of {} s each\n", TIME.as_secs_f32());
    println!(
        "{:<6} {:>14} {:>16} {:>7} {:>12} {:>15}",
        "", "native, req/s", "sandboxed, req/s", "ratio", "native, us", "sandboxed, us"
    );
    for (name, body) in REQUESTS {
        let mut rounds: [Vec<Round>; 2] = [Vec::new(), Vec::new()];
        let mut ratios = Vec::new();
        for round in 0..=ROUNDS {
            // Each goes first as often as the other.
            let mut order = [0, 1];
            order.rotate_left(round % 2);
            let mut pair = [Round::default(); 2];
            for which in order {
                pair[which] = server.measure(ROUTES[which], body);
            }
            // The first round is for warming up.
            if round > 0 {
                ratios.push(pair[1].per_second / pair[0].per_second);
                for (rounds, round) in rounds.iter_mut().zip(pair) {
                    rounds.push(round);
                }
            }
        }
        let [native, sandboxed] = rounds;
        let per_second = |rounds: &[Round]| middle(rounds.iter().map(|round| round.per_second).collect());
        let cpu = |rounds: &[Round]| middle(rounds.iter().map(|round| round.cpu).collect());
        println!(
            "{name:<6} {:>14.0} {:>16.0} {:>7.2} {:>12.1} {:>15.1}",
            per_second(&native),
            per_second(&sandboxed),
            middle(ratios),
            cpu(&native),
            cpu(&sandboxed)
        );
    }
    println!(
        "\nreq/s are what the clients saw, which share the machine; us is the server's own CPU time for a request"
    );
}

#[derive(Clone, Copy, Default)]
struct Round {
    per_second: f64,
    /// Microseconds of the server's CPU time per request.
    cpu: f64,
}

/// The server, in a folder of its own; both go away at the end.
struct Server {
    child: Child,
    address: SocketAddr,
    folder: PathBuf,
}

impl Server {
    fn start(binary: &Path) -> Self {
        let folder = std::env::temp_dir().join(format!("gateleg-throughput-{}", std::process::id()));
        or_exit(fs::create_dir_all(&folder));
        let policy = folder.join("gateleg.toml");
        or_exit(fs::write(&policy, POLICY));
        let mut command = Command::new(binary);
        command.args(["serve", "--addr", "127.0.0.1:0", "--log-format", "text", "--policy"]).arg(policy);
        command.arg("--data").arg(folder.join("data.db")).stdin(Stdio::null()).stdout(Stdio::null());
        let mut child = or_exit(command.stderr(Stdio::piped()).spawn());
        let mut lines = BufReader::new(or_exit(child.stderr.take().ok_or("no stderr"))).lines();
        let address = or_exit(
            lines
                .by_ref()
                .map_while(Result::ok)
                .find_map(|line| line.split_once("listening on http://").and_then(|(_, address)| address.parse().ok()))
                .ok_or("the server did not start"),
        );
        // The access log is written, and read, as it is in service.
        thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Server { child, address, folder }
    }

    fn measure(&self, route: &str, body: &str) -> Round {
        let over = Arc::new(AtomicBool::new(false));
        let request = format!(
            "POST {route} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let (before, started) = (self.cpu(), Instant::now());
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let (over, request, address) = (Arc::clone(&over), request.clone(), self.address);
                thread::spawn(move || ask(address, request.as_bytes(), &over))
            })
            .collect();
        thread::sleep(TIME);
        over.store(true, Ordering::Relaxed);
        let count: u32 = clients.into_iter().map(|client| or_exit(client.join().map_err(|_| "a client failed"))).sum();
        let (took, spent) = (started.elapsed().as_secs_f64(), self.cpu() - before);
        Round { per_second: f64::from(count) / took, cpu: spent * 1e6 / f64::from(count) }
    }

    /// Seconds of CPU that it has taken so far; from `/proc`, in hundredths.
    fn cpu(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
        let ticks: f64 = fields.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
        ticks / 100.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Asks until it is over: how often.
fn ask(address: SocketAddr, request: &[u8], over: &AtomicBool) -> u32 {
    let mut stream = or_exit(TcpStream::connect(address));
    or_exit(stream.set_nodelay(true));
    let (mut count, mut buffer) = (0, vec![0; 16384]);
    while !over.load(Ordering::Relaxed) {
        or_exit(stream.write_all(request));
        let mut read = 0;
        while !is_whole(&buffer[..read]) {
            match or_exit(stream.read(&mut buffer[read..])) {
                0 => or_exit(Err("the server hung up")),
                more => read += more,
            }
        }
        if !buffer.starts_with(b"HTTP/1.1 200") {
            or_exit(Err(String::from_utf8_lossy(&buffer[..read])))
        }
        count += 1;
    }
    count
}

fn is_whole(reply: &[u8]) -> bool {
    let Some(end) = reply.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&reply[..end]);
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .and_then(|length| length.parse::<usize>().ok());
    length.is_some_and(|length| reply.len() >= end + 4 + length)
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn or_exit<T, E: Display>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| {
        eprintln!("{error}");
        std::process::exit(1)
    })
}
