//! Operations that are answered at once.

use super::envelope::refusal;
use super::kind::Kind;
use super::{refused, request, signature};
use crate::Defect;
use crate::answer::{Answer, Note, TEXT};
use crate::ids::RequestIds;
use crate::incoming::Incoming;
use crate::operation::Operation;
use crate::refusal::Refusal;
use crate::service::Service;
use http::StatusCode;
use serde_json::Value;

/// Reads a request and answers it; `reply` makes the reply from the request and its correlation_id.
pub(super) fn answer(
    cx: &Service,
    incoming: &Incoming,
    operation: Operation,
    kind: Kind,
    reply: impl FnOnce(&Value, &str) -> Value,
) -> Answer {
    let request = match request::read(cx, incoming, operation) {
        Ok(request) => request,
        Err(fault) => {
            let ids = RequestIds::of(&fault.request);
            let note = Note {
                refusal: Some(Refusal::of(&fault)),
                ..note(ids, None, format!("refused, {}", fault.message))
            };
            return Answer {
                note,
                ..refused::at_once(cx, &fault, || {
                    signature::answer(cx, kind, fault.status, &refusal(cx, kind, &fault))
                })
            };
        }
    };
    let correlation_id = request::correlation_id(cx, incoming, operation, &request);
    let reply = reply(&request, &correlation_id);
    let mut answer = signature::answer(cx, kind, StatusCode::OK, &reply);
    if kind == Kind::SyncSearch && cx.commits(Defect::ReplyMediaTypeText) {
        answer.content_type = TEXT;
    }
    answer.note = note(RequestIds::of(&request), Some(correlation_id), outcome(&reply));
    answer
}

/// What the log says of a request.
pub(super) fn note(ids: RequestIds, correlation_id: Option<String>, verdict: String) -> Note {
    Note {
        message_id: ids.message,
        transaction_id: ids.transaction,
        correlation_id,
        verdict,
        refusal: None,
    }
}

/// What each item of a reply says, or what its header does.
fn outcome(reply: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let items = ["search_response", "disabled_response", "enrolled_response"];
    let items = items
        .into_iter()
        .find_map(|name| reply["message"][name].as_array());
    let Some(items) = items else {
        let reason = &reply["header"]["status_reason_message"];
        return text(if reason.is_null() {
            &reply["header"]["status"]
        } else {
            reason
        });
    };
    let outcomes = items.iter().map(|item| {
        let told = ["status_reason_code", "disabled_status", "enrolled_status"];
        let told = told.into_iter().find_map(|name| item.get(name));
        match (told, item.pointer("/pagination/total_count")) {
            (Some(told), _) => text(told),
            (None, Some(total)) => format!("{total} found"),
            (None, None) => text(&item["status"]),
        }
    });
    outcomes.collect::<Vec<_>>().join(", ")
}
