//! One case from its first step to its verdict.

use super::Env;
use super::earlier::Kept;
use super::seen::Seen;
use super::send::{CaseState, send};
use super::told::Observations;
use super::watch::Watch;
use super::{event, generated, key_set, seal};
use specs::evidence::{Check, Exchange, FailureKind, Intent, Observation, Outcome, Verdict};
use std::time::{Duration, Instant};
use suites::plan::Send;
use suites::readings::{self, Taken};
use suites::{Case, Context, Step, judgement, request};

/// A finished case.
pub(super) struct CaseReport {
    pub(super) observations: Observations,
    pub(super) checks: Vec<Check>,
    pub(super) verdict: Verdict,
    pub(super) taken: Vec<Taken>,
    /// How long it took; nothing where the run ended before it did.
    pub(super) elapsed: Option<Duration>,
}

impl CaseReport {
    /// A case as it went in an earlier run.
    pub(super) fn kept(env: &Env, kept: &Kept) -> Self {
        Self {
            observations: Observations::Held(kept.observations.clone()),
            verdict: Verdict::worst(kept.checks.iter().map(|check| check.verdict)),
            checks: kept.checks.clone(),
            taken: readings::taken(&env.target.profile, &kept.observations),
            elapsed: Some(kept.elapsed),
        }
    }
}

/// No case has more steps than this; a law that never ends is our fault and must not hang a run.
const MOST_STEPS: usize = 500;

/// Runs a case to its end, writing every observation to `seen`.
///
/// Of a generated case, the requests `again` are sent in the place of new ones, where there are any.
pub(super) async fn run(env: &Env, case: &Case, again: &[Exchange], seen: &Seen) {
    let mut state = CaseState::new(&case.id);
    if let Some(what) = case.generate {
        generated::run(env, case, (what, again), &mut state, seen).await;
        return;
    }
    let context = env.context.for_case(&case.id);
    for _ in 0..MOST_STEPS {
        let Some(step) = seen.look(|seen| case.next(&context, seen)) else {
            break;
        };
        // A target that does not answer honest requests will not be asked in vain again and again; a case
        // that waits for it to come back may go on.
        if !take(env, &mut state, seen, step).await
            && !seen.look(|seen| matches!(case.next(&context, seen), Some(Step::Recover(_))))
        {
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
    seen.look(|seen| request::known(plan, seen))
}

/// Takes one step of a case, writing what was observed to `seen`. Whether it makes sense to go on.
pub(super) async fn take(env: &Env, state: &mut CaseState, seen: &Seen, step: Step) -> bool {
    match step {
        Step::Send(plan) if seal::hindrance(env, &plan).is_some() => {
            seen.push(seal::unable(env, &plan));
        }
        Step::Send(plan) => {
            let exchange = send(env, state, &plan).await;
            let hopeless = exchange.intent == Intent::Honest
                && matches!(
                    exchange.outcome,
                    Outcome::Failure {
                        kind: FailureKind::Timeout
                            | FailureKind::Connect
                            | FailureKind::Tls
                            | FailureKind::Rationed,
                        ..
                    }
                );
            seen.push(Observation::Exchange(exchange));
            return !hopeless;
        }
        Step::SendAll(plans) => {
            let sent = plans.iter().map(async |plan| {
                let mut own = state.twin();
                send(env, &mut own, plan).await
            });
            for exchange in futures::future::join_all(sent).await {
                seen.push(Observation::Exchange(exchange));
            }
        }
        Step::Recover(plan) => {
            let observation = recover(env, state, &plan).await;
            seen.push(observation);
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
            seen.push(observation);
        }
        Step::ReadKeySet { label, at_root } => {
            let observation = key_set::read(env, state, &label, at_root).await;
            seen.push(observation);
        }
        Step::Open { label } => {
            let observation = seen.look(|seen| seal::open(env, &label, seen));
            seen.push(observation);
        }
        Step::Expire { label } => {
            let observation = expire(env, state, &label).await;
            seen.push(observation);
        }
    }
    true
}

/// What follows from what was seen of a case, which is over.
pub(super) fn conclude(env: &Env, case: &Case, seen: &Seen, elapsed: Option<Duration>) -> CaseReport {
    let context = env.context.for_case(&case.id);
    let profile = &env.target.profile;
    let mut record = seen.lock();
    let (judgements, taken, observations) = if let Some(stream) = record.stream.take() {
        let judgements = stream.judgements(case, &context);
        let observations = Observations::Spooled(stream.all, stream.notable);
        (judgements, stream.taken, observations)
    } else {
        let held = std::mem::take(&mut record.kept);
        let judgements = case.judge(&context, &held);
        (
            judgements,
            readings::taken(profile, &held),
            Observations::Held(held),
        )
    };
    let checks = judgement::checks(judgements, profile, &env.target.demands);
    CaseReport {
        observations,
        verdict: Verdict::worst(checks.iter().map(|check| check.verdict)),
        checks,
        taken,
        elapsed,
    }
}

/// How long it takes between two attempts to reach a target that has stopped answering.
const PAUSE: Duration = Duration::from_millis(200);

/// Waits until an honest request is answered again.
async fn recover(env: &Env, state: &mut CaseState, plan: &Send) -> Observation {
    let started = Instant::now();
    let mut satisfied = false;
    while !satisfied && started.elapsed() < env.limits.callback_deadline {
        tokio::time::sleep(PAUSE).await;
        let exchange = send(env, state, plan).await;
        satisfied = exchange.response().is_some_and(|response| response.status < 500);
    }
    let waited = started.elapsed();
    Observation::Wait {
        awaited: "the target to answer again".to_owned(),
        satisfied,
        reason: (!satisfied).then(|| format!("it did not within {:.1} s", waited.as_secs_f64())),
        waited_us: u64::try_from(waited.as_micros()).unwrap_or(u64::MAX),
    }
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
