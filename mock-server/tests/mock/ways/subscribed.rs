//! What is answered by callbacks, and what becomes of it.

use super::Said;
use crate::bench::{Bench, envelope, predicate, with};
use crate::receiver::Receiver;
use crate::talk::{
    Partner, SUBSCRIBE, SYNC_TXN_STATUS, UNSUBSCRIBE, event, event_type, everything, somebody,
};
use axum::Router;
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;

pub(super) async fn talk(b: &Bench, said: &mut Said) {
    if b.profile.path("search").is_none() {
        return;
    }
    let partner = Partner::of(b).await;
    search(b, &partner, said).await;
    unwilling(b, said).await;
    if b.profile.path("subscribe").is_some() {
        subscriptions(b, &partner, said).await;
    }
    if b.profile.path("sync-txn-status").is_some() {
        for (label, of, value) in [
            ("known", "search", "callback"),
            ("unknown", "search", "nobody's"),
            ("end", "unsubscribe", "u-1"),
        ] {
            said.note(label, &partner.status(of, "transaction_id", value).await);
        }
        let by_code = partner.question("by code", "subscribe", "subscription_code_list", json!(["none"]));
        said.note("by code", &b.call(SYNC_TXN_STATUS, &by_code.to_string()).await);
    }
}

async fn ask(
    b: &Bench,
    receiver: &Receiver,
    said: &mut Said,
    label: &str,
    path: &str,
    request: &Value,
) -> Value {
    let ack = b.call(path, &request.to_string()).await;
    said.note(label, &ack);
    if ack.at("/message/ack_status") != "ACK" {
        return Value::Null;
    }
    let callback = receiver.promptly().await;
    said.note_callback(label, callback.as_ref());
    callback.map(|callback| callback.body).unwrap_or_default()
}

async fn search(b: &Bench, partner: &Partner<'_>, said: &mut Said) {
    let few = with(
        &predicate(&[b.date_is("ge", "1900-01-01")]),
        "/pagination",
        Some(json!({"page_size": 2})),
    );
    let request = with(
        &envelope("callback", &[few]),
        "/header/sender_uri",
        Some(partner.receiver.url.as_str().into()),
    );
    let receiver = &partner.receiver;
    ask(b, receiver, said, "search", "/registry/search", &request).await;
    let refused = with(&request, "/header/total_count", None);
    ask(b, receiver, said, "refused search", "/registry/search", &refused).await;
    let anonymous = with(
        &envelope("anonymous", &[]),
        "/message/search_request",
        request.pointer("/message/search_request").cloned(),
    );
    said.note("anonymous", &b.search(&anonymous).await);
}

/// Somebody who takes a callback only when it comes for the second time.
async fn unwilling(b: &Bench, said: &mut Said) {
    let called = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&called);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let router = Router::new().fallback(async move || match counted.fetch_add(1, Ordering::SeqCst) {
        0 => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    });
    let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let request = envelope("unwilling", &[predicate(&[b.date_is("eq", "2020-11-02")])]);
    let request = with(&request, "/header/sender_uri", Some(url.into()));
    b.search(&request).await;
    for _ in 0..20 {
        if called.load(Ordering::SeqCst) > 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    said.0
        .push(("unwilling".to_owned(), called.load(Ordering::SeqCst).to_string()));
    serving.abort();
}

async fn subscriptions(b: &Bench, partner: &Partner<'_>, said: &mut Said) {
    let receiver = &partner.receiver;
    let wanted = everything(b);
    let subscribe = |transaction: &str, criteria: Value| partner.subscription(transaction, &[criteria]);
    let made = ask(
        b,
        receiver,
        said,
        "subscribe",
        SUBSCRIBE,
        &subscribe("s-1", wanted.clone()),
    )
    .await;
    ask(
        b,
        receiver,
        said,
        "subscribe again",
        SUBSCRIBE,
        &subscribe("s-2", wanted.clone()),
    )
    .await;
    let other = with(
        &wanted,
        "/filter",
        Some(json!([{"expression1": b.date_is("gt", "2099-01-01")}])),
    );
    let untyped = with(&other, "/filter_type", None);
    ask(
        b,
        receiver,
        said,
        "untyped filter",
        SUBSCRIBE,
        &subscribe("s-3", untyped),
    )
    .await;
    let unnamed = with(&other, "/notify_record_type", None);
    ask(
        b,
        receiver,
        said,
        "unnamed records",
        SUBSCRIBE,
        &subscribe("s-4", unnamed),
    )
    .await;
    let unknown = with(&wanted, "/reg_event_type", Some("Eclipse".into()));
    ask(
        b,
        receiver,
        said,
        "unknown event",
        SUBSCRIBE,
        &subscribe("s-5", unknown),
    )
    .await;
    let record = somebody(b).await;
    if record.is_object() {
        event(b, &json!({"reg_event_type": event_type(b), "record": record})).await;
        said.note_callback("notification", receiver.promptly().await.as_ref());
        // A second subscription tells of the same.
        receiver.promptly().await;
    }
    let code = made
        .pointer("/message/subscribe_response/0/subscriptions/0/code")
        .and_then(Value::as_str);
    let code = code.unwrap_or("none");
    for (label, id) in [("unsubscribe", "u-1"), ("unsubscribe again", "u-2")] {
        let request = partner.end(id, &[code]);
        ask(b, receiver, said, label, UNSUBSCRIBE, &request).await;
    }
}
