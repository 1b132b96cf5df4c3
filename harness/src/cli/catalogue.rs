//! `dcx render catalogue`: everything that can be listed and explained, as one page.

use super::args::CatalogueArgs;
use super::fault::Fault;
use super::list::{cases_of, defects_of, demanding};
use crate::run::gate::exit;
use mock_server::Defect;
use reports::catalogue::{Catalogue as Page, Entry, Fact, Section, Words};
use specs::catalogue::{Catalogue, Erratum, Kind, Profile, Reading, Requirement, Role};
use specs::evidence::Level;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use suites::{Case, Cases};

/// Runs the command.
pub(super) fn run(args: &CatalogueArgs) -> Result<u8, Fault> {
    let page = page();
    match args.out.as_deref().filter(|path| *path != Path::new("-")) {
        None => {
            let mut text = Vec::new();
            // A reader that had enough, such as `head`, is no failure.
            let _ = reports::catalogue::render(&page, &mut text)
                .and_then(|()| std::io::stdout().lock().write_all(&text));
        }
        Some(path) => File::create(path)
            .and_then(|file| {
                let mut out = BufWriter::new(file);
                reports::catalogue::render(&page, &mut out)?;
                out.flush()
            })
            .map_err(|e| {
                Fault::Report(format!(
                    "failed to write the catalogue to {}: {e}",
                    path.display()
                ))
            })?,
    }
    Ok(exit::CONFORMANT)
}

/// The catalogue of this build.
pub(super) fn page() -> Page {
    let catalogue = Catalogue::bundled();
    let section = |id: &str, title: &str, lead: &str, entries: Vec<Entry>| Section {
        id: id.to_owned(),
        title: title.to_owned(),
        lead: lead.to_owned(),
        entries,
    };
    Page {
        tool: format!("dcx {}", env!("CARGO_PKG_VERSION")),
        sections: vec![
            section(
                "requirements",
                "Requirements",
                "One clause each, with its level, its sources and why we hold it to be of that level.",
                catalogue.requirements().iter().map(requirement).collect(),
            ),
            section(
                "cases",
                "Cases",
                "Experiments: what is sent, and which requirements the answers speak about.",
                Cases::bundled().all().iter().map(case).collect(),
            ),
            section(
                "defects",
                "Defects",
                "What the mock can do wrong on purpose; the requirement that it breaks must be found violated.",
                Defect::all().iter().map(|defect| self::defect(*defect)).collect(),
            ),
            section(
                "readings",
                "Readings",
                "Where the documents are silent or contradict themselves: the alternatives, and who takes which.",
                catalogue.readings().iter().map(reading).collect(),
            ),
            section(
                "errata",
                "Errata",
                "Where our documents depart from the published ones, and what stood there.",
                catalogue.errata().iter().map(erratum).collect(),
            ),
            section(
                "profiles",
                "Profiles",
                "What a target claims to be: documents, requirements, addresses, signatures, readings.",
                catalogue.profiles().iter().map(profile).collect(),
            ),
        ],
    }
}

fn text(name: &str, said: &str) -> Fact {
    Fact {
        name: name.to_owned(),
        values: [said]
            .iter()
            .filter(|s| !s.is_empty())
            .map(|s| Words::Text((*s).to_owned()))
            .collect(),
    }
}

fn texts(name: &str, said: impl IntoIterator<Item = String>) -> Fact {
    Fact {
        name: name.to_owned(),
        values: said.into_iter().map(Words::Text).collect(),
    }
}

fn links<'i>(name: &str, ids: impl IntoIterator<Item = &'i str>) -> Fact {
    Fact {
        name: name.to_owned(),
        values: ids.into_iter().map(|id| Words::Id(id.to_owned())).collect(),
    }
}

/// The defects that break a requirement. Those that break a clause have no entry of their own.
fn defects(requirement: &str) -> Fact {
    let word = |id: String| match Defect::from_id(&id) {
        Some(_) => Words::Id(id),
        None => Words::Text(format!("`{id}`")),
    };
    Fact {
        name: "defects".to_owned(),
        values: defects_of(requirement).into_iter().map(word).collect(),
    }
}

fn profile(found: &Profile) -> Entry {
    let catalogue = Catalogue::bundled();
    let requirements = catalogue.requirements_of(found);
    let operations = found.operations.iter();
    let operations = operations.map(|(id, operation)| format!("{id}: `POST {}`", operation.path));
    let levels = found
        .levels
        .iter()
        .map(|(glob, level)| format!("`{glob}` is a {}", level.word()));
    let base = if found.base_path.is_empty() {
        "none"
    } else {
        &found.base_path
    };
    let readings = found.readings.iter();
    Entry {
        id: found.id.clone(),
        statement: found.title.clone(),
        profiles: vec![found.id.clone()],
        marks: vec![found.specification.clone()],
        facts: vec![
            text("base path", base),
            texts("operations", operations),
            texts("levels", levels),
            texts(
                "readings",
                readings.map(|(id, allowed)| format!("`{id}`: {}", allowed.join(" or "))),
            ),
            links("requirements", requirements.iter().map(|r| r.id.as_str())),
            links("cases", Cases::bundled().of(found).map(|c| c.id.as_str())),
        ],
        level: None,
    }
}

fn requirement(found: &Requirement) -> Entry {
    let profiles: Vec<&Profile> = demanding(&found.id).collect();
    let otherwise = profiles.iter().filter(|p| p.level_of(found) != found.level);
    let kind = match found.kind {
        Kind::Form => "form",
        Kind::Behaviour => "behaviour",
    };
    let role = match found.role {
        Role::Registry => "registry",
        Role::Consumer => "consumer",
        Role::Exchange => "exchange",
    };
    let sources = found.sources.iter().map(|s| format!("{}, {}", s.document, s.at));
    Entry {
        id: found.id.clone(),
        statement: found.statement.clone(),
        level: Some(found.level),
        marks: vec![kind.to_owned(), role.to_owned()],
        profiles: profiles.iter().map(|p| p.id.clone()).collect(),
        facts: vec![
            text("why", &found.why),
            text("remedy", &found.remedy),
            texts("sources", sources),
            text("operations", &found.operations.join(", ")),
            links("profiles", profiles.iter().map(|p| p.id.as_str())),
            texts(
                "other level",
                otherwise.map(|p| format!("`{}`: {}", p.id, p.level_of(found).word())),
            ),
            links("cases", cases_of(&found.id)),
            defects(&found.id),
            text("untestable", found.untestable.as_deref().unwrap_or_default()),
        ],
    }
}

/// The level of a requirement, by id.
fn level(id: &str) -> Option<Level> {
    Catalogue::bundled().requirement(id).map(|r| r.level)
}

fn case(found: &Case) -> Entry {
    let profiles = Catalogue::bundled().profiles().iter();
    let runs = |p: &&Profile| Cases::bundled().of(p).any(|c| c.id == found.id);
    let twins = found
        .twins
        .iter()
        .flat_map(|twins| twins.fault.iter().map(|f| f.name.clone()));
    let all = Catalogue::bundled().requirements().iter();
    let spoken: Vec<&Requirement> = all.filter(|r| found.speaks_about(&r.id)).collect();
    Entry {
        id: found.id.clone(),
        statement: found.title.clone(),
        level: spoken.iter().map(|r| r.level).max(),
        marks: Vec::new(),
        profiles: profiles.filter(runs).map(|p| p.id.clone()).collect(),
        facts: vec![
            links("requirements", spoken.iter().map(|r| r.id.as_str())),
            text("operations", &found.operations.join(", ")),
            text("law", found.law.as_deref().unwrap_or_default()),
            texts("faulty twins", twins),
        ],
    }
}

fn defect(found: Defect) -> Entry {
    let profile = found.profiles().first().map_or("", String::as_str);
    Entry {
        id: found.id().to_owned(),
        statement: found.mistake().to_owned(),
        level: level(found.requirement()),
        marks: Vec::new(),
        profiles: found.profiles().to_vec(),
        facts: vec![
            links("breaks", [found.requirement()]),
            links("cases", cases_of(found.requirement())),
            links("profiles", found.profiles().iter().map(String::as_str)),
            text(
                "try it",
                &format!("`dcx mock --profile {profile} --defect {}`", found.id()),
            ),
        ],
    }
}

fn reading(found: &Reading) -> Entry {
    let catalogue = Catalogue::bundled();
    let profiles: Vec<&Profile> = catalogue
        .profiles()
        .iter()
        .filter(|p| p.is_concerned_by(found))
        .collect();
    let alternatives = found.alternatives.iter().map(|alternative| {
        let followed = match alternative.followed_by.join("; ") {
            nobody if nobody.is_empty() => String::new(),
            somebody => format!(" — followed by {somebody}"),
        };
        let default = if alternative.id == found.default {
            " (our default)"
        } else {
            ""
        };
        format!(
            "`{}`{default}: {}{followed}",
            alternative.id, alternative.statement
        )
    });
    let takes = profiles
        .iter()
        .map(|p| format!("`{}` takes {}", p.id, p.takes(found).join(" or ")));
    let errata = catalogue
        .errata()
        .iter()
        .filter(|e| e.readings.contains(&found.id));
    Entry {
        id: found.id.clone(),
        statement: found.question.clone(),
        level: None,
        marks: vec![format!("default {}", found.default)],
        profiles: profiles.iter().map(|p| p.id.clone()).collect(),
        facts: vec![
            texts("alternatives", alternatives),
            text("reason", &found.reason),
            texts("profiles", takes),
            links("errata", errata.map(|e| e.id.as_str())),
        ],
    }
}

fn erratum(found: &Erratum) -> Entry {
    let catalogue = Catalogue::bundled();
    let about: Vec<_> = catalogue
        .published()
        .iter()
        .filter(|p| found.is_about(&p.id))
        .collect();
    let ours = |p: &&Profile| about.iter().any(|published| published.ours == p.document);
    let mut editions: Vec<&str> = found
        .literal
        .iter()
        .flat_map(|l| l.editions.iter().map(String::as_str))
        .collect();
    editions.sort_unstable();
    editions.dedup();
    Entry {
        id: found.id.clone(),
        statement: found.effect.clone(),
        level: None,
        marks: Vec::new(),
        profiles: catalogue
            .profiles()
            .iter()
            .filter(ours)
            .map(|p| p.id.clone())
            .collect(),
        facts: vec![
            texts(
                "documents",
                about.iter().map(|p| format!("{}, {}", p.edition, p.file)),
            ),
            text("at", &found.at),
            text("says", &found.says),
            text("we do", &found.we_do),
            text("repaired in", found.repaired_in.as_deref().unwrap_or_default()),
            text("literal in", &editions.join(", ")),
            links("readings", found.readings.iter().map(String::as_str)),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_link_is_ambiguous_and_every_id_leads_somewhere() {
        let page = page();
        assert_eq!(page.ambiguous(), Vec::<&str>::new());
        let entries = || page.sections.iter().flat_map(|s| &s.entries);
        for entry in entries() {
            assert!(!entry.statement.is_empty(), "{}", entry.id);
            for fact in &entry.facts {
                for words in &fact.values {
                    if let Words::Id(id) = words {
                        assert!(
                            entries().any(|e| e.id == *id),
                            "{}: nothing is called {id}",
                            entry.id
                        );
                    }
                }
            }
        }
    }
}
