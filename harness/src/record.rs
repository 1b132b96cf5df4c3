//! The one place where a live exchange becomes a recorded one, after redaction.

use base64::Engine as _;
use specs::evidence::Body;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

/// How many bytes of one body are kept in the log.
const KEPT_BYTES: usize = 256 * 1024;

/// Secrets shorter than this are replaced only where they stand as a value.
const SHORTEST_SECRET: usize = 6;

/// Knows the secrets of a run and keeps them out of everything that is recorded.
#[derive(Debug, Clone, Default)]
pub struct Redactor(Arc<Mutex<Vec<(String, String)>>>);

impl Redactor {
    /// From now on this text is replaced by the given name wherever it appears, also as it is spelt in a
    /// form and in JSON.
    pub fn conceal(&self, secret: &str, name: &'static str) {
        for spelling in spellings(secret) {
            self.conceal_spelling(&spelling, name);
        }
    }

    fn conceal_spelling(&self, secret: &str, name: &'static str) {
        if secret.is_empty() {
            return;
        }
        // So short a secret stands in innocent words too: only its use as a value is replaced.
        if secret.len() < SHORTEST_SECRET {
            self.add(&format!("\"{secret}\""), format!("\"{name}\""));
            self.add(
                &format!("client_secret={secret}"),
                format!("client_secret={name}"),
            );
            return;
        }
        self.add(secret, name.to_owned());
    }

    fn add(&self, secret: &str, name: String) {
        let mut secrets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !secrets.iter().any(|(s, _)| s == secret) {
            secrets.push((secret.to_owned(), name));
            // Longer secrets first, so that one that contains another is replaced as a whole.
            secrets.sort_by_key(|(s, _)| std::cmp::Reverse(s.len()));
        }
    }

    /// The text without secrets.
    pub fn text(&self, text: &str) -> String {
        let secrets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = text.to_owned();
        for (secret, name) in secrets.iter() {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), name);
            }
        }
        text
    }

    /// A body as it is recorded.
    pub fn body(&self, bytes: &[u8]) -> Body {
        let kept = &bytes[..self.cut(bytes)];
        let cut_from_bytes = (kept.len() < bytes.len()).then_some(bytes.len() as u64);
        match std::str::from_utf8(kept) {
            Ok(text) => Body {
                text: self.text(text),
                base64: None,
                cut_from_bytes,
            },
            // A cut may fall within a character; what precedes it is text all the same.
            Err(e) if cut_from_bytes.is_some() && kept.len() - e.valid_up_to() < 4 => {
                let text = String::from_utf8_lossy(&kept[..e.valid_up_to()]);
                Body {
                    text: self.text(&text),
                    base64: None,
                    cut_from_bytes,
                }
            }
            Err(_) => {
                let base64 = base64::engine::general_purpose::STANDARD.encode(self.binary(kept));
                Body {
                    text: String::new(),
                    base64: Some(base64),
                    cut_from_bytes,
                }
            }
        }
    }

    /// Where a body is cut: no secret is cut in two, since its first half would not be recognised.
    fn cut(&self, bytes: &[u8]) -> usize {
        let secrets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut end = bytes.len().min(KEPT_BYTES);
        if end < bytes.len() {
            for (secret, _) in secrets.iter() {
                let first = end.saturating_sub(secret.len() - 1);
                end = (first..end)
                    .find(|at| bytes[*at..].starts_with(secret.as_bytes()))
                    .unwrap_or(end);
            }
        }
        end
    }

    /// Bytes that are no text without secrets.
    fn binary(&self, bytes: &[u8]) -> Vec<u8> {
        let secrets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        while let Some((first, others)) = rest.split_first() {
            match secrets
                .iter()
                .find(|(secret, _)| rest.starts_with(secret.as_bytes()))
            {
                Some((secret, name)) => {
                    out.extend_from_slice(name.as_bytes());
                    rest = &rest[secret.len()..];
                }
                None => {
                    out.push(*first);
                    rest = others;
                }
            }
        }
        out
    }

    /// Header fields as they are recorded: names in lower case.
    pub fn headers(&self, headers: &http::HeaderMap) -> Vec<(String, String)> {
        headers
            .iter()
            .map(|(name, value)| {
                (
                    name.as_str().to_owned(),
                    self.text(&String::from_utf8_lossy(value.as_bytes())),
                )
            })
            .collect()
    }
}

/// A secret as it is, in a form, in JSON, and in JSON that keeps to ASCII.
fn spellings(secret: &str) -> Vec<String> {
    let form = serde_urlencoded::to_string([("", secret)]).unwrap_or_default();
    let json = serde_json::Value::from(secret).to_string();
    let json = &json[1..json.len() - 1];
    let mut ascii = String::new();
    for c in json.chars() {
        if c.is_ascii() {
            ascii.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(ascii, "\\u{unit:04x}");
            }
        }
    }
    vec![
        secret.to_owned(),
        form.trim_start_matches('=').to_owned(),
        json.to_owned(),
        ascii,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_inside_another_is_not_left_over() {
        let redactor = Redactor::default();
        redactor.conceal("abcdef", "$SHORT");
        redactor.conceal("xabcdefx", "$LONG");
        assert_eq!(redactor.text("xabcdefx abcdef"), "$LONG $SHORT");
    }

    #[test]
    fn a_secret_of_one_letter_does_not_garble_words() {
        let redactor = Redactor::default();
        redactor.conceal("b", "$S");
        assert_eq!(
            redactor.text("before {\"client_secret\":\"b\"}"),
            "before {\"client_secret\":\"$S\"}"
        );
    }

    #[test]
    fn a_secret_is_known_by_its_spelling_in_a_form_and_in_json() {
        let secret = "p\"ä s/w+\\";
        let redactor = Redactor::default();
        redactor.conceal(secret, "$S");
        let form = serde_urlencoded::to_string([("s", secret)]).unwrap();
        let json = serde_json::json!({"s": secret}).to_string();
        let ascii = json.replace('ä', "\\u00e4");
        for (spelt, expected) in [
            (form, "s=$S"),
            (json, "{\"s\":\"$S\"}"),
            (ascii, "{\"s\":\"$S\"}"),
        ] {
            assert_eq!(redactor.text(&spelt), expected, "{spelt}");
        }
    }

    #[test]
    fn no_secret_is_left_in_bytes_or_cut_in_two() {
        let redactor = Redactor::default();
        redactor.conceal("sesame", "$S");
        let binary = redactor.body(b"\xffsesame\xff").base64.unwrap();
        let decoded = base64::engine::general_purpose::STANDARD.decode(binary).unwrap();
        assert_eq!(decoded, b"\xff$S\xff");
        let long = format!("{}sesame", "x".repeat(KEPT_BYTES - 3));
        let body = redactor.body(long.as_bytes());
        assert_eq!(body.text.len(), KEPT_BYTES - 3);
        assert_eq!(body.cut_from_bytes, Some(long.len() as u64));
    }

    #[test]
    fn long_and_binary_bodies_are_kept_in_part() {
        let redactor = Redactor::default();
        let long = "é".repeat(KEPT_BYTES);
        let body = redactor.body(long.as_bytes());
        assert_eq!(body.cut_from_bytes, Some(long.len() as u64));
        assert!(body.text.len() <= KEPT_BYTES && body.base64.is_none());
        assert_eq!(redactor.body(b"\xff").base64.as_deref(), Some("/w=="));
    }
}
