//! Runs that take over what an earlier one found: `--only-failed`, `--failed-first`, `--resume`.

use crate::lines::lines;
use crate::mock::Mock;
use crate::process::{Running, run, until};
use reports::event::{Entry, Event};
use reports::log::read_log;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::time::Duration;
use tempfile::tempdir;

const LONG: Duration = Duration::from_secs(120);

fn log(path: &Path) -> Vec<Entry> {
    read_log(fs::read(path).unwrap().as_slice()).unwrap().entries
}

/// The cases of a log in the order in which they were told, without those that were skipped.
fn cases(log: &[Entry]) -> Vec<&str> {
    let cases = log.iter().filter_map(|entry| match &entry.event {
        Event::CaseFinished(finished) => Some(finished.case.as_str()),
        _ => None,
    });
    cases.collect()
}

/// A broken server, and the log `full.jsonl` and the bundle `bundle` of a whole run against it.
fn broken(dir: &Path) -> Mock {
    let mock = Mock::start(
        dir,
        &[
            "--profile",
            "dci-social",
            "--defect",
            "bearer-opaque-accepted",
            "--defect",
            "page-two-repeats-one",
        ],
    );
    let reports = ["--report", "jsonl=full.jsonl", "--bundle", "bundle"];
    Running::start(&mut mock.client(dir, &test(&mock, &reports)))
        .end(LONG)
        .expect(100);
    mock
}

fn test<'a>(mock: &'a Mock, more: &[&'a str]) -> Vec<&'a str> {
    let url = mock.text("base_url");
    let mut args = vec!["test", url, "--profile", "dci-social", "--examples", "5"];
    for case in [
        "bearer",
        "request.malformed",
        "request.generated-valid",
        "search.*",
        "sync-search.*",
    ] {
        args.extend(["--case", case]);
    }
    args.extend(more);
    args
}

#[test]
fn what_failed_runs_alone_or_first() {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    let mock = broken(dir);
    let full = log(&dir.join("full.jsonl"));
    let mut failed: Vec<&str> = full
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::CaseFinished(f) if f.checks.iter().any(|c| c.verdict.word() == "fail") => {
                Some(f.case.as_str())
            }
            _ => None,
        })
        .collect();
    assert!(
        failed.contains(&"bearer") && failed.contains(&"sync-search.pages"),
        "{failed:?}"
    );

    let only = test(
        &mock,
        &["--only-failed", "bundle", "--report", "jsonl=only.jsonl"],
    );
    Running::start(&mut mock.client(dir, &only)).end(LONG).expect(100);
    assert_eq!(cases(&log(&dir.join("only.jsonl"))), failed);

    let first = test(
        &mock,
        &["--failed-first", "full.jsonl", "--report", "jsonl=first.jsonl"],
    );
    Running::start(&mut mock.client(dir, &first))
        .end(LONG)
        .expect(100);
    let first = log(&dir.join("first.jsonl"));
    let first = cases(&first);
    assert_eq!(first[..failed.len()], failed);
    let mut all = cases(&full);
    all.retain(|case| !failed.contains(case));
    failed.extend(all);
    assert_eq!(first, failed, "and then the others in their order");

    let wrong = ["test", "--profile", "dci-crvs", "--only-failed", "bundle"];
    run(dir, &wrong).expect(2).says("of another profile: dci-social");
    let clean = [
        "test",
        "--profile",
        "dci-social",
        "--case",
        "bearer",
        "--bundle",
        "clean",
    ];
    run(dir, &clean).expect(0);
    let nothing = ["test", "--profile", "dci-social", "--only-failed", "clean"];
    run(dir, &nothing).expect(4).says("nothing failed in clean");
}

#[test]
fn a_killed_run_is_gone_on_with_and_ends_as_if_nothing_had_happened() {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    let mock = broken(dir);
    let full = log(&dir.join("full.jsonl"));

    // What kill -9 leaves: some cases, and half a line.
    let text = fs::read_to_string(dir.join("full.jsonl")).unwrap();
    let finished: Vec<usize> = text
        .match_indices("\"kind\":\"case_finished\"")
        .map(|(at, _)| at)
        .collect();
    let cut = finished[finished.len() / 2] + 10;
    fs::write(dir.join("log.jsonl"), &text[..cut]).unwrap();
    let kept = finished.len() / 2;

    let resume = test(&mock, &["--resume", "log.jsonl", "--report", "json=report.json"]);
    let ended = Running::start(&mut mock.client(dir, &resume))
        .end(LONG)
        .expect(100);
    assert!(ended.err.contains(&format!("dcx: {kept} of")), "{}", ended.err);
    let resumed = log(&dir.join("log.jsonl"));
    for (n, (left, right)) in lines(&full).iter().zip(&lines(&resumed)).enumerate() {
        // The first and the last say when.
        if n > 0 && n + 1 < full.len() {
            assert_eq!(left, right, "entry {n}");
        }
    }
    assert_eq!(full.len(), resumed.len());
    let elapsed = |log: &[Entry]| -> Vec<u64> {
        let elapsed = log.iter().filter_map(|entry| match &entry.event {
            Event::CaseFinished(finished) => Some(finished.elapsed_us),
            _ => None,
        });
        elapsed.collect()
    };
    assert_eq!(
        elapsed(&full)[..kept],
        elapsed(&resumed)[..kept],
        "kept, not run again"
    );
    assert_ne!(
        elapsed(&full)[kept..],
        elapsed(&resumed)[kept..],
        "run, not made up"
    );
    let json: Value = serde_json::from_str(&fs::read_to_string(dir.join("report.json")).unwrap()).unwrap();
    assert_eq!(json["summary"]["complete"], true);
    assert!(!dir.join("log.jsonl.resumed").exists());
}

#[test]
fn an_interrupted_run_is_gone_on_with_where_it_was_cut() {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    let mock = Mock::start(dir, &["--profile", "dci-social", "--defect", "callback-never"]);
    let waits = test(
        &mock,
        &["--callback-timeout", "600", "--report", "jsonl=log.jsonl"],
    );
    let running = Running::start(&mut mock.client(dir, &waits));
    let path = dir.join("log.jsonl");
    until("the last case before the one that waits", || {
        fs::read_to_string(&path)
            .unwrap_or_default()
            .contains("\"request.malformed\",\"verdict\"")
    });
    running.signal("INT");
    running.end(Duration::from_secs(10)).expect(101);
    let before = log(&path);
    let was_cut = |log: &[Entry], case: &str| {
        let mut entries = log.iter();
        entries.any(|e| matches!(&e.event, Event::CaseFinished(f) if f.case == case && f.cut))
    };
    assert!(
        was_cut(&before, "search.callback"),
        "judged by what had been seen, and marked"
    );

    let resume = test(&mock, &["--callback-timeout", "1", "--resume", "log.jsonl"]);
    Running::start(&mut mock.client(dir, &resume))
        .end(LONG)
        .expect(100);
    let after = log(&path);
    assert!(!was_cut(&after, "search.callback"));
    let Event::RunFinished(finish) = &after.last().unwrap().event else {
        panic!("the log has an end");
    };
    assert!(finish.complete, "{finish:?}");
    assert!(cases(&after).len() >= cases(&before).len());
}

#[test]
fn a_log_of_another_run_is_refused_with_a_remedy() {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    let args = [
        "test",
        "--profile",
        "dci-social",
        "--case",
        "bearer",
        "--report",
        "jsonl=log.jsonl",
    ];
    run(dir, &args).expect(0);
    let before = fs::read(dir.join("log.jsonl")).unwrap();
    let refused = |more: &[&str], what: &str, remedy: &str| {
        let args = [&["test", "--resume", "log.jsonl"], more].concat();
        run(dir, &args).expect(2).says(what).says(remedy);
    };
    let social = ["--profile", "dci-social", "--case", "bearer"];
    refused(
        &[&social[..], &["--seed", "2"]].concat(),
        "its seed is 1, not 2",
        "add --seed 1",
    );
    refused(
        &["--profile", "dci-crvs", "--case", "bearer"],
        "it is about the embedded mock as dci-social",
        "--profile",
    );
    refused(
        &["--profile", "dci-social"],
        "it selected case bearer, not everything",
        "--case",
    );
    refused(
        &[&social[..], &["--edition", "2025-01"]].concat(),
        "other requirements",
        "--edition",
    );
    assert_eq!(
        fs::read(dir.join("log.jsonl")).unwrap(),
        before,
        "and is left as it was"
    );

    let text = String::from_utf8(before).unwrap();
    let other = text.replacen(
        &format!("\"version\":\"{}\"", env!("CARGO_PKG_VERSION")),
        "\"version\":\"0.0.1\"",
        1,
    );
    fs::write(dir.join("log.jsonl"), other).unwrap();
    refused(&social, "it is of dcx 0.0.1", "go on with the dcx that began it");
}

#[test]
#[cfg(unix)]
fn a_full_disk_costs_the_file_and_not_the_run() {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    let full = [
        "test",
        "--profile",
        "dci-social",
        "--case",
        "bearer",
        "--report",
        "jsonl=/dev/full",
        "--report",
        "html=/dev/full",
    ];
    if Path::new("/dev/full").exists() {
        let ended = run(dir, &full).expect(110);
        assert!(ended.out.contains("Conformant"), "{}", ended.out);
        assert!(
            ended.err.contains("the log /dev/full") && ended.err.contains("the html report"),
            "{}",
            ended.err
        );
        assert!(ended.err.contains("make room"), "{}", ended.err);
    }

    // A disk that becomes full while the run goes on: no file may grow beyond 1000 blocks.
    let mock = broken(dir);
    let manifest = fs::read(dir.join("bundle/manifest.json")).unwrap();
    let test = test(&mock, &["--report", "jsonl=log.jsonl", "--bundle", "bundle"]);
    let mut command = std::process::Command::new("sh");
    let script = "trap '' XFSZ; ulimit -f 1000; exec \"$0\" \"$@\"";
    command
        .args(["-c", script, env!("CARGO_BIN_EXE_dcx")])
        .args(&test)
        .current_dir(dir);
    let limited = mock.client(dir, &[]);
    for (name, value) in limited.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.stdin(std::process::Stdio::null());
    command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let ended = Running::start(&mut command).end(LONG).expect(110);
    assert!(
        ended.out.contains("dci.bearer.unknown-token"),
        "the summary is there: {}",
        ended.out
    );
    assert!(
        ended.err.contains("log.jsonl") && ended.err.contains("the bundle"),
        "{}",
        ended.err
    );
    let kept = read_log(fs::read(dir.join("log.jsonl")).unwrap().as_slice()).unwrap();
    assert!(
        kept.cut.is_some() && !cases(&kept.entries).is_empty(),
        "{:?}",
        kept.cut
    );
    assert_eq!(
        fs::read(dir.join("bundle/manifest.json")).unwrap(),
        manifest,
        "the bundle that was there is there still"
    );
    run(dir, &["verify", "bundle"]).expect(0);
    let resume = self::test(&mock, &["--resume", "log.jsonl"]);
    Running::start(&mut mock.client(dir, &resume))
        .end(LONG)
        .expect(100);
    assert!(
        read_log(fs::read(dir.join("log.jsonl")).unwrap().as_slice())
            .unwrap()
            .cut
            .is_none()
    );
}
