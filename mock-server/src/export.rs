//! The records of a registry as JSON Lines, in the form in which they can be imported.

use crate::service::Service;
use crate::state::Register;
use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use hyper::body::Frame;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// How many records are written at a time; between them the register may go on.
const AT_A_TIME: usize = 500;

/// All records.
pub(crate) fn records(cx: &Service) -> Response {
    let mut response = Response::new(Body::new(Lines {
        register: cx.register(),
        next: Some(0),
    }));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A body that is written while it is sent, since a register may be large.
struct Lines {
    register: Arc<Register>,
    /// The record to go on with.
    next: Option<usize>,
}

impl HttpBody for Lines {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Some(from) = self.next else {
            return Poll::Ready(None);
        };
        let records = self.register.some(from, AT_A_TIME);
        self.next = (records.len() == AT_A_TIME).then_some(from + AT_A_TIME);
        let mut lines = Vec::new();
        for record in &records {
            // A record can always be written, and a vector takes all of it.
            let _ = serde_json::to_writer(&mut lines, record);
            lines.push(b'\n');
        }
        Poll::Ready((!lines.is_empty()).then(|| Ok(Frame::data(lines.into()))))
    }
}
