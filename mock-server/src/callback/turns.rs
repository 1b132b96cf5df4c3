//! Callbacks out of order: one waits until another to the same address has gone before it.

use super::Target;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long one waits for another to go before it.
const LONGEST: Duration = Duration::from_secs(5);

/// Who waits, and for which address.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<Vec<(Target, oneshot::Sender<()>)>>);

/// A callback that waits.
#[derive(Debug)]
pub(super) struct Waiting(oneshot::Receiver<()>);

impl Turns {
    /// Lets the next callback to this address go first; `None` where somebody waits already: then this one is
    /// the next.
    pub(super) fn give_up(&self, target: &Target) -> Option<Waiting> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|(_, other)| !other.is_closed());
        if waiting.iter().any(|(other, _)| other == target) {
            return None;
        }
        let (go, wait) = oneshot::channel();
        waiting.push((target.clone(), go));
        Some(Waiting(wait))
    }

    /// A callback to this address has gone: whoever waited for that may go.
    pub(super) fn gone(&self, target: &Target) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|(other, _)| other != target);
    }
}

impl Waiting {
    /// Returns when another has gone, or when none came for a while.
    pub(super) async fn wait(self) {
        // The other end never sends: it is dropped.
        let _ = tokio::time::timeout(LONGEST, self.0).await;
    }
}
