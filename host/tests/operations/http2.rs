//! A client that speaks HTTP/2 from the first byte, without TLS.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

/// Sends every request, each a method, a host, a path and a body, on one connection before it takes the first reply: status,
/// headers and body of each.
pub fn all_at_once<'r>(
    address: SocketAddr,
    requests: impl Iterator<Item = (&'r str, &'r str, &'r str, &'r str)>,
) -> Vec<(u16, HeaderMap, String)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let stream = TcpStream::connect(address).await.unwrap();
        let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let mut under_way = Vec::new();
        for (method, host, path, body) in requests {
            let request = Request::builder().method(method).uri(format!("http://{host}{path}"));
            let request =
                request.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap();
            under_way.push(sender.send_request(request));
        }
        let mut answers = Vec::new();
        for answer in under_way {
            let (head, body) = answer.await.unwrap().into_parts();
            let body = to_bytes(Body::new(body), usize::MAX).await.unwrap();
            answers.push((head.status.as_u16(), head.headers, String::from_utf8(body.to_vec()).unwrap()));
        }
        answers
    })
}

/// Connects, asks for that to be echoed if there is something, takes nothing of the reply, but answers every ping: how long it
/// is left to.
pub fn left_alone(address: SocketAddr, body: Option<String>) -> Duration {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let started = Instant::now();
        let stream = TcpStream::connect(address).await.unwrap();
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder.initial_stream_window_size(1000);
        let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.unwrap();
        let connection = tokio::spawn(connection);
        let mut kept = None;
        if let Some(body) = body {
            let request = Request::post(format!("http://{address}/dynamodbmanager"));
            let request = request.header("content-type", "application/json").body(Body::from(body)).unwrap();
            kept = Some(sender.send_request(request).await.unwrap());
        }
        let ended = tokio::time::timeout(Duration::from_secs(10), connection).await;
        assert!(ended.is_ok(), "nobody ends the connection");
        drop(kept);
        started.elapsed()
    })
}
