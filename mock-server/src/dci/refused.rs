//! How a request is refused that cannot be processed: with a reply that says `rjct`, or with an
//! acknowledgement that says ERR.

use super::acknowledgement;
use crate::Defect;
use crate::answer::Answer;
use crate::service::Service;
use crate::validate::Fault;
use http::StatusCode;

/// The answer of a synchronous operation.
pub(super) fn at_once(cx: &Service, fault: &Fault, refusal: impl FnOnce() -> Answer) -> Answer {
    spoilt(cx, fault).unwrap_or_else(refusal)
}

/// The answer of an asynchronous operation.
pub(super) fn later(cx: &Service, fault: &Fault, correlation_id: &str) -> Answer {
    spoilt(cx, fault).unwrap_or_else(|| {
        let acknowledgement = acknowledgement::of_refusal(cx, correlation_id, fault.code, &fault.message);
        Answer::json(fault.status, &acknowledgement)
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
