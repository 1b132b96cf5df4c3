//! Profiles of the user's own in `dcx.toml`, and the edition that a run judges by.

use crate::process::run;
use serde_json::Value;
use tempfile::{TempDir, tempdir};

fn with_config(text: &str) -> TempDir {
    let dir = tempdir().unwrap();
    std::fs::write(dir.path().join("dcx.toml"), text).unwrap();
    dir
}

const OWN: &str = "[profile.my-registry]
extends = \"dci-social\"
base_path = \"/v1/social\"

[profile.my-registry.levels]
\"dci.bearer.*\" = \"should\"

[profile.my-registry.readings]
\"dci.ack-status\" = [\"accepted\"]

[profile.my-registry.registry]
reg_type = \"my:Social\"
";

#[test]
fn a_profile_of_the_users_own_is_certified_listed_and_explained() {
    let dir = with_config(OWN);
    let args = ["test", "--profile", "my-registry", "-q", "--bundle", "evidence"];
    let text = run(dir.path(), &args).expect(0).out;
    assert!(text.contains("certified my-registry"), "{text}");
    assert!(text.contains("/v1/social"), "{text}");
    run(dir.path(), &["check", "--profile", "my-registry"]).expect(0);
    // What the user changed is known to whoever judges the evidence again.
    let text = run(dir.path(), &["verify", "evidence"]).expect(0).out;
    assert!(text.contains("every verdict is the same"), "{text}");
    assert!(!text.contains("not judged"), "{text}");
    let json = run(
        dir.path(),
        &["list", "profiles", "my-registry", "--format", "json"],
    );
    let json: Value = serde_json::from_str(&json.expect(0).out).unwrap();
    assert_eq!(json[0]["base_path"], "/v1/social");
    assert_eq!(json[0]["registry"]["reg_type"], "my:Social");
    assert_eq!(json[0]["registry"]["id_type"], "UIN");
    assert_eq!(
        json[0]["readings"]["dci.ack-status"],
        serde_json::json!(["accepted"])
    );
    let text = run(dir.path(), &["explain", "my-registry"]).expect(0).out;
    assert!(text.contains("DCI Social Registry (my-registry)"), "{text}");
    assert!(text.contains("/v1/social"), "{text}");
    let text = run(dir.path(), &["list", "profiles"]).expect(0).out;
    assert_eq!(text.lines().filter(|l| l.starts_with("my-registry")).count(), 1);
}

#[test]
fn a_profile_that_makes_no_sense_names_its_line() {
    let base = "[profile.mine]\nextends = \"dci-social\"\n";
    for (text, line, why) in [
        (
            "[profile.mine]\ntitle = \"x\"\n".to_owned(),
            1,
            "names no profile that it extends",
        ),
        (
            "[profile.mine]\nextends = \"dci-sozial\"\n".to_owned(),
            2,
            "there is no profile `dci-sozial`",
        ),
        (
            "[profile.dci-social]\nextends = \"openspp-dci\"\n".to_owned(),
            1,
            "one of the built-in profiles",
        ),
        (
            "[profile.Mine]\nextends = \"dci-social\"\n".to_owned(),
            1,
            "is no id",
        ),
        (
            format!("{base}base_pth = \"/x\"\n"),
            3,
            "unknown field `base_pth`",
        ),
        (format!("{base}base_path = 5\n"), 3, "invalid type"),
        (
            format!("{base}document = \"nothing.yaml\"\n"),
            3,
            "no built-in document",
        ),
        (format!("{base}edition = \"2019\"\n"), 3, "no edition `2019`"),
        (
            format!("{base}requirements = [\"dcii.*\"]\n"),
            3,
            "no requirement matches `dcii.*`",
        ),
        (
            format!("{base}[profile.mine.signature]\nscheme = \"secret\"\n"),
            4,
            "unknown variant",
        ),
        (
            format!("{base}[profile.mine.levels]\n\"dci.x*\" = \"must\"\n"),
            4,
            "no requirement matches",
        ),
        (
            format!("{base}[profile.mine.readings]\n\n\"dci.nothing\" = [\"a\"]\n"),
            5,
            "there is no reading",
        ),
        (
            format!("{base}[profile.mine.readings]\n\"dci.ack-status\" = [\"b\"]\n"),
            4,
            "no alternative `b`",
        ),
        (
            format!("{base}[profile.mine.operations.search]\ndocument_path = \"/registry/find\"\n"),
            4,
            "has no POST /registry/find",
        ),
    ] {
        let dir = with_config(&text);
        let place = format!("dcx.toml:{line}: profile.");
        for args in [
            &["test", "http://127.0.0.1:1", "--profile", "mine"][..],
            &["list", "profiles"],
            &["explain", "mine"],
        ] {
            let ended = run(dir.path(), args).expect(96);
            // Long messages are wrapped.
            let said = ended.err.replace("\n  │ ", " ");
            for words in [&place, why, "help: "] {
                assert!(said.contains(words), "`{words}` is missing from: {said}");
            }
        }
        // What has nothing to do with it is not hindered.
        run(dir.path(), &["explain", "dci.ack-status"]).expect(0);
    }
}

#[test]
fn a_run_is_judged_by_the_edition_that_is_named() {
    let dir = tempdir().unwrap();
    let args = [
        "test",
        "--profile",
        "dci-social",
        "--edition",
        "2025-01",
        "-q",
        "--bundle",
        "e",
        "--report",
        "json=r.json",
    ];
    let ended = run(dir.path(), &args).expect(0);
    assert!(
        ended.out.contains("dci-social/1.0.0 (edition 2025-01)"),
        "{}",
        ended.out
    );
    let json = std::fs::read_to_string(dir.path().join("r.json")).unwrap();
    assert!(json.contains("dci-social/1.0.0 (edition 2025-01)"));
    let text = run(dir.path(), &["verify", "e"]).expect(0).out;
    assert!(
        text.contains("every verdict is the same") && !text.contains("not judged"),
        "{text}"
    );
    for (edition, profile, why) in [
        (
            "2031-01",
            "dci-social",
            "choose one of 2024-08, 2025-01, 2025-12, consolidated",
        ),
        ("2025-01", "openspp-dci", "the edition 2025-01 has no openspp-dci"),
    ] {
        let url = "http://127.0.0.1:1";
        let args = ["test", url, "--edition", edition, "--profile", profile];
        run(dir.path(), &args).expect(2).says(why);
    }
    run(
        dir.path(),
        &["spec", "diff", "dci-crvs@2025-01", "dci-core@2025-01"],
    )
    .expect(2)
    .says("dci-core stands for it there");
    let text = run(
        dir.path(),
        &["spec", "diff", "dci-core@2025-01", "dci-core@consolidated"],
    );
    assert!(text.expect(0).out.ends_with("all accounted for\n"));
    run(dir.path(), &["spec", "lint", "dci-core@2025-01"]).expect(100);
}
