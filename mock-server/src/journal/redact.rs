//! Takes secrets out of what the journal keeps: client secrets, access tokens, private keys.

use http::HeaderName;
use serde_json::Value;

/// What stands in the place of a secret.
const GONE: &str = "[redacted]";
/// Members and parameters whose value is a secret.
const SECRETS: &[&str] = &[
    "client_secret",
    "client_assertion",
    "access_token",
    "refresh_token",
    "id_token",
    "password",
    "private_key",
    "authorization",
];
/// What a body contains that may hold a secret. Others are kept as they are.
const SIGNS: &[&str] = &["secret", "token", "password", "private", "authorization", "eyj"];
/// Headers whose value is a secret.
const HEADERS: &[&str] = &[
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-token",
    "x-api-key",
];
/// Headers that say nothing about the exchange.
const DULL: &[&str] = &["host", "connection", "accept-encoding", "content-length"];

/// Whether a header says nothing about the exchange.
pub(super) fn is_dull_header(name: &HeaderName) -> bool {
    DULL.contains(&name.as_str())
}

/// Whether what a header holds is a secret.
pub(super) fn is_secret_header(name: &HeaderName) -> bool {
    HEADERS.contains(&name.as_str())
}

/// What is told of a header that holds a secret.
pub(super) fn of_header(text: &str) -> String {
    let scheme = text.split_once(' ').map(|(scheme, _)| scheme);
    match scheme.filter(|s| s.eq_ignore_ascii_case("bearer") || s.eq_ignore_ascii_case("basic")) {
        Some(scheme) => format!("{scheme} {GONE}"),
        None => GONE.to_owned(),
    }
}

/// A body of any operation.
pub(crate) fn of_body(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    if !is_suspicious(&text) {
        return text.into_owned();
    }
    match serde_json::from_str(&text) {
        Ok(json) => of_json(json),
        Err(_) => of_text(&text),
    }
}

/// A body of a request for a token or of its answer: what cannot be read is not kept.
pub(crate) fn of_token(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return String::new();
    }
    if let Ok(json) = serde_json::from_slice::<Value>(bytes)
        && json.is_object()
    {
        return of_json(json);
    }
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(bytes).unwrap_or_default();
    // A form that is none reads as one name without a value.
    if pairs.iter().all(|(_, value)| value.is_empty()) {
        return format!("[{} bytes that are no form and no JSON object]", bytes.len());
    }
    let pairs = pairs.into_iter().map(|(name, value)| {
        let value = if is_secret(&name) {
            GONE.to_owned()
        } else {
            of_text(&value)
        };
        format!("{name}={value}")
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn of_json(mut json: Value) -> String {
    clean(&mut json);
    json.to_string()
}

fn clean(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if is_secret(name) && !member.is_null() {
                    *member = GONE.into();
                } else {
                    clean(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(clean),
        Value::String(text) if is_suspicious(text) => *text = of_text(text),
        _ => {}
    }
}

fn is_secret(name: &str) -> bool {
    SECRETS
        .iter()
        .any(|secret| name.trim().eq_ignore_ascii_case(secret))
}

fn is_suspicious(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    SIGNS.iter().any(|sign| lower.contains(sign))
}

/// A text without tokens, keys, and values that follow the name of a secret.
pub(super) fn of_text(text: &str) -> String {
    if text.contains("PRIVATE KEY") {
        return GONE.to_owned();
    }
    let mut told = String::with_capacity(text.len());
    let mut after_name = false;
    for word in text.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || "._-~+/".contains(c))) {
        let end = word.len()
            - word.chars().next_back().map_or(0, |c| {
                if c.is_ascii_alphanumeric() || "._-~+/".contains(c) {
                    0
                } else {
                    c.len_utf8()
                }
            });
        let (bare, separator) = word.split_at(end);
        // One that was cut short is no less a token.
        let token = bare.starts_with("eyJ");
        told.push_str(if token || (after_name && !bare.is_empty()) {
            GONE
        } else {
            bare
        });
        told.push_str(separator);
        if !bare.is_empty() {
            after_name = is_secret(bare);
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_and_the_rest_stays() {
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl";
        for (body, kept) in [
            (
                r#"{"a":{"client_secret":"s3cret","b":1}}"#.to_owned(),
                r#"{"a":{"client_secret":"[redacted]","b":1}}"#,
            ),
            (
                r#"{"client_secret":{"deep":"s3cret"}}"#.to_owned(),
                r#"{"client_secret":"[redacted]"}"#,
            ),
            (
                r#"{"client\u005fsecret":"s3cret"}"#.to_owned(),
                r#"{"client_secret":"[redacted]"}"#,
            ),
            (
                format!(r#"{{"note":"use {token}, please"}}"#),
                r#"{"note":"use [redacted], please"}"#,
            ),
            (
                "grant_type=x&client_secret=s3cret&b=1".to_owned(),
                "grant_type=x&client_secret=[redacted]&b=1",
            ),
            (
                r#"{"client_secret": "s3cret", broken"#.to_owned(),
                r#"{"client_secret": "[redacted]", broken"#,
            ),
            ("{\"name\": \"Amina\"}".to_owned(), "{\"name\": \"Amina\"}"),
        ] {
            assert_eq!(of_body(body.as_bytes()), kept);
        }
        assert_eq!(of_body(b"-----BEGIN PRIVATE KEY-----\nMIIE"), GONE);
    }

    #[test]
    fn of_a_token_request_only_what_can_be_read_is_kept() {
        for (body, kept) in [
            (
                "client_id=a&client%5Fsecret=s3%63ret",
                "client_id=a&client_secret=[redacted]",
            ),
            (
                r#"{"CLIENT_SECRET":"s3cret"}"#,
                r#"{"CLIENT_SECRET":"[redacted]"}"#,
            ),
            ("s3cret", "[6 bytes that are no form and no JSON object]"),
            (r#""s3cret""#, "[8 bytes that are no form and no JSON object]"),
            ("", ""),
        ] {
            assert_eq!(of_token(body.as_bytes()), kept);
        }
    }

    #[test]
    fn headers_keep_the_scheme_alone() {
        assert_eq!(of_header("Bearer abc"), "Bearer [redacted]");
        assert_eq!(of_header("abc"), "[redacted]");
        assert_eq!(of_header("abc def"), "[redacted]");
        assert!(is_secret_header(&HeaderName::from_static("authorization")));
        assert!(!is_secret_header(&HeaderName::from_static("content-type")));
    }
}
