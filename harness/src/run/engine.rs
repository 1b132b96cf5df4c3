//! A certification: preflight, cases side by side, events in a fixed order, and the gate.

use super::case::{CaseReport, conclude, run as run_case};
use super::emit::Emitter;
use super::job::{self, Job, skipped};
use super::selection::Selection;
use super::{Env, Limits, begin, gate, preflight};
use crate::callbacks::CallbackReceiver;
use crate::record::Redactor;
use crate::target::Target;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use reports::event::{
    CaseFinished, CaseStarted, Counts, Event, Notice, Observed, PreflightFinished, ReadingObserved,
    RunFinished,
};
use specs::catalogue::Catalogue;
use specs::evidence::{Level, Observation};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use suites::readings;
use suites::readings::Taken;
use tokio::sync::{Semaphore, watch};

/// What to certify, and how.
pub struct Certification {
    /// The targets.
    pub targets: Vec<Target>,
    /// The seed that every generated value follows from.
    pub seed: u64,
    /// How long things may take.
    pub limits: Limits,
    /// What runs.
    pub selection: Selection,
    /// Where callbacks are received.
    pub callback_listen: SocketAddr,
    /// How targets reach that address, when it is another one.
    pub callback_url: Option<String>,
    /// What the reader of the report should know from the start.
    pub notices: Vec<String>,
}

/// Why a certification could not even begin.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The callback address cannot be listened on.
    #[error("failed to listen for callbacks on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The TLS library cannot be set up.
    #[error("failed to set up the HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}

/// A finished run.
#[derive(Debug)]
pub struct Summary {
    /// What the gate says.
    pub finished: RunFinished,
    /// How many cases were selected.
    pub selected: usize,
}

/// What a run amounts to.
pub type Outcome = Result<Summary, SetupError>;

impl Certification {
    /// Runs to the end, or until `cancel` turns true. What was found until then is kept.
    ///
    /// # Errors
    /// Nothing could be begun.
    pub async fn run(self, emitter: &mut Emitter, mut cancel: watch::Receiver<bool>) -> Outcome {
        let started = Instant::now();
        let redactor = Redactor::default();
        let callbacks =
            CallbackReceiver::start(self.callback_listen, self.callback_url.clone(), redactor.clone())
                .await
                .map_err(|source| SetupError::Listen {
                    address: self.callback_listen,
                    source,
                })?;
        let callbacks = Arc::new(callbacks);
        let mut envs = Vec::new();
        for target in &self.targets {
            let mut env = Env::new(
                target.clone(),
                self.seed,
                Arc::clone(&callbacks),
                self.limits.clone(),
                redactor.clone(),
            )?;
            env.selection = self.selection.clone();
            envs.push(Arc::new(env));
        }
        let mut jobs = job::jobs(&self, &envs);
        let mut tally = Tally::default();
        emitter.emit(Event::RunStarted(begin::begun(&self, &jobs)));
        for text in &self.notices {
            emitter.emit(Event::Notice(Notice { text: text.clone() }));
        }
        let flights: Vec<PreflightFinished> = tokio::select! {
            flights = futures::future::join_all(envs.iter().map(|env| preflight(env))) => flights,
            () = cancelled(&mut cancel) => Vec::new(),
        };
        let fit = flights.len() == envs.len() && flights.iter().all(PreflightFinished::passed);
        let interrupted_early = flights.len() != envs.len();
        let absent: Vec<Vec<String>> = flights.iter().map(|flight| flight.absent.clone()).collect();
        for flight in flights {
            emitter.emit(Event::PreflightFinished(flight));
        }
        if !fit {
            for job in &jobs {
                let reason = "preflight did not pass, so nothing could be judged";
                emitter.emit(skipped(job, reason));
            }
            let how = if interrupted_early {
                gate::Cut::Interrupted
            } else {
                gate::Cut::Preflight
            };
            return Ok(finish(emitter, tally, jobs.len(), Some(how), started));
        }
        for (env, absent) in envs.iter().zip(&absent).filter(|(_, absent)| !absent.is_empty()) {
            emitter.emit(job::narrow(&self, env, absent, &mut jobs)?);
        }
        let interrupted = self.drive(emitter, &jobs, &mut tally, cancel).await;
        if callbacks.strays() > 0 {
            let text = format!(
                "{} requests came to the callback address that no case had asked for",
                callbacks.strays()
            );
            emitter.emit(Event::Notice(Notice { text }));
        }
        Ok(finish(
            emitter,
            tally,
            jobs.len(),
            interrupted.then_some(gate::Cut::Interrupted),
            started,
        ))
    }

    /// Runs the cases side by side and emits their events in the order of the jobs. Whether it was
    /// interrupted.
    async fn drive(
        &self,
        emitter: &mut Emitter,
        jobs: &[Job],
        tally: &mut Tally,
        mut cancel: watch::Receiver<bool>,
    ) -> bool {
        let permits = Semaphore::new(self.limits.jobs.max(1));
        let mut order: Vec<usize> = (0..jobs.len()).filter(|i| jobs[*i].skip.is_none()).collect();
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
                run_case(&job.env, &job.case, &job.seen).await;
                (i, conclude(&job.env, &job.case, &job.seen, started.elapsed()))
            }
        };
        let mut running: FuturesUnordered<_> = first.into_iter().map(start).collect();
        let mut last = last.into_iter();
        let mut finished: BTreeMap<usize, CaseReport> = BTreeMap::new();
        let mut next = 0;
        let mut interrupted = false;
        loop {
            self.tell_in_order(emitter, jobs, &mut finished, &mut next, tally);
            if running.is_empty() {
                running.extend(last.by_ref().map(start));
            }
            let done = tokio::select! {
                done = running.next() => done,
                () = cancelled(&mut cancel) => {
                    interrupted = true;
                    None
                }
            };
            let Some((i, report)) = done else { break };
            finished.insert(i, report);
        }
        drop(running);
        if interrupted {
            for (i, job) in jobs.iter().enumerate().skip(next) {
                let begun = !job
                    .seen
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner)
                    .is_empty();
                match finished.remove(&i) {
                    Some(report) => self.tell(emitter, job, report, tally),
                    None if begun => {
                        let report = conclude(&job.env, &job.case, &job.seen, std::time::Duration::ZERO);
                        self.tell(emitter, job, report, tally);
                    }
                    None => {
                        let reason = "the run was interrupted before this case began";
                        emitter.emit(skipped(job, job.skip.as_deref().unwrap_or(reason)));
                        tally.cases.skipped += 1;
                    }
                }
            }
        }
        interrupted
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
        report.verdict = specs::evidence::Verdict::worst(report.checks.iter().map(|check| check.verdict));
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
        for (index, observation) in report.observations.into_iter().enumerate() {
            match observation {
                Observation::Exchange(_) => tally.exchanges += 1,
                Observation::Callback(_) => tally.callbacks += 1,
                Observation::Wait { .. } => {}
            }
            emitter.emit(Event::Observed(Observed {
                profile: profile.clone(),
                case: job.case.id.clone(),
                index,
                observation,
            }));
        }
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
            let level = Catalogue::bundled()
                .requirement(&check.requirement)
                .map_or(Level::Must, |requirement| target.profile.level_of(requirement));
            tally.gate.take(level, check.verdict);
        }
        emitter.emit(Event::CaseFinished(CaseFinished {
            profile: profile.clone(),
            case: job.case.id.clone(),
            verdict: report.verdict,
            checks: report.checks,
            elapsed_us: u64::try_from(report.elapsed.as_micros()).unwrap_or(u64::MAX),
        }));
    }
}

/// What is counted while a run goes on.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) cases: Counts,
    pub(crate) checks: Counts,
    pub(crate) exchanges: u64,
    callbacks: u64,
    readings: BTreeSet<(String, Taken)>,
    pub(crate) gate: gate::Gate,
}

/// Returns once the run is cancelled.
pub(crate) async fn cancelled(cancel: &mut watch::Receiver<bool>) {
    if cancel.wait_for(|cancelled| *cancelled).await.is_err() {
        // Nobody can cancel any more.
        std::future::pending::<()>().await;
    }
}

/// Ends a run: the gate decides, and the last event says what it decided.
pub(crate) fn finish(
    emitter: &mut Emitter,
    mut tally: Tally,
    selected: usize,
    cut: Option<gate::Cut>,
    started: Instant,
) -> Summary {
    if cut == Some(gate::Cut::Preflight) {
        tally.cases.skipped = selected as u64;
    }
    let (exit_code, sentence) = tally.gate.verdict(cut, selected);
    let finished = RunFinished {
        complete: cut.is_none(),
        cut_reason: cut.map(|cut| cut.reason().to_owned()),
        cases: tally.cases,
        checks: tally.checks,
        exchanges: tally.exchanges,
        callbacks: tally.callbacks,
        elapsed_us: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        exit_code,
        gate: sentence,
    };
    emitter.emit(Event::RunFinished(finished.clone()));
    Summary { finished, selected }
}
