//! Cases of generated requests: each is sent, and a failing one is made smaller until it is smallest.

mod again;
mod base;
mod covering;
mod faulty;
mod sequences;

use super::Env;
use super::case::{known, prepare};
use super::seen::{Judge, Seen};
use super::send::{CaseState, send};
use crate::generate::body::{filled, freshen, plainest};
use crate::generate::{grow, runner, shrink};
use futures::StreamExt as _;
use proptest::strategy::{Strategy, ValueTree};
use serde_json::Value;
use specs::catalogue::SignatureScheme;
use specs::evidence::{Exchange, Intent, Observation, Outcome};
use specs::schema::Schema;
use std::cell::Cell;
use std::sync::Arc;
use suites::case::Generate;
use suites::generated::{CONTROL, Control, SHRINKING, SMALLEST, TWIN, Valid};
use suites::known::{Known, discovery};
use suites::plan::{Consumer, Send};
use suites::{Case, Context, request};

/// How many valid requests are on their way before one answer is judged: few at first, since a target may fail
/// at the first; more and more, as it does not. How many of them are sent side by side is another matter, so
/// that the same requests are sent however many that are.
const AHEAD: std::ops::RangeInclusive<usize> = 8..=64;

/// At so many requests in a row without an answer, the others of the case are not tried.
const SILENT: u32 = 3;

/// Runs a case that generates, or sends the requests `again` of an earlier run.
pub(super) async fn run(
    env: &Env,
    case: &Case,
    (what, again): (Generate, &[Exchange]),
    state: &mut CaseState,
    seen: &Seen,
) {
    let mut cx = env.context.for_case(&case.id);
    if what == Generate::Sequences {
        sequences::run(env, &cx, state, seen).await;
        return;
    }
    if matches!(what, Generate::Covering | Generate::Valid) {
        seen.stream(Judge::Valid(Valid::default()));
    }
    let operations: Vec<String> = case.operations_in(&cx).map(str::to_owned).collect();
    let again_only = !again.is_empty();
    if what == Generate::Valid && !again_only {
        learn(env, &mut cx, state, seen).await;
    }
    for operation in operations {
        let again: Vec<&Exchange> = again.iter().filter(|e| e.operation == operation).collect();
        if again_only && again.is_empty() {
            continue;
        }
        prepare(env, &cx, &operation, state, seen).await;
        let mut driver = Driver {
            env,
            cx: &cx,
            operation: &operation,
            state,
            seen,
            control: None,
            count: Cell::new(0),
            silent: Cell::new(0),
        };
        if !driver.control().await {
            continue;
        }
        if again_only {
            driver.again(&again).await;
            if what != Generate::Invalid {
                driver.twin().await;
            }
            continue;
        }
        let Some(schema) = cx.schemas.request(&operation).cloned() else {
            continue;
        };
        match what {
            Generate::Covering => driver.covering(&schema.schema).await,
            Generate::Valid => driver.valid(&schema.schema).await,
            Generate::Invalid => driver.invalid(&schema.schema).await,
            Generate::Sequences => {}
        }
    }
}

/// Asks the target what it holds, so that some of what is generated finds something.
async fn learn(env: &Env, cx: &mut Context, state: &mut CaseState, seen: &Seen) {
    let Some(plan) = discovery(cx) else { return };
    let exchange = send(env, state, &plan).await;
    let known = Known::clone(&cx.known).and(Known::of(cx, &exchange));
    cx.known = Arc::new(known);
    if let Some(stream) = &mut seen.lock().stream {
        stream.valid(cx, exchange);
    }
}

struct Driver<'a> {
    env: &'a Env,
    cx: &'a Context,
    operation: &'a str,
    state: &'a mut CaseState,
    seen: &'a Seen,
    control: Option<Control>,
    count: Cell<u32>,
    /// How many requests in a row had no answer.
    silent: Cell<u32>,
}

impl Driver<'_> {
    /// Sends the plainest honest request; whether it was accepted.
    async fn control(&mut self) -> bool {
        let plan = self.plan(CONTROL, Intent::Honest, plainest(self.cx, self.operation));
        let exchange = send(self.env, self.state, &plan).await;
        let control = Control::of(self.cx, &exchange);
        let accepted = control.is_accepted();
        self.control = Some(control);
        self.record(exchange);
        accepted
    }

    /// A request of its own with this body.
    fn plan(&self, label: &str, intent: Intent, body: Value) -> Send {
        let spared = match &intent {
            Intent::Faulty { pointer, .. } => pointer.clone(),
            Intent::Honest => None,
        };
        self.plan_sparing(label, intent, body, spared.as_deref())
    }

    /// The same, with the member at `spared` as it is, where ids are made anew.
    fn plan_sparing(&self, label: &str, intent: Intent, mut body: Value, spared: Option<&str>) -> Send {
        self.count.set(self.count.get() + 1);
        let what = format!("{} {label} {}", self.operation, self.count.get());
        freshen(self.cx, &mut body, &what, spared);
        let plan = request::send(label, self.operation, body);
        let mut plan = known(plan, self.seen);
        plan.intent = intent;
        plan.consumer = Consumer::Careless;
        plan
    }

    /// Sends a request; whether the answer shows a violation.
    async fn send(&mut self, label: &str, intent: Intent, body: Value) -> bool {
        let plan = self.plan(label, intent, body);
        let exchange = send(self.env, self.state, &plan).await;
        self.record(exchange)
    }

    /// Records an exchange; whether it shows a violation.
    fn record(&self, exchange: Exchange) -> bool {
        self.silent.set(match exchange.outcome {
            Outcome::Failure { .. } => self.silent.get() + 1,
            Outcome::Response(_) => 0,
        });
        if let Some(stream) = &mut self.seen.lock().stream {
            return stream.valid(self.cx, exchange);
        }
        let control = self.control.as_ref();
        let violated = control.is_some_and(|control| control.is_violated_by(self.cx, &exchange));
        self.seen.push(Observation::Exchange(exchange));
        violated
    }

    /// Sends requests side by side and records them in their order, until the target has fallen silent; the
    /// first that shows a violation, by its place. A request is made while others are on their way.
    async fn send_all(&self, plans: impl Iterator<Item = Send>) -> Option<usize> {
        let env = self.env;
        let sent = plans.map(|plan| {
            let mut state = self.state.twin();
            async move { send(env, &mut state, &plan).await }
        });
        let mut answered = std::pin::pin!(futures::stream::iter(sent).buffered(env.limits.jobs.max(1)));
        let (mut nth, mut violating) = (0, None);
        while let Some(exchange) = answered.next().await {
            if self.record(exchange) {
                violating.get_or_insert(nth);
            }
            if self.hopeless() {
                break;
            }
            nth += 1;
        }
        violating
    }

    /// Whether the target has fallen silent, so that asking on is in vain.
    fn hopeless(&self) -> bool {
        self.silent.get() >= SILENT
    }

    fn signed(&self) -> bool {
        self.env.target.profile.signature.scheme != SignatureScheme::None
    }

    async fn valid(&mut self, schema: &Schema) {
        let honest = plainest(self.cx, self.operation);
        let strategy = grow::strategy(self.cx, self.operation, &honest);
        let mut runner = runner(
            self.cx.seed,
            &format!("{} {} valid", self.cx.profile.id, self.operation),
        );
        let signed = self.signed();
        let fits = |body: &Value| schema.is_valid(&filled(body, signed));
        let (mut left, mut ahead) = (1..=self.env.limits.examples, *AHEAD.start());
        while !left.is_empty() && !self.hopeless() {
            let mut trees = Vec::new();
            let drawn = left.by_ref().filter_map(|n| {
                let tree = strategy.new_tree(&mut runner).ok()?;
                let body = Some(tree.current()).filter(|body| fits(body))?;
                trees.push(tree);
                Some(self.plan(&format!("valid {n}"), Intent::Honest, body))
            });
            if let Some(nth) = self.send_all(drawn.take(ahead)).await {
                let mut tree = trees.swap_remove(nth);
                let smallest = self
                    .shrink(&honest, &mut tree, fits, Value::clone, || Intent::Honest)
                    .await;
                self.send(SMALLEST, Intent::Honest, smallest).await;
                break;
            }
            ahead = (ahead * 2).min(*AHEAD.end());
        }
        self.twin().await;
    }

    /// A faulty request, without whose refusal the acceptance of valid ones proves nothing.
    async fn twin(&mut self) {
        let mut body = plainest(self.cx, self.operation);
        let honest = body.pointer("/header/action").cloned();
        body["header"]["action"] = "dcx-no-such-action".into();
        let intent = Intent::Faulty {
            operator: "an unknown action".to_owned(),
            pointer: Some("/header/action".to_owned()),
            honest,
            sent: Some("dcx-no-such-action".into()),
            rule: "enum".to_owned(),
        };
        self.send(TWIN, intent, body).await;
    }

    /// Makes a failing body smaller, towards an honest one. `make` is what is sent of it.
    async fn shrink(
        &mut self,
        honest: &Value,
        tree: &mut impl ValueTree<Value = Value>,
        fits: impl Fn(&Value) -> bool,
        make: impl Fn(&Value) -> Value,
        intent: impl Fn() -> Intent,
    ) -> Value {
        let requests = self.env.limits.shrink_requests;
        let fails = async |body: &Value| self.still_fails(make(body), intent()).await;
        shrink::around(honest, tree, requests, fits, fails).await
    }

    /// Sends a candidate for a smaller counterexample.
    async fn still_fails(&mut self, body: Value, intent: Intent) -> bool {
        self.send(SHRINKING, intent, body).await
    }
}
