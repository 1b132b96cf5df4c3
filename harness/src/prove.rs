//! Proof that this build's verdicts mean something: every defect is caught, the compliant mock stays
//! clean, whichever legal readings it takes, and no trivial server passes.

mod campaign;
mod matrix;
mod readings;
mod vacuous;

pub use campaign::{Clean, Proved, Task, campaign, shard};
pub use matrix::{Kill, clean, kill};
pub use readings::{Other, blamed, mixture, other, together, unseen, ways};
pub use vacuous::{Vacuity, Vacuous, VacuousServer, vacuity};

use crate::embedded::{self, EmbeddedError};
use crate::run::{Board, Certification, Earlier, Emitter, Limits, Selection, SetupError};
use crate::target::Target;
use mock_server::Mistake;
use reports::aggregate::Run;
use specs::catalogue::Profile;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::sync::watch;

/// How long tokens live where their expiry is waited for: as short as a busy machine bears.
const SHORT_LIFE: Duration = Duration::from_secs(2);

/// How long they live where nothing depends on it, so that a machine that is busy elsewhere makes no difference.
const LONG_LIFE: Duration = Duration::from_secs(600);

/// The law that waits for the expiry of a token.
const EXPIRY: &str = "token-expiry";

/// How many random requests are tried of each operation, unless somebody wants another number.
pub const EXAMPLES: u32 = 20;

/// What a run of a proof depends on beside its profile: the same trial sends the same requests to the same mock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trial {
    /// The seed of the mock's people and of everything that is generated.
    pub seed: u64,
    /// How many random requests are tried of each operation.
    pub examples: u32,
}

impl From<u64> for Trial {
    /// A trial with this seed and [`EXAMPLES`] examples.
    fn from(seed: u64) -> Self {
        let examples = EXAMPLES;
        Self { seed, examples }
    }
}

/// Why a proof could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// The embedded mock does not start.
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    /// A run could not begin.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// A trivial server does not start.
    #[error("failed to start a trivial server: {0}")]
    Vacuous(#[from] std::io::Error),
}

/// Limits for servers in this very process.
fn limits() -> Limits {
    Limits {
        // Generous, since nobody waits for what comes at once, and a busy machine proves nothing.
        timeout: Duration::from_secs(15),
        callback_deadline: Duration::from_secs(5),
        least_deadline: Duration::from_secs(15),
        // Nobody waits for the others meanwhile, and a callback that must not come may be slow on a busy machine.
        quiet: Duration::from_millis(750),
        expiry_margin: Duration::from_millis(150),
        examples: EXAMPLES,
        ..Limits::default()
    }
}

/// Certifies targets quietly.
async fn certify(
    targets: Vec<Target>,
    seed: u64,
    limits: Limits,
    selection: Selection,
) -> Result<Run, SetupError> {
    let (_keep, cancel) = watch::channel(false);
    let mut emitter = Emitter::new(Vec::new());
    let certification = Certification {
        targets,
        seed,
        limits,
        selection,
        callback_listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        callback_url: None,
        notices: Vec::new(),
        earlier: Earlier::default(),
        board: Board::default(),
    };
    certification.run(&mut emitter, cancel).await?;
    Ok(emitter.finish().run)
}

/// Certifies the embedded mock with these defects.
async fn certify_mock(
    profile: &Profile,
    trial: impl Into<Trial>,
    mistakes: &[Mistake],
    selection: Selection,
) -> Result<Run, ProveError> {
    let Trial { seed, examples } = trial.into();
    let limits = Limits { examples, ..limits() };
    let wanted = |id: &str| selection.cases.as_ref().is_none_or(|set| set.is_match(id));
    let mut waiting = selection.from.all().iter();
    let waits = waiting.any(|case| case.law.as_deref() == Some(EXPIRY) && wanted(&case.id));
    let token_lifetime = if waits { SHORT_LIFE } else { LONG_LIFE };
    let (targets, mock) = embedded::start(vec![profile.clone()], seed, mistakes, token_lifetime).await?;
    let run = certify(targets, seed, limits, selection).await?;
    mock.stop().await;
    Ok(run)
}
