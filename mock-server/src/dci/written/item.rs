//! One item of a reply, and the records that it holds, as another reading has them written.

use super::{absent, subscription_state, unreasoned};
use crate::dci::criteria::last_word;
use crate::dci::kind::Kind;
use crate::readings::Way;
use crate::service::Service;
use serde_json::{Map, Value, json};

type Members = Map<String, Value>;

/// The answer to one search.
pub(super) fn search_item(cx: &Service, kind: Kind, item: &mut Members) {
    let takes = |way| cx.ways.take(way);
    let succeeded = item.get("status").is_some_and(|status| status == "succ");
    if takes(Way::RejectionWithoutReason) {
        unreasoned(item);
    }
    if succeeded {
        absent(cx, item);
        if takes(Way::ReasonIgnored) {
            item.insert("status_reason_code".to_owned(), "rjct.filter.invalid".into());
        }
    }
    let nobody = item
        .get("data")
        .and_then(|data| data.get("reg_records")?.as_array())
        .is_some_and(Vec::is_empty);
    if nobody && takes(Way::NoMatchNoData) {
        item.shift_remove("data");
    }
    if let Some(Value::Object(data)) = item.get_mut("data") {
        if kind == Kind::Support && takes(Way::SupportList) {
            flatten(data);
        }
        // What somebody is supported with is part of a record, and told as it stands there.
        let is_part = kind == Kind::Support;
        let linked = data
            .get("reg_records")
            .cloned()
            .filter(|_| is_part && takes(Way::LinkedDataRequired));
        records(cx, data);
        if let Some(part) = linked {
            data.insert("reg_records".to_owned(), part);
        }
        if takes(Way::RegRecordsObject)
            && let Some(Value::Array(found)) = data.get_mut("reg_records")
            && let [one] = found.as_mut_slice()
        {
            let one = one.take();
            data.insert("reg_records".to_owned(), one);
        }
        if takes(Way::RecordTypeUnnamed) {
            data.shift_remove("reg_record_type");
        }
    }
}

/// A list of lists as one list.
fn flatten(data: &mut Members) {
    if let Some(Value::Array(lists)) = data.get_mut("reg_records") {
        let inner = std::mem::take(lists).into_iter().flat_map(|list| match list {
            Value::Array(inner) => inner,
            other => vec![other],
        });
        *lists = inner.collect();
    }
}

/// What surrounds records, and the records.
pub(super) fn records(cx: &Service, data: &mut Members) {
    for (way, name) in [
        (Way::RegTypeBare, "reg_type"),
        (Way::RecordTypeBare, "reg_record_type"),
    ] {
        if cx.ways.take(way)
            && let Some(Value::String(word)) = data.get_mut(name)
        {
            *word = last_word(word).to_owned();
        }
    }
    if let Some(Value::Array(records)) = data.get_mut("reg_records") {
        for found in records {
            record(cx, found);
        }
    }
}

fn record(cx: &Service, record: &mut Value) {
    let takes = |way| cx.ways.take(way);
    if takes(Way::RecordDatesDateTime) {
        moments(record);
    }
    let Some(members) = record.as_object_mut() else {
        return;
    };
    if takes(Way::LinkedDataRequired) {
        members.insert(
            "@context".to_owned(),
            "https://schema.spdci.org/common/v1/".into(),
        );
        members.entry("@type").or_insert_with(|| "Person".into());
    }
    if takes(Way::RecordCodesLabel) || takes(Way::RecordCodesQualified) {
        codes(members, takes(Way::RecordCodesLabel));
    }
    if takes(Way::MachinerySource)
        && let Some(Value::Array(machines)) = members.get_mut("machineries_details")
    {
        for machine in machines {
            machine["type"] = "1".into();
        }
    }
    if takes(Way::ProgrammeEnrolmentYes) {
        let date = members.get("enrollment_date").cloned().unwrap_or_default();
        if let Some(Value::Array(programmes)) = members.get_mut("programme_identifier") {
            for programme in programmes {
                programme["enrolment_date"] = date.clone();
                programme["enrolment_status"] = "1".into();
            }
        }
    }
}

/// Codes that nobody can search for, in words or with the name of their list.
fn codes(members: &mut Members, in_words: bool) {
    for (name, value) in members.iter_mut() {
        match value {
            // What was told to us as we wrote it stays as it is.
            Value::String(code) if name == "marital_status" && code.len() == 1 => {
                *code = if in_words {
                    marital_status(code).to_owned()
                } else {
                    format!("{name}:{code}")
                };
            }
            Value::Object(inner) => codes(inner, in_words),
            _ => {}
        }
    }
}

fn marital_status(code: &str) -> &'static str {
    match code {
        "S" => "single",
        "M" => "married",
        "D" => "divorced",
        "W" => "widowed",
        _ => "not known",
    }
}

/// Every date of a record as its first moment.
fn moments(value: &mut Value) {
    match value {
        Value::String(text) if is_date(text) => text.push_str("T00:00:00Z"),
        Value::Array(items) => items.iter_mut().for_each(moments),
        Value::Object(members) => members.values_mut().for_each(moments),
        _ => {}
    }
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

/// A subscription as its subscriber sees it.
pub(super) fn subscription(cx: &Service, made: &mut Value) {
    subscription_state(cx, made);
    if !cx.ways.take(Way::SubscriptionLiteral) {
        return;
    }
    let Value::Object(mut members) = made.take() else {
        return;
    };
    let [code, timestamp] = ["code", "timestamp"].map(|name| members.shift_remove(name).unwrap_or_default());
    members.shift_remove("status");
    *made = json!({"subscription_code": code, "subscribe_criteria": members, "timestamp": timestamp});
}
