//! A mock that does not check something really accepts what lacks it, and survives reading it.

use crate::bench::{Bench, envelope, joined, with};
use crate::exchange_probes::MAILBOX;
use mock_server::Defect;
use serde_json::{Value, json};

const SEARCH: &str = "/message/search_request/0";

/// A request that uses every member whose absence, type or value can be wrong.
fn full(b: &Bench) -> Value {
    let criteria = joined(
        &b.date_is("ge", "1950-01-01"),
        "and",
        &b.date_is("le", "2000-01-01"),
    );
    let criteria = with(
        &criteria,
        "/sort",
        Some(json!([{"attribute_name": "birth_date", "sort_order": "desc"}])),
    );
    let criteria = with(
        &criteria,
        "/pagination",
        Some(json!({"page_size": 5, "page_number": 1})),
    );
    let criteria = with(&criteria, "/response_entity", Some("Member".into()));
    let request = envelope("lenient", &[criteria]);
    let request = with(&request, &format!("{SEARCH}/locale"), Some("eng".into()));
    with(&request, "/header/is_msg_encrypted", Some(false.into()))
}

/// Every member of the value, by pointer, the value itself excluded.
fn members(value: &Value, at: &str, found: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (format!("{at}/{name}"), value))
            .collect(),
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(i, item)| members(item, &format!("{at}/{i}"), found));
            return;
        }
        _ => return,
    };
    for (pointer, value) in inner {
        members(value, &pointer, found);
        found.push(pointer);
    }
}

fn all_members(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    members(value, "", &mut found);
    found
}

async fn is_accepted(b: &Bench, request: &Value) -> bool {
    let sync = b.sync_search(request).await;
    let ack = b.search(request).await;
    sync.status == 200 && sync.at("/header/status") == "succ" && ack.at("/message/ack_status") == "ACK"
}

#[tokio::test]
async fn a_registry_that_misses_nothing_accepts_what_lacks_anything() {
    let b = Bench::new("dci-social", &[Defect::RequiredUnchecked]).await;
    for pointer in all_members(&full(&b)) {
        assert!(
            is_accepted(&b, &with(&full(&b), &pointer, None)).await,
            "without {pointer}"
        );
    }
    assert!(is_accepted(&b, &json!({})).await);
    assert!(!is_accepted(&b, &json!([])).await, "but the types are checked");
}

#[tokio::test]
async fn a_registry_that_converts_everything_accepts_any_type() {
    let b = Bench::new("dci-social", &[Defect::TypeUnchecked]).await;
    for pointer in all_members(&full(&b)) {
        // The lists of values hold whatever the type; they are not what this defect is about.
        let listed = [
            "action",
            "query_type",
            "operator",
            "condition",
            "sort_order",
            "response_entity",
        ];
        if listed.iter().any(|name| pointer.ends_with(name)) {
            continue;
        }
        for wrong in [json!(5), json!(true), json!([]), json!("text")] {
            let request = with(&full(&b), &pointer, Some(wrong.clone()));
            let formatted = ["timestamp", "message_ts", "locale", "page_size", "page_number"];
            let bounded = [json!([]), json!("text")].contains(&wrong);
            if bounded
                && (pointer.ends_with("query") || pointer.ends_with("search_request"))
                && wrong == json!([])
                || wrong == json!("text") && formatted.iter().any(|name| pointer.ends_with(name))
                || pointer.ends_with("attribute_name") && wrong == json!("text")
                // That is of the right type, and the message is not encrypted.
                || pointer.ends_with("is_msg_encrypted") && wrong == json!(true)
            {
                continue;
            }
            assert!(is_accepted(&b, &request).await, "{pointer} {wrong}");
        }
    }
}

#[tokio::test]
async fn a_registry_that_guesses_accepts_any_value() {
    let b = Bench::new("dci-social", &[Defect::EnumUnchecked]).await;
    let listed = [
        "query_type",
        "operator",
        "condition",
        "sort_order",
        "response_entity",
    ];
    let pointers = all_members(&full(&b));
    for pointer in pointers
        .iter()
        .filter(|p| listed.iter().any(|name| p.ends_with(name)))
    {
        assert!(
            is_accepted(&b, &with(&full(&b), pointer, Some("whatever".into()))).await,
            "{pointer}"
        );
    }
    assert!(!is_accepted(&b, &with(&full(&b), "/header/action", Some("whatever".into()))).await);
}

#[tokio::test]
async fn a_registry_without_bounds_accepts_any_size() {
    let b = Bench::new("dci-social", &[Defect::BoundsUnchecked]).await;
    for (pointer, value) in [
        ("/header/message_id", json!("")),
        ("/header/total_count", json!(-1)),
        ("/message/transaction_id", json!("x".repeat(5000))),
        ("/message/transaction_id", json!("")),
        ("/message/search_request", json!([])),
        ("/message/search_request/0/reference_id", json!("")),
        ("/message/search_request/0/search_criteria/query", json!([])),
        (
            "/message/search_request/0/search_criteria/pagination",
            json!({"page_size": 0, "page_number": 0}),
        ),
        (
            "/message/search_request/0/search_criteria/pagination",
            json!({"page_size": -7, "page_number": -7}),
        ),
    ] {
        assert!(
            is_accepted(&b, &with(&full(&b), pointer, Some(value.clone()))).await,
            "{pointer} {value}"
        );
    }
}

#[tokio::test]
async fn an_exchange_that_misses_nothing_accepts_a_header_without_anything() {
    let b = Bench::new("digit-exchange", &[Defect::ExchangeRequiredUnchecked]).await;
    let honest = b.message("{}", MAILBOX);
    for name in [
        "message_id",
        "message_ts",
        "action",
        "sender_id",
        "sender_uri",
        "receiver_id",
    ] {
        let ack = b
            .exchange("program", &with(&honest, &format!("/header/{name}"), None))
            .await;
        assert_eq!(ack.at("/message/ack_status"), "ACK", "{name}");
    }
    let ack = b.exchange("program", &with(&honest, "/header", None)).await;
    assert_eq!(ack.at("/message/ack_status"), "ACK");
}

#[tokio::test]
async fn an_exchange_that_converts_everything_accepts_any_type() {
    let b = Bench::new("digit-exchange", &[Defect::ExchangeTypeUnchecked]).await;
    let honest = b.message("{\"a\":1}", MAILBOX);
    for (pointer, wrong) in [
        ("/header/message_id", json!(5)),
        ("/header/message_ts", json!({})),
        ("/header/sender_uri", json!(["x"])),
        ("/header/is_msg_encrypted", json!("no")),
        ("/message", json!({"a": 1})),
    ] {
        let ack = b.exchange("program", &with(&honest, pointer, Some(wrong))).await;
        assert_eq!(ack.at("/message/ack_status"), "ACK", "{pointer} {ack:?}");
    }
}
