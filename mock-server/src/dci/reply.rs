//! The reply to a search: the body of a synchronous answer, and of a callback.

use super::at_once::Reply;
use super::envelope::{Envelope, Head, is_sent_as_it_is, timestamp, transaction_id};
use super::item::{self, Item};
use super::kind::Kind;
use super::request::searches;
use crate::Defect;
use crate::ids::RequestIds;
use crate::service::Service;
use serde::Serialize;
use serde_json::Value;

/// About how many bytes a record takes, and what is around it.
const RECORD: usize = 640;
const AROUND: usize = 1024;

/// The message of a reply.
#[derive(Serialize)]
struct Message<'a> {
    transaction_id: String,
    correlation_id: &'a str,
    search_response: Vec<Item<'a>>,
}

/// The reply to a request, as text where nobody wants to change anything in it.
pub(super) fn written(cx: &Service, request: &Value, correlation_id: &str, kind: Kind) -> Reply {
    let (now, ids) = (timestamp(cx, kind), RequestIds::of(request));
    let envelope = envelope(cx, request, &ids, correlation_id, kind, &now);
    let Some(message) = envelope.message.as_ref().filter(|_| is_sent_as_it_is(cx, kind)) else {
        return envelope.finished(cx, kind).into();
    };
    let items = &message.search_response;
    let shown: usize = items.iter().map(Item::shown).sum();
    let mut text = Vec::with_capacity(AROUND * (1 + items.len()) + RECORD * shown);
    // It can always be written, and a vector takes all of it.
    let _ = serde_json::to_writer(&mut text, &envelope);
    let outcomes: Vec<String> = items.iter().map(Item::outcome).collect();
    Reply::Text {
        text,
        outcome: outcomes.join(", "),
        accepts_all: !items.iter().any(Item::is_rejected),
    }
}

/// The reply to a request.
pub(super) fn reply(cx: &Service, request: &Value, correlation_id: &str, kind: Kind) -> Value {
    let (now, ids) = (timestamp(cx, kind), RequestIds::of(request));
    envelope(cx, request, &ids, correlation_id, kind, &now).finished(cx, kind)
}

fn envelope<'a>(
    cx: &'a Service,
    request: &'a Value,
    ids: &'a RequestIds,
    correlation_id: &'a str,
    kind: Kind,
    now: &'a str,
) -> Envelope<'a, Message<'a>> {
    let asked = searches(request);
    let answered = match asked.len() {
        several @ 2.. if kind == Kind::SyncSearch && cx.commits(Defect::BatchLastDropped) => several - 1,
        all => all,
    };
    let transaction = ids.transaction.as_deref().unwrap_or_default();
    let mut items = items(cx, &asked[..answered], transaction, kind, now);
    let bad = items.iter().position(Item::is_rejected);
    if let Some(bad) = bad.filter(|_| kind == Kind::SyncSearch && asked.len() > 1) {
        if cx.commits(Defect::BatchStopsAtBadItem) {
            items.truncate(bad + 1);
        }
        if cx.commits(Defect::BadItemSucceeds) {
            items
                .iter_mut()
                .filter(|i| i.is_rejected())
                .for_each(Item::pretend);
        }
    }
    let rejected = items.iter().filter(|i| i.is_rejected()).count();
    let mut head = Head::of_batch(asked.len(), items.len(), rejected, "search");
    if kind == Kind::SyncSearch && cx.commits(Defect::TotalCountRecords) {
        let found = items.iter().map(Item::found).sum();
        head.counts = Some((found, items.len() - rejected));
    }
    let identified = items.iter().any(|i| i.identified);
    let headless = kind == Kind::SyncSearch && cx.commits(Defect::ReplyMessageMissing) && !identified;
    let message = (!headless).then(|| Message {
        transaction_id: transaction_id(cx, kind, ids),
        correlation_id,
        search_response: items,
    });
    Envelope::of(cx, kind, ids, head, message)
}

/// The answers to the searches of a batch of this transaction, given `now`.
pub(super) fn items<'a>(
    cx: &'a Service,
    asked: &'a [Value],
    transaction: &str,
    kind: Kind,
    now: &'a str,
) -> Vec<Item<'a>> {
    let numbered = asked.iter().enumerate();
    let first_for_all = kind == Kind::SyncSearch && cx.commits(Defect::BatchFirstCriteria);
    numbered
        .map(|(i, search)| {
            let of = if first_for_all { &asked[0] } else { search };
            let criteria = of.get("search_criteria").unwrap_or(&Value::Null);
            item::answer(cx, search, criteria, (&asked[..i], transaction), kind, now)
        })
        .collect()
}
