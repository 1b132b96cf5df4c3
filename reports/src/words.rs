//! The words for findings, targets and the gate, written once: the terminal, JUnit and HTML show the
//! same ones.

use std::fmt::Write as _;

use serde_json::Value;
use specs::evidence::{Counterexample, Level, Verdict};

use crate::aggregate::{CaseRun, Occurrence, PhaseCount, RequirementRun, Run, Violation};
use crate::curl::curl_line;
use crate::event::{Counts, NOT_BEGUN, Pace, PreflightCheck, Target};
use crate::text::{duration, one_line, plural, shorten, visible};

/// What a phase amounts to: `random 3 cases, 512 requests`.
pub(crate) fn phase(count: &PhaseCount) -> String {
    let (cases, requests) = (
        plural(count.cases, "case", "cases"),
        plural(count.requests, "request", "requests"),
    );
    format!("{} {cases}, {requests}", count.phase.word())
}

/// How many members are named at which a requirement did not hold in the same way, and how many cases that
/// were not run.
const NAMED: usize = 12;

/// A labelled line of an explanation.
pub(crate) struct Line {
    pub(crate) label: &'static str,
    pub(crate) text: String,
    /// Whether the text is to be copied and must not be broken.
    pub(crate) verbatim: bool,
}

impl Line {
    fn new(label: &'static str, text: impl Into<String>) -> Self {
        Self {
            label,
            text: text.into(),
            verbatim: false,
        }
    }
}

/// What was expected, what came instead, and where.
pub(crate) fn finding(occurrence: &Occurrence<'_>) -> Vec<Line> {
    let Occurrence { case, check, finding } = occurrence;
    let mut lines = Vec::new();
    if let Some(reason) = &check.reason {
        lines.push(Line::new("reason", one_line(reason)));
    }
    if let Some(finding) = finding {
        lines.push(Line::new("expected", one_line(&finding.expected)));
        lines.push(Line::new("actual", one_line(&finding.actual)));
        let said = |pointer: &String| finding.expected.ends_with(pointer.as_str());
        if let Some(pointer) = finding.pointer.as_ref().filter(|p| p.is_empty() || !said(p)) {
            lines.push(Line::new("at", pointer_words(pointer)));
        }
        if let Some(counterexample) = &finding.counterexample {
            let known = counterexample.pointer == finding.pointer;
            lines.push(Line::new("fault", counterexample_words(counterexample, known)));
        }
    } else if check.reason.is_none() {
        lines.push(Line::new("actual", "the log records no finding for this check"));
    }
    lines.push(Line::new("case", one_line(&case.case)));
    lines
}

/// The command that shows it again.
pub(crate) fn curl(occurrence: &Occurrence<'_>) -> Option<Line> {
    let request = occurrence.case.reproduction(occurrence.finding?)?;
    Some(Line {
        label: "curl",
        text: curl_line(request),
        verbatim: true,
    })
}

/// The line that says what a developer does about a requirement; none where the fault is ours.
pub(crate) fn remedy(requirement: &RequirementRun, verdict: Verdict) -> Option<Line> {
    if !matches!(verdict, Verdict::Fail | Verdict::Warn) {
        return None;
    }
    let remedy = one_line(&requirement.fact.as_ref()?.remedy);
    (!remedy.is_empty()).then(|| Line::new("remedy", remedy))
}

/// The command that tells everything about a requirement.
pub(crate) fn explain(requirement: &RequirementRun) -> String {
    format!("dcx explain {}", one_line(&requirement.id))
}

/// A JSON pointer for people: the empty one is the whole document.
pub(crate) fn pointer_words(pointer: &str) -> String {
    if pointer.is_empty() {
        "(the whole body)".to_owned()
    } else {
        one_line(pointer)
    }
}

/// One deliberate fault in a sentence; `known` says that its place was told already.
pub(crate) fn counterexample_words(example: &Counterexample, known: bool) -> String {
    let place = example
        .pointer
        .as_deref()
        .filter(|_| !known)
        .map(|p| format!(" at {}", pointer_words(p)))
        .unwrap_or_default();
    let honest = value_words(example.honest.as_ref(), "nothing");
    let sent = value_words(example.sent.as_ref(), "nothing");
    let effort = match example.shrink_requests {
        0 => String::new(),
        n => format!(
            ", smallest after {}",
            plural(u64::from(n), "more request", "more requests")
        ),
    };
    format!(
        "{}{place}: an honest request holds {honest}, this one {sent}{effort}",
        one_line(&example.operator)
    )
}

/// A value in JSON, short enough for a sentence.
pub(crate) fn value_words(value: Option<&Value>, absent: &str) -> String {
    value.map_or_else(
        || absent.to_owned(),
        |v| shorten(&visible(&v.to_string()), 240).into_owned(),
    )
}

/// Whether a target is the user's.
pub(crate) fn target_note(target: &Target) -> Option<&'static str> {
    target
        .embedded
        .then_some("the mock embedded in dcx, not a server of yours")
}

/// The word for a requirement's level, when the log says.
pub(crate) fn level(level: Option<Level>) -> &'static str {
    level.map_or("level unknown", Level::word)
}

/// The gate's sentence with the exit code; for a cut log, that there is none.
pub(crate) fn gate(run: &Run) -> String {
    match &run.finish {
        Some(finish) => format!("{} (exit code {})", one_line(&finish.gate), finish.exit_code),
        None => "No verdict: the log ends before the run does (no exit code was recorded)".to_owned(),
    }
}

/// How fast a target was, and how long it was therefore waited for.
pub(crate) fn pace(pace: &Pace) -> String {
    let mut text = format!(
        "median answer {}, slowest {}, deadline {}",
        duration(pace.median_us),
        duration(pace.slowest_us),
        duration(pace.deadline_us)
    );
    if let Some(slowest) = pace.slowest_callback_us {
        let _ = write!(
            text,
            "; slowest callback {}, deadline {}",
            duration(slowest),
            duration(pace.callback_deadline_us)
        );
    }
    text
}

/// What to say of a run that is not whole.
pub(crate) fn cut(run: &Run) -> Option<String> {
    let reason = run.cut()?;
    let announced = run.start.as_ref().map_or(0, |s| s.case_count);
    let judged = run
        .cases
        .iter()
        .filter(|c| c.verdict.is_some_and(|v| v > Verdict::Skipped))
        .count();
    let judged = plural(
        u64::try_from(judged).unwrap_or(u64::MAX),
        "case was",
        "cases were",
    );
    let unfinished = match run.unfinished().count() {
        0 => String::new(),
        n => format!(", {n} under way"),
    };
    let named = |title: &str, wanted: &dyn Fn(&CaseRun) -> bool| {
        let cases: Vec<&CaseRun> = run.cases.iter().filter(|case| wanted(case)).collect();
        if cases.is_empty() {
            return String::new();
        }
        format!(" {title}: {}.", case_names(run, &cases, NAMED))
    };
    let missing = named("Not run", &|case| {
        (case.skip_reason.as_deref()).is_some_and(|reason| reason.ends_with(NOT_BEGUN))
    });
    let cut_off = named("Judged by a part of it", &|case| case.cut);
    Some(format!(
        "{}. {judged} judged{unfinished}, {announced} announced.{missing}{cut_off} What was not judged is not certified.",
        one_line(&reason).trim_end_matches('.'),
    ))
}

/// How many of the requirements of a level held, and what became of the others.
pub(crate) fn held(counts: &Counts) -> String {
    let others = [
        (counts.fail, "failed"),
        (counts.warn, "warned of"),
        (counts.inconclusive, "not decided"),
        (counts.error, "in error"),
        (counts.skipped, "not exercised"),
    ];
    let others: Vec<String> = others
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let all = format!("{} of {}", counts.pass, counts.total());
    if others.is_empty() {
        all
    } else {
        format!("{all} ({})", others.join(", "))
    }
}

/// What to do after a run against nothing but our own mock.
pub(crate) fn next(run: &Run) -> Option<&'static str> {
    let only_ours = run.start.as_ref()?.targets.iter().all(|target| target.embedded);
    only_ours.then_some("Next, a server of yours: dcx test URL --profile PROFILE")
}

/// How many requirements these are, told together or not.
pub(crate) fn requirements(violations: &[Violation<'_>]) -> String {
    let all = violations.iter().map(|v| 1 + v.alike.len() as u64).sum();
    plural(all, "requirement", "requirements")
}

/// The members at which a requirement did not hold in the same way, a few of them by name.
pub(crate) fn alike(violation: &Violation<'_>) -> Option<Line> {
    let names: Vec<String> = violation
        .alike
        .iter()
        .map(|r| {
            let id = one_line(&r.id);
            let id = id.split_once(".form.").map_or(id.as_str(), |(_, rest)| rest);
            id.rsplit_once('.').map_or(id, |(member, _)| member).to_owned()
        })
        .collect();
    let shown = names.len().min(NAMED);
    let more = match names.len() - shown {
        0 => String::new(),
        n => format!(" and {n} more, in every report"),
    };
    let text = format!("{}{more}", names[..shown].join(", "));
    (!names.is_empty()).then(|| Line::new("likewise", text))
}

/// The failed parts of the configuration, with the profile that they belong to.
pub(crate) fn configuration_problems(run: &Run) -> Vec<(&str, &PreflightCheck)> {
    (run.preflight.iter())
        .flat_map(|p| p.checks.iter().filter(|c| !c.ok).map(|c| (p.profile.as_str(), c)))
        .collect()
}

/// Ids of cases, at most `max` of them, with the profile where the run has several.
pub(crate) fn case_names(run: &Run, cases: &[&CaseRun], max: usize) -> String {
    let several = run.profiles().len() > 1;
    let mut names: Vec<String> = Vec::new();
    for case in cases {
        let name = one_line(&case.case);
        let name = if several {
            format!("{}: {name}", one_line(&case.profile))
        } else {
            name
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.len().saturating_sub(max) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names[..max].join(", ")),
    }
}

/// The mark that stands before a verdict, so that it can be told without colour.
pub(crate) fn glyph(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓",
        Verdict::Fail => "✕",
        Verdict::Warn => "!",
        Verdict::Inconclusive => "?",
        Verdict::Skipped => "–",
        Verdict::Error => "‼",
    }
}

/// The number of one verdict.
pub(crate) fn count(counts: &Counts, verdict: Verdict) -> u64 {
    match verdict {
        Verdict::Pass => counts.pass,
        Verdict::Fail => counts.fail,
        Verdict::Warn => counts.warn,
        Verdict::Inconclusive => counts.inconclusive,
        Verdict::Skipped => counts.skipped,
        Verdict::Error => counts.error,
    }
}
