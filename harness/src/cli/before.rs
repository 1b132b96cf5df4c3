//! What a run takes over from an earlier one that the user names.

use super::args::TestArgs;
use super::fault::Fault;
use super::render::open;
use crate::run::earlier::{CaseKey, Kept, failed as failed_cases, over};
use crate::run::{Earlier, Selection};
use reports::aggregate::Run;
use reports::event::{Event, RunStarted, Target};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What `--only-failed` and `--failed-first` ask for.
pub(super) fn failed(
    args: &TestArgs,
    profiles: &[&str],
    selection: &mut Selection,
    notices: &mut Vec<String>,
) -> Result<Earlier, Fault> {
    let mut earlier = Earlier::default();
    if let Some(path) = &args.only_failed {
        let failed = failed_in(path, profiles)?;
        if failed.is_empty() {
            return Err(Fault::NothingThere(format!(
                "nothing failed in {}, so there is nothing to run",
                path.display()
            )));
        }
        selection.given.push(format!("only-failed {}", path.display()));
        earlier.only = Some(failed);
    }
    if let Some(path) = &args.failed_first {
        earlier.first = failed_in(path, profiles)?;
        if earlier.first.is_empty() {
            notices.push(format!(
                "nothing failed in {}, so the cases run in their usual order",
                path.display()
            ));
        }
    }
    Ok(earlier)
}

/// The cases of the profiles in question that failed in a run.
fn failed_in(path: &Path, profiles: &[&str]) -> Result<BTreeSet<CaseKey>, Fault> {
    let run = Run::from_log(open(path)?);
    let mine = |profile: &str| profiles.contains(&profile);
    if !run.profiles().into_iter().any(mine) {
        return Err(Fault::usage(
            format!(
                "{} is of another profile: {}",
                path.display(),
                run.profiles().join(", ")
            ),
            "name that profile with --profile, or give a run of this one",
        ));
    }
    let mut failed = failed_cases(&run);
    failed.retain(|(profile, _)| mine(profile));
    Ok(failed)
}

/// The cases that are over in the log of an interrupted run of the same kind.
pub(super) fn resumed(path: &Path, now: &RunStarted, quiet: bool) -> Result<BTreeMap<CaseKey, Kept>, Fault> {
    let log = open(path)?;
    let then = log.entries.iter().find_map(|entry| match &entry.event {
        Event::RunStarted(started) => Some(started),
        _ => None,
    });
    let Some(then) = then else {
        return Err(Fault::usage(
            format!("{} does not say what was certified", path.display()),
            "start again without --resume",
        ));
    };
    if let Some((what, remedy)) = difference(then, now) {
        return Err(Fault::usage(
            format!("{} cannot be gone on with: {what}", path.display()),
            remedy,
        ));
    }
    let kept = over(&log);
    if !quiet {
        eprintln!(
            "dcx: {} of {} cases are taken over from {}",
            kept.len(),
            now.case_count,
            path.display()
        );
    }
    Ok(kept)
}

/// In what a run differs from the one that it is to go on with, and what to do about it.
fn difference(then: &RunStarted, now: &RunStarted) -> Option<(String, String)> {
    if then.version != now.version {
        return Some((
            format!("it is of dcx {}, this is {}", then.version, now.version),
            "go on with the dcx that began it, or start again without --resume".to_owned(),
        ));
    }
    if then.seed != now.seed {
        return Some((
            format!("its seed is {}, not {}", then.seed, now.seed),
            format!("add --seed {}", then.seed),
        ));
    }
    let names = |targets: &[Target]| {
        let names = targets.iter().map(|target| {
            let url = if target.embedded {
                "the embedded mock"
            } else {
                &target.url
            };
            format!("{url} as {}", target.profile)
        });
        names.collect::<Vec<_>>().join(", ")
    };
    if names(&then.targets) != names(&now.targets) {
        return Some((
            format!(
                "it is about {}, not {}",
                names(&then.targets),
                names(&now.targets)
            ),
            "give the same URL and --profile as then, or start again without --resume".to_owned(),
        ));
    }
    let words = |selection: &[String]| match selection {
        [] => "everything".to_owned(),
        some => some.join(" "),
    };
    if then.selection != now.selection {
        return Some((
            format!(
                "it selected {}, not {}",
                words(&then.selection),
                words(&now.selection)
            ),
            "give the same --case, --requirement and --level as then".to_owned(),
        ));
    }
    let documents = [&then.document, &now.document];
    if documents.iter().all(|files| !files.is_empty()) && then.document != now.document {
        return Some((
            "its document was another".to_owned(),
            "give the document with --openapi as it was then, or start again without --resume".to_owned(),
        ));
    }
    let judged_by = |run: &RunStarted| {
        let editions: Vec<String> = run.targets.iter().map(|t| t.specification.clone()).collect();
        (editions, run.requirement_digest.clone(), run.case_count)
    };
    if judged_by(then) != judged_by(now) {
        return Some((
            "it was judged by other requirements".to_owned(),
            "give the same --edition and dcx.toml as then, or start again without --resume".to_owned(),
        ));
    }
    None
}
