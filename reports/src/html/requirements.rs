//! The table of requirements, one per profile, with a filter where scripts run.

use maud::{Markup, html};
use specs::evidence::Verdict;

use super::{badge, badge_as, level};
use crate::aggregate::{RequirementRun, Run};
use crate::text::one_line;

/// Cases named per requirement.
const CASES: usize = 6;

pub(super) fn section(run: &Run) -> Markup {
    let profiles: Vec<&str> = (run.profiles().into_iter())
        .filter(|p| run.requirements.iter().any(|r| r.profile == *p))
        .collect();
    html! {
        @if !profiles.is_empty() {
            section #requirements aria-labelledby="requirements-title" {
                h2 #requirements-title { "Requirements" }
                p.lead { "Each requirement with the worst of what its cases say." }
                (tools("requirements", "Filter requirements"))
                @for profile in profiles { (table(run, profile)) }
            }
        }
    }
}

/// A filter for the rows of a section; shown by the script.
pub(super) fn tools(section: &str, label: &str) -> Markup {
    html! {
        div.tools data-rows=(section) hidden {
            label { span.hidden { (label) } input type="search" placeholder=(label) autocomplete="off"; }
            label {
                span.hidden { "Verdict" }
                select {
                    option value="" { "Any verdict" }
                    @for verdict in Verdict::ALL.into_iter().rev() { option value=(verdict.word()) { (verdict.word()) } }
                    @if section == "cases" { option value="unfinished" { "unfinished" } }
                }
            }
            output aria-live="polite" {}
        }
    }
}

fn table(run: &Run, profile: &str) -> Markup {
    html! {
        table {
            caption { span.mono { (one_line(profile)) } }
            thead { tr { th scope="col" { "Verdict" } th scope="col" { "Level" } th scope="col" { "Requirement" } th scope="col" { "Cases that spoke" } } }
            tbody {
                @for requirement in run.requirements.iter().filter(|r| r.profile == profile) { (row(run, requirement)) }
            }
        }
    }
}

fn row(run: &Run, requirement: &RequirementRun) -> Markup {
    let mut cases: Vec<usize> = requirement.spoken.iter().map(|(at, _)| *at).collect();
    cases.dedup();
    html! {
        tr data-row data-verdict=(requirement.verdict.word()) {
            td { @if requirement.spoken.is_empty() { (badge_as(Verdict::Skipped, "not exercised")) } @else { (badge(requirement.verdict)) } }
            td { (level(requirement.level())) }
            th scope="row" {
                span.mono { (one_line(&requirement.id)) }
                @if let Some(fact) = &requirement.fact { p { (one_line(&fact.statement)) } }
            }
            td.spoke {
                @for at in cases.iter().take(CASES) {
                    @if let Some(case) = run.cases.get(*at) { a.mono href={ "#case-" (at) } { (one_line(&case.case)) } " " }
                }
                @if cases.len() > CASES { span.muted { "and " (cases.len() - CASES) " more" } }
            }
        }
    }
}
