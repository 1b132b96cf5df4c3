//! A log folded into what reports show. Every renderer of a finished run starts here, so that all of
//! them count alike.
//!
//! The fold accepts any sequence of events, also one that no runner would write: nothing is dropped
//! silently and nothing panics.

mod fold;
mod traffic;
mod violation;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use specs::evidence::{Check, Exchange, Finding, Level, Observation, Phase, Request, Verdict};

use crate::event::{
    Counts, Entry, Notice, PreflightFinished, ReadingObserved, RequirementFact, RunFinished, RunStarted,
    Target,
};
use crate::log::Log;

pub use fold::Fold;
pub use traffic::Traffic;
pub use violation::{Occurrence, Violation};

/// A run as its log tells it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Run {
    /// How it began; absent only in a damaged log.
    pub start: Option<RunStarted>,
    /// When its first entry was written, RFC 3339.
    pub began_at: Option<String>,
    /// When its last entry was written, RFC 3339.
    pub ended_at: Option<String>,
    /// The verdicts on the configuration, in order.
    pub preflight: Vec<PreflightFinished>,
    /// The cases in the order in which they began.
    pub cases: Vec<CaseRun>,
    /// The requirements in the order of the catalogue.
    pub requirements: Vec<RequirementRun>,
    /// The readings that the target was seen to take, each once per profile.
    pub readings: Vec<ReadingObserved>,
    /// What the run says about itself.
    pub notices: Vec<Notice>,
    /// How it ended; absent when the log was cut short.
    pub finish: Option<RunFinished>,
    /// What the reader of the log says about its end, when the log is not whole.
    pub log_cut: Option<String>,
}

/// One case as it went.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CaseRun {
    /// Profile id.
    pub profile: String,
    /// Case id.
    pub case: String,
    /// What it shows.
    pub title: String,
    /// The requirements it set out to speak about.
    pub requirements: Vec<String>,
    /// How it comes to its requests.
    pub phase: Phase,
    /// Its verdict; absent when the log ends before it was judged.
    pub verdict: Option<Verdict>,
    /// What it says about each requirement.
    pub checks: Vec<Check>,
    /// What was observed, with the positions that findings point to; without what is routine.
    pub observations: Vec<(usize, Observation)>,
    /// All of it, counted.
    pub traffic: Traffic,
    /// Why it was not run.
    pub skip_reason: Option<String>,
    /// How long it took, in microseconds.
    pub elapsed_us: u64,
    /// Whether the run ended before the case did.
    pub cut: bool,
}

/// What one phase amounts to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PhaseCount {
    /// The phase.
    pub phase: Phase,
    /// How many cases began, over all profiles.
    pub cases: u64,
    /// How many requests they sent.
    pub requests: u64,
}

/// One requirement under one profile.
#[derive(Debug, Clone, PartialEq)]
pub struct RequirementRun {
    /// Profile id.
    pub profile: String,
    /// Requirement id.
    pub id: String,
    /// What the catalogue says; absent when the log names a requirement that its start does not list.
    pub fact: Option<RequirementFact>,
    /// The worst of its checks; `skipped` where it was never exercised.
    pub verdict: Verdict,
    /// The cases that spoke about it: positions in [`Run::cases`] with what each said.
    pub spoken: Vec<(usize, Verdict)>,
}

/// The counts of one profile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Tally {
    /// Profile id.
    pub profile: String,
    /// Cases by verdict.
    pub cases: Counts,
    /// Cases that began and were never judged, because the run was cut.
    pub unfinished: u64,
    /// Checks by verdict.
    pub checks: Counts,
    /// Requirements of level MUST by verdict.
    pub must: Counts,
    /// Requirements of level SHOULD by verdict.
    pub should: Counts,
    /// Requirements of level MAY by verdict.
    pub may: Counts,
}

impl Run {
    /// Folds entries, of a whole log or of a cut one.
    pub fn from_entries(entries: impl Iterator<Item = Entry>) -> Self {
        let mut fold = Fold::default();
        entries.for_each(|entry| fold.take(entry));
        fold.finish()
    }

    /// Folds a log that was read, with what its reader said about its end.
    pub fn from_log(log: Log) -> Self {
        let mut run = Self::from_entries(log.entries.into_iter());
        run.log_cut = log.cut;
        run
    }

    /// Why the run is not whole; nothing when every selected case ran to its verdict.
    pub fn cut(&self) -> Option<String> {
        match &self.finish {
            Some(finish) if finish.complete => None,
            Some(finish) => Some(
                finish
                    .cut_reason
                    .clone()
                    .unwrap_or_else(|| "the run ended early and gave no reason".to_owned()),
            ),
            None => Some(
                self.log_cut
                    .clone()
                    .unwrap_or_else(|| "the log ends before the run does".to_owned()),
            ),
        }
    }

    /// What was certified.
    pub fn targets(&self) -> &[Target] {
        self.start.as_ref().map_or(&[], |s| &s.targets)
    }

    /// The catalogue's facts about a requirement under a profile.
    pub fn fact(&self, profile: &str, requirement: &str) -> Option<&RequirementFact> {
        self.requirements
            .iter()
            .find(|r| r.profile == profile && r.id == requirement)?
            .fact
            .as_ref()
    }

    /// The phases that took place, with what each amounts to.
    pub fn phases(&self) -> Vec<PhaseCount> {
        let counts = Phase::ALL.into_iter().map(|phase| {
            let began = |case: &&CaseRun| case.phase == phase && case.verdict != Some(Verdict::Skipped);
            let cases: Vec<&CaseRun> = self.cases.iter().filter(began).collect();
            PhaseCount {
                phase,
                cases: cases.len() as u64,
                requests: cases.iter().map(|case| case.traffic.sent).sum(),
            }
        });
        counts.filter(|count| count.cases > 0).collect()
    }

    /// Cases by verdict, over all profiles. Unfinished cases have no verdict and are not among them.
    pub fn case_counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.cases
            .iter()
            .filter_map(|c| c.verdict)
            .for_each(|v| counts.add(v));
        counts
    }

    /// Checks by verdict, over all profiles.
    pub fn check_counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.cases
            .iter()
            .flat_map(|c| &c.checks)
            .for_each(|c| counts.add(c.verdict));
        counts
    }

    /// Cases that began and were never judged.
    pub fn unfinished(&self) -> impl Iterator<Item = &CaseRun> {
        self.cases.iter().filter(|c| c.verdict.is_none())
    }

    /// The profiles in the order of the targets, then any other that the log speaks of.
    pub fn profiles(&self) -> Vec<&str> {
        let mut profiles: Vec<&str> = Vec::new();
        let named = (self.targets().iter().map(|t| t.profile.as_str()))
            .chain(self.preflight.iter().map(|p| p.profile.as_str()))
            .chain(self.cases.iter().map(|c| c.profile.as_str()))
            .chain(self.requirements.iter().map(|r| r.profile.as_str()));
        for profile in named {
            if !profiles.contains(&profile) {
                profiles.push(profile);
            }
        }
        profiles
    }

    /// The counts of each profile, in the order of [`Run::profiles`].
    pub fn tallies(&self) -> Vec<Tally> {
        let mut tallies: Vec<Tally> = (self.profiles().into_iter())
            .map(|p| Tally {
                profile: p.to_owned(),
                ..Tally::default()
            })
            .collect();
        let at: BTreeMap<String, usize> = tallies
            .iter()
            .enumerate()
            .map(|(i, t)| (t.profile.clone(), i))
            .collect();
        for case in &self.cases {
            let tally = &mut tallies[at[&case.profile]];
            match case.verdict {
                Some(verdict) => tally.cases.add(verdict),
                None => tally.unfinished += 1,
            }
            case.checks.iter().for_each(|c| tally.checks.add(c.verdict));
        }
        for requirement in &self.requirements {
            let tally = &mut tallies[at[&requirement.profile]];
            match requirement.fact.as_ref().map(|f| f.level) {
                Some(Level::Must) => tally.must.add(requirement.verdict),
                Some(Level::Should) => tally.should.add(requirement.verdict),
                Some(Level::May) => tally.may.add(requirement.verdict),
                None => {}
            }
        }
        tallies
    }

    /// The requirements of which at least one check came out with this verdict, each with those checks,
    /// in the order of the catalogue. A requirement may be among several: one case can fail it while
    /// another could not decide.
    pub fn violations(&self, verdict: Verdict) -> Vec<Violation<'_>> {
        violation::violations(self, verdict)
    }

    /// The same, with requirements that did not hold in the same way told together.
    pub fn violations_grouped(&self, verdict: Verdict) -> Vec<Violation<'_>> {
        violation::grouped(self.violations(verdict))
    }

    /// Cases that came out worse than any of their checks: the log does not say why.
    pub fn unexplained(&self) -> impl Iterator<Item = &CaseRun> {
        self.cases.iter().filter(|case| {
            let explained = Verdict::worst(case.checks.iter().map(|c| c.verdict));
            case.verdict.is_some_and(|v| v > explained && v > Verdict::Pass)
        })
    }

    /// The reasons for which checks came out with this verdict, each with the cases concerned, the
    /// most frequent first.
    pub fn reasons(&self, verdict: Verdict) -> Vec<(&str, Vec<&CaseRun>)> {
        let mut reasons: Vec<(&str, Vec<&CaseRun>)> = Vec::new();
        for case in &self.cases {
            for check in case.checks.iter().filter(|c| c.verdict == verdict) {
                let reason = check.reason.as_deref().unwrap_or("no reason was recorded");
                match reasons.iter_mut().find(|(r, _)| *r == reason) {
                    Some((_, cases)) if cases.last().is_some_and(|c| std::ptr::eq(*c, case)) => {}
                    Some((_, cases)) => cases.push(case),
                    None => reasons.push((reason, vec![case])),
                }
            }
        }
        reasons.sort_by_key(|(_, cases)| std::cmp::Reverse(cases.len()));
        reasons
    }

    /// Everything that was sent and received, over all cases.
    pub fn traffic(&self) -> Traffic {
        let mut traffic = Traffic::default();
        for case in &self.cases {
            traffic += &case.traffic;
        }
        traffic
    }
}

impl CaseRun {
    /// The observation that findings call by this number.
    pub fn observation(&self, index: usize) -> Option<&Observation> {
        self.observations
            .iter()
            .find(|(i, _)| *i == index)
            .map(|(_, o)| o)
    }

    /// The exchanges of this case, in order.
    pub fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        self.observations.iter().filter_map(|(_, o)| match o {
            Observation::Exchange(exchange) => Some(exchange),
            _ => None,
        })
    }

    /// The request to send again in order to see a finding: the decisive one; for a callback, the one
    /// that asked for it; otherwise the last before.
    pub fn reproduction(&self, finding: &Finding) -> Option<&Request> {
        let Some(index) = finding.observation else {
            let mut exchanges = self.exchanges();
            let only = exchanges.next()?;
            return exchanges.next().is_none().then_some(&only.request);
        };
        let by_label = |label: &str| self.exchanges().find(|e| e.label == label).map(|e| &e.request);
        let before = || {
            (self.observations.iter().rev().filter(|(i, _)| *i < index)).find_map(|(_, o)| match o {
                Observation::Exchange(exchange) => Some(&exchange.request),
                _ => None,
            })
        };
        match self.observation(index)? {
            Observation::Exchange(exchange) => Some(&exchange.request),
            Observation::Callback(callback) => by_label(&callback.label).or_else(before),
            Observation::Opened { label, .. } => by_label(label).or_else(before),
            Observation::Wait { .. } => before(),
        }
    }
}

impl RequirementRun {
    /// Its level, when the log says.
    pub fn level(&self) -> Option<Level> {
        self.fact.as_ref().map(|f| f.level)
    }
}
