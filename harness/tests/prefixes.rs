//! Whenever a run is interrupted: what a compliant server was seen to do until then is never found to be at
//! fault.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

#[path = "common/certify.rs"]
mod certify;

use certify::Run;
use harness::target::Target;
use reports::event::Event;
use specs::catalogue::Catalogue;
use specs::evidence::Observation;
use std::collections::BTreeMap;
use suites::{Cases, Outcome};

/// Prefixes of a long case that are judged; one of few steps is judged after each.
const TRIED: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn no_beginning_of_a_compliant_run_is_a_violation() {
    let run = Run {
        profiles: &["dci-social", "digit-exchange", "openspp-dci"],
        seed: 1,
        defects: &[],
        cases: None,
        jobs: 8,
    };
    let mut seen: BTreeMap<(String, String), Vec<Observation>> = BTreeMap::new();
    for entry in run.log().await {
        if let Event::Observed(observed) = entry.event {
            let key = (observed.profile, observed.case);
            seen.entry(key).or_default().push(observed.observation);
        }
    }
    let mut complaints = Vec::new();
    for ((profile, case), observations) in &seen {
        let profile = Catalogue::bundled().profile(profile).unwrap().clone();
        let target = Target::new(profile, "http://127.0.0.1:1").unwrap();
        let context = target.context(run.seed).for_case(case);
        let case = Cases::bundled().get(case).unwrap();
        let step = observations.len().div_ceil(TRIED);
        for length in (0..observations.len()).step_by(step) {
            for judgement in case.judge(&context, &observations[..length]) {
                if let Outcome::Violated(findings) = judgement.outcome {
                    let finding = &findings[0];
                    complaints.push(format!(
                        "{} {} after {length} of {} observations: {} (expected {}; actual {})",
                        target.profile.id,
                        case.id,
                        observations.len(),
                        judgement.requirement,
                        finding.expected,
                        finding.actual
                    ));
                }
            }
        }
    }
    assert!(complaints.is_empty(), "\n  {}\n", complaints.join("\n  "));
}
