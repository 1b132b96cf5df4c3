//! Sending the requests of one case: valid ones, or ones with one fault; failing ones are made smaller.

use super::envelope::{Envelope, Tree};
use super::judge::{ADDRESS, Aim, VALID_ACCEPTED, accepted, offences};
use super::operation::Operation;
use super::spoil::{Spoil, spoils, spread};
use crate::generate::{runner, shrink};
use crate::run::Env;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use specs::evidence::{Exchange, Intent, Observation};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use suites::generated::{CONTROL, SHRINKING, SMALLEST, TWIN};

/// What was observed of a case so far; readable while it runs.
pub(super) type Seen = Arc<Mutex<Vec<Observation>>>;

/// How many counterexamples are made smaller for one requirement.
const SHRUNK: u32 = 2;
/// How many valid requests are tried until one is accepted, and how many faulty ones until one is refused.
const TRIES: usize = 5;
/// How many values are drawn to find a request with many members.
const RICH: usize = 10;
/// How many requests in a row may stay without an answer.
const SILENT: u32 = 3;

/// How requests to secured operations are authorised.
#[derive(Clone)]
pub(super) enum Authorization {
    /// Not at all.
    None,
    /// By a token that was given.
    Bearer(String),
    /// By a token obtained with credentials.
    Tokens,
}

/// Drives one case.
pub(super) struct Driver<'a> {
    pub(super) env: &'a Env,
    pub(super) authorization: &'a Authorization,
    pub(super) operation: &'a Operation,
    pub(super) envelope: &'a Envelope,
    pub(super) seen: &'a Seen,
    pub(super) started: Instant,
    pub(super) silent: u32,
    pub(super) shrunk: BTreeMap<&'static str, u32>,
}

/// A valid envelope with many members, so that much can be spoilt.
pub(super) fn rich(envelope: &Envelope, runner: &mut TestRunner) -> Option<Value> {
    let drawn = (0..RICH)
        .map_while(|_| envelope.draw(runner))
        .map(|tree| tree.current());
    drawn.max_by_key(|value| value.to_string().len())
}

/// Whether the sender was turned away, whatever it sent.
fn is_denied(exchange: &Exchange) -> bool {
    exchange
        .response()
        .is_some_and(|r| matches!(r.status, 401 | 403 | 407))
}

impl Driver<'_> {
    /// Runs the case.
    pub(super) async fn run(&mut self, aim: Aim) {
        match aim {
            Aim::Covering => self.covering().await,
            Aim::Valid => self.valid().await,
            Aim::Invalid => self.invalid().await,
        }
    }

    fn runner(&self, what: &str) -> TestRunner {
        runner(
            self.env.context.seed,
            &format!("openapi {} {what}", self.operation.key),
        )
    }

    pub(super) fn most(&self) -> usize {
        usize::try_from(self.env.limits.examples)
            .unwrap_or(usize::MAX)
            .max(1)
    }

    /// Whether the target has stopped answering, so that asking on is in vain.
    pub(super) fn hopeless(&self) -> bool {
        self.silent >= SILENT
    }

    async fn valid(&mut self) {
        let mut runner = self.runner("valid");
        let mut sent = BTreeSet::new();
        let mut honest = None;
        let mut denied = 0;
        let mut failed: Vec<(usize, Tree, &'static str)> = Vec::new();
        for n in 0..self.most() {
            let Some(tree) = self.envelope.draw(&mut runner) else {
                break;
            };
            let made = self.dressed(n, &tree.current());
            // Where all that is drawn has been sent, there is little more to draw.
            if !sent.insert(made.to_string()) {
                if sent.len() + TRIES * 2 < n {
                    break;
                }
                continue;
            }
            let label = if n == 0 {
                CONTROL.to_owned()
            } else {
                format!("valid {n}")
            };
            let exchange = self.send(&label, Intent::Honest, &made).await;
            if accepted(&exchange) && honest.is_none() {
                honest = Some(made);
            }
            denied += usize::from(is_denied(&exchange));
            if self.hopeless() || denied == TRIES && honest.is_none() {
                return;
            }
            // A tree shrinks once; a second requirement would find it shrunk already.
            if let Some(requirement) = self.worth_shrinking(&exchange) {
                failed.push((n, tree, requirement));
            }
        }
        // Where no valid request is accepted, a small one that is refused says no more than a large one.
        for (n, tree, requirement) in failed {
            if honest.is_some() || requirement != VALID_ACCEPTED {
                self.shrink_valid(n, tree, requirement).await;
            }
        }
        if let Some(honest) = honest {
            self.twin(&honest).await;
        }
    }

    /// A drawn value as it is sent. The document's own examples come first; the addresses they name exist,
    /// if any do.
    fn dressed(&self, n: usize, drawn: &Value) -> Value {
        match n {
            0 => self.envelope.with_examples(drawn, |_| true),
            n if n % 2 == 0 => self
                .envelope
                .with_examples(drawn, |part| part.key.starts_with("path ")),
            _ => drawn.clone(),
        }
    }

    async fn shrink_valid(&mut self, n: usize, mut tree: Tree, requirement: &'static str) {
        let (operation, envelope, requests) =
            (self.operation, self.envelope, self.env.limits.shrink_requests);
        let fails = async |value: &Value| {
            let made = self.dressed(n, value);
            let exchange = self.send(SHRINKING, Intent::Honest, &made).await;
            offences(operation, &exchange)
                .iter()
                .any(|offence| offence.requirement == requirement)
        };
        let smallest = shrink::smallest(&mut tree, requests, |value| envelope.fits(value), fails).await;
        let made = self.dressed(n, &smallest);
        self.send(SMALLEST, Intent::Honest, &made).await;
    }

    /// A requirement that an exchange violates and of which few counterexamples were made smaller yet.
    pub(super) fn worth_shrinking(&mut self, exchange: &Exchange) -> Option<&'static str> {
        let mut violated = offences(self.operation, exchange)
            .into_iter()
            .map(|offence| offence.requirement);
        let requirement = violated.find(|id| self.shrunk.get(id).is_none_or(|spent| *spent < SHRUNK))?;
        *self.shrunk.entry(requirement).or_default() += 1;
        Some(requirement)
    }

    /// Faulty requests until one is refused; without that, the acceptance of valid ones proves nothing.
    pub(super) async fn twin(&mut self, honest: &Value) {
        let spoils = spread(spoils(self.envelope, honest), TRIES);
        let mut sent = 0;
        for spoil in &spoils {
            let mut runner = self.runner(&spoil.name());
            let Some(tree) = spoil.draw(honest, &mut runner) else {
                continue;
            };
            let bad = tree.current();
            let exchange = self
                .send(
                    TWIN,
                    spoil.intent(bad.as_ref()),
                    &spoil.apply(honest, bad.as_ref()),
                )
                .await;
            sent += 1;
            if self.hopeless()
                || exchange
                    .response()
                    .is_some_and(|r| (400..500).contains(&r.status))
            {
                return;
            }
        }
        if sent == 0 {
            self.elsewhere(honest).await;
        }
    }

    /// Where nothing in a request can be wrong, its address can.
    async fn elsewhere(&mut self, honest: &Value) {
        let Some(mut outbound) = self.outbound(honest) else {
            return;
        };
        let (address, query) = match outbound.url.split_once('?') {
            Some((address, query)) => (address, format!("?{query}")),
            None => (outbound.url.as_str(), String::new()),
        };
        outbound.url = format!("{}/dcx-no-such-path{query}", address.trim_end_matches('/'));
        let intent = Intent::Faulty {
            operator: "an address that the document does not know".to_owned(),
            pointer: None,
            honest: Some(json!(self.operation.doc.path)),
            sent: Some(json!(format!(
                "{}/dcx-no-such-path",
                self.operation.doc.path.trim_end_matches('/')
            ))),
            rule: ADDRESS.to_owned(),
        };
        self.send_as(TWIN, intent, Ok(outbound)).await;
    }

    async fn invalid(&mut self) {
        let Some(honest) = self.control().await else {
            return;
        };
        let most = self.most().saturating_sub(self.count()).max(1);
        let spoils = spread(spoils(self.envelope, &honest), most);
        for spoil in &spoils {
            if self.hopeless() {
                return;
            }
            let mut runner = self.runner(&spoil.name());
            let Some(mut tree) = spoil.draw(&honest, &mut runner) else {
                continue;
            };
            let bad = tree.current();
            let exchange = self
                .send(
                    "faulty",
                    spoil.intent(bad.as_ref()),
                    &spoil.apply(&honest, bad.as_ref()),
                )
                .await;
            self.shrink_invalid(spoil, &honest, &mut tree, &exchange).await;
        }
        self.raw(&honest).await;
    }

    async fn shrink_invalid(
        &mut self,
        spoil: &Spoil<'_>,
        honest: &Value,
        tree: &mut super::spoil::BadTree,
        exchange: &Exchange,
    ) {
        let Some(requirement) = self.worth_shrinking(exchange) else {
            return;
        };
        let (operation, requests) = (self.operation, self.env.limits.shrink_requests);
        let fits = |bad: &Option<Value>| spoil.fits(honest, bad.as_ref());
        let fails = async |bad: &Option<Value>| {
            let exchange = self
                .send(
                    SHRINKING,
                    spoil.intent(bad.as_ref()),
                    &spoil.apply(honest, bad.as_ref()),
                )
                .await;
            offences(operation, &exchange)
                .iter()
                .any(|offence| offence.requirement == requirement)
        };
        let smallest = shrink::smallest(tree, requests, fits, fails).await;
        self.send(
            SMALLEST,
            spoil.intent(smallest.as_ref()),
            &spoil.apply(honest, smallest.as_ref()),
        )
        .await;
    }

    /// A valid envelope that the target accepts; any valid one where it accepts none.
    pub(super) async fn control(&mut self) -> Option<Value> {
        let mut runner = self.runner("control");
        let rich = rich(self.envelope, &mut runner)?;
        let mut tried: Vec<Value> = Vec::new();
        let (mut denied, mut sent) = (0, 0);
        for n in 0..TRIES.min(self.most()) {
            let value = match n {
                0 => self.envelope.with_examples(&rich, |_| true),
                1 => rich.clone(),
                _ => self.envelope.draw(&mut runner)?.current(),
            };
            if tried.contains(&value) {
                continue;
            }
            let exchange = self.send(CONTROL, Intent::Honest, &value).await;
            tried.push(value.clone());
            sent += 1;
            if accepted(&exchange) {
                return Some(value);
            }
            denied += usize::from(is_denied(&exchange));
            if self.hopeless() {
                return None;
            }
        }
        // Who is never let in learns nothing from being turned away.
        tried.into_iter().next().filter(|_| denied < sent)
    }
}
