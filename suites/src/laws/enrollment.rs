//! Reports of enrolments: who was reported is known afterwards.

use super::Law;
use super::acknowledgement::{FAULTY, HONEST};
use super::person::{answer, programme_of, says_yes, word};
use super::support::{
    accepted, all_undecided, discovery, done, equal, exchange, form_anyway, identifier_of, known_people,
    newcomer, registry, reply, search, spoil_action, text,
};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, classify, describe, enveloped, schema_judgements};
use crate::plan::{Send, Step};
use crate::request::{about_person, enrollment_updates, identifier, send};
use serde_json::Value;
use specs::evidence::Observation;

/// A report is taken, and who was reported is known afterwards.
pub(super) struct Reported;

const OPERATION: &str = "enrollment-updates";
const FORM: &str = "dci.enrollment-updates.reply-form";
const ECHO: &str = "dci.enrollment-updates.echo-transaction";
const ACCEPTED: &str = "dci.enrollment-updates.accepted";
const KNOWN: &str = "dci.enrollment-updates.known-afterwards";

/// Labels of what is asked about each beneficiary of the report: a search, and the question of enrolment.
const ASKED: [(&str, &str); 2] = [("search 1", "enrolled 1"), ("search 2", "enrolled 2")];

/// Two beneficiaries whom nobody knows, after a model.
fn beneficiaries(cx: &Context, seen: &[Observation]) -> Result<Vec<(String, Value)>, String> {
    let people = known_people(cx, seen)?;
    let active = |(_, record): &&(String, Value)| {
        text(record, "/enrollment_status") == Some("1") && programme_of(record).is_some()
    };
    let (_, model) = people
        .iter()
        .find(active)
        .ok_or("the search for everybody returned nobody with an active enrolment")?;
    let new = ["first", "second"].map(|name| newcomer(cx, model, name));
    Ok(new.into_iter().flatten().collect())
}

fn report(cx: &Context, label: &str, beneficiaries: &[(String, Value)]) -> Send {
    let records: Vec<Value> = beneficiaries.iter().map(|(_, record)| record.clone()).collect();
    let what = format!("{OPERATION} {label}");
    send(label, OPERATION, enrollment_updates(cx, &what, &records))
}

impl Law for Reported {
    fn adds_records(&self) -> bool {
        true
    }

    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let mut steps = vec![discovery(cx)];
        if let (Ok(new), Ok(registry)) = (beneficiaries(cx, seen), registry(cx)) {
            steps.push(Step::send(report(cx, HONEST, &new)));
            let mut faulty = report(cx, FAULTY, &new);
            spoil_action(&mut faulty, "search");
            steps.push(Step::send(faulty));
            for ((found, enrolled), (id, record)) in ASKED.iter().zip(&new) {
                steps.push(search(cx, found, &[identifier(cx, &registry.id_type, id)]));
                if cx.serves("enrolled") {
                    let programme = programme_of(record);
                    let body = about_person(cx, "enrolled", enrolled, id, programme.as_deref());
                    steps.push(Step::send(send(enrolled, "enrolled", body)));
                }
            }
        }
        steps.into_iter().nth(done(seen))
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let new = beneficiaries(cx, seen).and_then(|new| match exchange(seen, HONEST) {
            Some((index, honest)) => Ok((new, index, honest)),
            None => Err("the case was cut short".to_owned()),
        });
        let (new, index, honest) = match new {
            Ok(new) => new,
            Err(reason) => return all_undecided(&[FORM, ECHO, ACCEPTED, KNOWN], &reason),
        };
        if let Err(reason) = accepted(seen, HONEST) {
            let mut judgements = all_undecided(&[ECHO, KNOWN], &reason);
            judgements.extend(form_anyway(cx, FORM, exchange(seen, HONEST), &reason));
            let expected = "a valid report is answered with the items that were taken";
            judgements.push(Judgement::violated(
                ACCEPTED,
                index,
                None,
                expected,
                describe(honest),
            ));
            return judgements;
        }
        let Some(response) = honest.response() else {
            return Vec::new();
        };
        let body = response.body.json().map(enveloped).unwrap_or_default();
        let request = honest.request.body.json().unwrap_or_default();
        let schema = cx.schemas.reply(OPERATION, response.status);
        let mut judgements = Vec::new();
        judgements.extend(
            schema
                .into_iter()
                .flat_map(|schema| schema_judgements(FORM, index, schema, &body, |_| true)),
        );
        let transaction = text(&request, "/message/transaction_id").unwrap_or("none");
        let (pointer, what) = ("/message/transaction_id", "the request's transaction_id");
        judgements.push(equal(ECHO, index, &body, pointer, transaction, what));
        judgements.push(taken(seen, &new));
        for ((found, enrolled), (id, _)) in ASKED.iter().zip(&new) {
            judgements.extend(known(cx, seen, found, enrolled, id));
        }
        judgements
    }
}

/// One item that says succ for each beneficiary, by a registry that refuses a faulty report.
fn taken(seen: &[Observation], new: &[(String, Value)]) -> Judgement {
    let (index, _, items) = match answer(seen, HONEST) {
        Ok(answer) => answer,
        Err(reason) => return Judgement::undecided(ACCEPTED, reason),
    };
    let taken = items
        .iter()
        .filter(|item| text(item, "/status") == Some("succ"))
        .count();
    if items.len() != new.len() || taken != items.len() {
        return Judgement::violated(
            ACCEPTED,
            index,
            Some("/message/enrolled_response".to_owned()),
            format!(
                "an item that says succ for each of the {} beneficiaries",
                new.len()
            ),
            format!("{} items, of which {taken} say succ", items.len()),
        );
    }
    if !exchange(seen, FAULTY).is_some_and(|(_, e)| classify(e) == Answer::Refused) {
        let reason = "the faulty twin was not refused, so taking the valid report proves nothing";
        return Judgement::undecided(ACCEPTED, reason);
    }
    Judgement::held(ACCEPTED)
}

/// A search finds the beneficiary, and the registry calls them enrolled.
fn known(cx: &Context, seen: &[Observation], found: &str, enrolled: &str, id: &str) -> Vec<Judgement> {
    let mut judgements = vec![match reply(seen, found) {
        Err(reason) => Judgement::undecided(KNOWN, reason),
        Ok((index, reply)) => {
            let records = reply.records();
            let holds = |record: &&Value| identifier_of(cx, record).as_deref() == Some(id);
            if records.iter().any(holds) {
                Judgement::held(KNOWN)
            } else {
                Judgement::violated(
                    KNOWN,
                    index,
                    Some("/message/search_response/0/data/reg_records".to_owned()),
                    format!("the beneficiary with the identifier {id}, who was just reported"),
                    format!("{} records, none of them of this person", records.len()),
                )
            }
        }
    }];
    if cx.serves("enrolled") {
        judgements.push(match answer(seen, enrolled) {
            Err(reason) => Judgement::undecided(KNOWN, reason),
            Ok((index, _, items)) => match word(&items, "enrolled_status").as_deref() {
                Some(word) if says_yes(cx, word) => Judgement::held(KNOWN),
                other => Judgement::violated(
                    KNOWN,
                    index,
                    Some("/message/enrolled_response/0/enrolled_status".to_owned()),
                    "yes for somebody who was just reported",
                    other.unwrap_or("no answer"),
                ),
            },
        });
    }
    judgements
}
