//! Signatures under profiles of the user's own, and keys of a target that change: the mock that serves such a
//! profile is clean, its defects are caught, and a new key is looked up once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

#[path = "common/certified.rs"]
mod certified;

use bytes::Bytes;
use certified::certified;
use futures::StreamExt;
use futures::stream::iter;
use harness::client::{Client, Outbound};
use harness::config::Config;
use harness::prove::{clean, kill};
use harness::record::Redactor;
use harness::run::Limits;
use harness::tls::Tls;
use harness::{embedded, profiles};
use mock_server::Mistake;
use reports::event::{Entry, Event};
use specs::catalogue::{Catalogue, Profile};
use specs::evidence::{Observation, Outcome, Verdict};
use std::time::Duration;

const OWN: &str = r#"
[profile.mine]
extends = "g2p-registry"
requirements = ["dci.token.*", "dci.bearer.*", "dci.sync-search.*", "dci.search.*", "dci.correlation-unique",
  "dci.request.*", "dci.form.*", "dci.refusal.*", "dci.jws.*", "dci.signature.*"]

[profile.mine.signature]
scheme = "detached-jws-header"

[profile.mine.readings]
"dci.signature-scheme" = ["detached-jws-header"]
"#;

fn own() -> Profile {
    let config = Config::of_text(OWN).unwrap();
    profiles::own(&config).unwrap().swap_remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mock_with_signatures_beside_its_messages_is_clean() {
    let stains = clean(&own(), 7_u64).await.unwrap();
    assert!(stains.is_empty(), "{}", stains.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_does_wrong_with_them_is_caught() {
    let profile = own();
    let defects = [
        "callback-signature-stale",
        "callback-unsigned",
        "key-set-missing",
        "key-set-private",
        "reply-signature-stale",
        "reply-unsigned",
        "signature-algorithm-trusted",
        "signature-any-key",
        "signature-code-generic",
        "signature-key-id-ignored",
        "signature-over-header-accepted",
        "signature-over-message-accepted",
        "signature-public-key-secret",
        "signature-respelt",
        "signature-unchecked",
        "unsigned-accepted",
    ];
    let kills = iter(defects).map(async |id| {
        let mistake = Mistake::from_id(id).unwrap();
        assert!(mistake.exists_under(&own()), "{id}");
        let kill = kill(&profile, mistake, 1_u64).await.unwrap();
        (!kill.killed()).then(|| id.to_owned())
    });
    let survivors: Vec<Option<String>> = kills.buffer_unordered(4).collect().await;
    let survivors: Vec<String> = survivors.into_iter().flatten().collect();
    assert!(survivors.is_empty(), "{}", survivors.join(", "));
}

/// Replaces the key of a mock; the former one is served for so many seconds.
async fn rotate(base_url: &str, grace: u32) {
    let client = Client::new(Duration::from_secs(20), Redactor::default(), &Tls::default()).unwrap();
    let outbound = Outbound {
        method: http::Method::POST,
        url: format!("{base_url}/_dcx/keys/rotate"),
        headers: Vec::new(),
        body: Bytes::from(format!("{{\"grace\": {grace}}}")),
    };
    let answered = client.send(&outbound, |_| ()).await;
    assert!(
        matches!(&answered.outcome, Outcome::Response(r) if r.status == 200),
        "{answered:?}"
    );
}

/// The verdict of each case with how often it read the key set.
fn readings(log: &[Entry]) -> Vec<(&str, Verdict, usize)> {
    let read = |case: &str| {
        let recorded = log.iter().filter(|entry| match &entry.event {
            Event::Observed(recorded) => {
                recorded.case == case
                    && matches!(&recorded.observation, Observation::Exchange(e) if e.operation == "key-set")
            }
            _ => false,
        });
        recorded.count()
    };
    let finished = log.iter().filter_map(|entry| match &entry.event {
        Event::CaseFinished(case) => Some((case.case.as_str(), case.verdict, read(&case.case))),
        _ => None,
    });
    finished.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_replaced_is_looked_up_once() {
    let bundled = ["openspp-registry", "opencrvs-registry", "g2p-registry"];
    let bundled = bundled.map(|id| Catalogue::bundled().profile(id).unwrap().clone());
    let profiles: Vec<Profile> = bundled.into_iter().chain([own()]).collect();
    // The former key is served for a while, or is gone at once.
    for (profile, grace) in profiles.into_iter().flat_map(|p| [(p.clone(), 0), (p, 60)]) {
        let id = profile.id.clone();
        let lifetime = Duration::from_secs(60);
        let (targets, mock) = embedded::start(vec![profile], 1, &[], lifetime).await.unwrap();
        let limits = Limits::default().embedded();
        let cases = Some("signature.{reply,callback,key-set}");
        for expected in [0, 1] {
            let log = certified(targets.clone(), 1, limits.clone(), cases).await;
            let expected = [
                ("signature.callback", Verdict::Pass, expected),
                ("signature.key-set", Verdict::Pass, 1),
                ("signature.reply", Verdict::Pass, expected),
            ];
            assert_eq!(readings(&log), expected, "{id}, served for {grace} s");
            rotate(&targets[0].url, grace).await;
        }
        mock.stop().await;
    }
}
