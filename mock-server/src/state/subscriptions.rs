//! Who wants to be told of what.

use crate::callback::Target;
use crate::query::Criteria;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// How many subscriptions are remembered, those that have ended included.
const MOST_KEPT: usize = 5000;

/// One subscription.
#[derive(Debug)]
pub(crate) struct Subscription {
    /// Its name, which the registry sets.
    pub(crate) code: String,
    pub(crate) sender: String,
    /// Of the request that made it.
    pub(crate) transaction_id: String,
    pub(crate) reference_id: String,
    /// `subscribe_criteria` as they were sent.
    pub(crate) criteria: Value,
    /// The filter among them, read.
    pub(crate) filter: Criteria,
    /// When notifications may be sent: seconds since 1970, both ends included.
    pub(crate) window: Option<(f64, f64)>,
    pub(crate) target: Target,
    pub(crate) sender_uri: Option<String>,
    pub(crate) timestamp: String,
    /// Closed once the subscriber was told of the subscription, or cannot be told.
    pub(crate) announced: watch::Receiver<()>,
}

impl Subscription {
    /// A text among the criteria.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.criteria
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// As it is kept in a store.
    pub(crate) fn written(&self, live: bool) -> Value {
        json!({
            "code": self.code,
            "sender": self.sender,
            "transaction_id": self.transaction_id,
            "reference_id": self.reference_id,
            "criteria": self.criteria,
            "sender_uri": self.sender_uri,
            "timestamp": self.timestamp,
            "live": live,
        })
    }

    /// Whether the same subscriber asked for the same, to be told at the same address.
    fn is_the_same(&self, other: &Self) -> bool {
        let same = |name: &str| self.criteria.get(name) == other.criteria.get(name);
        self.sender == other.sender
            && self.sender_uri == other.sender_uri
            && ["reg_event_type", "filter", "notify_record_type"]
                .into_iter()
                .all(same)
    }
}

#[derive(Debug)]
struct Kept {
    subscription: Arc<Subscription>,
    live: bool,
}

/// How the end of some subscriptions went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// All were live, and are no more.
    Now,
    /// At least one is not known to this subscriber; nothing changed.
    Unknown,
    /// All are known and at least one had ended before; nothing changed.
    Before,
}

/// The subscriptions of one profile, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions(Mutex<Vec<Kept>>);

impl Subscriptions {
    /// Takes a subscription in, unless the same one is live. The code is the first of `codes` that was
    /// never given.
    pub(crate) fn add(
        &self,
        mut subscription: Subscription,
        codes: impl Fn(usize) -> String,
        even_twice: bool,
        ended_too: bool,
    ) -> Option<Arc<Subscription>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let live = |k: &&Kept| k.live || ended_too;
        if !even_twice
            && kept
                .iter()
                .filter(live)
                .any(|k| k.subscription.is_the_same(&subscription))
        {
            return None;
        }
        let given = |code: &String| kept.iter().any(|k| k.subscription.code == *code);
        if subscription.code.is_empty() {
            subscription.code = (0..=MOST_KEPT)
                .map(codes)
                .find(|code| !given(code))
                .unwrap_or_default();
        }
        if kept.len() >= MOST_KEPT {
            let oldest = kept.iter().position(|k| !k.live).unwrap_or(0);
            kept.remove(oldest);
        }
        let subscription = Arc::new(subscription);
        kept.push(Kept {
            subscription: Arc::clone(&subscription),
            live: true,
        });
        Some(subscription)
    }

    /// The live subscription that is the same as this one, if there is one.
    pub(crate) fn same(&self, subscription: &Subscription) -> Option<Arc<Subscription>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut live = kept.iter().filter(|k| k.live);
        let same = live.find(|k| k.subscription.is_the_same(subscription))?;
        Some(Arc::clone(&same.subscription))
    }

    /// Takes a subscription in that was kept.
    pub(crate) fn restore(&self, subscription: Subscription, live: bool) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(Kept {
            subscription: Arc::new(subscription),
            live,
        });
        if kept.len() > MOST_KEPT {
            kept.remove(0);
        }
    }

    /// Those of these codes.
    pub(crate) fn named(&self, sender: &str, codes: &[&str]) -> Vec<Arc<Subscription>> {
        self.some(|k| k.subscription.sender == sender && codes.contains(&k.subscription.code.as_str()))
    }

    /// Ends the subscriptions of these codes, all or none.
    pub(crate) fn end(&self, sender: &str, codes: &[&str]) -> Ended {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let named = |k: &Kept, code: &str| k.subscription.sender == sender && k.subscription.code == code;
        for code in codes {
            if !kept.iter().any(|k| named(k, code)) {
                return Ended::Unknown;
            }
        }
        if codes
            .iter()
            .any(|code| !kept.iter().any(|k| k.live && named(k, code)))
        {
            return Ended::Before;
        }
        for k in kept.iter_mut() {
            k.live &= !codes.iter().any(|code| named(k, code));
        }
        Ended::Now
    }

    /// Ends all subscriptions of a sender.
    pub(crate) fn end_all(&self, sender: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for k in kept.iter_mut().filter(|k| k.subscription.sender == sender) {
            k.live = false;
        }
    }

    /// Whether one that is the same as this has ended.
    pub(crate) fn ended_before(&self, subscription: &Subscription) -> bool {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter()
            .any(|k| !k.live && k.subscription.is_the_same(subscription))
    }

    /// Those that are live.
    pub(crate) fn live(&self) -> Vec<Arc<Subscription>> {
        self.some(|k| k.live)
    }

    /// All that are remembered.
    pub(crate) fn all(&self) -> Vec<Arc<Subscription>> {
        self.some(|_| true)
    }

    fn some(&self, which: impl Fn(&Kept) -> bool) -> Vec<Arc<Subscription>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let chosen = kept.iter().filter(|k| which(k));
        chosen.map(|k| Arc::clone(&k.subscription)).collect()
    }

    /// Whether a subscription of this code is live.
    pub(crate) fn is_live(&self, sender: &str, code: &str) -> bool {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter()
            .any(|k| k.live && k.subscription.sender == sender && k.subscription.code == code)
    }
}
