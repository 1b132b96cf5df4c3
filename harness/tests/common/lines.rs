//! An event log as it is in every run with the same seed.

use crate::mask::masked;
use reports::event::Entry;
use serde_json::Value;

/// The lines of a log without times and addresses.
pub(crate) fn lines(log: &[Entry]) -> Vec<String> {
    let line = |entry: &Entry| {
        let mut value = serde_json::to_value(entry).expect("an event is JSON");
        mask(&mut value);
        value.to_string()
    };
    log.iter().map(line).collect()
}

/// Replaces times and addresses throughout a value.
fn mask(value: &mut Value) {
    match value {
        Value::String(text) => *text = masked(text),
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Object(members) => {
            for (name, member) in members {
                if name.ends_with("_us") {
                    *member = "TIME".into();
                } else {
                    mask(member);
                }
            }
        }
        _ => {}
    }
}
