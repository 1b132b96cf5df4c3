//! PEM texts of keys, and what to tell the person who supplied a wrong one.

use aws_lc_rs::error::KeyRejected;
use pem::{EncodeConfig, LineEnding, Pem};

/// The object identifier `rsaEncryption` in DER.
const RSA_ENCRYPTION: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// Why a text is no usable key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There is no PEM block in it.
    #[error("failed to read the key: the text is not PEM; it should start with `-----BEGIN {expected}-----`")]
    NotPem {
        /// The label that was looked for.
        expected: &'static str,
    },
    /// There is a PEM block, but of another kind.
    #[error("failed to read the key: found a PEM block `{found}` where `{expected}` is needed; {hint}")]
    WrongLabel {
        /// The label that was looked for.
        expected: &'static str,
        /// The label that was found.
        found: String,
        /// What to do about it.
        hint: &'static str,
    },
    /// It is a key of another algorithm.
    #[error("failed to read the key: it is not an RSA key")]
    NotRsa,
    /// It is an RSA key that cannot be used.
    #[error("failed to read the key: {reason}")]
    Unusable {
        /// Why not.
        reason: String,
    },
}

/// How a private key is packed.
pub(super) enum Encoding {
    /// PKCS#8, which names its algorithm.
    Container,
    /// PKCS#1, which is RSA by its label.
    Bare,
}

pub(super) fn private_key(text: &str) -> Result<(Encoding, Vec<u8>), KeyError> {
    let block = find(text, "PRIVATE KEY", &["PRIVATE KEY", "RSA PRIVATE KEY"])?;
    if block.tag() == "RSA PRIVATE KEY" {
        // The traditional format keeps the label when it is encrypted and says so in a header.
        if block.headers().get("DEK-Info").is_some() {
            return Err(wrong_label("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"));
        }
        return Ok((Encoding::Bare, block.into_contents()));
    }
    named_rsa(block.into_contents()).map(|der| (Encoding::Container, der))
}

pub(super) fn public_key(text: &str) -> Result<Vec<u8>, KeyError> {
    let block = find(text, "PUBLIC KEY", &["PUBLIC KEY", "RSA PUBLIC KEY"])?;
    if block.tag() == "RSA PUBLIC KEY" {
        return Ok(block.into_contents());
    }
    named_rsa(block.into_contents())
}

pub(super) fn encode(label: &str, der: &[u8]) -> String {
    pem::encode_config(
        &Pem::new(label, der),
        EncodeConfig::new().set_line_ending(LineEnding::LF),
    )
}

pub(super) fn rejected(error: &KeyRejected) -> KeyError {
    let reason = match error.description_() {
        "TooSmall" => "it is shorter than 2048 bits",
        "TooLarge" => "it is longer than 8192 bits",
        "WrongAlgorithm" => return KeyError::NotRsa,
        "InconsistentComponents" => "its numbers do not belong together",
        _ => "its content is damaged",
    };
    KeyError::Unusable {
        reason: reason.to_owned(),
    }
}

/// The first block with one of these labels; a file may hold a certificate or parameters before it.
fn find(text: &str, expected: &'static str, labels: &[&str]) -> Result<Pem, KeyError> {
    let mut blocks = pem::parse_many(text).map_err(|_| KeyError::NotPem { expected })?;
    if let Some(index) = blocks.iter().position(|b| labels.contains(&b.tag())) {
        return Ok(blocks.swap_remove(index));
    }
    match blocks.first() {
        None => Err(KeyError::NotPem { expected }),
        Some(block) => Err(wrong_label(expected, block.tag())),
    }
}

fn wrong_label(expected: &'static str, found: &str) -> KeyError {
    let hint = match found {
        "ENCRYPTED PRIVATE KEY" => "decrypt it first with `openssl pkey -in KEY -out DECRYPTED`",
        "CERTIFICATE" if expected == "PUBLIC KEY" => {
            "take the key out of it with `openssl x509 -in CERTIFICATE -pubkey -noout`"
        }
        "PRIVATE KEY" | "RSA PRIVATE KEY" => "take its public half with `openssl pkey -in KEY -pubout`",
        "PUBLIC KEY" | "RSA PUBLIC KEY" => "signing needs the private half",
        _ => "convert it to an RSA key in PEM",
    };
    if found == "EC PRIVATE KEY" {
        return KeyError::NotRsa;
    }
    KeyError::WrongLabel {
        expected,
        found: found.to_owned(),
        hint,
    }
}

/// A container names its algorithm near its start.
fn named_rsa(der: Vec<u8>) -> Result<Vec<u8>, KeyError> {
    let start = &der[..der.len().min(64)];
    if start.windows(RSA_ENCRYPTION.len()).any(|w| w == RSA_ENCRYPTION) {
        Ok(der)
    } else {
        Err(KeyError::NotRsa)
    }
}
