//! Which of several alternatives an instance was most likely meant to follow.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::Value;
use std::collections::BTreeMap;

/// How many references are followed in search of an alternative's members.
const MAX_HOPS: usize = 16;

/// The violations of each alternative, where an error is that none fits.
pub(super) fn alternatives<'e>(
    error: &'e ValidationError<'_>,
) -> Option<&'e [Vec<ValidationError<'static>>]> {
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            Some(context)
        }
        _ => None,
    }
}

/// The types that all alternatives together allow, where the instance has none of them.
pub(super) fn only_types(
    error: &ValidationError<'_>,
    alternatives: &[Vec<ValidationError<'static>>],
) -> Option<Vec<String>> {
    let mut types = Vec::new();
    for errors in alternatives {
        let here = |e: &&ValidationError<'_>| e.instance_path() == error.instance_path();
        let allowed = errors.iter().filter(here).find_map(|e| match e.kind() {
            ValidationErrorKind::Type { kind } => Some(type_names(kind)),
            _ => None,
        })?;
        types.extend(allowed);
    }
    let mut distinct: Vec<String> = Vec::new();
    for name in types {
        if !distinct.contains(&name) {
            distinct.push(name);
        }
    }
    (!distinct.is_empty()).then_some(distinct)
}

/// The names of the types that an error says are allowed.
pub(super) fn type_names(kind: &TypeKind) -> Vec<String> {
    match kind {
        TypeKind::Single(single) => vec![single.to_string()],
        TypeKind::Multiple(several) => several.iter().map(|t| t.to_string()).collect(),
    }
}

/// The violations of the alternative that fits best.
///
/// First counts what tells alternatives apart: members that a schema restricts to listed values. Then an
/// alternative is the worse the nearer to its root it is violated; a deep violation means that all
/// around it fits.
pub(super) fn best<'e>(
    error: &ValidationError<'_>,
    alternatives: &'e [Vec<ValidationError<'static>>],
    branches: &[Value],
    root: &Value,
) -> Option<&'e [ValidationError<'static>]> {
    let base = depth(error.instance_path().as_str());
    let scored = alternatives
        .iter()
        .enumerate()
        .filter(|(_, errors)| !errors.is_empty())
        .map(|(index, errors)| {
            let branch = branches.get(index).unwrap_or(&Value::Null);
            let (matching, differing) = listed_members(branch, error.instance(), root, 0);
            let mut by_depth: BTreeMap<usize, usize> = BTreeMap::new();
            for error in errors {
                *by_depth
                    .entry(depth(error.instance_path().as_str()).saturating_sub(base))
                    .or_default() += 1;
            }
            let wrong_type = errors.iter().any(|e| {
                matches!(e.kind(), ValidationErrorKind::Type { .. })
                    && depth(e.instance_path().as_str()) == base
            });
            let profile: Vec<(std::cmp::Reverse<usize>, usize)> = by_depth
                .into_iter()
                .map(|(depth, count)| (std::cmp::Reverse(depth), count))
                .collect();
            (
                (wrong_type, differing, std::cmp::Reverse(matching), profile, index),
                errors,
            )
        });
    scored
        .min_by(|(left, _), (right, _)| left.cmp(right))
        .map(|(_, errors)| errors.as_slice())
}

fn depth(pointer: &str) -> usize {
    pointer.matches('/').count()
}

/// How many members of the instance have a value that an alternative lists, and how many another.
fn listed_members(schema: &Value, instance: &Value, root: &Value, hops: usize) -> (usize, usize) {
    if hops > MAX_HOPS {
        return (0, 0);
    }
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let target = target.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
        return target.map_or((0, 0), |schema| listed_members(schema, instance, root, hops + 1));
    }
    let (mut matching, mut differing) = (0, 0);
    for (name, member) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        if let (Some(value), Some(listed)) =
            (instance.get(name), member.get("enum").and_then(Value::as_array))
        {
            if listed.contains(value) {
                matching += 1;
            } else {
                differing += 1;
            }
        }
    }
    for part in schema
        .get("allOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let (more_matching, more_differing) = listed_members(part, instance, root, hops + 1);
        matching += more_matching;
        differing += more_differing;
    }
    (matching, differing)
}
