//! JSON Schemas of what is written for machines. They are kept in `reports/schemas/`; a test checks that
//! they are fresh.

use serde_json::Value;

/// The schema of one line of the log.
pub fn event() -> Value {
    schemars::schema_for!(crate::event::Entry).to_value()
}

/// The schema of the JSON report.
pub fn result() -> Value {
    schemars::schema_for!(crate::json::RunResult).to_value()
}

/// The schema of a bundle's manifest.
pub fn manifest() -> Value {
    schemars::schema_for!(crate::bundle::Manifest).to_value()
}

/// The schema of what changed between two runs.
pub fn difference() -> Value {
    schemars::schema_for!(crate::diff::Difference).to_value()
}
