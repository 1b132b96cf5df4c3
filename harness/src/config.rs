//! `dcx.toml`: one file for target, profile, credentials, keys and callback addresses. Flags override the
//! file, the file overrides the profile. Secrets stand in the environment or in files of their own.

use miette::{Diagnostic, NamedSource, SourceSpan};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// The configuration file as written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// What is certified.
    #[serde(default)]
    pub target: TargetSection,
    /// How tokens are obtained.
    #[serde(default)]
    pub credentials: CredentialsSection,
    /// Who we are to the target.
    #[serde(default)]
    pub identity: IdentitySection,
    /// Our keys and the target's.
    #[serde(default)]
    pub keys: KeysSection,
    /// How connections to the target are secured.
    #[serde(default)]
    pub tls: TlsSection,
    /// Where callbacks are received.
    #[serde(default)]
    pub callback: CallbackSection,
    /// How events are made to happen.
    #[serde(default)]
    pub events: EventsSection,
    /// What the target is known to hold.
    #[serde(default)]
    pub known: KnownSection,
    /// How the run goes.
    #[serde(default)]
    pub run: RunSection,
    /// Profiles of the user's own, by id; see [`crate::profiles`].
    #[serde(default)]
    pub profile: BTreeMap<String, Map<String, Value>>,
}

/// `[target]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetSection {
    /// Base URL.
    pub url: Option<String>,
    /// Profile id.
    pub profile: Option<String>,
}

/// `[credentials]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialsSection {
    /// `client_id`
    pub client_id: Option<String>,
    /// Name of the environment variable that holds the client secret.
    pub client_secret_env: Option<String>,
    /// File that holds the client secret.
    pub client_secret_file: Option<PathBuf>,
    /// `db_name`
    pub db_name: Option<String>,
}

/// `[identity]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentitySection {
    /// `sender_id` of our messages.
    pub sender_id: Option<String>,
    /// `receiver_id` of our messages.
    pub receiver_id: Option<String>,
}

/// `[keys]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysSection {
    /// PEM file of the private key we sign with.
    pub sender: Option<PathBuf>,
    /// PEM file of the target's public key.
    pub receiver: Option<PathBuf>,
    /// PEM file of the private RSA key we decrypt with, where it is not `sender`.
    pub decrypt: Option<PathBuf>,
    /// PEM file of the target's public RSA key for encryption, where it is not `receiver`.
    pub encrypt: Option<PathBuf>,
}

/// `[tls]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsSection {
    /// PEM file of the authorities that we trust, in the place of the system's.
    pub ca: Option<PathBuf>,
    /// PEM file of the certificate that we present.
    pub client_cert: Option<PathBuf>,
    /// PEM file of its private key.
    pub client_key: Option<PathBuf>,
}

/// `[callback]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallbackSection {
    /// Address to listen on.
    pub listen: Option<SocketAddr>,
    /// How the target reaches it.
    pub url: Option<String>,
}

/// `[events]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventsSection {
    /// URL to which an event is posted that is to happen: `{"reg_event_type": …, "record": …}`.
    pub trigger: Option<String>,
}

/// `[known]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownSection {
    /// Identifiers of people whom the target holds, of the type that the profile names.
    #[serde(default)]
    pub identifiers: Vec<String>,
    /// Values that the target holds, by attribute.
    #[serde(default)]
    pub values: BTreeMap<String, Vec<Value>>,
}

/// `[run]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunSection {
    /// Seed of everything generated.
    pub seed: Option<u64>,
    /// Random valid requests per operation.
    pub examples: Option<u32>,
    /// Seconds for one request.
    pub timeout: Option<f64>,
    /// Seconds from acknowledgement to callback.
    pub callback_timeout: Option<f64>,
    /// Cases side by side.
    pub jobs: Option<u16>,
    /// Requests a second.
    pub rate: Option<f64>,
}

/// Why a configuration cannot be used.
#[derive(Debug, Clone, thiserror::Error, Diagnostic)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("failed to read {path}: {message}")]
    #[diagnostic(help("give the path of a readable file with --config"))]
    Read {
        /// The file.
        path: String,
        /// Why not.
        message: String,
    },
    /// The file is not what it should be.
    #[error("{path}:{line}: {message}")]
    #[diagnostic(help("{help}"))]
    Parse {
        /// The file.
        path: String,
        /// Line, counted from 1.
        line: usize,
        /// What is wrong.
        message: String,
        /// What to do about it.
        help: String,
        /// The file's text.
        #[source_code]
        source_code: NamedSource<String>,
        /// Where in it.
        #[label("here")]
        span: SourceSpan,
    },
    /// A value refers to something that is not there.
    #[error("{path}: {member}: {message}")]
    #[diagnostic(help("{help}"))]
    Value {
        /// The file, with the line where it is known.
        path: String,
        /// The member.
        member: String,
        /// What is wrong.
        message: String,
        /// What to do about it.
        help: String,
    },
}

/// A configuration file with its path, so that what it names is found beside it.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// What the file says.
    pub file: File,
    /// Its path; empty when there is none.
    pub path: PathBuf,
    /// Its text, for the bundle. It holds no secrets, by its format.
    pub text: String,
}

impl Config {
    /// The given file; without one, `dcx.toml` in the current directory if it exists.
    ///
    /// # Errors
    /// The file cannot be read or understood.
    pub fn load(given: Option<&Path>) -> Result<Self, Box<ConfigError>> {
        let path = match given {
            Some(path) => path.to_owned(),
            None if Path::new("dcx.toml").exists() => PathBuf::from("dcx.toml"),
            None => return Ok(Self::default()),
        };
        let text = std::fs::read_to_string(&path).map_err(|e| ConfigError::Read {
            path: path.display().to_string(),
            message: e.to_string(),
        })?;
        let file = toml::from_str(&text).map_err(|e| parse_error(&path, &text, &e))?;
        Ok(Self { file, path, text })
    }

    /// A configuration by its text, as a bundle keeps it.
    ///
    /// # Errors
    /// The text cannot be understood.
    pub fn of_text(text: &str) -> Result<Self, Box<ConfigError>> {
        let path = PathBuf::new();
        let file = toml::from_str(text).map_err(|e| parse_error(&path, text, &e))?;
        let text = text.to_owned();
        Ok(Self { file, path, text })
    }

    /// A path of the file, relative to the file.
    fn beside(&self, path: &Path) -> PathBuf {
        self.path.parent().unwrap_or_else(|| Path::new("")).join(path)
    }

    /// The client secret that the file refers to.
    ///
    /// # Errors
    /// The variable is not set, or the file cannot be read.
    pub fn client_secret(&self) -> Result<Option<String>, Box<ConfigError>> {
        let credentials = &self.file.credentials;
        if let Some(name) = &credentials.client_secret_env {
            return std::env::var(name).map(Some).map_err(|_| {
                Box::new(self.value_error(
                    "credentials.client_secret_env",
                    format!("the environment variable {name} is not set"),
                    format!("export {name}=…"),
                ))
            });
        }
        match &credentials.client_secret_file {
            None => Ok(None),
            Some(path) => {
                let text = self.read("credentials.client_secret_file", path)?;
                Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
            }
        }
    }

    /// The text of a file that the configuration names.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(&self, member: &str, path: &Path) -> Result<String, Box<ConfigError>> {
        let path = self.beside(path);
        std::fs::read_to_string(&path).map_err(|e| {
            Box::new(self.value_error(
                member,
                format!("failed to read {}: {e}", path.display()),
                "paths are relative to the configuration file".to_owned(),
            ))
        })
    }

    /// An error about one member, at its line where the file has it.
    pub fn value_error(&self, member: &str, message: String, help: String) -> ConfigError {
        let path = self.path.display();
        ConfigError::Value {
            path: match line_of(&self.text, member) {
                Some(line) => format!("{path}:{line}"),
                None => path.to_string(),
            },
            member: member.to_owned(),
            message,
            help,
        }
    }
}

/// The line, counted from 1, of a member, or of the nearest around it that the text has.
fn line_of(text: &str, member: &str) -> Option<usize> {
    let root = DeTable::parse(text).ok()?.into_inner();
    let (mut table, mut at) = (&root, None);
    for name in segments(member) {
        let Some((key, value)) = table.iter().find(|(key, _)| key.get_ref() == name) else {
            break;
        };
        at = Some(key.span().start);
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => break,
        }
    }
    Some(text.get(..at?)?.matches('\n').count() + 1)
}

/// The names of a dotted member; dots within quotation marks belong to a name.
fn segments(member: &str) -> Vec<&str> {
    let mut quoted = false;
    let dots = member.split(|c: char| {
        quoted ^= c == '"';
        c == '.' && !quoted
    });
    dots.map(|name| name.trim_matches('"')).collect()
}

/// A name as a dotted member writes it.
pub(crate) fn quoted(name: &str) -> String {
    if name.contains(['.', '"', ' ', '*']) {
        format!("\"{name}\"")
    } else {
        name.to_owned()
    }
}

fn parse_error(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let span = error.span().unwrap_or(0..0);
    let line = text.get(..span.start).unwrap_or_default().lines().count().max(1);
    let line = if text.get(..span.start).is_some_and(|t| t.ends_with('\n')) {
        line + 1
    } else {
        line
    };
    let message = error.message().to_owned();
    let help = if message.contains("unknown field") {
        "correct the name, or remove the line; `client_secret` never stands in the file: use client_secret_env or client_secret_file".to_owned()
    } else {
        "the file is TOML: [section] lines, then name = \"value\" lines".to_owned()
    };
    ConfigError::Parse {
        path: path.display().to_string(),
        line,
        message,
        help,
        source_code: NamedSource::new(path.display().to_string(), text.to_owned()),
        span: span.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_where_they_are_written() {
        let text = "[target]\n\nprofile = \"a\"\n[profile.\"my.own\"]\nextends = \"b\"\nlevels.\"x.*\" = \"may\"\n[profile.\"my.own\".registry]\n  id_type = 1\n";
        for (member, line) in [
            ("target.profile", Some(3)),
            ("profile.\"my.own\"", Some(4)),
            ("profile.\"my.own\".extends", Some(5)),
            ("profile.\"my.own\".levels.\"x.*\"", Some(6)),
            ("profile.\"my.own\".registry.id_type", Some(8)),
            ("profile.\"my.own\".registry.other", Some(7)),
            ("run.seed", None),
        ] {
            assert_eq!(line_of(text, member), line, "{member}");
        }
    }
}
