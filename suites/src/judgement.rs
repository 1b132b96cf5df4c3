//! What a case concludes about a requirement, before the profile's level turns it into a verdict.

use specs::catalogue::{Demands, Profile};
use specs::evidence::{Check, Finding, Level, Verdict};

/// A conclusion about one requirement.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The requirement's id.
    pub requirement: String,
    /// What follows for it.
    pub outcome: Outcome,
}

/// What follows for a requirement.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It was exercised and held.
    Held,
    /// It was violated.
    Violated(Vec<Finding>),
    /// It could not be decided, for this reason.
    Undecided(String),
    /// It does not apply, for this reason.
    NotApplicable(String),
}

impl Judgement {
    /// The requirement held.
    pub fn held(requirement: &str) -> Self {
        Self {
            requirement: requirement.to_owned(),
            outcome: Outcome::Held,
        }
    }

    /// The requirement was violated; `observation` is the decisive one.
    pub fn violated(
        requirement: &str,
        observation: usize,
        pointer: Option<String>,
        expected: impl Into<String>,
        actual: impl Into<String>,
    ) -> Self {
        let actual: String = actual.into();
        let finding = Finding {
            requirement: requirement.to_owned(),
            expected: expected.into(),
            actual: if actual.is_empty() {
                "an empty text".to_owned()
            } else {
                actual
            },
            pointer,
            observation: Some(observation),
            counterexample: None,
        };
        Self {
            requirement: requirement.to_owned(),
            outcome: Outcome::Violated(vec![finding]),
        }
    }

    /// It could not be decided.
    pub fn undecided(requirement: &str, reason: impl Into<String>) -> Self {
        Self {
            requirement: requirement.to_owned(),
            outcome: Outcome::Undecided(reason.into()),
        }
    }

    /// It does not apply.
    pub fn not_applicable(requirement: &str, reason: impl Into<String>) -> Self {
        Self {
            requirement: requirement.to_owned(),
            outcome: Outcome::NotApplicable(reason.into()),
        }
    }
}

/// Merges the judgements of a case into one check for each requirement that the profile demands, in the
/// order of the ids. A violation outweighs everything, an undecided part outweighs what held.
pub fn checks(judgements: Vec<Judgement>, profile: &Profile, demands: &Demands) -> Vec<Check> {
    let mut merged: std::collections::BTreeMap<String, Check> = std::collections::BTreeMap::new();
    for judgement in judgements {
        if !demands.contains(&judgement.requirement) {
            continue;
        }
        let level = demands
            .requirement(&judgement.requirement)
            .map_or(Level::Must, |requirement| profile.level_of(requirement));
        let (verdict, reason, findings) = match judgement.outcome {
            Outcome::Held => (Verdict::Pass, None, Vec::new()),
            Outcome::Violated(findings) => (level.verdict_of_violation(), None, findings),
            Outcome::Undecided(reason) => (Verdict::Inconclusive, Some(reason), Vec::new()),
            Outcome::NotApplicable(reason) => (Verdict::Skipped, Some(reason), Vec::new()),
        };
        let check = Check {
            requirement: judgement.requirement.clone(),
            verdict,
            reason,
            findings,
        };
        match merged.get_mut(&judgement.requirement) {
            None => {
                merged.insert(judgement.requirement, check);
            }
            Some(kept) => merge(kept, check),
        }
    }
    merged.into_values().collect()
}

fn merge(kept: &mut Check, new: Check) {
    let weight = |check: &Check| (!check.findings.is_empty(), check.verdict);
    if weight(&new) > weight(kept) {
        let findings = std::mem::take(&mut kept.findings);
        *kept = new;
        kept.findings.extend(findings);
    } else {
        kept.findings.extend(new.findings);
    }
}
