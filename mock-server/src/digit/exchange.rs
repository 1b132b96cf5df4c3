//! `POST /v1/exchange/{type}`.

use super::kind::Kind;
use super::reply::Asked;
use super::{ack, checks, reply};
use crate::Defect;
use crate::answer::{Answer, Note};
use crate::defect::death;
use crate::ids::RequestIds;
use crate::incoming::Incoming;
use crate::readings::Way;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::validate::Fault;

/// Answers a message of the type that the path names.
pub(crate) async fn exchange(cx: &Service, incoming: &Incoming, segment: &str) -> Answer {
    if let Some(answer) = death::gone(cx, incoming) {
        return answer;
    }
    let answer = match checks::accept(cx, incoming, segment) {
        Ok(accepted) => acknowledge(cx, incoming, accepted).await,
        Err(fault) => refuse(cx, incoming, segment, fault).await,
    };
    cx.unless_lost(answer)
}

async fn acknowledge(cx: &Service, incoming: &Incoming, accepted: checks::Accepted) -> Answer {
    let checks::Accepted {
        kind,
        envelope,
        form,
        target,
    } = accepted;
    let correlation_id = ack::correlation_id(cx, incoming, &envelope);
    // A reply needs no reply.
    let ack_status = if kind.is_reply && !cx.ways.take(Way::ExchangeNackUnused) {
        "NACK"
    } else {
        "ACK"
    };
    let owed = !kind.is_reply || cx.commits(Defect::ExchangeCallbackAfterNack);
    if owed && !cx.commits(Defect::ExchangeCallbackNever) {
        let asked = Asked {
            kind: &kind,
            envelope: &envelope,
            form,
        };
        reply::send(cx, incoming, &asked, target, &correlation_id).await;
    }
    let answer = ack::valid(cx, ack_status, &correlation_id);
    let verdict = match form {
        Some(_) => format!("{ack_status}, the message was encrypted"),
        None => ack_status.to_owned(),
    };
    Answer {
        note: note(&RequestIds::of(&envelope), correlation_id, verdict),
        ..answer
    }
}

async fn refuse(cx: &Service, incoming: &Incoming, segment: &str, fault: Fault) -> Answer {
    let correlation_id = ack::correlation_id(cx, incoming, &fault.request);
    if cx.commits(Defect::ExchangeCallbackAfterErr)
        && let Some(kind) = Kind::read(cx, segment)
        && let Ok(target) = checks::target(cx, &fault.request)
    {
        let asked = Asked {
            kind: &kind,
            envelope: &fault.request,
            form: None,
        };
        reply::send(cx, incoming, &asked, target, &correlation_id).await;
    }
    if is_silent(cx, &fault) {
        let verdict = format!("ACK, and nothing follows: {}", fault.message);
        return Answer {
            note: note(&RequestIds::of(&fault.request), correlation_id.clone(), verdict),
            ..ack::valid(cx, "ACK", &correlation_id)
        };
    }
    let verdict = format!("refused, {}: {}", fault.code, fault.message);
    let answer = ack::accident(cx, &fault).unwrap_or_else(|| ack::refusal(cx, &fault, &correlation_id));
    let note = Note {
        refusal: Some(Refusal::of(&fault)),
        ..note(&RequestIds::of(&fault.request), correlation_id, verdict)
    };
    Answer { note, ..answer }
}

/// Whether the sender of a message that cannot be delivered is told nothing of that.
fn is_silent(cx: &Service, fault: &Fault) -> bool {
    match fault.code {
        "err.request.not_found" => cx.ways.take(Way::ExchangeUnknownSilent),
        "err.receiver_id.invalid" => cx.ways.take(Way::ExchangeReceiverSilent),
        _ => false,
    }
}

fn note(ids: &RequestIds, correlation_id: String, verdict: String) -> Note {
    Note {
        message_id: ids.message.clone(),
        transaction_id: None,
        correlation_id: Some(correlation_id),
        verdict,
        ..Note::default()
    }
}
