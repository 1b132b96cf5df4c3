//! Merging schemas that describe the same value.

use super::{Additional, Combinator, Group, Part, Shape, Type, Types};
use crate::document::library::{Library, Place};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashSet};

/// How many schemas may be merged into one.
const MAX_PARTS: usize = 200;

/// Merges schemas. Those that cannot be reached or make no sense leave a mark and restrict nothing.
pub(super) fn merge<'l>(library: &'l Library, parts: &[Part<'l>]) -> Shape<'l> {
    let mut shape = Shape::default();
    let mut seen = HashSet::new();
    let mut queue: Vec<Part<'l>> = parts.iter().rev().cloned().collect();
    while let Some(part) = queue.pop() {
        let Ok((value, place)) = library.settle(part.value, part.place) else {
            shape.opaque = true;
            continue;
        };
        let part = Part {
            value,
            place,
            bare: part.bare,
        };
        if !seen.insert((part.place.clone(), part.bare)) {
            continue;
        }
        if seen.len() > MAX_PARTS {
            shape.opaque = true;
            break;
        }
        let Some(members) = value.as_object() else {
            shape.opaque = true;
            continue;
        };
        own_rules(&mut shape, members, &part.place);
        if !part.bare {
            let all = schemas(members, "allOf", &part.place);
            queue.extend(all.into_iter().rev());
            for (name, combinator) in [("oneOf", Combinator::OneOf), ("anyOf", Combinator::AnyOf)] {
                let branches = schemas(members, name, &part.place);
                if !branches.is_empty() {
                    shape.groups.push(Group {
                        combinator,
                        place: part.place.below(name),
                        branches,
                    });
                }
            }
        }
        shape.parts.push(part);
    }
    shape
}

/// The schemas of a list.
fn schemas<'l>(members: &'l Map<String, Value>, name: &str, place: &Place) -> Vec<Part<'l>> {
    let at = place.below(name);
    let list = members.get(name).and_then(Value::as_array).into_iter().flatten();
    list.enumerate()
        .map(|(index, value)| Part::new(value, at.below(&index.to_string())))
        .collect()
}

fn own_rules<'l>(shape: &mut Shape<'l>, members: &'l Map<String, Value>, place: &Place) {
    if let Some(named) = members.get("type") {
        match types_of(named) {
            Some(types) => {
                let nullable = members.get("nullable") == Some(&Value::Bool(true));
                shape.nullable |= nullable;
                let types = if nullable {
                    types.or(Types::of(Type::Null))
                } else {
                    types
                };
                shape.types = shape.types.and(types);
                shape.typed = true;
            }
            None => shape.opaque = true,
        }
    }
    if let Some(Value::Array(values)) = members.get("enum") {
        shape.listed = Some(match shape.listed.take() {
            None => values.iter().collect(),
            Some(listed) => listed.into_iter().filter(|v| values.contains(v)).collect(),
        });
        shape.lists.push((place.below("enum"), values));
    }
    if let Some(Value::String(pattern)) = members.get("pattern") {
        shape.patterns.insert(pattern);
    }
    if let Some(Value::String(format)) = members.get("format") {
        shape.formats.insert(format);
    }
    bounds(shape, members);
    shape.unique |= members.get("uniqueItems") == Some(&Value::Bool(true));
    if let Some(Value::Array(names)) = members.get("required") {
        for (index, name) in names.iter().enumerate() {
            if let Some(name) = name.as_str() {
                let at = || place.below("required").below(&index.to_string());
                shape.required.entry(name).or_insert_with(at);
            }
        }
    }
    if let Some(Value::Object(properties)) = members.get("properties") {
        let at = place.below("properties");
        for (name, schema) in properties {
            let part = Part::new(schema, at.below(name));
            shape.properties.entry(name).or_default().push(part);
        }
    }
    match members.get("additionalProperties") {
        Some(Value::Bool(false)) => shape.additional = Additional::Forbidden,
        Some(schema @ Value::Object(_)) if !matches!(shape.additional, Additional::Forbidden) => {
            let part = Part::new(schema, place.below("additionalProperties"));
            match &mut shape.additional {
                Additional::Schema(parts) => parts.push(part),
                other => *other = Additional::Schema(vec![part]),
            }
        }
        _ => {}
    }
    if let Some(items) = members.get("items").filter(|i| i.is_object()) {
        shape.items.push(Part::new(items, place.below("items")));
    }
    if let Some(not) = members.get("not").filter(|n| n.is_object()) {
        shape.not.push(Part::new(not, place.below("not")));
    }
}

/// What a `type` allows; `None` where it cannot be understood.
fn types_of(named: &Value) -> Option<Types> {
    match named {
        Value::String(name) => Types::named(name),
        Value::Array(list) => list.iter().try_fold(Types::NONE, |types, name| {
            let one = if name.is_null() { "null" } else { name.as_str()? };
            Some(types.or(Types::named(one)?))
        }),
        _ => None,
    }
}

/// Keywords whose larger value is the tighter one, and those whose smaller is.
const LOWER: [&str; 4] = ["minimum", "minLength", "minItems", "minProperties"];
const UPPER: [&str; 4] = ["maximum", "maxLength", "maxItems", "maxProperties"];

fn bounds(shape: &mut Shape<'_>, members: &Map<String, Value>) {
    let flag = |name: &str| members.get(name) == Some(&Value::Bool(true));
    for name in LOWER {
        if let Some(value) = members.get(name).and_then(Value::as_f64) {
            let exclusive = name == "minimum" && flag("exclusiveMinimum");
            let name = if exclusive { "exclusiveMinimum" } else { name };
            let tightest = shape.bounds.entry(name).or_insert(value);
            *tightest = tightest.max(value);
        }
    }
    for name in UPPER {
        if let Some(value) = members.get(name).and_then(Value::as_f64) {
            let exclusive = name == "maximum" && flag("exclusiveMaximum");
            let name = if exclusive { "exclusiveMaximum" } else { name };
            let tightest = shape.bounds.entry(name).or_insert(value);
            *tightest = tightest.min(value);
        }
    }
    if let Some(value) = members.get("multipleOf").and_then(Value::as_f64) {
        shape.bounds.insert("multipleOf", value);
    }
}

/// Whether each text of the left is one of the right.
pub(super) fn is_subset(left: &BTreeSet<&str>, right: &BTreeSet<&str>) -> bool {
    left.iter().all(|word| right.contains(word))
}
