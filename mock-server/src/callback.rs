//! Callbacks: posted some time after the acknowledgement to an address that the policy allows, and posted again
//! where they may not have arrived.

mod address;
mod attempt;
mod lookup;
mod manner;
mod policy;
#[cfg(test)]
mod tests;
mod trust;
mod turns;

pub(crate) use manner::Manner;
pub(crate) use policy::{Hosts, Policy, Target};

use attempt::{Again, Tried};
use lookup::{Ask, Lookup};
use turns::Turns;

use crate::defect::Memory;
use crate::journal::{Asked, Clerk, Entry, Kind, Side, Verdict};
use crate::mailbox::Mailbox;
use crate::stop::Stopped;
use crate::store::{Kept, Kind as Stored, Ledger, StoreError};
use crate::{answer, clock, ids};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use reqwest::redirect;
use serde_json::{Value, json};
use specs::wire::detached_jws;
use specs::wire::time::format_date_time;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tracing::{info, warn};
use url::Url;

/// How long one attempt may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The shortest and the longest pause that a receiver may ask for.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The token that was agreed with the partner, where callbacks carry one. It opens nothing.
const AGREED: &str = "Bearer agreed-beforehand";
/// How long an acknowledgement is held back by a server that calls back before it answers.
const ACK_HELD: Duration = Duration::from_millis(300);

/// Takes callbacks to where they belong.
#[derive(Debug)]
pub(crate) struct Courier {
    client: reqwest::Client,
    pub(crate) policy: Policy,
    pub(crate) mailbox: Mailbox,
    times: Times,
    turns: Turns,
    ledger: Ledger,
    clerk: Clerk,
    stopped: Stopped,
}

/// When callbacks are sent.
#[derive(Debug, Clone)]
pub(crate) struct Times {
    /// How long after the acknowledgement.
    pub(crate) delay: Duration,
    /// How long after each attempt in vain.
    pub(crate) pauses: Vec<Duration>,
    /// Whether they carry an access token that was agreed beforehand.
    pub(crate) bearer: bool,
}

/// One callback.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) operation: Cow<'static, str>,
    pub(crate) target: Target,
    /// The address as the request wrote it.
    pub(crate) sender_uri: Option<String>,
    pub(crate) correlation_id: String,
    pub(crate) body: Value,
    /// The signature over it that travels as a header, where there is one.
    pub(crate) signature: Option<String>,
    /// How often it may have been sent before.
    pub(crate) attempts: u32,
    /// What must have been delivered before; whoever holds the other end lets go of it then.
    pub(crate) after: Option<watch::Receiver<()>>,
    /// Let go of when this is delivered, or never will be.
    pub(crate) delivered: Option<watch::Sender<()>>,
    /// The memory of a service that dies when this is not taken, and how many requests it still answers then.
    pub(crate) dying: Option<(Arc<Memory>, u32)>,
}

impl Delivery {
    /// As it is kept in a store.
    fn written(&self) -> Value {
        json!({
            "operation": self.operation,
            "sender_uri": self.sender_uri,
            "correlation_id": self.correlation_id,
            "body": self.body,
            "signature": self.signature,
        })
    }

    /// The headers that it is sent with.
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, answer::JSON);
        if let Some(signature) = self.signature.as_ref().and_then(|s| s.try_into().ok()) {
            headers.insert(detached_jws::HEADER, signature);
        }
        headers
    }

    /// What was kept, where it may still be sent.
    fn read(mut written: Value, policy: &Policy) -> Option<Self> {
        let body = written.get_mut("body")?.take();
        let text = |name: &str| written.get(name)?.as_str().map(ToOwned::to_owned);
        let sender_uri = text("sender_uri");
        Some(Self {
            operation: text("operation").map_or(Cow::Borrowed("resumed"), Cow::Owned),
            target: policy.target(sender_uri.as_deref()).ok()?,
            sender_uri,
            correlation_id: text("correlation_id")?,
            body,
            signature: text("signature"),
            attempts: 1,
            after: None,
            delivered: None,
            dying: None,
        })
    }
}

/// What all profiles share of sending callbacks.
#[derive(Debug)]
pub(crate) struct Post {
    pub(crate) hosts: Arc<Hosts>,
    pub(crate) client: reqwest::Client,
}

/// What callbacks are sent with. There is one for all profiles.
pub(crate) fn client(hosts: &Arc<Hosts>) -> Result<reqwest::Client, reqwest::Error> {
    asking(lookup::system(), hosts)
}

/// A client that asks this one for the addresses of names.
fn asking(ask: Ask, hosts: &Arc<Hosts>) -> Result<reqwest::Client, reqwest::Error> {
    let hosts = Arc::clone(hosts);
    let builder = reqwest::Client::builder();
    let builder = match trust::trust() {
        Some(trust) => builder.tls_backend_preconfigured(trust),
        None => builder,
    };
    builder
        .no_proxy()
        .redirect(redirect::Policy::none())
        .timeout(PATIENCE)
        .dns_resolver(Lookup { hosts, ask })
        .build()
}

impl Courier {
    pub(crate) fn new(
        client: reqwest::Client,
        policy: Policy,
        times: Times,
        ledger: Ledger,
        clerk: Clerk,
        stopped: Stopped,
    ) -> Self {
        Self {
            client,
            policy,
            mailbox: Mailbox::default(),
            times,
            turns: Turns::default(),
            ledger,
            clerk,
            stopped,
        }
    }

    /// Sends the callbacks that were due when the server ended: those to one address one after the other.
    pub(crate) fn resume(self: &Arc<Self>) -> Result<(), StoreError> {
        let mut due: BTreeMap<String, Vec<(i64, Delivery)>> = BTreeMap::new();
        for Kept { number, body } in self.ledger.all(Stored::Callback)? {
            match Delivery::read(body, &self.policy) {
                Some(delivery) => due
                    .entry(delivery.target.to_string())
                    .or_default()
                    .push((number, delivery)),
                None => {
                    warn!(number, "a callback that was due can no longer be sent");
                    self.ledger.forget(Some(number));
                }
            }
        }
        for queue in due.into_values() {
            let courier = Arc::clone(self);
            let mut stopped = self.stopped.clone();
            tokio::spawn(async move {
                let work = async {
                    for (number, delivery) in queue {
                        courier.deliver(&delivery).await;
                        courier.ledger.forget(Some(number));
                    }
                };
                tokio::select! {
                    () = work => {}
                    () = stopped.wait() => {}
                }
            });
        }
        Ok(())
    }

    /// Sees to it that a callback is sent. Returns when the acknowledgement may be given.
    pub(crate) async fn dispatch(self: &Arc<Self>, mut delivery: Delivery, manner: Manner) {
        if manner.never {
            self.note(&delivery, Verdict::Withheld, None, "withheld, as was wished", 0.0);
            return;
        }
        manner.dress(&mut delivery.body);
        if manner.before_ack {
            self.deliver(&delivery).await;
            drop(delivery.delivered.take());
            tokio::time::sleep(ACK_HELD).await;
            return;
        }
        let number = self.ledger.keep(Stored::Callback, None, || delivery.written());
        let waiting = manner.out_of_order.then(|| self.turns.give_up(&delivery.target));
        let waiting = waiting.flatten();
        let courier = Arc::clone(self);
        let mut stopped = self.stopped.clone();
        tokio::spawn(async move {
            let work = async {
                if let Some(after) = &mut delivery.after {
                    // Nobody sends a value: the wait ends when the other end is gone.
                    while after.changed().await.is_ok() {}
                }
                tokio::time::sleep(courier.times.delay + manner.late).await;
                if let Some(waiting) = waiting {
                    waiting.wait().await;
                }
                courier.deliver(&delivery).await;
                if manner.twice {
                    courier.deliver(&delivery).await;
                }
                courier.ledger.forget(number);
            };
            tokio::select! {
                () = work => {}
                () = stopped.wait() => {}
            }
            // Whoever waits for this one need not wait any longer.
            drop(delivery.delivered.take());
        });
    }

    async fn deliver(&self, delivery: &Delivery) {
        let Delivery {
            operation,
            target,
            sender_uri,
            correlation_id,
            body,
            ..
        } = delivery;
        let started = Instant::now();
        let tried = match target {
            Target::Mailbox => {
                let sent_at = format_date_time(clock::now());
                let mail = json!({"sender_uri": sender_uri, "sent_at": sent_at, "body": body});
                self.ledger.keep(Stored::Mail, None, || mail.clone());
                self.mailbox.put(mail);
                Tried::of(Verdict::Kept, "kept in the mailbox".to_owned())
            }
            Target::Post(url) => self.post(delivery, url, body.to_string()).await,
        };
        let Tried { verdict, says, .. } = &tried;
        self.note(delivery, *verdict, tried.status, says, milliseconds(started));
        self.turns.gone(target);
        let to = target.to_string();
        match verdict {
            Verdict::Undelivered | Verdict::Forbidden => {
                warn!(%operation, to, correlation_id, says, "callback not delivered");
            }
            _ => info!(%operation, to, correlation_id, says, "callback"),
        }
    }

    /// Posts a body, again and again where that may help.
    async fn post(&self, delivery: &Delivery, url: &Url, body: String) -> Tried {
        let mut pauses = self.times.pauses.iter();
        let mut attempt = delivery.attempts + 1;
        loop {
            let started = Instant::now();
            let mut headers = delivery.headers();
            if self.times.bearer {
                headers.insert(AUTHORIZATION, HeaderValue::from_static(AGREED));
            }
            let tried = attempt::post(&self.client, url, headers, body.clone(), attempt).await;
            let dies = attempt == 1 && tried.verdict == Verdict::Undelivered;
            if let Some((memory, last)) = delivery.dying.as_ref().filter(|_| dies) {
                memory.die_after(*last);
            }
            let pause = match (tried.again, pauses.next()) {
                (Again::Never, _) | (_, None) => return tried,
                (Again::Sometime, Some(pause)) => *pause,
                (Again::After(asked), Some(_)) => asked.clamp(SHORTEST_PAUSE, LONGEST_PAUSE),
            };
            let why = format!("{}; tried again after {} s", tried.says, pause.as_secs_f64());
            self.note(
                delivery,
                Verdict::Retried,
                tried.status,
                &why,
                milliseconds(started),
            );
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    /// Notes in the journal what became of a callback.
    fn note(&self, delivery: &Delivery, verdict: Verdict, status: Option<u16>, says: &str, took: f64) {
        let Clerk { journal, profile } = &self.clerk;
        if !journal.is_kept() {
            return;
        }
        let text = |pointer| delivery.body.pointer(pointer).and_then(ids::as_text);
        let headers = delivery.headers();
        let line = format!("POST {}", delivery.target);
        journal.put(Entry {
            at: clock::now(),
            kind: Kind::Callback,
            profile: profile.clone(),
            operation: delivery.operation.clone().into_owned(),
            verdict,
            says: says.to_owned(),
            status,
            asked: Asked {
                message_id: text("/header/message_id"),
                transaction_id: text("/message/transaction_id"),
                correlation_id: Some(delivery.correlation_id.clone()),
            },
            request: Side::of(line, &headers, &delivery.body.to_string().into()),
            milliseconds: took,
            ..Entry::default()
        });
    }
}

/// How long it has been, in milliseconds.
fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
