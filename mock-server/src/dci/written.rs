//! Replies and callbacks as another reading has them written: what the mock says by itself, in another form.
//!
//! Without another way a message stays as it is.

mod item;

use super::kind::Kind;
use crate::readings::Way;
use crate::service::Service;
use item::{records, search_item, subscription};
use serde_json::{Map, Value, json};

/// A reply or callback as the profile has it written.
pub(super) fn written(cx: &Service, kind: Kind, mut body: Value) -> Value {
    if !cx.ways.exist() {
        return body;
    }
    message(cx, kind, &mut body);
    header(cx, kind, &mut body);
    if cx.ways.take(Way::ZoneOptional) {
        zoneless(&mut body);
    }
    if cx.ways.take(Way::EnrollmentReplyBare)
        && matches!(
            kind,
            Kind::Enrolled | Kind::EnrollmentUpdates | Kind::CheckEnrollment
        )
        && let Some(message) = body.get_mut("message")
    {
        return message.take();
    }
    body
}

fn header(cx: &Service, kind: Kind, body: &mut Value) {
    let takes = |way| cx.ways.take(way);
    let Some(Value::Object(header)) = body.get_mut("header") else {
        return;
    };
    if takes(Way::ReplyActionSearch) && kind == Kind::SyncSearch {
        header.insert("action".to_owned(), "search".into());
    }
    if takes(Way::CheckReplyOnSearch) && kind == Kind::CheckEnrollment {
        header.insert("action".to_owned(), "on-search".into());
    }
    if takes(Way::StatusActionOwn)
        && let Some(own) = own_action(kind)
    {
        header.insert("action".to_owned(), own.into());
    }
    if takes(Way::CompletedAbsent) && kind.is_callback() {
        header.shift_remove("total_count");
        header.shift_remove("completed_count");
    }
    if takes(Way::RejectionWithoutReason) {
        unreasoned(header);
    }
    absent(cx, header);
    if takes(Way::OnSubscribeRequestHeader) && matches!(kind, Kind::OnSubscribe | Kind::OnUnsubscribe) {
        unreasoned(header);
        header.shift_remove("status");
        header.shift_remove("completed_count");
        header.entry("total_count").or_insert_with(|| 1.into());
    }
}

/// A name of its own for the answer to a question about one person.
fn own_action(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Disabled => "on-disabled",
        Kind::Support => "on-get-disability-support",
        Kind::Details => "on-get-disability-details",
        Kind::Enrolled => "on-enrolled",
        Kind::CheckEnrollment => "on-check-enrollment",
        _ => return None,
    })
}

/// The members of an item or a header that say why it is rejected.
const REASONS: [&str; 2] = ["status_reason_code", "status_reason_message"];

fn unreasoned(members: &mut Map<String, Value>) {
    for name in REASONS {
        members.shift_remove(name);
    }
}

/// What has no value is written all the same.
fn absent(cx: &Service, members: &mut Map<String, Value>) {
    let value = if cx.ways.take(Way::AbsentNull) {
        Value::Null
    } else if cx.ways.take(Way::AbsentEmptyText) {
        "".into()
    } else {
        return;
    };
    members.entry("status_reason_message").or_insert(value);
}

/// What the header says where every search of a batch was rejected.
fn all_bad(body: &Value) -> bool {
    body.pointer("/header/status_reason_code") == Some(&"rjct.errors.too_many".into())
}

fn message(cx: &Service, kind: Kind, body: &mut Value) {
    let takes = |way| cx.ways.take(way);
    let found = total(body);
    if kind == Kind::SyncSearch {
        if takes(Way::BatchWholeRefused) && partly_rejected(body) {
            body["header"]["status"] = "rjct".into();
            body["header"]["status_reason_code"] = "rjct.errors.too_many".into();
            body["header"]["status_reason_message"] = "a search of the batch was rejected".into();
            drop_message(body);
        }
        if takes(Way::AllBadHeader) && all_bad(body) {
            drop_message(body);
        }
        if takes(Way::ReplyAlwaysMessage) && body.get("message").is_none() {
            body["message"] =
                json!({"transaction_id": "none", "correlation_id": "none", "search_response": []});
        }
    }
    if takes(Way::AllBadItems) && all_bad(body) {
        body["header"]["status"] = "succ".into();
        if let Some(header) = body.get_mut("header").and_then(Value::as_object_mut) {
            unreasoned(header);
        }
    }
    if takes(Way::CompletedRecords) && kind == Kind::OnSearch {
        body["header"]["total_count"] = found.into();
        body["header"]["completed_count"] = found.into();
    }
    let Some(Value::Object(message)) = body.get_mut("message") else {
        return;
    };
    content(cx, kind, message);
    if let Some(Value::Object(told)) = message.get_mut("txnstatus_response") {
        transaction(cx, kind, told);
    }
    if takes(Way::OnUnsubscribeLiteral)
        && kind == Kind::OnUnsubscribe
        && let Some(timestamp) = message.get("timestamp").cloned()
    {
        message.insert("timesatmp".to_owned(), timestamp);
    }
}

fn drop_message(body: &mut Value) {
    if let Some(members) = body.as_object_mut() {
        members.shift_remove("message");
    }
}

fn list<'b>(body: &'b Value, pointer: &str) -> impl Iterator<Item = &'b Value> + use<'b> {
    let list = body.pointer(pointer).and_then(Value::as_array);
    list.into_iter().flatten()
}

/// How many records the searches of a reply found.
fn total(body: &Value) -> u64 {
    list(body, "/message/search_response")
        .filter_map(|item| item.pointer("/pagination/total_count")?.as_u64())
        .sum()
}

/// Whether one search of several was rejected, and another was not.
fn partly_rejected(body: &Value) -> bool {
    let rejected = |item: &Value| item.get("status").is_some_and(|status| status == "rjct");
    let items = || list(body, "/message/search_response");
    items().any(rejected) && !items().all(rejected)
}

/// What a message holds: also that of a transaction which is told of.
fn content(cx: &Service, kind: Kind, message: &mut Map<String, Value>) {
    let takes = |way| cx.ways.take(way);
    if let Some(Value::Array(items)) = message.get_mut("search_response") {
        if takes(Way::NoMatchItemOmitted) && !matches!(kind, Kind::Support | Kind::Details) {
            items.retain(|item| item.pointer("/pagination/total_count") != Some(&0.into()));
        }
        for item in items.iter_mut().filter_map(Value::as_object_mut) {
            search_item(cx, kind, item);
        }
    }
    if let Some(Value::Array(events)) = message.get_mut("notify_event") {
        for data in events.iter_mut().filter_map(|event| event.get_mut("data")) {
            notified(cx, data);
        }
    }
    for name in ["subscribe_response", "disabled_response", "enrolled_response"] {
        let Some(Value::Array(items)) = message.get_mut(name) else {
            continue;
        };
        for item in items.iter_mut().filter_map(Value::as_object_mut) {
            person(cx, kind, item);
            if takes(Way::RejectionWithoutReason) {
                unreasoned(item);
            }
            let made = item.get_mut("subscriptions").and_then(Value::as_array_mut);
            made.into_iter().flatten().for_each(|made| subscription(cx, made));
        }
    }
    if let Some(Value::Array(states)) = message.get_mut("subscription_status") {
        for entry in states {
            subscription_state(cx, entry);
        }
    }
    if takes(Way::RejectionWithoutReason) && kind == Kind::OnUnsubscribe {
        unreasoned(message);
    }
}

fn subscription_state(cx: &Service, entry: &mut Value) {
    if cx.ways.take(Way::SubscriptionStates)
        && let Some(status) = entry.get_mut("status")
        && let Some(word) = status.as_str()
    {
        *status = format!("{word}d").into();
    }
}

fn notified(cx: &Service, data: &mut Value) {
    let Some(data) = data.as_object_mut() else { return };
    records(cx, data);
    if cx.ways.take(Way::NotifyRecordsObject)
        && let Some(Value::Array(told)) = data.get_mut("reg_records")
        && let [one] = told.as_mut_slice()
    {
        let one = one.take();
        data.insert("reg_records".to_owned(), one);
    }
    if cx.ways.take(Way::NotifyTypeResponseEntity) {
        data.shift_remove("reg_record_type");
        data.insert("response_entity".to_owned(), "Member".into());
    }
}

/// The answer about one person.
fn person(cx: &Service, kind: Kind, item: &mut Map<String, Value>) {
    let takes = |way| cx.ways.take(way);
    let status = match kind {
        Kind::Disabled => "disabled_status",
        Kind::Enrolled | Kind::CheckEnrollment => "enrolled_status",
        _ => return,
    };
    if kind == Kind::Enrolled
        && let Some(told) = item.get_mut(status)
    {
        let yes = told == "yes";
        if takes(Way::EnrolledWord) {
            *told = if yes { "Active" } else { "Inactive" }.into();
        }
        if takes(Way::EnrolledCode) {
            *told = if yes { "1" } else { "2" }.into();
        }
    }
    if takes(Way::RejectedStatusYes) && item.get("status").is_some_and(|status| status == "rjct") {
        item.insert(status.to_owned(), "no".into());
    }
}

/// What is told of a transaction.
fn transaction(cx: &Service, kind: Kind, told: &mut Map<String, Value>) {
    if let Some(Value::Object(message)) = told.get_mut("txn_status") {
        content(cx, kind, message);
    }
    if cx.ways.take(Way::TxnReplyCallbackType)
        && let Some(asked) = told.get_mut("txn_type")
        && let Some(word) = asked.as_str()
    {
        *asked = format!("on-{word}").into();
    }
    if cx.ways.take(Way::TxnStatusWord) {
        told.insert("txn_status".to_owned(), "completed".into());
    }
}

/// Moments lose their zone, wherever a message tells its time.
fn zoneless(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text)
                        if ["timestamp", "message_ts", "timesatmp"].contains(&name.as_str()) =>
                    {
                        *text = text.trim_end_matches('Z').to_owned();
                    }
                    value => zoneless(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(zoneless),
        _ => {}
    }
}
