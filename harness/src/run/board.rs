//! What is being waited for, for a terminal to show.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A wait that is under way.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// For what, e.g. `on-search of transaction 1234`.
    pub what: String,
    /// Where it is expected, if it comes to us.
    pub address: Option<String>,
    /// When the wait began.
    pub since: Instant,
    /// When the wait ends at the latest.
    pub until: Instant,
}

impl Waiting {
    /// In a line, with the time that is left.
    pub fn line(&self, now: Instant) -> String {
        let left: Duration = self.until.saturating_duration_since(now);
        let listening = self
            .address
            .as_ref()
            .map_or_else(String::new, |address| format!(", listening at {address}"));
        format!(
            "waiting for {}, {:.1} s left{listening}",
            self.what,
            left.as_secs_f64()
        )
    }
}

/// Every wait that is under way.
#[derive(Debug, Clone, Default)]
pub struct Board(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    next: u64,
    waits: BTreeMap<u64, Waiting>,
}

/// A line on the board, for as long as this lives.
#[must_use]
pub struct Shown {
    board: Board,
    number: u64,
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.board.state().waits.remove(&self.number);
    }
}

impl Board {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows a wait until what is returned is dropped.
    pub fn show(&self, waiting: Waiting) -> Shown {
        let mut state = self.state();
        let number = state.next;
        state.next += 1;
        state.waits.insert(number, waiting);
        Shown {
            board: self.clone(),
            number,
        }
    }

    /// The wait that began first of those under way, and how many there are.
    pub fn first(&self) -> Option<(Waiting, usize)> {
        let state = self.state();
        let (_, first) = state.waits.first_key_value()?;
        Some((first.clone(), state.waits.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_shown_with_the_time_that_is_left_until_it_is_over() {
        let board = Board::default();
        let now = Instant::now();
        let waiting = |what: &str| Waiting {
            what: what.to_owned(),
            address: Some("http://127.0.0.1:9090/cb/1".to_owned()),
            since: now,
            until: now + Duration::from_millis(2100),
        };
        let first = board.show(waiting("on-search of transaction 1"));
        let second = board.show(waiting("another"));
        let (shown, count) = board.first().expect("a wait");
        assert_eq!(
            (shown.line(now).as_str(), count),
            (
                "waiting for on-search of transaction 1, 2.1 s left, listening at http://127.0.0.1:9090/cb/1",
                2
            )
        );
        drop(first);
        assert_eq!(
            board.first().map(|(shown, _)| shown.what).as_deref(),
            Some("another")
        );
        drop(second);
        let later = board.show(Waiting {
            address: None,
            ..waiting("search, as the server asked (Retry-After)")
        });
        let line = board.first().map(|(shown, _)| shown.line(now));
        assert_eq!(
            line.as_deref(),
            Some("waiting for search, as the server asked (Retry-After), 2.1 s left")
        );
        drop(later);
        assert!(board.first().is_none());
    }
}
