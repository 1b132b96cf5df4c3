//! Whether the target still answers. A request without an answer raises a doubt; the doubt is settled by a
//! look at the base address. A target that is gone is waited for, by all cases together, and when it does
//! not come back the run ends instead of waiting for every request that is left.

use super::Env;
use crate::client::{Client, Outbound};
use bytes::Bytes;
use specs::evidence::{Exchange, FailureKind, Outcome, Response};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use suites::plan::STOPPED;
use tokio::sync::watch;

/// How long after a look the next one is taken.
const BETWEEN: Duration = Duration::from_millis(200);

/// How long one look may take at most.
const LOOK: Duration = Duration::from_secs(3);

/// Whether one target still answers.
#[derive(Default)]
pub(crate) struct Pulse {
    state: Mutex<State>,
    /// Held by the one who looks; the others wait for what it sees.
    looking: tokio::sync::Mutex<()>,
    /// Where it is told that the target is gone; not set before the cases begin.
    gone: OnceLock<watch::Sender<Option<String>>>,
}

#[derive(Default)]
struct State {
    /// What was answered last.
    last: Option<String>,
    /// When it was last seen to answer.
    alive: Option<Instant>,
    down: bool,
    outages: Vec<Outage>,
}

struct Outage {
    began: Instant,
    ended: Instant,
    sentence: String,
}

impl Pulse {
    /// From now on a target that is gone ends the run.
    pub(crate) fn arm(&self, gone: &watch::Sender<Option<String>>) {
        self.gone.get_or_init(|| gone.clone());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the run, for this reason.
    pub(super) fn end(&self, sentence: String) {
        if let Some(gone) = self.gone.get() {
            gone.send_replace(Some(sentence));
        }
    }

    fn is_gone(&self) -> bool {
        self.gone.get().is_some_and(|gone| gone.borrow().is_some())
    }

    /// Waits while the target is looked for; for ever where it is gone, since the run is over then.
    pub(crate) async fn gate(&self) {
        if self.state().down {
            drop(self.looking.lock().await);
        }
        if self.is_gone() {
            std::future::pending::<()>().await;
        }
    }

    /// The outages that the target came back from, each in a sentence.
    pub(crate) fn outages(&self) -> Vec<String> {
        let state = self.state();
        let told = state.outages.iter().map(|outage| {
            let seconds = outage.ended.saturating_duration_since(outage.began).as_secs_f64();
            format!(
                "{}; it came back {seconds:.1} s later, and the run went on",
                outage.sentence
            )
        });
        told.collect()
    }

    fn answered(&self, what: impl FnOnce() -> String) {
        let mut state = self.state();
        state.alive = Some(Instant::now());
        state.last = Some(what());
    }

    /// The sentence about the outage during which something failed.
    fn outage_at(&self, failed: Instant) -> Option<String> {
        let state = self.state();
        let outage = state
            .outages
            .iter()
            .find(|o| o.began <= failed && failed <= o.ended)?;
        Some(outage.sentence.clone())
    }

    /// Settles a doubt that arose now: nothing where the target answers, else the sentence that it stopped,
    /// once it is back or given up.
    async fn doubt(&self, client: &Client, url: &str, patience: Duration) -> Option<String> {
        let gone = self.gone.get()?;
        let failed = Instant::now();
        let _looking = self.looking.lock().await;
        if self.is_gone() {
            std::future::pending::<()>().await;
        }
        if let Some(sentence) = self.outage_at(failed) {
            return Some(sentence);
        }
        if self.state().alive.is_some_and(|at| at > failed) || look(client, url).await.is_some() {
            self.state().alive = Some(Instant::now());
            return None;
        }
        let last = self.state().last.clone();
        let sentence = format!("{STOPPED} after {}", last.as_deref().unwrap_or("the preflight"));
        self.state().down = true;
        let deadline = failed + patience;
        let back = loop {
            tokio::time::sleep(BETWEEN).await;
            if look(client, url).await.is_some() {
                break true;
            }
            if Instant::now() >= deadline {
                break false;
            }
        };
        let mut state = self.state();
        if back {
            state.down = false;
            state.alive = Some(Instant::now());
            state.outages.push(Outage {
                began: failed,
                ended: Instant::now(),
                sentence: sentence.clone(),
            });
        } else {
            let seconds = patience.as_secs_f64();
            gone.send_replace(Some(format!(
                "{sentence}, and did not come back within {seconds:.0} s"
            )));
        }
        Some(sentence)
    }
}

/// What is answered at an address, if anything is.
pub(super) async fn look(client: &Client, url: &str) -> Option<Response> {
    let outbound = Outbound {
        method: http::Method::GET,
        url: format!("{url}/"),
        headers: Vec::new(),
        body: Bytes::new(),
    };
    let look = tokio::time::timeout(LOOK, client.send(&outbound, |_| ())).await;
    match look.ok()?.outcome {
        Outcome::Response(response) => Some(response),
        Outcome::Failure { .. } => None,
    }
}

impl Env {
    /// Why no callback came, where the reason is that the target is gone.
    pub(super) async fn stopped(&self) -> Option<String> {
        self.pulse
            .doubt(&self.client, &self.target.url, self.limits.patience)
            .await
    }

    /// Takes note of what came of a request; says so in the exchange when the target stopped answering.
    pub(crate) async fn felt(&self, case: &str, exchange: &mut Exchange) {
        let Outcome::Failure { kind, .. } = &exchange.outcome else {
            self.pulse
                .answered(|| format!("the step `{}` of {case} ({})", exchange.label, exchange.operation));
            return;
        };
        if !matches!(
            kind,
            FailureKind::Connect | FailureKind::Timeout | FailureKind::Closed
        ) {
            return;
        }
        let Some(sentence) = self.stopped().await else {
            return;
        };
        if let Outcome::Failure { message, .. } = &mut exchange.outcome {
            *message = format!("{sentence}: {message}");
        }
    }
}
