//! What acknowledgements and callbacks owe each other, in both specifications.

use super::Law;
use super::support::{callbacks, done, exchange, waited, waits};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, classify, describe, schema_judgements};
use crate::plan::{Send, Step};
use serde_json::Value;
use specs::evidence::{Callback, Exchange, Observation};

/// How much earlier than the acknowledgement a callback has to arrive to count as early. Our answer to a
/// callback is held back for two seconds while the acknowledgement is missing, so a target that acknowledges
/// first is well within this, however busy the machine, and one that calls back first is not.
pub(super) const EARLY_US: u64 = 1_800_000;

/// Label of the honest request of a law about callbacks.
pub(super) const HONEST: &str = "honest";
/// Label of its faulty twin.
pub(super) const FAULTY: &str = "faulty";

/// The plan of a law about callbacks: what prepares it, its requests, then the callback for the step `honest`,
/// and when that came, a quiet period for the step `quiet`. The requests are made once they can be; none when
/// what they need was not learnt.
pub(super) fn plan(
    mut before: Vec<Step>,
    requests: impl FnOnce() -> Option<Vec<Send>>,
    quiet: &str,
    seen: &[Observation],
) -> Option<Step> {
    let n = done(seen);
    if n < before.len() {
        return Some(before.swap_remove(n));
    }
    let n = n - before.len();
    let mut requests = requests()?;
    if n < requests.len() {
        return Some(Step::send(requests.swap_remove(n)));
    }
    match n - requests.len() {
        0 => Some(Step::answer(HONEST)),
        // What comes late is told apart from what never comes.
        1 if callbacks(seen, HONEST).is_empty() && announced(seen) => Some(Step::answer(HONEST)),
        1 if !callbacks(seen, HONEST).is_empty() => Some(Step::no_answer(quiet)),
        _ => None,
    }
}

/// Whether the honest request was acknowledged with ACK.
fn announced(seen: &[Observation]) -> bool {
    exchange(seen, HONEST).is_some_and(|(_, honest)| classify(honest) == Answer::Accepted)
}

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
pub(super) fn ack_form(cx: &Context, requirement: &str, index: usize, exchange: &Exchange) -> Vec<Judgement> {
    let Some(response) = exchange.response() else {
        return Vec::new();
    };
    let Some(body) = response.body.json() else {
        let actual = format!("HTTP {} with a body that is not JSON", response.status);
        return vec![Judgement::violated(
            requirement,
            index,
            Some(String::new()),
            "a JSON object",
            actual,
        )];
    };
    let shape = cx.schemas.reply(&exchange.operation, response.status);
    shape.map_or_else(Vec::new, |shape| {
        schema_judgements(requirement, index, shape, &body, |_| true)
    })
}

/// After ACK the callback comes within the deadline.
pub(super) fn arrives(
    requirement: &str,
    index: usize,
    honest: &Exchange,
    seen: &[Observation],
    faulty_refused: bool,
) -> Judgement {
    // What was waited for before the request prepared it.
    let waits = seen.iter().skip(index).filter_map(|o| match o {
        Observation::Wait {
            waited_us, satisfied, ..
        } => Some((*waited_us as f64 / 1e6, *satisfied)),
        _ => None,
    });
    let waits: Vec<(f64, bool)> = waits.collect();
    let expected = "a callback at header.sender_uri after ACK";
    match classify(honest) {
        Answer::Accepted if !callbacks(seen, HONEST).is_empty() => {
            if let [(deadline, false), (longer, true), ..] = waits.as_slice() {
                let actual =
                    format!("it came late: {longer:.1} s after the deadline of {deadline:.1} s had passed");
                return Judgement::violated(requirement, index, None, expected, actual);
            }
            if faulty_refused {
                Judgement::held(requirement)
            } else {
                Judgement::undecided(requirement, "the faulty twin was not refused")
            }
        }
        Answer::Accepted => {
            if let Err(reason) = waited(seen, index) {
                return Judgement::undecided(requirement, reason);
            }
            let waited: f64 = waits.iter().map(|(waited, _)| waited).sum();
            let actual = format!("none came within {waited:.1} s");
            Judgement::violated(requirement, index, None, expected, actual)
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

/// The body of a callback, and the judgement of its form.
pub(super) fn callback_form(
    cx: &Context,
    requirement: &str,
    operation: &str,
    index: usize,
    callback: &Callback,
) -> (Option<Value>, Vec<Judgement>) {
    let Some(body) = callback.request.body.json() else {
        let actual = "a body that is not JSON";
        let at = Some(String::new());
        let judgement = Judgement::violated(requirement, index, at, "a JSON object", actual);
        return (None, vec![judgement]);
    };
    let shape = cx.schemas.callback(operation);
    let judgements = shape.map_or_else(Vec::new, |shape| {
        schema_judgements(requirement, index, shape, &body, |_| true)
    });
    (Some(body), judgements)
}

/// After a refusal no callback comes.
pub(super) struct Silence {
    /// The requirement that says so.
    pub(super) requirement: &'static str,
    /// A request that is called back.
    pub(super) honest: fn(&Context) -> Send,
    /// Its faulty twin.
    pub(super) faulty: fn(&Context) -> Send,
}

impl Law for Silence {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let requests = || Some(vec![(self.honest)(cx), (self.faulty)(cx)]);
        plan(Vec::new(), requests, FAULTY, seen)
    }

    fn judge(&self, _: &Context, seen: &[Observation]) -> Vec<Judgement> {
        vec![silent(self.requirement, seen)]
    }
}

/// Judges silence after the refusal of the step `faulty`, given a callback for the step `honest`.
fn silent(requirement: &str, seen: &[Observation]) -> Judgement {
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
