//! A client that speaks TLS, and HTTP/1.1 or HTTP/2 over it.

use std::io::Result;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Whom it trusts, and what it speaks.
#[derive(Clone)]
pub struct Client(Arc<ClientConfig>);

/// A connection that is open.
pub enum Connection {
    Http1(http1::SendRequest<Body>),
    Http2(http2::SendRequest<Body>),
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Client {
    pub fn new(trusted: &CertificateDer<'static>) -> Self {
        Self::with(trusted, rustls::ALL_VERSIONS, &["http/1.1"])
    }

    pub fn with(
        trusted: &CertificateDer<'static>,
        versions: &[&'static SupportedProtocolVersion],
        protocols: &[&str],
    ) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(trusted.clone()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let builder = builder.with_protocol_versions(versions).unwrap();
        let mut config = builder.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        Client(Arc::new(config))
    }

    /// Ends with the handshake.
    pub async fn shake_hands(&self, address: SocketAddr) -> Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(address).await?;
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::clone(&self.0)).connect(name, stream).await
    }

    /// Connects, and speaks what was agreed on; and says which version of TLS was.
    pub async fn connect(&self, address: SocketAddr) -> Result<(Connection, ProtocolVersion)> {
        let stream = self.shake_hands(address).await?;
        let version = stream.get_ref().1.protocol_version().unwrap();
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        let connection = if is_http2 {
            let (sender, connection) =
                http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.map_err(std::io::Error::other)?;
            tokio::spawn(connection);
            Connection::Http2(sender)
        } else {
            let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(std::io::Error::other)?;
            tokio::spawn(connection);
            Connection::Http1(sender)
        };
        Ok((connection, version))
    }

    /// One request on a connection of its own.
    pub async fn ask(&self, address: SocketAddr, method: &str, path: &str, body: &str) -> Answer {
        let (mut connection, _) = self.connect(address).await.unwrap();
        connection.ask(address, method, path, body, &[]).await.unwrap()
    }

    /// The same from outside of a runtime.
    pub fn fetch(&self, address: SocketAddr, path: &str) -> String {
        run(self.ask(address, "GET", path, "")).body
    }
}

impl Connection {
    pub async fn ask(
        &mut self,
        address: SocketAddr,
        method: &str,
        path: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> hyper::Result<Answer> {
        let host = format!("localhost:{}", address.port());
        let uri = match self {
            Connection::Http1(_) => path.to_string(),
            Connection::Http2(_) => format!("https://{host}{path}"),
        };
        let mut request = Request::builder().method(method).uri(uri).header("content-type", "application/json");
        if let Connection::Http1(_) = self {
            request = request.header("host", host);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_string())).unwrap();
        let (head, body) = match self {
            Connection::Http1(sender) => {
                sender.ready().await?;
                sender.send_request(request).await?
            }
            Connection::Http2(sender) => sender.send_request(request).await?,
        }
        .into_parts();
        let body = to_bytes(Body::new(body), usize::MAX).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
    }
}

pub fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
