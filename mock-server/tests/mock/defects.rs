//! Every defect breaks its requirement, and the compliant mock breaks none.
//!
//! The snapshot shows what else each defect breaks: it should stay little.

use crate::bench::Bench;
use crate::{exchange_probes, registry_probes};
use mock_server::Defect;
use std::fmt::Write as _;

/// The requirements that a mock with these defects does not satisfy.
async fn broken(profile: &str, defects: &[Defect]) -> Vec<String> {
    let bench = Bench::new(profile, defects).await;
    let mut broken = Vec::new();
    for requirement in registry_probes::requirements(profile) {
        let holds = if bench.profile.exchange.is_some() {
            exchange_probes::holds(&requirement, &bench).await
        } else {
            registry_probes::holds(&requirement, &bench).await
        };
        if !holds {
            broken.push(requirement);
        }
    }
    broken
}

/// What each defect of a profile breaks, its own requirement first.
async fn matrix(profile: &'static str) -> String {
    assert_eq!(broken(profile, &[]).await, [""; 0], "the compliant mock");
    let mut text = String::new();
    let defects: Vec<Defect> = Defect::all()
        .iter()
        .copied()
        .filter(|d| d.profiles().iter().any(|p| p == profile))
        .collect();
    for some in defects.chunks(8) {
        let runs: Vec<_> = some
            .iter()
            .map(|&d| (d, tokio::spawn(async move { broken(profile, &[d]).await })))
            .collect();
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn defects_of_dci_social() {
    insta::assert_snapshot!(matrix("dci-social").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn defects_of_openspp_dci() {
    insta::assert_snapshot!(matrix("openspp-dci").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn defects_of_digit_exchange() {
    insta::assert_snapshot!(matrix("digit-exchange").await);
}
