//! Judging requests with one fault each: whether every one of them was refused, and how.

use super::{SHRINKING, SMALLEST, requirement_of};
use crate::context::Context;
use crate::judgement::{Judgement, Outcome};
use crate::oracle::{Answer, classify, describe, refusal_form};
use specs::evidence::{Counterexample, Exchange, Finding, Intent};
use std::collections::BTreeMap;

/// How many counterexamples are reported for one requirement.
const SHOWN: usize = 5;

#[derive(Default)]
struct Tally {
    refused: usize,
    undecided: Option<String>,
    accepted: Vec<(usize, String, String)>,
}

/// What follows from requests with one fault each to one operation.
pub(super) fn judge(cx: &Context, group: &[(usize, &Exchange)]) -> Vec<Judgement> {
    let family = cx.family();
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut judgements = Vec::new();
    let server_error = format!("{family}.refusal.no-server-error");
    let form = format!("{family}.refusal.form");
    let mut refusals = 0;
    for (index, exchange) in group {
        let Intent::Faulty {
            operator,
            pointer,
            rule,
            ..
        } = &exchange.intent
        else {
            continue;
        };
        let pointer = pointer.clone().unwrap_or_default();
        let Some(requirement) = requirement_of(cx, &exchange.operation, rule, &pointer) else {
            continue;
        };
        let tally = tallies.entry(requirement).or_default();
        match classify(exchange) {
            Answer::Refused => {
                tally.refused += 1;
                refusals += 1;
                if exchange.label != SHRINKING {
                    judgements.extend(refusal_form(cx, &form, *index, exchange));
                }
            }
            Answer::Accepted | Answer::AcceptedSilently => {
                tally.accepted.push((*index, pointer, operator.clone()));
            }
            Answer::ServerError => {
                let expected =
                    format!("a request with {operator} at {pointer} is refused without a 5xx status");
                judgements.push(Judgement::violated(
                    &server_error,
                    *index,
                    Some(pointer.clone()),
                    expected,
                    describe(exchange),
                ));
                tally.undecided.get_or_insert_with(|| {
                    format!(
                        "a request with {operator} at {pointer} was answered with {}",
                        describe(exchange)
                    )
                });
            }
            Answer::Unrecognised | Answer::NoAnswer => {
                tally.undecided.get_or_insert_with(|| {
                    format!("a request with {operator} at {pointer}: {}", describe(exchange))
                });
            }
        }
    }
    judgements.push(if refusals > 0 {
        Judgement::held(&server_error)
    } else {
        Judgement::undecided(
            &server_error,
            "no faulty request was refused in a recognisable way",
        )
    });
    for (requirement, tally) in tallies {
        judgements.push(match (tally.accepted.is_empty(), tally.undecided) {
            (false, _) => Judgement {
                outcome: Outcome::Violated(counterexamples(&requirement, group, &tally.accepted)),
                requirement,
            },
            (true, Some(reason)) => Judgement::undecided(&requirement, reason),
            (true, None) => Judgement::held(&requirement),
        });
    }
    dedup(judgements)
}

/// Of judgements about the same requirement with equal outcomes of no finding, one is enough.
fn dedup(judgements: Vec<Judgement>) -> Vec<Judgement> {
    let mut kept: Vec<Judgement> = Vec::new();
    let mut shown: BTreeMap<String, usize> = BTreeMap::new();
    for judgement in judgements {
        if let Outcome::Violated(_) = judgement.outcome {
            let count = shown.entry(judgement.requirement.clone()).or_default();
            *count += 1;
            if *count <= SHOWN {
                kept.push(judgement);
            }
        } else if !kept.contains(&judgement) {
            kept.push(judgement);
        }
    }
    kept
}

/// One finding for each member at fault, the smallest counterexamples first.
fn counterexamples(
    requirement: &str,
    group: &[(usize, &Exchange)],
    accepted: &[(usize, String, String)],
) -> Vec<Finding> {
    let label = |index: usize| {
        group
            .iter()
            .find(|(i, _)| *i == index)
            .map_or("", |(_, e)| e.label.as_str())
    };
    let mut order: Vec<&(usize, String, String)> = accepted.iter().collect();
    order.sort_by_key(|(index, _, _)| (label(*index) != SMALLEST, label(*index) == SHRINKING, *index));
    let mut members: Vec<&str> = Vec::new();
    let mut findings = Vec::new();
    for (index, pointer, operator) in order {
        if members.contains(&pointer.as_str()) {
            continue;
        }
        members.push(pointer);
        if findings.len() == SHOWN {
            continue;
        }
        let Some((_, exchange)) = group.iter().find(|(i, _)| i == index) else {
            continue;
        };
        let Intent::Faulty { honest, sent, .. } = &exchange.intent else {
            continue;
        };
        let shrunk = group
            .iter()
            .filter(|(_, e)| {
                e.label == SHRINKING
                    && matches!(&e.intent, Intent::Faulty { operator: o, pointer: Some(p), .. } if o == operator && p == pointer)
            })
            .count();
        findings.push(Finding {
            requirement: requirement.to_owned(),
            expected: format!(
                "{} refuses a request with {operator} at {pointer}",
                exchange.operation
            ),
            actual: describe(exchange),
            pointer: Some(pointer.clone()),
            observation: Some(*index),
            counterexample: Some(Counterexample {
                operator: operator.clone(),
                pointer: Some(pointer.clone()),
                honest: honest.clone(),
                sent: sent.clone(),
                shrink_requests: u32::try_from(shrunk).unwrap_or(u32::MAX),
            }),
        });
    }
    if members.len() > SHOWN
        && let Some(last) = findings.last_mut()
    {
        let more = members.len() - SHOWN;
        last.actual = format!("{} (and likewise at {more} more members)", last.actual);
    }
    findings
}
