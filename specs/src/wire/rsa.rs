//! The signature scheme `rsa-message`: RSASSA-PKCS1-v1_5 with SHA-256 over exactly the bytes of the
//! message string, as standard base64.
//!
//! Nothing here knows what a message is; the caller must never re-serialise one before verifying it.

mod pem_text;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use std::fmt;
use std::sync::Arc;

use pem_text::Encoding;
pub use pem_text::KeyError;

/// Known nodes accept a signature without its `=`; they refuse the URL-safe alphabet and line breaks.
const LENIENT_PADDING: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A private key. Cheap to clone; its `Debug` shows nothing of the key.
#[derive(Clone)]
pub struct SigningKey {
    pair: Arc<KeyPair>,
    pkcs8: Arc<[u8]>,
}

impl SigningKey {
    /// Reads a PEM text: PKCS#8 (`PRIVATE KEY`) or PKCS#1 (`RSA PRIVATE KEY`).
    ///
    /// # Errors
    /// What is wrong with the text, in words for the person who supplied it.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let (encoding, der) = pem_text::private_key(text)?;
        let pair = match encoding {
            Encoding::Container => KeyPair::from_pkcs8(&der),
            Encoding::Bare => KeyPair::from_der(&der),
        }
        .map_err(|e| pem_text::rejected(&e))?;
        Self::new(pair).ok_or(KeyError::Unusable {
            reason: "it cannot be encoded again".to_owned(),
        })
    }

    /// A fresh key of 2048 bits.
    pub fn generate() -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("the system provides entropy");
        Self::new(pair).expect("a generated key can be encoded")
    }

    fn new(pair: KeyPair) -> Option<Self> {
        let pkcs8 = Arc::from(pair.as_der().ok()?.as_ref());
        Some(Self {
            pair: Arc::new(pair),
            pkcs8,
        })
    }

    /// The key as PKCS#8 PEM. This is the secret: it belongs in a file of mode 0600 and nowhere else.
    pub fn to_pem(&self) -> String {
        pem_text::encode("PRIVATE KEY", &self.pkcs8)
    }

    /// The key as PKCS#8 DER, for whoever decrypts with it.
    pub(super) fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The public half.
    pub fn verifying_key(&self) -> VerifyingKey {
        let spki: PublicKeyX509Der<'_> = self
            .pair
            .public_key()
            .as_der()
            .expect("the public half of a valid key can be encoded");
        VerifyingKey::from_spki(spki.as_ref()).expect("the public half of a valid key is valid")
    }

    /// The signature over these bytes, in standard base64 with padding. The scheme is deterministic.
    pub fn sign(&self, message: &[u8]) -> String {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .expect("a valid key signs any message");
        STANDARD.encode(signature)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SigningKey({} bits, hidden)",
            self.pair.public_modulus_len() * 8
        )
    }
}

/// A public key. Cheap to clone.
#[derive(Clone)]
pub struct VerifyingKey {
    key: Arc<ParsedPublicKey>,
    spki: Arc<[u8]>,
}

impl VerifyingKey {
    /// Reads a PEM text: SPKI (`PUBLIC KEY`) or PKCS#1 (`RSA PUBLIC KEY`).
    ///
    /// # Errors
    /// What is wrong with the text, in words for the person who supplied it.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let der = pem_text::public_key(text)?;
        Self::from_spki(&der)
    }

    pub(super) fn from_spki(der: &[u8]) -> Result<Self, KeyError> {
        let key =
            ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).map_err(|e| pem_text::rejected(&e))?;
        let encoded: PublicKeyX509Der<'_> = key.as_der().map_err(|_| KeyError::Unusable {
            reason: "it cannot be encoded again".to_owned(),
        })?;
        Ok(Self {
            spki: Arc::from(encoded.as_ref()),
            key: Arc::new(key),
        })
    }

    /// The key as SPKI PEM.
    pub fn to_pem(&self) -> String {
        pem_text::encode("PUBLIC KEY", &self.spki)
    }

    /// Modulus and exponent, without leading zeros.
    pub fn numbers(&self) -> (&[u8], &[u8]) {
        super::der::rsa_numbers(&self.spki).expect("a valid key is encoded as its standard says")
    }

    /// Whether this key's holder signed exactly these bytes.
    ///
    /// # Errors
    /// Why the signature proves nothing.
    pub fn verify(&self, message: &[u8], signature: &str) -> Result<(), SignatureError> {
        let signature = LENIENT_PADDING
            .decode(signature)
            .map_err(|_| SignatureError::NotBase64)?;
        self.key
            .verify_sig(message, &signature)
            .map_err(|_| SignatureError::Mismatch)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "VerifyingKey(sha256 {})",
            super::digest::sha256_hex(&self.spki)
        )
    }
}

impl PartialEq for VerifyingKey {
    fn eq(&self, other: &Self) -> bool {
        self.spki == other.spki
    }
}

impl Eq for VerifyingKey {}

/// Why a signature proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The text is not standard base64.
    #[error("the signature is not standard base64")]
    NotBase64,
    /// It is a signature by another key, or over other bytes.
    #[error("the signature was not made by this key over these bytes")]
    Mismatch,
}
