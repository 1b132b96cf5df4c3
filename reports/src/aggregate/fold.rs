//! The fold itself: one entry after the other into a [`Run`].

use std::collections::HashMap;

use specs::evidence::Verdict;

use super::{CaseRun, RequirementRun, Run};
use crate::event::{CaseFinished, CaseSkipped, CaseStarted, Entry, Event, Observed, RunStarted};

/// Folds entries one by one.
#[derive(Debug, Default)]
pub struct Fold {
    run: Run,
    /// The cases under way: profile and case id, to their position.
    open: HashMap<(String, String), usize>,
}

impl Fold {
    /// Takes the next entry.
    pub fn take(&mut self, entry: Entry) {
        if self.run.began_at.is_none() {
            self.run.began_at = Some(entry.at.clone());
        }
        self.run.ended_at = Some(entry.at);
        match entry.event {
            Event::RunStarted(start) => match &mut self.run.start {
                None => self.run.start = Some(start),
                Some(known) => merge(known, start),
            },
            Event::PreflightFinished(preflight) => self.run.preflight.push(preflight),
            Event::CaseStarted(started) => self.start(started),
            Event::Observed(observed) => self.observe(observed),
            Event::CaseFinished(finished) => self.close(finished),
            Event::CaseSkipped(skipped) => self.skip(skipped),
            Event::ReadingObserved(reading) => {
                let known = self.run.readings.iter().any(|r| {
                    (&r.profile, &r.reading, &r.alternative)
                        == (&reading.profile, &reading.reading, &reading.alternative)
                });
                if !known {
                    self.run.readings.push(reading);
                }
            }
            Event::Notice(notice) => self.run.notices.push(notice),
            Event::RunFinished(finish) => self.run.finish = Some(finish),
        }
    }

    /// The case under way of this name; a new one where the log did not announce it.
    fn under_way(&mut self, profile: String, case: String) -> (usize, &mut CaseRun) {
        let cases = &mut self.run.cases;
        let at = *self
            .open
            .entry((profile, case))
            .or_insert_with_key(|(profile, case)| {
                let (profile, case) = (profile.clone(), case.clone());
                cases.push(CaseRun {
                    profile,
                    case,
                    ..CaseRun::default()
                });
                cases.len() - 1
            });
        (at, &mut self.run.cases[at])
    }

    fn start(&mut self, started: CaseStarted) {
        let CaseStarted {
            profile,
            case,
            title,
            requirements,
            phase,
        } = started;
        self.open.remove(&(profile.clone(), case.clone()));
        let (_, run) = self.under_way(profile, case);
        run.title = title;
        run.requirements = requirements;
        run.phase = phase;
    }

    fn observe(&mut self, observed: Observed) {
        let Observed {
            profile,
            case,
            index,
            routine,
            observation,
        } = observed;
        let (_, run) = self.under_way(profile, case);
        run.traffic.take(&observation);
        if !routine {
            run.observations.push((index, observation));
        }
    }

    fn close(&mut self, finished: CaseFinished) {
        let CaseFinished {
            profile,
            case,
            verdict,
            checks,
            elapsed_us,
            cut,
        } = finished;
        let (_, run) = self.under_way(profile.clone(), case.clone());
        run.verdict = Some(verdict);
        run.checks = checks;
        run.elapsed_us = elapsed_us;
        run.cut = cut;
        self.open.remove(&(profile, case));
    }

    fn skip(&mut self, skipped: CaseSkipped) {
        let CaseSkipped {
            profile,
            case,
            title,
            reason,
        } = skipped;
        let (_, run) = self.under_way(profile.clone(), case.clone());
        run.verdict = Some(Verdict::Skipped);
        run.title = title;
        run.skip_reason = Some(reason);
        self.open.remove(&(profile, case));
    }

    /// What the entries amount to.
    pub fn finish(mut self) -> Run {
        self.run.requirements = requirements(&self.run);
        self.run
    }
}

/// A log has one start. Of a second one, only what it adds is kept.
fn merge(known: &mut RunStarted, more: RunStarted) {
    known.targets.extend(more.targets);
    known.requirements.extend(more.requirements);
}

/// Every requirement of the catalogue's list, then those that only a check names, with the worst of
/// their checks.
fn requirements(run: &Run) -> Vec<RequirementRun> {
    let mut list: Vec<RequirementRun> = Vec::new();
    let mut at: HashMap<(&str, &str), usize> = HashMap::new();
    for fact in run.start.iter().flat_map(|s| &s.requirements) {
        at.entry((&fact.profile, &fact.id)).or_insert_with(|| {
            list.push(RequirementRun {
                profile: fact.profile.clone(),
                id: fact.id.clone(),
                fact: Some(fact.clone()),
                verdict: Verdict::Skipped,
                spoken: Vec::new(),
            });
            list.len() - 1
        });
    }
    for (position, case) in run.cases.iter().enumerate() {
        for check in &case.checks {
            let index = *at.entry((&case.profile, &check.requirement)).or_insert_with(|| {
                list.push(RequirementRun {
                    profile: case.profile.clone(),
                    id: check.requirement.clone(),
                    fact: None,
                    verdict: Verdict::Skipped,
                    spoken: Vec::new(),
                });
                list.len() - 1
            });
            let requirement = &mut list[index];
            requirement.verdict = requirement.verdict.max(check.verdict);
            requirement.spoken.push((position, check.verdict));
        }
    }
    list
}
