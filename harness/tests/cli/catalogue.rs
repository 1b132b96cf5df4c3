//! `dcx list` and `dcx explain`.

use crate::process::run;
use serde_json::Value;
use tempfile::tempdir;

#[test]
fn everything_can_be_listed() {
    let dir = tempdir().unwrap();
    for what in [
        "requirements",
        "cases",
        "defects",
        "profiles",
        "readings",
        "errata",
    ] {
        let text = run(dir.path(), &["list", what]).expect(0).out;
        let json = run(dir.path(), &["list", what, "--format", "json"]).expect(0).out;
        let json: Vec<Value> = serde_json::from_str(&json).unwrap();
        assert_eq!(text.lines().count(), json.len(), "{what}");
        for (line, value) in text.lines().zip(&json) {
            assert!(line.starts_with(value["id"].as_str().unwrap()), "{line}");
        }
        let first = json[0]["id"].as_str().unwrap();
        assert!(run_explain(first).contains(first), "{first} can be explained");
    }
}

fn run_explain(id: &str) -> String {
    run(tempdir().unwrap().path(), &["explain", id]).expect(0).out
}

#[test]
fn a_list_is_filtered_by_part_or_glob() {
    let dir = tempdir().unwrap();
    let part = run(dir.path(), &["list", "requirements", "bearer"]).expect(0).out;
    let glob = run(dir.path(), &["list", "requirements", "dci.bearer.*"])
        .expect(0)
        .out;
    assert_eq!(part, glob);
    assert!(part.lines().count() > 3 && part.lines().all(|line| line.starts_with("dci.bearer.")));
    let ended = run(dir.path(), &["list", "defects", "no-such"]).expect(2);
    ended.says("nothing matches `no-such`").says("→");
    run(dir.path(), &["list", "nothings"])
        .expect(2)
        .says("requirements");
}

#[test]
fn each_kind_of_id_is_explained() {
    for (id, words) in [
        (
            "dci.bearer.expiry",
            &[
                "MUST",
                "why",
                "remedy",
                "source",
                "token.expiry",
                "bearer-never-expires",
            ][..],
        ),
        ("token.expiry", &["requirement", "dci.bearer.expiry"]),
        (
            "bearer-never-expires",
            &["breaks", "dci.bearer.expiry", "dcx mock --profile"],
        ),
        (
            "openspp-dci",
            &["specification", "operation", "POST /oauth2/client/token"],
        ),
        (
            "dci.reply-action",
            &[
                "our default",
                "followed by",
                "openspp-dci takes on-search or search\n",
            ],
        ),
        ("dci.in-list", &["dci-social takes list"]),
        ("dci.page-bounds", &["dci-social takes refused (the default)"]),
        ("digit.nack", &["digit-exchange takes no-update (the default)"]),
        ("digit-exchange", &["others have their default"]),
        ("err.signature.invalid", &["signature"]),
    ] {
        let text = run_explain(id);
        for word in words {
            assert!(text.contains(word), "`{word}` is missing from: {text}");
        }
    }
}

#[test]
fn an_id_that_does_not_exist_is_met_with_the_nearest() {
    let dir = tempdir().unwrap();
    for (typed, meant) in [
        ("dci.bearer.expirey", "dci.bearer.expiry"),
        ("token.expry", "token.expiry"),
        ("locale-digits-accepted", "locale-digit-accepted"),
        ("dci-socal", "dci-social"),
    ] {
        let ended = run(dir.path(), &["explain", typed]).expect(2);
        ended.says(&format!("nothing is called `{typed}`")).says(meant);
    }
    run(dir.path(), &["explain", "qqqqqqqqqqqqqqqq"])
        .expect(2)
        .says("→");
}

#[test]
fn the_catalogue_is_one_page_with_an_anchor_for_everything() {
    let dir = tempdir().unwrap();
    let page = run(dir.path(), &["render", "catalogue"]).expect(0).out;
    for id in [
        "dci.bearer.expiry",
        "token.expiry",
        "bearer-never-expires",
        "dci.reply-action",
        "er.dci.in-list",
        "openspp-dci",
    ] {
        assert_eq!(page.matches(&format!("id=\"{id}\"")).count(), 1, "{id}");
        assert!(page.contains(&format!("class=\"mono\" href=\"#{id}\"")), "{id}");
    }
    let written = ["render", "catalogue", "--out", "page.html"];
    assert_eq!(run(dir.path(), &written).expect(0).out, "");
    assert_eq!(
        std::fs::read_to_string(dir.path().join("page.html")).unwrap(),
        page
    );
    run(
        dir.path(),
        &["render", "catalogue", "--out", "no/such/dir/page.html"],
    )
    .expect(110)
    .says("failed to write the catalogue");
    // A bundle of that name is still a bundle.
    run(dir.path(), &["render", "./catalogue"])
        .expect(96)
        .says("catalogue");
    run(dir.path(), &["render"]).expect(2).says("FROM");
}
