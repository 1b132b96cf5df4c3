//! Services that die, and what of.

use super::{Defect, Memory};
use crate::answer::Answer;
use crate::incoming::Incoming;
use crate::service::Service;
use http::StatusCode;
use std::sync::Arc;

const OF_NESTING: [Defect; 2] = [Defect::DiesOfNesting, Defect::ExchangeDiesOfNesting];
const OF_SIZE: [Defect; 2] = [Defect::DiesOfSize, Defect::ExchangeDiesOfSize];
const OF_CONSUMER: [Defect; 2] = [Defect::DiesOfConsumer, Defect::ExchangeDiesOfConsumer];
const LATER_OF_CONSUMER: [Defect; 2] = [Defect::DiesLaterOfConsumer, Defect::ExchangeDiesLaterOfConsumer];

/// Beyond this depth a body is deeply nested.
const DEEP: usize = 100;

/// How many requests are answered by a service that dies later.
const LAST: u32 = 2;

fn commits(cx: &Service, some: &[Defect]) -> bool {
    some.iter().any(|defect| cx.commits(*defect))
}

/// What whoever sends this is answered by a service that is gone. The service may die of it.
pub(crate) fn gone(cx: &Service, incoming: &Incoming) -> Option<Answer> {
    is_gone(cx, incoming).then(|| {
        let (status, code) = (StatusCode::SERVICE_UNAVAILABLE, "err.service.unavailable");
        cx.unless_lost(Answer::errors(status, code, "the service is restarting"))
    })
}

fn is_gone(cx: &Service, incoming: &Incoming) -> bool {
    let mortal = [OF_NESTING, OF_SIZE, OF_CONSUMER, LATER_OF_CONSUMER];
    if !mortal.iter().any(|some| commits(cx, some)) {
        return false;
    }
    if cx.memory.is_dead() {
        return true;
    }
    let too_deep = commits(cx, &OF_NESTING) && incoming.nesting() > DEEP;
    let too_large = commits(cx, &OF_SIZE) && incoming.bytes().is_err();
    if too_deep || too_large {
        cx.memory.die();
    }
    false
}

/// The memory of a service that dies of a callback that is not taken, and how many requests it answers before.
pub(crate) fn of_consumer(cx: &Service) -> Option<(Arc<Memory>, u32)> {
    let soon = commits(cx, &OF_CONSUMER).then_some(0);
    let last = soon.or_else(|| commits(cx, &LATER_OF_CONSUMER).then_some(LAST))?;
    Some((Arc::clone(&cx.memory), last))
}
