//! `dcx replay`: what failed is sent again, with new ids, and the answers decide.

use crate::mock::Mock;
use crate::process::{Ended, Running, run};
use reports::event::Event;
use reports::log::read_log;
use serde_json::Value;
use specs::evidence::{Intent, Observation};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;
use tempfile::tempdir;

const LONG: Duration = Duration::from_secs(120);

/// A server with these defects, and the bundle of a run against it.
fn defective(dir: &Path, defects: &[&str]) -> Mock {
    let mut args = vec!["--profile", "dci-social"];
    for defect in defects {
        args.extend(["--defect", defect]);
    }
    let mock = Mock::start(dir, &args);
    let test = [
        "test",
        mock.text("base_url"),
        "--profile",
        "dci-social",
        "--case",
        "bearer",
        "--case",
        "request.generated-*",
        "--case",
        "sync-search.pages",
        "--examples",
        "20",
        "--bundle",
        "bundle",
    ];
    Running::start(&mut mock.client(dir, &test)).end(LONG).expect(100);
    mock
}

fn replay(mock: &Mock, dir: &Path, args: &[&str]) -> Ended {
    let mut all = vec!["replay", "bundle", "--format", "json"];
    all.extend(args);
    Running::start(&mut mock.client(dir, &all)).end(LONG)
}

/// Requirement and verdict of each finding.
fn verdicts(ended: &Ended) -> Vec<(String, String)> {
    let told: Value = serde_json::from_str(&ended.out).unwrap();
    let findings = told["findings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings
        .map(|f| (text(&f["requirement"]), text(&f["now"]["verdict"])))
        .collect()
}

/// The JSON bodies that a mock received, by its journal.
fn received(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    let entries = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    entries
        .filter_map(|entry| entry.pointer("/request/body").cloned())
        .collect()
}

/// The ids and the counterexamples' values that a bundle's run sent.
fn sent(dir: &Path) -> (BTreeSet<String>, Vec<(String, Option<Value>)>) {
    let log = read_log(fs::read(dir.join("bundle/events.jsonl")).unwrap().as_slice()).unwrap();
    let (mut ids, mut faults) = (BTreeSet::new(), Vec::new());
    for entry in log.entries {
        let Event::Observed(observed) = entry.event else {
            continue;
        };
        let Observation::Exchange(exchange) = observed.observation else {
            continue;
        };
        let body = exchange.request.body.json().unwrap_or_default();
        ids.extend(
            body.pointer("/header/message_id")
                .and_then(Value::as_str)
                .map(str::to_owned),
        );
        if let Intent::Faulty {
            pointer: Some(at),
            sent,
            ..
        } = exchange.intent
            && exchange.label == "smallest"
        {
            faults.push((at, sent));
        }
    }
    (ids, faults)
}

#[test]
fn what_is_repaired_is_fixed_and_what_is_not_still_fails() {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    let defects = [
        "bearer-opaque-accepted",
        "locale-digit-accepted",
        "meta-refused",
        "page-two-repeats-one",
    ];
    let broken = defective(dir, &defects);

    // Nothing was repaired.
    let same = replay(&broken, dir, &[]).expect(100);
    let verdicts_then = verdicts(&same);
    let of = |id: &str| verdicts_then.iter().filter(|(r, _)| r == id).count();
    for id in [
        "dci.bearer.unknown-token",
        "dci.form.search.message.search-request.locale.pattern",
        "dci.request.valid-accepted",
    ] {
        assert!(of(id) > 0, "{id} is missing from {verdicts_then:?}");
    }
    for (id, verdict) in &verdicts_then {
        assert_eq!(verdict, "still-failing", "{id}");
    }

    // Two of four were repaired, at another address.
    let repaired = Mock::start(
        dir,
        &[
            "--profile",
            "dci-social",
            "--defect",
            "meta-refused",
            "--defect",
            "locale-digit-accepted",
            "--journal",
            "journal.jsonl",
        ],
    );
    let url = ["--url", repaired.text("base_url")];
    let ended = replay(&repaired, dir, &url).expect(100);
    for (id, verdict) in verdicts(&ended) {
        let left = id.ends_with("locale.pattern") || id == "dci.request.valid-accepted";
        assert_eq!(verdict == "still-failing", left, "{id}: {verdict}");
        assert!(left || verdict == "fixed", "{id}: {verdict}");
    }

    // The counterexample is the same, and no id is.
    let (ids, faults) = sent(dir);
    let bodies = received(&dir.join("journal.jsonl"));
    let again: BTreeSet<String> = bodies
        .iter()
        .filter_map(|body| body.pointer("/header/message_id")?.as_str().map(str::to_owned))
        .collect();
    assert!(!ids.is_empty() && !again.is_empty());
    assert_eq!(
        again.intersection(&ids).count(),
        0,
        "a server may refuse what it saw before"
    );
    let (at, value) = faults
        .iter()
        .find(|(at, _)| at.ends_with("/locale"))
        .expect("a counterexample");
    assert!(
        bodies.iter().any(|body| body.pointer(at) == value.as_ref()),
        "{value:?} at {at} was not sent again"
    );

    // One requirement alone, and the text for people.
    let one = ["--requirement", "dci.bearer.unknown-token"];
    let ended = replay(&repaired, dir, &[&url[..], &one[..]].concat()).expect(0);
    assert_eq!(
        verdicts(&ended),
        [("dci.bearer.unknown-token".to_owned(), "fixed".to_owned())]
    );
    let text = [
        "replay",
        "bundle",
        "--case",
        "request.generated-valid",
        url[0],
        url[1],
    ];
    let ended = Running::start(&mut repaired.client(dir, &text))
        .end(LONG)
        .expect(100);
    for what in [
        "STILL FAILING",
        "expected",
        "curl",
        "0 fixed, 1 still failing, 0 could not be told",
    ] {
        assert!(
            ended.out.contains(what),
            "`{what}` is missing from: {}",
            ended.out
        );
    }
}

#[test]
fn what_cannot_be_reached_cannot_be_told_and_what_did_not_fail_is_not_replayed() {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    let mock = defective(dir, &["bearer-opaque-accepted"]);
    let gone = ["--url", "http://127.0.0.1:1", "--timeout", "1"];
    let ended = replay(&mock, dir, &gone).expect(101);
    assert!(
        verdicts(&ended)
            .iter()
            .all(|(_, verdict)| verdict == "could-not-tell"),
        "{}",
        ended.out
    );
    assert!(ended.out.contains("no connection could be made"), "{}", ended.out);

    let listed = run(dir, &["replay", "bundle", "--list"]).expect(0);
    assert!(
        listed.out.contains("1  dci.bearer.unknown-token"),
        "{}",
        listed.out
    );
    run(dir, &["replay", "bundle", "--finding", "999"])
        .expect(4)
        .says("nothing of this kind failed");
    run(dir, &["replay", "nowhere"]).expect(96).says("nowhere");
    run(dir, &["replay", "bundle", "--seed", "2"])
        .expect(2)
        .says("leave out --seed");

    let args = [
        "test",
        "--profile",
        "dci-social",
        "--case",
        "bearer",
        "--report",
        "jsonl=clean.jsonl",
    ];
    run(dir, &args).expect(0);
    run(dir, &["replay", "clean.jsonl"])
        .expect(4)
        .says("nothing failed");
}
