//! One case from its first step to its verdict.

use super::Env;
use super::send::{CaseState, send};
use super::watch::Watch;
use super::{event, generated, key_set};
use specs::evidence::{Check, FailureKind, Intent, Observation, Outcome, Verdict};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use suites::plan::Send;
use suites::readings::{self, Taken};
use suites::{Case, Context, Step, judgement, request};

/// What has been observed of a case so far; readable while the case runs, so that an interrupted run
/// keeps what it saw.
pub(super) type Seen = Arc<Mutex<Vec<Observation>>>;

/// A finished case.
pub(super) struct CaseReport {
    pub(super) observations: Vec<Observation>,
    pub(super) checks: Vec<Check>,
    pub(super) verdict: Verdict,
    pub(super) taken: Vec<Taken>,
    pub(super) elapsed: Duration,
}

/// No case has more steps than this; a law that never ends is our fault and must not hang a run.
const MOST_STEPS: usize = 500;

/// Runs a case to its end, writing every observation to `seen`.
pub(super) async fn run(env: &Env, case: &Case, seen: &Seen) {
    let mut state = CaseState::new(&case.id);
    if let Some(what) = case.generate {
        generated::run(env, case, what, &mut state, seen).await;
        return;
    }
    let context = env.context.for_case(&case.id);
    for _ in 0..MOST_STEPS {
        let snapshot = snapshot(seen);
        let Some(step) = case.next(&context, &snapshot) else {
            break;
        };
        // A target that does not answer honest requests will not be asked in vain again and again.
        if !take(env, &mut state, seen, step).await {
            break;
        }
    }
}

/// Does what makes the plainest request of an operation honest.
pub(super) async fn prepare(env: &Env, cx: &Context, operation: &str, state: &mut CaseState, seen: &Seen) {
    for step in request::preparation(cx, operation) {
        take(env, state, seen, step).await;
    }
}

/// A request with what its preparation taught filled in.
pub(super) fn known(plan: Send, seen: &Seen) -> Send {
    // Looked at in place: a copy of everything for each request would cost the square of their number.
    request::known(plan, &seen.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Takes one step of a case, writing what was observed to `seen`. Whether it makes sense to go on.
async fn take(env: &Env, state: &mut CaseState, seen: &Seen, step: Step) -> bool {
    match step {
        Step::Send(plan) => {
            let exchange = send(env, state, &plan).await;
            let hopeless = exchange.intent == Intent::Honest
                && matches!(
                    exchange.outcome,
                    Outcome::Failure {
                        kind: FailureKind::Timeout | FailureKind::Connect,
                        ..
                    }
                );
            push(seen, Observation::Exchange(exchange));
            return !hopeless;
        }
        Step::Await { label, awaited } => {
            let watch = Watch::new(env, state, &label, awaited);
            watch.wait(env, state, seen, true).await;
        }
        Step::Quiet { label, awaited } => {
            let watch = Watch::new(env, state, &label, awaited);
            watch.wait(env, state, seen, false).await;
        }
        Step::Trigger {
            label,
            event_type,
            record,
        } => {
            let observation = event::trigger(env, state, &label, &event_type, &record).await;
            push(seen, observation);
        }
        Step::ReadKeySet { label, at_root } => {
            let observation = key_set::read(env, state, &label, at_root).await;
            push(seen, observation);
        }
        Step::Expire { label } => {
            let observation = expire(env, state, &label).await;
            push(seen, observation);
        }
    }
    true
}

/// What follows from what was seen of a case.
pub(super) fn conclude(env: &Env, case: &Case, seen: &Seen, elapsed: Duration) -> CaseReport {
    let observations = snapshot(seen);
    let context = env.context.for_case(&case.id);
    let checks = judgement::checks(
        case.judge(&context, &observations),
        &env.target.profile,
        &env.target.demands,
    );
    let verdict = Verdict::worst(checks.iter().map(|check| check.verdict));
    let taken = readings::taken(&env.target.profile, &observations);
    CaseReport {
        observations,
        checks,
        verdict,
        taken,
        elapsed,
    }
}

pub(super) fn push(seen: &Seen, observation: Observation) {
    seen.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(observation);
}

fn snapshot(seen: &Seen) -> Vec<Observation> {
    seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

async fn expire(env: &Env, state: &CaseState, label: &str) -> Observation {
    let started = Instant::now();
    let unable = |reason: String| Observation::Wait {
        awaited: "the expiry of the access token".to_owned(),
        satisfied: false,
        reason: Some(reason),
        waited_us: 0,
    };
    let Some(token) = state.tokens.get(label) else {
        return unable("no token was obtained".to_owned());
    };
    let (Some(expires), Some(lifetime)) = (token.expires, token.lifetime) else {
        return unable("neither expires_in nor the token itself says how long it lives".to_owned());
    };
    if lifetime > env.limits.longest_expiry {
        return unable(format!(
            "the token lives {:.0} s, and this run waits {:.0} s at most; shorten the lifetime for the test, or raise --longest-expiry",
            lifetime.as_secs_f64(),
            env.limits.longest_expiry.as_secs_f64()
        ));
    }
    tokio::time::sleep_until((expires + env.limits.expiry_margin).into()).await;
    Observation::Wait {
        awaited: "the expiry of the access token".to_owned(),
        satisfied: true,
        reason: None,
        waited_us: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
    }
}
