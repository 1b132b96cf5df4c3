//! The signature that anybody can make where a verifier lets the text choose the algorithm: a message
//! authentication code whose secret is the public key, which is no secret (RFC 8725, section 2.1).

use super::covered::Covered;
use super::http_signature::{self, Field, KeyId};
use super::key::PublicKey;
use super::{detached_jws, jwk, jws};
use crate::catalogue::SignatureScheme;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// The algorithm as a JWS names it.
const OF_JWS: &str = "HS256";
/// The algorithm as an HTTP signature names it.
const OF_FIELD: &str = "hmac-sha256";

fn code(key: &PublicKey, text: &str) -> hmac::Tag {
    let secret = hmac::Key::new(hmac::HMAC_SHA256, key.to_pem().as_bytes());
    hmac::sign(&secret, text.as_bytes())
}

/// Signs with a public key, made now, as this sender. `None` where a text of the scheme names no algorithm, or
/// header and message are not JSON.
pub fn sign(
    scheme: SignatureScheme,
    covered: &Covered,
    key: &PublicKey,
    sender: &str,
    now: f64,
) -> Option<String> {
    let jws = |payload: &str| {
        let header = jws::header_of(OF_JWS, &jwk::thumbprint(key));
        let input = jws::signing_input(&header, payload.as_bytes());
        let code = URL_SAFE_NO_PAD.encode(code(key, &input));
        format!("{input}.{code}")
    };
    match scheme {
        SignatureScheme::None | SignatureScheme::RsaMessage | SignatureScheme::RsaHeaderMessage => None,
        SignatureScheme::JwsCompact => Some(jws(&covered.to_text()?)),
        SignatureScheme::DetachedJwsHeader => Some(detached_jws::detached(&jws(&covered.body))),
        SignatureScheme::DciHttpSignature => {
            #[expect(clippy::cast_possible_truncation, reason = "the cast saturates")]
            let created = now as i64;
            let expires = created.saturating_add(http_signature::LIFETIME);
            let digest = http_signature::digest_of(covered)?;
            let text = http_signature::signing_string(created, expires, &digest);
            let field = Field {
                namespace: http_signature::NAMESPACE.to_owned(),
                key_id: KeyId {
                    sender: sender.to_owned(),
                    key: jwk::thumbprint(key),
                    algorithm: OF_FIELD.to_owned(),
                },
                algorithm: OF_FIELD.to_owned(),
                created,
                expires,
                headers: http_signature::HEADERS.to_owned(),
                signature: STANDARD.encode(code(key, &text)),
            };
            Some(field.to_string())
        }
    }
}

/// Whether a text is such a signature over header and message by this public key: what a verifier believes
/// that follows the algorithm of the text.
pub fn is_believed(scheme: SignatureScheme, covered: &Covered, text: &str, key: &PublicKey) -> bool {
    match scheme {
        SignatureScheme::None | SignatureScheme::RsaMessage | SignatureScheme::RsaHeaderMessage => false,
        SignatureScheme::JwsCompact | SignatureScheme::DetachedJwsHeader => {
            let Ok([header, payload, signature]) = jws::parts(text) else {
                return false;
            };
            let body = URL_SAFE_NO_PAD.encode(&covered.body);
            let compact = scheme == SignatureScheme::JwsCompact;
            let payload = if compact { payload } else { &body };
            let expected = URL_SAFE_NO_PAD.encode(code(key, &format!("{header}.{payload}")));
            let over_this = !compact || jws::holds(payload, covered);
            jws::algorithm_of(text).as_deref() == Some(OF_JWS) && signature == expected && over_this
        }
        SignatureScheme::DciHttpSignature => {
            let (Ok(field), Some(digest)) = (Field::parse(text), http_signature::digest_of(covered)) else {
                return false;
            };
            let signed = http_signature::signing_string(field.created, field.expires, &digest);
            field.algorithm == OF_FIELD && field.signature == STANDARD.encode(code(key, &signed))
        }
    }
}
