//! What changes for everybody while the mock runs changes in the registries that clients have of their own.

use crate::bench::{Bench, config, profile};
use crate::clients::{made, searched, token};
use crate::signatures::{now, request, signature, with_signature};
use mock_server::{ClientEntry, Config, Keys};
use serde_json::{Value, json};
use specs::wire::covered::Covered;
use specs::wire::{jwk, scheme};
use std::time::Duration;

/// The number of records that a client finds.
async fn found(b: &Bench, token: &str) -> u64 {
    let reply = searched(b, token).await;
    let count = reply.at("/message/search_response/0/pagination/total_count");
    count.as_u64().unwrap_or_else(|| panic!("{reply:?}"))
}

/// Waits until a list of the control API holds something.
async fn filled(b: &Bench, path: &str, list: &str) -> Value {
    let there = async {
        loop {
            let reply = b.house("GET", path, None).await.json;
            let held = reply.pointer(list).and_then(Value::as_array).cloned();
            if let Some(last) = held.unwrap_or_default().last() {
                return last.clone();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), there)
        .await
        .unwrap_or_else(|_| panic!("{path} stays empty"))
}

fn people(count: usize) -> String {
    let rows: Vec<String> = (1..=count).map(|n| format!("{n},1990-01-02\n")).collect();
    format!("UIN,birth_date\n{}", rows.concat())
}

#[tokio::test]
async fn a_file_of_records_that_changes_is_taken_up_everywhere() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("people.csv");
    std::fs::write(&path, people(1)).unwrap();
    let b = Bench::with(Config {
        data: Some(path.clone()),
        isolate: true,
        ..config(&["dci-social"])
    })
    .await;
    let (one, secret) = made(&b, &json!({})).await;
    let at_one = token(&b, &one, &secret).await;
    assert_eq!((found(&b, &at_one).await, found(&b, &b.token).await), (1, 1));

    std::fs::write(&path, people(3)).unwrap();
    let taken = filled(&b, "/_dcx/journal?operation=data&verdict=accepted", "/entries").await;
    assert!(
        taken["says"].as_str().unwrap().ends_with("taken up: 3 records"),
        "{taken}"
    );
    let (later, secret) = made(&b, &json!({})).await;
    let at_later = token(&b, &later, &secret).await;
    for token in [&at_one, &b.token, &at_later] {
        assert_eq!(found(&b, token).await, 3);
    }
}

#[tokio::test]
async fn what_happens_by_itself_happens_everywhere() {
    let dir = tempfile::tempdir().unwrap();
    let [clients, events] = ["clients.json", "events.json"].map(|name| dir.path().join(name));
    let entry = json!({"client_id": "one", "client_secret": "long enough"});
    std::fs::write(&clients, json!({"clients": [entry]}).to_string()).unwrap();
    let event_type = profile("dci-crvs").registry.unwrap().event_types[0].clone();
    let event = json!({"at": 2, "reg_event_type": event_type});
    std::fs::write(&events, json!({"event": [event]}).to_string()).unwrap();
    let b = Bench::with(Config {
        clients: ClientEntry::load(&clients).unwrap(),
        isolate: true,
        timeline: Some(events),
        ..config(&["dci-crvs"])
    })
    .await;
    let at_one = token(&b, "one", "long enough").await;
    // The timeline begins anew, and the client and its token stay.
    assert_eq!(b.house("POST", "/_dcx/reset", None).await.status, 200);
    let before = found(&b, &at_one).await;
    filled(&b, "/_dcx/events?client=one", "").await;
    filled(&b, "/_dcx/events", "").await;
    assert_eq!(found(&b, &at_one).await, before + 1);
    assert_eq!(found(&b, &b.token).await, before + 1);
    let told = filled(&b, "/_dcx/journal?operation=event", "/entries").await;
    assert_eq!(told["verdict"], "accepted", "{told}");
}

#[tokio::test]
async fn a_key_that_is_replaced_is_replaced_everywhere() {
    let mut b = Bench::with(Config {
        isolate: true,
        ..config(&["openspp-registry"])
    })
    .await;
    let (one, secret) = made(&b, &json!({})).await;
    b.token = token(&b, &one, &secret).await;
    let body = request(&b);
    let signed = json!(signature(&b, &Keys::demo(), &body, now()));
    let signed = with_signature(&body, &signed);
    assert_eq!(b.sync_search(&signed).await.at("/header/status"), "succ");
    let rotated = b.house("POST", "/_dcx/keys/rotate", None).await;
    assert_eq!(rotated.status, 200, "{rotated:?}");
    let reply = b.sync_search(&signed).await;
    let set = b.get("/.well-known/jwks.json").await.json;
    let (_, newest) = &jwk::read_set(&set)[0];
    let text = reply.json["signature"].as_str().unwrap();
    let own = Some(b.endpoint.receiver_id.as_str());
    let covered = Covered::in_value(&reply.json);
    let verified = scheme::verify(b.profile.signature.scheme, &covered, text, newest, own, now());
    assert_eq!(verified, Ok(()), "{set}");
}
