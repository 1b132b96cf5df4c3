//! The profile `dci-social`: one reply in full, and the asynchronous search.

use crate::bench::{Bench, config, envelope, predicate, with};
use crate::receiver::Receiver;
use mock_server::Config;
use serde_json::{Value, json};
use specs::document::Document;
use specs::schema::Schema;
use std::time::Duration;

#[tokio::test]
async fn a_reply_in_full() {
    let b = Bench::new("dci-social", &[]).await;
    let twins = predicate(&[b.date_is("eq", "2020-11-02")]);
    let asked = with(&twins, "/pagination", Some(json!({"page_size": 2})));
    let reply = b.sync_search(&envelope("in full", &[asked])).await;
    insta::assert_json_snapshot!(reply.json, {
        ".header.message_ts" => "[now]",
        ".message.search_response[].timestamp" => "[now]",
    });
}

#[tokio::test]
async fn tokens_come_by_form_alone() {
    let b = Bench::new("dci-social", &[]).await;
    let reply = b.token_form(&b.credentials()).await;
    assert_eq!(
        (reply.at("/token_type"), reply.at("/expires_in")),
        (&json!("Bearer"), &json!("600"))
    );
    let reply = b.token_json(&b.credentials()).await;
    assert_eq!(
        (reply.status, reply.at("/error")),
        (400, &json!("invalid_request"))
    );
}

#[tokio::test]
async fn short_lives_are_rounded_up_in_words_and_exact_in_deed() {
    let b = Bench::with(Config {
        token_lifetime: Duration::from_millis(200),
        ..config(&["dci-social"])
    })
    .await;
    let token = b.token_form(&b.credentials()).await;
    assert_eq!(token.at("/expires_in"), "1");
    let bearer = format!("Bearer {}", token.at("/access_token").as_str().unwrap());
    let status = async || {
        b.call_as(Some(&bearer), "/registry/sync/search", "{}")
            .await
            .status
    };
    assert_eq!(status().await, 400, "alive");
    let death = async { while status().await != 401 {} };
    tokio::time::timeout(Duration::from_millis(900), death)
        .await
        .expect("it dies before a second is over");
}

#[tokio::test]
async fn every_reply_has_the_form_of_the_document() {
    let b = Bench::new("dci-social", &[]).await;
    let document = Document::bundled("dci-social.yaml").unwrap();
    let operation = document.operation("POST", "/registry/sync/search").unwrap();
    let schema = Schema::compile(&operation.responses["default"].content["application/json"]).unwrap();
    let all = predicate(&[b.date_is("gt", "1900-01-01")]);
    let none = predicate(&[b.date_is("lt", "1900-01-01")]);
    let bad = json!({"query_type": "expression", "query": {"type": "x", "value": {}}});
    for criteria in [vec![all.clone()], vec![none], vec![bad.clone()], vec![all, bad]] {
        let reply = b.sync_search(&envelope("form", &criteria)).await;
        assert_eq!(schema.violations(&reply.json), []);
    }
    for faulty in ["", "[]", "{}", "{\"header\": {\"sender_id\": 5}}"] {
        let reply = b.call("/registry/sync/search", faulty).await;
        assert_eq!(schema.violations(&reply.json), [], "{faulty}");
    }
}

#[tokio::test]
async fn groups_are_not_registered() {
    let b = Bench::new("dci-social", &[]).await;
    let all = predicate(&[b.date_is("gt", "1900-01-01")]);
    assert_eq!(
        b.records(with(&all, "/response_entity", Some("Member".into())))
            .await
            .len(),
        200
    );
    assert!(
        b.records(with(&all, "/response_entity", Some("Group".into())))
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn a_search_is_acknowledged_and_answered_later() {
    let b = Bench::new("dci-social", &[]).await;
    let receiver = Receiver::start().await;
    let request = envelope("later", &[predicate(&[b.date_is("eq", "2020-11-02")])]);
    let request = with(&request, "/header/sender_uri", Some(receiver.url.as_str().into()));
    let ack = b.search(&request).await;
    assert_eq!((ack.status, ack.at("/message/ack_status")), (200, &json!("ACK")));
    let callback = receiver.next().await.expect("a callback");
    assert_eq!(callback.headers["content-type"], "application/json");
    assert!(!callback.headers.contains_key("authorization"));
    assert_eq!(
        callback.body["message"]["correlation_id"],
        *ack.at("/message/correlation_id")
    );
    assert_eq!(callback.body["message"]["transaction_id"], "later");
    assert_eq!(callback.body["header"]["action"], "on-search");

    let sync = b.sync_search(&request).await;
    assert_eq!(
        sync.at("/message/correlation_id"),
        ack.at("/message/correlation_id")
    );
    let records = "/message/search_response/0/data/reg_records";
    assert_eq!(callback.body.pointer(records).unwrap(), sync.at(records));
    assert!(receiver.is_silent().await);
}

#[tokio::test]
async fn faulty_searches_are_refused_with_err() {
    let b = Bench::new("dci-social", &[]).await;
    let honest = envelope("err", &[predicate(&[b.date_is("ge", "2000-11-02")])]);
    let err = async |body: &str| {
        let reply = b.call("/registry/search", body).await;
        assert_eq!(reply.at("/message/ack_status"), "ERR", "{reply:?}");
        assert!(reply.at("/message/correlation_id").is_string());
        (
            reply.status,
            reply.at("/message/error/code").as_str().unwrap().to_owned(),
        )
    };
    let but = |pointer: &str, value: Value| with(&honest, pointer, Some(value)).to_string();
    assert_eq!(err("x").await, (400, "err.request.bad".to_owned()));
    assert_eq!(err("[]").await, (400, "err.request.bad".to_owned()));
    assert_eq!(
        err(&but("/header/action", "subscribe".into())).await.1,
        "err.request.bad"
    );
    assert_eq!(
        err(&but("/header/sender_uri", 5.into())).await.1,
        "err.sender_uri.invalid"
    );
    assert_eq!(
        err(&but("/header/sender_uri", "http://10.0.0.1/".into())).await.1,
        "err.sender_uri.invalid"
    );
    let bearer = format!("Bearer {}", b.token);
    let headers = [("content-type", "text/plain"), ("authorization", bearer.as_str())];
    let reply = b.send("/registry/search", &headers, honest.to_string()).await;
    assert_eq!(
        (reply.status, reply.at("/message/error/code")),
        (415, &json!("err.request.bad"))
    );
    assert_eq!(b.call_as(None, "/registry/search", "x").await.status, 401);
}
