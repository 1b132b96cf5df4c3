//! What changed between two runs.

use reports::aggregate::Run;
use reports::diff::{Change, Difference, render};
use reports::event::{CaseFinished, Entry, Event, ReadingObserved};
use specs::evidence::{Check, Finding, Verdict};

/// A run with these verdicts, and the reading that its target takes.
fn run(verdicts: &[(&str, Verdict)], alternative: Option<&str>) -> Run {
    let checks = verdicts.iter().map(|(requirement, verdict)| Check {
        requirement: (*requirement).to_owned(),
        verdict: *verdict,
        reason: None,
        findings: (*verdict == Verdict::Fail)
            .then(|| Finding {
                requirement: (*requirement).to_owned(),
                expected: "something".to_owned(),
                actual: format!("something else for {requirement}"),
                pointer: None,
                observation: None,
                counterexample: None,
            })
            .into_iter()
            .collect(),
    });
    let mut events = vec![Event::CaseFinished(CaseFinished {
        profile: "p".to_owned(),
        case: "c".to_owned(),
        verdict: Verdict::worst(verdicts.iter().map(|(_, v)| *v)),
        checks: checks.collect(),
        elapsed_us: 1,
        cut: false,
    })];
    events.extend(alternative.map(|alternative| {
        Event::ReadingObserved(ReadingObserved {
            profile: "p".to_owned(),
            reading: "dci.ack-status".to_owned(),
            question: "Which status?".to_owned(),
            alternative: alternative.to_owned(),
            statement: "This one.".to_owned(),
            case: "c".to_owned(),
        })
    }));
    Run::from_entries(events.into_iter().zip(0..).map(|(event, seq)| Entry {
        v: 1,
        seq,
        at: "2026-11-03T09:15:00Z".to_owned(),
        event,
    }))
}

fn ids(changes: &[Change]) -> Vec<&str> {
    changes.iter().map(|change| change.requirement.as_str()).collect()
}

#[test]
fn each_change_is_in_its_list_and_what_did_not_change_in_none() {
    use Verdict::{Fail, Inconclusive, Pass, Skipped, Warn};
    let before = run(
        &[
            ("breaks", Pass),
            ("fixed", Fail),
            ("fixed-to-warn", Fail),
            ("lost", Pass),
            ("new", Skipped),
            ("same", Pass),
            ("still", Fail),
            ("undecided", Fail),
            ("unknown", Inconclusive),
        ],
        Some("ok"),
    );
    let after = run(
        &[
            ("appears", Fail),
            ("breaks", Fail),
            ("fixed", Pass),
            ("fixed-to-warn", Warn),
            ("new", Pass),
            ("same", Pass),
            ("still", Fail),
            ("undecided", Inconclusive),
            ("unknown", Skipped),
        ],
        Some("accepted"),
    );
    let difference = Difference::between(&before, &after);
    assert_eq!(ids(&difference.newly_failing), ["appears", "breaks"]);
    assert_eq!(ids(&difference.fixed), ["fixed", "fixed-to-warn"]);
    assert_eq!(ids(&difference.still_failing), ["still"]);
    assert_eq!(ids(&difference.no_longer_decided), ["undecided"]);
    assert_eq!(ids(&difference.newly_exercised), ["new"]);
    assert_eq!(ids(&difference.no_longer_exercised), ["lost"]);
    let [reading] = &difference.readings[..] else {
        panic!("{:?}", difference.readings);
    };
    assert_eq!(
        (&reading.before[..], &reading.after[..]),
        (&["ok".to_owned()][..], &["accepted".to_owned()][..])
    );
    let breaks = &difference.newly_failing[1];
    assert_eq!(breaks.actual.as_deref(), Some("something else for breaks"));
    assert_eq!(breaks.cases, ["c"]);
    assert!(!difference.is_empty());

    let mut text = Vec::new();
    render(&difference, &mut text).unwrap();
    insta::assert_snapshot!(String::from_utf8(text).unwrap());
}

#[test]
fn a_run_does_not_differ_from_itself() {
    let one = run(&[("held", Verdict::Pass), ("failed", Verdict::Fail)], Some("ok"));
    let difference = Difference::between(&one, &one);
    assert!(difference.is_empty(), "{difference:?}");
    assert_eq!(ids(&difference.still_failing), ["failed"]);
    // A reading that was not seen once more has not changed.
    assert!(Difference::between(&one, &run(&[], None)).readings.is_empty());
}
