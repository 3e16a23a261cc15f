//! Takes traces as OpenTelemetry's collector does, and keeps them: the bytes as they came, and what they say.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use prost::Message as _;

pub struct Collector {
    pub address: SocketAddr,
    taken: Arc<Mutex<Vec<Taken>>>,
}

/// One request: its head in lower case, and its body.
struct Taken {
    head: String,
    body: Vec<u8>,
}

/// A span, its ids in hexadecimal digits.
#[derive(Debug)]
pub struct Span {
    pub trace: String,
    pub id: String,
    pub parent: String,
    pub name: String,
    /// 1 internal, 2 server, 3 client.
    pub kind: i32,
    pub is_error: bool,
    pub attributes: BTreeMap<String, String>,
    pub began: u64,
    pub ended: u64,
}

impl Collector {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&taken);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let all = Arc::clone(&all);
                thread::spawn(move || serve(stream.unwrap(), &all));
            }
        });
        Collector { address, taken }
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn heads(&self) -> Vec<String> {
        self.taken.lock().unwrap().iter().map(|taken| taken.head.clone()).collect()
    }

    /// All bytes that came, as far as they are text.
    pub fn text(&self) -> String {
        let taken = self.taken.lock().unwrap();
        taken.iter().map(|taken| format!("{}{}", taken.head, String::from_utf8_lossy(&taken.body))).collect()
    }

    /// What is said of who sends.
    pub fn resource(&self) -> BTreeMap<String, String> {
        let taken = self.taken.lock().unwrap();
        let resource = message(&taken[0].body).resource_spans.remove(0).resource.unwrap();
        attributes(resource.attributes)
    }

    pub fn spans(&self) -> Vec<Span> {
        let taken = self.taken.lock().unwrap();
        let all = taken.iter().flat_map(|taken| message(&taken.body).resource_spans);
        let spans = all.flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans);
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        spans
            .map(|span| Span {
                trace: hex(&span.trace_id),
                id: hex(&span.span_id),
                parent: hex(&span.parent_span_id),
                name: span.name,
                kind: span.kind,
                is_error: span.status.is_some_and(|status| status.code == 2),
                attributes: attributes(span.attributes),
                began: span.start_time_unix_nano,
                ended: span.end_time_unix_nano,
            })
            .collect()
    }
}

fn message(body: &[u8]) -> ExportTraceServiceRequest {
    ExportTraceServiceRequest::decode(body).unwrap()
}

fn attributes(list: Vec<KeyValue>) -> BTreeMap<String, String> {
    list.into_iter().map(|pair| (pair.key, shown(pair.value.unwrap().value.unwrap()))).collect()
}

fn shown(value: Value) -> String {
    match value {
        Value::StringValue(text) => text,
        Value::IntValue(number) => number.to_string(),
        Value::ArrayValue(array) => {
            array.values.into_iter().map(|one| shown(one.value.unwrap())).collect::<Vec<_>>().join(",")
        }
        other => panic!("no attribute is like this: {other:?}"),
    }
}

fn serve(stream: TcpStream, all: &Mutex<Vec<Taken>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).is_ok_and(|read| read == 0) {
                return;
            }
        }
        let head = head.to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        all.lock().unwrap().push(Taken { head, body });
        reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
    }
}
