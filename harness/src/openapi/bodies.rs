//! The bodies that a run against a document would send, by themselves.

use super::drive::rich;
use super::envelope::{BODY, Envelope};
use super::operation::{Operation, is_json};
use super::spoil::{Spoil, spoils};
use crate::generate::bodies::{Sample, Spoilt, Turns, place};
use crate::generate::runner;
use specs::document::Document;

/// An operation of a document whose bodies can be made, or why they cannot.
pub struct Bodies {
    operation: Operation,
    envelope: Result<Envelope, String>,
}

impl Bodies {
    /// Every operation of a document that takes a JSON body.
    pub fn all(document: &Document) -> Vec<Self> {
        let all = Operation::all(document).into_iter();
        let with_body = all.filter(|operation| {
            let body = operation.doc.request.as_ref();
            body.is_some_and(|body| body.content.keys().any(|media_type| is_json(media_type)))
        });
        with_body
            .map(|operation| Self {
                envelope: Envelope::of(&operation),
                operation,
            })
            .collect()
    }

    /// The name of the operation in reports.
    pub fn name(&self) -> &str {
        &self.operation.key
    }

    /// As many bodies as wanted, valid ones and ones with a fault by turns.
    ///
    /// # Errors
    /// Within: what `take` says. Around it: why no body can be made.
    pub fn each<E>(
        &self,
        seed: u64,
        wanted: usize,
        take: &mut dyn FnMut(Sample) -> Result<(), E>,
    ) -> Result<Result<(), E>, String> {
        let envelope = self.envelope.as_ref().map_err(Clone::clone)?;
        let name = &self.operation.key;
        let media_type = envelope.media_type.as_deref().unwrap_or_default();
        let mut runner_of_valid = runner(seed, &format!("openapi {name} valid"));
        let mut runner_of_faults = runner(seed, &format!("openapi {name} faults"));
        let Some(first) = rich(envelope, &mut runner_of_faults) else {
            return Err(envelope.unsatisfiable(&mut runner_of_faults));
        };
        let mut honest = first;
        let mut turns = Turns {
            valid: || {
                (0..RICH).find_map(|_| {
                    let value = envelope.draw(&mut runner_of_valid)?.current();
                    value.get(BODY).cloned()
                })
            },
            invalid: |n: usize| {
                let all: Vec<Spoil<'_>> = spoils(envelope, &honest)
                    .into_iter()
                    .filter(Spoil::is_of_body)
                    .collect();
                let found = (0..all.len()).find_map(|i| {
                    let spoil = &all[(n + i) % all.len()];
                    let bad = spoil.draw(&honest, &mut runner_of_faults)?.current();
                    let body = spoil.apply(&honest, bad.as_ref()).get(BODY).cloned()?;
                    let (rule, operator, pointer) = spoil.words();
                    let pointer = pointer.strip_prefix("/body").unwrap_or_default();
                    let spoilt = Spoilt {
                        operator: operator.to_owned(),
                        rule: rule.to_owned(),
                        pointer: pointer.to_owned(),
                    };
                    Some((spoilt, body))
                });
                // Another body now and then has other members to spoil.
                if n % CHANGED == CHANGED - 1
                    && let Some(next) = rich(envelope, &mut runner_of_faults)
                {
                    honest = next;
                }
                found
            },
            named: &|fault, body| Sample {
                operation: name.clone(),
                schema: place(&self.operation.doc.method, &self.operation.doc.path, media_type),
                valid: fault.is_none(),
                fault,
                body,
            },
        };
        Ok(turns.each(wanted, take))
    }
}

/// How often an envelope is drawn to find one that has a body.
const RICH: usize = 20;

/// After how many faults another body is spoilt.
const CHANGED: usize = 50;
