//! Judging valid requests, one after the other: of thousands, only those are kept that show something.

use super::differences::differences;
use super::{CONTROL, Control, SHRINKING, SMALLEST, TWIN, unprepared};
use crate::case::Case;
use crate::context::Context;
use crate::judgement::{Judgement, Outcome};
use crate::oracle::{Answer, Read, classify_read, describe};
use specs::evidence::{Counterexample, Exchange, Finding, Intent};
use std::collections::HashMap;

/// Whether a label is that of a generated valid request: `valid` with a number, or the member in which it differs
/// from the plainest, and how.
fn is_valid(label: &str) -> bool {
    label.starts_with("valid ") || label.starts_with('/')
}

/// What the exchanges of a case of valid requests show so far.
#[derive(Debug, Default)]
pub struct Valid {
    operations: HashMap<String, Asked>,
}

/// What is known of one operation.
#[derive(Debug, Default)]
struct Asked {
    control: Option<(Control, Exchange)>,
    twin_refused: bool,
    worst: Option<Violating>,
    /// What became of the first request without an answer.
    unanswered: Option<String>,
    /// How many requests were spent on making a counterexample smaller.
    shrunk: u32,
}

/// A valid request that was not answered as it should be.
#[derive(Debug)]
struct Violating {
    index: usize,
    exchange: Exchange,
    actual: String,
}

impl Valid {
    /// Takes the next exchange of the case; whether it shows a violation. `index` is its place among all
    /// observations.
    pub fn take(&mut self, cx: &Context, index: usize, read: &Read<'_>) -> bool {
        let exchange = read.exchange;
        let asked = match self.operations.get_mut(&exchange.operation) {
            Some(asked) => asked,
            None => self.operations.entry(exchange.operation.clone()).or_default(),
        };
        match exchange.label.as_str() {
            CONTROL => {
                let look = || (Control::of(cx, exchange), exchange.clone());
                asked.control.get_or_insert_with(look);
                return false;
            }
            TWIN => {
                asked.twin_refused |= classify_read(read) == Answer::Refused;
                return false;
            }
            SHRINKING => asked.shrunk += 1,
            SMALLEST => {}
            label if is_valid(label) => {}
            // What prepares a request is not what is generated.
            _ => return false,
        }
        let Some((control, _)) = asked
            .control
            .as_ref()
            .filter(|_| exchange.intent == Intent::Honest)
        else {
            return false;
        };
        if exchange.response().is_none() {
            asked.unanswered.get_or_insert_with(|| describe(exchange));
        }
        let Some(actual) = control.honest_violation(cx, read) else {
            return false;
        };
        let smallest = |exchange: &Exchange| exchange.label == SMALLEST;
        let better = |known: &Violating| smallest(exchange) && !smallest(&known.exchange);
        if asked.worst.as_ref().is_none_or(better) {
            asked.worst = Some(Violating {
                index,
                exchange: exchange.clone(),
                actual,
            });
        }
        true
    }

    /// What became of the plainest honest request to an operation, once it was sent.
    pub fn control(&self, operation: &str) -> Option<&Control> {
        let (control, _) = self.operations.get(operation)?.control.as_ref()?;
        Some(control)
    }

    /// What follows.
    pub fn judgements(&self, case: &Case, cx: &Context) -> Vec<Judgement> {
        let nothing = Asked::default();
        let judged = case.operations_in(cx).map(|operation| {
            let asked = self.operations.get(operation).unwrap_or(&nothing);
            let control = asked
                .control
                .as_ref()
                .map(|(control, exchange)| (control, exchange));
            unprepared(case, cx, operation, control).unwrap_or_else(|| vec![asked.judgement(cx)])
        });
        judged.flatten().collect()
    }
}

impl Asked {
    fn judgement(&self, cx: &Context) -> Judgement {
        let requirement = format!("{}.request.valid-accepted", cx.family());
        if !self.twin_refused {
            return Judgement::undecided(
                &requirement,
                "the target accepts a faulty request too, so accepting valid ones proves nothing",
            );
        }
        let Some(worst) = &self.worst else {
            return match &self.unanswered {
                Some(reason) => Judgement::undecided(&requirement, format!("a valid request: {reason}")),
                None => Judgement::held(&requirement),
            };
        };
        let control = self
            .control
            .as_ref()
            .and_then(|(_, control)| control.request.body.json());
        let differences = match (control, worst.exchange.request.body.json()) {
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
            expected:
                "a request that is valid by the document is accepted and answered in the documented form"
                    .to_owned(),
            actual: worst.actual.clone(),
            pointer: None,
            observation: Some(worst.index),
            // Where only ids and times differ, there is no member to show.
            counterexample: (!names.is_empty()).then(|| Counterexample {
                operator: format!(
                    "a valid request that differs from an accepted one in {}",
                    names.join(", ")
                ),
                honest: differences.first().and_then(|(_, honest, _)| honest.clone()),
                sent: differences.first().and_then(|(_, _, sent)| sent.clone()),
                pointer,
                shrink_requests: self.shrunk,
            }),
        };
        Judgement {
            requirement,
            outcome: Outcome::Violated(vec![finding]),
        }
    }
}
