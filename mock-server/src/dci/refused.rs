//! How a request is refused that cannot be processed: with a reply that says `rjct`, or with an
//! acknowledgement that says ERR.

use super::reply;
use crate::answer::Answer;
use crate::service::Service;
use crate::validate::Fault;
use crate::{Defect, clock};
use http::StatusCode;
use serde_json::json;
use specs::wire::time::format_date_time;

/// The answer of a synchronous operation.
pub(super) fn of_sync(cx: &Service, fault: &Fault) -> Answer {
    spoilt(cx, fault).unwrap_or_else(|| Answer::json(fault.status, &reply::rejection(cx, fault)))
}

/// The answer of an asynchronous operation.
pub(super) fn of_async(cx: &Service, fault: &Fault, correlation_id: &str) -> Answer {
    spoilt(cx, fault).unwrap_or_else(|| {
        let message = json!({
            "ack_status": "ERR",
            "timestamp": format_date_time(clock::now()),
            "correlation_id": correlation_id,
            "error": {"code": fault.code, "message": fault.message},
        });
        Answer::json(fault.status, &json!({"message": message}))
    })
}

/// Answers that do not depend on the operation.
fn spoilt(cx: &Service, fault: &Fault) -> Option<Answer> {
    if fault.transport {
        return Some(Answer::errors(fault.status, fault.code, &fault.message).closing());
    }
    if cx.commits(Defect::Refusal500) {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        return Some(Answer::errors(
            status,
            "err.service.unavailable",
            "ValidationError",
        ));
    }
    cx.commits(Defect::RefusalHtml)
        .then(|| Answer::framework_page(fault.status))
}
