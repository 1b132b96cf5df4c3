//! A client as somebody describes it: in a file of clients, or to the control API.

use super::secret::SecretHash;
use serde::Deserialize;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The shortest secret that is taken.
const SHORTEST: usize = 8;

/// A client that is to be known. Its secret is hashed as soon as it is read.
#[derive(Debug, Clone, Default)]
pub struct ClientEntry {
    pub(super) client_id: String,
    pub(super) secret: Option<SecretHash>,
    pub(super) scopes: Option<Vec<String>>,
    pub(super) sender_id: Option<String>,
    /// PEM.
    pub(super) public_key: Option<String>,
    pub(super) callback: Option<String>,
    pub(super) expires: Option<String>,
    /// The only profile that knows it.
    pub(super) profile: Option<String>,
}

/// Why a file of clients cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ClientsError {
    /// A file cannot be read.
    #[error("failed to read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It is not what it should be.
    #[error("{}: {message}", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    clients: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    client_id: String,
    client_secret: Option<String>,
    client_secret_hash: Option<String>,
    scopes: Option<Vec<String>>,
    sender_id: Option<String>,
    public_key: Option<String>,
    public_key_file: Option<PathBuf>,
    callback: Option<String>,
    expires: Option<String>,
    profile: Option<String>,
}

impl ClientEntry {
    /// The clients of a file: JSON where its name ends in `.json`, else TOML, with a list `clients`.
    pub fn load(path: &Path) -> Result<Vec<Self>, ClientsError> {
        let read = |path: &Path| {
            std::fs::read_to_string(path).map_err(|source| ClientsError::Read {
                path: path.to_owned(),
                source,
            })
        };
        let form = |message: String| ClientsError::Form {
            path: path.to_owned(),
            message,
        };
        let text = read(path)?;
        let is_json = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        // What an error shows of the file could be a secret: only where it is is told.
        let listed: Listed = if is_json {
            serde_json::from_str(&text).map_err(|e| form(without_values(&e.to_string())))?
        } else {
            toml::from_str(&text).map_err(|e| form(without_values(e.message())))?
        };
        let mut entries = Vec::new();
        for (nth, mut written) in listed.clients.into_iter().enumerate() {
            let named = match &written.client_id[..] {
                "" => format!("client {}", nth + 1),
                id => id.to_owned(),
            };
            let failed = |why: String| form(format!("{named}: {why}"));
            if written.client_id.is_empty() {
                return Err(failed("client_id is missing".to_owned()));
            }
            if let Some(file) = written.public_key_file.take() {
                if written.public_key.is_some() {
                    return Err(failed("give public_key or public_key_file, not both".to_owned()));
                }
                let beside = path.parent().unwrap_or_else(|| Path::new("")).join(file);
                written.public_key = Some(read(&beside)?);
            }
            entries.push(Self::of(written).map_err(failed)?);
        }
        Ok(entries)
    }

    /// What the control API is told of a client.
    pub(crate) fn of_json(written: &Value) -> Result<Self, String> {
        let written = serde_json::from_value(written.clone());
        let written: Written = written.map_err(|e| without_values(&e.to_string()))?;
        if written.public_key_file.is_some() || written.profile.is_some() {
            return Err("public_key_file and profile stand in a file of clients only".to_owned());
        }
        Self::of(written)
    }

    fn of(written: Written) -> Result<Self, String> {
        let secret = match (written.client_secret, written.client_secret_hash) {
            (Some(_), Some(_)) => return Err("give client_secret or client_secret_hash, not both".to_owned()),
            (Some(secret), None) if secret.len() < SHORTEST => {
                return Err(format!("client_secret: give at least {SHORTEST} characters"));
            }
            (Some(secret), None) => Some(SecretHash::of(&secret)),
            (None, Some(hash)) => {
                let message = "client_secret_hash: give $pbkdf2-sha256$ROUNDS$SALT$HASH";
                Some(SecretHash::read(&hash).ok_or(message)?)
            }
            (None, None) => None,
        };
        Ok(Self {
            client_id: written.client_id,
            secret,
            scopes: written.scopes,
            sender_id: written.sender_id,
            public_key: written.public_key,
            callback: written.callback,
            expires: written.expires,
            profile: written.profile,
        })
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.client_id
    }

    /// The profile that it names.
    pub fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }
}

/// An error without the values that it quotes.
fn without_values(message: &str) -> String {
    let mut quoted = false;
    let mut kept = String::new();
    for c in message.chars() {
        if c == '"' {
            quoted = !quoted;
            kept.push_str(if quoted { "\"…" } else { "\"" });
        } else if !quoted {
            kept.push(c);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_forms_of_a_file_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        let key = specs::wire::demo::SENDER_PUB_PEM;
        std::fs::write(path("partner.pub.pem"), key).unwrap();
        let toml = "[[clients]]\nclient_id = \"a\"\nclient_secret = \"long enough\"\nscopes = [\"registry.search\"]\n\
                    public_key_file = \"partner.pub.pem\"\nprofile = \"dci-social\"\n";
        std::fs::write(path("clients.toml"), toml).unwrap();
        let json =
            json!({"clients": [{"client_id": "b", "client_secret_hash": SecretHash::of("x").written()}]});
        std::fs::write(path("clients.json"), json.to_string()).unwrap();
        let [a] = &ClientEntry::load(&path("clients.toml")).unwrap()[..] else {
            panic!("one client");
        };
        assert_eq!(
            (a.profile(), a.public_key.as_deref()),
            (Some("dci-social"), Some(key))
        );
        assert!(a.secret.as_ref().unwrap().is_of("long enough"));
        let [b] = &ClientEntry::load(&path("clients.json")).unwrap()[..] else {
            panic!("one client");
        };
        assert!(b.secret.as_ref().unwrap().is_of("x"));
        assert!(!format!("{a:?}").contains("long enough"));
    }

    #[test]
    fn a_file_that_cannot_be_used_is_explained_without_its_secrets() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("clients.toml");
        for (text, said) in [
            (
                "[[clients]]\nclient_secret = \"long enough\"",
                "client_id is missing",
            ),
            (
                "[[clients]]\nclient_id = \"a\"\nclient_secret = \"hunter2\"",
                "at least 8",
            ),
            (
                "[[clients]]\nclient_id = \"a\"\nclient_secrets = \"hunter22\"",
                "unknown field",
            ),
            (
                "[[clients]]\nclient_id = \"a\"\nclient_secret_hash = \"hunter22\"",
                "$pbkdf2-sha256$",
            ),
            (
                "[[clients]]\nclient_id = \"a\"\nscopes = \"hunter22\"",
                "invalid type",
            ),
        ] {
            std::fs::write(&path, text).unwrap();
            let why = ClientEntry::load(&path).unwrap_err().to_string();
            assert!(why.contains(said) && !why.contains("hunter2"), "{why}");
        }
        assert!(matches!(
            ClientEntry::load(&dir.path().join("gone.toml")),
            Err(ClientsError::Read { .. })
        ));
    }
}
