//! Two schemas of the same value as one.

use serde_json::{Map, Value, json};

/// The schema without a keyword.
pub(super) fn without(schema: &Value, keyword: &str) -> Value {
    let mut copy = schema.clone();
    if let Value::Object(members) = &mut copy {
        members.shift_remove(keyword);
    }
    copy
}

/// Both schemas in one, without the keyword `drop` of the first: properties and required lists are joined,
/// of two bounds the tighter holds, of two lists of types or values what both have. Of other keywords the
/// second wins.
pub(in crate::generate) fn merge(left: &Value, right: &Value, drop: &str) -> Value {
    let mut merged = without(left, drop);
    let (Value::Object(whole), Value::Object(part)) = (&mut merged, right) else {
        return right.clone();
    };
    for (name, value) in part {
        if let Some(joined) = join(name, whole, value, part) {
            whole.insert(name.clone(), joined);
        }
    }
    merged
}

/// What a keyword of the second holds in both together; none where the first keeps what it has.
fn join(
    name: &str,
    whole: &mut Map<String, Value>,
    value: &Value,
    part: &Map<String, Value>,
) -> Option<Value> {
    let Some(old) = whole.get(name).cloned() else {
        // The flag belongs to a bound that the first has a tighter one of.
        let bound = match name {
            "exclusiveMinimum" => "minimum",
            "exclusiveMaximum" => "maximum",
            _ => return Some(value.clone()),
        };
        let ours = part.get(bound).is_some() && whole.get(bound) == part.get(bound);
        return (ours || !whole.contains_key(bound)).then(|| value.clone());
    };
    if old == *value {
        return Some(old);
    }
    match name {
        "properties" => {
            let mut have = old.as_object().cloned().unwrap_or_default();
            for (property, schema) in value.as_object().into_iter().flatten() {
                let joined = have
                    .get(property)
                    .map_or_else(|| schema.clone(), |old| merge(old, schema, ""));
                have.insert(property.clone(), joined);
            }
            Some(Value::Object(have))
        }
        "required" | "allOf" => {
            let mut have = old.as_array().cloned().unwrap_or_default();
            have.extend(value.as_array().into_iter().flatten().cloned());
            Some(Value::Array(have))
        }
        "items" => Some(merge(&old, value, "")),
        "additionalProperties" => Some(match (&old, value) {
            (Value::Bool(false), _) | (_, Value::Bool(true)) => old,
            (Value::Object(_), Value::Object(_)) => merge(&old, value, ""),
            _ => value.clone(),
        }),
        "minimum" | "minLength" | "minItems" | "minProperties" => Some(tighter(old, value, f64::max)),
        "maximum" | "maxLength" | "maxItems" | "maxProperties" => Some(tighter(old, value, f64::min)),
        "enum" | "type" => Some(common(&old, value).unwrap_or_else(|| value.clone())),
        "not" => Some(json!({"anyOf": [old, value]})),
        // Whoever makes a text by the one checks it by the other.
        "pattern" => None,
        "oneOf" | "anyOf" => {
            let further = json!({name: value});
            let parts = whole.entry("allOf").or_insert_with(|| json!([]));
            if let Value::Array(parts) = parts {
                parts.push(further);
            }
            None
        }
        _ => Some(value.clone()),
    }
}

fn tighter(old: Value, new: &Value, choose: fn(f64, f64) -> f64) -> Value {
    let (Some(o), Some(n)) = (old.as_f64(), new.as_f64()) else {
        return new.clone();
    };
    #[expect(clippy::float_cmp, reason = "it is one of the two")]
    let keeps = choose(o, n) == o;
    if keeps { old } else { new.clone() }
}

/// The types or values that both name, where there are any. An integer is a number.
fn common(old: &Value, new: &Value) -> Option<Value> {
    let list = |value: &Value| match value {
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    };
    let (old, new) = (list(old), list(new));
    let narrower = |value: &Value| value == "integer";
    let has = |list: &[Value], value: &Value| {
        list.contains(value) || (narrower(value) && list.contains(&json!("number")))
    };
    let mut both: Vec<Value> = old.iter().filter(|value| has(&new, value)).cloned().collect();
    for value in new.iter().filter(|value| has(&old, value)) {
        if !both.contains(value) {
            both.push(value.clone());
        }
    }
    (!both.is_empty()).then_some(Value::Array(both))
}
