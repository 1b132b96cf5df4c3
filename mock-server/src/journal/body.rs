//! A body as the journal keeps it: without secrets, and no more of it than anybody will read.

use super::redact::{of_body, of_token};
use bytes::Bytes;
use serde_json::{Value, json};

/// How many bytes of a body are kept.
const MOST_KEPT: usize = 64 * 1024;

/// What is kept of a body. Hardly any is ever read again, so the secrets are taken out of it only then.
#[derive(Debug, Clone, Default)]
pub(crate) struct Body {
    kept: Bytes,
    /// Whether it holds no secret any more.
    clean: bool,
    /// How many bytes it had.
    size: usize,
}

impl Body {
    /// A body of any operation. Its bytes are shared, not copied.
    pub(crate) fn of(bytes: &Bytes) -> Self {
        Self {
            kept: match bytes.get(..MOST_KEPT) {
                // A part of it would hold on to the rest.
                Some(beginning) if bytes.len() > MOST_KEPT => Bytes::copy_from_slice(beginning),
                _ => bytes.clone(),
            },
            clean: false,
            size: bytes.len(),
        }
    }

    /// A body of a request for a token, or of its answer: of these, secrets are not even kept.
    pub(crate) fn of_token(bytes: &[u8]) -> Self {
        Self {
            kept: cut(of_token(bytes)).into(),
            clean: true,
            size: bytes.len(),
        }
    }

    pub(crate) fn weight(&self) -> usize {
        self.kept.len()
    }

    /// The text without secrets.
    fn text(&self) -> String {
        if self.clean {
            return String::from_utf8_lossy(&self.kept).into_owned();
        }
        cut(of_body(&self.kept))
    }

    fn is_whole(&self) -> bool {
        self.size <= MOST_KEPT
    }

    /// JSON as JSON, anything else as text; null where there is nothing.
    pub(crate) fn told(&self) -> Value {
        let text = self.text();
        if text.is_empty() {
            return Value::Null;
        }
        let read = self
            .is_whole()
            .then(|| serde_json::from_str(&text).ok())
            .flatten();
        read.unwrap_or(Value::String(text))
    }

    /// How long it was, and whether all of it is here.
    pub(crate) fn measured(&self) -> Value {
        json!({"bytes": self.size, "whole": self.is_whole()})
    }
}

/// A text, no longer than what is kept.
fn cut(mut text: String) -> String {
    if text.len() > MOST_KEPT {
        let end = (0..=MOST_KEPT).rev().find(|end| text.is_char_boundary(*end));
        text.truncate(end.unwrap_or_default());
        text.shrink_to_fit();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: impl Into<String>) -> Body {
        Body::of(&text.into().into())
    }

    #[test]
    fn a_secret_at_the_cut_is_not_half_kept() {
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl";
        for kept in [5, 15, 30, 45] {
            let body = format!(
                "{{\"a\":\"{}\",\"b\":\"{token}\"}}",
                " ".repeat(MOST_KEPT - 14 - kept)
            );
            let told = of(body).told().to_string();
            assert!(!told.contains("eyJ"), "{kept}: {}", &told[told.len() - 60..]);
        }
    }

    #[test]
    fn json_is_told_as_json_and_long_bodies_are_cut() {
        assert_eq!(of("{\"a\": [1]}").told(), json!({"a": [1]}));
        assert_eq!(of("no json").told(), "no json");
        assert_eq!(of("").told(), Value::Null);
        let long = "é".repeat(MOST_KEPT);
        let body = of(long.clone());
        assert_eq!(body.weight(), MOST_KEPT);
        let cut_within = of(format!("x{long}"));
        assert!(cut_within.weight() <= MOST_KEPT);
        assert_eq!(body.measured(), json!({"bytes": 2 * MOST_KEPT, "whole": false}));
    }
}
