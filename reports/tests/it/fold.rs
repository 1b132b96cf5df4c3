//! The fold of a log, event by event.

use reports::aggregate::Run;
use reports::event::{CaseFinished, CaseSkipped, CaseStarted, Entry, Event};
use specs::evidence::{Check, Phase, Verdict};

use crate::sample;

fn run(events: Vec<Event>) -> Run {
    let entries = (events.into_iter().zip(0u64..)).map(|(event, seq)| Entry {
        v: 1,
        seq,
        at: "2026-11-03T09:15:00Z".to_owned(),
        event,
    });
    Run::from_entries(entries)
}

fn started(case: &str) -> Event {
    Event::CaseStarted(CaseStarted {
        profile: "p".to_owned(),
        case: case.to_owned(),
        title: format!("Title of {case}."),
        requirements: Vec::new(),
        phase: Phase::default(),
    })
}

fn finished(case: &str, checks: &[(&str, Verdict)]) -> Event {
    Event::CaseFinished(CaseFinished {
        profile: "p".to_owned(),
        case: case.to_owned(),
        verdict: Verdict::worst(checks.iter().map(|(_, v)| *v)),
        checks: (checks.iter())
            .map(|(requirement, verdict)| Check {
                requirement: (*requirement).to_owned(),
                verdict: *verdict,
                reason: None,
                findings: Vec::new(),
            })
            .collect(),
        elapsed_us: 1,
        cut: false,
    })
}

#[test]
fn cases_may_interleave() {
    let run = run(vec![
        started("a"),
        started("b"),
        finished("b", &[("r", Verdict::Fail)]),
        finished("a", &[("r", Verdict::Pass)]),
    ]);
    let cases: Vec<_> = run.cases.iter().map(|c| (c.case.as_str(), c.verdict)).collect();
    assert_eq!(cases, [("a", Some(Verdict::Pass)), ("b", Some(Verdict::Fail))]);
    assert_eq!(run.cases[1].title, "Title of b.");
}

#[test]
fn a_requirement_has_the_worst_of_its_checks_and_hides_none() {
    let run = run(vec![
        finished("a", &[("r", Verdict::Fail)]),
        finished("b", &[("r", Verdict::Error), ("s", Verdict::Inconclusive)]),
    ]);
    assert_eq!(run.requirements[0].verdict, Verdict::Error);
    let of = |verdict| {
        run.violations(verdict)
            .iter()
            .map(|v| v.requirement.id.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (of(Verdict::Fail), of(Verdict::Error)),
        (vec!["r".to_owned()], vec!["r".to_owned()])
    );
    assert_eq!(run.reasons(Verdict::Inconclusive)[0].0, "no reason was recorded");
}

#[test]
fn the_same_case_twice_is_two_cases() {
    let skipped = Event::CaseSkipped(CaseSkipped {
        profile: "p".to_owned(),
        case: "a".to_owned(),
        title: String::new(),
        reason: "again".to_owned(),
    });
    let run = run(vec![
        finished("a", &[("r", Verdict::Fail)]),
        skipped,
        started("a"),
        started("a"),
    ]);
    assert_eq!(run.case_counts().fail, 1);
    assert_eq!(run.case_counts().skipped, 1);
    assert_eq!(run.unfinished().count(), 2);
}

#[test]
fn a_verdict_that_no_check_explains_is_told() {
    let mut event = finished("a", &[("r", Verdict::Pass)]);
    if let Event::CaseFinished(finished) = &mut event {
        finished.verdict = Verdict::Fail;
    }
    let run = run(vec![event]);
    assert_eq!(run.unexplained().count(), 1);
}

#[test]
fn a_run_is_cut_unless_it_says_otherwise() {
    let cut = |entries: Vec<Entry>| Run::from_entries(entries.into_iter()).cut();
    assert_eq!(cut(sample::failures()), None);
    assert_eq!(
        cut(Vec::new()).as_deref(),
        Some("the log ends before the run does")
    );
    assert_eq!(
        cut(sample::preflight_failure()).as_deref(),
        Some("preflight found a problem of the configuration")
    );
}

#[test]
fn a_requirement_never_exercised_is_skipped() {
    let run = Run::from_entries(sample::cut_short().into_iter());
    let sorts = run
        .requirements
        .iter()
        .find(|r| r.id == "dci.search.sorts")
        .unwrap();
    assert_eq!((sorts.verdict, sorts.spoken.len()), (Verdict::Skipped, 0));
}
