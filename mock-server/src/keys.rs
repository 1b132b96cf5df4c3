//! The key pairs of signed messages: for each algorithm one for the side that asks, one for the side that
//! answers.
//!
//! Both halves of all pairs are at hand, so that whoever runs the mock can sign as its partner.

use specs::catalogue::SignatureScheme;
use specs::wire::key::{Algorithm, PrivateKey, PublicKey};
use specs::wire::rsa::{KeyError, SigningKey, VerifyingKey};
use specs::wire::{demo, scheme};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The key pairs of signed messages. Cheap to clone; `Debug` shows nothing secret.
#[derive(Debug, Clone)]
pub struct Keys {
    sender: SigningKey,
    receiver: SigningKey,
    sender_ed25519: PrivateKey,
    receiver_ed25519: PrivateKey,
    /// Further public keys of the side that asks, of any algorithm.
    further: Vec<PublicKey>,
}

/// Why a folder of keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A file cannot be read.
    #[error("failed to read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("failed to write {}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file holds no usable key.
    #[error("{}: {source}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: KeyError,
    },
    /// There is a public key without its private half.
    #[error("{} is there, but {} is missing; restore it, or remove both to have new ones made", public.display(), private.display())]
    HalfMissing {
        /// The file that is there.
        public: PathBuf,
        /// The file that is not.
        private: PathBuf,
    },
    /// The two halves do not belong together.
    #[error("{} is not the public half of {}; remove it to have the right one written", public.display(), private.display())]
    Mismatch {
        /// The public key.
        public: PathBuf,
        /// The private key.
        private: PathBuf,
    },
}

impl Keys {
    /// The built-in demonstration keys. They are public: never use them for anything real.
    pub fn demo() -> Self {
        let rsa = |pem| SigningKey::from_pem(pem).expect("the demonstration keys are valid");
        let read = |pem| PrivateKey::from_pem(pem).expect("the demonstration keys are valid");
        Self {
            sender: rsa(demo::SENDER_KEY_PEM),
            receiver: rsa(demo::RECEIVER_KEY_PEM),
            sender_ed25519: read(demo::SENDER_ED25519_KEY_PEM),
            receiver_ed25519: read(demo::RECEIVER_ED25519_KEY_PEM),
            further: Vec::new(),
        }
    }

    /// The keys of a folder, which holds `sender.key.pem`, `sender.pub.pem`, `receiver.key.pem` and
    /// `receiver.pub.pem`, all of RSA, and the same of Ed25519 as `sender.ed25519.key.pem` and so on. What is
    /// absent is made; private keys are readable by their owner only. Any `sender.NAME.pub.pem` beside these is a
    /// further key of the side that asks, such as its next one.
    pub fn load_or_create(dir: &Path) -> Result<Self, KeysError> {
        fs::create_dir_all(dir).map_err(|source| KeysError::Write {
            path: dir.to_owned(),
            source,
        })?;
        Ok(Self {
            sender: rsa_pair(dir, "sender")?,
            receiver: rsa_pair(dir, "receiver")?,
            sender_ed25519: pair(dir, "sender.ed25519", Algorithm::Ed25519)?,
            receiver_ed25519: pair(dir, "receiver.ed25519", Algorithm::Ed25519)?,
            further: further(dir)?,
        })
    }

    /// Private key of the side that asks, as PKCS#8 PEM. A secret.
    pub fn sender_pem(&self) -> String {
        self.sender.to_pem()
    }

    /// Public key of the side that asks, as SPKI PEM.
    pub fn sender_pub_pem(&self) -> String {
        self.sender.verifying_key().to_pem()
    }

    /// Private key of the side that answers, as PKCS#8 PEM. A secret.
    pub fn receiver_pem(&self) -> String {
        self.receiver.to_pem()
    }

    /// Public key of the side that answers, as SPKI PEM.
    pub fn receiver_pub_pem(&self) -> String {
        self.receiver.verifying_key().to_pem()
    }

    /// The keys by any of which the side that asks may sign, for a scheme.
    pub(crate) fn registered(&self, scheme: SignatureScheme) -> Vec<PublicKey> {
        let first = self.sender_of(scheme).public();
        let algorithm = first.algorithm();
        let further = self.further.iter().filter(|key| key.algorithm() == algorithm);
        std::iter::once(first.clone()).chain(further.cloned()).collect()
    }

    /// What messages to the side that asks are encrypted with.
    pub(crate) fn partner(&self) -> VerifyingKey {
        self.sender.verifying_key()
    }

    /// What signs access tokens, and reads what is encrypted for us.
    pub(crate) fn own(&self) -> &SigningKey {
        &self.receiver
    }

    /// The key of the side that asks, for a scheme. A secret.
    pub fn sender_of(&self, scheme: SignatureScheme) -> PrivateKey {
        match scheme::algorithm(scheme) {
            Some(Algorithm::Ed25519) => self.sender_ed25519.clone(),
            _ => PrivateKey::Rsa(self.sender.clone()),
        }
    }

    /// The key of the side that answers, for a scheme. A secret.
    pub fn receiver_of(&self, scheme: SignatureScheme) -> PrivateKey {
        match scheme::algorithm(scheme) {
            Some(Algorithm::Ed25519) => self.receiver_ed25519.clone(),
            _ => PrivateKey::Rsa(self.receiver.clone()),
        }
    }
}

/// The further keys of the side that asks, in the order of their names.
fn further(dir: &Path) -> Result<Vec<PublicKey>, KeysError> {
    let unread = |source| KeysError::Read {
        path: dir.to_owned(),
        source,
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir).map_err(unread)? {
        let path = entry.map_err(unread)?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let name = name
            .strip_prefix("sender.")
            .and_then(|rest| rest.strip_suffix(".pub.pem"));
        if name.is_some_and(|name| name != "ed25519") {
            paths.push(path);
        }
    }
    paths.sort();
    let read = |path: PathBuf| {
        let pem = read(&path)?.unwrap_or_default();
        PublicKey::from_pem(&pem).map_err(|source| KeysError::Key { path, source })
    };
    paths.into_iter().map(read).collect()
}

fn rsa_pair(dir: &Path, name: &str) -> Result<SigningKey, KeysError> {
    match pair(dir, name, Algorithm::Rsa)? {
        PrivateKey::Rsa(key) => Ok(key),
        PrivateKey::Ed25519(_) => Err(KeysError::Key {
            path: dir.join(format!("{name}.key.pem")),
            source: KeyError::NotRsa,
        }),
    }
}

fn pair(dir: &Path, name: &str, algorithm: Algorithm) -> Result<PrivateKey, KeysError> {
    let private = dir.join(format!("{name}.key.pem"));
    let public = dir.join(format!("{name}.pub.pem"));
    let key = match read(&private)? {
        Some(pem) => PrivateKey::from_pem(&pem).map_err(|source| KeysError::Key {
            path: private.clone(),
            source,
        })?,
        None if public.exists() => return Err(KeysError::HalfMissing { public, private }),
        None => {
            let key = PrivateKey::generate(algorithm);
            write(&private, &key.to_pem(), true)?;
            key
        }
    };
    match read(&public)? {
        Some(pem) => {
            let found = PublicKey::from_pem(&pem).map_err(|source| KeysError::Key {
                path: public.clone(),
                source,
            })?;
            if found != key.public() {
                return Err(KeysError::Mismatch { public, private });
            }
        }
        None => write(&public, &key.public().to_pem(), false)?,
    }
    if key.algorithm() != algorithm {
        let source = KeyError::Unusable {
            reason: format!("it is not a key of {}", algorithm.name()),
        };
        return Err(KeysError::Key {
            path: private,
            source,
        });
    }
    Ok(key)
}

/// The text of a file, if it is there.
pub(crate) fn read(path: &Path) -> Result<Option<String>, KeysError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(KeysError::Read {
            path: path.to_owned(),
            source,
        }),
    }
}

/// Writes a file that did not exist a moment ago; never follows one that appeared meanwhile.
pub(crate) fn write(path: &Path, text: &str, secret: bool) -> Result<(), KeysError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if secret {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = secret;
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|source| KeysError::Write {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_keys_are_made_and_found_again() {
        let dir = tempfile::tempdir().unwrap();
        let first = Keys::load_or_create(&dir.path().join("keys")).unwrap();
        let again = Keys::load_or_create(&dir.path().join("keys")).unwrap();
        assert_eq!(first.sender_pem(), again.sender_pem());
        assert_eq!(first.receiver_pub_pem(), again.receiver_pub_pem());
        assert_ne!(first.sender_pub_pem(), first.receiver_pub_pem());
        let scheme = SignatureScheme::DciHttpSignature;
        assert_eq!(first.sender_of(scheme).public(), again.sender_of(scheme).public());
        assert_ne!(
            first.sender_of(scheme).public(),
            first.receiver_of(scheme).public()
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |name| {
                fs::metadata(dir.path().join("keys").join(name))
                    .unwrap()
                    .permissions()
                    .mode()
            };
            assert_eq!(mode("sender.key.pem") & 0o777, 0o600);
            assert_eq!(mode("receiver.key.pem") & 0o777, 0o600);
            assert_eq!(mode("receiver.ed25519.key.pem") & 0o777, 0o600);
        }
    }

    #[test]
    fn a_partner_may_have_several_keys() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str| dir.path().join(name);
        fs::write(file("sender.next.pub.pem"), demo::OTHER_PUB_PEM).unwrap();
        fs::write(file("sender.old.pub.pem"), demo::OTHER_ED25519_PUB_PEM).unwrap();
        let keys = Keys::load_or_create(dir.path()).unwrap();
        let of = |scheme: SignatureScheme, other: &str| {
            [
                keys.sender_of(scheme).public(),
                PublicKey::from_pem(other).unwrap(),
            ]
        };
        let (rsa, ed25519) = (SignatureScheme::JwsCompact, SignatureScheme::DciHttpSignature);
        assert_eq!(keys.registered(rsa), of(rsa, demo::OTHER_PUB_PEM));
        assert_eq!(keys.registered(ed25519), of(ed25519, demo::OTHER_ED25519_PUB_PEM));
        fs::write(file("sender.next.pub.pem"), "no key").unwrap();
        assert!(matches!(
            Keys::load_or_create(dir.path()),
            Err(KeysError::Key { .. })
        ));
    }

    #[test]
    fn a_lone_private_key_gets_its_public_half() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("sender.key.pem"), demo::SENDER_KEY_PEM).unwrap();
        let keys = Keys::load_or_create(dir.path()).unwrap();
        assert_eq!(keys.sender_pub_pem(), Keys::demo().sender_pub_pem());
        assert!(dir.path().join("sender.pub.pem").exists());
    }

    #[test]
    fn unusable_folders_are_explained() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str| dir.path().join(name);
        fs::write(file("sender.pub.pem"), demo::SENDER_PUB_PEM).unwrap();
        assert!(matches!(
            Keys::load_or_create(dir.path()),
            Err(KeysError::HalfMissing { .. })
        ));
        fs::write(file("sender.key.pem"), demo::OTHER_KEY_PEM).unwrap();
        assert!(matches!(
            Keys::load_or_create(dir.path()),
            Err(KeysError::Mismatch { .. })
        ));
        for (name, pem) in [
            ("sender.ed25519.key.pem", demo::OTHER_KEY_PEM),
            ("receiver.key.pem", demo::OTHER_ED25519_KEY_PEM),
        ] {
            let dir = tempfile::tempdir().unwrap();
            fs::write(dir.path().join(name), pem).unwrap();
            assert!(matches!(
                Keys::load_or_create(dir.path()),
                Err(KeysError::Key { .. })
            ));
        }
        fs::write(file("sender.key.pem"), "no key").unwrap();
        assert!(matches!(
            Keys::load_or_create(dir.path()),
            Err(KeysError::Key { .. })
        ));
        fs::remove_file(file("sender.key.pem")).unwrap();
        fs::create_dir(file("sender.key.pem")).unwrap();
        assert!(matches!(
            Keys::load_or_create(dir.path()),
            Err(KeysError::Read { .. })
        ));
        assert!(matches!(
            Keys::load_or_create(&file("sender.pub.pem")),
            Err(KeysError::Write { .. })
        ));
    }

    #[test]
    fn nothing_secret_is_shown() {
        let shown = format!("{:?}", Keys::demo());
        assert!(shown.contains("hidden") && !shown.contains("PRIVATE"), "{shown}");
    }
}
