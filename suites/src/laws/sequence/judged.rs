//! What all sequences of a case show, told one after the other.

use super::model::{Model, NOTIFY, STATUS, SUBSCRIBE};
use super::{Action, Cast, sequence_of, words};
use crate::context::Context;
use crate::judgement::{Judgement, Outcome};
use specs::evidence::{Counterexample, Finding, Observation};
use std::collections::BTreeSet;
use std::ops::Range;

/// What the sequences of a case have shown so far.
#[derive(Debug, Default)]
pub struct Sequences {
    /// The sequences that departed from the model.
    departed: Vec<Departed>,
    /// The requirements that were exercised in a way that shows something.
    shown: BTreeSet<&'static str>,
    /// How many requests were sent.
    sent: u32,
    /// Whether an event was made to happen.
    happened: bool,
}

#[derive(Debug)]
struct Departed {
    sequence: usize,
    actions: Vec<Action>,
    /// What departed from the model.
    found: Vec<Judgement>,
    /// How many requests were sent before.
    spent: u32,
}

impl Sequences {
    /// Takes what was observed of the next sequence; the requirements that it found violated. `first` is the
    /// place of its first observation among all.
    pub fn take(
        &mut self,
        cx: &Context,
        cast: &Cast,
        seen: &[Observation],
        (sequence, first): (usize, usize),
    ) -> Vec<String> {
        let model = Model::of(cx, cast, seen, sequence);
        let spent = self.sent;
        let length = u32::try_from(model.actions.len()).unwrap_or(u32::MAX);
        self.sent = self.sent.saturating_add(length);
        self.shown.extend(&model.shown);
        let is_event = |action: &Action| matches!(action, Action::Event(_));
        self.happened |= model.actions.iter().any(is_event);
        let mut found = model.found;
        let violated = found
            .iter()
            .map(|judgement| judgement.requirement.clone())
            .collect();
        for finding in found.iter_mut().flat_map(findings_mut) {
            finding.observation = finding.observation.map(|index| index + first);
        }
        if !found.is_empty() {
            self.departed.push(Departed {
                sequence,
                actions: model.actions,
                found,
                spent,
            });
        }
        violated
    }

    /// What follows from all of them; of several that show the same, the shortest is shown.
    pub fn judgements(&self, cx: &Context) -> Vec<Judgement> {
        let requirements = [
            (SUBSCRIBE, cx.serves("subscribe") && cx.serves("unsubscribe")),
            (NOTIFY, cx.serves("subscribe")),
            (STATUS, cx.serves("sync-txn-status") || cx.serves("txn-status")),
        ];
        requirements
            .into_iter()
            .map(|(requirement, offered)| {
                let found = self.departed.iter().filter_map(|departed| {
                    let mut found = departed.found.iter();
                    Some((departed, found.find(|j| j.requirement == requirement)?))
                });
                if let Some((departed, found)) = found.min_by_key(|(d, _)| (d.actions.len(), d.sequence)) {
                    return departed.shown(found);
                }
                if self.shown.contains(requirement) {
                    return Judgement::held(requirement);
                }
                if !offered {
                    return Judgement::not_applicable(requirement, "the target does not offer what it takes");
                }
                if requirement == NOTIFY && !self.happened {
                    return Judgement::not_applicable(requirement, "no event could be made to happen");
                }
                Judgement::undecided(requirement, "no sequence came so far that it would show anything")
            })
            .collect()
    }
}

impl Departed {
    /// A violation with the sequence that led to it.
    fn shown(&self, found: &Judgement) -> Judgement {
        let mut shown = found.clone();
        for finding in findings_mut(&mut shown) {
            finding.counterexample = Some(Counterexample {
                operator: format!("the sequence: {}", words(&self.actions)),
                pointer: None,
                honest: None,
                sent: None,
                shrink_requests: self.spent,
            });
        }
        shown
    }
}

fn findings_mut(judgement: &mut Judgement) -> &mut [Finding] {
    match &mut judgement.outcome {
        Outcome::Violated(findings) => findings,
        _ => &mut [],
    }
}

/// What follows from the observations of a whole case.
pub fn judge(cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
    let (beginning, parts) = parts(seen);
    let cast = Cast::of(cx, &seen[beginning]);
    let mut sequences = Sequences::default();
    for (sequence, part) in parts {
        sequences.take(cx, &cast, &seen[part.clone()], (sequence, part.start));
    }
    sequences.judgements(cx)
}

/// What was observed before the first sequence, and of each.
fn parts(seen: &[Observation]) -> (Range<usize>, Vec<(usize, Range<usize>)>) {
    let mut parts: Vec<(usize, Range<usize>)> = Vec::new();
    let mut beginning = 0..seen.len();
    for (index, observation) in seen.iter().enumerate() {
        if let Observation::Exchange(exchange) = observation
            && let Some(sequence) = sequence_of(&exchange.label)
            && parts.last().is_none_or(|(last, _)| *last != sequence)
        {
            match parts.last_mut() {
                Some((_, part)) => part.end = index,
                None => beginning.end = index,
            }
            parts.push((sequence, index..seen.len()));
        }
    }
    (beginning, parts)
}
