//! One search of a batch, and its answer.

use super::reply::Via;
use crate::Defect;
use crate::ids::{RequestIds, as_text};
use crate::query::{self, Criteria, Found, Rejection};
use crate::service::Service;
use serde_json::{Map, Value, json};
use specs::catalogue::Registry;

/// The answer to one search.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) json: Value,
    pub(super) rejected: bool,
    /// How many records the whole result has.
    pub(super) found: usize,
    /// Whether a record was found by its identifier.
    pub(super) identified: bool,
}

/// Answers one search; `earlier` are those before it in the batch.
pub(super) fn answer(cx: &Service, search: &Value, earlier: &[Value], via: Via, timestamp: &str) -> Item {
    let reference_id = search.get("reference_id").and_then(as_text).unwrap_or_default();
    let mut json = Map::new();
    json.insert("reference_id".to_owned(), echoed(cx, &reference_id, via).into());
    json.insert("timestamp".to_owned(), timestamp.into());

    let criteria = search.get("search_criteria").unwrap_or(&Value::Null);
    let made = accept(cx, search, earlier, criteria);
    let item = match (made, &cx.profile.registry) {
        (Ok(accepted), Some(registry)) => {
            let records = if via == Via::Callback && cx.commits(Defect::AsyncEmpty) {
                &[]
            } else {
                cx.records.all()
            };
            let found = query::search(records, &accepted, &cx.defects);
            json.insert("status".to_owned(), "succ".into());
            json.insert("data".to_owned(), data(cx, registry, &found, criteria, via));
            json.insert("pagination".to_owned(), pagination(&found));
            let identified = accepted.is_by_identifier() && !found.records.is_empty();
            Item {
                json: Value::Null,
                rejected: false,
                found: found.total,
                identified,
            }
        }
        (made, _) => {
            let rejection = made.err();
            json.insert("status".to_owned(), "rjct".into());
            if let Some(Rejection { code, message }) = rejection {
                json.insert("status_reason_code".to_owned(), code.into());
                json.insert("status_reason_message".to_owned(), message.into());
            }
            Item {
                json: Value::Null,
                rejected: true,
                found: 0,
                identified: false,
            }
        }
    };
    if let Some(locale) = search.get("locale").filter(|l| l.is_string()) {
        json.insert("locale".to_owned(), locale.clone());
    }
    Item {
        json: json.into(),
        ..item
    }
}

fn accept(cx: &Service, search: &Value, earlier: &[Value], criteria: &Value) -> Result<Criteria, Rejection> {
    let reference_id = search.get("reference_id");
    if reference_id.is_some() && earlier.iter().any(|e| e.get("reference_id") == reference_id) {
        let message = "an earlier search of this batch has the same reference_id".to_owned();
        return Err(Rejection {
            code: "rjct.reference_id.duplicate",
            message,
        });
    }
    match &cx.profile.registry {
        Some(registry) => Criteria::read(criteria, registry),
        None => Err(Rejection {
            code: "rjct.search_criteria.invalid",
            message: "nothing is registered".to_owned(),
        }),
    }
}

/// The reference_id of the search. One that was missing and was let through gets one of ours, so that at
/// least the answer has its form.
fn echoed(cx: &Service, reference_id: &str, via: Via) -> String {
    let fresh = match via {
        Via::Sync => cx.commits(Defect::ReferenceIdFresh),
        Via::Callback => cx.commits(Defect::CallbackReferenceFresh),
    };
    if fresh || reference_id.is_empty() {
        let of = RequestIds {
            message: Some(reference_id.to_owned()),
            ..RequestIds::default()
        };
        return cx.id("reference", &of);
    }
    reference_id.to_owned()
}

fn data(cx: &Service, registry: &Registry, found: &Found<'_>, criteria: &Value, via: Via) -> Value {
    let mut records: Vec<Value> = found.records.iter().map(|&r| r.clone()).collect();
    if cx.commits(Defect::RecordBirthDateLocal) {
        for record in &mut records {
            print_date_locally(record, registry);
        }
    }
    if via == Via::Sync
        && cx.commits(Defect::SecondAnswerShorter)
        && cx.memory.is_even_visit(criteria.to_string())
    {
        records.pop();
    }
    let mut data = json!({"version": "1.0.0"});
    if let Some(reg_type) = &registry.reg_type {
        data["reg_type"] = reg_type.as_str().into();
    }
    if let Some(reg_record_type) = &registry.reg_record_type {
        data["reg_record_type"] = reg_record_type.as_str().into();
    }
    data["reg_records"] = records.into();
    data
}

fn pagination(found: &Found<'_>) -> Value {
    json!({"page_size": found.page_size, "page_number": found.page_number, "total_count": found.total})
}

/// `2000-11-02…` as `02/11/2000`.
fn print_date_locally(record: &mut Value, registry: &Registry) {
    let pointer = registry.attributes.get(&registry.date_attribute);
    if let Some(date) = pointer.and_then(|p| record.pointer_mut(p))
        && let Some([year, month, day]) = date.as_str().and_then(year_month_day)
    {
        *date = format!("{day}/{month}/{year}").into();
    }
}

fn year_month_day(text: &str) -> Option<[&str; 3]> {
    Some([text.get(..4)?, text.get(5..7)?, text.get(8..10)?])
}
