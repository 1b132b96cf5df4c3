//! Operations: their ids, and lists that name them.

use crate::lint::code::LintCode;
use crate::lint::context::Context;
use crate::lint::{Found, Sink};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// Missing and repeated ids.
pub(in crate::lint) fn run(context: &Context<'_>, sink: &mut Sink<'_>) {
    let mut known: HashMap<&str, &str> = HashMap::new();
    for operation in &context.operations {
        let Some(id) = operation.value.get("operationId").and_then(Value::as_str) else {
            let message = format!(
                "{} {} has no operationId",
                operation.method.to_uppercase(),
                operation.path
            );
            sink.add(Found::new(
                LintCode::MissingOperationId,
                &operation.place,
                message,
            ));
            continue;
        };
        if let Some(other) = known.insert(id, operation.path) {
            let message = format!("`{id}` is also the id of an operation at {other}");
            let place = operation.place.below("operationId");
            sink.add(Found::new(LintCode::DuplicateOperationId, &place, message));
        }
    }
}

/// Lists that name operations, most of which exist.
pub(in crate::lint) fn enums(context: &Context<'_>, sink: &mut Sink<'_>) {
    let names: BTreeSet<&str> = context
        .operations
        .iter()
        .filter_map(|operation| operation.path.rsplit('/').next())
        .collect();
    for seen in &context.shapes {
        let is_kind = seen
            .name
            .is_some_and(|name| name.contains("type") || name.contains("operation"));
        let Some(listed) = seen
            .shape
            .listed
            .as_ref()
            .filter(|listed| is_kind && listed.len() > 1)
        else {
            continue;
        };
        let texts: Vec<&str> = listed.iter().filter_map(|value| value.as_str()).collect();
        let unknown: Vec<&str> = texts
            .iter()
            .copied()
            .filter(|text| !names.contains(text))
            .collect();
        let known = texts.len() - unknown.len();
        if known > 0
            && !unknown.is_empty()
            && let Some((place, _)) = seen.shape.lists.first()
        {
            let message = format!(
                "no operation is called {}; others of the list exist",
                unknown.join(", ")
            );
            sink.add(Found::new(LintCode::EnumWithoutOperation, place, message));
        }
    }
}
