//! The signature schemes, each by its name in a profile: what makes a signature, and what accepts one.

use super::covered::Covered;
use super::http_signature::{self, Field, FieldError, KeyId, Moment};
use super::jws::{self, JwsError};
use super::key::{Algorithm, PrivateKey, PublicKey};
use super::rsa::SignatureError;
use super::{detached_jws, jwk};
use crate::catalogue::SignatureScheme;

/// Why a signature proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemeError {
    /// Messages of this scheme carry no signature.
    #[error("messages are not signed under this scheme")]
    Unsigned,
    /// The key is of another algorithm.
    #[error("the scheme takes a key of {}", .0.name())]
    Key(Algorithm),
    /// A text of `dci-http-signature` that proves nothing.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// No key of the signer has the name that the signature gives.
    #[error("the signer has no key of the name {0:?}")]
    UnknownKey(String),
    /// Nobody has a key of the signer.
    #[error("no key of the signer is known")]
    NoKey,
    /// A text of `jws-compact` or `detached-jws-header` that proves nothing.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// A text of `rsa-message` or `rsa-header-message` that proves nothing.
    #[error(transparent)]
    Plain(#[from] SignatureError),
}

/// The algorithm of a scheme's keys, where it has keys.
pub fn algorithm(scheme: SignatureScheme) -> Option<Algorithm> {
    match scheme {
        SignatureScheme::None => None,
        SignatureScheme::DciHttpSignature => Some(Algorithm::Ed25519),
        SignatureScheme::JwsCompact
        | SignatureScheme::DetachedJwsHeader
        | SignatureScheme::RsaHeaderMessage
        | SignatureScheme::RsaMessage => Some(Algorithm::Rsa),
    }
}

/// The HTTP header that holds the signature, where it is no member of the message.
pub fn header(scheme: SignatureScheme) -> Option<&'static str> {
    (scheme == SignatureScheme::DetachedJwsHeader).then_some(detached_jws::HEADER)
}

/// The key that a signature names, where the scheme's texts name one.
pub fn key_id(scheme: SignatureScheme, signature: &str) -> Option<String> {
    match scheme {
        SignatureScheme::None | SignatureScheme::RsaHeaderMessage | SignatureScheme::RsaMessage => None,
        SignatureScheme::DciHttpSignature => Field::parse(signature).ok().map(|field| field.key_id.key),
        SignatureScheme::JwsCompact | SignatureScheme::DetachedJwsHeader => jws::key_id_of(signature),
    }
}

/// The signature over header and message, by the key of this sender, made now (seconds since 1970). The key is
/// named by its thumbprint.
///
/// # Errors
/// The scheme takes another key, or header and message are not JSON.
pub fn sign(
    scheme: SignatureScheme,
    covered: &Covered,
    key: &PrivateKey,
    sender: &str,
    now: f64,
) -> Result<String, SchemeError> {
    sign_naming(scheme, covered, key, &jwk::thumbprint(&key.public()), sender, now)
}

/// The same, with another name of the key.
///
/// # Errors
/// The scheme takes another key, or header and message are not JSON.
pub fn sign_naming(
    scheme: SignatureScheme,
    covered: &Covered,
    key: &PrivateKey,
    name: &str,
    sender: &str,
    now: f64,
) -> Result<String, SchemeError> {
    match (scheme, key) {
        (SignatureScheme::None, _) => Err(SchemeError::Unsigned),
        (SignatureScheme::DciHttpSignature, PrivateKey::Ed25519(pair)) => {
            #[expect(clippy::cast_possible_truncation, reason = "the cast saturates")]
            let created = now as i64;
            let times = (created, created.saturating_add(http_signature::LIFETIME));
            let key_id = KeyId {
                sender: sender.to_owned(),
                key: name.to_owned(),
                algorithm: http_signature::ALGORITHM.to_owned(),
            };
            Ok(http_signature::sign(covered, pair, key_id, times)?.to_string())
        }
        (SignatureScheme::JwsCompact, PrivateKey::Rsa(pair)) => {
            Ok(jws::sign(covered, pair, name).ok_or(JwsError::OtherPayload)?)
        }
        (SignatureScheme::DetachedJwsHeader, PrivateKey::Rsa(pair)) => {
            Ok(detached_jws::sign(&covered.body, pair, name))
        }
        (SignatureScheme::RsaHeaderMessage | SignatureScheme::RsaMessage, PrivateKey::Rsa(pair)) => {
            Ok(pair.sign(plain(scheme, covered).as_bytes()))
        }
        (scheme, _) => Err(wrong_key(scheme)),
    }
}

/// Whether this sender signed header and message with this key, and the signature is valid now.
///
/// # Errors
/// Why the signature proves nothing.
pub fn verify(
    scheme: SignatureScheme,
    covered: &Covered,
    signature: &str,
    key: &PublicKey,
    sender: Option<&str>,
    now: impl Into<Moment>,
) -> Result<(), SchemeError> {
    match (scheme, key) {
        (SignatureScheme::None, _) => Err(SchemeError::Unsigned),
        (SignatureScheme::DciHttpSignature, PublicKey::Ed25519(key)) => {
            let field = Field::parse(signature)?;
            field.check(sender, now)?;
            Ok(http_signature::verify(&field, covered, key)?)
        }
        (SignatureScheme::JwsCompact, PublicKey::Rsa(key)) => Ok(jws::verify(signature, covered, key)?),
        (SignatureScheme::DetachedJwsHeader, PublicKey::Rsa(key)) => {
            Ok(detached_jws::verify(signature, &covered.body, key)?)
        }
        (SignatureScheme::RsaHeaderMessage | SignatureScheme::RsaMessage, PublicKey::Rsa(key)) => {
            Ok(key.verify(plain(scheme, covered).as_bytes(), signature)?)
        }
        (scheme, _) => Err(wrong_key(scheme)),
    }
}

/// Whether this sender signed header and message with one of its keys. The name of a JWS's key is its
/// thumbprint, and then no other key will do; the names that `dci-http-signature` gives are the sender's own.
///
/// # Errors
/// Why the signature proves nothing.
pub fn verify_by_any(
    scheme: SignatureScheme,
    covered: &Covered,
    signature: &str,
    keys: &[PublicKey],
    sender: Option<&str>,
    now: impl Into<Moment>,
) -> Result<(), SchemeError> {
    let now = now.into();
    let verify = |key: &PublicKey| verify(scheme, covered, signature, key, sender, now);
    if let Some(name) = key_id(scheme, signature) {
        match keys.iter().find(|key| jwk::thumbprint(key) == name) {
            Some(named) => return verify(named),
            None if scheme != SignatureScheme::DciHttpSignature => {
                return Err(SchemeError::UnknownKey(name));
            }
            None => {}
        }
    }
    let mut why = SchemeError::NoKey;
    for key in keys {
        match verify(key) {
            Ok(()) => return Ok(()),
            Err(error) => why = error,
        }
    }
    Err(why)
}

fn wrong_key(scheme: SignatureScheme) -> SchemeError {
    algorithm(scheme).map_or(SchemeError::Unsigned, SchemeError::Key)
}

/// The text that the two schemes sign that have no syntax of their own.
fn plain(scheme: SignatureScheme, covered: &Covered) -> String {
    if scheme == SignatureScheme::RsaHeaderMessage {
        return format!("{}{}", covered.header, covered.message);
    }
    // The message of an exchange is a text within the text.
    serde_json::from_str::<String>(&covered.message).unwrap_or_else(|_| covered.message.clone())
}
