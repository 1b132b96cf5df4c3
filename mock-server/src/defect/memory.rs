//! What only defects remember between requests. A compliant answer never depends on it.

use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long the service is gone after a deeply nested body, if not until a caller has seen it.
const OUTAGE: Duration = Duration::from_millis(400);
/// How many searches are remembered before all are forgotten.
const MOST_SEARCHES: usize = 10_000;

/// The memory of one profile.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// Until when the service is gone, and whether anybody has been refused since.
    down: Mutex<Option<(Instant, bool)>>,
    /// How many requests are answered before the service dies, where it is about to.
    last: Mutex<Option<u32>>,
    searches: Mutex<HashMap<String, u64>>,
    /// The criteria of the last search that was to be called back.
    criteria: Mutex<Option<Value>>,
}

impl Memory {
    /// The service dies and will be back in a moment.
    pub(crate) fn die(&self) {
        let mut down = self.down.lock().unwrap_or_else(PoisonError::into_inner);
        *down = Some((Instant::now() + OUTAGE, false));
    }

    /// The service dies once it has answered so many more requests.
    pub(crate) fn die_after(&self, requests: u32) {
        if requests == 0 {
            return self.die();
        }
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(requests);
    }

    /// Whether the service is gone for the caller who asks. However slow the callers are, one of them sees it.
    pub(crate) fn is_dead(&self) -> bool {
        self.answer_one_of_the_last();
        let mut down = self.down.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *down {
            Some((until, seen)) if Instant::now() < *until || !*seen => {
                *seen = true;
                true
            }
            _ => false,
        }
    }

    /// Counts a request towards those after which the service dies.
    fn answer_one_of_the_last(&self) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match *last {
            None => {}
            Some(0) => {
                *last = None;
                self.die();
            }
            Some(n) => *last = Some(n - 1),
        }
    }

    /// Remembers these criteria, and returns those before them.
    pub(crate) fn exchanged(&self, criteria: Value) -> Option<Value> {
        let mut last = self.criteria.lock().unwrap_or_else(PoisonError::into_inner);
        last.replace(criteria)
    }

    /// Whether this is the second, fourth, sixth… time that the very same search is made.
    pub(crate) fn is_even_visit(&self, criteria: String) -> bool {
        let mut searches = self.searches.lock().unwrap_or_else(PoisonError::into_inner);
        if searches.len() >= MOST_SEARCHES {
            searches.clear();
        }
        let visits = searches.entry(criteria).or_default();
        *visits += 1;
        visits.is_multiple_of(2)
    }
}
