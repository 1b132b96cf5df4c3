//! What changes while the mock runs: the register, subscriptions, transactions, and what happened.
//!
//! Every list is bounded; the oldest entries go first.

mod events;
mod indexing;
mod register;
mod subscriptions;
mod transactions;

pub(crate) use events::Events;
pub(crate) use register::Register;
pub(crate) use subscriptions::{Ended, Subscription, Subscriptions};
pub(crate) use transactions::{Answered, Subject, Transaction, Transactions, read_searches};
