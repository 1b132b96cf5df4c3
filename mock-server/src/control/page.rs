//! `GET /_dcx/`: the inspector, one page that needs nothing but itself.

use crate::answer::{Answer, HTML};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, StatusCode};
use specs::wire::digest::sha256_hex;
use std::sync::OnceLock;

const FRAME: &str = include_str!("../inspector/page.html");
const STYLE: &str = include_str!("../inspector/style.css");
const SCRIPT: &str = concat!(
    include_str!("../inspector/script.js"),
    include_str!("../inspector/clients.js")
);

struct Page {
    html: String,
    policy: HeaderValue,
}

pub(super) async fn page() -> Response {
    let page = read();
    Answer::text(StatusCode::OK, HTML, page.html.clone())
        .with_header(CONTENT_SECURITY_POLICY, page.policy.clone())
        .with_header(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"))
        .with_header(REFERRER_POLICY, HeaderValue::from_static("no-referrer"))
        .uncached()
        .into_response()
}

fn read() -> &'static Page {
    static READ: OnceLock<Page> = OnceLock::new();
    READ.get_or_init(|| {
        let html = FRAME.replace("/*style*/", STYLE).replace("/*script*/", SCRIPT);
        // What callers wrote is shown on this page: nothing may run on it but our own script.
        let policy = format!(
            "default-src 'none'; connect-src 'self'; img-src data:; style-src {}; script-src {}; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'",
            hash(STYLE),
            hash(SCRIPT)
        );
        Page {
            html,
            policy: policy
                .try_into()
                .expect("hashes and words are visible characters"),
        }
    })
}

/// The source of a policy that allows exactly this text.
fn hash(text: &str) -> String {
    let hex = sha256_hex(text.as_bytes());
    let bytes = (0..hex.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap_or_default());
    format!("'sha256-{}'", STANDARD.encode(bytes.collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_whole_and_fetches_nothing_from_elsewhere() {
        let page = read();
        assert!(page.html.contains(STYLE) && page.html.contains(SCRIPT));
        for word in ["http://", "https://", "innerHTML", "eval(", " src=", " href=\"/"] {
            assert!(!page.html.contains(word), "the page says {word}");
        }
    }

    #[test]
    fn a_hash_is_that_of_the_text() {
        assert_eq!(hash(""), "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
    }
}
