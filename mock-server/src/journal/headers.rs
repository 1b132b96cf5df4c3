//! The headers of a message as the journal keeps them: as one text, since hardly any are ever read again.

use super::redact::{is_dull_header, is_secret_header, of_header, of_text};
use http::HeaderMap;
use serde_json::{Value, json};

/// Headers: a line for each, the name before the first colon. No header holds a line feed.
#[derive(Debug, Clone, Default)]
pub(super) struct Headers(String);

impl Headers {
    /// Those that say something about the exchange. What one of them holds is never kept where it is a secret.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut text = String::with_capacity(256);
        for (name, value) in headers.iter().filter(|(name, _)| !is_dull_header(name)) {
            text.push_str(name.as_str());
            text.push(':');
            let value = String::from_utf8_lossy(value.as_bytes());
            if is_secret_header(name) {
                text.push_str(&of_header(&value));
            } else {
                text.push_str(&value);
            }
            text.push('\n');
        }
        text.shrink_to_fit();
        Self(text)
    }

    pub(super) fn weight(&self) -> usize {
        self.0.len()
    }

    /// Pairs of name and value, for people.
    pub(super) fn told(&self) -> Value {
        let pairs = self.0.lines().filter_map(|line| line.split_once(':'));
        pairs.map(|(name, value)| json!([name, of_text(value)])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    #[test]
    fn headers_come_back_without_secrets() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("authorization", &b"Bearer abc"[..]),
            ("accept", b"text/html:1"),
            ("accept", b""),
            ("host", b"here"),
            ("x-note", b"eyJhbGciOiJub25lIn0.e30.x \xff"),
        ] {
            let value = HeaderValue::from_bytes(value).unwrap();
            headers.append(HeaderName::from_static(name), value);
        }
        let kept = Headers::of(&headers);
        assert!(!kept.0.contains("abc"), "{}", kept.0);
        let expected = json!([
            ["authorization", "Bearer [redacted]"],
            ["accept", "text/html:1"],
            ["accept", ""],
            ["x-note", "[redacted] \u{fffd}"],
        ]);
        assert_eq!(kept.told(), expected);
    }
}
