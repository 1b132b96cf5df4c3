//! What goes back to the caller, and what the log says about it.

use crate::refusal::Refusal;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderName};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");
pub(crate) const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
pub(crate) const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// An answer, and a note for the log.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) content_type: HeaderValue,
    pub(crate) body: Bytes,
    pub(crate) note: Note,
}

/// What the log says of an answer. Never a secret.
#[derive(Debug, Default)]
pub(crate) struct Note {
    pub(crate) message_id: Option<String>,
    pub(crate) transaction_id: Option<String>,
    pub(crate) correlation_id: Option<String>,
    pub(crate) verdict: String,
    /// Why the request is refused, where it is.
    pub(crate) refusal: Option<Refusal>,
    /// Whether it is known that no part of the answer says that it is rejected.
    pub(crate) accepts_all: bool,
}

impl Answer {
    /// A JSON document.
    pub(crate) fn json(status: StatusCode, body: &Value) -> Self {
        // Far faster than its `Display`; a value can always be written.
        Self::bytes(status, JSON, serde_json::to_vec(body).unwrap_or_default())
    }

    /// Any text.
    pub(crate) fn text(status: StatusCode, content_type: HeaderValue, body: String) -> Self {
        Self::bytes(status, content_type, body.into_bytes())
    }

    /// Any body.
    pub(crate) fn bytes(status: StatusCode, content_type: HeaderValue, body: Vec<u8>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            content_type,
            // The journal may keep it: no more than it takes.
            body: body.into_boxed_slice().into(),
            note: Note::default(),
        }
    }

    /// An error of the transport layer: `{errors: [{code, message}]}`.
    pub(crate) fn errors(status: StatusCode, code: &str, message: &str) -> Self {
        Self::json(status, &json!({"errors": [{"code": code, "message": message}]}))
            .noting(&format!("{code}: {message}"))
            .refusing(Refusal::coded(code, message))
    }

    /// The page that a web framework shows when nobody wrote a better one.
    pub(crate) fn framework_page(status: StatusCode) -> Self {
        let page = format!("<!doctype html>\n<title>{status}</title>\n<h1>{status}</h1>\n");
        Self::text(status, HTML, page)
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Whether some part of it may say that it is rejected.
    pub(crate) fn says_rjct(&self) -> bool {
        let says = || std::str::from_utf8(&self.body).is_ok_and(|text| text.contains("\"rjct\""));
        !self.note.accepts_all && says()
    }

    /// Whether its header says that the request is rejected.
    pub(crate) fn rejects_all(&self) -> bool {
        let header = || serde_json::from_slice::<Value>(&self.body).ok();
        let status = |body: Value| body.pointer("/header/status") == Some(&"rjct".into());
        self.says_rjct() && header().is_some_and(status)
    }

    /// Nobody may keep this answer.
    pub(crate) fn uncached(self) -> Self {
        self.with_header(CACHE_CONTROL, HeaderValue::from_static("no-store"))
    }

    /// The connection is of no further use.
    pub(crate) fn closing(self) -> Self {
        self.with_header(CONNECTION, HeaderValue::from_static("close"))
    }

    /// Why it is no other answer.
    pub(crate) fn refusing(mut self, refusal: Refusal) -> Self {
        self.note.refusal = Some(refusal);
        self
    }

    /// What the log says of the outcome.
    pub(crate) fn noting(mut self, verdict: &str) -> Self {
        verdict.clone_into(&mut self.note.verdict);
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        response.headers_mut().insert(CONTENT_TYPE, self.content_type);
        response.headers_mut().extend(self.headers);
        response
    }
}
