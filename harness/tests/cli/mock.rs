//! `dcx mock`, as scripts and people start it.

use crate::process::{Running, dcx, run, until};
use serde_json::Value;
use specs::catalogue::Catalogue;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::tempdir;

/// A mock that runs, and the first of its profiles as it announced it.
pub(crate) struct Mock {
    pub(crate) running: Running,
    pub(crate) ready: Value,
}

impl Mock {
    /// Starts one with `--ready-json` on a free port.
    pub(crate) fn start(dir: &Path, args: &[&str]) -> Self {
        let mut all = vec!["mock", "--ready-json", "--listen", "127.0.0.1:0", "--log", "off"];
        all.extend(args);
        let running = Running::start(&mut dcx(dir, &all));
        let ready = serde_json::from_str(&running.first_line()).unwrap();
        Self { running, ready }
    }

    /// The command with these arguments and the credentials of its first profile.
    pub(crate) fn client(&self, dir: &Path, args: &[&str]) -> Command {
        let mut command = dcx(dir, args);
        command.env("DCX_CLIENT_ID", self.text("client_id"));
        command.env("DCX_CLIENT_SECRET", self.text("client_secret"));
        command
    }

    /// A member of its first profile.
    pub(crate) fn text(&self, member: &str) -> &str {
        self.ready["profiles"][0][member].as_str().unwrap_or_default()
    }
}

/// Posts a form over a plain socket; the whole answer.
pub(crate) fn post(url: &str, form: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let length = form.len();
    write!(
        stream,
        "POST /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{form}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_reading_is_taken_or_it_is_said_why_it_cannot_be() {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    let taken = ["--profile", "dci-social", "--reading", "dci.expires-in=number"];
    let mock = Mock::start(dir, &taken);
    let (id, secret) = (mock.text("client_id"), mock.text("client_secret"));
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let answer = post(mock.text("token_url"), &form);
    assert!(answer.contains("\"expires_in\":600"), "{answer}");
    for (reading, message, remedy) in [
        (
            "dci.no-mach=no-data",
            "there is no reading `dci.no-mach`",
            "did you mean `dci.no-match`?",
        ),
        (
            "dci.no-match=nothing",
            "does not take `dci.no-match=nothing`",
            "dci.no-match=item-omitted, dci.no-match=no-data",
        ),
        (
            "dci.base-path=private",
            "takes no other alternative of `dci.base-path`",
            "leave it out",
        ),
        (
            "digit.timestamp=number",
            "nothing of `digit.timestamp=number`",
            "it is seen under digit-exchange",
        ),
    ] {
        let refused = run(dir, &["mock", "--profile", "dci-social", "--reading", reading]).expect(2);
        for part in [message, remedy] {
            assert!(refused.err.contains(part), "{reading}: {}", refused.err);
        }
    }
}

#[test]
fn one_line_of_json_says_that_it_listens() {
    let dir = tempdir().unwrap();
    let mock = Mock::start(dir.path(), &[]);
    let profiles = mock.ready["profiles"].as_array().unwrap();
    assert_eq!(profiles.len(), Catalogue::bundled().profiles().len());
    let listen = mock.ready["listen"].as_str().unwrap();
    for profile in profiles {
        let members: Vec<&str> = profile.as_object().unwrap().keys().map(String::as_str).collect();
        let documented = [
            "id",
            "base_url",
            "token_url",
            "client_id",
            "client_secret",
            "db_name",
            "sender_id",
            "receiver_id",
        ];
        assert_eq!(members, documented);
        assert!(
            profile["base_url"]
                .as_str()
                .unwrap()
                .starts_with(&format!("http://{listen}"))
        );
        let Some(token_url) = profile["token_url"].as_str() else {
            assert_eq!(profile["id"], "digit-exchange");
            continue;
        };
        let text = |member: &str| profile[member].as_str().unwrap_or_default();
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}&db_name={}",
            text("client_id"),
            text("client_secret"),
            text("db_name")
        );
        let answer = match profile["id"].as_str() {
            Some("opencrvs-registry") => post(&format!("{token_url}?{form}"), ""),
            _ => post(token_url, &form),
        };
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("\"access_token\":\"eyJ"), "{answer}");
    }
    mock.running.signal("TERM");
    let ended = mock.running.end(Duration::from_secs(20)).expect(0);
    assert_eq!(
        ended.out.lines().count(),
        1,
        "nothing but that line: {}",
        ended.out
    );
}

#[test]
fn people_are_told_what_a_partner_needs() {
    let dir = tempdir().unwrap();
    let listen = [
        "mock",
        "--profile",
        "openspp-dci",
        "--listen",
        "127.0.0.1:0",
        "--defect",
        "ge-as-gt",
    ];
    let mock = Running::start(&mut dcx(dir.path(), &listen));
    assert!(
        mock.first_line()
            .starts_with("dcx mock listens on http://127.0.0.1:")
    );
    mock.signal("INT");
    let ended = mock.end(Duration::from_secs(20)).expect(0);
    for what in [
        "ge-as-gt",
        "token URL",
        "client_id",
        "client_secret",
        "db_name",
        "curl -s",
    ] {
        assert!(
            ended.out.contains(what),
            "`{what}` is missing from: {}",
            ended.out
        );
    }
}

#[test]
fn keys_are_made_once_and_used_again() {
    let dir = tempdir().unwrap();
    let one = Mock::start(dir.path(), &["--profile", "digit-exchange", "--keys", "keys"]);
    let names = [
        "sender.key.pem",
        "sender.pub.pem",
        "receiver.key.pem",
        "receiver.pub.pem",
    ];
    let read = || names.map(|name| std::fs::read_to_string(dir.path().join("keys").join(name)).unwrap());
    let made = read();
    drop(one);
    drop(Mock::start(
        dir.path(),
        &["--profile", "digit-exchange", "--keys", "keys"],
    ));
    assert_eq!(made, read());
}

#[test]
fn what_cannot_be_served_is_refused() {
    let dir = tempdir().unwrap();
    run(dir.path(), &["mock", "--defect", "no-such"])
        .expect(2)
        .says("dcx list defects");
    let idle = ["mock", "--profile", "digit-exchange", "--defect", "ge-as-gt"];
    run(dir.path(), &idle).expect(2).says("it is a defect of");
    run(dir.path(), &["mock", "--profile", "nobody"])
        .expect(2)
        .says("choose one of");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    run(dir.path(), &["mock", "--listen", &address])
        .expect(96)
        .says(&address);
}

#[test]
fn faults_and_a_journal_are_taken_from_the_command_line() {
    let dir = tempdir().unwrap();
    let mock = Mock::start(
        dir.path(),
        &[
            "--profile",
            "openspp-dci",
            "--fault",
            "dcx-retry-after=7, operation=token",
            "--journal",
            "journal.jsonl",
        ],
    );
    let answer = post(
        mock.text("token_url"),
        "grant_type=client_credentials&client_secret=s3cret",
    );
    assert!(answer.starts_with("HTTP/1.1 429"), "{answer}");
    assert!(answer.contains("retry-after: 7"), "{answer}");
    let written = std::fs::read_to_string(dir.path().join("journal.jsonl")).unwrap();
    let entry: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(entry["verdict"], "steered");
    assert_eq!(entry["steered"][0], "dcx-retry-after=7");
    assert!(!written.contains("s3cret"), "{written}");
    drop(mock);
    run(dir.path(), &["mock", "--fault", "dcx-statsu=503"])
        .expect(2)
        .says("did you mean `dcx-status`?");
    let idle = [
        "mock",
        "--profile",
        "dci-crvs",
        "--fault",
        "dcx-reset, profile=dci-social",
    ];
    run(dir.path(), &idle).expect(2).says("which is not served");
}

#[test]
fn faults_and_events_are_read_from_files_and_a_bad_file_is_named_by_its_line() {
    let dir = tempdir().unwrap();
    let write = |file: &str, text: &str| std::fs::write(dir.path().join(file), text).unwrap();
    write(
        "faults.toml",
        "[[faults]]\nprefer = \"dcx-retry-after=7\"\noperation = \"token\"\n",
    );
    write(
        "events.json",
        r#"{"event": [{"at": 0, "reg_event_type": "REGISTER"}]}"#,
    );
    let served = ["--profile", "dci-social", "--journal", "journal.jsonl"];
    let files = ["--faults", "faults.toml", "--timeline", "events.json"];
    let mock = Mock::start(dir.path(), &[served, files].concat());
    let answer = post(mock.text("token_url"), "");
    assert!(answer.starts_with("HTTP/1.1 429"), "{answer}");
    let journal = || std::fs::read_to_string(dir.path().join("journal.jsonl")).unwrap_or_default();
    until("an event that happens by itself", || {
        journal().contains("timeline, event 1")
    });
    drop(mock);

    write("bad.toml", "[[event]]\nat = 1\nreg_event_type = \"REGISTRE\"\n");
    write(
        "bad.json",
        "{\"faults\": [\n\"dcx-status=503\",\n\"dcx-statsu=503\"]}",
    );
    for (flag, file, says) in [
        (
            "--timeline",
            "bad.toml",
            "bad.toml, line 3: unknown reg_event_type",
        ),
        (
            "--faults",
            "bad.json",
            "bad.json, line 3: there is no `dcx-statsu`",
        ),
        ("--timeline", "nowhere.toml", "failed to read nowhere.toml"),
    ] {
        run(dir.path(), &["mock", "--profile", "dci-social", flag, file])
            .expect(96)
            .says(says);
    }
}
