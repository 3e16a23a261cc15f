//! Turns a contender into a running function: its process behind a Runtime API of its own, the times of what it does, its CPU and its
//! memory as the system counts them.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::Result;
use crate::runtime_api::{RuntimeApi, Seen};
use crate::share::{Limited, Share};

/// A way to answer the tutorial's events.
#[derive(Clone, Debug)]
pub struct Contender {
    /// What the tables call it.
    pub name: &'static str,
    /// The program, with its arguments.
    pub command: Vec<PathBuf>,
    /// Where it starts, which is Lambda's task root.
    pub folder: PathBuf,
}

/// A contender that was started; it is stopped when this is dropped.
pub struct Function {
    name: &'static str,
    process: Child,
    api: RuntimeApi,
    /// Its share of the CPU; dropped after the process is gone.
    limited: Option<Limited>,
    /// When its process was asked for.
    started: Instant,
    /// From then to the first time that it asked for an event.
    pub init: Duration,
}

impl Function {
    /// Starts it in front of the engine at `endpoint`, and waits until it asks for an event.
    pub fn start(contender: &Contender, endpoint: &str) -> Result<Function> {
        Function::start_behind(RuntimeApi::start()?, contender, endpoint)
    }

    fn start_behind(api: RuntimeApi, contender: &Contender, endpoint: &str) -> Result<Function> {
        let mut words = contender.command.iter();
        let mut command = Command::new(words.next().ok_or("expected a program")?);
        command.args(words).current_dir(&contender.folder).env_clear();
        // Lambda's own variables, and nothing of whoever runs the bench.
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("LAMBDA_TASK_ROOT", &contender.folder).envs([
            ("AWS_LAMBDA_RUNTIME_API", api.address.as_str()),
            ("AWS_ENDPOINT_URL_DYNAMODB", endpoint),
            ("AWS_REGION", "us-east-1"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "example"),
            ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
            ("LANG", "en_US.UTF-8"),
            ("TZ", ":UTC"),
            ("GATELEG_TABLES", "lambda-apigateway"),
        ]);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let started = Instant::now();
        let mut process =
            command.spawn().map_err(|error| format!("{:?} does not start: {error}", contender.command))?;
        // The log is read, as Lambda reads it.
        if let Some(mut log) = process.stdout.take() {
            std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        }
        let mut function =
            Function { name: contender.name, process, api, limited: None, started, init: Duration::ZERO };
        function.init = function.asked()? - started;
        Ok(function)
    }

    /// From the start of the process to its asking for an event, which is waiting for it, and to the answer.
    pub fn first_reply(contender: &Contender, endpoint: &str, event: &Event) -> Result<(Duration, Duration)> {
        let api = RuntimeApi::start()?;
        api.put(&event.text)?;
        let function = Function::start_behind(api, contender, endpoint)?;
        let (_, at) = function.answer(event)?;
        Ok((function.init, at - function.started))
    }

    /// From now on it has no more than that share of a CPU. Returns how it is held to it, for people.
    pub fn limit(&mut self, share: Share) -> Result<String> {
        let limited = self.limited.insert(share.limit(self.process.id())?);
        Ok(limited.how())
    }

    /// Hands it the event so many times, one after another.
    pub fn invoke(&self, event: &Event, times: usize) -> Result {
        (0..times).try_for_each(|_| self.invoke_once(event).map(drop))
    }

    /// Hands it the event and returns how long it took, from handing it out to the answer; when this returns, it has asked for another.
    pub fn invoke_once(&self, event: &Event) -> Result<Duration> {
        self.api.put(&event.text)?;
        let (handed, at) = self.answer(event)?;
        self.asked()?;
        Ok(at - handed)
    }

    /// When the event was handed out and when it was answered, which is what comes next.
    fn answer(&self, event: &Event) -> Result<(Instant, Instant)> {
        match self.seen()? {
            // A refusal would be quick, and measure nothing.
            Seen::Posted { end, handed: Some(handed), at, body }
                if end == "response" && body.contains(event.answer) =>
            {
                Ok((handed, at))
            }
            other => {
                Err(format!("{}: expected an answer with {}, but found {other:?}", self.name, event.answer).into())
            }
        }
    }

    /// When it asked for an event, which is what it does next.
    fn asked(&self) -> Result<Instant> {
        match self.seen()? {
            Seen::Next(at) => Ok(at),
            other => Err(format!("{}: expected it to ask for an event, but found {other:?}", self.name).into()),
        }
    }

    fn seen(&self) -> Result<Seen> {
        self.api.seen().map_err(|error| format!("{}: {error}", self.name).into())
    }

    /// The CPU time it has taken in all its threads so far, thread by thread, as the scheduler counts it.
    pub fn cpu(&self) -> Result<Cpu> {
        let mut threads = HashMap::new();
        for task in fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            let task = task?;
            // The first figure is nanoseconds on a CPU, the user's and the system's.
            let text = fs::read_to_string(task.path().join("schedstat"))?;
            let nanoseconds = text.split(' ').next().unwrap_or_default().parse()?;
            threads.insert(task.file_name(), nanoseconds);
        }
        Ok(Cpu(threads))
    }

    /// The most memory it has held so far, in KiB.
    pub fn peak_memory(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("expected VmHWM")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// What the threads of a process have taken, in nanoseconds.
#[derive(Debug)]
pub struct Cpu(HashMap<std::ffi::OsString, u64>);

impl Cpu {
    /// Microseconds since then.
    pub fn since(&self, earlier: &Cpu) -> f64 {
        let taken = self.0.iter().map(|(thread, now)| now - earlier.0.get(thread).unwrap_or(&0));
        taken.sum::<u64>() as f64 / 1000.0
    }
}

/// What a function is handed, and what its answer must hold.
#[derive(Clone, Debug)]
pub struct Event {
    text: Arc<[u8]>,
    answer: &'static str,
}

impl Event {
    /// An event of these bytes.
    pub fn new(text: &str, answer: &'static str) -> Event {
        Event { text: text.as_bytes().into(), answer }
    }
}
