//! The catalogue tests itself: cases, requirements, laws and defects name each other without a gap.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use specs::catalogue::{Catalogue, Profile, Requirement};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use suites::case::Fault;
use suites::twins::SIGNINGS;
use suites::{Case, Cases, laws};

/// Requirements of documents that users bring; `harness` exercises them without a case.
fn of_documents(id: &str) -> bool {
    id.starts_with("openapi.")
}

fn stems(folder: &Path) -> BTreeSet<String> {
    let files = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect()
}

fn here(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(below)
}

/// Fails with every complaint at once.
#[track_caller]
fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n  {}\n", complaints.join("\n  "));
}

/// What the faults of a case name, each with the words that say where.
fn named(case: &Case) -> Vec<(String, &str)> {
    let Some(twins) = &case.twins else {
        return Vec::new();
    };
    let of = |role: &str, fault: &Fault| format!("{role} of `{}`", fault.name);
    let mut named: Vec<(String, &str)> = Vec::new();
    named.extend(twins.honest.iter().map(|id| ("honest".to_owned(), id.as_str())));
    named.extend(twins.form.iter().map(|id| ("form".to_owned(), id.as_str())));
    for fault in &twins.fault {
        named.push((of("requirement", fault), &fault.requirement));
        let code = fault.code.as_ref().map(|code| code.requirement.as_str());
        named.extend(code.map(|id| (of("code", fault), id)));
        named.extend(fault.challenge.as_deref().map(|id| (of("challenge", fault), id)));
    }
    named
}

#[test]
fn every_file_is_a_case_and_every_case_a_file() {
    let loaded: BTreeSet<String> = Cases::bundled()
        .all()
        .iter()
        .map(|case| case.id.clone())
        .collect();
    assert_eq!(loaded, stems(&here("cases")));
    assert_eq!(loaded.len(), Cases::bundled().all().len());
}

#[test]
fn every_requirement_that_a_case_lists_exists() {
    let catalogue = Catalogue::bundled();
    let mut complaints = Vec::new();
    for case in Cases::bundled().all() {
        let mut listed = BTreeSet::new();
        for id in &case.requirements {
            let is = |r: &Requirement| match id.split_once('*') {
                None => r.id == *id,
                Some((before, after)) => r.id.starts_with(before) && r.id.ends_with(after),
            };
            if !catalogue.requirements().iter().any(is) {
                complaints.push(format!("{}: there is no requirement {id}", case.id));
            }
            if !listed.insert(id) {
                complaints.push(format!("{}: lists {id} twice", case.id));
            }
        }
    }
    none(&complaints);
}

#[test]
fn every_requirement_that_a_fault_names_is_listed() {
    let mut complaints = Vec::new();
    for case in Cases::bundled().all() {
        let named = named(case);
        for (role, id) in &named {
            if !case.speaks_about(id) {
                complaints.push(format!(
                    "{}: {role} names {id}, which the case does not list",
                    case.id
                ));
            }
        }
        // The form of whatever is answered, every fault is about.
        let plain = case.requirements.iter().filter(|id| !id.contains('*'));
        for id in plain.filter(|_| case.twins.is_some()) {
            if !named.iter().any(|(_, other)| other == id) {
                complaints.push(format!("{}: lists {id}, which no fault is about", case.id));
            }
        }
    }
    none(&complaints);
}

#[test]
fn every_fault_of_a_case_has_a_name_of_its_own_and_a_kind_that_is_known() {
    let mut complaints = Vec::new();
    for case in Cases::bundled().all() {
        let mut names = BTreeSet::from(["honest"]);
        for fault in case.twins.iter().flat_map(|twins| &twins.fault) {
            if !names.insert(&fault.name) {
                complaints.push(format!("{}: two steps are called `{}`", case.id, fault.name));
            }
            if fault
                .sign
                .as_deref()
                .is_some_and(|sign| !SIGNINGS.contains(&sign))
            {
                complaints.push(format!(
                    "{}: `{}` is signed in an unknown way",
                    case.id, fault.name
                ));
            }
            let changes = !fault.set.is_empty() || !fault.remove.is_empty() || fault.raw.is_some();
            let labels = fault.media_type.is_some() || fault.auth.is_some() || fault.sign.is_some();
            if !changes && !labels {
                complaints.push(format!("{}: `{}` changes nothing", case.id, fault.name));
            }
        }
    }
    none(&complaints);
}

/// The requirements that a profile demands and that cases are to exercise.
fn demanded(profile: &Profile) -> Vec<&'static Requirement> {
    let all = Catalogue::bundled().requirements_of(profile);
    all.into_iter().filter(|r| !of_documents(&r.id)).collect()
}

#[test]
fn every_requirement_of_a_profile_has_a_case_there_or_a_written_reason() {
    let mut complaints = Vec::new();
    for profile in Catalogue::bundled().profiles() {
        let cases: Vec<&Case> = Cases::bundled().of(profile).collect();
        for requirement in demanded(profile) {
            let reason = requirement.untestable.as_deref().unwrap_or_default();
            let spoken = cases.iter().any(|case| case.speaks_about(&requirement.id));
            // A glob names the clauses of a message all together.
            let by_name = |case: &&Case| case.requirements.contains(&requirement.id);
            let spoken = spoken && (reason.is_empty() || cases.iter().any(by_name));
            match (spoken, reason.trim().is_empty()) {
                (false, true) => complaints.push(format!(
                    "{}: no case speaks about {}, and it is not said to be untestable",
                    profile.id, requirement.id
                )),
                (true, false) => complaints.push(format!(
                    "{}: {} is said to be untestable, and a case tests it",
                    profile.id, requirement.id
                )),
                _ => {}
            }
        }
    }
    none(&complaints);
}

#[test]
fn every_case_runs_for_a_profile_and_every_requirement_belongs_to_one() {
    let profiles = Catalogue::bundled().profiles();
    let mut complaints = Vec::new();
    for case in Cases::bundled().all() {
        if !profiles
            .iter()
            .any(|profile| Cases::bundled().of(profile).any(|c| c.id == case.id))
        {
            complaints.push(format!("{} runs for no profile", case.id));
        }
    }
    for requirement in Catalogue::bundled().requirements() {
        let wanted = profiles
            .iter()
            .any(|p| demanded(p).iter().any(|r| r.id == requirement.id));
        if !wanted && !of_documents(&requirement.id) {
            complaints.push(format!("no profile demands {}", requirement.id));
        }
    }
    none(&complaints);
}

#[test]
fn every_requirement_has_a_defect_that_breaks_it() {
    let folder = here("../mock-server/defects");
    let mut breaks: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for id in stems(&folder) {
        let text = std::fs::read_to_string(folder.join(format!("{id}.toml"))).unwrap();
        let defect: toml::Table = text.parse().unwrap();
        let requirement = defect["requirement"].as_str().unwrap().to_owned();
        breaks.entry(requirement).or_default().push(id);
    }
    let mut complaints = Vec::new();
    for requirement in Catalogue::bundled().requirements() {
        let testable = requirement.untestable.is_none() && !of_documents(&requirement.id);
        // Every clause can be disregarded; `dcx prove` does it.
        let is_clause = specs::clause::clause(&requirement.id).is_some();
        if testable && !is_clause && !breaks.contains_key(&requirement.id) {
            complaints.push(format!("no defect breaks {}", requirement.id));
        }
    }
    for (requirement, defects) in &breaks {
        if Catalogue::bundled().requirement(requirement).is_none() {
            complaints.push(format!(
                "{} break {requirement}, which does not exist",
                defects.join(", ")
            ));
        }
    }
    none(&complaints);
}

#[test]
fn every_law_is_used_once_and_under_its_own_name() {
    let mut used: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for case in Cases::bundled().all() {
        if let Some(law) = &case.law {
            used.entry(law).or_default().push(&case.id);
        }
    }
    let names: BTreeSet<&str> = laws::names().into_iter().collect();
    assert_eq!(names.len(), laws::names().len(), "two laws share a name");
    assert_eq!(used.keys().copied().collect::<BTreeSet<_>>(), names);
    for (law, cases) in used {
        assert_eq!(cases.len(), 1, "{law} is used by {}", cases.join(" and "));
    }
}

/// Cases that compare answers run beside others, but not beside those that change what is there to be found.
#[test]
fn whoever_adds_to_a_registry_is_known() {
    let adding: Vec<&str> = Cases::bundled()
        .all()
        .iter()
        .filter(|case| case.adds_records())
        .map(|case| case.id.as_str())
        .collect();
    assert_eq!(
        adding,
        [
            "enrollment.generated-invalid",
            "enrollment.updates",
            "notify.delivered",
            "notify.selective",
            "notify.stops",
            "sequences"
        ]
    );
}
