//! Keys and signatures of Ed25519 (RFC 8032), in the PEM of RFC 8410.
//!
//! A signature is made over bytes; which bytes, the scheme says.

use super::rsa::{KeyError, SignatureError};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pem::{EncodeConfig, LineEnding, Pem};
use std::fmt;
use std::sync::Arc;

/// What precedes the 32 bytes of a public key in SPKI.
const SPKI: &[u8] = &[
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];
/// The object identifier of Ed25519 in DER.
const ED25519_ID: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];

/// Whether a key in DER names Ed25519 as its algorithm.
pub(super) fn is_named_in(der: &[u8]) -> bool {
    let start = &der[..der.len().min(24)];
    start.windows(ED25519_ID.len()).any(|w| w == ED25519_ID)
}

/// A private key. Cheap to clone; its `Debug` shows nothing of the key.
#[derive(Clone)]
pub struct SigningKey {
    pair: Arc<Ed25519KeyPair>,
    pkcs8: Arc<[u8]>,
}

impl SigningKey {
    /// A fresh key.
    pub fn generate() -> Self {
        let pair = Ed25519KeyPair::generate().expect("the system provides entropy");
        Self::new(pair).expect("a generated key can be encoded")
    }

    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(|_| damaged())?;
        Self::new(pair).ok_or_else(damaged)
    }

    fn new(pair: Ed25519KeyPair) -> Option<Self> {
        // The first version of the container, since OpenSSL before 3.2 reads no other.
        let pkcs8 = Arc::from(pair.to_pkcs8v1().ok()?.as_ref());
        Some(Self {
            pair: Arc::new(pair),
            pkcs8,
        })
    }

    /// The key as PKCS#8 PEM. This is the secret: it belongs in a file of mode 0600 and nowhere else.
    pub fn to_pem(&self) -> String {
        encode("PRIVATE KEY", &self.pkcs8)
    }

    /// The public half.
    pub fn verifying_key(&self) -> VerifyingKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.pair.public_key().as_ref());
        VerifyingKey(bytes)
    }

    /// The signature over these bytes, in standard base64 with padding. The scheme is deterministic.
    pub fn sign(&self, message: &[u8]) -> String {
        STANDARD.encode(self.pair.sign(message).as_ref())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(ed25519, hidden)")
    }
}

/// A public key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VerifyingKey([u8; 32]);

impl VerifyingKey {
    /// The key of these 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        bytes.try_into().map(Self).map_err(|_| damaged())
    }

    pub(super) fn from_spki(der: &[u8]) -> Result<Self, KeyError> {
        der.strip_prefix(SPKI)
            .ok_or_else(damaged)
            .and_then(Self::from_bytes)
    }

    /// Its 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key as SPKI PEM.
    pub fn to_pem(&self) -> String {
        encode("PUBLIC KEY", &[SPKI, &self.0].concat())
    }

    /// Whether this key's holder signed exactly these bytes.
    ///
    /// # Errors
    /// Why the signature proves nothing.
    pub fn verify(&self, message: &[u8], signature: &str) -> Result<(), SignatureError> {
        let signature = STANDARD
            .decode(signature)
            .map_err(|_| SignatureError::NotBase64)?;
        UnparsedPublicKey::new(&ED25519, &self.0)
            .verify(message, &signature)
            .map_err(|_| SignatureError::Mismatch)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey(ed25519 {})", STANDARD.encode(self.0))
    }
}

fn encode(label: &str, der: &[u8]) -> String {
    pem::encode_config(
        &Pem::new(label, der),
        EncodeConfig::new().set_line_ending(LineEnding::LF),
    )
}

fn damaged() -> KeyError {
    KeyError::Unusable {
        reason: "its content is damaged".to_owned(),
    }
}
