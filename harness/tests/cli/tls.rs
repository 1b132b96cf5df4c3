//! `dcx mock --tls`, and `dcx test` and `dcx check` against it.

use crate::mock::Mock;
use crate::process::{Running, dcx, run};
use std::fmt::Write as _;
use std::time::Duration;
use tempfile::tempdir;

const MUTUAL: [&str; 6] = [
    "--profile",
    "openspp-dci",
    "--tls",
    "self-signed",
    "--tls-client-ca",
    "self-signed",
];

/// The file that certifies this mock.
fn config(mock: &Mock, tls: &str) -> String {
    let mut text = String::new();
    let (url, id, db) = (
        mock.text("base_url"),
        mock.text("client_id"),
        mock.text("db_name"),
    );
    let _ = write!(
        text,
        "[target]\nurl = \"{url}\"\nprofile = \"openspp-dci\"\n[credentials]\nclient_id = \"{id}\"\n\
         client_secret_file = \"secret\"\ndb_name = \"{db}\"\n{tls}"
    );
    text
}

#[test]
fn a_mock_with_mutual_tls_is_certified_by_a_file() {
    let dir = tempdir().unwrap();
    let mut args = MUTUAL.to_vec();
    args.extend(["--keys", "keys"]);
    let mock = Mock::start(dir.path(), &args);
    assert!(mock.text("base_url").starts_with("https://127.0.0.1:"));
    let told = &mock.ready["tls"];
    assert_eq!(told["ca"], "keys/tls-ca.pem");
    let curl = told["curl"].as_str().unwrap();
    assert!(
        curl.starts_with("curl -s --cacert keys/tls-ca.pem --cert keys/tls-client.pem --key keys/tls-client.key.pem https://127.0.0.1:"),
        "{curl}"
    );
    std::fs::write(dir.path().join("secret"), mock.text("client_secret")).unwrap();
    let write = |tls: &str| std::fs::write(dir.path().join("dcx.toml"), config(&mock, tls)).unwrap();

    write(
        "[tls]\nca = \"keys/tls-ca.pem\"\nclient_cert = \"keys/tls-client.pem\"\nclient_key = \"keys/tls-client.key.pem\"\n",
    );
    run(dir.path(), &["test", "--quiet", "--case", "token.form"]).expect(0);
    write("[tls]\nca = \"keys/tls-ca.pem\"\n");
    let refused = run(dir.path(), &["check"]).expect(97);
    assert!(refused.out.contains("--client-cert"), "{}", refused.out);
    let named = [
        "check",
        "--client-cert",
        "keys/tls-client.pem",
        "--client-key",
        "keys/tls-client.key.pem",
    ];
    run(dir.path(), &named).expect(0);
    write("");
    let refused = run(dir.path(), &["test", "--quiet"]).expect(97);
    assert!((refused.out + &refused.err).contains("--ca-cert"));
    write("[tls]\nclient_cert = \"keys/tls-client.pem\"\n");
    run(dir.path(), &["check"])
        .expect(96)
        .says("the private key is missing");
    write("[tls]\nca = \"secret\"\n");
    run(dir.path(), &["check"])
        .expect(96)
        .says("there is no certificate");
    run(dir.path(), &["check", "--ca-cert", "gone.pem"])
        .expect(96)
        .says("gone.pem");
}

#[test]
fn people_are_told_where_the_certificates_are() {
    let dir = tempdir().unwrap();
    let mut args = vec!["mock", "--listen", "127.0.0.1:0", "--log", "off"];
    args.extend(MUTUAL);
    let mock = Running::start(&mut dcx(dir.path(), &args));
    assert!(
        mock.first_line()
            .starts_with("dcx mock listens on https://127.0.0.1:")
    );
    mock.signal("INT");
    let sheet = mock.end(Duration::from_secs(20)).expect(0).out;
    for what in [
        "CA certificate",
        "client cert",
        "client key",
        "curl -s --cacert",
        "https://127.0.0.1:",
    ] {
        assert!(sheet.contains(what), "`{what}` is missing from: {sheet}");
    }
    assert!(!sheet.contains("http://"), "{sheet}");
    // What was made for this run only is gone.
    let ca = sheet
        .lines()
        .find_map(|line| line.trim().strip_prefix("CA certificate"));
    assert!(!std::path::Path::new(ca.unwrap().trim()).exists());
}

#[test]
fn the_authority_is_kept_with_the_keys() {
    let dir = tempdir().unwrap();
    let read = || std::fs::read(dir.path().join("keys/tls-ca.pem")).unwrap();
    let args = [
        "--profile",
        "openspp-dci",
        "--tls",
        "self-signed",
        "--keys",
        "keys",
    ];
    drop(Mock::start(dir.path(), &args));
    let made = read();
    let mock = Mock::start(dir.path(), &args);
    assert_eq!(made, read());
    let url = mock.text("base_url").to_owned();
    let check = [
        "check",
        &url,
        "--profile",
        "openspp-dci",
        "--ca-cert",
        "keys/tls-ca.pem",
    ];
    let told = run(dir.path(), &check).expect(97).out;
    assert!(
        told.contains("ok   reachable") && told.contains("no client credentials"),
        "{told}"
    );
}

#[test]
fn what_cannot_secure_anything_is_refused() {
    let dir = tempdir().unwrap();
    let tls = |value: &str| run(dir.path(), &["mock", "--tls", value]);
    tls("selfsigned")
        .expect(2)
        .says("give `self-signed` or `CERT,KEY`");
    tls("gone.pem,gone.key.pem").expect(96).says("gone.pem");
    run(dir.path(), &["mock", "--tls-client-ca", "ca.pem"])
        .expect(2)
        .says("--tls");
    let asked = ["mock", "--tls", "a.pem,b.pem", "--tls-client-ca", "self-signed"];
    run(dir.path(), &asked)
        .expect(2)
        .says("only where it makes its own");
}
