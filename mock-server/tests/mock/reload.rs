//! Files that change while the mock runs.

use crate::bench::{Bench, config, envelope, predicate, profile};
use crate::talk::{count, event};
use mock_server::Config;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// The newest entry about a file, once there are so many of this verdict.
async fn noted(b: &Bench, file: &str, verdict: &str, count: usize) -> Value {
    let path = format!("/_dcx/journal?operation={file}&verdict={verdict}");
    let there = async {
        loop {
            let entries = b.house("GET", &path, None).await.json["entries"].clone();
            let entries = entries.as_array().unwrap();
            if entries.len() >= count {
                return entries.last().unwrap().clone();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), there)
        .await
        .unwrap_or_else(|_| panic!("{file} was not {verdict}"))
}

fn people(numbers: &[&str]) -> String {
    let rows: Vec<String> = numbers
        .iter()
        .map(|number| format!("{number},1990-01-02\n"))
        .collect();
    format!("UIN,birth_date\n{}", rows.concat())
}

async fn found(b: &Bench, numbers: &[&str]) -> Vec<usize> {
    let mut found = Vec::new();
    for number in numbers {
        found.push(count(b, number).await);
    }
    found
}

#[tokio::test]
async fn people_are_replaced_as_a_whole_and_what_events_brought_stays() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("people.csv");
    std::fs::write(&path, people(&["1", "2"])).unwrap();
    let b = Bench::with(Config {
        data: Some(path.clone()),
        ..config(&["dci-social"])
    })
    .await;
    let identified = |number: &str| json!({"demographic_info": {"identifier": [{"identifier_type": "UIN", "identifier_value": number}]}});
    for number in ["2", "9"] {
        let happening = json!({"reg_event_type": "REGISTER", "record": identified(number)});
        assert_eq!(event(&b, &happening).await.status, 200);
    }
    let numbers = ["1", "2", "3", "9"];
    assert_eq!(found(&b, &numbers).await, [1, 1, 0, 1]);

    std::fs::write(&path, people(&["2", "3"])).unwrap();
    let entry = noted(&b, "data", "accepted", 1).await;
    assert!(
        entry["says"]
            .as_str()
            .unwrap()
            .ends_with("people.csv was taken up: 3 records"),
        "{entry}"
    );
    assert_eq!(found(&b, &numbers).await, [0, 1, 1, 1]);
    let records = b.get("/_dcx/records").await.text;
    let records: Vec<Value> = records
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(records[0], identified("2"), "as the event left it");

    std::fs::write(&path, people(&["4", "4"])).unwrap();
    let entry = noted(&b, "data", "refused", 1).await;
    let says = entry["says"].as_str().unwrap();
    assert!(
        says.contains("people.csv, line 3: UIN \"4\" is on line 2 already"),
        "{says}"
    );
    assert!(says.ends_with("the version before stays in force"), "{says}");
    assert_eq!(found(&b, &numbers).await, [0, 1, 1, 1]);

    // A reset goes back to the file as it was taken up last.
    assert_eq!(b.house("POST", "/_dcx/reset", None).await.status, 200);
    assert_eq!(found(&b, &numbers).await, [0, 1, 1, 0]);
}

/// Writes a file as many editors do: another one takes its place.
fn replace(path: &Path, text: &str) {
    let fresh = path.with_extension("new");
    std::fs::write(&fresh, text).unwrap();
    std::fs::rename(&fresh, path).unwrap();
}

#[tokio::test]
async fn faults_follow_their_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("faults.toml");
    let rule = |status: u16, profile: &str| {
        format!(
            "[[faults]]\nprefer = \"dcx-status={status}\"\nprofile = \"{profile}\"\noperation = \"sync-search\"\n"
        )
    };
    std::fs::write(&path, rule(503, "dci-social")).unwrap();
    let b = Bench::with(Config {
        faults_file: Some(path.clone()),
        faults: vec!["dcx-status=418, operation=txn-status".parse().unwrap()],
        profiles: vec![profile("dci-social"), profile("dci-crvs")],
        ..Config::default()
    })
    .await;
    let statuses = async || {
        let all = envelope("t", &[predicate(&[b.date_is("gt", "1900-01-01")])]);
        let search = b.sync_search(&all).await.status;
        [search, b.call("/registry/txn/status", "{}").await.status]
    };
    assert_eq!(statuses().await, [503, 418]);

    replace(&path, &rule(500, "dci-social"));
    noted(&b, "faults", "accepted", 1).await;
    assert_eq!(statuses().await, [500, 418]);

    replace(&path, &rule(502, "dci-farmer"));
    let entry = noted(&b, "faults", "refused", 1).await;
    let says = entry["says"].as_str().unwrap();
    assert!(
        says.contains("faults.toml, line 1: the profile `dci-farmer` is not served"),
        "{says}"
    );
    assert_eq!(statuses().await, [500, 418]);

    std::fs::remove_file(&path).unwrap();
    let entry = noted(&b, "faults", "refused", 2).await;
    assert!(
        entry["says"].as_str().unwrap().contains("failed to read"),
        "{entry}"
    );
    assert_eq!(statuses().await, [500, 418]);

    replace(&path, &rule(200, "dci-crvs"));
    noted(&b, "faults", "accepted", 2).await;
    assert_eq!(statuses().await, [200, 418]);
    // What is switched by hand lasts until the reset.
    let none = json!({"faults": []});
    assert_eq!(b.house("PUT", "/_dcx/faults", Some(&none)).await.status, 200);
    assert_ne!(statuses().await[1], 418);
    assert_eq!(b.house("POST", "/_dcx/reset", None).await.status, 200);
    let kept = b.house("GET", "/_dcx/faults", None).await.json;
    assert_eq!(kept["faults"].as_array().unwrap().len(), 2, "{kept}");
}

#[tokio::test]
async fn a_timeline_goes_on_with_what_is_yet_to_come() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("events.json");
    let script = |events: &[(f64, &str)]| {
        let events: Vec<_> = events
            .iter()
            .map(|(at, of_type)| json!({"at": at, "reg_event_type": of_type}))
            .collect();
        json!({"event": events}).to_string()
    };
    std::fs::write(&path, script(&[(0.0, "REGISTER"), (600.0, "REGISTER")])).unwrap();
    let b = Bench::with(Config {
        timeline: Some(path.clone()),
        ..config(&["dci-social"])
    })
    .await;
    let happened = async || b.get("/_dcx/events").await.json.as_array().unwrap().len();
    replace(&path, &script(&[(1.0, "REGISTER"), (2.0, "NOTHING")]));
    let entry = noted(&b, "timeline", "refused", 1).await;
    assert!(
        entry["says"]
            .as_str()
            .unwrap()
            .contains("events.json, line 1: unknown reg_event_type"),
        "{entry}"
    );
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(happened().await, 1, "the script of the start is still in force");

    replace(
        &path,
        &script(&[(0.1, "REGISTER"), (4.0, "REGISTER"), (4.1, "REGISTER")]),
    );
    let entry = noted(&b, "timeline", "accepted", 1).await;
    assert!(
        entry["says"].as_str().unwrap().ends_with("2 events to come"),
        "{entry}"
    );
    tokio::time::timeout(Duration::from_secs(8), async { while happened().await < 3 {} })
        .await
        .unwrap();
}
