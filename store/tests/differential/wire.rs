//! One connection to an engine, past every client: what is sent is what a test wrote, valid or not.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An open connection.
pub struct Wire {
    stream: TcpStream,
}

impl Wire {
    /// Connects to `http://HOST:PORT`.
    pub async fn connect(endpoint: &str) -> Self {
        let address = endpoint.strip_prefix("http://").expect("an endpoint is http://HOST:PORT");
        let stream = TcpStream::connect(address).await.expect("the engine listens");
        stream.set_nodelay(true).expect("it is a socket");
        Wire { stream }
    }

    /// The status and body that a call gets.
    pub async fn post(&mut self, call: &str, body: &str) -> (u16, String) {
        let head = format!(
            "POST / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-amz-target: DynamoDB_20120810.{call}\r\n\
             content-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\nx-amz-date: 20240101T000000Z\r\n\
             authorization: AWS4-HMAC-SHA256 Credential=test/20240101/us-east-1/dynamodb/aws4_request, \
             SignedHeaders=host;x-amz-date;x-amz-target, Signature=0\r\n\r\n",
            body.len()
        );
        self.stream.write_all(head.as_bytes()).await.expect("the engine reads");
        self.stream.write_all(body.as_bytes()).await.expect("the engine reads");
        let mut received = Vec::new();
        loop {
            assert!(self.stream.read_buf(&mut received).await.expect("the engine answers") > 0, "it broke off: {body}");
            let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&received[..end]).to_lowercase();
            let status = head.split(' ').nth(1).and_then(|text| text.parse().ok()).expect("a status");
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.and_then(|text| text.trim().parse().ok()).expect("a length");
            if received.len() >= end + 4 + length {
                return (status, String::from_utf8_lossy(&received[end + 4..]).into_owned());
            }
        }
    }
}
