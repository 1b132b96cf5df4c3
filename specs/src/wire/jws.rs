//! The signature scheme `jws-compact`: a compact JWS (RFC 7515) by RS256 whose payload holds header and
//! message.

use super::covered::Covered;
use super::rsa::{SigningKey, VerifyingKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// The only algorithm.
pub const ALGORITHM: &str = "RS256";

/// Why a signature of this scheme proves nothing. The first that applies is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// It is not three parts of Base64url with dots between them, the first a JSON object.
    #[error("the text is not a compact JWS")]
    Malformed,
    /// It names another algorithm.
    #[error("the algorithm is not {ALGORITHM}")]
    Algorithm,
    /// It demands something of the verifier that we do not know.
    #[error("the JWS has critical members that are not understood")]
    Critical,
    /// It is a signature by another key, or over another payload.
    #[error("the signature was not made by this key over this payload")]
    Mismatch,
    /// The payload is not header and message of the envelope.
    #[error("the payload is not the header and the message beside it")]
    OtherPayload,
}

/// Signs header and message, each as it stands, with the key of this name. `None` where they are not JSON.
pub fn sign(covered: &Covered, key: &SigningKey, kid: &str) -> Option<String> {
    let payload = covered.to_text()?;
    Some(assemble(&header_of(ALGORITHM, kid), payload.as_bytes(), key))
}

/// The header of a JWS.
pub(super) fn header_of(algorithm: &str, kid: &str) -> String {
    json!({"alg": algorithm, "kid": kid}).to_string()
}

/// A JWS with this header over this payload.
pub fn assemble(header: &str, payload: &[u8], key: &SigningKey) -> String {
    let covered = signing_input(header, payload);
    let signature = url_safe(&key.sign(covered.as_bytes()));
    format!("{covered}.{signature}")
}

/// What is signed: both parts as they are written.
pub(super) fn signing_input(header: &str, payload: &[u8]) -> String {
    format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(payload)
    )
}

fn url_safe(standard: &str) -> String {
    let text = standard.replace('+', "-").replace('/', "_");
    text.trim_end_matches('=').to_owned()
}

/// The algorithm that the text names, which is to be compared and never to be followed.
pub fn algorithm_of(text: &str) -> Option<String> {
    named(text, "alg")
}

/// The key that the text names.
pub fn key_id_of(text: &str) -> Option<String> {
    named(text, "kid")
}

/// The payload that a text holds, believed without any proof.
pub fn payload_of(text: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(text.split('.').nth(1)?).ok()?;
    String::from_utf8(payload).ok()
}

fn named(text: &str, name: &str) -> Option<String> {
    let header = json_part(text.split('.').next()?)?;
    header.get(name)?.as_str().map(str::to_owned)
}

/// One part: a JSON object in Base64url.
fn json_part(part: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    let value: Value = serde_json::from_slice(&bytes).ok()?;
    value.is_object().then_some(value)
}

/// The three parts of a text.
pub(super) fn parts(text: &str) -> Result<[&str; 3], JwsError> {
    let mut parts = text.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(header), Some(payload), Some(signature), None) => Ok([header, payload, signature]),
        _ => Err(JwsError::Malformed),
    }
}

/// Whether this key's holder signed this payload, which is in Base64url, as the header says.
pub(super) fn verify_parts(parts: [&str; 3], key: &VerifyingKey) -> Result<(), JwsError> {
    let [header, payload, signature] = parts;
    let head = json_part(header).ok_or(JwsError::Malformed)?;
    if head["alg"] != ALGORITHM {
        return Err(JwsError::Algorithm);
    }
    if head.get("crit").is_some() {
        return Err(JwsError::Critical);
    }
    let signature = URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|_| JwsError::Malformed)?;
    let signed = format!("{header}.{payload}");
    key.verify(signed.as_bytes(), &STANDARD.encode(signature))
        .map_err(|_| JwsError::Mismatch)
}

/// Whether this key's holder signed a payload, whichever it is.
///
/// # Errors
/// Why the signature proves nothing.
pub fn verify_any(text: &str, key: &VerifyingKey) -> Result<(), JwsError> {
    verify_parts(parts(text)?, key)
}

/// Whether this key's holder signed header and message. Members of the payload beside these two, such as
/// times, are left to the reader.
///
/// # Errors
/// Why the signature proves nothing.
pub fn verify(text: &str, covered: &Covered, key: &VerifyingKey) -> Result<(), JwsError> {
    let parts = parts(text)?;
    verify_parts(parts, key)?;
    if json_part(parts[1]).is_none() {
        return Err(JwsError::Malformed);
    }
    if holds(parts[1], covered) {
        Ok(())
    } else {
        Err(JwsError::OtherPayload)
    }
}

/// Whether a payload, which is in Base64url, is this header and this message.
pub(super) fn holds(payload: &str, covered: &Covered) -> bool {
    let (Some(payload), Some(beside)) = (json_part(payload), covered.to_value()) else {
        return false;
    };
    let same = |name: &&str| payload.get(name) == beside.get(name);
    ["header", "message"].iter().all(same)
}
