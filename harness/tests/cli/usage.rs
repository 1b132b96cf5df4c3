//! Mistakes of the user: each gets its exit code, one message and a remedy, before anything is sent.

use crate::process::{Ended, run};
use std::net::TcpListener;
use std::path::Path;
use tempfile::{TempDir, tempdir};

/// An address on which we listen, to see whether anybody connects.
struct Witness {
    listener: TcpListener,
    url: String,
}

impl Witness {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        Self { listener, url }
    }

    /// Fails if anybody has connected. A connection that was made waits to be accepted, so none is missed.
    #[track_caller]
    fn saw_nothing(&self) {
        let seen = self.listener.accept();
        assert!(seen.is_err_and(|e| e.kind() == std::io::ErrorKind::WouldBlock));
    }
}

/// Runs `dcx test` against a witness, which must see nothing of it.
#[track_caller]
fn in_vain(dir: &Path, args: &[&str]) -> Ended {
    let witness = Witness::new();
    let mut all = vec!["test", &witness.url];
    all.extend(args);
    let ended = run(dir, &all);
    witness.saw_nothing();
    ended
}

fn with_config(text: &str) -> TempDir {
    let dir = tempdir().unwrap();
    std::fs::write(dir.path().join("dcx.toml"), text).unwrap();
    dir
}

#[test]
fn wrong_arguments_are_usage_errors() {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    let ended = in_vain(dir, &["--profile", "dci-sociall"]).expect(2);
    ended
        .says("there is no profile `dci-sociall`")
        .says("dci-social")
        .says("→");
    in_vain(dir, &["--no-such-flag"]).expect(2).says("--no-such-flag");
    in_vain(dir, &["--seed", "abc"])
        .expect(2)
        .says("--seed")
        .says("abc");
    in_vain(dir, &["--timeout", "0"])
        .expect(2)
        .says("give a number above 0");
    in_vain(dir, &["--jobs", "0"]).expect(2).says("--jobs");
    in_vain(dir, &["--report", "pdf=report.pdf"])
        .expect(2)
        .says("pdf")
        .says("html");
    in_vain(dir, &["--report", "report.html"])
        .expect(2)
        .says("--report");
    in_vain(dir, &["--case", "a["]).expect(2).says("glob");
    in_vain(dir, &["--level", "shall"]).expect(2).says("should");
    run(dir, &["tset"]).expect(2).says("test");
    assert!(run(dir, &["--help"]).expect(0).out.contains("Exit codes"));
    assert!(run(dir, &["--version"]).expect(0).out.starts_with("dcx "));
}

#[test]
fn a_server_is_certified_for_one_profile_at_a_time() {
    let dir = tempdir().unwrap();
    let both = ["--profile", "dci-social", "--profile", "openspp-dci"];
    in_vain(dir.path(), &both)
        .expect(2)
        .says("one profile at a time")
        .says("→");
}

#[test]
fn urls_that_cannot_be_certified_are_setup_errors() {
    let dir = tempdir().unwrap();
    for (url, why) in [
        ("localhost", "write it with its scheme"),
        ("localhost:8080", "e.g. http://localhost:8080"),
        ("ftp://localhost/", "only http and https"),
        ("http://", "empty host"),
        ("http://user:pass@localhost/", "credentials belong into dcx.toml"),
        ("http://localhost/?a=1", "no query"),
    ] {
        let ended = run(dir.path(), &["test", url]).expect(96).says(why);
        assert!(ended.err.lines().count() <= 3, "{}", ended.err);
    }
    in_vain(dir.path(), &["--callback-url", "here"])
        .expect(96)
        .says("`here`");
}

#[test]
fn a_configuration_that_is_no_toml_names_its_line() {
    let dir = with_config("[target]\nprofile = \"dci-social\"\nurl = http://localhost\n");
    let ended = in_vain(dir.path(), &[]).expect(96);
    ended.says("dcx.toml:3").says("help: ");
}

#[test]
fn a_configuration_with_an_unknown_member_names_its_line() {
    let dir =
        with_config("[target]\nprofile = \"dci-social\"\n\n[credentials]\nclient_secret = \"open sesame\"\n");
    let ended = in_vain(dir.path(), &[]).expect(96);
    ended
        .says("dcx.toml:5")
        .says("client_secret")
        .says("client_secret_env");
}

#[test]
fn values_of_a_configuration_are_checked_too() {
    let dir = with_config("[run]\ntimeout = -1.0\n");
    in_vain(dir.path(), &[])
        .expect(96)
        .says("dcx.toml:2: run.timeout");
    let dir = with_config("[target]\n\nprofile = \"nobody\"\n");
    in_vain(dir.path(), &[])
        .expect(96)
        .says("dcx.toml:3: target.profile: there is no profile `nobody`")
        .says("dci-social");
    run(dir.path(), &["test"]).expect(96).says("dcx.toml:3");
    let dir = with_config("[run]\nseed = \"one\"\n");
    in_vain(dir.path(), &[]).expect(96).says("dcx.toml:2");
    let dir = with_config("[credentials]\nclient_id = \"a\"\nclient_secret_env = \"DCX_TEST_UNSET\"\n");
    in_vain(dir.path(), &[])
        .expect(96)
        .says("DCX_TEST_UNSET is not set");
    let dir = with_config("[keys]\nsender = \"nowhere.pem\"\n");
    in_vain(dir.path(), &[])
        .expect(96)
        .says("nowhere.pem")
        .says("relative");
    let dir = with_config("[keys]\nsender = \"dcx.toml\"\n");
    in_vain(dir.path(), &[]).expect(96).says("keys.sender");
    let dir = tempdir().unwrap();
    in_vain(dir.path(), &["--config", "missing.toml"])
        .expect(96)
        .says("missing.toml");
}

#[test]
fn a_report_that_cannot_be_written_is_found_before_anything_is_sent() {
    let dir = tempdir().unwrap();
    for report in [
        "html=no/such/dir/report.html",
        "jsonl=no/such/dir/log.jsonl",
        "junit=.",
    ] {
        let ended = in_vain(dir.path(), &["--report", report]).expect(110);
        ended.says("failed to write the ").says("→");
    }
    std::fs::write(dir.path().join("file"), "").unwrap();
    in_vain(dir.path(), &["--bundle", "file"])
        .expect(110)
        .says("bundle");
    let full = dir.path().join("full");
    std::fs::create_dir(&full).unwrap();
    std::fs::write(full.join("mine.txt"), "").unwrap();
    in_vain(dir.path(), &["--bundle", "full"])
        .expect(110)
        .says("other files");
    assert!(full.join("mine.txt").exists());
}

#[test]
fn a_mistake_leaves_the_reports_of_an_earlier_run_alone() {
    let dir = with_config("[target\n");
    let log = dir.path().join("log.jsonl");
    std::fs::write(&log, "earlier\n").unwrap();
    in_vain(dir.path(), &["--report", "jsonl=log.jsonl"]).expect(96);
    assert_eq!(std::fs::read_to_string(&log).unwrap(), "earlier\n");
    in_vain(
        dir.path(),
        &["--report", "html=new.html", "--report", "jsonl=no/such/dir/l"],
    )
    .expect(96);
    assert!(!dir.path().join("new.html").exists());
}

#[test]
fn a_selection_that_matches_nothing_says_so() {
    let dir = tempdir().unwrap();
    let ended = run(
        dir.path(),
        &["test", "--profile", "dci-social", "--case", "no-such-case.*"],
    );
    let ended = ended.expect(4).says("matches no case").says("dcx list cases");
    assert_eq!(ended.out, "");
    let ended = run(
        dir.path(),
        &["test", "--profile", "digit-exchange", "--requirement", "dci.*"],
    );
    ended.expect(4).says("matches no case");
}
