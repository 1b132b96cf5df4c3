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

#[cfg(unix)]
#[test]
fn a_log_that_has_no_room_ends_there_and_can_be_completed() {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    let run_in = |room: &str, last: &[&str]| {
        let args = [
            "test",
            "--profile",
            "dci-social",
            "--case",
            "sync-search.*",
            "--quiet",
        ];
        let plain = dcx(dir, &[&args[..], last].concat());
        // The shell sets the limit, in blocks of 512 or 1024 bytes, and becomes the command.
        let mut limited = std::process::Command::new("sh");
        limited
            .arg("-c")
            .arg(format!("ulimit -f {room}; exec \"$0\" \"$@\""));
        limited
            .arg(plain.get_program())
            .args(plain.get_args())
            .current_dir(dir);
        for (name, value) in plain.get_envs() {
            match value {
                Some(value) => limited.env(name, value),
                None => limited.env_remove(name),
            };
        }
        limited.stdin(std::process::Stdio::null());
        limited
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        Running::start(&mut limited).end(Duration::from_secs(60))
    };
    // The others go on: a report that fits is written, and the verdict is there.
    let ended = run_in(
        "1000",
        &["--report", "jsonl=log.jsonl", "--report", "junit=report.xml"],
    )
    .expect(110);
    assert!(ended.out.contains("Conformant"), "{}", ended.out);
    assert!(
        ended.err.contains("log.jsonl") && ended.err.contains("--resume"),
        "{}",
        ended.err
    );
    assert!(fs::metadata(dir.join("report.xml")).is_ok_and(|file| file.len() > 0));
    assert!(log(&dir.join("log.jsonl")).cut.is_some());
    run_in("unlimited", &["--resume", "log.jsonl"]).expect(0);
    assert_eq!(log(&dir.join("log.jsonl")).cut, None);
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
