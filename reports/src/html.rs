//! The result of a run as one self-contained page: no resource from elsewhere, no network, and readable
//! without scripts. The script only filters, copies and switches the theme.

mod body;
mod cases;
mod evidence;
mod findings;
mod overview;
mod requirements;

use std::io::{self, Write};

use maud::{DOCTYPE, Markup, PreEscaped, html};
use specs::evidence::{Level, Verdict};

use crate::aggregate::Run;
use crate::curl::word;
use crate::text::{one_line, plural, visible};
use crate::words;
use body::Budget;

const STYLE: &str = include_str!("html/style.css");
const THEME: &str = include_str!("html/theme.js");
const SCRIPT: &str = include_str!("html/script.js");

/// The page may run what is in it and load nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; \
     base-uri 'none'; form-action 'none'";

/// Writes the page.
pub fn render(run: &Run, out: &mut impl Write) -> io::Result<()> {
    out.write_all(page(run).into_string().as_bytes())?;
    out.write_all(b"\n")
}

/// The head of a page of ours, with a style of its own after the common one.
pub(crate) fn head(title: &str, style: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta http-equiv="Content-Security-Policy" content=(POLICY);
            meta name="color-scheme" content="light dark";
            link rel="icon" href="data:,";
            title { (title) }
            style { (PreEscaped(STYLE)) (PreEscaped(style)) }
        }
    }
}

/// The script of a page of ours, after the common one.
pub(crate) fn script(own: &str) -> Markup {
    html! { script { (PreEscaped(THEME)) (PreEscaped(own)) } }
}

fn page(run: &Run) -> Markup {
    let budget = Budget::default();
    let title = format!("{} — dcx report", words::gate(run));
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(&title, ""))
            body {
                a.skip href="#main" { "Skip to the results" }
                (overview::header(run))
                (navigation(run))
                main #main {
                    (configuration(run))
                    (overview::profiles(run))
                    (findings::section(run, Verdict::Fail, &budget))
                    (findings::section(run, Verdict::Error, &budget))
                    (unexplained(run))
                    (findings::section(run, Verdict::Warn, &budget))
                    (inconclusive(run))
                    (requirements::section(run))
                    (readings(run))
                    (cases::section(run, &budget))
                    (notices(run))
                    (checking(run))
                }
                footer { p { "Written by dcx from the event log of the run; every report of it shows the same counts." } }
                (script(SCRIPT))
            }
        }
    }
}

/// A verdict as a badge: mark, word and colour.
fn badge(verdict: Verdict) -> Markup {
    badge_as(verdict, verdict.word())
}

fn badge_as(verdict: Verdict, word: &str) -> Markup {
    html! {
        span class={ "badge " (verdict.word()) } {
            span.glyph aria-hidden="true" { (words::glyph(verdict)) } (word)
        }
    }
}

fn level(level: Option<Level>) -> Markup {
    html! { span.level { (words::level(level)) } }
}

fn navigation(run: &Run) -> Markup {
    let count = |n: usize| html! { " " span.count { (n) } };
    let entry =
        |href: &str, name: &str, n: usize| html! { @if n > 0 { li { a href=(href) { (name) (count(n)) } } } };
    html! {
        nav aria-label="Sections" {
            ul {
                (entry("#configuration", "Configuration", words::configuration_problems(run).len()))
                (entry("#fail", "Failed", run.violations(Verdict::Fail).len()))
                (entry("#error", "Our own errors", run.violations(Verdict::Error).len()))
                (entry("#warn", "Warnings", run.violations(Verdict::Warn).len()))
                (entry("#inconclusive", "Inconclusive", run.reasons(Verdict::Inconclusive).len()))
                (entry("#requirements", "Requirements", run.requirements.len()))
                (entry("#readings", "Readings", run.readings.len()))
                (entry("#cases", "Cases", run.cases.len()))
                (entry("#notices", "Notices", run.notices.len()))
                li { a href="#checking" { "Check this verdict" } }
            }
        }
    }
}

fn configuration(run: &Run) -> Markup {
    let problems = words::configuration_problems(run);
    html! {
        @if !problems.is_empty() {
            section #configuration aria-labelledby="configuration-title" {
                h2 #configuration-title { "Configuration problems" }
                p.lead { "To be solved before conformance can be judged. These are not failed requirements." }
                @for (profile, check) in problems {
                    article.card.error-edge {
                        p.eyebrow { span.mono { (one_line(&check.name)) } " · " (one_line(profile)) }
                        h3 { (one_line(&check.detail)) }
                        @if let Some(remedy) = &check.remedy {
                            div.remedy { strong { "What to do" } p { (one_line(remedy)) } }
                        }
                    }
                }
            }
        }
    }
}

fn unexplained(run: &Run) -> Markup {
    let cases: Vec<_> = run.unexplained().collect();
    html! {
        @if !cases.is_empty() {
            section aria-labelledby="unexplained-title" {
                h2 #unexplained-title { "Verdicts without an explanation" }
                p.lead { "None of the checks of these cases says why they came out as they did." }
                ul.plain.card {
                    @for case in cases {
                        li {
                            (badge(case.verdict.unwrap_or(Verdict::Error))) " "
                            span.mono { (one_line(&case.case)) } " · " (one_line(&case.profile))
                        }
                    }
                }
            }
        }
    }
}

fn inconclusive(run: &Run) -> Markup {
    let reasons = run.reasons(Verdict::Inconclusive);
    html! {
        @if !reasons.is_empty() {
            section #inconclusive aria-labelledby="inconclusive-title" {
                h2 #inconclusive-title { "Inconclusive" }
                p.lead {
                    (plural(run.check_counts().inconclusive, "check", "checks"))
                    " could not be decided. That is neither good nor bad; the reason says what is missing."
                }
                @for (reason, cases) in reasons {
                    article.card.inconclusive-edge {
                        h3 { (badge(Verdict::Inconclusive)) " " (one_line(reason)) }
                        p.muted { (plural(cases.len() as u64, "case", "cases")) ": " span.mono { (words::case_names(run, &cases, 24)) } }
                    }
                }
            }
        }
    }
}

fn readings(run: &Run) -> Markup {
    html! {
        @if !run.readings.is_empty() {
            section #readings aria-labelledby="readings-title" {
                h2 #readings-title { "Readings the target takes" }
                p.lead { "Where the documents are silent or contradict themselves, several readings are defensible. This is how the target reads them; none of it counts against it." }
                div.grid {
                    @for reading in &run.readings {
                        article.card {
                            p.eyebrow { span.mono { (one_line(&reading.reading)) } " · " (one_line(&reading.profile)) }
                            h3 { (one_line(&reading.question)) }
                            p { strong.mono { (one_line(&reading.alternative)) } " — " (one_line(&reading.statement)) }
                            p.muted { "Shown by " span.mono { (one_line(&reading.case)) } }
                        }
                    }
                }
            }
        }
    }
}

fn notices(run: &Run) -> Markup {
    html! {
        @if !run.notices.is_empty() {
            section #notices aria-labelledby="notices-title" {
                h2 #notices-title { "Notices about the run itself" }
                ul.card { @for notice in &run.notices { li { (visible(&notice.text)) } } }
            }
        }
    }
}

fn checking(run: &Run) -> Markup {
    let again = run.start.iter().flat_map(|start| {
        start.targets.iter().map(|t| {
            let (url, profile) = (word(&one_line(&t.url)), word(&one_line(&t.profile)));
            let select = one_line(&start.selection.join(" "));
            (
                format!("dcx test {url} --profile {profile} --seed {}", start.seed),
                select,
            )
        })
    });
    html! {
        section #checking aria-labelledby="checking-title" {
            h2 #checking-title { "How this verdict can be checked" }
            dl.card.steps {
                dt { "Recompute it, offline" }
                dd { code { "dcx verify BUNDLE" } " checks the digests of the evidence and derives every verdict again from the recorded exchanges." }
                dt { "Send a failure again" }
                dd { code { "dcx replay BUNDLE" } " sends what failed again, with new ids, and says whether it is fixed, still failing, or could not be told." }
                dt { "Run it again" }
                @for (command, select) in again {
                    dd {
                        code { (command) } " sends the same requests in the same order."
                        @if !select.is_empty() { " This run was limited to: " code { (select) } }
                    }
                }
                dt { "Ask what a requirement means" }
                dd { code { "dcx explain ID" } " tells its statement, source and remedy; " code { "dcx prove" } " shows which defect each case catches." }
            }
        }
    }
}
