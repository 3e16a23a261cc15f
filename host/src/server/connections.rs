//! A listening socket becomes connections, each served until it ends, is idle too long, or the server stops.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

/// Most connections at once; more wait to be accepted.
const MOST: u32 = 1024;

/// How long a connection may take to send a request's head, the time between two requests included.
const HEAD_TIME: Duration = Duration::from_secs(30);

/// How long a refused caller may go on sending after its answer.
const LINGER: Duration = Duration::from_secs(2);

/// Serves connections until `stop`, then lets those that have a request under way end, for `grace` at most: whether all did.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>, grace: Duration) -> bool {
    let places = Arc::new(Semaphore::new(usize::try_from(MOST).unwrap_or(usize::MAX)));
    let (stopping, stopped) = watch::channel(());
    let accept = async {
        loop {
            // The semaphore is never closed.
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            match listener.accept().await {
                Ok((stream, _)) => {
                    let (router, stopped) = (router.clone(), stopped.clone());
                    tokio::spawn(async move {
                        connection(stream, router, stopped).await;
                        drop(place);
                    });
                }
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
    tokio::time::timeout(grace, places.acquire_many(MOST)).await.is_ok()
}

async fn connection(stream: TcpStream, router: Router, mut stopped: watch::Receiver<()>) {
    // Replies are written whole; waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    let cut = Arc::new(AtomicBool::new(false));
    let router = TowerToHyperService::new(router);
    let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
        let cut = Arc::clone(&cut);
        let answer = router.call(request.map(Body::new));
        // Boxed, because hyper wants to move it.
        Box::pin(async move {
            let response = answer.await?;
            if response.headers().get(CONNECTION).map(HeaderValue::as_bytes) == Some(b"close") {
                cut.store(true, Ordering::Relaxed);
            }
            Ok::<_, std::convert::Infallible>(response)
        })
    });
    let mut http = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .serve_connection(TokioIo::new(stream), service);
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
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
    let mut stream = http.into_parts().io.into_inner();
    let _ = stream.shutdown().await;
    if cut.load(Ordering::Relaxed) {
        // Closing on unread bytes makes the other side's system throw our answer away before its program sees it.
        let mut sink = vec![0; 16 * 1024];
        let drain = async { while stream.read(&mut sink).await.is_ok_and(|read| read > 0) {} };
        let _ = tokio::time::timeout(LINGER, drain).await;
    }
}
