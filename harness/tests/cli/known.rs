//! What the user says that the target holds is asked for.

use crate::mock::Mock;
use crate::process::run;
use reports::event::Event;
use reports::log::read_log;
use serde_json::Value;
use specs::evidence::{Exchange, Observation};
use std::fs;
use std::path::Path;
use tempfile::tempdir;

/// The exchanges that a log holds, each with the id of its case.
fn exchanges(path: &Path) -> Vec<(String, Exchange)> {
    let log = read_log(fs::read(path).unwrap().as_slice()).unwrap();
    let observed = log.entries.into_iter().filter_map(|entry| match entry.event {
        Event::Observed(observed) => Some((observed.case, observed.observation)),
        _ => None,
    });
    let exchanges = observed.filter_map(|(case, observation)| match observation {
        Observation::Exchange(exchange) => Some((case, exchange)),
        _ => None,
    });
    exchanges.collect()
}

/// Somebody whom the mock holds, and a surname of somebody.
fn somebody(log: &[(String, Exchange)]) -> (String, String) {
    let found = log.iter().find_map(|(_, exchange)| {
        let body = exchange.response()?.body.json()?;
        let person = body.pointer("/message/search_response/0/data/reg_records/0/demographic_info")?;
        let identifiers = person.get("identifier")?.as_array()?;
        let is_uin = |one: &&Value| one["identifier_type"] == "UIN";
        let uin = identifiers.iter().find(is_uin)?["identifier_value"].as_str()?;
        let surname = person.pointer("/name/surname")?.as_str()?;
        Some((uin.to_owned(), surname.to_owned()))
    });
    found.unwrap()
}

#[test]
fn who_is_known_is_searched_for_by_the_laws_and_in_generated_requests() {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    let mock = Mock::start(dir, &["--profile", "dci-social"]);
    let test = |known: &str, kept: &[&str], code: i32| {
        let url = mock.text("base_url");
        let config = format!("[target]\nurl = \"{url}\"\nprofile = \"dci-social\"\n{known}");
        fs::write(dir.join("dcx.toml"), config).unwrap();
        let (id, secret) = (mock.text("client_id"), mock.text("client_secret"));
        let mut args = vec!["test", "--client-id", id, "--client-secret", secret];
        args.extend([
            "--case",
            "sync-search.identifier",
            "--case",
            "sync-search.conditions",
        ]);
        args.extend(["--case", "request.generated-valid", "--report", "jsonl=log.jsonl"]);
        args.extend(kept);
        run(dir, &args).expect(code)
    };
    test("", &[], 0);
    let (uin, surname) = somebody(&exchanges(&dir.join("log.jsonl")));

    let known = format!(
        "[known]\nidentifiers = [\"4000000001\", \"{uin}\"]\nvalues = {{ surname = [\"{surname}\", \"Nobody\"] }}\n"
    );
    test(&known, &["--bundle", "bundle"], 0);
    let log = exchanges(&dir.join("log.jsonl"));
    for case in ["sync-search.identifier", "sync-search.conditions"] {
        let discovery = log.iter().find(|(c, e)| c == case && e.label == "discovery");
        let (_, discovery) = discovery.unwrap();
        let asked = discovery.request.body.json().unwrap();
        let asked = asked["message"]["search_request"].as_array().unwrap();
        let values: Vec<&str> = asked
            .iter()
            .filter_map(|one| one.pointer("/search_criteria/query/value")?.as_str())
            .collect();
        assert_eq!(values, ["4000000001", uin.as_str()], "{case}");
        assert_eq!(asked.len(), 3, "and everybody");
    }
    let generated = log
        .iter()
        .filter(|(_, exchange)| exchange.label.starts_with("valid "));
    let generated: Vec<(Value, Value)> = generated
        .filter(|(_, exchange)| exchange.operation == "sync-search")
        .filter_map(|(_, e)| Some((e.request.body.json()?, e.response()?.body.json()?)))
        .collect();
    let asked_for = |(request, _): &&(Value, Value), what: &str| request.to_string().contains(what);
    let by_identifier = generated.iter().filter(|one| asked_for(one, "idtype-value"));
    let found = by_identifier.filter(|(_, reply)| {
        reply
            .pointer("/message/search_response/0/data/reg_records/0")
            .is_some()
    });
    assert!(found.count() > 0, "no generated identifier found anybody");
    assert!(generated.iter().any(|one| asked_for(&one, "\"surname\"")));

    let verified = run(dir, &["verify", "bundle"]).expect(0);
    assert!(
        verified.out.contains("every verdict is the same"),
        "{}",
        verified.out
    );

    for (known, said) in [
        ("identifiers = [\"\"]", "an identifier is empty"),
        ("values = { age = [3] }", "its attributes are"),
        ("values = { sex = [[]] }", "dates as texts"),
        ("people = []", "unknown field"),
    ] {
        let ended = test(&format!("[known]\n{known}\n"), &[], 96);
        assert!(ended.err.contains(said), "{known}: {}", ended.err);
    }
}
