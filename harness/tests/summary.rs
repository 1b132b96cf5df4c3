//! What users read at the end of a run against a defective server, as a snapshot, so that a reviewer reads
//! it too.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

#[path = "common/certify.rs"]
mod certify;
#[path = "common/mask.rs"]
mod mask;

use certify::Run;
use reports::aggregate;
use reports::event::{Entry, Event};
use reports::summary::{Style, render};
use specs::evidence::Observation;

/// Makes times as long as they are in every run.
fn still(mut entries: Vec<Entry>) -> Vec<Entry> {
    for entry in &mut entries {
        match &mut entry.event {
            Event::Observed(observed) => match &mut observed.observation {
                Observation::Exchange(exchange) => (exchange.sent_us, exchange.done_us) = (1000, 2000),
                Observation::Callback(callback) => callback.at_us = 3000,
                Observation::Opened { .. } => {}
                Observation::Wait { waited_us, .. } => *waited_us = 1000,
            },
            Event::CaseFinished(finished) => {
                finished.elapsed_us = 1000;
                // How long was waited in vain stands in words, too.
                for finding in finished.checks.iter_mut().flat_map(|check| &mut check.findings) {
                    if let Some(waited) = finding.actual.strip_prefix("none came within ")
                        && waited.ends_with(" s")
                    {
                        "none came within 3.0 s".clone_into(&mut finding.actual);
                    }
                }
            }
            Event::RunFinished(finished) => {
                finished.elapsed_us = 1_234_567;
                for pace in &mut finished.paces {
                    (pace.median_us, pace.slowest_us, pace.deadline_us) = (1000, 2000, 5_000_000);
                    pace.slowest_callback_us = pace.slowest_callback_us.map(|_| 3000);
                    pace.callback_deadline_us = 3_000_000;
                }
            }
            _ => {}
        }
    }
    entries
}

/// The summary of a run, with times and addresses replaced.
async fn summary(run: Run<'_>, width: usize) -> String {
    let entries = still(run.log().await);
    let run = aggregate::Run::from_entries(entries.into_iter());
    let mut text = Vec::new();
    let style = Style { colour: false, width };
    render(&run, &mut text, style).unwrap();
    mask::masked(&String::from_utf8(text).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_three_mistakes() {
    let run = Run {
        profiles: &["dci-social"],
        seed: 1,
        defects: &["locale-digit-accepted", "page-two-repeats-one", "callback-never"],
        cases: None,
        jobs: 8,
    };
    insta::assert_snapshot!(summary(run, 100).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_that_forgets_to_check_who_speaks() {
    let run = Run {
        profiles: &["digit-exchange"],
        seed: 1,
        defects: &[
            "exchange-any-sender",
            "breaks-digit.form.acknowledgement.message.timestamp.required",
        ],
        cases: None,
        jobs: 8,
    };
    insta::assert_snapshot!(summary(run, 100).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compliant_server() {
    let run = Run {
        profiles: &["dci-social", "digit-exchange", "openspp-dci"],
        seed: 1,
        defects: &[],
        cases: None,
        jobs: 8,
    };
    insta::assert_snapshot!(summary(run, 80).await);
}
