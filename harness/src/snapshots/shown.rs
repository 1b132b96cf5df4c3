//! What a run shows of each operation: its first answer to an honest request, and how it answered the others.

use super::READINGS;
use super::answered::Answered;
use super::redact::Redaction;
use reports::event::{Entry, Event};
use specs::evidence::{Intent, Observation, Response};
use std::collections::BTreeMap;
use suites::oracle::{Answer, classify};
use suites::plan::{EVENT, KEY_SET};

/// What a run showed of one operation.
#[derive(Default)]
pub(super) struct Shown<'e> {
    /// The first honest request that was accepted.
    pub(super) accepted: Option<&'e Response>,
    /// What the others were answered with.
    pub(super) answered: Answered,
}

/// Whether a run was of a part of the cases: by choice, or because it was cut.
pub(super) fn is_narrow(entries: &[Entry]) -> bool {
    let chosen = |entry: &Entry| matches!(&entry.event, Event::RunStarted(s) if !s.selection.is_empty());
    let whole = |entry: &Entry| matches!(&entry.event, Event::RunFinished(f) if f.complete);
    entries.iter().any(chosen) || !entries.iter().any(whole)
}

/// What a run shows of each profile and operation, and what is replaced in the answers of each profile.
pub(super) fn shown<'e>(
    entries: &'e [Entry],
    redactions: &mut BTreeMap<&'e str, Redaction>,
) -> BTreeMap<(&'e str, &'e str), Shown<'e>> {
    let mut all: BTreeMap<(&str, &str), Shown<'_>> = BTreeMap::new();
    for entry in entries {
        let observed = match &entry.event {
            Event::ReadingObserved(taken) => {
                let shown = all.entry((&taken.profile, READINGS)).or_default();
                shown.answered.note(&taken.reading, &taken.alternative);
                continue;
            }
            Event::Observed(observed) => observed,
            _ => continue,
        };
        let Observation::Exchange(exchange) = &observed.observation else {
            continue;
        };
        // Its trigger of events is no interface, and its keys are made to be replaced.
        if [EVENT, KEY_SET].contains(&exchange.operation.as_str()) {
            continue;
        }
        let Some(response) = exchange.response() else {
            continue;
        };
        let profile = observed.profile.as_str();
        let redaction = redactions
            .entry(profile)
            .or_insert_with(|| Redaction::of(entries, profile));
        let shown = all.entry((profile, &exchange.operation)).or_default();
        shown.answered.take(exchange, response, redaction);
        let accepted = exchange.intent == Intent::Honest
            && (200..300).contains(&response.status)
            && classify(exchange) != Answer::Refused;
        if accepted && shown.accepted.is_none() {
            shown.accepted = Some(response);
        }
    }
    all
}
