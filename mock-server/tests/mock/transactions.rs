//! What became of transactions.

use crate::bench::{Bench, predicate};
use crate::talk::{Partner, SYNC_TXN_STATUS, Side, TXN_STATUS, everything, violations};
use serde_json::{Value, json};

const STATUS: &str = "/message/txnstatus_response/txn_status";

fn references(told: &Value) -> Vec<&str> {
    let items = told["search_response"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["reference_id"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_search_is_found_by_each_of_its_names() {
    for profile in [
        "dci-crvs",
        "dci-social",
        "dci-farmer",
        "dci-beneficiary",
        "dci-economic-support",
    ] {
        let b = Bench::new(profile, &[]).await;
        let partner = Partner::of(&b).await;
        let some = predicate(&[b.date_is("lt", "1960-01-01")]);
        let none = predicate(&[b.date_is("lt", "1900-01-01")]);
        let searched = partner.search("searched", &[some, none]).await;
        let correlation = searched.at("/message/correlation_id").clone();
        for (attribute, value, expected) in [
            (
                "transaction_id",
                json!("searched"),
                vec!["searched-0", "searched-1"],
            ),
            (
                "correlation_id",
                correlation.clone(),
                vec!["searched-0", "searched-1"],
            ),
            ("reference_id_list", json!(["searched-1"]), vec!["searched-1"]),
            (
                "reference_id_list",
                json!(["never", "searched-0"]),
                vec!["searched-0"],
            ),
        ] {
            let reply = partner.status("search", attribute, value).await;
            assert_eq!(reply.status, 200);
            assert_eq!(
                violations(&b, SYNC_TXN_STATUS, Side::Reply, &reply.json),
                [],
                "{profile} {attribute}"
            );
            assert_eq!(reply.at("/header/action"), "txn-on-status");
            assert_eq!(reply.at("/message/transaction_id"), "question");
            assert_ne!(*reply.at("/message/correlation_id"), correlation);
            assert_eq!(reply.at("/message/txnstatus_response/txn_type"), "search");
            let told = reply.at(STATUS);
            assert_eq!(references(told), expected, "{attribute}");
            assert_eq!(
                (&told["transaction_id"], &told["correlation_id"]),
                (&json!("searched"), &correlation)
            );
            let asked = &searched.json["message"]["search_response"];
            for item in told["search_response"].as_array().unwrap() {
                let before = asked
                    .as_array()
                    .unwrap()
                    .iter()
                    .find(|i| i["reference_id"] == item["reference_id"]);
                assert_eq!(before.unwrap()["data"], item["data"]);
                assert_eq!(item["status"], "succ");
            }
        }
    }
}

#[tokio::test]
async fn what_nobody_knows_is_rejected() {
    let b = Bench::new("dci-crvs", &[]).await;
    let (mine, other) = (
        Partner::of(&b).await,
        Partner::named(&b, "other.example.org").await,
    );
    let searched = mine
        .search("searched", &[predicate(&[b.date_is("lt", "1960-01-01")])])
        .await;
    let correlation = searched.at("/message/correlation_id").clone();
    let code = mine.subscribe("subscribed", &[everything(&b)]).await.code();
    for (partner, of, attribute, value) in [
        (&mine, "search", "transaction_id", json!("never")),
        (&mine, "search", "correlation_id", json!("never")),
        (&mine, "search", "reference_id_list", json!(["never"])),
        (&mine, "subscribe", "subscription_code_list", json!(["never"])),
        (&mine, "subscribe", "transaction_id", json!("searched")),
        (&mine, "search", "transaction_id", json!("subscribed")),
        (&mine, "unsubscribe", "subscription_code_list", json!([code])),
        (&other, "search", "transaction_id", json!("searched")),
        (&other, "search", "correlation_id", correlation),
        (&other, "search", "reference_id_list", json!(["searched-0"])),
        (&other, "subscribe", "subscription_code_list", json!([code])),
    ] {
        let reply = partner.status(of, attribute, value).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.at("/header/status"), "rjct", "{of} {attribute}");
        assert!(reply.json.get("message").is_none(), "{of} {attribute}");
        assert_eq!(violations(&b, SYNC_TXN_STATUS, Side::Reply, &reply.json), []);
    }
    for of in ["receipt", "subscibe"] {
        assert_eq!(mine.status(of, "transaction_id", "searched").await.status, 400);
    }
}

#[tokio::test]
async fn subscriptions_are_told_of_as_they_are_now() {
    let b = Bench::new("dci-crvs", &[]).await;
    let partner = Partner::of(&b).await;
    let code = partner.subscribe("subscribed", &[everything(&b)]).await.code();
    let info = format!("{STATUS}/subscribe_response/0/subscriptions/0");
    for (attribute, value) in [
        ("transaction_id", json!("subscribed")),
        ("reference_id_list", json!(["subscribed-0"])),
        ("subscription_code_list", json!([code])),
    ] {
        let reply = partner.status("subscribe", attribute, value).await;
        assert_eq!(
            violations(&b, SYNC_TXN_STATUS, Side::Reply, &reply.json),
            [],
            "{attribute}"
        );
        assert_eq!(reply.at(&format!("{info}/code")), &json!(code), "{attribute}");
        assert_eq!(reply.at(&format!("{info}/status")), "subscribe");
    }
    partner.unsubscribe("ended", &[&code]).await;
    let reply = partner
        .status("subscribe", "subscription_code_list", json!([code]))
        .await;
    assert_eq!(reply.at(&format!("{info}/status")), "unsubscribe");
    let reply = partner.status("unsubscribe", "transaction_id", "ended").await;
    assert_eq!(violations(&b, SYNC_TXN_STATUS, Side::Reply, &reply.json), []);
    assert_eq!(reply.at(&format!("{STATUS}/status")), "succ");
    let ended = json!([{"code": code, "status": "unsubscribe"}]);
    assert_eq!(*reply.at(&format!("{STATUS}/subscription_status")), ended);
}

#[tokio::test]
async fn names_of_several_transactions_are_answered_together() {
    let b = Bench::new("dci-crvs", &[]).await;
    let partner = Partner::of(&b).await;
    let all = predicate(&[b.date_is("lt", "1940-01-01")]);
    for transaction in ["one", "two"] {
        partner.search(transaction, std::slice::from_ref(&all)).await;
    }
    let reply = partner
        .status("search", "reference_id_list", json!(["one-0", "two-0"]))
        .await;
    let mut told = references(reply.at(STATUS));
    told.sort_unstable();
    assert_eq!(told, ["one-0", "two-0"]);
    assert_eq!(reply.at(STATUS)["transaction_id"], "two", "the newest of these");
}

#[tokio::test]
async fn a_question_can_be_answered_later() {
    let b = Bench::new("dci-economic-support", &[]).await;
    let partner = Partner::of(&b).await;
    let request = crate::bench::envelope("later", &[predicate(&[b.date_is("lt", "1960-01-01")])]);
    let request = crate::bench::with(
        &request,
        "/header/sender_uri",
        Some(partner.receiver.url.as_str().into()),
    );
    let searched = partner.ask("/registry/search", &request).await;
    let told = partner
        .ask(
            TXN_STATUS,
            &partner.question("q", "search", "transaction_id", "later"),
        )
        .await;
    let body = &told.callback.as_ref().unwrap().body;
    assert_eq!(violations(&b, "/registry/txn/on-status", Side::Request, body), []);
    assert_eq!(
        told.at("/message/correlation_id"),
        *told.ack.at("/message/correlation_id")
    );
    assert_eq!(
        told.at(&format!("{STATUS}/correlation_id")),
        *searched.ack.at("/message/correlation_id")
    );
    assert_eq!(
        told.at(&format!("{STATUS}/search_response/0/data")),
        searched.at("/message/search_response/0/data")
    );
    let told = partner
        .ask(
            TXN_STATUS,
            &partner.question("q", "search", "transaction_id", "never"),
        )
        .await;
    assert_eq!((told.ack.status, told.at("/header/status")), (200, json!("rjct")));
    assert_eq!(told.at("/message"), Value::Null);
}
