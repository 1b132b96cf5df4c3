//! Waiting for callbacks at the address of one step.

use super::Env;
use super::board::Waiting;
use super::seen::Seen;
use super::send::{CaseState, callback_key};
use crate::callbacks::Received;
use specs::evidence::{Callback, Observation};
use std::time::{Duration, Instant};
use suites::plan::Awaited;

/// What is waited for at the address of a step.
pub(super) struct Watch<'a> {
    label: &'a str,
    key: String,
    awaited: Awaited,
}

impl<'a> Watch<'a> {
    pub(super) fn new(env: &Env, state: &CaseState, label: &'a str, awaited: Awaited) -> Self {
        Self {
            label,
            key: callback_key(env, &state.case, label),
            awaited,
        }
    }

    /// The callbacks that were not recorded yet and are of the kind that is waited for, by their place among
    /// all that arrived.
    fn fresh(&self, state: &CaseState, received: &[Received]) -> Vec<usize> {
        let recorded = state.recorded.get(self.label);
        (0..received.len())
            .filter(|n| !recorded.is_some_and(|recorded| recorded.contains(n)))
            .filter(|n| self.awaited == Awaited::Notification || !is_notification(&received[*n]))
            .collect()
    }

    /// What is waited for, in words.
    fn what(&self, seen: &[Observation]) -> String {
        let mut asked = seen.iter().filter_map(|observation| match observation {
            Observation::Exchange(exchange) if exchange.label == self.label => Some(exchange),
            _ => None,
        });
        let Some(asked) = asked.next() else {
            return format!("a callback for the step `{}`", self.label);
        };
        let name = match self.awaited {
            Awaited::Answer => format!("on-{}", asked.operation),
            Awaited::Notification => "notify".to_owned(),
        };
        let body = asked.request.body.json().unwrap_or_default();
        match body.pointer("/message/transaction_id").and_then(|id| id.as_str()) {
            Some(id) => format!("{name} of transaction {id}"),
            None => format!("{name} for the step `{}`", self.label),
        }
    }

    /// Waits for a callback (`wanted`), or through a quiet period in which none may come.
    pub(super) async fn wait(&self, env: &Env, state: &mut CaseState, seen: &Seen, wanted: bool) {
        let started = Instant::now();
        let patience = if wanted {
            env.callback_pace.deadline()
        } else {
            silence(env)
        };
        let deadline = tokio::time::Instant::now() + patience;
        let _shown = wanted.then(|| {
            env.board.show(Waiting {
                what: seen.look(|seen| self.what(seen)),
                address: Some(env.callbacks.address(&self.key)),
                since: started,
                until: deadline.into_std(),
            })
        });
        // The first callback ends the wait for it, and none ends a quiet period, so that the same callbacks
        // are recorded in the same order however fast they come.
        let mut received = env.callbacks.received(&self.key);
        while (!wanted || self.fresh(state, &received).is_empty())
            && env.callbacks.wait(&self.key, received.len(), deadline).await
        {
            received = env.callbacks.received(&self.key);
        }
        let mut fresh = self.fresh(state, &received);
        if wanted {
            fresh.truncate(1);
        }
        for n in &fresh {
            seen.push(Observation::Callback(Callback {
                label: self.label.to_owned(),
                path_suffix: received[*n].path_suffix.clone(),
                request: received[*n].request.clone(),
                at_us: state.micros(received[*n].at),
            }));
        }
        let satisfied = fresh.is_empty() != wanted;
        let reason = match (wanted, satisfied) {
            (true, true) => {
                env.callback_pace.came(started.elapsed());
                None
            }
            (true, false) => {
                env.callback_pace.missed();
                let none = || format!("none came within {:.1} s", patience.as_secs_f64());
                // Who is gone does not call back, which says nothing of what it would have done.
                Some(env.stopped().await.unwrap_or_else(none))
            }
            (false, _) => None,
        };
        state
            .recorded
            .entry(self.label.to_owned())
            .or_default()
            .extend(fresh);
        let awaited = match (wanted, self.awaited) {
            (true, Awaited::Answer) => "a callback",
            (true, Awaited::Notification) => "a notification",
            (false, _) => "silence",
        };
        seen.push(Observation::Wait {
            awaited: format!("{awaited} for step `{}`", self.label),
            satisfied,
            reason,
            waited_us: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        });
    }
}

/// How long no callback may come: at least twice as long as the slowest took that had to, since the silence of a
/// target shows nothing before it would have spoken.
fn silence(env: &Env) -> Duration {
    let spoken = env.callback_pace.slowest().unwrap_or_default();
    let longest = env.callback_pace.deadline().max(env.limits.quiet);
    env.limits.quiet.max(spoken.saturating_mul(2)).min(longest)
}

/// Whether a callback calls itself a notification: it shares the address with the answer to its subscription,
/// and may come before it.
fn is_notification(received: &Received) -> bool {
    let body = received.request.body.json().unwrap_or_default();
    body.pointer("/header/action")
        .is_some_and(|action| action == "notify")
}
