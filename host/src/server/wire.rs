//! A connection's bytes, over TLS or as they are, with those that were read ahead put back, and its writes held to a time.
//!
//! A caller who asks for much and takes nothing would otherwise hold its reply in memory for as long as it likes. It need not
//! be fast, but has to take [`STEP`] bytes, or what is left, each time the time has run out.

use std::future::Future as _;
use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How much has to be taken for the time to begin anew.
const STEP: usize = 64 * 1024;

/// What a client that speaks HTTP/2 begins with; no request of HTTP/1 does.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What a caller speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

/// A connection.
pub(super) struct Wire {
    stream: Stream,
    /// Read ahead, and not asked for yet.
    ahead: Vec<u8>,
    taken: usize,
}

/// How the bytes come.
enum Stream {
    Plain(Patient),
    Tls(Box<TlsStream<Patient>>),
}

/// A socket whose writes are held to a time. Below TLS, because TLS takes what it is given without having sent it.
struct Patient {
    stream: TcpStream,
    time: Duration,
    /// When a write that waits is given up, and what has been written since.
    due: Option<(Pin<Box<Sleep>>, usize)>,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, time: Duration) -> Self {
        Self::over(Stream::Plain(Patient { stream, time, due: None }))
    }

    /// Ends with the handshake.
    pub(super) async fn secure(stream: TcpStream, time: Duration, acceptor: TlsAcceptor) -> Result<Self> {
        let stream = acceptor.accept(Patient { stream, time, due: None }).await?;
        Ok(Self::over(Stream::Tls(Box::new(stream))))
    }

    fn over(stream: Stream) -> Self {
        Wire { stream, ahead: Vec::new(), taken: 0 }
    }

    /// Reads as far as it takes to tell what the caller speaks; nothing, if it ends before.
    pub(super) async fn protocol(&mut self) -> Result<Option<Protocol>> {
        loop {
            if self.stream.read_buf(&mut self.ahead).await? == 0 {
                return Ok(None);
            }
            if self.ahead.starts_with(PREFACE) {
                return Ok(Some(Protocol::Http2));
            }
            if !PREFACE.starts_with(&self.ahead) {
                return Ok(Some(Protocol::Http1));
            }
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        let wire = self.get_mut();
        let left = wire.ahead.get(wire.taken..).unwrap_or_default();
        if left.is_empty() {
            return Pin::new(&mut wire.stream).poll_read(cx, buf);
        }
        let (now, _) = left.split_at_checked(buf.remaining()).unwrap_or((left, &[]));
        buf.put_slice(now);
        wire.taken += now.len();
        if wire.taken == wire.ahead.len() {
            (wire.ahead, wire.taken) = (Vec::new(), 0);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[IoSlice<'_>]) -> Poll<Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[IoSlice<'_>]) -> Poll<Result<usize>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
            Stream::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Stream::Plain(stream) => stream.is_write_vectored(),
            Stream::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

impl Patient {
    fn wrote(&mut self, bytes: usize) {
        if let Some((_, since)) = &mut self.due {
            *since = since.saturating_add(bytes);
            if *since >= STEP {
                self.due = None;
            }
        }
    }

    fn stuck<T>(&mut self, cx: &mut Context<'_>) -> Poll<Result<T>> {
        let time = self.time;
        let (due, _) = self.due.get_or_insert_with(|| (Box::pin(sleep(time)), 0));
        ready!(due.as_mut().poll(cx));
        Poll::Ready(Err(Error::new(ErrorKind::TimedOut, "the caller does not take its reply")))
    }

    fn after_write(&mut self, cx: &mut Context<'_>, written: Poll<Result<usize>>) -> Poll<Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) => {
                self.wrote(bytes);
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self.stuck(cx),
        }
    }
}

impl AsyncRead for Patient {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        let patient = self.get_mut();
        let written = Pin::new(&mut patient.stream).poll_write(cx, buf);
        patient.after_write(cx, written)
    }

    fn poll_write_vectored(self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[IoSlice<'_>]) -> Poll<Result<usize>> {
        let patient = self.get_mut();
        let written = Pin::new(&mut patient.stream).poll_write_vectored(cx, bufs);
        patient.after_write(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Asked for when all that was to be said has been written: nothing waits any more.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let patient = self.get_mut();
        patient.due = None;
        Pin::new(&mut patient.stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
