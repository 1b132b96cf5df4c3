//! The mock as its callers see it: over HTTP, in this process, on a free port.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod bench;
mod callbacks;
mod clients;
mod defects;
mod determinism;
mod encryption;
mod encryption_probes;
mod exchange;
mod exchange_probes;
mod hostile;
mod inspector;
mod journal;
mod keys;
mod leniency;
mod logging;
mod openspp;
mod outbox;
mod own_changes;
mod own_registries;
mod person_probes;
mod questions;
mod receiver;
mod refusals;
mod registries;
mod registry_probes;
mod reload;
mod request_probes;
mod robustness;
mod search_probes;
mod signatures;
mod social;
mod start;
mod status_probes;
mod steering;
mod subscription_probes;
mod subscriptions;
mod talk;
mod timeline;
mod transactions;
mod ways;
