//! The word to stop, from the one who holds the server to all that it started.

use tokio::sync::watch;

/// Gives the word, also when it is dropped.
#[derive(Debug)]
pub(crate) struct Stop(watch::Sender<bool>);

/// Waits for the word. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Stopped {
    word: watch::Receiver<bool>,
    /// Whoever stops when the whole server stops hears of that as well.
    above: Option<watch::Receiver<bool>>,
}

pub(crate) fn channel() -> (Stop, Stopped) {
    let (sender, word) = watch::channel(false);
    (Stop(sender), Stopped { word, above: None })
}

impl Stop {
    pub(crate) fn now(&self) {
        self.0.send_replace(true);
    }
}

impl Stopped {
    /// For a part of the server, which can be stopped alone.
    pub(crate) fn part(&self) -> (Stop, Self) {
        let (sender, word) = watch::channel(false);
        let above = Some(self.word.clone());
        (Stop(sender), Self { word, above })
    }

    /// Returns when the word is given.
    pub(crate) async fn wait(&mut self) {
        // The only error is that the sender is gone, which says the same.
        let own = self.word.wait_for(|stopped| *stopped);
        let Some(above) = &mut self.above else {
            return drop(own.await);
        };
        tokio::select! {
            stopped = own => drop(stopped),
            stopped = above.wait_for(|stopped| *stopped) => drop(stopped),
        }
    }
}
