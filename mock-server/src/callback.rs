//! Callbacks: posted once, some time after the acknowledgement, to an address that the policy allows.

mod policy;

pub(crate) use policy::{Policy, Target};

use crate::journal::{Asked, Clerk, Entry, Kind, Side, Verdict};
use crate::mailbox::Mailbox;
use crate::stop::Stopped;
use crate::store::{Kept, Kind as Stored, Ledger, StoreError};
use crate::{answer, clock, ids};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use reqwest::redirect;
use serde_json::{Value, json};
use specs::wire::detached_jws;
use specs::wire::time::format_date_time;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tracing::{info, warn};
use url::Url;

/// How long one attempt may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Pauses before another attempt, where no connection came about.
const RETRIES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(300)];
/// How long an acknowledgement is held back by a server that calls back before it answers.
const ACK_HELD: Duration = Duration::from_millis(300);

/// Takes callbacks to where they belong.
#[derive(Debug)]
pub(crate) struct Courier {
    client: reqwest::Client,
    pub(crate) policy: Policy,
    pub(crate) mailbox: Mailbox,
    delay: Duration,
    ledger: Ledger,
    clerk: Clerk,
    stopped: Stopped,
}

/// One callback.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) operation: &'static str,
    pub(crate) target: Target,
    /// The address as the request wrote it.
    pub(crate) sender_uri: Option<String>,
    pub(crate) correlation_id: String,
    pub(crate) body: Value,
    /// The signature over it that travels as a header, where there is one.
    pub(crate) signature: Option<String>,
    /// What must have been delivered before; whoever holds the other end lets go of it then.
    pub(crate) after: Option<watch::Receiver<()>>,
    /// Let go of when this is delivered, or never will be.
    pub(crate) delivered: Option<watch::Sender<()>>,
}

impl Delivery {
    /// As it is kept in a store.
    fn written(&self) -> Value {
        json!({
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
            operation: "resumed",
            target: policy.target(sender_uri.as_deref()).ok()?,
            sender_uri,
            correlation_id: text("correlation_id")?,
            body,
            signature: text("signature"),
            after: None,
            delivered: None,
        })
    }
}

/// When a callback is sent, and how often. Anything but the default is a defect, or what somebody wished.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is wished for, or committed, apart from the others"
)]
pub(crate) struct Manner {
    pub(crate) before_ack: bool,
    pub(crate) twice: bool,
    pub(crate) never: bool,
    /// How much later than usual.
    pub(crate) late: Duration,
    /// With a correlation_id that nobody was told; heeded by whoever writes the callback.
    pub(crate) uncorrelated: bool,
}

impl Courier {
    pub(crate) fn new(
        policy: Policy,
        delay: Duration,
        ledger: Ledger,
        clerk: Clerk,
        stopped: Stopped,
    ) -> Result<Self, reqwest::Error> {
        let loopback: [SocketAddr; 2] = [(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()];
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .timeout(PATIENCE)
            // Whatever the resolver believes, this name is this machine.
            .resolve_to_addrs("localhost", &loopback)
            .build()?;
        Ok(Self {
            client,
            policy,
            mailbox: Mailbox::default(),
            delay,
            ledger,
            clerk,
            stopped,
        })
    }

    /// Sends the callbacks that were due when the server ended, one after the other.
    pub(crate) fn resume(self: &Arc<Self>) -> Result<(), StoreError> {
        let due = self.ledger.all(Stored::Callback)?;
        if due.is_empty() {
            return Ok(());
        }
        let courier = Arc::clone(self);
        let mut stopped = self.stopped.clone();
        tokio::spawn(async move {
            let work = async {
                for Kept { number, body } in due {
                    match Delivery::read(body, &courier.policy) {
                        Some(delivery) => courier.deliver(&delivery).await,
                        None => warn!(number, "a callback that was due can no longer be sent"),
                    }
                    courier.ledger.forget(Some(number));
                }
            };
            tokio::select! {
                () = work => {}
                () = stopped.wait() => {}
            }
        });
        Ok(())
    }

    /// Sees to it that a callback is sent. Returns when the acknowledgement may be given.
    pub(crate) async fn dispatch(self: &Arc<Self>, mut delivery: Delivery, manner: Manner) {
        if manner.never {
            self.note(&delivery, Verdict::Withheld, None, "withheld, as was wished", 0.0);
            return;
        }
        if manner.before_ack {
            self.deliver(&delivery).await;
            drop(delivery.delivered.take());
            tokio::time::sleep(ACK_HELD).await;
            return;
        }
        let number = self.ledger.keep(Stored::Callback, None, || delivery.written());
        let courier = Arc::clone(self);
        let mut stopped = self.stopped.clone();
        tokio::spawn(async move {
            let work = async {
                if let Some(after) = &mut delivery.after {
                    // Nobody sends a value: the wait ends when the other end is gone.
                    while after.changed().await.is_ok() {}
                }
                tokio::time::sleep(courier.delay + manner.late).await;
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
        let (verdict, status, outcome) = match target {
            Target::Mailbox => {
                let sent_at = format_date_time(clock::now());
                let mail = json!({"sender_uri": sender_uri, "sent_at": sent_at, "body": body});
                self.ledger.keep(Stored::Mail, None, || mail.clone());
                self.mailbox.put(mail);
                (Verdict::Kept, None, "kept in the mailbox".to_owned())
            }
            Target::Post(url) => self.post(delivery, url, body.to_string()).await,
        };
        self.note(delivery, verdict, status, &outcome, milliseconds(started));
        let to = target.to_string();
        match verdict {
            Verdict::Undelivered => warn!(operation, to, correlation_id, outcome, "callback not delivered"),
            _ => info!(operation, to, correlation_id, outcome, "callback"),
        }
    }

    /// Posts a body; again where no connection came about, for then nobody has seen it.
    async fn post(&self, delivery: &Delivery, url: &Url, body: String) -> (Verdict, Option<u16>, String) {
        let mut pauses = RETRIES.iter();
        loop {
            let started = Instant::now();
            let request = self.client.post(url.clone()).headers(delivery.headers());
            let error = match request.body(body.clone()).send().await {
                Ok(response) => return outcome(response.status()),
                Err(error) => error,
            };
            match pauses.next().filter(|_| error.is_connect()) {
                Some(pause) => {
                    let why = format!("{}; tried again", innermost(&error));
                    self.note(delivery, Verdict::Retried, None, &why, milliseconds(started));
                    tokio::time::sleep(*pause).await;
                }
                None => return (Verdict::Undelivered, None, innermost(&error)),
            }
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
            operation: delivery.operation.to_owned(),
            verdict,
            says: says.to_owned(),
            status,
            asked: Asked {
                message_id: text("/header/message_id"),
                transaction_id: text("/message/transaction_id"),
                correlation_id: Some(delivery.correlation_id.clone()),
            },
            request: Side::of(line, &headers, delivery.body.to_string().as_bytes()),
            milliseconds: took,
            ..Entry::default()
        });
    }
}

/// What the receiver made of a callback.
fn outcome(status: StatusCode) -> (Verdict, Option<u16>, String) {
    let code = Some(status.as_u16());
    match status {
        _ if status.is_success() => (Verdict::Delivered, code, status.to_string()),
        _ if status.is_redirection() => (
            Verdict::Undelivered,
            code,
            format!("{status}; redirects are not followed"),
        ),
        _ => (Verdict::Undelivered, code, status.to_string()),
    }
}

/// How long it has been, in milliseconds.
fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

/// The cause at the bottom of an error, which is the one that says something.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
