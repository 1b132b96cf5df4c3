//! Encrypted messages: JWE (RFC 7516) by RSA-OAEP-256 and A256GCM, and by nothing else.
//!
//! There are three forms: the compact one, the flattened one with a protected header, and that of the DCI
//! documents, where the header stands beside the rest and nothing says what is authenticated. Whoever
//! encrypts brings the randomness, so that the same seed can make the same bytes.

mod draw;
mod form;
mod oaep;

pub use draw::Draw;
pub use form::{Aad, Form, Jwe};

use super::jwk;
use super::key::PublicKey;
use super::rsa::{SigningKey, VerifyingKey};
use aws_lc_rs::aead::{self, AES_256_GCM, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

/// How the content key is encrypted.
pub const ALGORITHM: &str = "RSA-OAEP-256";
/// How the content is.
pub const CONTENT: &str = "A256GCM";

/// The tag of A256GCM has so many bytes.
const TAG_LENGTH: usize = 16;
/// Its initialisation vector so many.
const IV_LENGTH: usize = 12;

/// Why a message cannot be decrypted. The first that applies is reported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JweError {
    /// It is no JWE of a form that we know.
    #[error("the message is not a JWE: {0}")]
    Malformed(&'static str),
    /// A part of it is not Base64url.
    #[error("`{0}` is not Base64url without padding")]
    Base64(&'static str),
    /// It names another algorithm for the key.
    #[error("the algorithm {0:?} is not supported; it must be {ALGORITHM}")]
    Algorithm(String),
    /// It names another algorithm for the content.
    #[error("the content encryption {0:?} is not supported; it must be {CONTENT}")]
    Content(String),
    /// Its header has a member that would have to be understood and is not.
    #[error("the header has `{0}`, which is not supported")]
    Unsupported(&'static str),
    /// It was encrypted for a key of another name.
    #[error("it is encrypted for the key {found:?}; ours is {expected:?}")]
    KeyId {
        /// The name that it has.
        found: String,
        /// The name of our key.
        expected: String,
    },
    /// A part of it has a length that it never has.
    #[error("`{member}` has {found} bytes where {expected} are needed")]
    Length {
        /// The part.
        member: &'static str,
        /// Its length.
        found: usize,
        /// The right one.
        expected: usize,
    },
    /// It was encrypted for another key, or changed. Which of them is not told (RFC 7516, section 11.5).
    #[error("the tag does not fit: it was encrypted for another key, or something of it was changed")]
    Tag,
}

/// What was in an encrypted message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The content.
    pub plain: Vec<u8>,
    /// The form in which it was encrypted.
    pub form: Form,
}

/// Whether a message looks like an encrypted one, however faulty it is.
pub fn resembles(message: &Value) -> bool {
    form::resembles(message)
}

/// The name of a key, as `kid` has it: its thumbprint.
pub fn key_id(key: &VerifyingKey) -> String {
    jwk::thumbprint(&PublicKey::Rsa(key.clone()))
}

/// Encrypts a content for the holder of this key.
pub fn encrypt(plain: &[u8], key: &VerifyingKey, form: Form, draw: &Draw) -> Jwe {
    let header = json!({"alg": ALGORITHM, "enc": CONTENT, "kid": key_id(key)});
    let header = match header {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    encrypt_as(header, plain, key, form, draw)
}

/// Encrypts a content under this header, whatever it says.
pub fn encrypt_as(
    header: Map<String, Value>,
    plain: &[u8],
    key: &VerifyingKey,
    form: Form,
    draw: &Draw,
) -> Jwe {
    let mut jwe = Jwe {
        form,
        protected: match form {
            Form::Compact | Form::Flattened => {
                URL_SAFE_NO_PAD.encode(Value::from(header.clone()).to_string())
            }
            Form::Headed(_) => String::new(),
        },
        header,
        aad: None,
        encrypted_key: oaep::encrypt(key, &draw.content_key, &draw.seed),
        iv: draw.iv.to_vec(),
        ciphertext: plain.to_vec(),
        tag: Vec::new(),
    };
    let aad = aead::Aad::from(jwe.authenticated(form));
    let nonce = Nonce::assume_unique_for_key(draw.iv);
    let tag = content_key(&draw.content_key)
        .seal_in_place_separate_tag(nonce, aad, &mut jwe.ciphertext)
        .expect("a message is far shorter than the cipher allows");
    jwe.tag = tag.as_ref().to_vec();
    jwe
}

/// Decrypts a message that was encrypted for this key. Where the document leaves open what is authenticated,
/// each reading is tried.
///
/// # Errors
/// Why it cannot be decrypted.
pub fn decrypt(jwe: &Jwe, key: &SigningKey) -> Result<Opened, JweError> {
    let expected = key_id(&key.verifying_key());
    jwe.check(&expected)?;
    // A key that cannot be decrypted goes the same way as one that is not the right one.
    let mut random = [0; 32];
    aws_lc_rs::rand::fill(&mut random).map_err(|_| JweError::Tag)?;
    let found = oaep::decrypt(key, &jwe.encrypted_key);
    let content_key_bytes = found.and_then(|found| found.try_into().ok()).unwrap_or(random);
    let forms = match jwe.form {
        Form::Headed(_) => vec![Form::Headed(Aad::Nothing), Form::Headed(Aad::Header)],
        form => vec![form],
    };
    let opened = forms.into_iter().find_map(|form| {
        let plain = open(jwe, form, &content_key_bytes)?;
        Some(Opened { plain, form })
    });
    opened.ok_or(JweError::Tag)
}

/// What a message would hold if its tag fitted: for a server that makes the mistake not to look at it, and
/// for nobody else.
pub fn decrypt_unproven(jwe: &Jwe, key: &SigningKey) -> Option<Vec<u8>> {
    let bytes: [u8; 32] = oaep::decrypt(key, &jwe.encrypted_key)?.try_into().ok()?;
    let key = UnboundCipherKey::new(&AES_256, &bytes).ok()?;
    // The first block of the content has the counter two; one is that of the tag.
    let mut counter = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
    counter.get_mut(..jwe.iv.len())?.copy_from_slice(&jwe.iv);
    let context = DecryptionContext::Iv128(FixedLength::from(&counter));
    let mut text = jwe.ciphertext.clone();
    let plain = DecryptingKey::ctr(key).ok()?.decrypt(&mut text, context).ok()?;
    Some(plain.to_vec())
}

fn open(jwe: &Jwe, form: Form, key: &[u8; 32]) -> Option<Vec<u8>> {
    let mut text = [jwe.ciphertext.as_slice(), &jwe.tag].concat();
    let nonce = Nonce::try_assume_unique_for_key(&jwe.iv).ok()?;
    let aad = aead::Aad::from(jwe.authenticated(form));
    let plain = content_key(key).open_in_place(nonce, aad, &mut text).ok()?;
    Some(plain.to_vec())
}

fn content_key(bytes: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, bytes).expect("the key has the length of the cipher's"))
}
