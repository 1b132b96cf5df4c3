//! A certification: preflight, then the cases, and the gate.

use super::drive::{Ends, Tally};
use super::earlier::Earlier;
use super::emit::Emitter;
use super::job::{self, skipped};
use super::selection::Selection;
use super::{Board, Env, Limits, begin, gate, preflight};
use crate::callbacks::CallbackReceiver;
use crate::record::Redactor;
use crate::target::Target;
use reports::event::{Event, Notice, Pace, PreflightFinished, RunFinished, RunStarted};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::watch;

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
    /// What is taken over from an earlier run.
    pub earlier: Earlier,
    /// Where it is told what is waited for.
    pub board: Board,
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
    /// What the run says of itself before it begins.
    pub fn begun(&self) -> RunStarted {
        begin::begun(self)
    }

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
            env.context.salt.clone_from(&self.earlier.salt);
            env.board = self.board.clone();
            envs.push(Arc::new(env));
        }
        let mut jobs = job::jobs(&self, &envs);
        let mut tally = Tally::default();
        emitter.emit(Event::RunStarted(self.begun()));
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
            let put_off = envs.iter().find_map(|env| env.client.ration().exhausted());
            let how = match put_off {
                _ if interrupted_early => gate::Cut::Interrupted,
                // That is not a fault of the configuration.
                Some(sentence) => gate::Cut::Gone(sentence),
                None => gate::Cut::Preflight,
            };
            return Ok(finish(
                emitter,
                tally,
                jobs.len(),
                Some(&how),
                started,
                Vec::new(),
            ));
        }
        for (env, absent) in envs.iter().zip(&absent).filter(|(_, absent)| !absent.is_empty()) {
            emitter.emit(job::narrow(&self, env, absent, &mut jobs)?);
        }
        let (tell_gone, gone) = watch::channel(None);
        for job in &jobs {
            job.env.pulse.arm(&tell_gone);
        }
        let cut = self
            .drive(emitter, &jobs, &mut tally, Ends { cancel, gone })
            .await;
        if callbacks.strays() > 0 {
            let text = format!(
                "{} requests came to the callback address that no case had asked for",
                callbacks.strays()
            );
            emitter.emit(Event::Notice(Notice { text }));
        }
        let mut paces: Vec<Pace> = Vec::new();
        for job in &jobs {
            let pace = job.env.pace();
            if !paces.iter().any(|known| known.profile == pace.profile) {
                paces.push(pace);
                for text in job.env.strains() {
                    emitter.emit(Event::Notice(Notice { text }));
                }
            }
        }
        Ok(finish(emitter, tally, jobs.len(), cut.as_ref(), started, paces))
    }
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
    cut: Option<&gate::Cut>,
    started: Instant,
    paces: Vec<Pace>,
) -> Summary {
    if cut == Some(&gate::Cut::Preflight) {
        tally.cases.skipped = selected as u64;
    }
    let (exit_code, sentence) = tally.gate.verdict(cut, selected);
    let finished = RunFinished {
        complete: cut.is_none(),
        cut_reason: cut.map(gate::Cut::reason),
        cases: tally.cases,
        checks: tally.checks,
        exchanges: tally.exchanges,
        callbacks: tally.callbacks,
        elapsed_us: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        exit_code,
        gate: sentence,
        paces,
    };
    emitter.emit(Event::RunFinished(finished.clone()));
    Summary { finished, selected }
}
