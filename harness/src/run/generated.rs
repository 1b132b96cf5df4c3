//! Cases of generated requests: each is sent, and a failing one is made smaller until it is smallest.

mod again;
mod base;
mod covering;
mod sequences;

use super::Env;
use super::case::{Seen, known, prepare, push};
use super::send::{CaseState, send};
use crate::generate::body::{filled, freshen, models, plainest, set};
use crate::generate::fault::{Fault, faults_of};
use crate::generate::flat::flat;
use crate::generate::{grow, runner, shrink};
use base::{Base, Bases, Still};
use proptest::strategy::{Strategy, ValueTree};
use proptest::tuple::TupleValueTree;
use serde_json::Value;
use specs::catalogue::SignatureScheme;
use specs::clause::generalised;
use specs::evidence::{Exchange, Intent, Observation, Outcome};
use specs::schema::Schema;
use std::collections::{HashMap, HashSet};
use suites::case::Generate;
use suites::generated::{CONTROL, SHRINKING, SMALLEST, TWIN, requirement_of, violates};
use suites::oracle::{Answer, classify};
use suites::{Case, Context, request};

/// At how many members a counterexample to the same rule is made smaller: a target that does not check a
/// rule at all is understood from a few.
const SHRUNK_PER_RULE: usize = 5;

/// Rule → the members at which a counterexample was made smaller.
type Shrunk = HashMap<&'static str, Vec<String>>;

/// How often a fault with several values is tried.
const TRIES_PER_FAULT: usize = 2;

/// How often a value that turns out unfit is drawn again.
const REDRAWS: usize = 20;

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
    let cx = env.context.for_case(&case.id);
    if what == Generate::Sequences {
        sequences::run(env, &cx, state, seen).await;
        return;
    }
    let operations: Vec<String> = case.operations_in(&cx).map(str::to_owned).collect();
    let again_only = !again.is_empty();
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
            count: 0,
            silent: 0,
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

struct Driver<'a> {
    env: &'a Env,
    cx: &'a Context,
    operation: &'a str,
    state: &'a mut CaseState,
    seen: &'a Seen,
    control: Option<Exchange>,
    count: u32,
    /// How many requests in a row had no answer.
    silent: u32,
}

impl Driver<'_> {
    /// Sends the plainest honest request; whether it was accepted.
    async fn control(&mut self) -> bool {
        let exchange = self
            .send(CONTROL, Intent::Honest, plainest(self.cx, self.operation))
            .await;
        let accepted = matches!(classify(&exchange), Answer::Accepted | Answer::AcceptedSilently);
        push(self.seen, Observation::Exchange(exchange.clone()));
        self.control = Some(exchange);
        accepted
    }

    fn violates(&self, exchange: &Exchange) -> bool {
        self.control
            .as_ref()
            .is_some_and(|control| violates(self.cx, control, exchange))
    }

    async fn send(&mut self, label: &str, intent: Intent, body: Value) -> Exchange {
        let spared = match &intent {
            Intent::Faulty { pointer, .. } => pointer.clone(),
            Intent::Honest => None,
        };
        self.send_sparing(label, intent, body, spared).await
    }

    /// The same, with the member at `spared` as it is, where ids are made anew.
    async fn send_sparing(
        &mut self,
        label: &str,
        intent: Intent,
        mut body: Value,
        spared: Option<String>,
    ) -> Exchange {
        self.count += 1;
        let what = format!("{} {label} {}", self.operation, self.count);
        freshen(self.cx, &mut body, &what, spared.as_deref());
        let plan = request::send(label, self.operation, body);
        let mut plan = known(plan, self.seen);
        plan.intent = intent;
        let exchange = send(self.env, self.state, &plan).await;
        self.silent = match exchange.outcome {
            Outcome::Failure { .. } => self.silent + 1,
            Outcome::Response(_) => 0,
        };
        exchange
    }

    /// Whether the target has fallen silent, so that asking on is in vain.
    fn hopeless(&self) -> bool {
        self.silent >= SILENT
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
        for n in 0..self.env.limits.examples {
            if self.hopeless() {
                break;
            }
            let Ok(mut tree) = strategy.new_tree(&mut runner) else {
                break;
            };
            let fits = |body: &Value, signed: bool| schema.is_valid(&filled(body, signed));
            if !fits(&tree.current(), self.signed()) {
                continue;
            }
            let exchange = self
                .send(&format!("valid {}", n + 1), Intent::Honest, tree.current())
                .await;
            let violated = self.violates(&exchange);
            push(self.seen, Observation::Exchange(exchange));
            if violated {
                let signed = self.signed();
                let fits = |body: &Value| fits(body, signed);
                let smallest = self
                    .shrink(&honest, &mut tree, fits, Value::clone, || Intent::Honest)
                    .await;
                let again = self.send(SMALLEST, Intent::Honest, smallest).await;
                push(self.seen, Observation::Exchange(again));
                break;
            }
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
        let exchange = self.send(TWIN, intent, body).await;
        push(self.seen, Observation::Exchange(exchange));
    }

    async fn invalid(&mut self, schema: &Schema) {
        let honest = plainest(self.cx, self.operation);
        let mut tried: HashSet<(String, &'static str, String)> = HashSet::new();
        let mut bases = Bases {
            plain: Base {
                grown: grow::strategy(self.cx, self.operation, &honest),
                honest,
            },
            others: HashMap::new(),
        };
        // How requests are refused, every fault shows.
        let any = self
            .env
            .wants(&format!("{}.refusal.no-server-error", self.cx.family()));
        let mut shrunk = Shrunk::new();
        for model in models(self.cx, self.operation) {
            for fault in faults_of(&flat(schema.value(), schema.value(), &model), &model) {
                if self.hopeless() {
                    return;
                }
                let found = requirement_of(self.cx, self.operation, fault.rule, &fault.pointer);
                if !found.is_some_and(|id| any || self.env.wants(&id)) {
                    continue;
                }
                let key = (generalised(&fault.pointer), fault.rule, fault.operator.clone());
                if !tried.insert(key) {
                    continue;
                }
                if let Some(base) = self.base(&mut bases, schema, &fault, &model).await {
                    let base = base.clone();
                    self.spoil(schema, &fault, &model, &base, &mut shrunk).await;
                }
            }
        }
    }

    /// Sends requests with one fault, and makes one that is accepted smaller.
    async fn spoil(
        &mut self,
        schema: &Schema,
        fault: &Fault,
        model: &Value,
        base: &Base,
        shrunk: &mut Shrunk,
    ) {
        let signed = self.signed();
        let what = format!(
            "{} {} {} {}",
            self.cx.profile.id, self.operation, fault.pointer, fault.operator
        );
        let mut runner = runner(self.cx.seed, &what);
        let make = |(base, bad): &(Value, Option<Value>)| {
            let mut body = base.clone();
            set(&mut body, &fault.pointer, bad.clone(), model);
            body
        };
        // Invalid, and at the spoilt member: every reading that the document allows says so.
        let fits = |pair: &(Value, Option<Value>)| {
            let base = filled(&pair.0, signed);
            schema.is_valid(&base) && !schema.is_valid(&filled(&make(pair), signed))
        };
        // A value of another type is one as good as the other.
        let tries = if fault.rule == "type" { 1 } else { TRIES_PER_FAULT };
        for _ in 0..tries {
            let draw = || {
                let base = base.grown.new_tree(&mut runner).ok()?;
                Some((base, fault.values.new_tree(&mut runner).ok()?))
            };
            let drawn = std::iter::repeat_with(draw)
                .take(REDRAWS)
                .flatten()
                .find(|(base, bad)| fits(&(base.current(), bad.current())));
            let Some((mut tree, bad)) = drawn else { break };
            let pair = (tree.current(), bad.current());
            let intent = |bad: &Option<Value>| intent(fault, bad.as_ref());
            let exchange = self.send("faulty", intent(&pair.1), make(&pair)).await;
            let violated = self.violates(&exchange);
            push(self.seen, Observation::Exchange(exchange));
            if !violated {
                continue;
            }
            // The rest of the request seldom has to do with it, so the plainest is tried first.
            let plain = (base.honest.clone(), pair.1.clone());
            let members = shrunk.entry(fault.rule).or_default();
            if members.len() < SHRUNK_PER_RULE && !members.contains(&fault.pointer) {
                members.push(fault.pointer.clone());
                let around = |base: &Value| (base.clone(), pair.1.clone());
                let fit = |base: &Value| fits(&around(base));
                let spoilt = |base: &Value| make(&around(base));
                let again = || intent(&pair.1);
                let mut smallest = if fits(&plain) && self.still_fails(make(&plain), again()).await {
                    plain.0
                } else {
                    self.shrink(&base.honest, &mut tree, fit, spoilt, again).await
                };
                // The alternative that the fault needs may hold more than it needs.
                let plainest = plainest(self.cx, self.operation);
                if base.honest != plainest {
                    let mut tree = Still(smallest);
                    smallest = self.shrink(&plainest, &mut tree, fit, spoilt, again).await;
                }
                let mut tree = TupleValueTree::new((Still(smallest), bad));
                let smallest = self.shrink_with(&mut tree, &fits, &make, intent).await;
                let again = self.send(SMALLEST, intent(&smallest.1), make(&smallest)).await;
                push(self.seen, Observation::Exchange(again));
            } else if fits(&plain) {
                // The simplest value most likely fails as well; if not, the one that was drawn is shown.
                let plain = (
                    plain.0,
                    shrink::simplest(bad, |bad| fits(&(base.honest.clone(), bad.clone()))),
                );
                let again = self.send(SMALLEST, intent(&plain.1), make(&plain)).await;
                push(self.seen, Observation::Exchange(again));
            }
            break;
        }
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

    /// Makes a failing value smaller as long as it fails and still is what it should be.
    async fn shrink_with(
        &mut self,
        tree: &mut impl ValueTree<Value = (Value, Option<Value>)>,
        fits: &impl Fn(&(Value, Option<Value>)) -> bool,
        make: &impl Fn(&(Value, Option<Value>)) -> Value,
        intent: impl Fn(&Option<Value>) -> Intent,
    ) -> (Value, Option<Value>) {
        let requests = self.env.limits.shrink_requests;
        let fails = async |pair: &(Value, Option<Value>)| self.still_fails(make(pair), intent(&pair.1)).await;
        shrink::smallest(tree, requests, fits, fails).await
    }

    /// Sends a candidate for a smaller counterexample.
    async fn still_fails(&mut self, body: Value, intent: Intent) -> bool {
        let exchange = self.send(SHRINKING, intent, body).await;
        let fails = self.violates(&exchange);
        push(self.seen, Observation::Exchange(exchange));
        fails
    }
}

fn intent(fault: &Fault, sent: Option<&Value>) -> Intent {
    Intent::Faulty {
        operator: fault.operator.clone(),
        pointer: Some(fault.pointer.clone()),
        honest: fault.honest.clone(),
        sent: sent.cloned(),
        rule: fault.rule.to_owned(),
    }
}
