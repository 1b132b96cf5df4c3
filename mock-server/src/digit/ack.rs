//! Acknowledgements: ACK, a reply will follow; NACK, valid and nothing more to say; ERR, refused.

use super::checks::message_text;
use crate::answer::Answer;
use crate::ids::RequestIds;
use crate::incoming::Incoming;
use crate::readings::Way;
use crate::service::Service;
use crate::validate::Fault;
use crate::{Defect, clock};
use http::StatusCode;
use serde_json::{Value, json};
use specs::clause::Message;

/// The correlation_id of a message.
pub(super) fn correlation_id(cx: &Service, incoming: &Incoming, envelope: &Value) -> String {
    if cx.commits(Defect::ExchangeCorrelationConstant) {
        return "9876543210".to_owned();
    }
    if envelope.is_null() {
        return cx.id_of_bytes("correlation", incoming.bytes().unwrap_or_default());
    }
    cx.id("correlation", &ids(envelope))
}

/// What tells one message from another. There are no transactions here, and senders have been seen to
/// reuse a message_id, so the text counts too.
pub(super) fn ids(envelope: &Value) -> RequestIds {
    RequestIds {
        transaction: Some(message_text(envelope)),
        ..RequestIds::of(envelope)
    }
}

/// The acknowledgement of a valid message.
pub(super) fn valid(cx: &Service, ack_status: &str, correlation_id: &str) -> Answer {
    let mut message = json!({"ack_status": ack_status});
    message["timestamp"] = timestamp(cx);
    message["correlation_id"] = correlation_id.into();
    let mut acknowledgement = cx.sent(Message::ExchangeAcknowledgement, json!({"message": message}));
    if cx.commits(Defect::ExchangeAckInList) {
        acknowledgement = json!([acknowledgement]);
    }
    let status = if cx.ways.take(Way::ExchangeStatusAccepted) {
        StatusCode::ACCEPTED
    } else {
        StatusCode::OK
    };
    Answer::json(status, &acknowledgement)
}

/// The acknowledgement of a message that is refused.
pub(super) fn refusal(cx: &Service, fault: &Fault, correlation_id: &str) -> Answer {
    if cx.commits(Defect::ExchangeRefusal500) && !fault.transport {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        return Answer::errors(status, "err.service.unavailable", "ValidationException");
    }
    let code = if cx.commits(Defect::ExchangeCodeGeneric) {
        "err.request.bad"
    } else {
        fault.code
    };
    let mut message =
        json!({"ack_status": "ERR", "timestamp": timestamp(cx), "correlation_id": correlation_id});
    if !cx.ways.take(Way::ExchangeErrDetailFree) {
        message["error"] = json!({"code": code, "message": fault.message});
    }
    let mut acknowledgement = cx.sent(Message::ExchangeAcknowledgement, json!({"message": message}));
    if cx.commits(Defect::ExchangeErrInList) {
        acknowledgement = json!([acknowledgement]);
    }
    let answer = Answer::json(status(cx, fault), &acknowledgement);
    if fault.transport { answer.closing() } else { answer }
}

/// The status of a refusal.
fn status(cx: &Service, fault: &Fault) -> StatusCode {
    if cx.ways.take(Way::ExchangeRefusalOk) && !fault.transport {
        StatusCode::OK
    } else if cx.ways.take(Way::ExchangeErrorStatusFixed) && !fault.transport {
        StatusCode::BAD_REQUEST
    } else {
        fault.status
    }
}

/// The answer of a framework to whom a bad signature is an accident, where the profile has it so.
pub(super) fn accident(cx: &Service, fault: &Fault) -> Option<Answer> {
    let ways = [Way::ExchangeSignatureServerError, Way::ExchangeErrorStatusFixed];
    let is_one = ["err.signature.missing", "err.signature.invalid"].contains(&fault.code)
        && ways.into_iter().any(|way| cx.ways.take(way));
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    is_one.then(|| Answer::errors(status, fault.code, &fault.message))
}

/// Now, in whole seconds since 1970: as text or as a number, as the profile prefers.
pub(super) fn timestamp(cx: &Service) -> Value {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the clock is after 1970"
    )]
    let seconds = clock::now() as u64;
    let units = if cx.ways.take(Way::ExchangeMilliseconds) {
        seconds * 1000
    } else {
        seconds
    };
    if cx.ways.take(Way::ExchangeTimestampNumber) {
        return units.into();
    }
    units.to_string().into()
}
