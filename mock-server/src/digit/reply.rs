//! The reply to a message: the same kind of envelope in the other direction.

use super::ack::{ids, timestamp};
use super::checks::{message_text, sender_uri};
use super::kind::Kind;
use crate::Defect;
use crate::callback::{Delivery, Manner, Target};
use crate::defect::death;
use crate::incoming::Incoming;
use crate::readings::Way;
use crate::sealed;
use crate::service::Service;
use serde_json::{Value, json};
use specs::clause::Message;
use specs::wire::jwe::Form;

/// The message that is replied to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) kind: &'a Kind,
    /// With the message in clear.
    pub(super) envelope: &'a Value,
    /// How the message was encrypted, where it was.
    pub(super) form: Option<Form>,
}

/// Sends the reply to a message.
pub(super) async fn send(
    cx: &Service,
    incoming: &Incoming,
    asked: &Asked<'_>,
    target: Target,
    correlation_id: &str,
) {
    let delivery = Delivery {
        operation: "exchange-reply".into(),
        target,
        sender_uri: sender_uri(asked.envelope).map(ToOwned::to_owned),
        correlation_id: correlation_id.to_owned(),
        body: write(cx, asked),
        signature: None,
        attempts: 0,
        after: None,
        delivered: None,
        dying: death::of_consumer(cx),
    };
    let wished = incoming.manner;
    let manner = Manner {
        before_ack: wished.before_ack || cx.commits(Defect::ExchangeCallbackBeforeAck),
        twice: wished.twice || cx.commits(Defect::ExchangeCallbackTwice),
        ..wished
    };
    cx.courier.dispatch(delivery, manner).await;
}

fn write(cx: &Service, asked: &Asked<'_>) -> Value {
    let Asked { kind, envelope, form } = *asked;
    let message = answered(cx, kind, &message_text(envelope));
    let form = form.filter(|_| !cx.commits(Defect::ExchangeEncryptedReplyPlain));
    let text = match form {
        None => message.to_string(),
        Some(form) => sealed(cx, envelope, &message.to_string(), form),
    };
    let signature = if cx.commits(Defect::ExchangeCallbackStaleSignature) {
        envelope.get("signature").cloned().unwrap_or_default()
    } else {
        cx.ring.own().sign(text.as_bytes()).into()
    };
    let carried = if cx.commits(Defect::ExchangeCallbackMessageObject) {
        message
    } else {
        text.into()
    };
    let mut header = header(cx, kind, envelope);
    header["is_msg_encrypted"] = form.is_some().into();
    let reply = json!({"signature": signature, "header": header, "message": carried});
    let reply = cx.sent(Message::ExchangeReply, reply);
    if cx.commits(Defect::ExchangeCallbackInList) {
        return json!([reply]);
    }
    reply
}

/// The text of a message that only the sender can read.
fn sealed(cx: &Service, envelope: &Value, text: &str, form: Form) -> String {
    let id = cx.id("encrypted reply", &ids(envelope));
    match sealed::close(cx, text, form, &id, false) {
        Value::String(text) => text,
        object => object.to_string(),
    }
}

/// Whom the reply is from, and to.
fn header(cx: &Service, kind: &Kind, envelope: &Value) -> Value {
    let partner = &cx.profile.partner;
    let asked = |name: &str, default: &str| {
        let value = envelope
            .get("header")
            .and_then(|h| h.get(name))
            .and_then(Value::as_str);
        value.unwrap_or(default).to_owned()
    };
    let sender = asked("sender_id", &partner.sender_id);
    let (from, to) = if cx.commits(Defect::ExchangeCallbackIdsKept) {
        (sender, partner.receiver_id.clone())
    } else {
        (partner.receiver_id.clone(), sender)
    };
    let action = if cx.ways.take(Way::ExchangeActionUpdate) {
        "update".to_owned()
    } else {
        asked("action", "create")
    };
    let mut header = json!({
        "message_id": cx.id("reply", &ids(envelope)),
        "message_ts": timestamp(cx),
        "message_type": format!("on-{}", kind.name),
        "action": action,
        "sender_id": from,
        "receiver_id": to,
    });
    if cx.ways.take(Way::ExchangeTypeAbsent)
        && let Some(members) = header.as_object_mut()
    {
        members.shift_remove("message_type");
    }
    header
}

/// The payload with our decision on it; where it is no JSON object, the decision alone.
fn answered(cx: &Service, kind: &Kind, message: &str) -> Value {
    let mut payload = match serde_json::from_str(message) {
        Ok(Value::Object(members)) => Value::Object(members),
        _ => json!({}),
    };
    let rejected = [Way::ExchangeBusinessFailure, Way::ExchangeStatusReason];
    let rejected = rejected.into_iter().any(|way| cx.ways.take(way));
    let status_code = match kind.name.as_str() {
        _ if rejected => "REJECTED",
        "disburse" if cx.ways.take(Way::ExchangeSuccess) => "SUCCESS",
        "disburse" => "SUCCESSFUL",
        _ => "APPROVED",
    };
    payload["status"] =
        json!({"status_code": status_code, "status_message": format!("{} processed", kind.name)});
    if cx.ways.take(Way::ExchangeStatusReason) {
        payload["status"]["status_reason_code"] = "rjct.action.not_supported".into();
    }
    payload
}
