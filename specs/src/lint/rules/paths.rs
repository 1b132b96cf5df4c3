//! Paths and their parameters.

use crate::document::library::Place;
use crate::lint::code::LintCode;
use crate::lint::context::{Context, Operation};
use crate::lint::{Found, Sink};
use serde_json::Value;
use std::collections::BTreeSet;

/// Each operation's path.
pub(in crate::lint) fn run(context: &Context<'_>, sink: &mut Sink<'_>) {
    let paths = Context::at("/paths");
    for operation in &context.operations {
        let place = paths.below(operation.path);
        literal(operation, &place, sink);
        declared(context, operation, sink);
    }
}

/// Segments that are parameters for people and literals for tools.
fn literal(operation: &Operation<'_>, place: &Place, sink: &mut Sink<'_>) {
    let text = |name: &str| {
        operation
            .value
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    for segment in operation.path.split('/').filter(|s| !s.is_empty()) {
        let templated = format!("{{{segment}}}");
        let described = text("summary").contains(&templated) || text("description").contains(&templated);
        let constant = segment.len() > 2
            && segment.contains('_')
            && segment
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        let marked = segment.len() > 1 && (segment.starts_with(':') || segment.starts_with('<'));
        if described || constant || marked {
            let message = if described {
                format!("`{segment}` is literal in the path; the text of the operation writes `{templated}`")
            } else {
                format!("`{segment}` is literal in the path and looks like a parameter")
            };
            sink.add(Found::new(LintCode::LiteralPathParameter, place, message));
        }
    }
}

/// Placeholders and declared parameters must agree.
fn declared<'l>(context: &Context<'l>, operation: &Operation<'l>, sink: &mut Sink<'_>) {
    let mut declared = BTreeSet::new();
    let holders = [
        (operation.item, &operation.item_place),
        (operation.value, &operation.place),
    ];
    for (holder, place) in holders {
        let at = place.below("parameters");
        let list = holder
            .get("parameters")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        for (index, parameter) in list.enumerate() {
            let (parameter, _) = context.settle(parameter, at.below(&index.to_string()));
            if parameter.get("in").and_then(Value::as_str) == Some("path") {
                declared.extend(parameter.get("name").and_then(Value::as_str));
            }
        }
    }
    let used: BTreeSet<&str> = operation
        .path
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
        .collect();
    for name in used.difference(&declared) {
        let message = format!("`{{{name}}}` of the path is not declared");
        sink.add(Found::new(
            LintCode::UndeclaredPathParameter,
            &operation.place,
            message,
        ));
    }
    for name in declared.difference(&used) {
        let message = format!("the path parameter `{name}` is declared and not in the path");
        sink.add(Found::new(
            LintCode::UndeclaredPathParameter,
            &operation.place,
            message,
        ));
    }
}
