//! Who is enrolled in a programme: questions about it, and reports of it.

use super::disability::{answered, find};
use super::envelope::{Head, content, finished, timestamp};
use super::kind::Kind;
use super::{at_once, notify, request};
use crate::Defect;
use crate::answer::Answer;
use crate::ids::RequestIds;
use crate::incoming::Incoming;
use crate::operation::Operation;
use crate::query::identifiers;
use crate::service::Service;
use serde_json::{Value, json};

/// `enrollment_status` of somebody who receives benefits.
const ACTIVE: &str = "1";
/// The event of an enrolment, spelt as in the documents.
const ENROLMENT: &str = "enrollement";
/// The event of an enrolment that has another status than before.
const STATUS_CHANGE: &str = "enrollement_status_change";

/// Answers whether somebody is enrolled: yes or no.
pub(super) fn enrolled(cx: &Service, incoming: &Incoming) -> Answer {
    let operation = Operation::Enrolled;
    at_once::answer(
        cx,
        incoming,
        operation,
        Kind::Enrolled,
        |request, correlation_id| {
            let told = find(cx, query(request)).map(|found| {
                let yes = found.iter().any(is_active);
                let yes =
                    (yes || cx.commits(Defect::EnrolledAlwaysYes)) && !cx.commits(Defect::EnrolledAlwaysNo);
                json!({"enrolled_status": if yes { "yes" } else { "no" }})
            });
            answered(cx, Kind::Enrolled, request, correlation_id, told)
        },
    )
}

/// Answers whether somebody is enrolled: in words.
pub(super) fn check(cx: &Service, incoming: &Incoming) -> Answer {
    let operation = Operation::CheckEnrollment;
    at_once::answer(
        cx,
        incoming,
        operation,
        Kind::CheckEnrollment,
        |request, correlation_id| {
            let told = find(cx, query(request)).map(|found| {
                let active = found.iter().any(is_active);
                let active = (active || cx.commits(Defect::CheckAlwaysActive))
                    && !cx.commits(Defect::CheckAlwaysInactive);
                json!({"enrolled_status": if active { "Active" } else { "Inactive" }})
            });
            answered(cx, Kind::CheckEnrollment, request, correlation_id, told)
        },
    )
}

fn query(request: &Value) -> Option<&Value> {
    request.pointer("/message/enrolled_criteria/query")
}

/// Whether a record tells of an enrolment that is not over. Where records have no status, whoever is
/// registered is enrolled.
fn is_active(record: &Value) -> bool {
    record
        .get("enrollment_status")
        .is_none_or(|status| status == ACTIVE)
}

/// Takes a report of enrolments.
pub(super) async fn updates(cx: &Service, incoming: &Incoming) -> Answer {
    let operation = Operation::EnrollmentUpdates;
    let mut taken = Vec::new();
    let answer = at_once::answer(
        cx,
        incoming,
        operation,
        Kind::EnrollmentUpdates,
        |request, correlation_id| {
            let beneficiaries = request::list(request, "/message/enrolled_updates/beneficiaries");
            let items: Vec<Value> = (beneficiaries.iter().enumerate())
                .map(|(i, beneficiary)| take(cx, request, i, beneficiary, &mut taken))
                .collect();
            let rejected = items.iter().filter(|item| item["status"] != "succ").count();
            let head = Head::of_batch(items.len(), items.len(), rejected, "update");
            let content = content(correlation_id, "enrolled_response", items);
            finished(
                cx,
                Kind::EnrollmentUpdates,
                &RequestIds::of(request),
                &head,
                Some(content),
            )
        },
    );
    for (event_type, record) in taken {
        if cx.registry().event_types.iter().any(|known| known == event_type) {
            notify::tell(cx, event_type, &record, incoming.manner).await;
        }
    }
    answer
}

/// Takes one update into the register, and notes what happened by it.
fn take(
    cx: &Service,
    request: &Value,
    nth: usize,
    beneficiary: &Value,
    taken: &mut Vec<(&'static str, Value)>,
) -> Value {
    let reference = cx.id(&format!("reference {nth}"), &RequestIds::of(request));
    let mut item = json!({"reference_id": reference, "timestamp": timestamp(cx, Kind::EnrollmentUpdates)});
    if !beneficiary.is_object() {
        // Only a server that does not check its requests gets to see one.
        item["status"] = "succ".into();
        return item;
    }
    if identifiers(beneficiary, cx.registry()).next().is_none() {
        item["status"] = "rjct".into();
        let message = format!(
            "the beneficiary has no identifier at {}",
            cx.registry().identifiers
        );
        item["status_reason_message"] = message.into();
        return item;
    }
    let record = beneficiary.clone();
    let before = if cx.commits(Defect::UpdatesNotKept) {
        None
    } else {
        cx.put(&record)
    };
    if before.is_some_and(|before| before["enrollment_status"] != record["enrollment_status"]) {
        taken.push((STATUS_CHANGE, record.clone()));
    }
    taken.push((ENROLMENT, record));
    item["status"] = if cx.commits(Defect::UpdatesRejected) {
        "rjct"
    } else {
        "succ"
    }
    .into();
    item
}
