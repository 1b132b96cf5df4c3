//! Requirements that did not hold, with the cases and findings that say so.

use std::collections::HashMap;

use specs::clause::clause;
use specs::evidence::{Check, Finding, Verdict};

use super::{CaseRun, RequirementRun, Run};

/// One requirement that came out badly under one profile.
#[derive(Debug, Clone)]
pub struct Violation<'a> {
    /// The requirement.
    pub requirement: &'a RequirementRun,
    /// Its checks that came out with the verdict asked for, in the order of the cases. Never empty.
    pub occurrences: Vec<Occurrence<'a>>,
    /// Requirements that did not hold in the same way: the same rule of the documents, at other members.
    pub alike: Vec<&'a RequirementRun>,
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
            alike: Vec::new(),
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

/// The violations with those that differ in nothing but the member made one, and what is about behaviour
/// first: a target that never looks for missing members has one problem, not a hundred.
pub(super) fn grouped(violations: Vec<Violation<'_>>) -> Vec<Violation<'_>> {
    let (clauses, mut grouped): (Vec<_>, Vec<_>) = violations
        .into_iter()
        .partition(|violation| clause(&violation.requirement.id).is_some());
    let mut groups: Vec<(_, Violation<'_>)> = Vec::new();
    for violation in clauses {
        let Some(clause) = clause(&violation.requirement.id) else {
            continue;
        };
        let is_request = clause.at.iter().any(|site| site.message.is_request());
        let requirement = violation.requirement;
        let kind = (
            requirement.profile.as_str(),
            requirement.level(),
            is_request,
            clause.rule,
        );
        match groups.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, first)) => first.alike.push(requirement),
            None => groups.push((kind, violation)),
        }
    }
    grouped.extend(groups.into_iter().map(|(_, violation)| violation));
    grouped
}
