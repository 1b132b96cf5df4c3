//! Tests of every renderer over hand-built and arbitrary event streams.

mod arbitrary;
mod bundle;
mod conservation;
mod curl;
mod log;
mod sample;
mod schema;
mod snapshots;
