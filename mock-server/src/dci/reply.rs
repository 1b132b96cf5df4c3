//! The reply to a search: the body of a synchronous answer, and of a callback.

use super::envelope::{Head, content, finished, timestamp};
use super::item::{self, Item};
use super::kind::Kind;
use super::request::searches;
use crate::Defect;
use crate::ids::RequestIds;
use crate::service::Service;
use serde_json::Value;

/// The reply to a request.
pub(super) fn reply(cx: &Service, request: &Value, correlation_id: &str, kind: Kind) -> Value {
    let asked = searches(request);
    let answered = match asked.len() {
        several @ 2.. if kind == Kind::SyncSearch && cx.commits(Defect::BatchLastDropped) => several - 1,
        all => all,
    };
    let mut items = items(cx, &asked[..answered], kind);
    let bad = items.iter().position(|i| i.rejected);
    if let Some(bad) = bad.filter(|_| kind == Kind::SyncSearch && asked.len() > 1) {
        if cx.commits(Defect::BatchStopsAtBadItem) {
            items.truncate(bad + 1);
        }
        if cx.commits(Defect::BadItemSucceeds) {
            items.iter_mut().filter(|i| i.rejected).for_each(Item::pretend);
        }
    }
    let rejected = items.iter().filter(|i| i.rejected).count();
    let mut head = Head::of_batch(asked.len(), items.len(), rejected, "search");
    if kind == Kind::SyncSearch && cx.commits(Defect::TotalCountRecords) {
        let found = items.iter().map(|i| i.found).sum();
        head.counts = Some((found, items.len() - rejected));
    }
    let identified = items.iter().any(|i| i.identified);
    let headless = kind == Kind::SyncSearch && cx.commits(Defect::ReplyMessageMissing) && !identified;
    let message = (!headless).then(|| {
        let items: Vec<Value> = items.into_iter().map(|i| i.json).collect();
        content(correlation_id, "search_response", items)
    });
    finished(cx, kind, &RequestIds::of(request), &head, message)
}

/// The answers to the searches of a batch.
pub(super) fn items(cx: &Service, asked: &[Value], kind: Kind) -> Vec<Item> {
    let now = timestamp(cx, kind);
    let numbered = asked.iter().enumerate();
    let first_for_all = kind == Kind::SyncSearch && cx.commits(Defect::BatchFirstCriteria);
    numbered
        .map(|(i, search)| {
            let mut search = search.clone();
            if let Some(criteria) = asked[0].get("search_criteria").filter(|_| first_for_all) {
                search["search_criteria"] = criteria.clone();
            }
            item::answer(cx, &search, &asked[..i], kind, &now)
        })
        .collect()
}
