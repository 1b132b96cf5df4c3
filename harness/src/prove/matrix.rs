//! The kill matrix: every defect against every case.

use super::{ProveError, Trial, certify_mock};
use crate::run::Selection;
use globset::{Glob, GlobSet};
use mock_server::Mistake;
use reports::aggregate::Run;
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
    /// The seed of the mock and of what was sent to it.
    pub seed: u64,
    /// The cases that found that requirement violated. None means that the defect survived.
    pub killed_by: Vec<String>,
    /// What was found instead, case by case, where the defect survived.
    pub survived: Vec<String>,
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

/// Operations whose answers come as callbacks, so that a case about them waits.
const CALLED_BACK: [&str; 4] = ["search", "subscribe", "unsubscribe", "txn-status"];

/// The cases that speak about the requirement which a mistake breaks, in the order in which they are tried: those
/// that wait for callbacks come last.
fn tried(profile: &Profile, mistake: Mistake) -> Vec<&Case> {
    let cases = Cases::bundled().of(profile);
    let mut cases: Vec<&Case> = cases
        .filter(|case| case.speaks_about(mistake.requirement()))
        .collect();
    cases.sort_by_key(|case| (is_called_back(case), case.generate.is_some(), &case.id));
    cases
}

fn is_called_back(case: &Case) -> bool {
    let waits = |op: &String| CALLED_BACK.contains(&op.as_str());
    case.operations.iter().all(waits)
}

/// Whether it takes waiting to catch a mistake.
pub(super) fn waits(profile: &Profile, mistake: Mistake) -> bool {
    tried(profile, mistake)
        .first()
        .is_some_and(|case| is_called_back(case))
}

/// Certifies the mock with one defect: by the cases that speak about the requirement which it breaks, one
/// after the other where there are several, until one of them finds it violated.
///
/// # Errors
/// The mock or the run could not be started.
pub async fn kill(profile: &Profile, mistake: Mistake, trial: impl Into<Trial>) -> Result<Kill, ProveError> {
    let trial = trial.into();
    let mut kill = Kill {
        defect: mistake.id(),
        profile: profile.id.clone(),
        requirement: mistake.requirement().to_owned(),
        seed: trial.seed,
        killed_by: Vec::new(),
        survived: Vec::new(),
        also: Vec::new(),
        exit_code: None,
    };
    for case in tried(profile, mistake) {
        if kill.tried(case, profile, mistake, trial).await? {
            kill.survived.clear();
            break;
        }
    }
    Ok(kill)
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

impl Kill {
    /// Certifies the mock with the defect by one case; whether that caught it.
    async fn tried(
        &mut self,
        case: &Case,
        profile: &Profile,
        mistake: Mistake,
        trial: Trial,
    ) -> Result<bool, ProveError> {
        let selection = only(&case.id, mistake.requirement());
        let run = certify_mock(profile, trial, &[mistake], selection).await?;
        let mut also = BTreeSet::new();
        for flight in run.preflight.iter().flat_map(|flight| &flight.checks) {
            if !flight.ok {
                self.survived
                    .push(format!("preflight {}: {}", flight.name, flight.detail));
            }
        }
        for case in &run.cases {
            for check in &case.checks {
                let violated = matches!(check.verdict, Verdict::Fail | Verdict::Warn);
                let about_it = check.requirement == self.requirement;
                if violated && about_it {
                    self.killed_by.push(case.case.clone());
                } else if violated {
                    also.insert(check.requirement.clone());
                } else if about_it {
                    let reason = check.reason.as_deref().unwrap_or("it was found to hold");
                    let verdict = check.verdict.word();
                    self.survived
                        .push(format!("{verdict} in {}: {reason}", case.case));
                }
            }
        }
        self.also = also.into_iter().collect();
        self.exit_code = run.finish.map(|finish| finish.exit_code);
        Ok(self.killed())
    }
}

/// Certifies the compliant mock and returns everything that is not a pass or a skip, in words.
///
/// # Errors
/// The mock or the run could not be started.
pub async fn clean(profile: &Profile, trial: impl Into<Trial>) -> Result<Vec<String>, ProveError> {
    let run = certify_mock(profile, trial, &[], Selection::default()).await?;
    Ok(stains(&run))
}

/// Everything in a run that is not a pass or a skip, in words.
pub(super) fn stains(run: &Run) -> Vec<String> {
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
    stains
}
