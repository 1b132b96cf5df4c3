//! The catalogue tests itself: every file can be read, and nothing in it leads nowhere.

use specs::catalogue::{Catalogue, Profile};
use specs::document::Document;
use std::collections::BTreeSet;

/// Requirements of this family are demanded by any document that a user brings, of any of its operations;
/// no profile names them.
fn is_of_any_document(id: &str) -> bool {
    id.starts_with("openapi.")
}

fn is_id(id: &str) -> bool {
    !id.is_empty()
        && id
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-')
}

/// Fails with all complaints at once.
#[track_caller]
fn expect_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn every_file_is_read_and_is_sorted_by_id() {
    let catalogue = Catalogue::bundled();
    let ids = |ids: Vec<&str>| {
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(ids, sorted);
    };
    ids(catalogue.requirements().iter().map(|r| r.id.as_str()).collect());
    ids(catalogue.readings().iter().map(|r| r.id.as_str()).collect());
    ids(catalogue.profiles().iter().map(|p| p.id.as_str()).collect());
}

#[test]
fn ids_are_plain_and_unique_across_kinds() {
    let catalogue = Catalogue::bundled();
    let ids = catalogue.requirements().iter().map(|r| &r.id);
    let ids = ids.chain(catalogue.readings().iter().map(|r| &r.id));
    let ids: Vec<&String> = ids.chain(catalogue.profiles().iter().map(|p| &p.id)).collect();
    let mut seen = BTreeSet::new();
    let complaints: Vec<String> = ids
        .into_iter()
        .filter(|id| !is_id(id) || !seen.insert(*id))
        .map(|id| format!("{id}: not [a-z0-9.-]+, or not unique"))
        .collect();
    expect_none(&complaints);
}

#[test]
fn each_requirement_says_what_why_how_and_where_from() {
    let mut complaints = Vec::new();
    for requirement in Catalogue::bundled().requirements() {
        for (name, text) in [
            ("statement", &requirement.statement),
            ("why", &requirement.why),
            ("remedy", &requirement.remedy),
        ] {
            if text.trim().is_empty() {
                complaints.push(format!("{}: `{name}` is empty", requirement.id));
            }
        }
        if requirement.sources.is_empty()
            || requirement
                .sources
                .iter()
                .any(|s| s.document.trim().is_empty() || s.at.trim().is_empty())
        {
            complaints.push(format!("{}: a source is missing or incomplete", requirement.id));
        }
        if requirement
            .untestable
            .as_ref()
            .is_some_and(|reason| reason.trim().is_empty())
        {
            complaints.push(format!(
                "{}: the reason why it is untestable is empty",
                requirement.id
            ));
        }
    }
    expect_none(&complaints);
}

#[test]
fn each_requirement_belongs_to_a_profile_or_is_untestable() {
    let catalogue = Catalogue::bundled();
    let demanded: BTreeSet<&str> = catalogue
        .profiles()
        .iter()
        .flat_map(|p| catalogue.requirements_of(p))
        .map(|r| r.id.as_str())
        .collect();
    let complaints: Vec<String> = catalogue
        .requirements()
        .iter()
        .filter(|r| !is_of_any_document(&r.id))
        .filter(|r| r.untestable.is_none() && !demanded.contains(r.id.as_str()))
        .map(|r| format!("{}: no profile demands it", r.id))
        .collect();
    expect_none(&complaints);
}

#[test]
fn each_profile_finds_its_document_and_its_operations_there() {
    let mut complaints = Vec::new();
    for profile in Catalogue::bundled().profiles() {
        let document = match Document::bundled(&profile.document) {
            Ok(document) => document,
            Err(error) => {
                complaints.push(format!("{}: {error}", profile.id));
                continue;
            }
        };
        for (id, operation) in &profile.operations {
            if !document
                .operations()
                .iter()
                .any(|o| o.path == operation.document_path)
            {
                complaints.push(format!(
                    "{}: operation {id}: {} has no path {}",
                    profile.id, profile.document, operation.document_path
                ));
            }
        }
    }
    expect_none(&complaints);
}

#[test]
fn each_glob_of_a_profile_matches_a_requirement() {
    let catalogue = Catalogue::bundled();
    let mut complaints = Vec::new();
    for profile in catalogue.profiles() {
        if let Err(error) = profile.requirement_set() {
            complaints.push(format!("{}: {error}", profile.id));
        }
        let globs = profile.requirements.iter().chain(profile.levels.keys());
        for glob in globs {
            let matcher = globset::Glob::new(glob).unwrap().compile_matcher();
            if !catalogue.requirements().iter().any(|r| matcher.is_match(&r.id)) {
                complaints.push(format!("{}: `{glob}` matches no requirement", profile.id));
            }
        }
    }
    expect_none(&complaints);
}

#[test]
fn readings_offer_a_choice_and_profiles_choose_among_what_they_offer() {
    let catalogue = Catalogue::bundled();
    let mut complaints = Vec::new();
    for reading in catalogue.readings() {
        let ids: BTreeSet<&str> = reading.alternatives.iter().map(|a| a.id.as_str()).collect();
        if ids.len() != reading.alternatives.len() || ids.len() < 2 || !ids.iter().all(|id| is_id(id)) {
            complaints.push(format!(
                "{}: the alternatives need two or more unique plain ids",
                reading.id
            ));
        }
        if !ids.contains(reading.default.as_str()) {
            complaints.push(format!(
                "{}: the default `{}` is no alternative",
                reading.id, reading.default
            ));
        }
        for (name, text) in [("question", &reading.question), ("reason", &reading.reason)] {
            if text.trim().is_empty() {
                complaints.push(format!("{}: `{name}` is empty", reading.id));
            }
        }
    }
    for profile in catalogue.profiles() {
        for (id, chosen) in &profile.readings {
            let Some(reading) = catalogue.reading(id) else {
                complaints.push(format!("{}: there is no reading `{id}`", profile.id));
                continue;
            };
            if chosen.is_empty() {
                complaints.push(format!("{}: `{id}` allows nothing", profile.id));
            }
            for alternative in chosen {
                if !reading.alternatives.iter().any(|a| a.id == *alternative) {
                    complaints.push(format!(
                        "{}: `{id}` has no alternative `{alternative}`",
                        profile.id
                    ));
                }
            }
        }
    }
    expect_none(&complaints);
}

#[test]
fn each_operation_of_a_requirement_is_one_of_a_profile_that_demands_it() {
    let catalogue = Catalogue::bundled();
    let known: BTreeSet<&str> = catalogue
        .profiles()
        .iter()
        .flat_map(|p| p.operations.keys())
        .map(String::as_str)
        .collect();
    let complaints: Vec<String> = catalogue
        .requirements()
        .iter()
        .flat_map(|r| r.operations.iter().map(move |o| (r, o)))
        .filter(|(r, operation)| {
            if is_of_any_document(&r.id) {
                *operation != "any"
            } else {
                !known.contains(operation.as_str())
            }
        })
        .map(|(r, operation)| format!("{}: no profile has the operation `{operation}`", r.id))
        .collect();
    expect_none(&complaints);
}

#[test]
fn a_mistyped_id_suggests_the_nearest_one() {
    let catalogue = Catalogue::bundled();
    let Some(requirement) = catalogue.requirements().first() else {
        return;
    };
    let mistyped = format!("{}x", requirement.id.to_uppercase());
    assert_eq!(catalogue.suggest(&mistyped), Some(requirement.id.as_str()));
    assert_eq!(catalogue.suggest("nothing is called like this at all"), None);
    assert_eq!(catalogue.requirement(&requirement.id), Some(requirement));
    assert_eq!(catalogue.requirement("no-such-id"), None);
}

#[test]
fn a_reading_that_a_profile_does_not_name_has_its_default() {
    let catalogue = Catalogue::bundled();
    let (mut named, mut by_default) = (0, 0);
    for profile in catalogue.profiles() {
        for reading in catalogue.readings() {
            let takes = profile.takes(reading);
            if let Some(allowed) = profile.readings.get(&reading.id) {
                assert_eq!(&takes, allowed, "{} {}", profile.id, reading.id);
                assert!(
                    profile.is_concerned_by(reading),
                    "{} names {}, which is about something else",
                    profile.id,
                    reading.id
                );
                named += 1;
            } else {
                assert_eq!(takes, [reading.default.as_str()]);
                by_default += 1;
            }
            for alternative in &reading.alternatives {
                assert_eq!(
                    profile.allows(&reading.id, &alternative.id),
                    takes.contains(&alternative.id.as_str()),
                    "{} {} {}",
                    profile.id,
                    reading.id,
                    alternative.id
                );
            }
        }
        assert!(!profile.allows("dci.no-such-reading", "any"));
    }
    assert!(named > 0 && by_default > 0);
}

#[test]
fn a_profile_that_names_a_signature_scheme_reads_the_documents_so() {
    let catalogue = Catalogue::bundled();
    let reading = catalogue.reading("dci.signature-scheme").unwrap();
    for profile in catalogue.profiles().iter().filter(|p| p.is_concerned_by(reading)) {
        let scheme = serde_json::to_value(profile.signature.scheme).unwrap();
        assert_eq!(
            profile.takes(reading),
            [scheme.as_str().unwrap()],
            "{}",
            profile.id
        );
    }
}

#[test]
fn what_an_alternative_lifts_is_a_requirement_and_no_bundled_profile_is_spared_anything() {
    let catalogue = Catalogue::bundled();
    for reading in catalogue.readings() {
        for alternative in &reading.alternatives {
            let name = format!("{} = {}", reading.id, alternative.id);
            assert!(
                alternative.lifts.is_empty() || alternative.id != reading.default,
                "{name}: the default lifts nothing"
            );
            for glob in &alternative.lifts {
                let glob = globset::Glob::new(glob).unwrap().compile_matcher();
                let mut all = catalogue.requirements().iter();
                assert!(
                    all.any(|r| glob.is_match(&r.id)),
                    "{name}: {glob:?} lifts nothing"
                );
            }
        }
    }
    for profile in catalogue.profiles() {
        let mut unnamed = profile.clone();
        unnamed.readings.clear();
        let ids = |profile| -> Vec<&String> {
            let all = catalogue.requirements_of(profile).into_iter();
            all.map(|r| &r.id).collect()
        };
        assert_eq!(ids(profile), ids(&unnamed), "{}", profile.id);
    }
    let social = catalogue.profile("dci-social").unwrap();
    let demands = |profile: &Profile, id: &str| catalogue.requirements_of(profile).iter().any(|r| r.id == id);
    let taking = social.taking("dci.list-join", "or");
    assert!(demands(social, "dci.sync-search.list-and"));
    assert!(!demands(&taking, "dci.sync-search.list-and"));
    assert_eq!(taking.readings["dci.list-join"], ["or", "and"]);
}
