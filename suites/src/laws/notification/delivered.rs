//! What an event that a subscription is to be told of owes it.

use super::{HAPPENED, SUBSCRIPTION, Told, beginning, notifications, subscribed, trigger};
use crate::context::Context;
use crate::judgement::{Judgement, Outcome};
use crate::laws::Law;
use crate::laws::subscription::end;
use crate::laws::support::{
    accepted, all_undecided, done, equal, exchange, identifier_of, registry, reply, search, text, waited,
};
use crate::oracle::schema_judgements;
use crate::plan::Step;
use crate::request::{event_type, identifier};
use serde_json::json;
use specs::evidence::Observation;

/// An event is told, once, in the documented form.
pub(in crate::laws) struct Delivered;

const DELIVERED: &str = "dci.notify.delivered";
const ONCE: &str = "dci.notify.once";
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
        let told_of = [ONCE, ACTION, RECORD_FORM, TRANSACTION, FOUND];
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
                Err(reason) => Judgement::undecided(DELIVERED, reason),
                Ok(us) => {
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

fn form(cx: &Context, seen: &[Observation], told: &Told<'_>) -> Vec<Judgement> {
    let Some(body) = told.callback.request.body.json() else {
        return Vec::new();
    };
    let index = told.index;
    let in_record = |pointer: &str| pointer.contains("/reg_records/");
    let mut judgements = Vec::new();
    if let Some(schema) = cx.schemas.notification() {
        // What belongs to no clause makes it no notification of the documents at all.
        judgements.extend(schema_judgements(DELIVERED, index, schema, &body, |p| {
            !in_record(p)
        }));
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
            judgements.push(if found == wanted || is_the_same(found, wanted) {
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
        for mut judgement in schema_judgements(RECORD_FORM, index, schema, &reply, |p| p.starts_with(place)) {
            if let Outcome::Violated(findings) = &mut judgement.outcome {
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

/// Whether two names stand for one record type: by the reading of the default, any vocabulary will do.
fn is_the_same(found: &str, wanted: &str) -> bool {
    let [found, wanted] = [found, wanted].map(|name| name.rsplit(':').next());
    found == wanted
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
