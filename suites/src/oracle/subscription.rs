//! What the answers about subscriptions and the notifications hold.

use serde_json::Value;
use specs::evidence::Body;

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn list<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// The code of a subscription, under the name that the first editions require as well.
fn code_of(subscription: &Value) -> Option<String> {
    text(subscription, "code").or_else(|| text(subscription, "subscription_code"))
}

/// The answer to a request for subscriptions.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscribed {
    /// `message.transaction_id`.
    pub transaction_id: Option<String>,
    /// The items of `message.subscribe_response`.
    pub items: Vec<SubscribedItem>,
}

/// One item of it.
#[derive(Debug, Clone, PartialEq)]
pub struct SubscribedItem {
    /// `reference_id`.
    pub reference_id: Option<String>,
    /// `status`.
    pub status: Option<String>,
    /// `status_reason_code`.
    pub reason: Option<String>,
    /// The codes of `subscriptions`.
    pub codes: Vec<String>,
}

impl Subscribed {
    /// Reads a body as such an answer, if it has a list `subscribe_response`.
    pub fn read(body: &Body) -> Option<Self> {
        Self::of_message(body.json()?.get("message")?)
    }

    /// Reads a message as such an answer.
    pub fn of_message(message: &Value) -> Option<Self> {
        message.get("subscribe_response")?.as_array()?;
        Some(Self {
            transaction_id: text(message, "transaction_id"),
            items: list(message, "/subscribe_response")
                .map(|item| SubscribedItem {
                    reference_id: text(item, "reference_id"),
                    status: text(item, "status"),
                    reason: text(item, "status_reason_code"),
                    codes: list(item, "/subscriptions").filter_map(code_of).collect(),
                })
                .collect(),
        })
    }

    /// The codes of the items that succeeded, in their order.
    pub fn codes(&self) -> Vec<String> {
        let succeeded = |item: &&SubscribedItem| item.status.as_deref() == Some("succ");
        let items = self.items.iter().filter(succeeded);
        items.flat_map(|item| item.codes.iter().cloned()).collect()
    }
}

/// The answer to a request to end subscriptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsubscribed {
    /// `message.transaction_id`.
    pub transaction_id: Option<String>,
    /// `message.status`.
    pub status: Option<String>,
    /// `message.status_reason_code`.
    pub reason: Option<String>,
    /// Code and status of each subscription.
    pub subscriptions: Vec<(String, String)>,
}

impl Unsubscribed {
    /// Reads a body as such an answer, if its message has a status.
    pub fn read(body: &Body) -> Option<Self> {
        let body = body.json()?;
        let message = body.get("message")?;
        Some(Self {
            transaction_id: text(message, "transaction_id"),
            status: Some(text(message, "status")?),
            reason: text(message, "status_reason_code"),
            subscriptions: list(message, "/subscription_status")
                .filter_map(|entry| Some((text(entry, "code")?, text(entry, "status")?)))
                .collect(),
        })
    }
}

/// One event of a notification.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// `reference_id`.
    pub reference_id: Option<String>,
    /// `data.reg_event_type`.
    pub event_type: Option<String>,
    /// `data.reg_record_type`.
    pub record_type: Option<String>,
    /// `data.reg_records`; a single object counts as a list of one.
    pub records: Vec<Value>,
}

/// The events that a body tells of, if it is a notification: it calls itself one, or tells of events.
pub fn notified(body: &Body) -> Option<Vec<Event>> {
    let body = body.json()?;
    let named = body.pointer("/header/action").and_then(Value::as_str) == Some("notify");
    if !named && body.pointer("/message/notify_event").is_none() {
        return None;
    }
    let events = list(&body, "/message/notify_event").map(|event| {
        let data = event.get("data").unwrap_or(&Value::Null);
        Event {
            reference_id: text(event, "reference_id"),
            event_type: text(data, "reg_event_type"),
            record_type: text(data, "reg_record_type"),
            records: match data.get("reg_records") {
                Some(Value::Array(records)) => records.clone(),
                Some(record @ Value::Object(_)) => vec![record.clone()],
                _ => Vec::new(),
            },
        }
    });
    Some(events.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(value: &Value) -> Body {
        Body::text(value.to_string())
    }

    #[test]
    fn only_items_that_succeeded_have_codes() {
        let answer = body(&json!({"message": {"subscribe_response": [
            {"reference_id": "r-1", "status": "succ", "subscriptions": [{"code": "s-1"}]},
            {"reference_id": "r-2", "status": "rjct", "status_reason_code": "rjct.notify_types.invalid",
             "subscriptions": [{"code": "s-2"}]},
        ]}}));
        let answer = Subscribed::read(&answer).expect("a list of items");
        assert_eq!(answer.codes(), ["s-1"]);
        assert_eq!(
            answer.items[1].reason.as_deref(),
            Some("rjct.notify_types.invalid")
        );
        assert_eq!(
            Subscribed::read(&body(&json!({"message": {"search_response": []}}))),
            None
        );
    }

    #[test]
    fn a_notification_is_known_by_its_name_or_by_its_events() {
        let event = json!({"reference_id": "r-1", "data": {"reg_records": {"a": 1}}});
        let named = notified(&body(&json!({"header": {"action": "notify"}})));
        assert_eq!(named, Some(Vec::new()));
        let told = notified(&body(&json!({"message": {"notify_event": [event]}}))).expect("events");
        assert_eq!(told[0].records, [json!({"a": 1})]);
        let answer = json!({"header": {"action": "on-subscribe"}, "message": {"subscribe_response": []}});
        assert_eq!(notified(&body(&answer)), None);
    }
}
