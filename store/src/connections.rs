//! Connections to one server, by HTTP/1.1: opened when none is free, kept while they are likely to be.
//!
//! hyper speaks the protocol. Its general client finds the server of every request anew, in a pool of pools, and the SDK's turns
//! requests and answers into types of its own around that; with one server and nothing to turn, both are spared.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::response::Parts;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tower_service::Service as _;

use crate::causes::text;

/// An idle connection is given up before the other side does: DynamoDB keeps one for a minute or so.
const IDLE: Duration = Duration::from_secs(50);

/// Most idle connections that are kept.
const MAX_IDLE: usize = 64;

/// The connections to one server.
#[derive(Debug)]
pub struct Connections {
    server: Uri,
    tls: Option<Tls>,
    tcp: HttpConnector,
    connect: Duration,
    /// The last one that was used comes last.
    idle: Mutex<Vec<Idle>>,
}

/// TLS with a server of that name.
pub struct Tls {
    /// What makes it.
    pub connector: TlsConnector,
    /// Whom the certificate has to name.
    pub server: ServerName<'static>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("server", &self.server).finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Idle {
    sender: SendRequest<Full<Bytes>>,
    since: Instant,
}

/// The body of an answer, and the connection that it comes by. Dropped, the connection is closed.
#[derive(Debug)]
pub struct Body<'c> {
    incoming: Incoming,
    sender: SendRequest<Full<Bytes>>,
    connections: &'c Connections,
}

/// There is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Nothing was sent.
    #[error("there is no connection: {}", text(&**.0))]
    NotConnected(BoxError),
    /// The connection broke before there was an answer; the request may have arrived.
    #[error("the connection broke: {}", text(.0))]
    Broken(hyper::Error),
}

/// Any error.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl Connections {
    /// Connections to the server of that URL, each to be made within that time.
    pub fn new(server: Uri, tls: Option<Tls>, connect: Duration) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        Connections { server, tls, tcp, connect, idle: Mutex::default() }
    }

    /// Sends a request, whose URL is the path alone and which has a `host` header, and waits for the head of the answer.
    ///
    /// # Errors
    /// When there is no connection, or it breaks.
    pub async fn send(&self, mut request: Request<Full<Bytes>>) -> Result<(Parts, Body<'_>), Fault> {
        // The server may have closed one while it was idle; a request that was not begun on it goes to the next.
        while let Some(mut sender) = self.take() {
            if sender.ready().await.is_err() {
                continue;
            }
            match sender.try_send_request(request).await {
                Ok(response) => return Ok(self.answer(response, sender)),
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(Fault::Broken(error.into_error())),
                },
            }
        }
        let mut sender = match timeout(self.connect, self.open()).await {
            Ok(sender) => sender.map_err(Fault::NotConnected)?,
            Err(late) => return Err(Fault::NotConnected(late.into())),
        };
        let response = sender.send_request(request).await.map_err(Fault::Broken)?;
        Ok(self.answer(response, sender))
    }

    fn answer(&self, response: Response<Incoming>, sender: SendRequest<Full<Bytes>>) -> (Parts, Body<'_>) {
        let (head, incoming) = response.into_parts();
        (head, Body { incoming, sender, connections: self })
    }

    fn keep(&self, sender: SendRequest<Full<Bytes>>) {
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

    async fn open(&self) -> Result<SendRequest<Full<Bytes>>, BoxError> {
        let stream = self.tcp.clone().call(self.server.clone()).await?.into_inner();
        Ok(match &self.tls {
            None => introduce(stream).await?,
            Some(tls) => introduce(tls.connector.connect(tls.server.clone(), stream).await?).await?,
        })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Body<'_> {
    /// Reads it to its end, and no more than so many bytes; then the connection is free for another request.
    ///
    /// # Errors
    /// When it is longer, or breaks off.
    pub async fn read(self, most: usize) -> Result<Bytes, BoxError> {
        let body = Limited::new(self.incoming, most).collect().await?.to_bytes();
        self.connections.keep(self.sender);
        Ok(body)
    }
}

/// HTTP on that stream, for which a task cares from then on.
async fn introduce<S>(stream: S) -> Result<SendRequest<Full<Bytes>>, hyper::Error>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(async move {
        // What breaks it is told to whoever waits for an answer.
        let _ = connection.await;
    });
    Ok(sender)
}
