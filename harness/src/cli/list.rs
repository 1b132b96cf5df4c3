//! `dcx list`: the catalogue as a table or as JSON.

use super::args::{FormatArg, ListArgs, ListWhat};
use super::fault::Fault;
use crate::config::Config;
use crate::profiles::own;
use crate::run::gate::exit;
use globset::Glob;
use mock_server::Mistake;
use serde_json::{Value, json};
use specs::catalogue::{Catalogue, Demands, Profile, Reading, Requirement};
use std::io::Write;
use std::sync::OnceLock;
use suites::Cases;

/// Runs the command.
pub(super) fn run(args: &ListArgs) -> Result<u8, Fault> {
    let own = match args.what {
        ListWhat::Profiles => own(&Config::load(args.config.as_deref())?)?,
        _ => Vec::new(),
    };
    let rows = rows(args.what, &own);
    let glob = args
        .filter
        .as_ref()
        .and_then(|f| Glob::new(f).ok())
        .map(|g| g.compile_matcher());
    let wanted = |id: &str| match &args.filter {
        None => true,
        Some(filter) => id.contains(filter.as_str()) || glob.as_ref().is_some_and(|g| g.is_match(id)),
    };
    let rows: Vec<Row> = rows.into_iter().filter(|row| wanted(&row.id)).collect();
    if rows.is_empty() {
        return Err(Fault::usage(
            format!("nothing matches `{}`", args.filter.as_deref().unwrap_or_default()),
            "give a part of an id or a glob, or leave it out to see everything",
        ));
    }
    let mut text = Vec::new();
    if args.format == FormatArg::Json {
        let values: Vec<Value> = rows.into_iter().map(|row| row.json).collect();
        let _ = serde_json::to_writer_pretty(&mut text, &values);
        text.push(b'\n');
    } else {
        let widest = rows.iter().map(|row| row.id.chars().count()).max().unwrap_or(0);
        let mark = rows.iter().map(|row| row.mark.chars().count()).max().unwrap_or(0);
        for row in rows {
            let _ = writeln!(text, "{:<widest$}  {:<mark$}  {}", row.id, row.mark, row.text);
        }
    }
    // A reader that had enough, such as `head`, is no failure.
    let _ = std::io::stdout().lock().write_all(&text);
    Ok(exit::CONFORMANT)
}

struct Row {
    id: String,
    mark: String,
    text: String,
    json: Value,
}

fn rows(what: ListWhat, own: &[Profile]) -> Vec<Row> {
    let catalogue = Catalogue::bundled();
    match what {
        ListWhat::Requirements => catalogue.requirements().iter().map(requirement).collect(),
        ListWhat::Cases => Cases::bundled()
            .all()
            .iter()
            .map(|case| {
                let profiles: Vec<&str> = catalogue
                    .profiles()
                    .iter()
                    .filter(|p| Cases::bundled().of(p).any(|c| c.id == case.id))
                    .map(|p| p.id.as_str())
                    .collect();
                Row {
                    id: case.id.clone(),
                    mark: format!("{} req.", case.requirements.len()),
                    text: case.title.clone(),
                    json: json!({
                        "id": case.id, "title": case.title, "requirements": case.requirements,
                        "operations": case.operations, "profiles": profiles,
                    }),
                }
            })
            .collect(),
        ListWhat::Defects => Mistake::all()
            .map(|mistake| Row {
                id: mistake.id(),
                mark: mistake.requirement().to_owned(),
                text: mistake.mistake(),
                json: json!({
                    "id": mistake.id(), "requirement": mistake.requirement(),
                    "profiles": profiles_of(mistake), "mistake": mistake.mistake(),
                }),
            })
            .collect(),
        ListWhat::Profiles => catalogue
            .profiles()
            .iter()
            .chain(own)
            .map(|profile| Row {
                id: profile.id.clone(),
                mark: profile.specification.clone(),
                text: profile.title.clone(),
                json: serde_json::to_value(profile).unwrap_or_default(),
            })
            .collect(),
        ListWhat::Readings => catalogue
            .readings()
            .iter()
            .map(|reading| Row {
                id: reading.id.clone(),
                mark: reading.default.clone(),
                text: reading.question.clone(),
                json: with_profiles(reading),
            })
            .collect(),
        ListWhat::Errata => catalogue
            .errata()
            .iter()
            .map(|erratum| Row {
                id: erratum.id.clone(),
                mark: match erratum.documents.as_slice() {
                    [one] => one.clone(),
                    several => format!("{} documents", several.len()),
                },
                text: erratum.effect.clone(),
                json: serde_json::to_value(erratum).unwrap_or_default(),
            })
            .collect(),
    }
}

/// A reading with what each profile takes.
fn with_profiles(reading: &Reading) -> Value {
    let mut value = serde_json::to_value(reading).unwrap_or_default();
    let profiles = Catalogue::bundled().profiles().iter();
    let takes = profiles
        .filter(|p| p.is_concerned_by(reading))
        .map(|p| (p.id.clone(), json!(p.takes(reading))));
    value["profiles"] = Value::Object(takes.collect());
    value
}

fn requirement(requirement: &Requirement) -> Row {
    let profiles: Vec<&str> = demanding(&requirement.id).map(|p| p.id.as_str()).collect();
    Row {
        id: requirement.id.clone(),
        mark: requirement.level.word().to_owned(),
        text: requirement.statement.clone(),
        json: json!({
            "id": requirement.id,
            "level": requirement.level,
            "kind": requirement.kind,
            "role": requirement.role,
            "profiles": profiles,
            "operations": requirement.operations,
            "sources": requirement.sources,
            "statement": requirement.statement,
            "why": requirement.why,
            "remedy": requirement.remedy,
            "cases": cases_of(&requirement.id),
            "defects": defects_of(&requirement.id),
            "untestable": requirement.untestable,
        }),
    }
}

/// The profiles that demand a requirement.
pub(super) fn demanding(id: &str) -> impl Iterator<Item = &'static Profile> {
    static DEMANDS: OnceLock<Vec<(&'static Profile, Demands)>> = OnceLock::new();
    let demands = DEMANDS.get_or_init(|| {
        let catalogue = Catalogue::bundled();
        let all = catalogue.profiles().iter();
        all.map(|profile| (profile, Demands::of(profile, catalogue)))
            .collect()
    });
    let those = demands.iter().filter(move |(_, demands)| demands.contains(id));
    those.map(|(profile, _)| *profile)
}

/// The cases that speak about a requirement.
pub(super) fn cases_of(id: &str) -> Vec<&'static str> {
    Cases::bundled()
        .all()
        .iter()
        .filter(|case| case.speaks_about(id))
        .map(|case| case.id.as_str())
        .collect()
}

/// The defects that break a requirement.
pub(super) fn defects_of(id: &str) -> Vec<String> {
    Mistake::all()
        .filter(|mistake| mistake.requirement() == id)
        .map(Mistake::id)
        .collect()
}

/// The profiles under which a defect can be committed.
pub(super) fn profiles_of(mistake: Mistake) -> Vec<&'static str> {
    let profiles = Catalogue::bundled().profiles().iter();
    profiles
        .filter(|profile| mistake.exists_under(profile))
        .map(|profile| profile.id.as_str())
        .collect()
}
