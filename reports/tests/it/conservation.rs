//! Conservation: whatever the events, every renderer finishes and reports the same counts, which are
//! those of the events themselves.

use proptest::prelude::*;
use quick_junit::{NonSuccessKind, TestCaseStatus};
use reports::aggregate::Run;
use reports::event::{Counts, Entry, Event};
use reports::json::RunResult;
use reports::summary::{self, Style};
use reports::{Format, render};
use specs::evidence::Verdict;

use crate::{arbitrary, sample};

fn rendered(format: Format, entries: &[Entry], run: &Run) -> String {
    let mut out = Vec::new();
    render(format, run, &mut out, |out| sample::write_log(entries, out)).unwrap();
    String::from_utf8(out).unwrap()
}

/// Counted from the events directly, without the fold.
fn counted(entries: &[Entry]) -> (Counts, Counts) {
    let (mut cases, mut checks) = (Counts::default(), Counts::default());
    for entry in entries {
        match &entry.event {
            Event::CaseFinished(finished) => {
                cases.add(finished.verdict);
                finished.checks.iter().for_each(|c| checks.add(c.verdict));
            }
            Event::CaseSkipped(_) => cases.add(Verdict::Skipped),
            _ => {}
        }
    }
    (cases, checks)
}

/// The numbers of a table in a page: `data-<what>="pass" data-count="3"`.
fn of_page(page: &str, what: &str) -> Counts {
    let mut counts = Counts::default();
    for part in page.split(&format!(" data-{what}=\"")).skip(1) {
        let (word, rest) = part.split_once('"').unwrap();
        let number = rest
            .strip_prefix(" data-count=\"")
            .unwrap()
            .split_once('"')
            .unwrap()
            .0;
        let number: u64 = number.parse().unwrap();
        if let Some(verdict) = Verdict::ALL.into_iter().find(|v| v.word() == word) {
            (0..number).for_each(|_| counts.add(verdict));
        }
    }
    counts
}

/// The numbers of the summary's table, by the words of its head.
fn of_summary(text: &str) -> Counts {
    let mut lines = text
        .lines()
        .skip_while(|l| !(l.starts_with("cases ") && l.ends_with("MUST held")));
    let Some(head) = lines.next() else {
        return Counts::default();
    };
    let words: Vec<&str> = head.split_whitespace().collect();
    // The first column is a name, which may be empty; the numbers end where the head's words end.
    let mut counts = Counts::default();
    for line in lines.take_while(|l| !l.is_empty()) {
        for word in &words {
            let Some(verdict) = Verdict::ALL.into_iter().find(|v| v.word() == *word) else {
                continue;
            };
            let end = head.find(&format!(" {word}")).unwrap() + 1 + word.len();
            let cell: String = line.chars().take(end).collect();
            let number: u64 = cell.rsplit(' ').next().unwrap().parse().unwrap();
            (0..number).for_each(|_| counts.add(verdict));
        }
    }
    counts
}

#[track_caller]
fn conserved(entries: &[Entry]) {
    let (cases, checks) = counted(entries);
    let run = Run::from_entries(entries.iter().cloned());
    assert_eq!(
        (run.case_counts(), run.check_counts()),
        (cases, checks),
        "aggregate"
    );

    let result: RunResult = serde_json::from_str(&rendered(Format::Json, entries, &run)).unwrap();
    assert_eq!(
        (result.summary.cases, result.summary.checks),
        (cases, checks),
        "json"
    );
    let listed = |verdict| result.cases.iter().filter(|c| c.verdict == Some(verdict)).count() as u64;
    for verdict in Verdict::ALL {
        let total: u64 = result
            .summary
            .profiles
            .iter()
            .map(|t| of(&t.cases, verdict))
            .sum();
        assert_eq!(
            (total, listed(verdict)),
            (of(&cases, verdict), of(&cases, verdict)),
            "json {verdict:?}"
        );
    }

    let mut text = Vec::new();
    summary::render(&run, &mut text, Style::default()).unwrap();
    assert_eq!(of_summary(&String::from_utf8(text).unwrap()), cases, "summary");

    let page = rendered(Format::Html, entries, &run);
    assert_eq!(
        (of_page(&page, "cases"), of_page(&page, "checks")),
        (cases, checks),
        "html"
    );
    for verdict in Verdict::ALL {
        let rows = page.split("<details class=\"case\"").skip(1);
        let attribute = format!("data-verdict=\"{}\"", verdict.word());
        let rows = rows
            .filter(|r| r.split('>').next().unwrap().contains(&attribute))
            .count() as u64;
        assert_eq!(rows, of(&cases, verdict), "html rows {verdict:?}");
    }

    let junit = rendered(Format::Junit, entries, &run);
    assert_eq!(
        of_junit(&junit),
        (
            cases.pass + cases.warn,
            cases.warn,
            cases.fail,
            cases.inconclusive,
            cases.error,
            cases.skipped
        ),
        "junit"
    );

    let lines = rendered(Format::Jsonl, entries, &run);
    assert_eq!(lines.lines().count(), entries.len(), "jsonl");
}

fn of(counts: &Counts, verdict: Verdict) -> u64 {
    let mut one = Counts::default();
    one.add(verdict);
    [
        (one.pass, counts.pass),
        (one.fail, counts.fail),
        (one.warn, counts.warn),
        (one.inconclusive, counts.inconclusive),
        (one.skipped, counts.skipped),
        (one.error, counts.error),
    ]
    .into_iter()
    .map(|(one, all)| one * all)
    .sum()
}

/// Successes, successes with a warning, failures, inconclusive, errors of ours, skipped.
fn of_junit(xml: &str) -> (u64, u64, u64, u64, u64, u64) {
    let report = quick_junit::Report::deserialize_from_str(xml).unwrap();
    let mut counts = (0, 0, 0, 0, 0, 0);
    for case in report.test_suites.iter().flat_map(|s| &s.test_cases) {
        match &case.status {
            TestCaseStatus::Success { .. } => {
                counts.0 += 1;
                counts.1 += u64::from(
                    case.system_out
                        .as_ref()
                        .is_some_and(|o| o.as_str().starts_with("WARNING")),
                );
            }
            TestCaseStatus::NonSuccess {
                kind: NonSuccessKind::Failure,
                ..
            } => counts.2 += 1,
            TestCaseStatus::NonSuccess {
                kind: NonSuccessKind::Error,
                ty,
                ..
            } => match ty.as_ref().map(quick_junit::XmlString::as_str) {
                Some("inconclusive") => counts.3 += 1,
                Some("error") => counts.4 += 1,
                Some("preflight" | "unfinished" | "cut-short") => {}
                other => panic!("an error of type {other:?}"),
            },
            TestCaseStatus::Skipped { .. } => counts.5 += 1,
        }
    }
    counts
}

#[test]
fn samples_are_conserved() {
    for (_, entries) in sample::all() {
        conserved(&entries);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_renderer_reports_the_same_counts(entries in arbitrary::entries()) {
        conserved(&entries);
    }
}
