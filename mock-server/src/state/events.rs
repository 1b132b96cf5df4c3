//! What happened lately.

use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// How many events are remembered.
const MOST_KEPT: usize = 1000;

/// The events of one profile, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Events(Mutex<VecDeque<Value>>);

impl Events {
    /// Remembers an event, and returns how many like it there were before, so that events are told apart by
    /// what they are and not by the order in which they happened to come.
    pub(crate) fn put(&self, event: Value) -> usize {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let alike = kept.iter().filter(|earlier| **earlier == event).count();
        if kept.len() >= MOST_KEPT {
            kept.pop_front();
        }
        kept.push_back(event);
        alike
    }

    pub(crate) fn list(&self) -> Vec<Value> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_alike_are_counted_and_the_oldest_forgotten() {
        let events = Events::default();
        for n in 0..1005_usize {
            assert_eq!(events.put(n.into()), 0);
        }
        assert_eq!((events.put(1004.into()), events.put(1004.into())), (1, 2));
        let kept = events.list();
        assert_eq!((kept.len(), &kept[0]), (1000, &7.into()));
    }
}
