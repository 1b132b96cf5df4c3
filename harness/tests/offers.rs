//! What a target does not offer: optional operations are left out and the report says so, others are missed;
//! notifications are not judged without a way to make an event happen.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

#[path = "common/certified.rs"]
mod certified;

use certified::certified;
use harness::run::Limits;
use harness::target::{Credentials, Target};
use mock_server::{Config, MockServer};
use reports::event::{Entry, Event};
use specs::catalogue::{Catalogue, Profile};
use specs::evidence::Verdict;

const PROFILE: &str = "dci-social";

/// The log of a run against a mock that serves all of the profile but these operations.
async fn log_without(operations: &[&str], cases: &str) -> Vec<Entry> {
    let full = Catalogue::bundled().profile(PROFILE).unwrap();
    let mut served: Profile = full.clone();
    served
        .operations
        .retain(|id, _| !operations.contains(&id.as_str()));
    let config = Config {
        profiles: vec![served],
        ..Config::default()
    };
    let mock = MockServer::start(config).await.unwrap();
    let endpoint = &mock.endpoints()[0];
    let mut target = Target::new(full.clone(), &endpoint.base_url).unwrap();
    target.credentials = Some(Credentials {
        client_id: endpoint.client_id.clone().unwrap(),
        client_secret: endpoint.client_secret.clone().unwrap(),
        db_name: None,
    });
    let log = certified(vec![target], 1, Limits::default().embedded(), Some(cases)).await;
    mock.stop().await;
    log
}

/// The cases that were not run, each with the reason.
fn skipped(log: &[Entry]) -> Vec<(&str, &str)> {
    let skipped = log.iter().filter_map(|entry| match &entry.event {
        Event::CaseSkipped(skipped) => Some((skipped.case.as_str(), skipped.reason.as_str())),
        _ => None,
    });
    skipped.collect()
}

/// The verdict of each case that was run.
fn verdicts(log: &[Entry]) -> Vec<(&str, Verdict)> {
    let finished = log.iter().filter_map(|entry| match &entry.event {
        Event::CaseFinished(finished) => Some((finished.case.as_str(), finished.verdict)),
        _ => None,
    });
    finished.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn optional_operations_that_are_not_offered_are_left_out_and_the_report_says_so() {
    let log = log_without(
        &["subscribe", "unsubscribe"],
        "{bearer,subscribe.*,unsubscribe.*,notify.*}",
    )
    .await;
    let absent = log.iter().find_map(|entry| match &entry.event {
        Event::PreflightFinished(flight) => Some((flight.passed(), flight.absent.clone())),
        _ => None,
    });
    let expected = vec!["subscribe".to_owned(), "unsubscribe".to_owned()];
    assert_eq!(absent, Some((true, expected)));
    let notices = log.iter().filter(|entry| match &entry.event {
        Event::Notice(notice) => notice.text.contains("does not offer subscribe, unsubscribe"),
        _ => false,
    });
    assert_eq!(notices.count(), 1);
    let skipped = skipped(&log);
    assert_eq!(skipped.len(), 9, "{skipped:?}");
    for (case, reason) in skipped {
        assert!(
            reason.contains("does not offer subscribe, unsubscribe"),
            "{case}: {reason}"
        );
    }
    assert_eq!(verdicts(&log), [("bearer", Verdict::Pass)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_that_is_not_optional_is_missed() {
    let log = log_without(&["txn-status", "sync-txn-status"], "{bearer,txn-status.callback}").await;
    assert_eq!(skipped(&log), []);
    let verdicts = verdicts(&log);
    assert_eq!(verdicts[0], ("bearer", Verdict::Inconclusive));
    assert_eq!(verdicts[1], ("txn-status.callback", Verdict::Fail));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_trigger_the_laws_about_notifications_say_how_to_configure_one() {
    let log = log_without(&[], "{notify.*,subscribe.callback}").await;
    let skipped = skipped(&log);
    let cases: Vec<&str> = skipped.iter().map(|(case, _)| *case).collect();
    assert_eq!(cases, ["notify.delivered", "notify.selective", "notify.stops"]);
    assert!(
        skipped
            .iter()
            .all(|(_, reason)| reason.contains("[events]") && reason.contains("dcx.toml"))
    );
    assert_eq!(verdicts(&log), [("subscribe.callback", Verdict::Pass)]);
}
