//! AWS Lambda on loopback: a Runtime API that hands out events and takes answers, the real `bootstrap` as its function, and a
//! real DynamoDB engine behind it.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};

/// Lambda's own ceiling on answers.
const MAX_ANSWER_BYTES: usize = 6_291_556;

/// What `bootstrap` posted.
#[derive(Debug)]
pub struct Post {
    /// The path behind `/2018-06-01/runtime`.
    pub path: String,
    /// Headers, names in lower case.
    pub headers: HashMap<String, String>,
    /// The body.
    pub body: String,
}

struct Event {
    request_id: String,
    time_left: Duration,
    client_context: Option<String>,
    body: Vec<u8>,
}

/// One function and its Runtime API.
pub struct Lambda {
    events: Sender<Event>,
    posts: Receiver<Post>,
    child: Child,
    log: Arc<Mutex<String>>,
    invocations: u32,
}

impl Lambda {
    /// Starts `bootstrap` with those variables in front of that endpoint.
    pub fn start(endpoint: &str, variables: &[(&str, &str)]) -> Lambda {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (events, queue) = channel();
        let (sender, posts) = channel();
        let queue = Arc::new(Mutex::new(queue));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (queue, sender) = (Arc::clone(&queue), sender.clone());
                // A connection ends when the function does, in whatever way.
                std::thread::spawn(move || speak(stream.unwrap(), &queue, &sender));
            }
        });
        let mut command = Command::new(env!("CARGO_BIN_EXE_bootstrap"));
        let ours = std::env::vars_os().map(|(name, _)| name);
        for name in ours.filter(|name| name.to_str().is_some_and(|name| name.starts_with("GATELEG_"))) {
            command.env_remove(name);
        }
        for name in ["RUST_LOG", "AWS_LAMBDA_LOG_LEVEL", "AWS_PROFILE"] {
            command.env_remove(name);
        }
        let mut child = command
            .env("AWS_LAMBDA_RUNTIME_API", &address)
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "example")
            .env("AWS_ENDPOINT_URL_DYNAMODB", endpoint)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (lines, kept) = (BufReader::new(child.stdout.take().unwrap()), Arc::clone(&log));
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                let mut log = kept.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        Lambda { events, posts, child, log, invocations: 0 }
    }

    /// Invokes the function with 10 seconds to go, and waits for its answer.
    pub fn invoke(&mut self, event: impl AsRef<[u8]>) -> Post {
        self.invoke_with(event, Duration::from_secs(10), None)
    }

    /// Invokes the function with that time to go, and that client context.
    pub fn invoke_with(&mut self, event: impl AsRef<[u8]>, time_left: Duration, client_context: Option<&str>) -> Post {
        self.invocations += 1;
        let request_id = self.last_request_id();
        let body = event.as_ref().to_vec();
        let client_context = client_context.map(String::from);
        self.events.send(Event { request_id: request_id.clone(), time_left, client_context, body }).unwrap();
        let post = self.posted();
        let (path, id) = (&post.path, format!("/invocation/{request_id}/"));
        assert!(path.starts_with(&id), "expected an answer to {request_id}, but {path} was posted");
        assert_eq!(post.headers.get("lambda-runtime-invocation-id"), Some(&format!("invocation-{request_id}")));
        post
    }

    /// The next thing that is posted.
    pub fn posted(&mut self) -> Post {
        self.posts.recv_timeout(Duration::from_secs(60)).unwrap_or_else(|_| {
            panic!("nothing was posted; the process: {:?}; its log:\n{}", self.child.try_wait(), self.log())
        })
    }

    /// The id of the last invocation, which looks like Lambda's.
    pub fn last_request_id(&self) -> String {
        format!("00000000-0000-4000-8000-{:012}", self.invocations)
    }

    /// Whether the process that was started is still there.
    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// The memory it has, in KiB.
    #[cfg(target_os = "linux")]
    pub fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// The exit code, once it has ended.
    pub fn exit_code(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Speaks HTTP/1.1 on one connection, as the Runtime API does.
fn speak(stream: TcpStream, queue: &Mutex<Receiver<Event>>, posts: &Sender<Post>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
        let (method, path) = line.trim_end().strip_suffix(" HTTP/1.1")?.split_once(' ')?;
        let path = path.strip_prefix("/2018-06-01/runtime")?.to_owned();
        let headers = headers(&mut reader)?;
        let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        if method == "GET" {
            assert_eq!(path, "/invocation/next");
            let event = queue.lock().unwrap().recv().ok()?;
            write_event(&mut writer, &event).ok()?;
            continue;
        }
        let too_large = body.len() > MAX_ANSWER_BYTES;
        posts.send(Post { path, headers, body: String::from_utf8(body).unwrap() }).ok()?;
        let status = if too_large { "413 Payload Too Large" } else { "202 Accepted" };
        write!(
            writer,
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: 16\r\n\r\n{{\"status\":\"OK\"}}\n"
        )
        .ok()?;
    }
}

fn headers(reader: &mut impl BufRead) -> Option<HashMap<String, String>> {
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.split_once(':') else { return Some(headers) };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
}

/// All in one piece, so that a large event is not held up by the head's acknowledgement.
fn write_event(writer: &mut TcpStream, event: &Event) -> std::io::Result<()> {
    let Event { request_id, time_left, client_context, body } = event;
    let deadline = (SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + *time_left).as_millis();
    let client_context =
        client_context.as_ref().map(|json| format!("lambda-runtime-client-context: {json}\r\n")).unwrap_or_default();
    let mut response = format!(
        "HTTP/1.1 200 OK\r\n\
         content-type: application/json\r\n\
         lambda-runtime-aws-request-id: {request_id}\r\n\
         lambda-runtime-deadline-ms: {deadline}\r\n\
         lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-west-1:123456789012:function:gateleg\r\n\
         lambda-runtime-trace-id: Root=1-67891234-abcdef012345678912345678;Parent=abcdef0123456789;Sampled=0\r\n\
         lambda-runtime-invocation-id: invocation-{request_id}\r\n\
         {client_context}\
         content-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    response.extend_from_slice(body);
    writer.write_all(&response)
}

/// A DynamoDB engine on loopback, with one table.
pub struct Engine {
    child: Child,
    /// Where it listens.
    pub endpoint: String,
}

impl Engine {
    /// Starts an empty one, and makes the table `lambda-apigateway`, key `id` (S), in it.
    pub fn start() -> Engine {
        let mut child = Command::new(engine())
            .arg("--until-stdin-ends")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let endpoint = loop {
            let line = lines.next().expect("the engine says where it listens").unwrap();
            if let Some(endpoint) = line.strip_prefix("listening on ") {
                break endpoint.trim().to_owned();
            }
        };
        // Its output is read on, or a full pipe would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(create_table(&endpoint));
        Engine { child, endpoint }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn create_table(endpoint: &str) {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "example", None, None, "test"))
        .build();
    let id = AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S);
    let hash = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash);
    let client = aws_sdk_dynamodb::Client::from_conf(config);
    let table = client
        .create_table()
        .table_name("lambda-apigateway")
        .attribute_definitions(id.build().unwrap())
        .key_schema(hash.build().unwrap())
        .billing_mode(BillingMode::PayPerRequest);
    table.send().await.unwrap();
}

/// The engine's program: `GATELEG_ENGINE`, or built here, by itself, because what it is made of must not be unified with this.
fn engine() -> &'static Path {
    static ENGINE: OnceLock<PathBuf> = OnceLock::new();
    ENGINE.get_or_init(|| {
        if let Some(path) = std::env::var_os("GATELEG_ENGINE") {
            return path.into();
        }
        let folder = Path::new(env!("CARGO_BIN_EXE_bootstrap")).parent().unwrap();
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--quiet", "--package", "gateleg-engine", "--target-dir"]).arg(folder.parent().unwrap());
        if folder.ends_with("release") {
            cargo.arg("--release");
        }
        let status = cargo.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).status().unwrap();
        assert!(status.success(), "gateleg-engine was not built: {status}");
        folder.join(format!("gateleg-engine{}", std::env::consts::EXE_SUFFIX))
    })
}
