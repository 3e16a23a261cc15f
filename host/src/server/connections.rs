//! A listening socket becomes connections, each served until it ends, is idle or slow too long, or the server stops.
//!
//! HTTP/1.1 and, for callers that begin with it, HTTP/2; over TLS, if there is a certificate. Connections beyond the most there
//! may be are told so and closed.

use std::error::Error as _;
use std::future::{Future, poll_fn};
use std::io::ErrorKind;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use gateleg_core::error::{Error, ErrorType};
use hyper::server::conn::{http1, http2};
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep_until, timeout};
use uuid::Uuid;

use super::wire::{Protocol, Wire};
use crate::metrics::labels::{Handshake, Why};
use crate::metrics::{Metrics, OneOf};
use crate::tls::Tls;

/// How long a refused caller may go on sending after its answer.
const LINGER: Duration = Duration::from_secs(2);

/// Connections beyond the most that are told so at once; still more are closed without a word.
const TURNED_AWAY: usize = 128;

/// Requests at once on one HTTP/2 connection.
const STREAMS: u32 = 64;

/// Bytes of an HTTP/2 request's headers.
const HEAD_BYTES: u32 = 16 * 1024;

/// How long an HTTP/2 connection may be used. Then the caller is told to open another, and a reply that it does not take goes
/// with the old one.
const AGE: Duration = Duration::from_secs(600);

/// How long an HTTP/2 connection that is to end may take over it, once all is answered.
const PARTING: Duration = Duration::from_secs(10);

/// What connections may use.
#[derive(Clone)]
pub struct Connections {
    /// Most at once.
    pub most: u32,
    /// How long a caller may take over the TLS handshake; to send a request's head, the time between two requests included;
    /// and to take a part of its reply.
    pub time: Duration,
    /// What handshakes are answered with. Without it, TLS is not spoken; with it, nothing else is.
    pub tls: Option<Arc<Tls>>,
    /// Counts them.
    pub metrics: Arc<Metrics>,
}

impl Connections {
    /// Serves connections until `stop`, then lets those that have a request under way end, for `grace` at most: whether all
    /// did.
    pub async fn serve(
        self,
        listener: TcpListener,
        router: Router,
        stop: impl Future<Output = ()>,
        grace: Duration,
    ) -> bool {
        let places = Arc::new(Semaphore::new(usize::try_from(self.most).unwrap_or(usize::MAX)));
        let beyond = Arc::new(Semaphore::new(TURNED_AWAY));
        let most = self.most;
        let (stopping, stopped) = watch::channel(());
        let all = Arc::new(self);
        let accept = async {
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => match Arc::clone(&places).try_acquire_owned() {
                        Ok(place) => {
                            let (all, router, stopped) = (Arc::clone(&all), router.clone(), stopped.clone());
                            tokio::spawn(async move {
                                let _one = OneOf::count(&all.metrics.connections);
                                all.connection(stream, router, stopped).await;
                                drop(place);
                            });
                        }
                        Err(_) => {
                            all.metrics.connections_refused.inc();
                            if let Ok(place) = Arc::clone(&beyond).try_acquire_owned() {
                                let all = Arc::clone(&all);
                                tokio::spawn(async move {
                                    // However it ends, the caller is gone.
                                    let told = async { turn_away(all.begin(stream).await?).await };
                                    let _ = timeout(LINGER, told).await;
                                    drop(place);
                                });
                            }
                        }
                    },
                    Err(error) => {
                        // Out of file descriptors, most likely: trying again at once would only burn the processor.
                        tracing::warn!(%error, "accepting a connection failed");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }
            }
        };
        tokio::select! {
            () = accept => {}
            () = stop => {}
        }
        drop(listener);
        drop(stopping);
        timeout(grace, places.acquire_many(most)).await.is_ok()
    }

    async fn connection(&self, stream: TcpStream, router: Router, mut stopped: watch::Receiver<()>) {
        // Replies are written whole; waiting for more to send would only delay them.
        let _ = stream.set_nodelay(true);
        let begun = tokio::select! {
            begun = self.begin(stream) => begun,
            // Nothing was asked yet.
            _ = stopped.changed() => return,
        };
        let Ok(mut wire) = begun else { return };
        let protocol = tokio::select! {
            protocol = timeout(self.time, wire.protocol()) => protocol,
            _ = stopped.changed() => return,
        };
        let ended = match protocol {
            Ok(Ok(Some(Protocol::Http1))) => self.http1(wire, router, stopped).await,
            Ok(Ok(Some(Protocol::Http2))) => self.http2(wire, router, stopped).await,
            Ok(Ok(None) | Err(_)) => return,
            Err(_) => return self.metrics.cut(&Why::HEAD),
        };
        if let Err(error) = ended {
            if let Some(why) = cut(&error) {
                self.metrics.cut(&why);
            }
            tracing::debug!(%error, "a connection broke off");
        }
    }

    /// The connection, once it is secure if it has to be.
    async fn begin(&self, stream: TcpStream) -> std::io::Result<Wire> {
        let Some(tls) = &self.tls else { return Ok(Wire::new(stream, self.time)) };
        let secure = match timeout(self.time, Wire::secure(stream, self.time, tls.acceptor())).await {
            Ok(secure) => secure,
            Err(_) => Err(ErrorKind::TimedOut.into()),
        };
        let outcome = secure.as_ref().map_or_else(Handshake::of, |_| Handshake::OK);
        self.metrics.shook_hands(&outcome);
        secure.inspect_err(|error| tracing::debug!(%error, "a TLS handshake failed"))
    }

    async fn http1(&self, wire: Wire, router: Router, mut stopped: watch::Receiver<()>) -> hyper::Result<()> {
        let refused = Arc::new(AtomicBool::new(false));
        let router = TowerToHyperService::new(router);
        let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
            let refused = Arc::clone(&refused);
            let answer = router.call(request.map(Body::new));
            // Boxed, because hyper wants to move it.
            Box::pin(async move {
                let response = answer.await?;
                if response.headers().get(CONNECTION).map(HeaderValue::as_bytes) == Some(b"close") {
                    refused.store(true, Ordering::Relaxed);
                }
                Ok::<_, std::convert::Infallible>(response)
            })
        });
        let mut http = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.time)
            .serve_connection(TokioIo::new(wire), service);
        let mut told = false;
        let ended = loop {
            let ended = tokio::select! {
                ended = poll_fn(|cx| http.poll_without_shutdown(cx)) => Some(ended),
                _ = stopped.changed(), if !told => None,
            };
            match ended {
                Some(ended) => break ended,
                None => {
                    told = true;
                    Pin::new(&mut http).graceful_shutdown();
                }
            }
        };
        let mut wire = http.into_parts().io.into_inner();
        let _ = wire.shutdown().await;
        if refused.load(Ordering::Relaxed) {
            linger(&mut wire, LINGER).await;
        }
        ended
    }

    /// As long as something is asked and answered, and no longer than [`AGE`].
    async fn http2(&self, wire: Wire, router: Router, mut stopped: watch::Receiver<()>) -> hyper::Result<()> {
        let busy = Arc::new(Busy::new());
        let router = TowerToHyperService::new(router);
        let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
            let asked = Busy::begin(&busy);
            let answer = router.call(request.map(Body::new));
            Box::pin(async move {
                let response = answer.await;
                drop(asked);
                response
            })
        });
        let mut http = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS)
            .max_header_list_size(HEAD_BYTES)
            // A caller whose machine is gone does not say so.
            .keep_alive_interval(self.time)
            .keep_alive_timeout(self.time)
            .serve_connection(TokioIo::new(wire), service);
        let end = Instant::now() + AGE;
        let mut told: Option<Instant> = None;
        // Later, whenever something is being answered.
        let due = |told: Option<Instant>| match told {
            Some(told) => told.max(busy.idle_since()) + PARTING.min(self.time),
            None => end.min(busy.idle_since() + self.time),
        };
        loop {
            let until = due(told);
            tokio::select! {
                ended = &mut http => return ended,
                _ = stopped.changed(), if told.is_none() => {}
                () = sleep_until(until) => {
                    if Instant::now() < due(told) {
                        continue;
                    }
                    if told.is_some() {
                        self.metrics.cut(&Why::AGE);
                        return Ok(());
                    }
                }
            }
            told = Some(Instant::now());
            Pin::new(&mut http).graceful_shutdown();
        }
    }
}

/// Whether anything is being answered, and since when nothing is.
struct Busy(Mutex<(u32, Instant)>);

impl Busy {
    fn new() -> Self {
        Busy(Mutex::new((0, Instant::now())))
    }

    fn begin(busy: &Arc<Busy>) -> Asked {
        busy.change(|open| open + 1);
        Asked(Arc::clone(busy))
    }

    /// The time to count from: now, as long as something is being answered.
    fn idle_since(&self) -> Instant {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.0 == 0 { state.1 } else { Instant::now() }
    }

    fn change(&self, by: impl FnOnce(u32) -> u32) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = (by(state.0), Instant::now());
    }
}

/// One request that is being answered, until it is dropped.
struct Asked(Arc<Busy>);

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.change(|open| open.saturating_sub(1));
    }
}

/// Which of our own limits ended it, if one did.
fn cut(error: &hyper::Error) -> Option<Why> {
    if error.is_timeout() {
        return Some(Why::HEAD);
    }
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::TimedOut) {
            return Some(Why::REPLY);
        }
        cause = error.source();
    }
    None
}

/// Says that there are too many connections. To read first is for clients that do not expect an answer before they have asked.
async fn turn_away(mut stream: Wire) -> std::io::Result<()> {
    if stream.read(&mut [0; 1024]).await? == 0 {
        return Ok(());
    }
    let id = Uuid::new_v4().to_string();
    let error = Error::new(ErrorType::ServiceUnavailableException, "Too many connections are open here");
    let reply = error.hint("Nothing was done; send it again in a second").reply(&id);
    let head = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncache-control: no-store\r\nretry-after: 1\r\n\
         x-amzn-requestid: {id}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        reply.body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&reply.body).await?;
    stream.shutdown().await?;
    linger(&mut stream, LINGER / 10).await;
    Ok(())
}

/// Closing on unread bytes makes the other side's system throw our answer away before its program sees it.
async fn linger(stream: &mut (impl tokio::io::AsyncRead + Unpin), time: Duration) {
    let mut sink = vec![0; 16 * 1024];
    let drain = async { while stream.read(&mut sink).await.is_ok_and(|read| read > 0) {} };
    let _ = timeout(time, drain).await;
}
