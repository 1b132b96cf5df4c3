//! Tests of every renderer over hand-built and arbitrary event streams.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

mod arbitrary;
mod bundle;
mod catalogue;
mod conservation;
mod curl;
mod diff;
mod fold;
mod log;
mod quality;
mod sample;
mod schema;
mod snapshots;
