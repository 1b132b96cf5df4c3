//! A body as the journal keeps it: without secrets, and no more of it than anybody will read.

use super::redact::{of_body, of_token};
use serde_json::{Value, json};

/// How many bytes of a body are kept.
const MOST_KEPT: usize = 64 * 1024;

/// What is kept of a body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Body {
    text: String,
    /// How many bytes it had.
    size: usize,
    whole: bool,
}

impl Body {
    /// A body of any operation.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        // What is not kept need not be looked at: every answer passes here.
        let looked_at = &bytes[..bytes.len().min(MOST_KEPT)];
        Self::kept(of_body(looked_at), bytes.len())
    }

    /// A body of a request for a token, or of its answer.
    pub(crate) fn of_token(bytes: &[u8]) -> Self {
        Self::kept(of_token(bytes), bytes.len())
    }

    fn kept(mut text: String, size: usize) -> Self {
        let whole = size <= MOST_KEPT;
        if text.len() > MOST_KEPT {
            let end = (0..=MOST_KEPT).rev().find(|end| text.is_char_boundary(*end));
            text.truncate(end.unwrap_or_default());
            text.shrink_to_fit();
        }
        Self { text, size, whole }
    }

    pub(crate) fn weight(&self) -> usize {
        self.text.len()
    }

    /// JSON as JSON, anything else as text; null where there is nothing.
    pub(crate) fn told(&self) -> Value {
        if self.text.is_empty() {
            return Value::Null;
        }
        let read = self
            .whole
            .then(|| serde_json::from_str(&self.text).ok())
            .flatten();
        read.unwrap_or_else(|| Value::String(self.text.clone()))
    }

    /// How long it was, and whether all of it is here.
    pub(crate) fn measured(&self) -> Value {
        json!({"bytes": self.size, "whole": self.whole})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_at_the_cut_is_not_half_kept() {
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl";
        for kept in [5, 15, 30, 45] {
            let body = format!(
                "{{\"a\":\"{}\",\"b\":\"{token}\"}}",
                " ".repeat(MOST_KEPT - 14 - kept)
            );
            let told = Body::of(body.as_bytes()).told().to_string();
            assert!(!told.contains("eyJ"), "{kept}: {}", &told[told.len() - 60..]);
        }
    }

    #[test]
    fn json_is_told_as_json_and_long_bodies_are_cut() {
        assert_eq!(Body::of(b"{\"a\": [1]}").told(), json!({"a": [1]}));
        assert_eq!(Body::of(b"no json").told(), "no json");
        assert_eq!(Body::of(b"").told(), Value::Null);
        let long = "é".repeat(MOST_KEPT);
        let body = Body::of(long.as_bytes());
        assert_eq!(body.weight(), MOST_KEPT);
        let cut_within = Body::of(format!("x{long}").as_bytes());
        assert!(cut_within.weight() <= MOST_KEPT);
        assert_eq!(body.measured(), json!({"bytes": 2 * MOST_KEPT, "whole": false}));
    }
}
