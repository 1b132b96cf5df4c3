//! Sending one request of a case, and recording what came of it.

use super::drive::{Answered, Authorization, Driver};
use crate::client::Outbound;
use crate::tokens::conceal_token;
use bytes::Bytes;
use serde_json::Value;
use specs::evidence::{Exchange, FailureKind, Intent, Observation, Outcome};
use std::time::Instant;

impl Driver<'_> {
    /// How many requests of the case were sent.
    pub(super) fn count(&self) -> usize {
        self.seen.lock().judging.count()
    }

    pub(super) fn outbound(&self, envelope: &Value) -> Option<Outbound> {
        self.envelope
            .outbound(self.operation, &self.env.target.url, envelope)
    }

    /// Sends a request and records what came of it.
    pub(super) async fn send(&mut self, label: &str, intent: Intent, envelope: &Value) -> Answered {
        let exchange = self.exchange(label, intent, envelope).await;
        self.record(exchange)
    }

    /// The same of a request that is made already.
    pub(super) async fn send_as(
        &mut self,
        label: &str,
        intent: Intent,
        outbound: Result<Outbound, String>,
    ) -> Answered {
        let exchange = self.exchange_as(label, intent, outbound).await;
        self.record(exchange)
    }

    /// Sends a request.
    pub(super) async fn exchange(&self, label: &str, intent: Intent, envelope: &Value) -> Exchange {
        let outbound = self
            .outbound(envelope)
            .ok_or_else(|| "a value of it cannot be encoded".to_owned());
        self.exchange_as(label, intent, outbound).await
    }

    pub(super) async fn exchange_as(
        &self,
        label: &str,
        intent: Intent,
        outbound: Result<Outbound, String>,
    ) -> Exchange {
        self.env.turn().await;
        self.env.pulse.gate().await;
        let attempt = async || self.attempt(label, &intent, outbound.clone()).await;
        let mut exchange = self.env.served(attempt).await;
        self.env.felt(self.case, &mut exchange).await;
        exchange
    }

    /// Records what came of a request.
    pub(super) fn record(&mut self, exchange: Exchange) -> Answered {
        self.silent = if exchange.response().is_some() {
            0
        } else {
            self.silent + 1
        };
        let mut seen = self.seen.lock();
        let offences = seen.judging.take(self.operation, &exchange);
        seen.all.push(&Observation::Exchange(exchange.clone()));
        Answered { exchange, offences }
    }

    /// Sends it once.
    async fn attempt(&self, label: &str, intent: &Intent, outbound: Result<Outbound, String>) -> Exchange {
        let ready = match outbound {
            Ok(outbound) => self.authorize(outbound).await,
            Err(message) => Err((self.nothing(), message)),
        };
        let sent = Instant::now();
        let (request, outcome) = match ready {
            Ok(outbound) => {
                let request = self.env.client.recorded(&outbound);
                let answered = self
                    .env
                    .client
                    .send(&outbound, |raw| conceal_token(&self.env.redactor, raw))
                    .await;
                (request, answered.outcome)
            }
            Err((outbound, message)) => {
                let message = self.env.redactor.text(&format!("not sent: {message}"));
                let outcome = Outcome::Failure {
                    kind: FailureKind::Connect,
                    message,
                };
                (self.env.client.recorded(&outbound), outcome)
            }
        };
        Exchange {
            label: label.to_owned(),
            operation: self.operation.key.clone(),
            intent: intent.clone(),
            request,
            outcome,
            sent_us: self.micros(sent),
            done_us: self.micros(Instant::now()),
            put_off: Vec::new(),
        }
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
        outbound
            .headers
            .push((http::header::AUTHORIZATION, format!("Bearer {token}")));
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
