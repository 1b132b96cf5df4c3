//! The signature scheme `detached-jws-header`: a JWS by RS256 without its payload (RFC 7515, appendix F), in
//! the HTTP header `Signature`. The payload is the body as it was sent.

use super::jws::{self, JwsError};
use super::rsa::{SigningKey, VerifyingKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The name of the HTTP header, as it is looked for.
pub const HEADER: &str = "signature";

/// Signs a body with the key of this name.
pub fn sign(body: &str, key: &SigningKey, kid: &str) -> String {
    detached(&jws::assemble(
        &jws::header_of(jws::ALGORITHM, kid),
        body.as_bytes(),
        key,
    ))
}

/// A compact JWS without its payload.
pub(super) fn detached(whole: &str) -> String {
    let mut parts = whole.split('.');
    let header = parts.next().unwrap_or_default();
    format!("{header}..{}", parts.next_back().unwrap_or_default())
}

/// Whether this key's holder signed this body, to the byte.
///
/// # Errors
/// Why the signature proves nothing.
pub fn verify(text: &str, body: &str, key: &VerifyingKey) -> Result<(), JwsError> {
    let [header, payload, signature] = jws::parts(text)?;
    if !payload.is_empty() {
        return Err(JwsError::Malformed);
    }
    jws::verify_parts([header, &URL_SAFE_NO_PAD.encode(body), signature], key)
}
