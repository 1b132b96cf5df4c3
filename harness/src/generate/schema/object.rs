//! Objects: the members that a schema names, and others where it allows them.

use super::{Room, anything, count, of};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

type Member = BoxedStrategy<Option<(String, Value)>>;

pub(super) fn object(schema: &Value, room: Room<'_>) -> BoxedStrategy<Value> {
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let empty = Map::new();
    let properties = schema
        .get("properties")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let others = schema.get("additionalProperties");
    let least = count(schema, "minProperties").unwrap_or(0);
    if properties.is_empty()
        && required.is_empty()
        && least == 0
        && others.is_none_or(|o| *o == Value::Bool(true))
    {
        return small_object();
    }
    let often = if least > required.len() { 0.8 } else { 0.4 };
    let mut members: Vec<Member> = Vec::new();
    for (name, property) in properties {
        let must = required.contains(&name.as_str());
        if must || !room.is_full() || least > 0 {
            let value = of(property, room.below());
            members.push(member(name, value, if must { 1.0 } else { often }));
        }
    }
    let unnamed = |name: &&str| !properties.contains_key(*name);
    let mut seen: Vec<&str> = Vec::new();
    for name in required.into_iter().filter(unnamed) {
        if !seen.contains(&name) {
            seen.push(name);
            let value = others.filter(|o| o.is_object());
            let value = value.map_or_else(anything, |schema| of(schema, room.below()));
            members.push(member(name, value, 1.0));
        }
    }
    let declared: Vec<String> = properties.keys().cloned().collect();
    let most = count(schema, "maxProperties").unwrap_or(usize::MAX);
    let fixed = members.len();
    let kept: Vec<String> = schema_names(schema);
    (members, further(others, least, fixed, room))
        .prop_map(move |(members, further)| {
            let mut whole: Map<String, Value> = members.into_iter().flatten().collect();
            for (name, value) in further {
                if !declared.contains(&name) && !whole.contains_key(&name) {
                    whole.insert(name, value);
                }
            }
            let spare: Vec<String> = whole
                .keys()
                .filter(|name| !kept.contains(name))
                .cloned()
                .collect();
            for name in spare.iter().rev() {
                if whole.len() > most {
                    whole.shift_remove(name);
                }
            }
            Value::Object(whole)
        })
        .boxed()
}

fn schema_names(schema: &Value) -> Vec<String> {
    let names = schema.get("required").and_then(Value::as_array);
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    names.map(str::to_owned).collect()
}

fn member(name: &str, value: BoxedStrategy<Value>, often: f64) -> Member {
    let name = name.to_owned();
    if often >= 1.0 {
        return value.prop_map(move |v| Some((name.clone(), v))).boxed();
    }
    let optional = proptest::option::weighted(often, value);
    optional.prop_map(move |v| v.map(|v| (name.clone(), v))).boxed()
}

/// Members that the schema does not name: where it says what they hold, or where too few have a name.
fn further(
    others: Option<&Value>,
    least: usize,
    named: usize,
    room: Room<'_>,
) -> BoxedStrategy<Vec<(String, Value)>> {
    let wanted = least.saturating_sub(named).min(64);
    if wanted == 0 && room.is_full() {
        return Just(Vec::new()).boxed();
    }
    let value = match others {
        Some(Value::Bool(false)) => return Just(Vec::new()).boxed(),
        Some(schema @ Value::Object(_)) => of(schema, room.below()),
        _ if least > named => anything(),
        _ => return Just(Vec::new()).boxed(),
    };
    let most = if room.is_full() { wanted } else { wanted + 2 };
    // One more than wanted, since two may have the same name.
    let number = wanted + usize::from(wanted > 0)..=most + usize::from(wanted > 0);
    proptest::collection::vec(("[a-z]{1,6}", value), number).boxed()
}

/// A small object such as a deployment might add.
pub fn small_object() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        "[a-z]{0,6}".prop_map(Value::String),
        (0..100i32).prop_map(|n| json!(n)),
        any::<bool>().prop_map(Value::Bool),
    ];
    proptest::collection::vec(("[a-z]{1,6}", leaf), 0..3)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
        .boxed()
}
