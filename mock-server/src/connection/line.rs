//! A connection that can be reset: its peer gets no answer, not even a proper end.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tracing::debug;

/// What a request knows of the connection that it came by.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line(Arc<AtomicBool>);

/// The connection is to be reset.
#[derive(Debug, thiserror::Error)]
#[error("the connection is reset, as somebody wished")]
pub(super) struct Reset;

impl Line {
    /// Resets the connection instead of sending anything more.
    pub(crate) fn reset(&self) {
        self.0.store(true, Ordering::Release);
    }

    pub(super) fn is_reset(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// The socket of a connection.
#[derive(Debug)]
pub(crate) struct Socket {
    pub(crate) stream: TcpStream,
    pub(super) line: Line,
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Without lingering, closing a socket resets its connection.
        if self.line.is_reset()
            && let Err(error) = self.stream.set_zero_linger()
        {
            debug!(%error, "failed to reset a connection");
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.line.is_reset() {
            // Under TLS there is a proper end that is written.
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.line.is_reset() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.stream).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.line.is_reset() {
            // A proper end would be an answer of its own.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
