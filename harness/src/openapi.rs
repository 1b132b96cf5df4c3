//! Certifying any server against an OpenAPI document that the user brings.
//!
//! For each operation there are three cases: `openapi.<operation>.covering` meets each optional member, value and
//! bound of the document once, `openapi.<operation>.valid` sends other requests that the document allows,
//! `openapi.<operation>.invalid` sends requests with one fault each. The events are those of every
//! run. Neither acceptance nor refusal proves anything by itself: the one counts only where the other was
//! seen as well.
//!
//! Not generated: bodies other than JSON and forms; values that are read-only are sent like others, since
//! a resolved schema no longer knows them.

mod bodies;
mod cover;
mod drive;
mod encode;
mod envelope;
mod form;
mod job;
mod judge;
mod operation;
mod raw;
mod send;
mod spoil;
mod target;

pub use bodies::Bodies;
pub use target::PROFILE;

use crate::callbacks::CallbackReceiver;
use crate::record::Redactor;
use crate::run::gate::Cut;
use crate::run::{
    Emitter, Env, Limits, Outcome, Selection, SetupError, Tally, cancelled, digest, fact, finish, preflight,
};
use crate::target::{Credentials, Target, TargetError, base_url};
use crate::tls::Tls;
use drive::Authorization;
use futures::StreamExt as _;
use job::{Job, run_job};
use judge::Aim;
use operation::Operation;
use reports::event::{CaseFinished, CaseStarted, Event, Notice, Observed, RunStarted, Target as TargetFact};
use specs::catalogue::{Catalogue, Demands};
use specs::document::Document;
use specs::evidence::{Check, Level, Observation, Verdict};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};
use suites::judgement;
use tokio::sync::watch;

/// How requests to secured operations get their token.
#[derive(Debug, Clone, Default)]
pub enum TokenSource {
    /// They get none.
    #[default]
    None,
    /// By client credentials.
    Credentials {
        /// The credentials.
        credentials: Credentials,
        /// Where tokens are issued, below the base URL; where absent, the address that the document names,
        /// else that of the DCI documents.
        path: Option<String>,
    },
    /// This one.
    Bearer(Bearer),
}

/// A token that was given.
#[derive(Clone)]
pub struct Bearer(pub String);

impl std::fmt::Debug for Bearer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bearer(…)")
    }
}

/// A server and the document that it is certified against.
pub struct OpenApiRun {
    /// The document.
    pub document: Document,
    /// Base URL, without a trailing slash; the document's paths are appended to it.
    pub url: String,
    /// How requests to secured operations get their token.
    pub token: TokenSource,
    /// How connections are secured.
    pub tls: Tls,
    /// Which cases run, and which requirements are judged.
    pub selection: Selection,
    /// The seed that every generated value follows from.
    pub seed: u64,
    /// How long things may take, and how much is tried.
    pub limits: Limits,
    /// What the reader of the report should know from the start.
    pub notices: Vec<String>,
}

impl OpenApiRun {
    /// A run of a document against the server at a URL, with nothing else said.
    ///
    /// # Errors
    /// The URL cannot be used.
    pub fn new(document: Document, url: &str) -> Result<Self, TargetError> {
        Ok(Self {
            document,
            url: base_url(url)?,
            token: TokenSource::None,
            tls: Tls::default(),
            selection: Selection::default(),
            seed: 1,
            limits: Limits::default(),
            notices: Vec::new(),
        })
    }

    /// Runs to the end, or until `cancel` turns true. What was found until then is kept.
    ///
    /// # Errors
    /// Nothing could be begun.
    pub async fn run(self, emitter: &mut Emitter, mut cancel: watch::Receiver<bool>) -> Outcome {
        let started = Instant::now();
        let operations: Vec<Arc<Operation>> =
            Operation::all(&self.document).into_iter().map(Arc::new).collect();
        let secured = operations.iter().any(|o| o.doc.secured);
        let mut notices = self.notices.clone();
        let (mut token_path, mut credentials) = (None, None);
        let authorization = match self.token.clone() {
            TokenSource::Bearer(Bearer(token)) => Authorization::Bearer(token),
            TokenSource::Credentials {
                credentials: given,
                path,
            } if secured => {
                credentials = Some(given);
                token_path = path.or_else(|| target::token_path(&self.document, &self.url));
                if token_path.is_none() {
                    let text = "the document names no token endpoint of this server; the usual one is asked";
                    notices.push(format!("{text}, {}", target::TOKEN_PATH));
                    token_path = Some(target::TOKEN_PATH.to_owned());
                }
                Authorization::Tokens
            }
            TokenSource::Credentials { .. } | TokenSource::None => Authorization::None,
        };
        let authorised = !matches!(authorization, Authorization::None);
        notices.extend(target::notices(
            &self.document,
            &self.url,
            &operations,
            authorised,
        ));
        let target = target::target(
            &self.document,
            &self.url,
            token_path.as_deref(),
            credentials,
            self.tls.clone(),
        );
        let redactor = Redactor::default();
        if let Authorization::Bearer(token) = &authorization {
            redactor.conceal(token, "$DCX_TOKEN");
        }
        // No operation of a document is known to call back; the receiver is there because every run has one.
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let callbacks = CallbackReceiver::start(listen, None, redactor.clone())
            .await
            .map_err(|source| SetupError::Listen {
                address: listen,
                source,
            })?;
        let env = Env::new(
            target,
            self.seed,
            Arc::new(callbacks),
            self.limits.clone(),
            redactor,
        )?;
        let jobs = job::jobs(&operations, self.selection.cases.as_ref(), self.seed);
        let mut tally = Tally::default();
        emitter.emit(Event::RunStarted(self.begun(&env.target, &jobs)));
        for text in notices {
            emitter.emit(Event::Notice(Notice { text }));
        }
        let flight = tokio::select! {
            flight = preflight(&env) => Some(flight),
            () = cancelled(&mut cancel) => None,
        };
        let cut = match &flight {
            None => Some(Cut::Interrupted),
            Some(flight) => (!flight.passed()).then_some(Cut::Preflight),
        };
        if let Some(flight) = flight {
            emitter.emit(Event::PreflightFinished(flight));
        }
        if cut.is_some() {
            for job in &jobs {
                emitter.emit(job.skipped("preflight did not pass, so nothing could be judged"));
            }
            return Ok(finish(
                emitter,
                tally,
                jobs.len(),
                cut.as_ref(),
                started,
                vec![env.pace()],
            ));
        }
        let interrupted = self
            .drive(emitter, &env, &authorization, &jobs, &mut tally, cancel)
            .await;
        if let Some(text) = all_missing(&jobs) {
            emitter.emit(Event::Notice(Notice { text }));
        }
        let cut = interrupted.then_some(Cut::Interrupted);
        Ok(finish(
            emitter,
            tally,
            jobs.len(),
            cut.as_ref(),
            started,
            vec![env.pace()],
        ))
    }

    fn begun(&self, target: &Target, jobs: &[Job]) -> RunStarted {
        let spoken = |id: &str| jobs.iter().any(|job| job.aim.requirements().contains(&id));
        let requirements: Vec<_> = Catalogue::bundled()
            .requirements_of(&target.profile)
            .into_iter()
            .filter(|r| spoken(&r.id) && self.selection.wants_requirement(target, &r.id))
            .map(|r| fact(&target.profile, r))
            .collect();
        RunStarted {
            tool: "dcx".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            seed: self.seed,
            targets: vec![TargetFact {
                profile: target.profile.id.clone(),
                title: target.profile.title.clone(),
                specification: target.profile.specification.clone(),
                url: target.url.clone(),
                embedded: false,
            }],
            selection: self.selection.given.clone(),
            case_count: jobs.len(),
            requirement_digest: digest(&requirements),
            requirements,
            own_cases: Vec::new(),
        }
    }

    /// Runs the cases side by side and emits their events in order. Whether it was interrupted.
    async fn drive(
        &self,
        emitter: &mut Emitter,
        env: &Env,
        authorization: &Authorization,
        jobs: &[Job],
        tally: &mut Tally,
        mut cancel: watch::Receiver<bool>,
    ) -> bool {
        let one = |job| run_job(env, authorization, job);
        let mut running = futures::stream::iter(jobs.iter().map(one)).buffered(self.limits.jobs.max(1));
        let mut next = 0;
        let interrupted = loop {
            let elapsed = tokio::select! {
                elapsed = running.next() => elapsed,
                () = cancelled(&mut cancel) => break true,
            };
            let (Some(elapsed), Some(job)) = (elapsed, jobs.get(next)) else {
                break false;
            };
            self.tell(emitter, env, job, elapsed, tally);
            next += 1;
        };
        drop(running);
        for job in &jobs[next..] {
            if job.seen.lock().unwrap_or_else(PoisonError::into_inner).is_empty() && job.plan.is_ok() {
                emitter.emit(job.skipped("the run was interrupted before this case began"));
                tally.cases.skipped += 1;
            } else {
                self.tell(emitter, env, job, Duration::ZERO, tally);
            }
        }
        interrupted
    }

    fn tell(&self, emitter: &mut Emitter, env: &Env, job: &Job, elapsed: Duration, tally: &mut Tally) {
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
        let seen = job.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let judgements = judge::judge(operation, job.aim, &seen);
        let mut checks = judgement::checks(judgements, profile, &env.target.demands);
        checks.retain(|check| wanted(&check.requirement));
        for (index, observation) in seen.into_iter().enumerate() {
            tally.exchanges += 1;
            emitter.emit(Event::Observed(Observed {
                profile: profile.id.clone(),
                case: job.id.clone(),
                index,
                observation,
            }));
        }
        let verdict = Verdict::worst(checks.iter().map(|check| check.verdict));
        tally.cases.add(verdict);
        for check in &checks {
            tally.checks.add(check.verdict);
            let level = Catalogue::bundled()
                .requirement(&check.requirement)
                .map_or(Level::Must, |r| profile.level_of(r));
            tally.gate.take(level, check.verdict);
        }
        emitter.emit(Event::CaseFinished(CaseFinished {
            profile: profile.id.clone(),
            case: job.id.clone(),
            verdict,
            checks,
            elapsed_us: u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
            cut: elapsed.is_zero(),
        }));
    }
}

/// A hint for the commonest mistake: a base URL that lacks its base path.
fn all_missing(jobs: &[Job]) -> Option<String> {
    let mut any = false;
    for job in jobs {
        for observation in job.seen.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let Observation::Exchange(exchange) = observation else {
                continue;
            };
            any = true;
            if exchange.response().is_none_or(|response| response.status != 404) {
                return None;
            }
        }
    }
    any.then(|| {
        "every request was answered 404: is the URL complete? the document's paths are appended to it"
            .to_owned()
    })
}

/// Judges the recorded observations of a case of such a run again; none where the document has no such
/// case.
pub fn judge_again(document: &Document, case: &str, seen: &[Observation]) -> Option<Vec<Check>> {
    let (key, aim) = case.strip_prefix(PROFILE)?.strip_prefix('.')?.rsplit_once('.')?;
    let aim = Aim::ALL.into_iter().find(|known| known.word() == aim)?;
    let operation = Operation::all(document)
        .into_iter()
        .find(|operation| operation.key == key)?;
    let profile = target::profile(document, None);
    let demands = Demands::of(&profile, Catalogue::bundled());
    Some(judgement::checks(
        judge::judge(&operation, aim, seen),
        &profile,
        &demands,
    ))
}
