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

mod again;
mod begin;
mod bodies;
mod cover;
mod drive;
mod encode;
mod envelope;
mod form;
mod job;
mod judge;
mod judging;
mod operation;
mod raw;
mod send;
mod spoil;
mod target;
mod tell;

pub use again::Judge;
pub(crate) use again::{moved, whole};
pub use bodies::Bodies;
pub use target::PROFILE;

use crate::callbacks::CallbackReceiver;
use crate::record::Redactor;
use crate::run::gate::Cut;
use crate::run::{
    Board, Earlier, Emitter, Ends, Env, Limits, Outcome, Selection, SetupError, Tally, cancelled, finish,
    preflight,
};
use crate::target::{Credentials, TargetError, base_url};
use crate::tls::Tls;
use drive::Authorization;
use job::Job;
use reports::event::{Event, Notice};
use specs::document::Document;
use specs::evidence::OwnFile;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;
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
    /// What is taken over from an earlier run.
    pub earlier: Earlier,
    /// Where it is told what is waited for.
    pub board: Board,
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
            earlier: Earlier::default(),
            board: Board::default(),
        })
    }

    /// Runs to the end, or until `cancel` turns true. What was found until then is kept.
    ///
    /// # Errors
    /// Nothing could be begun.
    pub async fn run(self, emitter: &mut Emitter, mut cancel: watch::Receiver<bool>) -> Outcome {
        let started = Instant::now();
        let operations = self.operations();
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
        let mut env = Env::new(
            target,
            self.seed,
            Arc::new(callbacks),
            self.limits.clone(),
            redactor,
        )?;
        env.board = self.board.clone();
        let jobs = job::jobs(&operations, &self.selection, &self.earlier, self.seed);
        let mut tally = Tally::default();
        let mut begun = self.begun_with(&operations);
        let secret = |file: &OwnFile| env.redactor.text(&file.text) != file.text;
        if begun.document.iter().any(secret) {
            begun.document.clear();
            notices.push(begin::SECRET.to_owned());
        } else if begun.document.is_empty() {
            notices.push(begin::TOO_LONG.to_owned());
        }
        emitter.emit(Event::RunStarted(begun));
        for text in notices {
            emitter.emit(Event::Notice(Notice { text }));
        }
        let flight = tokio::select! {
            flight = preflight(&env) => Some(flight),
            () = cancelled(&mut cancel) => None,
        };
        let cut = match &flight {
            None => Some(Cut::Interrupted),
            // What is put off is not the configuration's fault.
            Some(flight) if !flight.passed() => {
                Some(env.client.ration().exhausted().map_or(Cut::Preflight, Cut::Gone))
            }
            Some(_) => None,
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
        let (tell_gone, gone) = watch::channel(None);
        env.pulse.arm(&tell_gone);
        let ends = Ends { cancel, gone };
        let cut = self
            .drive(emitter, &env, &authorization, &jobs, &mut tally, ends)
            .await;
        let all_missing = all_missing(&jobs);
        for text in all_missing.into_iter().chain(env.strains()) {
            emitter.emit(Event::Notice(Notice { text }));
        }
        Ok(finish(
            emitter,
            tally,
            jobs.len(),
            cut.as_ref(),
            started,
            vec![env.pace()],
        ))
    }
}

/// A hint for the commonest mistake: a base URL that lacks its base path.
fn all_missing(jobs: &[Job]) -> Option<String> {
    let mut found = jobs
        .iter()
        .filter_map(|job| job.seen.lock().judging.found_something());
    (found.next() == Some(false) && found.all(|found| !found)).then(|| {
        "every request was answered 404: is the URL complete? the document's paths are appended to it"
            .to_owned()
    })
}
