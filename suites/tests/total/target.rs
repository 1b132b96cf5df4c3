//! A target that needs no network: it answers a planned step as a behaviour says.

use crate::arbitrary::Behaviour;
use serde_json::{Map, Value, json};
use specs::evidence::{Body, Callback, Exchange, Observation, Outcome, Request, Response};
use suites::plan::{Awaited, EVENT, KEY_SET, Payload, Send};
use suites::{Context, Step};

/// Carries a step out and appends what comes of it.
pub(crate) fn observe(cx: &Context, step: &Step, behaviour: &Behaviour, seen: &mut Vec<Observation>) {
    match step {
        Step::SendAll(sends) => {
            for send in sends {
                seen.push(Observation::Exchange(answer(cx, send, behaviour)));
            }
        }
        Step::Send(send) => seen.push(Observation::Exchange(answer(cx, send, behaviour))),
        Step::Await { label, awaited } | Step::Quiet { label, awaited } => {
            for n in 0..behaviour.callbacks.0 {
                let told = *awaited == Awaited::Notification;
                seen.push(Observation::Callback(callback(
                    cx, label, n, told, behaviour, seen,
                )));
            }
            seen.push(wait(behaviour));
        }
        Step::Open { label } => seen.push(opened(label, behaviour, seen)),
        Step::Recover(_) | Step::Expire { .. } => seen.push(wait(behaviour)),
        Step::ReadKeySet { label, .. } => {
            let send = suites::request::send(label, KEY_SET, json!({}));
            seen.push(Observation::Exchange(answer(cx, &send, behaviour)));
        }
        Step::Trigger {
            label,
            event_type,
            record,
        } => {
            let event = json!({"reg_event_type": event_type, "record": record});
            let send = suites::request::send(label, EVENT, event);
            seen.push(Observation::Exchange(answer(cx, &send, behaviour)));
        }
    }
}

fn wait(behaviour: &Behaviour) -> Observation {
    Observation::Wait {
        awaited: "something".to_owned(),
        satisfied: behaviour.satisfied,
        reason: (!behaviour.satisfied).then(|| "it did not come".to_owned()),
        waited_us: behaviour.at_us.0,
    }
}

/// What is decrypted of a step's answer: its message, or nothing.
fn opened(label: &str, behaviour: &Behaviour, seen: &[Observation]) -> Observation {
    let found = seen
        .iter()
        .enumerate()
        .find_map(|(n, observation)| match observation {
            Observation::Callback(c) if c.label == label => Some((n, c.request.body.json()?)),
            Observation::Exchange(e) if e.label == label => Some((n, e.response()?.body.json()?)),
            _ => None,
        });
    let content = found.as_ref().filter(|_| behaviour.satisfied);
    Observation::Opened {
        label: label.to_owned(),
        of: found.as_ref().map(|(n, _)| *n),
        content: content.map(|(_, body)| Body::text(body["message"].to_string())),
        reason: (!behaviour.satisfied).then(|| "the tag does not fit".to_owned()),
    }
}

fn answer(cx: &Context, send: &Send, behaviour: &Behaviour) -> Exchange {
    let (body, value) = match &send.payload {
        Payload::Json(value) => (Body::text(value.to_string()), value.clone()),
        Payload::Form(_) | Payload::Query(_) => (Body::text("a=form"), Value::Null),
        Payload::Raw(bytes) => (Body::text(String::from_utf8_lossy(bytes)), Value::Null),
    };
    let outcome = behaviour.instead.clone().unwrap_or_else(|| {
        let mut honest = match send.operation.as_str() {
            "token" => json!({"access_token": "$DCX_TOKEN", "token_type": "Bearer", "expires_in": "600"}),
            "sync-search" | "get-disability-support" | "get-disability-details" => {
                reply(cx, &value, behaviour)
            }
            "sync-txn-status" => later(cx, "sync-txn-status", &value, behaviour),
            "disabled" | "enrolled" | "enrollment-updates" | "check-enrollment" => status(&value, behaviour),
            EVENT => json!({"notified": 1}),
            _ => acknowledgement(behaviour.status),
        };
        spoil(&mut honest, behaviour);
        let media_type = behaviour
            .media_type
            .clone()
            .map(|value| ("content-type".to_owned(), value));
        Outcome::Response(Response {
            status: behaviour.status,
            headers: media_type.into_iter().collect(),
            body: Body::text(honest.to_string()),
        })
    });
    Exchange {
        label: send.label.clone(),
        operation: send.operation.clone(),
        intent: send.intent.clone(),
        request: request(body),
        outcome,
        sent_us: behaviour.at_us.0,
        done_us: behaviour.at_us.1,
        put_off: Vec::new(),
    }
}

fn request(body: Body) -> Request {
    Request {
        method: "POST".to_owned(),
        url: "http://127.0.0.1/".to_owned(),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body,
    }
}

fn acknowledgement(status: u16) -> Value {
    let status = if status < 400 { "ACK" } else { "ERR" };
    json!({"message": {"ack_status": status, "timestamp": "2024-01-01T00:00:00Z", "correlation_id": "1"}})
}

/// What an operation answers later, to a request of it.
fn later(cx: &Context, operation: &str, request: &Value, behaviour: &Behaviour) -> Value {
    let transaction = request.pointer("/message/transaction_id");
    let subscribed = |request: &Value| -> Vec<Value> {
        let asked = request
            .pointer("/message/subscribe_request")
            .and_then(Value::as_array);
        let items = asked.into_iter().flatten().enumerate();
        items
            .map(|(n, item)| {
                let code = json!({"code": format!("s-{n}"), "status": "subscribe", "timestamp": "2024-01-01T00:00:00Z"});
                json!({"reference_id": item["reference_id"], "status": "succ", "subscriptions": [code]})
            })
            .collect()
    };
    let codes = request
        .pointer("/message/subscription_codes")
        .and_then(Value::as_array);
    let ended = codes.into_iter().flatten();
    let ended: Vec<Value> = ended
        .map(|code| json!({"code": code, "status": "unsubscribe"}))
        .collect();
    let message = match operation {
        "subscribe" => json!({"subscribe_response": subscribed(request)}),
        "unsubscribe" => json!({"status": "succ", "subscription_status": ended}),
        "txn-status" | "sync-txn-status" => {
            let asked = request.pointer("/message/txnstatus_request/attribute_value");
            json!({"txnstatus_response": {"txn_type": "search", "txn_status": {
                "transaction_id": asked, "search_response": [{"reference_id": asked, "status": "succ"}],
            }}})
        }
        _ => return reply(cx, request, behaviour),
    };
    let mut body =
        json!({"header": {"action": format!("on-{operation}"), "status": "succ"}, "message": message});
    body["message"]["transaction_id"] = json!(transaction);
    body["message"]["correlation_id"] = json!("1");
    body
}

/// What somebody's status is said to be.
fn status(request: &Value, behaviour: &Behaviour) -> Value {
    let word = if behaviour.satisfied { "yes" } else { "Active" };
    let item = json!([{"status": "succ", "disabled_status": word, "enrolled_status": word}]);
    json!({
        "header": {"action": "on-search", "status": "succ"},
        "message": {
            "transaction_id": request.pointer("/message/transaction_id"),
            "disabled_response": item,
            "enrolled_response": item,
        },
    })
}

/// A notification about somebody whom a registry knows.
fn notification(cx: &Context, request: &Value, behaviour: &Behaviour) -> Value {
    let records: Vec<Value> = behaviour
        .dates
        .iter()
        .take(1)
        .map(|date| record(cx, 1, date))
        .collect();
    json!({
        "header": {"action": "notify", "status": "succ"},
        "message": {
            "transaction_id": request.pointer("/message/transaction_id"),
            "notify_event": [{"reference_id": "1", "data": {"reg_record_type": "x", "reg_records": records}}],
        },
    })
}

/// A search reply to a request, with the records of the behaviour.
fn reply(cx: &Context, request: &Value, behaviour: &Behaviour) -> Value {
    let asked = request
        .pointer("/message/search_request")
        .and_then(Value::as_array);
    let items: Vec<Value> = asked
        .into_iter()
        .flatten()
        .map(|item| {
            let dates = behaviour.dates.iter().take(behaviour.page);
            let records: Vec<Value> = dates.enumerate().map(|(n, date)| record(cx, n, date)).collect();
            let mut answer = json!({
                "reference_id": item["reference_id"],
                "timestamp": "2024-01-01T00:00:00Z",
                "status": "succ",
                "data": {"version": "1.0.0", "reg_records": records},
            });
            if let Some(total) = &behaviour.total {
                answer["pagination"] = json!({"page_size": 1, "page_number": 1, "total_count": total});
            }
            answer
        })
        .collect();
    json!({
        "header": {
            "version": "1.0.0", "message_id": "1", "message_ts": "2024-01-01T00:00:00Z", "action": "on-search",
            "status": "succ", "total_count": items.len(),
        },
        "message": {
            "transaction_id": request.pointer("/message/transaction_id"),
            "correlation_id": "1",
            "search_response": items,
        },
    })
}

/// A record with a date and an identifier where the profile expects them.
fn record(cx: &Context, n: usize, date: &Value) -> Value {
    let Some(registry) = &cx.profile.registry else {
        return Value::Null;
    };
    let mut record = json!({});
    put(
        &mut record,
        &registry.attributes[&registry.date_attribute],
        date.clone(),
    );
    let number = if n.is_multiple_of(7) {
        "é".to_owned()
    } else {
        format!("{n:010}")
    };
    let identifier = json!([{
        registry.identifier_type.as_str(): registry.id_type,
        registry.identifier_value.as_str(): number,
    }]);
    put(&mut record, &registry.identifiers, identifier);
    record
}

fn put(value: &mut Value, pointer: &str, new: Value) {
    let mut at = value;
    for name in pointer.split('/').skip(1) {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        at = &mut at[name];
    }
    *at = new;
}

/// Changes members of an honest answer, wherever in it they are.
fn spoil(honest: &mut Value, behaviour: &Behaviour) {
    for (which, new) in &behaviour.spoilt {
        let mut pointers = Vec::new();
        collect(honest, String::new(), &mut pointers);
        let pointer = which.get(&pointers).clone();
        match (pointer.rsplit_once('/'), new) {
            (_, Some(new)) => {
                if let Some(member) = honest.pointer_mut(&pointer) {
                    *member = new.clone();
                }
            }
            (Some((parent, name)), None) => match honest.pointer_mut(parent) {
                Some(Value::Object(members)) => {
                    members.shift_remove(name);
                }
                Some(Value::Array(items)) => {
                    items.pop();
                }
                _ => {}
            },
            (None, None) => *honest = Value::Null,
        }
    }
}

/// The pointers of a value and of all that is in it, but for the members of long lists.
fn collect(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                collect(member, format!("{pointer}/{name}"), pointers);
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate().take(2) {
                collect(item, format!("{pointer}/{i}"), pointers);
            }
        }
        _ => {}
    }
    pointers.push(pointer);
}

/// A callback for the step of this label, honest as far as the behaviour allows.
fn callback(
    cx: &Context,
    label: &str,
    n: usize,
    told: bool,
    behaviour: &Behaviour,
    seen: &[Observation],
) -> Callback {
    let sent = seen.iter().find_map(|observation| match observation {
        Observation::Exchange(e) if e.label == label => Some((e.operation.as_str(), e.request.body.json())),
        _ => None,
    });
    let (operation, asked) = sent.unwrap_or_default();
    let asked = asked.unwrap_or_default();
    let body = behaviour.callbacks.1.clone().unwrap_or_else(|| {
        let mut honest = if told {
            notification(cx, &asked, behaviour)
        } else {
            later(cx, operation, &asked, behaviour)
        };
        honest["signature"] = json!("c2lnbmF0dXJl");
        spoil(&mut honest, behaviour);
        Body::text(honest.to_string())
    });
    Callback {
        label: label.to_owned(),
        path_suffix: if n == 0 {
            String::new()
        } else {
            "/on-search".to_owned()
        },
        request: request(body),
        at_us: behaviour.at_us.1,
    }
}
