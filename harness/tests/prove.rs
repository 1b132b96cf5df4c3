//! The proof of this build, as a test: defects are caught by the requirement that they break, the compliant
//! mock stays clean, and no trivial server gets past. `dcx prove` does the same for every profile, every
//! clause and many seeds.

use futures::StreamExt;
use futures::stream::iter;
use harness::prove::{
    Proved, Task, Trial, Vacuous, blamed, campaign, clean, kill, other, together, vacuity, ways,
};
use mock_server::{Breach, Defect, Mistake, Way};
use specs::catalogue::{Catalogue, Profile};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::watch;

/// Runs side by side: most of their time is spent waiting.
const SIDE_BY_SIDE: usize = 8;

fn profiles() -> &'static [Profile] {
    Catalogue::bundled().profiles()
}

#[track_caller]
fn none(what: &str, complaints: &[String]) {
    assert!(complaints.is_empty(), "{what}:\n  {}\n", complaints.join("\n  "));
}

/// Of the clauses, every so manieth is broken here.
const STRIDE: usize = 16;

#[tokio::test(flavor = "multi_thread")]
async fn every_defect_is_caught_and_so_are_breaches_of_clauses() {
    let defects = Defect::all().iter().copied().map(Mistake::Defect);
    let breaches = Breach::all().step_by(STRIDE).map(Mistake::Breach);
    let pairs: Vec<(&Profile, Mistake)> = defects
        .chain(breaches)
        .map(|mistake| {
            let profile = profiles().iter().find(|profile| mistake.exists_under(profile));
            (
                profile.unwrap_or_else(|| panic!("{} exists nowhere", mistake.id())),
                mistake,
            )
        })
        .collect();
    let kills = iter(pairs).map(async |(profile, defect)| {
        let kill = kill(profile, defect, 1_u64).await.unwrap();
        // A SHOULD is broken with a warning; anything else means that a MUST was not found violated.
        let must = profile.level_of(Catalogue::bundled().requirement(&kill.requirement).unwrap())
            == specs::evidence::Level::Must;
        let code = kill.exit_code.unwrap_or_default();
        (!kill.killed() || must != (code == 100)).then(|| {
            format!(
                "{} under {}: {} is found violated by {:?}, exit code {code}",
                kill.defect, kill.profile, kill.requirement, kill.killed_by
            )
        })
    });
    let survivors: Vec<Option<String>> = kills.buffer_unordered(SIDE_BY_SIDE).collect().await;
    let survivors: Vec<String> = survivors.into_iter().flatten().collect();
    none("defects that survived", &survivors);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_compliant_mock_is_clean() {
    let runs = iter(profiles().iter().map(|profile| (profile, 4711_u64)));
    let stains = runs.map(async |(profile, seed)| {
        let stains = clean(profile, seed).await.unwrap();
        stains
            .into_iter()
            .map(move |stain| format!("{} with seed {seed}: {stain}", profile.id))
    });
    let stains: Vec<_> = stains.buffer_unordered(SIDE_BY_SIDE).collect().await;
    let stains: Vec<String> = stains.into_iter().flatten().collect();
    none("the compliant mock is found to be at fault", &stains);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_trivial_server_gets_past() {
    let pairs = profiles()
        .iter()
        .filter(|profile| ["dci-social", "digit-exchange", "openspp-dci"].contains(&profile.id.as_str()))
        .flat_map(|profile| Vacuous::ALL.map(|server| (profile, server)));
    let passed = iter(pairs).map(async |(profile, server)| {
        let score = vacuity(profile, server, 1).await.unwrap();
        (!score.exposed()).then(|| {
            format!(
                "a server that {} under {}: exit code {:?}, credited with {:?}",
                server.describe(),
                profile.id,
                score.exit_code,
                score.credited
            )
        })
    });
    let passed: Vec<Option<String>> = passed.buffer_unordered(SIDE_BY_SIDE).collect().await;
    let passed: Vec<String> = passed.into_iter().flatten().collect();
    none("trivial servers that get past", &passed);
}

/// Each profile takes many other readings at once, and of some readings one alternative is tried alone.
#[tokio::test(flavor = "multi_thread")]
async fn the_mock_that_takes_another_legal_reading_is_clean_as_well() {
    let mut runs = Vec::new();
    for profile in profiles() {
        let all = together(&ways(profile), 5);
        assert!(all.len() > 10, "{}: {}", profile.id, all.len());
        runs.push((profile, all));
    }
    let mut tried = BTreeSet::new();
    for profile in profiles() {
        let new = ways(profile)
            .into_iter()
            .filter(|way| tried.insert(way.reading()));
        runs.extend(new.step_by(READING_STRIDE).map(|way| (profile, vec![way])));
    }
    let trial = Trial { seed: 5, examples: 5 };
    let stains = iter(runs).map(async |(profile, ways)| {
        let other = other(profile, &ways, trial).await.unwrap();
        let name = format!("{} {}", other.profile, other.name());
        other
            .stains
            .into_iter()
            .map(move |stain| format!("{name}: {stain}"))
    });
    let stains: Vec<_> = stains.buffer_unordered(SIDE_BY_SIDE).collect().await;
    let stains: Vec<String> = stains.into_iter().flatten().collect();
    none("a legal reading is blamed", &stains);
}

/// Of the readings, every so manieth is tried alone here.
const READING_STRIDE: usize = 12;

/// A profile that does not allow what the mock does: what it is then blamed for proves that it was looked at.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_profile_does_not_allow_is_blamed() {
    let social = profiles().iter().find(|p| p.id == "dci-social").unwrap();
    for (way, requirement) in [
        (Way::ListJoinOr, "dci.sync-search.list-and"),
        (Way::SubscriptionStates, "dci.unsubscribe.codes"),
        (Way::RegTypeBare, "dci.sync-search.reg-type"),
        (Way::ReplyActionSearch, "dci.sync-search.reply-action"),
    ] {
        let trial = Trial { seed: 5, examples: 5 };
        let stains = blamed(social, way, trial).await.unwrap();
        assert!(
            stains.iter().any(|stain| stain.contains(requirement)),
            "{}: {stains:?}",
            way.id()
        );
    }
}

/// What stands at every place of a campaign: under which seed, and whether it went well.
async fn carried_out(tasks: Vec<Task>, cancelled: bool) -> (bool, Vec<(usize, u64, bool)>) {
    let (_keep, cancel) = watch::channel(cancelled);
    let mut told = Vec::new();
    let complete = campaign(tasks, cancel, |place, proved| {
        told.push(match proved.expect("a proof is carried out") {
            Proved::Kill(kill) => (place, kill.seed, kill.killed()),
            Proved::Other(other) => (place, other.seed, other.stains.is_empty()),
            Proved::Clean(clean) => (place, clean.seed, clean.stains.is_empty()),
            Proved::Vacuity(score) => (place, 1, score.exposed()),
        });
    })
    .await;
    told.sort_unstable();
    (complete, told)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_tells_of_each_seed_and_can_be_interrupted() {
    let digit = profiles().iter().find(|p| p.id == "digit-exchange").unwrap();
    let digit = Arc::new(digit.clone());
    let defect = Mistake::Defect(Defect::ExchangeAnySender);
    let trial = |seed| Trial { seed, examples: 5 };
    let tasks = vec![
        Task::Kill(Arc::clone(&digit), defect, trial(7)),
        Task::Kill(Arc::clone(&digit), defect, trial(8)),
        Task::Clean(Arc::clone(&digit), trial(9)),
        Task::Vacuity(digit, Vacuous::Echo),
    ];
    let (complete, told) = carried_out(tasks.clone(), false).await;
    assert!(complete);
    assert_eq!(told, [(0, 7, true), (1, 8, true), (2, 9, true), (3, 1, true)]);
    assert_eq!(carried_out(tasks, true).await, (false, Vec::new()));
}
