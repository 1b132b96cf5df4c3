//! One side of an exchange: its first line, its headers, its body.

use super::body::Body;
use super::headers::Headers;
use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;

/// A request or a response.
#[derive(Debug, Clone, Default)]
pub(crate) struct Side {
    /// Method and address, or the status.
    pub(crate) line: String,
    headers: Headers,
    body: Body,
}

impl Side {
    /// A message of any operation.
    pub(crate) fn of(line: String, headers: &HeaderMap, body: &Bytes) -> Self {
        Self {
            line,
            headers: Headers::of(headers),
            body: Body::of(body),
        }
    }

    /// A request for a token, or its answer.
    pub(crate) fn of_token(line: String, headers: &HeaderMap, body: &Bytes) -> Self {
        Self {
            line,
            headers: Headers::of(headers),
            body: Body::of_token(body),
        }
    }

    pub(crate) fn weight(&self) -> usize {
        self.line.len() + self.headers.weight() + self.body.weight()
    }

    /// All of it.
    pub(crate) fn told(&self) -> Value {
        let mut told = self.body.measured();
        told["line"] = self.line.as_str().into();
        told["headers"] = self.headers.told();
        told["body"] = self.body.told();
        told
    }
}
