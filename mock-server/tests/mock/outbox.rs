//! What a store keeps: a callback until it has arrived, everything until a reset.

use crate::bench::{Bench, config, envelope, predicate, with};
use crate::talk::{Partner, event, everything};
use mock_server::{Config, Store};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

async fn stored(dir: &Path) -> Bench {
    Bench::with(Config {
        store: Store::Sqlite(dir.join("state.db")),
        callback_delay: Duration::ZERO,
        ..config(&["dci-social"])
    })
    .await
}

fn request(b: &Bench, transaction: &str, sender_uri: &str) -> Value {
    let request = envelope(transaction, &[predicate(&[b.date_is("eq", "2020-11-02")])]);
    with(&request, "/header/sender_uri", Some(sender_uri.into()))
}

/// Reads a callback to its end.
async fn callback(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    while !read.ends_with(b"}") {
        assert_ne!(stream.read_buf(&mut read).await.unwrap(), 0);
    }
    String::from_utf8(read).unwrap()
}

async fn answer(mut stream: TcpStream, status: &str) -> String {
    let read = callback(&mut stream).await;
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    read
}

/// Waits until the journal has an entry of this verdict.
async fn until(b: &Bench, verdict: &str) -> Value {
    let path = format!("/_dcx/journal?verdict={verdict}");
    let seen = async {
        loop {
            let entries = b.house("GET", &path, None).await.json["entries"].clone();
            if let Some(entry) = entries.as_array().and_then(|entries| entries.first()) {
                return entry.clone();
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), seen)
        .await
        .unwrap_or_else(|_| panic!("nothing was {verdict}"))
}

#[tokio::test]
async fn a_callback_that_nobody_took_is_sent_again_after_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let consumer = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/here", consumer.local_addr().unwrap());
    let b = stored(dir.path()).await;
    assert_eq!(b.search(&request(&b, "due", &url)).await.status, 200);
    let refusing = tokio::spawn(async move {
        let (stream, _) = consumer.accept().await.unwrap();
        let first = answer(stream, "503 Service Unavailable\r\nretry-after: 60").await;
        (consumer, first)
    });
    let entry = until(&b, "retried").await;
    assert!(
        entry["says"]
            .as_str()
            .unwrap()
            .ends_with("tried again after 60 s"),
        "{entry}"
    );
    assert_eq!(entry["status"], 503);
    b.mock.stop().await;

    let (consumer, first) = refusing.await.unwrap();
    let b = stored(dir.path()).await;
    let again = answer(consumer.accept().await.unwrap().0, "200 OK").await;
    let entry = until(&b, "delivered").await;
    assert_eq!(
        (&entry["operation"], &entry["says"]),
        (&json!("on-search"), &json!("200 OK (attempt 2)"))
    );
    assert!(
        !first.contains("dcx-attempt") && again.contains("dcx-attempt: 2\r\n"),
        "{again}"
    );
    let body = |text: &str| text.split_once("\r\n\r\n").unwrap().1.to_owned();
    assert_eq!(body(&first), body(&again), "the same callback");
    b.mock.stop().await;

    // It has arrived: nothing is due any more.
    let b = stored(dir.path()).await;
    let nobody = tokio::time::timeout(Duration::from_millis(300), consumer.accept()).await;
    assert!(nobody.is_err());
    b.mock.stop().await;
}

/// How many transactions, subscriptions, mails, events and records are known.
async fn known(b: &Bench, partner: &Partner<'_>) -> [usize; 5] {
    let count = async |path: &str| b.get(path).await.json.as_array().unwrap().len();
    let asked = partner.status("search", "transaction_id", "mail").await;
    let all = predicate(&[b.date_is("gt", "1900-01-01")]);
    let all = b.sync_search(&envelope("all", &[all])).await;
    let total = all.at("/message/search_response/0/pagination/total_count");
    [
        usize::from(asked.at("/header/status") == "succ"),
        count("/_dcx/subscriptions").await,
        count("/_dcx/mailbox").await,
        count("/_dcx/events").await,
        usize::try_from(total.as_u64().unwrap()).unwrap(),
    ]
}

#[tokio::test]
async fn a_reset_leaves_nothing_for_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let b = stored(dir.path()).await;
    let partner = Partner::of(&b).await;
    let fill = async || {
        partner.subscribe("subscribed", &[everything(&b)]).await;
        let type_of = crate::talk::event_type(&b);
        assert_eq!(event(&b, &json!({"reg_event_type": type_of})).await.status, 200);
        let mail = request(&b, "mail", "https://spmis.example.org/on-search");
        assert_eq!(b.search(&mail).await.status, 200);
        until(&b, "kept").await;
    };
    fill().await;
    assert_eq!(known(&b, &partner).await, [1, 1, 1, 1, 201]);
    // One that is due for long: nobody may send it after the reset.
    let faults = json!({"faults": ["dcx-callback=late=0.4, operation=search"]});
    assert_eq!(b.house("PUT", "/_dcx/faults", Some(&faults)).await.status, 200);
    let late = request(&b, "late", "https://spmis.example.org/on-search");
    assert_eq!(b.search(&late).await.status, 200);
    assert_eq!(b.house("POST", "/_dcx/reset", None).await.status, 200);
    tokio::time::sleep(Duration::from_millis(600)).await;
    b.mock.stop().await;

    let fresh = stored(dir.path()).await;
    let told = Partner::of(&fresh).await;
    assert_eq!(known(&fresh, &told).await, [0, 0, 0, 0, 200]);
    fresh.mock.stop().await;

    // Without the reset all of it would be there.
    let other = tempfile::tempdir().unwrap();
    let b = stored(other.path()).await;
    let partner = Partner::of(&b).await;
    partner.subscribe("subscribed", &[everything(&b)]).await;
    b.mock.stop().await;
    let b = stored(other.path()).await;
    let subscriptions = b.get("/_dcx/subscriptions").await.json;
    assert_eq!(subscriptions.as_array().unwrap().len(), 1);
}
