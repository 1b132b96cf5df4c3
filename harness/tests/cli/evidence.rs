//! Reports, bundles, and what can be done with them later.

use crate::process::run;
use std::fs;
use std::path::Path;
use tempfile::tempdir;

/// A short run against the embedded mock with every kind of report.
fn certified(dir: &Path) {
    let args = [
        "test",
        "--profile",
        "dci-social",
        "--case",
        "sync-search.*",
        "--report",
        "json=report.json",
        "--report",
        "html=report.html",
        "--report",
        "junit=report.xml",
        "--report",
        "jsonl=log.jsonl",
        "--bundle",
        "bundle",
    ];
    let ended = run(dir, &args).expect(0);
    assert!(ended.out.contains("Conformant"), "{}", ended.out);
    assert_eq!(ended.err, "");
}

#[test]
fn a_run_leaves_reports_and_a_bundle_that_can_be_verified() {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    certified(dir);
    let json: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(dir.join("report.json")).unwrap()).unwrap();
    assert!(json.to_string().contains("sync-search.pages"));
    assert!(
        fs::read_to_string(dir.join("report.html"))
            .unwrap()
            .starts_with("<!DOCTYPE html>")
    );
    assert!(
        fs::read_to_string(dir.join("report.xml"))
            .unwrap()
            .contains("<testsuites")
    );
    let verified = run(dir, &["verify", "bundle"]).expect(0);
    assert!(
        verified.out.contains("every verdict is the same"),
        "{}",
        verified.out
    );

    let events = dir.join("bundle/events.jsonl");
    let mut bytes = fs::read(&events).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&events, bytes).unwrap();
    run(dir, &["verify", "bundle"])
        .expect(96)
        .says("events.jsonl was changed");
    fs::remove_file(dir.join("bundle/manifest.json")).unwrap();
    run(dir, &["verify", "bundle"]).expect(96).says("not a bundle");
    run(dir, &["verify", "nowhere"]).expect(96).says("nowhere");
}

#[test]
fn reports_can_be_written_later_and_are_the_same() {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    certified(dir);
    let later = [
        "render",
        "bundle",
        "--report",
        "html=later.html",
        "--report",
        "junit=later.xml",
        "--report",
        "json=later.json",
    ];
    run(dir, &later).expect(0);
    for (now, then) in [
        ("report.html", "later.html"),
        ("report.xml", "later.xml"),
        ("report.json", "later.json"),
    ] {
        assert_eq!(
            fs::read(dir.join(now)).unwrap(),
            fs::read(dir.join(then)).unwrap(),
            "{now}"
        );
    }
    let from_bundle = run(dir, &["render", "bundle"]).expect(0).out;
    assert_eq!(from_bundle, run(dir, &["render", "log.jsonl"]).expect(0).out);
    assert!(from_bundle.contains("Conformant"));
    let again = run(dir, &["render", "log.jsonl", "--report", "jsonl=-"])
        .expect(0)
        .out;
    assert_eq!(again, fs::read_to_string(dir.join("log.jsonl")).unwrap());
    run(dir, &["render", "log.jsonl", "--report", "html=no/such/dir.html"]).expect(110);
    run(dir, &["render", "missing.jsonl"])
        .expect(96)
        .says("missing.jsonl");
}

#[test]
fn a_log_that_was_cut_is_readable_up_to_the_cut() {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    certified(dir);
    let log = fs::read_to_string(dir.join("log.jsonl")).unwrap();
    let half = log
        .char_indices()
        .map(|(i, _)| i)
        .find(|i| *i >= log.len() / 2)
        .unwrap();
    fs::write(dir.join("cut.jsonl"), &log[..half]).unwrap();
    let ended = run(dir, &["render", "cut.jsonl", "--report", "html=cut.html"]).expect(0);
    assert_eq!(ended.err, "");
    let ended = run(dir, &["render", "cut.jsonl"]).expect(0);
    assert!(ended.out.contains("CUT SHORT"), "{}", ended.out);
    assert!(
        fs::read_to_string(dir.join("cut.html"))
            .unwrap()
            .contains("sync-search.")
    );
    // Damage in the middle is no cut.
    let mut lines: Vec<&str> = log.lines().collect();
    lines.remove(3);
    fs::write(dir.join("damaged.jsonl"), lines.join("\n")).unwrap();
    run(dir, &["render", "damaged.jsonl"]).expect(96).says("line 4");
}
