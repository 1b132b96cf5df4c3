//! Proves of the user's files what tests prove of ours: nothing in them leads nowhere.

use super::{CaseFault, Own, line};
use crate::case::Fault;
use crate::twins::SIGNINGS;
use crate::{Case, Cases, laws, schema};
use specs::catalogue::{Catalogue, Requirement};
use specs::evidence::OwnFile;
use std::collections::BTreeSet;

type Proof = Result<(), CaseFault>;

/// A requirement that says what it demands, of an operation that there is.
pub(super) fn requirement(requirement: &Requirement, file: &OwnFile) -> Proof {
    for (member, text) in [
        ("statement", &requirement.statement),
        ("remedy", &requirement.remedy),
    ] {
        if text.trim().is_empty() {
            let message = format!("`{}` has an empty {member}", requirement.id);
            let remedy = "reports show it to whoever has to repair the server: say it in a sentence";
            return Err(CaseFault::at(file, &[member], message, remedy));
        }
    }
    operations(&requirement.operations, file)
}

/// A case whose names all lead somewhere, and whose steps can be told apart.
pub(super) fn case(case: &Case, file: &OwnFile, own: &Own) -> Proof {
    let fail =
        |words: &[&str], message: String, remedy: &str| Err(CaseFault::at(file, words, message, remedy));
    if Cases::bundled().get(&case.id).is_some() {
        let message = format!("`{}` is one of the built-in cases", case.id);
        return fail(
            &[],
            message,
            "give the file another name, e.g. with a word of your own before it",
        );
    }
    case.check().map_err(|message| {
        let known = laws::names();
        let near = case
            .law
            .as_deref()
            .and_then(|law| nearest(law, known.iter().copied()));
        let remedy = match (&case.law, near) {
            (Some(_), Some(near)) => format!("did you mean `{near}`?"),
            (Some(_), None) => "see the members `law` of `dcx list cases --format json`".to_owned(),
            (None, _) => "most cases of users have `[twins]`".to_owned(),
        };
        CaseFault::at(file, &["law", "twins", "generate"], message, remedy)
    })?;
    operations(&case.operations, file)?;
    if case.operations.is_empty() {
        let message = "it names no operation, so it would never run".to_owned();
        return fail(&["operations"], message, "operations = [\"sync-search\"]");
    }
    let mut listed = BTreeSet::new();
    for id in &case.requirements {
        known(id, file, own)?;
        if !listed.insert(id) {
            return fail(
                &[&format!("{id:?}")],
                format!("lists {id} twice"),
                "remove one of them",
            );
        }
        if case.twins.is_none() && own.requirements.contains_key(id) {
            let message = format!("no law and no generator can judge {id}");
            return fail(
                &[&format!("{id:?}")],
                message,
                "requirements of your own are judged by `[twins]`",
            );
        }
    }
    match &case.twins {
        Some(_) => twins(case, file, own),
        None => Ok(()),
    }
}

fn twins(case: &Case, file: &OwnFile, own: &Own) -> Proof {
    let twins = case.twins.iter();
    let faults: Vec<&Fault> = twins.clone().flat_map(|twins| &twins.fault).collect();
    if faults.is_empty() {
        let message = "there is no fault, so nothing could be judged";
        let remedy = "add a `[[twins.fault]]` with `name`, `requirement` and what is wrong";
        return Err(CaseFault::at(file, &["twins"], message, remedy));
    }
    let sets = twins.clone().flat_map(|twins| &twins.set);
    for (pointer, _) in sets {
        pointer_of(pointer, file, 0)?;
    }
    let named = twins.flat_map(|twins| twins.honest.iter().chain(&twins.form));
    let mut named: Vec<&str> = named.map(String::as_str).collect();
    for id in &named {
        speaks(case, id, file, 0, own)?;
    }
    let mut labels = BTreeSet::from(["honest"]);
    for (n, fault) in faults.iter().enumerate() {
        let from = header(&file.text, n);
        fault_of(case, fault, file, from, own)?;
        if !labels.insert(&fault.name) {
            let message = format!("two steps are called `{}`", fault.name);
            return at(
                file,
                from,
                &format!("{:?}", fault.name),
                message,
                "give each fault a name of its own",
            );
        }
        named.extend(ids(fault));
    }
    let plain = case.requirements.iter().filter(|id| !id.contains('*'));
    for id in plain {
        if !named.contains(&id.as_str()) {
            let message = format!("lists {id}, which no fault is about");
            return at(
                file,
                0,
                &format!("{id:?}"),
                message,
                "remove it, or name it in a fault",
            );
        }
    }
    Ok(())
}

/// The requirements that a fault names.
fn ids(fault: &Fault) -> Vec<&str> {
    let code = fault.code.iter().map(|code| code.requirement.as_str());
    let rest = code.chain(fault.challenge.as_deref());
    std::iter::once(fault.requirement.as_str()).chain(rest).collect()
}

fn fault_of(case: &Case, fault: &Fault, file: &OwnFile, from: usize, own: &Own) -> Proof {
    for id in ids(fault) {
        speaks(case, id, file, from, own)?;
    }
    for pointer in fault.set.iter().map(|(pointer, _)| pointer).chain(&fault.remove) {
        pointer_of(pointer, file, from)?;
    }
    if let Some(sign) = fault.sign.as_deref().filter(|sign| !SIGNINGS.contains(sign)) {
        let message = format!("`{sign}` is no way to sign");
        let remedy = format!("choose one of {}", SIGNINGS.join(", "));
        return at(file, from, &format!("{sign:?}"), message, &remedy);
    }
    if let Some(status) = fault.statuses.iter().find(|status| !(100..600).contains(*status)) {
        let message = format!("{status} is no status of HTTP");
        return at(
            file,
            from,
            &status.to_string(),
            message,
            "give three digits, e.g. 400",
        );
    }
    let changes = !fault.set.is_empty() || !fault.remove.is_empty() || fault.raw.is_some();
    if !changes && fault.media_type.is_none() && fault.auth.is_none() && fault.sign.is_none() {
        let message = format!("`{}` changes nothing", fault.name);
        let remedy = "say what is wrong: `set`, `remove`, `raw`, `media_type`, `auth` or `sign`";
        return at(file, from, &format!("{:?}", fault.name), message, remedy);
    }
    Ok(())
}

/// Where the fault of this number begins.
fn header(text: &str, n: usize) -> usize {
    let mut headers = text.match_indices("[[twins.fault]]");
    headers.nth(n).map_or(0, |(at, _)| at)
}

/// A fault of the file at a word after a place.
fn at(file: &OwnFile, from: usize, word: &str, message: String, remedy: &str) -> Proof {
    let after = file.text.get(from..).and_then(|text| text.find(word));
    Err(CaseFault {
        file: file.path.clone(),
        line: line(&file.text, from + after.unwrap_or(0)),
        message,
        remedy: remedy.to_owned(),
    })
}

fn pointer_of(pointer: &str, file: &OwnFile, from: usize) -> Proof {
    if pointer.starts_with('/') {
        return Ok(());
    }
    let message = format!("`{pointer}` is no JSON pointer");
    at(
        file,
        from,
        &format!("{pointer:?}"),
        message,
        "write it with slashes, e.g. /header/sender_id",
    )
}

fn speaks(case: &Case, id: &str, file: &OwnFile, from: usize, own: &Own) -> Proof {
    if case.speaks_about(id) {
        return Ok(());
    }
    known(id, file, own)?;
    let message = format!("names {id}, which `requirements` does not list");
    at(
        file,
        from,
        &format!("{id:?}"),
        message,
        &format!("add \"{id}\" to `requirements`"),
    )
}

fn operations(operations: &[String], file: &OwnFile) -> Proof {
    let known = schema::operations();
    let strange = |op: &&String| op.as_str() != "any" && !known.contains(op.as_str());
    let Some(strange) = operations.iter().find(strange) else {
        return Ok(());
    };
    let names: Vec<&str> = known.into_iter().collect();
    let message = format!("there is no operation `{strange}`");
    let remedy = format!("choose among {}", names.join(", "));
    Err(CaseFault::at(file, &[&format!("{strange:?}")], message, remedy))
}

fn known(id: &str, file: &OwnFile, own: &Own) -> Proof {
    let ours = || Catalogue::bundled().requirements().iter().map(|r| r.id.as_str());
    let yours = || own.requirements.keys().map(String::as_str);
    let is = |known: &str| match id.split_once('*') {
        None => known == id,
        Some((before, after)) => known.starts_with(before) && known.ends_with(after),
    };
    if ours().chain(yours()).any(is) {
        return Ok(());
    }
    let remedy = match nearest(id, ours().chain(yours())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("see `dcx list requirements`, or write a `[demand.\"{id}\"]` in this file"),
    };
    let words = [format!("{id:?}"), id.to_owned()];
    let words = words.each_ref().map(String::as_str);
    Err(CaseFault::at(
        file,
        &words,
        format!("there is no requirement `{id}`"),
        remedy,
    ))
}

fn nearest<'k>(id: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let distances = known.map(|known| (strsim::damerau_levenshtein(known, id), known));
    let (distance, nearest) = distances.min()?;
    (distance <= 3).then_some(nearest)
}

/// Every requirement of the user's has a case.
pub(super) fn used(own: &Own, cases: &[(Case, &OwnFile)]) -> Proof {
    let judged = |id: &str| cases.iter().any(|(case, _)| case.speaks_about(id));
    let Some(idle) = own.requirements.keys().find(|id| !judged(id)) else {
        return Ok(());
    };
    let within = cases.iter().find(|(case, _)| case.demand.contains_key(idle));
    Err(CaseFault {
        file: within.map_or_else(
            || format!("{}{idle}.toml", super::REQUIREMENTS),
            |(_, file)| file.path.clone(),
        ),
        line: within.map_or(1, |(_, file)| {
            line(&file.text, file.text.find(idle.as_str()).unwrap_or(0))
        }),
        message: format!("no case of yours is about {idle}"),
        remedy: "list it in the `requirements` of a case, and name it in a fault".to_owned(),
    })
}
