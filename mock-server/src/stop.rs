//! The word to stop, from the one who holds the server to all that it started.

use tokio::sync::watch;

/// Gives the word, also when it is dropped.
#[derive(Debug)]
pub(crate) struct Stop(watch::Sender<bool>);

/// Waits for the word. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Stopped(watch::Receiver<bool>);

pub(crate) fn channel() -> (Stop, Stopped) {
    let (sender, receiver) = watch::channel(false);
    (Stop(sender), Stopped(receiver))
}

impl Stop {
    pub(crate) fn now(&self) {
        self.0.send_replace(true);
    }
}

impl Stopped {
    /// Returns when the word is given.
    pub(crate) async fn wait(&mut self) {
        // The only error is that the sender is gone, which says the same.
        drop(self.0.wait_for(|stopped| *stopped).await);
    }
}
