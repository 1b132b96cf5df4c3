//! The first answer of an asynchronous operation.

use super::kind::Kind;
use crate::clock;
use crate::service::Service;
use serde_json::{Value, json};
use specs::clause::Message;
use specs::wire::time::format_date_time;

/// The acknowledgement of a request that is answered by a callback of this kind.
pub(super) fn of_request(cx: &Service, kind: Kind, correlation_id: &str) -> Value {
    let slips = kind.slips();
    let mut message = json!({
        "ack_status": if cx.commits_any(slips.ack_nack) { "NACK" } else { "ACK" },
        "timestamp": format_date_time(clock::now()),
    });
    message["correlation_id"] = correlation_id.into();
    let acknowledgement = cx.sent(Message::Acknowledgement, json!({"message": message}));
    if cx.commits_any(slips.ack_in_list) {
        return json!([acknowledgement]);
    }
    acknowledgement
}

/// The acknowledgement of a request that is refused.
pub(super) fn of_refusal(cx: &Service, correlation_id: &str, code: &str, message: &str) -> Value {
    let acknowledgement = json!({"message": {
        "ack_status": "ERR",
        "timestamp": format_date_time(clock::now()),
        "correlation_id": correlation_id,
        "error": {"code": code, "message": message},
    }});
    cx.sent(Message::Acknowledgement, acknowledgement)
}
