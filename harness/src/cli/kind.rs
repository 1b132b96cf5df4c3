//! The two kinds of runs: of profiles, and of a document that the user brings.

use crate::openapi::OpenApiRun;
use crate::run::{Certification, Earlier, Emitter, Outcome};
use reports::event::RunStarted;
use tokio::sync::watch;

/// A run that is about to begin.
pub(super) enum Kind {
    /// Of profiles.
    Profiles(Box<Certification>),
    /// Of a document.
    Document(Box<OpenApiRun>),
}

impl Kind {
    /// What it says of itself before it begins.
    pub(super) fn begun(&self) -> RunStarted {
        match self {
            Self::Profiles(run) => run.begun(),
            Self::Document(run) => run.begun(),
        }
    }

    /// What it takes over from an earlier run.
    pub(super) fn earlier(&mut self) -> &mut Earlier {
        match self {
            Self::Profiles(run) => &mut run.earlier,
            Self::Document(run) => &mut run.earlier,
        }
    }

    /// Runs to the end, or until it is cancelled.
    pub(super) async fn run(self, emitter: &mut Emitter, cancel: watch::Receiver<bool>) -> Outcome {
        match self {
            Self::Profiles(run) => run.run(emitter, cancel).await,
            Self::Document(run) => run.run(emitter, cancel).await,
        }
    }
}
