//! Probes of searching, at once and with a callback.

use crate::bench::{Bench, Reply, envelope, joined, predicate, with};
use crate::receiver::{Callback, Receiver};
use serde_json::{Value, json};
use specs::document::Document;
use specs::schema::Schema;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const ITEM: &str = "/message/search_response/0";

/// How many people are older and younger than about half of the others.
const MIDDLE: &str = "1985-01-01";

fn everybody(b: &Bench) -> Value {
    predicate(&[b.date_is("gt", "1900-01-01")])
}

fn by_identifier(kind: &str, value: &str) -> Value {
    json!({"query_type": "idtype-value", "query": {"type": kind, "value": value}})
}

fn paged(criteria: &Value, size: usize, number: usize) -> Value {
    with(
        criteria,
        "/pagination",
        Some(json!({"page_size": size, "page_number": number})),
    )
}

fn sorted(b: &Bench, order: &str) -> Value {
    let name = &b.profile.registry.as_ref().unwrap().date_attribute;
    with(
        &everybody(b),
        "/sort",
        Some(json!([{"attribute_name": name, "sort_order": order}])),
    )
}

/// A search in another registry.
fn elsewhere(b: &Bench) -> Value {
    with(
        &everybody(b),
        "/reg_type",
        Some("ns:org:RegistryType:Elsewhere".into()),
    )
}

fn has_form(b: &Bench, path: &str, body: &Value) -> bool {
    let document = Document::bundled(&b.profile.document).unwrap();
    let operation = document.operation("POST", path).unwrap();
    let schema = &operation.responses["default"].content["application/json"];
    Schema::compile(schema).unwrap().violations(body).is_empty()
}

async fn sync(b: &Bench, transaction: &str, criteria: &[Value]) -> Reply {
    b.sync_search(&envelope(transaction, criteria)).await
}

pub(crate) async fn holds(requirement: &str, b: &Bench) -> bool {
    match requirement.split('.').nth(1).unwrap() {
        "sync-search" => at_once(requirement, b).await,
        "search" => with_callback(requirement, b).await,
        _ => {
            let (one, two) = (
                sync(b, "one", &[everybody(b)]).await,
                sync(b, "two", &[everybody(b)]).await,
            );
            one.at("/message/correlation_id") != two.at("/message/correlation_id")
                || one.json["message"].is_null()
        }
    }
}

async fn at_once(requirement: &str, b: &Bench) -> bool {
    let ids = async |criteria: Value| {
        let records = b.records(criteria).await;
        records
            .iter()
            .map(|r| b.id(r).to_owned())
            .collect::<BTreeSet<_>>()
    };
    let dates = async |criteria: Value| {
        let records = b.records(criteria).await;
        records
            .iter()
            .map(|r| b.date(r).get(..10).unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    let is = |operator: &str, value: &str| predicate(&[b.date_is(operator, value)]);
    match requirement.rsplit('.').next().unwrap() {
        "reply-form" => {
            let reply = sync(b, "form", &[everybody(b)]).await;
            // The records are the business of another probe.
            let bare = match reply.json.pointer(&format!("{ITEM}/data")) {
                Some(_) => with(&reply.json, &format!("{ITEM}/data"), None),
                None => reply.json,
            };
            has_form(b, "/registry/sync/search", &bare)
        }
        "reply-message" => {
            let reply = sync(b, "message", &[everybody(b)]).await;
            reply.at("/header/status") != "succ" || reply.json["message"].is_object()
        }
        "reply-action" => sync(b, "action", &[everybody(b)]).await.at("/header/action") == "on-search",
        "media-type" => sync(b, "media", &[everybody(b)]).await.header("content-type") == "application/json",
        "echo-transaction" => {
            let reply = sync(b, "echo", &[everybody(b)]).await;
            reply.json["message"].is_null() || reply.at("/message/transaction_id") == "echo"
        }
        "echo-reference" => {
            let reply = sync(b, "batch", &[everybody(b), is("lt", MIDDLE)]).await;
            let items = reply.at("/message/search_response").as_array().cloned();
            items.is_none_or(|items| {
                let echoed: Vec<_> = items.iter().map(|i| i["reference_id"].clone()).collect();
                echoed == ["batch-0", "batch-1"]
            }) && {
                let reply = sync(b, "mixed", &[elsewhere(b), everybody(b)]).await;
                let items = reply.at("/message/search_response").as_array().cloned();
                items.is_none_or(|items| items.len() != 1)
            }
        }
        "condition-not" => {
            let neither = joined(&b.date_is("ge", "1950-01-01"), "not", &b.date_is("ge", MIDDLE));
            dates(neither)
                .await
                .iter()
                .all(|date| date.contains('/') || date.as_str() < MIDDLE)
        }
        "batch-union" => {
            let reply = sync(b, "union", &[everybody(b), is("lt", "1001-01-01")]).await;
            let second = reply.at("/message/search_response/1/data/reg_records");
            second.as_array().is_none_or(Vec::is_empty)
        }
        "bad-item" => {
            let reply = sync(b, "bad", &[everybody(b), elsewhere(b)]).await;
            reply.at("/message/search_response/1/status") != "succ"
                || sync(b, "alone", &[elsewhere(b)])
                    .await
                    .at(&format!("{ITEM}/status"))
                    != "rjct"
        }
        "reg-type" => {
            let ours = b.profile.registry.as_ref().unwrap().reg_type.clone();
            let reply = sync(b, "ours", &[everybody(b)]).await;
            let named = reply
                .at(&format!("{ITEM}/data/reg_type"))
                .as_str()
                .map(str::to_owned);
            let other = sync(b, "theirs", &[elsewhere(b)]).await;
            let found = other.at(&format!("{ITEM}/data/reg_records")).as_array().cloned();
            (named.is_none() || named == ours) && found.is_none_or(|found| found.is_empty())
        }
        "total-count" => sync(b, "count", &[everybody(b)]).await.at("/header/total_count") == 1,
        "bounds" => {
            let (ge, gt, lt, le) = (
                ids(is("ge", MIDDLE)).await,
                ids(is("gt", MIDDLE)).await,
                ids(is("lt", MIDDLE)).await,
                ids(is("le", MIDDLE)).await,
            );
            let all = ids(everybody(b)).await;
            let split = |a: &BTreeSet<String>, b: &BTreeSet<String>| {
                a.is_disjoint(b) && a.len() + b.len() == all.len()
            };
            let reply = sync(b, "older", &[paged(&is("lt", MIDDLE), 1, 1)]).await;
            let total = reply.at(&format!("{ITEM}/pagination/total_count")).as_u64();
            // What a server counts that counts its pages, or nothing, is the business of other probes.
            let counted = total.is_none_or(|total| total <= 1 || total == lt.len() as u64);
            // A server that does not compare at all is the business of other probes.
            ge == all && lt == all || split(&ge, &lt) && split(&gt, &le) && counted
        }
        "predicate-satisfied" => {
            let found = dates(is("ge", "2010-01-01")).await;
            found
                .iter()
                .all(|date| date.len() == 10 && (date.as_str() >= "2010-01-01" || date.contains('/')))
        }
        "list-and" => {
            let both = predicate(&[b.date_is("ge", "1950-01-01"), b.date_is("le", MIDDLE)]);
            dates(both)
                .await
                .iter()
                .all(|date| date.contains('/') || date.as_str() <= MIDDLE)
        }
        "condition-and" => {
            let both = joined(&b.date_is("ge", "1950-01-01"), "and", &b.date_is("le", MIDDLE));
            dates(both)
                .await
                .iter()
                .all(|date| date.contains('/') || date.as_str() <= MIDDLE)
        }
        "condition-or" => {
            let either = joined(&b.date_is("lt", "1950-01-01"), "or", &b.date_is("gt", MIDDLE));
            let union: BTreeSet<_> = ids(is("lt", "1950-01-01"))
                .await
                .union(&ids(is("gt", MIDDLE)).await)
                .cloned()
                .collect();
            ids(either).await == union
        }
        "in" => {
            let all = dates(everybody(b)).await;
            let (Some(one), Some(other)) = (all.first(), all.get(4)) else {
                return true;
            };
            let days = json!([one, other, "1001-01-01"]);
            let found = dates(predicate(&[b.date_is("in", days)])).await;
            let has = |day: &String| found.iter().any(|d| d.starts_with(day) || d.contains('/'));
            has(one) && has(other)
        }
        "identifier" => {
            let all: Vec<String> = ids(everybody(b)).await.into_iter().collect();
            let Some(id) = all.first() else { return true };
            let found = ids(by_identifier("UIN", id)).await;
            let elsewhere = ids(by_identifier("BRN", id)).await;
            let prefix = ids(by_identifier("UIN", id.get(..3).unwrap_or_default())).await;
            found.len() == 1 && !elsewhere.contains(id) && !prefix.contains(id)
        }
        "no-match" => ids(by_identifier("UIN", "0000000000")).await.is_empty(),
        "seen-value-found" => {
            let records = b.records(everybody(b)).await;
            let Some(record) = records.first() else {
                return true;
            };
            let date = b.date(record);
            date.contains('/') || ids(is("eq", date)).await.contains(b.id(record))
        }
        "page-size" => {
            let reply = sync(b, "page", &[paged(&everybody(b), 7, 1)]).await;
            reply
                .at(&format!("{ITEM}/data/reg_records"))
                .as_array()
                .is_none_or(|page| page.len() <= 7)
        }
        "page-total" => {
            let reply = sync(b, "total", &[paged(&everybody(b), 7, 1)]).await;
            reply.json["message"].is_null()
                || *reply.at(&format!("{ITEM}/pagination/total_count")) == b.records(everybody(b)).await.len()
        }
        "pages-partition" => {
            let mut seen = Vec::new();
            for number in 1..=4 {
                seen.extend(
                    b.records(paged(&everybody(b), 50, number))
                        .await
                        .iter()
                        .map(|r| b.id(r).to_owned()),
                );
            }
            // A server that does not cut pages at all is the business of another probe.
            seen.len() > 200 || seen.iter().collect::<BTreeSet<_>>().len() == 200
        }
        "repeatable" => {
            let (one, two) = (
                b.records(is("ge", MIDDLE)).await,
                b.records(is("ge", MIDDLE)).await,
            );
            one == two
        }
        "sort" => {
            let (up, down) = (dates(sorted(b, "asc")).await, dates(sorted(b, "desc")).await);
            up.iter().any(|d| d.contains('/')) || up.is_sorted() && down.iter().rev().is_sorted()
        }
        "unknown-attribute" => {
            let unknown = json!({"attribute_name": "nothing", "operator": "eq", "attribute_value": "1"});
            sync(b, "u", &[predicate(&[unknown])]).await.at("/header/status") == "rjct"
        }
        "unknown-sort" => {
            let sort = json!([{"attribute_name": "nothing", "sort_order": "asc"}]);
            let criteria = with(&everybody(b), "/sort", Some(sort));
            sync(b, "u", &[criteria]).await.at("/header/status") == "rjct"
        }
        other => panic!("no probe for {other}"),
    }
}

/// An acknowledged search, and its callback.
struct Exchange {
    ack: Reply,
    acknowledged: Instant,
    callback: Option<Callback>,
    receiver: Receiver,
}

async fn exchange(b: &Bench, criteria: Value) -> Exchange {
    let receiver = Receiver::start().await;
    let request = envelope("async", &[criteria]);
    let ack = b
        .search(&with(
            &request,
            "/header/sender_uri",
            Some(receiver.url.as_str().into()),
        ))
        .await;
    let acknowledged = Instant::now();
    let patience = if ack.status == 200 {
        receiver.soon().await
    } else {
        None
    };
    Exchange {
        ack,
        acknowledged,
        callback: patience,
        receiver,
    }
}

async fn with_callback(requirement: &str, b: &Bench) -> bool {
    if requirement == "dci.search.no-callback-after-err" {
        let receiver = Receiver::start().await;
        let request = envelope("err", &[everybody(b)]);
        let request = with(&request, "/header/sender_uri", Some(receiver.url.as_str().into()));
        b.search(&with(&request, "/header/total_count", Some(json!([]))))
            .await;
        return receiver.is_silent().await;
    }
    if requirement == "dci.search.in-flight" {
        let _ = exchange(b, everybody(b)).await;
        let nobody = exchange(b, predicate(&[b.date_is("lt", "1001-01-01")])).await;
        return nobody.callback.is_none_or(|callback| {
            let found = callback.body.pointer(&format!("{ITEM}/data/reg_records"));
            found.and_then(Value::as_array).is_none_or(Vec::is_empty)
        });
    }
    if requirement == "dci.search.unwilling-consumer" {
        // Nobody listens there.
        let request = with(
            &envelope("away", &[everybody(b)]),
            "/header/sender_uri",
            Some("http://127.0.0.1:9/".into()),
        );
        b.search(&request).await;
        tokio::time::sleep(Duration::from_millis(900)).await;
        for after in ["after", "after that", "and after that"] {
            if sync(b, after, &[everybody(b)]).await.status >= 500 {
                // What is looked at next is to meet a service.
                tokio::time::sleep(Duration::from_millis(900)).await;
                return false;
            }
        }
        return true;
    }
    let Exchange {
        ack,
        acknowledged,
        callback,
        receiver,
    } = exchange(b, everybody(b)).await;
    let name = requirement.rsplit('.').next().unwrap();
    if name == "ack" {
        let faulty = b
            .search(&with(&envelope("x", &[json!({})]), "/message", Some(json!(1))))
            .await;
        return ack.at("/message/ack_status") == "ACK" && faulty.at("/message/ack_status") != "ACK";
    }
    if name == "ack-form" {
        return has_form(b, "/registry/search", &ack.json);
    }
    let Some(Callback { at, body, .. }) = callback else {
        return name != "callback";
    };
    let at_pointer = |pointer: &str| body.pointer(pointer).cloned().unwrap_or_default();
    match name {
        "callback" => true,
        "agrees-with-sync" => {
            let records = at_pointer(&format!("{ITEM}/data/reg_records"));
            records == Value::Array(b.records(everybody(b)).await)
        }
        "callback-action" => at_pointer("/header/action") == "on-search",
        "callback-after-ack" => at + Duration::from_millis(100) >= acknowledged,
        "callback-correlation" => {
            let acked = ack.at("/message/correlation_id");
            acked.is_null() || at_pointer("/message/correlation_id") == *acked
        }
        "callback-form" => has_form(b, "/registry/sync/search", &body),
        "callback-once" => receiver.is_silent().await,
        "callback-reference" => at_pointer(&format!("{ITEM}/reference_id")) == "async-0",
        "callback-transaction" => at_pointer("/message/transaction_id") == "async",
        other => panic!("no probe for {other}"),
    }
}
