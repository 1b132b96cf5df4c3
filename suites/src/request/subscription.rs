//! Requests about subscriptions.

use super::{batch, called_back, transaction_id};
use crate::context::Context;
use serde_json::{Value, json};

/// The envelope of a request for these subscriptions, one item of the batch each. `what` names it.
pub fn subscribe_envelope(cx: &Context, what: &str, criteria: &[Value]) -> Value {
    json!({
        "header": called_back(cx, what, "subscribe", criteria.len()),
        "message": {
            "transaction_id": transaction_id(cx, what),
            "subscribe_request": batch(cx, what, "subscribe_criteria", criteria),
        },
    })
}

/// Criteria of a subscription to the events of a type about the records that search criteria find.
pub fn subscription(cx: &Context, event_type: &str, search: &Value) -> Value {
    let registry = cx.profile.registry.as_ref();
    let mut criteria = json!({
        "reg_event_type": event_type,
        "filter_type": search["query_type"],
        "filter": search["query"],
        "notify_record_type": registry.and_then(|r| r.reg_record_type.as_deref()).unwrap_or("Person"),
    });
    if let Some(reg_type) = registry.and_then(|r| r.reg_type.as_ref()) {
        criteria["reg_type"] = json!(reg_type);
    }
    criteria
}

/// The envelope of a request to end the subscriptions of these codes.
pub fn unsubscribe_envelope(cx: &Context, what: &str, codes: &[String]) -> Value {
    json!({
        "header": called_back(cx, what, "unsubscribe", 1),
        "message": {
            "transaction_id": transaction_id(cx, what),
            "timestamp": "${now}",
            "subscription_codes": codes,
        },
    })
}
