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

/// The answer to a caller who gets no further: the token must be valid, and the service must be up.
fn turn_away(cx: &Service, incoming: &Incoming) -> Option<Answer> {
    if cx.commits(Defect::DiesOfNesting) {
        if cx.memory.is_dead() {
            let message = "the service is restarting";
            return Some(Answer::errors(
                StatusCode::SERVICE_UNAVAILABLE,
                "err.service.unavailable",
                message,
            ));
        }
        if incoming.nesting() > 100 {
            cx.memory.die();
        }
    }
    bearer::turn_away(cx, incoming)
}
