//! A body that is written while it is sent, piece by piece.

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::Frame;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc;

/// How long what was written before a cut is given to leave.
const FLUSH: Duration = Duration::from_millis(50);
/// In how many pieces a slow body comes.
const DRIPS: usize = 20;

/// The body breaks off here.
#[derive(Debug, thiserror::Error)]
#[error("the body was cut short, as somebody wished")]
pub(crate) struct Cut;

/// Where the pieces go. A receiver that is gone makes sending fail.
pub(crate) type Mouth = mpsc::Sender<Result<Bytes, Cut>>;

struct Pipe(mpsc::Receiver<Result<Bytes, Cut>>);

impl HttpBody for Pipe {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        self.0
            .poll_recv(cx)
            .map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

/// A body, and where to write it.
pub(crate) fn pipe() -> (Mouth, Body) {
    let (sender, receiver) = mpsc::channel(16);
    (sender, Body::new(Pipe(receiver)))
}

/// A body of which the first half comes, and then the end of the connection.
pub(crate) fn truncated(mut bytes: Bytes) -> Body {
    let (mouth, body) = pipe();
    bytes.truncate(bytes.len() / 2);
    tokio::spawn(async move {
        // Whoever has gone away misses nothing.
        let _ = mouth.send(Ok(bytes)).await;
        tokio::time::sleep(FLUSH).await;
        let _ = mouth.send(Err(Cut)).await;
    });
    body
}

/// A body that takes this long to arrive.
pub(crate) fn dripping(bytes: Bytes, over: Duration) -> Body {
    let (mouth, body) = pipe();
    let piece = bytes.len().div_ceil(DRIPS).max(1);
    let pieces = u32::try_from(bytes.len().div_ceil(piece)).unwrap_or(1).max(1);
    tokio::spawn(async move {
        for start in (0..bytes.len()).step_by(piece) {
            tokio::time::sleep(over / pieces).await;
            let end = (start + piece).min(bytes.len());
            if mouth.send(Ok(bytes.slice(start..end))).await.is_err() {
                return;
            }
        }
    });
    body
}
