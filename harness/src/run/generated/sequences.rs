//! Cases of generated sequences: each is carried out, and one that departs from the model is made shorter
//! until every action of it is needed.

use crate::generate::runner;
use crate::run::Env;
use crate::run::case::take;
use crate::run::seen::{Judge, Seen};
use crate::run::send::CaseState;
use futures::StreamExt as _;
use proptest::collection::vec;
use proptest::sample::select;
use proptest::strategy::{Strategy, ValueTree};
use specs::evidence::Observation;
use suites::Context;
use suites::laws::sequence::{self, Action, Cast, Sequences};

/// How many actions a sequence has at most.
const LONGEST: usize = 8;

/// How often an answer that was acknowledged may be missing: a target that never answers is not asked again
/// and again.
const MOST_MISSING: usize = 2;

/// How many requests are spent at most on making one sequence shorter: each may take a wait.
const MOST_SPENT: u32 = 60;

/// Of the requests of other generated cases, a sequence costs so many.
const COST: u32 = 5;

/// How many sequences are on their way before their answers are judged. They are about different people, so
/// that one has nothing to do with the other.
const AHEAD: usize = 16;

/// Carries out the known sequences, then as many as the examples allow.
pub(super) async fn run(env: &Env, cx: &Context, state: &mut CaseState, seen: &Seen) {
    let actions = sequence::actions(cx, env.target.events.is_some());
    if actions.is_empty() {
        return;
    }
    seen.stream(Judge::Sequences(Sequences::default()));
    if !take(env, state, seen, sequence::beginning(cx)).await {
        return;
    }
    let cast = seen.look(|beginning| Cast::of(cx, beginning));
    let known = sequence::known(&actions);
    let mut runner = runner(cx.seed, &format!("{} sequences", cx.profile.id));
    let strategy = vec(select(actions), 2..=LONGEST);
    let mut made = (0..env.limits.examples / COST)
        .filter_map(|_| Some(strategy.new_tree(&mut runner).ok()?.current()))
        .peekable();
    let mut driver = Driver {
        env,
        cx,
        state,
        seen,
        cast: &cast,
        count: 0,
        missing: 0,
        shown: Vec::new(),
    };
    driver.carry_out_all(&known).await;
    // Chance is left out once something was shown.
    while driver.shown.is_empty() && driver.missing <= MOST_MISSING && made.peek().is_some() {
        let next: Vec<Vec<Action>> = made.by_ref().take(AHEAD).collect();
        driver.carry_out_all(&next).await;
    }
}

/// How many answers were announced and did not come.
fn missing(seen: &[Observation]) -> usize {
    let missing = |o: &&Observation| match o {
        Observation::Wait {
            awaited, satisfied, ..
        } => !satisfied && awaited.starts_with("a callback"),
        _ => false,
    };
    seen.iter().filter(missing).count()
}

struct Driver<'a> {
    env: &'a Env,
    cx: &'a Context,
    state: &'a mut CaseState,
    seen: &'a Seen,
    cast: &'a Cast,
    /// How many sequences there were so far.
    count: usize,
    /// How many answers were announced and did not come.
    missing: usize,
    /// The requirements that were found violated.
    shown: Vec<String>,
}

impl Driver<'_> {
    /// Carries out sequences side by side, and makes those shorter that show something new.
    async fn carry_out_all(&mut self, sequences: &[Vec<Action>]) {
        let (env, cx, cast, first) = (self.env, self.cx, self.cast, self.count + 1);
        self.count += sequences.len();
        let states: Vec<CaseState> = sequences.iter().map(|_| self.state.twin()).collect();
        let carried = sequences.iter().zip(states).zip(first..);
        let carried =
            carried.map(|((actions, state), number)| carry_out(env, cx, cast, state, number, actions));
        let mut carried = std::pin::pin!(futures::stream::iter(carried).buffered(env.limits.jobs.max(1)));
        let mut departed: Vec<(usize, Vec<String>)> = Vec::new();
        let mut number = first;
        while let Some(seen) = carried.next().await {
            departed.push((number, self.record(number, &seen)));
            number += 1;
            if self.missing > MOST_MISSING {
                break;
            }
        }
        for (number, violated) in departed {
            for requirement in violated {
                if !self.shown.contains(&requirement) {
                    self.shrink(sequences[number - first].clone(), &requirement).await;
                    self.shown.push(requirement);
                }
            }
        }
    }

    /// Records what was seen of a sequence; the requirements that it found violated.
    fn record(&mut self, number: usize, seen: &[Observation]) -> Vec<String> {
        self.missing += missing(seen);
        let stream = &mut self.seen.lock().stream;
        let recorded = stream
            .as_mut()
            .map(|stream| stream.sequence(self.cx, self.cast, number, seen));
        recorded.unwrap_or_default()
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
            self.count += 1;
            let state = self.state.twin();
            let seen = carry_out(self.env, self.cx, self.cast, state, self.count, &shorter).await;
            let violated = self.record(self.count, &seen);
            if violated.iter().any(|id| id == requirement) {
                actions = shorter;
                // What stood before may be needed no longer.
                nth = actions.len();
            }
        }
    }
}

/// Carries out a sequence; what was observed of it.
async fn carry_out(
    env: &Env,
    cx: &Context,
    cast: &Cast,
    mut state: CaseState,
    number: usize,
    actions: &[Action],
) -> Vec<Observation> {
    let seen = Seen::default();
    for (nth, action) in actions.iter().enumerate() {
        let place = (number, nth + 1);
        let Some(step) = seen.look(|seen| sequence::begin(cx, cast, seen, place, *action)) else {
            continue;
        };
        if !take(env, &mut state, &seen, step).await {
            break;
        }
        if let Some(step) = seen.look(|seen| sequence::follow(cx, cast, seen, place, *action)) {
            take(env, &mut state, &seen, step).await;
        }
    }
    let ending = seen.look(|seen| sequence::ending(cx, cast, seen, number));
    if let Some(step) = ending.into_iter().next() {
        take(env, &mut state, &seen, step).await;
    }
    std::mem::take(&mut seen.lock().kept)
}
