//! A log under construction.

use reports::event::{
    CaseFinished, CaseSkipped, CaseStarted, Counts, Entry, Event, Notice, Observed, RunFinished,
};
use specs::evidence::{Check, Observation, Phase, Verdict};

use super::PROFILE;

/// Builds a log, counting as a runner counts.
#[derive(Default)]
pub(crate) struct Tape {
    pub(super) entries: Vec<Entry>,
    cases: Counts,
    checks: Counts,
}

impl Tape {
    pub(crate) fn push(&mut self, event: Event) {
        let seq = self.entries.len() as u64;
        let at = format!("2026-11-03T09:15:{:02}.{:03}Z", seq / 10 % 60, seq * 97 % 1000);
        self.entries.push(Entry { v: 1, seq, at, event });
    }

    pub(super) fn case(
        &mut self,
        profile: &str,
        case: &str,
        title: &str,
        seen: Vec<Observation>,
        checks: Vec<Check>,
    ) {
        let verdict = Verdict::worst(checks.iter().map(|c| c.verdict));
        self.begin(profile, case, title, seen, &checks);
        self.cases.add(verdict);
        for check in &checks {
            self.checks.add(check.verdict);
        }
        let (profile, case) = (profile.to_owned(), case.to_owned());
        self.push(Event::CaseFinished(CaseFinished {
            profile,
            case,
            verdict,
            checks,
            elapsed_us: 18_400,
            cut: false,
        }));
    }

    pub(super) fn begin(
        &mut self,
        profile: &str,
        case: &str,
        title: &str,
        seen: Vec<Observation>,
        checks: &[Check],
    ) {
        let (profile, case) = (profile.to_owned(), case.to_owned());
        self.push(Event::CaseStarted(CaseStarted {
            profile: profile.clone(),
            case: case.clone(),
            title: title.to_owned(),
            requirements: checks.iter().map(|c| c.requirement.clone()).collect(),
            phase: if case.contains("generated") {
                Phase::Random
            } else {
                Phase::default()
            },
        }));
        for (index, observation) in seen.into_iter().enumerate() {
            let (profile, case) = (profile.clone(), case.clone());
            self.push(Event::Observed(Observed {
                profile,
                case,
                index,
                routine: false,
                observation,
            }));
        }
    }

    pub(super) fn skip(&mut self, case: &str, title: &str, reason: &str) {
        self.cases.add(Verdict::Skipped);
        self.push(Event::CaseSkipped(CaseSkipped {
            profile: PROFILE.to_owned(),
            case: case.to_owned(),
            title: title.to_owned(),
            reason: reason.to_owned(),
        }));
    }

    pub(super) fn notice(&mut self, text: &str) {
        self.push(Event::Notice(Notice {
            text: text.to_owned(),
        }));
    }

    pub(super) fn end(mut self, exit_code: u8, gate: &str) -> Vec<Entry> {
        let exchanges = self.count(|o| matches!(o, Observation::Exchange(_)));
        let callbacks = self.count(|o| matches!(o, Observation::Callback(_)));
        self.push(Event::RunFinished(RunFinished {
            complete: exit_code != 97,
            cut_reason: (exit_code == 97)
                .then(|| "preflight found a problem of the configuration".to_owned()),
            cases: self.cases,
            checks: self.checks,
            exchanges,
            callbacks,
            elapsed_us: 3_412_000,
            exit_code,
            gate: gate.to_owned(),
            paces: Vec::new(),
        }));
        self.entries
    }

    pub(super) fn count(&self, wanted: impl Fn(&Observation) -> bool) -> u64 {
        (self.entries.iter())
            .filter(|e| matches!(&e.event, Event::Observed(o) if wanted(&o.observation)))
            .count() as u64
    }
}
