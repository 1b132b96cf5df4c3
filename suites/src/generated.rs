//! Judging generated requests. The harness makes and shrinks them; what they prove is decided here, from
//! the recorded exchanges alone.

mod differences;

use crate::case::{Case, Generate};
use crate::context::Context;
use crate::judgement::{Judgement, Outcome};
use crate::oracle::{Answer, Reply, classify, describe, refusal_form};
use differences::differences;
use specs::catalogue::Catalogue;
use specs::clause::{Message, Part, Rule};
use specs::evidence::{Counterexample, Exchange, Finding, Intent, Observation};
use specs::schema::Violation;
use std::collections::BTreeMap;

/// Label of the honest request that comes first.
pub const CONTROL: &str = "control";
/// Label of the faulty request that follows the valid ones.
pub const TWIN: &str = "twin";
/// Label of the requests sent while a counterexample is made smaller.
pub const SHRINKING: &str = "shrinking";
/// Label of the smallest counterexample.
pub const SMALLEST: &str = "smallest";

/// How many counterexamples are reported for one requirement.
const SHOWN: usize = 5;

/// The requirement that says that a fault of this rule at this member of a request must be refused; none
/// where no requirement speaks about it, so that such a fault is not generated.
pub fn requirement_of(cx: &Context, operation: &str, rule: &str, pointer: &str) -> Option<String> {
    if rule == "enum" && pointer == "/header/action" {
        return Some(format!("{}.request.action", cx.family()));
    }
    let form = cx.schemas.form(Message::of(operation, Part::Request)?)?;
    let clause = form.at(pointer, Rule::of_keyword(rule)?)?;
    let requirement = Catalogue::bundled().requirement(&clause.id)?;
    requirement.untestable.is_none().then(|| clause.id.clone())
}

/// Whether a generated exchange shows a violation, given its intent and what became of the control.
pub fn violates(cx: &Context, control: &Exchange, exchange: &Exchange) -> bool {
    match &exchange.intent {
        Intent::Honest => honest_violation(cx, control, exchange).is_some(),
        Intent::Faulty { .. } => matches!(classify(exchange), Answer::Accepted | Answer::AcceptedSilently),
    }
}

/// What is wrong with the answer to a valid request, that is not wrong with the answer to the control: what
/// is wrong with every answer is another requirement's business.
fn honest_violation(cx: &Context, control: &Exchange, exchange: &Exchange) -> Option<String> {
    match classify(exchange) {
        Answer::Accepted | Answer::AcceptedSilently => {}
        _ => return Some(describe(exchange)),
    }
    if exchange.operation == "sync-search"
        && exchange.response()?.body.json().is_some()
        && Reply::of(exchange).is_none()
    {
        return Some("an answer that does not belong to the request".to_owned());
    }
    let known = form_violations(cx, control);
    let mut violations = form_violations(cx, exchange).into_iter();
    let new = violations.find(|new| !known.iter().any(|old| place(old) == place(new)))?;
    Some(format!(
        "an answer that is not valid at {}: {}",
        new.pointer, new.actual
    ))
}

fn form_violations(cx: &Context, exchange: &Exchange) -> Vec<Violation> {
    let violations = || {
        let response = exchange.response()?;
        let schema = cx.schemas.reply(&exchange.operation, response.status)?;
        Some(schema.violations(&response.body.json()?))
    };
    violations().unwrap_or_default()
}

/// Which member of which kind of item is at fault, and by which rule.
fn place(violation: &Violation) -> (Vec<&str>, &str) {
    let names = violation.pointer.split('/');
    let names = names.map(|name| if name.parse::<usize>().is_ok() { "0" } else { name });
    (names.collect(), &violation.keyword)
}

/// Judges a case of generated requests.
pub(crate) fn judge(case: &Case, what: Generate, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
    let exchanges: Vec<(usize, &Exchange)> = seen
        .iter()
        .enumerate()
        .filter_map(|(i, o)| match o {
            Observation::Exchange(exchange) => Some((i, exchange)),
            _ => None,
        })
        .collect();
    let mut judgements = Vec::new();
    for operation in case.operations_in(cx) {
        let group: Vec<(usize, &Exchange)> = exchanges
            .iter()
            .copied()
            .filter(|(_, e)| e.operation == operation)
            .collect();
        let undecided = |reason: String| -> Vec<Judgement> {
            spoken(case, cx, operation)
                .into_iter()
                .map(|r| Judgement::undecided(r, reason.clone()))
                .collect()
        };
        let Some((_, control)) = group.iter().find(|(_, e)| e.label == CONTROL) else {
            judgements.extend(undecided(format!(
                "the case was cut short before {operation} was exercised"
            )));
            continue;
        };
        if !matches!(classify(control), Answer::Accepted | Answer::AcceptedSilently) {
            let reason = format!(
                "the plainest honest request to {operation} was not accepted: {}",
                describe(control)
            );
            judgements.extend(undecided(reason));
            continue;
        }
        match what {
            Generate::Covering | Generate::Valid => judgements.push(judge_valid(cx, control, &group)),
            Generate::Invalid => judgements.extend(judge_invalid(cx, &group)),
            // They are judged by their model.
            Generate::Sequences => {}
        }
    }
    judgements
}

/// What a case speaks about in requests to one operation.
fn spoken<'d>(case: &Case, cx: &'d Context, operation: &str) -> Vec<&'d str> {
    let message = Message::of(operation, Part::Request);
    let of_it = |id: &&str| {
        specs::clause::clause(id)
            .is_none_or(|clause| clause.at.iter().any(|site| Some(site.message) == message))
    };
    let all = case.requirements_of(&cx.demands).into_iter();
    all.filter(of_it).collect()
}

fn judge_valid(cx: &Context, control: &Exchange, group: &[(usize, &Exchange)]) -> Judgement {
    let requirement = format!("{}.request.valid-accepted", cx.family());
    let twin_refused = group
        .iter()
        .any(|(_, e)| e.label == TWIN && classify(e) == Answer::Refused);
    if !twin_refused {
        return Judgement::undecided(
            &requirement,
            "the target accepts a faulty request too, so accepting valid ones proves nothing",
        );
    }
    let valid = || {
        group
            .iter()
            .filter(|(_, e)| e.intent == Intent::Honest && e.label != CONTROL)
    };
    let smallest = valid().find(|(_, e)| e.label == SMALLEST && violates(cx, control, e));
    let Some((index, exchange)) = smallest.or_else(|| valid().find(|(_, e)| violates(cx, control, e))) else {
        return Judgement::held(&requirement);
    };
    let shrunk = valid().filter(|(_, e)| e.label == SHRINKING).count();
    let differences = match (control.request.body.json(), exchange.request.body.json()) {
        (Some(control), Some(sent)) => differences(&control, &sent),
        _ => Vec::new(),
    };
    let pointer = differences.first().map(|(pointer, _, _)| pointer.clone());
    let names: Vec<&str> = differences
        .iter()
        .map(|(pointer, _, _)| pointer.as_str())
        .collect();
    let finding = Finding {
        requirement: requirement.clone(),
        expected: "a request that is valid by the document is accepted and answered in the documented form"
            .to_owned(),
        actual: honest_violation(cx, control, exchange).unwrap_or_else(|| describe(exchange)),
        pointer: None,
        observation: Some(*index),
        // Where only ids and times differ, there is no member to show.
        counterexample: (!names.is_empty()).then(|| Counterexample {
            operator: format!(
                "a valid request that differs from an accepted one in {}",
                names.join(", ")
            ),
            honest: differences.first().and_then(|(_, honest, _)| honest.clone()),
            sent: differences.first().and_then(|(_, _, sent)| sent.clone()),
            pointer,
            shrink_requests: u32::try_from(shrunk).unwrap_or(u32::MAX),
        }),
    };
    Judgement {
        requirement,
        outcome: Outcome::Violated(vec![finding]),
    }
}

#[derive(Default)]
struct Tally {
    refused: usize,
    undecided: Option<String>,
    accepted: Vec<(usize, String, String)>,
}

fn judge_invalid(cx: &Context, group: &[(usize, &Exchange)]) -> Vec<Judgement> {
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
