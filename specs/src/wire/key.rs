//! A key of any algorithm that a signature scheme uses.

use super::rsa::{KeyError, SignatureError};
use super::{ed25519, rsa};

/// The algorithms of signature keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA with SHA-256.
    Rsa,
    /// Ed25519.
    Ed25519,
}

impl Algorithm {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa => "RSA",
            Self::Ed25519 => "Ed25519",
        }
    }
}

/// A private key. Its `Debug` shows nothing of it.
#[derive(Debug, Clone)]
pub enum PrivateKey {
    /// Of RSA.
    Rsa(rsa::SigningKey),
    /// Of Ed25519.
    Ed25519(ed25519::SigningKey),
}

impl PrivateKey {
    /// Reads a PEM text of either algorithm.
    ///
    /// # Errors
    /// What is wrong with the text, in words for the person who supplied it.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        match edwards(text, "PRIVATE KEY") {
            Some(der) => ed25519::SigningKey::from_pkcs8(&der).map(Self::Ed25519),
            None => rsa::SigningKey::from_pem(text).map(Self::Rsa),
        }
    }

    /// A fresh key.
    pub fn generate(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Rsa => Self::Rsa(rsa::SigningKey::generate()),
            Algorithm::Ed25519 => Self::Ed25519(ed25519::SigningKey::generate()),
        }
    }

    /// The key as PKCS#8 PEM. A secret.
    pub fn to_pem(&self) -> String {
        match self {
            Self::Rsa(key) => key.to_pem(),
            Self::Ed25519(key) => key.to_pem(),
        }
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        match self {
            Self::Rsa(key) => PublicKey::Rsa(key.verifying_key()),
            Self::Ed25519(key) => PublicKey::Ed25519(key.verifying_key()),
        }
    }

    /// Its algorithm.
    pub fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa(_) => Algorithm::Rsa,
            Self::Ed25519(_) => Algorithm::Ed25519,
        }
    }

    /// The signature over these bytes, in standard base64 with padding.
    pub fn sign(&self, message: &[u8]) -> String {
        match self {
            Self::Rsa(key) => key.sign(message),
            Self::Ed25519(key) => key.sign(message),
        }
    }
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// Of RSA.
    Rsa(rsa::VerifyingKey),
    /// Of Ed25519.
    Ed25519(ed25519::VerifyingKey),
}

impl PublicKey {
    /// Reads a PEM text of either algorithm.
    ///
    /// # Errors
    /// What is wrong with the text, in words for the person who supplied it.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        match edwards(text, "PUBLIC KEY") {
            Some(der) => ed25519::VerifyingKey::from_spki(&der).map(Self::Ed25519),
            None => rsa::VerifyingKey::from_pem(text).map(Self::Rsa),
        }
    }

    /// The key as SPKI PEM.
    pub fn to_pem(&self) -> String {
        match self {
            Self::Rsa(key) => key.to_pem(),
            Self::Ed25519(key) => key.to_pem(),
        }
    }

    /// Its algorithm.
    pub fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa(_) => Algorithm::Rsa,
            Self::Ed25519(_) => Algorithm::Ed25519,
        }
    }

    /// Whether this key's holder signed exactly these bytes.
    ///
    /// # Errors
    /// Why the signature proves nothing.
    pub fn verify(&self, message: &[u8], signature: &str) -> Result<(), SignatureError> {
        match self {
            Self::Rsa(key) => key.verify(message, signature),
            Self::Ed25519(key) => key.verify(message, signature),
        }
    }
}

/// The content of the first PEM block of this label that names Ed25519.
fn edwards(text: &str, label: &str) -> Option<Vec<u8>> {
    let blocks = pem::parse_many(text).ok()?;
    let mut labelled = blocks.into_iter().filter(|block| block.tag() == label);
    labelled
        .next()
        .map(pem::Pem::into_contents)
        .filter(|der| ed25519::is_named_in(der))
}
