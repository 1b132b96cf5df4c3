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

    /// From now on, a file that has become as long as a limit allows is a write that fails, as on a full disk, and
    /// no end of the process.
    pub(super) fn outlive_long_files() {
        #[cfg(unix)]
        {
            // SIGXFSZ; it has no name of its own in tokio.
            const FILE_SIZE_EXCEEDED: i32 = 25;
            let kind = tokio::signal::unix::SignalKind::from_raw(FILE_SIZE_EXCEEDED);
            // Who listens no more leaves the handler where it is.
            drop(tokio::signal::unix::signal(kind));
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
