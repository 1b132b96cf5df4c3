//! What a run says of itself before it begins.

use super::engine::Certification;
use super::job::selected;
use reports::event::{RequirementFact, RunStarted, Target as TargetFact};
use specs::catalogue::{Profile, Requirement};
use specs::wire::digest::sha256_hex;
use std::collections::BTreeSet;

/// The first event of a run.
pub(super) fn begun(run: &Certification) -> RunStarted {
    let mut requirements: Vec<RequirementFact> = Vec::new();
    let mut case_count = 0;
    for target in &run.targets {
        let cases = selected(run, target);
        case_count += cases.len();
        let spoken: BTreeSet<&str> = cases
            .iter()
            .flat_map(|case| case.requirements_of(&target.demands))
            .collect();
        for requirement in target
            .demands
            .iter()
            .filter_map(|id| target.demands.requirement(id))
        {
            if spoken.contains(requirement.id.as_str())
                && run.selection.wants_requirement(target, &requirement.id)
            {
                requirements.push(fact(&target.profile, requirement));
            }
        }
    }
    let digest = digest(&requirements);
    RunStarted {
        tool: "dcx".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: run.seed,
        targets: run
            .targets
            .iter()
            .map(|target| TargetFact {
                profile: target.profile.id.clone(),
                title: target.profile.title.clone(),
                specification: target.profile.specification.clone(),
                url: target.url.clone(),
                embedded: target.embedded,
            })
            .collect(),
        selection: run.selection.given.clone(),
        case_count,
        requirements,
        requirement_digest: digest,
        own_cases: run.selection.from.files().to_vec(),
        document: Vec::new(),
    }
}

/// A requirement in the words of the catalogue, as the log repeats them.
pub(crate) fn fact(profile: &Profile, requirement: &Requirement) -> RequirementFact {
    RequirementFact {
        id: requirement.id.clone(),
        profile: profile.id.clone(),
        level: profile.level_of(requirement),
        statement: requirement.statement.clone(),
        remedy: requirement.remedy.clone(),
        sources: requirement
            .sources
            .iter()
            .map(|s| format!("{}, {}", s.document, s.at))
            .collect(),
    }
}

/// What makes runs comparable: they were judged by the same requirements.
pub(crate) fn digest(requirements: &[RequirementFact]) -> String {
    sha256_hex(serde_json::to_string(requirements).unwrap_or_default().as_bytes())
}
