//! TLS: what the mock shows of itself at the start of each connection, and what it asks of its clients.

mod authority;
mod handshake;

pub(crate) use handshake::Gate;

use crate::keys::KeysError;
use authority::Authority;
use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A certificate with its private key, and whose clients are let in. Cheap to clone; `Debug` shows nothing
/// secret.
#[derive(Clone)]
pub struct Tls {
    server: Arc<ServerConfig>,
    asks: bool,
}

/// Which certificate a client must present.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ClientAuth {
    /// None; whoever presents one is not asked for it.
    #[default]
    None,
    /// One that an authority of this file issued.
    File(PathBuf),
    /// The one that the mock makes, or another of its own authority.
    SelfSigned,
}

/// Where the files are that a client of a mock with certificates of its own needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Papers {
    /// The certificate of the authority.
    pub ca: PathBuf,
    /// The certificate for a client and its private key, where the mock wants one.
    pub client: Option<(PathBuf, PathBuf)>,
}

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] KeysError),
    /// A file holds no certificate.
    #[error("{}: there is no certificate in it; it has to be PEM", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// A file holds no private key.
    #[error("{}: there is no private key in it; it has to be PEM, and not encrypted", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// A certificate and a key do not belong together, or cannot be used.
    #[error("{} and {} cannot be used together: {message}", certificate.display(), key.display())]
    Pair {
        /// The certificate.
        certificate: PathBuf,
        /// The private key.
        key: PathBuf,
        /// Why not.
        message: String,
    },
    /// The certificates of the authorities cannot be used.
    #[error("{}: {message}", path.display())]
    Authority {
        /// The file.
        path: PathBuf,
        /// Why not.
        message: String,
    },
    /// Certificates that were kept are of no use any more.
    #[error("{}: {message}; remove the files tls-*.pem in {} to have new ones made", path.display(), dir.display())]
    Kept {
        /// The file.
        path: PathBuf,
        /// Its folder.
        dir: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A certificate cannot be made.
    #[error("failed to make a certificate")]
    Make(#[from] rcgen::Error),
    /// `self-signed` for clients goes with `self-signed` for the server.
    #[error("the mock makes a certificate for clients only where it makes its own")]
    NoAuthority,
}

/// A chain of certificates and the private key of the first.
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Tls {
    /// The certificate of one PEM file, followed by those between it and its authority, and its private key of
    /// another.
    pub fn of_files(certificate: &Path, key: &Path, clients: &ClientAuth) -> Result<Self, TlsError> {
        let roots = match clients {
            ClientAuth::None => None,
            ClientAuth::File(path) => Some((path.as_path(), authorities(path)?)),
            ClientAuth::SelfSigned => return Err(TlsError::NoAuthority),
        };
        let identity = Identity {
            chain: certificates(certificate)?,
            key: private_key(key)?,
        };
        Self::of(identity, (certificate, key), roots)
    }

    /// A certificate of an authority that the mock makes itself, and keeps in this folder to use it again. It is
    /// for `localhost`, the loopback addresses, and the address on which the mock listens.
    pub fn self_signed(dir: &Path, listen: IpAddr, clients: &ClientAuth) -> Result<(Self, Papers), TlsError> {
        let authority = Authority::load_or_create(dir)?;
        let ca = authority.path().to_owned();
        let mut client = None;
        let roots = match clients {
            ClientAuth::None => None,
            ClientAuth::File(path) => Some((path.as_path(), authorities(path)?)),
            ClientAuth::SelfSigned => {
                client = Some(authority.client()?);
                Some((ca.as_path(), authorities(&ca)?))
            }
        };
        let tls = Self::of(authority.server(listen)?, (&ca, &ca), roots)?;
        Ok((tls, Papers { ca, client }))
    }

    fn of(
        identity: Identity,
        (certificate, key): (&Path, &Path),
        clients: Option<(&Path, RootCertStore)>,
    ) -> Result<Self, TlsError> {
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .expect("the provider has the cipher suites of every version that it offers");
        let asks = clients.is_some();
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some((path, roots)) => {
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider()).build();
                builder.with_client_cert_verifier(verifier.map_err(|e| TlsError::Authority {
                    path: path.to_owned(),
                    message: e.to_string(),
                })?)
            }
        };
        let server = builder.with_single_cert(identity.chain, identity.key);
        let mut server = server.map_err(|e| TlsError::Pair {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            message: e.to_string(),
        })?;
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        let server = Arc::new(server);
        Ok(Self { server, asks })
    }

    /// Whether clients must present a certificate.
    pub fn asks_for_certificate(&self) -> bool {
        self.asks
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tls(asks: {}, hidden)", self.asks)
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = required(path)?;
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match read {
        Ok(read) if !read.is_empty() => Ok(read),
        _ => Err(TlsError::NoCertificate {
            path: path.to_owned(),
        }),
    }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let pem = required(path)?;
    PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| TlsError::NoKey {
        path: path.to_owned(),
    })
}

fn authorities(path: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|e| TlsError::Authority {
            path: path.to_owned(),
            message: format!("it holds a certificate that cannot be an authority's: {e}"),
        })?;
    }
    Ok(roots)
}

fn required(path: &Path) -> Result<String, TlsError> {
    std::fs::read_to_string(path).map_err(|source| {
        let path = path.to_owned();
        KeysError::Read { path, source }.into()
    })
}
