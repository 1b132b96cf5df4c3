//! A partner of a registry: subscribes, is told of events, asks what became of things.

use crate::bench::{Bench, Reply, envelope, predicate, with};
use crate::receiver::{Callback, Receiver};
use serde_json::{Value, json};
use specs::document::Document;
use specs::schema::{Schema, Violation};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

pub(crate) const SUBSCRIBE: &str = "/registry/subscribe";
pub(crate) const UNSUBSCRIBE: &str = "/registry/unsubscribe";
pub(crate) const TXN_STATUS: &str = "/registry/txn/status";
pub(crate) const SYNC_TXN_STATUS: &str = "/registry/sync/txn/status";

/// Whether a schema describes what is sent to an operation, or what it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    Request,
    Reply,
}

/// What is wrong with a body by the document of the profile.
pub(crate) fn violations(b: &Bench, path: &str, side: Side, body: &Value) -> Vec<Violation> {
    type Key = (String, String, Side);
    static COMPILED: Mutex<Option<HashMap<Key, Arc<Schema>>>> = Mutex::new(None);
    let key = (b.profile.document.clone(), path.to_owned(), side);
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let schema = compiled.get_or_insert_default().entry(key).or_insert_with(|| {
        let document = Document::bundled(&b.profile.document).unwrap();
        let operation = document.operation("POST", path).unwrap();
        let content = match side {
            Side::Request => &operation.request.as_ref().unwrap().content,
            Side::Reply => &operation.responses["default"].content,
        };
        Arc::new(Schema::compile(&content["application/json"]).unwrap())
    });
    schema.violations(body)
}

/// An acknowledged request, and its callback.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) ack: Reply,
    pub(crate) acknowledged: Instant,
    pub(crate) callback: Option<Callback>,
}

impl Told {
    /// A value of the callback; null where there is none.
    pub(crate) fn at(&self, pointer: &str) -> Value {
        let callback = self.callback.as_ref();
        callback
            .and_then(|c| c.body.pointer(pointer))
            .cloned()
            .unwrap_or_default()
    }

    /// The code of the first subscription.
    pub(crate) fn code(&self) -> String {
        let code = self.at("/message/subscribe_response/0/subscriptions/0/code");
        code.as_str().unwrap_or_default().to_owned()
    }
}

pub(crate) struct Partner<'b> {
    pub(crate) b: &'b Bench,
    pub(crate) sender: String,
    pub(crate) receiver: Receiver,
}

impl<'b> Partner<'b> {
    pub(crate) async fn of(b: &'b Bench) -> Self {
        Self::named(b, "spmis.example.org").await
    }

    pub(crate) async fn named(b: &'b Bench, sender: &str) -> Self {
        Self {
            b,
            sender: sender.to_owned(),
            receiver: Receiver::start().await,
        }
    }

    /// The same partner at another address.
    pub(crate) async fn elsewhere(&self) -> Self {
        Self::named(self.b, &self.sender).await
    }

    /// The next notification, whatever else comes before it.
    pub(crate) async fn notification(&self) -> Option<Callback> {
        loop {
            let callback = self.receiver.soon().await?;
            if tells_of_an_event(&callback) {
                return Some(callback);
            }
        }
    }

    /// Whether no notification comes.
    pub(crate) async fn hears_of_no_event(&self) -> bool {
        while let Some(callback) = self.receiver.promptly().await {
            if tells_of_an_event(&callback) {
                return false;
            }
        }
        true
    }

    /// A request with this message, to be answered here.
    pub(crate) fn request(&self, action: &str, transaction: &str, message: &Value) -> Value {
        let mut request = json!({
            "header": {
                "message_id": format!("m-{transaction}"),
                "message_ts": "2026-01-05T12:00:00+02:00",
                "action": action,
                "sender_id": self.sender,
                "sender_uri": self.receiver.url,
                "total_count": 1,
            },
            "message": message,
        });
        request["message"]["transaction_id"] = transaction.into();
        request
    }

    /// Sends a request and waits for its callback, if it is acknowledged.
    pub(crate) async fn ask(&self, path: &str, request: &Value) -> Told {
        let ack = self.b.call(path, &request.to_string()).await;
        let acknowledged = Instant::now();
        let callback = match ack.status {
            200 => self.receiver.soon().await,
            _ => None,
        };
        Told {
            ack,
            acknowledged,
            callback,
        }
    }

    pub(crate) fn subscription(&self, transaction: &str, criteria: &[Value]) -> Value {
        let item = |(i, criteria): (usize, &Value)| {
            json!({
                "reference_id": format!("{transaction}-{i}"),
                "timestamp": "2026-01-05T10:00:00Z",
                "subscribe_criteria": criteria,
            })
        };
        let items: Vec<Value> = criteria.iter().enumerate().map(item).collect();
        self.request("subscribe", transaction, &json!({"subscribe_request": items}))
    }

    pub(crate) async fn subscribe(&self, transaction: &str, criteria: &[Value]) -> Told {
        self.ask(SUBSCRIBE, &self.subscription(transaction, criteria))
            .await
    }

    pub(crate) fn end(&self, transaction: &str, codes: &[&str]) -> Value {
        let message = json!({"timestamp": "2026-01-05T10:00:00Z", "subscription_codes": codes});
        self.request("unsubscribe", transaction, &message)
    }

    pub(crate) async fn unsubscribe(&self, transaction: &str, codes: &[&str]) -> Told {
        self.ask(UNSUBSCRIBE, &self.end(transaction, codes)).await
    }

    /// A question about a transaction of this type, which is named by an attribute.
    pub(crate) fn question(
        &self,
        transaction: &str,
        of: &str,
        attribute: &str,
        value: impl Into<Value>,
    ) -> Value {
        let asked = json!({
            "reference_id": "q",
            "txn_type": of,
            "attribute_type": attribute,
            "attribute_value": value.into(),
        });
        self.request("txn-status", transaction, &json!({"txnstatus_request": asked}))
    }

    pub(crate) async fn status(&self, of: &str, attribute: &str, value: impl Into<Value>) -> Reply {
        let question = self.question("question", of, attribute, value);
        self.b.call(SYNC_TXN_STATUS, &question.to_string()).await
    }

    /// A synchronous search of this partner.
    pub(crate) async fn search(&self, transaction: &str, criteria: &[Value]) -> Reply {
        let request = envelope(transaction, criteria);
        let request = with(&request, "/header/sender_id", Some(self.sender.as_str().into()));
        self.b.sync_search(&request).await
    }
}

fn tells_of_an_event(callback: &Callback) -> bool {
    callback.body.pointer("/message/notify_event").is_some()
}

/// The first type of event that the registry tells of.
pub(crate) fn event_type(b: &Bench) -> &str {
    &b.profile.registry.as_ref().unwrap().event_types[0]
}

/// Criteria for this type of event and records that satisfy an expression.
pub(crate) fn wanting(b: &Bench, event_type: &str, expression: &Value) -> Value {
    json!({
        "reg_type": b.profile.registry.as_ref().unwrap().reg_type,
        "reg_event_type": event_type,
        "frequency": {
            "start_time": "2020-01-01T00:00:00Z", "end_time": "2099-12-31T23:59:59Z", "frequency": "0 6 * * *",
        },
        "filter_type": "predicate",
        "filter": [{"expression1": expression}],
        "notify_record_type": b.profile.registry.as_ref().unwrap().reg_record_type,
    })
}

/// Criteria for the first type of event and everybody.
pub(crate) fn everything(b: &Bench) -> Value {
    wanting(b, event_type(b), &b.date_is("gt", "1900-01-01"))
}

/// Makes an event happen.
pub(crate) async fn event(b: &Bench, event: &Value) -> Reply {
    b.call_as(None, "/_dcx/events", &event.to_string()).await
}

/// The record of somebody who is registered.
pub(crate) async fn somebody(b: &Bench) -> Value {
    let all = predicate(&[b.date_is("gt", "1900-01-01")]);
    b.records(all).await.into_iter().nth(3).unwrap_or_default()
}

/// The record of somebody else with this number, which nobody has.
pub(crate) fn renumbered(b: &Bench, record: &Value, number: &str) -> Value {
    let text = record.to_string().replace(b.id(record), number);
    // A certificate has another number as well.
    let mut record: Value = serde_json::from_str(&text).unwrap();
    let identifiers = &b.profile.registry.as_ref().unwrap().identifiers;
    if let Some(second) = record.pointer_mut(&format!("{identifiers}/1/identifier_value")) {
        *second = format!("2020-{number}").into();
    }
    record
}

/// How many records a search by this number finds.
pub(crate) async fn count(b: &Bench, number: &str) -> usize {
    let by_number = json!({"query_type": "idtype-value", "query": {"type": "UIN", "value": number}});
    b.records(by_number).await.len()
}
