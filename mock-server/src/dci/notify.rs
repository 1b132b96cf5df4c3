//! Events: the register changes, and whoever subscribed to that is told.

use super::envelope::{Head, finished, sent, timestamp};
use super::kind::Kind;
use super::{later, signature};
use crate::callback::{Delivery, Manner};
use crate::ids::RequestIds;
use crate::query::fits;
use crate::service::Service;
use crate::state::Subscription;
use crate::store::Kind as Kept;
use crate::{Defect, clock};
use serde_json::{Map, Value, json};

/// A record is registered, or registered anew; tells the subscribers and returns how many there are.
pub(crate) async fn happen(cx: &Service, event_type: &str, record: Value, wished: Manner) -> usize {
    if !cx.commits(Defect::NotifyRecordNotKept) {
        cx.put(&record);
    }
    tell(cx, event_type, &record, wished).await
}

/// Tells the subscribers of an event that the register has seen already.
pub(super) async fn tell(cx: &Service, event_type: &str, record: &Value, wished: Manner) -> usize {
    let slips = Kind::Notify.slips();
    let subscriptions = if cx.commits(Defect::NotifyAfterUnsubscribe) {
        cx.subscriptions.all()
    } else {
        cx.subscriptions.live()
    };
    let event = json!({"reg_event_type": event_type, "record": record});
    cx.ledger.keep(Kept::Event, None, || event.clone());
    let nth = cx.events.put(event);
    let mut notified = 0;
    for subscription in subscriptions {
        if !is_wanted(cx, &subscription, event_type, record) {
            continue;
        }
        notified += 1;
        if cx.commits(Defect::NotifyLostAfterResubscribe) && cx.subscriptions.ended_before(&subscription) {
            continue;
        }
        if cx.commits_any(slips.never) {
            continue;
        }
        let ids = ids(&subscription);
        // An event is told in clear, however the subscription was asked for.
        let body = notification(cx, &subscription, event_type, record, nth);
        let body = sent(cx, Kind::Notify, &ids, None, body);
        let delivery = Delivery {
            operation: Kind::Notify.action().into(),
            target: later::address(cx, Kind::Notify, subscription.target.clone()),
            sender_uri: subscription.sender_uri.clone(),
            correlation_id: subscription.code.clone(),
            signature: signature::beside(cx, Kind::Notify, &body.to_string()),
            body,
            attempts: 0,
            after: Some(subscription.announced.clone()),
            delivered: None,
            dying: None,
        };
        let manner = Manner {
            twice: wished.twice || cx.commits_any(slips.twice),
            ..wished
        };
        cx.courier.dispatch(delivery, manner).await;
    }
    notified
}

fn is_wanted(cx: &Service, subscription: &Subscription, event_type: &str, record: &Value) -> bool {
    let of_type = subscription.text("reg_event_type") == event_type || cx.commits(Defect::NotifyAnyEvent);
    let now = clock::now();
    of_type
        && subscription
            .window
            .is_none_or(|(start, end)| start <= now && now <= end)
        && (cx.commits(Defect::NotifyFilterIgnored) || fits(record, &subscription.filter))
}

/// The notification of one subscriber.
fn notification(
    cx: &Service,
    subscription: &Subscription,
    event_type: &str,
    record: &Value,
    nth: usize,
) -> Value {
    let record = record.clone();
    let mut data = json!({"version": "1.0.0"});
    if let Some(reg_type) = &cx.registry().reg_type {
        data["reg_type"] = reg_type.as_str().into();
    }
    data["reg_event_type"] = event_type.into();
    data["reg_record_type"] = if cx.commits(Defect::NotifyRecordTypeOther) {
        "Record".into()
    } else {
        subscription.text("notify_record_type").into()
    };
    data["reg_records"] = json!([record]);
    let event = json!({
        "reference_id": subscription.reference_id,
        "timestamp": timestamp(cx, Kind::Notify),
        "data": data,
    });
    let head = Head {
        nth: Some(nth),
        ..Head::of_one()
    };
    let mut content = Map::new();
    content.insert("notify_event".to_owned(), json!([event]));
    finished(cx, Kind::Notify, &ids(subscription), &head, Some(content))
}

/// What tells the notifications of one subscription from those of others.
fn ids(subscription: &Subscription) -> RequestIds {
    RequestIds {
        sender: Some(subscription.sender.clone()),
        message: Some(subscription.code.clone()),
        transaction: Some(subscription.transaction_id.clone()),
    }
}
