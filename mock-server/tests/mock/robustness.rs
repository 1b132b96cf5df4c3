//! What no caller should do, and what must not stop the mock.

use crate::bench::{Bench, envelope, predicate};
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

async fn is_well(b: &Bench) -> bool {
    let all = predicate(&[b.date_is("gt", "1900-01-01")]);
    let reply = tokio::time::timeout(Duration::from_secs(5), b.sync_search(&envelope("well", &[all]))).await;
    reply.is_ok_and(|r| r.at("/message/search_response/0/pagination/total_count") == 200)
}

#[tokio::test]
async fn slow_writers_hold_up_nobody() {
    let b = Bench::new("openspp-dci", &[]).await;
    let mut dripping = Vec::new();
    for n in 0..10 {
        let mut stream = TcpStream::connect(b.mock.addr()).await.unwrap();
        let head = "POST /registry/sync/search HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n";
        let part = if n % 2 == 0 {
            head.to_owned()
        } else {
            format!("{head}\r\n{{")
        };
        stream.write_all(part.as_bytes()).await.unwrap();
        dripping.push(stream);
    }
    assert!(is_well(&b).await);
}

#[tokio::test]
async fn a_body_that_does_not_end_is_answered_with_408() {
    let b = Bench::new("openspp-dci", &[]).await;
    let mut stream = TcpStream::connect(b.mock.addr()).await.unwrap();
    let head = format!(
        "POST /registry/sync/search HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 9\r\n\r\n{{",
        b.token
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = tokio::time::timeout(Duration::from_secs(15), stream.read_to_string(&mut answer)).await;
    read.expect("the connection is closed").unwrap();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("err.request.timeout"), "{answer}");
}

#[tokio::test]
async fn large_bodies_are_refused_with_413() {
    let b = Bench::new("dci-social", &[]).await;
    let body = "x".repeat(5 * 1024 * 1024);
    for path in [
        "/registry/sync/search",
        "/registry/search",
        "/oauth2/client/token",
    ] {
        let reply = b.call(path, &body).await;
        assert_eq!(
            (reply.status, reply.at("/errors/0/code")),
            (413, &json!("err.request.bad")),
            "{path}"
        );
    }
    let exchange = Bench::new("digit-exchange", &[]).await;
    let reply = exchange.call_as(None, "/v1/exchange/program", &body).await;
    assert_eq!(
        (reply.status, reply.at("/message/ack_status")),
        (413, &json!("ERR"))
    );
    assert!(is_well(&b).await);
}

#[tokio::test]
async fn what_is_no_http_gets_400_or_nothing() {
    let b = Bench::new("openspp-dci", &[]).await;
    for garbage in [
        "\0\u{1}\u{2}\r\n\r\n",
        "GET\r\n\r\n",
        "POST / HTTP/9.9\r\n\r\n",
        "\r\n",
    ] {
        let mut stream = TcpStream::connect(b.mock.addr()).await.unwrap();
        stream.write_all(garbage.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        // A reset is as good as an answer here.
        let _ = stream.read_to_end(&mut answer).await;
        assert!(
            answer.is_empty() || answer.starts_with(b"HTTP/1.1 400"),
            "{garbage:?}"
        );
    }
    assert!(is_well(&b).await);
}

#[tokio::test]
async fn hostile_json_is_refused() {
    let b = Bench::new("openspp-dci", &[]).await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for hostile in [
        deep.as_bytes(),
        b"{\"header\":\"\xff\xfe\"}",
        b"{\"header\": 1e999}",
        b"\0",
        b"\"\\ud800\"",
    ] {
        let bearer = format!("Bearer {}", b.token);
        let headers = [
            ("content-type", "application/json"),
            ("authorization", bearer.as_str()),
        ];
        let reply = b.send("/registry/sync/search", &headers, hostile.to_vec()).await;
        assert_eq!((reply.status, reply.at("/header/status")), (400, &json!("rjct")));
    }
    assert!(is_well(&b).await);
}

#[tokio::test]
async fn a_hundred_at_once_are_all_served() {
    let b = Bench::new("dci-social", &[]).await;
    let request = |n: usize| envelope(&format!("c-{n}"), &[predicate(&[b.date_is("eq", "2020-11-02")])]);
    let url = format!("{}/registry/sync/search", b.endpoint.base_url);
    let calls: Vec<_> = (0..100)
        .map(|n| {
            let call = b
                .client
                .post(&url)
                .bearer_auth(&b.token)
                .header("content-type", "application/json");
            tokio::spawn(call.body(request(n).to_string()).send())
        })
        .collect();
    let mut correlations = std::collections::BTreeSet::new();
    for call in calls {
        let text = call.await.unwrap().unwrap().text().await.unwrap();
        let reply: serde_json::Value = serde_json::from_str(&text).unwrap();
        correlations.insert(reply["message"]["correlation_id"].as_str().unwrap().to_owned());
    }
    assert_eq!(correlations.len(), 100);
}
