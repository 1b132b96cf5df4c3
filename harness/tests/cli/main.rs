//! The `dcx` command as its users meet it: exit codes, messages, files, signals.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod again;
mod cases;
mod catalogue;
mod clients;
mod deaf;
mod document;
mod evidence;
mod init;
mod interruption;
mod known;
#[path = "../common/lines.rs"]
mod lines;
#[path = "../common/mask.rs"]
mod mask;
mod mock;
mod own_mock;
#[path = "../common/process.rs"]
mod process;
mod profiles;
mod quality;
mod replay;
mod secrets;
mod spec;
mod store;
mod tls;
mod usage;
