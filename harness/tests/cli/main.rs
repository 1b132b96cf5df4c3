//! The `dcx` command as its users meet it: exit codes, messages, files, signals.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod catalogue;
mod deaf;
mod evidence;
mod interruption;
mod mock;
mod own_mock;
#[path = "../common/process.rs"]
mod process;
mod profiles;
mod secrets;
mod spec;
mod store;
mod usage;
