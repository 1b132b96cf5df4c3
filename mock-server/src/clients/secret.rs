//! Secrets of clients: made at random, held as salted hashes (PBKDF2 over SHA-256), compared without telling by
//! the time it takes how much of one was right.

use aws_lc_rs::digest::SHA256_OUTPUT_LEN;
use aws_lc_rs::pbkdf2::{self, PBKDF2_HMAC_SHA256};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::fmt;
use std::num::NonZeroU32;
use std::sync::OnceLock;

/// How often we hash. A secret of ours has 256 bits of chance, which no number of rounds would have to help.
const ROUNDS: u32 = 10_000;
/// How often a hash of somebody else's may have been made: each token request takes as long.
const MOST_ROUNDS: u32 = 1_000_000;
const SALT: usize = 16;

/// A secret, hashed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SecretHash {
    rounds: NonZeroU32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

/// A secret that nobody has.
pub(crate) fn random() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<32>())
}

fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}

impl SecretHash {
    /// Hashes a secret with a salt of its own.
    pub(crate) fn of(secret: &str) -> Self {
        Self::after(NonZeroU32::new(ROUNDS).expect("a constant above 0"), secret)
    }

    /// Hashes a secret that anybody may know, so that no number of rounds would protect it.
    pub(crate) fn of_open(secret: &str) -> Self {
        Self::after(NonZeroU32::MIN, secret)
    }

    /// What the secret of an unknown client is compared with, so that it takes as long as with a known one.
    pub(crate) fn of_nobody() -> Self {
        static NOBODY: OnceLock<SecretHash> = OnceLock::new();
        NOBODY.get_or_init(|| Self::of("nobody")).clone()
    }

    fn after(rounds: NonZeroU32, secret: &str) -> Self {
        let salt = bytes::<SALT>().to_vec();
        let mut hash = vec![0; SHA256_OUTPUT_LEN];
        pbkdf2::derive(PBKDF2_HMAC_SHA256, rounds, &salt, secret.as_bytes(), &mut hash);
        Self { rounds, salt, hash }
    }

    /// Whether this is the secret.
    pub(crate) fn is_of(&self, presented: &str) -> bool {
        let Self { rounds, salt, hash } = self;
        pbkdf2::verify(PBKDF2_HMAC_SHA256, *rounds, salt, presented.as_bytes(), hash).is_ok()
    }

    /// In the form `$pbkdf2-sha256$ROUNDS$SALT$HASH`, which password tools write.
    pub(crate) fn written(&self) -> String {
        let [salt, hash] = [&self.salt, &self.hash].map(|b| STANDARD_NO_PAD.encode(b).replace('+', "."));
        format!("$pbkdf2-sha256${}${salt}${hash}", self.rounds)
    }

    /// Reads that form.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix("$pbkdf2-sha256$")?.split('$');
        let rounds: NonZeroU32 = parts.next()?.parse().ok()?;
        let mut decoded = || {
            let text = parts.next()?.replace('.', "+");
            STANDARD_NO_PAD.decode(text.trim_end_matches('=')).ok()
        };
        let (salt, hash) = (decoded()?, decoded()?);
        let fits = parts.next().is_none() && salt.len() >= 8 && hash.len() == SHA256_OUTPUT_LEN;
        (fits && rounds.get() <= MOST_ROUNDS).then_some(Self { rounds, salt, hash })
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_its_hash_and_nothing_else() {
        let hash = SecretHash::of("s3cret");
        assert!(hash.is_of("s3cret"));
        for wrong in ["", "s3cre", "s3cret ", "S3cret"] {
            assert!(!hash.is_of(wrong), "{wrong:?}");
        }
        assert_ne!(hash, SecretHash::of("s3cret"), "each has a salt of its own");
        assert_eq!(SecretHash::read(&hash.written()), Some(hash.clone()));
        assert!(!format!("{hash:?}{}", hash.written()).contains("s3cret"));
        assert_ne!(random(), random());
        assert_eq!(random().len(), 43);
    }

    #[test]
    fn hashes_of_other_tools_are_read() {
        // Python: hashlib.pbkdf2_hmac("sha256", b"password", b"saltsaltsalt", 1000), base64 with `.` for `+`.
        let made = "$pbkdf2-sha256$1000$c2FsdHNhbHRzYWx0$HASH";
        let hash = SecretHash::read(&made.replace("HASH", PYTHON)).unwrap();
        assert!(hash.is_of("password") && !hash.is_of("Password"));
    }

    const PYTHON: &str = "sYIePhT5IXESDKvnouJXtE5pTJ6Znbmef4vViYmc9Uc";

    #[test]
    fn what_is_no_hash_is_not_read() {
        let good = SecretHash::of("x").written();
        for wrong in [
            "",
            "plain",
            "$pbkdf2-sha256$0$c2FsdHNhbHRzYWx0$x",
            "$pbkdf2-sha256$1000$c2FsdHNhbHRzYWx0$c2hvcnQ",
            &good.replacen("$10000$", "$100000000$", 1),
            &format!("{good}$more"),
            &good.replacen("sha256", "sha1", 1),
        ] {
            assert_eq!(SecretHash::read(wrong), None, "{wrong}");
        }
    }
}
