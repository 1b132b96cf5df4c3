//! One line per request and per callback, and no secret in any.

use crate::bench::{Bench, envelope, predicate, with};
use crate::receiver::Receiver;
use std::cell::RefCell;
use std::io::Write;

thread_local! {
    /// What this test logged: each runs, its mock included, on a thread of its own.
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Writes to the lines of the current thread.
struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn requests_and_callbacks_are_logged_without_secrets() {
    // A subscriber of one thread would miss what another thread happened to log first.
    tracing_subscriber::fmt()
        .with_writer(|| Lines)
        .with_ansi(false)
        .init();

    let b = Bench::new("dci-social", &[]).await;
    let receiver = Receiver::start().await;
    let secret = b.endpoint.client_secret.clone().unwrap();
    b.token_form(&with(
        &b.credentials(),
        "/client_secret",
        Some("guessed-secret".into()),
    ))
    .await;
    let request = envelope("t-7\nforged line", &[predicate(&[b.date_is("eq", "2020-11-02")])]);
    b.sync_search(&request).await;
    b.search(&with(
        &request,
        "/header/sender_uri",
        Some(receiver.url.as_str().into()),
    ))
    .await;
    receiver.next().await.unwrap();
    b.sync_search(&with(&request, "/header/action", Some("notify".into())))
        .await;
    b.call_as(Some("Bearer guessed-token"), "/registry/sync/search", "{}")
        .await;

    let log = String::from_utf8(LINES.take()).unwrap();
    for hint in [
        "operation=\"token\" status=200",
        "operation=\"token\" status=401",
        "invalid_client",
        "operation=\"sync-search\" status=200",
        "transaction_id=Some(\"t-7\\nforged line\")",
        "2 found",
        "operation=\"search\" status=200",
        "ACK",
        "operation=\"sync-search\" status=400",
        "/header/action",
        "operation=\"sync-search\" status=401",
        "callback",
        "correlation_id=",
    ] {
        assert!(log.contains(hint), "{hint} is not in\n{log}");
    }
    assert_eq!(
        log.lines().filter(|l| l.contains("request profile=")).count(),
        6,
        "{log}"
    );
    for secret in [
        secret.as_str(),
        &b.token,
        "guessed-secret",
        "guessed-token",
        "verbatim=1",
        "PRIVATE",
    ] {
        assert!(!log.contains(secret), "{secret} is in\n{log}");
    }
}
