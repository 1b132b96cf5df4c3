//! Certificates of every kind, and what the preflight makes of them, with real handshakes in this process.

use harness::callbacks::CallbackReceiver;
use harness::record::Redactor;
use harness::run::{Env, Limits, preflight};
use harness::target::{Credentials, Target};
use harness::tls::Tls;
use mock_server::{ClientAuth, Config, MockServer, Papers};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use reports::event::PreflightCheck;
use specs::catalogue::{Catalogue, Profile};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

fn profile() -> Profile {
    let profile = Catalogue::bundled().profile("openspp-dci");
    profile.expect("a bundled profile").clone()
}

async fn mock(tls: Option<mock_server::Tls>) -> MockServer {
    let config = Config {
        profiles: vec![profile()],
        tls,
        ..Config::default()
    };
    MockServer::start(config).await.expect("a mock")
}

/// What the preflight says of a mock at this address.
async fn checked(mock: &MockServer, url: &str, tls: Tls) -> Vec<PreflightCheck> {
    let endpoint = &mock.endpoints()[0];
    let mut target = Target::new(profile(), url).expect("a target");
    target.tls = tls;
    target.credentials = Some(Credentials {
        client_id: endpoint.client_id.clone().expect("an id"),
        client_secret: endpoint.client_secret.clone().expect("a secret"),
        db_name: endpoint.db_name.clone(),
    });
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let callbacks = CallbackReceiver::start(listen, None, Redactor::default());
    let callbacks = Arc::new(callbacks.await.expect("a receiver"));
    let env = Env::new(target, 1, callbacks, Limits::default(), Redactor::default());
    preflight(&env.expect("an environment")).await.checks
}

/// The check that failed, and its remedy.
async fn fault(mock: &MockServer, url: &str, tls: Tls) -> (String, String) {
    let checks = checked(mock, url, tls).await;
    let failed = checks.iter().find(|check| !check.ok);
    let failed = failed.unwrap_or_else(|| panic!("nothing failed: {checks:?}"));
    assert_eq!(failed.name, "reachable");
    (failed.detail.clone(), failed.remedy.clone().unwrap_or_default())
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).expect("a file")
}

/// Trusts the authority of this file.
fn trusting(path: &Path) -> Tls {
    let mut tls = Tls::default();
    tls.trust(&text(path)).expect("an authority");
    tls
}

fn self_signed(clients: &ClientAuth) -> (mock_server::Tls, Papers, TempDir) {
    let dir = tempfile::tempdir().expect("a folder");
    let here = Ipv4Addr::LOCALHOST.into();
    let (tls, papers) = mock_server::Tls::self_signed(dir.path(), here, clients).expect("certificates");
    (tls, papers, dir)
}

/// A certificate for 127.0.0.1 unless `spoil` makes it another, and the file of its authority.
fn issued(dir: &Path, spoil: impl FnOnce(&mut CertificateParams)) -> mock_server::Tls {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let authority = CertifiedIssuer::self_signed(authority, key).expect("an authority");
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("names");
    spoil(&mut params);
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, &authority).expect("a certificate");
    for (name, pem) in [
        ("ca.pem", authority.pem()),
        ("cert.pem", certificate.pem()),
        ("key.pem", key.serialize_pem()),
    ] {
        std::fs::write(dir.join(name), pem).expect("a file");
    }
    let (certificate, key) = (dir.join("cert.pem"), dir.join("key.pem"));
    mock_server::Tls::of_files(&certificate, &key, &ClientAuth::None).expect("TLS")
}

#[tokio::test]
async fn a_trusted_server_passes_and_an_unknown_issuer_is_named() {
    let (tls, papers, _dir) = self_signed(&ClientAuth::None);
    let mock = mock(Some(tls)).await;
    let checks = checked(&mock, mock.origin(), trusting(&papers.ca)).await;
    assert!(checks.iter().all(|check| check.ok), "{checks:?}");
    assert!(checks.iter().any(|check| check.name == "token"), "{checks:?}");
    let (_, stranger, _other) = self_signed(&ClientAuth::None);
    for tls in [Tls::default(), trusting(&stranger.ca)] {
        let (detail, remedy) = fault(&mock, mock.origin(), tls).await;
        assert!(detail.contains("nobody whom we know as an authority"), "{detail}");
        assert!(remedy.contains("--ca-cert"), "{remedy}");
    }
}

#[tokio::test]
async fn expired_and_early_certificates_and_other_names_are_told_apart() {
    type Spoil = fn(&mut CertificateParams);
    let cases: [(Spoil, &str, &str); 3] = [
        (
            |params| params.not_after = date_time_ymd(2001, 1, 1),
            "has expired",
            "renewed",
        ),
        (
            |params| params.not_before = date_time_ymd(2999, 1, 1),
            "is not valid yet",
            "clock",
        ),
        (
            |params| {
                let other = CertificateParams::new(vec!["registry.example.org".to_owned()]);
                params.subject_alt_names = other.expect("names").subject_alt_names;
            },
            "is not for 127.0.0.1, but for registry.example.org",
            "by a name that its certificate has",
        ),
    ];
    for (spoil, wrong, repair) in cases {
        let dir = tempfile::tempdir().expect("a folder");
        let mock = mock(Some(issued(dir.path(), spoil))).await;
        let (detail, remedy) = fault(&mock, mock.origin(), trusting(&dir.path().join("ca.pem"))).await;
        assert!(detail.contains(wrong), "{detail}");
        assert!(remedy.contains(repair), "{remedy}");
    }
    let dir = tempfile::tempdir().expect("a folder");
    let mock = mock(Some(issued(dir.path(), |_| ()))).await;
    let checks = checked(&mock, mock.origin(), trusting(&dir.path().join("ca.pem"))).await;
    assert!(checks.iter().all(|check| check.ok), "{checks:?}");
}

#[tokio::test]
async fn a_server_that_wants_a_certificate_says_so() {
    let (tls, papers, _dir) = self_signed(&ClientAuth::SelfSigned);
    let mock = mock(Some(tls)).await;
    let (detail, remedy) = fault(&mock, mock.origin(), trusting(&papers.ca)).await;
    assert!(detail.contains("wants a certificate of its clients"), "{detail}");
    assert!(remedy.contains("--client-cert"), "{remedy}");
    let presenting = |of: &Papers| {
        let (certificate, key) = of.client.as_ref().expect("a certificate for clients");
        let mut tls = trusting(&papers.ca);
        tls.present(&text(certificate), &text(key)).expect("an identity");
        tls
    };
    let (_, stranger, _other) = self_signed(&ClientAuth::SelfSigned);
    let (detail, remedy) = fault(&mock, mock.origin(), presenting(&stranger)).await;
    assert!(
        detail.contains("refuses the certificate that we present"),
        "{detail}"
    );
    assert!(remedy.contains("that the server trusts"), "{remedy}");
    let checks = checked(&mock, mock.origin(), presenting(&papers)).await;
    assert!(checks.iter().all(|check| check.ok), "{checks:?}");
    let (certificate, _) = papers.client.as_ref().expect("a certificate for clients");
    let (_, other_key) = stranger.client.as_ref().expect("a key");
    let unfit = Tls::default().present(&text(certificate), &text(other_key));
    assert!(unfit.expect_err("no pair").contains("cannot be used together"));
}

#[tokio::test]
async fn the_wrong_scheme_is_recognised_both_ways() {
    let plain = mock(None).await;
    let secured = format!("https://{}", plain.addr());
    let (detail, remedy) = fault(&plain, &secured, Tls::default()).await;
    assert!(detail.contains("does not speak TLS"), "{detail}");
    assert!(remedy.contains("http://"), "{remedy}");
    let (tls, _, _dir) = self_signed(&ClientAuth::None);
    let secured = mock(Some(tls)).await;
    let checks = checked(&secured, &format!("http://{}", secured.addr()), Tls::default()).await;
    let token = checks.iter().find(|check| !check.ok).expect("a fault");
    assert!(token.detail.contains("https://"), "{token:?}");
}
