//! One side of an exchange: its first line, its headers, its body.

use super::body::Body;
use super::redact::of_headers;
use http::HeaderMap;
use serde_json::{Value, json};

/// A request or a response.
#[derive(Debug, Clone, Default)]
pub(crate) struct Side {
    /// Method and address, or the status.
    pub(crate) line: String,
    headers: Vec<(String, String)>,
    body: Body,
}

impl Side {
    /// A message of any operation.
    pub(crate) fn of(line: String, headers: &HeaderMap, body: &[u8]) -> Self {
        Self {
            line,
            headers: of_headers(headers),
            body: Body::of(body),
        }
    }

    /// A request for a token, or its answer.
    pub(crate) fn of_token(line: String, headers: &HeaderMap, body: &[u8]) -> Self {
        Self {
            line,
            headers: of_headers(headers),
            body: Body::of_token(body),
        }
    }

    pub(crate) fn weight(&self) -> usize {
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| name.len() + value.len() + 48);
        self.line.len() + headers.sum::<usize>() + self.body.weight()
    }

    /// All of it.
    pub(crate) fn told(&self) -> Value {
        let mut told = self.body.measured();
        told["line"] = self.line.as_str().into();
        told["headers"] = self
            .headers
            .iter()
            .map(|(name, value)| json!([name, value]))
            .collect();
        told["body"] = self.body.told();
        told
    }
}
