//! Sending the requests of one case: valid ones, or ones with one fault; failing ones are made smaller.

use super::envelope::{Envelope, Tree};
use super::judge::{ADDRESS, Aim, accepted, offences};
use super::operation::Operation;
use super::spoil::{Spoil, spoils, spread};
use crate::client::Outbound;
use crate::generate::{runner, shrink};
use crate::run::Env;
use crate::tokens::conceal_token;
use bytes::Bytes;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use specs::evidence::{Exchange, FailureKind, Intent, Observation, Outcome};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
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
    let drawn = (0..RICH).map_while(|_| envelope.draw(runner)).map(|tree| tree.current());
    drawn.max_by_key(|value| value.to_string().len())
}

impl Driver<'_> {
    /// Runs the case.
    pub(super) async fn run(&mut self, aim: Aim) {
        match aim {
            Aim::Valid => self.valid().await,
            Aim::Invalid => self.invalid().await,
        }
    }

    fn runner(&self, what: &str) -> TestRunner {
        runner(self.env.context.seed, &format!("openapi {} {what}", self.operation.key))
    }

    fn most(&self) -> usize {
        usize::try_from(self.env.limits.examples).unwrap_or(usize::MAX).max(1)
    }

    /// Whether the target has stopped answering, so that asking on is in vain.
    fn hopeless(&self) -> bool {
        self.silent >= SILENT
    }

    async fn valid(&mut self) {
        let mut runner = self.runner("valid");
        let mut sent = BTreeSet::new();
        let mut honest = None;
        for n in 0..self.most() {
            let Some(mut tree) = self.envelope.draw(&mut runner) else { break };
            let envelope = self.envelope;
            let make = |value: &Value| match n {
                // The document's own examples come first; the addresses they name exist, if any do.
                0 => envelope.with_examples(value, |_| true),
                n if n % 2 == 0 => envelope.with_examples(value, |part| part.key.starts_with("path ")),
                _ => value.clone(),
            };
            let made = make(&tree.current());
            // Where all that is drawn has been sent, there is little more to draw.
            if !sent.insert(made.to_string()) {
                if sent.len() + SILENT as usize * 2 < n {
                    break;
                }
                continue;
            }
            let label = if n == 0 { CONTROL.to_owned() } else { format!("valid {n}") };
            let exchange = self.send(&label, Intent::Honest, &made).await;
            if accepted(&exchange) && honest.is_none() {
                honest = Some(made.clone());
            }
            if self.hopeless() {
                return;
            }
            self.shrink_valid(&mut tree, &exchange, make).await;
        }
        if let Some(honest) = honest {
            self.twin(&honest).await;
        }
    }

    async fn shrink_valid(&mut self, tree: &mut Tree, exchange: &Exchange, make: impl Fn(&Value) -> Value) {
        for requirement in self.worth_shrinking(exchange) {
            let (envelope, requests) = (self.envelope, self.env.limits.shrink_requests);
            let operation = self.operation;
            let fails = async |value: &Value| {
                let exchange = self.send(SHRINKING, Intent::Honest, &make(value)).await;
                offences(operation, &exchange).iter().any(|offence| offence.requirement == requirement)
            };
            let smallest = shrink::smallest(tree, requests, |value| envelope.fits(value), fails).await;
            self.send(SMALLEST, Intent::Honest, &make(&smallest)).await;
            // What is smallest for one requirement is where the tree stands now.
            break;
        }
    }

    /// The requirements that an exchange violates and of which few counterexamples were made smaller yet.
    fn worth_shrinking(&mut self, exchange: &Exchange) -> Vec<&'static str> {
        let mut worth = Vec::new();
        for offence in offences(self.operation, exchange) {
            let spent = self.shrunk.entry(offence.requirement).or_default();
            if *spent < SHRUNK && !worth.contains(&offence.requirement) {
                *spent += 1;
                worth.push(offence.requirement);
            }
        }
        worth
    }

    /// Faulty requests until one is refused; without that, the acceptance of valid ones proves nothing.
    async fn twin(&mut self, honest: &Value) {
        let spoils = spread(spoils(self.envelope, honest), TRIES);
        let mut sent = 0;
        for spoil in &spoils {
            let mut runner = self.runner(&spoil.name());
            let Some(tree) = spoil.draw(honest, &mut runner) else { continue };
            let bad = tree.current();
            let exchange = self.send(TWIN, spoil.intent(&bad), &spoil.apply(honest, &bad)).await;
            sent += 1;
            if self.hopeless() || exchange.response().is_some_and(|r| (400..500).contains(&r.status)) {
                return;
            }
        }
        if sent == 0 {
            self.elsewhere(honest).await;
        }
    }

    /// Where nothing in a request can be wrong, its address can.
    async fn elsewhere(&mut self, honest: &Value) {
        let Some(mut outbound) = self.outbound(honest) else { return };
        let (address, query) = match outbound.url.split_once('?') {
            Some((address, query)) => (address, format!("?{query}")),
            None => (outbound.url.as_str(), String::new()),
        };
        outbound.url = format!("{}/dcx-no-such-path{query}", address.trim_end_matches('/'));
        let intent = Intent::Faulty {
            operator: "an address that the document does not know".to_owned(),
            pointer: None,
            honest: Some(json!(self.operation.doc.path)),
            sent: Some(json!(format!("{}/dcx-no-such-path", self.operation.doc.path.trim_end_matches('/')))),
            rule: ADDRESS.to_owned(),
        };
        self.send_as(TWIN, intent, Ok(outbound)).await;
    }

    async fn invalid(&mut self) {
        let Some(honest) = self.control().await else { return };
        let most = self.most().saturating_sub(self.count()).max(1);
        let spoils = spread(spoils(self.envelope, &honest), most);
        for spoil in &spoils {
            if self.hopeless() {
                return;
            }
            let mut runner = self.runner(&spoil.name());
            let Some(mut tree) = spoil.draw(&honest, &mut runner) else { continue };
            let bad = tree.current();
            let exchange = self.send("faulty", spoil.intent(&bad), &spoil.apply(&honest, &bad)).await;
            self.shrink_invalid(spoil, &honest, &mut tree, &exchange).await;
        }
    }

    async fn shrink_invalid(
        &mut self,
        spoil: &Spoil<'_>,
        honest: &Value,
        tree: &mut super::spoil::BadTree,
        exchange: &Exchange,
    ) {
        let Some(requirement) = self.worth_shrinking(exchange).into_iter().next() else { return };
        let (operation, requests) = (self.operation, self.env.limits.shrink_requests);
        let fits = |bad: &Option<Value>| spoil.fits(honest, bad);
        let fails = async |bad: &Option<Value>| {
            let exchange = self.send(SHRINKING, spoil.intent(bad), &spoil.apply(honest, bad)).await;
            offences(operation, &exchange).iter().any(|offence| offence.requirement == requirement)
        };
        let smallest = shrink::smallest(tree, requests, fits, fails).await;
        self.send(SMALLEST, spoil.intent(&smallest), &spoil.apply(honest, &smallest)).await;
    }

    /// A valid envelope that the target accepts; any valid one where it accepts none.
    async fn control(&mut self) -> Option<Value> {
        let mut runner = self.runner("control");
        let rich = rich(self.envelope, &mut runner)?;
        let mut tried: Vec<Value> = Vec::new();
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
            if accepted(&exchange) {
                return Some(value);
            }
            if self.hopeless() {
                return None;
            }
        }
        tried.into_iter().next()
    }

    /// How many requests of the case were sent.
    fn count(&self) -> usize {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn outbound(&self, envelope: &Value) -> Option<Outbound> {
        self.envelope.outbound(self.operation, &self.env.target.url, envelope)
    }

    async fn send(&mut self, label: &str, intent: Intent, envelope: &Value) -> Exchange {
        let outbound = self.outbound(envelope).ok_or_else(|| "a value of it cannot be encoded".to_owned());
        self.send_as(label, intent, outbound).await
    }

    async fn send_as(&mut self, label: &str, intent: Intent, outbound: Result<Outbound, String>) -> Exchange {
        self.env.turn().await;
        let ready = match outbound {
            Ok(outbound) => self.authorize(outbound).await,
            Err(message) => Err((self.nothing(), message)),
        };
        let sent = Instant::now();
        let (request, outcome) = match ready {
            Ok(outbound) => {
                let request = self.env.client.recorded(&outbound);
                let answered = self.env.client.send(&outbound, |raw| conceal_token(&self.env.redactor, raw)).await;
                (request, answered.outcome)
            }
            Err((outbound, message)) => {
                let message = self.env.redactor.text(&format!("not sent: {message}"));
                let outcome = Outcome::Failure { kind: FailureKind::Connect, message };
                (self.env.client.recorded(&outbound), outcome)
            }
        };
        self.silent = if matches!(outcome, Outcome::Response(_)) { 0 } else { self.silent + 1 };
        let exchange = Exchange {
            label: label.to_owned(),
            operation: self.operation.key.clone(),
            intent,
            request,
            outcome,
            sent_us: self.micros(sent),
            done_us: self.micros(Instant::now()),
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push(Observation::Exchange(exchange.clone()));
        exchange
    }

    async fn authorize(&self, mut outbound: Outbound) -> Result<Outbound, (Outbound, String)> {
        if !self.operation.doc.secured {
            return Ok(outbound);
        }
        let token = match self.authorization {
            Authorization::None => return Ok(outbound),
            Authorization::Bearer(token) => token.clone(),
            Authorization::Tokens => match self.env.tokens.current().await {
                Ok(token) => token.text,
                Err(e) => return Err((outbound, format!("no access token could be obtained: {e}"))),
            },
        };
        outbound.headers.push((http::header::AUTHORIZATION, format!("Bearer {token}")));
        Ok(outbound)
    }

    fn nothing(&self) -> Outbound {
        Outbound {
            method: http::Method::from_bytes(self.operation.doc.method.as_bytes()).unwrap_or_default(),
            url: format!("{}{}", self.env.target.url, self.operation.doc.path),
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    fn micros(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.started).as_micros()).unwrap_or(u64::MAX)
    }
}
