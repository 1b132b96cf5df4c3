//! Cases of generated sequences: each is carried out, and one that departs from the model is made shorter
//! until every action of it is needed.

use crate::generate::runner;
use crate::run::Env;
use crate::run::case::{Seen, looking_at, take};
use crate::run::send::CaseState;
use proptest::collection::vec;
use proptest::sample::select;
use proptest::strategy::{Strategy, ValueTree};
use specs::evidence::Observation;
use suites::Context;
use suites::laws::sequence::{self, Action};

/// How many actions a sequence has at most.
const LONGEST: usize = 8;

/// How often an answer that was acknowledged may be missing: a target that never answers is not asked again
/// and again.
const MOST_MISSING: usize = 2;

/// How many requests are spent at most on making one sequence shorter: each may take a wait.
const MOST_SPENT: u32 = 60;

/// Of the requests of other generated cases, a sequence costs so many.
const COST: u32 = 5;

/// Carries out the known sequences, then as many as the examples allow.
pub(super) async fn run(env: &Env, cx: &Context, state: &mut CaseState, seen: &Seen) {
    let actions = sequence::actions(cx, env.target.events.is_some());
    if actions.is_empty() || !take(env, state, seen, sequence::beginning(cx)).await {
        return;
    }
    let mut sequences = sequence::known(&actions);
    let mut runner = runner(cx.seed, &format!("{} sequences", cx.profile.id));
    let strategy = vec(select(actions), 2..=LONGEST);
    let made = (0..env.limits.examples / COST)
        .filter_map(|_| Some(strategy.new_tree(&mut runner).ok()?.current()))
        .collect::<Vec<_>>();
    let known = sequences.len();
    sequences.extend(made);
    let mut driver = Driver {
        env,
        cx,
        state,
        seen,
        count: 0,
    };
    let mut shown: Vec<String> = Vec::new();
    for (nth, actions) in sequences.into_iter().enumerate() {
        // Chance is left out once a known sequence has shown something.
        if (nth >= known && !shown.is_empty()) || missing(seen) > MOST_MISSING {
            break;
        }
        let violated = driver.carry_out(&actions).await;
        for requirement in violated {
            if !shown.contains(&requirement) {
                driver.shrink(actions.clone(), &requirement).await;
                shown.push(requirement);
            }
        }
    }
}

/// How many answers were announced and did not come.
fn missing(seen: &Seen) -> usize {
    let missing = |o: &Observation| match o {
        Observation::Wait {
            awaited, satisfied, ..
        } => !satisfied && awaited.starts_with("a callback"),
        _ => false,
    };
    looking_at(seen, |seen| seen.iter().filter(|o| missing(o)).count())
}

struct Driver<'a> {
    env: &'a Env,
    cx: &'a Context,
    state: &'a mut CaseState,
    seen: &'a Seen,
    /// How many sequences there were so far.
    count: usize,
}

impl Driver<'_> {
    /// Carries out a sequence; the requirements that it found violated.
    async fn carry_out(&mut self, actions: &[Action]) -> Vec<String> {
        self.count += 1;
        for (nth, action) in actions.iter().enumerate() {
            let place = (self.count, nth + 1);
            let Some(step) = looking_at(self.seen, |seen| sequence::begin(self.cx, seen, place, *action))
            else {
                continue;
            };
            if !take(self.env, self.state, self.seen, step).await {
                break;
            }
            if let Some(step) = looking_at(self.seen, |seen| sequence::follow(self.cx, seen, place, *action))
            {
                take(self.env, self.state, self.seen, step).await;
            }
        }
        let violated = looking_at(self.seen, |seen| sequence::violated(self.cx, seen, self.count));
        if let Some(step) = looking_at(self.seen, |seen| sequence::ending(self.cx, seen, self.count))
            .into_iter()
            .next()
        {
            take(self.env, self.state, self.seen, step).await;
        }
        violated
    }

    /// Leaves out one action after the other, as long as what is left still violates the requirement.
    async fn shrink(&mut self, mut actions: Vec<Action>, requirement: &str) {
        let mut requests = self.env.limits.shrink_requests.min(MOST_SPENT) as usize;
        let mut nth = actions.len();
        while nth > 0 && requests >= actions.len() {
            nth -= 1;
            let mut shorter = actions.clone();
            shorter.remove(nth);
            if shorter.is_empty() {
                break;
            }
            requests -= shorter.len();
            let violated = self.carry_out(&shorter).await;
            if violated.iter().any(|id| id == requirement) {
                actions = shorter;
                // What stood before may be needed no longer.
                nth = actions.len();
            }
        }
    }
}
