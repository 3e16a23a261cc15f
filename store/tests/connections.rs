//! Connections are kept while they can be, and no request is sent twice for it.
#![allow(clippy::panic, reason = "a test fails by it")]

mod common;

use std::time::Duration;

use bytes::Bytes;
use gateleg_store::connections::{Connections, Fault};
use http::Request;
use http::header::HOST;
use http_body_util::Full;

use common::canned::{self, Canned};

const ENOUGH: Duration = Duration::from_secs(5);

#[tokio::test]
async fn one_connection_serves_one_request_after_the_other() {
    let server = Canned::start([body()]).await;
    let connections = connections(&server.endpoint);
    for _ in 0..3 {
        assert_eq!(ask(&connections).await.as_deref(), Ok("{}"));
    }
    assert_eq!((server.seen().len(), server.connections()), (3, 1));
}

#[tokio::test]
async fn requests_side_by_side_have_a_connection_each_and_those_after_them_none_more() {
    let server = Canned::start([body()]).await;
    let connections = connections(&server.endpoint);
    for _ in 0..3 {
        let both = tokio::join!(ask(&connections), ask(&connections));
        assert_eq!((both.0.as_deref(), both.1.as_deref()), (Ok("{}"), Ok("{}")));
    }
    assert_eq!((server.seen().len(), server.connections()), (6, 2));
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_replaced() {
    let last = canned::Answer::Raw("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".into());
    let server = Canned::start([body(), last, body()]).await;
    let connections = connections(&server.endpoint);
    for expected in [(1, 1), (2, 1), (3, 2), (4, 2)] {
        assert_eq!(ask(&connections).await.as_deref(), Ok("{}"));
        assert_eq!((server.seen().len(), server.connections()), expected);
        // Time for the end of the connection to arrive.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_connection_with_something_left_to_read_is_not_used_again() {
    let server = Canned::start([body()]).await;
    let connections = connections(&server.endpoint);
    drop(connections.send(request()).await.unwrap_or_else(|fault| panic!("{fault}")));
    assert_eq!(ask(&connections).await.as_deref(), Ok("{}"));
    assert_eq!((server.seen().len(), server.connections()), (2, 2));
}

#[tokio::test]
async fn a_request_that_may_have_arrived_is_not_sent_again() {
    let server = Canned::start([body(), canned::Answer::Raw(String::new()), body()]).await;
    let connections = connections(&server.endpoint);
    for expected in [Ok("{}"), Err(&"broken"), Ok("{}")] {
        assert_eq!(ask(&connections).await.as_deref(), expected);
    }
    assert_eq!((server.seen().len(), server.connections()), (3, 2));
}

#[tokio::test]
async fn nothing_was_sent_where_nobody_listens() {
    // A port that was free a moment ago.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap_or_else(|error| panic!("{error}"));
    let address = listener.local_addr().unwrap_or_else(|error| panic!("{error}"));
    drop(listener);
    assert_eq!(ask(&connections(&format!("http://{address}"))).await.as_deref(), Err(&"not connected"));
}

fn body() -> canned::Answer {
    canned::Answer::Body(200, "{}".into())
}

fn connections(endpoint: &str) -> Connections {
    let server = endpoint.parse().unwrap_or_else(|error| panic!("{endpoint}: {error}"));
    Connections::new(server, None, ENOUGH)
}

fn request() -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::default());
    request.headers_mut().insert(HOST, http::HeaderValue::from_static("localhost"));
    request
}

/// The body of the answer, or what kind of fault there was.
async fn ask(connections: &Connections) -> Result<String, &'static str> {
    let (_, body) = match connections.send(request()).await {
        Ok(answer) => answer,
        Err(Fault::NotConnected(_)) => return Err("not connected"),
        Err(Fault::Broken(_)) => return Err("broken"),
    };
    let body = body.read(usize::MAX).await.map_err(|_| "broken off")?;
    Ok(String::from_utf8_lossy(&body).into_owned())
}
