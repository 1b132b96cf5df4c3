//! Values: lists that contradict each other or their schema, operators without operand, counts below zero,
//! texts that tools read differently.

use crate::document::library::Place;
use crate::lint::code::LintCode;
use crate::lint::context::Context;
use crate::lint::{Found, Sink};
use crate::shape::Type;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// Several lists for one value.
pub(in crate::lint) fn enums(context: &Context<'_>, sink: &mut Sink<'_>) {
    // What is left of each list, wherever an operation uses it.
    let mut left: Vec<(&Place, &Vec<Value>, Vec<&Value>)> = Vec::new();
    let mut index: HashMap<&Place, usize> = HashMap::new();
    for seen in context.shapes.iter().filter(|seen| seen.used) {
        let Some(listed) = seen.shape.listed.as_ref().filter(|listed| !listed.is_empty()) else {
            continue;
        };
        for (place, list) in &seen.shape.lists {
            let at = *index.entry(place).or_insert_with(|| {
                left.push((place, list, Vec::new()));
                left.len() - 1
            });
            left[at].2.extend(listed);
        }
    }
    for (place, list, left) in left {
        let lost: Vec<String> = list
            .iter()
            .filter(|value| !left.contains(value))
            .map(ToString::to_string)
            .collect();
        if !lost.is_empty() {
            let message = format!(
                "{} cannot be used: each use restricts the list further",
                lost.join(", ")
            );
            sink.add(Found::new(LintCode::EnumNarrowed, place, message));
        }
    }
}

/// Operators that want a list, beside a value that cannot be one.
pub(in crate::lint) fn operators(context: &Context<'_>, sink: &mut Sink<'_>) {
    const WANT_LISTS: [&str; 5] = ["in", "not_in", "nin", "notIn", "between"];
    for seen in &context.shapes {
        for (name, parts) in &seen.shape.properties {
            let operator = context.analyser.shape(parts);
            let wants = |value: &&&Value| value.as_str().is_some_and(|v| WANT_LISTS.contains(&v));
            let Some(wanting) = operator.listed.iter().flatten().find(wants) else {
                continue;
            };
            for (other, value) in &seen.shape.properties {
                let is_value = other != name && other.to_lowercase().contains("value");
                if is_value
                    && context.analyser.is_empty(value, Type::Array)
                    && let Some(part) = value.first()
                {
                    let message = format!("`{name}` may be {wanting}; `{other}` can be no array");
                    sink.add(Found::new(LintCode::OperatorWithoutValue, &part.place, message));
                }
            }
        }
    }
}

/// Members of one name whose lists differ by a prefix only, such as `search` here and `on-search` there.
pub(in crate::lint) fn vocabularies(context: &Context<'_>, sink: &mut Sink<'_>) {
    let mut known: BTreeMap<&str, Vec<(&Place, Vec<&str>)>> = BTreeMap::new();
    for seen in &context.shapes {
        if let (Some(name), Some(listed), Some((place, _))) =
            (seen.name, &seen.shape.listed, seen.shape.lists.first())
        {
            let texts: Vec<&str> = listed.iter().filter_map(|value| value.as_str()).collect();
            if texts.len() > 1 && texts.len() == listed.len() {
                known.entry(name).or_default().push((place, texts));
            }
        }
    }
    for (name, lists) in known {
        for (place, texts) in &lists {
            let plain = lists.iter().find(|(_, others)| is_prefixed(texts, others));
            if let Some((elsewhere, others)) = plain {
                let line = context
                    .library
                    .position(elsewhere)
                    .map(|p| format!(" at line {}", p.0));
                let message = format!(
                    "`{name}` is one of {}; elsewhere{} it is one of {}",
                    texts.join(", "),
                    line.unwrap_or_default(),
                    others.join(", ")
                );
                sink.add(Found::new(LintCode::TwoVocabularies, place, message));
            }
        }
    }
}

/// Whether each text is one of the others with a prefix, and none is one of them as it is.
fn is_prefixed(texts: &[&str], others: &[&str]) -> bool {
    let separated = |text: &str, other: &str| {
        text.strip_suffix(other)
            .is_some_and(|prefix| prefix.ends_with(|c: char| !c.is_alphanumeric()))
    };
    texts
        .iter()
        .all(|text| !others.contains(text) && others.iter().any(|other| separated(text, other)))
}

/// Counts, sizes and page numbers without a least value.
pub(in crate::lint) fn counts(context: &Context<'_>, sink: &mut Sink<'_>) {
    for seen in &context.shapes {
        let shape = &seen.shape;
        let Some(name) = seen.name.filter(|name| is_count(name)) else {
            continue;
        };
        let numeric = shape.typed
            && shape
                .types
                .each()
                .all(|of| matches!(of, Type::Integer | Type::Fraction));
        let least = shape.bounds.contains_key("minimum") || shape.bounds.contains_key("exclusiveMinimum");
        if numeric
            && !least
            && shape.listed.is_none()
            && let Some(place) = seen.place()
        {
            let fraction = if shape.types.has(Type::Fraction) {
                " or a fraction"
            } else {
                ""
            };
            let message = format!("`{name}` may be negative{fraction}");
            sink.add(Found::new(LintCode::CountBelowZero, place, message));
        }
    }
}

fn is_count(name: &str) -> bool {
    [
        "_count",
        "_size",
        "page_number",
        "pageNumber",
        "pageSize",
        "Count",
    ]
    .iter()
    .any(|end| name.ends_with(end))
}

/// Unquoted texts that the versions of YAML read differently.
pub(in crate::lint) fn ambiguous(context: &Context<'_>, sink: &mut Sink<'_>) {
    for file in 0..context.library.len() {
        for scalar in context.library.ambiguous(file) {
            let place = Place {
                file,
                pointer: scalar.pointer.clone(),
            };
            let message = format!("`{}` is not in quotes", scalar.text);
            sink.add(Found::new(LintCode::AmbiguousScalar, &place, message));
        }
    }
}
