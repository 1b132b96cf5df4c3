//! The certificates of `dcx mock`, and what a client has to be given of them.

use super::args::MockArgs;
use super::fault::Fault;
use super::mock::chain;
use mock_server::{ClientAuth, MockServer, Papers, Tls, TlsError};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Where the mock's certificate is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TlsArg {
    SelfSigned,
    Files { certificate: PathBuf, key: PathBuf },
}

/// Reads what stands behind `--tls`.
pub(super) fn tls(text: &str) -> Result<TlsArg, String> {
    match text.split_once(',') {
        None if text == "self-signed" => Ok(TlsArg::SelfSigned),
        Some((certificate, key)) if !certificate.is_empty() && !key.is_empty() => Ok(TlsArg::Files {
            certificate: certificate.into(),
            key: key.into(),
        }),
        _ => Err("give `self-signed` or `CERT,KEY`, the files of a certificate and of its key".to_owned()),
    }
}

/// Reads what stands behind `--tls-client-ca`.
pub(super) fn client_auth(text: &str) -> Result<ClientAuth, String> {
    match text {
        "" => Err("give `self-signed` or a file".to_owned()),
        "self-signed" => Ok(ClientAuth::SelfSigned),
        file => Ok(ClientAuth::File(file.into())),
    }
}

/// How the mock's connections are secured, if they are.
pub(super) struct Secured {
    pub(super) tls: Option<Tls>,
    papers: Option<Papers>,
    /// Holds what is made for this run only.
    _kept: Option<TempDir>,
}

impl Secured {
    /// What the arguments ask for.
    pub(super) fn of(args: &MockArgs) -> Result<Self, Fault> {
        let clients = args.tls_client_ca.clone().unwrap_or_default();
        let failed = |error: &TlsError| Fault::Mock(chain(error));
        let Some(from) = &args.tls else {
            return Ok(Self {
                tls: None,
                papers: None,
                _kept: None,
            });
        };
        let kept = match (from, &args.keys) {
            (TlsArg::Files { certificate, key }, _) => {
                if clients == ClientAuth::SelfSigned {
                    return Err(Fault::usage(
                        "the mock makes a certificate for clients only where it makes its own",
                        "name the file of an authority, or choose `--tls self-signed`",
                    ));
                }
                let tls = Tls::of_files(certificate, key, &clients).map_err(|e| failed(&e))?;
                return Ok(Self {
                    tls: Some(tls),
                    papers: None,
                    _kept: None,
                });
            }
            (TlsArg::SelfSigned, Some(_)) => None,
            (TlsArg::SelfSigned, None) => {
                let made = tempfile::Builder::new().prefix("dcx-mock-").tempdir();
                Some(made.map_err(|e| Fault::Mock(format!("failed to make a folder for certificates: {e}")))?)
            }
        };
        let dir = args.keys.as_deref().or(kept.as_ref().map(TempDir::path));
        let dir = dir.unwrap_or_else(|| Path::new("."));
        let (tls, papers) = Tls::self_signed(dir, args.listen.ip(), &clients).map_err(|e| failed(&e))?;
        Ok(Self {
            tls: Some(tls),
            papers: Some(papers),
            _kept: kept,
        })
    }

    /// How curl is called so that it trusts the mock, and the mock lets it in.
    pub(super) fn curl(&self) -> String {
        let Some(papers) = &self.papers else {
            return "curl -s".to_owned();
        };
        let trusting = format!("curl -s --cacert {}", quoted(&papers.ca));
        match &papers.client {
            None => trusting,
            Some((certificate, key)) => {
                format!("{trusting} --cert {} --key {}", quoted(certificate), quoted(key))
            }
        }
    }

    /// What people are told of the files.
    pub(super) fn lines(&self) -> Vec<(&'static str, String)> {
        let mut lines = Vec::new();
        if let Some(papers) = &self.papers {
            lines.push(("CA certificate", papers.ca.display().to_string()));
            if let Some((certificate, key)) = &papers.client {
                lines.push(("client cert", certificate.display().to_string()));
                lines.push(("client key", key.display().to_string()));
            }
        } else if self.asks() {
            lines.push((
                "clients",
                "must present a certificate of --tls-client-ca".to_owned(),
            ));
        }
        lines
    }

    fn asks(&self) -> bool {
        self.tls.as_ref().is_some_and(Tls::asks_for_certificate)
    }

    /// The same for scripts.
    pub(super) fn told(&self, mock: &MockServer) -> Value {
        let papers = self.papers.as_ref();
        let client = papers.and_then(|papers| papers.client.as_ref());
        json!({
            "ca": papers.map(|papers| &papers.ca),
            "client_cert": client.map(|(certificate, _)| certificate),
            "client_key": client.map(|(_, key)| key),
            "client_certificate_wanted": self.asks(),
            "curl": format!("{} {}/healthz", self.curl(), mock.origin()),
        })
    }
}

/// A path as a shell reads it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%".contains(c);
    if text.chars().all(plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_where_a_shell_would_split_them() {
        assert_eq!(quoted(Path::new("/a/b-c.pem")), "/a/b-c.pem");
        assert_eq!(quoted(Path::new("/my keys/ca.pem")), "'/my keys/ca.pem'");
        assert_eq!(quoted(Path::new("it's")), "'it'\\''s'");
    }
}
