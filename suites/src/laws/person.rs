//! Questions about single persons: whether somebody is registered as disabled or enrolled, which support and
//! which impairments somebody has. Each is asked about somebody whom a search found, and about a stranger.

mod status;

use super::Law;
use super::support::{
    accepted, all_undecided, discovery, done, equal, exchange, form_anyway, known_people, like, text,
};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, answers_with, classify, describe, enveloped, schema_judgements};
use crate::plan::Step;
use crate::request::{about_person, send};
use serde_json::Value;
use specs::evidence::Observation;

/// What a question is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answered {
    /// Yes or no, in this member of each item.
    YesNo(&'static str),
    /// A word for the status of the enrolment.
    Word,
    /// The support that the person has, in lists within the list of records or in that list itself.
    Support,
    /// The person's record with the impairments.
    Details,
}

/// A question about a person.
pub(super) struct Question {
    /// Its operation.
    pub(super) operation: &'static str,
    /// The words between `dci.` and the last of its requirements' ids.
    pub(super) family: &'static str,
    /// What it is answered with.
    pub(super) answered: Answered,
    /// The action of the answer, where a requirement speaks of it.
    pub(super) action: Option<&'static str>,
}

/// Whether somebody is registered as disabled.
pub(super) static DISABLED: Question = Question {
    operation: "disabled",
    family: "disabled",
    answered: Answered::YesNo("disabled_status"),
    action: Some("on-search"),
};

/// Which support somebody has.
pub(super) static SUPPORT: Question = Question {
    operation: "get-disability-support",
    family: "disability-support",
    answered: Answered::Support,
    action: None,
};

/// Which impairments somebody has.
pub(super) static DETAILS: Question = Question {
    operation: "get-disability-details",
    family: "disability-details",
    answered: Answered::Details,
    action: None,
};

/// Whether somebody is enrolled in a programme.
pub(super) static ENROLLED: Question = Question {
    operation: "enrolled",
    family: "enrolled",
    answered: Answered::YesNo("enrolled_status"),
    action: Some("on-search"),
};

/// How the enrolment of somebody stands.
pub(super) static CHECK_ENROLLMENT: Question = Question {
    operation: "check-enrollment",
    family: "check-enrollment",
    answered: Answered::Word,
    action: None,
};

/// Labels of the questions about people whom the registry knows.
const KNOWN: [&str; 3] = ["known 1", "known 2", "known 3"];
/// Label of the question about somebody whom nobody knows.
const STRANGER: &str = "stranger";

/// The member of a record of disability that holds the support.
const SUPPORTS: &str = "/disability_support";
/// The member of such a record that holds the impairments.
const IMPAIRMENTS: &str = "/disability_details";

/// Somebody to ask about.
pub(super) struct Person {
    pub(super) identifier: String,
    pub(super) programme: Option<String>,
    pub(super) record: Value,
}

/// The code of an enrolment that is active.
const ACTIVE: &str = "1";

/// The programme of a beneficiary's record.
pub(super) fn programme_of(record: &Value) -> Option<String> {
    text(record, "/programme_identifier/0/programme_identifier").map(str::to_owned)
}

impl Question {
    fn requirement(&self, word: &str) -> String {
        format!("dci.{}.{word}", self.family)
    }

    /// People whom the discovery found and about whom the answer is known.
    fn people(&self, cx: &Context, seen: &[Observation]) -> Result<Vec<Person>, String> {
        let filled = |record: &Value, pointer: &str| {
            let list = record.pointer(pointer).and_then(Value::as_array);
            list.is_some_and(|list| !list.is_empty())
        };
        let fits = |record: &Value| match self.answered {
            Answered::Support => filled(record, SUPPORTS),
            Answered::Details => filled(record, IMPAIRMENTS),
            Answered::YesNo(_) => {
                self.operation != "enrolled"
                    || text(record, "/enrollment_status") == Some(ACTIVE) && programme_of(record).is_some()
            }
            Answered::Word => true,
        };
        let count = if self.answered == Answered::Word {
            KNOWN.len()
        } else {
            1
        };
        let people: Vec<Person> = known_people(cx, seen)?
            .iter()
            .filter(|(_, record)| fits(record))
            .take(count)
            .map(|(identifier, record)| Person {
                identifier: identifier.clone(),
                programme: programme_of(record).filter(|_| self.operation == "enrolled"),
                record: record.clone(),
            })
            .collect();
        if people.is_empty() {
            return Err("the search for everybody returned nobody to whom the question applies".to_owned());
        }
        Ok(people)
    }

    fn ask(&self, cx: &Context, label: &str, identifier: &str, programme: Option<&str>) -> Step {
        let what = format!("{} {label}", self.operation);
        let body = about_person(cx, self.operation, &what, identifier, programme);
        Step::send(send(label, self.operation, body))
    }
}

/// The items of an answer to the question of a step, or why there is none that can be judged.
pub(super) fn answer(seen: &[Observation], label: &str) -> Result<(usize, Value, Vec<Value>), String> {
    let (index, exchange) = accepted(seen, label)?;
    let request = exchange.request.body.json().unwrap_or_default();
    let body = exchange
        .response()
        .and_then(|r| r.body.json())
        .map(enveloped)
        .unwrap_or_default();
    let asked = text(&request, "/message/transaction_id");
    if asked.is_none() || text(&body, "/message/transaction_id") != asked {
        return Err(format!(
            "the answer to the step `{label}` belongs to another request"
        ));
    }
    let member = answers_with(&exchange.operation).unwrap_or_default();
    let items = body.get("message").and_then(|message| message.get(member));
    let items = items.and_then(Value::as_array).cloned().unwrap_or_default();
    Ok((index, body, items))
}

/// The status that an answer tells: the word of its first item that is not rejected.
pub(super) fn word(items: &[Value], member: &str) -> Option<String> {
    items
        .iter()
        .filter(|item| text(item, "/status") != Some("rjct"))
        .find_map(|item| item.get(member)?.as_str().map(str::to_owned))
}

/// Whether a word says that somebody is registered or enrolled, by a reading of the profile.
pub(super) fn says_yes(cx: &Context, word: &str) -> bool {
    let reads = |alternative| cx.profile.allows("dci.enrolled-status", alternative);
    word == "yes" || reads("word") && word.eq_ignore_ascii_case("active") || reads("code") && word == ACTIVE
}

/// The records of an answer; those of support also from the lists within the list.
fn records(items: &[Value]) -> Vec<Value> {
    let held = items.iter().filter_map(|item| item.pointer("/data/reg_records"));
    let records = held.flat_map(|held| match held {
        Value::Array(list) => list.clone(),
        // One record, by a reading of some editions.
        one @ Value::Object(_) => vec![one.clone()],
        _ => Vec::new(),
    });
    records
        .flat_map(|record| match record {
            Value::Array(inner) => inner,
            other => vec![other],
        })
        .collect()
}

impl Law for Question {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let mut steps = vec![discovery(cx)];
        if let Ok(people) = self.people(cx, seen) {
            for (label, person) in KNOWN.iter().zip(&people) {
                steps.push(self.ask(cx, label, &person.identifier, person.programme.as_deref()));
            }
            let stranger = like(cx, &people[0].identifier, STRANGER);
            steps.push(self.ask(cx, STRANGER, &stranger, people[0].programme.as_deref()));
        }
        steps.into_iter().nth(done(seen))
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let mut judgements = self.form(cx, seen);
        let (known, unknown) = (self.requirement("known"), self.requirement("unknown"));
        let people = match self.people(cx, seen) {
            Ok(people) => people,
            Err(reason) => {
                judgements.extend(all_undecided(&[&known, &unknown], &reason));
                return judgements;
            }
        };
        judgements.extend(match self.answered {
            Answered::YesNo(member) => status::yes_no(cx, &known, &unknown, seen, member),
            Answered::Word => status::words(&known, &unknown, seen),
            Answered::Support => self.records_of(seen, &people[0].record, SUPPORTS),
            Answered::Details => self.records_of(seen, &people[0].record, IMPAIRMENTS),
        });
        judgements
    }
}

impl Question {
    /// Form, echo and action of the answer about somebody who is known.
    fn form(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let (form, echo) = (
            self.requirement("reply-form"),
            self.requirement("echo-transaction"),
        );
        let action = self.requirement("reply-action");
        let (index, asked) = match accepted(seen, KNOWN[0]) {
            Ok(asked) => asked,
            Err(reason) => {
                let mut judgements = form_anyway(cx, &form, exchange(seen, KNOWN[0]), &reason);
                judgements.push(Judgement::undecided(&echo, reason.clone()));
                judgements.extend(self.action.map(|_| Judgement::undecided(&action, reason)));
                return judgements;
            }
        };
        let Some(response) = asked.response() else {
            return Vec::new();
        };
        let body = response.body.json().map(enveloped).unwrap_or_default();
        let mut judgements = Vec::new();
        let schema = cx.schemas.reply(self.operation, response.status);
        judgements.extend(
            schema
                .into_iter()
                .flat_map(|schema| schema_judgements(&form, index, schema, &body, |_| true)),
        );
        let request = asked.request.body.json().unwrap_or_default();
        let transaction = text(&request, "/message/transaction_id").unwrap_or("none");
        let (pointer, what) = ("/message/transaction_id", "the request's transaction_id");
        judgements.push(equal(&echo, index, &body, pointer, transaction, what));
        if let Some(expected) = self.action {
            judgements.push(equal(
                &action,
                index,
                &body,
                "/header/action",
                expected,
                "the action",
            ));
        }
        judgements
    }

    /// The answer holds what the record holds, and that about a stranger nothing.
    fn records_of(&self, seen: &[Observation], record: &Value, pointer: &str) -> Vec<Judgement> {
        let (known, unknown) = (self.requirement("known"), self.requirement("unknown"));
        let of_record = record.pointer(pointer).cloned().unwrap_or_default();
        let told = |items: &[Value]| match self.answered {
            Answered::Details => records(items)
                .iter()
                .find_map(|record| record.pointer(pointer).cloned())
                .unwrap_or_default(),
            _ => Value::Array(records(items)),
        };
        let at = Some("/message/search_response/0/data/reg_records".to_owned());
        let mut right = false;
        let mut judgements = vec![match answer(seen, KNOWN[0]) {
            Err(reason) => Judgement::undecided(&known, reason),
            Ok((index, _, items)) => {
                right = told(&items) == of_record;
                if right {
                    Judgement::held(&known)
                } else {
                    let expected = format!("{of_record}, as the record of the person says");
                    Judgement::violated(&known, index, at.clone(), expected, told(&items).to_string())
                }
            }
        }];
        judgements.push(match (stranger(seen), right) {
            (Stranger::NotAsked(reason), _) => Judgement::undecided(&unknown, reason),
            (Stranger::Told(index, items), _) if !records(&items).is_empty() => {
                let actual = format!("{} records", records(&items).len());
                Judgement::violated(
                    &unknown,
                    index,
                    at,
                    "no record for somebody who is not known",
                    actual,
                )
            }
            (_, true) => Judgement::held(&unknown),
            (_, false) => Judgement::undecided(
                &unknown,
                "of somebody who is known the right thing is not told either, so silence proves nothing",
            ),
        });
        judgements
    }
}

/// What was answered about the stranger.
enum Stranger {
    NotAsked(String),
    Refused,
    Told(usize, Vec<Value>),
}

fn stranger(seen: &[Observation]) -> Stranger {
    match exchange(seen, STRANGER).map(|(_, e)| (classify(e), describe(e))) {
        None => Stranger::NotAsked("the case was cut short".to_owned()),
        Some((Answer::Refused, _)) => Stranger::Refused,
        Some((Answer::Accepted, _)) => match answer(seen, STRANGER) {
            Ok((index, _, items)) => Stranger::Told(index, items),
            Err(reason) => Stranger::NotAsked(reason),
        },
        Some((_, what)) => Stranger::NotAsked(what),
    }
}
