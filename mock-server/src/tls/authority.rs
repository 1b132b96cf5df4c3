//! An authority of the mock's own: it issues the mock a certificate at every start, and one for clients.
//! Whoever trusts it once trusts the mock for as long as its folder is kept.

use super::{Identity, TlsError, authorities, certificates, provider};
use crate::clock;
use crate::keys::{self, KeysError};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use specs::wire::digest::sha256_hex;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const CA: &str = "tls-ca.pem";
const CA_KEY: &str = "tls-ca.key.pem";
const CLIENT: &str = "tls-client.pem";
const CLIENT_KEY: &str = "tls-client.key.pem";

const DAY: f64 = 86_400.0;
/// How long what is kept is good for.
const LONG_DAYS: f64 = 3650.0;
/// How long a certificate of the mock is good for: no longer than clients take one.
const SHORT_DAYS: f64 = 397.0;

/// The authority.
pub(super) struct Authority {
    dir: PathBuf,
    path: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// The authority of a folder; one is made where there is none.
    pub(super) fn load_or_create(dir: &Path) -> Result<Self, TlsError> {
        std::fs::create_dir_all(dir).map_err(|source| KeysError::Write {
            path: dir.to_owned(),
            source,
        })?;
        let (path, private) = (dir.join(CA), dir.join(CA_KEY));
        let pem = keys::read(&private)?;
        let is_there = keys::read(&path)?.is_some();
        let key = match (&pem, is_there) {
            (None, false) => KeyPair::generate()?,
            (None, true) => {
                let public = path;
                return Err(KeysError::HalfMissing { public, private }.into());
            }
            (Some(pem), _) => KeyPair::from_pem(pem).map_err(|_| TlsError::NoKey {
                path: private.clone(),
            })?,
        };
        if pem.is_none() {
            keys::write(&private, &key.serialize_pem(), true)?;
        }
        let params = of_authority(&key);
        if !is_there {
            keys::write(&path, &params.self_signed(&key)?.pem(), false)?;
        }
        Ok(Self {
            dir: dir.to_owned(),
            path,
            issuer: Issuer::new(params, key),
        })
    }

    /// The file of its certificate.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A certificate for the mock itself.
    pub(super) fn server(&self, listen: IpAddr) -> Result<Identity, TlsError> {
        let mut names: Vec<String> = vec!["localhost".to_owned()];
        for address in [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into(), listen] {
            let name = address.to_string();
            if !address.is_unspecified() && !names.contains(&name) {
                names.push(name);
            }
        }
        let mut params = named(CertificateParams::new(names)?, "dcx mock", SHORT_DAYS);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let identity = Identity {
            chain: vec![certificate.der().clone()],
            key: PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).map_err(|_| {
                TlsError::NoKey {
                    path: self.path.clone(),
                }
            })?,
        };
        self.issued(&identity.chain[0])?;
        Ok(identity)
    }

    /// Whether our certificate really proves us to whoever trusts the file.
    fn issued(&self, certificate: &CertificateDer<'_>) -> Result<(), TlsError> {
        let roots = Arc::new(authorities(&self.path)?);
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider()).build();
        let verifier = verifier.map_err(|e| self.kept(&self.path, &e))?;
        let name = ServerName::IpAddress(IpAddr::from(Ipv4Addr::LOCALHOST).into());
        let outcome = verifier.verify_server_cert(certificate, &[], &name, &[], now());
        outcome.map(drop).map_err(|e| self.kept(&self.path, &e))
    }

    /// The files of a certificate for clients, and of its private key.
    pub(super) fn client(&self) -> Result<(PathBuf, PathBuf), TlsError> {
        let (path, private) = (self.dir.join(CLIENT), self.dir.join(CLIENT_KEY));
        match (keys::read(&path)?.is_some(), keys::read(&private)?.is_some()) {
            (true, true) => {}
            (true, false) => {
                let public = path;
                return Err(KeysError::HalfMissing { public, private }.into());
            }
            (false, kept) => {
                let mut params = named(
                    CertificateParams::default(),
                    "dcx demonstration client",
                    LONG_DAYS,
                );
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
                let key = if kept {
                    let pem = keys::read(&private)?.unwrap_or_default();
                    KeyPair::from_pem(&pem).map_err(|_| TlsError::NoKey {
                        path: private.clone(),
                    })?
                } else {
                    KeyPair::generate()?
                };
                if !kept {
                    keys::write(&private, &key.serialize_pem(), true)?;
                }
                keys::write(&path, &params.signed_by(&key, &self.issuer)?.pem(), false)?;
            }
        }
        let roots = Arc::new(authorities(&self.path)?);
        let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider()).build();
        let verifier = verifier.map_err(|e| self.kept(&path, &e))?;
        let certificate = &certificates(&path)?[0];
        let outcome = verifier.verify_client_cert(certificate, &[], now());
        outcome.map_err(|e| self.kept(&path, &e))?;
        Ok((path, private))
    }

    fn kept(&self, path: &Path, why: &dyn std::fmt::Display) -> TlsError {
        TlsError::Kept {
            path: path.to_owned(),
            dir: self.dir.clone(),
            message: why.to_string(),
        }
    }
}

/// Its name has something of its key, so that two authorities are told apart.
fn of_authority(key: &KeyPair) -> CertificateParams {
    let digest = sha256_hex(key.public_key_raw());
    let name = format!("dcx mock authority {}", &digest[..8]);
    let mut params = named(CertificateParams::default(), &name, LONG_DAYS);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn named(mut params: CertificateParams, name: &str, days: f64) -> CertificateParams {
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let day = |seconds: f64| {
        // Numeric dates of the field's clocks; what lies outside of the calendar cannot be now.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "seconds since 1970 are far below 2^53"
        )]
        let at = jiff::Timestamp::from_second(seconds as i64).unwrap_or_default();
        let date = at.to_zoned(jiff::tz::TimeZone::UTC).date();
        let [month, day] = [date.month(), date.day()].map(i8::unsigned_abs);
        date_time_ymd(date.year().into(), month, day)
    };
    // Clocks of clients may be behind.
    params.not_before = day(clock::now() - DAY);
    params.not_after = day(clock::now() + days * DAY);
    params.use_authority_key_identifier_extension = true;
    params
}

fn now() -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs_f64(clock::now().max(0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::{ClientAuth, Tls};

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn an_authority_is_made_once_and_its_keys_are_the_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
        let (tls, papers) = Tls::self_signed(dir.path(), HERE, &ClientAuth::SelfSigned).unwrap();
        assert!(tls.asks_for_certificate());
        assert_eq!(papers.ca, dir.path().join(CA));
        let all = || [CA, CA_KEY, CLIENT, CLIENT_KEY].map(read);
        let made = all();
        let (_, again) = Tls::self_signed(dir.path(), HERE, &ClientAuth::SelfSigned).unwrap();
        assert_eq!((again, all()), (papers, made));
        #[cfg(unix)]
        for name in [CA_KEY, CLIENT_KEY] {
            use std::os::unix::fs::PermissionsExt as _;
            let permissions = std::fs::metadata(dir.path().join(name)).unwrap().permissions();
            assert_eq!(permissions.mode() & 0o777, 0o600, "{name}");
        }
        assert!(!format!("{tls:?}").contains("PRIVATE"));
    }

    #[test]
    fn files_that_do_not_belong_together_are_explained() {
        let [one, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        for dir in [&one, &other] {
            Tls::self_signed(dir.path(), HERE, &ClientAuth::SelfSigned).unwrap();
        }
        let of = |dir: &tempfile::TempDir, name: &str| dir.path().join(name);
        std::fs::copy(of(&other, CLIENT), of(&one, CLIENT)).unwrap();
        let fails = |clients: &ClientAuth| Tls::self_signed(one.path(), HERE, clients).unwrap_err();
        assert!(matches!(fails(&ClientAuth::SelfSigned), TlsError::Kept { .. }));
        std::fs::copy(of(&other, CA), of(&one, CA)).unwrap();
        let told = fails(&ClientAuth::None).to_string();
        assert!(told.contains("remove the files tls-*.pem"), "{told}");
        std::fs::remove_file(of(&one, CA_KEY)).unwrap();
        let told = fails(&ClientAuth::None).to_string();
        assert!(told.contains("tls-ca.key.pem is missing"), "{told}");
    }

    #[test]
    fn files_of_others_are_used_or_explained() {
        let dir = tempfile::tempdir().unwrap();
        Tls::self_signed(dir.path(), HERE, &ClientAuth::SelfSigned).unwrap();
        let of = |name: &str| dir.path().join(name);
        let load = |certificate: &str, key: &str, clients: &ClientAuth| {
            Tls::of_files(&of(certificate), &of(key), clients)
        };
        let asks = |clients| load(CLIENT, CLIENT_KEY, &clients).unwrap().asks_for_certificate();
        assert!(!asks(ClientAuth::None) && asks(ClientAuth::File(of(CA))));
        let fails = |certificate, key, clients| load(certificate, key, &clients).unwrap_err();
        let none = ClientAuth::None;
        assert!(matches!(
            fails(CLIENT, CA_KEY, none.clone()),
            TlsError::Pair { .. }
        ));
        assert!(matches!(fails(CLIENT, CA, none.clone()), TlsError::NoKey { .. }));
        assert!(matches!(
            fails(CA_KEY, CA_KEY, none.clone()),
            TlsError::NoCertificate { .. }
        ));
        assert!(matches!(fails("gone.pem", CA_KEY, none), TlsError::File(_)));
        assert!(matches!(
            fails(CLIENT, CLIENT_KEY, ClientAuth::SelfSigned),
            TlsError::NoAuthority
        ));
    }
}
