//! A connection that can be reset: its peer gets no answer, not even a proper end. And one whose peer takes too
//! long to say what it wants, which is answered with 408.

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
pub(crate) struct Line(Arc<Marks>);

/// What happened to a connection.
#[derive(Debug, Default)]
struct Marks {
    reset: AtomicBool,
    /// Bytes came to which no answer has been begun.
    unanswered: AtomicBool,
    late: AtomicBool,
}

/// The answer to the beginning of a request whose end never came.
const LATE: &[u8] =
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: application/json\r\nconnection: close\r\n\
content-length: 94\r\n\r\n\
{\"errors\":[{\"code\":\"err.request.timeout\",\"message\":\"the head of the request did not arrive\"}]}";

/// The connection is to be reset.
#[derive(Debug, thiserror::Error)]
#[error("the connection is reset, as somebody wished")]
pub(super) struct Reset;

impl Line {
    /// Resets the connection instead of sending anything more.
    pub(crate) fn reset(&self) {
        self.0.reset.store(true, Ordering::Release);
    }

    pub(super) fn is_reset(&self) -> bool {
        self.0.reset.load(Ordering::Acquire)
    }

    /// The peer took too long. Whoever has said nothing is not answered either.
    pub(super) fn close_late(&self) {
        self.0.late.store(true, Ordering::Release);
    }

    fn is_late(&self) -> bool {
        self.0.late.load(Ordering::Acquire) && self.0.unanswered.load(Ordering::Acquire)
    }

    fn has_come(&self, anything: bool) {
        self.0.unanswered.fetch_or(anything, Ordering::AcqRel);
    }

    fn is_answered(&self) {
        self.0.unanswered.store(false, Ordering::Release);
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
        // Nothing else is being written, and so little fits.
        if self.line.is_late()
            && let Err(error) = self.stream.try_write(LATE)
        {
            debug!(%error, "failed to answer a late request");
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.line.has_come(buf.filled().len() > before);
        polled
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.line.is_reset() {
            // Under TLS there is a proper end that is written.
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        self.line.is_answered();
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
        self.line.is_answered();
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
