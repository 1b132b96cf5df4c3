//! Cards for requirements that did not hold: what was expected, what came instead, the evidence, and
//! what to do.

use maud::{Markup, html};
use specs::evidence::{Counterexample, Verdict};

use super::body::Budget;
use super::{badge, evidence, level};
use crate::aggregate::{Occurrence, Run, Violation};
use crate::curl::curl_line;
use crate::text::{one_line, plural};
use crate::words;

/// Other occurrences told per requirement.
const OTHERS: usize = 25;

pub(super) fn section(run: &Run, verdict: Verdict, budget: &Budget) -> Markup {
    let violations = run.violations_grouped(verdict);
    let (title, lead) = match verdict {
        Verdict::Fail => ("Failed", "MUST requirements that the target violates."),
        Verdict::Warn => (
            "Warnings",
            "SHOULD requirements that the target violates. They do not fail the run by themselves.",
        ),
        _ => (
            "Our own errors",
            "Faults of this tool, not of the target. Please report them.",
        ),
    };
    html! {
        @if !violations.is_empty() {
            section id=(verdict.word()) aria-labelledby={ (verdict.word()) "-title" } {
                h2 id={ (verdict.word()) "-title" } {
                    (title) " " span.muted { "· " (words::requirements(&violations)) }
                }
                p.lead { (lead) }
                @for violation in &violations { (card(run, violation, verdict, budget)) }
            }
        }
    }
}

fn card(run: &Run, violation: &Violation<'_>, verdict: Verdict, budget: &Budget) -> Markup {
    let requirement = violation.requirement;
    let Some((first, others)) = violation.occurrences.split_first() else {
        return html! {};
    };
    html! {
        article class={ "card finding " (verdict.word()) "-edge" } {
            p.eyebrow {
                (badge(verdict)) " " (level(requirement.level())) " "
                span.mono.id { (one_line(&requirement.id)) } " "
                span.muted { (one_line(&requirement.profile)) }
            }
            h3 {
                @match &requirement.fact {
                    Some(fact) => { (one_line(&fact.statement)) }
                    None => { (one_line(&requirement.id)) }
                }
            }
            (occurrence(run, first, verdict, budget))
            @if let Some(line) = words::alike(violation) {
                p { strong { "Likewise at " } (line.text) }
            }
            @if let Some(line) = words::remedy(requirement, verdict) {
                div.remedy { strong { "How to fix it" } p { (line.text) } }
            }
            @if !others.is_empty() { (more(run, others)) }
            p.sources {
                @if let Some(fact) = &requirement.fact {
                    @for source in &fact.sources { span { (one_line(source)) } }
                }
                span { code { (words::explain(requirement)) } }
            }
        }
    }
}

fn occurrence(run: &Run, occurrence: &Occurrence<'_>, verdict: Verdict, budget: &Budget) -> Markup {
    let Occurrence { case, check, finding } = occurrence;
    let observation = finding
        .and_then(|f| f.observation)
        .and_then(|i| case.observation(i));
    let request = finding.and_then(|f| case.reproduction(f));
    html! {
        @if let Some(reason) = &check.reason { p { (one_line(reason)) } }
        @if let Some(finding) = finding {
            dl.versus {
                div { dt { "Expected" } dd { (one_line(&finding.expected)) } }
                div.actual { dt { "Actual" } dd { (one_line(&finding.actual)) } }
            }
            @if let Some(pointer) = &finding.pointer {
                p { "At " code { (words::pointer_words(pointer)) } }
            }
            @if let Some(example) = &finding.counterexample { (counterexample(example)) }
        } @else if check.reason.is_none() {
            p { "The log records no finding for this check." }
        }
        p.muted { "Seen in " (case_link(run, occurrence)) }
        @if let Some(observation) = observation {
            details.evidence open[verdict != Verdict::Warn] {
                summary { "Decisive observation" }
                (evidence::full(observation, *finding, budget))
            }
        }
        @if let Some(request) = request {
            div.curl {
                p { strong { "See it yourself" } button.copy type="button" hidden { "Copy" } }
                pre tabindex="0" { (curl_line(request)) }
            }
        }
    }
}

fn case_link(run: &Run, occurrence: &Occurrence<'_>) -> Markup {
    let at = run.cases.iter().position(|c| std::ptr::eq(c, occurrence.case));
    html! {
        a.mono href={ "#case-" (at.unwrap_or(0)) } { (one_line(&occurrence.case.case)) }
        @if !occurrence.case.title.is_empty() { " — " (one_line(&occurrence.case.title)) }
    }
}

fn counterexample(example: &Counterexample) -> Markup {
    html! {
        div.example {
            p {
                strong { "Smallest counterexample: " } span.mono { (one_line(&example.operator)) }
                @if let Some(pointer) = &example.pointer { " at " code { (words::pointer_words(pointer)) } }
                @if example.shrink_requests > 0 {
                    span.muted { " · found with " (plural(u64::from(example.shrink_requests), "more request", "more requests")) }
                }
            }
            dl.versus.mono {
                div { dt { "An honest request holds" } dd { (words::value_words(example.honest.as_ref(), "nothing")) } }
                div.actual { dt { "This one holds" } dd { (words::value_words(example.sent.as_ref(), "nothing")) } }
            }
        }
    }
}

fn more(run: &Run, others: &[Occurrence<'_>]) -> Markup {
    html! {
        details {
            summary { (plural(others.len() as u64, "more finding", "more findings")) " against this requirement" }
            ul.others {
                @for other in others.iter().take(OTHERS) {
                    li {
                        (case_link(run, other))
                        @if let Some(finding) = other.finding {
                            p { (one_line(&finding.actual)) @if let Some(pointer) = &finding.pointer { " " code { (words::pointer_words(pointer)) } } }
                        } @else if let Some(reason) = &other.check.reason {
                            p { (one_line(reason)) }
                        }
                    }
                }
                @if others.len() > OTHERS { li { "and " (others.len() - OTHERS) " more, in the JSON report and the event log" } }
            }
        }
    }
}
