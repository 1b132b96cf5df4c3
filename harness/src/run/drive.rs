//! The cases of a run side by side, and their events in the order of the jobs.

use super::case::{CaseReport, conclude, run as run_case};
use super::emit::Emitter;
use super::engine::{Certification, cancelled};
use super::gate::{self, Cut};
use super::job::{Job, skipped};
use reports::event::{CaseFinished, CaseStarted, Counts, Event, NOT_BEGUN, ReadingObserved};
use specs::evidence::{Level, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use suites::readings::{self, Taken};
use tokio::sync::{Semaphore, watch};

/// What is counted while a run goes on.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) cases: Counts,
    pub(crate) checks: Counts,
    pub(crate) exchanges: u64,
    pub(crate) callbacks: u64,
    readings: BTreeSet<(String, Taken)>,
    pub(crate) gate: gate::Gate,
}

/// What ends a run before its end.
pub(crate) struct Ends {
    /// The user.
    pub(crate) cancel: watch::Receiver<bool>,
    /// A target that is gone, with the sentence that says so.
    pub(crate) gone: watch::Receiver<Option<String>>,
}

impl Ends {
    pub(crate) async fn next(&mut self) -> Cut {
        let gone = async {
            match self.gone.wait_for(Option::is_some).await {
                Ok(reason) => reason.clone().unwrap_or_default(),
                // No target can go any more.
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = cancelled(&mut self.cancel) => Cut::Interrupted,
            reason = gone => Cut::Gone(reason),
        }
    }
}

impl Certification {
    /// Runs the cases side by side and emits their events in the order of the jobs. What ended it early, if
    /// something did.
    pub(super) async fn drive(
        &self,
        emitter: &mut Emitter,
        jobs: &[Job],
        tally: &mut Tally,
        mut ends: Ends,
    ) -> Option<Cut> {
        let permits = Semaphore::new(self.limits.jobs.max(1));
        let mut finished: BTreeMap<usize, CaseReport> = BTreeMap::new();
        let mut order: Vec<usize> = Vec::new();
        for (i, job) in jobs.iter().enumerate().filter(|(_, job)| job.skip.is_none()) {
            match &job.kept {
                Some(kept) => drop(finished.insert(i, CaseReport::kept(&job.env, kept))),
                None => order.push(i),
            }
        }
        // Cases that wait for a clock start first, so that the others run meanwhile.
        order.sort_by_key(|i| (jobs[*i].case.law.as_deref() != Some("token-expiry"), *i));
        // Those that add records begin when no other is left that could meet them.
        let (last, first): (Vec<usize>, Vec<usize>) =
            order.into_iter().partition(|i| jobs[*i].case.adds_records());
        let permits = &permits;
        let start = |i: usize| {
            let job = &jobs[i];
            async move {
                let _permit = permits.acquire().await;
                let started = Instant::now();
                run_case(&job.env, &job.case, &job.again, &job.seen).await;
                (
                    i,
                    conclude(&job.env, &job.case, &job.seen, Some(started.elapsed())),
                )
            }
        };
        let mut running: futures::stream::FuturesUnordered<_> = first.into_iter().map(start).collect();
        let mut last = last.into_iter();
        let mut next = 0;
        let mut cut = None;
        loop {
            self.tell_in_order(emitter, jobs, &mut finished, &mut next, tally);
            if running.is_empty() {
                running.extend(last.by_ref().map(start));
            }
            let done = tokio::select! {
                done = futures::StreamExt::next(&mut running) => done,
                end = ends.next() => {
                    cut = Some(end);
                    None
                }
            };
            let Some((i, report)) = done else { break };
            finished.insert(i, report);
        }
        drop(running);
        if let Some(cut) = &cut {
            let not_begun = format!("{} {NOT_BEGUN}", cut.reason());
            for (i, job) in jobs.iter().enumerate().skip(next) {
                let begun = !job.seen.lock().is_empty();
                match finished.remove(&i) {
                    Some(report) => self.tell(emitter, job, report, tally),
                    None if begun => {
                        let report = conclude(&job.env, &job.case, &job.seen, None);
                        self.tell(emitter, job, report, tally);
                    }
                    None => {
                        emitter.emit(skipped(job, job.skip.as_deref().unwrap_or(&not_begun)));
                        tally.cases.skipped += 1;
                    }
                }
            }
        }
        cut
    }

    /// Emits the events of the jobs from `next` on, up to one that is not over yet.
    fn tell_in_order(
        &self,
        emitter: &mut Emitter,
        jobs: &[Job],
        finished: &mut BTreeMap<usize, CaseReport>,
        next: &mut usize,
        tally: &mut Tally,
    ) {
        while let Some(job) = jobs.get(*next) {
            match (&job.skip, finished.remove(next)) {
                (Some(reason), _) => {
                    emitter.emit(skipped(job, reason));
                    tally.cases.skipped += 1;
                }
                (None, Some(report)) => self.tell(emitter, job, report, tally),
                (None, None) => break,
            }
            *next += 1;
        }
    }

    fn tell(&self, emitter: &mut Emitter, job: &Job, mut report: CaseReport, tally: &mut Tally) {
        let target = &job.env.target;
        let profile = &target.profile.id;
        let wanted = |id: &str| self.selection.wants_requirement(target, id);
        report.checks.retain(|check| wanted(&check.requirement));
        report.verdict = Verdict::worst(report.checks.iter().map(|check| check.verdict));
        emitter.emit(Event::CaseStarted(CaseStarted {
            profile: profile.clone(),
            case: job.case.id.clone(),
            title: job.case.title.clone(),
            requirements: job
                .case
                .requirements_of(&target.demands)
                .into_iter()
                .filter(|id| wanted(id))
                .map(str::to_owned)
                .collect(),
            phase: job.case.phase(),
        }));
        let names = (profile.as_str(), job.case.id.as_str());
        report.observations.tell(emitter, names, &report.checks, tally);
        for taken in report.taken {
            if tally.readings.insert((profile.clone(), taken.clone()))
                && let Some((question, statement)) = readings::words(&taken)
            {
                emitter.emit(Event::ReadingObserved(ReadingObserved {
                    profile: profile.clone(),
                    reading: taken.reading.to_owned(),
                    question: question.to_owned(),
                    alternative: taken.alternative.to_owned(),
                    statement: statement.to_owned(),
                    case: job.case.id.clone(),
                }));
            }
        }
        tally.cases.add(report.verdict);
        for check in &report.checks {
            tally.checks.add(check.verdict);
            let level = (target.demands)
                .requirement(&check.requirement)
                .map_or(Level::Must, |requirement| target.profile.level_of(requirement));
            tally.gate.take(level, check.verdict);
        }
        let elapsed = report.elapsed.unwrap_or(Duration::ZERO);
        emitter.emit(Event::CaseFinished(CaseFinished {
            profile: profile.clone(),
            case: job.case.id.clone(),
            verdict: report.verdict,
            checks: report.checks,
            elapsed_us: u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
            cut: report.elapsed.is_none(),
        }));
    }
}
