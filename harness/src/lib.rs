//! The room that acts: it generates requests, sends them, receives callbacks, keeps time, runs the cases
//! and decides the exit code.
//!
//! - [`target`]: what is certified; [`run`]: how; [`generate`]: requests from schemas.
//! - [`client`], [`tls`], [`tokens`], [`callbacks`]: the wire, both ways.
//! - [`record`]: the one place where a live exchange becomes a recorded one, after redaction.
//! - [`replay`]: whether what failed in an earlier run is fixed.
//! - [`prove`]: that the suites can fail, and that trivial servers do not pass.
//! - [`openapi`]: certifying any server against a document that the user brings.
//! - [`snapshots`]: whether the answers are still the ones that were kept.
//! - [`config`], [`profiles`], [`init`]: what the user sets; [`cli`]: the `dcx` command.

pub mod callbacks;
pub mod cli;
pub mod client;
pub mod config;
pub mod embedded;
pub mod generate;
pub mod init;
pub mod openapi;
pub mod profiles;
pub mod prove;
pub mod record;
pub mod replay;
pub mod run;
pub mod snapshots;
pub mod target;
pub mod tls;
pub mod tokens;
