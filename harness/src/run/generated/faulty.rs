//! Requests with one fault each.

use super::Driver;
use super::base::{Base, Bases, Still};
use crate::generate::body::{filled, models, plainest, set};
use crate::generate::fault::{Fault, faults_of};
use crate::generate::flat::flat;
use crate::generate::{grow, runner, shrink};
use proptest::strategy::{Strategy, ValueTree};
use proptest::tuple::TupleValueTree;
use serde_json::Value;
use specs::clause::generalised;
use specs::evidence::Intent;
use specs::schema::Schema;
use std::collections::{HashMap, HashSet};
use suites::generated::{SMALLEST, requirement_of};

/// At how many members a counterexample to the same rule is made smaller: a target that does not check a
/// rule at all is understood from a few.
const SHRUNK_PER_RULE: usize = 5;

/// Rule → the members at which a counterexample was made smaller.
type Shrunk = HashMap<&'static str, Vec<String>>;

/// How often a fault with several values is tried.
const TRIES_PER_FAULT: usize = 2;

/// How often a value that turns out unfit is drawn again.
const REDRAWS: usize = 20;

impl Driver<'_> {
    /// Sends requests with one fault each, every fault that the document knows.
    pub(super) async fn invalid(&mut self, schema: &Schema) {
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
            if !self.send("faulty", intent(&pair.1), make(&pair)).await {
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
                self.send(SMALLEST, intent(&smallest.1), make(&smallest)).await;
            } else if fits(&plain) {
                // The simplest value most likely fails as well; if not, the one that was drawn is shown.
                let plain = (
                    plain.0,
                    shrink::simplest(bad, |bad| fits(&(base.honest.clone(), bad.clone()))),
                );
                self.send(SMALLEST, intent(&plain.1), make(&plain)).await;
            }
            break;
        }
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
