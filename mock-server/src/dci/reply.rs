//! The reply to a search: the body of a synchronous answer, and of a callback.

use super::item::{self, Item};
use super::request::searches;
use crate::ids::RequestIds;
use crate::service::Service;
use crate::validate::Fault;
use crate::{Defect, clock};
use serde_json::{Map, Value, json};
use specs::wire::time::format_date_time;

/// How a reply travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Via {
    Sync,
    Callback,
}

/// The reply to a request.
pub(super) fn reply(cx: &Service, request: &Value, correlation_id: &str, via: Via) -> Value {
    let asked = searches(request);
    let now = timestamp(cx, via);
    let answered = match asked.len() {
        several @ 2.. if via == Via::Sync && cx.commits(Defect::BatchLastDropped) => several - 1,
        all => all,
    };
    let items: Vec<Item> = asked[..answered]
        .iter()
        .enumerate()
        .map(|(i, search)| item::answer(cx, search, &asked[..i], via, &now))
        .collect();

    let ids = RequestIds::of(request);
    let mut header = header(cx, &ids, via);
    let rejected = items.iter().filter(|i| i.rejected).count();
    if rejected > 0 && rejected == items.len() {
        header["status"] = "rjct".into();
        header["status_reason_code"] = "rjct.errors.too_many".into();
        header["status_reason_message"] = "every search of the batch was rejected".into();
    }
    header["total_count"] = if via == Via::Sync && cx.commits(Defect::TotalCountRecords) {
        items.iter().map(|i| i.found).sum::<usize>().into()
    } else {
        asked.len().into()
    };
    header["completed_count"] = (items.len() - rejected).into();
    without_status(cx, &mut header, via);

    let identified = items.iter().any(|i| i.identified);
    if via == Via::Sync && cx.commits(Defect::ReplyMessageMissing) && !identified {
        return json!({"header": header});
    }
    let message = json!({
        "transaction_id": transaction_id(cx, &ids, via),
        "correlation_id": correlation_id,
        "search_response": items.into_iter().map(|i| i.json).collect::<Vec<_>>(),
    });
    json!({"header": header, "message": message})
}

/// The reply to a request that is refused as a whole.
pub(super) fn rejection(cx: &Service, fault: &Fault) -> Value {
    let mut header = header(cx, &RequestIds::of(&fault.request), Via::Sync);
    header["status"] = "rjct".into();
    if let Some(code) = fault.reason {
        header["status_reason_code"] = code.into();
    }
    header["status_reason_message"] = fault.message.as_str().into();
    json!({"header": header})
}

/// The header of a reply that brings good news; sender and receiver have changed places.
fn header(cx: &Service, ids: &RequestIds, via: Via) -> Value {
    let mut header = Map::new();
    header.insert("version".to_owned(), "1.0.0".into());
    header.insert("message_id".to_owned(), cx.id(via.purpose(), ids).into());
    header.insert("message_ts".to_owned(), timestamp(cx, via).into());
    header.insert("action".to_owned(), action(cx, via).into());
    header.insert("status".to_owned(), "succ".into());
    header.insert(
        "sender_id".to_owned(),
        cx.profile.partner.receiver_id.as_str().into(),
    );
    if let Some(sender_id) = &ids.sender {
        header.insert("receiver_id".to_owned(), sender_id.as_str().into());
    }
    header.into()
}

impl Via {
    fn purpose(self) -> &'static str {
        match self {
            Self::Sync => "reply",
            Self::Callback => "callback",
        }
    }
}

fn action(cx: &Service, via: Via) -> &'static str {
    match via {
        Via::Sync if cx.commits(Defect::ReplyActionWrong) => "on-subscribe",
        Via::Callback if cx.commits(Defect::CallbackActionSearch) => "search",
        _ => "on-search",
    }
}

fn timestamp(cx: &Service, via: Via) -> String {
    let now = format_date_time(clock::now());
    if via == Via::Sync && cx.commits(Defect::ReplyTimestampZoneless) {
        return now.trim_end_matches('Z').to_owned();
    }
    now
}

fn without_status(cx: &Service, header: &mut Value, via: Via) {
    let forgotten = match via {
        Via::Sync => cx.commits(Defect::ReplyStatusMissing),
        Via::Callback => cx.commits(Defect::CallbackStatusMissing),
    };
    if forgotten && let Some(members) = header.as_object_mut() {
        members.shift_remove("status");
    }
}

/// The transaction_id of the request. One that was missing and was let through gets one of ours, so that
/// at least the reply has its form.
fn transaction_id(cx: &Service, ids: &RequestIds, via: Via) -> String {
    let fresh = match via {
        Via::Sync => cx.commits(Defect::TransactionIdFresh),
        Via::Callback => cx.commits(Defect::CallbackTransactionFresh),
    };
    match &ids.transaction {
        Some(echoed) if !fresh && !echoed.is_empty() => echoed.clone(),
        _ => cx.id("transaction", ids),
    }
}
