//! Proof that this build's verdicts mean something: every defect is caught, the compliant mock stays
//! clean, and no trivial server passes.

mod matrix;
mod vacuous;

pub use matrix::{Kill, clean, kill};
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

/// How long tokens live while proving: as short as their expiry can be seen.
const TOKEN_LIFETIME: Duration = Duration::from_secs(1);

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
        callback_deadline: Duration::from_secs(4),
        least_deadline: Duration::from_secs(15),
        quiet: Duration::from_millis(250),
        expiry_margin: Duration::from_millis(150),
        examples: 20,
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
    seed: u64,
    mistakes: &[Mistake],
    selection: Selection,
) -> Result<Run, ProveError> {
    let (targets, mock) = embedded::start(vec![profile.clone()], seed, mistakes, TOKEN_LIFETIME).await?;
    let run = certify(targets, seed, limits(), selection).await?;
    mock.stop().await;
    Ok(run)
}
