//! `dcx init` and `dcx diff`: what stands before a run, and what is read after the second one.

use crate::mock::Mock;
use crate::process::{Running, run};
use serde_json::Value;
use std::fs;
use std::time::Duration;
use tempfile::tempdir;

#[test]
fn a_configuration_is_written_that_a_run_goes_by() {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    let mock = Mock::start(dir, &["--profile", "dci-social"]);
    let (url, id) = (mock.text("base_url"), mock.text("client_id"));
    let init = [
        "init",
        url,
        "--profile",
        "dci-social",
        "--client-id",
        id,
        "--client-secret-env",
        "MY_SECRET",
    ];
    let ended = run(dir, &init).expect(0);
    assert!(ended.out.contains("export MY_SECRET=…"), "{}", ended.out);
    let written = fs::read_to_string(dir.join("dcx.toml")).unwrap();
    assert!(!written.contains(mock.text("client_secret")));

    let mut check = crate::process::dcx(dir, &["check"]);
    check.env("MY_SECRET", mock.text("client_secret"));
    let checked = Running::start(&mut check).end(Duration::from_secs(60)).expect(0);
    assert!(
        checked.out.contains(&format!("dci-social at {url}")),
        "{}",
        checked.out
    );

    let other = ["init", "http://127.0.0.1:1", "--profile", "digit-exchange"];
    run(dir, &other).expect(2).says("--force");
    assert_eq!(
        fs::read_to_string(dir.join("dcx.toml")).unwrap(),
        written,
        "left alone"
    );
    run(dir, &[&other[..], &["--force"]].concat()).expect(0);
    let over = fs::read_to_string(dir.join("dcx.toml")).unwrap();
    assert!(
        over.contains("digit-exchange") && !over.contains("[credentials]"),
        "{over}"
    );
}

#[test]
fn nothing_is_asked_where_nobody_answers() {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    run(dir, &["init"]).expect(2).says("give its base URL");
    run(dir, &["init", "http://127.0.0.1:1", "--profile", "nonsense"])
        .expect(2)
        .says("choose one of");
    run(dir, &["init", "127.0.0.1"]).expect(96).says("is not a URL");
    run(
        dir,
        &["init", "http://127.0.0.1:1", "--client-secret-env", "s3cr3t!"],
    )
    .expect(2)
    .says("never the secret itself");
    run(dir, &["init", "http://127.0.0.1:1", "--out", "no/such/dir.toml"]).expect(110);
    assert!(!dir.join("dcx.toml").exists());
}

#[test]
fn two_runs_are_compared() {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    let certify = |defects: &[&str], to: &str| {
        let mut args = vec!["--profile", "dci-social"];
        for defect in defects {
            args.extend(["--defect", defect]);
        }
        let mock = Mock::start(dir, &args);
        let url = mock.text("base_url");
        let report = format!("jsonl={to}.jsonl");
        let test = [
            "test",
            url,
            "--profile",
            "dci-social",
            "--case",
            "bearer",
            "--case",
            "sync-search.pages",
            "--report",
            &report,
            "--bundle",
            to,
        ];
        Running::start(&mut mock.client(dir, &test))
            .end(Duration::from_secs(60))
            .expect(100);
    };
    certify(&["bearer-opaque-accepted"], "before");
    certify(&["page-two-repeats-one"], "after");
    let ids = |json: &Value, list: &str| -> Vec<String> {
        let changes = json[list].as_array().unwrap().iter();
        changes
            .map(|c| c["requirement"].as_str().unwrap().to_owned())
            .collect()
    };
    let ended = run(dir, &["diff", "before", "after.jsonl", "--format", "json"]).expect(100);
    let json: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(ids(&json, "fixed"), ["dci.bearer.unknown-token"]);
    assert_eq!(ids(&json, "still_failing"), [""; 0]);
    let newly = ids(&json, "newly_failing");
    assert!(
        !newly.is_empty() && newly.iter().all(|id| id.contains("pag")),
        "{newly:?}"
    );

    let ended = run(dir, &["diff", "before", "after"]).expect(100);
    for what in [
        "NEWLY FAILING",
        "FIXED",
        "dci.bearer.unknown-token",
        "fail → pass",
    ] {
        assert!(
            ended.out.contains(what),
            "`{what}` is missing from: {}",
            ended.out
        );
    }
    let same = run(dir, &["diff", "before", "before.jsonl"]).expect(0);
    assert!(
        same.out.contains("0 newly failing, 0 fixed, 1 still failing"),
        "{}",
        same.out
    );
    run(
        dir,
        &[
            "test",
            "--profile",
            "digit-exchange",
            "--case",
            "exchange.malformed",
            "--bundle",
            "other",
        ],
    )
    .expect(0);
    run(dir, &["diff", "before", "other"])
        .expect(2)
        .says("no profile in common");
}
