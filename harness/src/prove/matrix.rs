//! The kill matrix: every defect against every case.

use super::{ProveError, certify_mock};
use crate::run::Selection;
use globset::{Glob, GlobSet};
use mock_server::Mistake;
use serde::Serialize;
use specs::catalogue::Profile;
use specs::evidence::Verdict;
use std::collections::BTreeSet;
use suites::{Case, Cases};

/// What became of one defect under one profile.
#[derive(Debug, Clone, Serialize)]
pub struct Kill {
    /// The defect.
    pub defect: String,
    /// The profile of the mock that committed it.
    pub profile: String,
    /// The requirement it breaks.
    pub requirement: String,
    /// The cases that found that requirement violated. None means that the defect survived.
    pub killed_by: Vec<String>,
    /// Other requirements that were found violated too.
    pub also: Vec<String>,
    /// The exit code of the run.
    pub exit_code: Option<u8>,
}

impl Kill {
    /// Whether the defect was caught.
    pub fn killed(&self) -> bool {
        !self.killed_by.is_empty()
    }
}

/// Certifies the mock with one defect: by the cases that speak about the requirement which it breaks, one
/// after the other where there are several, until one of them finds it violated.
///
/// # Errors
/// The mock or the run could not be started.
pub async fn kill(profile: &Profile, mistake: Mistake, seed: u64) -> Result<Kill, ProveError> {
    let requirement = mistake.requirement();
    // Those that wait for callbacks come last.
    let mut cases: Vec<&Case> = Cases::bundled()
        .of(profile)
        .filter(|case| case.speaks_about(requirement))
        .collect();
    cases.sort_by_key(|case| {
        let waits = |op: &String| ["search", "subscribe", "unsubscribe", "txn-status"].contains(&op.as_str());
        (
            case.operations.iter().all(waits),
            case.generate.is_some(),
            &case.id,
        )
    });
    let mut last = None;
    for case in cases {
        let tried = one(profile, mistake, seed, only(&case.id, requirement)).await?;
        let killed = tried.killed();
        last = Some(tried);
        if killed {
            break;
        }
    }
    Ok(last.unwrap_or_else(|| Kill {
        defect: mistake.id(),
        profile: profile.id.clone(),
        requirement: requirement.to_owned(),
        killed_by: Vec::new(),
        also: Vec::new(),
        exit_code: None,
    }))
}

/// Only this case, and only what it says about this requirement.
fn only(case: &str, requirement: &str) -> Selection {
    let set = |id: &str| {
        let glob = Glob::new(id).ok()?;
        GlobSet::builder().add(glob).build().ok()
    };
    Selection {
        cases: set(case),
        requirements: set(requirement),
        ..Selection::default()
    }
}

async fn one(
    profile: &Profile,
    mistake: Mistake,
    seed: u64,
    selection: Selection,
) -> Result<Kill, ProveError> {
    let run = certify_mock(profile, seed, &[mistake], selection).await?;
    let mut killed_by = Vec::new();
    let mut also = BTreeSet::new();
    for case in &run.cases {
        for check in &case.checks {
            if !matches!(check.verdict, Verdict::Fail | Verdict::Warn) {
                continue;
            }
            if check.requirement == mistake.requirement() {
                killed_by.push(case.case.clone());
            } else {
                also.insert(check.requirement.clone());
            }
        }
    }
    Ok(Kill {
        defect: mistake.id(),
        profile: profile.id.clone(),
        requirement: mistake.requirement().to_owned(),
        killed_by,
        also: also.into_iter().collect(),
        exit_code: run.finish.map(|finish| finish.exit_code),
    })
}

/// Certifies the compliant mock and returns everything that is not a pass or a skip, in words.
///
/// # Errors
/// The mock or the run could not be started.
pub async fn clean(profile: &Profile, seed: u64) -> Result<Vec<String>, ProveError> {
    let run = certify_mock(profile, seed, &[], Selection::default()).await?;
    let mut stains = Vec::new();
    for flight in run
        .preflight
        .iter()
        .flat_map(|flight| &flight.checks)
        .filter(|check| !check.ok)
    {
        stains.push(format!("preflight {}: {}", flight.name, flight.detail));
    }
    for case in &run.cases {
        for check in &case.checks {
            if matches!(check.verdict, Verdict::Pass | Verdict::Skipped) {
                continue;
            }
            let detail = check.findings.first().map_or_else(
                || check.reason.clone().unwrap_or_default(),
                |finding| format!("expected {}; actual {}", finding.expected, finding.actual),
            );
            stains.push(format!(
                "{} {} in {}: {detail}",
                check.verdict.word(),
                check.requirement,
                case.case
            ));
        }
    }
    if run.finish.as_ref().map(|finish| finish.exit_code) != Some(0) && stains.is_empty() {
        stains.push("the run did not end with exit code 0".to_owned());
    }
    Ok(stains)
}
