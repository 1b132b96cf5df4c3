//! One search of a batch, and its answer.

use super::criteria;
use super::kind::Kind;
use crate::Defect;
use crate::data::Record;
use crate::ids::{RequestIds, as_text};
use crate::query::{self, Criteria, Found, Rejection};
use crate::readings::Way;
use crate::service::Service;
use serde::Serialize;
use serde_json::{Value, json};
use specs::catalogue::Registry;
use std::borrow::Cow;

/// The answer to one search, as it is written.
#[derive(Debug, Serialize)]
pub(super) struct Item<'a> {
    reference_id: String,
    timestamp: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<&'a str>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_reason_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_reason_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Data<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pagination: Option<Pagination>,
    /// Whether a record was found by its identifier.
    #[serde(skip)]
    pub(super) identified: bool,
}

/// What was found.
#[derive(Debug, Serialize)]
struct Data<'a> {
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reg_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reg_record_type: Option<&'a str>,
    reg_records: Vec<Record>,
}

/// Which part of the result it is.
#[derive(Debug, Clone, Copy, Serialize)]
struct Pagination {
    page_size: usize,
    page_number: usize,
    total_count: usize,
}

impl Item<'_> {
    /// What was rejected seems to have found nobody.
    pub(super) fn pretend(&mut self) {
        self.status = "succ";
        self.status_reason_code = None;
        self.status_reason_message = None;
        self.data = Some(Data {
            version: "1.0.0",
            reg_type: None,
            reg_record_type: None,
            reg_records: Vec::new(),
        });
    }

    /// Whether the search was not made.
    pub(super) fn is_rejected(&self) -> bool {
        self.status_reason_code.is_some()
    }

    /// How many records the whole result has.
    pub(super) fn found(&self) -> usize {
        self.pagination.map_or(0, |pagination| pagination.total_count)
    }

    /// What the log says of it.
    pub(super) fn outcome(&self) -> String {
        match self.status_reason_code {
            Some(code) => code.to_owned(),
            None => format!("{} found", self.found()),
        }
    }

    /// How many records it shows.
    pub(super) fn shown(&self) -> usize {
        self.data.as_ref().map_or(0, |data| data.reg_records.len())
    }
}

/// Answers one search by these criteria; `earlier` are the searches before it in the batch, which is of this
/// transaction.
pub(super) fn answer<'a>(
    cx: &'a Service,
    search: &'a Value,
    criteria: &Value,
    (earlier, transaction): (&[Value], &str),
    kind: Kind,
    timestamp: &'a str,
) -> Item<'a> {
    let mut item = Item {
        reference_id: reference_id(cx, search, kind),
        timestamp,
        locale: search
            .get("locale")
            .filter(|l| is_language(l))
            .and_then(Value::as_str),
        status: "rjct",
        status_reason_code: None,
        status_reason_message: None,
        data: None,
        pagination: None,
        identified: false,
    };
    match accept(cx, search, (earlier, transaction), criteria, kind) {
        Ok((accepted, mut found)) => {
            if accepted.asks_for_no_page() && cx.ways.take(Way::NoPaginationEverything) {
                found.page_size = found.total;
            }
            item.status = "succ";
            item.identified = accepted.is_by_identifier() && !found.records.is_empty();
            item.pagination = Some(pagination(&found));
            item.data = Some(data(cx, found.records, criteria, kind));
        }
        Err(Rejection { code, message }) => {
            item.status_reason_code = Some(code);
            item.status_reason_message = Some(message);
        }
    }
    item
}

/// Reads one search and makes it.
fn accept(
    cx: &Service,
    search: &Value,
    (earlier, transaction): (&[Value], &str),
    criteria: &Value,
    kind: Kind,
) -> Result<(Criteria, Found<Record>), Rejection> {
    unrepeated(cx, search, earlier)?;
    if kind != Kind::SyncTxnStatus && kind != Kind::TxnOnStatus {
        unused(cx, search, transaction)?;
    }
    let criteria = criteria::read(cx, criteria)?;
    let accepted = Criteria::read(&overlooked(cx, &criteria), cx.registry())?;
    let found = if kind == Kind::OnSearch && cx.commits(Defect::AsyncEmpty) {
        query::nobody(&accepted, &cx.defects)
    } else {
        cx.register().search(&accepted, &cx.defects)?
    };
    if cx.ways.exist() {
        within_bounds(cx, &accepted, &found)?;
    }
    Ok((accepted, found))
}

/// How many records a search may find that asks for no page, where there is a limit.
const MOST_UNPAGED: usize = 100;

/// Whether a result may be told, by the readings that may have it rejected.
fn within_bounds(cx: &Service, criteria: &Criteria, found: &Found<Record>) -> Result<(), Rejection> {
    let beyond = found.records.is_empty() && found.total > 0 && found.page_number > 1;
    if beyond && cx.ways.take(Way::PageBeyondRejected) {
        let message = format!("there is no page {}", found.page_number);
        return Err(Rejection::new("rjct.pagination.invalid", message));
    }
    let unpaged = criteria.asks_for_no_page() && found.total > MOST_UNPAGED;
    if unpaged && cx.ways.take(Way::TooManyRecords) {
        let message = format!("{} records were found, more than {MOST_UNPAGED}", found.total);
        return Err(Rejection::new("rjct.search.too_many_records_found", message));
    }
    Ok(())
}

/// Whether no message of the transaction had the reference_id before, where that is asked for.
pub(super) fn unused(cx: &Service, item: &Value, transaction: &str) -> Result<(), Rejection> {
    if cx.ways.take(Way::ReferenceWithinTransaction) {
        let name = format!("reference {transaction} {}", asked_reference(item));
        if cx.earlier.note(name, "").is_some() {
            let message = "an earlier request of this transaction has the same reference_id".to_owned();
            return Err(Rejection::new("rjct.reference_id.duplicate", message));
        }
    }
    Ok(())
}

/// The criteria as a server takes them that overlooks what it does not know.
fn overlooked<'c>(cx: &Service, criteria: &'c Value) -> Cow<'c, Value> {
    let mistakes = [
        Defect::AttributeUnchecked,
        Defect::SortAttributeUnchecked,
        Defect::RegTypeIgnored,
    ];
    let [query, sort, reg_type] = mistakes.map(|defect| cx.commits(defect));
    if !(query || sort || reg_type) {
        return Cow::Borrowed(criteria);
    }
    let known = |named: &Value| {
        let name = named.get("attribute_name").and_then(Value::as_str);
        name.is_none_or(|name| cx.registry().attributes.contains_key(name))
    };
    let mut criteria = criteria.clone();
    if let Some(members) = criteria.as_object_mut().filter(|_| reg_type) {
        members.shift_remove("reg_type");
    }
    let clauses = criteria.get_mut("query").filter(|_| query);
    if let Some(clauses) = clauses.and_then(Value::as_array_mut) {
        clauses.retain(|clause| clause.get("expression1").is_none_or(known));
    }
    let keys = criteria.get_mut("sort").filter(|_| sort);
    if let Some(keys) = keys.and_then(Value::as_array_mut) {
        keys.retain(known);
    }
    Cow::Owned(criteria)
}

/// Of several requests of a batch with one reference_id, only the first is answered.
pub(super) fn unrepeated(cx: &Service, item: &Value, earlier: &[Value]) -> Result<(), Rejection> {
    if cx.ways.take(Way::ReferenceUnchecked) {
        return Ok(());
    }
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

fn data<'a>(cx: &'a Service, mut records: Vec<Record>, criteria: &Value, kind: Kind) -> Data<'a> {
    let registry = cx.registry();
    let of_search = matches!(kind, Kind::SyncSearch | Kind::OnSearch);
    if of_search && cx.commits(Defect::RecordBirthDateLocal) {
        let printed = records.into_iter().map(|record| {
            let mut record = record.into_value();
            print_date_locally(&mut record, registry);
            Record::from(record)
        });
        records = printed.collect();
    }
    if kind == Kind::SyncSearch
        && cx.commits(Defect::SecondAnswerShorter)
        && cx.memory.is_even_visit(criteria.to_string())
    {
        records.pop();
    }
    if kind == Kind::SyncSearch && cx.commits(Defect::RecordsOfAnotherRegistry) {
        let vehicle =
            |record: Record| Record::from(json!({"@type": "Vehicle", "keeper": record.into_value()}));
        return Data {
            version: "1.0.0",
            reg_type: Some("ns:org:RegistryType:Vehicles"),
            reg_record_type: Some("Vehicle"),
            reg_records: records.into_iter().map(vehicle).collect(),
        };
    }
    Data {
        version: "1.0.0",
        reg_type: registry.reg_type.as_deref(),
        reg_record_type: registry.reg_record_type.as_deref(),
        reg_records: records,
    }
}

fn pagination(found: &Found<Record>) -> Pagination {
    Pagination {
        page_size: found.page_size,
        page_number: found.page_number,
        total_count: found.total,
    }
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
