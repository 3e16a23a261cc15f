//! Connections to one server, by HTTP/1.1: opened when none is free, kept while they are likely to be.
//!
//! hyper speaks the protocol. Its general client finds the server of every request anew, in a pool of pools, and the SDK's turns
//! requests and answers into types of its own around that; with one server and nothing to turn, both are spared.

use std::error::Error;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::time::{Instant, timeout};
use tower_service::Service as _;

use super::super::failure::Silence;
use super::{text, trust};

/// An idle connection is given up before the other side does: DynamoDB keeps one for a minute or so.
const IDLE: Duration = Duration::from_secs(50);

/// Most idle connections that are kept.
const MAX_IDLE: usize = 64;

/// The connections to one server.
#[derive(Debug)]
pub(super) struct Connections {
    server: Uri,
    connector: HttpsConnector<HttpConnector>,
    connect: Duration,
    /// The last one that was used comes last.
    idle: Mutex<Vec<Idle>>,
}

#[derive(Debug)]
struct Idle {
    sender: SendRequest<Full<Bytes>>,
    since: Instant,
}

/// An answer's head, with its body still to be read, and the connection that it comes by.
pub(super) struct Answer {
    pub(super) response: Response<Incoming>,
    pub(super) connection: Connection,
}

/// A connection in use. Dropped, it is closed.
pub(super) struct Connection(SendRequest<Full<Bytes>>);

/// There is no answer: how that came, and what is behind it.
pub(super) type Fault = (Silence, String);

impl Connections {
    /// Connections to the server of that URL; to be made within that time, each.
    pub(super) fn new(server: Uri, connect: Duration) -> Result<Self, String> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(trust::tls(&server)?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        Ok(Connections { server, connector, connect, idle: Mutex::default() })
    }

    /// Sends a request, whose URL is the path alone, and waits for the head of the answer.
    pub(super) async fn send(&self, mut request: Request<Full<Bytes>>) -> Result<Answer, Fault> {
        // The server may have closed one while it was idle; a request that was not begun on it goes to the next.
        while let Some(mut sender) = self.take() {
            if sender.ready().await.is_err() {
                continue;
            }
            match sender.try_send_request(request).await {
                Ok(response) => return Ok(Answer { response, connection: Connection(sender) }),
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err((Silence::Broken, text(error.into_error()))),
                },
            }
        }
        let mut sender = match timeout(self.connect, self.open()).await {
            Ok(sender) => sender.map_err(|error| (Silence::NotConnected, text(error)))?,
            Err(late) => return Err((Silence::NotConnected, late.to_string())),
        };
        let response = sender.send_request(request).await.map_err(|error| (Silence::Broken, text(error)))?;
        Ok(Answer { response, connection: Connection(sender) })
    }

    /// Takes a connection back whose answer was read to its end.
    pub(super) fn keep(&self, Connection(sender): Connection) {
        let mut idle = self.idle();
        if !sender.is_closed() && idle.len() < MAX_IDLE {
            idle.push(Idle { sender, since: Instant::now() });
        }
    }

    /// The one that was used last, if it was lately; those that were not are closed.
    fn take(&self) -> Option<SendRequest<Full<Bytes>>> {
        let mut idle = self.idle();
        if idle.first()?.since.elapsed() >= IDLE {
            idle.retain(|idle| idle.since.elapsed() < IDLE);
        }
        idle.pop().map(|idle| idle.sender)
    }

    async fn open(&self) -> Result<SendRequest<Full<Bytes>>, Box<dyn Error + Send + Sync>> {
        let stream = self.connector.clone().call(self.server.clone()).await?;
        let (sender, connection) = http1::handshake(stream).await?;
        tokio::spawn(async move {
            // What breaks it is told to whoever waits for an answer.
            let _ = connection.await;
        });
        Ok(sender)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
