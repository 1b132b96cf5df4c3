//! A target that rations requests: what it answers with 429, or with 503 and `Retry-After`, came too early, and
//! nothing was done about it. Such a request is sent again when the target says; meanwhile nothing new is sent,
//! and from then on the run goes no faster than the target was seen to serve.
//!
//! A request without an answer is never sent again: the target may have done what it asked for.

use super::Env;
use super::board::{Board, Waiting};
use super::pulse::look;
use specs::evidence::{Exchange, FailureKind, Outcome, PutOff, Response};
use specs::wire::time::parse_http_date;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often one request is sent at most.
const MOST_TIMES: u32 = 8;

/// How long is waited at least before a request is sent again, doubled each time, where the target says when.
const LEAST: Duration = Duration::from_millis(100);

/// The same where it does not.
const UNTOLD: Duration = Duration::from_millis(500);

/// No wait is longer: a number beyond it is one that nobody waits for.
const LONGEST: Duration = Duration::from_secs(86_400);

/// How one target rations requests. Shared by all that send to it.
#[derive(Debug, Clone)]
pub struct Ration(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Mutex<State>,
    /// Held by the one who asks again; everybody else waits, in the order in which they came.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct State {
    /// How long one request is tried for.
    patience: Duration,
    /// Before then nothing is sent.
    until: Instant,
    /// The time between two requests, once the target was seen to ration them.
    gap: Duration,
    /// When the next request may be sent.
    next: Instant,
    /// How many requests were served since this moment.
    served: u32,
    since: Instant,
    /// How many answers put a request off.
    put_off: u64,
    /// How long nothing was sent for that.
    held_back: Duration,
    /// The operations that put off a request as often as it was sent; theirs are sent once, until one is served.
    given_up: BTreeSet<String>,
    /// That the target put off everything, in a sentence.
    exhausted: Option<String>,
}

impl Ration {
    /// Nothing is rationed yet. One request is tried for so long.
    pub fn new(patience: Duration) -> Self {
        let now = Instant::now();
        Self(Arc::new(Inner {
            state: Mutex::new(State {
                patience,
                until: now,
                gap: Duration::ZERO,
                next: now,
                served: 0,
                since: now,
                put_off: 0,
                held_back: Duration::ZERO,
                given_up: BTreeSet::new(),
                exhausted: None,
            }),
            asking: tokio::sync::Mutex::new(()),
        }))
    }

    /// How long one request is tried for.
    pub fn try_for(&self, patience: Duration) {
        self.state().patience = patience;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// That the target put off everything for as long as it was asked, in a sentence.
    pub fn exhausted(&self) -> Option<String> {
        self.state().exhausted.clone()
    }

    /// Whether requests of this operation are not sent again when they are put off.
    fn gave_up(&self, operation: &str) -> bool {
        let state = self.state();
        state.exhausted.is_some() || state.given_up.contains(operation)
    }

    /// Takes note that the target put off everything.
    pub(super) fn exhaust(&self, sentence: &str) {
        self.state().exhausted = Some(sentence.to_owned());
    }

    /// What became of requests that were put off, in a sentence; nothing where none was.
    pub fn told(&self) -> Option<String> {
        let state = self.state();
        (state.put_off > 0).then(|| {
            format!(
                "the target rations: {} answers put a request off (429, or 503 with Retry-After), and for {:.1} s nothing was sent for that; --rate spares it",
                state.put_off,
                state.held_back.as_secs_f64()
            )
        })
    }

    /// Waits for its turn where the target rations.
    pub(super) async fn turn(&self) {
        if self.state().put_off == 0 {
            return;
        }
        let _turn = self.0.asking.lock().await;
        let at = {
            let mut state = self.state();
            let at = state.until.max(state.next).max(Instant::now());
            state.next = at + state.gap;
            at
        };
        tokio::time::sleep_until(at.into()).await;
    }

    /// Takes note of a request that was served.
    fn served(&self, operation: &str) {
        let mut state = self.state();
        state.served = state.served.saturating_add(1);
        // Little by little faster again: what was learned from one moment need not hold for ever.
        state.gap = state.gap * 9 / 10;
        state.given_up.remove(operation);
    }

    /// Takes note of a request that was put off for the `nth` time, counted from 1. When to send it again.
    fn put_off(&self, response: &Response, nth: u32) -> Instant {
        let wait = wait(response, nth);
        let mut state = self.state();
        state.put_off += 1;
        let now = Instant::now();
        if now >= state.until {
            // What was on its way when this one was sent says the same once more.
            let all = now.saturating_duration_since(state.since) + wait;
            state.gap = (all / state.served.max(1)).min(wait);
            state.served = 0;
            state.since = now + wait;
        }
        now + wait
    }

    /// From now until then, nothing new is sent.
    fn hold_back(&self, until: Instant) {
        let mut state = self.state();
        let from = state.until.max(Instant::now());
        state.held_back += until.saturating_duration_since(from);
        state.until = state.until.max(until);
    }

    /// Sends what needs no turn, and again while it is put off: `response` finds that in what came of it.
    pub(crate) async fn patiently<T>(
        &self,
        response: impl Fn(&T) -> Option<Response>,
        mut attempt: impl AsyncFnMut() -> T,
    ) -> T {
        let began = Instant::now();
        let mut nth = 0;
        loop {
            let came = attempt().await;
            let Some(refusal) = response(&came).filter(Response::rationed) else {
                return came;
            };
            nth += 1;
            let at = self.put_off(&refusal, nth);
            if nth >= MOST_TIMES || at > began + self.state().patience {
                let sentence = sentence("every request", &refusal, nth, began.elapsed());
                self.state().exhausted = Some(sentence);
                return came;
            }
            self.hold_back(at);
            tokio::time::sleep_until(at.into()).await;
        }
    }
}

/// How long a request waits that was put off for the `nth` time.
fn wait(response: &Response, nth: u32) -> Duration {
    let named = response.header("retry-after").and_then(asked);
    let least = if named.is_some() { LEAST } else { UNTOLD };
    let least = least.saturating_mul(2u32.saturating_pow(nth.saturating_sub(1)));
    named.unwrap_or_default().max(least).min(LONGEST)
}

/// After how long a target asks to be asked again.
fn asked(retry_after: &str) -> Option<Duration> {
    let text = retry_after.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(text.parse().map_or(LONGEST, Duration::from_secs));
    }
    let now = jiff::Timestamp::now().as_millisecond() as f64 / 1000.0;
    Duration::try_from_secs_f64((parse_http_date(text)? - now).max(0.0)).ok()
}

/// That a target put off what it was asked, in a sentence.
fn sentence(what: &str, response: &Response, times: u32, took: Duration) -> String {
    let later = response
        .header("retry-after")
        .map_or_else(String::new, |later| format!(", Retry-After: {later}"));
    let times = match times {
        1 => "once".to_owned(),
        n => format!("{n} times within {:.1} s", took.as_secs_f64()),
    };
    format!(
        "the target put off {what}, {times} (HTTP {}{later})",
        response.status
    )
}

impl Env {
    /// Sends a request of a case, and again while the target puts it off. A request that is put off to the end
    /// has no outcome: it was neither taken nor refused.
    pub(crate) async fn served(&self, mut attempt: impl AsyncFnMut() -> Exchange) -> Exchange {
        let ration = self.client.ration();
        let mut exchange = attempt().await;
        let mut put_off: Vec<PutOff> = Vec::new();
        let mut turn = None;
        let first = Instant::now();
        let mut began = first;
        while let Some(response) = exchange.response().filter(|response| response.rationed()) {
            let nth = u32::try_from(put_off.len()).unwrap_or(u32::MAX).saturating_add(1);
            let at = ration.put_off(response, nth);
            put_off.push(PutOff {
                response: response.clone(),
                sent_us: exchange.sent_us,
                done_us: exchange.done_us,
            });
            let last = nth >= MOST_TIMES || at > began + ration.state().patience;
            if last && !ration.gave_up(&exchange.operation) {
                self.give_up(&exchange.operation, response, nth, first).await;
            }
            if !ration.gave_up(&exchange.operation) {
                ration.hold_back(at);
                if turn.is_none() {
                    turn = Some(ration.0.asking.lock().await);
                    // The time that others took is not its own.
                    began = Instant::now();
                }
            }
            // Those that asked before it may have given up meanwhile.
            if ration.gave_up(&exchange.operation) {
                let what = format!("the request to {}", exchange.operation);
                let message = sentence(&what, response, nth, first.elapsed());
                exchange.outcome = Outcome::Failure {
                    kind: FailureKind::Rationed,
                    message,
                };
                break;
            }
            let at = at.max(ration.state().until);
            let _shown = later(&self.board, &exchange.operation, at);
            tokio::time::sleep_until(at.into()).await;
            self.rated().await;
            exchange = attempt().await;
        }
        if exchange.response().is_some() {
            ration.served(&exchange.operation);
        }
        exchange.put_off = put_off;
        exchange
    }

    /// An operation is not served. Where the target as a whole is not, the run is over.
    async fn give_up(&self, operation: &str, response: &Response, times: u32, first: Instant) {
        let ration = self.client.ration();
        ration.state().given_up.insert(operation.to_owned());
        let base = look(&self.client, &self.target.url).await;
        if base.is_some_and(|base| base.rationed()) {
            let sentence = sentence("every request", response, times, first.elapsed());
            ration.state().exhausted = Some(sentence.clone());
            self.pulse.end(sentence);
        }
    }
}

/// Shows on the board that a request waits to be sent again.
fn later(board: &Board, operation: &str, at: Instant) -> super::Shown {
    board.show(Waiting {
        what: format!("{operation}, as the server asked (Retry-After)"),
        address: None,
        since: Instant::now(),
        until: at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use specs::evidence::Body;

    fn refusal(retry_after: Option<&str>) -> Response {
        Response {
            status: 429,
            headers: retry_after
                .map(|value| ("retry-after".to_owned(), value.to_owned()))
                .into_iter()
                .collect(),
            body: Body::default(),
        }
    }

    #[test]
    fn a_target_is_asked_again_when_it_says_and_ever_later_where_it_does_not() {
        let wait = |retry_after: Option<&str>, nth: u32| wait(&refusal(retry_after), nth).as_millis() / 100;
        assert_eq!(wait(Some("3"), 1), 30);
        assert_eq!(wait(Some("0"), 1), 1, "never at once");
        assert_eq!(wait(Some("0"), 4), 8, "nor in vain again and again");
        assert_eq!([wait(None, 1), wait(None, 2), wait(None, 3)], [5, 10, 20]);
        assert_eq!(wait(Some("soon"), 1), 5, "what cannot be read says nothing");
        assert_eq!(wait(Some("Sun, 06 Nov 1994 08:49:37 GMT"), 1), 1);
        assert_eq!(wait(Some("99999999999999999999999"), 1), 864_000);
    }

    #[test]
    fn the_pace_is_what_was_served_and_quickens_again() {
        let ration = Ration::new(Duration::from_secs(20));
        for _ in 0..10 {
            ration.served("search");
        }
        let at = ration.put_off(&refusal(Some("1")), 1);
        ration.hold_back(at);
        let gap = ration.state().gap;
        let expected = Duration::from_millis(100)..=Duration::from_secs(1);
        assert!(expected.contains(&gap), "ten in a second or more: {gap:?}");
        ration.put_off(&refusal(Some("1")), 1);
        assert_eq!(ration.state().gap, gap, "what was on its way changes nothing");
        for _ in 0..20 {
            ration.served("search");
        }
        assert!(ration.state().gap < gap / 4);
        assert!(
            ration
                .told()
                .is_some_and(|told| told.contains("2 answers put a request off"))
        );
    }
}
