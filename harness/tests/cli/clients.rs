//! `dcx mock --clients` and `--isolate`: a file of clients, and what becomes of a faulty one.

use crate::mock::{Mock, post};
use crate::process::{Running, dcx, run};
use std::time::Duration;
use tempfile::tempdir;

const CLIENTS: &str = "[[clients]]\nclient_id = \"partner-1\"\nclient_secret = \"correct horse battery\"\nscopes = [\"registry.search\"]\n";

#[test]
fn clients_of_a_file_obtain_tokens() {
    let dir = tempdir().unwrap();
    std::fs::write(dir.path().join("clients.toml"), CLIENTS).unwrap();
    let args = [
        "--profile",
        "dci-social",
        "--clients",
        "clients.toml",
        "--isolate",
    ];
    let mock = Mock::start(dir.path(), &args);
    let form =
        |secret: &str| format!("grant_type=client_credentials&client_id=partner-1&client_secret={secret}");
    let answer = post(mock.text("token_url"), &form("correct%20horse%20battery"));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("\"scope\":\"registry.search\""), "{answer}");
    let answer = post(mock.text("token_url"), &form("wrong"));
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
}

#[test]
fn the_sheet_names_them_without_their_secrets() {
    let dir = tempdir().unwrap();
    std::fs::write(dir.path().join("clients.toml"), CLIENTS).unwrap();
    let args = [
        "mock",
        "--listen",
        "127.0.0.1:0",
        "--profile",
        "dci-social",
        "--clients",
        "clients.toml",
    ];
    let mock = Running::start(&mut dcx(dir.path(), &args));
    mock.first_line();
    mock.signal("INT");
    let ended = mock.end(Duration::from_secs(20)).expect(0);
    assert!(ended.out.contains("more clients   partner-1"), "{}", ended.out);
    assert!(!(ended.out + &ended.err).contains("correct horse"));
}

#[test]
fn a_faulty_file_is_refused_without_its_secrets() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("clients.json");
    for (text, said) in [
        (
            "{\"clients\": [{\"client_id\": \"a\", \"client_secret\": \"hunter2\"}]}",
            "at least 8",
        ),
        (
            "{\"clients\": [{\"client_id\": \"a\", \"scopes\": \"hunter2\"}]}",
            "invalid type",
        ),
        ("{\"clients\": [{\"client_id\": \"a\"}]}", "give client_secret"),
    ] {
        std::fs::write(&path, text).unwrap();
        let args = [
            "mock",
            "--listen",
            "127.0.0.1:0",
            "--profile",
            "dci-social",
            "--clients",
            "clients.json",
        ];
        let ended = run(dir.path(), &args).expect(96).says(said);
        assert!(!ended.err.contains("hunter2"), "{}", ended.err);
    }
    run(dir.path(), &["mock", "--clients", "gone.toml"])
        .expect(96)
        .says("gone.toml");
}
