//! A registry as it was left: what its store kept is taken in again.

use super::subscribe;
use crate::service::Service;
use crate::state::Transaction;
use crate::store::{Kind, StoreError};
use tracing::warn;

/// Takes in what was kept. What nobody can read any more is left where it is, and the log says so.
pub(crate) fn restore(cx: &Service) -> Result<(), StoreError> {
    let unread = |kind: &str, number: i64| warn!(profile = cx.profile.id, kind, number, "not restored");
    for kept in cx.ledger.all(Kind::Transaction)? {
        match Transaction::read(kept.body) {
            Some(transaction) => cx.transactions.remember(transaction),
            None => unread("transaction", kept.number),
        }
    }
    for kept in cx.ledger.all(Kind::Mail)? {
        cx.courier.mailbox.put(kept.body);
    }
    for kept in cx.ledger.all(Kind::Event)? {
        cx.events.put(kept.body);
    }
    if cx.profile.registry.is_none() {
        return Ok(());
    }
    for kept in cx.ledger.all(Kind::Record)? {
        cx.register().put(&kept.body);
    }
    for kept in cx.ledger.all(Kind::Subscription)? {
        match subscribe::read(cx, &kept.body) {
            Some((subscription, live)) => cx.subscriptions.restore(subscription, live),
            None => unread("subscription", kept.number),
        }
    }
    Ok(())
}
