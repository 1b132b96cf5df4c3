//! What only a mock has: events that happen when its user says so, and a look at the subscriptions.

use super::{event, notify, subscribe};
use crate::answer::Answer;
use crate::incoming::Incoming;
use crate::readings::Way;
use crate::service::Service;
use crate::text::clipped;
use http::StatusCode;
use serde_json::{Value, json};

/// Makes an event happen: `{"reg_event_type", "record"}`, where without a record one is made.
pub(crate) async fn make_event(cx: &Service, incoming: &Incoming) -> Answer {
    match read(cx, incoming) {
        Ok((event_type, record)) => {
            let mut told = json!({"reg_event_type": event_type, "record": record});
            told["notified"] = notify::happen(cx, &event_type, record, incoming.manner)
                .await
                .into();
            Answer::json(StatusCode::OK, &told)
                .noting(&format!("{event_type}: {} notified", told["notified"]))
        }
        Err((status, message)) => Answer::errors(status, "err.request.bad", &clipped(message)),
    }
}

fn read(cx: &Service, incoming: &Incoming) -> Result<(String, Value), (StatusCode, String)> {
    let bad = |message: String| (StatusCode::BAD_REQUEST, message);
    let request = incoming.json().map_err(|fault| (fault.status, fault.message))?;
    let registry = cx.registry();
    let event_type = request
        .get("reg_event_type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    event::check_type(registry, event_type).map_err(bad)?;
    let record = match request.get("record").filter(|record| !record.is_null()) {
        None => cx.register().newcomer(event_type),
        Some(record) => record.clone(),
    };
    // Whoever writes codes otherwise than the dictionary is told of them as they are written.
    let by_dictionary = ![Way::RecordCodesLabel, Way::RecordCodesQualified]
        .into_iter()
        .any(|way| cx.ways.take(way));
    if by_dictionary {
        event::check_record(registry, &record).map_err(|(_, message)| bad(message))?;
    }
    Ok((event_type.to_owned(), record))
}

/// The recent events, oldest first.
pub(crate) fn events(cx: &Service) -> Answer {
    Answer::json(StatusCode::OK, &Value::Array(cx.events.list()))
}

/// The live subscriptions, oldest first.
pub(crate) fn subscriptions(cx: &Service) -> Answer {
    let live = cx.subscriptions.live();
    let listed = live.iter().map(|subscription| {
        let mut told = subscribe::info(subscription, true);
        told["sender_id"] = subscription.sender.as_str().into();
        told["sender_uri"] = subscription.sender_uri.clone().into();
        told["transaction_id"] = subscription.transaction_id.as_str().into();
        told["reference_id"] = subscription.reference_id.as_str().into();
        told
    });
    Answer::json(StatusCode::OK, &Value::Array(listed.collect()))
}
