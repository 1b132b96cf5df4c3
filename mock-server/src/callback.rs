//! Callbacks: posted once, some time after the acknowledgement, to an address that the policy allows.

mod policy;

pub(crate) use policy::{Policy, Target};

use crate::mailbox::Mailbox;
use crate::stop::Stopped;
use crate::store::{Kept, Kind, Ledger, StoreError};
use crate::{answer, clock};
use http::header::CONTENT_TYPE;
use reqwest::redirect;
use serde_json::{Value, json};
use specs::wire::time::format_date_time;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
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
        })
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
            after: None,
            delivered: None,
        })
    }
}

/// When a callback is sent, and how often. Anything but the default is a defect.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Manner {
    pub(crate) before_ack: bool,
    pub(crate) twice: bool,
}

impl Courier {
    pub(crate) fn new(
        policy: Policy,
        delay: Duration,
        ledger: Ledger,
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
            stopped,
        })
    }

    /// Sends the callbacks that were due when the server ended, one after the other.
    pub(crate) fn resume(self: &Arc<Self>) -> Result<(), StoreError> {
        let due = self.ledger.all(Kind::Callback)?;
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
        if manner.before_ack {
            self.deliver(&delivery).await;
            drop(delivery.delivered.take());
            tokio::time::sleep(ACK_HELD).await;
            return;
        }
        let number = self.ledger.keep(Kind::Callback, None, || delivery.written());
        let courier = Arc::clone(self);
        let mut stopped = self.stopped.clone();
        tokio::spawn(async move {
            let work = async {
                if let Some(after) = &mut delivery.after {
                    // Nobody sends a value: the wait ends when the other end is gone.
                    while after.changed().await.is_ok() {}
                }
                tokio::time::sleep(courier.delay).await;
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
        let outcome = match target {
            Target::Mailbox => {
                let sent_at = format_date_time(clock::now());
                let mail = json!({"sender_uri": sender_uri, "sent_at": sent_at, "body": body});
                self.ledger.keep(Kind::Mail, None, || mail.clone());
                self.mailbox.put(mail);
                Ok("kept in the mailbox".to_owned())
            }
            Target::Post(url) => self.post(url, body.to_string()).await,
        };
        let to = target.to_string();
        match outcome {
            Ok(outcome) => info!(operation, to, correlation_id, outcome, "callback"),
            Err(outcome) => warn!(operation, to, correlation_id, outcome, "callback not delivered"),
        }
    }

    /// Posts a body; again where no connection came about, for then nobody has seen it.
    async fn post(&self, url: &Url, body: String) -> Result<String, String> {
        let mut pauses = RETRIES.iter();
        loop {
            let request = self.client.post(url.clone()).header(CONTENT_TYPE, answer::JSON);
            match request.body(body.clone()).send().await {
                Ok(response) if response.status().is_success() => return Ok(response.status().to_string()),
                Ok(response) if response.status().is_redirection() => {
                    return Err(format!("{}; redirects are not followed", response.status()));
                }
                Ok(response) => return Err(response.status().to_string()),
                Err(error) if error.is_connect() => match pauses.next() {
                    Some(pause) => tokio::time::sleep(*pause).await,
                    None => return Err(innermost(&error)),
                },
                Err(error) => return Err(innermost(&error)),
            }
        }
    }
}

/// The cause at the bottom of an error, which is the one that says something.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
