//! Where callbacks go, and where they do not.

use crate::bench::{Bench, config, envelope, predicate, with};
use crate::receiver::Receiver;
use axum::Router;
use axum::response::Redirect;
use mock_server::Config;
use serde_json::Value;
use std::time::Duration;
use tokio::net::TcpListener;

fn request(b: &Bench, transaction: &str, sender_uri: &str) -> Value {
    let request = envelope(transaction, &[predicate(&[b.date_is("eq", "2020-11-02")])]);
    with(&request, "/header/sender_uri", Some(sender_uri.into()))
}

#[tokio::test]
async fn strangers_are_not_called_for_anybody() {
    let b = Bench::new("dci-social", &[]).await;
    for uri in [
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "http://example.com/on-search",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "nowhere",
    ] {
        let reply = b.search(&request(&b, "stranger", uri)).await;
        assert_eq!(reply.status, 400, "{uri}");
        assert_eq!(reply.at("/message/error/code"), "err.sender_uri.invalid", "{uri}");
    }
}

#[tokio::test]
async fn localhost_is_called_by_name() {
    let b = Bench::new("dci-social", &[]).await;
    let receiver = Receiver::start().await;
    let url = receiver.url.replace("127.0.0.1", "localhost");
    assert_eq!(b.search(&request(&b, "name", &url)).await.status, 200);
    assert!(receiver.next().await.is_some());
}

#[tokio::test]
async fn hosts_that_the_operator_named_are_called() {
    let b = Bench::with(Config {
        allow_callback: vec!["192.0.2.7".to_owned()],
        ..config(&["dci-social"])
    })
    .await;
    assert_eq!(
        b.search(&request(&b, "named", "http://192.0.2.7:9/"))
            .await
            .status,
        200
    );
    assert_eq!(
        b.search(&request(&b, "named", "http://192.0.2.8:9/"))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let b = Bench::new("dci-social", &[]).await;
    let receiver = Receiver::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let target = receiver.url.clone();
    let router = Router::new().fallback(async move || Redirect::temporary(&target));
    let redirecting = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    assert_eq!(b.search(&request(&b, "redirect", &url)).await.status, 200);
    assert!(receiver.is_silent().await);
    redirecting.abort();
}

#[tokio::test]
async fn callbacks_that_are_due_are_dropped_at_the_end() {
    let b = Bench::with(Config {
        callback_delay: Duration::from_millis(80),
        ..config(&["dci-social"])
    })
    .await;
    let receiver = Receiver::start().await;
    assert_eq!(b.search(&request(&b, "late", &receiver.url)).await.status, 200);
    b.mock.stop().await;
    assert!(receiver.is_silent().await);
}

#[tokio::test]
async fn whoever_names_no_address_is_answered_by_mail() {
    let b = Bench::with(Config {
        callback_delay: Duration::ZERO,
        ..config(&["dci-social"])
    })
    .await;
    let without = with(&request(&b, "mail", ""), "/header/sender_uri", None);
    let ack = b.search(&without).await;
    assert_eq!(
        b.search(&request(&b, "partner", "https://spmis.example.org/on-search"))
            .await
            .status,
        200
    );
    let arrived = async {
        loop {
            let mail = b.get("/_dcx/mailbox").await.json;
            if mail.as_array().unwrap().len() == 2 {
                return mail;
            }
        }
    };
    let mail = tokio::time::timeout(Duration::from_secs(3), arrived)
        .await
        .unwrap();
    let mine = mail
        .as_array()
        .unwrap()
        .iter()
        .find(|m| m["sender_uri"].is_null())
        .unwrap();
    assert_eq!(
        mine["body"]["message"]["correlation_id"],
        *ack.at("/message/correlation_id")
    );
}
