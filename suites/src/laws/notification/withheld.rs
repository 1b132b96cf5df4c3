//! What a subscription must not be told of.

use super::{HAPPENED, SUBSCRIPTION, Told, beginning, notifications, somebody, subscribed, trigger};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::laws::Law;
use crate::laws::subscription::{codes, end, unsubscribe};
use crate::laws::support::{accepted, all_undecided, answered_later, callbacks, done, exchange};
use crate::oracle::Unsubscribed;
use crate::plan::Step;
use crate::request::event_type;
use specs::evidence::Observation;

/// A subscription is told neither of events of another type nor of people outside its filter.
pub(in crate::laws) struct Selective;

const EVENT_TYPE: &str = "dci.notify.event-type";
const FILTER: &str = "dci.notify.filter";
const OUTSIDE: &str = "outside the filter";
const OTHER: &str = "another type";

/// An event type of the profile other than the first.
fn other_type(cx: &Context) -> Option<&str> {
    let types = &cx.profile.registry.as_ref()?.event_types;
    types
        .iter()
        .skip(1)
        .map(String::as_str)
        .find(|t| *t != event_type(cx))
}

impl Law for Selective {
    fn needs_events(&self) -> bool {
        true
    }

    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let mut steps = beginning(cx, seen);
        if let (Ok((_, record)), Ok((_, other))) = (subscribed(cx, seen), somebody(cx, seen, "not told")) {
            steps.push(trigger(OUTSIDE, event_type(cx), &other));
            steps.push(Step::no_notification(SUBSCRIPTION));
            if let Some(other) = other_type(cx) {
                steps.push(trigger(OTHER, other, &record));
                steps.push(Step::no_notification(SUBSCRIPTION));
            }
            steps.push(trigger(HAPPENED, event_type(cx), &record));
            steps.push(Step::notification(SUBSCRIPTION));
            steps.extend(end(cx, seen, &[SUBSCRIPTION]));
        }
        steps.into_iter().nth(done(seen))
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let at = |label: &str| exchange(seen, label).map(|(index, _)| index);
        let happened = subscribed(cx, seen).and_then(|who| Ok((who, accepted(seen, HAPPENED)?)));
        let ((id, _), (event, _)) = match happened {
            Ok(happened) => happened,
            Err(reason) => return all_undecided(&[EVENT_TYPE, FILTER], &reason),
        };
        let told = notifications(seen);
        let due = told.iter().any(|told| told.index > event && told.about(cx, &id));
        let judge = |requirement: &str, label: &str, found: Option<&Told<'_>>, expected: &str| {
            if let Some(told) = found {
                let types: Vec<&str> = told
                    .events
                    .iter()
                    .filter_map(|e| e.event_type.as_deref())
                    .collect();
                let actual = format!("a notification of {}", types.first().unwrap_or(&"such an event"));
                return Judgement::violated(requirement, told.index, None, expected, actual);
            }
            match accepted(seen, label) {
                Err(reason) => Judgement::undecided(requirement, reason),
                Ok(_) if !due => {
                    let reason = "the event that is to be told was not told, so silence proves nothing";
                    Judgement::undecided(requirement, reason)
                }
                Ok(_) => Judgement::held(requirement),
            }
        };
        let outside = told.iter().find(|told| !told.about(cx, &id));
        let expected = "no notification of a person outside the filter";
        let mut judgements = vec![judge(FILTER, OUTSIDE, outside, expected)];
        judgements.push(match other_type(cx) {
            None => Judgement::not_applicable(EVENT_TYPE, "the profile names one type of event only"),
            Some(other) => {
                let after = at(OTHER).unwrap_or(event);
                let of_other = |told: &&Told<'_>| {
                    let named = told.events.iter().any(|e| e.event_type.as_deref() == Some(other));
                    told.about(cx, &id) && (named || (after..event).contains(&told.index))
                };
                let expected = format!("no notification of an event of the type {other}");
                judge(EVENT_TYPE, OTHER, told.iter().find(of_other), &expected)
            }
        });
        judgements
    }
}

/// After its end a subscription is told of nothing.
pub(in crate::laws) struct Stops;

const STOPS: &str = "dci.notify.stops";
const ENDED: &str = "end";
const LATER: &str = "later event";

impl Law for Stops {
    fn needs_events(&self) -> bool {
        true
    }

    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        if !cx.serves("unsubscribe") {
            return None;
        }
        let mut steps = beginning(cx, seen);
        if let Ok((_, record)) = subscribed(cx, seen) {
            steps.push(trigger(HAPPENED, event_type(cx), &record));
            steps.push(Step::notification(SUBSCRIPTION));
            // What is told twice is told before the end.
            steps.push(Step::no_notification(SUBSCRIPTION));
            let codes = codes(seen, &[SUBSCRIPTION]);
            steps.extend(answered_later(unsubscribe(cx, ENDED, &codes), ENDED, seen));
            steps.push(trigger(LATER, event_type(cx), &record));
            steps.push(Step::no_notification(SUBSCRIPTION));
        }
        steps.into_iter().nth(done(seen))
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        if !cx.serves("unsubscribe") {
            let reason = "the registry offers no operation that ends a subscription";
            return vec![Judgement::not_applicable(STOPS, reason)];
        }
        let attempt = || -> Result<Judgement, String> {
            let (id, _) = subscribed(cx, seen)?;
            let (later, _) = accepted(seen, LATER)?;
            let told = notifications(seen);
            if !told.iter().any(|told| told.index < later && told.about(cx, &id)) {
                return Err("nothing was told before the end either, so silence proves nothing".to_owned());
            }
            let ended = callbacks(seen, ENDED).into_iter().any(|(_, callback)| {
                Unsubscribed::read(&callback.request.body)
                    .is_some_and(|answer| answer.status.as_deref() == Some("succ"))
            });
            if !ended {
                return Err("the subscription was not told to have ended".to_owned());
            }
            Ok(match told.iter().find(|told| told.index > later) {
                None => Judgement::held(STOPS),
                Some(told) => Judgement::violated(
                    STOPS,
                    told.index,
                    None,
                    "no notification for a subscription that has ended",
                    "a notification of an event that happened after its end",
                ),
            })
        };
        vec![attempt().unwrap_or_else(|reason| Judgement::undecided(STOPS, reason))]
    }
}
