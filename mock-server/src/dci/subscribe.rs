//! `POST /registry/subscribe`: whoever subscribes is told of events.

use super::envelope::{Head, content, finished, timestamp};
use super::item::{asked_reference, is_language, reference_id, unrepeated};
use super::kind::Kind;
use super::later::{self, Accepted, Prepared};
use super::request;
use crate::answer::Answer;
use crate::ids::{self, RequestIds};
use crate::incoming::Incoming;
use crate::operation::Operation;
use crate::query::{Criteria, Rejection};
use crate::readings::Way;
use crate::service::Service;
use crate::state::{Answered, Subject, Subscription, Transaction};
use crate::store::Kind as Kept;
use crate::{Defect, clock};
use serde_json::{Value, json};
use specs::wire::time::{format_date_time, parse_date_time};
use std::sync::Arc;
use tokio::sync::watch;

/// Answers a request for subscriptions by a callback.
pub(super) async fn subscribe(cx: &Service, incoming: &Incoming) -> Answer {
    later::answer(
        cx,
        incoming,
        Operation::Subscribe,
        Kind::OnSubscribe,
        |accepted| {
            let (delivered, announced) = watch::channel(());
            Prepared {
                body: on_subscribe(cx, accepted, &announced),
                delivered: Some(delivered),
            }
        },
    )
    .await
}

/// Makes the subscriptions of a batch, and tells of them.
fn on_subscribe(cx: &Service, accepted: &Accepted<'_>, announced: &watch::Receiver<()>) -> Value {
    let asked = request::subscriptions(accepted.request);
    let now = timestamp(cx, Kind::OnSubscribe);
    let mut made = Vec::new();
    let mut items = Vec::new();
    for (i, item) in asked.iter().enumerate() {
        let mut json = json!({"reference_id": reference_id(cx, item, Kind::SyncTxnStatus), "timestamp": now});
        match unrepeated(cx, item, &asked[..i]).and_then(|()| make(cx, accepted, item, announced)) {
            Ok(subscription) => {
                json["status"] = "succ".into();
                json["subscriptions"] = json!([info(&subscription, true)]);
                made.push(subscription);
            }
            Err(Rejection { code, message }) => {
                json["status"] = "rjct".into();
                json["status_reason_code"] = code.into();
                json["status_reason_message"] = message.into();
            }
        }
        if let Some(locale) = item.get("locale").filter(|l| is_language(l)) {
            json["locale"] = locale.clone();
        }
        items.push(json);
    }
    remember(cx, accepted, &made, &items);
    for (json, item) in items.iter_mut().zip(asked) {
        json["reference_id"] = reference_id(cx, item, Kind::OnSubscribe).into();
    }
    let rejected = items.len() - made.len();
    let head = Head::of_batch(asked.len(), items.len(), rejected, "subscription");
    let content = content(&accepted.correlation_id, "subscribe_response", items);
    finished(cx, Kind::OnSubscribe, &accepted.ids, &head, Some(content))
}

fn make(
    cx: &Service,
    accepted: &Accepted<'_>,
    item: &Value,
    announced: &watch::Receiver<()>,
) -> Result<Arc<Subscription>, Rejection> {
    let criteria = item.get("subscribe_criteria").unwrap_or(&Value::Null);
    let event_type = criteria
        .get("reg_event_type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let known = &cx.registry().event_types;
    if !known.iter().any(|k| k == event_type) && !cx.commits(Defect::SubscribeEventUnchecked) {
        let message = format!(
            "unknown reg_event_type {event_type:?}; this registry tells of {}",
            known.join(", ")
        );
        return Err(Rejection::new("rjct.notify_types.invalid", message));
    }
    let sender = accepted.ids.sender.clone().unwrap_or_default();
    let one_for_all = cx.commits(Defect::SubscribeCodeConstant);
    let subscription = Subscription {
        code: if one_for_all {
            ids::derive(&["subscriber", &sender])
        } else {
            String::new()
        },
        sender,
        transaction_id: accepted.ids.transaction.clone().unwrap_or_default(),
        reference_id: asked_reference(item),
        criteria: criteria.clone(),
        filter: filter(cx, criteria)?,
        window: window(criteria),
        target: accepted.target.clone(),
        sender_uri: accepted.sender_uri(),
        timestamp: format_date_time(clock::now()),
        announced: announced.clone(),
    };
    let reference = subscription.reference_id.clone();
    if cx.ways.take(Way::SubscribeSameCode)
        && let Some(existing) = cx.subscriptions.same(&subscription)
    {
        return Ok(existing);
    }
    let code = |n: usize| code(cx, &accepted.ids, &reference, n);
    let even_twice = cx.commits(Defect::SubscribeDuplicateAccepted) || cx.ways.take(Way::SubscribeSecond);
    let ended_too = cx.commits(Defect::ResubscribeRefused);
    let subscription =
        (cx.subscriptions.add(subscription, code, even_twice, ended_too)).ok_or_else(|| {
            let message = "the same events with the same filter are told to this address already".to_owned();
            Rejection::new("rjct.event.already_subscribed", message)
        })?;
    keep(cx, &subscription, true);
    Ok(subscription)
}

/// Keeps a subscription as it is now.
pub(super) fn keep(cx: &Service, subscription: &Subscription, live: bool) {
    let (code, written) = (&subscription.code, || subscription.written(live));
    cx.ledger.keep(Kept::Subscription, Some(code), written);
}

/// Reads a subscription that was kept, and whether it is live.
pub(super) fn read(cx: &Service, written: &Value) -> Option<(Subscription, bool)> {
    let text = |name: &str| written.get(name)?.as_str().map(ToOwned::to_owned);
    let criteria = written.get("criteria")?;
    let sender_uri = text("sender_uri");
    // The subscriber was told in the former life of this server, or will be before anything else.
    let (_, announced) = watch::channel(());
    let subscription = Subscription {
        code: text("code")?,
        sender: text("sender")?,
        transaction_id: text("transaction_id")?,
        reference_id: text("reference_id")?,
        filter: filter(cx, criteria).ok()?,
        window: window(criteria),
        target: cx.courier.policy.target(sender_uri.as_deref()).ok()?,
        sender_uri,
        timestamp: text("timestamp")?,
        announced,
        criteria: criteria.clone(),
    };
    Some((subscription, written.get("live")?.as_bool()?))
}

/// The `n`th code for a subscription, should those before it be taken.
fn code(cx: &Service, ids: &RequestIds, reference: &str, n: usize) -> String {
    cx.id(&format!("subscription {n} {reference}"), ids)
}

/// The filter, which has the form of a query.
fn filter(cx: &Service, criteria: &Value) -> Result<Criteria, Rejection> {
    let query = criteria.get("filter").unwrap_or(&Value::Null);
    let by_form = match query {
        Value::Array(_) => "predicate",
        _ if query.get("value").is_some_and(Value::is_object) => "expression",
        _ => "idtype-value",
    };
    if cx.ways.take(Way::FilterTypeRefused) && criteria.get("filter_type").is_none() {
        let message = "the filter names no filter_type".to_owned();
        return Err(Rejection::new("rjct.notify_details.invalid", message));
    }
    let query_type = criteria
        .get("filter_type")
        .and_then(Value::as_str)
        .unwrap_or(by_form);
    let mut search = json!({"query_type": query_type, "query": query});
    if let Some(reg_type) = criteria.get("reg_type") {
        search["reg_type"] = reg_type.clone();
    }
    Criteria::read(&search, cx.registry())
        .map_err(|Rejection { message, .. }| Rejection::new("rjct.notify_details.invalid", message))
}

/// From when until when notifications are wanted.
fn window(criteria: &Value) -> Option<(f64, f64)> {
    let frequency = criteria.get("frequency")?;
    let moment = |name: &str| {
        frequency
            .get(name)
            .and_then(Value::as_str)
            .and_then(parse_date_time)
    };
    Some((moment("start_time")?, moment("end_time")?))
}

/// The word for a subscription that is live, or has ended.
pub(super) fn state(live: bool) -> &'static str {
    if live { "subscribe" } else { "unsubscribe" }
}

/// A subscription as its subscriber sees it.
pub(super) fn info(subscription: &Subscription, live: bool) -> Value {
    let mut info = json!({
        "code": subscription.code,
        "status": state(live),
        "timestamp": subscription.timestamp,
    });
    for name in [
        "reg_type",
        "reg_event_type",
        "frequency",
        "filter_type",
        "filter",
        "notify_record_type",
    ] {
        if let Some(value) = subscription.criteria.get(name) {
            info[name] = value.clone();
        }
    }
    info
}

fn remember(cx: &Service, accepted: &Accepted<'_>, made: &[Arc<Subscription>], items: &[Value]) {
    if !cx.tells_of_transactions() {
        return;
    }
    let asked = request::subscriptions(accepted.request);
    let references = asked.iter().map(asked_reference).collect();
    let message = json!({
        "transaction_id": accepted.ids.transaction,
        "correlation_id": accepted.acknowledged,
        "subscribe_response": items,
    });
    cx.remember(Transaction {
        subject: Subject::Subscribe,
        sender: accepted.ids.sender.clone().unwrap_or_default(),
        transaction_id: accepted.ids.transaction.clone().unwrap_or_default(),
        correlation_id: accepted.acknowledged.to_owned(),
        references,
        codes: made.iter().map(|s| s.code.clone()).collect(),
        weight: message.to_string().len(),
        answered: Answered::Message(message),
    });
}
