//! A body becomes a request on a connection of its own, and what comes back, if anything does, an outcome.
//!
//! A connection is kept from request to request, and opened anew where it has ended. Nothing is sent a second time, nor is a
//! redirect followed: an outcome is what the URL itself answers.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::{HOST, HeaderMap};
use axum::http::{Request, Response, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_rustls::ConfigBuilderExt as _;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

use super::sign::Signer;
use super::tally::{Fault, Outcome};
use super::target::Target;
use crate::failure::Failure;
use crate::tls;

/// What is known of a reply's body; the rest is counted and dropped.
const KEPT: usize = 64 * 1024;

/// What all connections share.
pub struct Client {
    /// Where to.
    pub target: Target,
    addresses: Vec<SocketAddr>,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    http2: bool,
    headers: HeaderMap,
    signer: Option<Arc<Signer>>,
    time: Duration,
    max_reply: u64,
}

/// How requests are sent.
pub struct Manner {
    /// HTTP/2, and nothing else.
    pub http2: bool,
    /// What each carries.
    pub headers: HeaderMap,
    /// Who signs each.
    pub signer: Option<Arc<Signer>>,
    /// How long one may take, the connection included.
    pub time: Duration,
    /// Most bytes of a reply.
    pub max_reply: usize,
}

impl Client {
    /// Looks up the host, and connects once, so that a URL nobody answers at is known before anything else.
    ///
    /// # Errors
    /// When there is no connection.
    pub async fn new(target: Target, manner: Manner) -> Result<Self, Failure> {
        let unreachable = |why: &str| Failure::new(format!("{} cannot be reached: {why}", target.url));
        let found = tokio::net::lookup_host((target.host.as_str(), target.port)).await;
        let found = found.map_err(|error| unreachable(&format!("{} is not known: {error}", target.host)))?;
        let Manner { http2, headers, signer, time, max_reply } = manner;
        let tls = match target.secure {
            true => Some(connector(&target.host, http2).map_err(|why| unreachable(&why))?),
            false => None,
        };
        let max_reply = u64::try_from(max_reply).unwrap_or(u64::MAX);
        let mut client =
            Client { target: target.clone(), addresses: found.collect(), tls, http2, headers, signer, time, max_reply };
        let peer = match tokio::time::timeout(time, client.connect(0)).await {
            Err(_) => return Err(unreachable(&format!("no connection within {} ms", time.as_millis()))),
            Ok(Err((Fault::Refused, _))) => {
                return Err(unreachable("nobody listens there (connection refused)")
                    .hint("gateleg serve listens on http://127.0.0.1:8080/dynamodbmanager"));
            }
            Ok(Err((_, why))) => return Err(unreachable(&why)),
            Ok(Ok((_, peer))) => peer,
        };
        // Of a host with several addresses all are used, but of the kind that works.
        client.addresses.retain(|address| address.is_ipv4() == peer.is_ipv4());
        Ok(client)
    }

    /// Opens a connection, to the address whose turn it is or else to another.
    async fn connect(&self, number: usize) -> Result<(Open, SocketAddr), (Fault, String)> {
        let mut addresses = self.addresses.clone();
        let turn = number % addresses.len().max(1);
        addresses.rotate_left(turn);
        let stream = TcpStream::connect(addresses.as_slice()).await.map_err(|error| match error.kind() {
            ErrorKind::ConnectionRefused => (Fault::Refused, "nobody listens there".into()),
            _ => (Fault::Unreachable, error.to_string()),
        })?;
        let lost = |error: std::io::Error| (Fault::Unreachable, error.to_string());
        let peer = stream.peer_addr().map_err(lost)?;
        stream.set_nodelay(true).map_err(lost)?;
        let open = match &self.tls {
            None => self.shake_hands(stream).await?,
            Some((connector, name)) => {
                let stream = connector.connect(name.clone(), stream).await;
                let stream = stream.map_err(|error| (Fault::Tls, error.to_string()))?;
                if self.http2 && stream.get_ref().1.alpn_protocol() != Some(b"h2") {
                    return Err((Fault::Tls, "the server does not speak HTTP/2".into()));
                }
                self.shake_hands(stream).await?
            }
        };
        Ok((open, peer))
    }

    async fn shake_hands<S>(&self, stream: S) -> Result<Open, (Fault, String)>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    {
        let stream = TokioIo::new(stream);
        if self.http2 {
            let (sender, connection) =
                http2::handshake(TokioExecutor::new(), stream).await.map_err(|error| fault_of(&error))?;
            return Ok(Open { sender: Sender::Http2(sender), driver: tokio::spawn(async { drop(connection.await) }) });
        }
        let (sender, connection) = http1::handshake(stream).await.map_err(|error| fault_of(&error))?;
        Ok(Open { sender: Sender::Http1(sender), driver: tokio::spawn(async { drop(connection.await) }) })
    }

    fn request(&self, body: Bytes) -> Result<Request<Full<Bytes>>, String> {
        let Target { authority, path, .. } = &self.target;
        let url = format!("{}://{authority}{path}", self.target.scheme());
        let mut request = Request::new(Full::new(body.clone()));
        *request.method_mut() = axum::http::Method::POST;
        *request.headers_mut() = self.headers.clone();
        if let Some(signer) = &self.signer {
            signer.sign(&mut request, &url, &body)?;
        }
        if self.http2 {
            *request.uri_mut() = url.parse::<Uri>().map_err(|error| error.to_string())?;
        } else {
            *request.uri_mut() = path.parse::<Uri>().map_err(|error| error.to_string())?;
            request.headers_mut().insert(HOST, authority.parse().map_err(|_| "the host is no header value")?);
        }
        Ok(request)
    }
}

fn connector(host: &str, http2: bool) -> Result<(TlsConnector, ServerName<'static>), String> {
    let name = ServerName::try_from(host.to_string()).map_err(|error| error.to_string())?;
    let builder = ClientConfig::builder_with_provider(tls::provider()).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| error.to_string())?;
    let builder = builder.with_native_roots().map_err(|error| format!("whom to trust is not known: {error}"))?;
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![if http2 { b"h2".to_vec() } else { b"http/1.1".to_vec() }];
    Ok((TlsConnector::from(Arc::new(config)), name))
}

/// One connection after another, each for one request at a time.
pub struct Wire {
    client: Arc<Client>,
    number: usize,
    open: Option<Open>,
    /// Connections opened and not yet asked for.
    opened: u64,
}

/// A connection; it ends with this.
struct Open {
    sender: Sender,
    driver: JoinHandle<()>,
}

enum Sender {
    Http1(http1::SendRequest<Full<Bytes>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

impl Drop for Open {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Sender {
    async fn ready(&mut self) -> hyper::Result<()> {
        match self {
            Sender::Http1(sender) => sender.ready().await,
            Sender::Http2(sender) => sender.ready().await,
        }
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> hyper::Result<Response<Incoming>> {
        match self {
            Sender::Http1(sender) => sender.send_request(request).await,
            Sender::Http2(sender) => sender.send_request(request).await,
        }
    }
}

impl Wire {
    /// Nothing is opened yet. The number says which of a host's addresses comes first.
    pub fn new(client: Arc<Client>, number: usize) -> Self {
        Wire { client, number, open: None, opened: 0 }
    }

    /// How many connections were opened since this was asked last.
    pub fn opened(&mut self) -> u64 {
        std::mem::take(&mut self.opened)
    }

    /// Sends a body, and reads the reply to its end.
    pub async fn send(&mut self, body: Bytes) -> Outcome {
        let time = self.client.time;
        let outcome = match tokio::time::timeout(time, self.exchange(body)).await {
            Ok(Ok(outcome)) => return outcome,
            Ok(Err((fault, detail))) => Outcome::none(fault, detail),
            Err(_) => Outcome::none(Fault::Timeout, format!("no whole reply within {} ms", time.as_millis())),
        };
        // What is left of the reply is nobody's.
        self.open = None;
        outcome
    }

    async fn exchange(&mut self, body: Bytes) -> Result<Outcome, (Fault, String)> {
        let request = self.client.request(body).map_err(|error| (Fault::Unsigned, error))?;
        if let Some(open) = &mut self.open
            && open.sender.ready().await.is_err()
        {
            self.open = None;
        }
        let open = match &mut self.open {
            Some(open) => open,
            none => {
                let (open, _) = self.client.connect(self.number).await?;
                self.opened += 1;
                none.insert(open)
            }
        };
        let reply = open.sender.send(request).await.map_err(|error| fault_of(&error))?;
        read(reply, self.client.max_reply).await
    }
}

async fn read(reply: Response<Incoming>, max: u64) -> Result<Outcome, (Fault, String)> {
    let (head, mut body) = reply.into_parts();
    let mut kept = Vec::new();
    let mut received: u64 = 0;
    while let Some(frame) = body.frame().await {
        let Ok(bytes) = frame.map_err(|error| fault_of(&error))?.into_data() else { continue };
        received = received.saturating_add(bytes.len().try_into().unwrap_or(u64::MAX));
        if received > max {
            return Err((Fault::TooLarge, format!("more than {max} bytes")));
        }
        kept.extend(bytes.iter().take(KEPT - kept.len().min(KEPT)));
    }
    let header = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
    let server = header("server-timing").and_then(server_micros);
    let mut outcome = Outcome::reply(head.status.as_u16(), &kept, header("x-amzn-errortype"), server);
    outcome.received = received;
    Ok(outcome)
}

/// What the entry `total` of a Server-Timing header says, which is in milliseconds: `db;dur=1, total;dur=2.5`.
fn server_micros(header: &str) -> Option<u64> {
    let total = header.split(',').find_map(|entry| entry.trim().strip_prefix("total;"))?;
    let ms = total.split(';').find_map(|part| part.trim().strip_prefix("dur="))?.trim_matches('"');
    Duration::try_from_secs_f64(ms.parse::<f64>().ok()? / 1000.0).ok()?.as_micros().try_into().ok()
}

fn fault_of(error: &hyper::Error) -> (Fault, String) {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    let said = causes.last().map(ToString::to_string).unwrap_or_default();
    if error.is_parse() { (Fault::Garbage, said) } else { (Fault::Closed, said) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_tells_its_time_in_milliseconds() {
        for (header, expected) in [
            ("total;dur=2.5", Some(2500)),
            ("db;dur=1, total;desc=\"all\";dur=12", Some(12_000)),
            ("total;dur=0", Some(0)),
            ("db;dur=1", None),
            ("total", None),
            ("total;dur=-1", None),
            ("total;dur=NaN", None),
            ("total;dur=1e300", None),
        ] {
            assert_eq!(server_micros(header), expected, "{header}");
        }
    }
}
