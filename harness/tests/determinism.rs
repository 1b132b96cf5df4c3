//! The same seed gives the same log, whatever the machine and however many cases run side by side.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

#[path = "common/certify.rs"]
mod certify;
#[path = "common/lines.rs"]
mod lines;
#[path = "common/mask.rs"]
mod mask;

use certify::Run;
use lines::lines;
use mask::masked;
use reports::event::{Entry, Event};
use specs::evidence::Observation;
use std::collections::BTreeSet;

const ALL: &[&str] = &["dci-social", "digit-exchange", "openspp-dci"];

const PLAIN: Run<'_> = Run {
    profiles: ALL,
    seed: 1,
    defects: &[],
    cases: None,
    jobs: 8,
};

#[track_caller]
fn same(left: &[Entry], right: &[Entry]) {
    let (left, right) = (lines(left), lines(right));
    for (n, (left, right)) in left.iter().zip(&right).enumerate() {
        if left != right {
            let at = left
                .bytes()
                .zip(right.bytes())
                .take_while(|(l, r)| l == r)
                .count();
            let shown = |text: &str| {
                let bytes = &text.as_bytes()[at.saturating_sub(200)..text.len().min(at + 200)];
                String::from_utf8_lossy(bytes).into_owned()
            };
            panic!(
                "entry {n} differs at {at}:\n  {}\n  {}",
                shown(left),
                shown(right)
            );
        }
    }
    assert_eq!(left.len(), right.len(), "one log is longer");
}

fn requests(entries: &[Entry]) -> BTreeSet<String> {
    let exchanges = entries.iter().filter_map(|entry| match &entry.event {
        Event::Observed(observed) => match &observed.observation {
            Observation::Exchange(exchange) => Some((&observed.case, exchange)),
            _ => None,
        },
        _ => None,
    });
    exchanges
        .filter(|(_, exchange)| exchange.label.starts_with("valid "))
        .map(|(case, exchange)| format!("{case} {}", masked(&exchange.request.body.text)))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_gives_the_same_log() {
    let first = PLAIN.log().await;
    assert!(matches!(&first.last().unwrap().event, Event::RunFinished(f) if f.exit_code == 0 && f.complete));
    same(&first, &PLAIN.log().await);
    let one_by_one = Run { jobs: 1, ..PLAIN };
    same(&first, &one_by_one.log().await);
    let other = Run { seed: 2, ..PLAIN };
    let (mine, others) = (requests(&first), requests(&other.log().await));
    assert!(!mine.is_empty());
    assert_eq!(
        mine.intersection(&others).count(),
        0,
        "another seed sends other requests"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_found_alike_too() {
    let defective = Run {
        defects: &[
            "meta-refused",
            "type-unchecked",
            "callback-twice",
            "page-two-repeats-one",
            "exchange-type-unchecked",
            "exchange-any-sender",
        ],
        ..PLAIN
    };
    let first = defective.log().await;
    assert!(matches!(&first.last().unwrap().event, Event::RunFinished(f) if f.exit_code == 100));
    same(&first, &defective.log().await);
    let one_by_one = Run { jobs: 1, ..defective };
    same(&first, &one_by_one.log().await);
}
