//! Steering: what somebody wishes to be done to an exchange. A wish is one of a few words, which mean the
//! same in a `Prefer` header, in a rule of the control API, and on the command line.

mod effect;
mod plan;
mod prefer;
mod rule;
mod written;

pub use rule::{FaultRule, FaultRuleError};

pub(crate) use effect::Effect;
pub(crate) use plan::Plan;
pub(crate) use written::{read_rules, rules};

use crate::ids;
use crate::operation::Operation;
use http::HeaderMap;
use serde_json::{Value, json};
use specs::catalogue::Profile;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// The name that rules know the making of an event by.
pub(crate) const EVENT: &str = "event";

/// The operations that a rule can name.
pub(crate) fn operations() -> impl Iterator<Item = &'static str> {
    Operation::all().map(Operation::id).chain([EVENT])
}

/// The rules of a mock.
#[derive(Debug)]
pub(crate) struct Steering {
    rules: RwLock<Arc<[Live]>>,
    seed: u64,
}

/// A rule that is in force.
#[derive(Debug)]
struct Live {
    rule: FaultRule,
    matched: AtomicU64,
    applied: AtomicU64,
}

impl Steering {
    pub(crate) fn new(rules: &[FaultRule], seed: u64) -> Self {
        Self {
            rules: RwLock::new(live(rules)),
            seed,
        }
    }

    /// From now on, these rules and no others; each begins to count anew.
    pub(crate) fn set(&self, rules: &[FaultRule]) {
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = live(rules);
    }

    fn rules(&self) -> Arc<[Live]> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is to be done to a request: what its header asks for, and where the header says nothing of it,
    /// what the rules say.
    pub(crate) fn plan(&self, profile: &Profile, operation: &str, headers: &HeaderMap) -> Plan {
        let mut plan = prefer::read(headers, operation, profile.signature.scheme.signs());
        let profile = profile.id.as_str();
        for (nth, live) in self.rules().iter().enumerate() {
            if live.rule.concerns(profile, operation) && self.applies(nth, live) {
                live.rule
                    .effects()
                    .iter()
                    .for_each(|effect| plan.add_rule(*effect));
            }
        }
        plan
    }

    /// Whether a rule applies to the request that it concerns now. It depends on the seed, on the rule and on how
    /// many such requests there were before, so that a run can be repeated.
    fn applies(&self, nth: usize, live: &Live) -> bool {
        let before = live.matched.fetch_add(1, Ordering::Relaxed);
        if before < live.rule.skip || !self.falls(nth, before, live.rule.chance) {
            return false;
        }
        let most = live.rule.times.unwrap_or(u64::MAX);
        let another = |applied: u64| (applied < most).then_some(applied + 1);
        let counted = live
            .applied
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, another);
        counted.is_ok()
    }

    fn falls(&self, nth: usize, before: u64, chance: f64) -> bool {
        if chance >= 1.0 {
            return true;
        }
        let [seed, nth, before] = [self.seed.to_string(), nth.to_string(), before.to_string()];
        let digits = ids::derive(&["fault", &seed, &nth, &before]);
        let drawn = u32::from_str_radix(&digits[..8], 16).unwrap_or(u32::MAX);
        f64::from(drawn) < chance * 4_294_967_296.0
    }

    /// The rules, and how often each was asked for and applied.
    pub(crate) fn told(&self) -> Value {
        let rules = self.rules();
        let told = rules.iter().map(|live| {
            let mut told = live.rule.told();
            told["matched"] = live.matched.load(Ordering::Relaxed).into();
            told["applied"] = live.applied.load(Ordering::Relaxed).into();
            told
        });
        json!({"faults": told.collect::<Vec<_>>()})
    }
}

fn live(rules: &[FaultRule]) -> Arc<[Live]> {
    let live = |rule: &FaultRule| Live {
        rule: rule.clone(),
        matched: AtomicU64::new(0),
        applied: AtomicU64::new(0),
    };
    rules.iter().map(live).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use specs::catalogue::Catalogue;

    fn hits(steering: &Steering, operation: &str, n: usize) -> Vec<bool> {
        let profile = Catalogue::bundled().profile("dci-social").unwrap();
        let plan = |_| {
            !steering
                .plan(profile, operation, &HeaderMap::new())
                .steered()
                .is_empty()
        };
        (0..n).map(plan).collect()
    }

    fn steering(rule: &str, seed: u64) -> Steering {
        Steering::new(&[rule.parse().unwrap()], seed)
    }

    #[test]
    fn a_rule_applies_where_and_as_often_as_it_says() {
        let rule = "dcx-status=503, operation=search, skip=1, times=2";
        assert_eq!(
            hits(&steering(rule, 1), "search", 5),
            [false, true, true, false, false]
        );
        assert_eq!(hits(&steering(rule, 1), "token", 3), [false; 3]);
        assert_eq!(
            hits(&steering("dcx-status=503, profile=q", 1), "search", 2),
            [false; 2]
        );
    }

    #[test]
    fn chance_is_seeded() {
        let rule = "dcx-delay=0.1, chance=0.3";
        let drawn = hits(&steering(rule, 7), "search", 1000);
        assert_eq!(drawn, hits(&steering(rule, 7), "search", 1000));
        assert_ne!(drawn, hits(&steering(rule, 8), "search", 1000));
        let often = drawn.iter().filter(|hit| **hit).count();
        assert!((250..350).contains(&often), "{often} of 1000 with chance 0.3");
        assert_eq!(
            hits(&steering("dcx-delay=0.1, chance=0", 7), "search", 50),
            [false; 50]
        );
    }
}
