//! What a run says of itself, against servers that give reason to.

use crate::mock::Mock;
use crate::process::Running;
use serde_json::Value;
use std::fs;
use std::time::Duration;
use tempfile::tempdir;

/// The doubts of a run of some cases against a mock with these arguments, in every report alike.
#[track_caller]
fn doubts(mock: &[&str], cases: &[&str]) -> Vec<String> {
    ran(mock, cases).0
}

/// The same with the exit code of the run.
#[track_caller]
fn ran(mock: &[&str], cases: &[&str]) -> (Vec<String>, Option<i32>) {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    // Somebody whom no search finds who does not know the number.
    fs::write(dir.join("nobody.csv"), "UIN\n7\n").unwrap();
    let mut args = vec!["--profile", "dci-social"];
    args.extend(mock);
    let mock = Mock::start(dir, &args);
    let mut test = vec![
        "test",
        mock.text("base_url"),
        "--profile",
        "dci-social",
        "--callback-timeout",
        "1",
    ];
    for case in cases {
        test.extend(["--case", case]);
    }
    for report in ["json=report.json", "html=report.html", "junit=report.xml"] {
        test.extend(["--report", report]);
    }
    let ended = Running::start(&mut mock.client(dir, &test)).end(Duration::from_secs(60));
    let read = |name: &str| fs::read_to_string(dir.join(name)).unwrap();
    let json: Value = serde_json::from_str(&read("report.json")).unwrap();
    let string = |value: &Value| value.as_str().unwrap().to_owned();
    let warnings = json["quality"].as_array().unwrap();
    let shown = ended.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for warning in warnings {
        let (doubt, sentence) = (string(&warning["doubt"]), string(&warning["text"]));
        assert!(shown.contains(&format!("! {sentence}")), "{sentence}: {shown}");
        assert!(
            read("report.html").contains(&format!("data-quality=\"{doubt}\"")),
            "{doubt}"
        );
        assert!(
            read("report.xml").contains(&format!("name=\"quality.{doubt}\"")),
            "{doubt}"
        );
    }
    assert_eq!(
        warnings.is_empty(),
        !shown.contains("QUALITY OF THE RUN"),
        "{shown}"
    );
    assert!(json["summary"]["paces"][0]["deadline_us"].as_u64().unwrap() > 0);
    assert!(
        shown.contains("median answer") && shown.contains("deadline"),
        "the deadlines are shown: {shown}"
    );
    let doubts = warnings.iter().map(|warning| string(&warning["doubt"]));
    (doubts.collect(), ended.code)
}

const SOME: &[&str] = &["sync-search.*", "search.callback"];

#[test]
fn a_server_that_is_well_gives_no_doubt() {
    assert_eq!(doubts(&[], SOME), [""; 0]);
}

#[test]
fn a_registry_without_records_is_doubted() {
    assert_eq!(doubts(&["--data", "nobody.csv"], SOME), ["no-record"]);
}

#[test]
fn a_server_that_lets_nobody_in_is_doubted() {
    let faults = [
        "--fault",
        "dcx-status=401, operation=sync-search",
        "--fault",
        "dcx-status=401, operation=search",
    ];
    assert_eq!(
        doubts(&faults, SOME),
        ["unauthorized", "no-record", "no-callback"]
    );
}

#[test]
fn a_server_that_fails_is_doubted() {
    let faults = ["--fault", "dcx-status=503, operation=sync-search, chance=0.7"];
    let doubts = doubts(&faults, SOME);
    assert!(doubts.contains(&"server-errors".to_owned()), "{doubts:?}");
}

#[test]
fn a_server_that_rations_is_doubted_and_blamed_for_nothing() {
    for later in ["dcx-retry-after=0", "dcx-status=503, dcx-retry-after=0"] {
        let fault = format!("{later}, operation=sync-search, chance=0.3");
        assert_eq!(
            ran(&["--fault", &fault], SOME),
            (vec!["rationed".to_owned()], Some(0))
        );
    }
}

#[test]
fn what_a_server_never_serves_is_not_decided() {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    let test = |faults: &[&str]| {
        let mut args = vec!["--profile", "dci-social"];
        args.extend(faults);
        let mock = Mock::start(dir, &args);
        let mut test = vec!["test", mock.text("base_url"), "--profile", "dci-social"];
        test.extend([
            "--patience",
            "3",
            "--timeout",
            "5",
            "--report",
            "json=report.json",
        ]);
        for case in ["sync-search.pages", "search.callback", "request.malformed"] {
            test.extend(["--case", case]);
        }
        Running::start(&mut mock.client(dir, &test)).end(Duration::from_secs(60))
    };
    // Everything: not even a token is to be had.
    let ended = test(&["--fault", "dcx-retry-after=1"]).expect(101);
    assert!(
        ended.out.contains("the target put off every request"),
        "{}",
        ended.out
    );

    // One operation: the others are judged, and none of its checks is a finding.
    let ended = test(&["--fault", "dcx-retry-after=1, operation=sync-search"]).expect(101);
    let json: Value = serde_json::from_str(&fs::read_to_string(dir.join("report.json")).unwrap()).unwrap();
    assert_eq!(json["summary"]["checks"]["fail"], 0, "{}", ended.out);
    assert_eq!(json["summary"]["checks"]["warn"], 0, "{}", ended.out);
    assert!(
        json["summary"]["checks"]["pass"].as_u64().unwrap() > 0,
        "{}",
        ended.out
    );
    let shown = ended.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let reason = "the target put off the request to sync-search";
    assert!(shown.contains(reason), "{shown}");
}

#[test]
fn a_callback_that_never_comes_is_doubted() {
    assert_eq!(doubts(&["--defect", "callback-never"], SOME), ["no-callback"]);
}
