//! Servers that are not there, do not answer, or answer something else: one clear sentence, in time.

use crate::process::{Ended, run};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;
use tempfile::tempdir;

/// Serves every connection with a function, for as long as the test process lives.
fn serve(answer: impl Fn(TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer(stream);
        }
    });
    url
}

#[track_caller]
fn not_judged(url: &str) -> Ended {
    let dir = tempdir().unwrap();
    let ended = run(
        dir.path(),
        &["test", url, "--timeout", "1", "--profile", "dci-social"],
    )
    .expect(97);
    assert!(ended.took < Duration::from_secs(8), "{:?}", ended.took);
    assert!(
        ended
            .out
            .contains("the configuration is at fault, not the implementation"),
        "{}",
        ended.out
    );
    assert!(!ended.out.contains("FAILED"), "{}", ended.out);
    ended
}

#[track_caller]
fn told(ended: &Ended, what: &[&str]) {
    // The summary breaks lines where the terminal ends.
    let text = ended.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for what in what {
        assert!(text.contains(what), "`{what}` is missing from: {text}");
    }
}

#[test]
fn nothing_listens() {
    let ended = not_judged("http://127.0.0.1:1");
    told(
        &ended,
        &[
            "no connection could be made",
            "start the server, or correct the URL",
        ],
    );
}

#[test]
fn a_name_that_does_not_exist() {
    told(
        &not_judged("http://no-such-host.invalid"),
        &["no connection could be made"],
    );
}

#[test]
fn a_port_that_accepts_and_never_answers() {
    let url = serve(std::mem::forget);
    told(&not_judged(&url), &["within 1.0 s", "--timeout allows more time"]);
}

const GREETING: &[u8] = b"220 mail.example.org ESMTP\r\n\x00\xff\xfe\r\n\r\n";

/// Waits for the request, or its first part.
fn hear(stream: &mut TcpStream) {
    let mut some = [0; 1024];
    let _ = stream.read(&mut some);
}

#[test]
fn a_port_that_speaks_no_http() {
    let url = serve(|mut stream| {
        hear(&mut stream);
        let _ = stream.write_all(GREETING);
        // Closing at once would reset the connection before this is read.
        std::mem::forget(stream);
    });
    told(
        &not_judged(&url),
        &["is not HTTP", "something else listens there"],
    );
}

#[test]
fn a_port_that_speaks_first() {
    let url = serve(|mut stream| {
        let _ = stream.write_all(GREETING);
        hear(&mut stream);
        std::mem::forget(stream);
    });
    told(
        &not_judged(&url),
        &["is not HTTP", "something else listens there"],
    );
}

#[test]
fn a_port_that_closes_at_once() {
    let url = serve(drop);
    told(&not_judged(&url), &["connection was closed"]);
}

#[test]
fn a_port_that_trickles() {
    let url = serve(|mut stream| {
        hear(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{");
        std::mem::forget(stream);
    });
    told(&not_judged(&url), &["within 1.0 s"]);
}

#[test]
fn a_check_says_the_same() {
    let dir = tempdir().unwrap();
    let ended = run(dir.path(), &["check", "http://127.0.0.1:1", "--timeout", "1"]).expect(97);
    told(&ended, &["FAIL reachable", "no connection could be made", "→"]);
}
