//! Secured connections to the target: whom we trust, what we present, and what is wrong with a certificate.

mod system;

use rustls::pki_types::ServerName;
use rustls::{AlertDescription as Alert, CertificateError, Error as TlsError};
use std::error::Error;
use std::fmt;
use std::io;

/// Whom we trust, and who we are, where a connection is secured. The default trusts whom the system trusts, and
/// presents nothing.
#[derive(Clone, Default)]
pub struct Tls {
    authorities: Vec<reqwest::Certificate>,
    identity: Option<reqwest::Identity>,
}

impl Tls {
    /// Trusts the authorities of this PEM text, in the place of the system's.
    ///
    /// # Errors
    /// Why it cannot be used, in a sentence.
    pub fn trust(&mut self, pem: &str) -> Result<(), String> {
        let read = reqwest::Certificate::from_pem_bundle(pem.as_bytes());
        let read = read.map_err(|e| format!("the certificates cannot be read: {}", innermost(&e)))?;
        if read.is_empty() {
            return Err("there is no certificate in it".to_owned());
        }
        self.authorities = read;
        self.applied(reqwest::Client::builder())
            .build()
            .map(drop)
            .map_err(|e| format!("the certificates cannot be used: {}", innermost(&e)))
    }

    /// Presents this certificate, with the private key of another PEM text, to whoever asks for one.
    ///
    /// # Errors
    /// Why they cannot be used, in a sentence.
    pub fn present(&mut self, certificate: &str, key: &str) -> Result<(), String> {
        let pem = format!("{certificate}\n{key}");
        let identity = reqwest::Identity::from_pem(pem.as_bytes());
        let failed = |e: reqwest::Error| {
            let why = innermost(&e);
            format!("the certificate and the key cannot be used together: {why}")
        };
        self.identity = Some(identity.map_err(failed)?);
        let built = self.applied(reqwest::Client::builder()).build();
        built.map(drop).map_err(failed)
    }

    /// A client with these settings.
    pub(crate) fn applied(&self, mut builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        if self.authorities.is_empty()
            && self.identity.is_none()
            && let Some(system) = system::trust()
        {
            return builder.tls_backend_preconfigured(system);
        }
        if !self.authorities.is_empty() {
            builder = builder.tls_certs_only(self.authorities.iter().cloned());
        }
        match &self.identity {
            Some(identity) => builder.identity(identity.clone()),
            None => builder,
        }
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("authorities", &self.authorities.len())
            .field("presents", &self.identity.is_some())
            .finish()
    }
}

/// Why a connection could not be secured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Nobody whom we trust issued the server's certificate.
    UnknownIssuer,
    /// The server's certificate is no longer valid.
    Expired,
    /// The server's certificate is not valid yet.
    NotValidYet,
    /// The server's certificate is for other names.
    WrongName {
        /// The name by which we address it.
        wanted: String,
        /// The names that the certificate has.
        presented: Vec<String>,
    },
    /// The server's certificate cannot be used for another reason.
    Certificate(String),
    /// The server wants a certificate of us.
    Wanted,
    /// The server refuses our certificate.
    Refused(String),
    /// The server does not speak TLS.
    NotTls,
    /// Something else went wrong.
    Other(String),
}

impl Trouble {
    /// What was wrong with the connection behind an error, where TLS was.
    pub(crate) fn of(error: &(dyn Error + 'static)) -> Option<Self> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            // What an I/O error wraps is not its source, but that one's source.
            let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            let wrapped = wrapped.map(|inner| inner as &(dyn Error + 'static));
            let mut found = [Some(error), wrapped].into_iter().flatten();
            if let Some(tls) = found.find_map(|e| e.downcast_ref::<TlsError>()) {
                return Some(Self::named(tls));
            }
            cause = wrapped.or_else(|| error.source());
        }
        None
    }

    fn named(error: &TlsError) -> Self {
        match error {
            TlsError::InvalidCertificate(why) => Self::of_certificate(why),
            TlsError::InvalidMessage(_) => Self::NotTls,
            TlsError::AlertReceived(Alert::CertificateRequired | Alert::NoCertificate) => Self::Wanted,
            TlsError::AlertReceived(
                alert @ (Alert::UnknownCA
                | Alert::BadCertificate
                | Alert::UnsupportedCertificate
                | Alert::CertificateUnknown
                | Alert::CertificateExpired
                | Alert::CertificateRevoked
                | Alert::AccessDenied
                | Alert::DecryptError),
            ) => Self::Refused(format!("{alert:?}")),
            other => Self::Other(other.to_string()),
        }
    }

    fn of_certificate(why: &CertificateError) -> Self {
        match why {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => Self::UnknownIssuer,
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Self::NotValidYet,
            CertificateError::NotValidForName => Self::WrongName {
                wanted: "this name".to_owned(),
                presented: Vec::new(),
            },
            CertificateError::NotValidForNameContext { expected, presented } => Self::WrongName {
                wanted: match expected {
                    ServerName::DnsName(name) => name.as_ref().to_owned(),
                    ServerName::IpAddress(address) => std::net::IpAddr::from(*address).to_string(),
                    _ => "this name".to_owned(),
                },
                presented: presented.iter().map(|name| bare(name)).collect(),
            },
            other => Self::Certificate(other.to_string()),
        }
    }

    /// What to do about it.
    pub(crate) fn remedy(&self) -> &'static str {
        match self {
            Self::UnknownIssuer => {
                "if the authority is one of your own, name it: --ca-cert FILE, or `ca` under [tls] in dcx.toml; a \
                 server must also send the certificates between its own and its authority's"
            }
            Self::Expired => "have the certificate renewed, and look whether this machine's clock is right",
            Self::NotValidYet => "look whether this machine's clock and that of the authority are right",
            Self::WrongName { .. } => {
                "address the server by a name that its certificate has, or have one issued for this name"
            }
            Self::Certificate(_) => "have a certificate issued that is meant for servers",
            Self::Wanted => {
                "present one: --client-cert FILE and --client-key FILE, or `client_cert` and `client_key` under \
                 [tls] in dcx.toml"
            }
            Self::Refused(_) => {
                "present a certificate of an authority that the server trusts, or have this one registered there"
            }
            Self::NotTls => "correct the port, or write http:// if the server speaks HTTP without TLS",
            Self::Other(_) => "look at the server's log; versions and cipher suites of TLS may not fit",
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownIssuer => {
                f.write_str("its certificate is not trusted: nobody whom we know as an authority issued it")
            }
            Self::Expired => f.write_str("its certificate has expired"),
            Self::NotValidYet => f.write_str("its certificate is not valid yet"),
            Self::WrongName { wanted, presented } => {
                write!(f, "its certificate is not for {wanted}")?;
                match &presented[..] {
                    [] => Ok(()),
                    names => write!(f, ", but for {}", names.join(", ")),
                }
            }
            Self::Certificate(why) => write!(f, "its certificate cannot be used: {why}"),
            Self::Wanted => f.write_str("it wants a certificate of its clients, and none was presented"),
            Self::Refused(alert) => write!(f, "it refuses the certificate that we present ({alert})"),
            Self::NotTls => f.write_str("it does not speak TLS"),
            Self::Other(why) => write!(f, "the connection could not be secured: {why}"),
        }
    }
}

/// A name as rustls lists it, `DnsName("a.example")` or `IpAddress(127.0.0.1)`, without what is around it.
fn bare(name: &str) -> String {
    let inner = name.split_once('(').map_or(name, |(_, inner)| inner);
    inner.trim_end_matches(')').trim_matches('"').to_owned()
}

fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_found_however_deep_it_is() {
        let tls = TlsError::InvalidCertificate(CertificateError::UnknownIssuer);
        let wrapped = io::Error::other(io::Error::other(tls));
        assert_eq!(Trouble::of(&wrapped), Some(Trouble::UnknownIssuer));
        assert_eq!(Trouble::of(&io::Error::other("no TLS")), None);
    }

    #[test]
    fn every_trouble_says_what_to_do() {
        let presented = vec![
            "DnsName(\"a.example\")".to_owned(),
            "IpAddress(127.0.0.1)".to_owned(),
        ];
        let expected = ServerName::try_from("b.example").unwrap();
        let why = CertificateError::NotValidForNameContext { expected, presented };
        let trouble = Trouble::of_certificate(&why);
        let told = "its certificate is not for b.example, but for a.example, 127.0.0.1";
        assert_eq!(trouble.to_string(), told);
        for (error, said) in [
            (
                TlsError::AlertReceived(Alert::CertificateRequired),
                "--client-cert",
            ),
            (
                TlsError::AlertReceived(Alert::UnknownCA),
                "that the server trusts",
            ),
            (TlsError::InvalidCertificate(CertificateError::Expired), "renewed"),
            (
                TlsError::InvalidCertificate(CertificateError::UnknownIssuer),
                "--ca-cert",
            ),
        ] {
            let remedy = Trouble::named(&error).remedy();
            assert!(remedy.contains(said), "{remedy}");
        }
    }

    #[test]
    fn what_is_no_pem_is_explained() {
        let mut tls = Tls::default();
        assert!(tls.trust("nothing").unwrap_err().contains("no certificate"));
        assert!(
            tls.present("nothing", "nothing")
                .unwrap_err()
                .contains("together")
        );
        assert_eq!(
            format!("{:?}", Tls::default()),
            "Tls { authorities: 0, presents: false }"
        );
    }
}
