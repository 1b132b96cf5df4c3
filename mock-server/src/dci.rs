//! The DCI registry: token, synchronous search, asynchronous search.

mod bearer;
pub(crate) mod client;
mod item;
mod refusal;
mod reply;
mod request;
mod search;
mod sync_search;
mod token;

pub(crate) use search::search;
pub(crate) use sync_search::sync_search;
pub(crate) use token::token;

use crate::Defect;
use crate::answer::Answer;
use crate::incoming::Incoming;
use crate::service::Service;
use http::StatusCode;

/// What stands between a caller and a registry operation: the service must be up, the token valid.
fn admit(cx: &Service, incoming: &Incoming) -> Result<(), Answer> {
    if cx.commits(Defect::DiesOfNesting) {
        if cx.memory.is_dead() {
            let message = "the service is restarting";
            return Err(Answer::errors(
                StatusCode::SERVICE_UNAVAILABLE,
                "err.service.unavailable",
                message,
            ));
        }
        if incoming.nesting() > 100 {
            cx.memory.die();
        }
    }
    bearer::check(cx, incoming)
}
