//! What travels: requests, responses and their bodies, redacted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A body as it travelled: text where it is UTF-8, base64 where it is not, cut where it was too long.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Body {
    /// The body as text; empty when [`Body::base64`] holds it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The body in standard base64, when it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    /// How many bytes travelled, when more than were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_from_bytes: Option<u64>,
}

impl Body {
    /// A body of text.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            base64: None,
            cut_from_bytes: None,
        }
    }

    /// The body parsed as JSON, if it is complete and is JSON.
    pub fn json(&self) -> Option<Value> {
        if self.base64.is_some() || self.cut_from_bytes.is_some() {
            return None;
        }
        serde_json::from_str(&self.text).ok()
    }
}

/// A request as it was sent, redacted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Request {
    /// HTTP method.
    pub method: String,
    /// Absolute URL.
    pub url: String,
    /// Header fields in the order sent, names in lower case, secrets replaced by shell variables.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
}

/// A response as it arrived, redacted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Response {
    /// HTTP status code.
    pub status: u16,
    /// Header fields in the order received, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
}

impl Response {
    /// The first header field of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// Whether it only says that the request came too early, and that nothing was done: status 429 (RFC 6585,
    /// section 4), status 503 with `Retry-After` (RFC 9110, section 15.6.4), or the code that DCI has for it.
    /// Such an answer says nothing about the request itself.
    pub fn rationed(&self) -> bool {
        self.status == 429
            || self.status == 503 && self.header("retry-after").is_some()
            || self.body.text.contains(TOO_MANY) && self.body.json().is_some_and(|body| is_rationing(&body))
    }
}

/// The code with which a DCI registry says that a sender exceeds its share.
const TOO_MANY: &str = "err.request.too_many_requests";

fn is_rationing(body: &Value) -> bool {
    ["/message/error/code", "/errors/0/code"]
        .iter()
        .any(|at| body.pointer(at).and_then(Value::as_str) == Some(TOO_MANY))
}
