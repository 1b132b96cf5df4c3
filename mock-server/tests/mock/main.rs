//! The mock as its callers see it: over HTTP, in this process, on a free port.

mod bench;
mod callbacks;
mod defects;
mod determinism;
mod exchange;
mod exchange_probes;
mod openspp;
mod receiver;
mod registry_probes;
mod request_probes;
mod robustness;
mod search_probes;
mod social;
mod start;
