//! Probes of questions about transactions.

use crate::bench::{Bench, predicate, with};
use crate::subscription_probes::answered;
use crate::talk::{Partner, SYNC_TXN_STATUS, Side, TXN_STATUS, everything, violations};
use serde_json::{Value, json};

const STATUS: &str = "/message/txnstatus_response/txn_status";

pub(crate) async fn holds(requirement: &str, b: &Bench) -> bool {
    let name = requirement.rsplit('.').next().unwrap();
    let partner = Partner::of(b).await;
    let all = predicate(&[b.date_is("gt", "1900-01-01")]);
    let searched = partner.search("searched", &[all.clone(), all]).await;
    let question = partner.question("t", "search", "transaction_id", "searched");
    if name.starts_with("ack") || name.starts_with("callback") {
        let told = partner.ask(TXN_STATUS, &question).await;
        let paths = [TXN_STATUS, "/registry/txn/on-status"];
        return answered(b, name, &told, paths, "txn-on-status", "t").unwrap();
    }
    let reply = b.call(SYNC_TXN_STATUS, &question.to_string()).await;
    let references = |reply: &crate::bench::Reply| -> Vec<Value> {
        let items = reply.at(&format!("{STATUS}/search_response")).as_array().cloned();
        items
            .unwrap_or_default()
            .iter()
            .map(|item| item["reference_id"].clone())
            .collect()
    };
    match name {
        "reply-form" => {
            let body = with(&reply.json, "/header/action", Some("txn-on-status".into()));
            violations(b, SYNC_TXN_STATUS, Side::Reply, &body).is_empty()
        }
        "reply-action" => reply.at("/header/action") == "txn-on-status",
        "echo-transaction" => reply.at("/message/transaction_id") == "t",
        "sequence" => {
            let all = predicate(&[b.date_is("gt", "1900-01-01")]);
            partner.search("later", &[all]).await;
            let again = b.call(SYNC_TXN_STATUS, &question.to_string()).await;
            // What is never told is the business of other probes.
            references(&again) == references(&reply)
        }
        "of-search" => references(&reply) == ["searched-0", "searched-1"],
        "of-reference" => {
            let reply = partner
                .status("search", "reference_id_list", json!(["searched-1"]))
                .await;
            reply.at("/header/status") == "succ" && !references(&reply).contains(&"searched-0".into())
        }
        "by-correlation" => {
            let correlation = searched.at("/message/correlation_id").clone();
            let reply = partner.status("search", "correlation_id", correlation).await;
            reply.at(&format!("{STATUS}/transaction_id")) == "searched"
        }
        "of-subscription" => {
            let code = partner.subscribe("s", &[everything(b)]).await.code();
            if code.is_empty() {
                return true;
            }
            let reply = partner
                .status("subscribe", "subscription_code_list", json!([code]))
                .await;
            reply.at(&format!("{STATUS}/subscribe_response/0/subscriptions/0/code")) == &json!(code)
        }
        "unknown" => {
            let reply = partner.status("search", "transaction_id", "never").await;
            reply.at("/header/status") == "rjct" && reply.json["message"].is_null()
        }
        other => panic!("no probe for {other}"),
    }
}
