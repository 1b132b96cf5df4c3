//! Whether a status that is told of somebody who is known, beside that of a stranger, is right.

use super::{KNOWN, Stranger, answer, says_yes, stranger, word};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::laws::support::exchange;
use serde_json::Value;
use specs::evidence::Observation;

/// Yes for the known, anything but yes for the stranger; each proves something only beside the other.
pub(super) fn yes_no(
    cx: &Context,
    known: &str,
    unknown: &str,
    seen: &[Observation],
    member: &str,
) -> Vec<Judgement> {
    let yes = |items: &[Value]| word(items, member).is_some_and(|word| says_yes(cx, &word));
    let about_known = answer(seen, KNOWN[0]);
    let known_yes = about_known.as_ref().is_ok_and(|(_, _, items)| yes(items));
    let stranger = stranger(seen);
    let stranger_yes = matches!(&stranger, Stranger::Told(_, items) if yes(items));
    let violated = |requirement: &str, index: usize, expected: &str, items: &[Value]| {
        let list = if member == "disabled_status" {
            "disabled_response"
        } else {
            "enrolled_response"
        };
        let at = Some(format!("/message/{list}/0/{member}"));
        let actual = word(items, member).unwrap_or_else(|| "no answer".to_owned());
        Judgement::violated(requirement, index, at, expected, actual)
    };
    vec![
        match (&about_known, &stranger) {
            (Ok((index, _, items)), _) if !known_yes => {
                violated(known, *index, "yes for somebody whom a search found", items)
            }
            (Err(reason), _) | (_, Stranger::NotAsked(reason)) => Judgement::undecided(known, reason.clone()),
            _ if stranger_yes => {
                Judgement::undecided(known, "a stranger is answered yes too, so yes proves nothing")
            }
            _ => Judgement::held(known),
        },
        match &stranger {
            Stranger::NotAsked(reason) => Judgement::undecided(unknown, reason.clone()),
            Stranger::Told(index, items) if stranger_yes => violated(
                unknown,
                *index,
                "anything but yes for somebody who is not known",
                items,
            ),
            _ if known_yes => Judgement::held(unknown),
            _ => Judgement::undecided(unknown, "nobody is answered yes, so its absence proves nothing"),
        },
    ]
}

/// A status for the known that is not that of the stranger, and none that is active for the stranger.
pub(super) fn words(known: &str, unknown: &str, seen: &[Observation]) -> Vec<Judgement> {
    const MEMBER: &str = "enrolled_status";
    let at = || Some(format!("/message/enrolled_response/0/{MEMBER}"));
    let mut told: Vec<(usize, Option<String>)> = Vec::new();
    let mut reason = None;
    for label in KNOWN.iter().filter(|label| exchange(seen, label).is_some()) {
        match answer(seen, label) {
            Ok((index, _, items)) => told.push((index, word(&items, MEMBER))),
            Err(why) => reason = Some(why),
        }
    }
    let stranger = stranger(seen);
    let strange = match &stranger {
        Stranger::Told(_, items) => word(items, MEMBER),
        _ => None,
    };
    let active = strange
        .as_deref()
        .is_some_and(|word| word.eq_ignore_ascii_case("active"));
    let differs = told.iter().any(|(_, word)| word.is_some() && *word != strange);
    vec![
        match (told.first(), &stranger) {
            (None, _) => {
                let reason = reason.unwrap_or_else(|| "the case was cut short".to_owned());
                Judgement::undecided(known, reason)
            }
            (Some((index, _)), _) if told.iter().all(|(_, word)| word.is_none()) => {
                Judgement::violated(known, *index, at(), "the status of an enrolment", "none")
            }
            (_, Stranger::NotAsked(reason)) => Judgement::undecided(known, reason.clone()),
            _ if differs => Judgement::held(known),
            _ if active => Judgement::undecided(
                known,
                "a stranger is told to be enrolled too, so it proves nothing",
            ),
            (Some((index, word)), _) => Judgement::violated(
                known,
                *index,
                at(),
                "another status than that of somebody who is not known",
                word.clone().unwrap_or_else(|| "none".to_owned()),
            ),
        },
        match &stranger {
            Stranger::NotAsked(reason) => Judgement::undecided(unknown, reason.clone()),
            Stranger::Told(index, _) if active => Judgement::violated(
                unknown,
                *index,
                at(),
                "no active enrolment of somebody who is not known",
                strange.unwrap_or_default(),
            ),
            _ if differs => Judgement::held(unknown),
            _ => Judgement::undecided(unknown, "everybody is told the same, which proves nothing"),
        },
    ]
}
