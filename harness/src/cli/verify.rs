//! `dcx verify`: check a bundle's digests, and judge its evidence again.

use super::args::VerifyArgs;
use super::fault::Fault;
use crate::config::Config;
use crate::openapi::{self, Judge};
use crate::profiles;
use crate::run::gate::exit;
use crate::target::in_edition;
use reports::bundle::Bundle;
use reports::event::{Event, RunStarted};
use specs::catalogue::{Catalogue, Demands, Profile};
use specs::document::Document;
use specs::evidence::{Check, Observation};
use std::collections::BTreeMap;
use std::sync::Arc;
use suites::context::{Context, Learnt, Schemas};
use suites::{Cases, judgement};

/// Runs the command.
pub(super) fn run(args: &VerifyArgs) -> Result<u8, Fault> {
    let bundle = Bundle::open(&args.bundle)?;
    println!("digests      in order: every file of the bundle is as it was written");
    if let Some(cut) = &bundle.log.cut {
        println!("complete     no: {cut}");
    }
    let mut judged = 0;
    let mut differ = Vec::new();
    let mut unknown = 0;
    let own = own(&bundle.config);
    let mut started: Option<(RunStarted, Cases)> = None;
    let mut document: Option<Judge> = None;
    let mut absent: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut seen: BTreeMap<(String, String), Vec<Observation>> = BTreeMap::new();
    for entry in bundle.log.entries {
        match entry.event {
            Event::RunStarted(begun) => {
                // What a user wrote that this build does not understand counts as not judged.
                let cases = Cases::with(begun.own_cases.clone());
                document = Document::of_files(&begun.document)
                    .ok()
                    .map(|document| Judge::by(&document));
                started = Some((begun, cases.unwrap_or_default()));
            }
            Event::PreflightFinished(flight) => {
                absent.insert(flight.profile, flight.absent);
            }
            Event::Observed(observed) => {
                seen.entry((observed.profile, observed.case))
                    .or_default()
                    .push(observed.observation);
            }
            Event::CaseFinished(finished) => {
                let key = (finished.profile.clone(), finished.case.clone());
                let observations = seen.remove(&key).unwrap_or_default();
                let without = absent.get(&finished.profile).map_or(&[][..], Vec::as_slice);
                let by_document = document.as_ref().filter(|_| finished.profile == openapi::PROFILE);
                let again = started.as_ref().and_then(|(run, cases)| {
                    if let Some(document) = by_document {
                        return document.judge(&finished.case, &observations);
                    }
                    judge(
                        (run, cases),
                        &own,
                        (&finished.profile, without),
                        &finished.case,
                        &observations,
                    )
                });
                match again {
                    None => unknown += 1,
                    Some(again) => {
                        judged += 1;
                        if !same(&finished.checks, &again) {
                            differ.push(format!("{} {}", finished.profile, finished.case));
                        }
                    }
                }
            }
            _ => {}
        }
    }
    if unknown > 0 {
        println!("not judged   {unknown} cases that this build does not know or cannot judge offline");
    }
    if differ.is_empty() {
        println!("verdicts     {judged} cases judged again from the evidence: every verdict is the same");
        return Ok(exit::CONFORMANT);
    }
    for case in &differ {
        println!("DIFFERENT    {case}");
    }
    println!(
        "verdicts     {} of {judged} cases judged again come out differently",
        differ.len()
    );
    Ok(exit::NOT_CONFORMANT)
}

/// The verdicts that count; a check that the run's selection left out is not compared.
fn same(recorded: &[Check], again: &[Check]) -> bool {
    recorded.iter().all(|check| {
        again.iter().any(|other| {
            other.requirement == check.requirement
                && (other.verdict == check.verdict || needs_key(check) || needs_key(other))
        })
    })
}

/// A signature can only be judged again with the target's key, which a bundle does not hold.
fn needs_key(check: &Check) -> bool {
    check
        .reason
        .as_ref()
        .is_some_and(|reason| reason.contains("public key is not configured"))
}

/// The profiles that the user wrote into the configuration of the run; none where it makes no sense, so
/// that their cases count as not judged.
fn own(config: &str) -> Vec<Profile> {
    let config = Config::of_text(config).ok();
    config.and_then(|c| profiles::own(&c).ok()).unwrap_or_default()
}

/// The profile that a run judged a target by.
fn profile_of(run: &RunStarted, own: &[Profile], id: &str) -> Option<Profile> {
    let found = Catalogue::bundled().profile(id);
    let mut profile = found.or_else(|| own.iter().find(|p| p.id == id))?.clone();
    let target = run.targets.iter().find(|target| target.profile == id)?;
    if let Some((_, edition)) = target.specification.rsplit_once(" (edition ") {
        profile.edition = Some(edition.trim_end_matches(')').to_owned());
    }
    Some(profile)
}

/// Judges a case again, under a profile without the operations that the target did not offer.
fn judge(
    (run, cases): (&RunStarted, &Cases),
    own: &[Profile],
    (profile, absent): (&str, &[String]),
    case: &str,
    observations: &[Observation],
) -> Option<Vec<Check>> {
    let mut profile = profile_of(run, own, profile)?;
    profile.operations.retain(|id, _| !absent.contains(id));
    let (profile, document) = in_edition(profile).ok()?;
    let case = cases.get(case)?;
    let schemas = Schemas::of(&profile, &document).ok()?;
    let (sender_id, receiver_id) = parties(observations).unwrap_or_else(|| {
        (
            profile.partner.sender_id.clone(),
            profile.partner.receiver_id.clone(),
        )
    });
    let context = Context {
        profile: Arc::new(profile.clone()),
        demands: Demands::of(&profile, Catalogue::bundled()).with(cases.demands(&profile)),
        schemas: Arc::new(schemas),
        seed: run.seed,
        salt: String::new(),
        case: case.id.clone(),
        sender_id,
        receiver_id,
        receiver_key: None,
        known: Arc::default(),
        learnt: Learnt::default(),
    };
    let judgements = case.judge(&context, observations);
    Some(judgement::checks(judgements, &profile, &context.demands))
}

/// Who spoke to whom, as the first honest request says.
fn parties(observations: &[Observation]) -> Option<(String, String)> {
    observations.iter().find_map(|observation| {
        let Observation::Exchange(exchange) = observation else {
            return None;
        };
        let body = exchange
            .request
            .body
            .json()
            .filter(|_| exchange.intent == specs::evidence::Intent::Honest)?;
        let text = |name: &str| body.pointer(name).and_then(|v| v.as_str()).map(str::to_owned);
        Some((text("/header/sender_id")?, text("/header/receiver_id")?))
    })
}
