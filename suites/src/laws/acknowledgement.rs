//! What acknowledgements and callbacks owe each other, in both specifications.

use super::support::{callbacks, exchange, waits};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, classify, describe, schema_judgement};
use specs::evidence::{Callback, Exchange, Observation};

/// How much earlier than the acknowledgement a callback has to arrive to count as early. Our answer to a
/// callback is held back for a second while the acknowledgement is missing, so a target that acknowledges
/// first is well within this, however busy the machine, and one that calls back first is not.
pub(super) const EARLY_US: u64 = 900_000;

/// Label of the honest request of a law about callbacks.
pub(super) const HONEST: &str = "honest";
/// Label of its faulty twin.
pub(super) const FAULTY: &str = "faulty";

/// A valid request is acknowledged with ACK, and a faulty one is not.
pub(super) fn acknowledged(
    requirement: &str,
    index: usize,
    honest: &Exchange,
    faulty: Option<(usize, &Exchange)>,
) -> Judgement {
    match (classify(honest), faulty.map(|(_, e)| classify(e))) {
        (Answer::Accepted, Some(Answer::Refused)) => Judgement::held(requirement),
        (Answer::Accepted, _) => Judgement::undecided(
            requirement,
            "the target acknowledges the faulty twin too, so its ACK proves nothing",
        ),
        _ => Judgement::violated(
            requirement,
            index,
            Some("/message/ack_status".to_owned()),
            "ACK for a valid request",
            describe(honest),
        ),
    }
}

/// The form of an acknowledgement.
pub(super) fn ack_form(
    cx: &Context,
    requirement: &str,
    index: usize,
    exchange: &Exchange,
) -> Option<Judgement> {
    let response = exchange.response()?;
    let Some(body) = response.body.json() else {
        let actual = format!("HTTP {} with a body that is not JSON", response.status);
        return Some(Judgement::violated(
            requirement,
            index,
            Some(String::new()),
            "a JSON object",
            actual,
        ));
    };
    let schema = cx.schemas.reply(&exchange.operation, response.status)?;
    Some(schema_judgement(requirement, index, schema, &body, |_| true))
}

/// After ACK the callback comes within the deadline.
pub(super) fn arrives(
    requirement: &str,
    index: usize,
    honest: &Exchange,
    seen: &[Observation],
    faulty_refused: bool,
) -> Judgement {
    match classify(honest) {
        Answer::Accepted if !callbacks(seen, HONEST).is_empty() => {
            if faulty_refused {
                Judgement::held(requirement)
            } else {
                Judgement::undecided(requirement, "the faulty twin was not refused")
            }
        }
        Answer::Accepted => {
            let waited = seen.iter().find_map(|o| match o {
                Observation::Wait { waited_us, .. } => Some(*waited_us),
                _ => None,
            });
            match waited {
                None => Judgement::undecided(requirement, "the case was cut short"),
                Some(us) => Judgement::violated(
                    requirement,
                    index,
                    None,
                    "a callback at header.sender_uri after ACK",
                    format!("none came within {:.1} s", us as f64 / 1e6),
                ),
            }
        }
        Answer::AcceptedSilently => Judgement::undecided(
            requirement,
            "the target answered NACK, which announces no callback",
        ),
        _ => Judgement::undecided(
            requirement,
            format!("the request was not acknowledged with ACK: {}", describe(honest)),
        ),
    }
}

/// The callback does not come before the acknowledgement.
pub(super) fn after_ack(requirement: &str, index: usize, honest: &Exchange, first: &Callback) -> Judgement {
    if first.at_us.saturating_add(EARLY_US) < honest.done_us {
        return Judgement::violated(
            requirement,
            index,
            None,
            "the callback after the acknowledgement",
            format!(
                "the callback {} ms before the acknowledgement",
                (honest.done_us - first.at_us) / 1000
            ),
        );
    }
    Judgement::held(requirement)
}

/// Judges silence after the refusal of the step `faulty`, given a callback for the step `honest`.
pub(super) fn silent(requirement: &str, seen: &[Observation]) -> Judgement {
    if callbacks(seen, HONEST).is_empty() {
        return Judgement::undecided(
            requirement,
            "no callback came for the honest request, so silence proves nothing",
        );
    }
    let Some((_, refused)) = exchange(seen, FAULTY).filter(|(_, e)| classify(e) == Answer::Refused) else {
        return Judgement::undecided(requirement, "the faulty request was not refused");
    };
    if let Some((index, _)) = callbacks(seen, FAULTY).first() {
        return Judgement::violated(
            requirement,
            *index,
            None,
            "no callback for a request that was refused",
            format!(
                "a callback, although the request was refused: {}",
                describe(refused)
            ),
        );
    }
    if waits(seen) < 2 {
        return Judgement::undecided(requirement, "the case was cut short");
    }
    Judgement::held(requirement)
}
