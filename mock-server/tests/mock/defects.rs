//! Every defect breaks its requirement, and the compliant mock breaks none.
//!
//! The snapshot shows what else each defect breaks: it should stay little.

use crate::bench::Bench;
use crate::{exchange_probes, registry_probes};
use mock_server::Defect;
use std::fmt::Write as _;

/// How many mocks run at once: most of their time is spent waiting.
const SIDE_BY_SIDE: usize = 8;

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
        "form",
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

/// What a careless developer does not check is a matter of each document.
const OF_THE_DOCUMENT: [Defect; 7] = [
    Defect::ActionUnchecked,
    Defect::BoundsUnchecked,
    Defect::EnumUnchecked,
    Defect::LocaleUnchecked,
    Defect::RequiredUnchecked,
    Defect::TimestampUnchecked,
    Defect::TypeUnchecked,
];

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

/// The requirements of these families under a profile.
fn of_families(profile: &str, families: &[&str]) -> Vec<String> {
    let mut all = requirements(profile, true);
    all.retain(|id| families.contains(&id.split('.').nth(1).unwrap_or_default()));
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn defects_of_subscriptions() {
    let own = of_families("dci-crvs", &["subscribe", "unsubscribe", "notify"]);
    insta::assert_snapshot!(matrix("dci-crvs", own).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn defects_of_questions_about_transactions() {
    insta::assert_snapshot!(matrix("dci-crvs", of_families("dci-crvs", &["txn-status"])).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn defects_of_the_registries_with_questions() {
    let mut text = String::new();
    for (profile, families) in [
        (
            "dci-disability",
            ["disabled", "disability-support", "disability-details"].as_slice(),
        ),
        ("dci-beneficiary", &["enrolled", "enrollment-updates"]),
        ("dci-economic-support", &["check-enrollment"]),
    ] {
        let own = of_families(profile, families);
        let _ = writeln!(text, "# {profile}\n{}", matrix(profile, own).await);
    }
    insta::assert_snapshot!(text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_registries_break_nothing_and_can_leave_their_requests_unchecked() {
    let registries = [
        "dci-disability",
        "dci-farmer",
        "dci-beneficiary",
        "dci-economic-support",
    ];
    for run in registries.map(|profile| tokio::spawn(unchecked(profile))) {
        run.await.unwrap();
    }
}

async fn unchecked(profile: &'static str) {
    let all = registry_probes::requirements(profile);
    assert_eq!(broken(profile, &[], &all).await, [""; 0], "the compliant mock");
    for defect in OF_THE_DOCUMENT {
        let own = [defect.requirement().to_owned()];
        assert_eq!(
            broken(profile, &[defect], &own).await,
            own,
            "{} under {profile}",
            defect.id()
        );
    }
}
