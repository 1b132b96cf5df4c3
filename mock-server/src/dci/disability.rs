//! Questions about one person of a disability registry: whether they are registered, which support and
//! which impairments they have.

use super::at_once;
use super::envelope::{Head, content, finished, timestamp};
use super::kind::Kind;
use crate::Defect;
use crate::answer::Answer;
use crate::ids::{RequestIds, as_text};
use crate::incoming::Incoming;
use crate::operation::Operation;
use crate::query::{Person, Rejection};
use crate::readings::Way;
use crate::service::Service;
use serde_json::{Value, json};

/// `reg_record_type` of support.
const SUPPORT: &str = "spdci-extensions-dci:DisabilitySupport";

/// Answers whether somebody is registered.
pub(super) fn disabled(cx: &Service, incoming: &Incoming) -> Answer {
    about_somebody(cx, incoming, Operation::Disabled, Kind::Disabled, |found| {
        let yes = !found.is_empty();
        let yes = (yes || cx.commits(Defect::DisabledAlwaysYes)) && !cx.commits(Defect::DisabledAlwaysNo);
        json!({"disabled_status": if yes { "yes" } else { "no" }})
    })
}

/// Answers which support somebody needs or has: one list for each person.
pub(super) fn support(cx: &Service, incoming: &Incoming) -> Answer {
    let operation = Operation::DisabilitySupport;
    about_somebody(cx, incoming, operation, Kind::Support, |found| {
        let found = mistaken(cx, found, Defect::SupportFindsNothing, Defect::SupportOfAnybody);
        let support = |record: &Value| record.get("disability_support").cloned();
        let support: Vec<Value> = found
            .iter()
            .map(|record| support(record).unwrap_or_else(|| json!([])))
            .collect();
        found_records(cx, support, Some(SUPPORT))
    })
}

/// Answers which impairments somebody has: with the whole record.
pub(super) fn details(cx: &Service, incoming: &Incoming) -> Answer {
    let operation = Operation::DisabilityDetails;
    about_somebody(cx, incoming, operation, Kind::Details, |found| {
        let found = mistaken(cx, found, Defect::DetailsFindNothing, Defect::DetailsOfAnybody);
        let records = found;
        found_records(cx, records, cx.registry().reg_record_type.as_deref())
    })
}

/// Whom a careless developer finds instead.
fn mistaken(cx: &Service, found: Vec<Value>, nobody: Defect, anybody: Defect) -> Vec<Value> {
    if cx.commits(nobody) {
        return Vec::new();
    }
    if found.is_empty() && cx.commits(anybody) {
        return cx.register().first().into_iter().collect();
    }
    found
}

fn found_records(cx: &Service, records: Vec<Value>, record_type: Option<&str>) -> Value {
    let total = records.len();
    let mut data = json!({"version": "1.0.0"});
    if let Some(reg_type) = &cx.registry().reg_type {
        data["reg_type"] = reg_type.as_str().into();
    }
    if let Some(record_type) = record_type {
        data["reg_record_type"] = record_type.into();
    }
    data["reg_records"] = records.into();
    json!({
        "data": data,
        "pagination": {"page_size": total, "page_number": 1, "total_count": total},
    })
}

/// Answers a question about somebody; `tell` says what is told of those who are found.
fn about_somebody(
    cx: &Service,
    incoming: &Incoming,
    operation: Operation,
    kind: Kind,
    tell: impl FnOnce(Vec<Value>) -> Value,
) -> Answer {
    at_once::answer(cx, incoming, operation, kind, |request, correlation_id| {
        let query = request.pointer("/message/disabled_criteria/query");
        let told = find(cx, query).map(tell);
        answered(cx, kind, request, correlation_id, told)
    })
}

/// The records of those whom a query is about.
pub(super) fn find(cx: &Service, query: Option<&Value>) -> Result<Vec<Value>, Rejection> {
    let registry = cx.registry();
    let query = query.unwrap_or(&Value::Null);
    let by_identifier = query.get("type").is_some_and(Value::is_string) && query.get("value").is_some();
    let other_form = if by_identifier {
        Way::StatusFormAttributes
    } else {
        Way::StatusFormIdentifier
    };
    if cx.ways.take(other_form) {
        let message = "a question of this form is not understood here".to_owned();
        return Err(Rejection::new("rjct.search_criteria.invalid", message));
    }
    if query.is_null() {
        return Ok(Vec::new());
    }
    let somebody = Person::read(query, registry)?;
    Ok(cx.register().about(&somebody))
}

/// The identifier, or the value of the first attribute, by which a question is asked.
fn asked_identifier(request: &Value) -> Option<String> {
    let criteria = ["disabled_criteria", "enrolled_criteria"];
    let query = criteria
        .iter()
        .find_map(|name| request.get("message")?.get(name)?.get("query"))?;
    let of_attribute = || {
        query
            .as_object()?
            .values()
            .find_map(|asked| asked.as_object()?.values().next())
    };
    let value = query.get("value").or_else(of_attribute)?;
    as_text(value).filter(|text| !text.is_empty())
}

/// The reply to a question about somebody.
pub(super) fn answered(
    cx: &Service,
    kind: Kind,
    request: &Value,
    correlation_id: &str,
    told: Result<Value, Rejection>,
) -> Value {
    let ids = RequestIds::of(request);
    let reference = asked_identifier(request).filter(|_| cx.ways.take(Way::StatusReferenceIdentifier));
    let reference = reference.unwrap_or_else(|| cx.id("reference", &ids));
    let mut item = json!({"reference_id": reference, "timestamp": timestamp(cx, kind)});
    let head = match told {
        Ok(told) => {
            item["status"] = "succ".into();
            for (name, value) in told.as_object().into_iter().flatten() {
                item[name] = value.clone();
            }
            Head::of_one()
        }
        Err(Rejection { code, message }) => {
            item["status"] = "rjct".into();
            item["status_reason_code"] = code.into();
            item["status_reason_message"] = message.as_str().into();
            Head::rejecting(None, message)
        }
    };
    let list = match kind {
        Kind::Disabled => "disabled_response",
        Kind::Support | Kind::Details => "search_response",
        _ => "enrolled_response",
    };
    let content = content(correlation_id, list, json!([item]));
    finished(cx, kind, &ids, &head, Some(content))
}
