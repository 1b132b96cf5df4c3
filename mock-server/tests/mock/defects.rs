//! Every defect breaks its requirement, and the compliant mock breaks none.
//!
//! The snapshot shows what else each defect breaks: it should stay little.

use crate::bench::Bench;
use crate::{exchange_probes, registry_probes};
use mock_server::Defect;
use std::fmt::Write as _;

/// How many mocks run at once: most of their time is spent waiting.
const SIDE_BY_SIDE: usize = 16;

/// The requirements among these that a mock with these defects does not satisfy.
async fn broken(profile: &str, defects: &[Defect], requirements: &[String]) -> Vec<String> {
    let bench = Bench::new(profile, defects).await;
    let mut broken = Vec::new();
    for requirement in requirements {
        let holds = if bench.profile.exchange.is_some() {
            exchange_probes::holds(requirement, &bench).await
        } else {
            registry_probes::holds(requirement, &bench).await
        };
        if !holds {
            broken.push(requirement.clone());
        }
    }
    broken
}

fn defects_of(profile: &str) -> impl Iterator<Item = Defect> {
    let all = Defect::all().iter().copied();
    all.filter(move |d| d.profiles().iter().any(|p| p == profile))
}

/// What each defect of a profile breaks among these requirements, its own first.
async fn matrix(profile: &'static str, requirements: Vec<String>) -> String {
    assert_eq!(
        broken(profile, &[], &requirements).await,
        [""; 0],
        "the compliant mock"
    );
    let mut text = String::new();
    let named = |d: &Defect| requirements.iter().any(|r| r == d.requirement());
    let defects: Vec<Defect> = defects_of(profile).filter(named).collect();
    for some in defects.chunks(SIDE_BY_SIDE) {
        let run = |d: Defect| {
            let requirements = requirements.clone();
            tokio::spawn(async move { broken(profile, &[d], &requirements).await })
        };
        let runs: Vec<_> = some.iter().map(|&d| (d, run(d))).collect();
        for (defect, run) in runs {
            let mut found = run.await.unwrap();
            let own = found.iter().position(|r| r == defect.requirement());
            let own = own.unwrap_or_else(|| panic!("{} is not seen under {profile}", defect.id()));
            found.remove(own);
            let _ = write!(text, "{}: {}", defect.id(), defect.requirement());
            for other in found {
                let _ = write!(text, " + {other}");
            }
            text.push('\n');
        }
    }
    text
}

/// Whether a requirement is about more than tokens and searches.
fn is_beyond_search(requirement: &str) -> bool {
    let families = [
        "token",
        "bearer",
        "request",
        "refusal",
        "sync-search",
        "search",
        "correlation-unique",
    ];
    let family = requirement.split('.').nth(1).unwrap_or_default();
    requirement.starts_with("dci.") && !families.contains(&family)
}

/// The requirements of a profile that are, or are not, about more than tokens and searches.
fn requirements(profile: &str, beyond_search: bool) -> Vec<String> {
    let mut all = registry_probes::requirements(profile);
    all.retain(|id| is_beyond_search(id) == beyond_search);
    all
}

/// Each defect breaks its own requirement under a profile; no more is asked here.
async fn each_is_seen(profile: &'static str) {
    let all = registry_probes::requirements(profile);
    assert_eq!(broken(profile, &[], &all).await, [""; 0], "the compliant mock");
    let defects: Vec<Defect> = defects_of(profile)
        .filter(|d| is_beyond_search(d.requirement()))
        .collect();
    for some in defects.chunks(SIDE_BY_SIDE) {
        let run = |d: Defect| {
            tokio::spawn(async move { broken(profile, &[d], &[d.requirement().to_owned()]).await })
        };
        let runs: Vec<_> = some.iter().map(|&d| (d, run(d))).collect();
        for (defect, run) in runs {
            let seen = !run.await.unwrap().is_empty();
            // Where one type of event exists, no other can be told of.
            let alone =
                defect == Defect::NotifyAnyEvent && Bench::new(profile, &[]).await.has_one_event_type();
            assert!(seen || alone, "{} is not seen under {profile}", defect.id());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn defects_of_dci_social() {
    insta::assert_snapshot!(matrix("dci-social", requirements("dci-social", false)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn defects_of_openspp_dci() {
    insta::assert_snapshot!(matrix("openspp-dci", requirements("openspp-dci", false)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn defects_of_digit_exchange() {
    insta::assert_snapshot!(matrix("digit-exchange", requirements("digit-exchange", false)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn defects_beyond_search_of_dci_crvs() {
    insta::assert_snapshot!(matrix("dci-crvs", requirements("dci-crvs", true)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn defects_of_the_registries_with_questions() {
    let mut text = String::new();
    for profile in ["dci-disability", "dci-beneficiary", "dci-economic-support"] {
        let mut own = requirements(profile, true);
        own.retain(|id| {
            ["dci.disab", "dci.enrol", "dci.check"]
                .iter()
                .any(|family| id.starts_with(family))
        });
        let _ = writeln!(text, "# {profile}\n{}", matrix(profile, own).await);
    }
    insta::assert_snapshot!(text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_defect_is_seen_under_each_registry() {
    let registries = [
        "dci-social",
        "dci-disability",
        "dci-farmer",
        "dci-beneficiary",
        "dci-economic-support",
    ];
    for run in registries.map(|profile| tokio::spawn(each_is_seen(profile))) {
        run.await.unwrap();
    }
}
