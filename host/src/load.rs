//! `gateleg load`: a URL and a number of connections become load on an API, and a report of how it does under it and what that costs.
//!
//! Each connection sends, waits for the reply, and sends again; with `--rate` requests are due at their time instead ([`pace`]).
//! Everything is bounded: time, connections, what is read of a reply, and the memory that figures take ([`tally`]). It looks
//! from outside only: what a server says of itself is left to its `/metrics`.
//!
//! ```text
//! request, sign -> wire -> tally -> report
//!          pace ----^                 ^---- bill, price
//! ```

pub mod bill;
pub mod pace;
pub mod price;
pub mod report;
pub mod request;
pub mod sign;
pub mod tally;
pub mod target;
pub mod wire;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::header::{
    ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue,
    TRANSFER_ENCODING, USER_AGENT,
};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::JoinSet;

use crate::cli::print;
use crate::door::Token;
use crate::failure::Failure;
use crate::pretty::visible;
use crate::units;

use bill::Bill;
use pace::Pace;
use price::{Arch, Front};
use report::{Manner, Report};
use request::Requests;
use sign::{Service, Signer};
use tally::Tally;
use target::Target;
use wire::{Client, Wire};

/// The options of `gateleg load`.
#[derive(Args, Debug, Clone)]
#[command(after_help = EXAMPLES)]
pub struct Load {
    /// Where to send requests: the API's whole URL, with its path
    #[arg(value_name = "URL", value_parser = Target::parse)]
    target: Target,

    /// Connections, each with one request under way
    #[arg(long, short, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    concurrency: u32,

    /// How long to send; replies that are under way then are waited for
    #[arg(long, short, value_name = "TIME", default_value = "10s", value_parser = units::duration)]
    duration: Duration,

    /// How long to send before anything is counted
    #[arg(long, value_name = "TIME", value_parser = units::duration)]
    warmup: Option<Duration>,

    /// Requests per second, each at its time, whether or not earlier ones have ended. Latency counts from when each was due. By
    /// default a connection sends again as soon as it has a reply
    #[arg(long, value_name = "R", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: Option<u32>,

    /// Most requests, warm-up not included; by default as many as the time allows
    #[arg(long, short = 'n', value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    requests: Option<u64>,

    /// How long one request may take, the connection included
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = units::duration)]
    timeout: Duration,

    /// File with what to send: a request, an array of requests, or one per line, sent in turn; '-' is stdin. In its strings
    /// {{$guid}} becomes another id each time, and {{$randomInt}} a number from 0 to 1000. By default the tutorial's create,
    /// of another item each time: it writes
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,

    /// The table that the tutorial's create writes into
    #[arg(long, value_name = "TABLE", default_value = "lambda-apigateway", conflicts_with = "request")]
    table: String,

    /// A header to send, such as 'x-api-key: ..'; may be repeated
    #[arg(long, short = 'H', value_name = "NAME: VALUE", value_parser = header)]
    header: Vec<(HeaderName, HeaderValue)>,

    /// File with the token to send, as 'gateleg serve' takes it
    #[arg(long, value_name = "FILE", conflicts_with = "aws_sigv4")]
    token_file: Option<PathBuf>,

    /// Sign requests for this service, with the credentials of your AWS settings
    #[arg(long, value_name = "SERVICE", value_enum)]
    aws_sigv4: Option<Service>,

    /// The region to sign for; by default the one in the URL, or that of your AWS settings
    #[arg(long, value_name = "REGION", requires = "aws_sigv4")]
    aws_region: Option<String>,

    /// Speak HTTP/2, one request at a time on each connection
    #[arg(long)]
    http2: bool,

    /// Most bytes of a reply's body
    #[arg(long, value_name = "SIZE", default_value = "10MB", value_parser = units::size)]
    max_reply: usize,

    /// Exit with 1 when more than this percentage of the requests failed. By default only when all did
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(..=100))]
    max_failed: Option<u8>,

    /// For the cost: what stands before the function. By default what the URL's host says, or else rest
    #[arg(long, value_enum, value_name = "FRONT")]
    front: Option<Front>,

    /// For the cost: the function's memory in MB
    #[arg(long, value_name = "MB", default_value_t = 128, value_parser = clap::value_parser!(u32).range(128..=10_240))]
    memory: u32,

    /// For the cost: the function's processor
    #[arg(long, value_enum, value_name = "ARCH", default_value_t = Arch::Arm64)]
    arch: Arch,

    /// For the cost: what Lambda bills for a request, as its REPORT lines say. By default the median of what was measured
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(1..=900_000))]
    billed_ms: Option<u64>,

    /// Print one JSON object instead of the report
    #[arg(long)]
    json: bool,

    /// Show nothing while it is under way
    #[arg(long, short)]
    quiet: bool,
}

const EXAMPLES: &str = "\
Examples:
  gateleg load http://127.0.0.1:8080/dynamodbmanager
      The tutorial's load test against 'gateleg serve': creates items in lambda-apigateway for 10 seconds
  gateleg load https://ID.execute-api.us-east-1.amazonaws.com/test/dynamodbmanager --rate 50 --duration 1m --warmup 5s
      50 requests per second at an API Gateway
  gateleg load https://ID.lambda-url.us-east-1.on.aws/ --aws-sigv4 lambda --request read.json
      A function's URL that demands signatures

It writes, and on AWS it costs money: it sends what --request says, or else creates an item with each request, and deletes none.
Load only what is yours. Ctrl-C ends it early, with the report so far.
Exit code: 0 when a request succeeded, 1 when none did, when more failed than --max-failed allows, or when nobody answers at the
URL; 2 for a wrong command line.";

/// How often the line on the terminal is written anew.
const TICK: Duration = Duration::from_millis(500);

/// How long a connection waits that could not be opened, in a closed loop: a server that is gone is not to be knocked down.
const PAUSE: Duration = Duration::from_millis(100);

impl Load {
    /// Loads the API, and says how that went.
    ///
    /// # Errors
    /// When a file cannot be read, the options make no sense, or nobody answers at the URL.
    pub fn run(self) -> Result<ExitCode, Failure> {
        let requests = match &self.request {
            Some(file) => Requests::read(file)?,
            None => Requests::tutorial(&self.table),
        };
        let headers = self.headers()?;
        allow_files(self.concurrency)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::new(format!("the threads could not be started: {error}")))?;
        let report = runtime.block_on(self.load(requests, headers))?;
        runtime.shutdown_timeout(Duration::from_secs(1));
        if report.tally.ended == 0 {
            return Err(Failure::new("it was ended before anything was counted"));
        }
        print(if self.json { report.to_json() } else { report.to_text() }.as_bytes())?;
        if report.tally.succeeded() == 0 && self.target.path == "/" {
            eprintln!("hint: the URL has no path; gateleg serve answers at /dynamodbmanager");
        }
        Ok(if self.is_good(&report.tally) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn is_good(&self, tally: &Tally) -> bool {
        let most = u128::from(self.max_failed.unwrap_or(100));
        tally.succeeded() > 0 && u128::from(tally.failed) * 100 <= most * u128::from(tally.ended)
    }

    fn headers(&self) -> Result<HeaderMap, Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("gateleg/", env!("CARGO_PKG_VERSION"))));
        let given = |name: &HeaderName| self.header.iter().any(|(known, _)| known == name);
        if (self.token_file.is_some() || self.aws_sigv4.is_some()) && given(&AUTHORIZATION) {
            return Err(Failure::usage(
                "--header authorization: --token-file and --aws-sigv4 send that header themselves",
            ));
        }
        if let Some(file) = &self.token_file {
            let text = fs::read_to_string(file)
                .map_err(|error| Failure::new(format!("the token file {} cannot be read: {error}", file.display())))?;
            Token::parse(&text)?;
            let value = HeaderValue::from_str(&format!("Bearer {}", text.trim()));
            let mut value = value.map_err(|_| Failure::usage("the token cannot stand in a header"))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        for (name, _) in &self.header {
            headers.remove(name);
        }
        for (name, value) in &self.header {
            headers.append(name, value.clone());
        }
        Ok(headers)
    }

    async fn load(&self, requests: Requests, headers: HeaderMap) -> Result<Report, Failure> {
        let signer = match self.aws_sigv4 {
            Some(service) => {
                let region = self.aws_region.as_deref().or(self.target.region());
                Some(Arc::new(Signer::open(service, region).await?))
            }
            None => None,
        };
        let manner = wire::Manner {
            http2: self.http2,
            headers,
            signer: signer.clone(),
            time: self.timeout,
            max_reply: self.max_reply,
        };
        let client = Client::new(self.target.clone(), manner).await?;
        self.announce(&requests);
        let interrupted = interrupts()?;
        let warmup = self.warmup.unwrap_or_default();
        let no_memory = || Failure::new("there is no memory for the figures");
        let job = Arc::new(Job {
            pace: Pace::new(self.rate, warmup, self.duration, self.requests),
            requests,
            client: Arc::new(client),
            tally: Mutex::new(Tally::new().ok_or_else(no_memory)?),
        });
        let mut workers = JoinSet::new();
        for number in 0..self.concurrency {
            let job = Arc::clone(&job);
            workers.spawn(async move { job.work(usize::try_from(number).unwrap_or(0)).await });
        }
        let renewal = signer.map(|signer| tokio::spawn(async move { signer.renew().await }));
        let line = Line::new(self.quiet, self.duration, warmup);
        watch(&job, workers, interrupted, line).await?;
        if let Some(renewal) = renewal {
            renewal.abort();
        }
        let job = Arc::into_inner(job).ok_or_else(|| Failure::new("a connection is still under way"))?;
        Ok(self.report(job))
    }

    /// What is about to happen, on stderr.
    fn announce(&self, requests: &Requests) {
        let capacity = requests.capacity();
        if !self.quiet {
            let writes = match capacity {
                Some(capacity) if capacity.write.halves == 0 => "",
                Some(_) => "It writes. ",
                None => "It may write. ",
            };
            eprintln!("{}: {}. {writes}Ctrl-C ends it", visible(&self.target.url), requests.described);
        }
        if let Some((number, why)) = requests.refusal() {
            eprintln!("note: gateleg would refuse request {number}: {why}");
        }
    }

    fn report(&self, job: Job) -> Report {
        let tally = job.tally.into_inner().unwrap_or_else(PoisonError::into_inner);
        let elapsed = job.pace.elapsed(tally.last);
        let guess = self.target.front();
        let bill = (tally.succeeded() > 0).then(|| {
            let server = (!tally.server.is_empty()).then(|| tally.server.value_at_quantile(0.5));
            let (billed_ms, basis) = Bill::duration(self.billed_ms, server, tally.successes.value_at_quantile(0.5));
            Bill {
                front: self.front.or(guess).unwrap_or(Front::Rest),
                // Of a function's URL the host leaves no doubt.
                is_guess: self.front.is_none() && guess != Some(Front::Url),
                is_aws: guess.is_some(),
                arch: self.arch,
                memory_mb: self.memory,
                billed_ms,
                basis,
                capacity: job.requests.capacity(),
            }
        });
        let manner = Manner {
            url: self.target.url.clone(),
            described: job.requests.described.clone(),
            concurrency: self.concurrency,
            rate: self.rate,
            duration: self.duration,
            warmup: self.warmup.unwrap_or_default(),
            timeout: self.timeout,
        };
        Report { manner, elapsed, untaken: job.pace.untaken(), interrupted: job.pace.is_stopped(), bill, tally }
    }
}

/// What all connections share.
struct Job {
    pace: Arc<Pace>,
    requests: Requests,
    client: Arc<Client>,
    tally: Mutex<Tally>,
}

impl Job {
    /// What one connection does.
    async fn work(&self, number: usize) {
        let mut wire = Wire::new(Arc::clone(&self.client), number);
        while let Some(turn) = self.pace.next().await {
            let body = self.requests.next();
            let sent = u64::try_from(body.len()).unwrap_or(u64::MAX);
            let outcome = wire.send(body).await;
            let took = turn.due.elapsed();
            let pause = turn.is_closed && outcome.fault.as_ref().is_some_and(|(fault, _)| fault.is_of_connecting());
            {
                let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
                tally.connections += wire.opened();
                if turn.counts {
                    tally.add(outcome, took, sent);
                } else {
                    tally.uncounted += 1;
                }
            }
            if pause {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Waits until all connections are done, and meanwhile writes the line and listens for Ctrl-C.
async fn watch(
    job: &Job,
    mut workers: JoinSet<()>,
    interrupted: impl Future<Output = ()>,
    mut line: Line,
) -> Result<(), Failure> {
    let mut tick = tokio::time::interval(TICK);
    let mut interrupted = std::pin::pin!(interrupted);
    let mut is_over = false;
    loop {
        tokio::select! {
            _ = &mut interrupted, if !is_over => {
                is_over = true;
                job.pace.stop();
            }
            _ = tick.tick() => line.write(job),
            ended = workers.join_next() => match ended {
                Some(Ok(())) => {}
                Some(Err(error)) => return Err(Failure::new(format!("a connection's task broke off: {error}"))),
                None => break,
            },
        }
    }
    line.bar.finish_and_clear();
    Ok(())
}

/// The line on the terminal; elsewhere there is none.
struct Line {
    bar: ProgressBar,
    duration: Duration,
    warmup: Duration,
    last: Option<(Instant, u64)>,
}

impl Line {
    fn new(quiet: bool, duration: Duration, warmup: Duration) -> Self {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr_with_hz(4) };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
            bar.set_style(style);
        }
        Line { bar, duration, warmup, last: None }
    }

    fn write(&mut self, job: &Job) {
        if self.bar.is_hidden() {
            return;
        }
        let now = Instant::now();
        let begun = job.pace.counted_from();
        let text = if now < begun {
            let left = (begun - now).as_secs_f64();
            format!("warming up, {left:.1} of {:.1} s left", self.warmup.as_secs_f64())
        } else {
            let tally = job.tally.lock().unwrap_or_else(PoisonError::into_inner);
            let (since, before) = self.last.unwrap_or((begun, 0));
            let ms = (now - since).as_millis().max(1);
            let rate = u64::try_from(u128::from(tally.ended - before) * 1000 / ms).unwrap_or(u64::MAX);
            self.last = Some((now, tally.ended));
            report::live(&tally, now - begun, self.duration, rate, job.pace.waiting())
        };
        self.bar.set_message(text);
        self.bar.tick();
    }
}

/// Ends with the first Ctrl-C; the second ends the process at once.
#[cfg(unix)]
fn interrupts() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupt = signal(SignalKind::interrupt());
    let mut interrupt = interrupt.map_err(|error| Failure::new(format!("Ctrl-C cannot be listened for: {error}")))?;
    Ok(async move {
        interrupt.recv().await;
        tokio::spawn(async move {
            interrupt.recv().await;
            std::process::exit(130);
        });
    })
}

#[cfg(not(unix))]
fn interrupts() -> Result<impl Future<Output = ()>, Failure> {
    Ok(async {
        // Without a way to hear of it, the run ends by its time.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

/// Reads `name: value`.
fn header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let expected = || "expected a header such as 'x-api-key: 123'".to_string();
    let (name, value) = text.split_once(':').ok_or_else(expected)?;
    let name: HeaderName = name.trim().parse().map_err(|_| expected())?;
    if [HOST, CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION].contains(&name) {
        return Err(format!("{name} follows from the URL, the request and the connection"));
    }
    let mut value: HeaderValue = value.trim().parse().map_err(|_| expected())?;
    // It may well be a secret.
    value.set_sensitive(true);
    Ok((name, value))
}

/// Raises the number of files this process may have open, if it must be: a connection is one.
#[cfg(unix)]
fn allow_files(connections: u32) -> Result<(), Failure> {
    use rustix::process::{Resource, getrlimit, setrlimit};
    // Files, and connections that are being closed.
    let needed = u64::from(connections) + 100;
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    limit.current = Some(limit.maximum.map_or(needed, |maximum| maximum.min(needed)));
    if limit.current == Some(needed) && setrlimit(Resource::Nofile, limit).is_ok() {
        return Ok(());
    }
    let maximum = limit.maximum.unwrap_or_default();
    Err(Failure::usage(format!("--concurrency {connections}: this process may have no more than {maximum} files open"))
        .hint("ulimit -n says so; whoever runs the machine can raise it"))
}

#[cfg(not(unix))]
fn allow_files(_: u32) -> Result<(), Failure> {
    Ok(())
}
