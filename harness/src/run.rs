//! Running cases against targets: preflight, the steps of each case, and the event stream.

mod begin;
mod board;
mod case;
mod drive;
pub mod earlier;
mod emit;
mod engine;
mod event;
pub mod gate;
mod generated;
mod job;
mod key_set;
mod offered;
pub mod pace;
mod preflight;
mod pulse;
mod ration;
mod seal;
pub(crate) mod seen;
mod selection;
mod send;
mod sign;
pub mod spool;
pub(crate) mod told;
mod watch;

pub(crate) use begin::{digest, fact};
pub use board::{Board, Shown, Waiting};
pub(crate) use drive::{Ends, Tally};
pub use earlier::Earlier;
pub use emit::{Emitted, Emitter, SharedSink};
pub use engine::{Certification, Outcome, SetupError, Summary};
pub(crate) use engine::{cancelled, finish};
pub use preflight::preflight;
pub use ration::Ration;
pub use selection::Selection;

use crate::callbacks::CallbackReceiver;
use crate::client::Client;
use crate::record::Redactor;
use crate::target::Target;
use crate::tokens::Tokens;
use pace::Pace;
use std::sync::Arc;
use std::time::Duration;
use suites::Context;
use tokio::sync::Mutex;

/// How long things may take, and how much is tried.
#[derive(Debug, Clone)]
pub struct Limits {
    /// One request at most, and preflight as a whole.
    pub timeout: Duration,
    /// From an acknowledgement to its callback, at most.
    pub callback_deadline: Duration,
    /// What is waited at least, however fast the target usually is.
    pub least_deadline: Duration,
    /// How long a target that stops answering is waited for, and one that puts a request off.
    pub patience: Duration,
    /// The quiet period in which no further callback may come, at least; it is longer where callbacks are slow.
    pub quiet: Duration,
    /// The longest life of a token that is waited out.
    pub longest_expiry: Duration,
    /// How long after its expiry a token must be refused.
    pub expiry_margin: Duration,
    /// Random valid requests per operation.
    pub examples: u32,
    /// Requests spent on making one counterexample smaller.
    pub shrink_requests: u32,
    /// Cases side by side, and generated requests of one case.
    pub jobs: usize,
    /// Requests per second, where the target wants to be spared.
    pub rate: Option<f64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            callback_deadline: Duration::from_secs(10),
            least_deadline: Duration::from_secs(5),
            patience: Duration::from_secs(20),
            quiet: Duration::from_secs(1),
            longest_expiry: Duration::from_secs(15),
            expiry_margin: Duration::from_secs(1),
            examples: 50,
            shrink_requests: 200,
            jobs: 8,
            rate: None,
        }
    }
}

impl Limits {
    /// Limits for the mock in this very process: it answers at once, so waiting longer shows nothing.
    #[must_use]
    pub fn embedded(self) -> Self {
        Self {
            callback_deadline: Duration::from_secs(3),
            quiet: Duration::from_millis(300),
            expiry_margin: Duration::from_millis(200),
            ..self
        }
    }
}

/// Everything that the cases of one target share.
pub struct Env {
    /// The target.
    pub target: Target,
    /// What cases may know.
    pub context: Context,
    /// Sends requests.
    pub client: Client,
    /// Obtains tokens.
    pub tokens: Tokens,
    /// Receives callbacks.
    pub callbacks: Arc<CallbackReceiver>,
    /// How long things may take.
    pub limits: Limits,
    /// Keeps secrets out of the log.
    pub redactor: Redactor,
    /// Which requirements are judged.
    pub(crate) selection: Selection,
    /// Whether the target still answers.
    pub(crate) pulse: Arc<pulse::Pulse>,
    /// How fast it calls back.
    pub(crate) callback_pace: Pace,
    /// Where it is told what is waited for.
    pub(crate) board: Board,
    /// When the next request may be sent, where there is a rate.
    pub(crate) next_send: Mutex<Option<tokio::time::Instant>>,
}

impl Env {
    /// An environment for a target.
    ///
    /// # Errors
    /// The TLS library cannot be set up.
    pub fn new(
        target: Target,
        seed: u64,
        callbacks: Arc<CallbackReceiver>,
        limits: Limits,
        redactor: Redactor,
    ) -> Result<Self, reqwest::Error> {
        let client = Client::new(limits.timeout, redactor.clone(), &target.tls)?;
        client.pace().at_least(limits.least_deadline);
        client.ration().try_for(limits.patience);
        let callback_pace = Pace::new(limits.callback_deadline);
        callback_pace.at_least(limits.least_deadline);
        Ok(Self {
            context: target.context(seed),
            tokens: Tokens::new(&target, client.clone(), redactor.clone()),
            next_send: Mutex::new(None),
            target,
            client,
            callbacks,
            limits,
            redactor,
            selection: Selection::default(),
            pulse: Arc::default(),
            callback_pace,
            board: Board::default(),
        })
    }

    /// The same for a target without some of its operations: what was learned of it holds still.
    fn narrowed(&self, target: Target) -> Result<Self, reqwest::Error> {
        let seed = self.context.seed;
        let callbacks = Arc::clone(&self.callbacks);
        let mut env = Self::new(
            target,
            seed,
            callbacks,
            self.limits.clone(),
            self.redactor.clone(),
        )?;
        env.tokens = Tokens::new(&env.target, self.client.clone(), self.redactor.clone());
        env.client = self.client.clone();
        env.context.salt.clone_from(&self.context.salt);
        env.selection = self.selection.clone();
        env.pulse = Arc::clone(&self.pulse);
        env.callback_pace = self.callback_pace.clone();
        env.board = self.board.clone();
        Ok(env)
    }

    /// How fast the target was.
    pub(crate) fn pace(&self) -> reports::event::Pace {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let answers = self.client.pace();
        reports::event::Pace {
            profile: self.target.profile.id.clone(),
            median_us: answers.median().map_or(0, micros),
            slowest_us: answers.slowest().map_or(0, micros),
            deadline_us: micros(answers.deadline()),
            slowest_callback_us: self.callback_pace.slowest().map(micros),
            callback_deadline_us: micros(self.callback_pace.deadline()),
        }
    }

    /// What the run put the target through and the other way round, in sentences: outages, and requests put off.
    pub(crate) fn strains(&self) -> Vec<String> {
        let mut strains = self.pulse.outages();
        strains.extend(self.client.ration().told());
        strains
    }

    /// Whether a requirement is judged.
    pub(crate) fn wants(&self, requirement: &str) -> bool {
        self.selection.wants_requirement(&self.target, requirement)
    }

    /// Waits for its turn where requests are rationed, by the target or by ourselves.
    pub(crate) async fn turn(&self) {
        self.client.ration().turn().await;
        self.rated().await;
    }

    /// Waits for its turn where there is a rate.
    async fn rated(&self) {
        let Some(rate) = self.limits.rate.filter(|rate| *rate > 0.0) else {
            return;
        };
        let at = {
            let mut next = self.next_send.lock().await;
            let at = next
                .unwrap_or_else(tokio::time::Instant::now)
                .max(tokio::time::Instant::now());
            *next = Some(at + Duration::from_secs_f64(1.0 / rate));
            at
        };
        tokio::time::sleep_until(at).await;
    }
}
