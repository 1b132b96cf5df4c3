//! Planning and judging are total: whatever a target does, however a run is cut, nothing panics, every
//! judgement is about a requirement of its case, and every finding points at something that was observed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod arbitrary;
mod target;

use arbitrary::{behaviour, observation};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use specs::catalogue::{Catalogue, Demands};
use specs::document::Document;
use specs::evidence::{Check, Observation, Verdict};
use specs::wire::demo;
use specs::wire::key::{Algorithm, PublicKey};
use specs::wire::scheme;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use suites::context::{Learnt, Schemas};
use suites::{Case, Cases, Context, Judgement, Outcome, judgement, readings};

/// No case plans more steps than this for a target that answers each of them.
const MOST_STEPS: usize = 150;

fn contexts() -> &'static [Context] {
    static CONTEXTS: OnceLock<Vec<Context>> = OnceLock::new();
    CONTEXTS.get_or_init(|| {
        let key = |profile: &specs::catalogue::Profile| {
            let pem = match scheme::algorithm(profile.signature.scheme) {
                Some(Algorithm::Ed25519) => demo::RECEIVER_ED25519_PUB_PEM,
                _ => demo::RECEIVER_PUB_PEM,
            };
            Arc::new(PublicKey::from_pem(pem).unwrap())
        };
        let context = |profile: &specs::catalogue::Profile| {
            let document = Document::bundled(&profile.document).unwrap();
            Context {
                demands: Demands::of(profile, Catalogue::bundled()),
                schemas: Arc::new(Schemas::of(profile, &document).unwrap()),
                seed: 7,
                salt: String::new(),
                case: String::new(),
                sender_id: profile.partner.sender_id.clone(),
                receiver_id: profile.partner.receiver_id.clone(),
                receiver_key: Some(key(profile)),
                known: Arc::default(),
                learnt: Learnt::default(),
                profile: Arc::new(profile.clone()),
            }
        };
        Catalogue::bundled().profiles().iter().map(context).collect()
    })
}

/// The same targets each time; `PROPTEST_RNG_SEED` asks for others.
fn config(cases: u32) -> Config {
    let rng_seed = match Config::default().rng_seed {
        RngSeed::Random => RngSeed::Fixed(2026),
        asked @ RngSeed::Fixed(_) => asked,
    };
    Config {
        cases,
        rng_seed,
        failure_persistence: None,
        ..Config::default()
    }
}

/// Everything that must hold of the judgement of any observations.
fn judged(case: &Case, cx: &Context, seen: &[Observation]) {
    let judgements = case.judge(cx, seen);
    assert_eq!(
        judgements,
        case.judge(cx, seen),
        "{}: judged otherwise again",
        case.id
    );
    let runs = Cases::bundled().of(&cx.profile).any(|other| other.id == case.id);
    for judgement in &judgements {
        let id = &judgement.requirement;
        assert!(
            case.speaks_about(id),
            "{} judges {id}, which it does not list",
            case.id
        );
        let Outcome::Violated(findings) = &judgement.outcome else {
            continue;
        };
        assert!(
            !findings.is_empty(),
            "{}: {id} is violated without a finding",
            case.id
        );
        for finding in findings {
            assert_eq!(&finding.requirement, id, "{}", case.id);
            let at = finding.observation;
            assert!(
                at.is_some_and(|i| i < seen.len()),
                "{}: {id} at {at:?} of {}",
                case.id,
                seen.len()
            );
            let said = !finding.expected.is_empty() && !finding.actual.is_empty();
            assert!(said || !runs, "{}: {id} is not told in words", case.id);
        }
    }
    merged(case, cx, &judgements);
    for taken in readings::taken(&cx.profile, seen) {
        assert!(
            readings::words(&taken).is_some(),
            "{taken:?} is not in the register"
        );
    }
}

fn verdicts(checks: &[Check]) -> BTreeMap<String, Verdict> {
    let verdicts: BTreeMap<String, Verdict> = checks
        .iter()
        .map(|c| (c.requirement.clone(), c.verdict))
        .collect();
    assert_eq!(verdicts.len(), checks.len(), "one check for each requirement");
    verdicts
}

/// Merging judgements keeps every demanded requirement, in order, with a reason where one is owed; saying
/// the same twice or in another order changes no verdict and loses no finding.
fn merged(case: &Case, cx: &Context, judgements: &[Judgement]) {
    let checks = judgement::checks(judgements.to_vec(), &cx.profile, &cx.demands);
    let demanded = cx.profile.requirement_set().unwrap();
    let expected: BTreeMap<&str, usize> = judgements
        .iter()
        .filter(|j| demanded.is_match(&j.requirement))
        .map(|j| (j.requirement.as_str(), 0))
        .collect();
    assert!(
        checks
            .iter()
            .map(|c| c.requirement.as_str())
            .eq(expected.into_keys()),
        "{}",
        case.id
    );
    for check in &checks {
        let owed = matches!(check.verdict, Verdict::Inconclusive | Verdict::Skipped);
        assert!(
            !owed || check.reason.is_some(),
            "{}: {} says no reason",
            case.id,
            check.requirement
        );
        let violated = matches!(check.verdict, Verdict::Fail | Verdict::Warn);
        assert!(
            !violated || !check.findings.is_empty(),
            "{}: {}",
            case.id,
            check.requirement
        );
    }
    let findings: usize = checks.iter().map(|c| c.findings.len()).sum();
    let mut backwards = judgements.to_vec();
    backwards.reverse();
    let backwards = judgement::checks(backwards, &cx.profile, &cx.demands);
    assert_eq!(verdicts(&backwards), verdicts(&checks));
    assert_eq!(
        backwards.iter().map(|c| c.findings.len()).sum::<usize>(),
        findings
    );
    let twice = judgements.iter().chain(judgements).cloned().collect();
    assert_eq!(
        verdicts(&judgement::checks(twice, &cx.profile, &cx.demands)),
        verdicts(&checks)
    );
}

proptest! {
    #![proptest_config(config(1500))]

    /// A target that answers each step of a case honestly, nearly so, or not at all.
    #[test]
    fn a_case_copes_with_whatever_its_target_does(
        case in 0..Cases::bundled().all().len(),
        profile in 0..contexts().len(),
        behaviours in proptest::collection::vec(behaviour(), 1..12),
        cut in 0..MOST_STEPS,
    ) {
        let case = &Cases::bundled().all()[case];
        let cx = contexts()[profile].for_case(&case.id);
        let mut seen = Vec::new();
        let mut steps = 0;
        while let Some(step) = case.next(&cx, &seen) {
            let behaviour = &behaviours[steps % behaviours.len()];
            target::observe(&cx, &step, behaviour, &mut seen);
            steps += 1;
            prop_assert!(steps < MOST_STEPS, "{} does not end", case.id);
        }
        judged(case, &cx, &seen);
        judged(case, &cx, &seen[..cut.min(seen.len())]);
    }
}

proptest! {
    #![proptest_config(config(20))]

    /// Observations in any number and order, with labels that cases use.
    #[test]
    fn every_case_copes_with_any_observations(
        seen in proptest::collection::vec(observation(), 0..14),
    ) {
        for cx in contexts() {
            for case in Cases::bundled().all() {
                let cx = cx.for_case(&case.id);
                let _ = case.next(&cx, &seen);
                judged(case, &cx, &seen);
            }
        }
    }
}
