//! Events that happen by themselves.

use crate::bench::{Bench, config, profile};
use crate::talk::{Partner, count, event, event_type, everything, renumbered, somebody};
use mock_server::{Config, FileError, MockServer, StartError};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

fn written(dir: &Path, text: &str) -> PathBuf {
    let path = dir.join("events.json");
    std::fs::write(&path, text).unwrap();
    path
}

async fn playing(profile: &str, seed: u64, events: &Value) -> Bench {
    let dir = tempfile::tempdir().unwrap();
    Bench::with(Config {
        seed,
        timeline: Some(written(dir.path(), &json!({"event": events}).to_string())),
        callback_delay: Duration::ZERO,
        ..config(&[profile])
    })
    .await
}

/// The events that have happened, once there are so many.
async fn happened(b: &Bench, count: usize) -> Vec<Value> {
    let there = async {
        loop {
            let events = b.get("/_dcx/events").await.json;
            if events.as_array().unwrap().len() >= count {
                return events.as_array().unwrap().clone();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), there).await.unwrap()
}

#[tokio::test]
async fn subscribers_hear_of_what_happens_by_itself() {
    let plain = Bench::new("dci-crvs", &[]).await;
    let known = renumbered(&plain, &somebody(&plain).await, "7777777777");
    let of_type = event_type(&plain).to_owned();
    let started = Instant::now();
    let b = playing(
        "dci-crvs",
        1,
        &json!([
            {"at": 1.2, "reg_event_type": of_type, "record": known},
            {"after": 0.2, "reg_event_type": of_type, "profile": "dci-crvs", "record": "somebody"},
        ]),
    )
    .await;
    let partner = Partner::of(&b).await;
    let told = partner.subscribe("subscribed", &[everything(&b)]).await;
    assert!(!told.code().is_empty() && started.elapsed() < Duration::from_millis(1200));
    assert_eq!(count(&b, "7777777777").await, 0);
    let first = partner.notification().await.unwrap();
    assert!(first.at - started >= Duration::from_millis(1200));
    let data = &first.body["message"]["notify_event"][0]["data"];
    assert_eq!(
        (&data["reg_event_type"], &data["reg_records"][0]),
        (&json!(of_type), &known)
    );
    assert_eq!(count(&b, "7777777777").await, 1, "the register has changed");
    let second = partner.notification().await.unwrap();
    assert!(second.at - first.at >= Duration::from_millis(150));
    let journal = b.house("GET", "/_dcx/journal?operation=event", None).await;
    let entries = journal.json["entries"].as_array().unwrap();
    let told: Vec<_> = entries
        .iter()
        .map(|e| (e["kind"].clone(), e["line"].clone()))
        .collect();
    let expected = ["timeline, event 1", "timeline, event 2"];
    assert_eq!(told, expected.map(|line| (json!("change"), json!(line))));
    assert_eq!(entries[0]["says"], format!("{of_type}: 1 notified"));
}

#[tokio::test]
async fn the_same_seed_makes_the_same_happen_whatever_else_does() {
    let events = json!([{"at": 0, "reg_event_type": "REGISTER"}, {"at": 0.5, "reg_event_type": "REGISTER"}]);
    let played = async |seed: u64, disturbed: bool| {
        let b = playing("dci-social", seed, &events).await;
        happened(&b, 1).await;
        if disturbed {
            event(&b, &json!({"reg_event_type": "REGISTER"})).await;
        }
        let events = happened(&b, 2 + usize::from(disturbed)).await;
        [events[0].clone(), events.last().unwrap().clone()]
    };
    let one = played(1, false).await;
    assert_ne!(one[0], one[1]);
    assert_eq!(one, played(1, true).await);
    assert_ne!(one, played(2, false).await);
}

#[tokio::test]
async fn a_reset_begins_anew_and_faults_are_heeded() {
    let b = playing(
        "dci-social",
        1,
        &json!([{"at": 0.2, "reg_event_type": "REGISTER"}]),
    )
    .await;
    let before = happened(&b, 1).await;
    let partner = Partner::of(&b).await;
    assert_eq!(b.house("POST", "/_dcx/reset", None).await.status, 200);
    let faults = json!({"faults": ["dcx-callback=twice, operation=event"]});
    assert_eq!(b.house("PUT", "/_dcx/faults", Some(&faults)).await.status, 200);
    partner.subscribe("subscribed", &[everything(&b)]).await;
    assert_eq!(happened(&b, 1).await, before);
    let (one, other) = (partner.notification().await, partner.notification().await);
    assert_eq!(one.unwrap().body, other.unwrap().body);
}

#[tokio::test]
async fn a_script_that_cannot_be_played_is_refused_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let start = async |text: &str, profiles: &[&str]| {
        let config = Config {
            timeline: Some(written(dir.path(), text)),
            ..config(profiles)
        };
        let StartError::File(error) = MockServer::start(config).await.unwrap_err() else {
            panic!("another error")
        };
        error
    };
    let error = start(
        "{\"event\": [\n{\"at\": 1, \"reg_event_type\": \"X\"}]}",
        &["dci-social"],
    )
    .await;
    let says = error.to_string();
    assert!(matches!(error, FileError::Line { line: 2, .. }), "{says}");
    assert!(
        says.contains("events.json, line 2: unknown reg_event_type \"X\"; this registry tells of"),
        "{says}"
    );
    let told = profile("dci-social").registry.unwrap().event_types;
    assert!(
        !told.is_empty() && told.iter().all(|known| says.contains(known.as_str())),
        "{says}"
    );
    assert!(says.ends_with("; name one of these"), "{says}");
    let error = start("{\"event\": [\n]\n]", &["dci-social"]).await;
    assert!(error.to_string().contains("line 3: it is not JSON"), "{error}");
    let error = start("event = []\nevent = []", &["dci-social"]).await;
    assert!(error.to_string().contains("line 2: it is not TOML"), "{error}");
}
