//! Bodies: pointers into them, fresh ids for them, and the honest body that holds every member a fault
//! could be put into.

use serde_json::{Value, json};
use suites::Context;
use suites::plan::{Payload, Send};
use suites::request;

/// The JSON body of a planned request.
pub fn of(send: &Send) -> Value {
    match &send.payload {
        Payload::Json(body) => body.clone(),
        _ => Value::Null,
    }
}

/// The plainest honest body of an operation.
pub fn plainest(cx: &Context, operation: &str) -> Value {
    of(&request::plainest(cx, operation, "generated"))
}

/// Honest bodies that hold the members a fault could be put into: ours with the optional members by which a
/// sender steers the answer, and the examples of the document as if we had sent them.
pub fn models(cx: &Context, operation: &str) -> Vec<Value> {
    let ours = plainest(cx, operation);
    let examples = cx.schemas.examples(operation).iter().map(|example| {
        let mut model = example.clone();
        let own = ours
            .get("header")
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        for (name, value) in own {
            model["header"][name] = value.clone();
        }
        model
    });
    let mut models = richest(cx, &ours);
    models.extend(examples);
    models
}

/// The honest body with every optional member that we know an honest value for; several where its
/// alternatives have members of their own.
fn richest(cx: &Context, plainest: &Value) -> Vec<Value> {
    let mut body = plainest.clone();
    let registry = cx.profile.registry.as_ref();
    if registry.is_none() {
        return vec![body];
    }
    body["header"]["meta"] = json!({"note": "generated"});
    body["header"]["is_msg_encrypted"] = json!(false);
    let attribute = registry.map_or("birthdate", |r| r.date_attribute.as_str());
    let event = registry
        .and_then(|r| r.event_types.first())
        .map_or("REGISTER", String::as_str);
    let record_type = registry
        .and_then(|r| r.reg_record_type.as_deref())
        .unwrap_or("Person");
    let query = json!([{
        "seq_num": 1,
        "expression1": request::expression(attribute, "ge", &json!("1900-01-01")),
        "condition": "and",
        "expression2": request::expression(attribute, "le", &json!("2100-01-01")),
    }]);
    if let Some(criteria) = body.pointer_mut("/message/search_request/0/search_criteria") {
        let further = json!({
            "version": "1.0.0", "reg_event_type": event, "reg_record_type": record_type,
            "response_entity": "Member", "query": query,
            "sort": [{"attribute_name": attribute, "sort_order": "asc"}],
            "consent": {}, "authorize": {},
        });
        extend(criteria, further);
    } else if let Some(criteria) = body.pointer_mut("/message/subscribe_request/0/subscribe_criteria") {
        let further =
            json!({"version": "1.0.0", "filter_type": "predicate", "filter": query, "authorize": {}});
        extend(criteria, further);
        let mut by_identifier = body.clone();
        let id_type = registry.map_or("UIN", |r| r.id_type.as_str());
        let criteria = &mut by_identifier["message"]["subscribe_request"][0]["subscribe_criteria"];
        criteria["filter_type"] = json!("idtype-value");
        criteria["filter"] = json!({"type": id_type, "value": "1234567890"});
        return vec![body, by_identifier];
    }
    for criteria in ["disabled_criteria", "enrolled_criteria"] {
        if let Some(criteria) = body.pointer_mut(&format!("/message/{criteria}")) {
            extend(
                criteria,
                json!({"query_type": "idtype-value", "response_entity": "Member"}),
            );
        }
    }
    vec![body]
}

fn extend(object: &mut Value, further: Value) {
    if let (Value::Object(members), Value::Object(further)) = (object, further) {
        members.extend(further);
    }
}

/// Gives a body ids of its own, so that it is not taken for a repetition. Members at `spared` keep what
/// they hold.
pub fn freshen(cx: &Context, body: &mut Value, what: &str, spared: Option<&str>) {
    for pointer in ["/header/message_id", "/message/transaction_id"] {
        if spared.is_some_and(|spared| pointer.starts_with(spared)) {
            continue;
        }
        if let Some(member @ Value::String(_)) = body.pointer_mut(pointer) {
            *member = Value::String(cx.id(&format!("{what} {pointer}")));
        }
    }
}

/// The body as a validator sees it once the placeholders are filled in and the signature is added.
pub fn filled(body: &Value, signed: bool) -> Value {
    let mut body = body.clone();
    fill(&mut body);
    if signed && let Value::Object(members) = &mut body {
        members
            .entry("signature")
            .or_insert_with(|| json!("c2lnbmF0dXJl"));
    }
    body
}

fn fill(value: &mut Value) {
    match value {
        Value::String(text) => match text.as_str() {
            "${now}" => "2024-01-01T00:00:00Z".clone_into(text),
            "${epoch}" => "1704067200".clone_into(text),
            "${callback}" => "http://127.0.0.1:1/cb".clone_into(text),
            _ => {}
        },
        Value::Array(items) => items.iter_mut().for_each(fill),
        Value::Object(members) => members.values_mut().for_each(fill),
        _ => {}
    }
}

/// Sets (or with `None` removes) the member at a pointer. What is missing on the way is taken over from
/// `model`.
pub fn set(body: &mut Value, pointer: &str, value: Option<Value>, model: &Value) {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        if let Some(value) = value {
            *body = value;
        }
        return;
    };
    if body.pointer(parent).is_none() {
        let inherited = model.pointer(parent).cloned().unwrap_or_else(|| json!({}));
        set(body, parent, Some(inherited), model);
    }
    let name = name.replace("~1", "/").replace("~0", "~");
    match (body.pointer_mut(parent), value) {
        (Some(Value::Object(members)), Some(value)) => {
            members.insert(name, value);
        }
        (Some(Value::Object(members)), None) => {
            members.shift_remove(&name);
        }
        (Some(Value::Array(items)), value) => {
            if let Ok(i) = name.parse::<usize>()
                && i < items.len()
            {
                match value {
                    Some(value) => items[i] = value,
                    None => {
                        items.remove(i);
                    }
                }
            }
        }
        _ => {}
    }
}
