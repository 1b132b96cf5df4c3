//! Requirements that did not hold, with the cases and findings that say so.

use std::collections::HashMap;

use specs::evidence::{Check, Finding, Verdict};

use super::{CaseRun, RequirementRun, Run};

/// One requirement that came out badly under one profile.
#[derive(Debug, Clone)]
pub struct Violation<'a> {
    /// The requirement.
    pub requirement: &'a RequirementRun,
    /// Its checks that came out with the verdict asked for, in the order of the cases. Never empty.
    pub occurrences: Vec<Occurrence<'a>>,
}

/// One check of one case.
#[derive(Debug, Clone, Copy)]
pub struct Occurrence<'a> {
    /// The case.
    pub case: &'a CaseRun,
    /// What it says about the requirement.
    pub check: &'a Check,
    /// One of the check's findings; absent when it gives none.
    pub finding: Option<&'a Finding>,
}

pub(super) fn violations(run: &Run, verdict: Verdict) -> Vec<Violation<'_>> {
    let mut violations: Vec<Violation<'_>> = (run.requirements.iter())
        .filter(|r| r.spoken.iter().any(|(_, v)| *v == verdict))
        .map(|requirement| Violation {
            requirement,
            occurrences: Vec::new(),
        })
        .collect();
    let at: HashMap<(&str, &str), usize> = (violations.iter().enumerate())
        .map(|(i, v)| ((v.requirement.profile.as_str(), v.requirement.id.as_str()), i))
        .collect();
    for case in &run.cases {
        for check in case.checks.iter().filter(|c| c.verdict == verdict) {
            let Some(&index) = at.get(&(case.profile.as_str(), check.requirement.as_str())) else {
                continue;
            };
            let occurrences = &mut violations[index].occurrences;
            if check.findings.is_empty() {
                occurrences.push(Occurrence {
                    case,
                    check,
                    finding: None,
                });
            }
            occurrences.extend(check.findings.iter().map(|f| Occurrence {
                case,
                check,
                finding: Some(f),
            }));
        }
    }
    violations
}
