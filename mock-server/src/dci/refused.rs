//! How a request is refused that cannot be processed: with a reply that says `rjct`, or with an
//! acknowledgement that says ERR.

use super::acknowledgement;
use crate::Defect;
use crate::answer::Answer;
use crate::readings::Way;
use crate::service::Service;
use crate::validate::Fault;
use http::StatusCode;
use http::header::HeaderValue;
use serde_json::json;

/// The answer of a synchronous operation.
pub(super) fn at_once(cx: &Service, fault: &Fault, refusal: impl FnOnce() -> Answer) -> Answer {
    spoilt(cx, fault).unwrap_or_else(refusal)
}

/// The answer of an asynchronous operation.
pub(super) fn later(cx: &Service, fault: &Fault, correlation_id: &str) -> Answer {
    spoilt(cx, fault).unwrap_or_else(|| {
        let acknowledgement = acknowledgement::of_refusal(cx, correlation_id, fault.code, &fault.message);
        Answer::json(status(cx, fault), &acknowledgement)
    })
}

/// The status of a refusal.
pub(super) fn status(cx: &Service, fault: &Fault) -> StatusCode {
    if cx.ways.take(Way::RefusalOk) || cx.ways.take(Way::ErrorStatusAlwaysOk) {
        StatusCode::OK
    } else if cx.ways.take(Way::ErrorStatusUnmapped) {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        fault.status
    }
}

/// The body of a status that the documents do not declare, where that is none of a message.
fn undeclared(cx: &Service, fault: &Fault) -> Option<Answer> {
    if cx.ways.take(Way::UndeclaredHttpErrors) {
        return Some(Answer::errors(fault.status, fault.code, &fault.message));
    }
    cx.ways.take(Way::UndeclaredOwn).then(|| {
        let problem = json!({
            "type": "about:blank",
            "title": fault.status.canonical_reason(),
            "status": fault.status.as_u16(),
            "detail": fault.message,
        });
        let mut answer = Answer::json(fault.status, &problem);
        answer.content_type = HeaderValue::from_static("application/problem+json");
        answer
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
    if cx.commits(Defect::RefusalHtml) {
        return Some(Answer::framework_page(fault.status));
    }
    undeclared(cx, fault)
}
