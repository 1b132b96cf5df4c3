//! Notifications: who is told of an event, of what, and when that ends. The events are made to happen by the
//! trigger that the target was configured with, about people whom the laws invent.

use super::Law;
use super::subscription::{codes, end, subscribe, unsubscribe};
use super::support::{
    accepted, all_undecided, answered_later, callbacks, discovery, done, equal, exchange, identifier_of,
    known_people, newcomer, registry, reply, search, text,
};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Event, Unsubscribed, notified, schema_judgements};
use crate::plan::Step;
use crate::request::{event_type, identifier, subscription};
use serde_json::{Value, json};
use specs::evidence::{Callback, Observation};

/// Label of the request for the subscription.
const SUBSCRIPTION: &str = "subscription";
/// Label of the event that the subscription is told of.
const HAPPENED: &str = "event";

/// A person whom a law invents, and whom nobody else knows.
fn somebody(cx: &Context, seen: &[Observation], name: &str) -> Result<(String, Value), String> {
    let people = known_people(cx, seen)?;
    let (_, known) = &people[people.len() / 2];
    newcomer(cx, known, name).ok_or_else(|| "no record was seen that could be a model".to_owned())
}

/// The subscription of every law here: events of the first type about one person.
fn beginning(cx: &Context, seen: &[Observation]) -> Vec<Step> {
    let mut steps = vec![discovery(cx)];
    let Ok((registry, (id, _))) = registry(cx).and_then(|r| Ok((r, somebody(cx, seen, "told")?))) else {
        return steps;
    };
    let criteria = subscription(cx, event_type(cx), &identifier(cx, &registry.id_type, &id));
    steps.extend(answered_later(
        subscribe(cx, SUBSCRIPTION, &[criteria]),
        SUBSCRIPTION,
        seen,
    ));
    steps
}

fn trigger(label: &str, event_type: &str, record: &Value) -> Step {
    Step::Trigger {
        label: label.to_owned(),
        event_type: event_type.to_owned(),
        record: record.clone(),
    }
}

/// Why nothing can be said of notifications yet, if so: nobody subscribed.
fn subscribed(cx: &Context, seen: &[Observation]) -> Result<(String, Value), String> {
    let somebody = somebody(cx, seen, "told")?;
    accepted(seen, SUBSCRIPTION)?;
    if codes(seen, &[SUBSCRIPTION]).is_empty() {
        return Err("no subscription succeeded".to_owned());
    }
    Ok(somebody)
}

/// A notification that arrived.
struct Told<'a> {
    index: usize,
    callback: &'a Callback,
    events: Vec<Event>,
}

impl Told<'_> {
    fn records(&self) -> impl Iterator<Item = &Value> {
        self.events.iter().flat_map(|event| &event.records)
    }

    fn about(&self, cx: &Context, id: &str) -> bool {
        self.records()
            .any(|record| identifier_of(cx, record).as_deref() == Some(id))
    }
}

fn notifications(seen: &[Observation]) -> Vec<Told<'_>> {
    callbacks(seen, SUBSCRIPTION)
        .into_iter()
        .filter_map(|(index, callback)| {
            Some(Told {
                index,
                callback,
                events: notified(&callback.request.body)?,
            })
        })
        .collect()
}

/// An event is told, once, in the documented form.
pub(super) struct Delivered;

const DELIVERED: &str = "dci.notify.delivered";
const ONCE: &str = "dci.notify.once";
const FORM: &str = "dci.notify.form";
const ACTION: &str = "dci.notify.action";
const RECORD_FORM: &str = "dci.notify.record-form";
const TRANSACTION: &str = "dci.notify.transaction";
const FOUND: &str = "dci.notify.found";
/// Label of the search for the person of the event.
const SEARCH: &str = "search";

impl Law for Delivered {
    fn needs_events(&self) -> bool {
        true
    }

    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let mut steps = beginning(cx, seen);
        if let (Ok((id, record)), Ok(registry)) = (subscribed(cx, seen), registry(cx)) {
            steps.push(trigger(HAPPENED, event_type(cx), &record));
            if accepted(seen, HAPPENED).is_ok() {
                steps.push(Step::notification(SUBSCRIPTION));
                steps.push(Step::no_notification(SUBSCRIPTION));
                steps.push(search(cx, SEARCH, &[identifier(cx, &registry.id_type, &id)]));
                steps.extend(end(cx, seen, &[SUBSCRIPTION]));
            }
        }
        steps.into_iter().nth(done(seen))
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let told_of = [ONCE, FORM, ACTION, RECORD_FORM, TRANSACTION, FOUND];
        let happened = subscribed(cx, seen).and_then(|who| Ok((who, accepted(seen, HAPPENED)?)));
        let ((id, _), (event, _)) = match happened {
            Ok(happened) => happened,
            Err(reason) => {
                let mut judgements = all_undecided(&told_of, &reason);
                judgements.push(Judgement::undecided(DELIVERED, reason));
                return judgements;
            }
        };
        let told = notifications(seen);
        let Some(first) = told.first() else {
            let mut judgements = all_undecided(&told_of, "no notification came");
            judgements.push(match waited(seen, event) {
                None => Judgement::undecided(DELIVERED, "the case was cut short"),
                Some(us) => {
                    let expected = "a notification at the subscription's header.sender_uri";
                    let actual = format!("none came within {:.1} s", us as f64 / 1e6);
                    Judgement::violated(DELIVERED, event, None, expected, actual)
                }
            });
            return judgements;
        };
        let mut judgements = vec![if first.about(cx, &id) {
            Judgement::held(DELIVERED)
        } else {
            Judgement::violated(
                DELIVERED,
                first.index,
                Some("/message/notify_event/0/data/reg_records".to_owned()),
                format!("the record of the person with the identifier {id}"),
                format!("{} records, none of them of this person", first.records().count()),
            )
        }];
        judgements.push(match told.iter().skip(1).find(|again| again.about(cx, &id)) {
            None => Judgement::held(ONCE),
            Some(again) => Judgement::violated(
                ONCE,
                again.index,
                None,
                "one notification of the event, since we acknowledged it with HTTP 200",
                "the event told again",
            ),
        });
        judgements.extend(form(cx, seen, first));
        judgements.push(found(cx, seen, &id));
        judgements
    }
}

/// How long the law waited for a notification after an event.
fn waited(seen: &[Observation], event: usize) -> Option<u64> {
    seen.iter().skip(event).find_map(|observation| match observation {
        Observation::Wait { waited_us, .. } => Some(*waited_us),
        _ => None,
    })
}

fn form(cx: &Context, seen: &[Observation], told: &Told<'_>) -> Vec<Judgement> {
    let Some(body) = told.callback.request.body.json() else {
        return Vec::new();
    };
    let index = told.index;
    let in_record = |pointer: &str| pointer.contains("/reg_records/");
    let mut judgements = Vec::new();
    if let Some(schema) = cx.schemas.notification() {
        judgements.extend(schema_judgements(FORM, index, schema, &body, |p| !in_record(p)));
    }
    judgements.push(equal(
        ACTION,
        index,
        &body,
        "/header/action",
        "notify",
        "the action",
    ));
    judgements.extend(record_form(cx, index, told));
    let request = exchange(seen, SUBSCRIPTION).and_then(|(_, e)| e.request.body.json());
    let request = request.unwrap_or_default();
    for (member, asked, what) in [
        (
            "/message/transaction_id",
            "/message/transaction_id",
            "the transaction_id of the subscription",
        ),
        (
            "/message/notify_event/0/reference_id",
            "/message/subscribe_request/0/reference_id",
            "the reference_id of the subscription",
        ),
    ] {
        let asked = text(&request, asked).unwrap_or("none");
        judgements.push(equal(TRANSACTION, index, &body, member, asked, what));
    }
    judgements
}

/// Records are told as a search returns them, so they are judged by the same schema.
fn record_form(cx: &Context, index: usize, told: &Told<'_>) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    for (n, event) in told.events.iter().enumerate() {
        let data = format!("/message/notify_event/{n}/data");
        if let Some(wanted) = registry(cx).ok().and_then(|r| r.reg_record_type.as_deref()) {
            let found = event.record_type.as_deref().unwrap_or("none");
            judgements.push(if found == wanted {
                Judgement::held(RECORD_FORM)
            } else {
                let at = Some(format!("{data}/reg_record_type"));
                Judgement::violated(
                    RECORD_FORM,
                    index,
                    at,
                    format!("the type {wanted} that was asked for"),
                    found,
                )
            });
        }
        let Some(schema) = cx.schemas.reply("sync-search", 200) else {
            continue;
        };
        let place = "/message/search_response/0/data/reg_records/";
        let reply = json!({"message": {"search_response": [{"data": {"reg_records": event.records}}]}});
        let judged = schema_judgements(RECORD_FORM, index, schema, &reply, |p| p.starts_with(place));
        for mut judgement in judged {
            if let crate::judgement::Outcome::Violated(findings) = &mut judgement.outcome {
                for finding in findings {
                    let below = finding.pointer.as_deref().and_then(|p| p.strip_prefix(place));
                    finding.pointer = below.map(|below| format!("{data}/reg_records/{below}"));
                }
            }
            judgements.push(judgement);
        }
    }
    judgements
}

fn found(cx: &Context, seen: &[Observation], id: &str) -> Judgement {
    match reply(seen, SEARCH) {
        Err(reason) => Judgement::undecided(FOUND, reason),
        Ok((index, reply)) => {
            let records = reply.records();
            if records
                .iter()
                .any(|record| identifier_of(cx, record).as_deref() == Some(id))
            {
                return Judgement::held(FOUND);
            }
            Judgement::violated(
                FOUND,
                index,
                Some("/message/search_response/0/data/reg_records".to_owned()),
                format!("the record of the person with the identifier {id}, who was just told of"),
                format!("{} records, none of them of this person", records.len()),
            )
        }
    }
}

/// A subscription is told neither of events of another type nor of people outside its filter.
pub(super) struct Selective;

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
pub(super) struct Stops;

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
