//! What happened lately.

use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// How many events are remembered.
const MOST_KEPT: usize = 1000;

/// The events of one profile, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Events(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    events: VecDeque<Value>,
    /// How many there were before these.
    gone: usize,
}

impl Events {
    /// Remembers an event, and returns how many there were before it.
    pub(crate) fn put(&self, event: Value) -> usize {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.events.len() >= MOST_KEPT {
            kept.events.pop_front();
            kept.gone += 1;
        }
        kept.events.push_back(event);
        kept.gone + kept.events.len() - 1
    }

    pub(crate) fn list(&self) -> Vec<Value> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.events.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_counted_and_the_oldest_forgotten() {
        let events = Events::default();
        for n in 0..1005_usize {
            assert_eq!(events.put(n.into()), n);
        }
        let kept = events.list();
        assert_eq!((kept.len(), &kept[0]), (1000, &5.into()));
    }
}
