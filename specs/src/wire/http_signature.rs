//! The signature scheme `dci-http-signature`: the parameters of an HTTP signature, in one text within the
//! message. The signature is made over two times and a digest of header and message in canonical form.

use super::canonical;
use super::covered::Covered;
use super::ed25519::{SigningKey, VerifyingKey};
use super::rsa::SignatureError;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// How far the clocks of two parties may be apart, in seconds.
pub const SKEW: i64 = 60;
/// How long our signatures are valid, in seconds.
pub const LIFETIME: i64 = 300;
/// The namespace of the texts that we write.
pub const NAMESPACE: &str = "dci";
/// The only algorithm.
pub const ALGORITHM: &str = "ed25519";
/// What the signature covers, in this order.
pub const HEADERS: &str = "(created) (expires) digest";

/// When a signature is looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// The time, in seconds since 1970.
    pub now: f64,
    /// How far clocks may be apart, in seconds; none where no time of a signature is looked at.
    pub skew: Option<i64>,
}

impl From<f64> for Moment {
    fn from(now: f64) -> Self {
        let skew = Some(SKEW);
        Self { now, skew }
    }
}

/// Who signed: sender, key and algorithm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyId {
    /// The `sender_id` of the signer.
    pub sender: String,
    /// The signer's name of the key.
    pub key: String,
    /// The algorithm.
    pub algorithm: String,
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}|{}|{}", self.sender, self.key, self.algorithm)
    }
}

impl KeyId {
    /// Reads `sender|key|algorithm`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.rsplitn(3, '|').map(str::to_owned);
        let (algorithm, key, sender) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self {
            sender,
            key,
            algorithm,
        })
    }
}

/// The text of a signature, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// `namespace`
    pub namespace: String,
    /// `kidId`
    pub key_id: KeyId,
    /// `algorithm`
    pub algorithm: String,
    /// `created`, in seconds since 1970.
    pub created: i64,
    /// `expires`, in seconds since 1970.
    pub expires: i64,
    /// `headers`
    pub headers: String,
    /// `signature`, in Base64.
    pub signature: String,
}

/// Why a signature of this scheme proves nothing. The first that applies is reported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// The text is not a list of `name="value"`.
    #[error("the text is not a list of name=\"value\" separated by commas")]
    Syntax,
    /// A parameter is missing or stands there twice.
    #[error("the parameter `{0}` is missing or stands there twice")]
    Parameter(&'static str),
    /// A time is not a whole number of seconds.
    #[error("the parameter `{0}` is not a whole number of seconds")]
    Time(&'static str),
    /// The key's id is not made of three parts.
    #[error("kidId is not made of sender, key and algorithm with `|` between them")]
    KeyId,
    /// It covers something else.
    #[error("headers is not `{HEADERS}`")]
    Headers,
    /// It names another algorithm.
    #[error("the algorithm is not {ALGORITHM}")]
    Algorithm,
    /// It names another sender than the header.
    #[error("kidId names another sender than the header")]
    Sender,
    /// It was made later than now.
    #[error("the signature was created in the future")]
    Future,
    /// It is no longer valid.
    #[error("the signature has expired")]
    Expired,
    /// Header or message is not JSON.
    #[error("header and message are not JSON")]
    NotJson,
    /// The cryptography says no.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

impl Field {
    /// Reads the text of a signature. Parameters may stand in any order; unknown ones are passed over.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let parameters = parameters(text).ok_or(FieldError::Syntax)?;
        let text = |name: &'static str| {
            let mut named = parameters.iter().filter(|(n, _)| *n == name);
            match (named.next(), named.next()) {
                (Some((_, value)), None) => Ok((*value).to_owned()),
                _ => Err(FieldError::Parameter(name)),
            }
        };
        let time = |name: &'static str| {
            let text = text(name)?;
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            text.parse().ok().filter(|_| digits).ok_or(FieldError::Time(name))
        };
        Ok(Self {
            namespace: text("namespace")?,
            key_id: KeyId::parse(&text("kidId")?).ok_or(FieldError::KeyId)?,
            algorithm: text("algorithm")?,
            created: time("created")?,
            expires: time("expires")?,
            headers: text("headers")?,
            signature: text("signature")?,
        })
    }

    /// Whether its parameters allow any trust: what it covers, by which algorithm, of whom, and when.
    ///
    /// # Errors
    /// The first that does not.
    pub fn check(&self, sender: Option<&str>, now: impl Into<Moment>) -> Result<(), FieldError> {
        if self.headers != HEADERS {
            return Err(FieldError::Headers);
        }
        if self.algorithm != ALGORITHM || self.key_id.algorithm != ALGORITHM {
            return Err(FieldError::Algorithm);
        }
        if sender.is_some_and(|sender| sender != self.key_id.sender) {
            return Err(FieldError::Sender);
        }
        let Moment { now, skew } = now.into();
        let Some(skew) = skew else { return Ok(()) };
        #[expect(clippy::cast_possible_truncation, reason = "the cast saturates")]
        let now = now as i64;
        if self.created > now.saturating_add(skew) {
            return Err(FieldError::Future);
        }
        if self.expires < now {
            return Err(FieldError::Expired);
        }
        Ok(())
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            namespace,
            key_id,
            algorithm,
            created,
            expires,
            headers,
            signature,
        } = self;
        write!(
            f,
            "namespace=\"{namespace}\", kidId=\"{key_id}\", algorithm=\"{algorithm}\", \
             created=\"{created}\", expires=\"{expires}\", headers=\"{headers}\", signature=\"{signature}\""
        )
    }
}

/// The digest of header and message.
pub fn digest_of(covered: &Covered) -> Option<String> {
    let mut text = String::with_capacity(covered.header.len() + covered.message.len() + 32);
    for (name, member) in [("header", &covered.header), ("message", &covered.message)] {
        if !member.is_empty() {
            text.push_str(if text.is_empty() { "{\"" } else { ",\"" });
            text.push_str(name);
            text.push_str("\":");
            canonical::write_text(&mut text, member)?;
        }
    }
    text.push_str(if text.is_empty() { "{}" } else { "}" });
    Some(STANDARD.encode(digest(&SHA256, text.as_bytes())))
}

/// The text over which the signature is made.
pub fn signing_string(created: i64, expires: i64, digest: &str) -> String {
    format!("(created): {created}\n(expires): {expires}\ndigest: {digest}")
}

/// Signs header and message as this sender, with the key of this name, from this time to that.
///
/// # Errors
/// Header and message are not JSON.
pub fn sign(
    covered: &Covered,
    key: &SigningKey,
    key_id: KeyId,
    (created, expires): (i64, i64),
) -> Result<Field, FieldError> {
    let digest = digest_of(covered).ok_or(FieldError::NotJson)?;
    Ok(Field {
        namespace: NAMESPACE.to_owned(),
        key_id,
        algorithm: ALGORITHM.to_owned(),
        created,
        expires,
        headers: HEADERS.to_owned(),
        signature: key.sign(signing_string(created, expires, &digest).as_bytes()),
    })
}

/// Whether this key's holder signed header and message. Times and names are not looked at, see
/// [`Field::check`].
///
/// # Errors
/// Why the signature proves nothing.
pub fn verify(field: &Field, covered: &Covered, key: &VerifyingKey) -> Result<(), FieldError> {
    let digest = digest_of(covered).ok_or(FieldError::NotJson)?;
    let text = signing_string(field.created, field.expires, &digest);
    Ok(key.verify(text.as_bytes(), &field.signature)?)
}

/// Names and values of a list of `name="value"`. No value holds a quotation mark.
fn parameters(text: &str) -> Option<Vec<(&str, &str)>> {
    let mut parameters = Vec::new();
    let mut rest = text.trim();
    loop {
        let (name, after) = rest.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || !name.chars().all(is_name) {
            return None;
        }
        parameters.push((name, value));
        let after = after.trim_start();
        if after.is_empty() {
            return Some(parameters);
        }
        rest = after.strip_prefix(',')?.trim_start();
    }
}
