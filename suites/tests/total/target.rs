//! A target that needs no network: it answers a planned step as a behaviour says.

use crate::arbitrary::Behaviour;
use serde_json::{Map, Value, json};
use specs::evidence::{Body, Callback, Exchange, Observation, Outcome, Request, Response};
use suites::plan::{Payload, Send};
use suites::{Context, Step};

/// Carries a step out and appends what comes of it.
pub(crate) fn observe(cx: &Context, step: &Step, behaviour: &Behaviour, seen: &mut Vec<Observation>) {
    match step {
        Step::Send(send) => seen.push(Observation::Exchange(answer(cx, send, behaviour))),
        Step::Await { label, .. } | Step::Quiet { label, .. } => {
            for n in 0..behaviour.callbacks.0 {
                seen.push(Observation::Callback(callback(cx, label, n, behaviour, seen)));
            }
            seen.push(wait(behaviour));
        }
        Step::Expire { .. } => seen.push(wait(behaviour)),
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

fn answer(cx: &Context, send: &Send, behaviour: &Behaviour) -> Exchange {
    let (body, value) = match &send.payload {
        Payload::Json(value) => (Body::text(value.to_string()), value.clone()),
        Payload::Form(_) => (Body::text("a=form"), Value::Null),
        Payload::Raw(bytes) => (Body::text(String::from_utf8_lossy(bytes)), Value::Null),
    };
    let outcome = behaviour.instead.clone().unwrap_or_else(|| {
        let mut honest = match send.operation.as_str() {
            "token" => json!({"access_token": "$DCX_TOKEN", "token_type": "Bearer", "expires_in": "600"}),
            "sync-search" => reply(cx, &value, behaviour),
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
fn callback(cx: &Context, label: &str, n: usize, behaviour: &Behaviour, seen: &[Observation]) -> Callback {
    let sent = seen.iter().find_map(|observation| match observation {
        Observation::Exchange(exchange) if exchange.label == label => exchange.request.body.json(),
        _ => None,
    });
    let body = behaviour.callbacks.1.clone().unwrap_or_else(|| {
        let mut honest = reply(cx, &sent.unwrap_or_default(), behaviour);
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
