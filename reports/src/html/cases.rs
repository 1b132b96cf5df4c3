//! Every case with what was observed. A passing case shows one line per observation; any other shows
//! requests and responses in full.

use maud::{Markup, html};
use specs::evidence::{Check, Phase, Verdict};

use super::body::Budget;
use super::requirements::tools;
use super::{badge, evidence};
use crate::aggregate::{CaseRun, Run};
use crate::text::{duration, one_line};
use crate::words;

/// Observations listed per case; a generated case can have thousands.
const LISTED: usize = 200;

pub(super) fn section(run: &Run, budget: &Budget) -> Markup {
    let several = run.profiles().len() > 1;
    html! {
        @if !run.cases.is_empty() {
            section #cases aria-labelledby="cases-title" {
                h2 #cases-title { "All cases" }
                p.lead { "What was sent and what came back, in the order of the run." }
                (tools("cases", "Filter cases"))
                div.list { @for (at, case) in run.cases.iter().enumerate() { (row(at, case, several, budget)) } }
            }
        }
    }
}

fn row(at: usize, case: &CaseRun, several: bool, budget: &Budget) -> Markup {
    let word = case.verdict.map_or("unfinished", Verdict::word);
    html! {
        details.case id={ "case-" (at) } data-row data-verdict=(word) {
            summary {
                @match case.verdict { Some(verdict) => { (badge(verdict)) } None => { span.badge.skipped { "unfinished" } } }
                span.name {
                    span.mono { (one_line(&case.case)) }
                    @if several { span.muted { " · " (one_line(&case.profile)) } }
                    @if case.phase != Phase::Deterministic { span.muted { " · " (case.phase.word()) } }
                    @if !case.title.is_empty() { span.title { (one_line(&case.title)) } }
                }
                @if case.elapsed_us > 0 { span.time { (duration(case.elapsed_us)) } }
            }
            div.inside {
                @if let Some(reason) = &case.skip_reason { p { "Not run: " (one_line(reason)) } }
                @if case.verdict.is_none() { p { "The run was cut before this case was judged." } }
                @if !case.checks.is_empty() { ul.checks { @for check in &case.checks { (check_line(check)) } } }
                (observations(case, budget))
            }
        }
    }
}

fn check_line(check: &Check) -> Markup {
    html! {
        li {
            (badge(check.verdict)) " " span.mono { (one_line(&check.requirement)) }
            @if let Some(reason) = &check.reason { " — " (one_line(reason)) }
            @for finding in check.findings.iter().take(LISTED) {
                p {
                    (one_line(&finding.actual))
                    @if let Some(pointer) = &finding.pointer { " " code { (words::pointer_words(pointer)) } }
                    @if let Some(index) = finding.observation { span.muted { " · observation " (index) } }
                }
            }
        }
    }
}

fn observations(case: &CaseRun, budget: &Budget) -> Markup {
    let brief = matches!(case.verdict, Some(Verdict::Pass | Verdict::Skipped));
    // The decisive ones come first in value, and so are never among those left out.
    let decisive: Vec<usize> = case
        .checks
        .iter()
        .flat_map(|c| &c.findings)
        .filter_map(|f| f.observation)
        .collect();
    let shown = |position: usize, index: usize| position < LISTED || decisive.contains(&index);
    let listed = case.observations.iter().enumerate();
    let listed = listed
        .filter(|(position, (index, _))| shown(*position, *index))
        .count();
    let left_out = case.traffic.observed.saturating_sub(listed as u64);
    html! {
        @if !case.observations.is_empty() {
            ol.observations {
                @for (position, (index, observation)) in case.observations.iter().enumerate() {
                    @if shown(position, *index) {
                        li {
                            span.index { (index) }
                            @if brief || matches!(observation, specs::evidence::Observation::Wait { .. }) {
                                div { (evidence::brief(observation)) }
                            } @else {
                                details {
                                    summary { (evidence::brief(observation)) }
                                    @let finding = case.checks.iter().flat_map(|c| &c.findings).find(|f| f.observation == Some(*index));
                                    (evidence::full(observation, finding, budget))
                                }
                            }
                        }
                    }
                }
            }
            @if left_out > 0 { p.muted { (left_out) " more observations are in the event log." } }
        }
    }
}
