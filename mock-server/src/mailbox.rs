//! Callbacks that are not posted anywhere, because their address is the demonstration partner's own:
//! nobody listens there, so the mock keeps them for whoever asks.

use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// How many callbacks are kept; the oldest go first.
const MOST_KEPT: usize = 1000;

/// The kept callbacks of one profile, oldest first. Each is `{sender_uri, sent_at, body}`.
#[derive(Debug, Default)]
pub(crate) struct Mailbox(Mutex<VecDeque<Value>>);

impl Mailbox {
    pub(crate) fn put(&self, callback: Value) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT {
            kept.pop_front();
        }
        kept.push_back(callback);
    }

    pub(crate) fn list(&self) -> Vec<Value> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .cloned()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_first() {
        let mailbox = Mailbox::default();
        (0..1005).for_each(|n| mailbox.put(n.into()));
        let kept = mailbox.list();
        assert_eq!(
            (kept.len(), &kept[0], &kept[999]),
            (1000, &5.into(), &1004.into())
        );
    }
}
