//! The first answer of an asynchronous operation.

use super::kind::Kind;
use crate::clock;
use crate::readings::Way;
use crate::service::Service;
use serde_json::{Value, json};
use specs::clause::Message;
use specs::wire::time::format_date_time;

/// The acknowledgement of a request that is answered by a callback of this kind.
pub(super) fn of_request(cx: &Service, kind: Kind, correlation_id: &str) -> Value {
    let slips = kind.slips();
    let word = if cx.commits_any(slips.ack_nack) {
        "NACK"
    } else {
        "ACK"
    };
    let mut acknowledgement = valid(cx, word, correlation_id);
    if kind == Kind::OnUnsubscribe && cx.ways.take(Way::UnsubscribeAckStatusOnly) {
        acknowledgement = json!({"message": {"ack_status": word}});
    }
    let acknowledgement = cx.sent(Message::Acknowledgement, acknowledgement);
    if cx.commits_any(slips.ack_in_list) {
        return json!([acknowledgement]);
    }
    acknowledgement
}

/// The acknowledgement of a valid request that nothing is done about.
pub(super) fn of_silence(cx: &Service, correlation_id: &str) -> Value {
    cx.sent(Message::Acknowledgement, valid(cx, "NACK", correlation_id))
}

fn valid(cx: &Service, ack_status: &str, correlation_id: &str) -> Value {
    json!({"message": {
        "ack_status": ack_status,
        "timestamp": now(cx),
        "correlation_id": correlation_id,
    }})
}

/// Now, with its zone or without.
fn now(cx: &Service) -> String {
    let now = format_date_time(clock::now());
    if cx.ways.take(Way::ZoneOptional) {
        return now.trim_end_matches('Z').to_owned();
    }
    now
}

/// The acknowledgement of a request that is refused.
pub(super) fn of_refusal(cx: &Service, correlation_id: &str, code: &str, message: &str) -> Value {
    let mut acknowledgement = valid(cx, "ERR", correlation_id);
    if !cx.ways.take(Way::ErrDetailOptional) {
        acknowledgement["message"]["error"] = json!({"code": code, "message": message});
    }
    cx.sent(Message::Acknowledgement, acknowledgement)
}
