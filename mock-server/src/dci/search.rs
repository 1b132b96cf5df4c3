//! `POST /registry/search` and `POST /registry/sync/search`: the same search, answered later or at once.

use super::kind::Kind;
use super::{at_once, item, later, reply, request};
use crate::Defect;
use crate::answer::Answer;
use crate::ids::RequestIds;
use crate::incoming::Incoming;
use crate::operation::Operation;
use crate::service::Service;
use crate::state::{Answered, Subject, Transaction};
use serde_json::Value;

/// Answers a search by a callback.
pub(super) async fn search(cx: &Service, incoming: &Incoming) -> Answer {
    later::answer(cx, incoming, Operation::Search, Kind::OnSearch, |accepted| {
        remember(cx, accepted.request, accepted.acknowledged);
        let request = if cx.commits(Defect::CallbackRecordsOfAnother) {
            &of_another(cx, accepted.request)
        } else {
            accepted.request
        };
        reply::reply(cx, request, &accepted.correlation_id, Kind::OnSearch).into()
    })
    .await
}

/// A request with the criteria of the search before it.
fn of_another(cx: &Service, request: &Value) -> Value {
    let mut request = request.clone();
    let criteria = request.pointer_mut("/message/search_request/0/search_criteria");
    if let Some(criteria) = criteria
        && let Some(earlier) = cx.memory.exchanged(criteria.clone())
    {
        *criteria = earlier;
    }
    request
}

/// Answers a search at once.
pub(super) fn sync_search(cx: &Service, incoming: &Incoming) -> Answer {
    at_once::answer(
        cx,
        incoming,
        Operation::SyncSearch,
        Kind::SyncSearch,
        |request, correlation_id| {
            remember(cx, request, correlation_id);
            reply::written(cx, request, correlation_id, Kind::SyncSearch)
        },
    )
}

/// Keeps what is needed to tell later what became of the search.
fn remember(cx: &Service, request: &Value, correlation_id: &str) {
    if !cx.tells_of_transactions() {
        return;
    }
    let searches = request::searches(request);
    let ids = RequestIds::of(request);
    let (answered, weight) = Answered::of_searches(searches);
    cx.remember(Transaction {
        subject: Subject::Search,
        sender: ids.sender.unwrap_or_default(),
        transaction_id: ids.transaction.unwrap_or_default(),
        correlation_id: correlation_id.to_owned(),
        references: searches.iter().map(item::asked_reference).collect(),
        codes: Vec::new(),
        answered,
        weight,
    });
}
