//! Sending the requests of one case: valid ones, or ones with one fault; failing ones are made smaller.

use super::envelope::{Envelope, Tree};
use super::judge::{ADDRESS, Aim, Offence, VALID_ACCEPTED, accepted};
use super::judging::Judging;
use super::operation::Operation;
use super::spoil::{Spoil, spoils, spread};
use crate::generate::{runner, shrink};
use crate::run::Env;
use crate::run::spool::Spool;
use futures::StreamExt as _;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use specs::evidence::{Exchange, Intent, Observation};
use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use suites::generated::{CONTROL, SHRINKING, SMALLEST, TWIN};

/// What was observed of a case so far; readable while it runs.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen(Arc<Mutex<Record>>);

/// What was observed of a case, and what it shows.
#[derive(Debug, Default)]
pub(super) struct Record {
    pub(super) all: Spool<Observation>,
    pub(super) judging: Judging,
}

impl Seen {
    pub(super) fn lock(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An exchange that was recorded, and what it violates.
pub(super) struct Answered {
    pub(super) exchange: Exchange,
    pub(super) offences: Vec<Offence>,
}

/// How many counterexamples are made smaller for one requirement.
const SHRUNK: u32 = 2;
/// How many valid requests are tried until one is accepted, and how many faulty ones until one is refused.
const TRIES: usize = 5;
/// How many values are drawn to find a request with many members.
const RICH: usize = 10;
/// How many valid requests are on their way before their answers are judged; how many of them are sent side by
/// side is another matter.
const AHEAD: usize = 32;
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
    pub(super) case: &'a str,
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

/// What tells one value from another, in little room.
fn hash(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.to_string().hash(&mut hasher);
    hasher.finish()
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
        let mut sent = HashSet::new();
        let mut honest = None;
        let mut denied = 0;
        let mut failed: Vec<(usize, Tree, &'static str)> = Vec::new();
        let mut numbers = 0..self.most();
        let mut exhausted = false;
        while !exhausted {
            let mut next = Vec::new();
            while next.len() < AHEAD && !exhausted {
                let drawn = numbers
                    .next()
                    .and_then(|n| Some((n, self.envelope.draw(&mut runner)?)));
                let Some((n, tree)) = drawn else {
                    exhausted = true;
                    break;
                };
                let made = self.dressed(n, &tree.current());
                if sent.insert(hash(&made)) {
                    next.push((n, tree, made));
                } else {
                    // Where all that is drawn has been sent, there is little more to draw.
                    exhausted = sent.len() + TRIES * 2 < n;
                }
            }
            let mut answered = Vec::new();
            {
                let this = &*self;
                let exchanges = next.iter().map(|(n, _, made)| async move {
                    let label = match n {
                        0 => CONTROL.to_owned(),
                        n => format!("valid {n}"),
                    };
                    this.exchange(&label, Intent::Honest, made).await
                });
                let side_by_side = this.env.limits.jobs.max(1);
                let mut exchanges = std::pin::pin!(futures::stream::iter(exchanges).buffered(side_by_side));
                let (mut silent, mut turned_away) = (this.silent, denied);
                while let Some(exchange) = exchanges.next().await {
                    let none = exchange.response().is_none();
                    silent = if none { silent + 1 } else { 0 };
                    turned_away += usize::from(is_denied(&exchange));
                    answered.push(exchange);
                    if silent >= SILENT || turned_away >= TRIES && honest.is_none() {
                        break;
                    }
                }
            }
            for (exchange, (n, tree, made)) in answered.into_iter().zip(next) {
                let answered = self.record(exchange);
                if accepted(&answered.exchange) && honest.is_none() {
                    honest = Some(made);
                }
                denied += usize::from(is_denied(&answered.exchange));
                if self.hopeless() || denied >= TRIES && honest.is_none() {
                    return;
                }
                // A tree shrinks once; a second requirement would find it shrunk already.
                if let Some(requirement) = self.worth_shrinking(&answered.offences) {
                    failed.push((n, tree, requirement));
                }
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
        let (envelope, requests) = (self.envelope, self.env.limits.shrink_requests);
        let fails = async |value: &Value| {
            let made = self.dressed(n, value);
            let answered = self.send(SHRINKING, Intent::Honest, &made).await;
            let mut offences = answered.offences.iter();
            offences.any(|offence| offence.requirement == requirement)
        };
        let smallest = shrink::smallest(&mut tree, requests, |value| envelope.fits(value), fails).await;
        let made = self.dressed(n, &smallest);
        self.send(SMALLEST, Intent::Honest, &made).await;
    }

    /// A requirement that an exchange violates and of which few counterexamples were made smaller yet.
    pub(super) fn worth_shrinking(&mut self, offences: &[Offence]) -> Option<&'static str> {
        let mut violated = offences.iter().map(|offence| offence.requirement);
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
            let answered = self
                .send(
                    TWIN,
                    spoil.intent(bad.as_ref()),
                    &spoil.apply(honest, bad.as_ref()),
                )
                .await;
            sent += 1;
            if self.hopeless()
                || answered
                    .exchange
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
        let exchange = self.exchange_as(TWIN, intent, Ok(outbound)).await;
        self.record(exchange);
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
            let answered = self
                .send(
                    "faulty",
                    spoil.intent(bad.as_ref()),
                    &spoil.apply(&honest, bad.as_ref()),
                )
                .await;
            self.shrink_invalid(spoil, &honest, &mut tree, &answered.offences)
                .await;
        }
        self.raw(&honest).await;
    }

    async fn shrink_invalid(
        &mut self,
        spoil: &Spoil<'_>,
        honest: &Value,
        tree: &mut super::spoil::BadTree,
        offences: &[Offence],
    ) {
        let Some(requirement) = self.worth_shrinking(offences) else {
            return;
        };
        let requests = self.env.limits.shrink_requests;
        let fits = |bad: &Option<Value>| spoil.fits(honest, bad.as_ref());
        let fails = async |bad: &Option<Value>| {
            let answered = self
                .send(
                    SHRINKING,
                    spoil.intent(bad.as_ref()),
                    &spoil.apply(honest, bad.as_ref()),
                )
                .await;
            let mut offences = answered.offences.iter();
            offences.any(|offence| offence.requirement == requirement)
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
            let exchange = self.send(CONTROL, Intent::Honest, &value).await.exchange;
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
