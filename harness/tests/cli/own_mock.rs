//! `dcx mock --config`: profiles of the user's own are served as `dcx test` reads them.

use crate::mock::Mock;
use crate::process::{dcx, run};
use serde_json::json;
use std::time::Duration;
use tempfile::{TempDir, tempdir};

const OWN: &str = "[profile.mine]
extends = \"g2p-registry\"
base_path = \"/mine\"

[profile.mine.signature]
scheme = \"detached-jws-header\"

[profile.other]
extends = \"opencrvs-registry\"
";

fn with(file: &str, text: &str) -> TempDir {
    let dir = tempdir().unwrap();
    std::fs::write(dir.path().join(file), text).unwrap();
    dir
}

#[test]
fn profiles_of_ones_own_are_served_and_certified() {
    let dir = with("own.toml", OWN);
    let mock = Mock::start(dir.path(), &["--config", "own.toml"]);
    let ids: Vec<_> = mock.ready["profiles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| &p["id"])
        .collect();
    assert_eq!(ids, [&json!("mine"), &json!("other")]);
    assert!(mock.text("base_url").ends_with("/mine"));
    let mut test = dcx(
        dir.path(),
        &[
            "test",
            mock.text("base_url"),
            "--profile",
            "mine",
            "--config",
            "own.toml",
            "--case",
            "{bearer,signature.*,sync-search.reply,search.callback}",
            "-q",
        ],
    );
    test.env("DCX_CLIENT_ID", mock.text("client_id"));
    test.env("DCX_CLIENT_SECRET", mock.text("client_secret"));
    let ended = crate::process::Running::start(&mut test).end(Duration::from_secs(120));
    let said = ended.expect(0).out;
    assert!(said.contains("certified mine"), "{said}");
}

#[test]
fn what_is_served_is_what_was_named() {
    let dir = with("dcx.toml", OWN);
    // A file that nobody named may be about another server altogether.
    run(dir.path(), &["mock", "--profile", "mine"])
        .expect(2)
        .says("there is no profile `mine`");
    let both = [
        "--config",
        "dcx.toml",
        "--profile",
        "dci-social",
        "--profile",
        "mine",
    ];
    let mock = Mock::start(dir.path(), &both);
    assert_eq!(mock.ready["profiles"][0]["id"], "dci-social");
    assert_eq!(mock.ready["profiles"][1]["id"], "mine");
    let defect = [
        "--config",
        "dcx.toml",
        "--profile",
        "mine",
        "--defect",
        "signature-respelt",
    ];
    drop(Mock::start(dir.path(), &defect));
    for (args, code, says) in [
        (
            &["--config", "dcx.toml", "--profile", "nobody"][..],
            2,
            "mine, other",
        ),
        (&["--config", "absent.toml"][..], 96, "absent.toml"),
        (
            &[
                "--config",
                "dcx.toml",
                "--profile",
                "other",
                "--defect",
                "signature-expired-accepted",
            ][..],
            2,
            "openspp-registry",
        ),
    ] {
        let all = [&["mock", "--listen", "127.0.0.1:0"], args].concat();
        run(dir.path(), &all).expect(code).says(says);
    }
    let empty = with("dcx.toml", "");
    let mock = Mock::start(empty.path(), &["--config", "dcx.toml"]);
    assert!(
        mock.ready["profiles"].as_array().unwrap().len() > 2,
        "no profile of one's own: all of ours"
    );
}
