//! The events of what was observed of a case.

use super::Tally;
use super::emit::Emitter;
use super::spool::Spool;
use reports::event::{Event, Observed};
use specs::evidence::{Check, Observation};
use std::collections::BTreeSet;
use std::ops::Range;
use suites::generated::{CONTROL, SHRINKING, SMALLEST, TWIN};

/// So many observations of a case are shown in any case.
const SHOWN: usize = 250;

/// Everything that was observed of a case.
pub(crate) enum Observations {
    /// In memory.
    Held(Vec<Observation>),
    /// Outside of it, with those that are shown whatever they are.
    Spooled(Spool<Observation>, Vec<Range<usize>>),
}

impl Observations {
    /// Emits the events of a case, by profile and case id.
    pub(crate) fn tell(
        self,
        emitter: &mut Emitter,
        (profile, case): (&str, &str),
        checks: &[Check],
        tally: &mut Tally,
    ) {
        let mut tell = |index: usize, routine: bool, observation: Observation| {
            match observation {
                Observation::Exchange(_) => tally.exchanges += 1,
                Observation::Callback(_) => tally.callbacks += 1,
                Observation::Wait { .. } | Observation::Opened { .. } => {}
            }
            emitter.emit(Event::Observed(Observed {
                profile: profile.to_owned(),
                case: case.to_owned(),
                index,
                routine,
                observation,
            }));
        };
        match self {
            Self::Held(all) => {
                for (index, observation) in all.into_iter().enumerate() {
                    tell(index, false, observation);
                }
            }
            Self::Spooled(mut all, notable) => {
                let findings = checks.iter().flat_map(|check| &check.findings);
                let decisive: BTreeSet<usize> = findings.filter_map(|finding| finding.observation).collect();
                let told = all.values().and_then(|values| {
                    for (index, observation) in values.enumerate() {
                        let observation = observation?;
                        let shown = index < SHOWN
                            || decisive.contains(&index)
                            || notable.iter().any(|part| part.contains(&index))
                            || is_remarkable(&observation);
                        tell(index, !shown, observation);
                    }
                    Ok(())
                });
                if let Err(e) = told {
                    emitter.fail(format!("failed to read back what was recorded of {case}: {e}"));
                }
            }
        }
    }
}

/// Whether an observation is not one of many like it.
fn is_remarkable(observation: &Observation) -> bool {
    matches!(observation, Observation::Exchange(exchange)
        if [CONTROL, SHRINKING, SMALLEST, TWIN].contains(&exchange.label.as_str()))
}
