//! Subscriptions: each has a code of its own, none is made twice, and they end when that is asked for.

use super::Law;
use super::acknowledgement::HONEST;
use super::asynchronous::CalledBack;
use super::support::{accepted, all_undecided, answered_later, callbacks, done, exchange};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, Subscribed, Unsubscribed, classify, describe};
use crate::plan::{Payload, Send, Step};
use crate::request::{
    self, event_type, everybody, identifier, prepared, subscribe_envelope, subscription, unsubscribe_envelope,
};
use serde_json::{Value, json};
use specs::evidence::Observation;

/// Label of the step that ends what a law subscribed to.
pub(super) const TIDY: &str = "tidy";

/// A request for subscriptions with these criteria.
pub(super) fn subscribe(cx: &Context, label: &str, criteria: &[Value]) -> Send {
    let what = format!("subscribe {label}");
    request::send(label, "subscribe", subscribe_envelope(cx, &what, criteria))
}

/// A request for two subscriptions that differ.
pub(super) fn two(cx: &Context, label: &str) -> Send {
    let id_type = cx.profile.registry.as_ref().map_or("UIN", |r| r.id_type.as_str());
    let one = identifier(cx, id_type, "1234567890");
    let criteria = [everybody(cx, &[]), one].map(|search| subscription(cx, event_type(cx), &search));
    subscribe(cx, label, &criteria)
}

/// A request to end subscriptions.
pub(super) fn unsubscribe(cx: &Context, label: &str, codes: &[String]) -> Send {
    let what = format!("unsubscribe {label}");
    request::send(label, "unsubscribe", unsubscribe_envelope(cx, &what, codes))
}

/// The codes that were told for the requests of these steps.
pub(super) fn codes(seen: &[Observation], labels: &[&str]) -> Vec<String> {
    labels
        .iter()
        .flat_map(|label| callbacks(seen, label))
        .filter_map(|(_, callback)| Subscribed::read(&callback.request.body))
        .flat_map(|answer| answer.codes())
        .collect()
}

/// Ends the subscriptions of these steps, so that a server is left as it was found.
pub(super) fn end(cx: &Context, seen: &[Observation], labels: &[&str]) -> Option<Step> {
    let codes = codes(seen, labels);
    let can = cx.serves("unsubscribe") && !codes.is_empty();
    can.then(|| Step::send(unsubscribe(cx, TIDY, &codes)))
}

/// The request to end the subscriptions that were made in preparation.
pub(super) fn end_of_prepared(cx: &Context, seen: &[Observation], label: &str) -> Option<Send> {
    let codes = codes(seen, &[&prepared("unsubscribe")]);
    (!codes.is_empty()).then(|| unsubscribe(cx, label, &codes))
}

const UNIQUE: &str = "dci.subscribe.codes-unique";

/// Every subscription of a batch has a code of its own.
pub(super) fn codes_unique(called: &CalledBack<'_>) -> Judgement {
    let answer = called.body.get("message").and_then(Subscribed::of_message);
    let codes = answer.map(|answer| answer.codes()).unwrap_or_default();
    for (n, code) in codes.iter().enumerate() {
        if codes[..n].contains(code) {
            return Judgement::violated(
                UNIQUE,
                called.index,
                Some("/message/subscribe_response".to_owned()),
                "another code for each subscription",
                format!("{code} for two of them"),
            );
        }
    }
    if codes.len() < 2 {
        let told = codes.len();
        return Judgement::undecided(UNIQUE, format!("{told} codes were told for two subscriptions"));
    }
    Judgement::held(UNIQUE)
}

const ENDED: &str = "dci.unsubscribe.codes";

/// Every code of the request is told to have ended.
pub(super) fn codes_ended(cx: &Context, called: &CalledBack<'_>) -> Judgement {
    let has_ended = |status: Option<&str>| match status {
        Some("unsubscribe") => true,
        Some("unsubscribed") => cx.profile.allows("dci.subscription-status", "states"),
        _ => false,
    };
    let violated = |pointer: &str, expected: String, actual: String| {
        Judgement::violated(ENDED, called.index, Some(pointer.to_owned()), expected, actual)
    };
    let message = called.body.get("message").unwrap_or(&Value::Null);
    let status = message.get("status").and_then(Value::as_str).unwrap_or("none");
    if status != "succ" {
        let expected = "the status succ for the codes of live subscriptions".to_owned();
        return violated("/message/status", expected, status.to_owned());
    }
    let told = message.get("subscription_status").and_then(Value::as_array);
    let asked = called.request.pointer("/message/subscription_codes");
    for code in asked.and_then(Value::as_array).into_iter().flatten() {
        let entry = told
            .into_iter()
            .flatten()
            .find(|entry| entry.get("code") == Some(code));
        let status = entry
            .and_then(|entry| entry.get("status"))
            .and_then(Value::as_str);
        if !has_ended(status) {
            let expected = format!("{code} with the status unsubscribe");
            let actual = match (entry, status) {
                (None, _) => format!("no entry for {code}"),
                (_, status) => format!("{code} with the status {}", status.unwrap_or("none")),
            };
            return violated("/message/subscription_status", expected, actual);
        }
    }
    Judgement::held(ENDED)
}

/// A subscription that exists already, and one to an event that nobody knows, are not made.
pub(super) struct NotMade;

const DUPLICATE: &str = "dci.subscribe.duplicate";
const UNKNOWN_EVENT: &str = "dci.subscribe.unknown-event";
const AGAIN: &str = "again";
const NO_EVENT: &str = "unknown event";

impl Law for NotMade {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let criteria = |event: &str| [subscription(cx, event, &everybody(cx, &[]))];
        let first = subscribe(cx, HONEST, &criteria(event_type(cx)));
        let mut steps = answered_later(first, HONEST, seen);
        if steps.len() > done(seen) {
            return steps.into_iter().nth(done(seen));
        }
        if codes(seen, &[HONEST]).is_empty() {
            return None;
        }
        let mut again = subscribe(cx, AGAIN, &criteria(event_type(cx)));
        if let Payload::Json(body) = &mut again.payload {
            body["header"]["sender_uri"] = json!(format!("${{callback of {HONEST}}}"));
        }
        steps.extend(answered_later(again, HONEST, seen));
        let unknown = subscribe(cx, NO_EVENT, &criteria("dcx:NoSuchEvent"));
        steps.extend(answered_later(unknown, NO_EVENT, seen));
        steps.extend(end(cx, seen, &[HONEST, NO_EVENT]));
        steps.into_iter().nth(done(seen))
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        if let Err(reason) = accepted(seen, HONEST) {
            return all_undecided(&[DUPLICATE, UNKNOWN_EVENT], &reason);
        }
        if codes(seen, &[HONEST]).is_empty() {
            let reason = "no subscription succeeded, so that one is not made proves nothing";
            return all_undecided(&[DUPLICATE, UNKNOWN_EVENT], reason);
        }
        let twice = ["same-code", "second"].map(|way| cx.profile.allows("dci.subscribe-duplicate", way));
        let duplicate = if twice.contains(&true) {
            let reason = "by the readings of this profile, what exists already may be asked for again";
            Judgement::not_applicable(DUPLICATE, reason)
        } else {
            not_made(DUPLICATE, seen, AGAIN, HONEST, "rjct.event.already_subscribed")
        };
        vec![
            duplicate,
            not_made(
                UNKNOWN_EVENT,
                seen,
                NO_EVENT,
                NO_EVENT,
                "rjct.notify_types.invalid",
            ),
        ]
    }
}

/// Judges that the request of a step was refused, or that its only item was rejected with this code in a
/// callback at the address of the step `at`.
fn not_made(requirement: &str, seen: &[Observation], label: &str, at: &str, code: &str) -> Judgement {
    let attempt = || -> Result<Judgement, String> {
        let (_, sent) = exchange(seen, label).ok_or("the case was cut short")?;
        match classify(sent) {
            Answer::Refused => return Ok(Judgement::held(requirement)),
            Answer::Accepted => {}
            _ => return Err(format!("the step `{label}`: {}", describe(sent))),
        }
        let asked = sent.request.body.json().unwrap_or_default();
        let transaction = asked.pointer("/message/transaction_id").and_then(Value::as_str);
        let answer = callbacks(seen, at).into_iter().find_map(|(index, callback)| {
            let answer = Subscribed::read(&callback.request.body)?;
            (answer.transaction_id.as_deref() == transaction).then_some((index, answer))
        });
        let (index, answer) = answer.ok_or("no callback came for it")?;
        let item = answer.items.first().ok_or("the callback holds no item")?;
        let (status, reason) = (item.status.as_deref(), item.reason.as_deref());
        if is_rejected(status, reason, code) {
            return Ok(Judgement::held(requirement));
        }
        Ok(Judgement::violated(
            requirement,
            index,
            Some("/message/subscribe_response/0/status".to_owned()),
            format!("rjct with {code}"),
            told(status, reason),
        ))
    };
    attempt().unwrap_or_else(|reason| Judgement::undecided(requirement, reason))
}

/// Whether something is rejected for this reason. No edition demands that a rejection gives its reason, so one
/// without any will do.
fn is_rejected(status: Option<&str>, reason: Option<&str>, code: &str) -> bool {
    status == Some("rjct") && reason.is_none_or(|reason| reason == code)
}

fn told(status: Option<&str>, reason: Option<&str>) -> String {
    let status = status.unwrap_or("no status");
    match reason {
        Some(reason) => format!("{status} with {reason}"),
        None => format!("{status} without a reason code"),
    }
}

/// What was never subscribed to, or has ended, is not told to end.
pub(super) struct NotEnded;

const UNKNOWN_CODE: &str = "dci.unsubscribe.unknown-code";
const TWICE: &str = "dci.unsubscribe.twice";
const NO_CODE: &str = "unknown code";

impl Law for NotEnded {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let label = prepared("unsubscribe");
        let mut steps = answered_later(request::plainest(cx, "subscribe", &label), &label, seen);
        if steps.len() > done(seen) {
            return steps.into_iter().nth(done(seen));
        }
        let codes = codes(seen, &[&label]);
        if codes.is_empty() {
            return None;
        }
        for (step, codes) in [
            (HONEST, codes.clone()),
            (AGAIN, codes),
            (NO_CODE, vec![cx.id("nobody's subscription")]),
        ] {
            steps.extend(answered_later(unsubscribe(cx, step, &codes), step, seen));
        }
        steps.into_iter().nth(done(seen))
    }

    fn judge(&self, _: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let ended = |label: &str| {
            let mut received = callbacks(seen, label).into_iter();
            received.find_map(|(index, callback)| Some((index, Unsubscribed::read(&callback.request.body)?)))
        };
        if ended(HONEST).is_none_or(|(_, answer)| answer.status.as_deref() != Some("succ")) {
            let reason = "no subscription was ended, so that one is not ended proves nothing";
            return all_undecided(&[UNKNOWN_CODE, TWICE], reason);
        }
        let judge = |requirement: &str, label: &str, code: &str| {
            let Some((_, sent)) = exchange(seen, label) else {
                return Judgement::undecided(requirement, "the case was cut short");
            };
            match (classify(sent), ended(label)) {
                (Answer::Refused, _) => Judgement::held(requirement),
                (Answer::Accepted, Some((index, answer))) => {
                    let (status, reason) = (answer.status.as_deref(), answer.reason.as_deref());
                    if is_rejected(status, reason, code) {
                        return Judgement::held(requirement);
                    }
                    let (expected, actual) = (format!("rjct with {code}"), told(status, reason));
                    let at = Some("/message/status".to_owned());
                    Judgement::violated(requirement, index, at, expected, actual)
                }
                (Answer::Accepted, None) => Judgement::undecided(requirement, "no callback came for it"),
                _ => Judgement::undecided(requirement, describe(sent)),
            }
        };
        vec![
            judge(TWICE, AGAIN, "rjct.event.already_unsubscribed"),
            judge(UNKNOWN_CODE, NO_CODE, "rjct.subscription_code.invalid"),
        ]
    }
}
