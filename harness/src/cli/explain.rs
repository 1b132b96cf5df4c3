//! `dcx explain`: what an id means, in the catalogue's words.

use super::args::ExplainArgs;
use super::codes::CODES;
use super::fault::Fault;
use super::list::{cases_of, defects_of, demanding, profiles_of};
use crate::config::Config;
use crate::profiles;
use crate::run::gate::exit;
use mock_server::{Defect, Mistake};
use specs::catalogue::{Catalogue, Erratum, Profile, Reading, Requirement};
use specs::lint::LintCode;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use suites::{Case, Cases};

/// Runs the command.
pub(super) fn run(args: &ExplainArgs) -> Result<u8, Fault> {
    let id = args.id.trim();
    let catalogue = Catalogue::bundled();
    let mut text = String::new();
    if let Some(found) = catalogue.requirement(id) {
        requirement(&mut text, found);
    }
    if let Some(found) = Cases::bundled().get(id) {
        case(&mut text, found);
    }
    if let Some(found) = Mistake::from_id(id) {
        defect(&mut text, found);
    }
    let own = own(args);
    let profiles = || catalogue.profiles().iter().chain(own.iter().flatten());
    if let Some(found) = profiles().find(|p| p.id == id) {
        profile(&mut text, found);
    }
    if let Some(found) = catalogue.reading(id) {
        reading(&mut text, found, profiles());
    }
    if let Some(found) = catalogue.erratum(id) {
        erratum(&mut text, found);
    }
    if let Some(found) = LintCode::from_name(id) {
        lint_code(&mut text, found);
    }
    if let Some((_, meaning)) = CODES.iter().find(|(code, _)| *code == id) {
        let _ = writeln!(text, "error code {id}\n\n  {meaning}");
    }
    if text.is_empty() {
        // What was asked for may be what the configuration fails to say.
        own?;
        let remedy = match nearest(id) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "see `dcx list requirements`, cases, defects, profiles, readings or errata".to_owned(),
        };
        return Err(Fault::usage(format!("nothing is called `{id}`"), remedy));
    }
    // A reader that had enough, such as `head`, is no failure.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
    Ok(exit::CONFORMANT)
}

/// The profiles of the user's own.
fn own(args: &ExplainArgs) -> Result<Vec<Profile>, Fault> {
    let config = Config::load(args.config.as_deref())?;
    Ok(profiles::own(&config)?)
}

fn nearest(id: &str) -> Option<String> {
    let cases = Cases::bundled().all().iter().map(|case| case.id.as_str());
    let defects = Defect::all().iter().map(|defect| defect.id());
    let codes = CODES.iter().map(|(code, _)| *code);
    let lints = LintCode::ALL.iter().map(|code| code.name());
    let other = cases
        .chain(defects)
        .chain(codes)
        .chain(lints)
        .map(|known| (strsim::jaro_winkler(id, known), known))
        .filter(|(score, _)| *score > 0.85)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known);
    other
        .or_else(|| Catalogue::bundled().suggest(id))
        .map(str::to_owned)
}

fn field(text: &mut String, name: &str, value: &str) {
    if !value.is_empty() {
        let _ = writeln!(text, "  {name:<12} {value}");
    }
}

fn erratum(text: &mut String, found: &Erratum) {
    let _ = writeln!(text, "erratum {}\n\n  {}\n", found.id, found.effect);
    for published in Catalogue::bundled().published() {
        if found.is_about(&published.id) {
            field(
                text,
                "document",
                &format!("{}, {}", published.edition, published.file),
            );
        }
    }
    field(text, "at", &found.at);
    field(text, "says", &found.says);
    field(text, "we do", &found.we_do);
    field(
        text,
        "repaired in",
        found.repaired_in.as_deref().unwrap_or_default(),
    );
    let literal = found
        .literal
        .iter()
        .flat_map(|l| l.editions.iter().map(String::as_str));
    let editions: BTreeSet<&str> = literal.collect();
    let editions: Vec<&str> = editions.into_iter().collect();
    field(text, "literal in", &editions.join(", "));
    field(text, "readings", &found.readings.join(", "));
}

fn lint_code(text: &mut String, found: LintCode) {
    let (name, severity) = (found.name(), found.severity().word());
    let _ = writeln!(
        text,
        "lint code {name} ({severity})\n\n  {}\n",
        found.description()
    );
    field(text, "effect", found.effect());
    field(text, "remedy", found.remedy());
}

fn requirement(text: &mut String, found: &Requirement) {
    let _ = writeln!(
        text,
        "requirement {} ({})\n\n  {}\n",
        found.id,
        found.level.word(),
        found.statement
    );
    field(text, "why", &found.why);
    field(text, "remedy", &found.remedy);
    for source in &found.sources {
        field(text, "source", &format!("{}, {}", source.document, source.at));
    }
    field(text, "operations", &found.operations.join(", "));
    for profile in demanding(&found.id) {
        let level = profile.level_of(found).word();
        field(
            text,
            "profile",
            &format!("{} holds it to be a {level}", profile.id),
        );
    }
    field(text, "cases", &cases_of(&found.id).join(", "));
    field(text, "defects", &defects_of(&found.id).join(", "));
    field(
        text,
        "untestable",
        found.untestable.as_deref().unwrap_or_default(),
    );
}

fn case(text: &mut String, found: &Case) {
    let _ = writeln!(text, "case {}\n\n  {}\n", found.id, found.title);
    field(text, "operations", &found.operations.join(", "));
    field(text, "law", found.law.as_deref().unwrap_or_default());
    if let Some(twins) = &found.twins {
        let names: Vec<&str> = twins.fault.iter().map(|fault| fault.name.as_str()).collect();
        field(
            text,
            "twins",
            &format!("an honest request, and the same with {}", names.join("; with ")),
        );
    }
    for id in &found.requirements {
        field(text, "requirement", id);
    }
}

fn defect(text: &mut String, found: Mistake) {
    let _ = writeln!(text, "defect {}\n\n  {}\n", found.id(), found.mistake());
    field(text, "breaks", found.requirement());
    let profiles = profiles_of(found);
    field(text, "profiles", &profiles.join(", "));
    field(text, "caught by", &cases_of(found.requirement()).join(", "));
    let profile = profiles.first().copied().unwrap_or_default();
    field(
        text,
        "try it",
        &format!("dcx mock --profile {profile} --defect {}", found.id()),
    );
}

fn profile(text: &mut String, found: &Profile) {
    let _ = writeln!(text, "profile {}\n\n  {}\n", found.id, found.title);
    field(text, "specification", &found.specification);
    field(
        text,
        "base path",
        if found.base_path.is_empty() {
            "none"
        } else {
            &found.base_path
        },
    );
    for (id, operation) in &found.operations {
        let optional = if operation.optional { " (optional)" } else { "" };
        let what = format!("{id:<22} POST {}{optional}", operation.path);
        field(text, "operation", &what);
    }
    let events = found.registry.iter().flat_map(|registry| &registry.event_types);
    for event in events {
        field(text, "event type", event);
    }
    let catalogue = Catalogue::bundled();
    field(
        text,
        "requirements",
        &catalogue.requirements_of(found).len().to_string(),
    );
    field(text, "cases", &Cases::bundled().of(found).count().to_string());
    for (reading, alternatives) in &found.readings {
        field(
            text,
            "reading",
            &format!("{reading}: {}", alternatives.join(" or ")),
        );
    }
    let others = catalogue.readings().iter();
    let others = others.filter(|r| found.is_concerned_by(r) && !found.readings.contains_key(&r.id));
    field(
        text,
        "readings",
        &format!("{} others have their default", others.count()),
    );
}

fn reading<'p>(text: &mut String, found: &Reading, profiles: impl Iterator<Item = &'p Profile>) {
    let _ = writeln!(text, "reading {}\n\n  {}\n", found.id, found.question);
    for alternative in &found.alternatives {
        let default = if alternative.id == found.default {
            " (our default)"
        } else {
            ""
        };
        field(
            text,
            &alternative.id,
            &format!("{}{default}", alternative.statement),
        );
        field(
            text,
            "",
            &if alternative.followed_by.is_empty() {
                String::new()
            } else {
                format!("followed by {}", alternative.followed_by.join("; "))
            },
        );
    }
    field(text, "reason", &found.reason);
    for profile in profiles.filter(|p| p.is_concerned_by(found)) {
        let takes = profile.takes(found).join(" or ");
        let pinned = profile.readings.contains_key(&found.id);
        let why = if pinned { "" } else { " (the default)" };
        field(text, "profile", &format!("{} takes {takes}{why}", profile.id));
    }
}
