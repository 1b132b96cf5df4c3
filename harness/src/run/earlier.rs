//! What a run takes over from an earlier one, and the reading of that from its log.

use crate::openapi;
use reports::aggregate::{CaseRun, Run};
use reports::event::Event;
use reports::log::Log;
use specs::evidence::{Check, Exchange, Observation, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A profile and a case of it.
pub type CaseKey = (String, String);

/// What a run takes over from an earlier one; nothing, in an ordinary run.
#[derive(Debug, Clone, Default)]
pub struct Earlier {
    /// The only cases to run; all when absent.
    pub only: Option<BTreeSet<CaseKey>>,
    /// The cases to run first.
    pub first: BTreeSet<CaseKey>,
    /// Cases that were over, which are told as they went and not run again.
    pub kept: BTreeMap<CaseKey, Kept>,
    /// Generated requests to send again, in the place of all that a case would generate.
    pub again: BTreeMap<CaseKey, Vec<Exchange>>,
    /// What makes our names differ from those of the earlier run.
    pub salt: String,
}

impl Earlier {
    /// The same for another server: the requests to send again go there. A request to something else is left out.
    #[must_use]
    pub fn moved(mut self, from: &str, to: &str) -> Self {
        for again in self.again.values_mut() {
            *again = std::mem::take(again)
                .into_iter()
                .filter_map(|exchange| openapi::moved(exchange, from, to))
                .collect();
        }
        self
    }
}

/// A case as it went in an earlier run.
#[derive(Debug, Clone)]
pub struct Kept {
    /// What was observed.
    pub observations: Vec<Observation>,
    /// What it said about its requirements.
    pub checks: Vec<Check>,
    /// How long it took.
    pub elapsed: Duration,
}

/// The name of a case of a run.
pub fn key(case: &CaseRun) -> CaseKey {
    (case.profile.clone(), case.case.clone())
}

/// The cases of a run that failed.
pub fn failed(run: &Run) -> BTreeSet<CaseKey> {
    let failed = run
        .cases
        .iter()
        .filter(|case| case.checks.iter().any(|check| check.verdict == Verdict::Fail));
    failed.map(key).collect()
}

/// The cases of a run that were over when it ended.
pub fn over(log: &Log) -> BTreeMap<CaseKey, Kept> {
    let mut seen: BTreeMap<CaseKey, Vec<Observation>> = BTreeMap::new();
    let mut over = BTreeMap::new();
    for entry in &log.entries {
        match &entry.event {
            Event::Observed(observed) => {
                let key = (observed.profile.clone(), observed.case.clone());
                seen.entry(key).or_default().push(observed.observation.clone());
            }
            Event::CaseFinished(finished) => {
                let key = (finished.profile.clone(), finished.case.clone());
                let observations = seen.remove(&key).unwrap_or_default();
                if !finished.cut {
                    let kept = Kept {
                        observations,
                        checks: finished.checks.clone(),
                        elapsed: Duration::from_micros(finished.elapsed_us),
                    };
                    over.insert(key, kept);
                }
            }
            _ => {}
        }
    }
    over
}
