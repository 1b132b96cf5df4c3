//! Ctrl-C, and the request to terminate that supervisors and CI send: heard from the moment that a
//! [`Signals`] exists, so that none is missed between an announcement and the wait.

/// Hears both signals.
pub(super) struct Signals {
    #[cfg(unix)]
    heard: Vec<tokio::signal::unix::Signal>,
}

impl Signals {
    /// Begins to listen. Where a signal cannot be listened for, it keeps its usual effect.
    pub(super) fn new() -> Self {
        Self {
            #[cfg(unix)]
            heard: {
                use tokio::signal::unix::{SignalKind, signal};
                [SignalKind::interrupt(), SignalKind::terminate()]
                    .into_iter()
                    .filter_map(|kind| signal(kind).ok())
                    .collect()
            },
        }
    }

    /// Returns when the next signal comes.
    pub(super) async fn next(&mut self) {
        #[cfg(unix)]
        {
            let any: Vec<_> = self
                .heard
                .iter_mut()
                .map(|signal| Box::pin(signal.recv()))
                .collect();
            if !any.is_empty() {
                futures::future::select_all(any).await;
                return;
            }
        }
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
