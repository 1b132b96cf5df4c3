//! `POST /registry/sync/search`: searched and answered at once.

use super::reply::{Via, reply};
use super::{refusal, request, turn_away};
use crate::Defect;
use crate::answer::{Answer, Note, TEXT};
use crate::ids::RequestIds;
use crate::incoming::Incoming;
use crate::service::{Operation, Service};
use http::StatusCode;
use serde_json::Value;

/// Answers a synchronous search.
pub(crate) fn sync_search(cx: &Service, incoming: &Incoming) -> Answer {
    if let Some(answer) = turn_away(cx, incoming) {
        return answer;
    }
    let request = match request::read(cx, incoming, Operation::SyncSearch) {
        Ok(request) => request,
        Err(fault) => {
            let ids = RequestIds::of(&fault.request);
            let note = note(ids, None, format!("refused, {}", fault.message));
            return Answer {
                note,
                ..refusal::of_sync(cx, &fault)
            };
        }
    };
    let correlation_id = request::correlation_id(cx, incoming, &request);
    let reply = reply(cx, &request, &correlation_id, Via::Sync);
    let mut answer = Answer::json(StatusCode::OK, &reply);
    if cx.commits(Defect::ReplyMediaTypeText) {
        answer.content_type = TEXT;
    }
    answer.note = note(RequestIds::of(&request), Some(correlation_id), outcome(&reply));
    answer
}

/// What the log says of a search.
pub(super) fn note(ids: RequestIds, correlation_id: Option<String>, verdict: String) -> Note {
    Note {
        message_id: ids.message,
        transaction_id: ids.transaction,
        correlation_id,
        verdict,
    }
}

/// How many records each search of a batch returned, or why it returned none.
fn outcome(reply: &Value) -> String {
    let items = reply
        .pointer("/message/search_response")
        .and_then(Value::as_array);
    let outcomes = items
        .into_iter()
        .flatten()
        .map(|item| match item.get("status_reason_code") {
            Some(code) => code.as_str().unwrap_or_default().to_owned(),
            None => format!(
                "{} found",
                item.pointer("/pagination/total_count").unwrap_or(&Value::Null)
            ),
        });
    outcomes.collect::<Vec<_>>().join(", ")
}
