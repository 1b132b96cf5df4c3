//! Probes of how a registry treats faulty requests.

use crate::bench::{Bench, Reply, envelope, joined, predicate, with};
use serde_json::{Value, json};

const SYNC: &str = "/registry/sync/search";
const SEARCH: &str = "/message/search_request/0";

fn is_success(reply: &Reply) -> bool {
    reply.status == 200 && reply.at("/header/status") != "rjct"
}

pub(crate) async fn holds(requirement: &str, b: &Bench) -> bool {
    let honest = envelope("request", &[predicate(&[b.date_is("ge", "2000-11-02")])]);
    let but = |pointer: &str, value: Value| with(&honest, pointer, Some(value));
    let within = |pointer: &str, value: Value| with(&honest, &format!("{SEARCH}{pointer}"), Some(value));
    let without = |pointer: &str| with(&honest, pointer, None);
    // Each of these must be refused.
    let refused = async |faulty: Vec<Value>| {
        for request in faulty {
            if is_success(&b.sync_search(&request).await) {
                return false;
            }
        }
        true
    };
    match requirement {
        "dci.request.action" => refused(vec![but("/header/action", json!("subscribe"))]).await,
        "dci.form.search.message.search-request.search-criteria.pagination.page-size.range" => {
            refused(vec![
                but("/message/search_request", json!([])),
                but("/message/transaction_id", json!("x".repeat(100))),
                within("/search_criteria/query", json!([])),
                within("/search_criteria/pagination", json!({"page_size": 0})),
                within(
                    "/search_criteria/pagination",
                    json!({"page_size": 5, "page_number": 0}),
                ),
                but("/header/message_id", json!("")),
            ])
            .await
        }
        "dci.form.search.message.search-request.search-criteria.query.expression1.operator.enum" => {
            let like = b.date_is("like", "2000-11-02");
            refused(vec![
                within("/search_criteria/query_type", json!("graphql")),
                within("/search_criteria/query", json!([{"expression1": like}])),
                within(
                    "/search_criteria",
                    joined(
                        &b.date_is("gt", "1950-01-01"),
                        "xor",
                        &b.date_is("gt", "1960-01-01"),
                    ),
                ),
            ])
            .await
        }
        "dci.form.search.message.search-request.locale.pattern" => {
            refused(vec![
                within("/locale", json!("en")),
                within("/locale", json!("e1g")),
            ])
            .await
        }
        "dci.form.search.message.transaction-id.required" => {
            refused(
                [
                    "/header/message_id",
                    "/message/transaction_id",
                    "/header/sender_id",
                    "/header/total_count",
                ]
                .iter()
                .map(|pointer| without(pointer))
                .chain(
                    [
                        "/reference_id",
                        "/timestamp",
                        "/search_criteria",
                        "/search_criteria/query",
                    ]
                    .iter()
                    .map(|pointer| without(&format!("{SEARCH}{pointer}"))),
                )
                .collect(),
            )
            .await
        }
        "dci.form.request-header.message-ts.format" => {
            refused(vec![
                but("/header/message_ts", json!("2026-01-05T12:00:00")),
                but("/header/message_ts", json!("yesterday")),
                within("/timestamp", json!("05/01/2026")),
            ])
            .await
        }
        "dci.form.search.message.transaction-id.type" => {
            refused(vec![
                but("/header/message_id", json!(5)),
                but("/message/transaction_id", json!(123)),
                but("/header/total_count", json!("1")),
                but("/message", json!("x")),
                within("/search_criteria", json!([])),
                within("/search_criteria/query", json!("x")),
                within("/search_criteria/pagination", json!({"page_size": "5"})),
            ])
            .await
        }
        "dci.request.media-type" => {
            let bearer = format!("Bearer {}", b.token);
            let headers = [("content-type", "text/plain"), ("authorization", bearer.as_str())];
            !is_success(&b.send(SYNC, &headers, honest.to_string()).await)
        }
        "dci.request.not-json" => {
            !is_success(&b.call(SYNC, "{\"header\":").await) && !is_success(&b.call(SYNC, "").await)
        }
        "dci.request.shape" => {
            let null = r#"{"header": null, "message": null}"#;
            !is_success(&b.call(SYNC, "[]").await) && !is_success(&b.call(SYNC, null).await)
        }
        "dci.request.survives" => {
            b.call(SYNC, &" ".repeat(2_000_000)).await;
            b.call(SYNC, &"[".repeat(100_000)).await;
            let deep = format!("{}1{}", "{\"a\":".repeat(110), "}".repeat(110));
            b.call(SYNC, &deep).await;
            is_success(&b.sync_search(&honest).await)
        }
        "dci.request.valid-accepted" => {
            let full = json!({"anything": {"at": ["all"]}});
            is_success(&b.sync_search(&but("/header/meta", full)).await)
                && is_success(
                    &b.sync_search(&but("/header/is_msg_encrypted", json!(false)))
                        .await,
                )
                && is_success(&b.sync_search(&within("/locale", json!("eng"))).await)
                && is_success(
                    &b.sync_search(&but("/message/transaction_id", json!("x".repeat(99))))
                        .await,
                )
        }
        "dci.refusal.form" => {
            let reply = b.sync_search(&without("/header/message_id")).await;
            is_success(&reply)
                || reply.at("/header/status") == "rjct"
                || reply.at("/errors/0/code").is_string()
        }
        "dci.refusal.no-server-error" => b.sync_search(&but("/message", json!(5))).await.status < 500,
        other => panic!("no probe for {other}"),
    }
}
