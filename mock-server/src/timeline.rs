//! A script of life events: each happens at its time after the start, to somebody or to a person whom the script
//! describes, and whoever subscribed is told of it.

mod play;
mod read;

pub(crate) use play::{Play, spawn};

use serde_json::Value;
use std::time::Duration;

/// The events of a script in the order in which they happen.
#[derive(Debug, Default)]
pub(crate) struct Timeline(Vec<Happening>);

/// One event.
#[derive(Debug, Clone, PartialEq)]
struct Happening {
    /// Its place in the script, from 1.
    nth: usize,
    /// How long after the start.
    at: Duration,
    profile: String,
    event_type: String,
    /// `None` where it happens to somebody, who is made up from the seed and from the place in the script.
    record: Option<Value>,
}
