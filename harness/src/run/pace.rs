//! Deadlines learned from the target itself: what usually comes within milliseconds need not be waited for
//! as long as the user allows at most.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// From so many answers on, a target's pace is known.
const KNOWN: usize = 20;

/// So many times the slowest that came is waited for.
const SLOWEST_TIMES: u32 = 10;

/// How many times are kept; more change little.
const KEPT: usize = 4096;

/// How fast something comes, and how long it is therefore waited for.
#[derive(Debug, Clone)]
pub struct Pace(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    least: Duration,
    most: Duration,
    known: usize,
    took: Vec<Duration>,
    slowest: Option<Duration>,
    /// How often the deadline was doubled, since what was waited for did not come within it.
    doubled: u32,
}

impl Pace {
    /// Nothing is known yet: all the time there is.
    pub fn new(most: Duration) -> Self {
        Self(Arc::new(Mutex::new(State {
            least: most,
            most,
            known: KNOWN,
            took: Vec::new(),
            slowest: None,
            doubled: 0,
        })))
    }

    /// What is waited at least, however fast everything comes.
    pub fn at_least(&self, least: Duration) {
        let mut state = self.state();
        state.least = least.min(state.most);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something came after so long.
    pub fn came(&self, took: Duration) {
        let mut state = self.state();
        state.slowest = state.slowest.max(Some(took));
        if state.took.len() < KEPT {
            state.took.push(took);
        }
    }

    /// Something did not come within the deadline: the next is given more time, within what is allowed.
    pub fn missed(&self) {
        let mut state = self.state();
        if state.deadline() < state.most {
            state.doubled += 1;
        }
    }

    /// How long is waited now, in whole seconds where it was learned.
    pub fn deadline(&self) -> Duration {
        self.state().deadline()
    }

    /// The slowest that came, if anything did.
    pub fn slowest(&self) -> Option<Duration> {
        self.state().slowest
    }

    /// Half of what came took no longer than this.
    pub fn median(&self) -> Option<Duration> {
        let mut took = self.state().took.clone();
        let middle = took.len().checked_sub(1)? / 2;
        let (_, median, _) = took.select_nth_unstable(middle);
        Some(*median)
    }
}

impl State {
    fn deadline(&self) -> Duration {
        let Some(slowest) = self.slowest.filter(|_| self.took.len() >= self.known) else {
            return self.most;
        };
        let learned = slowest.saturating_mul(SLOWEST_TIMES).max(self.least);
        let whole = Duration::from_secs(learned.as_secs() + u64::from(learned.subsec_nanos() > 0));
        let factor = 2u32.saturating_pow(self.doubled);
        whole.saturating_mul(factor).min(self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    fn after(answers: &[u64]) -> Pace {
        let pace = Pace::new(ms(30_000));
        pace.at_least(ms(2_000));
        for answer in answers {
            pace.came(ms(*answer));
        }
        pace
    }

    #[test]
    fn a_deadline_is_learned_from_enough_answers_and_stays_within_bounds() {
        assert_eq!(after(&[1; 19]).deadline(), ms(30_000), "too few to know");
        assert_eq!(after(&[1; 20]).deadline(), ms(2_000), "never less than the least");
        let mut answers = [5; 20];
        answers[7] = 420;
        let pace = after(&answers);
        assert_eq!(
            pace.deadline(),
            ms(5_000),
            "ten times the slowest, in whole seconds"
        );
        assert_eq!((pace.median(), pace.slowest()), (Some(ms(5)), Some(ms(420))));
        answers[8] = 29_000;
        assert_eq!(after(&answers).deadline(), ms(30_000), "never more than allowed");
    }

    #[test]
    fn what_is_missed_is_given_more_time() {
        let pace = after(&[1; 20]);
        for seconds in [4, 8, 16, 30, 30] {
            pace.missed();
            assert_eq!(pace.deadline(), ms(seconds * 1000));
        }
        for _ in 0..100 {
            pace.missed();
        }
        assert_eq!(pace.deadline(), ms(30_000));
    }
}
