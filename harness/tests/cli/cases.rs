//! Cases of the user's own: they are run, reported and kept like ours, and mistakes in them are named.

mod ruins;

use crate::process::{Running, dcx, run};
use jsonschema::Validator;
use serde_json::Value;
use std::path::Path;
use tempfile::{TempDir, tempdir};

const README: &str = include_str!("../../../suites/README.md");

const CASE: &str = r#"title = "A locale in capitals is refused"
requirements = ["acme.locale"]
operations = ["sync-search"]

[demand."acme.locale"]
statement = "A locale in capitals is refused."
remedy = "Compare it with the list."
source = "Agreement, 4.2"

[[twins.fault]]
name = "capitals"
requirement = "acme.locale"
set = [["/message/search_request/0/locale", "ENGLISH"]]
"#;

const REQUIREMENT: &str = r#"level = "must"
kind = "behaviour"
role = "registry"
operations = ["sync-search"]
statement = "A locale in capitals is refused."
why = "We agreed upon it."
remedy = "Compare it with the list."
sources = []
"#;

/// A folder with these files in `own`.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join("own").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

/// The snippets of the tutorial in their order: language and text.
fn snippets() -> Vec<(&'static str, &'static str)> {
    let fenced = README.split("```").skip(1).step_by(2);
    fenced.map(|block| block.split_once('\n').unwrap()).collect()
}

#[test]
fn the_tutorial_holds_step_by_step() {
    let dir = tempdir().unwrap();
    let mut mock: Option<(Running, Value)> = None;
    let (mut files, mut commands) = (0, 0);
    for (language, text) in snippets() {
        if language == "toml" {
            let path = text.lines().next().unwrap().strip_prefix("# ").unwrap();
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
            files += 1;
            continue;
        }
        for line in text.lines() {
            let (command, expected) = line.split_once("    # ").unwrap();
            let mut args: Vec<&str> = command.split(' ').skip(1).collect();
            commands += 1;
            if expected == "runs" {
                let place = args.iter().position(|arg| *arg == "127.0.0.1:8080").unwrap();
                args[place] = "127.0.0.1:0";
                args.push("--ready-json");
                let running = Running::start(&mut dcx(dir.path(), &args));
                let ready: Value = serde_json::from_str(&running.first_line()).unwrap();
                mock = Some((running, ready["profiles"][0].clone()));
                continue;
            }
            let place = args.iter().position(|arg| arg.starts_with("http:"));
            if let (Some((_, profile)), Some(place)) = (&mock, place) {
                let text = |name: &str| profile[name].as_str().unwrap();
                args[place] = text("base_url");
                args.extend([
                    "--client-id",
                    text("client_id"),
                    "--client-secret",
                    text("client_secret"),
                ]);
            }
            run(dir.path(), &args).expect(expected.parse().unwrap());
        }
    }
    assert_eq!((files, commands), (3, 6));
    assert!(dir.path().join("report.html").exists());
}

#[test]
fn a_case_of_the_users_is_in_every_report_and_is_judged_again_from_the_bundle() {
    let dir = folder(&[("acme.locale.toml", CASE)]);
    let reports = ["html=r.html", "junit=r.xml", "json=r.json", "jsonl=r.jsonl"];
    let mut args = vec![
        "test",
        "--profile",
        "dci-social",
        "--cases",
        "own",
        "--only-cases",
    ];
    for report in &reports {
        args.extend(["--report", report]);
    }
    args.extend(["--bundle", "bundle"]);
    run(dir.path(), &args).expect(0);
    for report in reports {
        let file = report.split_once('=').unwrap().1;
        let text = std::fs::read_to_string(dir.path().join(file)).unwrap();
        assert!(text.contains("acme.locale"), "{file}");
        assert!(text.contains("A locale in capitals is refused"), "{file}");
    }
    std::fs::remove_dir_all(dir.path().join("own")).unwrap();
    let verified = run(dir.path(), &["verify", "bundle"]).expect(0);
    assert!(verified.out.contains("1 cases judged again"), "{}", verified.out);
}

#[test]
fn own_cases_run_beside_ours() {
    let dir = folder(&[("acme.locale.toml", CASE)]);
    let both = [
        "test",
        "--profile",
        "dci-social",
        "--cases",
        "own",
        "--case",
        "*locale*",
        "--case",
        "bearer",
    ];
    let mut args = both.to_vec();
    args.extend(["--report", "json=r.json"]);
    run(dir.path(), &args).expect(0);
    let report: Value =
        serde_json::from_str(&std::fs::read_to_string(dir.path().join("r.json")).unwrap()).unwrap();
    let text = report.to_string();
    assert!(
        text.contains("\"acme.locale\"") && text.contains("\"bearer\""),
        "{text}"
    );
    // A profile that lacks the operation is not judged by it, and the report says so.
    let args = [
        "test",
        "--profile",
        "digit-exchange",
        "--cases",
        "own",
        "--only-cases",
    ];
    run(dir.path(), &args).expect(4);
}

#[test]
fn a_fault_that_cannot_be_put_in_is_not_held_against_the_target() {
    let lost = CASE.replace(
        "/message/search_request/0/locale",
        "/message/no_such_list/0/locale",
    );
    let dir = folder(&[("acme.locale.toml", &lost)]);
    let args = [
        "test",
        "--profile",
        "dci-social",
        "--cases",
        "own",
        "--only-cases",
    ];
    let ended = run(dir.path(), &args).expect(101);
    assert!(
        ended.out.contains("/message/no_such_list/0/locale"),
        "{}",
        ended.out
    );
}

fn schema(dir: &Path, of: &str) -> Validator {
    let text = run(dir, &["render", "schema", of]).expect(0).out;
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

fn tables(folder: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let read = |path: std::path::PathBuf| {
        let table: Value = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        (path.display().to_string(), table)
    };
    files.map(read).collect()
}

#[test]
fn the_schemas_fit_every_file_of_ours_and_no_ruined_one() {
    let dir = tempdir().unwrap();
    let (cases, requirements) = (schema(dir.path(), "cases"), schema(dir.path(), "requirements"));
    for (schema, folder, least) in [
        (&cases, "suites/cases", 50),
        (&requirements, "specs/requirements", 100),
    ] {
        let tables = tables(folder);
        assert!(tables.len() >= least, "{folder}");
        for (file, mut table) in tables {
            assert!(schema.is_valid(&table), "{file}: {:?}", schema.validate(&table));
            table["strange"] = true.into();
            assert!(!schema.is_valid(&table), "{file}");
        }
    }
    let table = |text: &str| toml::from_str::<Value>(text).unwrap();
    assert!(cases.is_valid(&table(CASE)));
    assert!(requirements.is_valid(&table(REQUIREMENT)));
    for (from, to) in [
        ("title", "titel"),
        ("\"sync-search\"", "\"sink-search\""),
        ("\"ENGLISH\"", "\"ENGLISH\", 1"),
        (
            "set = [[\"/message/search_request/0/locale\", \"ENGLISH\"]]",
            "statuses = [4000]",
        ),
        ("set =", "sign = \"backwards\"\nset ="),
        ("title =", "law = \"pages\"\ntitle ="),
        ("title =", "generate = \"odd\"\ntitle ="),
        ("statement =", "level = \"shall\"\nstatement ="),
        ("statement =", "statment ="),
        ("name = \"capitals\"\n", ""),
    ] {
        let ruined = CASE.replacen(from, to, 1);
        assert!(
            ruined != CASE && !cases.is_valid(&table(&ruined)),
            "{from} → {to}"
        );
    }
    for (from, to) in [
        ("behaviour", "habit"),
        ("role", "rolle"),
        ("\"must\"", "\"shall\""),
    ] {
        let ruined = REQUIREMENT.replacen(from, to, 1);
        assert!(!requirements.is_valid(&table(&ruined)), "{from} → {to}");
    }
}
