//! Probes of subscriptions and notifications.

use crate::bench::{Bench, with};
use crate::talk::{
    Partner, Side, Told, count, event, event_type, everything, renumbered, somebody, violations,
};
use crate::talk::{SUBSCRIBE, UNSUBSCRIBE, wanting};
use serde_json::{Value, json};
use std::time::Duration;

const ITEM: &str = "/message/subscribe_response/0";

pub(crate) async fn holds(requirement: &str, b: &Bench) -> bool {
    let name = requirement.rsplit('.').next().unwrap();
    match requirement.split('.').nth(1).unwrap() {
        "subscribe" => subscribe(name, b).await,
        "unsubscribe" => unsubscribe(name, b).await,
        _ => notify(name, b).await,
    }
}

/// Probes that the answers to all asynchronous operations share; `None` for a name that is none of them.
pub(crate) fn answered(
    b: &Bench,
    name: &str,
    told: &Told,
    paths: [&str; 2],
    action: &str,
    asked: &str,
) -> Option<bool> {
    let [path, callback_path] = paths;
    let ack = |pointer: &str| told.ack.at(pointer).clone();
    let got = told.callback.is_some();
    Some(match name {
        "ack" => ack("/message/ack_status") == "ACK",
        "ack-form" => violations(b, path, Side::Reply, &told.ack.json).is_empty(),
        "callback" => got,
        "callback-form" => {
            // The action is the business of another probe.
            let body = told
                .callback
                .as_ref()
                .map(|c| with(&c.body, "/header/action", Some(action.into())));
            body.is_none_or(|body| violations(b, callback_path, Side::Request, &body).is_empty())
        }
        "callback-action" => !got || told.at("/header/action") == action,
        "callback-correlation" => {
            let acknowledged = ack("/message/correlation_id");
            !got || acknowledged.is_null() || told.at("/message/correlation_id") == acknowledged
        }
        "callback-transaction" => !got || told.at("/message/transaction_id") == asked,
        _ => return None,
    })
}

async fn subscribe(name: &str, b: &Bench) -> bool {
    let partner = Partner::of(b).await;
    if name == "no-callback-after-err" {
        let request = partner.subscription("err", &[everything(b)]);
        partner
            .ask(SUBSCRIBE, &with(&request, "/header/total_count", Some(json!([]))))
            .await;
        return partner.receiver.is_silent().await;
    }
    if name == "sequence" {
        return sequence(&partner, b).await;
    }
    if name == "unknown-event" {
        let told = partner
            .subscribe("t", &[wanting(b, "NeverHeardOf", &b.date_is("gt", "1900-01-01"))])
            .await;
        return told.callback.is_none() || told.at(&format!("{ITEM}/status")) == "rjct";
    }
    let told = partner.subscribe("t", &[everything(b)]).await;
    let paths = [SUBSCRIBE, "/registry/on-subscribe"];
    if let Some(holds) = answered(b, name, &told, paths, "on-subscribe", "t") {
        return holds;
    }
    let Some(callback) = &told.callback else {
        return true;
    };
    match name {
        "callback-once" => partner.receiver.is_silent().await,
        "callback-reference" => told.at(&format!("{ITEM}/reference_id")) == "t-0",
        "callback-after-ack" => callback.at + Duration::from_millis(100) >= told.acknowledged,
        "codes-unique" => {
            let other = partner
                .elsewhere()
                .await
                .subscribe("other", &[everything(b)])
                .await;
            told.code() != other.code()
        }
        "duplicate" => {
            let request = partner.subscription("again", &[everything(b)]).to_string();
            b.call(SUBSCRIBE, &request).await;
            let code = format!("{ITEM}/status_reason_code");
            while let Some(callback) = partner.receiver.promptly().await {
                let code = callback.body.pointer(&code);
                if code.is_some_and(|code| code == "rjct.event.already_subscribed") {
                    return true;
                }
            }
            false
        }
        other => panic!("no probe for {other}"),
    }
}

/// Of two subscriptions one ends, can be made again, and leaves the other as it is.
async fn sequence(partner: &Partner<'_>, b: &Bench) -> bool {
    let one = partner.subscribe("one", &[everything(b)]).await.code();
    let other = partner.elsewhere().await;
    let two = other.subscribe("two", &[everything(b)]).await.code();
    let ended = partner.elsewhere().await.unsubscribe("end", &[&one]).await;
    let again = partner.subscribe("again", &[everything(b)]).await;
    let second = other.elsewhere().await.unsubscribe("both", &[&two]).await;
    let blames = |told: &Told, pointer: &str| told.callback.is_some() && told.at(pointer) == "rjct";
    // Codes that are told to nobody, or to everybody, and ends of nothing, are the business of other probes.
    one.is_empty()
        || one == two
        || ended.at("/message/status") != "succ"
        || !blames(&again, &format!("{ITEM}/status")) && !blames(&second, "/message/status")
}

async fn unsubscribe(name: &str, b: &Bench) -> bool {
    let partner = Partner::of(b).await;
    if name == "unknown-code" {
        let told = partner.unsubscribe("t", &["nobody's"]).await;
        return told.callback.is_none() || told.at("/message/status") == "rjct";
    }
    let code = partner.subscribe("s", &[everything(b)]).await.code();
    // Who is never told a code has nothing to end.
    let codes = if code.is_empty() { "unknown" } else { &code };
    let partner = partner.elsewhere().await;
    let told = partner.unsubscribe("t", &[codes]).await;
    let paths = [UNSUBSCRIBE, "/registry/on-unsubscribe"];
    if let Some(holds) = answered(b, name, &told, paths, "on-unsubscribe", "t") {
        return holds;
    }
    if code.is_empty() || told.callback.is_none() {
        return true;
    }
    match name {
        "codes" => {
            told.at("/message/subscription_status") == json!([{"code": code, "status": "unsubscribe"}])
        }
        "twice" => {
            let again = partner.unsubscribe("again", &[&code]).await;
            again.at("/message/status_reason_code") == "rjct.event.already_unsubscribed"
        }
        other => panic!("no probe for {other}"),
    }
}

async fn notify(name: &str, b: &Bench) -> bool {
    let partner = Partner::of(b).await;
    let record = renumbered(b, &somebody(b).await, "7777777777");
    let told = partner.subscribe("t", &[everything(b)]).await;
    let happening = json!({"reg_event_type": event_type(b), "record": record});
    match name {
        "event-type" => {
            let registry = b.profile.registry.as_ref().unwrap();
            // A registry with one type of event cannot tell of another.
            let Some(other) = registry.event_types.get(1) else {
                return true;
            };
            event(b, &json!({"reg_event_type": other, "record": record})).await;
            return partner.hears_of_no_event().await;
        }
        "filter" => {
            let picky = Partner::named(b, "picky.example.org").await;
            picky
                .subscribe("p", &[wanting(b, event_type(b), &b.date_is("lt", "1900-01-01"))])
                .await;
            event(b, &happening).await;
            return picky.hears_of_no_event().await;
        }
        "sequence" => {
            partner.elsewhere().await.unsubscribe("u", &[&told.code()]).await;
            let again = partner.subscribe("again", &[everything(b)]).await.code();
            event(b, &happening).await;
            return again.is_empty() || partner.notification().await.is_some();
        }
        "stops" => {
            partner.elsewhere().await.unsubscribe("u", &[&told.code()]).await;
            event(b, &happening).await;
            return told.code().is_empty() || partner.hears_of_no_event().await;
        }
        _ => event(b, &happening).await,
    };
    if name == "found" {
        return count(b, "7777777777").await == 1;
    }
    let Some(notification) = partner.notification().await else {
        return name != "delivered";
    };
    let at = |pointer: &str| notification.body.pointer(pointer).cloned().unwrap_or_default();
    match name {
        "delivered" => true,
        "once" => partner.hears_of_no_event().await,
        "action" => at("/header/action") == "notify",
        "record-form" => {
            at("/message/notify_event/0/data/reg_records") == json!([record])
                && at("/message/notify_event/0/data/reg_record_type") != "Record"
        }
        "transaction" => {
            let reference: Value = at("/message/notify_event/0/reference_id");
            at("/message/transaction_id") == "t" && reference == "t-0"
        }
        other => panic!("no probe for {other}"),
    }
}
