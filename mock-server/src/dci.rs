//! The DCI registries: token, searches, subscriptions, the status of transactions, and questions about
//! one person.

mod acknowledgement;
mod at_once;
pub(crate) mod bearer;
pub(crate) mod control;
mod criteria;
mod disability;
mod enrolment;
mod envelope;
pub(crate) mod event;
mod item;
mod kind;
mod later;
mod notify;
mod refused;
mod reply;
mod request;
pub(crate) mod restore;
mod search;
mod signature;
mod subscribe;
mod token;
mod txn_status;
mod unsubscribe;
mod written;

pub(crate) use notify::happen;

use crate::answer::Answer;
use crate::clients::Client;
use crate::defect::death;
use crate::incoming::Incoming;
use crate::operation::Operation;
use crate::service::Service;
use http::StatusCode;
use std::sync::Arc;

/// Answers a request for an operation, whose sender was let in.
pub(crate) async fn answer(cx: &Service, operation: Operation, incoming: &Incoming) -> Answer {
    let answer = match operation {
        Operation::SyncSearch => search::sync_search(cx, incoming),
        Operation::Search => search::search(cx, incoming).await,
        Operation::Subscribe => subscribe::subscribe(cx, incoming).await,
        Operation::Unsubscribe => unsubscribe::unsubscribe(cx, incoming).await,
        Operation::TxnStatus => txn_status::txn_status(cx, incoming).await,
        Operation::SyncTxnStatus => txn_status::sync_txn_status(cx, incoming),
        Operation::Disabled => disability::disabled(cx, incoming),
        Operation::DisabilitySupport => disability::support(cx, incoming),
        Operation::DisabilityDetails => disability::details(cx, incoming),
        Operation::Enrolled => enrolment::enrolled(cx, incoming),
        Operation::EnrollmentUpdates => enrolment::updates(cx, incoming).await,
        Operation::CheckEnrollment => enrolment::check(cx, incoming),
        Operation::Token => token::token(cx, incoming),
        Operation::Exchange => Answer::errors(
            StatusCode::NOT_FOUND,
            "err.request.not_found",
            "a registry exchanges nothing",
        ),
    };
    cx.unless_lost(answer)
}

/// Who asks for an operation; the answer to a caller who gets no further: the token must be valid, and the service
/// must be up.
pub(crate) fn admit(
    cx: &Service,
    operation: Operation,
    incoming: &Incoming,
) -> Result<Option<Arc<Client>>, Box<Answer>> {
    if operation == Operation::Token {
        return Ok(None);
    }
    if let Some(answer) = death::gone(cx, incoming) {
        return Err(Box::new(answer));
    }
    bearer::admit(cx, operation, incoming).map_err(|answer| Box::new(cx.unless_lost(*answer)))
}
