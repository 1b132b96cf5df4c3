//! Public keys as JSON: `/.well-known/jwks.json` (RFC 7517), named by their thumbprint (RFC 7638).

use super::key::PublicKey;
use super::{canonical, der, ed25519, rsa};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// The members that hold private parts of a key (RFC 7518 and RFC 8037); none belongs in a key set.
pub const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Why an entry of a key set is no usable key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    /// It is no object.
    #[error("the key is not an object")]
    NotAnObject,
    /// A member is missing, or is no text.
    #[error("the member `{0}` is missing or not a text")]
    Member(&'static str),
    /// Its type is none that a scheme uses.
    #[error("the key type is neither RSA nor OKP with Ed25519")]
    Type,
    /// Its numbers make no key.
    #[error("the members of the key make no usable key")]
    Unusable,
}

/// The members that make the key, which is what its thumbprint covers.
fn required(key: &PublicKey) -> Value {
    match key {
        PublicKey::Rsa(key) => {
            let (modulus, exponent) = key.numbers();
            json!({"e": URL_SAFE_NO_PAD.encode(exponent), "kty": "RSA", "n": URL_SAFE_NO_PAD.encode(modulus)})
        }
        PublicKey::Ed25519(key) => {
            json!({"crv": "Ed25519", "kty": "OKP", "x": URL_SAFE_NO_PAD.encode(key.as_bytes())})
        }
    }
}

/// The thumbprint of a key: Base64url of SHA-256, without padding.
pub fn thumbprint(key: &PublicKey) -> String {
    let text = canonical::text(&required(key));
    URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}

/// A key as an entry of a key set.
pub fn write(key: &PublicKey) -> Value {
    let mut jwk = required(key);
    jwk["kid"] = thumbprint(key).into();
    jwk["use"] = "sig".into();
    jwk["alg"] = match key {
        PublicKey::Rsa(_) => "RS256",
        PublicKey::Ed25519(_) => "EdDSA",
    }
    .into();
    jwk
}

/// A key that messages are encrypted for, as an entry of a key set.
pub fn write_for_encryption(key: &rsa::VerifyingKey) -> Value {
    let mut jwk = write(&PublicKey::Rsa(key.clone()));
    jwk["use"] = "enc".into();
    jwk["alg"] = super::jwe::ALGORITHM.into();
    jwk
}

/// A key set of these keys.
pub fn write_set<'k>(keys: impl IntoIterator<Item = &'k PublicKey>) -> Value {
    json!({"keys": keys.into_iter().map(write).collect::<Vec<_>>()})
}

/// The key of an entry.
///
/// # Errors
/// Why it is none that a scheme can use.
pub fn read(jwk: &Value) -> Result<PublicKey, JwkError> {
    let members = jwk.as_object().ok_or(JwkError::NotAnObject)?;
    let text = |name: &'static str| {
        let value = members.get(name).and_then(Value::as_str);
        value.ok_or(JwkError::Member(name))
    };
    let bytes = |name: &'static str| {
        let text = text(name)?;
        URL_SAFE_NO_PAD.decode(text).map_err(|_| JwkError::Unusable)
    };
    match text("kty")? {
        "RSA" => {
            let spki = der::rsa_spki(&bytes("n")?, &bytes("e")?);
            let key = rsa::VerifyingKey::from_spki(&spki).map_err(|_| JwkError::Unusable)?;
            Ok(PublicKey::Rsa(key))
        }
        "OKP" if text("crv")? == "Ed25519" => {
            let key = ed25519::VerifyingKey::from_bytes(&bytes("x")?).map_err(|_| JwkError::Unusable)?;
            Ok(PublicKey::Ed25519(key))
        }
        _ => Err(JwkError::Type),
    }
}

/// The keys of a set that can be used for signatures, each with its `kid`. Entries of other kinds are
/// passed over, as RFC 7517 demands.
pub fn read_set(set: &Value) -> Vec<(Option<String>, PublicKey)> {
    let entries = set.get("keys").and_then(Value::as_array);
    let usable = entries.into_iter().flatten().filter_map(|jwk| {
        let kid = jwk.get("kid").and_then(Value::as_str).map(str::to_owned);
        let signs = jwk.get("use").is_none_or(|usage| usage == "sig");
        read(jwk).ok().filter(|_| signs).map(|key| (kid, key))
    });
    usable.collect()
}
