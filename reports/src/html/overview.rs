//! The top of the page: the verdict in one sentence, what was certified, and the counts per profile.

use maud::{Markup, html};
use specs::evidence::Verdict;

use super::badge_as;
use crate::aggregate::{Run, Tally};
use crate::event::{Counts, Target};
use crate::quality::warnings;
use crate::text::{duration, one_line, plural};
use crate::words;

pub(super) fn header(run: &Run) -> Markup {
    let passed = run.finish.as_ref().is_some_and(|f| f.exit_code == 0) && run.cut().is_none();
    let (class, glyph) = if passed {
        ("verdict good", "✓")
    } else {
        ("verdict bad", "✕")
    };
    html! {
        header {
            div.bar {
                p.brand { "dcx" span.muted { " conformance report" } }
                button #theme type="button" hidden { "Theme: system" }
            }
            div class=(class) {
                span.seal aria-hidden="true" { (glyph) }
                div {
                    h1 { @match &run.finish {
                        Some(finish) => { (one_line(&finish.gate)) }
                        None => { "No verdict: the log ends before the run does" }
                    } }
                    p.exit { @match &run.finish {
                        Some(finish) => { "Exit code " strong { (finish.exit_code) } }
                        None => { "No exit code was recorded" }
                    } }
                }
            }
            @if let Some(cut) = words::cut(run) {
                p.alert role="note" { strong { "Cut short. " } (cut) }
            }
            @for warning in warnings(run) {
                p.alert role="note" data-quality=(warning.doubt.word()) {
                    strong { "Quality of the run. " }
                    @if run.profiles().len() > 1 { span.mono { (one_line(&warning.profile)) } ": " }
                    (warning.text) ". What to do: " (warning.remedy) "."
                }
            }
            (facts(run))
        }
    }
}

fn facts(run: &Run) -> Markup {
    let traffic = run.traffic();
    let (sent, came) = (traffic.sent, traffic.callbacks);
    html! {
        dl.facts {
            @for target in run.targets() { (target_fact(target)) }
            @if let Some(start) = &run.start {
                div { dt { "Tool" } dd { (one_line(&start.tool)) " " (one_line(&start.version)) } }
                div { dt { "Seed" } dd.mono { (start.seed) } }
                @if !start.selection.is_empty() {
                    div { dt { "Selection" } dd.mono { (one_line(&start.selection.join(" "))) } }
                }
            }
            @if let Some(at) = &run.began_at { div { dt { "Began" } dd { (one_line(at)) } } }
            @if let Some(finish) = &run.finish { div { dt { "Took" } dd { (duration(finish.elapsed_us)) } } }
            div {
                dt { "Traffic" }
                dd { (plural(sent, "request", "requests")) ", " (plural(came, "callback", "callbacks")) }
            }
            @for pace in run.finish.iter().flat_map(|finish| &finish.paces).filter(|pace| pace.slowest_us > 0) {
                div.wide { dt { "Pace, " span.mono { (one_line(&pace.profile)) } } dd { (words::pace(pace)) } }
            }
            div { dt { "Run" } dd { @if run.cut().is_none() { "complete" } @else { "cut short" } } }
            @if let Some(start) = &run.start {
                div.wide { dt { "Requirements, SHA-256" } dd.mono { (one_line(&start.requirement_digest)) } }
            }
        }
    }
}

fn target_fact(target: &Target) -> Markup {
    html! {
        div.wide {
            dt { "Target, as " span.mono { (one_line(&target.profile)) } }
            dd {
                span.mono { (one_line(&target.url)) }
                @if let Some(note) = words::target_note(target) { " " span.chip { (note) } }
            }
        }
    }
}

pub(super) fn profiles(run: &Run) -> Markup {
    let tallies = run.tallies();
    html! {
        section aria-labelledby="counts-title" {
            h2 #counts-title { "Results by profile" }
            @if tallies.is_empty() { p.lead { "The log speaks of no profile." } }
            @let phases = run.phases();
            @if !phases.is_empty() {
                p.lead {
                    "Phases: "
                    @for (i, count) in phases.iter().enumerate() {
                        @if i > 0 { "; " }
                        span data-phase=(count.phase.word()) data-count=(count.cases) { (words::phase(count)) }
                    }
                    "."
                }
            }
            div.grid { @for tally in &tallies { (card(run, tally)) } }
        }
    }
}

fn card(run: &Run, tally: &Tally) -> Markup {
    let target = run.targets().iter().find(|t| t.profile == tally.profile);
    html! {
        article.card data-profile=(one_line(&tally.profile)) {
            p.eyebrow { span.mono { (one_line(&tally.profile)) } }
            @if let Some(target) = target {
                h3 { (one_line(&target.title)) }
                p.muted { (one_line(&target.specification)) }
            }
            (meter(tally))
            ul.tiles aria-label="Cases by verdict" {
                @for verdict in [Verdict::Fail, Verdict::Error, Verdict::Warn, Verdict::Inconclusive, Verdict::Pass, Verdict::Skipped] {
                    @let count = words::count(&tally.cases, verdict);
                    @if count > 0 || matches!(verdict, Verdict::Pass | Verdict::Fail) {
                        li data-cases=(verdict.word()) data-count=(count) {
                            strong { (count) } (badge_as(verdict, verdict.word()))
                        }
                    }
                }
                @if tally.unfinished > 0 {
                    li data-cases="unfinished" data-count=(tally.unfinished) {
                        strong { (tally.unfinished) } span.badge.skipped { "unfinished" }
                    }
                }
            }
            dl.held {
                @for (level, counts) in [("MUST", &tally.must), ("SHOULD", &tally.should), ("MAY", &tally.may)] {
                    @if counts.total() > 0 { div { dt { (level) " held" } dd { (words::held(counts)) } } }
                }
                div {
                    dt { "Checks" }
                    dd { (checks(&tally.checks)) }
                }
            }
        }
    }
}

fn checks(counts: &Counts) -> Markup {
    let parts: Vec<(Verdict, u64)> = Verdict::ALL
        .into_iter()
        .rev()
        .map(|v| (v, words::count(counts, v)))
        .filter(|(_, n)| *n > 0)
        .collect();
    html! {
        @if parts.is_empty() { "none" }
        @for (i, (verdict, count)) in parts.iter().enumerate() {
            @if i > 0 { ", " }
            span data-checks=(verdict.word()) data-count=(count) { (count) " " (verdict.word()) }
        }
    }
}

/// The proportions as a bar; the numbers below say the same.
fn meter(tally: &Tally) -> Markup {
    let counts = &tally.cases;
    html! {
        @if counts.total() + tally.unfinished > 0 {
            div.meter aria-hidden="true" {
                @for verdict in Verdict::ALL.into_iter().rev() {
                    @let count = words::count(counts, verdict);
                    @if count > 0 { span class=(verdict.word()) style={ "flex-grow:" (count) } {} }
                }
                @if tally.unfinished > 0 { span.unfinished style={ "flex-grow:" (tally.unfinished) } {} }
            }
        }
    }
}
