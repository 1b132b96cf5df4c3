//! Bodies: what an answer or an envelope lets pass.

use crate::document::kind::Kind;
use crate::document::library::Place;
use crate::lint::code::LintCode;
use crate::lint::context::{Context, Operation, content};
use crate::lint::{Found, Sink};
use crate::shape::{Shape, Type};
use serde_json::Value;
use std::collections::BTreeSet;

/// Schemas where responses belong.
pub(in crate::lint) fn schema_as_response(context: &Context<'_>, sink: &mut Sink<'_>) {
    let keywords = ["type", "properties", "allOf", "anyOf", "oneOf", "items"];
    for site in context.of_kind(Kind::Response) {
        if keywords.iter().any(|name| site.value.get(name).is_some()) {
            let message = "a schema stands where a response belongs";
            sink.add(Found::new(
                LintCode::SchemaInPlaceOfResponse,
                &site.place,
                message,
            ));
        }
    }
}

/// What answers accept, and whether they say what success is.
pub(in crate::lint) fn answers(context: &Context<'_>, sink: &mut Sink<'_>) {
    for operation in &context.operations {
        let answers = context.answers(operation);
        let succeeds = |status: &str| status.starts_with('2') || status.starts_with('3');
        if answers.iter().any(|(status, ..)| succeeds(status)) || answers.is_empty() {
            continue;
        }
        let statuses: Vec<&str> = answers.iter().map(|(status, ..)| *status).collect();
        let place = operation.place.below("responses");
        let message = format!(
            "{} {} answers {} only",
            operation.method.to_uppercase(),
            operation.path,
            statuses.join(", ")
        );
        sink.add(Found::new(LintCode::NoSuccessStatus, &place, message));
        let error = answers.iter().find(|(status, ..)| status.starts_with(['4', '5']));
        let default = answers.iter().find(|(status, ..)| *status == "default");
        if let (Some((status, _, error)), Some((_, _, at))) = (error, default)
            && error == at
        {
            let message = format!("`default` answers the same as {status}");
            sink.add(Found::new(
                LintCode::SuccessIsError,
                &place.below("default"),
                message,
            ));
        }
    }
    for site in context.of_kind(Kind::Response) {
        for (media_type, schema, place) in content(site.value, &site.place) {
            let shape = context.shape_of(schema, place.clone());
            let optional: Vec<&str> = shape.properties.keys().copied().collect();
            if media_type.contains("json") && accepts_empty(&shape) && !optional.is_empty() {
                let message = format!("`{{}}` passes: {} may be absent", optional.join(", "));
                let at = shape.parts.first().map_or(&place, |part| &part.place);
                sink.add(Found::new(LintCode::AcceptsEmpty, at, message));
            }
        }
    }
}

/// Whether an object without members passes.
pub(super) fn accepts_empty(shape: &Shape<'_>) -> bool {
    shape.types.has(Type::Object)
        && !shape.opaque
        && shape.required.is_empty()
        && shape.groups.is_empty()
        && shape.not.is_empty()
        && shape.listed.is_none()
        && !shape
            .bounds
            .get("minProperties")
            .is_some_and(|least| *least > 0.0)
}

/// The envelopes: bodies of requests and answers as a whole.
pub(in crate::lint) fn envelopes(context: &Context<'_>, sink: &mut Sink<'_>) {
    const CONTENT: [&str; 5] = ["message", "payload", "data", "content", "body"];
    for operation in &context.operations {
        let mut bodies: Vec<(bool, &Value, Place)> = Vec::new();
        if let Some((body, place)) = context.request(operation) {
            bodies.extend(content(body, &place).into_iter().map(|(_, s, p)| (true, s, p)));
        }
        for (_, answer, place) in context.answers(operation) {
            bodies.extend(content(answer, &place).into_iter().map(|(_, s, p)| (false, s, p)));
        }
        for (is_request, schema, place) in bodies {
            let shape = context.shape_of(schema, place);
            if shape.required.is_empty() {
                continue;
            }
            for name in CONTENT.into_iter().filter(|name| !shape.requires(name)) {
                if let Some(part) = shape.properties.get(name).and_then(|parts| parts.first()) {
                    let message = format!("`{name}` is not required");
                    sink.add(Found::new(LintCode::OptionalContent, &part.place, message));
                }
            }
            if is_request {
                for (name, parts) in shape.properties.iter().filter(|(name, _)| shape.requires(name)) {
                    empty_text(context, name, &context.analyser.shape(parts), sink);
                }
                empty_lists(context, &shape, 0, sink);
            }
        }
    }
}

fn empty_text(context: &Context<'_>, name: &str, shape: &Shape<'_>, sink: &mut Sink<'_>) {
    let is_text = shape.typed && shape.types.each().all(|of| of == Type::String);
    let restricted = shape.bounds.get("minLength").is_some_and(|least| *least > 0.0)
        || !shape.patterns.is_empty()
        || !shape.formats.is_empty()
        || shape.listed.is_some();
    if is_text
        && !restricted
        && let Some(part) = shape.parts.first()
        && context.library.position(&part.place).is_some()
    {
        let message = format!("`{name}` may be an empty text");
        sink.add(Found::new(LintCode::AcceptsEmptyText, &part.place, message));
    }
}

/// Required lists within what is required of a request.
fn empty_lists<'l>(context: &Context<'l>, shape: &Shape<'l>, depth: usize, sink: &mut Sink<'_>) {
    if depth > 6 {
        return;
    }
    let mut shapes = vec![shape.clone()];
    for group in &shape.groups {
        let branches = group.branches.iter();
        shapes.extend(branches.map(|branch| (*context.analyser.shape(&shape.with(branch))).clone()));
    }
    for shape in shapes {
        for (name, parts) in shape.properties.iter().filter(|(name, _)| shape.requires(name)) {
            let inner = context.analyser.shape(parts);
            let is_list = inner.typed && inner.types.each().all(|of| of == Type::Array);
            if !is_list {
                empty_lists(context, &inner, depth + 1, sink);
            } else if !inner.bounds.get("minItems").is_some_and(|least| *least > 0.0)
                && let Some(part) = inner.parts.first()
            {
                let message = format!("`{name}` is required and may be empty");
                sink.add(Found::new(LintCode::AcceptsEmptyList, &part.place, message));
            }
        }
    }
}

/// Callbacks whose header is that of their request, while others have the header of callbacks.
pub(in crate::lint) fn callbacks(context: &Context<'_>, sink: &mut Sink<'_>) {
    let mut found: Vec<(&Operation<'_>, Place, BTreeSet<&str>, bool)> = Vec::new();
    for operation in &context.operations {
        let Some((folder, last)) = operation.path.rsplit_once('/') else {
            continue;
        };
        let Some(request) = last.strip_prefix("on-") else {
            continue;
        };
        let request = format!("{folder}/{request}");
        let request = context.operations.iter().find(|o| o.path == request);
        if let Some((place, required)) = header(context, operation) {
            let same = request
                .and_then(|r| header(context, r))
                .is_some_and(|(_, theirs)| theirs == required);
            found.push((operation, place, required, same));
        }
    }
    let others: Vec<BTreeSet<&str>> = found
        .iter()
        .filter(|(.., same)| !same)
        .map(|(_, _, required, _)| required.clone())
        .collect();
    for (operation, place, required, _) in found.iter().filter(|(.., same)| *same) {
        if let Some(other) = others.iter().find(|other| *other != required) {
            let list = |names: Vec<&&str>| {
                names
                    .into_iter()
                    .map(|n| format!("`{n}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            let message = format!(
                "the header of {} is that of its request: it requires {}, the other callbacks require {}",
                operation.path,
                list(required.difference(other).collect()),
                list(other.difference(required).collect()),
            );
            sink.add(Found::new(LintCode::CallbackWithRequestHeader, place, message));
        }
    }
}

/// What an operation requires of the header of its message.
fn header<'l>(context: &Context<'l>, operation: &Operation<'l>) -> Option<(Place, BTreeSet<&'l str>)> {
    let (body, place) = context.request(operation)?;
    let (_, schema, place) = content(body, &place).into_iter().next()?;
    let envelope = context.shape_of(schema, place);
    let parts = envelope.properties.get("header")?;
    let place = parts.first()?.place.clone();
    let shape = context.analyser.shape(parts);
    Some((place, shape.required.keys().copied().collect()))
}
