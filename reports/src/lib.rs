//! The event model of a run and every renderer of it.
//!
//! - [`event`]: what a run says about itself, one entry at a time.
//! - [`log`]: the same as JSON Lines, written and read.
//! - [`aggregate`]: a log folded into what a report shows, so that all reports agree.
//! - [`summary`], [`html`], [`junit`], [`json`]: the reports.
//! - [`curl`]: a request as a command that can be pasted into a shell.
//! - [`catalogue`]: what can be checked, as a page that can be searched.
//! - [`bundle`]: the evidence of a run as a directory with digests.
//! - [`quality`]: whether a run saw enough for its verdict to mean much.
//! - [`diff`]: what changed from one run to another.
//! - [`schema`]: the JSON Schemas of what is written for machines.
//! - [`report`]: report formats by name.
//!
//! A renderer of a run sees only events: it does no network access, reads no clock and prints nothing; it writes
//! to the writer that it is given.

pub mod aggregate;
pub mod bundle;
pub mod catalogue;
pub mod curl;
pub mod diff;
pub mod event;
pub mod html;
pub mod json;
pub mod junit;
pub mod log;
pub mod quality;
pub mod report;
pub mod schema;
pub mod summary;
mod text;
mod words;

pub use report::{Format, Report, render};
pub use text::one_line;
