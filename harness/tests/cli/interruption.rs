//! Ctrl-C: what was found is kept, and the run says that it was cut.

use crate::mock::Mock;
use crate::process::{Running, dcx, run, until};
use reports::event::Event;
use reports::log::{Log, read_log};
use specs::evidence::Verdict;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;
use tempfile::tempdir;

/// Longer than it takes to stop, far shorter than the run would have taken.
const SOON: Duration = Duration::from_secs(6);

fn log(path: &Path) -> Log {
    read_log(fs::read(path).unwrap_or_default().as_slice()).unwrap()
}

#[test]
fn an_interrupted_run_keeps_what_it_found() {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    // The callback that never comes makes the run last; the token that was never issued is found to be accepted at once.
    let defects = [
        "--profile",
        "dci-social",
        "--defect",
        "callback-never",
        "--defect",
        "bearer-opaque-accepted",
    ];
    let mock = Mock::start(dir, &defects);
    let args = [
        "test",
        mock.text("base_url"),
        "--profile",
        "dci-social",
        "--callback-timeout",
        "600",
        "--report",
        "jsonl=log.jsonl",
        "--report",
        "html=report.html",
        "--report",
        "junit=report.xml",
        "--bundle",
        "bundle",
    ];
    let mut command = dcx(dir, &args);
    command.env("DCX_CLIENT_ID", mock.text("client_id"));
    command.env("DCX_CLIENT_SECRET", mock.text("client_secret"));
    let running = Running::start(&mut command);
    let path = dir.join("log.jsonl");
    let finished = |log: &Log, case: &str| {
        let mut entries = log.entries.iter();
        entries.any(|entry| matches!(&entry.event, Event::CaseFinished(f) if f.case == case))
    };
    until("the last case before the one that waits", || {
        let text = fs::read_to_string(&path).unwrap_or_default();
        text.contains("\"encryption.answer\",\"verdict\"")
    });
    running.signal("INT");
    let ended = running.end(SOON).expect(101);

    let log = log(&path);
    assert_eq!(log.cut, None, "the log is whole, though the run is not");
    let Event::RunFinished(finish) = &log.entries.last().unwrap().event else {
        panic!("the log ends with {:?}", log.entries.last());
    };
    assert!(!finish.complete && finish.exit_code == 101);
    assert!(
        finish.cut_reason.as_ref().unwrap().contains("interrupted"),
        "{finish:?}"
    );
    assert!(finished(&log, "bearer"));
    let failed: Vec<&str> = log
        .entries
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::CaseFinished(finished) => Some(&finished.checks),
            _ => None,
        })
        .flatten()
        .filter(|check| check.verdict == Verdict::Fail)
        .map(|check| check.requirement.as_str())
        .collect();
    assert_eq!(
        failed,
        ["dci.bearer.unknown-token"],
        "what was found, and nothing that was merely cut"
    );
    for what in ["CUT SHORT", "interrupted", "dci.bearer.unknown-token"] {
        assert!(
            ended.out.contains(what),
            "`{what}` is missing from: {}",
            ended.out
        );
    }
    for report in ["report.html", "report.xml"] {
        assert!(
            fs::read_to_string(dir.join(report))
                .unwrap()
                .contains("dci.bearer.unknown-token"),
            "{report}"
        );
    }
    let verified = run(dir, &["verify", "bundle"]).expect(0);
    assert!(
        verified.out.contains("every verdict is the same"),
        "{}",
        verified.out
    );
}

#[test]
fn a_preflight_can_be_interrupted_too_by_people_and_by_supervisors() {
    for signal in ["INT", "TERM"] {
        let dir = tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let args = ["test", &url, "--timeout", "600", "--report", "jsonl=log.jsonl"];
        let running = Running::start(&mut dcx(dir.path(), &args));
        let _accepted = listener.accept().unwrap();
        running.signal(signal);
        let ended = running.end(SOON).expect(101);
        assert!(ended.out.contains("interrupted"), "{}", ended.out);
        let log = log(&dir.path().join("log.jsonl"));
        assert!(matches!(&log.entries.last().unwrap().event, Event::RunFinished(f) if !f.complete));
    }
}

#[test]
fn a_log_is_written_while_the_run_goes_on() {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    let mock = Mock::start(dir, &["--profile", "dci-social", "--defect", "callback-never"]);
    let args = [
        "test",
        mock.text("base_url"),
        "--callback-timeout",
        "600",
        "--report",
        "jsonl=log.jsonl",
    ];
    let mut command = dcx(dir, &args);
    command.env("DCX_CLIENT_ID", mock.text("client_id"));
    command.env("DCX_CLIENT_SECRET", mock.text("client_secret"));
    let running = Running::start(&mut command);
    until("some finished case", || {
        let text = fs::read_to_string(dir.join("log.jsonl")).unwrap_or_default();
        text.contains("\"case_finished\"")
    });
    running.signal("KILL");
    running.end(SOON);
    let log = log(&dir.join("log.jsonl"));
    assert!(log.cut.is_some(), "a log without its end says so");
    assert!(
        run(dir, &["render", "log.jsonl"])
            .expect(0)
            .out
            .contains("CUT SHORT")
    );
}
