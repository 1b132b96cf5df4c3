//! Building honest requests.

mod person;
mod subscription;
mod transaction;

pub use person::{about_person, beneficiary, enrollment_updates};
pub use subscription::{subscribe_envelope, subscription, unsubscribe_envelope};
pub use transaction::{txn_status_envelope, txn_subject};

use crate::context::Context;
use crate::oracle::Subscribed;
use crate::plan::{Auth, Consumer, Payload, Sealing, Send, Signing, Spelling, Step};
use serde_json::{Map, Value, json};
use specs::catalogue::AuthStyle;
use specs::evidence::{Intent, Observation};
use specs::wire::time::parse_date_time;

/// The message text of an honest exchange, by type.
pub fn exchange_message(cx: &Context, what: &str, kind: &str) -> String {
    let mut message = json!({
        "id": cx.id(&format!("{what} entity")),
        "location_code": "pg.citya",
        "name": "Cash for school",
        "program_code": "PROG-2024-001",
        "start_date": 1_704_067_200,
        "end_date": 1_735_689_599,
        "status": {"status_code": "RECEIVED", "status_message": ""},
    });
    if kind != "program" {
        message["net_amount"] = json!(1000);
        message["gross_amount"] = json!(1000);
        message["sanction_id"] = json!("SAN-2024-001");
        message["allocation_type"] = json!("ALLOCATION");
        message["target_id"] = json!("TARGET-001");
    }
    message.to_string()
}

/// The envelope of an honest exchange; the harness adds the signature.
pub fn exchange_envelope(cx: &Context, what: &str, message: &str, action: &str) -> Value {
    let mut envelope = json!({
        "header": {
            "message_id": cx.id(&format!("{what} message")),
            "message_ts": "${epoch}",
            "action": action,
            "sender_id": cx.sender_id,
            "sender_uri": "${callback}",
            "receiver_id": cx.receiver_id,
        },
        "message": message,
    });
    if cx.profile.allows("digit.message-type", "required") {
        envelope["header"]["message_type"] = json!("program");
    }
    envelope
}

/// The envelope of a search with these criteria, one request of the batch each. `what` names it.
pub fn search_envelope(cx: &Context, what: &str, criteria: &[Value]) -> Value {
    json!({
        "header": header(cx, what, "search", criteria.len()),
        "message": {
            "transaction_id": transaction_id(cx, what),
            "search_request": batch(cx, what, "search_criteria", criteria),
        },
    })
}

/// The requests of a batch, each with its criteria under this name.
fn batch(cx: &Context, what: &str, name: &str, criteria: &[Value]) -> Value {
    let requests = criteria.iter().enumerate().map(|(i, criteria)| {
        let mut request = json!({
            "reference_id": cx.id(&format!("{what} reference {i}")),
            "timestamp": "${now}",
        });
        request[name] = criteria.clone();
        request["locale"] = json!("eng");
        request
    });
    requests.collect()
}

/// The header of a request for so many items.
fn header(cx: &Context, what: &str, action: &str, count: usize) -> Value {
    json!({
        "version": "1.0.0",
        "message_id": cx.id(&format!("{what} message")),
        "message_ts": "${now}",
        "action": action,
        "sender_id": cx.sender_id,
        "receiver_id": cx.receiver_id,
        "total_count": count,
    })
}

/// The header of a request that is answered at a callback address.
fn called_back(cx: &Context, what: &str, action: &str, count: usize) -> Value {
    let mut header = header(cx, what, action, count);
    header["sender_uri"] = json!("${callback}");
    header
}

/// The `transaction_id` of the request of this name.
pub fn transaction_id(cx: &Context, what: &str) -> String {
    cx.id(&format!("{what} transaction"))
}

/// Criteria of a predicate: the list items as given, with further members of the criteria.
pub fn predicate(cx: &Context, items: &[Value], further: &[(&str, Value)]) -> Value {
    let mut items = items.to_vec();
    if only_dates(cx) {
        items.iter_mut().for_each(cut);
    }
    criteria(cx, "predicate", Value::Array(items), further)
}

/// Whether the target compares dates with dates alone.
fn only_dates(cx: &Context) -> bool {
    let others = ["either", "date-time"];
    let mut others = others
        .iter()
        .map(|other| cx.profile.allows("dci.date-comparison", other));
    cx.profile.allows("dci.date-comparison", "date") && !others.any(|other| other)
}

/// Cuts moments within a query to their dates.
fn cut(value: &mut Value) {
    match value {
        Value::String(text) if text.get(10..11) == Some("T") && parse_date_time(text).is_some() => {
            text.truncate(10);
        }
        Value::Array(items) => items.iter_mut().for_each(cut),
        Value::Object(members) => members.values_mut().for_each(cut),
        _ => {}
    }
}

/// Criteria of a search by identifier.
pub fn identifier(cx: &Context, id_type: &str, value: &str) -> Value {
    criteria(cx, "idtype-value", json!({"type": id_type, "value": value}), &[])
}

fn criteria(cx: &Context, query_type: &str, query: Value, further: &[(&str, Value)]) -> Value {
    let mut criteria = Map::new();
    if let Some(reg_type) = cx.profile.registry.as_ref().and_then(|r| r.reg_type.as_ref()) {
        criteria.insert("reg_type".to_owned(), json!(reg_type));
    }
    criteria.insert("query_type".to_owned(), json!(query_type));
    criteria.insert("query".to_owned(), query);
    for (name, value) in further {
        criteria.insert((*name).to_owned(), value.clone());
    }
    Value::Object(criteria)
}

/// One list item of a predicate with a single expression.
pub fn item(attribute: &str, operator: &str, value: &Value) -> Value {
    json!({"expression1": expression(attribute, operator, value)})
}

/// One expression.
pub fn expression(attribute: &str, operator: &str, value: &Value) -> Value {
    json!({"attribute_name": attribute, "operator": operator, "attribute_value": value})
}

/// `pagination` of a request.
pub fn page(size: u64, number: u64) -> (&'static str, Value) {
    ("pagination", json!({"page_size": size, "page_number": number}))
}

/// An honest step with this body.
pub fn send(label: &str, operation: &str, body: Value) -> Send {
    Send {
        label: label.to_owned(),
        operation: operation.to_owned(),
        exchange_type: (operation == "exchange").then(|| "program".to_owned()),
        intent: Intent::Honest,
        payload: Payload::Json(body),
        media_type: None,
        auth: Auth::Token,
        sealing: Sealing::None,
        signing: Signing::Own,
        spelling: Spelling::Compact,
        consumer: Consumer::Willing,
    }
}

/// The plainest honest request of an operation: for a search, everybody born since 1900, one per page; for a
/// subscription, the first event type of the profile and everybody; for a question, about somebody whom
/// nobody knows. That of an operation with a [`preparation`] is honest once this was done.
pub fn plainest(cx: &Context, operation: &str, label: &str) -> Send {
    let what = format!("{operation} {label}");
    let body = match operation {
        "token" => {
            let form = match cx.profile.authentication.style {
                AuthStyle::OauthQuery => TokenForm::Query,
                _ => TokenForm::Form,
            };
            return token(cx, label, form);
        }
        "exchange" => {
            let message = exchange_message(cx, &what, "program");
            exchange_envelope(cx, &what, &message, "create")
        }
        "subscribe" => subscribe_envelope(
            cx,
            &what,
            &[subscription(cx, event_type(cx), &everybody(cx, &[]))],
        ),
        "unsubscribe" => unsubscribe_envelope(cx, &what, &[CODE.to_owned()]),
        "txn-status" | "sync-txn-status" => {
            let asked = transaction_id(cx, &format!("sync-search {}", prepared(operation)));
            let subject = txn_subject(cx, &what, "search", "transaction_id", &json!(asked));
            txn_status_envelope(cx, operation, &what, &subject)
        }
        "enrollment-updates" => enrollment_updates(cx, &what, &[beneficiary(cx)]),
        "disabled"
        | "get-disability-support"
        | "get-disability-details"
        | "enrolled"
        | "check-enrollment" => about_person(cx, operation, &what, &cx.id("nobody's identifier"), None),
        _ => {
            let mut body = search_envelope(cx, &what, &[everybody(cx, &[page(1, 1)])]);
            if operation == "search" {
                body["header"]["sender_uri"] = json!("${callback}");
            }
            body
        }
    };
    send(label, operation, body)
}

/// Stands for the code of the subscription that was made in preparation, until it is known: see [`known`].
pub const CODE: &str = "${subscription_code}";

/// Label of the step that prepares an operation.
pub fn prepared(operation: &str) -> String {
    format!("before {operation}")
}

/// What has to happen before the plainest request of an operation is honest: a subscription is ended that was
/// made, a transaction is asked about that took place.
pub fn preparation(cx: &Context, operation: &str) -> Vec<Step> {
    let label = prepared(operation);
    match operation {
        "unsubscribe" => vec![
            Step::send(plainest(cx, "subscribe", &label)),
            Step::answer(&label),
        ],
        "txn-status" | "sync-txn-status" => vec![Step::send(plainest(cx, "sync-search", &label))],
        _ => Vec::new(),
    }
}

/// Whether a body has a place for the code of a subscription that is not known yet.
fn holds_code(value: &Value) -> bool {
    match value {
        Value::String(text) => text == CODE,
        Value::Array(items) => items.iter().any(holds_code),
        Value::Object(members) => members.values().any(holds_code),
        _ => false,
    }
}

/// The request with what its preparation taught filled in.
#[must_use]
pub fn known(mut send: Send, seen: &[Observation]) -> Send {
    fn fill(value: &mut Value, code: &str) {
        match value {
            Value::String(text) if text == CODE => code.clone_into(text),
            Value::Array(items) => items.iter_mut().for_each(|item| fill(item, code)),
            Value::Object(members) => members.values_mut().for_each(|member| fill(member, code)),
            _ => {}
        }
    }
    let waits = matches!(&send.payload, Payload::Json(body) if holds_code(body));
    if !waits {
        return send;
    }
    let label = prepared(&send.operation);
    let code = seen.iter().find_map(|observation| match observation {
        Observation::Callback(callback) if callback.label == label => {
            Subscribed::read(&callback.request.body)?
                .codes()
                .into_iter()
                .next()
        }
        _ => None,
    });
    if let (Some(code), Payload::Json(body)) = (code, &mut send.payload) {
        fill(body, &code);
    }
    send
}

/// The event type that a profile names first.
pub fn event_type(cx: &Context) -> &str {
    let registry = cx.profile.registry.as_ref();
    registry
        .and_then(|r| r.event_types.first())
        .map_or("REGISTER", String::as_str)
}

/// The date of birth from which on the search for everybody finds people.
pub const EARLIEST: &str = "1900-01-01";

/// Criteria that every record with a date of birth satisfies.
pub fn everybody(cx: &Context, further: &[(&str, Value)]) -> Value {
    let attribute = cx
        .profile
        .registry
        .as_ref()
        .map_or("birthdate", |r| r.date_attribute.as_str());
    predicate(cx, &[item(attribute, "ge", &json!(EARLIEST))], further)
}

/// Where the parameters of a token request stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenForm {
    /// In a form.
    Form,
    /// In a JSON object.
    Json,
    /// In the query of the address.
    Query,
}

/// A token request.
pub fn token(cx: &Context, label: &str, form: TokenForm) -> Send {
    let mut fields = vec![
        ("grant_type".to_owned(), "client_credentials".to_owned()),
        ("client_id".to_owned(), "${client_id}".to_owned()),
        ("client_secret".to_owned(), "${client_secret}".to_owned()),
    ];
    if cx.profile.authentication.db_name {
        fields.push(("db_name".to_owned(), "${db_name}".to_owned()));
    }
    let payload = match form {
        TokenForm::Form => Payload::Form(fields),
        TokenForm::Json => Payload::Json(fields.into_iter().map(|(k, v)| (k, Value::String(v))).collect()),
        TokenForm::Query => Payload::Query(fields),
    };
    Send {
        label: label.to_owned(),
        operation: "token".to_owned(),
        exchange_type: None,
        intent: Intent::Honest,
        payload,
        media_type: None,
        auth: Auth::None,
        sealing: Sealing::None,
        signing: Signing::Own,
        spelling: Spelling::Compact,
        consumer: Consumer::Willing,
    }
}
