//! A request as it arrived: headers and a body that was read within bounds of size and time.
//!
//! Whether the body is any good is not judged here.

use crate::callback::Manner;
use crate::clients::Client;
use crate::validate::Fault;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::Request;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT};
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// The largest body that is read.
const MOST_BYTES: usize = 1024 * 1024;
/// How much of a body that is too large is thrown away before the answer; a caller who is still writing
/// would otherwise see a broken connection instead of an answer.
const MOST_DISCARDED: usize = 128 * 1024 * 1024;
/// How long a body may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A request.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) headers: HeaderMap,
    /// The query of its address. May hold secrets.
    pub(crate) query: String,
    /// How its callback is to be sent, if somebody wishes it otherwise than usual.
    pub(crate) manner: Manner,
    /// Who sent it, where a token proves that.
    pub(crate) caller: Option<Arc<Client>>,
    body: Result<Bytes, Unread>,
}

/// Why there is no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unread {
    TooLarge,
    TooSlow,
    Broken,
}

impl Incoming {
    /// Reads a request to its end.
    pub(crate) async fn read(request: Request) -> Self {
        let (parts, body) = request.into_parts();
        Self {
            body: read(&parts.headers, body).await,
            headers: parts.headers,
            query: parts.uri.query().unwrap_or_default().to_owned(),
            manner: Manner::default(),
            caller: None,
        }
    }

    /// The body.
    pub(crate) fn bytes(&self) -> Result<&[u8], Fault> {
        self.body.as_deref().map_err(|unread| match unread {
            Unread::TooLarge => {
                let message = format!("the body is larger than {MOST_BYTES} bytes");
                Fault::transport(StatusCode::PAYLOAD_TOO_LARGE, "err.request.bad", message)
            }
            Unread::TooSlow => {
                let message = format!("the body did not arrive within {} s", PATIENCE.as_secs());
                Fault::transport(StatusCode::REQUEST_TIMEOUT, "err.request.timeout", message)
            }
            Unread::Broken => {
                let message = "the body ended before its announced length".to_owned();
                Fault::transport(StatusCode::BAD_REQUEST, "err.request.bad", message)
            }
        })
    }

    /// What could be read of the body, whether it is any good or not.
    pub(crate) fn received(&self) -> Bytes {
        self.body.as_ref().cloned().unwrap_or_default()
    }

    /// The body as JSON. Of several members of one name the last counts; anything after the value, and
    /// nesting deeper than 127, is refused.
    pub(crate) fn json(&self) -> Result<Value, Fault> {
        serde_json::from_slice(self.bytes()?).map_err(|e| Fault::not_json(&e))
    }

    /// The media type without its parameters, in lower case; empty where none is named.
    pub(crate) fn media_type(&self) -> String {
        let value = self
            .headers
            .get(CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default();
        value
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
    }

    /// Whether the label of the body says more than a media type.
    pub(crate) fn has_parameters(&self) -> bool {
        let label = self.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
        label.is_some_and(|label| label.contains(';'))
    }

    /// Whether the body is labelled as JSON. One without any label gets the benefit of the doubt.
    pub(crate) fn is_labelled_json(&self) -> bool {
        let media_type = self.media_type();
        media_type == "application/json"
            || (media_type.starts_with("application/") && media_type.ends_with("+json"))
            || !self.headers.contains_key(CONTENT_TYPE)
    }

    /// How deep the brackets of the body nest, valid or not.
    pub(crate) fn nesting(&self) -> usize {
        let (mut depth, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
        for byte in self.body.as_deref().unwrap_or_default() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_text => escaped = true,
                b'"' => in_text = !in_text,
                b'{' | b'[' if !in_text => depth += 1,
                b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
                _ => {}
            }
            deepest = deepest.max(depth);
        }
        deepest
    }
}

async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Unread> {
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|n| n.to_str().ok()?.parse::<u64>().ok());
    let is_too_large = announced.is_some_and(|n| n > MOST_BYTES as u64);
    if is_too_large && headers.contains_key(EXPECT) {
        // Whoever asks first need not send it.
        return Err(Unread::TooLarge);
    }
    let mut discarded = 0;
    let read = tokio::time::timeout(PATIENCE, collect(body, &mut discarded)).await;
    match read {
        _ if discarded > 0 => Err(Unread::TooLarge),
        Ok(read) => read.map(Bytes::from),
        Err(_) => Err(Unread::TooSlow),
    }
}

/// Collects a body as far as there is room, and counts what there is no room for.
async fn collect(mut body: Body, discarded: &mut usize) -> Result<Vec<u8>, Unread> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(data) = frame.map_err(|_| Unread::Broken)?.into_data() else {
            continue;
        };
        if *discarded == 0 && bytes.len() + data.len() <= MOST_BYTES {
            bytes.extend_from_slice(&data);
        } else {
            *discarded += data.len();
            if *discarded > MOST_DISCARDED {
                break;
            }
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incoming(content_type: Option<&'static str>, body: &str) -> Incoming {
        let mut headers = HeaderMap::new();
        if let Some(value) = content_type {
            headers.insert(CONTENT_TYPE, http::HeaderValue::from_static(value));
        }
        Incoming {
            query: String::new(),
            headers,
            manner: Manner::default(),
            caller: None,
            body: Ok(Bytes::copy_from_slice(body.as_bytes())),
        }
    }

    #[test]
    fn labels_are_read_as_http_defines_them() {
        for (label, json) in [
            (Some("application/json"), true),
            (Some("Application/JSON; charset=UTF-8"), true),
            (Some("application/ld+json"), true),
            (None, true),
            (Some("text/plain"), false),
            (Some("application/x-www-form-urlencoded"), false),
            (Some(""), false),
        ] {
            assert_eq!(incoming(label, "{}").is_labelled_json(), json, "{label:?}");
        }
    }

    #[test]
    fn nesting_counts_brackets_outside_of_texts() {
        assert_eq!(incoming(None, r#"{"a":[{"b":"[[[\"[["}]}"#).nesting(), 3);
        assert_eq!(incoming(None, &"[".repeat(5000)).nesting(), 5000);
        assert_eq!(incoming(None, "").nesting(), 0);
    }

    #[test]
    fn deep_nesting_and_trailing_bytes_are_refused() {
        assert!(
            incoming(None, &format!("{}{}", "[".repeat(5000), "]".repeat(5000)))
                .json()
                .is_err()
        );
        assert!(incoming(None, "{} x").json().is_err());
        assert_eq!(incoming(None, r#"{"a":1,"a":2}"#).json().unwrap()["a"], 2);
    }
}
