//! Which reading of an open clause a target was seen to follow.

use crate::oracle::{Answer, Item, Read, classify_read};
use serde_json::Value;
use specs::catalogue::{Catalogue, Profile};
use specs::evidence::{Callback, Intent, Observation};

/// A reading and the alternative that was seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Taken {
    /// Reading id.
    pub reading: &'static str,
    /// Alternative id.
    pub alternative: &'static str,
}

/// What the observations of a case show about the readings that the profile names.
pub fn taken(profile: &Profile, seen: &[Observation]) -> Vec<Taken> {
    let mut taken: Vec<Taken> = Vec::new();
    for observation in seen {
        match observation {
            Observation::Exchange(exchange) => take_exchange(profile, &Read::of(exchange), &mut taken),
            Observation::Callback(callback) => of_callback(callback, &mut noting(profile, &mut taken)),
            Observation::Wait { .. } | Observation::Opened { .. } => {}
        }
    }
    taken
}

/// Adds what an exchange shows about the readings that the profile names.
pub fn take_exchange(profile: &Profile, read: &Read<'_>, taken: &mut Vec<Taken>) {
    of_exchange(read, &mut noting(profile, taken));
}

fn noting(profile: &Profile, taken: &mut Vec<Taken>) -> impl FnMut(&'static str, &'static str) {
    move |reading, alternative| {
        let new = Taken { reading, alternative };
        let named = profile.readings.contains_key(reading);
        if (named || departs(reading, alternative)) && !taken.contains(&new) {
            taken.push(new);
        }
    }
}

/// Whether somebody who takes this alternative departs from the default, which leaves no choice.
fn departs(reading: &str, alternative: &str) -> bool {
    let default = Catalogue::bundled().reading(reading).map(|r| r.default.as_str());
    default.is_some_and(|default| default != alternative && !["either", "any"].contains(&default))
}

fn of_callback(callback: &Callback, note: &mut impl FnMut(&'static str, &'static str)) {
    let body = callback.request.body.json().unwrap_or_default();
    if callback
        .request
        .headers
        .iter()
        .any(|(name, _)| name == "authorization")
    {
        note("dci.callback-token", "bearer");
    }
    of_answer(&body, note);
    // The message of an exchange is a text; that of a registry never is.
    let exchanged = |body: Value| body.get("message").is_some_and(Value::is_string);
    match (
        callback.request.body.json().is_some_and(exchanged),
        callback.path_suffix.is_empty(),
    ) {
        (true, true) => note("digit.reply-address", "verbatim"),
        // The register knows no other address that would lead to us.
        (true, false) => {}
        (false, true) => note("dci.callback-address", "verbatim"),
        (false, false) => note("dci.callback-address", "with-operation"),
    }
}

fn of_exchange(read: &Read<'_>, note: &mut impl FnMut(&'static str, &'static str)) {
    let exchange = read.exchange;
    let Some(response) = exchange.response() else {
        return;
    };
    let Some(body) = read.response() else { return };
    let answer = classify_read(read);
    let exchange_family = exchange.operation == "exchange";
    if answer == Answer::Refused && matches!(exchange.intent, Intent::Faulty { .. }) && response.status != 401
    {
        let reading = if exchange_family {
            "digit.refusal"
        } else {
            "dci.refusal"
        };
        note(
            reading,
            if response.status >= 400 {
                "client-error"
            } else {
                "ok-with-rejection"
            },
        );
    }
    if answer != Answer::Accepted {
        return;
    }
    of_answer(body, note);
    match exchange.operation.as_str() {
        "token" => {
            let asked = &exchange.request;
            let json = asked
                .headers
                .iter()
                .any(|(n, v)| n == "content-type" && v.contains("json"));
            let form = match (asked.url.contains('?'), json) {
                (true, _) => "query",
                (false, true) => "json",
                (false, false) => "form",
            };
            note("dci.token-request", form);
            note(
                "dci.expires-in",
                match body.get("expires_in") {
                    Some(Value::String(_)) => "text",
                    Some(_) => "number",
                    None => "absent",
                },
            );
        }
        "sync-search" => of_reply(read, body, note),
        "search" | "subscribe" | "unsubscribe" | "txn-status" => note(
            "dci.ack-status",
            if response.status == 202 { "accepted" } else { "ok" },
        ),
        "exchange" => {
            if let Some(timestamp) = body.pointer("/message/timestamp") {
                note(
                    "digit.timestamp",
                    if timestamp.is_string() { "text" } else { "number" },
                );
            }
        }
        _ => {}
    }
}

/// What a reply or a callback of a registry shows, whatever it answers.
fn of_answer(body: &Value, note: &mut impl FnMut(&'static str, &'static str)) {
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
    if let Some(time) = text("/header/message_ts")
        && time.contains('T')
    {
        let zone = time.ends_with(['Z', 'z']) || time.get(19..).is_some_and(|rest| rest.contains(['+', '-']));
        note("dci.timestamp-zone", if zone { "required" } else { "optional" });
    }
    let message = body.get("message").unwrap_or(&Value::Null);
    let entry = |list: &str| message.get(list)?.get(0);
    if let Some(made) = entry("subscribe_response").and_then(|item| item.pointer("/subscriptions/0")) {
        let literal = made.get("subscription_code").is_some();
        note(
            "dci.subscription-info",
            if literal {
                "literal"
            } else {
                "code-status-timestamp"
            },
        );
        let header = body.pointer("/header/status").is_some();
        note(
            "dci.on-subscribe-header",
            if header { "callback" } else { "request" },
        );
    }
    if let Some(status) = entry("subscription_status").and_then(|entry| entry.get("status")) {
        let states = status == "unsubscribed";
        note("dci.subscription-status", if states { "states" } else { "verbs" });
    }
    match entry("notify_event").and_then(|event| event.pointer("/data/reg_records")) {
        Some(Value::Array(_)) => note("dci.notify-records", "list"),
        Some(Value::Object(_)) => note("dci.notify-records", "object"),
        _ => {}
    }
    match entry("enrolled_response").and_then(|item| item.get("enrolled_status")?.as_str()) {
        Some("yes" | "no") => note("dci.enrolled-status", "yes-no"),
        Some(code) if code.len() == 1 => note("dci.enrolled-status", "code"),
        _ => {}
    }
    if let Some(kind) = message
        .pointer("/txnstatus_response/txn_type")
        .and_then(Value::as_str)
    {
        let callback = kind.starts_with("on-");
        note("dci.txn-reply-type", if callback { "callback" } else { "plain" });
    }
}

fn of_reply(read: &Read<'_>, body: &Value, note: &mut impl FnMut(&'static str, &'static str)) {
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
    match text("/header/action") {
        Some("on-search") => note("dci.reply-action", "on-search"),
        Some("search") => note("dci.reply-action", "search"),
        _ => {}
    }
    if let (Some(transaction), Some(correlation)) =
        (text("/message/transaction_id"), text("/message/correlation_id"))
    {
        note(
            "dci.correlation",
            if transaction == correlation {
                "transaction-id"
            } else {
                "fresh"
            },
        );
    }
    match body.pointer("/message/search_response/0/data/reg_records") {
        Some(Value::Array(_)) => note("dci.reg-records", "array"),
        Some(Value::Object(_)) => note("dci.reg-records", "object"),
        _ => {}
    }
    if read.exchange.label == "nobody" {
        let items = crate::oracle::Reply::of(read.exchange)
            .map(|reply| reply.items)
            .unwrap_or_default();
        match items.first() {
            None => note("dci.no-match", "item-omitted"),
            Some(Item { has_data: false, .. }) => note("dci.no-match", "no-data"),
            Some(item) if item.records.is_empty() => note("dci.no-match", "empty-list"),
            Some(_) => {}
        }
    }
}

/// The question and the statement of an alternative, from the register.
pub fn words(taken: &Taken) -> Option<(&'static str, &'static str)> {
    let reading = Catalogue::bundled().reading(taken.reading)?;
    let alternative = reading.alternatives.iter().find(|a| a.id == taken.alternative)?;
    Some((&reading.question, &alternative.statement))
}
