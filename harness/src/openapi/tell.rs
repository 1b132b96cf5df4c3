//! The cases side by side, and their events in order.

use super::OpenApiRun;
use super::drive::Authorization;
use super::job::{Job, run_job};
use crate::run::gate::Cut;
use crate::run::told::Observations;
use crate::run::{Emitter, Ends, Env, Tally};
use futures::StreamExt as _;
use reports::event::{CaseFinished, CaseStarted, Event, NOT_BEGUN};
use specs::catalogue::Catalogue;
use specs::evidence::{Level, Verdict};
use std::time::Duration;
use suites::judgement;

impl OpenApiRun {
    /// Runs the cases side by side and emits their events in order. What ended it early, if something did.
    pub(super) async fn drive(
        &self,
        emitter: &mut Emitter,
        env: &Env,
        authorization: &Authorization,
        jobs: &[Job],
        tally: &mut Tally,
        mut ends: Ends,
    ) -> Option<Cut> {
        let one = |job| run_job(env, authorization, job);
        let mut running = futures::stream::iter(jobs.iter().map(one)).buffered(self.limits.jobs.max(1));
        let mut next = 0;
        let cut = loop {
            let over = tokio::select! {
                over = running.next() => over,
                cut = ends.next() => break Some(cut),
            };
            let (Some(()), Some(job)) = (over, jobs.get(next)) else {
                break None;
            };
            self.tell(emitter, env, job, tally);
            next += 1;
        };
        drop(running);
        if let Some(cut) = &cut {
            let not_begun = format!("{} {NOT_BEGUN}", cut.reason());
            for job in &jobs[next..] {
                if job.begun() || job.plan.is_err() {
                    self.tell(emitter, env, job, tally);
                } else {
                    emitter.emit(job.skipped(&not_begun));
                    tally.cases.skipped += 1;
                }
            }
        }
        cut
    }

    fn tell(&self, emitter: &mut Emitter, env: &Env, job: &Job, tally: &mut Tally) {
        let profile = &env.target.profile;
        let operation = match &job.plan {
            Ok((operation, _)) => operation,
            Err(reason) => {
                emitter.emit(job.skipped(reason));
                tally.cases.skipped += 1;
                return;
            }
        };
        let wanted = |id: &str| self.selection.wants_requirement(&env.target, id);
        let requirements = job
            .aim
            .requirements()
            .into_iter()
            .filter(|id| wanted(id))
            .map(str::to_owned);
        emitter.emit(Event::CaseStarted(CaseStarted {
            profile: profile.id.clone(),
            case: job.id.clone(),
            title: job.title.clone(),
            requirements: requirements.collect(),
            phase: job.aim.phase(),
        }));
        let (observations, mut checks) = if let Some(kept) = &job.kept {
            (Observations::Held(kept.observations.clone()), kept.checks.clone())
        } else {
            let mut seen = job.seen.lock();
            let judgements = seen.judging.judgements(operation, job.aim);
            let checks = judgement::checks(judgements, profile, &env.target.demands);
            (
                Observations::Spooled(std::mem::take(&mut seen.all), Vec::new()),
                checks,
            )
        };
        checks.retain(|check| wanted(&check.requirement));
        observations.tell(emitter, (&profile.id, &job.id), &checks, tally);
        let verdict = Verdict::worst(checks.iter().map(|check| check.verdict));
        tally.cases.add(verdict);
        for check in &checks {
            tally.checks.add(check.verdict);
            let level = Catalogue::bundled()
                .requirement(&check.requirement)
                .map_or(Level::Must, |r| profile.level_of(r));
            tally.gate.take(level, check.verdict);
        }
        let elapsed = job.over.get();
        emitter.emit(Event::CaseFinished(CaseFinished {
            profile: profile.id.clone(),
            case: job.id.clone(),
            verdict,
            checks,
            elapsed_us: u64::try_from(elapsed.unwrap_or(Duration::ZERO).as_micros()).unwrap_or(u64::MAX),
            cut: elapsed.is_none(),
        }));
    }
}
