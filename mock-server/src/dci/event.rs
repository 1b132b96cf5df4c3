//! What an event must be to happen in a registry.

use crate::query::identifiers;
use serde_json::Value;
use specs::catalogue::Registry;

/// Whether the registry tells of events of this type.
pub(crate) fn check_type(registry: &Registry, event_type: &str) -> Result<(), String> {
    if registry.event_types.iter().any(|known| known == event_type) {
        return Ok(());
    }
    let known = registry.event_types.join(", ");
    Err(format!(
        "unknown reg_event_type {event_type:?}; this registry tells of {known}"
    ))
}

/// Whether a record can be registered; else the JSON pointer of the member that is wrong, and what is wrong.
pub(crate) fn check_record(registry: &Registry, record: &Value) -> Result<(), (String, String)> {
    if identifiers(record, registry).next().is_none() {
        let message = format!("the record has no identifier at {}", registry.identifiers);
        return Err((String::new(), message));
    }
    let schema = registry
        .reg_record_type
        .as_deref()
        .and_then(specs::records::schema_of);
    match schema.and_then(|schema| schema.violations(record).into_iter().next()) {
        None => Ok(()),
        Some(violation) => {
            let (at, expected, actual) = (violation.pointer, violation.expected, violation.actual);
            let message = format!("/record{at}: expected {expected}, found {actual}");
            Err((at, message))
        }
    }
}
