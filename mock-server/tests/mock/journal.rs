//! The journal: what it holds, what it never holds, and how it can be read.

use crate::bench::{Bench, config, envelope, predicate, with};
use crate::receiver::Receiver;
use mock_server::{Config, JournalConfig};
use serde_json::{Value, json};
use std::time::Duration;

async fn entries(b: &Bench, query: &str) -> Vec<Value> {
    let page = b.house("GET", &format!("/_dcx/journal?{query}"), None).await;
    assert_eq!(page.status, 200, "{}", page.json);
    page.json["entries"].as_array().unwrap().clone()
}

/// The entries of a query, once there are this many.
async fn awaited(b: &Bench, query: &str, count: usize) -> Vec<Value> {
    let there = async {
        loop {
            let found = entries(b, query).await;
            if found.len() >= count {
                return found;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), there).await.unwrap()
}

async fn entry(b: &Bench, id: &Value) -> Value {
    b.house("GET", &format!("/_dcx/journal/{id}"), None).await.json
}

fn request(b: &Bench, transaction: &str) -> Value {
    envelope(transaction, &[predicate(&[b.date_is("eq", "2020-11-02")])])
}

#[tokio::test]
async fn exchanges_and_their_callbacks_are_kept() {
    let b = Bench::new("dci-social", &[]).await;
    let receiver = Receiver::start().await;
    let sent = with(
        &request(&b, "t-1"),
        "/header/sender_uri",
        Some(receiver.url.as_str().into()),
    );
    let ack = b.search(&sent).await;
    receiver.next().await.unwrap();
    let callback = &awaited(&b, "kind=callback", 1).await[0];
    let asked = &entries(&b, "operation=search").await[0];
    assert_eq!(
        (&asked["verdict"], &asked["status"], &asked["transaction_id"]),
        (&json!("accepted"), &json!(200), &json!("t-1"))
    );
    assert_eq!(
        (&callback["verdict"], &callback["operation"]),
        (&json!("delivered"), &json!("on-search"))
    );
    assert_eq!(callback["correlation_id"], *ack.at("/message/correlation_id"));
    assert_eq!(callback["correlation_id"], asked["correlation_id"]);
    let full = entry(&b, &asked["id"]).await;
    assert_eq!(full["request"]["body"], sent);
    assert_eq!(full["response"]["body"], ack.json);
    let told = entry(&b, &callback["id"]).await;
    assert_eq!(told["request"]["body"]["header"]["action"], "on-search");
    assert!(
        !told.to_string().contains("verbatim="),
        "what follows the path may be a secret"
    );
}

#[tokio::test]
async fn a_refusal_names_the_clause_and_what_was_meant() {
    let b = Bench::new("dci-social", &[]).await;
    let valid = request(&b, "t");
    let misspelt = with(&valid, "/header/sender_id", None);
    let misspelt = with(&misspelt, "/header/sender_idd", Some("x".into()));
    let wrong = with(&misspelt, "/header/total_count", Some("many".into()));
    assert_eq!(b.sync_search(&wrong).await.status, 400);
    let entry = &entries(&b, "verdict=refused").await[0];
    let violations = entry["violations"].as_array().unwrap();
    let at = |pointer: &str| violations.iter().find(|v| v["pointer"] == pointer).unwrap();
    let sender = at("/header/sender_id");
    assert_eq!(
        sender["requirement"],
        "dci.form.request-header.sender-id.required"
    );
    assert_eq!(sender["near_miss"], "`sender_idd` — did you mean `sender_id`?");
    assert_eq!(sender["level"], "must");
    for member in ["expected", "actual", "statement", "remedy"] {
        assert!(
            sender[member].as_str().is_some_and(|text| !text.is_empty()),
            "{member}"
        );
    }
    let count = at("/header/total_count");
    assert_eq!(count["requirement"], "dci.form.request-header.total-count.type");
    assert!(count["near_miss"].is_null());
}

#[tokio::test]
async fn refusals_without_a_schema_name_their_requirement_too() {
    let b = Bench::new("dci-crvs", &[]).await;
    let newest = async |operation: &str| {
        let found = entries(&b, &format!("operation={operation}&limit=1")).await;
        found[0]["violations"][0]["requirement"].clone()
    };
    let text = b
        .client
        .post(format!("{}/registry/sync/search", b.endpoint.base_url));
    let text = text
        .bearer_auth(&b.token)
        .header("content-type", "text/plain")
        .body("{}");
    let (claims, signature) = b.token.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let altered = format!("Bearer {claims}.{first}{}", &signature[1..]);
    for (authorization, requirement) in [
        (None, "dci.bearer.required"),
        (Some("Bearer nobody-issued-it"), "dci.bearer.unknown-token"),
        (Some(altered.as_str()), "dci.bearer.tampered"),
    ] {
        b.call_as(authorization, "/registry/sync/search", "{}").await;
        assert_eq!(newest("sync-search").await, requirement);
    }
    b.call("/registry/sync/search", "{").await;
    assert_eq!(newest("sync-search").await, "dci.request.not-json");
    assert_eq!(text.send().await.unwrap().status(), 415);
    assert_eq!(newest("sync-search").await, "dci.request.media-type");
    b.token_form(&with(&b.credentials(), "/client_secret", Some("wrong".into())))
        .await;
    assert_eq!(newest("token").await, "dci.token.secret-checked");

    let exchange = Bench::new("digit-exchange", &[]).await;
    let message = exchange.message("{}", "http://127.0.0.1:9/");
    for (pointer, value, requirement) in [
        ("/header/sender_id", "stranger", "digit.exchange.sender-known"),
        ("/header/receiver_id", "stranger", "digit.exchange.receiver-known"),
        ("/signature", "AAAA", "digit.exchange.signature-checked"),
    ] {
        exchange
            .exchange("program", &with(&message, pointer, Some(value.into())))
            .await;
        let found = entries(&exchange, "verdict=refused&limit=1").await;
        let violation = &found[0]["violations"][0];
        assert_eq!(
            (&violation["requirement"], &violation["pointer"]),
            (&json!(requirement), &json!(pointer))
        );
    }
}

#[tokio::test]
async fn rejected_items_are_told_apart_from_refused_requests() {
    let b = Bench::new("dci-social", &[]).await;
    let good = predicate(&[b.date_is("eq", "2020-11-02")]);
    let unknown = json!({"query_type": "predicate", "query": [{"expression1":
        {"attribute_name": "no_such_attribute", "operator": "eq", "attribute_value": "x"}}]});
    b.sync_search(&envelope("t", &[good, unknown.clone()])).await;
    let partly = &entries(&b, "verdict=partly").await[0];
    assert_eq!(partly["violations"].as_array().unwrap().len(), 1);
    assert_eq!(partly["violations"][0]["pointer"], "/message/search_response/1");
    b.sync_search(&envelope("t", &[unknown])).await;
    assert_eq!(entries(&b, "verdict=refused").await.len(), 1);
}

#[tokio::test]
async fn strays_and_forbidden_callbacks_are_noted() {
    let b = Bench::with(Config {
        callback_pauses: vec![Duration::from_millis(10); 2],
        ..config(&["dci-social"])
    })
    .await;
    b.call("/registry/sync/serach", "{}").await;
    let stray = &entries(&b, "operation=none").await[0];
    let hint = stray["violations"][0]["near_miss"].as_str().unwrap();
    assert!(
        hint.contains("did you mean `/dci/social/registry/sync/search`?"),
        "{hint}"
    );
    let far = with(
        &request(&b, "t"),
        "/header/sender_uri",
        Some("http://192.0.2.1/".into()),
    );
    assert_eq!(b.search(&far).await.status, 400);
    let forbidden = &entries(&b, "verdict=forbidden").await[0];
    assert!(
        forbidden["says"]
            .as_str()
            .unwrap()
            .contains("--allow-callback 192.0.2.1")
    );
    let nobody = with(
        &request(&b, "t"),
        "/header/sender_uri",
        Some("http://127.0.0.1:1/".into()),
    );
    assert_eq!(b.search(&nobody).await.status, 200);
    awaited(&b, "verdict=undelivered", 1).await;
    assert_eq!(entries(&b, "verdict=retried").await.len(), 2);
}

#[tokio::test]
async fn no_secret_is_kept_or_written() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("journal.jsonl");
    let b = Bench::with(Config {
        journal: JournalConfig {
            file: Some(file.clone()),
            ..JournalConfig::default()
        },
        ..config(&["openspp-dci"])
    })
    .await;
    let secret = b.endpoint.client_secret.clone().unwrap();
    b.token_json(&b.credentials()).await;
    b.token_form(&with(
        &b.credentials(),
        "/client_secret",
        Some("guessed-secret".into()),
    ))
    .await;
    b.send(
        "/oauth2/client/token",
        &[("authorization", "Basic Z3Vlc3NlZC1iYXNpYw==")],
        secret.clone(),
    )
    .await;
    b.sync_search(&request(&b, "t")).await;
    b.call(
        "/registry/sync/search",
        &json!({"header": {"access_token": b.token}}).to_string(),
    )
    .await;
    b.call_as(
        Some("guessed-token"),
        &format!("/nowhere?client_secret={secret}"),
        "{}",
    )
    .await;
    let mut told = String::new();
    for listed in entries(&b, "").await {
        told.push_str(&entry(&b, &listed["id"]).await.to_string());
    }
    let written = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<Value> = written
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 7, "the bench has fetched a token");
    assert_eq!(
        lines[4]["request"]["body"]["header"]["sender_id"],
        "spmis.example.org"
    );
    assert!(told.contains("[redacted]"));
    for secret in [
        &secret,
        &b.token,
        "guessed-secret",
        "guessed-token",
        "Z3Vlc3NlZC1iYXNpYw",
        "eyJ",
    ] {
        assert!(!told.contains(secret), "{secret} is kept");
        assert!(!written.contains(secret), "{secret} is written");
    }
}

#[tokio::test]
async fn it_is_bounded_and_can_be_read_on() {
    let b = Bench::with(Config {
        journal: JournalConfig {
            entries: 5,
            ..JournalConfig::default()
        },
        ..config(&["dci-social"])
    })
    .await;
    for n in 0..9 {
        b.sync_search(&request(&b, &format!("t-{n}"))).await;
    }
    let page = b.house("GET", "/_dcx/journal", None).await.json;
    let ids: Vec<&Value> = page["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["id"])
        .collect();
    assert_eq!(
        (json!(ids), &page["last"], &page["dropped"]),
        (json!([6, 7, 8, 9, 10]), &json!(10), &json!(5))
    );
    assert_eq!(entries(&b, "after=8").await.len(), 2);
    assert_eq!(entries(&b, "limit=1").await[0]["id"], 10);
    assert_eq!(b.house("GET", "/_dcx/journal/1", None).await.status, 404);
    assert_eq!(b.house("GET", "/_dcx/journal/x", None).await.status, 404);
    assert_eq!(b.house("GET", "/_dcx/journal?after=x", None).await.status, 400);
    assert_eq!(b.house("GET", "/_dcx/journal?verdikt=x", None).await.status, 400);

    let without = Bench::with(Config {
        journal: JournalConfig {
            entries: 0,
            ..JournalConfig::default()
        },
        ..config(&["dci-social"])
    })
    .await;
    assert!(entries(&without, "").await.is_empty());
}

#[tokio::test]
async fn who_asks_is_told_in_the_answer() {
    let b = Bench::new("dci-social", &[]).await;
    let bearer = format!("Bearer {}", b.token);
    let headers = [
        ("content-type", "application/json"),
        ("authorization", bearer.as_str()),
    ];
    let wrong = with(&request(&b, "t"), "/header/message_id", None).to_string();
    let plain = b.send("/registry/sync/search", &headers, wrong.clone()).await;
    assert_eq!(
        (plain.header("dcx-journal"), plain.header("dcx-requirement")),
        ("", "")
    );
    let asking = [headers[0], headers[1], ("prefer", "dcx-explain")];
    let told = b.send("/registry/sync/search", &asking, wrong).await;
    assert_eq!(
        told.header("dcx-requirement"),
        "dci.form.request-header.message-id.required"
    );
    let entry = entry(&b, &told.header("dcx-journal").parse::<u64>().unwrap().into()).await;
    assert_eq!(
        entry["violations"][0]["requirement"],
        "dci.form.request-header.message-id.required"
    );
}
