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

/// Signs header and message with the key of this name. `None` where they are not JSON.
pub fn sign(covered: &Covered, key: &SigningKey, kid: &str) -> Option<String> {
    let header = json!({"alg": ALGORITHM, "kid": kid}).to_string();
    let payload = covered.to_value()?.to_string();
    Some(assemble(&header, payload.as_bytes(), key))
}

/// A JWS with this header over this payload.
pub fn assemble(header: &str, payload: &[u8], key: &SigningKey) -> String {
    let covered = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(payload)
    );
    let signature = key.sign(covered.as_bytes());
    let signature = signature.replace('+', "-").replace('/', "_");
    format!("{covered}.{}", signature.trim_end_matches('='))
}

/// The algorithm that the text names, which is to be compared and never to be followed.
pub fn algorithm_of(text: &str) -> Option<String> {
    let header = URL_SAFE_NO_PAD.decode(text.split('.').next()?).ok()?;
    let header: Value = serde_json::from_slice(&header).ok()?;
    header.get("alg")?.as_str().map(str::to_owned)
}

/// Whether this key's holder signed header and message. Members of the payload beside these two, such as
/// times, are left to the reader.
///
/// # Errors
/// Why the signature proves nothing.
pub fn verify(text: &str, covered: &Covered, key: &VerifyingKey) -> Result<(), JwsError> {
    let mut parts = text.split('.');
    let (Some(header), Some(payload), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(JwsError::Malformed);
    };
    let json = |part: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
        serde_json::from_slice::<Value>(&bytes)
            .ok()
            .filter(Value::is_object)
    };
    let head = json(header).ok_or(JwsError::Malformed)?;
    if head["alg"] != ALGORITHM {
        return Err(JwsError::Algorithm);
    }
    if head.get("crit").is_some() {
        return Err(JwsError::Critical);
    }
    let signature = URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|_| JwsError::Malformed)?;
    let signed = &text[..header.len() + 1 + payload.len()];
    key.verify(signed.as_bytes(), &STANDARD.encode(signature))
        .map_err(|_| JwsError::Mismatch)?;
    let payload = json(payload).ok_or(JwsError::Malformed)?;
    let beside = covered.to_value().ok_or(JwsError::OtherPayload)?;
    let same = ["header", "message"]
        .iter()
        .all(|name| payload.get(name) == beside.get(name));
    if same { Ok(()) } else { Err(JwsError::OtherPayload) }
}
