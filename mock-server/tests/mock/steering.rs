//! What somebody wishes to be done to an exchange, one wish after the other.

use crate::bench::{Bench, Reply, config, envelope, predicate, with};
use crate::receiver::Receiver;
use mock_server::{Config, Keys, MockServer, StartError};
use serde_json::{Value, json};
use specs::wire::rsa::VerifyingKey;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

fn request(b: &Bench, transaction: &str) -> Value {
    envelope(transaction, &[predicate(&[b.date_is("eq", "2020-11-02")])])
}

/// A request with this wish.
async fn wishing(b: &Bench, path: &str, wish: &str, request: &Value) -> Reply {
    let bearer = format!("Bearer {}", b.token);
    let headers = [
        ("content-type", "application/json"),
        ("authorization", bearer.as_str()),
        ("prefer", wish),
    ];
    b.send(path, &headers, request.to_string()).await
}

/// A search with this wish, to be answered at this receiver.
async fn search(b: &Bench, wish: &str, receiver: &Receiver) -> Reply {
    let request = with(
        &request(b, wish),
        "/header/sender_uri",
        Some(receiver.url.as_str().into()),
    );
    let ack = wishing(b, "/registry/search", wish, &request).await;
    assert_eq!((ack.status, ack.header("preference-applied")), (200, wish));
    ack
}

/// What comes back over a plain socket, and whether the connection ended properly.
async fn raw(b: &Bench, wish: &str) -> (Vec<u8>, std::io::Result<usize>) {
    let mut stream = TcpStream::connect(b.mock.addr()).await.unwrap();
    let body = request(b, "raw").to_string();
    let head = format!(
        "POST /registry/sync/search HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {}\r\nprefer: {wish}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        b.token,
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    let ended = tokio::time::timeout(Duration::from_secs(10), read).await.unwrap();
    (answer, ended)
}

/// The announced length of a body and the body, as far as it came.
fn split(answer: &[u8]) -> (usize, &[u8]) {
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap().to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    (length.unwrap().parse().unwrap(), &answer[end + 4..])
}

#[tokio::test]
async fn a_status_is_answered_without_looking_at_the_request() {
    let b = Bench::new("dci-social", &[]).await;
    let reply = wishing(&b, "/registry/sync/search", "dcx-status=503", &json!("nonsense")).await;
    assert_eq!(
        (reply.status, reply.at("/errors/0/code")),
        (503, &json!("err.service.unavailable"))
    );
    assert_eq!(reply.header("preference-applied"), "dcx-status=503");
    let busy = wishing(
        &b,
        "/registry/sync/search",
        "dcx-retry-after=7",
        &request(&b, "t"),
    )
    .await;
    assert_eq!((busy.status, busy.header("retry-after")), (429, "7"));
    assert_eq!(busy.at("/errors/0/code"), "err.request.too_many_requests");
    let receiver = Receiver::start().await;
    let not_looked_at = with(
        &request(&b, "t"),
        "/header/sender_uri",
        Some(receiver.url.as_str().into()),
    );
    let reply = wishing(&b, "/registry/search", "dcx-status=500", &not_looked_at).await;
    assert_eq!(reply.status, 500);
    assert!(receiver.is_silent().await);
}

#[tokio::test]
async fn a_delay_comes_before_the_answer() {
    let b = Bench::new("dci-social", &[]).await;
    let started = Instant::now();
    let reply = wishing(&b, "/registry/sync/search", "dcx-delay=0.4", &request(&b, "t")).await;
    assert_eq!(reply.status, 200);
    assert!(started.elapsed() >= Duration::from_millis(400));
}

#[tokio::test]
async fn a_truncated_body_ends_before_its_announced_length() {
    let b = Bench::new("dci-social", &[]).await;
    let (answer, _) = raw(&b, "dcx-body=truncated").await;
    let (length, body) = split(&answer);
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    assert_eq!(body.len(), length / 2);
    assert!(serde_json::from_slice::<Value>(body).is_err());
}

#[tokio::test]
async fn a_reset_connection_brings_no_byte_and_no_proper_end() {
    let b = Bench::new("dci-social", &[]).await;
    let (answer, ended) = raw(&b, "dcx-reset").await;
    assert!(answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(ended.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    let (answer, ended) = raw(&b, "dcx-delay=0").await;
    assert!(
        ended.is_ok() && answer.starts_with(b"HTTP/1.1 200"),
        "others are not touched"
    );
}

#[tokio::test]
async fn a_dripping_body_arrives_whole_and_late() {
    let b = Bench::new("dci-social", &[]).await;
    let started = Instant::now();
    let (answer, ended) = raw(&b, "dcx-drip=0.5").await;
    assert!(ended.is_ok() && started.elapsed() >= Duration::from_millis(450));
    let (length, body) = split(&answer);
    assert_eq!(body.len(), length);
    assert!(serde_json::from_slice::<Value>(body).is_ok());
}

#[tokio::test]
async fn callbacks_come_as_was_wished() {
    let b = Bench::new("dci-social", &[]).await;
    let receiver = Receiver::start().await;
    search(&b, "dcx-callback=twice", &receiver).await;
    assert!(receiver.next().await.is_some() && receiver.next().await.is_some());
    assert!(receiver.is_silent().await);
    search(&b, "dcx-callback=never", &receiver).await;
    assert!(receiver.is_silent().await);

    search(&b, "dcx-callback=early", &receiver).await;
    let acknowledged = Instant::now();
    assert!(receiver.next().await.unwrap().at < acknowledged);

    search(&b, "dcx-callback=\"late=0.6\"", &receiver).await;
    let acknowledged = Instant::now();
    let late = receiver.next().await.unwrap().at - acknowledged;
    assert!(late >= Duration::from_millis(500), "{late:?}");

    let ack = search(&b, "dcx-callback=uncorrelated", &receiver).await;
    let callback = receiver.next().await.unwrap();
    let correlation = &callback.body["message"]["correlation_id"];
    assert!(correlation.is_string());
    assert_ne!(correlation, ack.at("/message/correlation_id"));
}

#[tokio::test]
async fn callbacks_change_places() {
    let b = Bench::new("dci-social", &[]).await;
    let receiver = Receiver::start().await;
    let first = search(&b, "dcx-callback=out-of-order", &receiver).await;
    let second = search(&b, "dcx-delay=0", &receiver).await;
    for ack in [second, first] {
        let callback = receiver.next().await.unwrap();
        assert_eq!(
            callback.body["message"]["correlation_id"],
            *ack.at("/message/correlation_id")
        );
    }
    // Where no other comes, it is sent in the end.
    search(&b, "dcx-callback=out-of-order", &receiver).await;
    assert!(receiver.is_silent().await);
    assert!(receiver.next().await.is_some() || receiver.next().await.is_some());
}

#[tokio::test]
async fn an_exchange_is_steered_too() {
    let b = Bench::new("digit-exchange", &[]).await;
    let receiver = Receiver::start().await;
    let message = b.message("{}", &receiver.url);
    let reply = wishing(&b, "/v1/exchange/program", "dcx-callback=twice", &message).await;
    assert_eq!(reply.status, 200);
    assert!(receiver.next().await.is_some() && receiver.next().await.is_some());
    let ours = VerifyingKey::from_pem(&Keys::demo().receiver_pub_pem()).unwrap();
    for (wish, signed) in [
        ("dcx-delay=0", Some(true)),
        ("dcx-callback=badly-signed", Some(false)),
        ("dcx-callback=unsigned", None),
    ] {
        let message = b.message("{}", &receiver.url);
        let reply = wishing(&b, "/v1/exchange/program", wish, &message).await;
        assert_eq!((reply.status, reply.header("preference-applied")), (200, wish));
        let body = receiver.next().await.unwrap().body;
        let text = body["message"].as_str().unwrap();
        let verifies = |signature: &str| ours.verify(text.as_bytes(), signature).is_ok();
        assert_eq!(
            body.get("signature").map(|s| verifies(s.as_str().unwrap())),
            signed,
            "{wish}"
        );
    }
}

#[tokio::test]
async fn what_is_not_understood_changes_nothing_and_is_noted() {
    let b = Bench::new("dci-social", &[]).await;
    let wish = "respond-async, dcx-delya=1, dcx-status=9, dcx-callback=twice";
    let reply = wishing(&b, "/registry/sync/search", wish, &request(&b, "t")).await;
    assert_eq!((reply.status, reply.header("preference-applied")), (200, ""));
    let entry = &b
        .house("GET", "/_dcx/journal?operation=sync-search", None)
        .await
        .json["entries"][0];
    let ignored = entry["ignored"].as_array().unwrap();
    assert_eq!(ignored.len(), 3, "{ignored:?}");
    assert!(ignored[0].as_str().unwrap().contains("did you mean `dcx-delay`?"));
    assert_eq!(entry["steered"], json!([]));
}

#[tokio::test]
async fn rules_are_set_counted_and_taken_back() {
    let b = Bench::new("dci-social", &[]).await;
    let rule = json!({"prefer": "dcx-status=503", "operation": "sync-search", "skip": 1, "times": 1});
    let set = b
        .house("PUT", "/_dcx/faults", Some(&json!({"faults": [rule]})))
        .await;
    assert_eq!(set.status, 200);
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(b.sync_search(&request(&b, "t")).await.status);
    }
    assert_eq!(statuses, [200, 503, 200]);
    let told = b.house("GET", "/_dcx/faults", None).await;
    assert_eq!(
        (told.at("/faults/0/matched"), told.at("/faults/0/applied")),
        (&json!(3), &json!(1))
    );
    let steered = b.house("GET", "/_dcx/journal?verdict=steered", None).await;
    assert_eq!(steered.at("/entries/0/steered"), &json!(["dcx-status=503"]));
    let again = b
        .house(
            "PUT",
            "/_dcx/faults",
            Some(&json!({"faults": ["dcx-status=418"]})),
        )
        .await;
    assert_eq!(again.status, 200);
    assert_eq!(b.sync_search(&request(&b, "t")).await.status, 418);
    b.house("DELETE", "/_dcx/faults", None).await;
    assert_eq!(b.sync_search(&request(&b, "t")).await.status, 200);
    for wrong in [
        json!({}),
        json!({"faults": [{"prefer": "dcx-status=1"}]}),
        json!({"faults": ["dcx-reset, profile=dci-crvs"]}),
    ] {
        let refused = b.house("PUT", "/_dcx/faults", Some(&wrong)).await;
        assert_eq!(refused.status, 422, "{wrong}");
    }
}

#[tokio::test]
async fn a_run_with_chances_can_be_repeated() {
    let run = async |seed: u64| {
        let rule = "dcx-status=503, operation=sync-search, chance=0.5"
            .parse()
            .unwrap();
        let b = Bench::with(Config {
            seed,
            faults: vec![rule],
            ..config(&["dci-social"])
        })
        .await;
        let mut statuses = Vec::new();
        for _ in 0..24 {
            statuses.push(b.sync_search(&request(&b, "t")).await.status);
        }
        statuses
    };
    let first = run(5).await;
    assert!(first.contains(&200) && first.contains(&503));
    assert_eq!(run(5).await, first);
    assert_ne!(run(6).await, first);
}

#[tokio::test]
async fn a_fault_for_nobody_is_refused_at_the_start() {
    let faults = vec!["dcx-reset, profile=dci-crvs".parse().unwrap()];
    let started = MockServer::start(Config {
        faults,
        ..config(&["dci-social"])
    });
    assert!(matches!(started.await, Err(StartError::IdleFault { .. })));
}
