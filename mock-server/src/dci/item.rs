//! One search of a batch, and its answer.

use super::kind::Kind;
use crate::Defect;
use crate::ids::{RequestIds, as_text};
use crate::query::{self, Criteria, Found, Rejection};
use crate::service::Service;
use serde_json::{Value, json};
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

impl Item {
    /// What was rejected seems to have found nobody.
    pub(super) fn pretend(&mut self) {
        if let Value::Object(members) = &mut self.json {
            members.shift_remove("status_reason_code");
            members.shift_remove("status_reason_message");
            members.insert("status".to_owned(), "succ".into());
            members.insert("data".to_owned(), json!({"version": "1.0.0", "reg_records": []}));
        }
        self.rejected = false;
    }
}

/// Answers one search; `earlier` are those before it in the batch.
pub(super) fn answer(cx: &Service, search: &Value, earlier: &[Value], kind: Kind, timestamp: &str) -> Item {
    let mut json = json!({"reference_id": reference_id(cx, search, kind), "timestamp": timestamp});
    if let Some(locale) = search.get("locale").filter(|l| is_language(l)) {
        json["locale"] = locale.clone();
    }
    let criteria = search.get("search_criteria").unwrap_or(&Value::Null);
    match accept(cx, search, earlier, criteria, kind) {
        Ok((accepted, found)) => {
            json["status"] = "succ".into();
            let identified = accepted.is_by_identifier() && !found.records.is_empty();
            let (pagination, total) = (pagination(&found), found.total);
            json["data"] = data(cx, found.records, criteria, kind);
            json["pagination"] = pagination;
            Item {
                json,
                rejected: false,
                found: total,
                identified,
            }
        }
        Err(Rejection { code, message }) => {
            json["status"] = "rjct".into();
            json["status_reason_code"] = code.into();
            json["status_reason_message"] = message.into();
            Item {
                json,
                rejected: true,
                found: 0,
                identified: false,
            }
        }
    }
}

/// Reads one search and makes it.
fn accept(
    cx: &Service,
    search: &Value,
    earlier: &[Value],
    criteria: &Value,
    kind: Kind,
) -> Result<(Criteria, Found), Rejection> {
    unrepeated(search, earlier)?;
    let mut criteria = criteria.clone();
    if cx.commits(Defect::RegTypeIgnored)
        && let Value::Object(members) = &mut criteria
    {
        members.shift_remove("reg_type");
    }
    let accepted = Criteria::read(&criteria, cx.registry())?;
    let found = if kind == Kind::OnSearch && cx.commits(Defect::AsyncEmpty) {
        query::nobody(&accepted, &cx.defects)
    } else {
        cx.register().search(&accepted, &cx.defects)?
    };
    Ok((accepted, found))
}

/// Of several requests of a batch with one reference_id, only the first is answered.
pub(super) fn unrepeated(item: &Value, earlier: &[Value]) -> Result<(), Rejection> {
    let reference_id = item.get("reference_id");
    if reference_id.is_some() && earlier.iter().any(|e| e.get("reference_id") == reference_id) {
        let message = "an earlier request of this batch has the same reference_id".to_owned();
        return Err(Rejection::new("rjct.reference_id.duplicate", message));
    }
    Ok(())
}

/// The reference_id that a request of a batch carries.
pub(super) fn asked_reference(item: &Value) -> String {
    item.get("reference_id").and_then(as_text).unwrap_or_default()
}

/// The reference_id of the answer. One that was missing and was let through gets one of ours, so that at
/// least the answer has its form.
pub(super) fn reference_id(cx: &Service, search: &Value, kind: Kind) -> String {
    let fresh = match kind {
        Kind::SyncSearch => cx.commits(Defect::ReferenceIdFresh),
        Kind::OnSearch => cx.commits(Defect::CallbackReferenceFresh),
        Kind::OnSubscribe => cx.commits(Defect::SubscribeCallbackReferenceFresh),
        _ => false,
    };
    let asked = asked_reference(search);
    if fresh || asked.is_empty() {
        return cx.id(
            "reference",
            &RequestIds {
                message: Some(asked),
                ..RequestIds::default()
            },
        );
    }
    asked
}

/// Whether this can be a code of ISO 639-3.
pub(super) fn is_language(locale: &Value) -> bool {
    locale
        .as_str()
        .is_some_and(|l| l.len() == 3 && l.bytes().all(|b| b.is_ascii_lowercase()))
}

fn data(cx: &Service, mut records: Vec<Value>, criteria: &Value, kind: Kind) -> Value {
    let registry = cx.registry();
    let of_search = matches!(kind, Kind::SyncSearch | Kind::OnSearch);
    if of_search && cx.commits(Defect::RecordBirthDateLocal) {
        for record in &mut records {
            print_date_locally(record, registry);
        }
    }
    if kind == Kind::SyncSearch
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
    if kind == Kind::SyncSearch && cx.commits(Defect::RecordsOfAnotherRegistry) {
        let others = "ns:org:RegistryType:Vehicles";
        data["reg_type"] = others.into();
        data["reg_record_type"] = "Vehicle".into();
        records = records
            .into_iter()
            .map(|record| json!({"@type": "Vehicle", "keeper": record}))
            .collect();
    }
    data["reg_records"] = records.into();
    data
}

fn pagination(found: &Found) -> Value {
    json!({"page_size": found.page_size, "page_number": found.page_number, "total_count": found.total})
}

/// `2000-11-02…` as `02/11/2000`.
pub(super) fn print_date_locally(record: &mut Value, registry: &Registry) {
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
