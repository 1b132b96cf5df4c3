//! No secret appears in anything that a run prints or writes.

use crate::mock::Mock;
use crate::process::{Ended, Running, dcx};
use base64::Engine as _;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::tempdir;

const OUTPUTS: [&str; 10] = [
    "--report",
    "jsonl=log.jsonl",
    "--report",
    "html=report.html",
    "--report",
    "junit=report.xml",
    "--report",
    "json=report.json",
    "--bundle",
    "bundle",
];

fn end(command: &mut Command) -> Ended {
    Running::start(command).end(Duration::from_secs(90))
}

/// Everything that a run printed or wrote, by name.
fn outputs(dir: &Path, ended: &Ended) -> Vec<(String, String)> {
    let mut all = vec![
        ("stdout".to_owned(), ended.out.clone()),
        ("stderr".to_owned(), ended.err.clone()),
    ];
    let mut files: Vec<PathBuf> = vec!["log.jsonl", "report.html", "report.xml", "report.json"]
        .into_iter()
        .map(|name| dir.join(name))
        .collect();
    files.extend(
        fs::read_dir(dir.join("bundle"))
            .unwrap()
            .map(|file| file.unwrap().path()),
    );
    for file in files {
        let text = String::from_utf8(fs::read(&file).unwrap()).unwrap();
        assert!(
            !text.is_empty() || file.ends_with("config.toml"),
            "{}",
            file.display()
        );
        all.push((file.display().to_string(), text));
    }
    all
}

#[track_caller]
fn keeps(dir: &Path, ended: &Ended, secrets: &[&str]) {
    for (name, text) in outputs(dir, ended) {
        for secret in secrets {
            if let Some(at) = text.find(secret) {
                let from = text[..at].char_indices().rev().nth(150).map_or(0, |(i, _)| i);
                panic!("{name} holds `{secret}` after: {}", &text[from..at]);
            }
        }
    }
}

#[test]
fn neither_the_client_secret_nor_a_token_is_shown() {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    let defects = [
        "--profile",
        "openspp-dci",
        "--defect",
        "refusal-html",
        "--defect",
        "token-any-secret",
    ];
    let mock = Mock::start(dir, &defects);
    let secret = mock.text("client_secret");
    assert!(secret.len() > 5);
    let mut args = vec![
        "test",
        mock.text("base_url"),
        "--profile",
        "openspp-dci",
        "--db-name",
        mock.text("db_name"),
    ];
    args.extend(OUTPUTS);
    let mut command = dcx(dir, &args);
    command
        .env("DCX_CLIENT_ID", mock.text("client_id"))
        .env("DCX_CLIENT_SECRET", secret);
    let ended = end(&mut command).expect(100);
    assert!(
        ended.out.contains("$DCX_"),
        "commands to repeat a request name the variables: {}",
        ended.out
    );
    // A token has three parts, of which the second begins like that; base64 alone may begin with eyJ too.
    keeps(dir, &ended, &[secret, ".eyJ"]);
}

#[test]
fn no_private_key_is_shown() {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    let mock = Mock::start(
        dir,
        &[
            "--profile",
            "digit-exchange",
            "--keys",
            "keys",
            "--defect",
            "exchange-any-sender",
        ],
    );
    let config = "[keys]\nsender = \"keys/sender.key.pem\"\nreceiver = \"keys/receiver.pub.pem\"\n";
    fs::write(dir.join("dcx.toml"), config).unwrap();
    let mut args = vec!["test", mock.text("base_url"), "--profile", "digit-exchange"];
    args.extend(OUTPUTS);
    let ended = end(&mut dcx(dir, &args)).expect(100);
    let pem = fs::read_to_string(dir.join("keys/sender.key.pem")).unwrap();
    let mut secrets: Vec<&str> = pem
        .lines()
        .filter(|line| !line.starts_with("-----") && line.len() > 16)
        .collect();
    assert!(secrets.len() > 10);
    secrets.push("PRIVATE KEY");
    keeps(dir, &ended, &secrets);
}

/// A server that repeats to everybody what it was sent, and binary bytes after it.
fn parrot() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                // A client that goes away is no failure of the test.
                let _ = repeat(stream);
            });
        }
    });
    url
}

fn repeat(stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let token = head.contains("/oauth2/client/token");
    let honest = String::from_utf8_lossy(&body).contains("client_credentials");
    let mut answer = if token && honest {
        format!("{{\"access_token\": \"{TOKEN}\", \"expires_in\": 600, \"you_sent\": ").into_bytes()
    } else {
        head.clone().into_bytes()
    };
    answer.extend(&body);
    match (token, honest) {
        // A form is no JSON, so what a token request repeats of it stands in a text.
        (true, true) if body.first() != Some(&b'{') => {
            answer.truncate(answer.len() - body.len());
            answer.extend(
                serde_json::json!(String::from_utf8_lossy(&body))
                    .to_string()
                    .bytes(),
            );
            answer.push(b'}');
        }
        (true, true) => answer.push(b'}'),
        _ => answer.extend(b"\xff\xfe"),
    }
    let status = if token && !honest {
        "401 Unauthorized"
    } else {
        "200 OK"
    };
    let mut stream = reader.into_inner();
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\nx-echo: {}\r\n\r\n",
        answer.len(),
        head.lines()
            .find(|line| line.starts_with("authorization"))
            .unwrap_or_default()
    )?;
    stream.write_all(&answer)
}

const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJtYWRlIjoidXAifQ.c2lnbmF0dXJlLW9mLW5vYm9keQ";

#[test]
fn a_server_that_repeats_what_it_was_sent_reveals_nothing() {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    let secret = "op\"en s/e\\sämé+&";
    let url = parrot();
    let mut args = vec![
        "test",
        &url,
        "--profile",
        "openspp-dci",
        "--db-name",
        "any",
        "--examples",
        "3",
    ];
    args.extend(OUTPUTS);
    let mut command = dcx(dir, &args);
    command
        .env("DCX_CLIENT_ID", "a-client")
        .env("DCX_CLIENT_SECRET", secret);
    let ended = end(&mut command);
    assert!(matches!(ended.code, Some(100 | 101)), "{ended:?}");
    let form = "op%22en+s%2Fe%5Cs%C3%A4m%C3%A9%2B%26";
    // As it is, in a form, in JSON, and in the JSON of a log that holds JSON.
    keeps(
        dir,
        &ended,
        &[secret, form, "s/e\\\\sämé+&", "s/e\\\\\\\\sämé+&", TOKEN],
    );
    for (name, text) in outputs(dir, &ended) {
        for word in text.split('"').filter(|word| word.len() > 60) {
            let bytes = base64::engine::general_purpose::STANDARD
                .decode(word)
                .unwrap_or_default();
            let decoded = String::from_utf8_lossy(&bytes);
            assert!(
                !decoded.contains(TOKEN) && !decoded.contains("sämé"),
                "{name}: {decoded}"
            );
        }
    }
}
