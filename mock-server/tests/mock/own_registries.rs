//! What is kept of clients, and the registries that they have of their own.

use crate::bench::{Bench, config, profile};
use crate::clients::{asked, control, last, made, searched, token};
use mock_server::{Config, Store};
use serde_json::json;
use std::path::Path;

fn stored(path: &Path, isolate: bool) -> Config {
    Config {
        store: Store::Sqlite(path.join("state.db")),
        isolate,
        ..config(&["dci-crvs"])
    }
}

#[tokio::test]
async fn clients_that_were_made_survive_and_a_reset_forgets_them() {
    let dir = tempfile::tempdir().unwrap();
    let b = Bench::with(stored(dir.path(), false)).await;
    let (id, secret) = made(&b, &json!({"scopes": ["registry.search"]})).await;
    let (gone, gone_secret) = made(&b, &json!({})).await;
    control(&b, "DELETE", &format!("/_dcx/clients/{gone}"), &json!({})).await;
    b.mock.stop().await;
    let bytes = std::fs::read(dir.path().join("state.db")).unwrap();
    assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()));
    let b = Bench::with(stored(dir.path(), false)).await;
    let reply = asked(&b, &id, &secret).await;
    assert_eq!(
        (reply.status, &reply.json["scope"]),
        (200, &json!("registry.search"))
    );
    assert_eq!(asked(&b, &gone, &gone_secret).await.status, 401);
    let old = reply.json["access_token"].as_str().unwrap().to_owned();
    assert_eq!(searched(&b, &old).await.status, 200);
    assert_eq!(control(&b, "POST", "/_dcx/reset", &json!({})).await.status, 200);
    assert_eq!(searched(&b, &old).await.status, 401);
    b.mock.stop().await;
    let b = Bench::with(stored(dir.path(), false)).await;
    assert_eq!(asked(&b, &id, &secret).await.status, 401);
}

/// The number of records that a client finds.
async fn found(b: &Bench, token: &str) -> u64 {
    let reply = searched(b, token).await;
    let count = reply.at("/message/search_response/0/pagination/total_count");
    count.as_u64().unwrap_or_else(|| panic!("{reply:?}"))
}

#[tokio::test]
async fn isolated_clients_see_nothing_of_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let b = Bench::with(stored(dir.path(), true)).await;
    let (one, one_secret) = made(&b, &json!({"client_id": "one"})).await;
    let (other, other_secret) = made(&b, &json!({"client_id": "other"})).await;
    let [at_one, at_other] = [
        token(&b, &one, &one_secret).await,
        token(&b, &other, &other_secret).await,
    ];
    let before = found(&b, &at_one).await;
    assert_eq!(
        searched(&b, &at_one).await.json["message"]["search_response"][0]["data"],
        searched(&b, &at_other).await.json["message"]["search_response"][0]["data"]
    );
    let event_type = profile("dci-crvs").registry.unwrap().event_types[0].clone();
    let event = json!({"reg_event_type": event_type});
    let happened = control(&b, "POST", "/_dcx/events?client=one", &event).await;
    assert_eq!(happened.status, 200, "{happened:?}");
    let counts = [&at_one, &at_other, &b.token];
    let mut after = Vec::new();
    for token in counts {
        after.push(found(&b, token).await);
    }
    assert_eq!(after, [before + 1, before, before]);
    let events = async |whose: &str| b.house("GET", &format!("/_dcx/events{whose}"), None).await.json;
    assert_eq!(events("?client=one").await.as_array().unwrap().len(), 1);
    assert_eq!(events("?client=other").await, json!([]));
    assert_eq!(events("").await, json!([]));
    assert_eq!(
        b.house("GET", "/_dcx/records?client=nobody", None).await.status,
        404
    );
    // A mistake is made in every registry, also in one that is made later.
    let mistake = json!({"active": ["bearer-no-challenge", "reply-action-wrong"]});
    assert_eq!(control(&b, "PUT", "/_dcx/defects", &mistake).await.status, 200);
    let (third, third_secret) = made(&b, &json!({})).await;
    for token in [&at_one, &token(&b, &third, &third_secret).await] {
        assert_eq!(searched(&b, token).await.json["header"]["action"], "on-subscribe");
    }
    control(&b, "PUT", "/_dcx/defects", &json!({"active": []})).await;
    b.mock.stop().await;

    let b = Bench::with(stored(dir.path(), true)).await;
    let at_one = token(&b, &one, &one_secret).await;
    assert_eq!(
        (found(&b, &at_one).await, found(&b, &b.token).await),
        (before + 1, before)
    );
    control(&b, "POST", "/_dcx/reset", &json!({})).await;
    let (one, one_secret) = made(&b, &json!({"client_id": "one"})).await;
    let at_one = token(&b, &one, &one_secret).await;
    assert_eq!(found(&b, &at_one).await, before);
}

#[tokio::test]
async fn there_are_only_so_many_registries() {
    let config = Config {
        isolate: true,
        records: 10,
        ..config(&["dci-social"])
    };
    let b = Bench::with(config).await;
    let mut tokens = Vec::new();
    for n in 0..65 {
        let (id, secret) = made(&b, &json!({"client_id": format!("c{n}")})).await;
        tokens.push(token(&b, &id, &secret).await);
    }
    let (last_token, others) = tokens.split_last().unwrap();
    for token in others {
        assert_eq!(searched(&b, token).await.status, 200);
    }
    let refused = searched(&b, last_token).await;
    assert_eq!(refused.status, 503);
    assert!(last(&b).await["says"].as_str().unwrap().contains("64 clients"));
    control(&b, "DELETE", "/_dcx/clients/c0", &json!({})).await;
    assert_eq!(searched(&b, last_token).await.status, 200);
}
