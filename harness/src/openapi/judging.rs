//! What the exchanges of a case prove, taken one after the other: of thousands, only those are kept that show
//! something.

use super::form::Form;
use super::judge::{
    ANSWER_VALID, Aim, Offence, STATUS_DECLARED, VALID_ACCEPTED, accepted, looked_at, refused,
};
use super::operation::Operation;
use specs::evidence::{Counterexample, Exchange, Finding, Intent, Observation};
use std::collections::BTreeMap;
use suites::generated::{SHRINKING, SMALLEST};
use suites::judgement::{Judgement, Outcome};
use suites::oracle::describe;

/// How many findings of one requirement are reported for one case.
const SHOWN: usize = 5;

/// What the exchanges of a case have shown so far.
#[derive(Debug, Default)]
pub(super) struct Judging {
    /// Requirement and gist → the smallest counterexample.
    found: BTreeMap<&'static str, BTreeMap<String, Offender>>,
    /// What was found about the form of the answers.
    form: Form,
    /// The first exchange, in words.
    first: Option<String>,
    /// The first with a valid request, in words.
    first_honest: Option<String>,
    /// The first without an answer: whether its request is valid, and in words.
    first_silent: Option<(bool, String)>,
    answered: bool,
    accepted: bool,
    refused: bool,
    /// How many requests went by to make a counterexample smaller, since any other.
    shrinking: u32,
    /// How many exchanges there were.
    count: usize,
    /// How many of them were answered with 404.
    missing: usize,
}

/// An exchange that violates a requirement.
#[derive(Debug)]
struct Offender {
    rank: (bool, bool, usize),
    offence: Offence,
    counterexample: Counterexample,
}

impl Judging {
    /// Takes the next exchange; what it violates.
    pub(super) fn take(&mut self, operation: &Operation, exchange: &Exchange) -> Vec<Offence> {
        let index = self.count;
        self.count += 1;
        let honest = exchange.intent == Intent::Honest;
        self.first.get_or_insert_with(|| describe(exchange));
        if honest {
            self.first_honest.get_or_insert_with(|| describe(exchange));
            self.accepted |= accepted(exchange);
        } else {
            self.refused |= refused(exchange);
        }
        let offences = match exchange.response() {
            None => {
                self.first_silent
                    .get_or_insert_with(|| (honest, describe(exchange)));
                Vec::new()
            }
            Some(response) => {
                self.answered = true;
                self.missing += usize::from(response.status == 404);
                let found = looked_at(operation, exchange, response);
                self.form.status_judged |= found.status_judged;
                self.form.body_judged |= found.body_judged;
                self.form.undecided = self.form.undecided.take().or(found.undecided);
                found.offences
            }
        };
        let rank = (exchange.label != SMALLEST, exchange.label == SHRINKING, index);
        // The requests spent on a counterexample are those just before it.
        let spent = if exchange.label == SMALLEST {
            self.shrinking
        } else {
            0
        };
        self.shrinking = if exchange.label == SHRINKING {
            self.shrinking + 1
        } else {
            0
        };
        for offence in &offences {
            let gists = self.found.entry(offence.requirement).or_default();
            if gists.get(&offence.gist).is_none_or(|known| rank < known.rank) {
                let offender = Offender {
                    rank,
                    offence: offence.clone(),
                    counterexample: counterexample(exchange, spent),
                };
                gists.insert(offence.gist.clone(), offender);
            }
        }
        offences
    }

    /// How many exchanges there were.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Whether any was answered otherwise than with 404; nothing where there was none.
    pub(super) fn found_something(&self) -> Option<bool> {
        (self.count > 0).then_some(self.missing < self.count)
    }

    /// What follows.
    pub(super) fn judgements(&self, operation: &Operation, aim: Aim) -> Vec<Judgement> {
        let judgement = |requirement: &'static str| match self.found.get(requirement) {
            Some(offenders) => violated(requirement, offenders),
            None => self.unblamed(operation, requirement),
        };
        aim.requirements().into_iter().map(judgement).collect()
    }

    fn unblamed(&self, operation: &Operation, requirement: &str) -> Judgement {
        let undecided = |reason: String| Judgement::undecided(requirement, reason);
        if !self.answered {
            let reason = self.first.as_deref().unwrap_or("the case was cut short");
            return undecided(format!("{} did not answer: {reason}", operation.name()));
        }
        if requirement == STATUS_DECLARED {
            return if self.form.status_judged {
                Judgement::held(requirement)
            } else {
                undecided("every answer had a status that needs no declaration".to_owned())
            };
        }
        if requirement == ANSWER_VALID {
            return match (&self.form.undecided, self.form.body_judged) {
                (Some(reason), _) => undecided(reason.clone()),
                (None, true) => Judgement::held(requirement),
                (None, false) => {
                    Judgement::not_applicable(requirement, "no answer had a status with a declared body")
                }
            };
        }
        if !self.accepted {
            let answer = self.first_honest.as_deref().unwrap_or("none was sent");
            return undecided(format!(
                "no valid request was accepted ({answer}); credentials, or examples in the document that the server accepts, would help"
            ));
        }
        if !self.refused {
            return undecided(
                "no faulty request was refused, so accepting valid ones proves nothing".to_owned(),
            );
        }
        match &self.first_silent {
            Some((honest, silent)) if requirement != VALID_ACCEPTED || *honest => {
                undecided(format!("one request was not answered: {silent}"))
            }
            _ => Judgement::held(requirement),
        }
    }
}

/// What follows from the observations of a case.
pub(super) fn judge(operation: &Operation, aim: Aim, seen: &[Observation]) -> Vec<Judgement> {
    let mut judging = Judging::default();
    for observation in seen {
        if let Observation::Exchange(exchange) = observation {
            judging.take(operation, exchange);
        }
    }
    judging.judgements(operation, aim)
}

/// One finding for each gist: the smallest counterexample if there is one.
fn violated(requirement: &str, offenders: &BTreeMap<String, Offender>) -> Judgement {
    let mut chosen: Vec<&Offender> = offenders.values().collect();
    chosen.sort_by_key(|offender| offender.rank);
    let more = chosen.len().saturating_sub(SHOWN);
    let mut findings: Vec<Finding> = chosen
        .into_iter()
        .take(SHOWN)
        .map(|offender| Finding {
            requirement: requirement.to_owned(),
            expected: offender.offence.expected.clone(),
            actual: offender.offence.actual.clone(),
            pointer: offender.offence.pointer.clone(),
            observation: Some(offender.rank.2),
            counterexample: Some(offender.counterexample.clone()),
        })
        .collect();
    if let (Some(last), true) = (findings.last_mut(), more > 0) {
        last.actual = format!("{} (and {more} more of this kind)", last.actual);
    }
    Judgement {
        requirement: requirement.to_owned(),
        outcome: Outcome::Violated(findings),
    }
}

fn counterexample(exchange: &Exchange, shrink_requests: u32) -> Counterexample {
    match &exchange.intent {
        Intent::Honest => Counterexample {
            operator: "a valid request".to_owned(),
            pointer: None,
            honest: None,
            sent: None,
            shrink_requests,
        },
        Intent::Faulty {
            operator,
            pointer,
            honest,
            sent,
            ..
        } => Counterexample {
            operator: operator.clone(),
            pointer: pointer.clone(),
            honest: honest.clone(),
            sent: sent.clone(),
            shrink_requests,
        },
    }
}
