//! Access tokens: JWTs signed with RS256, in the form that registries of the field issue.

use super::rsa::SigningKey;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use std::fmt;

/// What a token says. Times are seconds since 1970, with a fraction where that is needed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it.
    pub iss: String,
    /// For which client.
    pub client_id: String,
    /// The database that the client named, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub db_name: Option<String>,
    /// For whom it is meant, where it says so: one name or a list of names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aud: Option<Value>,
    /// What it gives access to, where it says so: words with spaces between them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// When it was issued.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "optional_numeric_date"
    )]
    pub iat: Option<f64>,
    /// From when on it is void.
    #[serde(serialize_with = "numeric_date")]
    pub exp: f64,
}

impl Claims {
    /// Whether it is meant for this name. A token that names nobody is meant for whoever issued it.
    pub fn is_meant_for(&self, name: &str) -> bool {
        match &self.aud {
            None => true,
            Some(Value::Array(names)) => names.iter().any(|held| held == name),
            Some(held) => held == name,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn numeric_date<S: Serializer>(seconds: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if seconds.fract() == 0.0 && seconds.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within the exact range")]
        return serializer.serialize_i64(*seconds as i64);
    }
    serializer.serialize_f64(*seconds)
}

#[expect(clippy::ref_option, reason = "the signature that serde calls")]
fn optional_numeric_date<S: Serializer>(seconds: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match seconds {
        Some(seconds) => numeric_date(seconds, serializer),
        None => serializer.serialize_none(),
    }
}

/// Why a token gives no access. The first that applies is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is no JWT with the claims of an access token.
    #[error("the access token is not a token of this kind")]
    Malformed,
    /// It was not signed by this key with RS256, or it was altered.
    #[error("the access token's signature does not match")]
    BadSignature,
    /// It was issued by someone else.
    #[error("the access token was issued by someone else")]
    WrongIssuer,
    /// It is meant for someone else.
    #[error("the access token is meant for someone else")]
    WrongAudience,
    /// Its time is over.
    #[error("the access token has expired")]
    Expired,
}

/// A key that issues and verifies tokens. Its `Debug` shows nothing of the key.
#[derive(Clone)]
pub struct TokenKey {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl TokenKey {
    /// The same key for tokens that signs messages.
    pub fn from_rsa(key: &SigningKey) -> Self {
        let encoding = EncodingKey::from_rsa_pem(key.to_pem().as_bytes())
            .expect("our own PEM of an RSA key can be read");
        let decoding = DecodingKey::from_rsa_pem(key.verifying_key().to_pem().as_bytes())
            .expect("our own PEM of an RSA key can be read");
        Self { encoding, decoding }
    }

    /// A token with these claims.
    pub fn issue(&self, claims: &Claims) -> String {
        jsonwebtoken::encode(&Header::new(Algorithm::RS256), claims, &self.encoding)
            .expect("claims are JSON and a valid key signs anything")
    }

    /// The claims of a token of this issuer that gives access to it at `now_s` (seconds since 1970), without any leeway.
    ///
    /// # Errors
    /// The first reason, in the order of [`TokenError`], why it gives none.
    pub fn verify(&self, token: &str, now_s: f64, issuer: &str) -> Result<Claims, TokenError> {
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let header = signed
            .split('.')
            .next()
            .and_then(json_part)
            .ok_or(TokenError::Malformed)?;
        let algorithm = header
            .get("alg")
            .and_then(Value::as_str)
            .ok_or(TokenError::Malformed)?;
        let claims = decode_unverified(token).ok_or(TokenError::Malformed)?;
        let claims: Claims = serde_json::from_value(claims).map_err(|_| TokenError::Malformed)?;
        if algorithm != "RS256"
            || !matches!(
                jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &self.decoding, Algorithm::RS256),
                Ok(true)
            )
        {
            return Err(TokenError::BadSignature);
        }
        if claims.iss != issuer {
            return Err(TokenError::WrongIssuer);
        }
        if !claims.is_meant_for(issuer) {
            return Err(TokenError::WrongAudience);
        }
        if claims.exp <= now_s {
            return Err(TokenError::Expired);
        }
        Ok(claims)
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey(hidden)")
    }
}

/// The claims of a JWT, believed without any proof: for a client that wants to know what it was given.
/// `None` where the text is no JWT.
pub fn decode_unverified(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (header, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    URL_SAFE_NO_PAD.decode(signature).ok()?;
    json_part(header)?;
    json_part(claims)
}

/// One part of a token: a JSON object in URL-safe base64 without padding.
fn json_part(part: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    let value: Value = serde_json::from_slice(&bytes).ok()?;
    value.is_object().then_some(value)
}
